"""Epochs of districts, where they are kept, and the evidence that they are learned from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from services.mastery.domain.calibration import Response
from services.mastery.domain.epochs import PublishedEpoch


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Work from one time until before another, in microseconds since 1970 UTC."""

    since_us: int
    before_us: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """How many responses there are, and the sum of their scores."""

    count: int
    score_sum: int


class EpochReader(Protocol):
    """Reads the epochs of one district and its evidence, in one snapshot of the live state."""

    async def known(self, district: str) -> Sequence[PublishedEpoch]:
        """Return all epochs that were published, the newest version first."""

    async def items(self, district: str, version: int, keys: Sequence[int]) -> Mapping[int, int]:
        """Return the difficulties that a version has for these items, by key."""

    async def references(self, district: str, version: int) -> Mapping[str, int]:
        """Return all references of a version, by competency."""

    async def scores(self, district: str, span: Span) -> Scores:
        """Return the scores of the live evidence of a span."""

    def responses(self, district: str, span: Span) -> AsyncIterator[Response]:
        """Return the live evidence of a span by occur time, evidence id and learner.

        Memory does not grow with it.
        """


class EpochPublisher(Protocol):
    """Adds an epoch to one district; belongs to one transaction, committed when it is closed."""

    async def known(self, district: str) -> Sequence[PublishedEpoch]:
        """Return all epochs that were published, the newest version first."""

    async def put_difficulties(
        self,
        district: str,
        version: int,
        *,
        items: Sequence[tuple[int, int]],
        references: Sequence[tuple[str, int]],
    ) -> None:
        """Keep the difficulties of a version that will be added, in order of their keys."""

    async def hold_folds(self) -> None:
        """Wait for the chunks that are being folded, and let no other begin until the end."""

    async def has_work_from(self, district: str, time_us: int) -> bool:
        """Return whether evidence of work at or after a time was folded."""

    async def add(self, district: str, published: PublishedEpoch) -> None:
        """Keep one more epoch; where it is not retroactive, every state has it from now on."""


class Epochs(Protocol):
    """Opens readers and publishers."""

    def reading(self, district: str) -> AbstractAsyncContextManager[EpochReader]:
        """Open one consistent snapshot."""

    def publishing(self, district: str) -> AbstractAsyncContextManager[EpochPublisher]:
        """Open a publisher; nobody else publishes in this district until it is closed."""
