"""What the clock does in one school: every step that is due, in order, each in one transaction.

Several clocks may look at a school at once. Its changes come one after the other, a step's mark is
written with its effect, and a mark never changes once the step is over: so each is done once,
wherever a clock dies.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.scheduler.domain.asking.windows import Uptime
from services.scheduler.domain.cycle.marks import (
    WEEK,
    SchoolCycle,
    StepMark,
    is_settled,
    mondays_to_look_at,
    next_step,
)
from services.scheduler.domain.history.digest import digest_of
from services.scheduler.domain.over_caps import over_caps
from services.scheduler.handlers.cycle.moment import (
    Checked,
    CheckWanted,
    Found,
    Moment,
    Todo,
    UptimesWanted,
)
from services.scheduler.handlers.cycle.steps import do_step
from services.scheduler.handlers.publishing import Check
from services.scheduler.ports.asking import UptimeBook
from services.scheduler.ports.cycle import CycleQueue, TimesOf
from services.scheduler.ports.store import Store, View

STEPS_PER_LOOK = 64
"""A school that is behind goes on at the next look, so that others have their turn."""
LOOK_WITHIN = timedelta(minutes=10)
"""A school is looked at at least so often, whatever is due: its calendar may have changed."""
WAIT = timedelta(seconds=15)
"""Until a step is looked at again that waits for a plan run or a sign-off."""
FAULT_WAIT = timedelta(minutes=1)
"""Until a school is looked at again whose own data kept the clock from its steps."""


@dataclass(frozen=True, kw_only=True)
class Clockwork:
    """What a clock works with."""

    store: Store
    queue: CycleQueue
    times: TimesOf
    check: Check
    uptimes: UptimeBook


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """What is due in a school, when to look again, and the first week that is not settled."""

    todos: tuple[Todo, ...]
    look_time: datetime
    from_monday: date


@dataclass(kw_only=True)
class _Look:
    """One look of a clock at one school; `checked` and `uptimes` as of a `Moment`."""

    work: Clockwork
    district: str
    school_id: str
    now: datetime
    checked: dict[str, Checked] = field(default_factory=dict)
    uptimes: dict[date, Sequence[Uptime]] = field(default_factory=dict)


async def advance(
    work: Clockwork, district: str, school_id: str, now: datetime
) -> tuple[StepMark, ...]:
    """Do what is due in a school and return what became of it.

    Raises SchedulerError where the school's own data stands in the way: see `postpone`.
    """
    look = _Look(work=work, district=district, school_id=school_id, now=now)
    marks = []
    for _ in range(STEPS_PER_LOOK):
        found = await _once(look)
        if found is None:
            break
        if isinstance(found, CheckWanted):
            await _check(look, found)
        elif isinstance(found, UptimesWanted):
            look.uptimes[found.monday] = await work.uptimes.within(found.since, now)
        else:
            marks.append(found)
    return tuple(marks)


async def postpone(work: Clockwork, district: str, school_id: str, now: datetime) -> None:
    """Leave a school alone for a while: it must not keep the others waiting."""
    async with work.store.change(district, school_id) as view:
        cycle = await view.cycle.of(school_id)
        if cycle is not None:
            await view.cycle.look_again(school_id, now + FAULT_WAIT, cycle.from_monday)


async def _once(look: _Look) -> Found:
    """Do the next step in a transaction; None: nothing is left to do now."""
    school_id = look.school_id
    async with look.work.store.change(look.district, school_id) as view:
        cycle = await view.cycle.of(school_id)
        if cycle is None or not cycle.running:
            return None
        if cycle.look_time is not None and cycle.look_time > look.now:
            # Another clock has been here.
            return None
        looked = await _look_at(view, cycle, look)
        moment = Moment(
            district=look.district,
            cycle=cycle,
            now=look.now,
            checked=look.checked,
            uptimes=look.uptimes,
        )
        for todo in looked.todos:
            found = await do_step(view, moment, todo)
            if isinstance(found, StepMark):
                await view.cycle.mark(found)
            if found is not None:
                return found
        soon = look.now + WAIT if looked.todos else looked.look_time
        look_time = min(soon, looked.look_time)
        await view.cycle.look_again(school_id, look_time, looked.from_monday)
    return None


async def _check(look: _Look, wanted: CheckWanted) -> None:
    """Look for what breaks a week, else make its digest: each takes a moment, so here.

    Here is outside of any transaction.
    """
    async with look.work.store.snapshot(look.district) as view:
        content = await view.weeks.content(wanted.view)
    found = list(content.week.breaches)
    found += await asyncio.to_thread(look.work.check, content.problem, content.week)
    digest = None if found else await asyncio.to_thread(digest_of, content)
    told = [f"{one.rule} {one.message}" for one in found]
    over = await asyncio.to_thread(over_caps, content.problem, content.week)
    look.checked[wanted.view.week_hash] = Checked(breaches=told, digest=digest, over_caps=over)


async def _look_at(view: View, cycle: SchoolCycle, look: _Look) -> _Looked:
    now, from_monday, all_settled = look.now, cycle.from_monday, True
    todos, look_time = [], now + LOOK_WITHIN
    mondays = mondays_to_look_at(cycle.from_monday, now.date())
    all_marks = await view.cycle.marks_of(cycle.school_id, mondays)
    times_of = await look.work.times(view, cycle.school_id)
    for monday in mondays:
        marks = all_marks[monday]
        step = next_step(marks)
        times = times_of(monday)
        settled = is_settled(marks) or (times.no_week != "" and monday + WEEK <= now.date())
        all_settled = all_settled and settled
        if all_settled:
            from_monday = monday + WEEK
        if settled or step is None or times.no_week:
            continue
        if times.due[step] <= now:
            todos.append(Todo(monday=monday, times=times, step=step, marks=marks))
        else:
            look_time = min(look_time, times.due[step])
    return _Looked(todos=tuple(todos), look_time=look_time, from_monday=from_monday)
