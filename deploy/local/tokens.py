"""Tokens for development: made once, kept beside the data, readable by their owner alone.

The services get a file with hashes (`credentials.json`); the tokens themselves stand in
`tokens.json`, for the person at this machine and for the demonstration. The key from which learner
ids are made is fixed on purpose: the same roster then has the same ids on every machine, and two
demonstrations end in the same hashes. A district makes a key of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import click

from deploy.local.errors import LocalRunnerError

DISTRICT = "maple-county"
OTHER_DISTRICT = "cedar-county"
# Protects made-up people only.
DEVELOPMENT_LEARNER_KEY = hashlib.sha256(b"trellis development learner key").hexdigest()
OWNER_ONLY = 0o600
TOKEN_BYTES = 24

READ = ("evidence.read", "roster.read", "framework.read", "mastery.read", "schedule.read")
SETTINGS = ("roster.write", "framework.write", "schedule.write", "mastery.policy.write")


PERSON = ("schedule.read", "schedule.write", "roster.read")
"""What somebody of a school needs for the calls and pages of the week, but for signing off."""


class TokenNameError(LocalRunnerError):
    """A token may not have this name."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What one token may do."""

    name: str
    district: str | None
    sources: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    person: str | None = None


SIGNING = "signing"
SIGNING_KEY_BYTES = 32

SIS_CLIENT = "sis-client"
_ONEROSTER = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
SIS_SCOPES = tuple(
    _ONEROSTER + one
    for one in (
        "roster-core.readonly",
        "roster.readonly",
        "gradebook-core.readonly",
        "gradebook.readonly",
        "gradebook.createput",
        "gradebook.createpost",
        "gradebook.delete",
        "assessment.readonly",
        "assessment.createput",
        "assessment.delete",
        "resource-core.readonly",
        "resource.readonly",
    )
)

SERVICE_GRANTS = (
    Grant(
        name="planner",
        district=None,
        scopes=("roster.read", "framework.read", "mastery.read", "any_district"),
    ),
    Grant(name="rebuild", district=None, scopes=("ledger.read",)),
)
"""What services show to each other."""


def district_it(district: str, name: str = "district-it") -> Grant:
    """Return what those may do who bring a district's data in and look after it."""
    scopes = ("evidence.write", "source.write", *READ, *SETTINGS, "schedule.audit")
    return Grant(name=name, district=district, sources=("*",), scopes=scopes)


def principal_of(district: str) -> Grant:
    """Return what a principal may do; the roster knows the adult by this id."""
    return Grant(
        name="principal",
        district=district,
        scopes=(*READ, "schedule.write", "schedule.publish", "schedule.audit"),
        person=f"districts/{district}/adults/principal",
    )


GRANTS = (
    district_it(DISTRICT),
    Grant(name="lms", district=DISTRICT, sources=("lms",), scopes=("evidence.write",)),
    principal_of(DISTRICT),
    district_it(OTHER_DISTRICT, "other-district"),
    *SERVICE_GRANTS,
)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The tokens by name, and the files that the services read."""

    by_name: Mapping[str, str]
    directory: Path

    @property
    def credentials_file(self) -> Path:
        """Hashes and what each may do."""
        return self.directory / "credentials.json"

    @property
    def learner_keys_file(self) -> Path:
        """The key of each district."""
        return self.directory / "learner-keys.json"

    @property
    def token_keys_file(self) -> Path:
        """What OAuth tokens are signed with."""
        return self.directory / "token-keys.json"

    def file(self, name: str) -> Path:
        """Return the file that holds one token, for commands that take a token file."""
        return self.directory / f"{name}.token"


def prepare_tokens(directory: Path, more: Sequence[Grant] = ()) -> Tokens:
    """Make what is missing below `directory`; what is there stays as it is.

    more: grants beside those of development.
    """
    grants = (*GRANTS, *more)
    directory.mkdir(parents=True, exist_ok=True)
    kept_file = directory / "tokens.json"
    kept = json.loads(kept_file.read_text("utf-8")) if kept_file.exists() else {}
    made = {
        name: kept.get(name) or secrets.token_urlsafe(TOKEN_BYTES)
        for name in (*(grant.name for grant in grants), SIS_CLIENT)
    }
    made[SIGNING] = kept.get(SIGNING) or secrets.token_hex(SIGNING_KEY_BYTES)
    tokens = Tokens(by_name=made, directory=directory)
    _write(kept_file, json.dumps(tokens.by_name, indent=2))
    for name, token in tokens.by_name.items():
        _write(tokens.file(name), token)
    added = _added(tokens.credentials_file, {grant.name for grant in grants})
    _write_credentials(tokens, [*credentials_of(tokens.by_name, grants), *added])
    signing = {"id": "development", "secret": made[SIGNING]}
    _write(tokens.token_keys_file, json.dumps({"keys": [signing]}, indent=2))
    keys = dict.fromkeys((DISTRICT, OTHER_DISTRICT), DEVELOPMENT_LEARNER_KEY)
    _write(tokens.learner_keys_file, json.dumps(keys, indent=2))
    return tokens


def add_token(directory: Path, grant: Grant) -> Path:
    """Make a token beside those of `prepare_tokens`, and return its file; services read it soon.

    One of the same name is replaced. Raises TokenNameError for the name of one that is made anyway.
    """
    tokens = prepare_tokens(directory)
    if grant.name in tokens.by_name:
        raise TokenNameError(
            what=f"The token {grant.name} is one of those that are always there.",
            why="Another one of its name would be lost at the next start.",
            action="Give it another name.",
        )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    named = Tokens(by_name={grant.name: token}, directory=directory)
    file = named.file(grant.name)
    _write(file, token)
    kept = json.loads(tokens.credentials_file.read_text("utf-8"))["tokens"]
    others = [one for one in kept if one["name"] != grant.name]
    _write_credentials(tokens, [*others, *credentials_of(named.by_name, [grant])])
    return file


def _added(path: Path, known: Set[str]) -> list[dict[str, object]]:
    """Return what somebody else has put into the credentials file; a start takes nothing out."""
    if not path.exists():
        return []
    return [
        one for one in json.loads(path.read_text("utf-8"))["tokens"] if one["name"] not in known
    ]


def _write_credentials(tokens: Tokens, entries: Sequence[Mapping[str, object]]) -> None:
    credentials = {"tokens": entries, "clients": [_client(tokens)]}
    _write(tokens.credentials_file, json.dumps(credentials, indent=2))


def credentials_of(tokens: Mapping[str, str], grants: Sequence[Grant]) -> list[dict[str, object]]:
    """Return what a credentials file says of tokens by name: a hash, and what each may do."""
    return [
        {
            "name": grant.name,
            "sha256": hashlib.sha256(tokens[grant.name].encode()).hexdigest(),
            "district": grant.district,
            "sources": list(grant.sources),
            "scopes": list(grant.scopes),
            "person": grant.person,
        }
        for grant in grants
    ]


def _client(tokens: Tokens) -> dict[str, object]:
    """Return the OAuth client of development: a SIS that writes and reads over OneRoster."""
    return {
        "client_id": SIS_CLIENT,
        "sha256": hashlib.sha256(tokens.by_name[SIS_CLIENT].encode()).hexdigest(),
        "district": DISTRICT,
        "sources": ["sis"],
        "scopes": list(SIS_SCOPES),
    }


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner reads; one that says the same is left alone."""
    if path.exists() and path.read_text("utf-8") == text:
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--owner", type=int, help="User id that the files shall belong to.")
def main(directory: Path, owner: int | None) -> None:
    """Make tokens for development in DIRECTORY; those that are there stay as they are."""
    prepare_tokens(directory)
    if owner is not None:
        for path in (directory, *directory.iterdir()):
            os.chown(path, owner, owner)
    click.echo(f"The tokens are in {directory}, one file each.")


if __name__ == "__main__":
    main(prog_name="python -m deploy.local.tokens")
