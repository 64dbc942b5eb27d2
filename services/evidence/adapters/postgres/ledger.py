"""The ledger on PostgreSQL.

A batch is a handful of statements, whatever its size: values travel as arrays, one array a column.
Under row-level security COPY is refused, so `INSERT ... SELECT FROM unnest` is the bulk path.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any

import asyncpg
from asyncpg.pgproto.pgproto import UUID

from services.common.postgres.pool import Connection, Database
from services.evidence.adapters.postgres.ledger_source import SOURCE_NAME
from services.evidence.adapters.postgres.moments import micros_of, moment_of
from services.evidence.adapters.postgres.quarantine import PostgresQuarantine
from services.evidence.adapters.postgres.resolutions import PostgresResolutions
from services.evidence.domain.errors import AllDistrictsRefusedError, ConcurrentChangeError
from services.evidence.domain.identity import SEPARATOR
from services.evidence.domain.ledger import (
    Entry,
    EntryKind,
    EvidencePlace,
    KnownEvent,
    LedgerPlace,
    PublishedEntry,
    Standing,
    StandingRecord,
)
from services.evidence.domain.resolution import Resolution, Scope
from services.evidence.ports.directory import Directory

# Whoever is given a position has a transaction id before: the relay's watermarks rest on that
# (positions.py), and `nextval` alone takes one only now and then. CASE keeps the order of the two.
_ALLOCATE = """
SELECT array_agg(CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('ledger_position') END)
  FROM generate_series(1, $1)
"""

# unnest gives its rows in the order of the arrays, so rows are locked in the order of the entries.
# A column comes as one text that the server splits at U+001F, which no checked text holds: asyncpg
# asks of each element of an array three times what it is, which took a third of the client's time.
_APPEND = r"""
INSERT INTO ledger (district, position, event_id, fact_number, evidence_id, revision, version,
                    content_hash, learner_id, kind, source, entity_id, import_id, item, occur_time,
                    receive_time, record, event)
SELECT $1, entry.position, entry.event_id, entry.fact_number, entry.evidence_id, entry.revision,
       entry.version, entry.content_hash, entry.learner_id, entry.kind, entry.source,
       entry.entity_id, nullif(entry.import_id, ''), nullif(entry.item, ''),
       timestamptz 'epoch' + entry.occur_micros * interval '1 microsecond',
       timestamptz 'epoch' + entry.receive_micros * interval '1 microsecond',
       entry.record, entry.event
  FROM unnest(string_to_array($2, e'\x1f')::bigint[], string_to_array($3, e'\x1f'),
              string_to_array($4, e'\x1f')::smallint[], string_to_array($5, e'\x1f')::uuid[],
              string_to_array($6, e'\x1f')::integer[], string_to_array($7, e'\x1f')::bigint[],
              string_to_array($8, e'\x1f')::bytea[], string_to_array($9, e'\x1f'),
              string_to_array($10, e'\x1f')::smallint[], string_to_array($11, e'\x1f'),
              string_to_array($12, e'\x1f'), string_to_array($13, e'\x1f'),
              string_to_array($14, e'\x1f'), string_to_array($15, e'\x1f')::bigint[],
              string_to_array($16, e'\x1f')::bigint[], $17::bytea[], $18::bytea[])
       AS entry (position, event_id, fact_number, evidence_id, revision, version, content_hash,
                 learner_id, kind, source, entity_id, import_id, item, occur_micros,
                 receive_micros, record, event)
ON CONFLICT DO NOTHING
RETURNING position
"""

_FIND_EVENTS = r"""
SELECT event_id, record, evidence_id, version, position, kind
  FROM ledger
 WHERE district = $1 AND event_id = ANY (string_to_array($2, e'\x1f')) AND fact_number = 0
"""

_STANDING_COLUMNS = """
standing.evidence_id, standing.version, standing.content_hash, standing.learner_id, standing.kind,
standing.source, standing.entity_id, standing.import_id, standing.occur_time,
standing.receive_time, standing.position, standing.event
"""

_FIND_STANDING = f"""
SELECT {_STANDING_COLUMNS}, last.revision AS last_revision
  FROM unnest($2::uuid[]) AS wanted (evidence_id)
 CROSS JOIN LATERAL (
       SELECT revision FROM ledger
        WHERE district = $1 AND evidence_id = wanted.evidence_id
        ORDER BY revision DESC LIMIT 1) AS last
 CROSS JOIN LATERAL (
       SELECT * FROM ledger
        WHERE district = $1 AND evidence_id = wanted.evidence_id AND kind <> 3
        ORDER BY revision DESC LIMIT 1) AS standing
"""  # noqa: S608  (constants of this module)

_LAST_REVISION = """
(SELECT max(later.revision) FROM ledger AS later
  WHERE later.district = $1 AND later.evidence_id = standing.evidence_id) AS last_revision
"""

_STANDS = """
NOT EXISTS (SELECT FROM ledger AS later
             WHERE later.district = $1 AND later.evidence_id = standing.evidence_id
               AND later.revision > standing.revision AND later.kind <> 3)
"""

_FIND_STANDING_OF_IMPORT = f"""
SELECT {_STANDING_COLUMNS}, {_LAST_REVISION}
  FROM ledger AS standing
 WHERE standing.district = $1 AND standing.import_id = $2 AND standing.position > $3
   AND standing.kind = 1 AND {_STANDS}
 ORDER BY standing.position
 LIMIT $4
"""  # noqa: S608

# What was sent stands in the row of the sending: a fact that says it anew has no record of its own.
_FIND_STANDING_RECORDS = f"""
SELECT {_STANDING_COLUMNS}, {_LAST_REVISION},
       (SELECT sent.record FROM ledger AS sent
         WHERE sent.district = $1 AND sent.evidence_id = standing.evidence_id
           AND sent.kind = 1 AND sent.record <> '' AND sent.revision <= standing.revision
         ORDER BY sent.revision DESC LIMIT 1) AS record
  FROM ledger AS standing
 WHERE standing.district = $1 AND standing.evidence_id > $2 AND standing.kind = 1
   AND {_STANDS} {{of_scope}}
 ORDER BY standing.evidence_id
 LIMIT $3
"""  # noqa: S608
_OF_SCOPE = {
    Scope.LEARNER: "AND standing.learner_id = $4",
    Scope.ITEM: "AND standing.source = $4 AND standing.item = $5",
    Scope.DISTRICT: "",
}

_NOTE_SETTLED = """
INSERT INTO import_withdrawal (district, import_id, position) VALUES ($1, $2, $3)
ON CONFLICT (district, import_id) DO UPDATE SET position = excluded.position
"""

_WITHDRAW = """
INSERT INTO withdrawn_import (district, import_id, source, withdraw_time)
SELECT $1, $2, named.source, now() FROM unnest($3::text[]) AS named (source)
ON CONFLICT DO NOTHING
"""

_WITHDRAWN = """
SELECT import_id FROM withdrawn_import
 WHERE district = $1 AND source = $2 AND import_id = ANY ($3::text[])
"""

_LIST_OF_LEARNER = f"""
SELECT {_STANDING_COLUMNS}, {_LAST_REVISION}
  FROM ledger AS standing
 WHERE standing.district = $1 AND standing.learner_id = $2 AND standing.kind <> 3 AND {_STANDS}
   AND ($3::timestamptz IS NULL OR (standing.occur_time, standing.position) < ($3, $4))
 ORDER BY standing.occur_time DESC, standing.position DESC
 LIMIT $5
"""  # noqa: S608

_COMPLETE_POSITION = "SELECT position FROM relay_watermark WHERE name = $1"

_SETTLED_BEFORE = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

# ledger.xact: a bare xact would be the output column, by which no index is sorted.
_READ_PUBLISHED = """
SELECT xact::text::bigint AS xact, position, event
  FROM ledger
 WHERE event IS NOT NULL AND (xact, position) > ($1::text::xid8, $2) AND xact < $3::text::xid8
   {of_district}
 ORDER BY ledger.xact, ledger.position
 LIMIT $4
"""
_READ_ALL = _READ_PUBLISHED.format(of_district="")
_READ_DISTRICT = _READ_PUBLISHED.format(of_district="AND district = $5")


class PostgresLedger:
    """Opens transactions of a district; see the port."""

    def __init__(self, database: Database, *, directory: Callable[[Connection], Directory]) -> None:
        """Take the API role's database, and how to look up on a transaction's connection."""
        self._database = database
        self._directory = directory

    @contextlib.asynccontextmanager
    async def transaction(
        self, district: str, *, read_only: bool = False
    ) -> AsyncIterator["PostgresLedgerTransaction"]:
        """Open a transaction that sees and writes one district alone."""
        try:
            async with self._database.transaction(district, read_only=read_only) as connection:
                yield PostgresLedgerTransaction(connection, district, self._directory(connection))
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
            raise ConcurrentChangeError from error


class PostgresLedgerTransaction:
    """One transaction of one district; see the port."""

    def __init__(self, connection: Connection, district: str, directory: Directory) -> None:
        self._connection = connection
        self._district = district
        self._directory = directory
        self.quarantine = PostgresQuarantine(connection, district)

    @property
    def directory(self) -> Directory:
        """Return the look-ups, made in this transaction."""
        return self._directory

    async def allocate(self, count: int) -> Sequence[int]:
        """Return `count` new positions, rising."""
        positions: list[int] | None = await self._connection.fetchval(_ALLOCATE, count)
        return sorted(positions or [])

    async def append_fresh(self, entries: Sequence[Entry]) -> Collection[int]:
        """Add first rows; return the positions of those that were added."""
        rows = await self._connection.fetch(_APPEND, self._district, *_columns(entries))
        return {row[0] for row in rows}

    async def append_next(self, entries: Sequence[Entry]) -> None:
        """Add further rows, all of them."""
        if len(await self.append_fresh(entries)) < len(entries):
            raise ConcurrentChangeError

    async def find_events(self, event_ids: Collection[str]) -> Mapping[str, KnownEvent]:
        """Return what each event id that is here was used for."""
        rows = await self._connection.fetch(_FIND_EVENTS, self._district, SEPARATOR.join(event_ids))
        return {
            row["event_id"]: KnownEvent(
                record=row["record"],
                evidence_id=row["evidence_id"].bytes,
                version=row["version"],
                position=row["position"],
                kind=EntryKind(row["kind"]),
            )
            for row in rows
        }

    async def find_standing(self, evidence_ids: Collection[bytes]) -> Mapping[bytes, Standing]:
        """Return what stands of each observation that is here."""
        ids = [UUID(one) for one in evidence_ids]
        rows = await self._connection.fetch(_FIND_STANDING, self._district, ids)
        return {row["evidence_id"].bytes: _standing(row) for row in rows}

    async def find_standing_records(
        self, resolution: Resolution, limit: int
    ) -> Sequence[StandingRecord]:
        """Return counting observations that a request asks for, with what was sent, by id."""
        asked = {
            Scope.LEARNER: (resolution.subject,),
            Scope.ITEM: (resolution.source, resolution.subject),
            Scope.DISTRICT: (),
        }
        rows = await self._connection.fetch(
            _FIND_STANDING_RECORDS.format(of_scope=_OF_SCOPE[resolution.scope]),
            self._district,
            UUID(resolution.after_id or bytes(16)),
            limit,
            *asked[resolution.scope],
        )
        return [StandingRecord(standing=_standing(row), record=row["record"]) for row in rows]

    async def find_standing_of_import(
        self, import_id: str, after: int, limit: int
    ) -> Sequence[Standing]:
        """Return observations whose standing row came from the import and counts, by position."""
        rows = await self._connection.fetch(
            _FIND_STANDING_OF_IMPORT, self._district, import_id, after, limit
        )
        return [_standing(row) for row in rows]

    async def settled_up_to(self, import_id: str) -> int:
        """Return up to which position the retraction of an import has come."""
        position: int | None = await self._connection.fetchval(
            "SELECT position FROM import_withdrawal WHERE district = $1 AND import_id = $2",
            self._district,
            import_id,
        )
        return position or 0

    async def note_settled(self, import_id: str, position: int) -> None:
        """Note how far the retraction of an import has come."""
        await self._connection.execute(_NOTE_SETTLED, self._district, import_id, position)

    async def withdraw(self, import_id: str, sources: Collection[str]) -> None:
        """Note that what an import brought counts no longer, and ask for its sources anew."""
        await self._connection.execute(_WITHDRAW, self._district, import_id, sorted(sources))
        resolutions = PostgresResolutions(self._connection, self._district)
        await resolutions.request_sources(sources)

    async def withdrawn(self, source: str, import_ids: Collection[str]) -> Collection[str]:
        """Return those of the imports that were withdrawn."""
        if not import_ids:
            return ()
        rows = await self._connection.fetch(_WITHDRAWN, self._district, source, sorted(import_ids))
        return {row["import_id"] for row in rows}

    async def list_of_learner(
        self, learner_id: str, after: EvidencePlace | None, limit: int
    ) -> Sequence[Standing]:
        """Return what stands of a learner's observations, newest first, after a place."""
        rows = await self._connection.fetch(
            _LIST_OF_LEARNER,
            self._district,
            learner_id,
            None if after is None else moment_of(after.occur_time_micros),
            0 if after is None else after.position,
            limit,
        )
        return [_standing(row) for row in rows]


class PostgresLedgerStream:
    """Reads the published ledger; see the port."""

    def __init__(self, database: Database, all_districts: Database | None) -> None:
        """Take the API role's database, and the worker role's where there is one."""
        self._database = database
        self._all_districts = all_districts

    async def complete_position(self) -> int:
        """Return up to which position every entry is settled: whoever has one of them has ended."""
        async with self._database.transaction(None, read_only=True) as connection:
            position: int | None = await connection.fetchval(_COMPLETE_POSITION, SOURCE_NAME)
        return position or 0

    async def settled_before(self) -> int:
        """Return the transaction below which every transaction has ended, as of now."""
        async with self._database.transaction(None, read_only=True) as connection:
            settled: int = await connection.fetchval(_SETTLED_BEFORE)
        return settled

    async def read(
        self, district: str | None, after: LedgerPlace, settled_before: int, limit: int
    ) -> Sequence[PublishedEntry]:
        """Return published entries after a place. Raises AllDistrictsRefusedError."""
        database = self._database if district is not None else self._all_districts
        if database is None:
            raise AllDistrictsRefusedError
        of_all = (str(after.xact), after.position, str(settled_before), limit)
        async with database.transaction(district, read_only=True) as connection:
            if district is None:
                rows = await connection.fetch(_READ_ALL, *of_all)
            else:
                rows = await connection.fetch(_READ_DISTRICT, *of_all, district)
        return [
            PublishedEntry(
                place=LedgerPlace(xact=row["xact"], position=row["position"]), event=row["event"]
            )
            for row in rows
        ]


def _columns(entries: Sequence[Entry]) -> tuple[Any, ...]:
    """Return one value for each parameter of the statement; only bytes of any kind are lists."""
    return (
        _numbers([one.position for one in entries]),
        SEPARATOR.join([one.event_id for one in entries]),
        _numbers([one.fact_number for one in entries]),
        SEPARATOR.join([one.evidence_id.hex() for one in entries]),
        _numbers([one.revision for one in entries]),
        _numbers([one.version for one in entries]),
        SEPARATOR.join([f"\\x{one.content_hash.hex()}" for one in entries]),
        SEPARATOR.join([one.learner_id for one in entries]),
        _numbers([one.kind.value for one in entries]),
        SEPARATOR.join([one.source for one in entries]),
        SEPARATOR.join([one.entity_id for one in entries]),
        SEPARATOR.join([one.import_id or "" for one in entries]),
        SEPARATOR.join([one.item or "" for one in entries]),
        _numbers([one.occur_time_micros for one in entries]),
        _numbers([one.receive_time_micros for one in entries]),
        [one.record for one in entries],
        [one.event for one in entries],
    )


def _numbers(numbers: Sequence[int]) -> str:
    return SEPARATOR.join(map(str, numbers))


def _standing(row: asyncpg.Record) -> Standing:
    return Standing(
        evidence_id=row["evidence_id"].bytes,
        last_revision=row["last_revision"],
        version=row["version"],
        content_hash=row["content_hash"],
        learner_id=row["learner_id"],
        kind=EntryKind(row["kind"]),
        source=row["source"],
        entity_id=row["entity_id"],
        import_id=row["import_id"],
        occur_time_micros=micros_of(row["occur_time"]),
        receive_time_micros=micros_of(row["receive_time"]),
        position=row["position"],
        event=row["event"],
    )
