"""Turns marks of changed keys into published masteries: one computation a key, however many facts.

What is published is the state at the time of reading, by the policy that is in force then; the
highest version wins where it is read, so sending twice or out of order does no harm.

Beside it goes the published status, which remembers (`domain/published_status.py`). It is kept
before it is told, with its audit, so that what is told was committed; until readers have been told
for sure, each message says that it flipped.

A district whose policy cannot be read keeps its marks, and holds nobody else up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from services.mastery.domain.errors import UnreadablePolicyError
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import CompetencyFacts, Mastery
from services.mastery.domain.policies import PolicyInForce
from services.mastery.domain.published_status import PublishedStatus, look_at, reading_of
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.readings import NOBODY, complete
from services.mastery.ports.facts import LearnerRecord
from services.mastery.ports.publishing import (
    ChangedMastery,
    KeptStatus,
    Mark,
    MarkedKey,
    Marks,
    MasteryPublisher,
)

MARKS_A_TURN: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What one turn did: how many masteries, and where the next goes on; None: at the beginning.

    `flips` counts published statuses that changed. `unreadable` has a sentence for each district
    whose policy cannot be read.
    """

    published: int
    after: MarkedKey | None
    flips: int = 0
    unreadable: Sequence[str] = ()


async def project_changes(
    *,
    after: MarkedKey | None,
    as_of_us: int,
    marks: Marks,
    publisher: MasteryPublisher,
    policies: PolicyCache,
    limit: int = MARKS_A_TURN,
) -> Turn:
    """Publish the masteries of the next marks and settle them, once all are published.

    Turns go through the keys in order and begin again at the end, so that keys that are marked all
    the time cannot keep others waiting.
    """
    taken = await marks.take(after=after, limit=limit)
    if not taken:
        return Turn(published=0, after=None)
    looks: list[Look] = []
    unreadable: list[str] = []
    for district, group in groupby(taken, key=lambda mark: mark.key.district):
        some = list(group)
        try:
            looks += await _look(district, some, marks, as_of_us, policies)
        except UnreadablePolicyError as error:
            unreadable.append(str(error))
    # Before anything is told of it, so that nothing is told that might yet come out otherwise.
    keys = await marks.keep([look.kept for look in looks]) if looks else frozenset()
    kept = [look for look in looks if look.mark.key in keys]
    await publisher.publish([_changed(look) for look in kept])
    await marks.settle(
        [look.mark for look in kept], told=[look.kept for look in kept if look.has_news]
    )
    return Turn(
        published=len(kept),
        flips=sum(look.kept.flip is not None for look in kept),
        after=taken[-1].key if len(taken) == limit else None,
        unreadable=unreadable,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A mastery as it was read for a mark, and what is published of it from now on."""

    mark: Mark
    mastery: Mastery
    kept: KeptStatus

    @property
    def has_news(self) -> bool:
        """Whether there is a flip that readers have not been told of for sure."""
        return self.kept.status.flip_number > self.kept.status.told_flip


async def _look(
    district: str, taken: Sequence[Mark], marks: Marks, as_of_us: int, policies: PolicyCache
) -> list[Look]:
    """Return what there is to tell of one district's marks."""
    keys = [(mark.key.learner, mark.key.competency) for mark in taken]
    async with marks.facts(district) as store:
        chosen = await policies.in_force(store, district, at_us=as_of_us)
        records = await store.keys(district, keys, as_of_us=as_of_us)
        known = await complete(store, district, keys, records, as_of_us=as_of_us)
        published = await store.published(district, keys)
    reading = reading_of(chosen.policy)
    return [
        _look_at(
            mark,
            records.get(key[0], NOBODY),
            known[key],
            published.get(key),
            as_of_us=as_of_us,
            chosen=chosen,
            reading=reading,
        )
        for mark, key in zip(taken, keys, strict=True)
    ]


def _look_at(
    mark: Mark,
    record: LearnerRecord,
    facts: CompetencyFacts,
    before: PublishedStatus | None,
    *,
    as_of_us: int,
    chosen: PolicyInForce,
    reading: bytes,
) -> Look:
    mastery = read_mastery(
        record.learner,
        facts,
        as_of_us=as_of_us,
        policy=chosen.policy,
        policy_version=chosen.version,
    )
    status, flip = look_at(before, mastery, facts, chosen.policy, reading=reading)
    known_flip = before.flip_number if before else None
    kept = KeptStatus(key=mark.key, known_flip=known_flip, status=status, flip=flip)
    return Look(mark=mark, mastery=mastery, kept=kept)


def _changed(look: Look) -> ChangedMastery:
    return ChangedMastery(
        key=look.mark.key,
        mastery=look.mastery,
        published=look.kept.status,
        flipped=look.has_news,
    )
