"""The stores that are held to one suite: in memory, and in PostgreSQL as its roles see it."""

from dataclasses import dataclass

import pytest

from services.common.clock import SystemClock
from services.common.postgres.pool import Database
from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.adapters.postgres.asking.weeks import PostgresRequestWeekQueue
from services.scheduler.adapters.postgres.cycle import PostgresCycleQueue
from services.scheduler.adapters.postgres.runs import PostgresRunQueue
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.ports.asking import RequestWeekQueue
from services.scheduler.ports.cycle import CycleQueue
from services.scheduler.ports.store import RunQueue, Store
from tests.support.schema import migrated


@dataclass(frozen=True)
class Stores:
    """A store as the API and as a worker sees it, and the queues of planners and clocks."""

    store: Store
    queue: RunQueue
    worker: Store
    cycles: CycleQueue
    weeks: RequestWeekQueue
    database: Database | None = None
    """That of the worker's role; None in memory."""

    async def facts(self) -> list[bytes]:
        """Return the facts that were committed, in their order."""
        if isinstance(self.store, MemoryStore):
            return [fact.value for fact in self.store.facts]
        assert self.database is not None
        async with self.database.transaction(None) as connection:
            rows = await connection.fetch("SELECT value FROM outbox ORDER BY xact, sequence")
        return [row["value"] for row in rows]


@pytest.fixture(params=["memory", "postgres"])
async def stores(request):
    """Give empty stores of each kind."""
    if request.param == "memory":
        memory = MemoryStore()
        yield Stores(
            memory, memory.queue, memory, memory.cycle_queue(SystemClock()), memory.request_weeks()
        )
        return
    database = request.getfixturevalue("postgres_database")("scheduler", migrated("scheduler"))
    api = await Database.connect(database.dsn("api"), pool_size=4, application_name="test-api")
    worker = await Database.connect(
        database.dsn("worker"), pool_size=4, application_name="test-worker"
    )
    try:
        yield Stores(
            PostgresStore(api),
            PostgresRunQueue(worker),
            PostgresStore(worker),
            PostgresCycleQueue(worker),
            PostgresRequestWeekQueue(worker),
            worker,
        )
    finally:
        await api.close()
        await worker.close()
