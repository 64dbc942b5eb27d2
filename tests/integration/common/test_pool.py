"""A transaction sees one district, a pooled connection remembers none, and every wait ends."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from services.common.postgres.faults import ConnectionLostError, Outcome, PoolTimeoutError, classify
from services.common.postgres.pool import Connection, Database
from tests.support.connections import free_connections
from tests.support.proxy import BlackHole, CutAfter, DropReply, FaultyProxy, Latency, Reset
from tests.support.servers import DatabaseFactory, ServiceDatabase

# Two districts behind forced row-level security, as every table of a service has it.
SCHEMA = """
CREATE TABLE seat (
  district text COLLATE "C" NOT NULL,
  seat_id  text COLLATE "C" NOT NULL,
  PRIMARY KEY (district, seat_id)
);
ALTER TABLE seat ENABLE ROW LEVEL SECURITY;
ALTER TABLE seat FORCE ROW LEVEL SECURITY;
CREATE POLICY seat_district ON seat TO evidence_api
  USING (district = current_setting('app.district', true))
  WITH CHECK (district = current_setting('app.district', true));
CREATE POLICY seat_worker ON seat TO evidence_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON seat TO evidence_api, evidence_worker;
"""

SETTING = "SELECT nullif(current_setting('app.district', true), '')"

Connect = Callable[..., Awaitable[Database]]


@pytest.fixture
def database(postgres_database: DatabaseFactory) -> ServiceDatabase:
    """Make the table."""
    return postgres_database("evidence", SCHEMA)


@pytest.fixture
async def connect(database: ServiceDatabase) -> AsyncIterator[Connect]:
    """Open pools, and close them after the test."""
    opened: list[Database] = []

    async def make(role: str = "api", port: int | None = None, **limits: float) -> Database:
        dsn = database.dsn(role)  # type: ignore[arg-type]
        if port is not None:
            dsn = at_port(dsn, port)
        options = {"pool_size": 1, "startup_timeout_seconds": 5.0, **limits}
        opened.append(await Database.connect(dsn, application_name="test", **options))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for one in opened:
        await one.close(timeout_seconds=1)


def at_port(dsn: str, port: int) -> str:
    """Point an address at another port of loopback."""
    head, _, database = dsn.rpartition("/")
    return f"{head.rpartition(':')[0]}:{port}/{database}"


def port_of(database: ServiceDatabase) -> int:
    """Return the server's port."""
    return int(database.superuser_dsn.rpartition("/")[0].rpartition(":")[2])


async def fill(connect: Connect) -> None:
    """Put a row of each district in."""
    worker = await connect("worker")
    async with worker.transaction(None) as connection:
        await connection.execute("INSERT INTO seat VALUES ('henry', 'a'), ('clayton', 'b')")


async def seats(database: Database, district: str | None) -> list[str]:
    """Return what a district sees."""
    async with database.transaction(district) as connection:
        rows = await connection.fetch("SELECT seat_id FROM seat ORDER BY seat_id")
    return [row["seat_id"] for row in rows]


async def test_a_district_sees_its_own_rows_and_no_others(connect: Connect) -> None:
    """Also where both use the same connection one after the other, and none sees nothing."""
    await fill(connect)
    api = await connect()
    assert await seats(api, "henry") == ["a"]
    assert await seats(api, "clayton") == ["b"]
    assert await seats(api, None) == []
    assert await seats(api, "nowhere") == []


async def test_a_worker_sees_every_district(connect: Connect) -> None:
    """Its chunks hold many."""
    await fill(connect)
    assert await seats(await connect("worker"), None) == ["a", "b"]


async def test_a_row_of_another_district_cannot_be_written(connect: Connect) -> None:
    """The policy holds for writes, whatever the statement says."""
    api = await connect()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with api.transaction("henry") as connection:
            await connection.execute("INSERT INTO seat VALUES ('clayton', 'c')")


@pytest.mark.parametrize("when", ["in a query", "between queries", "while rolling back"])
async def test_a_connection_from_a_cancelled_request_knows_no_district(
    connect: Connect, when: str
) -> None:
    """The pool has one connection, so the next request gets the very one."""
    await fill(connect)
    api = await connect()
    entered = asyncio.Event()

    async def request() -> None:
        async with api.transaction("henry") as connection:
            await connection.execute("INSERT INTO seat VALUES ('henry', 'cancelled')")
            entered.set()
            if when == "between queries":
                await asyncio.Event().wait()
            await connection.execute("SELECT pg_sleep(30)")

    task = asyncio.create_task(request())
    await entered.wait()
    await asyncio.sleep(0.02)
    task.cancel()
    if when == "while rolling back":
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with api.connection() as connection:
        assert await connection.fetchval(SETTING) is None
    assert await seats(api, None) == []
    assert await seats(api, "clayton") == ["b"]
    assert await seats(api, "henry") == ["a"]


class OneConnection:
    """A pool that lends one connection and resets nothing when it comes back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def acquire(self, *, timeout: float) -> Connection:
        """Lend the connection."""
        return self._connection

    async def release(self, connection: Connection) -> None:
        """Take it back as it is."""


@pytest.mark.parametrize("ends", ["committed", "rolled back"])
async def test_the_district_ends_with_the_transaction_whatever_the_pool_does(
    database: ServiceDatabase, ends: str
) -> None:
    """The reset with which asyncpg's pool takes a connection back is only the second wall."""
    connection = await asyncpg.connect(database.dsn("api"), timeout=5)
    api = Database(OneConnection(connection))  # type: ignore[arg-type]

    async def request() -> None:
        async with api.transaction("henry"):
            assert await connection.fetchval(SETTING) == "henry"
            if ends == "rolled back":
                raise KeyError

    with contextlib.suppress(KeyError):
        await request()
    assert await connection.fetchval(SETTING) is None
    await connection.close()


async def test_requests_of_two_districts_at_once_never_mix(connect: Connect) -> None:
    """Two connections, two hundred requests, a third of them cancelled at some point."""
    await fill(connect)
    api = await connect(pool_size=2)
    wanted = {"henry": ["a"], "clayton": ["b"]}

    async def request(number: int) -> None:
        district = ("henry", "clayton")[number % 2]
        assert await seats(api, district) == wanted[district]

    tasks = [asyncio.create_task(request(number)) for number in range(200)]
    for number, task in enumerate(tasks):
        await asyncio.sleep(0)
        if number % 3 == 0:
            task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    wrong = [one for one in results if isinstance(one, AssertionError)]
    assert wrong == []
    assert results.count(None) >= 100


async def test_a_read_only_transaction_refuses_writes(connect: Connect) -> None:
    """What only reads is told so to the server."""
    api = await connect()
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with api.transaction("henry", read_only=True) as connection:
            await connection.execute("INSERT INTO seat VALUES ('henry', 'c')")


async def test_two_serialisable_transactions_that_clash_may_be_tried_again(
    connect: Connect,
) -> None:
    """One of two that read what the other writes fails with a fault of class RETRY."""
    api = await connect(pool_size=2)

    async def add(name: str, both_read: asyncio.Barrier) -> None:
        async with api.transaction("henry", isolation="serializable") as connection:
            await connection.fetchval("SELECT count(*) FROM seat")
            await both_read.wait()
            await connection.execute("INSERT INTO seat VALUES ('henry', $1)", name)

    barrier = asyncio.Barrier(2)
    results = await asyncio.gather(add("c", barrier), add("d", barrier), return_exceptions=True)
    (failed,) = [one for one in results if isinstance(one, BaseException)]
    assert classify(failed) is Outcome.RETRY


async def test_waiting_for_a_connection_has_an_end(connect: Connect) -> None:
    """A full pool refuses; nothing was sent, so the same may be tried again."""
    api = await connect()
    api._acquire_timeout_seconds = 0.05
    async with api.transaction("henry"):
        assert free_connections(api) == 0
        with pytest.raises(PoolTimeoutError) as refused:
            await seats(api, "henry")
    assert classify(refused.value) is Outcome.RETRY
    assert free_connections(api) == 1


async def test_a_statement_that_takes_too_long_is_ended(connect: Connect) -> None:
    """On the server too, which would otherwise work on for nobody."""
    api = await connect(command_timeout_seconds=0.2)
    with pytest.raises((TimeoutError, asyncpg.QueryCanceledError)):
        async with api.transaction("henry") as connection:
            await connection.execute("SELECT pg_sleep(30)")
    assert await seats(api, "henry") == []


async def test_a_lost_reply_to_commit_is_ambiguous_and_the_row_is_there(
    connect: Connect, database: ServiceDatabase
) -> None:
    """The work is done and nobody hears of it: only what is idempotent may be sent again."""
    async with FaultyProxy("127.0.0.1", port_of(database)) as proxy:
        api = await connect(port=proxy.port)

        async def request() -> None:
            async with api.transaction("henry") as connection:
                await connection.execute("INSERT INTO seat VALUES ('henry', 'lost')")
                proxy.fault = DropReply(b"COMMIT")

        with pytest.raises(asyncpg.PostgresConnectionError) as lost:
            await request()
        assert classify(lost.value) is Outcome.AMBIGUOUS
        proxy.fault = None
        assert await seats(api, "henry") == ["lost"]


@pytest.mark.parametrize("fault", [Reset(), CutAfter(3)], ids=["reset", "half a message"])
async def test_a_connection_that_breaks_in_a_query_is_ambiguous_and_replaced(
    connect: Connect, database: ServiceDatabase, fault: Reset | CutAfter
) -> None:
    """The pool hands out no dead connection afterwards."""
    async with FaultyProxy("127.0.0.1", port_of(database)) as proxy:
        api = await connect(port=proxy.port)

        async def request() -> None:
            async with api.transaction("henry") as connection:
                proxy.fault = fault
                await connection.execute("INSERT INTO seat VALUES ('henry', 'x')")

        with pytest.raises((asyncpg.PostgresConnectionError, OSError)) as broken:
            await request()
        assert classify(broken.value) is Outcome.AMBIGUOUS
        proxy.fault = None
        assert await seats(api, "henry") == []


async def test_a_server_that_answers_nothing_is_waited_for_with_a_limit(
    connect: Connect, database: ServiceDatabase
) -> None:
    """A black hole ends in a TimeoutError, and the pool works again when it heals."""
    async with FaultyProxy("127.0.0.1", port_of(database)) as proxy:
        api = await connect(port=proxy.port, command_timeout_seconds=0.3)

        async def request() -> None:
            async with api.transaction("henry") as connection:
                proxy.fault = BlackHole()
                await connection.execute("SELECT 1")

        with pytest.raises(TimeoutError) as stalled:
            await request()
        assert classify(stalled.value) is Outcome.AMBIGUOUS
        proxy.fault = None
        assert await seats(api, "henry") == []


async def test_a_backend_that_is_killed_in_a_query_is_ambiguous_and_replaced(
    connect: Connect,
) -> None:
    """An administrator's kill costs one request."""
    api = await connect()

    async def request() -> None:
        async with api.transaction("henry") as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid(), 1000)")

    with pytest.raises(asyncpg.PostgresError) as killed:
        await request()
    assert classify(killed.value) is Outcome.AMBIGUOUS
    assert await seats(api, "henry") == []


@pytest.mark.parametrize("next_is", ["a statement", "the commit"])
async def test_a_connection_that_is_lost_between_statements_may_be_tried_again(
    connect: Connect, database: ServiceDatabase, next_is: str
) -> None:
    """Nothing was sent, so nothing was committed: it is no mistake of the code either."""
    async with FaultyProxy("127.0.0.1", port_of(database)) as proxy:
        api = await connect(port=proxy.port)

        async def request() -> None:
            async with api.transaction("henry") as connection:
                await connection.execute("INSERT INTO seat VALUES ('henry', 'x')")
                proxy.reset_connections()
                await asyncio.sleep(0.05)
                if next_is == "a statement":
                    await connection.execute("SELECT 1")

        with pytest.raises(ConnectionLostError) as lost:
            await request()
        assert classify(lost.value) is Outcome.RETRY
        assert await seats(api, "henry") == []


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("in_transaction", [True, False])
async def test_a_farewell_of_the_server_may_be_tried_again(
    connect: Connect, database: ServiceDatabase, turns: int, in_transaction: bool
) -> None:
    """Whatever of it is read by the next statement: nothing, what it says, or that it is gone."""
    api = await connect()

    async def request() -> None:
        async with api.transaction("henry") if in_transaction else api.connection() as connection:
            backend = await connection.fetchval("SELECT pg_backend_pid()")
            # Nothing of this loop runs until all has arrived; then it is read turn by turn.
            ending = threading.Thread(target=asyncio.run, args=(end_of(database, backend),))
            ending.start()
            ending.join()
            for _ in range(turns):
                await asyncio.sleep(0)
            await connection.execute("SELECT 1")

    with pytest.raises((OSError, asyncpg.PostgresError)) as lost:
        await request()
    assert classify(lost.value) in (Outcome.RETRY, Outcome.AMBIGUOUS)
    assert await seats(api, "henry") == []


async def end_of(database: ServiceDatabase, backend: int) -> None:
    """End a backend, and return when it is gone."""
    other = await asyncpg.connect(database.superuser_dsn)
    assert await other.fetchval("SELECT pg_terminate_backend($1, 5000)", backend)
    await other.close()


async def test_starting_waits_for_a_server_that_is_not_there_yet(
    connect: Connect, database: ServiceDatabase
) -> None:
    """Processes may be started in any order."""
    async with FaultyProxy("127.0.0.1", port_of(database)) as proxy:
        proxy.fault = Reset()
        starting = asyncio.create_task(connect(port=proxy.port))
        while proxy.connections < 2:
            await asyncio.sleep(0.01)
        proxy.fault = Latency(0.001)
        assert await seats(await starting, "henry") == []


async def test_starting_with_a_wrong_database_fails_at_once(database: ServiceDatabase) -> None:
    """Waiting would not make it right."""
    wrong = database.dsn("api") + "_which_is_not_there"
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await Database.connect(wrong, pool_size=1, application_name="test")


async def test_what_went_wrong_is_seen_also_when_the_connection_broke(
    connect: Connect, database: ServiceDatabase
) -> None:
    """A failing rollback never hides the error that made it necessary."""
    async with FaultyProxy("127.0.0.1", port_of(database)) as proxy:
        api = await connect(port=proxy.port)

        async def request() -> None:
            async with api.transaction("henry"):
                proxy.fault = Reset()
                raise KeyError("what went wrong")

        with pytest.raises(KeyError, match="what went wrong"):
            await request()
