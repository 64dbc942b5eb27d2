"""The command `compile`: the search's compiled code, made ahead of its first use.

For the build of an image, and before tests: with the code at hand a process plans at once,
without it the first run of each state of the sources waits for some minutes.
"""

import time
from datetime import UTC, date, datetime
from typing import Final

import click

from services.scheduler.domain.model import Problem

MONDAY: Final = date(2024, 1, 1)
NOBODYS_WEEK: Final = Problem(
    school_id="nobodys",
    monday=MONDAY,
    as_of=datetime(2024, 1, 1, tzinfo=UTC),
    as_of_day=MONDAY,
    slots=(),
    adults=(),
    rooms=(),
    offers=(),
    learners=(),
    competencies=(),
)
"""A problem without anybody: what it runs is compiled for everybody."""


@click.command("compile")
def compile_command() -> None:
    """Compile the search ahead of time; at once where it is compiled already."""
    from services.scheduler.adapters.highs.exact import HighsExact
    from services.scheduler.domain.solve import solve

    started = time.perf_counter()
    click.echo("Compiling the search: some minutes the first time, seconds after ...", err=True)
    solve(NOBODYS_WEEK, HighsExact(), seed=0, budget=1)
    click.echo(f"The search is compiled ({time.perf_counter() - started:.0f} s).", err=True)
