"""The command `import-json`: records in a JSON file to the service, and a report.

Exit codes: 0 every record is kept or waits, 1 some were refused, 2 the command or the file cannot
be used, 3 the service refused it or could not be reached.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import click
import grpc
import grpc.aio
from rich.console import Console
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2

from services.common.rpc.command_line import EXIT_STOPPED, said
from services.evidence.adapters.exact_json import decode_json, encode_json
from services.evidence.adapters.wire.evidence import refusal_to
from services.evidence.adapters.wire.records import record_to
from services.evidence.domain.json_record import read_json_record, told_of
from services.evidence.domain.model import Refusal
from services.evidence.domain.quarantine import KEPT_RECORD_BYTES, keepable
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json
from services.evidence.entrypoints.commands.calls import Service, run
from services.evidence.entrypoints.commands.plain import word
from services.evidence.entrypoints.importing.report import RefusedFile, RefusedRow, Report
from services.evidence.entrypoints.importing.target import (
    EXIT_REFUSED,
    progress_bar,
    target_from,
    target_options,
)

MAX_FILE_BYTES: Final = 512 * 1024 * 1024
"""It is read as a whole, and takes some ten times as much memory."""

BATCH_RECORDS: Final = 500
BATCH_BYTES: Final = 900_000
"""Of records in one batch: the server takes 1 MiB."""

DIGEST_DIGITS: Final = 16

OUTCOME: Final = evidence_pb2.RecordAnswer.DESCRIPTOR.enum_types_by_name["Outcome"]
REASON: Final = evidence_pb2.RefusalReason.DESCRIPTOR
APART: Final = ("refused", "waiting")


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbered:
    """A record of the file by its number from 1, as a message, or why it is none.

    raw: what stood there, of what is no record.
    """

    number: int
    source: str
    event_id: str
    record: evidence_pb2.Record | None = None
    refusal: Refusal | None = None
    raw: bytes = b""

    @property
    def size_bytes(self) -> int:
        """Return about how much of a batch it takes."""
        return len(self.raw) if self.record is None else self.record.ByteSize()


@click.command("import-json")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="", help="Of records that do not say whose they are.")
@click.option("--check", is_flag=True, help="Keep nothing; say what would become of each record.")
@click.option("--import-id", help="Default: made of the file's digest.")
@click.option(
    "--refused-file", type=click.Path(dir_okay=False, path_type=Path), help="All refused, as CSV."
)
@click.option("--json", "as_json_", is_flag=True, help="Print the report as JSON.")
@target_options
def import_json_command(file: Path, as_json_: bool, **options: Any) -> None:  # noqa: ANN401
    """Import the records of FILE, which is the JSON of POST /v1/evidence; however many they are.

    One record, a list of records, or {"records": [...]}: what `export-learner` writes, or somebody
    has mended by hand. The same file again changes nothing. A record that names somebody or
    something by a reference that nobody knows yet waits, and is taken up by itself. A line in the
    report is the record's place in the file, from 1.
    """
    target = target_from(options)
    documents, digest = read_file(file)
    report = Report(import_id=options["import_id"] or f"json-{digest}")
    started = time.perf_counter()
    with RefusedFile(options["refused_file"]) as refused_file:
        sending = JsonSending(report=report, refused_file=refused_file, check=options["check"])
        try:
            run(target, lambda service: sending.run(service, documents, options["source"]))
        finally:
            report.elapsed_seconds = time.perf_counter() - started
    if as_json_:
        click.echo(report.as_json())
    else:
        report.print(Console())
    if report.stopped is not None:
        sys.exit(EXIT_STOPPED)
    if report.outcomes["refused"]:
        sys.exit(EXIT_REFUSED)


def read_file(path: Path) -> tuple[Sequence[Json], str]:
    """Return the records of a file, and a digest of it. Raises click.UsageError."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise click.UsageError(f"{path} has more than {MAX_FILE_BYTES:,} bytes: cut it")
    data = path.read_bytes()
    try:
        body = decode_json(data)
    except RefusedError as refused:
        raise click.UsageError(f"{path}: {refused.refusal.message}") from refused
    # As POST /v1/evidence takes it: one record, a list, or an object with a list.
    one = isinstance(body, Mapping) and "records" not in body
    listed = [body] if one else body["records"] if isinstance(body, Mapping) else body
    if isinstance(listed, str) or not isinstance(listed, Sequence):
        raise click.UsageError(
            f'{path} is neither a record, a list of records nor {{"records": [...]}}'
        )
    return listed, sha256(data).hexdigest()[:DIGEST_DIGITS]


@dataclass(kw_only=True)
class JsonSending:
    """Sends records in batches, and counts what becomes of each."""

    report: Report
    refused_file: RefusedFile
    check: bool

    async def run(self, service: Service, documents: Sequence[Json], source: str) -> None:
        """Send every record; what stops it early goes into the report."""
        with progress_bar() as progress:
            task = progress.add_task("records", total=len(documents))
            try:
                for batch in _batches(_numbered(documents, source)):
                    await self._send(service, batch)
                    progress.advance(task, len(batch))
            except grpc.aio.AioRpcError as error:
                self.report.stopped = said(error)

    async def _send(self, service: Service, batch: Sequence[Numbered]) -> None:
        await self._set_apart(service, [one for one in batch if one.record is None])
        sent = [one for one in batch if one.record is not None]
        if not sent:
            return
        response = await service.call(
            service.evidence.RecordEvidenceBatch,
            evidence_service_pb2.RecordEvidenceBatchRequest(
                records=[one.record for one in sent if one.record is not None],
                validate_only=self.check,
                import_id=self.report.import_id,
                lines=[one.number for one in sent],
            ),
        )
        for one, answer in zip(sent, response.answers, strict=True):
            outcome = word(OUTCOME, answer.outcome)
            refusal = answer.refusal if outcome in APART else None
            self._count(one, outcome, refusal)

    async def _set_apart(self, service: Service, unread: Sequence[Numbered]) -> None:
        """Keep in quarantine what is no record, as what the file says it is from."""
        for one in unread:
            assert one.refusal is not None
            self._count(one, "refused", refusal_to(one.refusal))
            if self.check:
                continue
            try:
                await service.call(
                    service.evidence.BatchQuarantineRecords,
                    evidence_service_pb2.BatchQuarantineRecordsRequest(
                        source=one.source,
                        import_id=self.report.import_id,
                        records=[_unread(one, refusal_to(one.refusal))],
                    ),
                )
            except grpc.aio.AioRpcError as error:
                # The token does not speak for the source that stands there, if any: the file and
                # the report have it all the same.
                if error.code() is not grpc.StatusCode.PERMISSION_DENIED:
                    raise

    def _count(self, one: Numbered, outcome: str, refusal: evidence_pb2.Refusal | None) -> None:
        if refusal is None:
            self.report.count(outcome)
            return
        refused = RefusedRow(
            line=one.number,
            event_id=one.event_id,
            reason=word(REASON, refusal.reason),
            field=refusal.field,
            message=refusal.message,
            hint=refusal.hint,
        )
        self.report.count(outcome, refused)
        self.refused_file.write(refused)


def _numbered(documents: Sequence[Json], source: str) -> Iterator[Numbered]:
    """Read the records of a file."""
    for number, document in enumerate(documents, start=1):
        try:
            record = read_json_record(document, source=source)
        except RefusedError as refused:
            yield Numbered(
                number=number,
                source=keepable(told_of(document, "source") or source),
                event_id=keepable(told_of(document, "event_id")),
                refusal=refused.refusal,
                raw=encode_json(document),
            )
        else:
            yield Numbered(
                number=number,
                source=record.source,
                event_id=record.event_id,
                record=record_to(record),
            )


def _batches(records: Iterator[Numbered]) -> Iterator[Sequence[Numbered]]:
    """Cut the records where a batch would be too large; one that is too large goes alone."""
    batch: list[Numbered] = []
    size_bytes = 0
    for one in records:
        if batch and (len(batch) == BATCH_RECORDS or size_bytes + one.size_bytes > BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(one)
        size_bytes += one.size_bytes
    if batch:
        yield batch


def _unread(one: Numbered, refusal: evidence_pb2.Refusal) -> evidence_service_pb2.UnreadRecord:
    return evidence_service_pb2.UnreadRecord(
        event_id=one.event_id,
        # One byte more than is kept tells that there was more.
        content=one.raw[: KEPT_RECORD_BYTES + 1],
        line=one.number,
        refusal=refusal,
    )
