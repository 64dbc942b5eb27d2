"""What waits and what is refused, from the shell: looked at, mended, redriven, discarded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2

from tests.support.commands import Command
from tests.support.evidence import READER_TOKEN, RunningApi, running_api
from tests.support.evidence_api import register
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

WAITING = {
    "event_id": "e-1",
    "source": "lms",
    "occur_time": "2026-10-01T14:00:00Z",
    "learner_reference": {"kind": "lms_uuid", "value": "8f0c2d", "system": "canvas"},
    "alignments": [{"code": "6.rp.1"}],
    "score": {"points": {"earned": 7.5, "possible": 10}},
    "purpose": "formative",
    "timed": False,
}
REFUSED = WAITING | {
    "event_id": "e-2",
    "learner_reference": {"kind": "sourced_id", "value": "1", "system": "sis"},
    "score": {"points": {"earned": 3, "possible": 0}},
}
UNREADABLE = WAITING | {"event_id": "e-3", "purpos": "formative"}


@pytest.fixture
async def api(postgres_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[RunningApi]:
    """Give a running api that knows two learners and three competencies."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as running:
        async with running.client() as client:
            await register(client)
        yield running


async def test_what_waits_is_looked_at_mended_and_taken_up_again(
    api: RunningApi, tmp_path: Path
) -> None:
    """Three records, three ways in: one waits for an alias, one is refused, one is no record."""
    command = Command(api, tmp_path)
    file = tmp_path / "records.json"
    file.write_text(json.dumps({"records": [WAITING, REFUSED, UNREADABLE]}), encoding="utf-8")
    code, checked = await command.json("import-json", str(file), "--check")
    assert (code, checked["outcomes"]["waiting"], checked["outcomes"]["refused"]) == (1, 1, 2)
    code, report = await command.json("import-json", str(file), "--import-id", "by-hand")
    assert (code, report["outcomes"]["waiting"], report["outcomes"]["refused"]) == (1, 1, 2)
    assert [one["line"] for one in report["refused_first"]] == [3, 1, 2]

    code, listed = await command.json("quarantine", "list", "--import-id", "by-hand")
    by_line = {one["line"]: one for one in listed}
    assert [by_line[line]["state"] for line in (1, 2, 3)] == ["waiting", "refused", "refused"]
    _, only = await command.json("quarantine", "list", "--reason", "unknown_learner")
    assert [one["line"] for one in only] == [1]
    _, only = await command.json("quarantine", "list", "--source", "sis")
    assert only == []

    waiting = str(by_line[1]["quarantine_id"])
    _, shown = await command.json("quarantine", "show", waiting)
    assert shown["sent"] == WAITING
    code, out, _ = await command.run("quarantine", "show", waiting)
    assert "8f0c2d" in out
    assert "No learner had this" in out
    _, shown = await command.json("quarantine", "show", str(by_line[3]["quarantine_id"]))
    assert (shown["sent"], shown["kind"]) == (UNREADABLE, "document")

    code, redriven = await command.json("quarantine", "redrive", waiting)
    assert (code, [one["state"] for one in redriven]) == (1, ["waiting"])
    aliases = tmp_path / "aliases.csv"
    aliases.write_text(
        "kind,system,value,learner\nlms_uuid,canvas,8f0c2d,sis:2\n", encoding="utf-8"
    )
    code, report = await command.json("import-aliases", str(aliases))
    assert (code, report["kept"], report["records_that_waited_are_taken_up"]) == (0, 1, 1)
    code, redriven = await command.json("quarantine", "redrive", "--import-id", "by-hand")
    assert (code, sorted(one["state"] for one in redriven)) == (
        1,
        ["redriven", "refused", "refused"],
    )
    refused = [str(by_line[line]["quarantine_id"]) for line in (2, 3)]
    code, out, _ = await command.run("quarantine", "discard", *refused, "--note", "not ours")
    assert (code, out) == (0, "2 records are discarded; 0 were not open.\n")
    _, listed = await command.json("quarantine", "list", "--state", "discarded")
    assert {one["note"] for one in listed} == {"not ours"}
    _, listed = await command.json("quarantine", "list")
    assert listed == []


async def test_what_was_sent_is_given_out_byte_for_byte(api: RunningApi, tmp_path: Path) -> None:
    """--raw prints nothing else, so that it can be kept in a file."""
    command = Command(api, tmp_path)
    content = '{"Student": "é", "Score": "?"}'.encode()
    async with api.client() as client:
        await client.evidence.BatchQuarantineRecords(
            evidence_service_pb2.BatchQuarantineRecordsRequest(
                source="lms",
                records=[
                    evidence_service_pb2.UnreadRecord(
                        content=content,
                        line=7,
                        refusal=evidence_pb2.Refusal(
                            reason=evidence_pb2.REFUSAL_REASON_MALFORMED, message="No.", hint="So."
                        ),
                    )
                ],
            )
        )
    _, listed = await command.json("quarantine", "list")
    (one,) = listed
    code, out, _ = await command.run("quarantine", "show", str(one["quarantine_id"]), "--raw")
    assert (code, out.encode()) == (0, content)


async def test_records_of_which_the_same_is_said_stand_together_and_are_discarded_together(
    api: RunningApi, tmp_path: Path
) -> None:
    """One sentence for all of them, a few places, and no need to type every number."""
    command = Command(api, tmp_path)
    records = [REFUSED | {"event_id": f"e-{number}"} for number in range(8)]
    file = tmp_path / "records.json"
    file.write_text(json.dumps([*records, WAITING | {"event_id": "w"}]), encoding="utf-8")
    code, report = await command.json("import-json", str(file))
    assert (code, report["outcomes"]["refused"]) == (1, 8)
    _, out, _ = await command.run("quarantine", "list", "--source", "lms")
    assert out.count("SCORE_OUT_OF_RANGE, refused, of lms") == 1
    assert "and 3 more; --json has each" in out
    assert "9 records: 8 refused, 1 waiting." in out
    assert "--limit" not in out
    _, out, _ = await command.run("quarantine", "list", "--limit", "9")
    assert "there may be more" in out
    code, _, errors = await command.run("quarantine", "discard", "--note", "x")
    assert (code, "--import-id" in errors) == (2, True)
    chosen = ("--reason", "score_out_of_range")
    code, out, _ = await command.run("quarantine", "discard", *chosen, "--note", "a test")
    assert (code, out) == (0, "8 records are discarded; 0 were not open.\n")
    _, left = await command.json("quarantine", "list")
    assert [one["event_id"] for one in left] == ["w"]


async def test_what_a_command_cannot_do_is_told_by_its_exit_code(
    api: RunningApi, tmp_path: Path
) -> None:
    """2 for a command that is used wrongly, 3 for what the service refuses."""
    command = Command(api, tmp_path)
    code, _, errors = await command.run("quarantine", "redrive")
    assert (code, "--import-id" in errors) == (2, True)
    code, _, errors = await command.run("quarantine", "show", "999")
    assert (code, "QUARANTINED_RECORD_NOT_FOUND" in errors) == (3, True)
    code, _, errors = await command.run(
        "quarantine", "discard", "1", "--note", "x", token=READER_TOKEN.token
    )
    assert (code, "SCOPE_MISSING" in errors) == (3, True)
