"""The command `check-school`: what a school lacks before a week, in words and with what to do.

Exit codes: 0 nothing stops the week, 1 something does, 3 the call was refused or not answered.
"""

from datetime import datetime
from typing import Any, Final

import click
from rich.console import Console
from trellis.scheduler.v1 import school_pb2, school_service_pb2, school_service_pb2_grpc

from services.common.rpc.command_line import Client
from services.scheduler.entrypoints.target import target_options

EXIT_STOPS: Final = 1
DEADLINE_SECONDS: Final = 60.0
CLIENT: Final = Client(
    stub=school_service_pb2_grpc.SchoolServiceStub, timeout_seconds=DEADLINE_SECONDS
)

HEADINGS: Final = {
    school_pb2.ReadinessItem.SEVERITY_STOPS: "Stops the week",
    school_pb2.ReadinessItem.SEVERITY_WEAKENS: "Weakens the week",
    school_pb2.ReadinessItem.SEVERITY_INFORMS: "Good to know",
}


@click.command("check-school")
@click.argument("school")
@click.option(
    "--monday",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Of the week to look at; without it, the next Monday.",
)
@target_options
def check_school_command(school: str, monday: datetime | None, **options: Any) -> None:  # noqa: ANN401
    """Say what SCHOOL (districts/.../schools/...) lacks before a week, and what to do about it."""
    day = monday.date().isoformat() if monday else ""
    request = school_service_pb2.CheckSchoolRequest(name=school, monday=day)
    found: school_service_pb2.CheckSchoolResponse = CLIENT.call(
        options, lambda stub: stub.CheckSchool(request)
    )
    show(Console(highlight=False, markup=False, soft_wrap=True), found)
    stops = any(one.severity == school_pb2.ReadinessItem.SEVERITY_STOPS for one in found.items)
    raise SystemExit(EXIT_STOPS if stops else 0)


def show(console: Console, found: school_service_pb2.CheckSchoolResponse) -> None:
    """Print what was found, the gravest first."""
    console.print(f"The week of {found.monday}:")
    if not found.items:
        console.print("Nothing is missing.")
    for severity, heading in HEADINGS.items():
        items = [one for one in found.items if one.severity == severity]
        if items:
            console.print(heading)
        for one in items:
            console.print(f"  {one.message} {one.hint} [{one.code}]")
    if found.left_out:
        console.print(f"and {found.left_out} more")
