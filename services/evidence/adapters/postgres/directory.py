"""Who and what a district knows, looked up in the running transaction of the record path."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from services.common.postgres.pool import Connection
from services.evidence.adapters.postgres.aliases import PostgresAliases
from services.evidence.adapters.postgres.alignments import alignment_of
from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.case.values import uuid_within
from services.evidence.domain.known import ItemKey
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    code_key,
    uri_key,
)
from services.evidence.domain.source_object import ItemAlignment

# Few learners are merged. A second join would be planned for many, and read the table whole while
# nothing is known of it; a subquery is asked for those few alone, and by the key.
_LEARNERS: Final = """
SELECT named.learner_id, named.counted_id, school.time_zone
  FROM (SELECT learner_id, coalesce(merged_into, learner_id) AS counted_id,
               CASE WHEN merged_into IS NULL THEN school_id
                    ELSE (SELECT counted.school_id FROM learner AS counted
                           WHERE counted.district = $1
                             AND counted.learner_id = learner.merged_into)
               END AS school_id
          FROM learner WHERE district = $1 AND learner_id = ANY ($2::text[])) AS named
  JOIN school ON school.district = $1 AND school.school_id = named.school_id
"""

_COMPETENCIES: Final = """
SELECT competency_id,
       coalesce((SELECT counted_id FROM competency_successor AS successor
                  WHERE successor.district = $1
                    AND successor.competency_id = competency.competency_id),
                competency_id) AS counted_id
  FROM competency WHERE district = $1 AND competency_id = ANY ($2::text[])
"""

# A foreign identifier is no competency of the district; a crosswalk says which one it is the same
# as, so a successor is looked for beside the competencies and not behind them.
_MEANINGS: Final = """
WITH asked AS (
  SELECT * FROM unnest($2::integer[], $3::smallint[], $4::text[], $5::text[])
           AS asked (number, kind, value, framework)
), named AS (
  SELECT asked.number, asked.value AS competency_id FROM asked WHERE asked.kind IN (1, 4)
  UNION ALL
  SELECT asked.number, competency.competency_id
    FROM asked JOIN competency ON competency.district = $1 AND competency.uri_key = asked.value
   WHERE asked.kind = 2
  UNION ALL
  SELECT asked.number, competency.competency_id
    FROM asked JOIN competency ON competency.district = $1 AND competency.code_key = asked.value
   WHERE asked.kind = 3 AND asked.framework IN ('', competency.framework_id)
)
SELECT DISTINCT named.number, coalesce(successor.counted_id, competency.competency_id) AS counted_id
  FROM named
  LEFT JOIN competency
    ON competency.district = $1 AND competency.competency_id = named.competency_id
  LEFT JOIN competency_successor AS successor
    ON successor.district = $1 AND successor.competency_id = named.competency_id
 WHERE coalesce(successor.counted_id, competency.competency_id) IS NOT NULL
"""

# As aliases are looked up: each item by the whole key, however many a district has aligned.
_ITEMS: Final = """
SELECT item.*
  FROM unnest($2::text[], $3::text[]) AS asked (source, item)
 CROSS JOIN LATERAL (
   SELECT * FROM item_alignment
    WHERE district = $1 AND item_alignment.source = asked.source
      AND item_alignment.item = asked.item
   OFFSET 0
 ) AS item
"""


class PostgresDirectory:
    """Look-ups by id in one transaction; the port `Directory`."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection

    async def learners(
        self, district: str, learner_ids: Collection[str]
    ) -> Mapping[str, tuple[str, str]]:
        """Return, by learner id, for which learner it counts and that one's time zone."""
        rows = await self._connection.fetch(_LEARNERS, district, list(learner_ids))
        return {row["learner_id"]: (row["counted_id"], row["time_zone"]) for row in rows}

    async def aliases(
        self, district: str, references: Collection[Reference]
    ) -> Mapping[Reference, Sequence[Alias]]:
        """Return every span in which each reference means, or has meant, a learner."""
        return await PostgresAliases(self._connection, district).find(
            SubjectKind.LEARNER, references
        )

    async def competencies(
        self, district: str, competency_ids: Collection[str]
    ) -> Mapping[str, str]:
        """Return, by competency id, for which competency its evidence counts."""
        rows = await self._connection.fetch(_COMPETENCIES, district, list(competency_ids))
        return {row["competency_id"]: row["counted_id"] for row in rows}

    async def meanings(
        self, district: str, references: Collection[CompetencyReference]
    ) -> Mapping[CompetencyReference, Collection[str]]:
        """Return the ids of the competencies that each reference may mean."""
        asked = list(references)
        numbered = [(number, *name) for number, one in enumerate(asked) for name in _names(one)]
        rows = await self._connection.fetch(
            _MEANINGS, district, *(list(column) for column in zip(*numbered, strict=True))
        )
        found: dict[CompetencyReference, set[str]] = {}
        for row in rows:
            found.setdefault(asked[row["number"]], set()).add(row["counted_id"])
        return found

    async def items(
        self, district: str, items: Collection[ItemKey]
    ) -> Mapping[ItemKey, ItemAlignment]:
        """Return the alignments of items."""
        rows = await self._connection.fetch(
            _ITEMS, district, [source for source, _ in items], [item for _, item in items]
        )
        return {(row["source"], row["item"]): alignment_of(row) for row in rows}


def _names(one: CompetencyReference) -> list[tuple[int, str, str]]:
    """Return kind, value and framework under which a reference is looked up.

    An address is also looked up by the identifier in it, which stays when a server moves.
    """
    if one.kind is CompetencyReferenceKind.HUMAN_CODE:
        return [(int(one.kind), code_key(one.value), one.framework)]
    if one.kind is not CompetencyReferenceKind.CASE_URI:
        return [(int(one.kind), one.value, "")]
    within = uuid_within(one.value)
    names = [(int(one.kind), uri_key(one.value), "")]
    return [*names, (int(CompetencyReferenceKind.CASE_UUID), within, "")] if within else names
