"""How far a week has come, in words, on the school's clock."""

from zoneinfo import ZoneInfo

from services.scheduler.domain.revision import WeekState, WeekView
from services.scheduler.entrypoints.pages.editions import clock, day

WORDS = {WeekState.DRAFT: "Draft, not published", WeekState.REVIEW: "Signed off, not published"}


def state_of(view: WeekView, time_zone: str) -> str:
    """Return as in "Revision 1, published Friday, November 20, 16:00"."""
    if view.publish_time is None:
        return WORDS[view.state]
    local = view.publish_time.astimezone(ZoneInfo(time_zone))
    return f"Revision {view.revision}, published {day(local.date())}, {clock(local.time())}"
