"""The audit in PostgreSQL; nobody is granted a change or a removal."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.domain.audit import EVERY_ENTRY, AuditEntry, AuditFilter, AuditPlace

_COLUMNS = "act_time, actor, action, subject, detail, reason, private_to, monday"


class PostgresAuditLog:
    """What was done in one district's schools."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def append(self, entry: AuditEntry) -> None:
        """Keep an entry."""
        await self._connection.execute(
            f"INSERT INTO audit_entry (district, school_id, {_COLUMNS})"  # noqa: S608
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            self._district,
            entry.school_id,
            entry.time,
            entry.actor,
            entry.action,
            entry.subject,
            entry.detail,
            entry.reason,
            entry.private_to,
            entry.monday,
        )

    async def page(
        self,
        school_id: str,
        wanted: AuditFilter = EVERY_ENTRY,
        *,
        before: AuditPlace | None = None,
        limit: int,
    ) -> Sequence[tuple[int, AuditEntry]]:
        """Return up to `limit` entries with their numbers, newest first."""
        values: list[Any] = [self._district, school_id, limit]
        conditions = ""
        # Only what is asked for stands in the statement, so that an index is found for it.
        for condition, value in _asked(wanted):
            values.append(value)
            conditions += f" AND {condition.format(f'${len(values)}')}"
        if before is not None:
            values += (before.time, before.number)
            conditions += f" AND (act_time, number) < (${len(values) - 1}, ${len(values)})"
        rows = await self._connection.fetch(
            f"SELECT school_id, number, {_COLUMNS} FROM audit_entry"  # noqa: S608
            f" WHERE district = $1 AND school_id = $2{conditions}"
            " ORDER BY act_time DESC, number DESC LIMIT $3",
            *values,
        )
        return [(row["number"], _entry_of(row)) for row in rows]


def _asked(wanted: AuditFilter) -> list[tuple[str, Any]]:
    """Return the conditions of a filter, each with a place for its value."""
    conditions = (
        ("monday = {}", wanted.monday),
        ("action = ANY({}::text[])", sorted(wanted.actions)),
        ("actor = {}", wanted.actor),
        ("subject = {}", wanted.subject),
        ("act_time >= {}", wanted.from_time),
        ("act_time < {}", wanted.until_time),
    )
    return [(condition, value) for condition, value in conditions if value]


def _entry_of(row: "asyncpg.Record") -> AuditEntry:
    return AuditEntry(
        school_id=row["school_id"],
        time=row["act_time"],
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        detail=row["detail"],
        reason=row["reason"],
        private_to=row["private_to"],
        monday=row["monday"],
    )
