"""The audit in PostgreSQL; nobody is granted a change or a removal."""

from collections.abc import Sequence

from services.common.postgres.pool import Connection
from services.scheduler.domain.audit import AuditEntry


class PostgresAuditLog:
    """What persons did in one district's schools."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def append(self, entry: AuditEntry) -> None:
        """Keep an entry."""
        await self._connection.execute(
            "INSERT INTO audit_entry"
            " (district, school_id, act_time, actor, action, subject, detail, reason, private_to)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self._district,
            entry.school_id,
            entry.time,
            entry.actor,
            entry.action,
            entry.subject,
            entry.detail,
            entry.reason,
            entry.private_to,
        )

    async def page(
        self, school_id: str, *, before: int, limit: int, subject: str = ""
    ) -> Sequence[tuple[int, AuditEntry]]:
        """Return up to `limit` entries numbered below `before` (0: all), newest first."""
        rows = await self._connection.fetch(
            "SELECT number, act_time, actor, action, subject, detail, reason, private_to"
            " FROM audit_entry WHERE district = $1 AND school_id = $2"
            " AND ($3::bigint = 0 OR number < $3) AND ($4::text = '' OR subject = $4)"
            " ORDER BY number DESC LIMIT $5",
            self._district,
            school_id,
            before,
            subject,
            limit,
        )
        return [
            (
                row["number"],
                AuditEntry(
                    school_id=school_id,
                    time=row["act_time"],
                    actor=row["actor"],
                    action=row["action"],
                    subject=row["subject"],
                    detail=row["detail"],
                    reason=row["reason"],
                    private_to=row["private_to"],
                ),
            )
            for row in rows
        ]
