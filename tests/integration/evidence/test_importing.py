"""The import command against a running service: what a person at a shell sees."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from trellis.evidence.v1 import evidence_service_pb2 as messages
from trellis.framework.v1 import framework_pb2, framework_service_pb2
from trellis.roster.v1 import roster_pb2, roster_service_pb2

from tests.support.commands import COMMAND_SECONDS, Command, import_arguments
from tests.support.evidence import (
    DISTRICT,
    READER_TOKEN,
    Client,
    RunningApi,
    running_api,
)
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory


@pytest.fixture
async def api(postgres_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[RunningApi]:
    """Give a running api on a migrated database."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as running:
        yield running


def a_log(path: Path, rows: int, *, faulty: bool = False) -> Path:
    """Write a response log; with `faulty`, every tenth row has a score that is none."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("learner", "seq", "item", "skills", "correct"))
        for number in range(rows):
            correct = "?" if faulty and number % 10 == 9 else number % 2
            writer.writerow((number % 37, number // 37 + 1, f"i{number}", "7;9", correct))
    return path


async def something_is_kept(client: Client) -> bool:
    """Whether the ledger has an entry."""
    stream = client.evidence.StreamLedger(messages.StreamLedgerRequest(page_size=1))
    async for _ in stream:
        stream.cancel()
        return True
    return False


@pytest.fixture
def command(api: RunningApi, tmp_path: Path) -> Command:
    """Give the commands."""
    return Command(api, tmp_path)


async def test_a_file_is_imported_once_however_often_it_is_sent(
    command: Command, tmp_path: Path
) -> None:
    """The first run accepts every row and registers who it speaks of; the second repeats all."""
    log = a_log(tmp_path / "log.csv", 1_200)
    code, first = await command.import_file(log)
    assert (code, first["outcomes"]["accepted"], first["learners_registered"]) == (0, 1_200, 37)
    assert first["import_id"].startswith("response-log-")
    code, second = await command.import_file(log)
    assert (code, second["outcomes"]["repeated"]) == (0, 1_200)
    assert second["import_id"] == first["import_id"]


async def test_an_import_leaves_what_people_have_set_since(
    command: Command, api: RunningApi, tmp_path: Path
) -> None:
    """Names, a withdrawal and a label outlive the next import, which adds what is missing."""
    log = a_log(tmp_path / "log.csv", 100)
    await command.import_file(log)
    async with api.client() as client:
        ana, skill, school = await edited_by_people(client)
        code, report = await command.import_file(a_log(tmp_path / "more.csv", 150))
        assert (code, report["outcomes"]["accepted"]) == (0, 50)
        learner = roster_service_pb2.GetLearnerRequest(name=ana.name)
        assert (await client.roster.GetLearner(learner)).learner == ana
        competency = framework_service_pb2.GetCompetencyRequest(name=skill.name)
        assert (await client.frameworks.GetCompetency(competency)).competency == skill
        named = roster_service_pb2.GetSchoolRequest(name=school.name)
        assert (await client.roster.GetSchool(named)).school == school


async def edited_by_people(
    client: Client,
) -> tuple[roster_pb2.Learner, framework_pb2.Competency, roster_pb2.School]:
    """Change what an import has registered; return it as it then stands."""
    listing = roster_service_pb2.ListLearnersRequest(page_size=1)
    ana = (await client.roster.ListLearners(listing)).learners[0]
    ana.given_name, ana.state = "Ana", roster_pb2.Learner.STATE_WITHDRAWN
    learners = await client.roster.BatchUpsertLearners(
        roster_service_pb2.BatchUpsertLearnersRequest(learners=[ana])
    )
    competencies = await client.frameworks.ListCompetencies(
        framework_service_pb2.ListCompetenciesRequest(page_size=1)
    )
    skill = competencies.competencies[0]
    skill.label, skill.code = "Compare ratios", "6.RP.A.1"
    skills = await client.frameworks.BatchUpsertCompetencies(
        framework_service_pb2.BatchUpsertCompetenciesRequest(competencies=[skill])
    )
    found = await client.roster.ListSchools(roster_service_pb2.ListSchoolsRequest(page_size=1))
    found.schools[0].display_name = "Renamed School"
    schools = await client.roster.BatchUpsertSchools(
        roster_service_pb2.BatchUpsertSchoolsRequest(schools=found.schools)
    )
    return learners.learners[0], skills.competencies[0], schools.schools[0]


async def test_a_faulty_row_is_refused_with_its_line_and_stops_nothing(
    command: Command, api: RunningApi, tmp_path: Path
) -> None:
    """Exit code 1; the report, the file of refused rows and the quarantine name the same lines."""
    log = a_log(tmp_path / "log.csv", 100, faulty=True)
    refused_file = tmp_path / "refused.csv"
    code, report = await command.import_file(log, "--refused-file", str(refused_file))
    assert code == 1
    assert (report["outcomes"]["accepted"], report["outcomes"]["refused"]) == (90, 10)
    assert report["refused_by_reason"] == {"MALFORMED": 10}
    assert report["refused_first"][0]["message"] == "correct: '?' is neither 0 nor 1"
    lines = sorted(range(11, 102, 10))
    rows = list(csv.DictReader(refused_file.read_text(encoding="utf-8").splitlines()))
    assert sorted(int(row["line"]) for row in rows) == lines
    async with api.client() as client:
        request = messages.ListQuarantinedRecordsRequest(import_id=report["import_id"])
        listed = await client.evidence.ListQuarantinedRecords(request)
    assert sorted(one.line for one in listed.records) == lines
    assert json.loads(listed.records[0].record)["correct"] == "?"
    code, out, _ = await command.run("quarantine", "list", "--import-id", report["import_id"])
    assert code == 0
    assert "10 records: 10 refused." in out


async def test_a_check_keeps_nothing_and_says_what_would_become_of_each_row(
    command: Command, tmp_path: Path
) -> None:
    """Before anything is registered, and afterwards, the same rows are valid and refused."""
    log = a_log(tmp_path / "log.csv", 100, faulty=True)
    code, before = await command.import_file(log, "--check")
    assert (code, before["outcomes"]["valid"], before["outcomes"]["refused"]) == (1, 90, 10)
    assert before["learners_registered"] == 0
    code, imported = await command.import_file(log)
    assert imported["outcomes"]["accepted"] == 90
    code, after = await command.import_file(log, "--check")
    assert (after["outcomes"]["repeated"], after["outcomes"]["refused"]) == (90, 10)


async def test_a_run_that_is_killed_is_completed_by_the_next_one(
    command: Command, api: RunningApi, tmp_path: Path
) -> None:
    """After SIGKILL in the middle, the same command keeps the rest and repeats what was kept."""
    log = a_log(tmp_path / "log.csv", 12_000)
    process = await command.start(*import_arguments(log), "--in-flight", "1")
    async with asyncio.timeout(COMMAND_SECONDS), api.client() as client:
        while not await something_is_kept(client):
            await asyncio.sleep(0.05)
    process.kill()
    await process.wait()
    code, report = await command.import_file(log)
    assert code == 0
    outcomes = report["outcomes"]
    assert outcomes["accepted"] + outcomes["repeated"] == 12_000
    assert outcomes["accepted"]
    assert outcomes["repeated"]


async def test_an_import_is_retracted_whole(
    command: Command, api: RunningApi, tmp_path: Path
) -> None:
    """retract-import leaves nothing of it that counts, and a second one finds nothing."""
    log = a_log(tmp_path / "log.csv", 700)
    _, report = await command.import_file(log)
    code, out, _ = await command.run("retract-import", report["import_id"])
    assert (code, out.split()[0]) == (0, "700")
    code, out, _ = await command.run("retract-import", report["import_id"])
    assert (code, out.split()[0]) == (0, "0")


async def test_what_cannot_work_is_told_before_anything_is_sent(
    command: Command, tmp_path: Path
) -> None:
    """A missing column and a mapping with a fault end with code 2 and a message."""
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("learner,seq\n1,1\n", encoding="utf-8")
    code, _, errors = await command.run(*import_arguments(wrong))
    assert code == 2
    assert "no column" in errors
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("source: x\n", encoding="utf-8")
    code, _, errors = await command.run(
        "import", str(wrong), "--mapping", str(mapping), "--district", DISTRICT
    )
    assert code == 2
    assert "event_id" in errors


async def test_a_token_that_may_not_write_stops_the_import(
    command: Command, tmp_path: Path
) -> None:
    """Exit code 3, with the reason, and nothing sent."""
    log = a_log(tmp_path / "log.csv", 10)
    code, out, _ = await command.run(*import_arguments(log), "--json", token=READER_TOKEN.token)
    assert code == 3
    assert json.loads(out)["stopped"].startswith("SCOPE_MISSING")
