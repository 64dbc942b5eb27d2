"""The audit in memory."""

from collections.abc import Sequence

from services.scheduler.domain.audit import AuditEntry


class MemoryAuditLog:
    """What persons did in one district's schools."""

    def __init__(self, entries: list[AuditEntry]) -> None:
        self._entries = entries

    async def append(self, entry: AuditEntry) -> None:
        """Keep an entry."""
        self._entries.append(entry)

    async def page(
        self, school_id: str, *, before: int, limit: int, subject: str = ""
    ) -> Sequence[tuple[int, AuditEntry]]:
        """Return up to `limit` entries numbered below `before` (0: all), newest first."""
        found = [
            (number, entry)
            for number, entry in enumerate(self._entries, start=1)
            if entry.school_id == school_id
            and (before == 0 or number < before)
            and subject in ("", entry.subject)
        ]
        return found[::-1][:limit]
