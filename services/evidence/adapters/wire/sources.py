"""Documents, sources, imports and alignments as messages and back."""

from collections.abc import Sequence

from trellis.evidence.v1 import evidence_pb2, source_service_pb2

from services.evidence.adapters.exact_json import JsonDocumentDecoder
from services.evidence.adapters.wire.evidence import refusal_from, refusal_to, timestamp
from services.evidence.adapters.wire.references import (
    competency_reference_from,
    competency_reference_to,
)
from services.evidence.domain.document import Document, Format, id_told_by
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.quarantine import QuarantineCount, QuarantineState
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.domain.sources import (
    DELETION_LIMIT_MILLI,
    OBJECTIVE_MAXIMUM_MILLI,
    PullCursor,
    SourceReading,
    Sync,
)
from services.evidence.handlers.documents.surroundings import DocumentAnswer
from services.evidence.handlers.sources import SourceStatus
from services.evidence.ports.documents import UnreadDocument

_DECODER = JsonDocumentDecoder()


def format_from(number: int) -> Format:
    """Return the format. Raises InvalidRequestError for none."""
    try:
        return Format(number)
    except ValueError:
        raise InvalidRequestError(field="format", message="is no format.") from None


def document_from(message: source_service_pb2.Document) -> Document:
    """Return a document, decoded where it can be."""
    content, fault = _DECODER.decode(message.content)
    return Document(
        collection=message.collection,
        content=content,
        sent=message.content,
        deleted=message.deleted,
        fault=fault,
        file=message.file,
        line=max(message.line, 0),
    )


def document_answer_to(answer: DocumentAnswer) -> source_service_pb2.DocumentAnswer:
    """Return the message of an answer."""
    return source_service_pb2.DocumentAnswer(
        outcome=answer.outcome.value,  # type: ignore[arg-type]
        refusal=None if answer.refusal is None else refusal_to(answer.refusal),
    )


def unread_from(message: source_service_pb2.UnreadDocument) -> UnreadDocument:
    """Return what an importer could not read. Raises InvalidRequestError for an unknown reason."""
    return UnreadDocument(
        collection=message.collection,
        content=message.content,
        file=message.file,
        line=max(message.line, 0),
        refusal=refusal_from(message.refusal),
        object_id=id_told_by(_DECODER.decode(message.content)[0]),
    )


def sync_to(sync: Sync) -> source_service_pb2.Sync:
    """Return the message of an import."""
    return source_service_pb2.Sync(
        import_id=sync.import_id,
        source=sync.source,
        state=sync.state.value,  # type: ignore[arg-type]
        collections=sync.collections,
        missing_count=sync.missing_count,
        counts=[
            source_service_pb2.CollectionCount(
                collection=one.collection,
                standing_count=one.standing_count,
                missing_count=one.missing_count,
            )
            for one in sync.counts
        ],
        deleted_count=sync.deleted_count,
        begin_time=timestamp(sync.begin_micros),
        end_time=None if sync.end_micros is None else timestamp(sync.end_micros),
        actor=sync.actor,
    )


def source_from(message: source_service_pb2.Source) -> SourceReading:
    """Return how to read a source; zeros stand for the defaults."""
    return SourceReading(
        source=message.source,
        time_zone=message.time_zone,
        objective_maximum_milli=message.objective_maximum_milli or OBJECTIVE_MAXIMUM_MILLI,
        deletion_limit_milli=message.deletion_limit_milli or DELETION_LIMIT_MILLI,
        learners_org=message.learners_org,
    )


def source_to(status: SourceStatus) -> source_service_pb2.Source:
    """Return the message of a source and of how it is doing."""
    reading = status.reading
    received, occurred = reading.last_receive_micros, reading.last_occur_micros
    return source_service_pb2.Source(
        source=reading.source,
        time_zone=reading.time_zone,
        objective_maximum_milli=reading.objective_maximum_milli,
        deletion_limit_milli=reading.deletion_limit_milli,
        learners_org=reading.learners_org,
        last_receive_time=None if received is None else timestamp(received),
        last_occur_time=None if occurred is None else timestamp(occurred),
        quarantined=[_count_to(one) for one in status.quarantined],
    )


def alignments_from(
    messages: Sequence[source_service_pb2.ItemAlignment],
) -> Sequence[ItemAlignment]:
    """Return alignments of items."""
    return [
        ItemAlignment(
            item=one.item,
            references=tuple(
                (competency_reference_from(each.competency), each.weight_milli)
                for each in one.competencies
            ),
            maximum_milli=one.maximum_milli or None,
            dok=one.dok,
        )
        for one in messages
    ]


def alignment_to(one: ItemAlignment, version: int) -> source_service_pb2.ItemAlignment:
    """Return the message of an alignment."""
    return source_service_pb2.ItemAlignment(
        item=one.item,
        competencies=[
            evidence_pb2.ReferencedAlignment(
                competency=competency_reference_to(reference), weight_milli=weight_milli
            )
            for reference, weight_milli in one.references
        ],
        maximum_milli=one.maximum_milli or 0,
        dok=one.dok,
        version=version,
    )


def _count_to(one: QuarantineCount) -> source_service_pb2.QuarantineCount:
    return source_service_pb2.QuarantineCount(
        reason=one.reason.value,  # type: ignore[arg-type]
        waiting=one.state is QuarantineState.WAITING,
        count=one.count,
        oldest_receive_time=timestamp(one.oldest_receive_micros),
    )


def pull_cursor_from(message: source_service_pb2.PullCursor) -> PullCursor:
    """Return how far a pull has come."""
    return PullCursor(source=message.source, name=message.name, content=message.content)


def pull_cursor_to(cursor: PullCursor) -> source_service_pb2.PullCursor:
    """Return the message of how far a pull has come."""
    return source_service_pb2.PullCursor(
        source=cursor.source,
        name=cursor.name,
        content=cursor.content,
        put_time=None if cursor.put_micros is None else timestamp(cursor.put_micros),
    )
