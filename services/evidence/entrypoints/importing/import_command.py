"""The command `import`: a file of records to the service, and a report.

Exit codes: 0 every row is kept (or, with --check, would be), 1 some rows were refused, 2 the
command, the mapping or the file cannot be used, 3 stopped before the end of the file.
"""

import asyncio
import csv
import gzip
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
import grpc.aio
from rich.console import Console

from services.common.clock import SystemClock
from services.common.rpc.command_line import EXIT_STOPPED, said
from services.evidence.entrypoints.importing.mapping import Mapping, MappingError, load_mapping
from services.evidence.entrypoints.importing.names import KnownNames, Names, RegisteredNames
from services.evidence.entrypoints.importing.preview import preview, print_preview
from services.evidence.entrypoints.importing.report import RefusedFile, Report
from services.evidence.entrypoints.importing.rows import Row
from services.evidence.entrypoints.importing.run import Import
from services.evidence.entrypoints.importing.shipped import find_mapping
from services.evidence.entrypoints.importing.snapshot import Changes
from services.evidence.entrypoints.importing.source import SourceFile
from services.evidence.entrypoints.importing.target import (
    EXIT_REFUSED,
    Target,
    optional_target,
    progress_bar,
    target_from,
)
from services.evidence.entrypoints.importing.unreadable import ServiceRowQuarantine
from services.evidence.handlers.intake import micros_of

ANY_DATE: Final = "2000-01-01"
"""Of a previous export: its date plays no part in what it says."""

_DAY: Final = click.DateTime(["%Y-%m-%d"])
_DAY_OR_MOMENT: Final = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEEDED: Final = ("district", "target")


@click.command("import")
@click.argument("file", type=_FILE)
@click.option(
    "--mapping",
    "mapping_name",
    required=True,
    metavar="NAME|FILE",
    help="How a row becomes a record: a name that `mappings` lists, or a YAML file.",
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Change a field of the mapping, as in time.time_zone=America/Chicago. Several times.",
)
@click.option("--encoding", help="Of the file; the same as --set encoding=…")
@click.option(
    "--preview",
    "preview_count",
    type=click.IntRange(1, 1_000),
    metavar="N",
    help="Show how the first N rows would be read, and do nothing else. Needs no service.",
)
@click.option("--show-ids", is_flag=True, help="Do not mask ids of learners in a preview.")
@click.option("--check", is_flag=True, help="Keep nothing; say what would become of each row.")
@click.option("--district", help="The district of the token.")
@click.option("--import-id", help="Default: made of the source and the file's digest.")
@click.option(
    "--export-date",
    type=_DAY_OR_MOMENT,
    help="When the file was exported, where its name does not say.",
)
@click.option(
    "--previous",
    type=_FILE,
    help="Of a snapshot: the export before this one. Only what differs from it is sent.",
)
@click.option("--first", is_flag=True, help="Of a snapshot: there is no export before this one.")
@click.option(
    "--start-date",
    type=_DAY,
    help="Count a sequence on from this day, whatever the mapping states.",
)
@click.option(
    "--end-date",
    type=_DAY,
    help="Count a sequence back from this day, whatever the mapping states.",
)
@click.option("--in-flight", type=click.IntRange(1, 16), default=4, show_default=True)
@click.option(
    "--refused-file", type=click.Path(dir_okay=False, path_type=Path), help="All refused rows, CSV."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@optional_target
def import_command(file: Path, mapping_name: str, changes: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Import the records of FILE (.csv or .csv.gz); the same file again changes nothing.

    Three steps, the first without a service and the second without keeping anything:

    \b
      import FILE --mapping iready_diagnostic --preview 20
      import FILE --mapping iready_diagnostic --district D --target HOST:PORT --token-file F --check
      import FILE --mapping iready_diagnostic --district D --target HOST:PORT --token-file F

    An export that says anew each week how everything stands takes --previous LAST_WEEK as well, or
    --first where there is none before it; the mapping says whether it is one.

    What is refused stays in quarantine with what to do about it; --refused-file lists it. What
    names a learner, competency or item that is not known yet waits, and is taken up by itself. An
    import that went wrong is taken back with `retract-import`.
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    if options["encoding"] is not None:
        changes = (*changes, f"encoding={options['encoding']}")
    try:
        mapping = load_mapping(
            find_mapping(mapping_name),
            start_date=_date(options["start_date"]),
            end_date=_date(options["end_date"]),
            changes=changes,
        )
        with ExitStack() as stack:
            if options["preview_count"] is not None:
                _preview(file, mapping, options)
                return
            report = _import(file, mapping, options, stack)
    except MappingError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename or file}: {error.strerror or error}") from error
    _finish(report, as_json=options["as_json"])


def _preview(file: Path, mapping: Mapping, options: dict[str, Any]) -> None:
    """Print how the first rows would be read."""
    with SourceFile(file, mapping, export_date=_export_date(options)) as source:
        try:
            table = preview(
                source.rows(),
                mapping,
                count=options["preview_count"],
                masked=not options["show_ids"],
            )
        except (csv.Error, EOFError, gzip.BadGzipFile) as error:
            raise MappingError(f"line {source.line}: {error}") from error
        print_preview(
            Console(highlight=False, markup=False), table, head=source.head(), mapping=mapping
        )


def _import(file: Path, mapping: Mapping, options: dict[str, Any], stack: ExitStack) -> Report:
    """Import the file and return the report."""
    for name in _NEEDED:
        if not options[name]:
            raise MappingError(f"--{name} is needed, but for a --preview")
    previous = _changes(mapping, options)
    refused = stack.enter_context(RefusedFile(options["refused_file"]))
    source = stack.enter_context(SourceFile(file, mapping, export_date=_export_date(options)))
    report = Report(import_id=options["import_id"] or f"{mapping.source}-{source.digest}")
    command = ImportFile(
        mapping=mapping,
        district=options["district"],
        target=target_from(options),
        check=options["check"],
        in_flight=options["in_flight"],
        changes=previous,
    )
    asyncio.run(command.run(source, report, refused))
    return report


def _changes(mapping: Mapping, options: dict[str, Any]) -> Changes | None:
    """Read the export before this one, for a snapshot; raises MappingError."""
    previous: Path | None = options["previous"]
    if mapping.snapshot is None:
        if previous is not None or options["first"]:
            raise MappingError("--previous and --first are for mappings with a snapshot")
        return None
    if (previous is None) != options["first"]:
        raise MappingError(
            "this export says anew how everything stands, changed or not: give --previous FILE, the"
            " export before it, so that only what changed is sent; or --first where there is none"
        )
    if previous is None:
        return Changes(previous={})
    with SourceFile(previous, mapping, export_date=ANY_DATE) as source:
        try:
            return Changes.since(source.rows())
        except (csv.Error, EOFError, gzip.BadGzipFile) as error:
            raise MappingError(f"{previous}, line {source.line}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class ImportFile:
    """The command: import one file."""

    mapping: Mapping
    district: str
    target: Target
    check: bool
    in_flight: int
    changes: Changes | None = None

    async def run(self, source: SourceFile, report: Report, refused: RefusedFile) -> None:
        """Import the file; what stops it early goes into the report."""
        channel = self.target.connect()
        caller = self.target.caller()
        make_names: type[KnownNames | RegisteredNames] = (
            KnownNames if self.check else RegisteredNames
        )
        names: Names = make_names(channel, self.mapping, self.district, caller)
        started = time.perf_counter()
        with progress_bar() as progress:
            task = progress.add_task("rows", total=source.size_bytes)

            def on_rows(_count: int) -> None:
                progress.update(task, completed=source.read_bytes, description=_sum(report))

            work = Import(
                mapping=self.mapping,
                district=self.district,
                channel=channel,
                names=names,
                caller=caller,
                report=report,
                refused_file=refused,
                check=self.check,
                in_flight=self.in_flight,
                on_rows=on_rows,
                now_micros=micros_of(SystemClock().now()),
                unreadable=ServiceRowQuarantine(channel, caller),
            )
            try:
                await work.run(self._rows(source))
                report.gone = self.changes.gone if self.changes is not None else 0
            except grpc.aio.AioRpcError as error:
                report.stopped = said(error)
            except csv.Error as error:
                report.stopped = f"line {source.line}: the file is no CSV from here on: {error}"
            except (EOFError, gzip.BadGzipFile) as error:
                report.stopped = f"line {source.line}: the file is cut short: {error}"
            finally:
                await channel.close()
                report.elapsed_seconds = time.perf_counter() - started

    def _rows(self, source: SourceFile) -> Iterable[Row]:
        return source.rows() if self.changes is None else self.changes.of(source.rows())


def _finish(report: Report, *, as_json: bool) -> None:
    if as_json:
        click.echo(report.as_json())
    else:
        report.print(Console())
    if report.stopped is not None:
        sys.exit(EXIT_STOPPED)
    if report.outcomes["refused"]:
        sys.exit(EXIT_REFUSED)


def _sum(report: Report) -> str:
    parts = [f"{count:,} {name}" for name, count in sorted(report.outcomes.items())]
    return ", ".join(parts) or "rows"


def _date(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _export_date(options: dict[str, Any]) -> str:
    """Return the stated date of the export as ISO 8601, with its clock where it has one."""
    moment: datetime | None = options["export_date"]
    if moment is None:
        return ""
    has_clock = moment.hour or moment.minute
    return moment.isoformat(timespec="minutes") if has_clock else moment.date().isoformat()
