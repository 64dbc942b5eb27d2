"""Tokens of a machine: made once, and one for each person who tries something out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.local.__main__ import main
from deploy.local.tokens import GRANTS, PERSON, Grant, TokenNameError, add_token, prepare_tokens
from services.common.rpc.credentials_file import Entry, read_credentials_file

TEACHER = "districts/maple-county/adults/a001"


def entries(directory: Path) -> dict[str, Entry]:
    """Return what the services read, by name."""
    found = read_credentials_file(directory / "credentials.json")
    return {one.name: one for one in found.tokens}


def teacher(**changed: object) -> Grant:
    """Return what a teacher's token may do."""
    grant = {"name": "teacher", "district": "maple-county", "scopes": PERSON, "person": TEACHER}
    return Grant(**{**grant, **changed})  # type: ignore[arg-type]


def test_a_persons_token_stays_over_starts_and_looks(tmp_path: Path) -> None:
    """`status` and `up` prepare tokens, and take nobody's away."""
    file = add_token(tmp_path, teacher())
    held = file.read_text("utf-8")
    prepare_tokens(tmp_path)
    assert entries(tmp_path)["teacher"].person == TEACHER
    assert entries(tmp_path)["teacher"].scopes == set(PERSON)
    assert file.read_text("utf-8") == held
    assert set(entries(tmp_path)) == {"teacher", *(grant.name for grant in GRANTS)}


def test_an_entry_that_somebody_wrote_by_hand_stays(tmp_path: Path) -> None:
    """As docs/data-dictionary/access.md says how to."""
    tokens = prepare_tokens(tmp_path)
    document = json.loads(tokens.credentials_file.read_text("utf-8"))
    document["tokens"].append({**document["tokens"][0], "name": "by-hand", "sha256": "ab" * 32})
    tokens.credentials_file.write_text(json.dumps(document), "utf-8")
    prepare_tokens(tmp_path)
    assert "by-hand" in entries(tmp_path)


def test_a_second_token_of_a_name_replaces_the_first(tmp_path: Path) -> None:
    """With what it may do."""
    first = add_token(tmp_path, teacher()).read_text("utf-8")
    second = add_token(tmp_path, teacher(scopes=("schedule.read",))).read_text("utf-8")
    assert first != second
    assert entries(tmp_path)["teacher"].scopes == {"schedule.read"}


def test_a_name_that_is_there_anyway_is_refused(tmp_path: Path) -> None:
    """Its token would be another one at the next start."""
    with pytest.raises(TokenNameError, match="principal"):
        add_token(tmp_path, teacher(name="principal"))


def test_the_command_says_where_the_token_is(tmp_path: Path) -> None:
    """With the scopes that somebody of a school needs, if nothing else is said."""
    arguments = ["--directory", str(tmp_path), "token", "teacher", "--person", TEACHER]
    invoked = CliRunner().invoke(main, arguments)
    assert invoked.exit_code == 0
    assert str(tmp_path / "tokens" / "teacher.token") in invoked.output
    assert entries(tmp_path / "tokens")["teacher"].scopes == set(PERSON)
