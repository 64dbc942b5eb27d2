"""The frameworks in PostgreSQL."""

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.evidence.adapters.postgres.entities import (
    PostgresRequestLog,
    PostgresStore,
    Table,
    open_change,
    open_snapshot,
)
from services.evidence.adapters.postgres.quarantine import PostgresQuarantine
from services.evidence.adapters.wire.framework import competency_fact, framework_fact
from services.evidence.domain.framework import Code, Competency, Framework
from services.evidence.domain.references import code_key, uri_key


def _framework_of(row: "asyncpg.Record") -> Framework:
    """Return the framework of a row."""
    return Framework(
        id=row["framework_id"], display_name=row["display_name"], version=row["version"]
    )


def _competency_of(row: "asyncpg.Record") -> Competency:
    """Return the competency of a row."""
    return Competency(
        id=row["competency_id"],
        framework_id=row["framework_id"],
        code=row["code"],
        label=row["label"],
        subject=row["subject"],
        grade=row["grade"],
        essential=row["essential"],
        prerequisites=tuple(row["prerequisites"]),
        uri=row["uri"],
        version=row["version"],
    )


FRAMEWORK = Table(
    name="framework",
    id_column="framework_id",
    columns=("display_name",),
    parent_column="framework_id",
    entity_of=_framework_of,
    values_of=lambda one: (one.id, one.display_name),
    fact_of=framework_fact,
)

COMPETENCY = Table(
    name="competency",
    id_column="competency_id",
    columns=(
        "framework_id",
        "code",
        "label",
        "subject",
        "grade",
        "essential",
        "prerequisites",
        "uri",
        "code_key",
        "uri_key",
    ),
    parent_column="framework_id",
    entity_of=_competency_of,
    values_of=lambda one: (
        one.id,
        one.framework_id,
        one.code,
        one.label,
        one.subject,
        one.grade,
        one.essential,
        list(one.prerequisites),
        one.uri,
        code_key(one.code),
        uri_key(one.uri),
    ),
    fact_of=competency_fact,
)


class PostgresCompetencies(PostgresStore[Competency]):
    """The competencies of one district, in a transaction."""

    async def holders_of(self, codes: Collection[Code]) -> Mapping[Code, str]:
        """Return the id of the competency that holds each code that is taken."""
        rows = await self._connection.fetch(
            "SELECT framework_id, code, competency_id FROM competency"
            " JOIN unnest($2::text[], $3::text[]) AS asked (framework_id, code)"
            " USING (framework_id, code) WHERE district = $1",
            self._district,
            [code.framework_id for code in codes],
            [code.code for code in codes],
        )
        return {
            Code(framework_id=row["framework_id"], code=row["code"]): row["competency_id"]
            for row in rows
        }

    async def prerequisites_from(self, ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return the prerequisites of everything that can be reached from the ids.

        UNION drops what was reached before, so each competency is looked at once.
        """
        if not ids:
            return {}
        rows = await self._connection.fetch(
            "WITH RECURSIVE reached (competency_id) AS ("
            ' SELECT asked COLLATE "C" FROM unnest($2::text[]) AS asked'
            " UNION"
            " SELECT following FROM reached JOIN competency USING (competency_id)"
            " CROSS JOIN unnest(prerequisites) AS following WHERE district = $1)"
            " SELECT competency_id, prerequisites FROM competency JOIN reached"
            " USING (competency_id) WHERE district = $1",
            self._district,
            list(ids),
        )
        return {row["competency_id"]: row["prerequisites"] for row in rows}


class PostgresFrameworksView:
    """One district's frameworks, as one transaction sees them."""

    def __init__(self, connection: Connection, district: str) -> None:
        self.frameworks = PostgresStore(connection, district, FRAMEWORK)
        self.competencies = PostgresCompetencies(connection, district, COMPETENCY)
        self.requests = PostgresRequestLog(connection, district)
        self.quarantine = PostgresQuarantine(connection, district)


class PostgresFrameworks:
    """The frameworks of all districts; the port `Frameworks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.asynccontextmanager
    async def change(self, district: str) -> AsyncIterator[PostgresFrameworksView]:
        """Open a transaction; one at a time in a district."""
        async with open_change(self._database, district) as connection:
            yield PostgresFrameworksView(connection, district)

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[PostgresFrameworksView]:
        """Open one consistent, read-only view."""
        async with open_snapshot(self._database, district) as connection:
            yield PostgresFrameworksView(connection, district)
