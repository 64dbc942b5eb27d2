"""What the worker says of how fresh the fold is."""

from dataclasses import replace
from datetime import UTC, datetime

from trellis.evidence.v1 import evidence_pb2

from services.common.kafka.chunk import Chunk
from services.common.metrics import REGISTRY
from services.mastery.entrypoints.worker import EvidenceFold
from tests.support.clock import FixedClock
from tests.support.mastery_events import START_SECONDS, record_of, recorded

AGE_SECONDS = 30


def observed(*records):
    """Return (count, seconds) that a chunk of these records adds to the histogram."""

    def read():
        return [
            REGISTRY.get_sample_value(f"trellis_mastery_freshness_seconds_{name}")
            for name in ("count", "sum")
        ]

    received_seconds = START_SECONDS + 60
    clock = FixedClock(datetime.fromtimestamp(received_seconds + AGE_SECONDS, UTC))
    before = read()
    EvidenceFold(clock)._observe(Chunk.of(list(records)))
    return tuple(new - old for old, new in zip(before, read(), strict=True))


def a_watermark(offset):
    """Return the record of a watermark."""
    value = evidence_pb2.EvidenceEvent(
        watermark=evidence_pb2.EvidenceWatermark(ledger_position=1, partition_count=1)
    ).SerializeToString()
    return replace(record_of(recorded(), offset), key=None, value=value)


def test_the_oldest_fact_of_a_chunk_is_measured():
    """From when it was received to now."""
    assert observed(record_of(recorded(), 0)) == (1, AGE_SECONDS)


def test_a_watermark_before_the_facts_hides_none():
    """It is no fact and was received by nobody, so the first fact behind it is measured."""
    assert observed(a_watermark(0), record_of(recorded(), 1)) == (1, AGE_SECONDS)


def test_watermarks_alone_and_poison_measure_nothing():
    """Neither says how old evidence is."""
    poison = replace(record_of(recorded(), 0), value=b"\xff")
    assert observed(a_watermark(0)) == observed(poison) == (0, 0)
