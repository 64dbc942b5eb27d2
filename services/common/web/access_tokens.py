"""Access tokens of the OAuth 2 client credentials grant: signed, short-lived, and never kept.

    tokens = AccessTokens(SigningKeys.load(path), credentials, clock)
    token = tokens.issue(client, scopes)
    credential = tokens.find(token)        # also for the static tokens of the credentials file

A token is a JWT (RFC 9068) that says which client it is for and which scopes were granted. What
the client may do, and for which district and sources, stands in the credentials file alone and is
looked up with every call: a client that is taken out, or loses a scope, has lost it within seconds,
and no token can name a district. It may only ever do less than its client.

Keys are symmetric, as only the process that signs has to verify. Their file is a secret:

    {"keys": [{"id": "2026-11", "secret": "<64 hexadecimal digits or more>"}]}

The first key signs and all of them verify, so that a key is replaced by putting a new one first and
dropping the old one an hour later.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, OctKey

from services.common.clock import Clock
from services.common.config import ConfigurationError
from services.common.ids import is_id
from services.common.rpc.credentials import (
    EVERYTHING,
    MAXIMUM_TOKEN_CHARACTERS,
    Credential,
    Credentials,
)

ALGORITHM: Final = "HS256"
"""The only one that is ever taken: what a token says of itself cannot choose another."""

TOKEN_TYPE: Final = "at+jwt"  # noqa: S105
ISSUER: Final = "urn:trellis:oauth"
LIFETIME_SECONDS: Final = 3_600
CACHED_TOKENS: Final = 10_000
"""Verified tokens that are remembered; a token costs about 300 bytes."""

MINIMUM_SECRET_BYTES: Final = 32
"""As long as the hash, which RFC 7518 asks for."""
MAXIMUM_SECRET_BYTES: Final = 128
MAXIMUM_KEYS: Final = 8
MAXIMUM_FILE_BYTES: Final = 64 * 1024


class SigningKeys:
    """What tokens are signed and verified with; `load`, `development` or `choose` make them."""

    def __init__(self, secrets: Mapping[str, bytes]) -> None:
        """Take secrets by key id, in their order: the first signs."""
        keys: list[Key] = [
            OctKey.import_key(secret, {"kid": key_id, "alg": ALGORITHM, "use": "sig"})
            for key_id, secret in secrets.items()
        ]
        self.first = keys[0]
        self.all = KeySet(keys)

    @classmethod
    def load(cls, path: Path) -> "SigningKeys":
        """Read the file; raises `ConfigurationError` with every problem and never shows a key."""
        try:
            if path.stat().st_size > MAXIMUM_FILE_BYTES:
                raise ConfigurationError(f"{path} has more than {MAXIMUM_FILE_BYTES} bytes")
            document = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            # The error of a decoder may hold a part of the file, which is a secret.
            said = error.strerror if isinstance(error, OSError) else "it is no JSON"
            raise ConfigurationError(f"the token keys {path} cannot be read: {said}") from None
        listed = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(listed, list) or not 1 <= len(listed) <= MAXIMUM_KEYS:
            raise ConfigurationError(
                f'{path} must hold {{"keys": [...]}} with 1 to {MAXIMUM_KEYS} keys'
            )
        return cls(_secrets(path, listed))

    @classmethod
    def development(cls) -> "SigningKeys":
        """Return a key that everybody knows: for development on loopback alone."""
        return cls({"development": hashlib.sha256(b"trellis development tokens").digest()})

    @classmethod
    def choose(
        cls, *, keys_file: Path | None, credentials_file: Path | None
    ) -> "SigningKeys | None":
        """Take the file; without credentials the development key; else none: no token is issued.

        Without a credentials file a server listens on loopback alone (`Credentials.choose`).
        """
        if keys_file is not None:
            return cls.load(keys_file)
        return cls.development() if credentials_file is None else None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Verified:
    """What a token says. expire_seconds: since 1970."""

    client_id: str
    scopes: frozenset[str]
    expire_seconds: int


class AccessTokens:
    """Issues tokens to clients and finds the credential of a token."""

    def __init__(
        self,
        keys: SigningKeys | None,
        credentials: Credentials,
        clock: Clock,
        *,
        audience: str,
        lifetime_seconds: int = LIFETIME_SECONDS,
    ) -> None:
        """Sign with these keys for one audience, the service; None: only static tokens work."""
        self._keys = keys
        self._credentials = credentials
        self._clock = clock
        self._audience = audience
        self.lifetime_seconds = min(lifetime_seconds, LIFETIME_SECONDS)
        self._verified: dict[bytes, _Verified] = {}

    @property
    def issues(self) -> bool:
        """Whether there is a key to sign with."""
        return self._keys is not None

    def issue(self, client: Credential, scopes: frozenset[str]) -> str:
        """Return a token for scopes that the client has; the caller has checked them."""
        assert self._keys is not None
        now_seconds = int(self._clock.now().timestamp())
        return jwt.encode(
            {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": self._keys.first.kid},
            {
                "iss": ISSUER,
                "aud": self._audience,
                "sub": client.name,
                "client_id": client.name,
                "iat": now_seconds,
                "exp": now_seconds + self.lifetime_seconds,
                "scope": " ".join(sorted(scopes)),
            },
            self._keys.first,
            algorithms=[ALGORITHM],
        )

    def find(self, token: str | None) -> Credential | None:
        """Return the credential of a static token or of a token that was issued; never raises."""
        static = self._credentials.find(token)
        if static is not None or not token or len(token) > MAXIMUM_TOKEN_CHARACTERS:
            return static
        verified = self._verify(token)
        if verified is None:
            return None
        client = self._credentials.client_named(verified.client_id)
        if client is None:
            return None
        return replace(client, scopes=granted(client, verified.scopes))

    def _verify(self, token: str) -> _Verified | None:
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        now_seconds = int(self._clock.now().timestamp())
        known = self._verified.get(digest)
        if known is None:
            known = self._read(token, now_seconds)
            if known is None:
                return None
            self._remember(digest, known)
        if known.expire_seconds > now_seconds:
            return known
        self._verified.pop(digest, None)
        return None

    def _read(self, token: str, now_seconds: int) -> _Verified | None:
        if self._keys is None:
            return None
        registry = jwt.JWTClaimsRegistry(
            now=now_seconds,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            decoded = jwt.decode(token, self._keys.all, algorithms=[ALGORITHM])
            registry.validate(decoded.claims)
        except (JoseError, ValueError, TypeError):
            return None
        if decoded.header.get("typ") != TOKEN_TYPE:
            return None
        return _verified(decoded.claims)

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        # Dicts keep their order: the first one is the one that was verified longest ago.
        while len(self._verified) >= CACHED_TOKENS:
            self._verified.pop(next(iter(self._verified)))
        self._verified[digest] = verified


def granted(client: Credential, asked: frozenset[str]) -> frozenset[str]:
    """Return those of the scopes that the client has."""
    return asked if EVERYTHING in client.scopes else asked & client.scopes


def _verified(claims: Mapping[str, Any]) -> _Verified | None:
    client_id, scope, expire = claims["sub"], claims.get("scope", ""), claims["exp"]
    if not isinstance(client_id, str) or not isinstance(scope, str) or not isinstance(expire, int):
        return None
    return _Verified(client_id=client_id, scopes=frozenset(scope.split()), expire_seconds=expire)


def _secrets(path: Path, listed: Sequence[Any]) -> Mapping[str, bytes]:
    problems = [
        f"keys[{position}]: {problem}"
        for position, entry in enumerate(listed)
        if (problem := _key_problem(entry))
    ]
    secrets = {} if problems else {one["id"]: bytes.fromhex(one["secret"]) for one in listed}
    if not problems and len(secrets) < len(listed):
        problems = ["the same id stands twice"]
    if problems:
        raise ConfigurationError(f"{path}: " + "; ".join(problems))
    return secrets


def _key_problem(entry: object) -> str:
    if not isinstance(entry, dict) or set(entry) != {"id", "secret"}:
        return 'must be {"id": ..., "secret": ...}'
    if not isinstance(entry["id"], str) or not is_id(entry["id"]):
        return "id must be an id, such as the month from which it signs"
    try:
        size = len(bytes.fromhex(entry["secret"])) if isinstance(entry["secret"], str) else 0
    except ValueError:
        size = 0
    if MINIMUM_SECRET_BYTES <= size <= MAXIMUM_SECRET_BYTES:
        return ""
    return f"secret is {MINIMUM_SECRET_BYTES} to {MAXIMUM_SECRET_BYTES} bytes in hexadecimal digits"
