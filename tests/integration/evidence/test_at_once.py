"""Rosters, alignments, records, merges and two resolvers at once end as one after the other."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

import pytest

from services.evidence.domain.errors import ConcurrentChangeError
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    ReferenceKind,
)
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.handlers.documents.due import derive_due
from services.evidence.handlers.identity import undo_merge
from services.evidence.handlers.intake import Sending
from services.evidence.handlers.quarantine import redrive_due
from services.evidence.handlers.resolving import resolve_next
from services.evidence.handlers.sources import put_alignments
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import (
    COMPETENCIES,
    Sis,
    a_record,
    a_sis,
    called,
    line_item,
    micros,
    org,
    result,
    user,
)

LEARNERS, ITEMS, LINE_ITEMS, BATCHES, BATCH = 24, 6, 3, 12, 20
USERS = [user(f"u{one}", userMasterIdentifier=f"n{one}") for one in range(LEARNERS)]
QUIZZES = [line_item(f"l{one}", COMPETENCIES[one]) for one in range(LINE_ITEMS)]
RESULTS = [
    result(f"r{one}", f"u{one}", f"l{one % LINE_ITEMS}", score=one % 10) for one in range(LEARNERS)
]
MERGED = [("u0", "u1"), ("u2", "u3"), ("u4", "u5")]
UNDONE = [("u6", "u7"), ("u8", "u9"), ("u10", "u11")]

Step = Callable[[], Awaitable[object]]


def batches(chance: random.Random) -> Sequence[Sequence[Sending]]:
    """Return batches of versions of some observations, of learners by their id or their number."""
    return [
        [
            a_record(
                f"{batch}-{place}",
                called(f"u{learner}")
                if place % 2
                else called(f"n{learner}", ReferenceKind.SIS_NUMBER, ""),
                entity=f"entity-{chance.randrange(120)}",
                version=batch * BATCH + place + 1,
                item=f"q{chance.randrange(ITEMS)}",
                earned=chance.randrange(5),
            )
            for place in range(BATCH)
            for learner in [chance.randrange(LEARNERS)]
        ]
        for batch in range(BATCHES)
    ]


async def align(sis: Sis, item: int, competency: int) -> None:
    """Say which competency an item of the source "lms" is about."""
    reference = CompetencyReference(
        kind=CompetencyReferenceKind.CASE_UUID, value=COMPETENCIES[competency]
    )
    one = ItemAlignment(item=f"q{item}", references=((reference, 0),))
    await put_alignments(sis.district, "lms", [one], surroundings=sis.built.surroundings)


async def align_twice(sis: Sis, item: int) -> None:
    """Align an item with one competency, and then with another."""
    await align(sis, item, item + 1)
    await align(sis, item, item)


async def merge(sis: Sis, one: str, other: str, *, undo: bool) -> None:
    """Merge two learners as soon as both are there; undo: and undo it."""
    while not {one, other} <= (await _known(sis)).keys():
        await asyncio.sleep(0)
    known = await _known(sis)
    merged = await sis.merge(known[one], known[other])
    if undo:
        await until_done(
            lambda: undo_merge(
                sis.district, merged.merge_id, "dent", surroundings=sis.built.surroundings
            )
        )


async def _known(sis: Sis) -> dict[str, str]:
    learners = (await sis.roster())["learners"].values()
    return {one.first_alias.source_id: one.id for one in learners}


async def until_done(step: Step) -> None:
    """Do something, again where somebody else was at it."""
    while True:
        try:
            await step()
        except ConcurrentChangeError:
            continue
        return


async def resolver(sis: Sis, stopping: asyncio.Event) -> None:
    """Do what a resolver does until told to stop."""
    steps: Sequence[Step] = (
        lambda: derive_due(sis.district, surroundings=sis.built.surroundings),
        lambda: redrive_due(sis.district, redriving=sis.built.redriving),
        lambda: resolve_next(sis.district, redriving=sis.built.redriving),
    )
    while not stopping.is_set():
        for step in steps:
            await until_done(step)


def all_steps(sis: Sis, sent: Sequence[Sequence[Sending]]) -> list[Step]:
    """Return everything that is done, in pieces that may be done in any order."""
    return [
        lambda: sis.send(org()),
        *(lambda one=one: sis.send(*USERS[one : one + 4]) for one in range(0, LEARNERS, 4)),
        *(lambda one=one: sis.send(*RESULTS[one : one + 6]) for one in range(0, LEARNERS, 6)),
        *(lambda one=one: sis.send(one) for one in QUIZZES),
        *(lambda one=one: sis.record(*one) for one in sent),
        *(lambda one=one: align_twice(sis, one) for one in range(ITEMS)),
        *(lambda one=one: merge(sis, *one, undo=False) for one in MERGED),
        *(lambda one=one: merge(sis, *one, undo=True) for one in UNDONE),
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_all_at_once_ends_as_one_after_the_other(
    postgres_database: DatabaseFactory, seed: int
) -> None:
    """The sums are those of a district where everybody was known before the first record."""
    chance = random.Random(seed)
    sent = batches(chance)
    async with a_sis(postgres_database("evidence", SCHEMA)) as sis:
        steps = all_steps(sis, sent)
        chance.shuffle(steps)
        stopping = asyncio.Event()
        resolvers = [asyncio.create_task(resolver(sis, stopping)) for _ in range(2)]
        await asyncio.gather(*map(until_done, steps))
        stopping.set()
        await asyncio.gather(*resolvers)
        ledger = sis.built.surroundings.intake.ledger
        async with ledger.transaction(sis.district) as transaction:
            await transaction.quarantine.look_again(2 * micros(sis.clock.now()))
        await sis.work()
        await sis.state_hash()
        assert not await sis.quarantined()
        found = await sis.sums()
    async with a_sis(postgres_database("evidence", SCHEMA)) as other:
        await other.send(org(), *USERS, *QUIZZES)
        for one in MERGED:
            await merge(other, *one, undo=False)
        for item in range(ITEMS):
            await align(other, item, item)
        for batch in sent:
            await other.record(*batch)
        await other.send(*RESULTS)
        await other.work()
        assert found == await other.sums()
