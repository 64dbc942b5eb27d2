"""Chunks: columns of one length, trimmed by offset."""

from __future__ import annotations

import pytest

from services.common.kafka.chunk import Chunk, KafkaRecord


def chunk(*offsets: int, fetched_from: int | None = None) -> Chunk:
    """Make a chunk whose values are the offsets."""
    return Chunk.of(
        [
            KafkaRecord(
                topic="t",
                partition=3,
                offset=offset,
                key=b"k%d" % offset,
                value=b"%d" % offset,
                headers=(("h", b"%d" % offset),),
                timestamp_ms=offset * 10,
            )
            for offset in offsets
        ],
        fetched_from=fetched_from,
    )


def test_a_chunk_gives_its_records_back_as_they_were() -> None:
    """Columns and records are two views of the same."""
    made = chunk(5, 6)
    assert (len(made), made.first_offset, made.last_offset, made.fetched_from) == (2, 5, 6, 5)
    assert made.record(1) == KafkaRecord(
        topic="t",
        partition=3,
        offset=6,
        key=b"k6",
        value=b"6",
        headers=(("h", b"6"),),
        timestamp_ms=60,
    )
    parked = made.park(0, "BAD", "it is bad")
    assert (parked.record, parked.reason, parked.detail) == (made.record(0), "BAD", "it is bad")


@pytest.mark.parametrize(
    ("next_offset", "left"), [(0, (5, 7, 9)), (5, (5, 7, 9)), (6, (7, 9)), (8, (9,)), (9, (9,))]
)
def test_the_part_from_an_offset_on_keeps_every_column(
    next_offset: int, left: tuple[int, ...]
) -> None:
    """Trimming a chunk with holes takes whole records."""
    rest = chunk(5, 7, 9, fetched_from=2).since(next_offset)
    assert [rest.record(index) for index in range(len(rest))] == [
        chunk(*left).record(index) for index in range(len(left))
    ]
    assert rest.fetched_from == max(2, next_offset)


def test_a_chunk_that_cannot_be_is_refused() -> None:
    """Nothing, and records from before the reading began, are mistakes of the transport."""
    with pytest.raises(ValueError, match="after 5"):
        chunk(5, fetched_from=6)
    with pytest.raises(ValueError, match="at least one"):
        Chunk(
            topic="t",
            partition=0,
            fetched_from=0,
            offsets=[],
            keys=[],
            values=[],
            headers=[],
            timestamps_ms=[],
        )
