"""What the transport hands to a service: one partition's run of records, held as columns.

Columns instead of one object a record: a chunk holds up to thousands of records, and building an
object for each would cost more than decoding it. This module knows no driver.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

Headers = tuple[tuple[str, bytes | None], ...]
"""Names and values as sent: a name may come twice, and a value may be null."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KafkaRecord:
    """One record as the broker keeps it; bytes are as sent, ``timestamp_ms`` is Unix time."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_ms: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Parked:
    """A record that can never be applied, with the UPPER_SNAKE reason and a sentence for people."""

    record: KafkaRecord
    reason: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A run of records of one partition: never empty, offsets ascending, columns of one length.

    ``fetched_from`` is the position at which the reading of this run began: everything that the
    broker holds from there up to ``last_offset`` is in the chunk. On a topic without compaction it
    equals the first offset; on a compacted one it may be lower.
    """

    topic: str
    partition: int
    fetched_from: int
    offsets: Sequence[int]
    keys: Sequence[bytes | None]
    values: Sequence[bytes | None]
    headers: Sequence[Headers]
    timestamps_ms: Sequence[int]

    def __post_init__(self) -> None:
        if not self.offsets:
            raise ValueError("a chunk holds at least one record")
        if self.fetched_from > self.offsets[0]:
            raise ValueError(f"fetched from {self.fetched_from}, which is after {self.offsets[0]}")

    @classmethod
    def of(cls, records: Sequence[KafkaRecord], *, fetched_from: int | None = None) -> Chunk:
        """Build a chunk from records of one partition, in order of their offsets."""
        first = records[0]
        return cls(
            topic=first.topic,
            partition=first.partition,
            fetched_from=first.offset if fetched_from is None else fetched_from,
            offsets=[record.offset for record in records],
            keys=[record.key for record in records],
            values=[record.value for record in records],
            headers=[record.headers for record in records],
            timestamps_ms=[record.timestamp_ms for record in records],
        )

    def __len__(self) -> int:
        return len(self.offsets)

    @property
    def first_offset(self) -> int:
        """The offset of the first record."""
        return self.offsets[0]

    @property
    def last_offset(self) -> int:
        """The offset of the last record."""
        return self.offsets[-1]

    def first_hole(self) -> tuple[int, int] | None:
        """Return the first offset that is missing and the one in its place; None without a hole."""
        if len(self) == self.last_offset - self.first_offset + 1:
            return None
        places = enumerate(self.offsets, self.first_offset)
        return next((place, offset) for place, offset in places if place != offset)

    def record(self, index: int) -> KafkaRecord:
        """Return the record at ``index`` as an object, for instance to park it."""
        return KafkaRecord(
            topic=self.topic,
            partition=self.partition,
            offset=self.offsets[index],
            key=self.keys[index],
            value=self.values[index],
            headers=self.headers[index],
            timestamp_ms=self.timestamps_ms[index],
        )

    def park(self, index: int, reason: str, detail: str) -> Parked:
        """Return the record at ``index`` as one that can never be applied."""
        return Parked(record=self.record(index), reason=reason, detail=detail)

    def since(self, next_offset: int) -> Chunk:
        """Return the part from ``next_offset`` on; the caller knows that it is not empty."""
        start = bisect_left(self.offsets, next_offset)
        if start == 0 and self.fetched_from >= next_offset:
            return self
        return Chunk(
            topic=self.topic,
            partition=self.partition,
            fetched_from=max(self.fetched_from, next_offset),
            offsets=self.offsets[start:],
            keys=self.keys[start:],
            values=self.values[start:],
            headers=self.headers[start:],
            timestamps_ms=self.timestamps_ms[start:],
        )
