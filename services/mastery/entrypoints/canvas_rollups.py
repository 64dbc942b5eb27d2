"""The command `canvas-rollups`: what Canvas shows for result rows, to compare with what we say.

It reads a CSV with a heading and asks no service. Rows of one learner and outcome belong together,
wherever they stand; the method is the same for the whole file.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final, TextIO

import click

from services.mastery.domain.canvas import (
    Method,
    Outcome,
    Result,
    course_mean,
    course_median,
    rollup,
)

NEEDED: Final = ("learner", "outcome", "score")
"""Columns that must be there; `percent`, `possible`, `quiz` and `time` may be."""

ROWS_MAXIMUM: Final = 1_000_000
"""Rows are held until the last one is read."""

METHODS: Final = [method.value for method in Method]

_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,20})?")

Key = tuple[str, str]
"""Learner and outcome."""


def _points(_context: click.Context, _parameter: click.Parameter, text: str) -> Fraction:
    try:
        return _number(text)
    except ValueError as error:
        raise click.BadParameter(f"{text} {error}") from error


@click.command("canvas-rollups")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True)
@click.option("--parameter", type=click.IntRange(1, 99), help="Of the method, else Canvas's own.")
@click.option("--points-possible", callback=_points, default="5", show_default=True)
@click.option("--mastery-points", callback=_points, default="3", show_default=True)
@click.option("--old-averages", is_flag=True, help="As without Canvas's new decaying average.")
def canvas_rollups(
    *,
    file: TextIO,
    method: str,
    parameter: int | None,
    points_possible: Fraction,
    mastery_points: Fraction,
    old_averages: bool,
) -> None:
    """Print what Canvas shows for the results in FILE, a CSV.

    Columns: learner, outcome, score; where they are known also percent (a share, 1 for all of it),
    possible (points of a question), quiz (which quiz the question belongs to) and time (ISO 8601).
    Means and medians over learners follow on stderr.
    """
    outcome = Outcome(
        points_possible=points_possible,
        mastery_points=mastery_points,
        method=Method(method),
        parameter=parameter,
    )
    rollups = {
        key: rollup(results, outcome, new_decaying_average=not old_averages)
        for key, results in sorted(_read(file).items())
    }
    out = csv.writer(click.get_text_stream("stdout"), lineterminator="\n")
    out.writerow(("learner", "outcome", "rollup"))
    out.writerows((learner, name, _text(points)) for (learner, name), points in rollups.items())
    for line in _courses(rollups):
        click.echo(line, err=True)


def _read(file: TextIO) -> Mapping[Key, list[Result]]:
    """Return the results of each learner and outcome; raises click.ClickException."""
    reader = csv.DictReader(file, restval="")
    found: dict[Key, list[Result]] = defaultdict(list)
    try:
        missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"the heading has no {', '.join(missing)}")
        for number, row in enumerate(reader, start=1):
            if number > ROWS_MAXIMUM:
                raise ValueError(f"there are more than {ROWS_MAXIMUM:,} rows")
            found[row["learner"], row["outcome"]].append(_result(row))
    except (ValueError, csv.Error) as error:
        raise click.ClickException(f"Line {reader.line_num}: {error}.") from error
    return found


def _result(row: Mapping[str, str]) -> Result:
    """Return a row as a result; raises ValueError, which repeats nothing of the row."""
    return Result(
        score=_cell(row, "score"),
        percent=_cell(row, "percent"),
        possible=_cell(row, "possible") or Fraction(0),
        quiz=row.get("quiz") or None,
        time_seconds=_seconds(row.get("time", "")),
    )


def _cell(row: Mapping[str, str], name: str) -> Fraction | None:
    text = row.get(name, "")
    try:
        return _number(text) if text else None
    except ValueError as error:
        raise ValueError(f"{name} {error}") from error


def _number(text: str) -> Fraction:
    """Return a decimal number exactly as it is written; raises ValueError."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a number")
    return Fraction(text)


def _seconds(text: str) -> int | None:
    """Return seconds since 1970, of a time without a zone as if in UTC; raises ValueError."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("time is not in ISO 8601") from error
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def _courses(rollups: Mapping[Key, Fraction | None]) -> Iterator[str]:
    """Yield mean and median of each outcome."""
    by_outcome: dict[str, list[Fraction | None]] = defaultdict(list)
    for (_, name), points in rollups.items():
        by_outcome[name].append(points)
    for name, points_of_all in sorted(by_outcome.items()):
        mean, median = course_mean(points_of_all), course_median(points_of_all)
        shown = sum(1 for points in points_of_all if points is not None)
        yield f"{name}: mean {_text(mean)}, median {_text(median)}, learners {shown}"


def _text(points: Fraction | None) -> str:
    """Return points without digits that say nothing, a dash for none: 2.9, 4.13, 3.335."""
    if points is None:
        return "-"
    return f"{float(points):.3f}".rstrip("0").rstrip(".")
