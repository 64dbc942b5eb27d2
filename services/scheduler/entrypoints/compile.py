"""The command `compile`: the search's compiled code, made ahead of its first use.

For the build of an image, and before tests: with the code at hand a process plans at once,
without it the first run of each state of the sources waits for some minutes.
"""

import time
from datetime import UTC, date, datetime
from datetime import time as clock
from typing import Final

import click

from services.scheduler.domain.model import (
    Adult,
    Learner,
    Offer,
    Problem,
    Room,
    SessionKind,
    Slot,
)

MONDAY: Final = date(2024, 1, 1)
SMALLEST: Final = Problem(
    school_id="smallest",
    monday=MONDAY,
    as_of=datetime(2024, 1, 1, tzinfo=UTC),
    as_of_day=MONDAY,
    slots=(Slot(slot_id="s", date=MONDAY, start=clock(9), end=clock(10)),),
    adults=(Adult(adult_id="a"),),
    rooms=(Room(room_id="r", capacity=2),),
    offers=(Offer(offer_id="o", adult_id="a", kind=SessionKind.COMMONS, room_id="r"),),
    learners=(Learner(learner_id="l"),),
    competencies=(),
)
"""One learner with one adult: what it runs is compiled for everybody."""


@click.command("compile")
def compile_command() -> None:
    """Compile the search ahead of time; at once where it is compiled already."""
    from services.scheduler.adapters.highs.exact import HighsExact
    from services.scheduler.domain.engine.run import PORTION
    from services.scheduler.domain.solve import solve

    started = time.perf_counter()
    click.echo("Compiling the search: some minutes the first time, seconds after ...", err=True)
    solve(SMALLEST, HighsExact(), seed=0, budget=PORTION)
    click.echo(f"The search is compiled ({time.perf_counter() - started:.0f} s).", err=True)
