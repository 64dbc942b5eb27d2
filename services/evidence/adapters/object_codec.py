"""Source objects and derived records as bytes; the port `ObjectCodec`."""

from trellis.evidence.v1 import evidence_pb2

from services.evidence.adapters.json_text import digest_of_object, json_text
from services.evidence.adapters.wire.references import competency_reference_to, reference_to
from services.evidence.domain.model import Record
from services.evidence.domain.source_object import SourceObject


class ObjectCodec:
    """Encodes what is derived as a source would have sent it."""

    def digest(self, one: SourceObject) -> bytes:
        """Return 16 bytes that are the same where an object says the same."""
        return digest_of_object(one)

    def encode_object(self, one: SourceObject) -> bytes:
        """Return an object as it is kept in quarantine."""
        return json_text(one.content).encode("utf-8", "replace")

    def encode_record(self, record: Record) -> bytes:
        """Return a record as a source would have sent it."""
        message = evidence_pb2.Record(
            event_id=record.event_id,
            source=record.source,
            entity_id=record.entity_id,
            version=record.version,
            purpose=record.purpose,  # type: ignore[arg-type]
            kind=record.kind,  # type: ignore[arg-type]
            dok=record.dok,
            item=record.item,
            assessment=record.assessment,
            assessment_items_on_competency=record.assessment_items_on_competency,
            timed=record.timed,
        )
        if record.learner_reference is not None:
            message.learner_reference.CopyFrom(reference_to(record.learner_reference))
        if record.occur_time is not None:
            message.occur_time.seconds, message.occur_time.nanos = record.occur_time
        for one, weight_milli in record.referenced_alignments:
            message.referenced_alignments.add(
                competency=competency_reference_to(one), weight_milli=weight_milli
            )
        if record.points is not None:
            earned, possible = record.points
            message.score.points.earned_milli = earned
            message.score.points.possible_milli = possible
        if record.level_milli is not None:
            message.score.level_milli = record.level_milli
        return message.SerializeToString(deterministic=True)
