"""python -m tests.bench: how fast Trellis is on this machine, as ratios within one run."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from deploy.demo.caught_up import wait_until_caught_up
from deploy.local.databases import database_name, with_database
from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY
from services.common import logs
from tests.bench.end_to_end import EndToEndFigures, measure_shape
from tests.bench.fold import FoldFigures, measure_fold
from tests.bench.freshness import FreshnessFigures, measure_freshness
from tests.bench.intake import IntakeFigures, measure_intake
from tests.bench.machine import machine_facts
from tests.bench.people import prepare
from tests.bench.rebuild import RebuildFigures, measure_rebuild
from tests.bench.report import Report
from tests.bench.servers import Bench
from tests.bench.shapes import SHAPES
from tests.bench.transport import KINDS, TransportFigures, measure_transport
from tests.bench.two_workers import TURNS, TwoWorkersFigures, measure_two_workers
from tests.support.cluster import Cluster
from tests.support.servers import DatabaseTemplates

FULL_RECORDS = 80_000
QUICK_RECORDS = 4_000
DRAIN_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much each part does; all follow from the records that go from end to end."""

    records: int
    transport_rounds: int

    @property
    def transport_events(self) -> int:
        """For each worker and round."""
        return self.records * 2

    @property
    def fold_events(self) -> int:
        """Folded by chunks."""
        return self.records // 2

    @property
    def single_events(self) -> int:
        """Folded one by one."""
        return max(200, self.records // 50)

    @property
    def replayed_events(self) -> int:
        """Folded from a full topic, by one worker and again by two."""
        return self.records * 2

    @property
    def intake_records(self) -> int:
        """Sent to the ledger, rounded to whole batches."""
        return self.records // 2

    @property
    def warm_up_records(self) -> int:
        """Sent from end to end before anything is measured."""
        return self.records // 4

    @property
    def learners(self) -> int:
        """Registered, in batches of 500."""
        return max(500, self.records // 16)

    def of_shape(self, shape: str) -> int:
        """Sent from end to end: a random record costs three times as much as one of a quiz."""
        return self.records if shape == "quiz" else self.records // 2


class Steps:
    """Progress on the screen, one line a part."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def part(self, name: str, total: int) -> TaskID:
        """Begin a part of so many steps."""
        return self._progress.add_task(name, total=total)

    def advance(self, part: TaskID, steps: int = 1) -> None:
        """Go on."""
        self._progress.advance(part, steps)


def _transport(bench: Bench, sizes: Sizes, steps: Steps) -> TransportFigures:
    part = steps.part("transport", sizes.transport_rounds * len(KINDS))
    return measure_transport(
        bench,
        events=sizes.transport_events,
        rounds=sizes.transport_rounds,
        advance=lambda: steps.advance(part),
    )


def _fold(bench: Bench, sizes: Sizes, steps: Steps) -> FoldFigures:
    part = steps.part("fold", 2)
    return measure_fold(
        bench,
        chunked=sizes.fold_events,
        single=sizes.single_events,
        advance=lambda: steps.advance(part),
    )


def _two_workers(bench: Bench, sizes: Sizes, steps: Steps) -> TwoWorkersFigures:
    part = steps.part("two workers against one", len(TURNS))
    return measure_two_workers(
        bench, records=sizes.replayed_events, advance=lambda: steps.advance(part)
    )


def _intake(bench: Bench, population: Path, sizes: Sizes, steps: Steps) -> IntakeFigures:
    part = steps.part("intake", 2)
    return measure_intake(
        bench, population, records=sizes.intake_records, advance=lambda: steps.advance(part)
    )


def _end_to_end(
    bench: Bench, population: Path, sizes: Sizes, steps: Steps
) -> dict[str, EndToEndFigures]:
    part = steps.part("catching up", 1)
    _catch_up(bench)
    steps.advance(part)
    _one_shape(bench, population, "quiz", sizes.warm_up_records, ("warming up", steps))
    return {
        shape: _one_shape(bench, population, shape, sizes.of_shape(shape), (shape, steps))
        for shape in SHAPES
    }


def _one_shape(
    bench: Bench, population: Path, shape: str, records: int, shown: tuple[str, Steps]
) -> EndToEndFigures:
    name, steps = shown
    part = steps.part(f"end to end: {name}", records)
    return asyncio.run(
        measure_shape(
            bench,
            population,
            shape,  # type: ignore[arg-type]
            records=records,
            run=name.replace(" ", "-"),
            advance=lambda count: steps.advance(part, count),
        )
    )


def _freshness(
    bench: Bench, population: Path, sizes: Sizes, reached_per_second: float, steps: Steps
) -> FreshnessFigures:
    part = steps.part("freshness", sizes.records)
    return measure_freshness(
        bench,
        population,
        records=sizes.records,
        reached_per_second=reached_per_second,
        advance=lambda count: steps.advance(part, count),
    )


def _rebuild(bench: Bench, steps: Steps) -> RebuildFigures:
    part = steps.part("rebuild", 2)
    _catch_up(bench)
    steps.advance(part)
    figures = measure_rebuild(bench)
    steps.advance(part)
    return figures


def _catch_up(bench: Bench) -> None:
    """Wait until what the part before has sent is folded and published."""
    dsn = bench.cluster.postgres.dsn()
    asyncio.run(
        wait_until_caught_up(
            evidence_dsn=with_database(dsn, database_name("evidence")),
            mastery_dsn=with_database(dsn, database_name("mastery")),
            bootstrap_servers=bench.bootstrap,
            wait_seconds=DRAIN_SECONDS,
            report=lambda _: None,
        )
    )


def measure(sizes: Sizes, directory: Path, command: str, progress: Progress) -> Report:
    """Run all parts on one Kafka and one PostgreSQL, in an order that leaves each its own."""
    machine = machine_facts()
    steps = Steps(progress)
    with Cluster(
        directory, cache_directory=DEFAULT_CACHE_DIRECTORY.resolve(), services=()
    ) as cluster:
        bench = Bench(
            cluster=cluster,
            templates=DatabaseTemplates(cluster.postgres.dsn()),
            directory=directory,
        )
        transport = _transport(bench, sizes, steps)
        fold = _fold(bench, sizes, steps)
        two_workers = _two_workers(bench, sizes, steps)
        cluster.start_services(("evidence",))
        population = prepare(bench, learners=sizes.learners)
        intake = _intake(bench, population, sizes, steps)
        cluster.start_services(("mastery",))
        end_to_end = _end_to_end(bench, population, sizes, steps)
        reached = end_to_end["quiz"].folded_per_second
        freshness = _freshness(bench, population, sizes, reached, steps)
        rebuild = _rebuild(bench, steps)
    return Report(
        command=command,
        machine=machine,
        transport=transport,
        fold=fold,
        two_workers=two_workers,
        intake=intake,
        end_to_end=end_to_end,
        freshness=freshness,
        rebuild=rebuild,
    )


@click.command()
@click.option("--records", type=click.IntRange(min=2_000), default=None, help="From end to end.")
@click.option("--quick", is_flag=True, help="A minute: shows that all works, not how fast.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path(".trellis/bench.json"),
    show_default=True,
    help="The file for the figures.",
)
def main(records: int | None, quick: bool, output: Path) -> None:
    """Measure Trellis against the plain way of doing the same, on servers of its own."""
    logs.configure(log_format="console", log_level="error")
    sizes = Sizes(
        records=records or (QUICK_RECORDS if quick else FULL_RECORDS),
        transport_rounds=1 if quick else 3,
    )
    command = " ".join(["python -m tests.bench", *sys.argv[1:]])
    console = Console(width=None if sys.stdout.isatty() else 110)
    directory = Path(tempfile.mkdtemp(prefix="trellis-bench-"))
    directory.chmod(0o755)
    try:
        with Progress(console=console) as progress:
            report = measure(sizes, directory, command, progress)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    report.write(output)
    report.show(console)
    console.print(f"Figures: {output}", highlight=False)


if __name__ == "__main__":
    main()
