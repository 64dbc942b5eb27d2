"""Tokens are known by their hash, a broken file opens no door, and nothing is open by default."""

import json
import os
from pathlib import Path

import pytest

from services.common.config import ConfigurationError
from services.common.rpc.credentials import (
    Credential,
    Credentials,
    DistrictMissingError,
    PersonMissingError,
    ScopeMissingError,
    UnauthenticatedError,
    acting_as,
    current_credential,
    hash_token,
    require,
    require_district,
    require_person,
)

LOOPBACK = ["127.0.0.1:1"]


def entry(**changes: object) -> dict[str, object]:
    """Return one token of a credentials file."""
    return {
        "name": "sis-sync",
        "sha256": hash_token("secret"),
        "district": "henry",
        "sources": ["sis"],
        "scopes": ["evidence.write"],
        "person": None,
        **changes,
    }


def write(path: Path, *entries: object) -> Path:
    """Write a credentials file with a time of change of its own."""
    path.write_text(json.dumps({"tokens": entries}))
    return path


def test_a_token_is_found_by_its_hash(tmp_path: Path) -> None:
    """The file holds no token, and the credential is what stands beside the hash."""
    credentials = Credentials.load(write(tmp_path / "c.json", entry()))
    found = credentials.find("secret")
    assert found == Credential(
        name="sis-sync",
        district="henry",
        sources=frozenset({"sis"}),
        scopes=frozenset({"evidence.write"}),
    )
    assert found.may_send_for("sis")
    assert not found.may_send_for("lms")


@pytest.mark.parametrize("token", [None, "", "other", hash_token("secret"), "\ud800", "x" * 5_000])
def test_what_is_no_known_token_finds_nobody(tmp_path: Path, token: str | None) -> None:
    """Neither the hash itself nor what cannot be encoded opens anything."""
    assert Credentials.load(write(tmp_path / "c.json", entry())).find(token) is None


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (entry(sha256="secret"), "64 hexadecimal digits"),
        (entry(district="a/b"), "district"),
        (entry(scopes="evidence.write"), "scopes must be a list"),
        (entry(name=""), "name"),
        (entry(scope=["x"]), "no field 'scope'"),
        ("text", "must be an object"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_its_place(
    tmp_path: Path, bad: object, problem: str
) -> None:
    """A mistake is told at the start, not as a refusal at night."""
    path = write(tmp_path / "c.json", entry(), bad)
    with pytest.raises(ConfigurationError, match="tokens\\[1\\]") as refused:
        Credentials.load(path)
    assert problem in str(refused.value)


def test_the_same_token_twice_is_refused(tmp_path: Path) -> None:
    """Which of the two would be in force is nobody's guess to make."""
    with pytest.raises(ConfigurationError, match="stands twice"):
        Credentials.load(write(tmp_path / "c.json", entry(), entry(district="other")))


def test_a_changed_file_is_read_again_but_not_with_every_call(tmp_path: Path) -> None:
    """A revoked token stops working within seconds, without a restart."""
    now = [0.0]
    path = write(tmp_path / "c.json", entry())
    credentials = Credentials.load(path, monotonic=lambda: now[0])
    write(path, entry(sha256=hash_token("new")))
    os.utime(path, ns=(1, 1))
    assert credentials.find("secret") is not None
    now[0] = 5.0
    assert credentials.find("secret") is None
    assert credentials.find("new") is not None


@pytest.mark.parametrize("how", ["broken", "gone"])
def test_a_file_that_breaks_leaves_the_old_credentials_in_force(tmp_path: Path, how: str) -> None:
    """Half a file, seen while it is written, locks nobody out and lets nobody in."""
    now = [0.0]
    path = write(tmp_path / "c.json", entry())
    credentials = Credentials.load(path, monotonic=lambda: now[0])
    if how == "broken":
        path.write_text('{"tokens": [')
    else:
        path.unlink()
    now[0] = 5.0
    assert credentials.find("secret") is not None
    assert credentials.find("other") is None


def test_without_a_file_nothing_but_loopback_is_served() -> None:
    """A server that others can reach never starts without credentials."""
    with pytest.raises(ConfigurationError, match=r"0\.0\.0\.0:80.*CREDENTIALS_FILE"):
        Credentials.choose(
            credentials_file=None,
            development_district="henry",
            listens=["127.0.0.1:1", "0.0.0.0:80"],
        )


def test_without_a_file_and_a_development_district_nothing_starts() -> None:
    """Development access is asked for by name, never had by leaving something out."""
    with pytest.raises(ConfigurationError, match="DEVELOPMENT_DISTRICT"):
        Credentials.choose(credentials_file=None, development_district=None, listens=LOOPBACK)


def test_in_development_everybody_acts_for_one_district() -> None:
    """With a token or without, all scopes, one district."""
    credentials = Credentials.choose(
        credentials_file=None, development_district="henry", listens=LOOPBACK
    )
    found = credentials.find(None)
    assert found is not None
    assert found.district == "henry"
    assert found.has_scope("anything")
    assert found.may_send_for("any")
    assert credentials.find("whatever") == found


def test_a_file_rules_development_out(tmp_path: Path) -> None:
    """With credentials, a development district opens nothing."""
    credentials = Credentials.choose(
        credentials_file=write(tmp_path / "c.json", entry()),
        development_district="henry",
        listens=LOOPBACK,
    )
    assert credentials.find(None) is None


def test_outside_of_a_call_nobody_is_signed_in() -> None:
    """A handler that forgets its credential gets an error, not somebody else's."""
    with pytest.raises(UnauthenticatedError):
        current_credential()
    with acting_as(Credential(name="a", district="henry")):
        assert current_credential().name == "a"
    with pytest.raises(UnauthenticatedError):
        current_credential()


def test_what_a_credential_lacks_is_said_with_a_reason() -> None:
    """Scope, district and person each have a reason of their own."""
    with acting_as(Credential(name="s", district=None, scopes=frozenset({"ledger.read"}))):
        assert require("ledger.read").name == "s"
        with pytest.raises(ScopeMissingError) as missing:
            require("evidence.write")
        with pytest.raises(DistrictMissingError):
            require_district("ledger.read")
        with pytest.raises(PersonMissingError):
            require_person("ledger.read")
    assert missing.value.reason == "SCOPE_MISSING"
    assert missing.value.metadata == {"scope": "evidence.write"}
