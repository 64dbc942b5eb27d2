"""The use cases of those who read weeks. Each answer is of one revision, or of one draft."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.errors import NotFoundError, WeekChangedError
from services.scheduler.domain.resources import MAX_SETTINGS_PAGE, page_limit
from services.scheduler.domain.revision import (
    DRAFT,
    NEWEST,
    Content,
    WeekView,
    newest_view,
    view_of,
)
from services.scheduler.domain.week import Seat, Session
from services.scheduler.ports.store import Store, View


@dataclass(frozen=True, kw_only=True)
class Which:
    """Which week to show. `pinned` is the week's hash where a list goes on with its next page."""

    district: str
    school_id: str
    monday: date
    revision: int = NEWEST
    pinned: str = ""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A week with everything in it."""

    view: WeekView
    content: Content

    @property
    def seat_counts(self) -> Mapping[str, int]:
        """How many learners sit in each session."""
        return Counter(
            seat.session_id for seat in self.content.week.seats if seat.session_id is not None
        )


async def get_week(which: Which, *, store: Store) -> WeekView:
    """Return a week without what is in it; raises NotFoundError."""
    async with store.snapshot(which.district) as view:
        return await find_view(view, which)


async def show_week(which: Which, *, store: Store) -> Shown:
    """Return a week with everything in it; raises NotFoundError and WeekChangedError."""
    async with store.snapshot(which.district) as view:
        found = await find_view(view, which)
        if which.pinned and found.week_hash != which.pinned:
            raise WeekChangedError
        return Shown(view=found, content=await view.weeks.content(found))


async def list_weeks(
    district: str, school_id: str, *, before: date | None, page_size: int, store: Store
) -> tuple[Sequence[WeekView], date | None]:
    """Return one page of a school's weeks, newest first, and where the next page begins."""
    limit = page_limit(page_size, MAX_SETTINGS_PAGE)
    async with store.snapshot(district) as view:
        heads = await view.weeks.heads(school_id, before=before, limit=limit + 1)
    shown = [found for head in heads[:limit] if (found := newest_view(head)) is not None]
    return shown, heads[limit - 1].monday if len(heads) > limit else None


async def explain_seat(
    which: Which, seat_id: str, *, store: Store
) -> tuple[Shown, Seat, Session | None]:
    """Return a seat with its session, None where it is an exemption; raises NotFoundError."""
    shown = await show_week(which, store=store)
    week = shown.content.week
    seat = next((one for one in week.seats if id_of_seat(one) == seat_id), None)
    if seat is None:
        raise NotFoundError(kind="seat", name=seat_id)
    session = next((one for one in week.sessions if one.session_id == seat.session_id), None)
    return shown, seat, session


def id_of_seat(seat: Seat) -> str:
    """Return the id of a seat: a learner has one place in a slot."""
    return f"{seat.learner_id}.{seat.slot_id}"


async def find_view(view: View, which: Which) -> WeekView:
    """Return what is to be shown of a week; raises NotFoundError."""
    found: WeekView | None = None
    if which.revision > NEWEST:
        revision = await view.weeks.revision(which.school_id, which.monday, which.revision)
        if revision is not None:
            found = view_of(await view.weeks.head(which.school_id, which.monday), revision)
    else:
        head = await view.weeks.head(which.school_id, which.monday)
        if which.revision == NEWEST:
            found = newest_view(head)
        elif which.revision == DRAFT and head.draft is not None:
            found = view_of(head, head.draft)
    if found is None:
        asked = {DRAFT: "draft of the week", NEWEST: "week"}.get(
            which.revision, f"revision {which.revision} of the week"
        )
        raise NotFoundError(kind=asked, name=f"{which.school_id} {which.monday.isoformat()}")
    return found
