"""What a configuration of pulls may say, and how it is told what is wrong with it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.pulling.configuration import (
    CasePart,
    ConfigurationFileError,
    EdFiPart,
    OneRosterPart,
    load_configuration,
)
from services.evidence.entrypoints.pulling.edfi import ALL_RESOURCES
from services.evidence.entrypoints.pulling.fetching import PullError
from tests.support.pulling import a_peer, configured, write_configuration

ADDRESS = "https://sis.example.org"
DOCS = Path(__file__).parents[4] / "docs/pulling.md"


def refusal(directory: Path, *peers: dict[str, Any], **more: Any) -> str:
    """Return why a configuration cannot be used."""
    with pytest.raises(ConfigurationFileError) as refused:
        load_configuration(write_configuration(directory, *peers, **more))
    return str(refused.value)


def test_the_example_of_the_page_is_one(tmp_path: Path):
    """Word for word; with each kind of peer."""
    (example,) = re.findall(r"```yaml\n(peers:.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    for name in set(re.findall(r"secret_file: (\S+)", example)):
        file = tmp_path / name.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("secret", encoding="utf-8")
        example = example.replace(name, str(file))
    path = tmp_path / "pull.yaml"
    path.write_text(example, encoding="utf-8")
    configuration = load_configuration(path)
    assert {type(one) for one in configuration.peers} == {OneRosterPart, EdFiPart, CasePart}
    assert configuration.silence


@pytest.mark.parametrize("part", [OneRosterPart, EdFiPart, CasePart])
def test_the_page_has_every_field(part: type[OneRosterPart]):
    """Each stands in a table."""
    page = DOCS.read_text("utf-8").partition("## The configuration")[2]
    named = set(re.findall(r"`([a-z_]+)`", page))
    assert set(part.model_fields) <= named


def test_a_peer_has_defaults(tmp_path: Path):
    """All collections, an overlap of an hour, everything on Saturday, called as its source."""
    peer = configured(tmp_path, a_peer("oneroster", f"{ADDRESS}/"))
    assert isinstance(peer, OneRosterPart)
    assert (peer.called, peer.address, peer.of_version) == ("sis", ADDRESS, Version.V1_2)
    assert (peer.wanted(), peer.overlap, peer.whole_weekday) == ([], timedelta(hours=1), 5)
    assert peer.secret() == "secret"
    edfi = configured(tmp_path, a_peer("edfi", ADDRESS, token_address=None, name="ods"))
    assert isinstance(edfi, EdFiPart)
    assert (edfi.called, edfi.token_url()) == ("ods", f"{ADDRESS}/oauth/token")
    assert edfi.resources == ALL_RESOURCES


def test_a_peer_says_what_and_when(tmp_path: Path):
    """Times of day of its zone, on some weekdays."""
    peer = configured(
        tmp_path,
        a_peer(
            "oneroster",
            ADDRESS,
            collections=["results", "users"],
            whole_on="never",
            timetable={"at": ["12:30", "02:30"], "weekdays": ["monday", "friday"]},
        ),
    )
    assert isinstance(peer, OneRosterPart)
    assert peer.wanted() == [Collection.RESULTS, Collection.USERS]
    assert peer.whole_weekday is None
    assert peer.timetable.at == [time(12, 30), time(2, 30)]
    monday = datetime(2026, 11, 30, 7, 30, tzinfo=UTC)
    assert peer.times().next_after(datetime(2026, 11, 28, tzinfo=UTC)) == monday


def test_a_secret_is_read_when_it_is_needed(tmp_path: Path):
    """So that one that was changed counts without a new start; relative to the configuration."""
    peer = configured(tmp_path, a_peer("oneroster", ADDRESS))
    (tmp_path / "secret").write_text("another one\n", encoding="utf-8")
    assert peer.secret() == "another one"
    (tmp_path / "secret").unlink()
    with pytest.raises(PullError, match="cannot be read"):
        peer.secret()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "sif"}, "kind is 'sif'; it can be 'oneroster'"),
        ({"address": "http://sis.example.org"}, "https"),
        ({"address": "https://me:word@sis.example.org"}, "no user or password"),
        ({"token_address": None}, "token_address"),
        ({"client_id": ""}, "client_id and secret_file go together"),
        ({"time_zone": "Eastern"}, "IANA"),
        ({"source": "my sis"}, "source"),
        ({"collections": ["demographics"]}, "collections"),
        ({"version": "1.1", "collections": ["scoreScales"]}, "1.1 has no scoreScales"),
        ({"timetable": {}}, "either at or every"),
        ({"timetable": {"at": "02:30", "every": "15m"}}, "either at or every"),
        ({"timetable": {"at": 750}}, "in quotes"),
        ({"timetable": {"at": "24:00"}}, "in quotes"),
        ({"timetable": {"every": "0m"}}, "15m"),
        ({"timetable": {"every": "2d"}}, "at most 1d"),
        ({"timetable": {"every": "15m", "weekdays": []}}, "weekdays"),
        ({"whole_on": "weekends"}, "whole_on"),
        ({"frameworks": []}, "frameworks"),
        ({"time_zon": "UTC"}, "time_zon: is no field: look at its spelling"),
        ({"secret": "hunter2"}, "never stands in this file"),
        ({"secret_file": "nowhere"}, "cannot be read"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, changes: dict[str, Any], said: str):
    """With the field at fault, and never with a secret."""
    problem = refusal(tmp_path, a_peer("oneroster", ADDRESS) | changes)
    assert said in problem
    assert "hunter2" not in problem


def test_every_problem_is_told_at_once(tmp_path: Path):
    """Of all peers."""
    problem = refusal(
        tmp_path,
        a_peer("oneroster", ADDRESS, time_zone="Eastern"),
        a_peer("edfi", ADDRESS, resources=["bellSchedules"]),
        silence=[
            {"source": "sis", "time_zone": "UTC", "begin": "15:00", "end": "08:00", "after": "2h"}
        ],
    )
    assert len(problem.splitlines()) == 4
    for part in ("peers.0.oneroster.time_zone", "bellSchedules", "begin must be before end"):
        assert part in problem


def test_what_is_missing_has_to_be_said(tmp_path: Path):
    """In words for whoever writes the file."""
    peer = a_peer("case", ADDRESS)
    del peer["time_zone"]
    assert "peers.0.case.time_zone: has to be said" in refusal(tmp_path, peer)
    del peer["kind"]
    assert "peers.0: kind has to be said" in refusal(tmp_path, peer)


def test_peers_fit_together(tmp_path: Path):
    """Each is called otherwise; those of one source are in one time zone."""
    problem = refusal(
        tmp_path,
        a_peer("oneroster", ADDRESS),
        a_peer("edfi", ADDRESS, time_zone="UTC", learners_org="1"),
        a_peer("case", ADDRESS, name="other", learners_org="2"),
    )
    assert "2 peers are called sis" in problem
    assert "one time_zone" in problem
    assert "one learners_org" in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("peers: [client_secret: hunter2\n", "no YAML at line"),
        ("[]", "cannot be used"),
        ("peers: []", "peers"),
        ("\x00", "no YAML"),
        ("x" * 300_000, "more than"),
    ],
)
def test_a_file_that_is_no_configuration_is_told(tmp_path: Path, text: str, said: str):
    """Without what stands in it, which may be a secret at a wrong place."""
    path = tmp_path / "pull.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationFileError, match=said) as refused:
        load_configuration(path)
    assert "hunter2" not in str(refused.value)
