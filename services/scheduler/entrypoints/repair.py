"""The command `repair`: a published week mended after changes, with no service running.

Exit codes: 0 a lawful week, 1 no week, 3 a week that breaks a hard rule.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.table import Table

from services.scheduler.adapters.problem_file import (
    ProblemFileError,
    read_problem_file,
    write_problem,
)
from services.scheduler.adapters.week_file import WeekFileError, read_week_file, write_week_file
from services.scheduler.domain.errors import SchedulerError
from services.scheduler.domain.model import RequiredService
from services.scheduler.domain.week import Session, Week, value_of
from services.scheduler.entrypoints.solve import EXIT_BREACHES, show_breaches
from services.scheduler.entrypoints.words import points

if TYPE_CHECKING:
    from services.scheduler.domain.repair import Change, Move, Repaired

MOVES_SHOWN: Final = 30
SERVICE_PARTS: Final = 3
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
NEW_FILE = click.Path(path_type=Path, dir_okay=False, writable=True)


@click.command("repair")
@click.argument("file", type=FILE)
@click.argument("week_file", type=FILE)
@click.option("--absent", multiple=True, help="An adult is away: ADULT:SLOT, or ADULT:SLOT,SLOT.")
@click.option("--closed", multiple=True, help="A room is closed: ROOM:SLOT, or ROOM:SLOT,SLOT.")
@click.option(
    "--withdrawn", multiple=True, help="A learner leaves: LEARNER:DATE, the first day without them."
)
@click.option(
    "--service", multiple=True, help="A service is agreed late: LEARNER:SERVICE:MINUTES a week."
)
@click.option("--seed", default=0, show_default=True, help="Decides ties; kept with the week.")
@click.option("--out", type=NEW_FILE, help="Where to write the week (JSON).")
@click.option(
    "--problem-out", type=NEW_FILE, help="Where to write the changed problem: `check` asks for it."
)
def repair_command(
    file: Path,
    week_file: Path,
    out: Path | None,
    problem_out: Path | None,
    seed: int,
    **told: tuple[str, ...],
) -> None:
    """Mend the published week WEEK_FILE of a problem FILE after changes, with few moves.

    What was published stays, but where its adult or room is gone, or somebody without a place
    needs it more. Each option may be given several times.

    \b
    Example, and what doubts its outcome:
      repair problem.json week.json --absent t004:mon-1,mon-2 --closed gym:mon-2 ...
        --withdrawn l0042:2026-11-24 --out mended.json --problem-out changed.json
      check changed.json mended.json
    """  # noqa: D301 - click looks for the character
    from services.scheduler.domain.repair import repair

    console = Console()
    changes = list(_changes(told))
    try:
        week = read_week_file(week_file)
        found = repair(read_problem_file(file), week, changes, seed=seed)
    except (ProblemFileError, WeekFileError, SchedulerError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if out is not None:
        write_week_file(out, found.week)
    if problem_out is not None:
        problem_out.write_text(write_problem(found.problem), "utf-8")
    _show(console, week, found)
    raise SystemExit(EXIT_BREACHES if found.week.breaches else 0)


def _changes(told: dict[str, tuple[str, ...]]) -> Iterator["Change"]:
    """Yield the changes that options tell; raises BadParameter where one cannot be read."""
    from services.scheduler.domain.repair import AdultAway, LateService, LearnerLeft, RoomClosed

    for text in told["absent"]:
        adult_id, slots = _two(text, "absent", "ADULT:SLOT,SLOT")
        yield AdultAway(adult_id=adult_id, slot_ids=tuple(slots.split(",")))
    for text in told["closed"]:
        room_id, slots = _two(text, "closed", "ROOM:SLOT,SLOT")
        yield RoomClosed(room_id=room_id, slot_ids=tuple(slots.split(",")))
    for text in told["withdrawn"]:
        learner_id, day = _two(text, "withdrawn", "LEARNER:DATE, as in l0042:2026-11-24")
        yield LearnerLeft(learner_id=learner_id, day=_day(day))
    for text in told["service"]:
        yield LateService(service=_service(text))


def _two(text: str, option: str, form: str) -> tuple[str, str]:
    one, _, other = text.rpartition(":")
    if not one or not other:
        raise click.BadParameter(f"give {form}", param_hint=f"--{option} {text}")
    return one, other


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        what = "give the date as in 2026-11-24"
        raise click.BadParameter(what, param_hint=f"--withdrawn {text}") from error


def _service(text: str) -> RequiredService:
    parts = text.rsplit(":", SERVICE_PARTS - 1)
    if len(parts) != SERVICE_PARTS or not all(parts) or not parts[-1].isdecimal():
        what = "give LEARNER:SERVICE:MINUTES, as in l0042:speech:30"
        raise click.BadParameter(what, param_hint=f"--service {text}")
    return RequiredService(learner_id=parts[0], service=parts[1], minutes=int(parts[2]))


def _show(console: Console, published: Week, found: "Repaired") -> None:
    from services.scheduler.domain.repair import Cause

    lost = value_of(published.terms) - value_of(found.week.terms)
    table = Table(show_header=False, title=f"{found.week.school_id}, week of {found.week.monday}")
    for words, value in (
        ("Learners whom the changes move", len(found.learners_moved(Cause.CHANGE))),
        ("Learners with a new seat", len(found.learners_moved(Cause.NEW))),
        ("Others who move", len(found.learners_moved(Cause.OTHER))),
        ("Sessions that change", len(found.sessions)),
        ("Without a place", sum(one.short_of for one in found.week.capacity)),
        ("Services that are short", _short_services(found.week)),
        ("Points lost", points(lost)),
        ("Week", found.week.week_hash),
    ):
        table.add_row(words, str(value))
    console.print(table)
    _show_moves(console, found.moved, (*published.sessions, *found.week.sessions))
    show_breaches(console, found.week.breaches)


def _short_services(week: Week) -> int:
    return sum(one.planned_minutes < one.required_minutes for one in week.services)


def _show_moves(console: Console, moved: Sequence["Move"], sessions: Sequence[Session]) -> None:
    names = {one.session_id: f"{one.title} with {one.adult_id}" for one in sessions}
    for one in moved[:MOVES_SHOWN]:
        before, after = (names.get(each or "", "no seat") for each in (one.before, one.after))
        console.print(
            f"{one.slot_id}: learner {one.learner_id} from {before} to {after}", soft_wrap=True
        )
    if len(moved) > MOVES_SHOWN:
        console.print(f"and {len(moved) - MOVES_SHOWN} more")
