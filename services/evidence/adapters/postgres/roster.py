"""The roster in PostgreSQL."""

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.evidence.adapters.postgres.aliases import PostgresAliases
from services.evidence.adapters.postgres.entities import (
    PostgresRequestLog,
    PostgresStore,
    Table,
    open_change,
    open_snapshot,
)
from services.evidence.adapters.postgres.quarantine import PostgresQuarantine
from services.evidence.adapters.postgres.sections import (
    ENROLMENT,
    SECTION,
    TERM,
    PostgresEnrolments,
)
from services.evidence.adapters.wire.roster import adult_fact, learner_fact, school_fact
from services.evidence.domain.roster import Adult, FirstAlias, Learner, LearnerState, School


def _school_of(row: "asyncpg.Record") -> School:
    """Return the school of a row."""
    return School(
        id=row["school_id"],
        display_name=row["display_name"],
        time_zone=row["time_zone"],
        version=row["version"],
    )


def _learner_of(row: "asyncpg.Record") -> Learner:
    """Return the learner of a row."""
    return Learner(
        id=row["learner_id"],
        first_alias=FirstAlias(source=row["source"], source_id=row["source_id"]),
        given_name=row["given_name"],
        family_name=row["family_name"],
        school_id=row["school_id"],
        grade=row["grade"],
        state=LearnerState(row["state"]),
        enrol_date=row["enrol_date"],
        withdraw_date=row["withdraw_date"],
        merged_into=row["merged_into"],
        version=row["version"],
    )


def _adult_of(row: "asyncpg.Record") -> Adult:
    """Return the adult of a row."""
    return Adult(
        id=row["adult_id"],
        display_name=row["display_name"],
        school_id=row["school_id"],
        subjects=tuple(row["subjects"]),
        active=row["active"],
        version=row["version"],
    )


SCHOOL = Table(
    name="school",
    id_column="school_id",
    columns=("display_name", "time_zone"),
    parent_column="school_id",
    entity_of=_school_of,
    values_of=lambda one: (one.id, one.display_name, one.time_zone),
    fact_of=school_fact,
)

LEARNER = Table(
    name="learner",
    id_column="learner_id",
    columns=(
        "source",
        "source_id",
        "given_name",
        "family_name",
        "school_id",
        "grade",
        "state",
        "enrol_date",
        "withdraw_date",
        "merged_into",
    ),
    parent_column="school_id",
    entity_of=_learner_of,
    values_of=lambda one: (
        one.id,
        one.first_alias.source,
        one.first_alias.source_id,
        one.given_name,
        one.family_name,
        one.school_id,
        one.grade,
        one.state.value,
        one.enrol_date,
        one.withdraw_date,
        one.merged_into,
    ),
    fact_of=learner_fact,
)

ADULT = Table(
    name="adult",
    id_column="adult_id",
    columns=("display_name", "school_id", "subjects", "active"),
    parent_column="school_id",
    entity_of=_adult_of,
    values_of=lambda one: (
        one.id,
        one.display_name,
        one.school_id,
        list(one.subjects),
        one.active,
    ),
    fact_of=adult_fact,
)


class PostgresLearners(PostgresStore[Learner]):
    """The learners of one district, in a transaction."""

    async def ids_of(self, aliases: Collection[FirstAlias]) -> Mapping[FirstAlias, str]:
        """Return the stored id of each alias that the district knows."""
        rows = await self._connection.fetch(
            "SELECT source, source_id, learner_id FROM learner"
            " JOIN unnest($2::text[], $3::text[]) AS asked (source, source_id)"
            " USING (source, source_id) WHERE district = $1",
            self._district,
            [alias.source for alias in aliases],
            [alias.source_id for alias in aliases],
        )
        return {
            FirstAlias(source=row["source"], source_id=row["source_id"]): row["learner_id"]
            for row in rows
        }


class PostgresRosterView:
    """One district's roster, as one transaction sees it."""

    def __init__(self, connection: Connection, district: str) -> None:
        self.schools = PostgresStore(connection, district, SCHOOL)
        self.adults = PostgresStore(connection, district, ADULT)
        self.learners = PostgresLearners(connection, district, LEARNER)
        self.terms = PostgresStore(connection, district, TERM)
        self.sections = PostgresStore(connection, district, SECTION)
        self.enrolments = PostgresEnrolments(connection, district, ENROLMENT)
        self.requests = PostgresRequestLog(connection, district)
        self.aliases = PostgresAliases(connection, district)
        self.quarantine = PostgresQuarantine(connection, district)


class PostgresRoster:
    """The rosters of all districts; the port `Roster`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.asynccontextmanager
    async def change(self, district: str) -> AsyncIterator[PostgresRosterView]:
        """Open a transaction; one at a time in a district."""
        async with open_change(self._database, district) as connection:
            yield PostgresRosterView(connection, district)

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[PostgresRosterView]:
        """Open one consistent, read-only view."""
        async with open_snapshot(self._database, district) as connection:
            yield PostgresRosterView(connection, district)
