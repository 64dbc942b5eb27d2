"""Finds the week that was published before another: to compare with, and to fall back to."""

from datetime import date, timedelta

from services.scheduler.domain.revision import WeekView, view_of
from services.scheduler.ports.store import View

OLDEST = timedelta(weeks=4)
"""What lies further back is no last week that anybody remembers."""
HEADS_LOOKED_AT = 4


async def last_published(view: View, school_id: str, monday: date) -> WeekView | None:
    """Return the newest published week before a Monday, of the last weeks; None: there is none."""
    for head in await view.weeks.heads(school_id, before=monday, limit=HEADS_LOOKED_AT):
        if head.newest is not None and monday - head.monday <= OLDEST:
            return view_of(head, head.newest)
    return None
