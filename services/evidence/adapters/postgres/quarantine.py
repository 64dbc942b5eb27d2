"""The quarantine on PostgreSQL."""

from collections.abc import Collection, Container, Mapping, Sequence
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection
from services.evidence.adapters.postgres.moments import micros_of, moment_of
from services.evidence.domain.model import Refusal, RefusalReason
from services.evidence.domain.quarantine import (
    RETRACTED_NOTE,
    SUPERSEDED_NOTE,
    WITHDRAWN_NOTE,
    QuarantineCount,
    QuarantinedRecord,
    QuarantineKind,
    QuarantineSelection,
    QuarantineState,
    RefusedRecord,
    Settlement,
)
from services.evidence.domain.waiting import waiting_key

DERIVED_AGAIN: Final = "quarantine.subject <> '' AND quarantine.state IN (3, 4)"
"""What follows from a source object anew is another sending than that of then."""

_KEEP: Final = f"""
INSERT INTO quarantine (district, digest, kind, state, position, source, event_id, collection,
                        format, deleted, subject, import_id, file, line, reason, field, message,
                        hint, record, record_length_bytes, receive_time, state_time)
SELECT $1, refused.digest, refused.kind, refused.state, refused.position, refused.source,
       refused.event_id, refused.collection, refused.format, refused.deleted, refused.subject,
       refused.import_id, refused.file, refused.line, refused.reason, refused.field,
       refused.message, refused.hint, refused.record, refused.record_length_bytes,
       refused.receive_time, refused.receive_time
  FROM unnest($2::bytea[], $3::smallint[], $4::smallint[], $5::bigint[], $6::text[], $7::text[],
              $8::text[], $9::smallint[], $10::boolean[], $11::text[], $12::text[], $13::text[],
              $14::bigint[], $15::smallint[], $16::text[], $17::text[], $18::text[], $19::bytea[],
              $20::bigint[], $21::timestamptz[])
       AS refused (digest, kind, state, position, source, event_id, collection, format, deleted,
                   subject, import_id, file, line, reason, field, message, hint, record,
                   record_length_bytes, receive_time)
ON CONFLICT (district, digest) DO UPDATE
   SET state = excluded.state, reason = excluded.reason, field = excluded.field,
       message = excluded.message, hint = excluded.hint, state_time = excluded.state_time,
       looks = 0, actor = '', note = '',
       position = CASE WHEN {DERIVED_AGAIN} THEN excluded.position ELSE quarantine.position END,
       event_id = CASE WHEN {DERIVED_AGAIN} THEN excluded.event_id ELSE quarantine.event_id END,
       record = CASE WHEN {DERIVED_AGAIN} THEN excluded.record ELSE quarantine.record END,
       record_length_bytes = CASE WHEN {DERIVED_AGAIN} THEN excluded.record_length_bytes
                                  ELSE quarantine.record_length_bytes END,
       import_id = CASE WHEN {DERIVED_AGAIN} THEN excluded.import_id ELSE quarantine.import_id END
 WHERE (quarantine.state, quarantine.reason, quarantine.field, quarantine.message)
       IS DISTINCT FROM (excluded.state, excluded.reason, excluded.field, excluded.message)
RETURNING quarantine_id, digest
"""  # noqa: S608  (constants of this module)

_WAIT: Final = """
INSERT INTO quarantine_wait (district, awaited, quarantine_id)
SELECT $1, wait.awaited, wait.quarantine_id
  FROM unnest($2::bytea[], $3::bigint[]) AS wait (awaited, quarantine_id)
ON CONFLICT DO NOTHING
"""

_COLUMNS: Final = """
quarantine_id, digest, kind, state, due, position, source, event_id, collection, format, deleted,
subject, import_id, file, line, reason, field, message, hint, record, record_length_bytes,
receive_time, state_time, actor, note
"""

_SELECTED: Final = """
district = $1 AND ($2::text IS NULL OR import_id = $2) AND ($3::text IS NULL OR source = $3)
   AND ($4::smallint IS NULL OR reason = $4) AND state = ANY ($5::smallint[])
"""

_PAGE: Final = f"""
SELECT {_COLUMNS} FROM quarantine
 WHERE {_SELECTED} AND ($6::bigint IS NULL OR quarantine_id < $6)
 ORDER BY quarantine_id DESC LIMIT $7
"""  # noqa: S608  (constants of this module)

_FIND: Final = f"""
SELECT {_COLUMNS} FROM quarantine
 WHERE district = $1 AND quarantine_id = ANY ($2::bigint[]) ORDER BY quarantine_id FOR UPDATE
"""  # noqa: S608

_TAKE_DUE: Final = f"""
SELECT {_COLUMNS} FROM quarantine
 WHERE district = $1 AND due ORDER BY quarantine_id LIMIT $2 FOR UPDATE SKIP LOCKED
"""  # noqa: S608

# A record that is settled keeps the reason for which it was here.
_SETTLE: Final = """
UPDATE quarantine
   SET state = settled.state, due = quarantine.due AND settled.state IN (1, 2),
       looks = quarantine.looks + 1,
       state_time = $2, actor = settled.actor,
       note = settled.note, reason = coalesce(settled.reason, quarantine.reason),
       field = coalesce(settled.field, quarantine.field),
       message = coalesce(settled.message, quarantine.message),
       hint = coalesce(settled.hint, quarantine.hint)
  FROM unnest($3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::smallint[], $8::text[],
              $9::text[], $10::text[])
       AS settled (quarantine_id, state, actor, note, reason, field, message, hint)
 WHERE quarantine.district = $1 AND quarantine.quarantine_id = settled.quarantine_id
"""

_RELEASE: Final = """
UPDATE quarantine SET due = true
 WHERE district = $1 AND state = 2 AND NOT due
   AND quarantine_id IN (SELECT quarantine_id FROM quarantine_wait
                          WHERE district = $1 AND awaited = ANY ($2::bytea[]))
"""

_LOOK_AGAIN: Final = """
UPDATE quarantine SET due = true
 WHERE district = $1 AND kind = 1 AND state = 2 AND looks = 0 AND NOT due AND state_time < $2
"""

_SUPERSEDE: Final = """
UPDATE quarantine SET state = 4, due = false, state_time = $2, note = $3
 WHERE district = $1 AND subject <> '' AND state IN (1, 2) AND subject = ANY ($4::text[])
   AND NOT digest = ANY ($5::bytea[])
"""

_WITHDRAW: Final = """
UPDATE quarantine SET state = 4, due = false, state_time = $4, note = $5
 WHERE district = $1 AND subject <> '' AND subject = $2 AND source = $3 AND state IN (1, 2)
"""

_WITHDRAWN: Final = """
SELECT EXISTS (SELECT FROM quarantine
 WHERE district = $1 AND subject <> '' AND subject = $2 AND source = $3 AND state = 4)
"""

_RESERVED: Final = """
SELECT digest, position FROM quarantine
 WHERE district = $1 AND digest = ANY ($2::bytea[]) AND state IN (1, 2)
"""

_OF_IMPORT: Final = "district = $1 AND import_id = $2 AND kind = 1 AND state IN (1, 2)"

_SOURCES_OF_IMPORT: Final = f"""
SELECT DISTINCT source FROM quarantine WHERE {_OF_IMPORT}
"""  # noqa: S608

_DISCARD_IMPORT: Final = f"""
UPDATE quarantine SET state = 4, due = false, state_time = $3, note = $4
 WHERE {_OF_IMPORT} AND source = ANY ($5::text[])
RETURNING source
"""  # noqa: S608

_COUNTS: Final = """
SELECT source, reason, state, count(*) AS count, min(receive_time) AS oldest
  FROM quarantine WHERE district = $1 AND state IN (1, 2)
 GROUP BY source, reason, state ORDER BY source, reason, state
"""


class PostgresQuarantine:
    """The quarantine of one district, in a transaction; the port `Quarantine`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def keep(self, refused: Sequence[RefusedRecord]) -> None:
        """Keep refused records; of one that is already there, what is wrong with it now."""
        refused = list({one.digest: one for one in refused}.values())
        rows = await self._connection.fetch(_KEEP, self._district, *_columns(refused))
        kept = {row["digest"]: row["quarantine_id"] for row in rows}
        await self._wait(
            [
                (one.refusal.awaits, kept[one.digest])
                for one in refused
                if one.refusal.awaits and one.digest in kept
            ]
        )

    async def page(
        self, selection: QuarantineSelection, *, before: int | None, limit: int
    ) -> Sequence[QuarantinedRecord]:
        """Return records, newest first, with numbers below `before`."""
        rows = await self._connection.fetch(
            _PAGE, self._district, *_selected(selection), before, limit
        )
        return [_quarantined(row) for row in rows]

    async def find(self, quarantine_ids: Collection[int]) -> Sequence[QuarantinedRecord]:
        """Return those of the records that there are, by number, locked until the end."""
        rows = await self._connection.fetch(_FIND, self._district, list(quarantine_ids))
        return [_quarantined(row) for row in rows]

    async def take_due(self, limit: int) -> Sequence[QuarantinedRecord]:
        """Return records that are due, oldest first, and are so no more; passes over others'."""
        rows = await self._connection.fetch(_TAKE_DUE, self._district, limit)
        await self._connection.execute(
            "UPDATE quarantine SET due = false"
            " WHERE district = $1 AND quarantine_id = ANY ($2::bigint[])",
            self._district,
            [row["quarantine_id"] for row in rows],
        )
        return [_quarantined(row) for row in rows]

    async def settle(self, settlements: Sequence[Settlement], now_micros: int) -> None:
        """Note what became of records; what was set free meanwhile and stays is due still."""
        ids = [one.quarantine_id for one in settlements]
        refusals = [one.refusal for one in settlements]
        await self._connection.execute(
            _SETTLE,
            self._district,
            moment_of(now_micros),
            ids,
            [int(one.state) for one in settlements],
            [one.actor for one in settlements],
            [one.note for one in settlements],
            [None if one is None else int(one.reason) for one in refusals],
            [None if one is None else one.field for one in refusals],
            [None if one is None else one.message for one in refusals],
            [None if one is None else one.hint for one in refusals],
        )
        await self._connection.execute(
            "DELETE FROM quarantine_wait"
            " WHERE district = $1 AND quarantine_id = ANY ($2::bigint[])",
            self._district,
            [one.quarantine_id for one in settlements if one.ends_waiting],
        )
        await self._wait(
            [
                (one.refusal.awaits, one.quarantine_id)
                for one in settlements
                if one.refusal is not None and one.refusal.awaits
            ]
        )

    async def release(self, awaited: Collection[str]) -> int:
        """Make due what waits for any of these; return how many that are."""
        if not awaited:
            return 0
        keys = sorted({waiting_key(one) for one in awaited})
        return _count(await self._connection.execute(_RELEASE, self._district, keys))

    async def look_again(self, received_before_micros: int) -> int:
        """Make due what waits since then and was not looked at again; return how many that are."""
        before = moment_of(received_before_micros)
        return _count(await self._connection.execute(_LOOK_AGAIN, self._district, before))

    async def supersede(
        self, subjects: Collection[str], standing: Collection[bytes], now_micros: int
    ) -> None:
        """Discard what was derived from these source objects before and is not standing."""
        if subjects:
            await self._connection.execute(
                _SUPERSEDE,
                self._district,
                moment_of(now_micros),
                SUPERSEDED_NOTE,
                sorted(subjects),
                list(standing),
            )

    async def withdraw(self, source: str, subject: str, now_micros: int) -> bool:
        """Discard what a source sent about something and is open; say whether it sent anything."""
        of_it = (self._district, subject, source)
        await self._connection.execute(_WITHDRAW, *of_it, moment_of(now_micros), WITHDRAWN_NOTE)
        found: bool = await self._connection.fetchval(_WITHDRAWN, *of_it)
        return found

    async def reserved(self, digests: Collection[bytes]) -> Mapping[bytes, int]:
        """Return of those of the records that are open here their place in the order of receipt."""
        rows = await self._connection.fetch(_RESERVED, self._district, list(digests))
        return {row["digest"]: row["position"] for row in rows}

    async def discard_import(
        self, import_id: str, sources: Container[str], now_micros: int
    ) -> Sequence[str]:
        """Discard the open records of an import that was retracted; return the source of each."""
        rows = await self._connection.fetch(_SOURCES_OF_IMPORT, self._district, import_id)
        mine = [row["source"] for row in rows if row["source"] in sources]
        discarded = await self._connection.fetch(
            _DISCARD_IMPORT,
            self._district,
            import_id,
            moment_of(now_micros),
            RETRACTED_NOTE,
            mine,
        )
        return [row["source"] for row in discarded]

    async def counts(self) -> Sequence[QuarantineCount]:
        """Return how many open records each source has for each reason."""
        rows = await self._connection.fetch(_COUNTS, self._district)
        return [
            QuarantineCount(
                source=row["source"],
                reason=RefusalReason(row["reason"]),
                state=QuarantineState(row["state"]),
                count=row["count"],
                oldest_receive_micros=micros_of(row["oldest"]),
            )
            for row in rows
        ]

    async def _wait(self, waits: Sequence[tuple[str, int]]) -> None:
        if waits:
            await self._connection.execute(
                _WAIT,
                self._district,
                [waiting_key(awaits) for awaits, _ in waits],
                [quarantine_id for _, quarantine_id in waits],
            )


def _selected(selection: QuarantineSelection) -> tuple[object, ...]:
    return (
        selection.import_id,
        selection.source,
        None if selection.reason is None else int(selection.reason),
        [int(state) for state in selection.states],
    )


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


def _columns(refused: Sequence[RefusedRecord]) -> tuple[list[object], ...]:
    return (
        [one.digest for one in refused],
        [int(one.kind) for one in refused],
        [int(one.state) for one in refused],
        [one.position for one in refused],
        [one.source for one in refused],
        [one.event_id for one in refused],
        [one.collection for one in refused],
        [one.format_number for one in refused],
        [one.deleted for one in refused],
        [one.subject for one in refused],
        [one.import_id for one in refused],
        [one.file for one in refused],
        [one.line for one in refused],
        [int(one.refusal.reason) for one in refused],
        [one.refusal.field for one in refused],
        [one.refusal.message for one in refused],
        [one.refusal.hint for one in refused],
        [one.record for one in refused],
        [one.record_length_bytes for one in refused],
        [moment_of(one.receive_time_micros) for one in refused],
    )


def _quarantined(row: "asyncpg.Record") -> QuarantinedRecord:
    return QuarantinedRecord(
        quarantine_id=row["quarantine_id"],
        state=QuarantineState(row["state"]),
        state_time_micros=micros_of(row["state_time"]),
        due=row["due"],
        actor=row["actor"],
        note=row["note"],
        refused=RefusedRecord(
            kind=QuarantineKind(row["kind"]),
            source=row["source"],
            event_id=row["event_id"],
            collection=row["collection"],
            format_number=row["format"],
            deleted=row["deleted"],
            subject=row["subject"],
            import_id=row["import_id"],
            file=row["file"],
            line=row["line"],
            refusal=Refusal(
                reason=RefusalReason(row["reason"]),
                field=row["field"],
                message=row["message"],
                hint=row["hint"],
            ),
            record=row["record"],
            record_length_bytes=row["record_length_bytes"],
            digest=row["digest"],
            receive_time_micros=micros_of(row["receive_time"]),
            position=row["position"],
        ),
    )
