"""What a store of receipts must do, claimed of PostgreSQL and of its twin in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.evidence.adapters.memory.receipts import MemoryReceipts
from services.evidence.adapters.postgres.moments import micros_of
from services.evidence.adapters.postgres.receipts import PostgresReceipts
from services.evidence.adapters.postgres.sources import PostgresSources
from services.evidence.ports.receipts import ReceiptStore
from tests.support.evidence import DISTRICT, pools
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

MONDAY = datetime(2026, 9, 7, 15, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
WORK = micros_of(MONDAY)

Found = Callable[[str, str], Awaitable[tuple[int | None, int | None]]]


@pytest.fixture(params=["memory", "postgres"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[tuple[ReceiptStore, Found]]:
    """Give each of the stores in turn, empty, and what it has noted of a source."""
    if request.param == "memory":
        memory = MemoryReceipts()

        async def remembered(district: str, source: str) -> tuple[int | None, int | None]:
            received, occurred = memory.noted.get((district, source), (None, None))
            return None if received is None else micros_of(received), occurred

        yield memory, remembered
        return
    create: DatabaseFactory = request.getfixturevalue("postgres_database")
    async with pools(create("evidence", SCHEMA)) as (api, _):

        async def kept(district: str, source: str) -> tuple[int | None, int | None]:
            async with api.transaction(district) as connection:
                found = await PostgresSources(connection, district).find(source)
            if found is None:
                return None, None
            return found.last_receive_micros, found.last_occur_micros

        yield PostgresReceipts(api), kept


async def test_the_latest_receipt_and_the_newest_work_stand(
    stores: tuple[ReceiptStore, Found],
) -> None:
    """In whatever order they are noted, each of a source and a district for itself."""
    store, found = stores
    await store.note(DISTRICT, TUESDAY, {"lms": WORK, "sis": None})
    await store.note(DISTRICT, MONDAY, {"lms": WORK + 1})
    assert await found(DISTRICT, "lms") == (micros_of(TUESDAY), WORK + 1)
    assert await found(DISTRICT, "sis") == (micros_of(TUESDAY), None)
    assert await found("cedar", "lms") == (None, None)
