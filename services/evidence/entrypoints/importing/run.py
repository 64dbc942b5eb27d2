"""One import from the first row to the last: reads, names, sends several batches at a time.

What is in memory is bounded: the batches in flight, the names of learners and competencies, and
the first refused rows.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import grpc.aio
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2, evidence_service_pb2_grpc

from services.evidence.adapters.wire.evidence import record_from
from services.evidence.domain.known import Known, KnownLearner
from services.evidence.domain.model import Record, Refusal
from services.evidence.domain.normalise import normalise
from services.evidence.domain.references import competency_reference
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.entrypoints.importing.mapping import Mapping, MappingError
from services.evidence.entrypoints.importing.names import Names, competency_id
from services.evidence.entrypoints.importing.report import RefusedFile, RefusedRow, Report
from services.evidence.entrypoints.importing.rows import Row
from services.evidence.entrypoints.importing.sending import Caller
from services.evidence.entrypoints.importing.unreadable import (
    MEND_ROW,
    RowQuarantine,
    UnreadableRow,
)
from services.evidence.handlers.intake import IntakePolicy, micros_of

BATCH_ROWS: Final = 500
BATCH_BYTES: Final = 900_000
"""Of records in one batch: the server takes 1 MiB."""

NEW_LEARNER: Final = "new-learner"
"""Stands in a check for a learner who is not registered yet."""

_REFERENCED: Final = "referenced"
"""Stands in a check for a competency that is named by reference."""

_OUTCOMES: Final = {
    evidence_pb2.RecordAnswer.OUTCOME_ACCEPTED: "accepted",
    evidence_pb2.RecordAnswer.OUTCOME_REPEATED: "repeated",
    evidence_pb2.RecordAnswer.OUTCOME_SUPERSEDED: "superseded",
    evidence_pb2.RecordAnswer.OUTCOME_REFUSED: "refused",
    evidence_pb2.RecordAnswer.OUTCOME_VALID: "valid",
    evidence_pb2.RecordAnswer.OUTCOME_WAITING: "waiting",
}


@dataclass(frozen=True, kw_only=True)
class Named:
    """A row whose record has its names. known: whether all of them are the service's own."""

    row: Row
    record: evidence_pb2.Record
    known: bool


@dataclass(kw_only=True)
class Import:
    """One run over one file."""

    mapping: Mapping
    district: str
    channel: grpc.aio.Channel
    names: Names
    caller: Caller
    report: Report
    refused_file: RefusedFile
    check: bool
    in_flight: int
    on_rows: Callable[[int], None]
    """Told after each batch how many rows were answered."""
    now_micros: int
    unreadable: RowQuarantine
    """Where rows go that cannot be read."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, rows: Iterable[Row]) -> None:
        """Send every row; raises what no patience could wait for."""
        stub = evidence_service_pb2_grpc.EvidenceServiceStub(self.channel)
        await self._check_source(stub)
        await self.names.prepare()
        free = asyncio.Semaphore(self.in_flight)
        try:
            for batch in _batches(self._meaning(rows)):
                await self.names.know(batch)
                named = [self._named(row) for row in batch]
                for part in _sized(named):
                    await free.acquire()
                    self._raise_failed()
                    task = asyncio.create_task(self._send(stub, part))
                    self._tasks.add(task)
                    task.add_done_callback(lambda _done: free.release())
            await self._drain()
        finally:
            await self._end_tasks()
            self.report.learners = self.names.learners
            self.report.competencies = self.names.competencies

    async def _check_source(self, stub: evidence_service_pb2_grpc.EvidenceServiceStub) -> None:
        """Ask once whether the token speaks for the source: else each row would be refused."""
        record = evidence_pb2.Record(event_id="check", source=self.mapping.source)
        response = await self.caller.call(
            stub.RecordEvidence,
            evidence_service_pb2.RecordEvidenceRequest(record=record, validate_only=True),
        )
        refusal = response.answer.refusal
        if refusal.reason == evidence_pb2.REFUSAL_REASON_SOURCE_NOT_ALLOWED:
            raise MappingError(f"{refusal.message} {refusal.hint}")

    def _meaning(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Give the rows that mean something; the others are counted."""
        for row in rows:
            if row.skipped:
                self.report.count_skipped(row.skipped)
            else:
                yield row

    def _raise_failed(self) -> None:
        """Raise what a finished batch raised; forget the others that are done."""
        done = {task for task in self._tasks if task.done()}
        self._tasks -= done
        for task in done:
            task.result()

    async def _drain(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            self._raise_failed()

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _named(self, row: Row) -> Named:
        """Put the names in; what has none is left so that the service refuses the record.

        What is named by reference has no names here: the service looks it up.
        """
        record, known = row.record, True
        if self.mapping.learner is not None:
            record.learner = self.names.learner(row)
            known = bool(record.learner)
        for value in row.competencies:
            name = self.names.competency(value)
            known = known and bool(name)
            record.alignments.add(competency=name)
        return Named(row=row, record=record, known=known)

    async def _send(
        self, stub: evidence_service_pb2_grpc.EvidenceServiceStub, part: Sequence[Named]
    ) -> None:
        """Send one batch and count its answers; in a check, what is new is checked here."""
        sent = await self._set_apart(part)
        if self.check:
            for one in sent:
                if not one.known:
                    self._count_local(one)
            sent = [one for one in sent if one.known]
        if sent:
            response = await self.caller.call(
                stub.RecordEvidenceBatch,
                evidence_service_pb2.RecordEvidenceBatchRequest(
                    records=[one.record for one in sent],
                    validate_only=self.check,
                    import_id=self.report.import_id,
                    lines=[one.row.line for one in sent],
                ),
            )
            for one, answer in zip(sent, response.answers, strict=True):
                self._count(one.row, _OUTCOMES[answer.outcome], answer)
        self.on_rows(len(part))

    async def _set_apart(self, part: Sequence[Named]) -> Sequence[Named]:
        """Keep rows that cannot be read as they are, and return the others."""
        rows = [UnreadableRow.of(one.row) for one in part if one.row.fault is not None]
        if not rows:
            return part
        if not self.check:
            await self.unreadable.keep(self.report.import_id, self.mapping.source, rows)
        for one in part:
            if one.row.fault is not None:
                self._count_kept_apart(one.row, "refused", "MALFORMED", "", "", MEND_ROW)
        return [one for one in part if one.row.fault is None]

    def _count(self, row: Row, outcome: str, answer: evidence_pb2.RecordAnswer) -> None:
        if outcome not in ("refused", "waiting"):
            self.report.count(outcome)
            return
        reason = evidence_pb2.RefusalReason.Name(answer.refusal.reason)
        self._count_kept_apart(
            row,
            outcome,
            reason.removeprefix("REFUSAL_REASON_"),
            answer.refusal.field,
            answer.refusal.message,
            answer.refusal.hint,
        )

    def _count_kept_apart(  # noqa: PLR0917
        self, row: Row, outcome: str, reason: str, field: str, message: str, hint: str
    ) -> None:
        refused = RefusedRow(
            line=row.line,
            event_id=row.record.event_id,
            reason=reason,
            field=field,
            # What could not be read says more than what came of it.
            message=row.fault or message,
            hint=hint,
        )
        self.report.count(outcome, refused)
        self.refused_file.write(refused)

    def _count_local(self, one: Named) -> None:
        """Check a record whose learner or competencies would be registered on the way."""
        prefix = f"districts/{self.district}"
        record = one.record
        if one.row.learner and one.row.school:
            record.learner = f"{prefix}/learners/{NEW_LEARNER}"
        ids = [competency_id(self.mapping, value) for value in one.row.competencies]
        for alignment, competency in zip(record.alignments, ids, strict=True):
            alignment.competency = f"{prefix}/competencies/{competency}"
        read = record_from(record, record.ByteSize())
        found = normalise(read, self._everything_known(read, ids))
        if isinstance(found, Refusal):
            self._count_kept_apart(
                one.row, "refused", found.reason.name, found.field, found.message, found.hint
            )
        else:
            self.report.count("valid")

    def _everything_known(self, read: Record, competency_ids: Sequence[str]) -> Known:
        """Return what the record would be checked against, were all that it names known."""
        policy = IntakePolicy()
        references = {one: (_REFERENCED,) for one, _ in read.referenced_alignments}
        local = competency_reference(_REFERENCED)
        item = ItemAlignment(item=read.item, references=((local, 0),))
        return Known(
            district=self.district,
            district_namespace=bytes(16),
            sources=frozenset({self.mapping.source}),
            learners={NEW_LEARNER: KnownLearner(learner_id=NEW_LEARNER, zone=self.mapping.zone)},
            competencies={one: one for one in competency_ids},
            references=references | {local: (_REFERENCED,)},
            items={(read.source, read.item): item},
            earliest_micros=micros_of(policy.import_earliest),
            latest_micros=self.now_micros + policy.ahead_seconds * 1_000_000,
        )


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH_ROWS)):
        yield batch


def _sized(rows: Sequence[Named]) -> Iterator[Sequence[Named]]:
    """Cut a batch where its bytes would be too many; a record that is too large goes alone."""
    begin = size = 0
    for index, one in enumerate(rows):
        length = one.record.ByteSize()
        if index > begin and size + length > BATCH_BYTES:
            yield rows[begin:index]
            begin, size = index, 0
        size += length
    if begin < len(rows):
        yield rows[begin:]
