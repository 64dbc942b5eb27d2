"""Which weeks a plan looks back on, by the school's calendar."""

from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace

from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.domain.calendar.year import Break
from services.scheduler.handlers.history import ByCalendar
from tests.support.calendars import a_setting, some_bells
from tests.support.schedules import DISTRICT, NOW, SCHOOL

FIRST, HOLIDAYS, UNTIL = date(2027, 9, 6), date(2027, 11, 22), date(2027, 12, 6)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Published:
    """What was published, as far as it is asked for here."""

    first: date

    async def first_monday(self, school_id):
        """Return the first week that was published."""
        return self.first


async def weeks_of(*, published=FIRST, breaks=None):
    """Return the weeks of a school that published one week, with a calendar where it has breaks."""
    store = MemoryStore()
    async with store.change(DISTRICT, SCHOOL) as view:
        if breaks is not None:
            await view.bell_schedules.keep([some_bells()], NOW)
            await view.calendars.keep(a_setting(breaks=breaks), NOW)
        seen = SimpleNamespace(calendars=view.calendars, digests=Published(published))
        return await ByCalendar().weeks(seen, SCHOOL, until=UNTIL)


async def test_without_a_calendar_every_week_is_one_of_school():
    """What was published first begins the cycles, and nothing is left out."""
    found = await weeks_of()
    assert (found.first, found.holidays) == (FIRST, frozenset())


async def test_a_week_without_school_is_not_looked_back_on():
    """The week of a break is passed over, the weeks around it are not."""
    away = Break(title="Fall break", first_day=HOLIDAYS, last_day=HOLIDAYS + timedelta(days=4))
    found = await weeks_of(breaks=(away,))
    assert HOLIDAYS in found.holidays
    assert found.before(UNTIL, 2) == (UNTIL - WEEK, HOLIDAYS - WEEK)


async def test_a_break_of_four_days_leaves_a_week_of_school():
    """One day of school makes a week of school."""
    away = Break(title="Fall break", first_day=HOLIDAYS, last_day=HOLIDAYS + timedelta(days=3))
    assert HOLIDAYS not in (await weeks_of(breaks=(away,))).holidays


async def test_cycles_begin_anew_with_the_school_year():
    """A week that was published the year before begins no cycle of this one."""
    found = await weeks_of(published=date(2027, 4, 5), breaks=())
    assert found.first == date(2027, 8, 2)
    assert date(2027, 7, 5) in found.holidays
