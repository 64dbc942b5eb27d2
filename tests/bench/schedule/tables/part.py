"""What a part of the benchmark is: jobs, the table of their figures, and the goals they decide."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from tests.bench.schedule.alone import Job

Figures = Mapping[str, Any]
"""What a job has found; `failure` where it has found nothing."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What of the benchmark is wanted."""

    seeds: tuple[int, ...] = (1,)
    seconds: float = 60.0
    """How long the search of a school may take."""
    long_seconds: float = 0.0
    """The same for the schools that a goal asks for long runs of; 0: no longer."""
    learners: tuple[int, ...] = ()
    """Sizes of schools; none: all."""
    quick: bool = False


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A goal, what was measured and whether it is met."""

    goal: str
    measured: str
    met: bool


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the benchmark."""

    name: str
    jobs: Callable[[Options], Sequence[Job]]
    table: Callable[[Sequence[Figures]], Table]
    goals: Callable[[Sequence[Figures]], Sequence[Goal]] = lambda figures: ()


def table_of(title: str, names: Iterable[str], left: int = 1) -> Table:
    """Return a table whose first columns are texts and the others numbers."""
    table = Table(title=title, title_justify="left")
    for place, name in enumerate(names):
        table.add_column(name, justify="left" if place < left else "right", overflow="fold")
    return table


def add_failures(table: Table, figures: Sequence[Figures]) -> list[Figures]:
    """Add a line for each job that failed and return the others."""
    for one in figures:
        if "failure" in one:
            table.add_row(one["name"], f"[red]{one['failure']}[/red]")
    return [one for one in figures if "failure" not in one]


def percent(share: float | None) -> str:
    """Return a share as a cell; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.2f}"


def gap_of(value: int | None, ceiling: int) -> float | None:
    """Return by what share a value is below a bound, or below the best value."""
    return None if value is None else (ceiling - value) / max(abs(ceiling), 1)


def points(milli: int) -> str:
    """Return thousandths of a point as points."""
    return f"{milli / 1000:,.1f}"


def worst_gap(figures: Sequence[Figures], place: str, text: str, most: float) -> list[Goal]:
    """Return the goal that a gap, in each of the figures that have it, is at most a share.

    Where all runs were shorter the goal is there, and not met.
    """
    goal = f"{text}: at most {100 * most:.1f} %"
    gaps = [one["gaps"].get(place) for one in figures if "failure" not in one]
    known = [gap for gap in gaps if gap is not None]
    failed = sum("failure" in one for one in figures)
    if not figures:
        return []
    if not known:
        measured = f"{failed} failed" if failed else "not measured: the runs were shorter"
        return [Goal(goal=goal, measured=measured, met=False)]
    return [
        Goal(
            goal=goal,
            measured=f"{100 * max(known):.2f} %" + (f", {failed} failed" if failed else ""),
            met=max(known) <= most and not failed,
        )
    ]
