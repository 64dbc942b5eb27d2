"""The credentials file: read, and checked whole; `credentials.py` makes credentials of it.

The file is JSON and holds hashes, never a token and never a client's secret:

    {"tokens": [{"name": "sis-sync", "sha256": "<hex of the token's SHA-256>",
                 "district": "henry", "sources": ["sis"], "scopes": ["evidence.write"],
                 "person": null}],
     "clients": [{"client_id": "gradebook", "sha256": "<hex of the secret's SHA-256>",
                  "district": "henry", "sources": ["lms"],
                  "scopes": ["https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly"]}]}

`clients` may be left out. A client always has a district: what it asks for never says which. This
module must not decide anything about a caller.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.common.config import ConfigurationError
from services.common.ids import is_id

MAXIMUM_FILE_BYTES: Final = 4 * 1024 * 1024
MAXIMUM_TOKENS: Final = 10_000
MAXIMUM_CLIENTS: Final = 10_000
SHA256_HEX_CHARACTERS: Final = 64
TOKEN_FIELDS: Final = frozenset({"name", "sha256", "district", "sources", "scopes", "person"})
CLIENT_FIELDS: Final = frozenset({"client_id", "sha256", "district", "sources", "scopes"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A token or a client as the file has it. name: of a client its id. sha256: 32 bytes."""

    name: str
    sha256: bytes
    district: str | None
    sources: frozenset[str]
    scopes: frozenset[str]
    person: str | None


@dataclass(frozen=True, kw_only=True)
class CredentialsFile:
    """What a credentials file holds: no hash of a token and no id of a client stands twice."""

    tokens: tuple[Entry, ...]
    clients: tuple[Entry, ...]


def read_credentials_file(path: Path) -> CredentialsFile:
    """Read the file; raises `ConfigurationError` with every problem in it."""
    document = _document(path)
    tokens = _listed(path, document, "tokens", MAXIMUM_TOKENS)
    clients = _listed(path, document, "clients", MAXIMUM_CLIENTS) if "clients" in document else []
    problems = [
        *_problems("tokens", tokens, _token_problems),
        *_problems("clients", clients, _client_problems),
    ]
    if not problems:
        problems = [
            *_repeated("tokens", [entry["sha256"].lower() for entry in tokens], "token"),
            *_repeated("clients", [entry["client_id"] for entry in clients], "client_id"),
        ]
    if problems:
        raise ConfigurationError(f"{path}: " + "; ".join(problems))
    return CredentialsFile(
        tokens=tuple(_entry(one, one["name"]) for one in tokens),
        clients=tuple(_entry(one, one["client_id"]) for one in clients),
    )


def _document(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > MAXIMUM_FILE_BYTES:
            raise ConfigurationError(f"{path} has more than {MAXIMUM_FILE_BYTES} bytes")
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the credentials file {path} cannot be read: {error}") from error
    return document if isinstance(document, dict) else {}


def _listed(path: Path, document: Mapping[str, Any], section: str, most: int) -> Sequence[Any]:
    listed = document.get(section)
    if not isinstance(listed, list) or len(listed) > most:
        raise ConfigurationError(
            f'{path} must hold {{"{section}": [...]}} with at most {most} {section}'
        )
    return listed


def _problems(
    section: str, listed: Sequence[Any], problems_of: Callable[[Mapping[str, Any]], list[str]]
) -> list[str]:
    return [
        f"{section}[{position}]: {problem}"
        for position, entry in enumerate(listed)
        for problem in (problems_of(entry) if isinstance(entry, dict) else ["must be an object"])
    ]


def _repeated(section: str, keys: Sequence[str], called: str) -> list[str]:
    first = {key: position for position, key in reversed(list(enumerate(keys)))}
    return [
        f"{section}[{position}]: the same {called} stands twice"
        for position, key in enumerate(keys)
        if first[key] != position
    ]


def _entry(entry: Mapping[str, Any], name: str) -> Entry:
    return Entry(
        name=name,
        sha256=bytes.fromhex(entry["sha256"]),
        district=entry.get("district"),
        sources=frozenset(entry.get("sources", ())),
        scopes=frozenset(entry.get("scopes", ())),
        person=entry.get("person"),
    )


def _token_problems(entry: Mapping[str, Any]) -> list[str]:
    problems = _common_problems(entry, TOKEN_FIELDS, "the token")
    if not isinstance(entry.get("name"), str) or not entry["name"]:
        problems.append("name must be a text")
    district = entry.get("district")
    if district is not None and not (isinstance(district, str) and is_id(district)):
        problems.append("district must be an id or null")
    person = entry.get("person")
    if person is not None and not isinstance(person, str):
        problems.append("person must be a resource name or null")
    return problems


def _client_problems(entry: Mapping[str, Any]) -> list[str]:
    problems = _common_problems(entry, CLIENT_FIELDS, "the secret")
    # Ids that need no quoting: clients send them in a header, and the log names them.
    if not isinstance(entry.get("client_id"), str) or not is_id(entry["client_id"]):
        problems.append("client_id must be an id")
    district = entry.get("district")
    if not isinstance(district, str) or not is_id(district):
        problems.append("district must be an id: a client is one of a district")
    return problems


def _common_problems(entry: Mapping[str, Any], fields: frozenset[str], hashed: str) -> list[str]:
    problems = [f"there is no field {field!r}" for field in sorted(set(entry) - fields)]
    if not _is_sha256(entry.get("sha256")):
        problems.append(f"sha256 must be 64 hexadecimal digits: the hash, not {hashed}")
    for field in ("sources", "scopes"):
        if not _is_text_list(entry.get(field, [])):
            problems.append(f"{field} must be a list of texts")
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
