"""The demonstration step by step, with progress; it ends with published weeks or an error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from trellis.mastery.v1 import mastery_service_pb2 as mastery_service
from trellis.scheduler.v1 import week_pb2 as week

from deploy.demo import drive
from deploy.demo.caught_up import NotCaughtUpError, wait_until_caught_up
from deploy.demo.district import District, build_district
from deploy.demo.records import retractions, term_of_records
from deploy.demo.report import Figures, SchoolWeek, show_records, show_week
from deploy.local.databases import database_name, with_database
from deploy.local.ports import LOOPBACK
from deploy.local.stack import Addresses
from deploy.local.tokens import Tokens
from services.common.rpc.tls import Tls
from services.scheduler.entrypoints.words import breach_words

CAUGHT_UP_SECONDS = 600.0
POLL_SECONDS = 0.5
OFFICE, PRINCIPAL = "district-it", "principal"
TERM_WEEKS = 16


class DemoError(Exception):
    """The demonstration cannot go on; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class DemoSettings:
    """What a run is told. `as_of` is the Thursday noon at which needs are read."""

    as_of: datetime
    seed: int
    figures_file: Path


class Stopwatch:
    """Measures the stages of a run in seconds."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._start

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        start = time.monotonic()
        yield
        self._figures.stages_seconds[name] = round(time.monotonic() - start, 2)


class Demo:
    """One run against running services, wherever they are.

    `tokens` by name: that of the district's office and that of a principal are used.
    """

    def __init__(
        self,
        console: Console,
        settings: DemoSettings,
        targets: drive.Addresses,
        tokens: Mapping[str, str],
        *,
        tls: Tls | None = None,
    ) -> None:
        self.console = console
        self.settings = settings
        self.targets = targets
        self.tokens = tokens
        self.tls = tls
        self.figures = Figures()
        self.sent = drive.Sent()
        self.watch = Stopwatch(self.figures)

    async def run(self) -> None:
        """Go through all the steps and print what came out."""
        office = drive.Services(self.targets, self.tokens[OFFICE], self.tls)
        principal = drive.Services(self.targets, self.tokens[PRINCIPAL], self.tls)
        try:
            district, names = await self.take_in(office)
            with self.progress() as progress:
                await self.wait(progress)
                await self.read_state(office)
                await self.check()
                weeks = await self.plan(principal, district, progress)
            self.conclude(weeks)
            self.show(district, names, weeks)
        finally:
            await office.close()
            await principal.close()

    async def take_in(self, office: drive.Services) -> tuple[District, dict[str, str]]:
        """Register a district and send its records; return learner names by source id, too."""
        with self.progress() as progress:
            district, names = await self.set_up(office, progress)
            await self.send(office, district, names, progress)
        return district, names

    async def check(self) -> None:
        """Compare what was folded with what is known of the records; here nothing is."""

    def progress(self) -> Progress:
        """Return the bars that show how far the run has come."""
        return Progress(
            TextColumn("{task.description:<46}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
        )

    @property
    def monday(self) -> datetime:
        """The Monday after the as-of day."""
        return self.settings.as_of + timedelta(days=8 - self.settings.as_of.isoweekday())

    async def set_up(
        self, office: drive.Services, progress: Progress
    ) -> tuple[District, dict[str, str]]:
        """Make the district up and register it."""
        bar = progress.add_task("Registering the district", total=2)
        with self.watch.stage("register"):
            district = build_district(
                seed=self.settings.seed,
                as_of=self.settings.as_of.date(),
                monday=self.monday.date(),
            )
            names = await drive.register(office, district)
            progress.advance(bar)
            await drive.set_up_weeks(office, district, names, self.monday.date())
            progress.advance(bar)
        return district, names

    async def send(
        self,
        office: drive.Services,
        district: District,
        names: Mapping[str, str],
        progress: Progress,
    ) -> None:
        """Send the term's records, then what their sources retract."""
        last_day = self.settings.as_of.date() - timedelta(days=1)
        first_monday = last_day - timedelta(days=last_day.weekday(), weeks=TERM_WEEKS - 1)
        sends = term_of_records(
            district, names, seed=self.settings.seed, first_day=first_monday, last_day=last_day
        )
        bar = progress.add_task("Sending a term of records", total=len(sends))
        start = time.monotonic()
        with self.watch.stage("send"):
            await drive.send_records(
                office, sends, self.sent, lambda count: progress.advance(bar, count)
            )
        self.figures.send_seconds = time.monotonic() - start
        taken_back = [record for _, record in retractions(sends, seed=self.settings.seed)]
        bar = progress.add_task("Retracting what sources take back", total=len(taken_back))
        with self.watch.stage("retract"):
            await drive.retract(
                office, taken_back, self.sent, lambda count: progress.advance(bar, count)
            )

    async def wait(self, progress: Progress) -> None:
        """Wait until all that was accepted is folded."""
        bar = progress.add_task("Folding into mastery", total=None)
        start = time.monotonic()

        def report(remaining: int) -> None:
            progress.update(bar, description=f"Folding into mastery, {remaining:,} to go")

        with self.watch.stage("fold_after_last_record"):
            await self.wait_until_folded(report)
        self.figures.last_record_to_folded_seconds = time.monotonic() - start
        progress.update(bar, description="Folding into mastery", total=1, completed=1)

    async def wait_until_folded(self, report: Callable[[int], None]) -> None:
        """Wait for the position of the last answer; raises DemoError when it does not come."""
        office = drive.Services(self.targets, self.tokens[OFFICE], self.tls)
        deadline = time.monotonic() + CAUGHT_UP_SECONDS
        try:
            while True:
                answer = await office.mastery.GetStateHash(mastery_service.GetStateHashRequest())
                if answer.position >= self.sent.ledger_position:
                    return
                report(self.sent.ledger_position - answer.position)
                if time.monotonic() > deadline:
                    raise DemoError(
                        f"Position {self.sent.ledger_position} was not folded within"
                        f" {CAUGHT_UP_SECONDS:.0f} s: look at the logs of relay and worker."
                    )
                await asyncio.sleep(POLL_SECONDS)
        finally:
            await office.close()

    async def read_state(self, office: drive.Services) -> None:
        """Ask for the hash of what was folded."""
        with self.watch.stage("state_hash"):
            answer = await office.mastery.GetStateHash(mastery_service.GetStateHashRequest())
        self.figures.state_hash = answer.state_hash
        self.figures.folded = answer.evidence_count
        self.figures.folded_alignments = answer.alignment_count

    async def plan(
        self, principal: drive.Services, district: District, progress: Progress
    ) -> list[SchoolWeek]:
        """Plan, sign off and publish the week of each school."""
        bar = progress.add_task("Planning, signing off, publishing", total=len(district.schools))
        weeks = []
        with self.watch.stage("plan_and_publish"):
            for school in district.schools:
                weeks.append(await self.plan_school(principal, school.name, school.display_name))
                progress.advance(bar)
        return weeks

    async def plan_school(
        self, principal: drive.Services, school: str, display_name: str
    ) -> SchoolWeek:
        """Plan one school's week and publish it; a week that breaks a hard rule is an error."""
        start = time.monotonic()
        run = await drive.plan_week(
            principal,
            school,
            monday=self.monday.date(),
            as_of=self.settings.as_of,
            seed=self.settings.seed,
            request_id=f"demo-{self.monday.date()}",
        )
        if run.state != week.PlanRun.STATE_SUCCEEDED or run.breaches:
            breaches = "\n".join(
                f"  {breach_words(each.rule)}: {each.message}" for each in run.breaches
            )
            raise DemoError(f"No lawful week for {display_name}: {run.failure}\n{breaches}")
        seconds = time.monotonic() - start
        published = await drive.sign_off_and_publish(principal, school, run)
        return SchoolWeek(
            display_name=display_name,
            published=published,
            sessions=await drive.sessions_of(principal, published.name),
            seats=await drive.seats_of(principal, published.name),
            unmet=await drive.unmet_of(principal, published.name),
            plan_seconds=seconds,
        )

    def conclude(self, weeks: list[SchoolWeek]) -> None:
        """Fill in the figures and write them down."""
        figures, outcomes = self.figures, self.sent.outcomes
        figures.accepted = outcomes["accepted"]
        figures.repeated = outcomes["repeated"]
        figures.superseded = outcomes["superseded"]
        figures.refused = outcomes["refused"]
        figures.retracted = self.sent.retracted
        figures.corrected = self.sent.corrected
        until_folded = figures.send_seconds + figures.last_record_to_folded_seconds
        figures.records_per_second = sum(outcomes.values()) / until_folded
        for each in weeks:
            summary = each.published.summary
            figures.sessions += summary.sessions
            figures.seats += summary.seats
            figures.needs += summary.needs
            figures.needs_met += summary.needs_met
            figures.week_hashes[each.published.name] = each.published.week_hash
        figures.week_hash = weeks[0].published.week_hash
        figures.need_weight_met_ratio = weeks[0].published.summary.need_weight_met_micro / 1e6
        figures.seconds = self.watch.seconds
        figures.write(self.settings.figures_file)

    def show(self, district: District, names: Mapping[str, str], weeks: list[SchoolWeek]) -> None:
        """Print the report, and where the pages are."""
        learners = {names[each.source_id]: each for each in district.learners}
        labels = {each.name: each.label for each in district.competencies}
        self.console.print()
        show_records(self.console, self.figures, self.sent)
        self.show_source()
        for each in weeks:
            show_week(self.console, each, learners, labels)
        self.show_pages(weeks)

    def show_source(self) -> None:
        """Say what is particular about where the records come from; here nothing is."""

    def show_pages(self, weeks: list[SchoolWeek]) -> None:
        """Say where the pages are, and what the run ended in."""
        for each in weeks:
            _, _, _, school, _, monday = each.published.name.split("/")
            pages = f"{self.pages_address()}/schools/{school}/weeks/{monday}"
            self.console.print(f"{each.display_name}, revision {each.published.revision}:")
            self.console.print(f"  staff  {pages}/staff")
            self.console.print(f"  hall   {pages}/hall")
        self.console.print(
            f"{self.sign_in_sentence()}\n"
            f"State {self.figures.state_hash[:16]}…, week {self.figures.week_hash[:16]}…, all in "
            f"{self.figures.seconds:.0f} s.",
            soft_wrap=True,
        )

    def pages_address(self) -> str:
        """Return where the pages are, as a browser wants to have it; empty: not known here."""
        return ""

    def sign_in_sentence(self) -> str:
        """Say with which token the pages open."""
        return "Sign in with the principal's token."


class LocalDemo(Demo):
    """One run against services on this machine, whose databases it looks into."""

    def __init__(
        self,
        console: Console,
        settings: DemoSettings,
        addresses: Addresses,
        ports: Mapping[str, int],
        tokens: Tokens,
    ) -> None:
        targets = drive.Addresses(
            evidence=f"{LOOPBACK}:{ports['evidence-api-grpc']}",
            mastery=f"{LOOPBACK}:{ports['mastery-api-grpc']}",
            scheduler=f"{LOOPBACK}:{ports['scheduler-api-grpc']}",
        )
        super().__init__(console, settings, targets, tokens.by_name)
        self.addresses = addresses
        self.ports = ports
        self.token_files = tokens

    async def wait_until_folded(self, report: Callable[[int], None]) -> None:
        """Wait until all is relayed, folded and published, so that two runs end in the same."""
        try:
            await wait_until_caught_up(
                evidence_dsn=self.database("evidence"),
                mastery_dsn=self.database("mastery"),
                bootstrap_servers=self.addresses.kafka_bootstrap_servers,
                wait_seconds=CAUGHT_UP_SECONDS,
                report=report,
            )
        except NotCaughtUpError as error:
            raise DemoError(str(error)) from error

    def database(self, service: str) -> str:
        """Return the address of a service's database, to look into it."""
        return with_database(self.addresses.postgres_dsn, database_name(service))

    def pages_address(self) -> str:
        """Return where the pages are on this machine."""
        return f"http://{LOOPBACK}:{self.ports['scheduler-api-http']}"

    def sign_in_sentence(self) -> str:
        """Say where the token stands, and the figures."""
        return (
            f"Sign in with the principal's token, which stands in "
            f"{_short(self.token_files.file(PRINCIPAL))}.\n"
            f"The figures are in {_short(self.settings.figures_file)}. `make down` ends what runs."
        )


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
