"""What a rebuild reads, the state that it fills, and how that is compared and swapped in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from services.mastery.domain.freshness import PartitionWatermark, Watermark
from services.mastery.domain.registry import EvidenceColumns
from services.mastery.ports.fold import FoldStore, StagingStore


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerPage:
    """A part of the ledger: what can be folded, and why the rest of it cannot.

    When it has come, so has every published entry up to `complete_position`; 0: the ledger does
    not say.
    """

    columns: EvidenceColumns
    refused: Sequence[str]
    complete_position: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicRun:
    """A run of one partition: its facts, the last watermark in it, and the offset after it."""

    partition: int
    next_offset: int
    columns: EvidenceColumns
    watermark: Watermark | None


class Ledger(Protocol):
    """All evidence that was ever published, as the evidence service has it."""

    def pages(self) -> AsyncIterator[LedgerPage]:
        """Return the ledger from its beginning to what is committed when it is asked."""


class EvidenceTopic(Protocol):
    """The topic from the side: its ends, and runs of it."""

    async def ends(self) -> Mapping[int, int]:
        """Return the end of each partition: the offset of the next record."""

    def read(self, start: Mapping[int, int], end: Mapping[int, int]) -> AsyncIterator[TopicRun]:
        """Return every run from the start offsets to the end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TableComparison:
    """How one table differs between the live and the rebuilt state; examples are keys."""

    table: str
    live_count: int
    rebuilt_count: int
    only_live_count: int
    only_rebuilt_count: int
    differing_count: int
    examples: Sequence[str]

    @property
    def is_equal(self) -> bool:
        """Whether both have the same rows."""
        return not (self.only_live_count or self.only_rebuilt_count or self.differing_count)


class HeldState(Protocol):
    """The live state while nobody can fold into it."""

    live_offsets: Mapping[int, int]
    """The next offset of each partition that the live state has one for, on this topic."""

    async def snapshot(self) -> StateSnapshot:
        """Open a snapshot of both states, to be closed by the caller."""

    async def swap(
        self,
        next_offsets: Mapping[int, int],
        watermarks: Sequence[PartitionWatermark],
        *,
        republish: bool,
    ) -> int:
        """Make the rebuilt state the live one; return how many keys are marked as changed.

        Without any watermark, those of the live state go on: the rebuilt one holds as much.
        """


class StateSnapshot(Protocol):
    """Both states at one moment."""

    async def compare(self) -> Sequence[TableComparison]:
        """Compare them row by row."""

    async def close(self) -> None:
        """End the snapshot."""


class ShadowState(Protocol):
    """The state that is not live, to be filled and swapped in."""

    async def prepare(self) -> None:
        """Empty it; nobody else rebuilds until the process ends."""

    def staging(self) -> AbstractAsyncContextManager[StagingStore]:
        """Open a transaction to lay a part of the ledger aside; parts come in any order."""

    async def fold_staged(
        self, *, say: Callable[[str], None], refuse: Callable[[str], None]
    ) -> None:
        """Fold all that was laid aside, before anything else is folded.

        `say` is told how far it has come, `refuse` of each fact that is not folded.
        """

    def folding(self, partition: int) -> AbstractAsyncContextManager[FoldStore]:
        """Open a transaction to fold into it what comes from a partition of the topic."""

    async def prune(self) -> int:
        """Prune what the live state has pruned behind its seals; return how many pieces."""

    async def analyse(self) -> None:
        """Let the database look at what was filled in, so that it finds good plans."""

    async def raise_versions(self) -> None:
        """Raise the versions of its rows to those of the live state, before workers must wait."""

    def holding(self) -> AbstractAsyncContextManager[HeldState]:
        """Keep workers from folding; without a swap, nothing changes."""
