"""The page for administrators of school systems, done: its commands, in its order, with its files.

A made-up district of thirteen learners stands for the exports; what the page shows of a file (a
record, alignments, aliases, a configuration) is used as it stands there.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from trellis.roster.v1 import roster_pb2, roster_service_pb2

from services.evidence.adapters.exact_json import encode_json
from tests.support.case import a_framework_package
from tests.support.commands import COMMAND_SECONDS, ROOT
from tests.support.evidence import DISTRICT, EVERY_SOURCE_TOKEN, RunningApi, running_api
from tests.support.oneroster import SMALL, files_of, write_zip
from tests.support.oneroster_provider import provider
from tests.support.pages import REPOSITORY, blocks_of
from tests.support.pulling import SECRET, on_a_port
from tests.support.resolving import resolve
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory, ServiceDatabase
from tests.support.source_objects import a_district

PAGE = REPOSITORY / "docs/sources.md"
EVIDENCE = "python -m services.evidence "
LEARNERS = range(1_042, 1_055)
NOT_RUN = ("export ", "curl ", f"{EVIDENCE}pull --config pull.yaml\n")
"""Variables, which every command gets; a program that is not of Trellis; what goes on for ever."""

STUDENT = """<InterchangeStudent xmlns="http://ed-fi.org/5.2.0"><Student>
  <StudentUniqueId>1001</StudentUniqueId>
  <Name><FirstName>Ines</FirstName><LastSurname>Abara</LastSurname></Name>
  <BirthData><BirthDate>2017-03-01</BirthDate></BirthData>
</Student></InterchangeStudent>"""
SKILLS = "Student Name,Student Email,Student SIS ID,Roster Status,Ratio tables\n"


@dataclass
class Office:
    """Who sits there: a folder with the files of the page, and a shell in it."""

    directory: Path
    database: ServiceDatabase
    api: RunningApi
    named: dict[str, str] = field(default_factory=dict)
    """What the page leaves open, by its word for it."""

    async def type(self, line: str) -> tuple[int, str]:
        """Run a command as the page has it; return its exit code and all that it printed."""
        for open_, said in self.named.items():
            line = re.sub(rf"(?<=\s){open_}(?=\s|$)", said, line)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *shlex.split(line)[1:],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self.directory,
            env=os.environ | self._variables(),
        )
        async with asyncio.timeout(COMMAND_SECONDS):
            printed, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, printed.decode()

    async def listed(self, command: str) -> Any:
        """Return what a command of the service lists."""
        code, printed = await self.type(f"{EVIDENCE}{command} --json")
        assert code == 0, printed
        return json.loads(printed)

    def _variables(self) -> Mapping[str, str]:
        """Return the variables that the page says to set, with what they are here."""
        (first, *_) = [code for _, code in blocks_of(PAGE, "sh")]
        target, token_file = re.findall(r"^export (\w+)=", first, re.MULTILINE)
        return {
            target: self.api.address,
            token_file: str(self.directory / "token"),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}",
        }


@pytest.fixture
async def office(postgres_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[Office]:
    """Give an office with a running api; a learner of a platform is in the roster already."""
    database = postgres_database("evidence", SCHEMA)
    async with running_api(database, tmp_path) as api:
        office = Office(directory=tmp_path, database=database, api=api)
        office.named["maple-county"] = DISTRICT
        async with api.client() as client:
            await client.roster.BatchUpsertSchools(
                roster_service_pb2.BatchUpsertSchoolsRequest(
                    schools=[
                        roster_pb2.School(
                            name=f"districts/{DISTRICT}/schools/hcms",
                            display_name="Middle School",
                            time_zone="America/New_York",
                        )
                    ]
                )
            )
            await client.roster.BatchUpsertLearners(
                roster_service_pb2.BatchUpsertLearnersRequest(
                    learners=[
                        roster_pb2.Learner(
                            source="lms",
                            source_id="u-8817",
                            school=f"districts/{DISTRICT}/schools/hcms",
                            state=roster_pb2.Learner.STATE_ENROLLED,
                        )
                    ]
                )
            )
        write_files(tmp_path)
        yield office


def write_files(directory: Path) -> None:
    """Write what systems export, under the names that the page has for it."""
    (directory / "token").write_text(EVERY_SOURCE_TOKEN.token)
    write_zip(directory / "package.zip", files_of(a_roster(LEARNERS)))
    (directory / "interchange").mkdir()
    (directory / "interchange/Student.xml").write_text(STUDENT)
    (directory / "package.json").write_bytes(encode_json(a_framework_package()))
    for week, level in (("20260911_20260918", "Familiar"), ("20260918_20260925", "Proficient")):
        row = f"Ana B,ana@example.org,,Rostered,{level}\n"
        (directory / f"skills_{week}.csv").write_text(SKILLS + row)
    alignments, aliases = [code for _, code in blocks_of(PAGE, "csv")]
    (directory / "alignments.csv").write_text(alignments)
    (directory / "aliases.csv").write_text(aliases)
    (record,) = [code for _, code in blocks_of(PAGE, "json")]
    (directory / "records.json").write_text(record)


def a_roster(numbers: range) -> dict[str, list[dict[str, str]]]:
    """Return the tables of a school with these learners."""
    tables = {name: list(rows) for name, rows in SMALL.items()}
    user, role, enrolment = SMALL["users"][0], SMALL["roles"][0], SMALL["enrollments"][0]
    tables["users"] = [
        user | {"sourcedId": f"{n}", "username": f"u{n}", "identifier": f"{n}"} for n in numbers
    ]
    tables["roles"] = [role | {"sourcedId": f"r{n}", "userSourcedId": f"{n}"} for n in numbers]
    tables["enrollments"] = [
        enrolment | {"sourcedId": f"e{n}", "userSourcedId": f"{n}"} for n in numbers
    ]
    return tables


async def one_that_waits(office: Office) -> None:
    """Send a record of somebody whom nobody knows, and name its number as the page does."""
    record = json.loads((office.directory / "records.json").read_text())
    stranger = {"kind": "email", "value": "nobody@example.org"}
    record |= {"event_id": "quiz-17-nobody-1", "learner_reference": stranger}
    (office.directory / "stranger.json").write_text(json.dumps(record))
    code, printed = await office.type(f"{EVIDENCE}import-json stranger.json --source lms")
    assert code == 0, printed
    (waiting,) = [
        one
        for one in await office.listed("quarantine list --reason unknown_learner")
        if one["event_id"] == record["event_id"]
    ]
    office.named["42"] = str(waiting["quarantine_id"])


async def a_broken_export(office: Office) -> None:
    """Import a package of which most learners are missing, and name the import that is held."""
    write_zip(office.directory / "package.zip", files_of(a_roster(LEARNERS[:2])))
    code, printed = await office.type(f"{EVIDENCE}import-oneroster package.zip --source sis")
    assert (code, "`settle-import " in " ".join(printed.split())) == (1, True), printed
    (held,) = [one for one in await office.listed("imports") if one["state"] == "held"]
    office.named["IMPORT"] = held["import_id"]


BEFORE: Mapping[str, Callable[[Office], Awaitable[None]]] = {
    "What to check first": one_that_waits,
    "A held deletion": a_broken_export,
}
"""What has to have happened before the commands below a heading make sense."""


async def test_the_commands_of_the_page_do_what_it_says(office: Office) -> None:
    """Each ends with 0, from the first import to the merge that is undone."""
    async with provider() as system, on_a_port(system.app) as address:
        await system.kept.keep(a_district())
        (configuration,) = [code for _, code in blocks_of(PAGE, "yaml")]
        mine = configuration.replace("https://sis.example.org", address)
        mine = mine.replace("client_id: trellis", "client_id: puller")
        # Another one than that of the package: of one source, the first pull would miss its people.
        mine = mine.replace("source: sis", "source: neighbour")
        (office.directory / "pull.yaml").write_text(mine)
        (office.directory / "sis.secret").write_text(SECRET)
        run = 0
        for heading, block in blocks_of(PAGE, "sh"):
            await resolve(office.database, office.directory)
            if heading in BEFORE:
                await BEFORE[heading](office)
            for line in block.splitlines(keepends=True):
                if line.startswith(NOT_RUN):
                    continue
                assert line.startswith(EVIDENCE), line
                if " undo-merge " in line:
                    (merge,) = await office.listed("merges")
                    office.named["MERGE"] = merge["name"].rpartition("/")[2]
                code, printed = await office.type(line)
                assert code == 0, f"{line}{printed}"
                run += 1
    assert run > 25
    await resolve(office.database, office.directory)
    sources = {one["source"]: one for one in await office.listed("sources")}
    for name in ("sis", "state", "khan-academy", "lms", "transfer"):
        assert sources[name]["last_receive_time"], name
    # What waited was taken up, and what nobody wants was discarded; the learner who moves is
    # known by the new number in the other district alone.
    still_open = {name for name, one in sources.items() if one["quarantined"]}
    assert still_open <= {"transfer", "edfi", "neighbour"}
    assert "edfi" in sources
    (settled,) = [
        one
        for one in await office.listed("imports")
        if one["state"] == "finished_without_deletions"
    ]
    assert settled["import_id"] == office.named["IMPORT"]


def test_no_source_takes_more_than_a_page() -> None:
    """A page has 54 lines of 80 characters, a line of a table or of code counted as it stands."""
    text = PAGE.read_text("utf-8")
    for section in text.split("\n## ")[1:]:
        lines = sum(max(1, -(-len(line) // 80)) for line in section.splitlines())
        assert lines <= 54, section.splitlines()[0]
