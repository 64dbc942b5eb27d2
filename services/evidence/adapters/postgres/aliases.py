"""The aliases of a district, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection
from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.references import Reference, ReferenceKind

# Each reference is looked up by the whole key. A join would be planned to read the district's
# aliases whole, while nothing is known of how many there are; the offset keeps it from being one.
_FIND: Final = """
SELECT span.*
  FROM unnest($3::smallint[], $4::text[], $5::text[]) AS asked (kind, system, value)
 CROSS JOIN LATERAL (
   SELECT * FROM alias
    WHERE district = $1 AND subject_kind = $2 AND alias.kind = asked.kind
      AND alias.system = asked.system AND alias.value = asked.value
   OFFSET 0
 ) AS span
 ORDER BY span.kind, span.system, span.value, span.from_micros
"""

_OF: Final = """
SELECT * FROM alias WHERE district = $1 AND subject_kind = $2 AND subject_id = $3
 ORDER BY kind, system, value, from_micros
"""

_OF_EACH: Final = """
SELECT * FROM alias
 WHERE district = $1 AND subject_kind = $2 AND subject_id = ANY ($3::text[]) AND kind = $4
 ORDER BY subject_id, system, value, from_micros
"""

_DROP: Final = """
DELETE FROM alias
 USING unnest($2::smallint[], $3::smallint[], $4::text[], $5::text[], $6::bigint[])
       AS gone (subject_kind, kind, system, value, from_micros)
 WHERE alias.district = $1 AND alias.subject_kind = gone.subject_kind AND alias.kind = gone.kind
   AND alias.system = gone.system AND alias.value = gone.value
   AND alias.from_micros = gone.from_micros
"""

_ADD: Final = """
INSERT INTO alias (district, subject_kind, kind, system, value, from_micros, until_micros,
                   subject_id, said_by, change_time)
SELECT $1, added.*, $2
  FROM unnest($3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
              $9::text[], $10::text[])
       AS added (subject_kind, kind, system, value, from_micros, until_micros, subject_id, said_by)
"""


class PostgresAliases:
    """The aliases of one district, in a transaction; the port `AliasStore`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def find(
        self, subject_kind: SubjectKind, references: Collection[Reference]
    ) -> Mapping[Reference, Sequence[Alias]]:
        """Return every span of each reference that has any."""
        if not references:
            return {}
        rows = await self._connection.fetch(
            _FIND,
            self._district,
            int(subject_kind),
            [int(one.kind) for one in references],
            [one.system for one in references],
            [one.value for one in references],
        )
        found: dict[Reference, list[Alias]] = {}
        for alias in map(alias_of, rows):
            found.setdefault(alias.reference, []).append(alias)
        return found

    async def of(self, subject_kind: SubjectKind, subject_id: str) -> Sequence[Alias]:
        """Return the aliases of a subject."""
        rows = await self._connection.fetch(_OF, self._district, int(subject_kind), subject_id)
        return [alias_of(row) for row in rows]

    async def of_each(
        self, subject_kind: SubjectKind, subject_ids: Collection[str], kind: ReferenceKind
    ) -> Sequence[Alias]:
        """Return the aliases of one kind of several subjects, subject by subject."""
        rows = await self._connection.fetch(
            _OF_EACH, self._district, int(subject_kind), list(subject_ids), int(kind)
        )
        return [alias_of(row) for row in rows]

    async def replace(self, gone: Sequence[Alias], new: Sequence[Alias], time: datetime) -> None:
        """Take some spans away and put others in their place."""
        if gone:
            await self._connection.execute(
                _DROP, self._district, *_keys(gone), [one.from_micros for one in gone]
            )
        if new:
            await self._connection.execute(
                _ADD,
                self._district,
                time,
                *_keys(new),
                [one.from_micros for one in new],
                [one.until_micros for one in new],
                [one.subject_id for one in new],
                [one.said_by for one in new],
            )


def alias_of(row: "asyncpg.Record") -> Alias:
    """Return the alias of a row."""
    return Alias(
        subject_kind=SubjectKind(row["subject_kind"]),
        reference=Reference(
            kind=ReferenceKind(row["kind"]), system=row["system"], value=row["value"]
        ),
        subject_id=row["subject_id"],
        from_micros=row["from_micros"],
        until_micros=row["until_micros"],
        said_by=row["said_by"],
    )


def _keys(aliases: Sequence[Alias]) -> tuple[list[int], list[int], list[str], list[str]]:
    references = [one.reference for one in aliases]
    return (
        [int(one.subject_kind) for one in aliases],
        [int(one.kind) for one in references],
        [one.system for one in references],
        [one.value for one in references],
    )
