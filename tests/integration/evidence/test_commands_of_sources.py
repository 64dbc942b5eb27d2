"""Sources and what their items are about, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.commands import Command
from tests.support.evidence import running_api
from tests.support.evidence_api import register
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory


async def test_a_setting_of_a_source_leaves_the_others_as_they_are(
    postgres_database: DatabaseFactory, tmp_path: Path
) -> None:
    """A source that nobody has placed needs its time zone; then each setting is set alone."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as api:
        command = Command(api, tmp_path)
        code, _, errors = await command.run("source", "set", "sis", "--deletion-limit", "2.5")
        assert (code, "--time-zone" in errors) == (2, True)
        zone = ("--time-zone", "America/Chicago")
        code, out, errors = await command.run("source", "set", "sis", *zone)
        assert code == 0, errors
        for option, value in (
            ("--deletion-limit", "2.5"),
            ("--objective-maximum", "1"),
            ("--learners-org", "org-1"),
        ):
            code, out, errors = await command.run("source", "set", "sis", option, value)
            assert code == 0, errors
        assert "org-1" in out
        code, (source,) = await command.json("sources")
        assert source["time_zone"] == "America/Chicago"
        assert (source["deletion_limit_milli"], source["objective_maximum_milli"]) == (25, 1_000)
        code, _, errors = await command.run("source", "set", "sis", "--deletion-limit", "0.01")
        assert (code, "not above 0" in errors) == (2, True)
        code, _, errors = await command.run("source", "set", "sis", "--time-zone", "Mars/Olympus")
        assert (code, "INVALID_REQUEST" in errors) == (3, True)


async def test_alignments_of_items_are_kept_row_by_row_and_release_what_waits(
    postgres_database: DatabaseFactory, tmp_path: Path
) -> None:
    """Rows of an item stand or fall together; what nothing here means is told, and kept."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as api:
        async with api.client() as client:
            await register(client)
        command = Command(api, tmp_path)
        waiting = {
            "event_id": "e-1",
            "source": "lms",
            "occur_time": "2026-10-01T14:00:00Z",
            "learner_reference": {"kind": "sourced_id", "value": "1", "system": "sis"},
            "item": "q1",
            "score": {"level": 3},
        }
        records = tmp_path / "records.json"
        records.write_text(json.dumps([waiting]), encoding="utf-8")
        code, report = await command.json("import-json", str(records))
        assert (code, report["outcomes"]["waiting"]) == (0, 1)
        _, (source,) = await command.json("sources")
        assert [(one["reason"], one["waiting"]) for one in source["quarantined"]] == [
            ("UNALIGNED_ITEM", True)
        ]

        file = tmp_path / "alignments.csv"
        file.write_text(
            "item,competency,framework,weight,maximum,dok\n"
            "q1,6.rp.1,,2,5,2\n"
            "q1,6.rp.2,,1,,\n"
            "q2,6.rp.1,math,,,\n"
            "q3,9.zz.9,,,,\n"
            "q4,6.rp.1,,,,7\n"
            "q4,6.rp.2,,,,\n"
            "q5,6.rp.1,,1,,\n"
            "q5,6.rp.2,,,,\n",
            encoding="utf-8",
        )
        arguments = ("import-alignments", str(file), "--source", "lms")
        for options, key, changed in (
            (("--check",), "would_change", 3),
            ((), "changed", 3),
            ((), "changed", 0),
        ):
            code, report = await command.json(*arguments, *options)
            assert (code, report["items"], report[key]) == (1, 3, changed), report
            refused = {one["line"]: one["column"] for one in report["refused"]}
            assert refused == {6: "dok", 7: "item", 8: "weight", 9: "weight"}
            assert [one["line"] for one in report["notes"]] == [5]
            released = report.get("records_that_waited_are_taken_up", 0)
            assert released == (1 if key == "changed" and changed else 0)
        code, redriven = await command.json("quarantine", "redrive", "--source", "lms")
        assert (code, [one["state"] for one in redriven]) == (0, ["redriven"])
