"""The commands `week`: shows a week as it stands, signs its draft off, publishes it.

What is signed is the draft that was shown, by its hash: a draft that was replaced meanwhile is
refused. Exit codes: 0 done; 1 the person said no, or the draft breaks a rule; 2 wrong use; 3 the
service refused it or could not be reached.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import click
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import scheduler_service_pb2_grpc, week_pb2

from services.common.ids import random_id
from services.common.rpc.command_line import Client
from services.scheduler.entrypoints.arguments import require_monday, school_in
from services.scheduler.entrypoints.plan import nearness
from services.scheduler.entrypoints.target import target_options
from services.scheduler.entrypoints.words import breach_words, percent

EXIT_NOT_DONE: Final = 1
DEADLINE_SECONDS: Final = 60.0
"""A week is checked once more before it is signed and before it is published."""
DRAFT: Final = -1
BREACHES_SHOWN: Final = 20
STATES: Final = {
    week_pb2.Week.STATE_DRAFT: "a draft, not signed off",
    week_pb2.Week.STATE_REVIEW: "a draft",
    week_pb2.Week.STATE_PUBLISHED: "published",
    week_pb2.Week.STATE_LOCKED: "published, and begun",
}

Stub = scheduler_service_pb2_grpc.SchedulerServiceStub
CLIENT: Final = Client(stub=Stub, timeout_seconds=DEADLINE_SECONDS)

_arguments = (
    click.argument("school"),
    click.argument("monday", type=click.DateTime(["%Y-%m-%d"]), metavar="MONDAY"),
)


def _of_a_week(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what says which week is meant, and where the service is."""
    command = target_options(command)
    for argument in reversed(_arguments):
        command = argument(command)
    return command


_hash = click.option(
    "--hash",
    "seen",
    help="Of the draft that was looked at, as `week show` prints it; then nothing is asked.",
)


@click.group("week")
def week_group() -> None:
    """Show a week of a school, sign its draft off, publish it.

    SCHOOL is districts/.../schools/..., MONDAY the first day of the week. The clock publishes a
    signed week at its hour by itself; `publish` does it at once.
    """


@week_group.command("show")
@_of_a_week
@click.option("--draft", is_flag=True, help="The draft, where the week is published already.")
def show_command(school: str, monday: datetime, *, draft: bool, **options: Any) -> None:  # noqa: ANN401
    """Print how the week of MONDAY stands: figures, what it breaks, who signed it."""
    name = _name(school, monday)
    show(_week(options, name, DRAFT if draft else 0))


@week_group.command("sign-off")
@_of_a_week
@_hash
def sign_off_command(school: str, monday: datetime, seen: str | None, **options: Any) -> None:  # noqa: ANN401
    """Sign the draft of MONDAY off, as the person of the token, after showing it."""
    name = _name(school, monday)
    week_hash = seen or _looked_at(_week(options, name, DRAFT), "Sign it off?")

    async def sign(stub: Stub) -> week_pb2.Week:
        answer: messages.SignOffWeekResponse = await stub.SignOffWeek(
            messages.SignOffWeekRequest(name=name, week_hash=week_hash, request_id=random_id())
        )
        return answer.week

    signed = CLIENT.call(options, sign)
    click.echo(f"Signed off by {signed.sign_off_adult}. It is not published yet.")


@week_group.command("publish")
@_of_a_week
@_hash
def publish_command(school: str, monday: datetime, seen: str | None, **options: Any) -> None:  # noqa: ANN401
    """Publish the signed draft of MONDAY at once, after showing it."""
    name = _name(school, monday)
    week_hash = seen or _looked_at(_week(options, name, DRAFT), "Publish it?")

    async def publish(stub: Stub) -> week_pb2.Week:
        answer: messages.PublishWeekResponse = await stub.PublishWeek(
            messages.PublishWeekRequest(name=name, week_hash=week_hash, request_id=random_id())
        )
        return answer.week

    published = CLIENT.call(options, publish)
    click.echo(f"Revision {published.revision}, signed off by {published.sign_off_adult}.")


def show(week: week_pb2.Week) -> None:
    """Print a week: how it stands, its figures, and every rule that it breaks."""
    summary = week.summary
    for words, value in (
        ("The week", _standing(week)),
        ("Learners", f"{summary.learners:,} in {summary.slots} slots"),
        ("Sessions", f"{summary.sessions:,}"),
        ("Seats", f"{summary.seats:,}, and {summary.exemptions:,} exempt"),
        ("Needs met", f"{summary.needs_met:,} of {summary.needs:,}"),
        ("Weight of need met", percent(summary.need_weight_met_micro)),
        ("Checks placed", f"{summary.checks_met:,} of {summary.checks_due:,}"),
        ("How good it is", nearness(summary)),
        ("Hash", week.week_hash),
    ):
        click.echo(f"{words:<20}{value}")
    if not week.breaches:
        click.echo("No hard rule is broken.")
    for breach in week.breaches[:BREACHES_SHOWN]:
        click.echo(f"{breach_words(breach.rule)}: {breach.slot_id} {breach.message}")
    if len(week.breaches) > BREACHES_SHOWN:
        click.echo(f"and {len(week.breaches) - BREACHES_SHOWN} more")


def _standing(week: week_pb2.Week) -> str:
    said = STATES.get(week.state, "not planned")
    revision = f"revision {week.revision}, " if week.revision else ""
    signed = f", signed off by {week.sign_off_adult}" if week.sign_off_adult else ""
    return f"{revision}{said}{signed}"


def _looked_at(week: week_pb2.Week, question: str) -> str:
    """Return the hash of a draft that the person has seen and agreed to; else end the command."""
    show(week)
    if week.breaches:
        click.echo("A week that breaks a hard rule is not signed: mend it, and plan it anew.")
        raise SystemExit(EXIT_NOT_DONE)
    if not click.confirm(question):
        click.echo("Nothing was done.")
        raise SystemExit(EXIT_NOT_DONE)
    return week.week_hash


def _name(school: str, monday: datetime) -> str:
    school_in(school)
    require_monday(monday)
    return f"{school}/weeks/{monday:%Y-%m-%d}"


def _week(options: dict[str, Any], name: str, revision: int) -> week_pb2.Week:
    async def get(stub: Stub) -> week_pb2.Week:
        request = messages.GetWeekRequest(name=name, revision=revision)
        answer: messages.GetWeekResponse = await stub.GetWeek(request)
        return answer.week

    return CLIENT.call(options, get)
