"""The demonstration with the responses of real learners, taken in by the import command."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from trellis.evidence.v1 import evidence_pb2 as evidence

import services.evidence
from deploy.demo import drive
from deploy.demo.district import District
from deploy.demo.folded import read_folded_sums
from deploy.demo.log_district import (
    LogSize,
    build_log_district,
    label_competencies,
    measure,
    name_learners,
    read_labels,
)
from deploy.demo.run import DemoError, DemoSettings, LocalDemo
from deploy.demo.school import DISTRICT
from deploy.local.stack import Addresses
from deploy.local.tokens import Tokens
from services.evidence.entrypoints.importing.mapping import MappingError, load_mapping

MAPPING_FILE = Path(services.evidence.__file__).parent / "mappings" / "response_log.yaml"
IMPORTER = "district-it"
IMPORT_SECONDS = 900.0
# Of the import command: some rows were refused, and the report says which.
EXIT_REFUSED = 1


def import_arguments(log: Path, *, end_date: date) -> list[str]:
    """Return the import command's arguments for a log, without where to and as whom."""
    return [
        *("import", str(log), "--mapping", str(MAPPING_FILE)),
        *("--district", DISTRICT, "--end-date", end_date.isoformat(), "--json"),
    ]


class LogDemo(LocalDemo):
    """One run against running services, with the records of a log."""

    def __init__(
        self,
        console: Console,
        settings: DemoSettings,
        addresses: Addresses,
        ports: Mapping[str, int],
        tokens: Tokens,
        *,
        log: Path,
    ) -> None:
        super().__init__(console, settings, addresses, ports, tokens)
        self.log = log
        self.end_date = settings.as_of.date() - timedelta(days=1)
        try:
            self.mapping = load_mapping(MAPPING_FILE, end_date=self.end_date)
        except MappingError as error:
            raise DemoError(str(error)) from error
        self.size = LogSize(rows=0, alignments=0)
        self.checks: list[str] = []

    async def take_in(self, office: drive.Services) -> tuple[District, dict[str, str]]:
        """Register the schools, import the log, and name whom the import has registered."""
        district = build_log_district(self.mapping, seed=self.settings.seed)
        with self.progress() as progress:
            bar = progress.add_task("Registering the schools", total=2)
            with self.watch.stage("register"):
                await drive.register(office, district)
                progress.advance(bar)
                await drive.set_up_weeks(office, district, {}, self.monday.date())
                progress.advance(bar)
        # The import shows a bar of its own, and two cannot share a screen.
        self.console.print(f"Importing {self.log.name}")
        with self.watch.stage("send"):
            report = await self.import_log()
        self.count(report)
        with self.progress() as progress:
            bar = progress.add_task("Naming learners and competencies", total=2)
            with self.watch.stage("name"):
                district = await self.name(office, district)
                progress.advance(bar)
                self.size = await asyncio.to_thread(measure, self.log, self.mapping)
                progress.advance(bar)
        return district, {each.source_id: each.name for each in district.learners}

    async def import_log(self) -> dict[str, Any]:
        """Run the import command as a person would; its progress goes to this terminal."""
        start = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.evidence"),
            *import_arguments(self.log.resolve(), end_date=self.end_date),
            *("--target", self.targets.evidence),
            *("--token-file", str(self.token_files.file(IMPORTER).resolve())),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(IMPORT_SECONDS):
                out, _ = await process.communicate()
        except TimeoutError as error:
            raise DemoError(f"The import took more than {IMPORT_SECONDS:.0f} s.") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        self.figures.send_seconds = time.monotonic() - start
        if process.returncode not in (0, EXIT_REFUSED):
            raise DemoError(
                f"The import ended with exit code {process.returncode}.\n{out.decode()}"
            )
        report: dict[str, Any] = json.loads(out)
        return report

    def count(self, report: dict[str, Any]) -> None:
        """Take the import's counts over, and an example of each reason for a refusal."""
        self.sent.outcomes.update(report["outcomes"])
        self.sent.refused.update(report["refused_by_reason"])
        for one in report["refused_first"]:
            self.sent.examples.setdefault(
                f"REFUSAL_REASON_{one['reason']}",
                evidence.Refusal(message=one["message"], hint=one["hint"], field=one["field"]),
            )

    async def name(self, office: drive.Services, district: District) -> District:
        """Give the learners made-up names, the competencies the labels beside the log."""
        learners = tuple(name_learners(await drive.learners_of(office), seed=self.settings.seed))
        await drive.upsert_learners(office, learners)
        labels = read_labels(self.log, self.mapping)
        competencies = tuple(label_competencies(await drive.competencies_of(office), labels))
        await drive.upsert_competencies(office, competencies)
        return replace(district, learners=learners, competencies=competencies)

    async def check(self) -> None:
        """Hold the folded state against the file: every row once, every skill of a row once."""
        sums = await read_folded_sums(self.database("mastery"))
        for what, found, expected in (
            ("rows accepted", self.sent.outcomes["accepted"], self.size.rows),
            ("pieces of evidence over all learners", sums.learners, self.size.rows),
            ("over all learners and competencies", sums.masteries, self.size.alignments),
        ):
            self.checks.append(f"{what}: {found:,} of {expected:,} in the file")
            if found != expected:
                raise DemoError("The sums do not agree:\n  " + "\n  ".join(self.checks))

    def show_source(self) -> None:
        """Print the checks, and the rules that were stated for what the log does not say."""
        schools = ", ".join(school.display_name for school in self.mapping.schools)
        part = self.mapping.sequence
        assert part is not None
        for line in (*self.checks, f"state {self.figures.state_hash}"):
            self.console.print(f"[green]✓[/green] {line}", highlight=False)
        self.console.print(
            f"\nA learner goes to the school at the learner's number modulo "
            f"{len(self.mapping.schools)} in this list: {schools}.\n"
            f"The log has an order and no times: each learner's last answer lies on "
            f"{self.end_date}, {part.per_day} answers on each school day, counted back.\n"
            "Names of learners and adults are made up.\n",
            highlight=False,
            soft_wrap=True,
        )
