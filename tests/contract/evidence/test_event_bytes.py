"""The bytes on trellis.evidence.v1: what was ever published must decode for ever.

The files under tests/contract/pinned are never changed; a new form of the event gets new ones.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from trellis.evidence.v1 import evidence_pb2

from services.evidence.adapters.wire.evidence import ProtobufEventEncoder, record_from
from services.evidence.domain.model import Evidence, Retraction, RetractionReason
from services.evidence.domain.normalise import normalise
from tests.support.evidence import DISTRICT, a_message, a_record, what_is_known

PINNED = Path(__file__).parents[1] / "pinned/trellis.evidence.v1"
RECEIVED = 1_788_276_600_000_123


def an_evidence() -> Evidence:
    """Return evidence with every field set and two alignments."""
    prefix = f"districts/{DISTRICT}/competencies/"
    found = normalise(
        a_record(
            alignments=((f"{prefix}6.rp.2", 0), (f"{prefix}6.rp.1", 0)),
            artefact="https://example.org/work/1",
            occur_time=(1_788_273_000, 250_000_000),
        ),
        what_is_known(),
    )
    assert isinstance(found, Evidence)
    return found


def recorded(evidence: Evidence) -> bytes:
    """Return the event of evidence as the service publishes it."""
    return ProtobufEventEncoder().recorded(
        DISTRICT, evidence, version=7, position=42, receive_micros=RECEIVED
    )


def retracted() -> bytes:
    """Return the event of a retraction as the service publishes it."""
    evidence = an_evidence()
    retraction = Retraction(
        evidence_id=evidence.evidence_id,
        learner_id=evidence.learner_id,
        occur_time_micros=evidence.occur_time_micros,
        reason=RetractionReason.WITHDRAWN,
        content_hash=bytes(16),
    )
    return ProtobufEventEncoder().retracted(
        DISTRICT, retraction, event_id="away", version=8, position=43, receive_micros=RECEIVED
    )


def pinned(name: str) -> bytes:
    """Return bytes that were published once."""
    return bytes.fromhex((PINNED / f"{name}.hex").read_text(encoding="ascii"))


def test_a_recorded_event_has_the_pinned_bytes() -> None:
    """Ids, hash, shares, score and local day come out as they always did."""
    assert recorded(an_evidence()) == pinned("recorded-2")


def test_a_retracted_event_has_the_pinned_bytes() -> None:
    """A retraction names observation, learner, version and reason as it always did."""
    assert retracted() == pinned("retracted")


@pytest.mark.parametrize("name", ["recorded", "recorded-2"])
def test_pinned_events_decode_with_every_field(name: str) -> None:
    """A reader of today understands what was published then.

    In the first form the hash was 16 bytes of the content; in the second, two of them count.
    """
    event = evidence_pb2.EvidenceEvent.FromString(pinned(name))
    assert event.learner == f"districts/{DISTRICT}/learners/ada"
    assert (event.version, event.ledger_position) == (7, 42)
    assert event.occur_time.nanos == 250_000_000
    assert event.receive_time.nanos == 123_000
    assert [one.weight_milli for one in event.recorded.alignments] == [500, 500]
    assert (event.recorded.score, event.recorded.local_day) == (22_500, 20_697)
    away = evidence_pb2.EvidenceEvent.FromString(pinned("retracted"))
    assert away.retracted.reason == evidence_pb2.EvidenceRetracted.REASON_WITHDRAWN


def test_what_is_unknown_is_absent_from_the_event() -> None:
    """No score and no `timed` are no zero and no false."""
    evidence = replace(an_evidence(), score=None, timed=None)
    event = evidence_pb2.EvidenceEvent.FromString(recorded(evidence))
    assert not event.recorded.HasField("score")
    assert not event.recorded.HasField("timed")


@pytest.mark.parametrize("field", ["score", "timed", "occur_time"])
def test_what_a_record_leaves_out_is_absent_for_the_domain(field: str) -> None:
    """An absent field is None, never a zero."""
    message = a_message(timed=True)
    message.ClearField(field)  # type: ignore[arg-type]
    record = record_from(message, 10)
    absent = {"score": record.points, "timed": record.timed, "occur_time": record.occur_time}
    assert absent[field] is None
