"""The commands `solve`, `check` and `bound`: a week from a file, with no service running.

Exit codes: 0 a lawful week, 1 no week, 3 a week that breaks a hard rule.
"""

import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from services.scheduler.adapters.problem_file import ProblemFileError, read_problem_file
from services.scheduler.adapters.week_file import WeekFileError, read_week_file, write_week_file
from services.scheduler.domain.check import check, departures
from services.scheduler.domain.check.certificate import proves
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.errors import SchedulerError
from services.scheduler.domain.model import Problem
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.runs import DEFAULT_BUDGET
from services.scheduler.domain.week import Breach, Progress, Stage, Term, Week, value_of
from services.scheduler.entrypoints.words import (
    SOFT_RULE_WORDS,
    breach_words,
    percent_of_best,
    points,
)

EXIT_NO_WEEK: Final = 1
EXIT_BREACHES: Final = 3
BREACHES_SHOWN: Final = 20
STAGE_WORDS: Final = {
    Stage.SEARCH: "Searching for better weeks",
    Stage.SEATS: "Seating learners exactly",
    Stage.BOUND: "Proving how good it is",
}
PROBLEM = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.command("solve")
@PROBLEM
@click.option("--seed", default=0, show_default=True, help="Decides ties; kept with the week.")
@click.option(
    "--budget",
    default=DEFAULT_BUDGET,
    show_default=True,
    type=click.IntRange(min=0),
    help="Steps of the search; more never give a worse week. 0: the first complete week.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    help="End the search after so long, as Ctrl-C does; the proof comes on top.",
)
@click.option(
    "--no-proof", is_flag=True, help="Seats as the search has them, and no bound: in less time."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Where to write the week (JSON); without it, only the figures are printed.",
)
def solve_command(file: Path, out: Path | None, **options: Any) -> None:  # noqa: ANN401
    """Plan the week of a problem FILE (docs/problem.md) with no service running.

    The same file, seed and budget give the same week to the byte, on every machine. Ctrl-C ends the
    search with the best week so far, which states the budget that finds it again; a second Ctrl-C
    gives up.

    \b
    Example:
      python -m services.scheduler solve docs/examples/problem.json --seed 7 --out week.json
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    console = Console()
    problem = _problem(file)
    week = _solved(problem, options, console)
    if out is not None:
        write_week_file(out, week)
    show_week(console, week)
    if out is not None:
        console.print(f"The week is in {out}; doubt it with: check {file} {out}", soft_wrap=True)
    raise SystemExit(EXIT_BREACHES if week.breaches else 0)


@click.command("check")
@PROBLEM
@click.argument("week_file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check_command(file: Path, week_file: Path) -> None:
    """Doubt a week: every hard rule, its value term by term, and its proof.

    FILE is the problem, WEEK_FILE the week that was planned for it. Nothing is taken from the
    search: the rules are read anew, the value and the bound are added up anew.
    """
    console = Console()
    problem, week = _problem(file), _week(week_file)
    found = check(problem, week)
    show_rules(console, found)
    show_breaches(console, found)
    recomputed = terms_of(problem, week)
    show_terms(console, week.terms, recomputed)
    beyond = departures(problem, week)
    for one in beyond[:BREACHES_SHOWN]:
        console.print(f"Beyond a limit of the planner: {one.slot_id} {one.message}")
    # A week may be planned without a proof: then there is none to doubt.
    proved = week.assignment is None or proves(problem, week)
    console.print(_proof_words(week, proved=proved))
    wrong = found or recomputed != week.terms or not proved
    raise SystemExit(EXIT_BREACHES if wrong else 0)


@click.command("bound")
@PROBLEM
@click.option("--seed", default=0, show_default=True, help="Decides ties, as in `solve`.")
@click.option(
    "--steps",
    default=1000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Steps of the descent; more never give a higher bound.",
)
def bound_command(file: Path, seed: int, steps: int) -> None:
    """Compute what no lawful week of a problem FILE can be worth more than, in points."""
    from services.scheduler.domain.solve import bound_milli

    console = Console()
    problem = _problem(file)
    with _bar(console) as bar:
        task = bar.add_task("Lowering the bound", total=steps)
        found = bound_milli(
            problem,
            seed=seed,
            steps=steps,
            report=lambda progress: bar.update(task, completed=progress.done),
        )
    console.print(f"No lawful week is worth more than {points(found)} points.")


def show_week(console: Console, week: Week) -> None:
    """Print the figures of a week."""
    summary = week.summary
    table = Table(show_header=False, title=f"{week.school_id}, week of {week.monday}")
    for words, value in (
        ("Learners", f"{summary.learners}"),
        ("Sessions", f"{summary.sessions}"),
        ("Seats", f"{summary.seats}"),
        ("Needs met", f"{summary.needs_met} of {summary.needs}"),
        ("Weight of need met", f"{summary.need_weight_met_micro / 10_000:.1f} %"),
        ("Checks held", f"{summary.checks_met} of {summary.checks_due}"),
        ("Value", f"{points(value_of(week.terms))} points"),
        ("The seating", _seats_words(week)),
        ("The week", percent_of_best(week.summary.week_gap_micro)),
        ("Seed and budget", f"{week.seed}, {week.budget} steps"),
        ("Week", week.week_hash),
    ):
        table.add_row(words, Text(value, overflow="fold"))
    console.print(table)
    show_breaches(console, week.breaches)


def show_rules(console: Console, found: Sequence[Breach]) -> None:
    """Print a line for each hard rule."""
    count = Counter(breach.rule for breach in found)
    table = Table("Rule", "", "Broken", title="Hard rules")
    for rule in Rule:
        if rule.is_hard:
            table.add_row(rule.value, breach_words(rule), str(count[rule]) if count[rule] else "no")
    console.print(table)


def show_breaches(console: Console, breaches: Sequence[Breach]) -> None:
    """Print what is broken, up to a number of lines."""
    for breach in breaches[:BREACHES_SHOWN]:
        console.print(f"{breach_words(breach.rule)}: {breach.slot_id} {breach.message}")
    if len(breaches) > BREACHES_SHOWN:
        console.print(f"and {len(breaches) - BREACHES_SHOWN} more")


def show_terms(console: Console, stated: Sequence[Term], recomputed: Sequence[Term]) -> None:
    """Print what each soft rule adds, as the week states it and as it is added up anew."""
    said = {term.rule: term.value_milli for term in stated}
    table = Table("Rule", "", "Stated", "Added up anew", title="Value in points")
    for term in recomputed:
        words = SOFT_RULE_WORDS[term.rule]
        table.add_row(
            term.rule.value, words, points(said.get(term.rule, 0)), points(term.value_milli)
        )
    table.add_row("", "All", points(value_of(stated)), points(value_of(recomputed)))
    console.print(table)


def _seats_words(week: Week) -> str:
    proof = week.assignment
    if proof is None:
        return "without a proof"
    gap = proof.bound_milli - proof.value_milli
    if gap <= 0:
        return "the best there is for these sessions"
    return f"within {points(gap)} points of the best for these sessions"


def _proof_words(week: Week, *, proved: bool) -> str:
    if week.assignment is None:
        return "The week states no proof of its seats."
    if not proved:
        return "The proof of the seats does not hold: the week was changed after it was planned."
    nearness = percent_of_best(week.summary.week_gap_micro)
    return f"The proof holds: the seats are {_seats_words(week)}; the week is {nearness}."


def _solved(problem: Problem, options: dict[str, Any], console: Console) -> Week:
    from services.scheduler.adapters.highs.exact import HighsExact
    from services.scheduler.domain.solve import solve

    with _bar(console) as bar:
        task = bar.add_task("Reading the problem", total=1.0)

        def report(progress: Progress) -> None:
            bar.update(task, description=STAGE_WORDS[progress.stage], completed=progress.share)

        try:
            with interrupted_once(console) as interrupted:
                seconds = options["seconds"]
                end = time.monotonic() + (float("inf") if seconds is None else seconds)
                return solve(
                    problem,
                    HighsExact(),
                    seed=options["seed"],
                    budget=options["budget"],
                    prove=not options["no_proof"],
                    report=report,
                    enough=lambda: bool(interrupted) or time.monotonic() > end,
                )
        except SchedulerError as error:
            raise click.ClickException(str(error)) from error


@contextmanager
def interrupted_once(console: Console) -> Iterator[list[int]]:
    """Yield a list that is no longer empty once somebody has pressed Ctrl-C; again, and it ends."""
    asked: list[int] = []

    def ask(number: int, _: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        console.print("The search ends with the best week so far; Ctrl-C again gives up.")

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _bar(console: Console) -> Bar:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    return Bar(*columns, TimeElapsedColumn(), console=console, transient=True)


def _problem(file: Path) -> Problem:
    try:
        return read_problem_file(file)
    except (ProblemFileError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _week(file: Path) -> Week:
    try:
        return read_week_file(file)
    except (WeekFileError, OSError) as error:
        raise click.ClickException(str(error)) from error
