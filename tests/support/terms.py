"""A school's term through the service: week after week is planned, signed off and published.

The services beside it tell each week what the test says; the planner, its check and the stores are
the real ones. Weeks are counted from MONDAY, which is week 0.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.scheduler.domain.check import check, departures
from services.scheduler.domain.history.weeks import SchoolWeeks
from services.scheduler.domain.model import GroupHistory, LearnerHistory, Need, Problem
from services.scheduler.domain.revision import WeekHead, WeekView, newest_view
from services.scheduler.domain.week import NoticeKind, SeatRule, Week
from services.scheduler.handlers.day.records import AbsencesTaken
from services.scheduler.handlers.history import Records
from services.scheduler.handlers.planning import Planner, plan_next
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import DISTRICT, run_request, set_up


@dataclass(frozen=True, kw_only=True)
class TaughtWeek:
    """A published week, with what it was made from."""

    problem: Problem
    week: Week

    def rules_of(self, learner_id: str) -> list[SeatRule]:
        """Return the rules of a learner's seats, in order of time."""
        return [seat.rule for seat in self.week.seats if seat.learner_id == learner_id]

    def is_helped(self, learner_id: str) -> bool:
        """Return whether a need of the learner has a seat."""
        return SeatRule.NEED in self.rules_of(learner_id)

    def history_of(self, learner_id: str) -> LearnerHistory:
        """Return what the weeks before said of a learner."""
        return next(one for one in self.problem.histories if one.learner_id == learner_id)

    def group_of(self, learner_id: str) -> GroupHistory | None:
        """Return what the weeks before said of a learner's one group, or None."""
        mine = (one for one in self.problem.group_histories if one.learner_id == learner_id)
        return next(mine, None)

    def notices(self, kind: NoticeKind) -> list[str]:
        """Return the learners of whom the team is told something."""
        return [one.learner_id for one in self.week.notices if one.kind is kind]

    def points(self, rule) -> int:
        """Return what a soft rule adds."""
        return next((one.value_milli for one in self.week.terms if one.rule is rule), 0)


class WithHolidays:
    """A calendar with weeks of holidays, as a calendar of the school would tell them."""

    def __init__(self, first: date | None, holidays=()) -> None:
        self.calendar = SchoolWeeks(first=first, holidays=frozenset(holidays))

    async def weeks(self, view, school_id, *, until):
        """Return the weeks of the school."""
        return self.calendar


class SchoolTerm:
    """A school whose weeks are planned one after the other."""

    def __init__(self, problem: Problem, *, records: Records | None = None) -> None:
        self.first = problem
        self.api = Api(problem)
        self.records = records
        self._is_set_up = False

    @property
    def planner(self) -> Planner:
        """The planner of the school."""
        planner = self.api.planner
        return planner if self.records is None else replace(planner, records=self.records)

    async def plan(self, number: int, needs=None) -> str:
        """Plan a week with these needs; return the hash of its draft."""
        problem = later(self.first, number)
        if needs is not None:
            problem = replace(problem, needs=tuple(_aged(one, number) for one in needs))
        self.api.problem = self.api.book.problem = problem
        principal = self.api.as_("principal")
        if not self._is_set_up:
            await set_up(principal, problem)
            self._is_set_up = True
        run = (await principal.CreatePlanRun(run_request(problem))).plan_run
        planned = await plan_next(self.planner)
        assert planned is not None
        assert planned.outcome == "succeeded", planned.cause
        asked = messages.GetPlanRunRequest(name=run.name)
        return (await principal.GetPlanRun(asked)).plan_run.week_hash

    async def teach(self, number: int, needs=None) -> TaughtWeek:
        """Plan a week, sign it off and publish it; its check finds nothing."""
        week_hash = await self.plan(number, needs)
        await self.api.sign(week_hash)
        await self.api.publish(week_hash)
        async with self.api.store.snapshot(DISTRICT) as view:
            views = await view.weeks.heads(self.first.school_id, before=None, limit=1)
            content = await view.weeks.content(_newest(views[0]))
        assert check(content.problem, content.week) == []
        assert departures(content.problem, content.week) == []
        return TaughtWeek(problem=content.problem, week=content.week)


def later(problem: Problem, weeks: int) -> Problem:
    """Return a problem, some weeks later: the same school, with evidence as fresh as then."""
    by = timedelta(weeks=weeks)
    return replace(
        problem,
        monday=problem.monday + by,
        as_of=problem.as_of + by,
        as_of_day=problem.as_of_day + by,
        slots=tuple(replace(one, date=one.date + by) for one in problem.slots),
        needs=tuple(_aged(one, weeks) for one in problem.needs),
    )


def with_calendar(first: date | None, *holidays: date) -> Records:
    """Return records with a calendar and without attendance."""
    return Records(calendar=WithHolidays(first, holidays), attendance=AbsencesTaken())


def _aged(need: Need, weeks: int) -> Need:
    newest = need.newest_day
    return replace(need, newest_day=newest + timedelta(weeks=weeks) if newest else None)


def _newest(head: WeekHead) -> WeekView:
    found = newest_view(head)
    assert found is not None
    return found
