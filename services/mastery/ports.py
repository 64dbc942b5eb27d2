"""What the handlers need of the outside, as protocols; memory and PostgreSQL both answer them.

A store belongs to one transaction: whoever opens it commits it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from services.mastery.domain.model import CompetencyFacts, LearnerFacts, Mastery
from services.mastery.domain.registry import Changes, EvidenceColumns, RegistryRow
from services.mastery.domain.state_hash import Row


class FoldStore(Protocol):
    """What a chunk is folded into."""

    async def registered(self, columns: EvidenceColumns) -> Sequence[RegistryRow]:
        """Return the registry's rows of every (learner, evidence) of the chunk."""

    async def write(self, columns: EvidenceColumns, changes: Changes) -> None:
        """Apply what `domain.fold` found, and mark the changed keys."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnerRecord:
    """What is known of one learner, over all and by competency."""

    learner: LearnerFacts
    competencies: Mapping[str, CompetencyFacts] = field(default_factory=dict)


class FactStore(Protocol):
    """Reads facts of one district in one consistent snapshot.

    As of a time T: evidence of work after T is not read; what is known of work until then is what
    is known now.
    """

    async def learners(
        self, district: str, learners: Sequence[str], *, as_of_us: int
    ) -> Mapping[str, LearnerRecord]:
        """Return what is known of learners, all competencies with live evidence by then."""

    async def keys(
        self, district: str, keys: Sequence[tuple[str, str]], *, as_of_us: int
    ) -> Mapping[str, LearnerRecord]:
        """Return the same for some (learner, competency) alone, also without live evidence.

        A key of which nothing was ever known is left out.
        """

    async def competencies_after(
        self, district: str, learner: str, *, after: str, limit: int
    ) -> Sequence[str]:
        """Return competencies with live evidence in key order, after one, at most `limit`."""


class Facts(Protocol):
    """Opens fact stores."""

    def snapshot(self, district: str) -> AbstractAsyncContextManager[FactStore]:
        """Open one consistent snapshot that sees one district."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How much lies beneath a district's state hash, and how far the fold has come."""

    evidence_count: int
    alignment_count: int
    ledger_position: int


class StateReader(Protocol):
    """Reads all of a district's state in one consistent snapshot, with bounded memory."""

    async def standing(self, district: str) -> Standing:
        """Return the counts and the highest ledger position seen."""

    def rows(self, district: str) -> AsyncIterator[Row]:
        """Return the rows of the state hash, each kind in key order."""


class States(Protocol):
    """Opens state readers."""

    def reading(self, district: str) -> AbstractAsyncContextManager[StateReader]:
        """Open one consistent snapshot that sees one district."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class MarkedKey:
    """A (learner, competency) whose state has changed; ordered by key."""

    district: str
    learner: str
    competency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A mark, and what tells it from a later one on the same key."""

    key: MarkedKey
    token: int


class Marks(Protocol):
    """The marks of changed keys, and the facts beneath them."""

    async def take(self, *, after: MarkedKey | None, limit: int) -> Sequence[Mark]:
        """Return marks in key order after one, at most `limit`; they stay until `settle`."""

    def facts(self, district: str) -> AbstractAsyncContextManager[FactStore]:
        """Open one consistent snapshot that is not older than the marks taken."""

    async def settle(self, marks: Sequence[Mark]) -> None:
        """Delete the marks that are still what was taken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedMastery:
    """A mastery to publish, with its key."""

    key: MarkedKey
    mastery: Mastery


class MasteryPublisher(Protocol):
    """Publishes masteries where everyone can read them."""

    async def publish(self, masteries: Sequence[ChangedMastery]) -> None:
        """Return once all are stored by the broker."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerPage:
    """A run of the ledger: what can be folded, and why the rest of it cannot."""

    columns: EvidenceColumns
    refused: Sequence[str]


class Ledger(Protocol):
    """All evidence that was ever published, as the evidence service has it."""

    def pages(self) -> AsyncIterator[LedgerPage]:
        """Return the ledger from its beginning to what is committed when it is asked."""


class EvidenceTopic(Protocol):
    """The topic from the side: its ends, and runs of it."""

    async def ends(self) -> Mapping[int, int]:
        """Return the end of each partition: the offset of the next record."""

    def read(
        self, start: Mapping[int, int], end: Mapping[int, int]
    ) -> AsyncIterator[tuple[int, int, EvidenceColumns]]:
        """Return (partition, next offset, facts) of every run from the start offsets to the end."""


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

    async def swap(self, next_offsets: Mapping[int, int], *, republish: bool) -> int:
        """Make the rebuilt state the live one; return how many keys are marked as changed."""


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

    def folding(self, partition: int | None) -> AbstractAsyncContextManager[FoldStore]:
        """Open a transaction to fold into it; without a partition, what comes from the ledger."""

    async def analyse(self) -> None:
        """Let the database look at what was filled in, so that it finds good plans."""

    async def raise_versions(self) -> None:
        """Raise the versions of its rows to those of the live state, before workers must wait."""

    def holding(self) -> AbstractAsyncContextManager[HeldState]:
        """Keep workers from folding; without a swap, nothing changes."""
