"""python -m tests.bench.large_state: what a record costs where there are millions of states."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from services.common import logs
from tests.bench.large_state import report
from tests.bench.large_state.run import NoRoomError, Plan, measure
from tests.bench.large_state.work import QUIZ_ITEMS, People

WHOLE_LEARNERS = 43_000
COMPETENCIES = 60
WHOLE_LEG_RECORDS = 1_000_000
DEFAULT_LEARNERS = 500
DEFAULT_LEG_RECORDS = 50_000
LEG_PAIRS = 3
WIDTH = 150


@click.command()
@click.option(
    "--learners",
    type=click.IntRange(min=1),
    default=None,
    help="Each works on the competencies of a grade; learners times these are the states."
    f" Default: {DEFAULT_LEARNERS}.",
)
@click.option(
    "--competencies",
    type=click.IntRange(1, 999),
    default=COMPETENCIES,
    show_default=True,
    help="That a learner works on in the year.",
)
@click.option(
    "--first-items",
    type=click.IntRange(1, 100),
    default=QUIZ_ITEMS,
    show_default=True,
    help="Records of each state before anything is compared: one quiz of so many items.",
)
@click.option(
    "--leg-records",
    type=click.IntRange(min=1_000),
    default=None,
    help=f"Records between two looks. Default: {DEFAULT_LEG_RECORDS:,}.",
)
@click.option(
    "--leg-pairs",
    type=click.IntRange(min=1),
    default=LEG_PAIRS,
    show_default=True,
    help="Legs of each shape; random and quizzes alternate.",
)
@click.option(
    "--rebuild-records",
    type=click.IntRange(min=1),
    default=None,
    help="Of the ledger, from its beginning. Default: all, and then live and rebuilt are compared.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of PostgreSQL, such as shared_buffers=4GB; may be given several times.",
)
@click.option(
    "--whole",
    is_flag=True,
    help="By default 43,000 learners and 1,000,000 records a leg: 26 million records, then 6"
    " million, then a rebuild of all; an hour and a half on a calm machine, 65 GB of disk.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path(".trellis/large-state.json"),
    show_default=True,
    help="The file for the figures.",
)
def main(
    learners: int | None,
    competencies: int,
    first_items: int,
    leg_records: int | None,
    leg_pairs: int,
    rebuild_records: int | None,
    settings: tuple[str, ...],
    whole: bool,
    output: Path,
) -> None:
    """Fold millions of records over millions of states and see whether a record costs the same.

    First, every learner takes a quiz on every competency: these states are what is large. Then
    legs of more work alternate, records of any learner at random and quizzes of whole classes,
    while a projector reads what changes. Each leg is measured: CPU of the worker and of
    PostgreSQL, memory, WAL, bytes of tables, time by statement. The last leg of a shape stands
    against its first. In the end the state is rebuilt from the same records, timed, and compared
    with the live one.

    Kafka, the ledger's service and gRPC are left out: `make bench` measures the whole way. All
    records have one alignment, and none comes twice. The server is durable, autovacuum and
    checkpoints as they come. Compare ratios within a run; nothing is asserted.

    \b
    A minute or two:   python -m tests.bench.large_state
    The full size:     python -m tests.bench.large_state --whole --set shared_buffers=4GB
                       --set max_wal_size=8GB --set checkpoint_timeout=15min
    """  # noqa: D301  (click's mark of a paragraph to leave alone)
    logs.configure(log_format="console", log_level="error")
    plan = Plan(
        people=People(
            learners=learners or (WHOLE_LEARNERS if whole else DEFAULT_LEARNERS),
            competencies=competencies,
        ),
        first_items=first_items,
        leg_records=leg_records or (WHOLE_LEG_RECORDS if whole else DEFAULT_LEG_RECORDS),
        leg_pairs=leg_pairs,
        rebuild_records=rebuild_records,
        settings=_settings(settings),
    )
    command = " ".join(["python -m tests.bench.large_state", *sys.argv[1:]])
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    with Progress(console=console) as progress:
        try:
            figures = asyncio.run(measure(plan, command, _steps(progress)))
        except NoRoomError as error:
            raise click.ClickException(str(error)) from error
    report.write(figures, output)
    report.show(figures, console)
    console.print(f"Figures: {output}", highlight=False)


def _settings(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return settings by name; raise click.UsageError."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise click.UsageError(f"--set takes NAME=VALUE, not {pair!r}")
        settings[name] = value
    return settings


def _steps(progress: Progress) -> Callable[[str, int], Callable[[int], None]]:
    """Return what shows a part, a line each."""

    def begin(name: str, total: int) -> Callable[[int], None]:
        part = progress.add_task(name, total=total)

        def advance(count: int) -> None:
            progress.advance(part, count)
            if not progress.console.is_terminal:
                done = progress.tasks[part].completed
                progress.console.print(f"{name}: {done:,.0f} of {total:,}", highlight=False)

        return advance

    return begin


if __name__ == "__main__":
    main()
