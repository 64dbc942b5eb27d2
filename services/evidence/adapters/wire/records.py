"""A record that came in another form than protobuf, as the contract's message.

The ledger and the quarantine keep what was sent as such messages, whatever way it came in, so that
one observation sent in two ways is one, and what waits can be taken up again. The way back is
`record_from` of `evidence.py`.
"""

from trellis.evidence.v1 import evidence_pb2

from services.evidence.adapters.wire.references import competency_reference_to, reference_to
from services.evidence.domain.model import Record


def record_to(record: Record) -> evidence_pb2.Record:
    """Return the message of a record whose texts and numbers the contract can carry."""
    message = evidence_pb2.Record(
        event_id=record.event_id,
        source=record.source,
        entity_id=record.entity_id,
        version=record.version,
        learner=record.learner,
        purpose=record.purpose,  # type: ignore[arg-type]
        kind=record.kind,  # type: ignore[arg-type]
        dok=record.dok,
        item=record.item,
        assessment=record.assessment,
        assessment_items_on_competency=record.assessment_items_on_competency,
        artefact=record.artefact,
    )
    if record.occur_time is not None:
        message.occur_time.seconds, message.occur_time.nanos = record.occur_time
    if record.timed is not None:
        message.timed = record.timed
    for name, weight in record.alignments:
        message.alignments.add(competency=name, weight_milli=weight)
    for reference, weight in record.referenced_alignments:
        message.referenced_alignments.add(
            competency=competency_reference_to(reference), weight_milli=weight
        )
    if record.learner_reference is not None:
        message.learner_reference.CopyFrom(reference_to(record.learner_reference))
    _put_score(message, record)
    return message


def _put_score(message: evidence_pb2.Record, record: Record) -> None:
    if record.points is not None:
        earned, possible = record.points
        message.score.points.earned_milli = earned
        message.score.points.possible_milli = possible
    elif record.level_milli is not None:
        message.score.level_milli = record.level_milli
