"""The command `fit`: whether a week can fit, before it is planned, with no service running.

Exit codes: 0 nothing says that it does not, 1 no problem file, 3 it does not.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from services.scheduler.adapters.problem_file import ProblemFileError, read_problem_file
from services.scheduler.domain.errors import SchedulerError
from services.scheduler.entrypoints.solve import EXIT_BREACHES, PROBLEM, show_breaches

if TYPE_CHECKING:
    from services.scheduler.domain.fit import Fit, HelpFit, SlotFit

MILLI = 1000


@click.command("fit")
@PROBLEM
def fit_command(file: Path) -> None:
    """Say whether the week of a problem FILE can fit, before it is planned: in a second or two.

    Places against learners in each slot, adults that help takes, minutes of required services, pins
    and agreed sessions that cannot be kept. What does not fit here fits in no week; what does may
    still not, for loads and preparations are weighed when the week is planned.

    \b
    Example:
      python -m services.scheduler fit docs/examples/problem.json
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    from services.scheduler.domain.fit import fit_of

    try:
        found = fit_of(read_problem_file(file))
    except (ProblemFileError, SchedulerError, OSError) as error:
        raise click.ClickException(str(error)) from error
    _show(Console(), found)
    raise SystemExit(0 if found.fits else EXIT_BREACHES)


def _show(console: Console, found: "Fit") -> None:
    console.print(_of_slots(found.slots))
    if found.learners_by_tier:
        tiers = ", ".join(
            f"{count} of {f'tier {name}' if name else 'no tier'}"
            for name, count in found.learners_by_tier
        )
        console.print(f"Learners whose greatest need asks for help: {tiers}.")
        console.print(_of_help(found.help))
    if found.demanded_minutes:
        console.print(
            f"Required services: {found.demanded_minutes} minutes are asked for beside pins,"
            f" at most {found.deliverable_minutes} can be given."
        )
    show_breaches(console, found.breaches)
    verdict = "Nothing says that the week does not fit." if found.fits else "The week cannot fit."
    console.print(verdict)


def _of_slots(slots: "Sequence[SlotFit]") -> Table:
    table = Table(title="Places in each slot, at most")
    for name in ("slot", "learners", "adults here", "away", "places", ""):
        table.add_column(name, justify="left" if name in ("slot", "") else "right")
    for one in slots:
        short = f"{one.missing} too few" if one.missing else "fits"
        numbers = (one.learners, one.adults, one.away, one.places)
        table.add_row(one.slot_id, *map(str, numbers), short)
    return table


def _of_help(spreads: "Sequence[HelpFit]") -> Table:
    table = Table(title="If each of them is helped once, in full groups")
    names = ("over slots", "adults in help", "learners in help", "learners for each other adult")
    for name in names:
        table.add_column(name, justify="right")
    for one in spreads:
        others = "no adult is left"
        if one.others_milli is not None:
            others = f"{one.others_milli / MILLI:.1f}"
        table.add_row(str(one.slots), str(one.adults), str(one.learners), others)
    return table
