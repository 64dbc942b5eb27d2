"""Terms, sections and enrolments in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

import asyncpg

from services.evidence.adapters.postgres.entities import PostgresStore, Table
from services.evidence.adapters.wire.sections import enrolment_fact, section_fact, term_fact
from services.evidence.domain.entities import MAX_PAGE_SIZE
from services.evidence.domain.roster import Enrolment, PersonKind, Section, Term


def _term_of(row: "asyncpg.Record") -> Term:
    """Return the term of a row."""
    return Term(
        id=row["term_id"],
        display_name=row["display_name"],
        kind=row["kind"],
        begin_date=row["begin_date"],
        last_date=row["last_date"],
        school_year=row["school_year"],
        parent_id=row["parent_id"],
        active=row["active"],
        version=row["version"],
    )


def _term_values(one: Term) -> tuple[Any, ...]:
    dates: tuple[date, date] = (one.begin_date, one.last_date)
    return (one.id, one.display_name, one.kind, *dates, one.school_year, one.parent_id, one.active)


def _section_of(row: "asyncpg.Record") -> Section:
    """Return the section of a row."""
    return Section(
        id=row["section_id"],
        display_name=row["display_name"],
        school_id=row["school_id"],
        course_code=row["course_code"],
        subject=row["subject"],
        grade=row["grade"],
        term_ids=tuple(row["term_ids"]),
        periods=tuple(row["periods"]),
        active=row["active"],
        version=row["version"],
    )


def _enrolment_of(row: "asyncpg.Record") -> Enrolment:
    """Return the enrolment of a row."""
    return Enrolment(
        id=row["enrolment_id"],
        section_id=row["section_id"],
        person_kind=PersonKind(row["person_kind"]),
        person_id=row["person_id"],
        begin_date=row["begin_date"],
        last_date=row["last_date"],
        active=row["active"],
        version=row["version"],
    )


TERM = Table(
    name="term",
    id_column="term_id",
    columns=(
        "display_name",
        "kind",
        "begin_date",
        "last_date",
        "school_year",
        "parent_id",
        "active",
    ),
    parent_column="parent_id",
    entity_of=_term_of,
    values_of=_term_values,
    fact_of=term_fact,
)

SECTION = Table(
    name="section",
    id_column="section_id",
    columns=(
        "display_name",
        "school_id",
        "course_code",
        "subject",
        "grade",
        "term_ids",
        "periods",
        "active",
    ),
    parent_column="school_id",
    entity_of=_section_of,
    values_of=lambda one: (
        one.id,
        one.display_name,
        one.school_id,
        one.course_code,
        one.subject,
        one.grade,
        list(one.term_ids),
        list(one.periods),
        one.active,
    ),
    fact_of=section_fact,
)

ENROLMENT = Table(
    name="enrolment",
    id_column="enrolment_id",
    columns=("section_id", "person_kind", "person_id", "begin_date", "last_date", "active"),
    parent_column="section_id",
    entity_of=_enrolment_of,
    values_of=lambda one: (
        one.id,
        one.section_id,
        one.person_kind.value,
        one.person_id,
        one.begin_date,
        one.last_date,
        one.active,
    ),
    fact_of=enrolment_fact,
)

_ENROLMENTS_OF_SCHOOL = (
    "SELECT enrolment_id, section_id, person_kind, person_id, begin_date, last_date, active,"
    " version FROM enrolment WHERE district = $1 AND active AND section_id IN ("
    "  SELECT section_id FROM section"
    "  WHERE district = $1 AND active AND ($2 = '' OR school_id = $2))"
    " ORDER BY enrolment_id"
)


class PostgresEnrolments(PostgresStore[Enrolment]):
    """The enrolments of one district, in a transaction."""

    async def runs_of_school(self, school_id: str) -> AsyncIterator[Sequence[Enrolment]]:
        """Give the active enrolments of a school's active sections, by a cursor."""
        cursor = await self._connection.cursor(_ENROLMENTS_OF_SCHOOL, self._district, school_id)
        while rows := await cursor.fetch(MAX_PAGE_SIZE):
            yield [_enrolment_of(row) for row in rows]
