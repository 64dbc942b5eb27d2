"""The commands `school-calendar`: show a school's calendar, or put another one.

Exit codes: 0 done; 1 there is no calendar, the file says none, or the person said no; 2 wrong use;
3 the service refused it or could not be reached.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
import grpc
import grpc.aio
from rich.console import Console
from rich.table import Table
from trellis.scheduler.v1 import calendar_pb2, calendar_service_pb2_grpc
from trellis.scheduler.v1 import calendar_service_pb2 as messages

from services.common.ids import random_id
from services.common.rpc.command_line import Client
from services.scheduler.adapters.calendar_document import calendar_document, read_calendar
from services.scheduler.adapters.contract_document import DocumentError, to_yaml
from services.scheduler.adapters.wire.names import CALENDAR
from services.scheduler.adapters.wire.settings import Parent
from services.scheduler.entrypoints.arguments import school_in
from services.scheduler.entrypoints.target import target_options

EXIT_NOT_DONE: Final = 1
DEADLINE_SECONDS: Final = 30.0
DEFAULT: Final = "the default"

Stub = calendar_service_pb2_grpc.CalendarServiceStub
CLIENT: Final = Client(stub=Stub, timeout_seconds=DEADLINE_SECONDS)


@click.group("school-calendar")
def school_calendar() -> None:
    """Show or put a school's calendar: its year, which bells ring when, breaks, the week's clock.

    A calendar is a small file, YAML or JSON; what it leaves out has its default:

    \b
        first_day: 2026-08-03
        last_day: 2027-06-11
        bells:
          - bell_schedule: regular
          - {bell_schedule: early, iso_weekday: 3}
        breaks:
          - {title: Winter break, first_day: 2026-12-21, last_day: 2027-01-01}

    Bell schedules come first, and single days last: import-school has a file for each.
    docs/cycle/calendar.md has every field in words.
    """  # noqa: D301  (click keeps the lines after this mark as they are)


@school_calendar.command("show")
@click.argument("school")
@target_options
def show_command(school: str, **options: Any) -> None:  # noqa: ANN401
    """Print the calendar of SCHOOL (districts/.../schools/...), to edit and put."""
    parent = school_in(school)
    found = CLIENT.call(options, lambda stub: _standing(stub, parent))
    if found is None:
        click.echo("The school has no calendar: the slots of its policy stand. Put one.", err=True)
        raise SystemExit(EXIT_NOT_DONE)
    click.echo(to_yaml(calendar_document(found)), nl=False)


@school_calendar.command("put")
@click.argument("school")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@target_options
def put_command(school: str, file: Path, *, yes: bool, **options: Any) -> None:  # noqa: ANN401
    """Put the calendar in FILE as that of SCHOOL, after showing what would change.

    What FILE leaves out goes back to its default. Bell schedules and single days stay.
    """
    parent = school_in(school)
    wanted = _read(file, parent)
    before = CLIENT.call(options, lambda stub: _standing(stub, parent))
    changes = list(_differences(before, wanted))
    if before is not None and not changes:
        click.echo("That is the calendar already; nothing was put.")
        return
    _show_change(changes)
    if not (yes or click.confirm("Put it?")):
        click.echo("Nothing was put.")
        raise SystemExit(EXIT_NOT_DONE)
    request = messages.UpdateCalendarRequest(calendar=wanted, request_id=random_id())

    async def put(stub: Stub) -> None:
        await stub.UpdateCalendar(request)

    CLIENT.call(options, put)
    click.echo("It stands: `calendar` prints the weeks, `check-school` what has lost its slot.")


def _read(file: Path, parent: Parent) -> calendar_pb2.Calendar:
    """Return the calendar of a file; what is wrong with its form ends the command with 1."""
    try:
        return read_calendar(file.read_text("utf-8"), parent, is_json=file.suffix == ".json")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is no text in UTF-8") from error
    except DocumentError as error:
        lines = [f"  {one.place} {one.why} {one.hint}" for one in error.faults]
    raise click.ClickException("\n".join([f"{file} says no calendar:", *lines]))


async def _standing(stub: Stub, parent: Parent) -> calendar_pb2.Calendar | None:
    """Return the school's calendar, None where it has none."""
    name = CALENDAR.format(*parent)
    try:
        answer = await stub.GetCalendar(messages.GetCalendarRequest(name=name))
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            return None
        raise
    found: calendar_pb2.Calendar = answer.calendar
    return found


def _differences(
    before: calendar_pb2.Calendar | None, wanted: calendar_pb2.Calendar
) -> Iterator[tuple[str, str, str]]:
    """Yield field, what stands and what would stand, of each that differs."""
    old = {} if before is None else dict(_flat(calendar_document(before)))
    new = dict(_flat(calendar_document(wanted)))
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield name, old.get(name, "–" if before is None else DEFAULT), new.get(name, DEFAULT)


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each field with its value in words; of the week's clock each step."""
    for name, held in document.items():
        if isinstance(held, Mapping):
            yield from ((f"{name}.{key}", _words(value)) for key, value in held.items())
        elif isinstance(held, list):
            yield name, "; ".join(_words(one) for one in held)
        else:
            yield name, _words(held)


def _words(held: object) -> str:
    if isinstance(held, Mapping):
        return ", ".join(_words(value) for value in held.values())
    return held if isinstance(held, str) else json.dumps(held, ensure_ascii=False)


def _show_change(changes: list[tuple[str, str, str]]) -> None:
    table = Table("field", "stands", "would stand", box=None)
    for change in changes:
        table.add_row(*change)
    Console(highlight=False, markup=False, soft_wrap=True).print(table)
