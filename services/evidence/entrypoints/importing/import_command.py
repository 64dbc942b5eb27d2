"""The command `import`: a file of records to the service, and a report.

Exit codes: 0 every row is kept (or, with --check, would be), 1 some rows were refused, 2 the
command, the mapping or the file cannot be used, 3 stopped before the end of the file.
"""

import asyncio
import csv
import gzip
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
import grpc.aio
from rich.console import Console

from services.common.clock import SystemClock
from services.evidence.entrypoints.importing.mapping import Mapping, MappingError, load_mapping
from services.evidence.entrypoints.importing.names import KnownNames, Names, RegisteredNames
from services.evidence.entrypoints.importing.report import RefusedFile, Report
from services.evidence.entrypoints.importing.run import Import
from services.evidence.entrypoints.importing.source import SourceFile
from services.evidence.entrypoints.importing.target import (
    Target,
    progress_bar,
    said,
    target_from,
    target_options,
)
from services.evidence.handlers.intake import micros_of

EXIT_REFUSED: Final = 1
EXIT_STOPPED: Final = 3


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    "mapping_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML: how a row becomes a record.",
)
@click.option("--district", required=True, help="The district of the token.")
@target_options
@click.option("--import-id", help="Default: made of the source and the file's digest.")
@click.option("--check", is_flag=True, help="Keep nothing; say what would become of each row.")
@click.option(
    "--start-date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Count a sequence on from this day, whatever the mapping states.",
)
@click.option(
    "--end-date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Count a sequence back from this day, whatever the mapping states.",
)
@click.option("--in-flight", type=click.IntRange(1, 16), default=4, show_default=True)
@click.option(
    "--refused-file", type=click.Path(dir_okay=False, path_type=Path), help="All refused rows, CSV."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_command(  # noqa: PLR0917  (click passes each option by name)
    file: Path,
    mapping_file: Path,
    district: str,
    import_id: str | None,
    start_date: datetime | None,
    end_date: datetime | None,
    refused_file: Path | None,
    **options: Any,  # noqa: ANN401
) -> None:
    """Import the records of FILE (.csv or .csv.gz); the same file again changes nothing."""
    try:
        mapping = load_mapping(mapping_file, start_date=_date(start_date), end_date=_date(end_date))
        with ExitStack() as stack:
            refused = stack.enter_context(RefusedFile(refused_file))
            source = stack.enter_context(SourceFile(file, mapping))
            report = Report(import_id=import_id or f"{mapping.source}-{source.digest}")
            command = ImportFile(
                mapping=mapping,
                district=district,
                target=target_from(options),
                check=options["check"],
                in_flight=options["in_flight"],
            )
            asyncio.run(command.run(source, report, refused))
    except MappingError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename or file}: {error.strerror or error}") from error
    _finish(report, as_json=options["as_json"])


@dataclass(frozen=True, kw_only=True)
class ImportFile:
    """The command: import one file."""

    mapping: Mapping
    district: str
    target: Target
    check: bool
    in_flight: int

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
            )
            try:
                await work.run(source.rows())
            except grpc.aio.AioRpcError as error:
                report.stopped = said(error)
            except csv.Error as error:
                report.stopped = f"line {source.line}: the file is no CSV from here on: {error}"
            except (EOFError, gzip.BadGzipFile) as error:
                report.stopped = f"line {source.line}: the file is cut short: {error}"
            finally:
                await channel.close()
                report.elapsed_seconds = time.perf_counter() - started


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
