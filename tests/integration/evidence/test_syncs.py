"""Imports of all that a source has: what they did not bring is deleted, step by step."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.evidence.adapters.postgres.syncs import PostgresSyncs
from services.evidence.domain.sources import Sync, SyncState
from services.evidence.handlers import syncs as handlers
from services.evidence.handlers.syncs import begin_sync, finish_sync, settle_sync
from services.evidence.ports.documents import Looked
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import COMPETENCIES, Sent, Sis, a_sis, line_item, org, result, user

FIRST = COMPETENCIES[0]
RESULTS = [result(f"r{one}", "u1") for one in range(9)]


@pytest.fixture
async def sis(postgres_database: DatabaseFactory) -> AsyncIterator[Sis]:
    """Give a district in which a learner has nine results."""
    async with a_sis(postgres_database("evidence", SCHEMA)) as found:
        await found.send(org(), user("u1"), line_item("l1", FIRST), *RESULTS)
        yield found


async def bring(sis: Sis, import_id: str, *documents: Sent) -> None:
    """Begin an import of all results, and send what it has."""
    surroundings = sis.built.surroundings
    await begin_sync(sis.district, "sis", import_id, ["results"], surroundings=surroundings)
    await sis.send(*documents, import_id=import_id)


async def finish(sis: Sis, import_id: str) -> Sync:
    """Take one step towards the end of an import."""
    return await finish_sync(
        sis.district, import_id, sources={"sis"}, surroundings=sis.built.surroundings
    )


async def settle(sis: Sis, import_id: str) -> Sync:
    """Take one step of the deletions that are held."""
    return await settle_sync(
        sis.district,
        import_id,
        sources={"sis"},
        delete=True,
        actor="dent",
        surroundings=sis.built.surroundings,
    )


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Note each look at a run of objects: after which one, and at how many."""
    found: list[tuple[str, int]] = []
    look = PostgresSyncs.look

    async def noting(
        self: PostgresSyncs, sync: Sync, collection: str, after_id: str, **bounds: int
    ) -> Looked:
        looked = await look(self, sync, collection, after_id, **bounds)
        found.append((after_id, looked.count))
        return looked

    monkeypatch.setattr(PostgresSyncs, "look", noting)
    return found


async def test_what_is_missing_is_counted_once_and_deleted_in_steps(
    sis: Sis, monkeypatch: pytest.MonkeyPatch, looks: list[tuple[str, int]]
) -> None:
    """Counting looks at all that there is: with each step it would be all there is, squared."""
    monkeypatch.setattr(handlers, "DELETED_A_STEP", 2)
    await bring(sis, "one", *RESULTS[4:])
    steps = [await finish(sis, "one")]
    while steps[-1].state is SyncState.RUNNING:
        steps.append(await finish(sis, "one"))
    assert [(one.deleted_count, one.missing_count) for one in steps] == [(2, 4), (4, 4), (4, 4)]
    assert steps[-1].state is SyncState.FINISHED
    assert looks == [("", 9), ("", 9), ("r1", 7), ("r3", 5)]
    assert len(await sis.sums()) == 5


async def test_no_call_looks_at_more_than_a_step_of_each_walk(
    sis: Sis, monkeypatch: pytest.MonkeyPatch, looks: list[tuple[str, int]]
) -> None:
    """However many there are; each is looked at twice, once to count it and once to delete it."""
    monkeypatch.setattr(handlers, "LOOKED_AT_A_STEP", 4)
    await bring(sis, "one", *RESULTS[1:8])
    counts: list[tuple[int, int, int]] = []
    state = SyncState.RUNNING
    while state is SyncState.RUNNING:
        before = len(looks)
        step = await finish(sis, "one")
        state = step.state
        counts.append(
            (step.missing_count, step.deleted_count, sum(count for _, count in looks[before:]))
        )
    assert state is SyncState.FINISHED
    assert counts == [(1, 0, 4), (1, 0, 4), (2, 1, 5), (2, 1, 4), (2, 2, 1)]
    assert {learner for learner, *_ in await sis.sums()} == {await sis.learner("u1")}
    assert len(await sis.sums()) == 7


async def test_nothing_is_deleted_before_all_is_counted(
    sis: Sis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Much is missing, which only the last step of counting finds; settled, it goes in steps."""
    monkeypatch.setattr(handlers, "LOOKED_AT_A_STEP", 2)
    monkeypatch.setattr(handlers, "DELETED_A_STEP", 4)
    await bring(sis, "one", *RESULTS[:3])
    steps = [await finish(sis, "one")]
    while steps[-1].state is SyncState.RUNNING:
        steps.append(await finish(sis, "one"))
    assert [one.missing_count for one in steps] == [0, 1, 3, 5, 6]
    assert steps[-1].state is SyncState.HELD
    assert not any(one.deleted_count for one in steps)
    deleted = []
    while steps[-1].state is SyncState.HELD:
        steps.append(await settle(sis, "one"))
        deleted.append(steps[-1].deleted_count)
    assert deleted == [0, 1, 3, 5, 6]
    assert steps[-1].state is SyncState.FINISHED
    assert len(await sis.sums()) == 3


async def test_an_import_that_is_begun_again_is_counted_again(
    sis: Sis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was missing in the first attempt is brought in the second: it is not held for it."""
    monkeypatch.setattr(handlers, "LOOKED_AT_A_STEP", 8)
    await bring(sis, "one", RESULTS[8])
    first = await finish(sis, "one")
    assert (first.state, first.missing_count) == (SyncState.RUNNING, 8)
    await bring(sis, "one", *RESULTS)
    while (last := await finish(sis, "one")).state is SyncState.RUNNING:
        pass
    assert (last.state, last.missing_count) == (SyncState.FINISHED, 0)
    assert len(await sis.sums()) == 9


async def test_each_collection_is_judged_by_itself(
    sis: Sis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a small one is missing and none of a large one; what is another's counts for none."""
    monkeypatch.setattr(handlers, "LOOKED_AT_A_STEP", 5)
    await sis.send(*(line_item(f"x{one}") for one in range(6)))
    await sis.send(*(line_item(f"y{one}") for one in range(9)), source="lms")
    many = [result(f"q{one}", "u1") for one in range(60)]
    await sis.send(*many)
    surroundings = sis.built.surroundings
    collections = ["lineItems", "results"]
    await begin_sync(sis.district, "sis", "one", collections, surroundings=surroundings)
    await sis.send(line_item("l1", FIRST), *RESULTS, *many, import_id="one")
    while (last := await finish(sis, "one")).state is SyncState.RUNNING:
        pass
    assert (last.state, last.missing_count) == (SyncState.HELD, 6)
    counts = [(one.collection, one.missing_count, one.standing_count) for one in last.counts]
    assert counts == [("lineItems", 6, 7), ("results", 0, 69)]


async def test_an_import_that_breaks_off_goes_on_where_it_was(
    sis: Sis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it brings in the second attempt is not deleted, though it was missing in the first."""
    monkeypatch.setattr(handlers, "DELETED_A_STEP", 1)
    await bring(sis, "one", *RESULTS[4:])
    assert (await finish(sis, "one")).deleted_count == 1
    await bring(sis, "one", *RESULTS[1:])
    while (last := await finish(sis, "one")).state is SyncState.RUNNING:
        pass
    assert (last.state, last.deleted_count) == (SyncState.FINISHED, 1)
    assert len(await sis.sums()) == 8
