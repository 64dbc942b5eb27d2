"""Rebuilds the state beside the live one, while new evidence is folded, and swaps it in.

Nothing is missed: the ends of the topic are noted first; what the ledger holds when it is read is
in it, and what comes into the ledger later is published later, so it stands in the topic from
those ends on. What stands in both is folded once, as the fold knows repeats.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.mastery.domain.freshness import (
    UNKNOWN_POSITION,
    Watermark,
    later,
    rebuilt_watermarks,
)
from services.mastery.handlers.fold import apply_evidence, stage_evidence
from services.mastery.ports.rebuilding import (
    EvidenceTopic,
    HeldState,
    Ledger,
    LedgerPage,
    ShadowState,
    TableComparison,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RebuildOptions:
    """How to rebuild; waits in seconds."""

    swap: bool = True
    """False: only compare; the rebuilt state stays aside."""
    compare: bool = True
    republish: bool = False
    """Mark every key as changed, not only those that differ."""
    wait_seconds: float = 60.0
    """How long to wait for the live state to come to where the ledger was."""
    poll_seconds: float = 0.5
    old_readers_seconds: float = 60.0
    """So long after a swap a transaction may still read what was live, which is not emptied before:
    longer than any may last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RebuildReport:
    """What a rebuild did.

    `ledger_seconds` is how long the ledger took, from its first page to the state folded of it.
    `live_lag` counts records that the live state had not folded yet when it was compared: what
    they changed shows as a difference.
    """

    ledger_count: int
    ledger_seconds: float
    topic_count: int
    refused: Sequence[str]
    refused_count: int
    comparisons: Sequence[TableComparison]
    live_lag: int
    swapped: bool
    changed_keys: int
    pruned_count: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether all tables that were compared are equal."""
        return all(comparison.is_equal for comparison in self.comparisons)


Say = Callable[[str], None]
"""Tells a person how far it has come."""

REFUSED_SHOWN = 20
PAGES_BETWEEN_WORDS = 100
PAGES_AT_ONCE = 4
"""PostgreSQL is at work on some while the next is decoded."""


class Rebuild:
    """One rebuild; `run` is called once."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        topic: EvidenceTopic,
        shadow: ShadowState,
        options: RebuildOptions,
        say: Say,
    ) -> None:
        self._ledger = ledger
        self._topic = topic
        self._shadow = shadow
        self._options = options
        self._say = say
        self._next_offsets: dict[int, int] = {}
        self._complete_position = UNKNOWN_POSITION
        self._watermarks: dict[int, Watermark] = {}
        self._pages = 0
        self._ledger_count = 0
        self._topic_count = 0
        self._refused: list[str] = []
        self._refused_count = 0

    async def run(self) -> RebuildReport:
        """Rebuild, compare and swap as the options say."""
        await self._shadow.prepare()
        # Before the ledger is asked: what it does not have yet comes after these.
        self._next_offsets = dict(await self._topic.ends())
        begun = time.monotonic()
        await self._stage_ledger()
        await self._shadow.fold_staged(say=self._say, refuse=self._refuse)
        ledger_seconds = time.monotonic() - begun
        self._say(f"{self._ledger_count} entries of the ledger folded, {self._refused_count} not")
        await self._shadow.analyse()
        await self._catch_up()
        # After the live state has been passed: what its seals know is folded here, too.
        pruned = await self._shadow.prune()
        comparisons, live_lag = await self._compared()
        changed_keys = await self._swapped() if self._options.swap else 0
        return RebuildReport(
            ledger_count=self._ledger_count,
            ledger_seconds=ledger_seconds,
            topic_count=self._topic_count,
            refused=self._refused,
            refused_count=self._refused_count,
            comparisons=comparisons,
            live_lag=live_lag,
            swapped=self._options.swap,
            changed_keys=changed_keys,
            pruned_count=pruned,
        )

    async def _stage_ledger(self) -> None:
        """Lay the pages of the ledger aside, some of them side by side."""
        at_work: set[asyncio.Task[None]] = set()
        try:
            async for page in self._ledger.pages():
                if len(at_work) == PAGES_AT_ONCE:
                    done, at_work = await asyncio.wait(at_work, return_when=asyncio.FIRST_COMPLETED)
                    for one in done:
                        one.result()
                at_work.add(asyncio.create_task(self._stage_page(page)))
            for one in at_work:
                await one
        finally:
            # Where one has failed, nobody waits for what the others come to.
            for one in at_work:
                one.cancel()
            await asyncio.gather(*at_work, return_exceptions=True)
        self._say(f"{self._ledger_count} entries of the ledger read")

    async def _stage_page(self, page: LedgerPage) -> None:
        async with self._shadow.staging() as store:
            await stage_evidence(store, page.columns)
        self._complete_position = max(self._complete_position, page.complete_position)
        self._ledger_count += len(page.columns)
        for reason in page.refused:
            self._refuse(reason)
        self._pages += 1
        if self._pages % PAGES_BETWEEN_WORDS == 0:
            self._say(f"{self._ledger_count} entries of the ledger read")

    def _refuse(self, reason: str) -> None:
        self._refused_count += 1
        if len(self._refused) < REFUSED_SHOWN:
            self._refused.append(reason)

    async def _catch_up(self) -> None:
        """Fold the topic to where the live state is, and wait for that to pass the noted ends.

        Not further: a state that is ahead of the live one could not be compared with it.
        """
        waited_seconds = 0.0
        while True:
            live = await self._live_offsets()
            await self._fold_topic(await self._targets(live))
            if not _lag(live, self._next_offsets) or waited_seconds >= self._options.wait_seconds:
                return
            await asyncio.sleep(self._options.poll_seconds)
            waited_seconds += self._options.poll_seconds

    async def _live_offsets(self) -> Mapping[int, int]:
        async with self._shadow.holding() as held:
            return held.live_offsets

    async def _targets(self, live: Mapping[int, int]) -> dict[int, int]:
        """Return how far to fold each partition: to the live offset, else to the end."""
        ends = await self._topic.ends()
        return {
            partition: max(min(live.get(partition, end), end), self._next_offsets.get(partition, 0))
            for partition, end in ends.items()
        }

    async def _fold_topic(self, targets: Mapping[int, int]) -> None:
        behind = {
            partition: self._next_offsets.get(partition, 0)
            for partition, target in targets.items()
            if self._next_offsets.get(partition, 0) < target
        }
        if not behind:
            return
        ends = {partition: targets[partition] for partition in behind}
        async for run in self._topic.read(behind, ends):
            # What a seal keeps out here, the worker has put among its dead letters.
            async with self._shadow.folding(run.partition) as store:
                await apply_evidence(store, run.columns)
            self._topic_count += len(run.columns)
            self._next_offsets[run.partition] = run.next_offset
            if run.watermark is not None:
                known = self._watermarks.get(run.partition)
                self._watermarks[run.partition] = later(known, run.watermark)

    async def _compared(self) -> tuple[Sequence[TableComparison], int]:
        if not self._options.compare:
            return (), 0
        async with self._shadow.holding() as held:
            await self._align(held)
            live_lag = _lag(held.live_offsets, self._next_offsets)
            # Both states as they are now; workers go on while it is read.
            snapshot = await held.snapshot()
        try:
            self._say("comparing row by row")
            return await snapshot.compare(), live_lag
        finally:
            await snapshot.close()

    async def _swapped(self) -> int:
        await self._catch_up()
        await self._shadow.raise_versions()
        async with self._shadow.holding() as held:
            await self._align(held)
            watermarks = rebuilt_watermarks(
                self._next_offsets.keys(), self._complete_position, self._watermarks
            )
            changed = await held.swap(
                self._next_offsets, watermarks, republish=self._options.republish
            )
        self._say(f"swapped; {changed} masteries are marked as changed")
        return changed

    async def _align(self, held: HeldState) -> None:
        """Fold what the live state has got since: little, as it was caught up a moment ago."""
        await self._fold_topic(await self._targets(held.live_offsets))


def _lag(live: Mapping[int, int], reached: Mapping[int, int]) -> int:
    """Return how many records the live state is behind, where it has a place at all."""
    return sum(
        max(0, next_offset - live[partition])
        for partition, next_offset in reached.items()
        if partition in live
    )
