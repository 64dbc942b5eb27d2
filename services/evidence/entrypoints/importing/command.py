"""The commands `import`, `retract-import` and `quarantine`: clients of the service.

Exit codes of `import`: 0 every row is kept (or, with --check, would be), 1 some rows were refused,
2 the command, the mapping or the file cannot be used, 3 stopped before the end of the file.
"""

import asyncio
import csv
import gzip
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
import grpc.aio
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2, evidence_service_pb2_grpc

from services.common.clock import SystemClock
from services.common.rpc.client import connect, reason_of
from services.common.rpc.tls import Tls
from services.evidence.entrypoints.importing.mapping import Mapping, MappingError, load_mapping
from services.evidence.entrypoints.importing.names import KnownNames, Names, RegisteredNames
from services.evidence.entrypoints.importing.report import RefusedFile, Report
from services.evidence.entrypoints.importing.run import Import
from services.evidence.entrypoints.importing.sending import Caller
from services.evidence.entrypoints.importing.source import SourceFile
from services.evidence.handlers.intake import micros_of

EXIT_REFUSED: Final = 1
EXIT_STOPPED: Final = 3

DEADLINE_SECONDS: Final = 30.0
MAX_CALLS: Final = 1_000_000
"""Of one withdrawal: 5 billion observations."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the service is, and with which token."""

    address: str
    token: str | None
    tls: Tls | None
    patience_seconds: float

    def connect(self) -> grpc.aio.Channel:
        """Return an open channel."""
        return connect(self.address, self.token, timeout_seconds=DEADLINE_SECONDS, tls=self.tls)

    def caller(self) -> Caller:
        """Return how to call: again and again, within the patience."""
        return Caller(
            patience_seconds=self.patience_seconds,
            deadline_seconds=DEADLINE_SECONDS,
            chance=random.random,
        )


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the service is."""
    for option in (
        click.option("--target", required=True, help="The gRPC API, as host:port."),
        click.option(
            "--token-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file with the token; without it none is sent.",
        ),
        click.option(
            "--ca-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="PEM of who signed the service's certificate; with it, TLS is used.",
        ),
        click.option(
            "--patience-seconds",
            default=120.0,
            show_default=True,
            help="So long one call is tried again while the service cannot be reached.",
        ),
    ):
        command = option(command)
    return command


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
            job = Job(
                mapping=mapping,
                district=district,
                target=_target(options),
                check=options["check"],
                in_flight=options["in_flight"],
            )
            asyncio.run(job.run(source, report, refused))
    except MappingError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename or file}: {error.strerror or error}") from error
    _finish(report, as_json=options["as_json"])


@click.command("retract-import")
@click.argument("import_id")
@target_options
def retract_import_command(import_id: str, **options: Any) -> None:  # noqa: ANN401
    """Withdraw everything that stands because of an import."""
    target = _target(options)

    async def run() -> int:
        channel = target.connect()
        stub = evidence_service_pb2_grpc.EvidenceServiceStub(channel)
        caller, count = target.caller(), 0
        request = evidence_service_pb2.RetractImportRequest(import_id=import_id)
        try:
            with _progress() as progress:
                task = progress.add_task("withdrawn", total=None)
                for _ in range(MAX_CALLS):
                    response = await caller.call(stub.RetractImport, request)
                    count += response.retracted_count
                    progress.update(task, completed=count)
                    if not response.more:
                        break
        finally:
            await channel.close()
        return count

    click.echo(f"{_call(run):,} observations of import {import_id} were withdrawn.")


@click.command("quarantine")
@target_options
@click.option("--import-id", default="", help="Of this import only.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
def quarantine_command(import_id: str, limit: int, **options: Any) -> None:  # noqa: ANN401
    """List refused records, newest first, with what to do about each."""
    target = _target(options)

    async def run() -> list[evidence_service_pb2.QuarantinedRecord]:
        channel = target.connect()
        stub = evidence_service_pb2_grpc.EvidenceServiceStub(channel)
        caller, token = target.caller(), ""
        found: list[evidence_service_pb2.QuarantinedRecord] = []
        try:
            while len(found) < limit:
                request = evidence_service_pb2.ListQuarantinedRecordsRequest(
                    import_id=import_id, page_token=token
                )
                page = await caller.call(stub.ListQuarantinedRecords, request)
                found += page.records
                token = page.next_page_token
                if not token:
                    break
        finally:
            await channel.close()
        return found[:limit]

    _print_quarantined(_call(run))


def _print_quarantined(records: Sequence[evidence_service_pb2.QuarantinedRecord]) -> None:
    console = Console(highlight=False, markup=False)
    for one in records:
        reason = evidence_pb2.RefusalReason.Name(one.refusal.reason)
        place = f"import {one.import_id} line {one.line}" if one.import_id else one.source
        console.print(
            f"{one.quarantine_id}  {reason.removeprefix('REFUSAL_REASON_')}  {place}"
            f"  event {one.event_id or '(none)'}"
        )
        field = f"{one.refusal.field}: " if one.refusal.field else ""
        console.print(f"    {field}{one.refusal.message} {one.refusal.hint}", style="dim")
    console.print(f"{len(records)} refused records.")


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one call of `import` is to do."""

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
        with _progress() as progress:
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
                report.stopped = _said(error)
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


def _progress() -> Progress:
    """Return a bar on standard error, so that standard output is the report's alone."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _sum(report: Report) -> str:
    parts = [f"{count:,} {name}" for name, count in sorted(report.outcomes.items())]
    return ", ".join(parts) or "rows"


def _target(options: dict[str, Any]) -> Target:
    token_file: Path | None = options["token_file"]
    ca_file: Path | None = options["ca_file"]
    return Target(
        address=options["target"],
        token=None if token_file is None else token_file.read_text(encoding="utf-8").strip(),
        tls=None if ca_file is None else Tls(ca_file=ca_file),
        patience_seconds=options["patience_seconds"],
    )


def _call(work: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """Run a client's work; a refused call ends the command with its reason."""

    async def run() -> object:
        return await work()

    try:
        return asyncio.run(run())
    except grpc.aio.AioRpcError as error:
        raise click.ClickException(_said(error)) from error


def _said(error: grpc.aio.AioRpcError) -> str:
    reason = reason_of(error) or error.code().name
    return f"{reason}: {error.details() or 'no details'}"


def _date(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
