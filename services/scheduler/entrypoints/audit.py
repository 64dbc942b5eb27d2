"""The command `audit`: who did what in a school, newest first, for people or as lines of JSON.

Exit codes: 0 done, also where no entry is found; 2 wrong use; 3 the service refused it or could
not be reached.
"""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

import click
from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.table import Table
from trellis.scheduler.v1 import audit_pb2, audit_service_pb2_grpc
from trellis.scheduler.v1 import audit_service_pb2 as messages

from services.common.rpc.client import connect
from services.common.rpc.command_line import Target, call, target_from
from services.scheduler.domain.access import Action
from services.scheduler.domain.resources import MAX_SETTINGS_PAGE
from services.scheduler.entrypoints.arguments import school_in
from services.scheduler.entrypoints.target import target_options

DEADLINE_SECONDS: Final = 60.0
OF_THE_DISTRICT: Final = ("adults/", "learners/", "families/")
TIMES: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%z"]
WITHHELD: Final = "(a reason that is not for you)"


@click.command("audit")
@click.argument("school")
@click.option(
    "--week",
    metavar="MONDAY",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only what is about the week of this Monday.",
)
@click.option(
    "--action",
    "actions",
    multiple=True,
    metavar="KIND",
    type=click.Choice(sorted(one.value for one in Action)),
    help="Only acts of this kind, as sign_off or move_seat; may be given several times.",
)
@click.option(
    "--actor", default="", help="Only what this one did, as adults/ID, systems/NAME or clock."
)
@click.option(
    "--subject",
    default="",
    help="Only what is about this one, as learners/ID, adults/ID or weeks/MONDAY.",
)
@click.option(
    "--from",
    "from_time",
    metavar="TIME",
    type=click.DateTime(TIMES),
    help="Only from this time on.",
)
@click.option(
    "--until",
    "until_time",
    metavar="TIME",
    type=click.DateTime(TIMES),
    help="Only before this time.",
)
@click.option(
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(min=0),
    help="At most so many, the newest; 0: all.",
)
@click.option("--json", "wants_json", is_flag=True, help="Print each entry as a line of JSON.")
@target_options
def audit_command(school: str, *, limit: int, wants_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Show who did what in SCHOOL (districts/.../schools/...), newest first.

    All filters that are given hold for what is shown. Names may be short: learners/4711 is a
    learner of the school's district, weeks/2026-11-23 a week of the school. A time without an
    offset is that of this computer, as are the times in the table; a day begins at midnight.

    It takes a token with the scope "schedule.audit": of a principal of the school, or of the
    district's IT, which names no person. IT reads no reasons. docs/cycle/audit.md says what each
    kind is, and what stands in no audit.

    \b
    Who moved this learner, and why:
      audit districts/D/schools/S --subject learners/4711
    Who stands for a week:
      audit districts/D/schools/S --week 2026-11-23 --action sign_off --action publish
    All of November, to keep:
      audit districts/D/schools/S --from 2026-11-01 --until 2026-12-01 --limit 0 --json
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    request = _request(school, options)
    shown, more = call(lambda: _ask(target_from(options), request, limit))
    if wants_json:
        for one in shown:
            click.echo(json.dumps(_fields(one), ensure_ascii=False))
        return
    show(Console(highlight=False, markup=False), shown, district=school.split("/")[1])
    if more:
        click.echo(f"The newest {limit} of more: --limit 0 shows all, filters show fewer.")


def _request(school: str, options: dict[str, Any]) -> messages.ListAuditEntriesRequest:
    """Return what to ask for; a name that is none ends the command with 2."""
    school_in(school)
    week = options["week"]
    return messages.ListAuditEntriesRequest(
        parent=school,
        monday=week.date().isoformat() if week else "",
        actions=options["actions"],
        actor=_whole(school, options["actor"]),
        subject=_whole(school, options["subject"]),
        from_time=_time(options["from_time"]),
        until_time=_time(options["until_time"]),
    )


def _whole(school: str, name: str) -> str:
    """Return a name in full: of the district of a school, or below the school."""
    if name.startswith(OF_THE_DISTRICT):
        return f"{school.rsplit('/', 2)[0]}/{name}"
    if "/" not in name or name.startswith(("districts/", "systems/")):
        return name
    return f"{school}/{name}"


def _time(wanted: datetime | None) -> Timestamp | None:
    """Return a time as a message; one without an offset is of this computer's zone."""
    if wanted is None:
        return None
    message = Timestamp()
    message.FromDatetime(wanted.astimezone())
    return message


async def _ask(
    target: Target, request: messages.ListAuditEntriesRequest, limit: int
) -> tuple[list[audit_pb2.AuditEntry], bool]:
    """Return up to `limit` entries (0: all), and whether there are more."""
    shown: list[audit_pb2.AuditEntry] = []
    async for one in _entries(target, request, limit):
        if limit and len(shown) == limit:
            return shown, True
        shown.append(one)
    return shown, False


async def _entries(
    target: Target, request: messages.ListAuditEntriesRequest, limit: int
) -> AsyncIterator[audit_pb2.AuditEntry]:
    """Yield entries, page by page; the first page is as large as what is wanted, and one more."""
    request.page_size = min(limit + 1, MAX_SETTINGS_PAGE) if limit else MAX_SETTINGS_PAGE
    async with connect(
        target.address, target.token, timeout_seconds=DEADLINE_SECONDS, tls=target.tls
    ) as channel:
        stub = audit_service_pb2_grpc.AuditServiceStub(channel)
        while True:
            page: messages.ListAuditEntriesResponse = await stub.ListAuditEntries(request)
            for one in page.entries:
                yield one
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


def _fields(entry: audit_pb2.AuditEntry) -> dict[str, Any]:
    """Return an entry as JSON has it: every field, and times in UTC."""
    return MessageToDict(
        entry, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def show(console: Console, entries: list[audit_pb2.AuditEntry], *, district: str) -> None:
    """Print a table of entries; names of the district are printed without it."""
    if not entries:
        console.print("No entry is found.")
        return
    table = Table("When", "Who", "Kind", "About", "What, and why")
    for one in entries:
        reason = WITHHELD if one.reason_withheld else one.reason
        table.add_row(
            f"{one.act_time.ToDatetime(UTC).astimezone():%Y-%m-%d %H:%M}",
            _short(one.actor, district),
            one.action,
            _short(one.subject, district),
            f"{one.detail} – {reason}" if reason else one.detail,
        )
    console.print(table)


def _short(name: str, district: str) -> str:
    return name.removeprefix(f"districts/{district}/")
