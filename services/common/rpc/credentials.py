"""Who may call: tokens with a district, sources and scopes, from a file; used by gRPC and pages.

The file holds hashes, never a token (credentials_file.py has the format). Beside tokens, which are
sent as they are, it may name OAuth clients, who get tokens for an id and a secret
(web/access_tokens.py).

`district` null is a service's own credential, for what spans districts; with the scope
"any_district" it acts for the district that a call names in the metadata `trellis-district`.
`person` is the resource name of the adult who holds the token, for what needs a person. "*" in
sources or scopes means all.
A changed file is read again within seconds; a broken one leaves the old credentials in force.

Without a file a server may listen on loopback only, and then only when a development district is
configured: every caller acts as the development credential, with a token or without.
"""

import contextlib
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from services.common.config import ConfigurationError, is_loopback
from services.common.ids import is_id
from services.common.logs import get_logger
from services.common.rpc.credentials_file import Entry, read_credentials_file

EVERYTHING: Final = "*"
"""In sources or scopes: all of them."""

ANY_DISTRICT: Final = "any_district"
"""Scope of a service that acts for many districts, one at a time."""

DISTRICT_METADATA_KEY: Final = "trellis-district"
"""In a call's metadata: the district that such a service acts for."""

CHECK_INTERVAL_SECONDS: Final = 5.0
"""The file is looked at no more often than this."""

MAXIMUM_TOKEN_CHARACTERS: Final = 4_096

log = get_logger()


@dataclass(frozen=True, kw_only=True)
class Credential:
    """Who is calling, and what they may do. It never holds the token."""

    name: str
    """For logs and audits, such as "sis-sync"; no personal data."""
    district: str | None
    """The district that every call acts for; None for a service's own credential."""
    sources: frozenset[str] = frozenset()
    """The sources for which it may send."""
    scopes: frozenset[str] = frozenset()
    """What it may do, such as "evidence.write"."""
    person: str | None = None
    """Resource name of the adult who holds the token; None for a system."""

    def has_scope(self, scope: str) -> bool:
        """Whether it may do this."""
        return scope in self.scopes or EVERYTHING in self.scopes

    def acting_for(self, district: str) -> "Credential":
        """Return what it may do in a district that the caller named.

        Raises `DistrictRefusedError` where that is not its own and it may not choose one.
        """
        if district == self.district:
            return self
        # Only by name: "*" is a person's or a system's everything, inside of its district.
        if self.district is None and ANY_DISTRICT in self.scopes and is_id(district):
            return replace(self, district=district)
        raise DistrictRefusedError("the token may not act for the district that the call names")

    def may_send_for(self, source: str) -> bool:
        """Whether it may send for this source."""
        return source in self.sources or EVERYTHING in self.sources

    def own_source(self) -> str:
        """Return the source whose objects it writes where a request cannot name one.

        The rule: a credential with exactly one source writes for that one, and one for all sources
        under its own name. Raises `SourceUnclearError` for any other.
        """
        named = self.sources - {EVERYTHING}
        if len(named) == 1:
            return next(iter(named))
        if not named and EVERYTHING in self.sources:
            return self.name
        raise SourceUnclearError(
            "this is written for one source, and the credential speaks for"
            f" {len(named) or 'none'}: use one with exactly one source"
        )


@dataclass(frozen=True, kw_only=True)
class Client:
    """An OAuth client: what its tokens may do at most, and the hash of its secret (32 bytes)."""

    credential: Credential
    secret_sha256: bytes


class AccessError(Exception):
    """Why a caller may not do something; `reason` and `metadata` go to the caller."""

    reason = "ACCESS_DENIED"

    def __init__(self, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.metadata: Mapping[str, str] = metadata


class UnauthenticatedError(AccessError):
    """There is no token, or nobody knows it."""

    reason = "UNAUTHENTICATED"


class ScopeMissingError(AccessError):
    """The token is known, but may not do this."""

    reason = "SCOPE_MISSING"


class SourceUnclearError(AccessError):
    """Something is written for one source, and the credential does not say which."""

    reason = "SOURCE_UNCLEAR"


class DistrictMissingError(AccessError):
    """The token acts for no district, and this is done for one."""

    reason = "DISTRICT_MISSING"


class DistrictRefusedError(AccessError):
    """The call names a district that the token may not act for."""

    reason = "DISTRICT_REFUSED"


class PersonMissingError(AccessError):
    """This is done by a person, and the token is a system's."""

    reason = "PERSON_MISSING"


_CURRENT: ContextVar[Credential] = ContextVar("trellis_credential")


def current_credential() -> Credential:
    """Return who is calling; raises `UnauthenticatedError` outside of a call."""
    try:
        return _CURRENT.get()
    except LookupError:
        raise UnauthenticatedError("nobody is signed in") from None


def require(scope: str, *others: str) -> Credential:
    """Return who is calling, who must have one of the scopes; raises `ScopeMissingError`."""
    credential = current_credential()
    if not any(map(credential.has_scope, (scope, *others))):
        raise ScopeMissingError(f'this needs the scope "{scope}"', scope=scope)
    return credential


def require_district(scope: str, *others: str) -> tuple[Credential, str]:
    """Return who is calling and for which district; raises also `DistrictMissingError`."""
    credential = require(scope, *others)
    if credential.district is None:
        raise DistrictMissingError("this is done for a district, and the token acts for none")
    return credential, credential.district


def require_person(scope: str) -> tuple[Credential, str]:
    """Return who is calling and the person's resource name; raises also `PersonMissingError`."""
    credential = require(scope)
    if credential.person is None:
        raise PersonMissingError("this is done by a person, and the token is a system's")
    return credential, credential.person


def set_current(credential: Credential) -> None:
    """Let the current task act as this credential until it ends: for servers, one task a call."""
    _CURRENT.set(credential)


@contextlib.contextmanager
def acting_as(credential: Credential) -> Iterator[None]:
    """Act as this credential inside of the block: for commands, pages and tests."""
    token = _CURRENT.set(credential)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def hash_token(token: str) -> str:
    """Return what the credentials file holds for a token: the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class _Known:
    """Credentials by the hash of their token, and clients by id."""

    tokens: Mapping[bytes, Credential]
    clients: Mapping[str, Client]


class Credentials:
    """All credentials of a process; `load`, `development` or `of` make them."""

    def __init__(
        self,
        entries: Mapping[bytes, Credential],
        clients: Mapping[str, Client] | None = None,
        *,
        path: Path | None = None,
        fallback: Credential | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use `load`, `development`, `of` or `choose` instead."""
        self._known = _Known(tokens=entries, clients=clients or {})
        self._path = path
        self._fallback = fallback
        self._monotonic = monotonic
        self._checked_at = monotonic()
        self._stamp = _stamp(path) if path is not None else None

    @classmethod
    def load(cls, path: Path, *, monotonic: Callable[[], float] = time.monotonic) -> "Credentials":
        """Read the file; raises `ConfigurationError` with every problem in it."""
        known = _read(path)
        return cls(known.tokens, known.clients, path=path, monotonic=monotonic)

    @classmethod
    def of(
        cls,
        tokens: Mapping[str, Credential],
        clients: Mapping[tuple[str, str], Credential] | None = None,
    ) -> "Credentials":
        """Take credentials by token, and by client id and secret, for tests and for tools."""
        return cls(
            {bytes.fromhex(hash_token(token)): one for token, one in tokens.items()},
            {
                client_id: Client(credential=one, secret_sha256=bytes.fromhex(hash_token(secret)))
                for (client_id, secret), one in (clients or {}).items()
            },
        )

    @classmethod
    def development(cls, district: str, *, person: str | None = None) -> "Credentials":
        """Let everybody do everything in one district; for loopback alone."""
        return cls({}, fallback=development_credential(district, person=person))

    @classmethod
    def choose(
        cls,
        *,
        credentials_file: Path | None,
        development_district: str | None,
        listens: Iterable[str],
    ) -> "Credentials":
        """Take the file, or for loopback addresses the development district.

        Raises `ConfigurationError` where neither may be used.
        """
        if credentials_file is not None:
            return cls.load(credentials_file)
        reachable = [listen for listen in listens if not is_loopback(listen)]
        if reachable:
            raise ConfigurationError(
                "without a credentials file a server listens on loopback only, not on"
                f" {', '.join(reachable)}: set ..._CREDENTIALS_FILE"
            )
        if development_district is None:
            raise ConfigurationError(
                "nobody could call this server: set ..._CREDENTIALS_FILE or, for development on"
                " this machine alone, ..._DEVELOPMENT_DISTRICT"
            )
        log.warning("development_credential_in_force", district=development_district)
        return cls.development(development_district)

    def find(self, token: str | None) -> Credential | None:
        """Return the credential of a token, or None; never raises."""
        self._reload_if_changed()
        if not token or len(token) > MAXIMUM_TOKEN_CHARACTERS:
            return self._fallback
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        # Looking up a hash tells nobody anything about the token that has it.
        return self._known.tokens.get(digest, self._fallback)

    def client(self, client_id: str, secret: str) -> Credential | None:
        """Return what a client may do at most, or None where id and secret do not belong together.

        Secrets are long and random as tokens are, so one round of SHA-256 is enough to hide them.
        """
        self._reload_if_changed()
        known = self._known.clients.get(client_id)
        if known is None:
            return self._fallback
        digest = hashlib.sha256(secret.encode("utf-8", "replace")).digest()
        return known.credential if hmac.compare_digest(digest, known.secret_sha256) else None

    def client_named(self, client_id: str) -> Credential | None:
        """Return what a client may do at most by now, whose id was proven before; else None."""
        self._reload_if_changed()
        known = self._known.clients.get(client_id)
        return known.credential if known is not None else self._fallback

    def _reload_if_changed(self) -> None:
        if self._path is None or self._monotonic() - self._checked_at < CHECK_INTERVAL_SECONDS:
            return
        self._checked_at = self._monotonic()
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._known = _read(self._path)
        except ConfigurationError as error:
            log.error("credentials_not_reloaded", problem=str(error))
        else:
            log.info(
                "credentials_reloaded", count=len(self._known.tokens) + len(self._known.clients)
            )


def development_credential(district: str, *, person: str | None = None) -> Credential:
    """Return the credential of everybody where there is no credentials file."""
    return Credential(
        name="development",
        district=district,
        sources=frozenset({EVERYTHING}),
        scopes=frozenset({EVERYTHING}),
        person=person or f"districts/{district}/adults/development",
    )


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: Path) -> "_Known":
    file = read_credentials_file(path)
    return _Known(
        tokens={entry.sha256: _credential(entry) for entry in file.tokens},
        clients={
            entry.name: Client(credential=_credential(entry), secret_sha256=entry.sha256)
            for entry in file.clients
        },
    )


def _credential(entry: Entry) -> Credential:
    return Credential(
        name=entry.name,
        district=entry.district,
        sources=entry.sources,
        scopes=entry.scopes,
        person=entry.person,
    )
