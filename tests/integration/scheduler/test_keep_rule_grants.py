"""What the planner's role may read of a keep rule: the pair and the date, never who and why."""

import asyncpg
import pytest

from services.common.postgres.pool import Database
from services.scheduler.adapters.postgres.store import PostgresStore
from tests.support.schedules import DISTRICT, NOW, SCHOOL
from tests.support.schema import migrated
from tests.support.school_data import a_keep_rule


@pytest.fixture
async def worker(postgres_database):
    """Give a connection as the planner's role to a database with one rule."""
    database = postgres_database("scheduler", migrated("scheduler"))
    api = await Database.connect(database.dsn("api"), pool_size=2, application_name="test-api")
    async with PostgresStore(api).change(DISTRICT, SCHOOL) as view:
        await view.keep_rules.keep([a_keep_rule(version=1)], NOW)
    await api.close()
    found = await Database.connect(database.dsn("worker"), pool_size=2, application_name="test")
    yield found
    await found.close()


@pytest.mark.parametrize("column", ["reason", "set_by"])
async def test_the_planners_role_may_not_read_who_set_a_rule_or_why(worker, column):
    """The wall is the database's: a planner that asked for it would be refused."""

    async def ask():
        async with worker.transaction(DISTRICT) as connection:
            await connection.fetch(f"SELECT {column} FROM keep_rule")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask()


async def test_the_planner_reads_the_pair(worker):
    """What a plan run reads is granted."""
    async with PostgresStore(worker).snapshot(DISTRICT) as view:
        (rule,) = await view.keep_rules.all(SCHOOL)
    assert (rule.pair, rule.reason, rule.set_by) == (("lea", "mia"), "", "")
