"""How far a week has come, in words, on the school's clock."""

from zoneinfo import ZoneInfo

from services.scheduler.domain.explain.sentences import clock
from services.scheduler.domain.revision import WeekState, WeekView
from services.scheduler.entrypoints.pages.editions import day

NOON = 12
WORDS = {WeekState.DRAFT: "Draft, not published", WeekState.REVIEW: "Signed off, not published"}


def state_of(view: WeekView, time_zone: str) -> str:
    """Return as in "Revision 1, published Friday, November 20, 4:00 PM"."""
    if view.publish_time is None:
        return WORDS[view.state]
    local = view.publish_time.astimezone(ZoneInfo(time_zone))
    time = f"{clock(local.time())} {'AM' if local.hour < NOON else 'PM'}"
    return f"Revision {view.revision}, published {day(local.date())}, {time}"
