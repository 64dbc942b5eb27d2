"""Packages of OneRoster by the command, against a running service: kept, changed, gone, refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from trellis.evidence.v1 import evidence_service_pb2 as messages
from trellis.roster.v1 import roster_pb2, roster_service_pb2

from tests.support.commands import Command
from tests.support.evidence import Client, RunningApi, running_api
from tests.support.evidence_api import register
from tests.support.oneroster import PUBLISHED, SMALL, WHY_NOT, files_of, write_zip
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

RATIOS = "6ba221e0-d7cc-11e8-824f-0242ac160002"
LEARNERS = 12

Tables = dict[str, list[dict[str, str]]]


@pytest.fixture
async def api(postgres_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[RunningApi]:
    """Give a running api that knows one competency."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as running:
        async with running.client() as client:
            await register(client, source_ids=("nobody",), competencies=(RATIOS,))
        yield running


@pytest.fixture
def command(api: RunningApi, tmp_path: Path) -> Command:
    """Give the commands."""
    return Command(api, tmp_path)


def a_school(learners: int = LEARNERS) -> Tables:
    """Return the tables of a school: learners who are enrolled, each with one graded result."""
    numbers = range(1, learners + 1)
    tables: Tables = {name: list(rows) for name, rows in SMALL.items()}
    user, role, enrolment = SMALL["users"][0], SMALL["roles"][0], SMALL["enrollments"][0]
    tables["users"] = [user | {"sourcedId": f"usr-{n}", "username": f"u{n}"} for n in numbers]
    tables["roles"] = [
        role | {"sourcedId": f"rol-{n}", "userSourcedId": f"usr-{n}"} for n in numbers
    ]
    tables["enrollments"] = [
        enrolment | {"sourcedId": f"enr-{n}", "userSourcedId": f"usr-{n}"} for n in numbers
    ]
    tables["categories"] = [{"sourcedId": "cat-1", "title": "Quizzes"}]
    tables["lineItems"] = [
        {
            "sourcedId": "li-1",
            "title": "Quiz 1",
            "assignDate": "2026-10-01T00:00:00Z",
            "dueDate": "2026-10-02T00:00:00Z",
            "classSourcedId": "cls-1",
            "categorySourcedId": "cat-1",
            "academicSessionSourcedId": "fall",
            "resultValueMin": "0",
            "resultValueMax": "10",
            "schoolSourcedId": "org-1",
        }
    ]
    tables["results"] = [
        {
            "sourcedId": f"res-{n}",
            "lineItemSourcedId": "li-1",
            "studentSourcedId": f"usr-{n}",
            "scoreStatus": "fully graded",
            "score": "7",
            "scoreDate": "2026-10-02",
        }
        for n in numbers
    ]
    tables["resultLearningObjectiveIds"] = [
        {
            "sourcedId": f"rlo-{n}",
            "resultSourcedId": f"res-{n}",
            "source": "case",
            "learningObjectiveId": RATIOS,
            "score": "3",
        }
        for n in numbers
    ]
    return tables


def without(tables: Tables, **gone: set[str]) -> Tables:
    """Return tables without rows, by file and sourcedId."""
    return {
        name: [row for row in rows if row["sourcedId"] not in gone.get(name, ())]
        for name, rows in tables.items()
    }


def a_package(path: Path, tables: Tables, mode: str = "bulk") -> Path:
    """Write a package of these tables."""
    return write_zip(path, files_of(tables, mode=mode))


async def imported(command: Command, path: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Import a package; return the exit code and the report."""
    arguments = ("import-oneroster", str(path), "--source", "sis", "--time-zone", "America/Chicago")
    code, report = await command.json(*arguments, *options)
    return code, report


async def learners(client: Client) -> Mapping[str, roster_pb2.Learner]:
    """Return the learners by their id at the source."""
    page = await client.roster.ListLearners(roster_service_pb2.ListLearnersRequest(page_size=500))
    return {one.source_id: one for one in page.learners}


async def counting(client: Client, learner: roster_pb2.Learner) -> int:
    """Return how many observations of a learner count."""
    listed = await client.evidence.ListEvidence(messages.ListEvidenceRequest(parent=learner.name))
    return sum(one.state == one.STATE_ACTIVE for one in listed.evidence)


async def test_the_same_package_again_changes_nothing_and_a_delta_only_what_it_names(
    command: Command, api: RunningApi, tmp_path: Path
) -> None:
    """A school with its results becomes learners with evidence; then one score is corrected."""
    tables = a_school()
    package = a_package(tmp_path / "school.zip", tables)
    code, first = await imported(command, package)
    assert (code, first["state"], first["evidence"]) == (0, "STATE_FINISHED", LEARNERS), first
    code, second = await imported(command, package)
    assert (code, second["outcomes"]["unchanged"]) == (0, first["documents"])
    assert (second["outcomes"]["changed"], second["evidence"]) == (0, 0)
    corrected = {
        "resultLearningObjectiveIds": [
            tables["resultLearningObjectiveIds"][0]
            | {"status": "active", "dateLastModified": "2026-10-09T08:00:00.000Z", "score": "4"}
        ]
    }
    delta = a_package(tmp_path / "delta.zip", corrected, mode="delta")
    code, third = await imported(command, delta)
    assert (code, third["outcomes"]["changed"], third["evidence"]) == (0, 1, 1)
    assert third["deleted"] == 0
    async with api.client() as client:
        by_id = await learners(client)
        assert [await counting(client, by_id[f"usr-{n}"]) for n in (1, LEARNERS)] == [1, 1]


async def test_a_few_that_are_gone_are_deleted_and_what_follows_from_them_with_them(
    command: Command, api: RunningApi, tmp_path: Path
) -> None:
    """A learner who left withdraws, a result that is gone counts no longer, all others stay."""
    tables = a_school()
    await imported(command, a_package(tmp_path / "before.zip", tables))
    left = without(
        tables,
        users={"usr-1"},
        roles={"rol-1"},
        enrollments={"enr-1"},
        results={"res-1", "res-2"},
        resultLearningObjectiveIds={"rlo-1", "rlo-2"},
    )
    code, report = await imported(command, a_package(tmp_path / "after.zip", left))
    assert (code, report["state"], report["deleted"]) == (0, "STATE_FINISHED", 7)
    async with api.client() as client:
        by_id = await learners(client)
        assert by_id["usr-1"].state == roster_pb2.Learner.STATE_WITHDRAWN
        assert by_id["usr-2"].state == roster_pb2.Learner.STATE_ENROLLED
        counts = [await counting(client, by_id[f"usr-{n}"]) for n in (1, 2, 3)]
        assert counts == [0, 0, 1]


@pytest.mark.parametrize("answer", ["--keep", "--delete"])
async def test_much_that_is_gone_is_held_until_somebody_has_looked(
    command: Command, api: RunningApi, tmp_path: Path, answer: str
) -> None:
    """Half of the results are missing: nothing is deleted, until somebody says so."""
    tables = a_school()
    await imported(command, a_package(tmp_path / "before.zip", tables))
    ids = [f"res-{n}" for n in range(1, 7)]
    half = without(
        tables,
        results=set(ids),
        resultLearningObjectiveIds={one.replace("res", "rlo") for one in ids},
    )
    code, report = await imported(command, a_package(tmp_path / "half.zip", half))
    assert (code, report["state"], report["missing"]) == (1, "STATE_HELD", 12)
    assert report["missing_by_collection"] == {"resultLearningObjectiveIds": 6, "results": 6}
    _, listed = await command.json("imports", "--source", "sis")
    assert [one["state"] for one in listed] == ["held", "finished"]
    code, _, errors = await command.run("settle-import", report["import_id"])
    assert (code, "--delete or --keep" in errors) == (2, True)
    code, out, _ = await command.run("settle-import", report["import_id"], answer)
    assert code == 0
    assert ("12 objects are deleted" in out) is (answer == "--delete")
    async with api.client() as client:
        by_id = await learners(client)
        left = [await counting(client, by_id[f"usr-{n}"]) for n in (1, 12)]
    assert left == ([0, 1] if answer == "--delete" else [1, 1])
    _, listed = await command.json("imports", "--limit", "1")
    assert (listed[0]["actor"], listed[0]["missing_count"]) == ("own-token", 12)


async def test_what_a_faulty_row_or_file_brings_is_refused_and_not_taken_for_gone(
    command: Command, api: RunningApi, tmp_path: Path
) -> None:
    """Good rows are kept; a faulty one is in quarantine with file and line, and nothing is lost."""
    tables = a_school()
    await imported(command, a_package(tmp_path / "before.zip", tables))
    tables["users"][0] = tables["users"][0] | {"enabledUser": "perhaps"}
    tables["users"][1] = tables["users"][1] | {"givenName": "Renamed"}
    files = files_of(tables)
    files["results.csv"] = "no,such,header\n1,2,3\n"
    del files["categories.csv"]
    package = write_zip(tmp_path / "faulty.zip", files)
    code, report = await imported(command, package, "--strict")
    assert (code, report["faults"] > 0) == (1, True)
    code, report = await imported(command, package)
    assert (code, report["state"], report["deleted"]) == (1, "STATE_FINISHED", 0), report
    _, listed = await command.json("quarantine", "list", "--import-id", report["import_id"])
    places = {(one["file"], one["line"]) for one in listed}
    assert places >= {("users.csv", 2), ("results.csv", 0), ("manifest.csv", 0)}
    assert "enabledUser" in {one["refusal"]["field"] for one in listed}
    assert all(one["refusal"]["hint"] for one in listed)
    async with api.client() as client:
        by_id = await learners(client)
        assert by_id["usr-1"].state == roster_pb2.Learner.STATE_ENROLLED
        assert by_id["usr-2"].given_name == "Renamed"
        assert await counting(client, by_id["usr-3"]) == 1


@pytest.mark.skipif(not PUBLISHED.exists(), reason=WHY_NOT)
async def test_a_strict_import_gives_the_published_verdict_of_every_package(
    command: Command, api: RunningApi
) -> None:
    """Valid packages are kept; of the others the faults are told by their codes, and none sent."""
    cases = json.loads((PUBLISHED / "invalid" / "cases.json").read_text(encoding="utf-8"))
    for case in cases:
        package = PUBLISHED / "invalid" / case["file"]
        valid = case["codes"] == "ok"
        options = ("--source", "sis", "--strict", *(() if valid else ("--check",)), "--json")
        code, out, errors = await command.run("import-oneroster", str(package), *options)
        if valid:
            report = json.loads(out)
            assert (code, report["outcomes"]["refused"]) == (0, 0), (case, report)
            continue
        assert code in (1, 2), case
        told = {one["code"] for one in json.loads(out)["first"]} if code == 1 else {errors}
        assert code == 2 or told >= set(case["codes"]), (case, told)
    async with api.client() as client:
        listed = await client.evidence.ListQuarantinedRecords(
            messages.ListQuarantinedRecordsRequest()
        )
    assert not [one for one in listed.records if one.state == one.STATE_REFUSED]
