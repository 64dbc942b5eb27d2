"""The second wall: what the roles of the database may see and change, without the service."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.common.postgres.pool import Database
from services.evidence.adapters.postgres.roster import PostgresRoster
from services.evidence.domain.entities import RequestKey, Upsert
from services.evidence.domain.references import competency_reference
from services.evidence.domain.roster import School
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.domain.sources import PullCursor, SourceReading
from services.evidence.handlers.evidence import record_evidence
from services.evidence.handlers.pull_cursors import put_pull_cursor
from services.evidence.handlers.roster import upsert_schools
from services.evidence.handlers.sources import put_alignments, put_source
from services.evidence.handlers.syncs import begin_sync
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
from tests.support.sis import (
    COMPETENCIES,
    Sis,
    a_class,
    a_record,
    a_sis,
    called,
    course,
    enrollment,
    org,
    session,
    user,
)


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


async def test_every_table_that_has_a_district_shows_the_rows_of_that_one_alone(
    postgres_database: DatabaseFactory,
) -> None:
    """Each has a row here, and none of them is seen from another district or from none."""
    database = postgres_database("evidence", SCHEMA)
    async with a_sis(database) as sis:
        await fill(sis)
        superuser = await asyncpg.connect(database.superuser_dsn)
        try:
            tables = [row[0] for row in await superuser.fetch(_WITH_DISTRICT)]
            walls = await superuser.fetch(_WALLS, tables)
        finally:
            await superuser.close()
        assert len(tables) >= 20
        assert {row["relname"] for row in walls} == set(tables)
        for table in tables:
            async with sis.api.transaction(DISTRICT) as connection:
                assert await connection.fetchval(f"SELECT count(*) FROM {table}") > 0, table
            for district in ("cedar", None):
                async with sis.api.transaction(district) as connection:
                    assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0, table


_WITH_DISTRICT = """
SELECT table_name FROM information_schema.columns
 WHERE table_schema = 'public' AND column_name = 'district' ORDER BY table_name
"""

_WALLS = """
SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid
 WHERE relname = ANY ($1::text[]) AND relrowsecurity AND relforcerowsecurity
   AND polname = relname || '_api'
   AND pg_get_expr(polqual, polrelid) = pg_get_expr(polwithcheck, polrelid)
"""


async def fill(sis: Sis) -> None:
    """Put a row into every table."""
    await sis.send(
        org(),
        session(),
        course(),
        a_class(),
        user("a"),
        user("b"),
        user("t1", ("teacher", "s1")),
        enrollment("e1", "a"),
        import_id="first",
    )
    surroundings = sis.built.surroundings
    await put_source(
        sis.district,
        SourceReading(source="sis", time_zone="UTC"),
        time_zones={"UTC"},
        surroundings=surroundings,
    )
    await put_pull_cursor(
        sis.district,
        PullCursor(source="sis", name="oneroster", content="{}"),
        surroundings=surroundings,
    )
    await begin_sync(sis.district, "sis", "first", ["orgs"], surroundings=surroundings)
    await put_alignments(
        sis.district,
        "lms",
        [ItemAlignment(item="q", references=((competency_reference(COMPETENCIES[0]), 0),))],
        surroundings=surroundings,
    )
    await sis.record(
        a_record("1", called("a"), COMPETENCIES[0]),
        a_record("2", called("nobody"), COMPETENCIES[0]),
        import_id="july",
    )
    await sis.merge(await sis.learner("a"), await sis.learner("b"))
    async with surroundings.intake.ledger.transaction(sis.district) as transaction:
        await transaction.note_settled("july", 1)
        await transaction.withdraw("june", {"sis"})
    async with surroundings.store.change(sis.district) as change:
        await change.successors.replace({"x": COMPETENCIES[0]})
        await change.pull_cursors.put(
            PullCursor(source="sis", name="users", content="{}", put_micros=1)
        )
    await upsert_schools(
        Upsert(
            district=sis.district,
            entities=(School(id="s9", display_name="Nine", time_zone="UTC"),),
            request=RequestKey(request_id="r", method="m", digest=bytes(32)),
        ),
        roster=PostgresRoster(sis.api),
        time_zones={"UTC"},
        clock=sis.clock,
    )


async def test_the_api_role_cannot_write_into_another_district(
    roles: tuple[Database, Database],
) -> None:
    """A row of another district is refused by the policy."""
    api, _ = roles
    copy = """
        INSERT INTO quarantine (district, digest, kind, state, position, source, event_id, line,
                                reason, field, message, hint, record, record_length_bytes,
                                receive_time, state_time)
        VALUES ($1, decode(repeat('00', 16), 'hex'), 1, 1, 1, '', '', 0, 1, '', '', '', '', 0,
                now(), now())
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
    """Events of every district and what is due there, but nothing of what was sent or of people."""
    _, worker = roles
    async with worker.transaction(None) as connection:
        assert await connection.fetchval("SELECT count(event) FROM ledger") == 1
        assert await connection.fetchval("SELECT count(due) FROM quarantine") == 1
    for statement in (
        "SELECT record FROM ledger",
        "SELECT record FROM quarantine",
        "SELECT message FROM quarantine",
        "SELECT content FROM source_object",
        "SELECT object_id FROM source_object",
        "SELECT subject FROM resolution",
        "SELECT 1 FROM alias",
        "SELECT 1 FROM quarantine_wait",
        "SELECT 1 FROM learner_merge",
        "SELECT 1 FROM enrolment",
        "SELECT given_name FROM learner",
    ):
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
