"""How far the fold has come, as the watermarks of the topic say.

A watermark in a partition says that all published entries of the ledger up to a position were
published before it, in whatever partition they are. Who has folded one in every partition has
folded all entries up to the lowest of them. Where keys are spread over as many partitions as there
are watermarks of, a learner's entries are in one partition, and its watermark alone says it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

UNKNOWN_POSITION: Final = 0
"""Positions of the ledger begin with 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watermark:
    """All published entries up to a position were published before it.

    `partition_count` is over how many partitions keys were spread then; the time is the relay's.
    """

    position: int
    partition_count: int
    publish_time_us: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PartitionWatermark:
    """The watermark that the fold has passed in one partition."""

    partition: int
    position: int
    partition_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How far the fold has come in each partition; empty where one of them has not said it yet."""

    positions: Sequence[int]

    def position(self, partitions: Collection[int] | None = None) -> int:
        """Return up to where all entries in these partitions are folded; None: in all.

        UNKNOWN_POSITION where that is not known.
        """
        if not self.positions:
            return UNKNOWN_POSITION
        of = range(len(self.positions)) if partitions is None else partitions
        return min((self.positions[partition] for partition in of), default=UNKNOWN_POSITION)


def later(first: Watermark | None, second: Watermark) -> Watermark:
    """Return what two watermarks of a partition say together.

    One that knows fewer partitions is of a relay that did not see the new ones; it says nothing.
    """
    if first is None:
        return second
    if second.partition_count > first.partition_count:
        return replace(second, position=max(second.position, first.position))
    if second.partition_count < first.partition_count:
        return first
    return second if second.position > first.position else first


def reach_of(watermarks: Iterable[PartitionWatermark]) -> Reach:
    """Return how far the fold has come.

    After partitions were added it is not known until each has brought a watermark that knows of all
    of them: only then is everything folded that came while keys were spread otherwise.
    """
    known = list(watermarks)
    count = max((one.partition_count for one in known), default=0)
    positions = {one.partition: one.position for one in known if one.partition_count == count}
    if any(partition not in positions for partition in range(count)):
        return Reach(positions=())
    return Reach(positions=[positions[partition] for partition in range(count)])


def rebuilt_watermarks(
    partitions: Collection[int], complete_position: int, met: Mapping[int, Watermark]
) -> Sequence[PartitionWatermark]:
    """Return what holds of a state that was folded from the ledger and then from the topic.

    `complete_position` is up to where the ledger was complete; `met` are the watermarks that the
    topic has brought since. Empty where the ledger did not say: then nothing is known anew.
    """
    if complete_position == UNKNOWN_POSITION:
        return ()
    count = len(partitions)
    ledger = Watermark(position=complete_position, partition_count=count)
    found = {
        partition: later(ledger, met[partition]) if partition in met else ledger
        for partition in sorted(partitions)
    }
    return [
        PartitionWatermark(partition=partition, position=one.position, partition_count=count)
        for partition, one in found.items()
        if one.partition_count == count
    ]
