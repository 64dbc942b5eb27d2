"""Marks of what has changed, where masteries are published, and under which policy they were."""

from __future__ import annotations

from collections.abc import Sequence, Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from services.mastery.domain.model import Mastery
from services.mastery.domain.published_status import PublishedStatus, StatusFlip
from services.mastery.ports.facts import FactStore


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
    """The marks of changed keys, the facts beneath them, and what was published of them."""

    async def take(self, *, after: MarkedKey | None, limit: int) -> Sequence[Mark]:
        """Return marks in key order after one, at most `limit`; they stay until `settle`."""

    def facts(self, district: str) -> AbstractAsyncContextManager[FactStore]:
        """Open one consistent snapshot that is not older than the marks taken."""

    async def keep(self, looks: Sequence[KeptStatus]) -> Set[MarkedKey]:
        """Keep statuses, with the flips that brought them, and return whose were kept; all at once.

        Each key comes once. One whose status somebody else has changed since it was read is not
        kept, nor is its flip: look again.
        """

    async def settle(self, marks: Sequence[Mark], told: Sequence[KeptStatus] = ()) -> None:
        """Delete the marks that are still what was taken, and note which flips were told of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptStatus:
    """What is to be published of a key from now on, and the flip, where it is another than before.

    `known_flip` is the number of the last flip when the key was read, None before the first look.
    """

    key: MarkedKey
    known_flip: int | None
    status: PublishedStatus
    flip: StatusFlip | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedMastery:
    """A mastery to publish, with its key and its published status.

    `flipped`: the status has changed since readers were last told of it.
    """

    key: MarkedKey
    mastery: Mastery
    published: PublishedStatus | None = None
    flipped: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DuePolicy:
    """A version that is in force in a district whose masteries are not all marked for it."""

    district: str
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkedStep:
    """How many keys a step has marked, and whether it was the district's last."""

    marked: int
    complete: bool


class PolicyPublications(Protocol):
    """Which version of its policy each district's masteries are marked for, and how far."""

    async def due(self, *, at_us: int, limit: int) -> Sequence[DuePolicy]:
        """Return what is to be marked under the policies in force at a time, by district."""

    async def mark(self, due: DuePolicy, *, limit: int) -> MarkedStep:
        """Mark the next keys of the district, at most `limit`, and note how far that is.

        Both or neither is kept. A version that is not noted yet begins anew with the first key; one
        that is older than what is noted marks nothing.
        """

    async def latest_effective_us(self) -> int:
        """Return when the last of all noted versions took effect; 0 where none is noted."""


class MasteryPublisher(Protocol):
    """Publishes masteries where everyone can read them."""

    async def publish(self, masteries: Sequence[ChangedMastery]) -> None:
        """Return once all are stored by the broker."""
