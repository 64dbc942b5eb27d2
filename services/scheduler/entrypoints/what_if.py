"""The command `what-if`: what it would cost to seat a learner elsewhere in a week from a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from services.scheduler.adapters.problem_file import ProblemFileError, read_problem_file
from services.scheduler.adapters.week_file import WeekFileError, read_week_file
from services.scheduler.domain.errors import SchedulerError
from services.scheduler.entrypoints.repair import FILE

if TYPE_CHECKING:
    from services.scheduler.domain.other_seats import OtherSeat


@click.command("what-if")
@click.argument("file", type=FILE)
@click.argument("week_file", type=FILE)
@click.option("--learner", required=True, help="The learner's id.")
@click.option("--slot", required=True, help="The slot's id.")
def what_if_command(file: Path, week_file: Path, learner: str, slot: str) -> None:
    """Say what it would cost to seat a learner in each session of a slot of WEEK_FILE.

    For staff: the sessions and all other slots stay, everybody else of that slot is seated anew as
    well as can be, and nobody is named. FILE is the problem of the week.

    \b
    Example:
      python -m services.scheduler what-if problem.json week.json --learner l0042 --slot mon-1
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    from services.scheduler.domain.other_seats import other_seats

    try:
        found = other_seats(read_problem_file(file), read_week_file(week_file), learner, slot)
    except (ProblemFileError, WeekFileError, SchedulerError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if not found:
        raise click.ClickException(f"No session is held in slot {slot}.")
    _show(found, learner, slot)


def _show(found: Sequence["OtherSeat"], learner: str, slot: str) -> None:
    table = Table(title=f"If learner {learner} sat elsewhere in slot {slot}")
    for name in ("session", "with", "seats taken", "it"):
        table.add_column(name)
    for one in found:
        session = one.session
        sentence = one.what_if.sentence
        table.add_row(session.title, session.adult_id, f"{one.taken} of {session.cap}", sentence)
    Console().print(table)
