"""The facts beneath masteries, read in one consistent snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from services.mastery.domain.model import CompetencyFacts, LearnerFacts
from services.mastery.domain.published_status import PublishedStatus
from services.mastery.ports.freshness import WatermarkReader
from services.mastery.ports.policies import PolicyReader
from services.mastery.ports.retention import RetentionReader


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnerRecord:
    """What is known of one learner, over all and by competency."""

    learner: LearnerFacts
    competencies: Mapping[str, CompetencyFacts] = field(default_factory=dict)


class FactStore(PolicyReader, WatermarkReader, RetentionReader, Protocol):
    """Reads facts of one district, its policy and how fresh they are, in one consistent snapshot.

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

    async def published(
        self, district: str, keys: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], PublishedStatus]:
        """Return the published statuses of (learner, competency), of those that have one."""

    async def references(
        self, district: str, competencies: Sequence[str], *, as_of_us: int
    ) -> Mapping[str, int]:
        """Return the difficulty of a typical task of each, by the epoch in force at the time.

        In 1/64 logits, as `learners` and `keys` set it; every competency asked for has one.
        """

    async def competencies_after(
        self, district: str, learner: str, *, after: str, limit: int
    ) -> Sequence[str]:
        """Return competencies with live evidence in key order, after one, at most `limit`."""


class Facts(Protocol):
    """Opens fact stores."""

    def snapshot(self, district: str) -> AbstractAsyncContextManager[FactStore]:
        """Open one consistent snapshot that sees one district."""
