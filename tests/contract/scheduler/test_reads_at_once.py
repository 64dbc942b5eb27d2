"""What many weeks hold is read at once: as many statements for twelve weeks as for two."""

from datetime import date, timedelta

import pytest

from services.scheduler.domain.asking.rankings import Ranking
from services.scheduler.domain.asking.windows import ChoiceWindow
from services.scheduler.domain.cycle.marks import WEEKS_CAUGHT_UP
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.handlers.asking.silence import SilentLearners
from services.scheduler.handlers.history import past_of
from tests.support.cycles import CycleSchool, at
from tests.support.schedules import DISTRICT, SCHOOL
from tests.support.schools import MONDAY
from tests.support.statements import statements_sent

WEEK = timedelta(weeks=1)


on_postgres = pytest.mark.parametrize("stores", ["postgres"], indirect=True)
"""Stores in memory send nothing."""


async def sent(stores, reading):
    """Return how many statements a reading sends, given a view."""
    async with stores.store.snapshot(DISTRICT) as view:
        with statements_sent() as statements:
            await reading(view)
    assert statements
    return len(statements)


@on_postgres
async def test_the_weeks_before_are_read_at_once(stores):
    """Digests and attendance of a plan run."""
    await CycleSchool(stores).start()
    few, many = [
        await sent(stores, lambda view, weeks=weeks: past_of(view, SCHOOL, MONDAY, weeks=weeks))
        for weeks in (2, 12)
    ]
    assert few == many


@on_postgres
async def test_a_clock_reads_the_weeks_that_it_looks_at_at_once(stores):
    """The steps of all weeks, and the school's calendar, once."""
    school = CycleSchool(stores)
    now = at(Step.OPEN_RANKING, days=-1)
    counts = []
    for back in (0, WEEKS_CAUGHT_UP):
        first = MONDAY - back * WEEK
        await school.start(now, from_monday=first)
        school.no_week = {first + ahead * WEEK for ahead in range(back)}
        with statements_sent() as statements:
            await school.tick(now)
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_windows_and_who_sent_are_found_for_many_weeks(stores):
    """Each week with its own, a week without one in none; of this school alone."""
    weeks = [MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK]
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        for monday in weeks[:2]:
            await view.asking.windows.keep(a_window(monday))
        await view.asking.windows.keep(a_window(MONDAY, "south"))
        await view.asking.rankings.add(a_ranking(MONDAY, "lea"))
        await view.asking.rankings.add(a_ranking(MONDAY, "lea", version=2))
        await view.asking.rankings.add(a_ranking(MONDAY + WEEK, "max"))
        await view.asking.rankings.add(a_ranking(MONDAY, "sam", school_id="south"))
    async with stores.store.snapshot(DISTRICT) as view:
        windows = await view.asking.windows.among(SCHOOL, weeks)
        assert windows == {monday: a_window(monday) for monday in weeks[:2]}
        found = set(await view.asking.rankings.senders(SCHOOL, weeks))
        assert found == {(MONDAY, "lea"), (MONDAY + WEEK, "max")}
        assert await view.asking.rankings.senders(SCHOOL, weeks[2:]) == set()
        assert await SilentLearners().unanswered(view, SCHOOL, weeks) == {}


def a_window(monday: date, school_id: str = SCHOOL) -> ChoiceWindow:
    """Return the time for choosing of a week."""
    opens = at(Step.OPEN_RANKING) + (monday - MONDAY)
    closes = opens + timedelta(days=2)
    return ChoiceWindow(
        school_id=school_id,
        monday=monday,
        promised_open_time=opens,
        open_time=opens,
        promised_close_time=closes,
        close_time=closes,
        latest_close_time=closes,
    )


def a_ranking(monday: date, learner_id: str, **changes) -> Ranking:
    """Return a sending."""
    fields = {
        "school_id": SCHOOL,
        "monday": monday,
        "learner_id": learner_id,
        "version": 1,
        "choices": (),
        "actor": "a",
        "request_id": f"{learner_id}-{changes.get('version', 1)}",
        "digest": bytes(32),
        "receive_time": at(Step.OPEN_RANKING),
    }
    return Ranking(**(fields | changes))
