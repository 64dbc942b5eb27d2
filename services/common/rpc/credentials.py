"""Who may call: tokens with a district, sources and scopes, from a file; used by gRPC and pages.

The file is JSON and holds hashes, never a token:

    {"tokens": [{"name": "sis-sync", "sha256": "<hex of the token's SHA-256>",
                 "district": "henry", "sources": ["sis"], "scopes": ["evidence.write"],
                 "person": null}]}

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
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from services.common.config import ConfigurationError, is_loopback
from services.common.ids import is_id
from services.common.logs import get_logger

EVERYTHING: Final = "*"
"""In sources or scopes: all of them."""

ANY_DISTRICT: Final = "any_district"
"""Scope of a service that acts for many districts, one at a time."""

DISTRICT_METADATA_KEY: Final = "trellis-district"
"""In a call's metadata: the district that such a service acts for."""

CHECK_INTERVAL_SECONDS: Final = 5.0
"""The file is looked at no more often than this."""

MAXIMUM_FILE_BYTES: Final = 4 * 1024 * 1024
MAXIMUM_TOKENS: Final = 10_000
MAXIMUM_TOKEN_CHARACTERS: Final = 4_096
SHA256_HEX_CHARACTERS: Final = 64
FIELDS: Final = frozenset({"name", "sha256", "district", "sources", "scopes", "person"})

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


def require(scope: str) -> Credential:
    """Return who is calling, who must have the scope; raises `ScopeMissingError`."""
    credential = current_credential()
    if not credential.has_scope(scope):
        raise ScopeMissingError(f'this needs the scope "{scope}"', scope=scope)
    return credential


def require_district(scope: str) -> tuple[Credential, str]:
    """Return who is calling and for which district; raises also `DistrictMissingError`."""
    credential = require(scope)
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


class Credentials:
    """All credentials of a process; `load`, `development` or `of` make them."""

    def __init__(
        self,
        entries: Mapping[bytes, Credential],
        *,
        path: Path | None = None,
        fallback: Credential | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use `load`, `development`, `of` or `choose` instead."""
        self._entries = entries
        self._path = path
        self._fallback = fallback
        self._monotonic = monotonic
        self._checked_at = monotonic()
        self._stamp = _stamp(path) if path is not None else None

    @classmethod
    def load(cls, path: Path, *, monotonic: Callable[[], float] = time.monotonic) -> "Credentials":
        """Read the file; raises `ConfigurationError` with every problem in it."""
        return cls(_read(path), path=path, monotonic=monotonic)

    @classmethod
    def of(cls, tokens: Mapping[str, Credential]) -> "Credentials":
        """Take credentials by token, for tests and for tools."""
        return cls({bytes.fromhex(hash_token(token)): one for token, one in tokens.items()})

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
        return self._entries.get(digest, self._fallback)

    def _reload_if_changed(self) -> None:
        if self._path is None or self._monotonic() - self._checked_at < CHECK_INTERVAL_SECONDS:
            return
        self._checked_at = self._monotonic()
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._entries = _read(self._path)
        except ConfigurationError as error:
            log.error("credentials_not_reloaded", problem=str(error))
        else:
            log.info("credentials_reloaded", count=len(self._entries))


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


def _read(path: Path) -> Mapping[bytes, Credential]:
    try:
        if path.stat().st_size > MAXIMUM_FILE_BYTES:
            raise ConfigurationError(f"{path} has more than {MAXIMUM_FILE_BYTES} bytes")
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the credentials file {path} cannot be read: {error}") from error
    listed = document.get("tokens") if isinstance(document, dict) else None
    if not isinstance(listed, list) or len(listed) > MAXIMUM_TOKENS:
        raise ConfigurationError(
            f'{path} must hold {{"tokens": [...]}} with at most {MAXIMUM_TOKENS} tokens'
        )
    return _credentials(path, listed)


def _credentials(path: Path, listed: Sequence[Any]) -> Mapping[bytes, Credential]:
    entries: dict[bytes, Credential] = {}
    problems: list[str] = []
    for position, entry in enumerate(listed):
        found = _entry_problems(entry)
        problems += [f"tokens[{position}]: {problem}" for problem in found]
        if found:
            continue
        digest = bytes.fromhex(entry["sha256"])
        if digest in entries:
            problems.append(f"tokens[{position}]: the same token stands twice")
        entries[digest] = Credential(
            name=entry["name"],
            district=entry.get("district"),
            sources=frozenset(entry.get("sources", ())),
            scopes=frozenset(entry.get("scopes", ())),
            person=entry.get("person"),
        )
    if problems:
        raise ConfigurationError(f"{path}: " + "; ".join(problems))
    return entries


def _entry_problems(entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return ["must be an object"]
    problems = [f"there is no field {field!r}" for field in sorted(set(entry) - FIELDS)]
    if not isinstance(entry.get("name"), str) or not entry["name"]:
        problems.append("name must be a text")
    if not _is_sha256(entry.get("sha256")):
        problems.append("sha256 must be 64 hexadecimal digits: the hash, not the token")
    district = entry.get("district")
    if district is not None and not (isinstance(district, str) and is_id(district)):
        problems.append("district must be an id or null")
    for field in ("sources", "scopes"):
        if not _is_text_list(entry.get(field, [])):
            problems.append(f"{field} must be a list of texts")
    person = entry.get("person")
    if person is not None and not isinstance(person, str):
        problems.append("person must be a resource name or null")
    return problems


def _is_sha256(value: object) -> bool:
    if not isinstance(value, str) or len(value) != SHA256_HEX_CHARACTERS:
        return False
    try:
        bytes.fromhex(value)
    except ValueError:
        return False
    return value.isascii()


def _is_text_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
