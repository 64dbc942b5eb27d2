"""The commands that import what school systems keep: import-oneroster, import-edfi, import-case.

Exit codes: 0 every document is kept, 1 some were refused or the deletions are held, 2 the command
or the file cannot be used, 3 stopped before the end.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import grpc.aio
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from trellis.evidence.v1 import source_service_pb2

from services.common.rpc.command_line import EXIT_STOPPED, said
from services.evidence.domain.refusals import RefusedError
from services.evidence.entrypoints.commands.calls import Service, connected
from services.evidence.entrypoints.commands.layout import sentences
from services.evidence.entrypoints.commands.sources import set_source
from services.evidence.entrypoints.commands.syncs import missing_lines
from services.evidence.entrypoints.importing.documents import (
    OUTCOMES,
    DocumentReport,
    DocumentSending,
    Sync,
)
from services.evidence.entrypoints.importing.edfi.elements import InterchangeError
from services.evidence.entrypoints.importing.oneroster.check import PackageCheck, check_package
from services.evidence.entrypoints.importing.readers import (
    CaseReader,
    EdFiReader,
    OneRosterReader,
    Reader,
)
from services.evidence.entrypoints.importing.target import (
    EXIT_REFUSED,
    Target,
    progress_bar,
    target_from,
    target_options,
)

FILE = click.argument("path", type=click.Path(exists=True, path_type=Path))


def document_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that these commands have in common."""
    command = target_options(command)
    for option in (
        click.option("--source", required=True, help="The system that it comes from, as in sis."),
        click.option(
            "--time-zone",
            help="Of times and dates without one, as in America/New_York; kept for the source.",
        ),
        click.option("--import-id", help="Default: made of the source and the file's digest."),
        click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
    )[::-1]:
        command = option(command)
    return command


@click.command("import-oneroster")
@FILE
@click.option("--check", is_flag=True, help="Send nothing; say what is at fault.")
@click.option(
    "--strict",
    is_flag=True,
    help="Refuse the whole package where one row is at fault, and send nothing.",
)
@document_options
def import_oneroster_command(path: Path, strict: bool, check: bool, **options: Any) -> None:  # noqa: ANN401
    """Import a OneRoster 1.1 or 1.2 package: PATH is a ZIP or a folder of CSV files.

    Of a bulk package, what it does not bring any more is deleted; where that is more than a tenth
    of a collection, the deletions are held until somebody says `settle-import`. The same package
    again changes nothing.
    """
    if strict or check:
        found = _checked(path)
        if check or found.count:
            _print_check(found, as_json=options["as_json"])
            sys.exit(EXIT_REFUSED if found.count else 0)
    _import(OneRosterReader(path), path, options, sync=True)


@click.command("import-edfi")
@FILE
@click.option(
    "--learners-org",
    help="Id of the school of learners of whom the files say no school; kept for the source.",
)
@document_options
def import_edfi_command(path: Path, **options: Any) -> None:  # noqa: ANN401
    """Import Ed-Fi interchange files: PATH is one XML file, a ZIP or a folder of them."""
    _import(EdFiReader(path), path, options, sync=False)


@click.command("import-case")
@FILE
@document_options
def import_case_command(path: Path, **options: Any) -> None:  # noqa: ANN401
    """Import a framework: PATH is a CASE 1.0 or 1.1 package as JSON (.json or .json.gz)."""
    _import(CaseReader(path), path, options, sync=False)


def _checked(path: Path) -> PackageCheck:
    try:
        return check_package(path)
    except RefusedError as refused:
        raise click.UsageError(f"{path}: {refused.refusal.message}") from refused


def _import(reader: Any, path: Path, options: dict[str, Any], *, sync: bool) -> None:  # noqa: ANN401
    target = target_from(options)
    try:
        with reader as opened:
            report = DocumentReport(
                import_id=options["import_id"] or f"{options['source']}-{opened.digest}",
                source=options["source"],
            )
            asyncio.run(_send(opened, report, target, settings=_settings(options), sync=sync))
    except RefusedError as refused:
        raise click.UsageError(
            f"{path}: {refused.refusal.message} {refused.refusal.hint}"
        ) from refused
    except InterchangeError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename or path}: {error.strerror or error}") from error
    _finish(report, as_json=options["as_json"])


async def _send(
    reader: Reader, report: DocumentReport, target: Target, *, settings: dict[str, Any], sync: bool
) -> None:
    started = time.perf_counter()
    try:
        async with connected(target) as service:
            if settings:
                await set_source(service, report.source, settings)
            await _send_over(service, reader, report, sync=sync)
    except grpc.aio.AioRpcError as error:
        report.stopped = said(error)
    except InterchangeError as error:
        report.stopped = str(error)
    finally:
        report.elapsed_seconds = time.perf_counter() - started


async def _send_over(
    service: Service, reader: Reader, report: DocumentReport, *, sync: bool
) -> None:
    sending = DocumentSending.over(service.channel, service.caller, report.source, report)
    with progress_bar() as progress:
        task = progress.add_task("documents", total=None)
        sending.on_batch = lambda: progress.update(task, description=_sum(report))
        if sync:
            await service.call(
                service.sources.BeginSync,
                source_service_pb2.BeginSyncRequest(
                    source=report.source,
                    import_id=report.import_id,
                    collections=reader.whole,
                ),
            )
        for form, documents in reader.runs():
            await sending.send(form, documents)
        if sync:
            await sending.finish()


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    """Return what the options say of the source itself."""
    said_of_it = {name: options.get(name) for name in ("time_zone", "learners_org")}
    return {name: value for name, value in said_of_it.items() if value is not None}


def _sum(report: DocumentReport) -> str:
    return ", ".join(f"{report.total(one):,} {one}" for one in OUTCOMES if report.total(one))


def _finish(report: DocumentReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(report.as_json())
    else:
        print_report(report, Console())
    if report.stopped is not None:
        sys.exit(EXIT_STOPPED)
    held = report.sync is not None and report.sync.state == Sync.STATE_HELD
    if report.total("refused") or held:
        sys.exit(EXIT_REFUSED)


def print_report(report: DocumentReport, console: Console) -> None:
    """Print the report for people."""
    console.print(f"Import {report.import_id}", style="bold", highlight=False)
    if report.documents:
        _print_counts(report, console)
    rate = report.documents / report.elapsed_seconds if report.elapsed_seconds else 0.0
    evidence = f"; {report.evidence:,} observations changed" if report.evidence else ""
    console.print(
        f"{report.documents:,} documents in {report.elapsed_seconds:.1f} s"
        f" ({rate:,.0f} a second){evidence}.",
        highlight=False,
    )
    _print_apart(report, console)
    if report.quarantined:
        console.print(
            f"{report.quarantined:,} are kept in quarantine: `quarantine list --import-id"
            f" {report.import_id}` says why, and what to do.",
            highlight=False,
        )
    if report.sync is not None:
        _print_sync(report.sync, console)
    if report.stopped is not None:
        console.print(f"Stopped before the end: {report.stopped}", style="red", markup=False)
        kept = "What was sent is kept. " if report.documents else ""
        console.print(f"{kept}Run the same command again to go on.")


def _print_counts(report: DocumentReport, console: Console) -> None:
    table = Table("what", *OUTCOMES)
    for collection in sorted({collection for collection, _ in report.outcomes}):
        counts = [report.outcomes[collection, outcome] for outcome in OUTCOMES]
        table.add_row(collection, *(f"{count:,}" if count else "" for count in counts))
    console.print(table)


def _print_apart(report: DocumentReport, console: Console) -> None:
    """Print what was kept apart; what is to be said of several is said once."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in report.shown:
        field = f"{one.field}: " if one.field else ""
        head = f"{one.reason}, {one.outcome}"
        alike.setdefault((head, f"{field}{one.message}", one.hint), []).append(one.place)
    for (head, message, hint), places in alike.items():
        console.print(f"{head}: {', '.join(dict.fromkeys(places))}", markup=False, highlight=False)
        console.print(Padding(Text(sentences(message, hint)), (0, 0, 0, 2)))


def _print_sync(sync: Sync, console: Console) -> None:
    if sync.state == Sync.STATE_HELD:
        console.print(
            f"{sync.missing_count:,} objects are not in this package any more"
            f" ({'; '.join(missing_lines(sync))}). That is much, so"
            " nothing was deleted: look whether the package is whole, then say"
            f" `settle-import {sync.import_id} --delete` or `--keep`.",
            style="yellow",
            highlight=False,
        )
    elif sync.deleted_count:
        console.print(f"{sync.deleted_count:,} objects that it does not bring are deleted.")


def _print_check(found: PackageCheck, *, as_json: bool) -> None:
    if as_json:
        click.echo(_check_as_json(found))
        return
    console = Console(highlight=False, markup=False)
    faults = "1 fault" if found.count == 1 else f"{found.count:,} faults"
    console.print(f"{found.rows:,} rows looked at, {faults}. Nothing was sent.")
    for one in found.faults:
        line = f", line {one.line}" if one.line else ""
        console.print(f"{one.fault.code}{line}")
        console.print(Padding(Text(sentences(one.fault.message, one.fault.hint)), (0, 0, 0, 2)))
    if found.count > len(found.faults):
        console.print(f"and {found.count - len(found.faults):,} more")


def _check_as_json(found: PackageCheck) -> str:
    return json.dumps(
        {
            "rows": found.rows,
            "faults": found.count,
            "first": [
                {
                    "code": one.fault.code,
                    "line": one.line,
                    "message": one.fault.message,
                    "hint": one.fault.hint,
                }
                for one in found.faults
            ],
        },
        indent=2,
        ensure_ascii=False,
    )
