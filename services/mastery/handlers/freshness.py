"""Waits until the fold has come as far as somebody asks.

Whose entries are in which partition follows from the keys of the topic, which are learners' names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from services.common.ids import ResourceName
from services.common.kafka.partitioning import partition_of
from services.mastery.domain.errors import NotFreshEnoughError
from services.mastery.domain.freshness import PartitionWatermark, reach_of
from services.mastery.ports.freshness import WatermarkReader, Watermarks

KEY: Final = ResourceName("districts/{district}/learners/{learner}")
"""What the relay of the ledger keys evidence by."""

WAIT_SECONDS: Final = 10.0
"""The longest wait: a judgement. A watermark comes within two seconds where everything is well; who
still waits after five times that is better told so."""

ANSWER_SECONDS: Final = 1.0
"""Left of a call's deadline for the answer."""

POLL_SECONDS: Final = 0.1
"""Between two looks, which all who wait share."""

WAITING_MAXIMUM: Final = 64
"""Calls that wait at the same time, a quarter of what a server takes: the others are answered at
once, so that nobody who does not wait is kept out."""


class FreshnessWait:
    """Lets calls wait, with one look at the watermarks for all of them."""

    def __init__(self, watermarks: Watermarks, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._watermarks = watermarks
        self._poll_seconds = poll_seconds
        self._waiting = 0
        self._look: asyncio.Task[Sequence[PartitionWatermark]] | None = None

    async def wait(
        self,
        district: str,
        learners: Iterable[str],
        min_position: int,
        *,
        remaining_seconds: float | None,
    ) -> None:
        """Return when all entries of the learners up to a position are folded, or the time is up.

        The read that follows says which. `remaining_seconds`: of the call; None: no deadline.
        """
        if not min_position or self._waiting >= WAITING_MAXIMUM:
            return
        wanted = list(learners)
        self._waiting += 1
        try:
            async with asyncio.timeout(_within(remaining_seconds)):
                # Each caller's own: the look that others share may be older than this call.
                found = await self._watermarks.read()
                while position_of(found, district, wanted) < min_position:
                    found = await self._next_look()
        except TimeoutError:
            return
        finally:
            self._waiting -= 1

    async def _next_look(self) -> Sequence[PartitionWatermark]:
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_later(), name="watermarks")
        # Who gives up must not take the look from the others.
        return await asyncio.shield(self._look)

    async def _look_later(self) -> Sequence[PartitionWatermark]:
        await asyncio.sleep(self._poll_seconds)
        return await self._watermarks.read()


async def fresh_position(
    store: WatermarkReader, district: str, learners: Iterable[str], *, min_position: int
) -> int:
    """Return up to where all entries of the learners are folded in a snapshot.

    Raises NotFreshEnoughError where that is below `min_position`.
    """
    position = position_of(await store.watermarks(), district, learners)
    if position < min_position:
        raise NotFreshEnoughError(min_position=min_position, position=position)
    return position


def position_of(
    watermarks: Sequence[PartitionWatermark], district: str, learners: Iterable[str]
) -> int:
    """Return up to where all entries of some learners are folded; UNKNOWN_POSITION: not known."""
    reach = reach_of(watermarks)
    count = len(reach.positions)
    partitions: set[int] = set()
    for learner in learners:
        if len(partitions) == count:
            break
        partitions.add(partition_of(KEY.format(district, learner).encode(), count))
    return reach.position(partitions or None)


def _within(remaining_seconds: float | None) -> float:
    if remaining_seconds is None:
        return WAIT_SECONDS
    return max(0.0, min(WAIT_SECONDS, remaining_seconds - ANSWER_SECONDS))
