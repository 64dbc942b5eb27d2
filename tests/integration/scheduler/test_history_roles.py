"""Digests by the roles of the service: the API keeps them at publishing, a planner what lacks."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import pytest

from services.common.clock import SystemClock
from services.common.postgres.pool import Database
from services.scheduler.adapters.postgres.runs import PostgresRunQueue
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.domain.check import check
from services.scheduler.domain.history.digest import digest_of
from services.scheduler.domain.revision import Content, SignOff
from services.scheduler.handlers.history import keep_digests, past_of
from services.scheduler.handlers.publishing import PublishWeek, publish_week
from tests.support.schedules import DISTRICT, NOW, SCHOOL, with_draft
from tests.support.schema import migrated
from tests.support.schools import MONDAY

NEXT = MONDAY + timedelta(weeks=1)


@dataclass(frozen=True)
class Roles:
    """The store as the API sees it, with the planners' queue, and the store as a planner does."""

    store: PostgresStore
    queue: PostgresRunQueue
    planner: PostgresStore
    admin: str


@asynccontextmanager
async def connected(dsn):
    """Give a database to use."""
    database = await Database.connect(dsn, pool_size=2, application_name="test-history")
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def roles(postgres_database):
    """Give the stores of both roles over one database."""
    database = postgres_database("scheduler", migrated("scheduler"))
    async with connected(database.dsn("api")) as api, connected(database.dsn("worker")) as worker:
        yield Roles(
            store=PostgresStore(api),
            queue=PostgresRunQueue(worker),
            planner=PostgresStore(worker),
            admin=database.superuser_dsn,
        )


async def publish(roles):
    """Publish a week through its use case, as the API does."""
    problem, week = await with_draft(roles)
    signed = SignOff(adult_id="pat", time=NOW, week_hash=week.week_hash)
    async with roles.store.change(DISTRICT, SCHOOL) as view:
        await view.weeks.sign_off(SCHOOL, MONDAY, signed)
    command = PublishWeek(
        district=DISTRICT, school_id=SCHOOL, monday=MONDAY, week_hash=week.week_hash
    )
    await publish_week(command, store=roles.store, clock=SystemClock(), check=check)
    return digest_of(Content(problem=problem, week=week))


async def read(roles):
    """Return the digest of the week before, as a planner reads it."""
    async with roles.planner.snapshot(DISTRICT) as view:
        missing = await view.digests.missing(SCHOOL, [MONDAY])
        past = await past_of(view, SCHOOL, NEXT, weeks=1)
    return list(missing), past.weeks[0].digest


async def test_publishing_keeps_the_digest_in_its_transaction(roles):
    """A planner reads it, and has nothing to make."""
    digest = await publish(roles)
    assert await read(roles) == ([], digest)


async def test_a_planner_makes_and_keeps_what_lacks(roles):
    """A digest that is gone, as after an upgrade of its format, is made anew from the week."""
    digest = await publish(roles)
    await ask(roles.admin, "DELETE FROM week_digest")
    assert await read(roles) == ([MONDAY], digest)
    await keep_digests(roles.planner, DISTRICT, SCHOOL, NEXT)
    assert await read(roles) == ([], digest)


@pytest.mark.parametrize(
    "statement", ["UPDATE week_digest SET format = 2", "DELETE FROM week_digest"]
)
async def test_nobody_of_the_service_may_change_a_digest(roles, statement):
    """Neither role is granted it."""
    await publish(roles)
    for store in (roles.store, roles.planner):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with store.change(DISTRICT, SCHOOL) as view:
                await view.digests._connection.execute(statement)


async def ask(dsn, statement):
    """Run a statement as the superuser of the server, who is above row-level security."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
