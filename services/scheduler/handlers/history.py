"""Reads the weeks before for a plan or a review, and keeps a digest of each that has none yet.

A digest is kept with each revision, whoever publishes it (`handlers/publishing.py`); one that is
missing, or of an older format, is made from the stored week by whoever needs it first.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.calendar.week import days_of_week, monday_of
from services.scheduler.domain.history.digest import WeekDigest, digest_of
from services.scheduler.domain.history.past import Past, PastWeek
from services.scheduler.domain.history.weeks import MOST_WEEKS_READ, WEEK, SchoolWeeks
from services.scheduler.domain.revision import WeekView
from services.scheduler.handlers.day.records import AbsencesTaken
from services.scheduler.ports.school_records import MissedSeats, SchoolCalendar
from services.scheduler.ports.store import Store, View

LOOKED_BACK = 2 * MOST_WEEKS_READ * WEEK
"""As many weeks of school as a plan reads lie within, unless there is a break that ends them."""


class ByCalendar:
    """The port `SchoolCalendar` of the service: by what the school has set as its calendar.

    Cycles are counted from the first published week of the school year. Without a calendar every
    week is one of school.
    """

    async def weeks(self, view: View, school_id: str, *, until: date) -> SchoolWeeks:
        """Return the weeks of a school."""
        first = await view.digests.first_monday(school_id)
        calendar = await view.calendars.of(school_id)
        if calendar is None:
            return SchoolWeeks(first=first)
        began = monday_of(calendar.setting.first_day)
        if first is not None and began <= until:
            first = max(first, began)
        here = min(first or until, until - LOOKED_BACK)
        holidays = set()
        while here < until:
            if not any(calendar.day_of(one).has_school for one in days_of_week(here)):
                holidays.add(here)
            here += WEEK
        return SchoolWeeks(first=first, holidays=frozenset(holidays))


@dataclass(frozen=True, kw_only=True)
class Records:
    """What the history of learners is read with."""

    calendar: SchoolCalendar
    attendance: MissedSeats


SCHOOL_RECORDS = Records(calendar=ByCalendar(), attendance=AbsencesTaken())
"""By the school's calendar and what was taken of attendance."""


async def past_of(
    view: View, school_id: str, monday: date, *, weeks: int, records: Records = SCHOOL_RECORDS
) -> Past:
    """Return up to `weeks` weeks of school before a Monday, as they are published now."""
    calendar = await records.calendar.weeks(view, school_id, until=monday)
    mondays = calendar.before(monday, weeks)
    digests = await published_digests(view, school_id, mondays)
    missed: dict[date, set[tuple[str, str]]] = defaultdict(set)
    for one, learner_id, slot_id in await records.attendance.missed(view, school_id, mondays):
        missed[one].add((learner_id, slot_id))
    return Past(
        weeks=tuple(
            PastWeek(monday=one, digest=digests.get(one), missed=frozenset(missed[one]))
            for one in sorted(mondays)
        ),
        calendar=calendar,
    )


async def published_digests(
    view: View, school_id: str, mondays: Collection[date]
) -> Mapping[date, WeekDigest]:
    """Return the digests of the newest revisions of these weeks; what is not kept is made."""
    found = await view.digests.published(school_id, mondays)
    return {
        monday: digest or (await _made(view, school_id, monday))[1]
        for monday, digest in sorted(found.items())
    }


async def first_digests(
    view: View, school_id: str, mondays: Collection[date]
) -> Mapping[date, WeekDigest]:
    """Return the digests of the first revisions of those weeks that have a later one."""
    found = await view.digests.first(school_id, mondays)
    return {
        monday: digest or (await _made(view, school_id, monday, first=True))[1]
        for monday, digest in sorted(found.items())
    }


async def keep_digests(
    store: Store,
    district: str,
    school_id: str,
    monday: date,
    *,
    records: Records = SCHOOL_RECORDS,
) -> None:
    """Make and keep the digests that are missing of weeks before; usually none is."""
    async with store.snapshot(district) as view:
        calendar = await records.calendar.weeks(view, school_id, until=monday)
        mondays = calendar.before(monday, MOST_WEEKS_READ)
        missing = await view.digests.missing(school_id, mondays)
        made = [(one, await _made(view, school_id, one)) for one in missing]
        firsts = await view.digests.first(school_id, mondays)
        made += [
            (one, await _made(view, school_id, one, first=True))
            for one, digest in sorted(firsts.items())
            if digest is None
        ]
    if made:
        async with store.change(district, school_id) as view:
            for one, (revision, digest) in made:
                await view.digests.keep(school_id, one, revision, digest)


async def _made(
    view: View, school_id: str, monday: date, *, first: bool = False
) -> tuple[int, WeekDigest]:
    """Return the newest or first revision of a week and its digest, made from what is stored."""
    if first:
        revision = await view.weeks.revision(school_id, monday, 1)
    else:
        revision = (await view.weeks.head(school_id, monday)).newest
    assert revision is not None, "revisions are numbered from 1 and never removed"
    shown = WeekView(school_id=school_id, monday=monday, shown=revision)
    content = await view.weeks.content(shown)
    return revision.number, await asyncio.to_thread(digest_of, content)
