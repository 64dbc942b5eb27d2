"""The audit in memory."""

from collections.abc import Sequence

from services.scheduler.domain.audit import EVERY_ENTRY, AuditEntry, AuditFilter, AuditPlace


class MemoryAuditLog:
    """What was done in one district's schools."""

    def __init__(self, entries: list[AuditEntry]) -> None:
        self._entries = entries

    async def append(self, entry: AuditEntry) -> None:
        """Keep an entry."""
        self._entries.append(entry)

    async def page(
        self,
        school_id: str,
        wanted: AuditFilter = EVERY_ENTRY,
        *,
        before: AuditPlace | None = None,
        limit: int,
    ) -> Sequence[tuple[int, AuditEntry]]:
        """Return up to `limit` entries with their numbers, newest first."""
        found = {
            AuditPlace(time=entry.time, number=number): entry
            for number, entry in enumerate(self._entries, start=1)
            if entry.school_id == school_id and wanted.matches(entry)
        }
        places = sorted((one for one in found if before is None or one < before), reverse=True)
        return [(one.number, found[one]) for one in places[:limit]]
