"""Builders of rosters and frameworks, and the places to keep them: in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from services.common.postgres.outbox import OutboxRow
from services.common.postgres.pool import Database
from services.evidence.adapters.memory.directory import MemoryDirectory
from services.evidence.adapters.memory.entities import MemoryEntities
from services.evidence.adapters.memory.framework import MemoryFrameworks
from services.evidence.adapters.memory.roster import MemoryRoster
from services.evidence.adapters.postgres.directory import PostgresDirectory
from services.evidence.adapters.postgres.framework import PostgresFrameworks
from services.evidence.adapters.postgres.roster import PostgresRoster
from services.evidence.domain.framework import Competency, Framework
from services.evidence.domain.roster import Adult, FirstAlias, Learner, LearnerState, School
from services.evidence.ports.directory import Directory
from services.evidence.ports.framework import Frameworks
from services.evidence.ports.roster import Roster
from tests.support.schema import migrated

if TYPE_CHECKING:
    from tests.support.servers import ServiceDatabase

NOW = datetime(2026, 9, 1, 6, 30, tzinfo=UTC)

SCHEMA = migrated("evidence")


def a_school(**changes: Any) -> School:
    """Return a valid school."""
    school = School(id="hcms", display_name="Middle School", time_zone="America/New_York")
    return replace(school, **changes)


def a_learner(source_id: str = "4711", **changes: Any) -> Learner:
    """Return a valid learner of source "sis", as it is sent: without an id."""
    learner = Learner(
        id="",
        first_alias=FirstAlias(source="sis", source_id=source_id),
        given_name="Zaphod",
        family_name="Beeblebrox",
        school_id="hcms",
        grade="6",
        state=LearnerState.ENROLLED,
        enrol_date=date(2026, 8, 3),
    )
    return replace(learner, **changes)


def an_adult(**changes: Any) -> Adult:
    """Return a valid adult."""
    adult = Adult(
        id="dent",
        display_name="Mrs. Dent",
        school_id="hcms",
        subjects=("math", "science"),
        active=True,
    )
    return replace(adult, **changes)


def a_framework(**changes: Any) -> Framework:
    """Return a valid framework."""
    return replace(Framework(id="math", display_name="Mathematics"), **changes)


def a_competency(competency_id: str = "6.rp.1", *prerequisites: str, **changes: Any) -> Competency:
    """Return a valid competency whose code is its id."""
    competency = Competency(
        id=competency_id,
        framework_id="math",
        code=competency_id,
        label="Talk about ratios",
        subject="math",
        grade="6",
        essential=True,
        prerequisites=tuple(sorted(prerequisites)),
    )
    return replace(competency, **changes)


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Where rosters and frameworks are kept, with what was published of them."""

    roster: Roster
    frameworks: Frameworks
    directory: Callable[[str], AbstractAsyncContextManager[Directory]]
    facts: Callable[[], Awaitable[Sequence[OutboxRow]]]


def memory_stores() -> Stores:
    """Return stores in memory."""
    entities = MemoryEntities()

    @asynccontextmanager
    async def directory(_district: str) -> AsyncIterator[Directory]:
        yield MemoryDirectory(entities)

    async def facts() -> Sequence[OutboxRow]:
        return entities.facts

    return Stores(
        roster=MemoryRoster(entities),
        frameworks=MemoryFrameworks(entities),
        directory=directory,
        facts=facts,
    )


@asynccontextmanager
async def connected(database: ServiceDatabase) -> AsyncIterator[tuple[Database, Database]]:
    """Connect as api and as worker."""
    api = await Database.connect(database.dsn("api"), pool_size=4, application_name="test-api")
    worker = await Database.connect(
        database.dsn("worker"), pool_size=1, application_name="test-worker"
    )
    try:
        yield api, worker
    finally:
        await api.close()
        await worker.close()


@asynccontextmanager
async def postgres_stores(database: ServiceDatabase) -> AsyncIterator[Stores]:
    """Give stores in a migrated database, used by the role of the API."""
    async with connected(database) as (api, worker):

        @asynccontextmanager
        async def directory(district: str) -> AsyncIterator[Directory]:
            async with api.transaction(district) as connection:
                yield PostgresDirectory(connection)

        async def facts() -> Sequence[OutboxRow]:
            return await outbox_facts(worker)

        yield Stores(
            roster=PostgresRoster(api),
            frameworks=PostgresFrameworks(api),
            directory=directory,
            facts=facts,
        )


async def outbox_facts(worker: Database) -> Sequence[OutboxRow]:
    """Return what the outbox holds, in the order of commit, as the relay's role reads it."""
    async with worker.transaction(None) as connection:
        rows = await connection.fetch(
            "SELECT topic, key, value FROM outbox ORDER BY xact, sequence"
        )
    return [OutboxRow(topic=row["topic"], key=row["key"], value=row["value"]) for row in rows]
