"""The source objects of a district, in PostgreSQL, as keeping documents needs them."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as Many
from datetime import date, datetime
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection
from services.evidence.adapters.exact_json import content_of, json_text
from services.evidence.adapters.postgres.moments import moment_of
from services.evidence.domain.source_object import (
    Collection,
    Json,
    KeptObject,
    ObjectKey,
    SourceObject,
)

COLUMNS: Final = """
object.collection, object.object_id, object.source, object.parent_collection, object.parent_id,
object.deleted, object.modified_micros, object.content, object.version, object.digest,
object.import_id, object.parts
"""

_STANDING: Final = f"""
SELECT {COLUMNS}
  FROM unnest($2::text[], $3::text[]) AS asked (collection, object_id)
  JOIN source_object AS object USING (collection, object_id)
 WHERE object.district = $1
   FOR UPDATE OF object
"""  # noqa: S608  (constants of this module)

_CHILDREN: Final = f"""
SELECT {COLUMNS}
  FROM unnest($2::text[], $3::text[]) AS asked (parent_collection, parent_id)
  JOIN source_object AS object USING (parent_collection, parent_id)
 WHERE object.district = $1 AND NOT object.deleted
 ORDER BY object.collection, object.object_id
"""  # noqa: S608

_KEEP: Final = """
INSERT INTO source_object (district, collection, object_id, source, parent_collection, parent_id,
                           deleted, modified_micros, modified_time, content, version, digest,
                           import_id, seen_time, change_time)
SELECT $1, kept.collection, kept.object_id, kept.source, kept.parent_collection, kept.parent_id,
       kept.deleted, kept.modified_micros, kept.modified_time, kept.content::jsonb, kept.version,
       kept.digest, kept.import_id, clock_timestamp(), $2
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[],
              $9::bigint[], $10::timestamptz[], $11::text[], $12::bigint[], $13::bytea[],
              $14::text[])
       AS kept (collection, object_id, source, parent_collection, parent_id, deleted,
                modified_micros, modified_time, content, version, digest, import_id)
ON CONFLICT (district, collection, object_id) DO UPDATE
   SET parent_collection = excluded.parent_collection, parent_id = excluded.parent_id,
       deleted = excluded.deleted, modified_micros = excluded.modified_micros,
       modified_time = excluded.modified_time, content = excluded.content,
       version = excluded.version, digest = excluded.digest, import_id = excluded.import_id,
       seen_time = excluded.seen_time, change_time = excluded.change_time
"""

_TOUCH: Final = """
UPDATE source_object AS object SET change_time = $2
  FROM unnest($3::text[], $4::text[]) AS touched (collection, object_id)
 WHERE object.district = $1 AND object.collection = touched.collection
   AND object.object_id = touched.object_id
"""

_NOTE_SEEN: Final = """
UPDATE source_object AS object SET import_id = $2, seen_time = clock_timestamp()
  FROM unnest($3::text[], $4::text[]) AS seen (collection, object_id)
 WHERE object.district = $1 AND object.collection = seen.collection
   AND object.object_id = seen.object_id
"""

_NOTE_PARTS: Final = r"""
UPDATE source_object AS object
   SET parts = (string_to_array(derived.parts, e'\x1f'))[2:]
  FROM unnest($2::text[], $3::text[], $4::text[]) AS derived (collection, object_id, parts)
 WHERE object.district = $1 AND object.collection = derived.collection
   AND object.object_id = derived.object_id
"""

MARKED_AT_ONCE: Final = 5_000
"""Objects made due in one statement: about a second of work. On an assessment hang any number."""

# hanging: a query of (collection, object_id, source), all of them not due.
_MARK_HANGING: Final = """
UPDATE source_object AS object SET due = true
  FROM (SELECT * FROM ({hanging}) AS found LIMIT $3) AS hanging
 WHERE object.district = $1 AND object.collection = hanging.collection
   AND object.object_id = hanging.object_id AND NOT object.due
"""
_SOURCES_OF_HANGING: Final = "SELECT DISTINCT source FROM ({hanging}) AS hanging"

_BY_ASSESSMENT: Final = """
SELECT collection, object_id, source FROM source_object
 WHERE district = $1 AND collection = 'studentAssessments' AND NOT due
   AND assessment_id = ANY ($2::text[])
"""


# A scale is named by results and line items, in CSV in a row of its own that stands within them.
_BY_SCALE: Final = """
WITH named AS (
  SELECT coalesce(parent_collection, collection) AS collection,
         coalesce(parent_id, object_id) AS object_id
    FROM source_object
   WHERE district = $1 AND score_scale_id = ANY ($2::text[])
     AND collection IN ('lineItemScoreScales', 'resultScoreScales', 'assessmentLineItems',
                        'assessmentResults')
), read AS (
  SELECT collection, object_id FROM named WHERE collection IN ('results', 'assessmentResults')
  UNION
  SELECT result.collection, result.object_id
    FROM named JOIN source_object AS result ON result.line_item_id = named.object_id
   WHERE named.collection = 'lineItems' AND result.district = $1 AND result.collection = 'results'
  UNION
  SELECT result.collection, result.object_id
    FROM named JOIN source_object AS result ON result.assessment_line_item_id = named.object_id
   WHERE named.collection = 'assessmentLineItems' AND result.district = $1
     AND result.collection = 'assessmentResults'
)
SELECT object.collection, object.object_id, object.source
  FROM read JOIN source_object AS object USING (collection, object_id)
 WHERE object.district = $1 AND NOT object.due
"""


# A platform names the users of a roster by its ids; its own users it has brought itself.
_BY_USER: Final = """
SELECT object.collection, object.object_id, object.source
  FROM source_object AS named, source_object AS object
 WHERE named.district = $1 AND named.collection = 'users' AND named.object_id = ANY ($2::text[])
   AND object.district = $1 AND object.collection IN ('results', 'assessmentResults')
   AND object.student_id = named.object_id AND object.source <> named.source AND NOT object.due
"""


def _own_id(one: SourceObject) -> str:
    return one.key.id


def _assessment_of(one: SourceObject) -> str:
    """Return the identifier of the assessment that an object of Ed-Fi is, or is a part of."""
    referred = one.content.get("assessmentReference", one.content)
    identifier = referred.get("assessmentIdentifier") if isinstance(referred, Mapping) else ""
    return identifier if isinstance(identifier, str) else ""


_MARK_BY: Final[Mapping[Collection, tuple[Callable[[SourceObject], str], str]]] = {
    Collection.ASSESSMENTS: (_assessment_of, _BY_ASSESSMENT),
    Collection.ASSESSMENT_ITEMS: (_assessment_of, _BY_ASSESSMENT),
    Collection.OBJECTIVE_ASSESSMENTS: (_assessment_of, _BY_ASSESSMENT),
    Collection.LINE_ITEMS: (
        _own_id,
        """
SELECT collection, object_id, source FROM source_object
 WHERE district = $1 AND collection = 'results' AND NOT due
   AND line_item_id = ANY ($2::text[])
""",
    ),
    Collection.ASSESSMENT_LINE_ITEMS: (
        _own_id,
        """
SELECT collection, object_id, source FROM source_object
 WHERE district = $1 AND collection = 'assessmentResults' AND NOT due
   AND assessment_line_item_id = ANY ($2::text[])
""",
    ),
    Collection.SCORE_SCALES: (_own_id, _BY_SCALE),
    Collection.USERS: (_own_id, _BY_USER),
    Collection.COURSES: (
        _own_id,
        """
SELECT collection, object_id, source FROM source_object
 WHERE district = $1 AND collection = 'classes' AND NOT due
   AND course_id = ANY ($2::text[])
""",
    ),
}

_MARK: Final = """
UPDATE source_object AS object SET due = true
  FROM unnest($2::text[], $3::text[]) AS asked (collection, object_id)
 WHERE object.district = $1 AND object.collection = asked.collection
   AND object.object_id = asked.object_id AND NOT object.due
"""

# Those whose evidence or school hangs on how their source is read.
_MARK_READ: Final = """
UPDATE source_object AS object SET due = true
  FROM (SELECT collection, object_id FROM source_object
         WHERE district = $1 AND source = $2
           AND collection IN ('assessmentResults', 'grades', 'results', 'studentAssessments',
                              'users')
           AND (collection, object_id) > ($3, $4)
         ORDER BY collection, object_id LIMIT $5) AS read
 WHERE object.district = $1 AND object.collection = read.collection
   AND object.object_id = read.object_id
RETURNING object.collection, object.object_id
"""

_MARK_ENDED: Final = """
UPDATE source_object AS object SET due = true
 WHERE object.district = $1 AND object.collection = 'users' AND NOT object.due
   AND object.object_id IN (
       SELECT role.parent_id FROM source_object AS role
        WHERE role.district = $1 AND role.collection = 'roles' AND NOT role.deleted
          AND left(role.content ->> 'endDate', 10) BETWEEN $2 AND $3)
"""

_CROSSWALK: Final = """
SELECT content FROM source_object
 WHERE district = $1 AND collection = 'CFAssociations' AND NOT deleted
   AND association_type IN ('replacedBy', 'exactMatchOf')
 ORDER BY object_id
"""

_TAKE_DUE: Final = f"""
UPDATE source_object AS object SET due = false
  FROM (SELECT collection, object_id FROM source_object
         WHERE district = $1 AND due AND collection {{kinds}}
         ORDER BY collection, object_id LIMIT $2 FOR UPDATE SKIP LOCKED) AS due
 WHERE object.district = $1 AND object.collection = due.collection
   AND object.object_id = due.object_id
RETURNING {COLUMNS}
"""  # noqa: S608
_TAKE_DUE_FRAMEWORK: Final = _TAKE_DUE.format(kinds="= 'CFDocuments'")
_TAKE_DUE_OTHERS: Final = _TAKE_DUE.format(kinds="<> 'CFDocuments'")

_AHEAD: Final = "-"
"""Stands ahead of the parts, as the text of no part and that of one empty part are the same."""


class PostgresObjects:
    """The source objects of one district, in a transaction; the port `ObjectStore`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def standing(self, keys: Many[ObjectKey]) -> Mapping[ObjectKey, KeptObject]:
        """Return those of the objects that are here, by key, locked until the end."""
        if not keys:
            return {}
        rows = await self._connection.fetch(_STANDING, self._district, *_key_columns(keys))
        return {one.object.key: one for one in map(kept_of, rows)}

    async def children(self, parents: Many[ObjectKey]) -> Mapping[ObjectKey, Sequence[KeptObject]]:
        """Return the objects that stand within each parent and are not deleted, sorted by id."""
        if not parents:
            return {}
        rows = await self._connection.fetch(_CHILDREN, self._district, *_key_columns(parents))
        found: dict[ObjectKey, list[KeptObject]] = {}
        for one in map(kept_of, rows):
            assert one.object.parent is not None
            found.setdefault(one.object.parent, []).append(one)
        return found

    async def keep(self, changed: Sequence[KeptObject], change_time: datetime) -> None:
        """Keep new and changed objects, in the order of their keys."""
        if not changed:
            return
        rows = sorted(changed, key=lambda one: (one.object.key.collection.value, one.object.key.id))
        objects = [one.object for one in rows]
        parents = [one.parent for one in objects]
        await self._connection.execute(
            _KEEP,
            self._district,
            change_time,
            *_key_columns([one.key for one in objects]),
            [one.source for one in rows],
            [None if one is None else one.collection.value for one in parents],
            [None if one is None else one.id for one in parents],
            [one.deleted for one in objects],
            [one.modified_micros for one in objects],
            [
                moment_of(one.modified_micros) if one.modified_micros else change_time
                for one in objects
            ],
            [json_text(one.content) for one in objects],
            [one.version for one in rows],
            [one.digest for one in rows],
            [one.import_id for one in rows],
        )
        touched = {one for one in parents if one is not None}
        if touched:
            await self._connection.execute(
                _TOUCH, self._district, change_time, *_key_columns(touched)
            )

    async def note_seen(self, keys: Many[ObjectKey], import_id: str) -> None:
        """Note that an import brought objects as they are here."""
        if keys:
            await self._connection.execute(
                _NOTE_SEEN, self._district, import_id, *_key_columns(keys)
            )

    async def note_parts(self, parts: Mapping[ObjectKey, tuple[str, ...]]) -> None:
        """Note which observations were derived from objects."""
        if parts:
            await self._connection.execute(
                _NOTE_PARTS,
                self._district,
                *_key_columns(parts.keys()),
                ["\x1f".join((_AHEAD, *one)) for one in parts.values()],
            )

    async def mark_due(self, keys: Many[ObjectKey]) -> None:
        """Make objects due."""
        if keys:
            await self._connection.execute(_MARK, self._district, *_key_columns(keys))

    async def mark_read(
        self, source: str, after: ObjectKey | None, limit: int
    ) -> Sequence[ObjectKey]:
        """Make due what of a source is read by its settings, by key, after one of them."""
        place = ("", "") if after is None else (after.collection.value, after.id)
        rows = await self._connection.fetch(_MARK_READ, self._district, source, *place, limit)
        keys = sorted((row["collection"], row["object_id"]) for row in rows)
        return [ObjectKey(collection=Collection(name), id=one) for name, one in keys]

    async def mark_sittings(self, assessment_ids: Many[str]) -> Many[str]:
        """Make due the sittings of assessments; return of which sources more are left."""
        if not assessment_ids:
            return ()
        return await self._mark_hanging(_BY_ASSESSMENT, sorted(assessment_ids))

    async def mark_dependents(self, objects: Mapping[ObjectKey, SourceObject]) -> Many[str]:
        """Make due what is derived from these objects; return of which sources more are left."""
        left: set[str] = set()
        for collection, (identifier_of, hanging) in _MARK_BY.items():
            mine = [one for key, one in objects.items() if key.collection is collection]
            ids = sorted({identifier_of(one) for one in mine} - {""})
            if ids:
                left |= set(await self._mark_hanging(hanging, ids))
        return left

    async def _mark_hanging(self, hanging: str, ids: Sequence[str]) -> Many[str]:
        statement = _MARK_HANGING.format(hanging=hanging)
        status = await self._connection.execute(statement, self._district, ids, MARKED_AT_ONCE)
        if int(status.rpartition(" ")[2]) < MARKED_AT_ONCE:
            return ()
        statement = _SOURCES_OF_HANGING.format(hanging=hanging)
        rows = await self._connection.fetch(statement, self._district, ids)
        return {row["source"] for row in rows}

    async def mark_ended(self, since: date, until: date) -> int:
        """Make due the users of whom a role ends within these days; return how many that are."""
        status = await self._connection.execute(
            _MARK_ENDED, self._district, since.isoformat(), until.isoformat()
        )
        return int(status.rpartition(" ")[2])

    async def crosswalk(self) -> Sequence[Mapping[str, Json]]:
        """Return the contents of the associations that say what replaces or equals what."""
        rows = await self._connection.fetch(_CROSSWALK, self._district)
        return [content_of(row["content"]) for row in rows]

    async def take_due(self, limit: int) -> Sequence[KeptObject]:
        """Return objects that are due, and are so no more; what others hold is passed over."""
        rows = await self._connection.fetch(_TAKE_DUE_FRAMEWORK, self._district, 1)
        if not rows:
            rows = await self._connection.fetch(_TAKE_DUE_OTHERS, self._district, limit)
        return [kept_of(row) for row in rows]


def kept_of(row: "asyncpg.Record") -> KeptObject:
    """Return the object of a row."""
    parent = None
    if row["parent_id"] is not None:
        parent = ObjectKey(collection=Collection(row["parent_collection"]), id=row["parent_id"])
    return KeptObject(
        object=SourceObject(
            key=ObjectKey(collection=Collection(row["collection"]), id=row["object_id"]),
            content=content_of(row["content"]),
            deleted=row["deleted"],
            modified_micros=row["modified_micros"],
            parent=parent,
        ),
        source=row["source"],
        version=row["version"],
        digest=row["digest"],
        import_id=row["import_id"],
        parts=tuple(row["parts"]),
    )


def _key_columns(keys: Many[ObjectKey]) -> tuple[list[str], list[str]]:
    return [one.collection.value for one in keys], [one.id for one in keys]
