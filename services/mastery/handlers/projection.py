"""Turns marks of changed keys into published masteries: one computation a key, however many facts.

What is published is the state at the time of reading; the highest version wins where it is read,
so sending twice or out of order does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import CompetencyFacts, LearnerFacts, Policy
from services.mastery.ports.facts import LearnerRecord
from services.mastery.ports.publishing import (
    ChangedMastery,
    Mark,
    MarkedKey,
    Marks,
    MasteryPublisher,
)

MARKS_A_TURN: Final = 1_000

_NOBODY: Final = LearnerRecord(learner=LearnerFacts())


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What one turn did: how many masteries, and where the next goes on; None: at the beginning."""

    published: int
    after: MarkedKey | None


async def project_changes(
    *,
    after: MarkedKey | None,
    as_of_us: int,
    marks: Marks,
    publisher: MasteryPublisher,
    policy: Policy,
    limit: int = MARKS_A_TURN,
) -> Turn:
    """Publish the masteries of the next marks and settle them, once all are published.

    Turns go through the keys in order and begin again at the end, so that keys that are marked all
    the time cannot keep others waiting.
    """
    taken = await marks.take(after=after, limit=limit)
    if not taken:
        return Turn(published=0, after=None)
    masteries: list[ChangedMastery] = []
    for district, some in groupby(taken, key=lambda mark: mark.key.district):
        masteries += await _read(district, list(some), marks, as_of_us, policy)
    await publisher.publish(masteries)
    await marks.settle(taken)
    return Turn(published=len(masteries), after=taken[-1].key if len(taken) == limit else None)


async def _read(
    district: str, taken: Sequence[Mark], marks: Marks, as_of_us: int, policy: Policy
) -> list[ChangedMastery]:
    """Return the masteries of one district's marks."""
    keys = [(mark.key.learner, mark.key.competency) for mark in taken]
    async with marks.facts(district) as store:
        records = await store.keys(district, keys, as_of_us=as_of_us)
    return [_changed(mark.key, records, as_of_us, policy) for mark in taken]


def _changed(
    key: MarkedKey, records: Mapping[str, LearnerRecord], as_of_us: int, policy: Policy
) -> ChangedMastery:
    record = records.get(key.learner, _NOBODY)
    facts = record.competencies.get(key.competency) or CompetencyFacts(competency=key.competency)
    return ChangedMastery(
        key=key,
        mastery=read_mastery(record.learner, facts, as_of_us=as_of_us, policy=policy),
    )
