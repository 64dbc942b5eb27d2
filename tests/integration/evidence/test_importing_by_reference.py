"""Imports that name everybody by reference, against a running service."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.commands import Command
from tests.support.evidence import DISTRICT, RunningApi, running_api
from tests.support.evidence_api import register
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

MAPPING = """
source: lms
snapshot: {}
columns: {student: Student, active: Active}
unpivot: {columns: "6[.].+"}
skip:
  - {column: "@cell", values: ["", Exempt], because: no grade}
entity_id: "{@learner}/{@column}"
hash_ids: true
learner_references: [{kind: sourced_id, value: "{student}", system: sis}]
competency_references: {value: "{@column}", framework: math}
time: {column: "@export_date", clock: "12:00", time_zone: America/New_York}
score: {level: "@cell"}
purpose: summative
"""


@pytest.fixture
async def api(postgres_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[RunningApi]:
    """Give a running api that knows two learners and three competencies."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as running:
        async with running.client() as client:
            await register(client)
        yield running


async def test_a_weekly_export_is_kept_checked_and_compared(
    api: RunningApi, tmp_path: Path
) -> None:
    """A check keeps nothing; the first export is kept; of the next only what changed is sent."""
    command = Command(api, tmp_path)
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(
        "Student,Active,6.rp.1,6.rp.2\n1,y,3,Exempt\n2,y,x,2\n9,y,1,\n", encoding="utf-8"
    )
    second.write_text(
        "Student,Active,6.rp.1,6.rp.2\n1,y,4,Exempt\n2,y,2,2\n9,y,1,\n", encoding="utf-8"
    )

    async def run(file: Path, day: str, *options: str) -> tuple[int, dict[str, int]]:
        mapping = str(tmp_path / "mapping.yaml")
        arguments = ["import", str(file), "--mapping", mapping, "--district", DISTRICT, "--json"]
        code, out, errors = await command.run(*arguments, "--export-date", day, *options)
        assert out, errors
        report = json.loads(out)
        counts = {one: count for one, count in report["outcomes"].items() if count}
        return code, counts | report["skipped"]

    expected = {"refused": 1, "waiting": 1, "no grade": 2}
    code, counts = await run(first, "2026-08-21", "--first", "--check")
    assert (code, counts) == (1, {"valid": 2, **expected})
    code, counts = await run(first, "2026-08-21", "--first")
    assert (code, counts) == (1, {"accepted": 2, **expected})
    code, counts = await run(second, "2026-08-28", "--previous", str(first))
    unchanged = {"unchanged since the previous export": 2, "no grade": 2}
    assert (code, counts) == (0, {"accepted": 2, **unchanged})
    code, counts = await run(second, "2026-08-28", "--previous", str(first))
    assert (code, counts) == (0, {"repeated": 2, **unchanged})
