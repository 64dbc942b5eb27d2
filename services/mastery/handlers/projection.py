"""Turns marks of changed keys into published masteries: one computation a key, however many facts.

What is published is the state at the time of reading, by the policy that is in force then; the
highest version wins where it is read, so sending twice or out of order does no harm.

A district whose policy cannot be read keeps its marks, and holds nobody else up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from services.mastery.domain.errors import UnreadablePolicyError
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import CompetencyFacts
from services.mastery.domain.policies import PolicyInForce
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.readings import NOBODY, complete
from services.mastery.ports.facts import LearnerRecord
from services.mastery.ports.publishing import (
    ChangedMastery,
    Mark,
    MarkedKey,
    Marks,
    MasteryPublisher,
)

MARKS_A_TURN: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What one turn did: how many masteries, and where the next goes on; None: at the beginning.

    `unreadable` has a sentence for each district whose policy cannot be read.
    """

    published: int
    after: MarkedKey | None
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
    masteries: list[ChangedMastery] = []
    read: list[Mark] = []
    unreadable: list[str] = []
    for district, group in groupby(taken, key=lambda mark: mark.key.district):
        some = list(group)
        try:
            masteries += await _read(district, some, marks, as_of_us, policies)
        except UnreadablePolicyError as error:
            unreadable.append(str(error))
        else:
            read += some
    await publisher.publish(masteries)
    await marks.settle(read)
    return Turn(
        published=len(masteries),
        after=taken[-1].key if len(taken) == limit else None,
        unreadable=unreadable,
    )


async def _read(
    district: str, taken: Sequence[Mark], marks: Marks, as_of_us: int, policies: PolicyCache
) -> list[ChangedMastery]:
    """Return the masteries of one district's marks."""
    keys = [(mark.key.learner, mark.key.competency) for mark in taken]
    async with marks.facts(district) as store:
        chosen = await policies.in_force(store, district, at_us=as_of_us)
        records = await store.keys(district, keys, as_of_us=as_of_us)
        known = await complete(store, district, keys, records, as_of_us=as_of_us)
    return [
        _changed(
            mark.key,
            records.get(mark.key.learner, NOBODY),
            known[mark.key.learner, mark.key.competency],
            as_of_us,
            chosen,
        )
        for mark in taken
    ]


def _changed(
    key: MarkedKey,
    record: LearnerRecord,
    facts: CompetencyFacts,
    as_of_us: int,
    chosen: PolicyInForce,
) -> ChangedMastery:
    return ChangedMastery(
        key=key,
        mastery=read_mastery(
            record.learner,
            facts,
            as_of_us=as_of_us,
            policy=chosen.policy,
            policy_version=chosen.version,
        ),
    )
