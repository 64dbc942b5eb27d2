"""The command `solve-district`: plans every school of a folder, on all cores, without a service.

Exit codes: 0 every school has its week, 1 some have none, 2 it cannot be used so.
"""

import os
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.scheduler.adapters.district import (
    WEEK_SUFFIX,
    Plan,
    School,
    plan_district,
    schools_in,
)
from services.scheduler.adapters.district_worker import Outcome, State, Work
from services.scheduler.adapters.documents import to_json
from services.scheduler.adapters.problem_file import read_problem_file
from services.scheduler.domain.runs import DEFAULT_BUDGET
from services.scheduler.domain.week import Week

EXIT_FAILED: Final = 1
FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("solve-district")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))
@click.option("--out", required=True, metavar="DIR", type=FOLDER, help="Where the weeks go.")
@click.option("--seed", default=1, show_default=True, help="Settles what is equal.")
@click.option(
    "--budget",
    default=DEFAULT_BUDGET,
    show_default=True,
    type=click.IntRange(min=0),
    help="Steps of the search for each school: more take longer and give no worse week.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Schools planned at a time, each by a process of its own. Without: one for each core.",
)
@click.option(
    "--limit-seconds",
    default=3600.0,
    show_default=True,
    help="A school that takes longer is given up, and the others go on.",
)
@click.option(
    "--no-proof", is_flag=True, help="Seats as the search has them, and no bound: in less time."
)
@click.option("--anew", is_flag=True, help="Plan also the schools whose week is there already.")
def solve_district_command(folder: Path, out: Path, **options: Any) -> None:  # noqa: ANN401
    """Plan the week of every school of a district.

    DIR holds a problem file for each school (docs/problem.md), as north.json; its week becomes
    north.week.json in the folder of --out, written whole or not at all.

    The same file, seed and budget give the same week, however many schools are planned at a time.
    A run that was stopped can be started again: a school whose week is there already, for the
    same problem, seed and budget, is passed over. What goes wrong with one school keeps nothing
    from the others; it stands in a table at the end, with what to do about it.

    \b
    Example:
      python -m services.scheduler solve-district problems --out weeks
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    schools = schools_in(folder, out) if folder.is_dir() else ()
    if not schools:
        raise click.UsageError(
            f"{folder} holds no problem files: a folder with a .json for each school is asked for"
            f" (files that end in {WEEK_SUFFIX} are weeks and are passed over)"
        )
    seed, budget = options["seed"], options["budget"]
    work = Work(
        solve_one=partial(_solved, seed=seed, budget=budget, prove=not options["no_proof"]),
        text_of=to_json,
        seed=seed,
        budget=budget,
        anew=options["anew"],
    )
    plan = Plan(
        work=work,
        workers=options["workers"] or _cores(),
        limit_seconds=options["limit_seconds"],
    )
    console = Console()
    with _Bar(console, schools) as bar:
        outcomes = plan_district(schools, plan, bar.watch)
    show(console, outcomes)
    if any(one.state is State.FAILED for one in outcomes.values()):
        raise SystemExit(EXIT_FAILED)


def show(console: Console, outcomes: dict[str, Outcome]) -> None:
    """Print how many schools have a week, which break rules, and what failed."""
    by_state = {
        state: {name: one for name, one in outcomes.items() if one.state is state}
        for state in State
    }
    planned = by_state[State.PLANNED]
    console.print(
        f"{len(planned)} planned with {sum(one.learners for one in planned.values()):,} learners,"
        f" {len(by_state[State.KEPT])} kept as they were, {len(by_state[State.FAILED])} failed",
        highlight=False,
    )
    _show_broken(console, planned)
    _show_failed(console, by_state[State.FAILED])


def _show_broken(console: Console, planned: dict[str, Outcome]) -> None:
    broken = {name: one.breaches for name, one in planned.items() if one.breaches}
    if not broken:
        return
    table = Table(title="Weeks that break a hard rule: look at them before they are published")
    table.add_column("school")
    table.add_column("breaches", justify="right")
    for name, count in broken.items():
        table.add_row(name, f"{count:,}")
    console.print(table)


def _show_failed(console: Console, failed: dict[str, Outcome]) -> None:
    if not failed:
        return
    table = Table(title="Schools without a week", show_lines=True)
    for name in ("school", "where", "what", "what to do"):
        table.add_column(name, overflow="fold")
    for name, one in failed.items():
        failure = one.failure
        if failure is not None:
            table.add_row(name, failure.where, failure.what, failure.mend)
    console.print(table)


class _Bar:
    """How far the district is: schools done, the time left by the size of files, who is at it."""

    def __init__(self, console: Console, schools: tuple[School, ...]) -> None:
        self._count, self._done = len(schools), 0
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._whole = self._progress.add_task("", total=sum(one.bytes for one in schools))
        self._lines: dict[str, TaskID] = {}

    def __enter__(self) -> "_Bar":
        self._progress.__enter__()
        self._tell()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def watch(self, school: School, outcome: Outcome | None) -> None:
        """Show that a school is begun, or what became of it."""
        if outcome is None:
            self._lines[school.name] = self._progress.add_task(f"  {school.name}", total=None)
            return
        self._progress.remove_task(self._lines.pop(school.name))
        self._progress.advance(self._whole, school.bytes)
        self._done += 1
        self._tell()
        if outcome.state is State.FAILED:
            self._progress.console.print(f"{school.name}: no week", highlight=False)

    def _tell(self) -> None:
        self._progress.update(self._whole, description=f"{self._done} of {self._count} schools")


def _solved(problem: Path, *, seed: int, budget: int, prove: bool) -> Week:
    from services.scheduler.adapters.highs.exact import HighsExact
    from services.scheduler.domain.solve import solve

    return solve(read_problem_file(problem), HighsExact(), seed=seed, budget=budget, prove=prove)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
