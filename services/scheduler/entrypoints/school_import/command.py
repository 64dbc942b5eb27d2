"""The command `import-school`: CSV files of a school to the scheduler's API, row by row.

Exit codes: 0 every row is kept, 1 some are refused, 2 a file cannot be used, 3 a call was refused
or the service does not answer.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from services.common.rpc import command_line
from services.common.rpc.client import connect
from services.common.rpc.command_line import EXIT_STOPPED, Target, target_from
from services.scheduler.entrypoints.arguments import school_in
from services.scheduler.entrypoints.school_import.files import (
    FileError,
    SchoolFile,
    find_files,
    named_in,
)
from services.scheduler.entrypoints.school_import.form import School
from services.scheduler.entrypoints.school_import.kinds import KINDS
from services.scheduler.entrypoints.school_import.report import (
    show,
    write_refused,
    write_templates,
)
from services.scheduler.entrypoints.school_import.roster import Roster, read_roster
from services.scheduler.entrypoints.school_import.sending import Import, Outcome
from services.scheduler.entrypoints.target import target_options

EXIT_REFUSED: Final = 1
DEADLINE_SECONDS: Final = 30.0
PLACE: Final = click.Path(exists=True, path_type=Path)


@click.command("import-school")
@click.argument("school", required=False)
@click.argument("places", nargs=-1, type=PLACE)
@target_options
@click.option("--check", is_flag=True, help="Keep nothing, and say what would become of each row.")
@click.option(
    "--template",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write an empty file of each kind with an example into this folder, and do nothing else.",
)
@click.option(
    "--roster",
    "roster_address",
    help="The gRPC API of evidence, as host:port: cells that name people may then hold the SIS's"
    " own numbers too.",
)
@click.option(
    "--roster-token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with a token that may read the roster; without it, that of --token-file.",
)
def import_command(
    school: str | None,
    places: tuple[Path, ...],
    template: Path | None,
    *,
    check: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Import PLACES, folders or CSV files, into SCHOOL (districts/.../schools/...).

    The name of a file says what it holds: bell_schedules.csv, calendar_days.csv, staff.csv,
    rooms.csv, offers.csv, essentials.csv, learner_settings.csv, required_services.csv,
    keep_rules.csv, absences.csv, pins.csv, locked_sessions.csv. A row that is refused keeps no
    other from being kept; it is told with what to do, and written to a file beside its own that
    can be mended and sent again. The same file sent twice changes nothing.

    \b
    Example:
      python -m services.scheduler import-school --template north
      python -m services.scheduler import-school districts/maple/schools/north north \\
        --target 127.0.0.1:9003 --token-file office.token --check
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    if template is not None:
        for path in write_templates(template):
            console.print(f"{path} is written.")
        return
    wanted = _school(school)
    if not places:
        raise click.UsageError("say which folders or files to import")
    try:
        files = find_files(places, KINDS)
    except FileError as error:
        raise click.UsageError(str(error)) from error
    wanted = replace(wanted, roster=_roster(files, wanted, options))
    outcomes = asyncio.run(_send(files, wanted, target_from(options), check=check))
    show(console, outcomes, check=check)
    if not check:
        _keep_refused(console, outcomes)
    raise SystemExit(_exit_code(console, files, outcomes))


def _school(name: str | None) -> School:
    district, school_id = school_in(name)
    return School(district=district, school_id=school_id)


def _roster(files: Sequence[SchoolFile], school: School, options: dict[str, Any]) -> Roster | None:
    """Return who is who, where the options say where the roster is; None where they do not."""
    if options["roster_address"] is None:
        return None
    token_file = options["roster_token_file"] or options["token_file"]
    target = target_from({**options, "target": options["roster_address"], "token_file": token_file})

    async def read() -> Roster:
        async with connect(
            target.address, target.token, timeout_seconds=DEADLINE_SECONDS, tls=target.tls
        ) as channel:
            return await read_roster(channel, school.district, school.school_id, named_in(files))

    return command_line.call(read)


async def _send(
    files: Sequence[SchoolFile], school: School, target: Target, *, check: bool
) -> list[Outcome]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
    )
    errors = Console(stderr=True)
    async with connect(
        target.address, target.token, timeout_seconds=DEADLINE_SECONDS, tls=target.tls
    ) as channel:
        with Progress(*columns, console=errors, transient=True) as progress:
            bar = progress.add_task("Rows", total=sum(len(one.rows) for one in files))
            sending = Import(
                channel=channel,
                school=school,
                check=check,
                on_rows=lambda count: progress.advance(bar, count),
            )
            return await sending.run(files)


def _keep_refused(console: Console, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        path = write_refused(outcome)
        if path is not None:
            console.print(f"{path} has the refused rows: mend them there and import that file.")


def _exit_code(console: Console, files: Sequence[SchoolFile], outcomes: Sequence[Outcome]) -> int:
    left = [one.path.name for one in files[len(outcomes) :]]
    if left:
        console.print(f"Not sent: {', '.join(left)}. Import again: what is kept stays as it is.")
    if any(one.stopped for one in outcomes):
        return EXIT_STOPPED
    return EXIT_REFUSED if any(one.refused for one in outcomes) else 0
