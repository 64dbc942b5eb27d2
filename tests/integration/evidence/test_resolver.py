"""The resolver's loop: it finds what is due in every district, does it, and rests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.references import ReferenceKind
from services.evidence.entrypoints import resolver
from services.evidence.entrypoints.resolver import ResolverLoop
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import (
    COMPETENCIES,
    Sis,
    a_record,
    a_sis,
    called,
    line_item,
    org,
    result,
    user,
)

FIRST, SECOND = COMPETENCIES[:2]
WITHIN_SECONDS = 20.0


@pytest.fixture
async def sis(postgres_database: DatabaseFactory) -> AsyncIterator[Sis]:
    """Give a district with two learners."""
    async with a_sis(postgres_database("evidence", SCHEMA)) as found:
        await found.send(org(), user("a"), user("b"), line_item("l1", FIRST), result("r1", "a"))
        yield found


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while not await holds():
            await asyncio.sleep(0.02)


async def test_the_loop_takes_up_what_has_become_possible(sis: Sis) -> None:
    """A record whose alias came, a merge, another line item: all of it, and it stops when told."""
    await sis.record(a_record("1", called("77", ReferenceKind.SIS_NUMBER), SECOND))
    stopping = asyncio.Event()
    loop = asyncio.create_task(ResolverLoop(sis.built).run(stopping))
    a, b = await sis.learner("a"), await sis.learner("b")
    await sis.give(
        Alias(
            subject_kind=SubjectKind.LEARNER,
            reference=called("77", ReferenceKind.SIS_NUMBER),
            subject_id=b,
        )
    )
    await sis.send(line_item("l1", SECOND))
    await sis.merge(b, a)

    async def all_is_done() -> bool:
        return await sis.sums() == [(a, SECOND, 1_000, 22_500), (a, SECOND, 1_000, 24_000)]

    try:
        await until(all_is_done)
    finally:
        stopping.set()
        await loop
    assert not await sis.quarantined()
    await sis.state_hash()


@pytest.mark.parametrize(
    ("fault", "turns"), [(AssertionError("never"), 1), (TimeoutError("late"), 2)]
)
async def test_what_one_district_cannot_do_keeps_no_other_from_its_turn(
    sis: Sis, monkeypatch: pytest.MonkeyPatch, fault: Exception, turns: int
) -> None:
    """It is told at the end of the turn; where the server is in trouble at once, and then goes on.

    Of three districts, "broken" is the first.
    """
    worked: list[str] = []

    async def districts() -> Sequence[str]:
        return ["broken", "cedar", "henry"]

    async def derive(district: str, **_surroundings: object) -> int:
        if district == "broken":
            raise fault
        worked.append(district)
        return 0

    monkeypatch.setattr(sis.built.due, "districts", districts)
    monkeypatch.setattr(resolver, "derive_due", derive)
    loop = ResolverLoop(sis.built)
    for _ in range(turns):
        with pytest.raises(type(fault)):
            await loop.turn()
    assert worked == ["cedar", "henry"]


async def test_a_turn_says_whether_any_district_had_work(sis: Sis) -> None:
    """Where nothing is due nothing is done, and no fact is added."""
    loop = ResolverLoop(sis.built)
    first = len(await sis.events())
    while await loop.turn():
        pass
    assert not await loop.turn()
    assert len(await sis.events()) == first
