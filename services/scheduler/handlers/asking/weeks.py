"""A week as what is asked for is read against: what a plan run reads, without what is asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.scheduler.domain.asking.bookings import MAX_WEEK_BOOKINGS
from services.scheduler.domain.asking.joining import Asked
from services.scheduler.domain.asking.rankings import (
    WEEKS_CARRIED,
    Answer,
    Standing,
    standing_of,
)
from services.scheduler.domain.asking.requests import MAX_WEEK_REQUESTS
from services.scheduler.domain.asking.short_list import Lists, lists_of
from services.scheduler.domain.asking.windows import NOT_YET_OPEN
from services.scheduler.domain.errors import WindowClosedError
from services.scheduler.domain.history.waiting import WEEKS_COUNTED, with_waiting
from services.scheduler.domain.model import Problem, Slot
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.handlers.history import past_of
from services.scheduler.handlers.school import policy_of, problem_of, read_school, week_slots
from services.scheduler.ports.store import Store, View
from services.scheduler.ports.upstream import Known

MAX_STANDING = 20_000
"""Needs that people see in one school and stand at one time."""


SlotsOf = Callable[[View, SchoolPolicy, date], Awaitable[tuple[Slot, ...]]]
"""Gives the slots of a week, with the subject that owns each."""


async def school_slots(view: View, policy: SchoolPolicy, monday: date) -> tuple[Slot, ...]:
    """Return the slots of a week as the school's calendar or policy has them."""
    return (await week_slots(view, policy, monday)).slots


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a week is read with: what other services say, the time, and where slots come from."""

    known: Known
    now: datetime
    slots_of: SlotsOf = school_slots


async def week_of(view: View, school_id: str, monday: date, reading: Reading) -> Problem:
    """Return a week as it stands now, without choices, requests and published seats.

    Needs say how long they have waited. Raises PolicyMissingError.
    """
    policy = await policy_of(view, school_id)
    school = await read_school(view, policy, await reading.slots_of(view, policy, monday))
    past = await past_of(view, school_id, monday, weeks=WEEKS_COUNTED)
    problem = problem_of(school, reading.known, monday=monday, as_of=reading.now)
    return replace(problem, needs=with_waiting(problem.needs, past.weeks))


async def made_lists(store: Store, key: tuple[str, str, date], reading: Reading) -> Lists:
    """Return the short lists of a school and week, for which there is a time for choosing.

    Raises WindowClosedError, PolicyMissingError.
    """
    district, school_id, monday = key
    async with store.snapshot(district) as view:
        if await view.asking.windows.of(school_id, monday) is None:
            raise WindowClosedError(NOT_YET_OPEN)
        problem = await week_of(view, school_id, monday, reading)
    return await asyncio.to_thread(lists_of, problem)


async def standings_of(
    view: View, school_id: str, monday: date, learner_ids: tuple[str, ...]
) -> tuple[Standing, ...]:
    """Return what stands for learners in a week, in their order."""
    sent = await view.asking.rankings.newest(school_id, monday, learner_ids)
    silent = [one for one in learner_ids if one not in sent]
    since = monday - timedelta(weeks=WEEKS_CARRIED)
    before = await view.asking.windows.before(school_id, monday, since) if silent else None
    last = await view.asking.rankings.newest(school_id, before, silent) if before else {}
    answers = await view.asking.rankings.answers(school_id, monday, learner_ids)
    by_learner: dict[str, list[Answer]] = {}
    for one in answers:
        by_learner.setdefault(one.learner_id, []).append(one)
    return tuple(
        standing_of(one, sent.get(one), last.get(one), by_learner.get(one, ()))
        for one in learner_ids
    )


async def asked_of(view: View, school_id: str, monday: date, learner_ids: tuple[str, ...]) -> Asked:
    """Return all that people ask for in a week, for a plan run."""
    asking = view.asking
    of_week = {"monday": monday}
    return Asked(
        standings=await standings_of(view, school_id, monday, learner_ids),
        requests=tuple(await asking.requests.matching(school_id, of_week, limit=MAX_WEEK_REQUESTS)),
        seen=tuple(
            await asking.needs.matching(
                school_id, {"state": "standing", "expire_date": monday}, limit=MAX_STANDING
            )
        ),
        bookings=tuple(await asking.bookings.matching(school_id, of_week, limit=MAX_WEEK_BOOKINGS)),
    )
