"""What a run found: the tables for people, the goals in words, and the file for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.end_to_end import EndToEndFigures
from tests.bench.fold import FoldFigures
from tests.bench.freshness import FreshnessFigures
from tests.bench.intake import IntakeFigures
from tests.bench.rebuild import RebuildFigures
from tests.bench.stages import REST
from tests.bench.transport import TransportFigures
from tests.bench.two_workers import TwoWorkersFigures

NEEDED_PER_SECOND = 5_000
WANTED_PER_SECOND = 10_350
"""New York's burst."""
HOPED_PER_SECOND = 20_000
REBUILD_FACTOR = 3.0
FOLD_FACTOR = 10.0
TRANSPORT_RATIO = 1.0


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A goal, what was measured, and whether it is met."""

    goal: str
    measured: str
    met: bool


@dataclass(frozen=True, kw_only=True)
class Report:
    """All figures of one run."""

    command: str
    machine: Mapping[str, str]
    transport: TransportFigures
    fold: FoldFigures
    two_workers: TwoWorkersFigures
    intake: IntakeFigures
    end_to_end: Mapping[str, EndToEndFigures]
    freshness: FreshnessFigures
    rebuild: RebuildFigures

    def goals(self) -> list[Goal]:
        """Return the goals; speed depends on the machine, so nothing fails where one is not met."""
        quiz, random = self.end_to_end["quiz"], self.end_to_end["random"]
        alone = quiz.records_per_second_alone
        return [
            Goal(
                goal="the transport takes no more CPU an event than a bare aiokafka loop",
                measured=f"{self.transport.ratio:.2f} times as much",
                met=self.transport.ratio <= TRANSPORT_RATIO,
            ),
            Goal(
                goal=f"the fold by chunks takes {FOLD_FACTOR:.0f} times less CPU than by events",
                measured=f"{self.fold.cpu_factor:.0f} times less",
                met=self.fold.cpu_factor >= FOLD_FACTOR,
            ),
            Goal(
                goal=f"the fold by chunks is {FOLD_FACTOR:.0f} times as fast as by events",
                measured=f"{self.fold.rate_factor:.0f} times as fast",
                met=self.fold.rate_factor >= FOLD_FACTOR,
            ),
            *(
                Goal(
                    goal=f"{per_second:,} records a second from gRPC to folded state",
                    measured=f"{quiz.folded_per_second:,.0f}, or {alone:,.0f} if nothing else had"
                    " used the cores",
                    met=quiz.folded_per_second >= per_second,
                )
                for per_second in (NEEDED_PER_SECOND, WANTED_PER_SECOND, HOPED_PER_SECOND)
            ),
            Goal(
                goal=f"a rebuild is {REBUILD_FACTOR:.0f} times as fast as live work",
                measured=f"{self.rebuild.per_second / quiz.folded_per_second:.1f} times as quizzes,"
                f" {self.rebuild.per_second / random.folded_per_second:.1f} times as random work",
                met=self.rebuild.per_second >= REBUILD_FACTOR * quiz.folded_per_second,
            ),
        ]

    def write(self, path: Path) -> None:
        """Write the file whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {**asdict(self), "goals": [asdict(goal) for goal in self.goals()]}
        new = path.with_name(f"{path.name}.new")
        new.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        new.replace(path)

    def show(self, console: Console) -> None:
        """Print everything."""
        console.print(_ratios(self))
        console.print(_replays(self.two_workers))
        console.print(_stages(self.end_to_end))
        console.print(_fresh(self.freshness))
        console.print(
            f"Rebuild: {self.rebuild.records:,} entries of the ledger, all of the above, at"
            f" {self.rebuild.per_second:,.0f} a second;"
            f" {'equal to the live state' if self.rebuild.is_equal else 'DIFFERENT'}",
            highlight=False,
        )
        console.print(_goals(self.goals()))
        facts = self.machine
        console.print(
            f"{facts['cores']} cores of {facts['cpu']}, {facts['memory']}, load before the run "
            f"{facts['load_before']}; Python {facts['python']}, Kafka {facts['kafka']}, "
            f"PostgreSQL {facts['postgresql']}, faust-streaming {facts['faust-streaming']}, "
            f"aiokafka {facts['aiokafka']}, asyncpg {facts['asyncpg']}, grpcio {facts['grpcio']}"
        )
        console.print(f"Command: {self.command}", highlight=False)


def _ratios(report: Report) -> Table:
    table = Table(title="Against the plain way, within this run")
    for name in ("what", "Trellis", "the plain way", "ratio"):
        table.add_column(name, justify="left" if name == "what" else "right")
    transport, fold, intake = report.transport, report.fold, report.intake
    table.add_row(
        "transport: CPU of the worker an event, against a bare aiokafka loop",
        f"{transport.chunks_cpu_micros:.1f} µs",
        f"{transport.bare_cpu_micros:.1f} µs",
        f"{transport.ratio:.2f}",
    )
    table.add_row(
        "the same, the loop's collector calmed as Trellis' is",
        f"{transport.chunks_cpu_micros:.1f} µs",
        f"{transport.bare_calm_cpu_micros:.1f} µs",
        f"{transport.ratio_to_calm:.2f}",
    )
    table.add_row(
        "fold: CPU of the worker an event, against plain Faust by events",
        f"{fold.chunks_cpu_micros:.1f} µs",
        f"{fold.events_cpu_micros:,.0f} µs",
        f"1/{fold.cpu_factor:.0f}",
    )
    table.add_row(
        "fold: events/s, against the same",
        f"{fold.chunks_per_second:,.0f}",
        f"{fold.events_per_second:,.0f}",
        f"{fold.rate_factor:.0f}",
    )
    table.add_row(
        "intake: rows/s to commit over gRPC, against COPY of the same batches",
        f"{intake.grpc_per_second:,.0f}",
        f"{intake.copy_batches_per_second:,.0f}",
        f"{intake.ratio_to_batches:.2f}",
    )
    table.add_row(
        "the same, against one COPY of all rows",
        f"{intake.grpc_per_second:,.0f}",
        f"{intake.copy_once_per_second:,.0f}",
        f"{intake.ratio_to_once:.2f}",
    )
    return table


def _replays(figures: TwoWorkersFigures) -> Table:
    table = Table(title="The fold alone, of a full topic: µs of CPU a record by stage")
    table.add_column("stage")
    replays = (figures.one, figures.two)
    for replay in replays:
        table.add_column(f"{replay.workers} worker(s)", justify="right")
    for stage in figures.one.cpu_micros_by_stage:
        table.add_row(
            stage, *(f"{each.cpu_micros_by_stage.get(stage, 0.0):.1f}" for each in replays)
        )
    table.add_section()
    table.add_row("records/s", *(f"{each.per_second:,.0f}" for each in replays))
    table.add_row("cores used", *(f"{each.cores_used:.2f}" for each in replays))
    table.add_row(
        f"records/s without the {REST}", *(f"{each.per_second_alone:,.0f}" for each in replays)
    )
    table.add_row("rate against one worker", "1", f"{figures.ratio:.2f}")
    return table


def _fresh(figures: FreshnessFigures) -> Table:
    table = Table(
        title=f"Freshness at {figures.answered_per_second:,.0f} records/s: ms from the answer to"
        " folded state"
    )
    for name in ("p50", "p95", "p99", "longest", "samples", "longest look"):
        table.add_column(name, justify="right")
    times = (figures.p50, figures.p95, figures.p99, figures.longest)
    table.add_row(
        *(f"{each:,.0f}" for each in times),
        f"{figures.samples:,}",
        f"{figures.look_milliseconds:,.0f}",
    )
    return table


def _stages(shapes: Mapping[str, EndToEndFigures]) -> Table:
    table = Table(title="From gRPC to folded state: µs of CPU a record by stage")
    table.add_column("stage")
    for shape in shapes.values():
        table.add_column(f"{shape.shape}, {shape.records:,} records", justify="right")
    figures = list(shapes.values())
    for stage in figures[0].cpu_micros_by_stage:
        table.add_row(stage, *(f"{each.cpu_micros_by_stage[stage]:.1f}" for each in figures))
    table.add_section()
    table.add_row("all stages", *(f"{each.cpu_micros:.1f}" for each in figures))
    table.add_row(
        "of these, Trellis and its servers", *(f"{each.own_micros:.1f}" for each in figures)
    )
    table.add_row("× records/s folded", *(f"{each.folded_per_second:,.0f}" for each in figures))
    table.add_row("= cores used", *(f"{each.cores_used:.2f}" for each in figures))
    table.add_section()
    table.add_row("records/s accepted", *(f"{each.accepted_per_second:,.0f}" for each in figures))
    table.add_row("records/s published", *(f"{each.published_per_second:,.0f}" for each in figures))
    table.add_row(
        f"records/s folded without the {REST}",
        *(f"{each.records_per_second_alone:,.0f}" for each in figures),
    )
    return table


def _goals(goals: list[Goal]) -> Table:
    table = Table(title="Goals")
    for name in ("goal", "measured", ""):
        table.add_column(name)
    for goal in goals:
        table.add_row(goal.goal, goal.measured, "met" if goal.met else "not met")
    return table
