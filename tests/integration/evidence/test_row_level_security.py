"""The second wall: what the roles of the database may see and change, without the service."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.common.postgres.pool import Database
from services.evidence.handlers.evidence import record_evidence
from tests.support.evidence import (
    DISTRICT,
    a_batch,
    a_sending,
    pools,
    postgres_kept,
)
from tests.support.rosters import SCHEMA
from tests.support.schema import assert_schema_file_is_fresh
from tests.support.servers import DatabaseFactory


@pytest.fixture
async def roles(postgres_database: DatabaseFactory) -> AsyncIterator[tuple[Database, Database]]:
    """Give the pools of api and worker on a database with one entry and one refused record."""
    database = postgres_database("evidence", SCHEMA)
    async with postgres_kept(database) as kept:
        batch = a_batch(a_sending(1), a_sending(2, learner="nobody"))
        await record_evidence(batch, intake=kept.intake)
    async with pools(database) as found:
        yield found


@pytest.mark.parametrize("table", ["ledger", "quarantine"])
async def test_the_api_role_sees_the_rows_of_its_district_alone(
    roles: tuple[Database, Database], table: str
) -> None:
    """In its district there is a row; in another one and without any there is none."""
    api, _ = roles
    for district, count in ((DISTRICT, 1), ("cedar", 0), (None, 0)):
        async with api.transaction(district) as connection:
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == count


async def test_the_api_role_cannot_write_into_another_district(
    roles: tuple[Database, Database],
) -> None:
    """A row of another district is refused by the policy."""
    api, _ = roles
    copy = """
        INSERT INTO quarantine (district, digest, source, event_id, line, reason, field, message,
                                hint, record, record_length_bytes, receive_time)
        VALUES ($1, decode(repeat('00', 16), 'hex'), '', '', 0, 1, '', '', '', '', 0, now())
    """
    async with api.transaction(DISTRICT) as connection:
        await connection.execute(copy, DISTRICT)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with api.transaction(DISTRICT) as connection:
            await connection.execute(copy, "cedar")


@pytest.mark.parametrize("statement", ["UPDATE ledger SET version = 9", "DELETE FROM ledger"])
async def test_nobody_changes_or_deletes_a_row_of_the_ledger(
    roles: tuple[Database, Database], statement: str
) -> None:
    """Neither the api's role nor the worker's has the privilege."""
    for database in roles:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction(DISTRICT) as connection:
                await connection.execute(statement)


async def test_the_worker_role_sees_what_is_published_and_not_what_was_sent(
    roles: tuple[Database, Database],
) -> None:
    """Events of every district, but neither records nor the quarantine."""
    _, worker = roles
    async with worker.transaction(None) as connection:
        assert await connection.fetchval("SELECT count(event) FROM ledger") == 1
    for statement in ("SELECT record FROM ledger", "SELECT 1 FROM quarantine"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with worker.transaction(None) as connection:
                await connection.fetch(statement)


async def test_a_connection_forgets_its_district_after_a_failed_transaction(
    roles: tuple[Database, Database],
) -> None:
    """After an error in a transaction of one district, the pooled connection sees nothing."""
    api, _ = roles
    for _ in range(8):
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with api.transaction(DISTRICT) as connection:
                await connection.execute("SELECT 1 / 0")
    for _ in range(8):
        async with api.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM ledger") == 0


async def test_schema_file_is_the_sum_of_the_migrations(postgres_database: DatabaseFactory) -> None:
    """schema.sql is what a new database gets."""
    await assert_schema_file_is_fresh(postgres_database, "evidence")
