"""The command `calendar`: prints what weeks of a school are to be, for the office.

It is a client like any other: it needs an address and a token, and knows nothing of the database.
"""

import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Column, Table
from trellis.scheduler.v1 import calendar_pb2, calendar_service_pb2_grpc
from trellis.scheduler.v1 import calendar_service_pb2 as messages

from services.common.rpc.command_line import Client
from services.scheduler.entrypoints.arguments import require_monday
from services.scheduler.entrypoints.target import target_options

Stub = calendar_service_pb2_grpc.CalendarServiceStub
CLIENT: Final = Client(stub=Stub)
PIPE_COLUMNS: Final = 132
"""A pipe has no width, and rich would take 80 and cut the dates."""
MOST_WEEKS: Final = 110
"""Two school years and the summer between them."""
COLUMNS: Final = (
    (calendar_pb2.WEEK_STEP_OPEN_RANKING, "Ranking opens"),
    (calendar_pb2.WEEK_STEP_CLOSE_RANKING, "Closes"),
    (calendar_pb2.WEEK_STEP_DRAFT, "Draft"),
    (calendar_pb2.WEEK_STEP_END_REVIEW, "Review ends"),
    (calendar_pb2.WEEK_STEP_PUBLISH, "Published"),
    (calendar_pb2.WEEK_STEP_LOCK, "Begins"),
)


@click.command("calendar")
@click.argument("school")
@click.argument("monday", type=click.DateTime(["%Y-%m-%d"]))
@click.option(
    "--weeks",
    default=1,
    show_default=True,
    type=click.IntRange(1, MOST_WEEKS),
    help="How many weeks, from that Monday on.",
)
@target_options
def calendar_command(
    school: str,
    monday: datetime,
    weeks: int,
    **options: Any,  # noqa: ANN401
) -> None:
    """Print when the weeks of SCHOOL (districts/.../schools/...) from MONDAY on are due."""
    require_monday(monday)
    mondays = [monday.date() + timedelta(weeks=place) for place in range(weeks)]

    async def ask(stub: Stub) -> list[messages.GetWeekTimesResponse]:
        names = [f"{school}/weeks/{one}" for one in mondays]
        return [await stub.GetWeekTimes(messages.GetWeekTimesRequest(name=one)) for one in names]

    console = Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS)
    show(console, mondays, CLIENT.call(options, ask))


def show(
    console: Console, mondays: Sequence[date], found: Sequence[messages.GetWeekTimesResponse]
) -> None:
    """Print a line for each week, and below the table what is not as usual."""
    # At 80 columns a time wraps at its spaces, and nothing is cut.
    columns = (Column(words, min_width=max(map(len, words.split()))) for _, words in COLUMNS)
    table = Table(Column("Week of", no_wrap=True), *columns, "Slots", box=None, pad_edge=False)
    for monday, times in zip(mondays, found, strict=True):
        due = {one.step: f"{_weekday(one.date)} {one.clock}" for one in times.steps}
        slots = str(len(times.slots)) if times.slots else "–"
        table.add_row(str(monday), *(due.get(step, "–") for step, _ in COLUMNS), slots)
    console.print(table)
    for monday, times in zip(mondays, found, strict=True):
        told = [times.no_week] if times.no_week else list(times.notes)
        if told:
            console.print(f"Week of {monday}", style="bold")
        for sentence in told:
            console.print(f"  {sentence}", highlight=False)


def _weekday(day: str) -> str:
    """Return a date as a table has it, "Tue 11-17"."""
    return f"{date.fromisoformat(day):%a %m-%d}"
