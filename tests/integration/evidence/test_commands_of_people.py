"""Who is who, from the shell: aliases, merges, and a learner who moves to another district."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trellis.evidence.v1 import evidence_pb2
from trellis.evidence.v1 import evidence_service_pb2 as messages

from tests.support.commands import Command
from tests.support.evidence import DISTRICT, OTHER_TOKEN, Client, a_message, running_api
from tests.support.evidence_api import register
from tests.support.resolving import resolve
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

CASE_ID = "6ba221e0-d7cc-11e8-824f-0242ac160002"


async def record(client: Client, learner: str, *competencies: str, count: int = 1) -> None:
    """Record some work of a learner."""
    alignments = [
        evidence_pb2.Alignment(competency=f"districts/{DISTRICT}/competencies/{one}")
        for one in competencies
    ]
    records = [
        a_message(number, learner=learner, alignments=alignments) for number in range(1, count + 1)
    ]
    answered = await client.evidence.RecordEvidenceBatch(
        messages.RecordEvidenceBatchRequest(records=records)
    )
    assert {one.outcome for one in answered.answers} == {evidence_pb2.RecordAnswer.OUTCOME_ACCEPTED}


async def standing(client: Client, learner: str) -> list[evidence_pb2.Evidence]:
    """Return what of a learner counts."""
    listed = await client.evidence.ListEvidence(messages.ListEvidenceRequest(parent=learner))
    return [one for one in listed.evidence if one.state == one.STATE_ACTIVE]


async def test_aliases_are_kept_row_by_row(
    postgres_database: DatabaseFactory, tmp_path: Path
) -> None:
    """A faulty row is refused with its line, all others are kept, and a check keeps nothing."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as api:
        async with api.client() as client:
            ada, ben = await register(client)
        command = Command(api, tmp_path)
        file = tmp_path / "aliases.csv"
        file.write_text(
            "kind,system,value,learner,from,until\n"
            f"sis_number,,55017,{ada},,\n"
            "lms_uuid,canvas,8f0c,sis:2,2026-08-20,\n"
            "lms_uuid,canvas,8f0c,sis:1,,2026-08-20\n"
            "lms_uuid,canvas,8f0c,sis:1,2026-09-01,\n"
            "emial,,a@example.org,sis:1,,\n"
            "lms_uuid,,77,sis:1,,\n"
            "email,,b@example.org,sis:nobody,,\n"
            f"email,,c@example.org,{ben[:-1]}0,,\n"
            "email,,d@example.org,,,\n"
            "email,,e@example.org,sis:1,soon,\n",
            encoding="utf-8",
        )
        arguments = ("import-aliases", str(file), "--time-zone", "America/New_York")
        refused = {
            5: "value",
            6: "kind",
            7: "system",
            8: "learner",
            9: "",
            10: "learner",
            11: "from",
        }
        for options, kept in ((("--check",), "would_be_kept"), ((), "kept"), ((), "kept")):
            code, report = await command.json(*arguments, *options)
            assert (code, report[kept], report["rows"]) == (1, 3, 10)
            assert {one["line"]: one["column"] for one in report["refused"]} == refused
        code, out, _ = await command.run(*arguments)
        assert "line 6: kind: is no kind of id: did you mean email?" in out
        file.write_text("kind,value,lerner\nemail,x,y\n", encoding="utf-8")
        code, _, errors = await command.run("import-aliases", str(file))
        assert (code, "did you mean 'learner'" in errors) == (2, True)


async def test_two_records_of_one_person_are_merged_and_parted_again(
    postgres_database: DatabaseFactory, tmp_path: Path
) -> None:
    """Learners are named as the source does; the evidence moves, and moves back."""
    database = postgres_database("evidence", SCHEMA)
    async with running_api(database, tmp_path) as api, api.client() as client:
        ada, ben = await register(client)
        await record(client, ada, "6.rp.1", count=2)
        command = Command(api, tmp_path)
        code, out, errors = await command.run("merge-learners", "sis:1", ben, "--note", "twice")
        assert code == 0, errors
        assert f"the evidence of sis:1 counts for {ben}. `undo-merge " in out
        await resolve(database, tmp_path)
        assert [len(await standing(client, one)) for one in (ada, ben)] == [0, 2]
        code, _, errors = await command.run("merge-learners", "sis:1", ben, "--note", "again")
        assert (code, "MERGE_REFUSED" in errors) == (3, True)
        code, _, errors = await command.run("merge-learners", "sis:9", ben, "--note", "who")
        assert (code, "nobody knows a learner" in errors) == (2, True)
        code, (merge,) = await command.json("merges")
        assert (merge["note"], merge["actor"]) == ("twice", "own-token")
        code, out, errors = await command.run("undo-merge", merge["name"].rpartition("/")[2])
        assert code == 0, errors
        await resolve(database, tmp_path)
        assert [len(await standing(client, one)) for one in (ada, ben)] == [2, 0]
        code, (merge,) = await command.json("merges")
        assert merge["undo_actor"] == "own-token"


async def test_a_learner_brings_evidence_along_to_another_district(
    postgres_database: DatabaseFactory, tmp_path: Path
) -> None:
    """What counts here counts there, once however often it is sent; a correction corrects it."""
    competencies = ("6.rp.1", CASE_ID)
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as api:
        command = Command(api, tmp_path)
        file = tmp_path / "ada.json"

        async def export() -> None:
            reference = ("--learner-reference", "sis:new-1")
            code, _, errors = await command.run(
                "export-learner", "sis:1", *reference, "--output", str(file)
            )
            assert (code, "0 left out" in errors) == (0, True), errors

        async def bring() -> dict[str, int]:
            code, report = await command.json("import-json", str(file), token=OTHER_TOKEN.token)
            assert code == 0, report
            return {one: count for one, count in report["outcomes"].items() if count}

        async with api.client() as client, api.client(OTHER_TOKEN.token) as other:
            ada, _ = await register(client, competencies=competencies)
            (new,) = await register(
                other, district="cedar", source_ids=("new-1",), competencies=competencies
            )
            await record(client, ada, *competencies, count=3)
            level = evidence_pb2.Score(level_milli=3_500)
            await client.evidence.RecordEvidence(
                messages.RecordEvidenceRequest(
                    record=a_message(4, learner=ada, score=level, timed=True)
                )
            )
            await export()
            assert await bring() == {"accepted": 4}
            assert await bring() == {"repeated": 4}
            await export()
            assert await bring() == {"repeated": 4}
            corrected = a_message(4, learner=ada, event_id="corrected", entity_id="observation-4")
            await client.evidence.RecordEvidence(messages.RecordEvidenceRequest(record=corrected))
            await export()
            assert await bring() == {"accepted": 1, "repeated": 3}
            told = [one.event.recorded for one in await standing(other, new)]
            own = [one.event.recorded for one in await standing(client, ada)]
        assert sorted(one.score for one in told) == sorted(one.score for one in own)
        assert {one.local_day for one in told} == {one.local_day for one in own}
        named = {one.competency.rpartition("/")[2] for each in told for one in each.alignments}
        assert named == set(competencies)
        documents = json.loads(file.read_text(encoding="utf-8"))["records"]
        ways = {key for one in documents for each in one["alignments"] for key in each}
        assert ways >= {"case_uuid", "code"}


@pytest.mark.parametrize("text", ["nobody", "lms_uuid:8f0c", "sis:"])
async def test_a_text_that_names_nobody_is_told_how_to(
    postgres_database: DatabaseFactory, tmp_path: Path, text: str
) -> None:
    """Exit code 2, before anything is asked."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as api:
        command = Command(api, tmp_path)
        code, _, errors = await command.run(
            "export-learner", f"districts/{DISTRICT}/learners/x", "--learner-reference", text
        )
        assert (code, "KIND:" in errors or "SYSTEM" in errors) == (2, True)
