"""EvidenceService on gRPC: a request becomes a command, what the handler returns a response.

The district is the credential's, never the request's. What is raised goes through errors.py.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

import grpc.aio
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2, evidence_service_pb2_grpc

from services.common.rpc.credentials import current_credential, require_district
from services.evidence.adapters.wire.evidence import (
    answer_to,
    events_from,
    evidence_id_from,
    evidence_to,
    quarantined_to,
    record_from,
    redriven_to,
    unread_records_from,
)
from services.evidence.adapters.wire.places import (
    cursor_from,
    cursor_to,
    evidence_token_from,
    evidence_token_to,
    quarantine_token_from,
    quarantine_token_to,
)
from services.evidence.domain.entities import MAX_BATCH, BatchTooLargeError
from services.evidence.domain.errors import (
    EvidenceNotFoundError,
    InvalidRequestError,
    SourceNotAllowedError,
)
from services.evidence.domain.known import ids_after, learner_prefix
from services.evidence.domain.ledger import PublishedEntry
from services.evidence.domain.model import Answer, RefusalReason
from services.evidence.domain.normalise import check_import_id as fault_of_import_id
from services.evidence.domain.quarantine import OPEN, QuarantineSelection, QuarantineState
from services.evidence.domain.resolve import can_be_looked_up
from services.evidence.entrypoints.answers import AllowedSources, count_answers
from services.evidence.entrypoints.scopes import EVIDENCE_READ, EVIDENCE_WRITE, ROSTER_READ
from services.evidence.handlers.evidence import record_evidence
from services.evidence.handlers.intake import Intake, RecordEvidence, Sending
from services.evidence.handlers.quarantine import (
    ChangeQuarantined,
    ListQuarantined,
    Redriving,
    discard_quarantined,
    get_quarantined,
    list_quarantined,
    redrive_quarantined,
)
from services.evidence.handlers.readings import (
    ListEvidence,
    StreamLedger,
    get_evidence,
    list_evidence,
    stream_ledger,
)
from services.evidence.handlers.retractions import (
    RetractEvidence,
    RetractImport,
    retract_evidence,
    retract_import,
)
from services.evidence.ports.ledger import Ledger, LedgerStream
from services.evidence.ports.quarantine_sink import QuarantineSink

MESSAGE_BYTES: Final = 1_000_000
"""A message of the ledger's stream is cut here; one event more still fits the server's limit."""

Context = grpc.aio.ServicerContext[Any, Any]


class EvidenceServicer(evidence_service_pb2_grpc.EvidenceServiceServicer):
    """The RPCs of EvidenceService."""

    def __init__(
        self,
        *,
        intake: Intake,
        quarantine: QuarantineSink,
        redriving: Redriving,
        ledger: Ledger,
        stream: LedgerStream,
    ) -> None:
        self._intake = intake
        self._quarantine = quarantine
        self._redriving = redriving
        self._ledger = ledger
        self._stream = stream

    async def RecordEvidence(  # noqa: N802
        self, request: evidence_service_pb2.RecordEvidenceRequest, context: Context
    ) -> evidence_service_pb2.RecordEvidenceResponse:
        """Record one observation."""
        if not request.HasField("record"):
            raise InvalidRequestError(field="record", message="is missing.")
        district, answers = await self._record([request.record], request.validate_only)
        return evidence_service_pb2.RecordEvidenceResponse(answer=answer_to(district, answers[0]))

    async def RecordEvidenceBatch(  # noqa: N802
        self, request: evidence_service_pb2.RecordEvidenceBatchRequest, context: Context
    ) -> evidence_service_pb2.RecordEvidenceBatchResponse:
        """Record up to 500 observations with an answer for each."""
        district, answers = await self._record(
            request.records,
            request.validate_only,
            import_id=request.import_id,
            lines=_lines(request),
        )
        return evidence_service_pb2.RecordEvidenceBatchResponse(
            answers=[answer_to(district, answer) for answer in answers]
        )

    async def RetractEvidence(  # noqa: N802
        self, request: evidence_service_pb2.RetractEvidenceRequest, context: Context
    ) -> evidence_service_pb2.RetractEvidenceResponse:
        """Retract one observation."""
        credential, district = require_district(EVIDENCE_WRITE)
        retracted = await retract_evidence(
            RetractEvidence(
                district=district,
                sources=AllowedSources(credential),
                evidence_id=_evidence_id(district, request.name),
                event_id=request.event_id,
                version=request.version,
            ),
            intake=self._intake,
        )
        return evidence_service_pb2.RetractEvidenceResponse(
            retracted=retracted.retracted,
            version=retracted.version,
            ledger_position=retracted.position,
        )

    async def RetractImport(  # noqa: N802
        self, request: evidence_service_pb2.RetractImportRequest, context: Context
    ) -> evidence_service_pb2.RetractImportResponse:
        """Retract a bounded number of the observations of one import."""
        credential, district = require_district(EVIDENCE_WRITE)
        check_import_id(request.import_id)
        done = await retract_import(
            RetractImport(
                district=district,
                sources=AllowedSources(credential),
                import_id=request.import_id,
                max_count=request.max_count,
            ),
            intake=self._intake,
        )
        return evidence_service_pb2.RetractImportResponse(
            retracted_count=done.retracted_count,
            more=done.more,
            ledger_position=done.position,
        )

    async def GetEvidence(  # noqa: N802
        self, request: evidence_service_pb2.GetEvidenceRequest, context: Context
    ) -> evidence_service_pb2.GetEvidenceResponse:
        """Return one observation as it stands."""
        _, district = require_district(EVIDENCE_READ)
        standing = await get_evidence(
            district, _evidence_id(district, request.name), ledger=self._ledger
        )
        return evidence_service_pb2.GetEvidenceResponse(evidence=evidence_to(district, standing))

    async def ListEvidence(  # noqa: N802
        self, request: evidence_service_pb2.ListEvidenceRequest, context: Context
    ) -> evidence_service_pb2.ListEvidenceResponse:
        """List a learner's observations as they stand."""
        _, district = require_district(EVIDENCE_READ)
        page = await list_evidence(
            ListEvidence(
                district=district,
                learner_id=_learner_id(district, request.parent),
                after=evidence_token_from(request.page_token),
                page_size=request.page_size,
            ),
            ledger=self._ledger,
        )
        return evidence_service_pb2.ListEvidenceResponse(
            evidence=[evidence_to(district, one) for one in page.evidence],
            next_page_token=evidence_token_to(page.next_place),
        )

    async def BatchQuarantineRecords(  # noqa: N802
        self, request: evidence_service_pb2.BatchQuarantineRecordsRequest, context: Context
    ) -> evidence_service_pb2.BatchQuarantineRecordsResponse:
        """Keep in quarantine what an importer could make no record of."""
        credential, district = require_district(EVIDENCE_WRITE)
        check_import_id(request.import_id)
        if not credential.may_send_for(request.source):
            raise SourceNotAllowedError(source=request.source)
        if len(request.records) > MAX_BATCH:
            raise BatchTooLargeError(count=len(request.records))
        await self._quarantine.keep(district, unread_records_from(request))
        return evidence_service_pb2.BatchQuarantineRecordsResponse()

    async def GetQuarantinedRecord(  # noqa: N802
        self, request: evidence_service_pb2.GetQuarantinedRecordRequest, context: Context
    ) -> evidence_service_pb2.GetQuarantinedRecordResponse:
        """Return one record of the quarantine."""
        credential, district = require_district(EVIDENCE_READ)
        found = await get_quarantined(district, request.quarantine_id, ledger=self._ledger)
        return evidence_service_pb2.GetQuarantinedRecordResponse(
            record=quarantined_to(found, names=credential.has_scope(ROSTER_READ))
        )

    async def ListQuarantinedRecords(  # noqa: N802
        self, request: evidence_service_pb2.ListQuarantinedRecordsRequest, context: Context
    ) -> evidence_service_pb2.ListQuarantinedRecordsResponse:
        """List refused records."""
        credential, district = require_district(EVIDENCE_READ)
        check_import_id(request.import_id)
        page = await list_quarantined(
            ListQuarantined(
                district=district,
                selection=_selection(request),
                before=quarantine_token_from(request.page_token),
                page_size=request.page_size,
            ),
            ledger=self._ledger,
        )
        return evidence_service_pb2.ListQuarantinedRecordsResponse(
            records=[
                quarantined_to(one, names=credential.has_scope(ROSTER_READ)) for one in page.records
            ],
            next_page_token=quarantine_token_to(page.next_before),
        )

    async def RedriveQuarantinedRecords(  # noqa: N802
        self, request: evidence_service_pb2.RedriveQuarantinedRecordsRequest, context: Context
    ) -> evidence_service_pb2.RedriveQuarantinedRecordsResponse:
        """Read quarantined records again."""
        command = _change_of(request.quarantine_ids)
        settled = await redrive_quarantined(command, redriving=self._redriving)
        return evidence_service_pb2.RedriveQuarantinedRecordsResponse(
            records=[redriven_to(one) for one in settled]
        )

    async def DiscardQuarantinedRecords(  # noqa: N802
        self, request: evidence_service_pb2.DiscardQuarantinedRecordsRequest, context: Context
    ) -> evidence_service_pb2.DiscardQuarantinedRecordsResponse:
        """Note that nobody wants these records any more."""
        command = _change_of(request.quarantine_ids, note=request.note)
        count = await discard_quarantined(command, intake=self._intake)
        return evidence_service_pb2.DiscardQuarantinedRecordsResponse(discarded_count=count)

    async def StreamLedger(  # noqa: N802
        self, request: evidence_service_pb2.StreamLedgerRequest, context: Context
    ) -> AsyncIterator[evidence_service_pb2.StreamLedgerResponse]:
        """Stream the published ledger in commit order."""
        query = StreamLedger(
            district=current_credential().district,
            after=cursor_from(request.cursor),
            run_size=request.page_size,
        )
        async for run in stream_ledger(query, stream=self._stream):
            for part in _bounded_parts(run.entries):
                yield evidence_service_pb2.StreamLedgerResponse(
                    events=events_from([entry.event for entry in part]),
                    cursor=cursor_to(part[-1].place),
                    complete_position=run.complete_position,
                )

    async def _record(
        self,
        records: Sequence[evidence_pb2.Record],
        validate_only: bool,
        *,
        import_id: str = "",
        lines: Sequence[int] = (),
    ) -> tuple[str, Sequence[Answer]]:
        credential, district = require_district(EVIDENCE_WRITE)
        check_import_id(import_id)
        answers = await record_evidence(
            RecordEvidence(
                district=district,
                sources=AllowedSources(credential),
                sendings=[_sending(record) for record in records],
                import_id=import_id or None,
                lines=lines,
                validate_only=validate_only,
            ),
            intake=self._intake,
        )
        count_answers(answers)
        return district, answers


def _change_of(quarantine_ids: Sequence[int], *, note: str = "") -> ChangeQuarantined:
    credential, district = require_district(EVIDENCE_WRITE)
    return ChangeQuarantined(
        district=district,
        sources=AllowedSources(credential),
        quarantine_ids=quarantine_ids,
        actor=credential.name,
        note=note,
    )


def _selection(
    request: evidence_service_pb2.ListQuarantinedRecordsRequest,
) -> QuarantineSelection:
    if not can_be_looked_up(request.source):
        raise InvalidRequestError(field="source", message="is too long or unprintable.")
    try:
        return QuarantineSelection(
            import_id=request.import_id or None,
            source=request.source or None,
            reason=RefusalReason(request.reason) if request.reason else None,
            states=tuple(QuarantineState(one) for one in request.states) or OPEN,
        )
    except ValueError as error:
        raise InvalidRequestError(field="reason or states", message="is none.") from error


def _lines(request: evidence_service_pb2.RecordEvidenceBatchRequest) -> Sequence[int]:
    """Return where each record stood, if the request says so; raises InvalidRequestError."""
    count = len(request.records)
    if request.lines and (request.first_line or len(request.lines) != count):
        message = "must be one for each record, without first_line."
        raise InvalidRequestError(field="lines", message=message)
    lines = request.lines or range(request.first_line, request.first_line + count)
    if any(line < 0 for line in lines):
        raise InvalidRequestError(field="lines", message="must not be negative.")
    return lines if request.lines or request.first_line else ()


def _sending(record: evidence_pb2.Record) -> Sending:
    sent = record.SerializeToString()
    return Sending(sent=sent, record=record_from(record, len(sent)))


def check_import_id(import_id: str) -> None:
    """Refuse an import id that cannot be kept with InvalidRequestError."""
    fault = fault_of_import_id(import_id)
    if fault is not None:
        raise InvalidRequestError(field="import_id", message=fault)


def _evidence_id(district: str, name: str) -> bytes:
    evidence_id = evidence_id_from(district, name)
    if evidence_id is None:
        # Also for a name of another district: what that one has is not told.
        raise EvidenceNotFoundError(evidence=repr(name[:100]))
    return evidence_id


def _learner_id(district: str, name: str) -> str:
    prefix = learner_prefix(district)
    if not ids_after(prefix, [name]):
        raise InvalidRequestError(field="parent", message=f"must be like {prefix}{{learner}}.")
    return name[len(prefix) :]


def _bounded_parts(run: Sequence[PublishedEntry]) -> Iterable[Sequence[PublishedEntry]]:
    """Cut a run where a message would grow too large."""
    begin = size = 0
    for index, entry in enumerate(run):
        size += len(entry.event)
        if size >= MESSAGE_BYTES:
            yield run[begin : index + 1]
            begin, size = index + 1, 0
    if begin < len(run):
        yield run[begin:]
