"""The use case of reading the audit."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.scheduler.domain.access import Actor
from services.scheduler.domain.audit import (
    AuditFilter,
    AuditPlace,
    ReadEntry,
    checked_filter,
    read_by,
)
from services.scheduler.domain.resources import MAX_SETTINGS_PAGE, page_limit
from services.scheduler.ports.store import Store


@dataclass(frozen=True, kw_only=True)
class ListAuditEntries:
    """The query of an actor, who may read the audit, for one page; `before` None: the newest."""

    district: str
    school_id: str
    actor: Actor
    wanted: AuditFilter
    before: AuditPlace | None = None
    page_size: int = 0


async def list_audit_entries(
    query: ListAuditEntries, *, store: Store
) -> tuple[Sequence[ReadEntry], AuditPlace | None]:
    """Return a page of entries, newest first, and where the next begins; None: there is none.

    Raises InvalidRequestError.
    """
    limit = page_limit(query.page_size, MAX_SETTINGS_PAGE)
    wanted = checked_filter(query.wanted)
    async with store.snapshot(query.district) as view:
        found = await view.audit.page(query.school_id, wanted, before=query.before, limit=limit + 1)
    shown = found[:limit]
    after = None
    if len(found) > limit:
        number, last = shown[-1]
        after = AuditPlace(time=last.time, number=number)
    return [read_by(query.actor, *one) for one in shown], after
