"""Marks of what has changed, and where masteries are published."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from services.mastery.domain.model import Mastery
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
