"""Records, answers, evidence and events: domain values to messages and back, by hand.

json_format would cost ten times as much, and this runs once a record.
"""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2
from trellis.framework.v1 import framework_pb2
from trellis.roster.v1 import roster_pb2

from services.evidence.adapters.wire.references import (
    competency_reference_from,
    reference_from,
)
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.ledger import EntryKind, Standing
from services.evidence.domain.model import (
    Answer,
    Evidence,
    Record,
    Refusal,
    RefusalReason,
    Retraction,
)
from services.evidence.domain.quarantine import (
    QuarantinedRecord,
    QuarantineKind,
    Settlement,
    keepable,
)
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    ReferenceKind,
)
from services.evidence.ports.quarantine_sink import UnreadableDocument

_MICROS = 1_000_000


class ProtobufEventEncoder:
    """Makes the bytes that are published; see the port."""

    def recorded(
        self, district: str, evidence: Evidence, *, version: int, position: int, receive_micros: int
    ) -> bytes:
        """Return the EvidenceEvent that says what was observed."""
        prefix = f"districts/{district}/"
        event = evidence_pb2.EvidenceEvent(
            event_id=evidence.event_id,
            evidence_id=evidence.evidence_id,
            version=version,
            ledger_position=position,
            learner=f"{prefix}learners/{evidence.learner_id}",
            content_hash=evidence.content_hash,
        )
        _set_time(event.occur_time, evidence.occur_time_micros)
        _set_time(event.receive_time, receive_micros)
        _fill(event.recorded, evidence, f"{prefix}competencies/")
        return event.SerializeToString()

    def retracted(
        self,
        district: str,
        retraction: Retraction,
        *,
        event_id: str,
        version: int,
        position: int,
        receive_micros: int,
    ) -> bytes:
        """Return the EvidenceEvent that retracts an observation from a learner."""
        return evidence_pb2.EvidenceEvent(
            event_id=event_id,
            evidence_id=retraction.evidence_id,
            version=version,
            ledger_position=position,
            occur_time=timestamp(retraction.occur_time_micros),
            learner=f"districts/{district}/learners/{retraction.learner_id}",
            content_hash=retraction.content_hash,
            receive_time=timestamp(receive_micros),
            retracted=evidence_pb2.EvidenceRetracted(
                reason=retraction.reason.value  # type: ignore[arg-type]
            ),
        ).SerializeToString()


def timestamp(micros: int) -> Timestamp:
    """Return a Timestamp of microseconds since 1970."""
    made = Timestamp()
    _set_time(made, micros)
    return made


def _set_time(time: Timestamp, micros: int) -> None:
    time.seconds, rest = divmod(micros, _MICROS)
    time.nanos = rest * 1_000


def _fill(
    recorded: evidence_pb2.EvidenceRecorded, evidence: Evidence, competency_prefix: str
) -> None:
    """Set the fields in place: half the cost of building the message and copying it in."""
    for competency_id, weight in evidence.alignments:
        recorded.alignments.add(competency=competency_prefix + competency_id, weight_milli=weight)
    if evidence.score is not None:
        recorded.score = evidence.score
    if evidence.timed is not None:
        recorded.timed = evidence.timed
    # Checked numbers, and numbers on the wire.
    recorded.score_scale = evidence.score_scale.value  # type: ignore[assignment]
    recorded.purpose = evidence.purpose  # type: ignore[assignment]
    recorded.kind = evidence.kind  # type: ignore[assignment]
    recorded.dok = evidence.dok
    recorded.item = evidence.item
    recorded.assessment = evidence.assessment
    recorded.assessment_items_on_competency = evidence.assessment_items_on_competency
    recorded.artefact = evidence.artefact
    recorded.local_day = evidence.local_day
    recorded.source = evidence.source


def record_from(message: evidence_pb2.Record, size_bytes: int) -> Record:
    """Return what a record says; nothing is checked here."""
    occur_time = None
    if message.HasField("occur_time"):
        time = message.occur_time
        occur_time = (time.seconds, time.nanos)
    points = level_milli = None
    if message.HasField("score"):
        points, level_milli = _score_from(message.score)
    learner_reference = None
    if message.HasField("learner_reference"):
        learner_reference = _learner_from(message.learner_reference)
    return Record(
        size_bytes=size_bytes,
        event_id=message.event_id,
        source=message.source,
        entity_id=message.entity_id,
        version=message.version,
        learner=message.learner,
        occur_time=occur_time,
        alignments=tuple([(one.competency, one.weight_milli) for one in message.alignments]),
        points=points,
        level_milli=level_milli,
        purpose=message.purpose,
        kind=message.kind,
        dok=message.dok,
        timed=message.timed if message.HasField("timed") else None,
        item=message.item,
        assessment=message.assessment,
        assessment_items_on_competency=message.assessment_items_on_competency,
        artefact=message.artefact,
        learner_reference=learner_reference,
        referenced_alignments=tuple(
            [
                (_competency_from(one.competency), one.weight_milli)
                for one in message.referenced_alignments
            ]
        ),
    )


def _learner_from(message: roster_pb2.Reference) -> Reference:
    """Return a reference; one of an unknown kind is empty, so that its record alone is refused."""
    try:
        return reference_from(message)
    except InvalidRequestError:
        return Reference(kind=ReferenceKind.SOURCED_ID, value="")


def _competency_from(message: framework_pb2.CompetencyReference) -> CompetencyReference:
    """Return a reference; one of an unknown kind is empty, so that its record alone is refused."""
    try:
        return competency_reference_from(message)
    except InvalidRequestError:
        return CompetencyReference(kind=CompetencyReferenceKind.LOCAL, value="")


class ProtobufRecordDecoder:
    """Reads the bytes of records that were kept; the port `RecordDecoder`."""

    def decode(self, sent: bytes) -> Record:
        """Return what the record says."""
        return record_from(evidence_pb2.Record.FromString(sent), len(sent))


def answer_to(district: str, answer: Answer) -> evidence_pb2.RecordAnswer:
    """Return the message of an answer."""
    if answer.refusal is not None:
        return evidence_pb2.RecordAnswer(
            event_id=answer.event_id,
            outcome=answer.outcome.value,  # type: ignore[arg-type]
            refusal=refusal_to(answer.refusal),
        )
    return evidence_pb2.RecordAnswer(
        event_id=answer.event_id,
        outcome=answer.outcome.value,  # type: ignore[arg-type]
        evidence=evidence_name(district, answer.evidence_id),
        version=answer.version,
        ledger_position=answer.position,
    )


def refusal_to(refusal: Refusal) -> evidence_pb2.Refusal:
    """Return the message of a refusal."""
    return evidence_pb2.Refusal(
        reason=refusal.reason.value,  # type: ignore[arg-type]
        field=refusal.field,
        message=refusal.message,
        hint=refusal.hint,
    )


def refusal_from(message: evidence_pb2.Refusal) -> Refusal:
    """Return a refusal that an importer made. Raises InvalidRequestError for an unknown reason."""
    try:
        reason = RefusalReason(message.reason)
    except ValueError:
        raise InvalidRequestError(field="refusal.reason", message="is no reason.") from None
    return Refusal(
        reason=reason,
        field=_without_nul(message.field),
        message=_without_nul(message.message),
        hint=_without_nul(message.hint),
    )


def _without_nul(text: str) -> str:
    # An importer's words may quote what is wrong, and no store keeps a NUL.
    return text.replace("\x00", "\ufffd")


def evidence_to(district: str, standing: Standing) -> evidence_pb2.Evidence:
    """Return the message of an observation as it stands."""
    active = standing.kind is EntryKind.RECORDED
    return evidence_pb2.Evidence(
        name=evidence_name(district, standing.evidence_id),
        state=evidence_pb2.Evidence.STATE_ACTIVE
        if active
        else evidence_pb2.Evidence.STATE_RETRACTED,
        version=standing.version,
        source=standing.source,
        entity_id=standing.entity_id,
        import_id=standing.import_id or "",
        receive_time=timestamp(standing.receive_time_micros),
        ledger_position=standing.position,
        event=evidence_pb2.EvidenceEvent.FromString(standing.event),
    )


def quarantined_to(
    one: QuarantinedRecord, *, names: bool
) -> evidence_service_pb2.QuarantinedRecord:
    """Return the message of a refused record.

    names: whether who asks may read names; a document of a school system is full of them.
    """
    refused = one.refused
    shown = names or refused.kind is QuarantineKind.RECORD
    return evidence_service_pb2.QuarantinedRecord(
        quarantine_id=one.quarantine_id,
        kind=refused.kind.value,  # type: ignore[arg-type]
        state=one.state.value,  # type: ignore[arg-type]
        state_time=timestamp(one.state_time_micros),
        due=one.due,
        actor=one.actor,
        note=one.note,
        collection=refused.collection,
        file=refused.file,
        record_length_bytes=refused.record_length_bytes,
        source=refused.source,
        event_id=refused.event_id,
        import_id=refused.import_id or "",
        line=refused.line,
        refusal=refusal_to(refused.refusal),
        record=refused.record if shown else b"",
        receive_time=timestamp(refused.receive_time_micros),
    )


def unread_records_from(
    request: evidence_service_pb2.BatchQuarantineRecordsRequest,
) -> Sequence[UnreadableDocument]:
    """Return what an importer could make no record of. Raises InvalidRequestError."""
    return [
        UnreadableDocument(
            source=request.source,
            event_id=keepable(one.event_id),
            refusal=refusal_from(one.refusal),
            raw=one.content,
            import_id=request.import_id or None,
            line=max(one.line, 0),
        )
        for one in request.records
    ]


def redriven_to(one: Settlement) -> evidence_service_pb2.Redriven:
    """Return the message of what a second look came to."""
    return evidence_service_pb2.Redriven(
        quarantine_id=one.quarantine_id,
        state=one.state.value,  # type: ignore[arg-type]
        refusal=None if one.refusal is None else refusal_to(one.refusal),
    )


def events_from(published: Sequence[bytes]) -> list[evidence_pb2.EvidenceEvent]:
    """Return the messages of published events."""
    return [evidence_pb2.EvidenceEvent.FromString(one) for one in published]


def evidence_name(district: str, evidence_id: bytes) -> str:
    """Return districts/{district}/evidence/{evidence}, with the id in UUID's usual form."""
    digits = evidence_id.hex()
    return (
        f"districts/{district}/evidence/{digits[:8]}-{digits[8:12]}-{digits[12:16]}"
        f"-{digits[16:20]}-{digits[20:]}"
    )


def evidence_id_from(district: str, name: str) -> bytes | None:
    """Return the id in the name of evidence of this district; None for any other text."""
    prefix = f"districts/{district}/evidence/"
    if not name.startswith(prefix):
        return None
    try:
        evidence_id = UUID(name[len(prefix) :]).bytes
    except ValueError:
        return None
    return evidence_id if evidence_name(district, evidence_id) == name else None


def _score_from(score: evidence_pb2.Score) -> tuple[tuple[int, int] | None, int | None]:
    which = score.WhichOneof("value")
    if which == "points":
        points = score.points
        return (points.earned_milli, points.possible_milli), None
    # A score without a value is no score: level 0 is out of range, and is refused as such.
    return None, score.level_milli
