"""Imports of all that a source has: what they did not bring is deleted, step by step."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.evidence.adapters.postgres.syncs import PostgresSyncs
from services.evidence.domain.sources import Sync, SyncState
from services.evidence.handlers import sources as handlers
from services.evidence.handlers.sources import begin_sync, finish_sync
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


async def test_what_is_missing_is_counted_once_and_deleted_in_steps(
    sis: Sis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting looks at all that there is: with each step it would be all there is, squared."""
    monkeypatch.setattr(handlers, "DELETED_A_STEP", 2)
    counted: list[str] = []
    count_missing = PostgresSyncs.count_missing

    async def counting(self: PostgresSyncs, sync: Sync) -> tuple[dict[str, int], dict[str, int]]:
        counted.append(sync.import_id)
        return await count_missing(self, sync)

    monkeypatch.setattr(PostgresSyncs, "count_missing", counting)
    await bring(sis, "one", *RESULTS[4:])
    steps = [await finish(sis, "one")]
    while steps[-1].state is SyncState.RUNNING:
        steps.append(await finish(sis, "one"))
    assert [(one.deleted_count, one.missing_count) for one in steps] == [(2, 4), (4, 4), (4, 4)]
    assert steps[-1].state is SyncState.FINISHED
    assert counted == ["one"]
    assert len(await sis.sums()) == 5


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
