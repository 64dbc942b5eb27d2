"""A week as what is asked for is read against: what a plan run reads, without what is asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

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
from services.scheduler.domain.errors import PolicyMissingError
from services.scheduler.domain.history import WEEKS_LOOKED_BACK, with_waiting
from services.scheduler.domain.model import Problem, Slot
from services.scheduler.domain.numbers import with_tiers
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.revision import WeekView
from services.scheduler.domain.week import Week
from services.scheduler.ports.asking import Known
from services.scheduler.ports.store import Store, View

MAX_STANDING = 20_000
"""Needs that people see in one school and stand at one time."""


async def policy_of(view: View, school_id: str) -> SchoolPolicy:
    """Return a school's policy; raises PolicyMissingError."""
    policy = await view.policies.of(school_id)
    if policy is None:
        raise PolicyMissingError(school_id=school_id)
    return policy


SlotsOf = Callable[[View, SchoolPolicy, date], Awaitable[tuple[Slot, ...]]]
"""Gives the slots of a week, with the subject that owns each."""


async def policy_slots(view: View, policy: SchoolPolicy, monday: date) -> tuple[Slot, ...]:
    """Return the slots of a week by the policy alone."""
    return policy.slots_of(monday)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a week is read with: what other services say, the time, and where slots come from."""

    known: Known
    now: datetime
    slots_of: SlotsOf = policy_slots


async def week_of(view: View, school_id: str, monday: date, reading: Reading) -> Problem:
    """Return a week as it stands now, without choices, requests and published seats.

    Raises PolicyMissingError.
    """
    policy = await policy_of(view, school_id)
    ends = monday + timedelta(weeks=1)
    slots = await reading.slots_of(view, policy, monday)
    days = {one.slot_id: one.date for one in slots}
    earlier = [await published(view, school_id, monday, back) for back in _weeks_back()]
    return Problem(
        school_id=school_id,
        monday=monday,
        as_of=reading.now,
        as_of_day=reading.now.astimezone(ZoneInfo(policy.time_zone)).date(),
        policy=replace(with_tiers(policy.numbers), version=policy.version),
        slots=slots,
        adults=reading.known.members.adults,
        absences=tuple(
            one.planned() for one in await view.absences.all(school_id) if monday <= one.date < ends
        ),
        rooms=tuple(one.planned() for one in await view.rooms.all(school_id)),
        offers=tuple(one.planned() for one in await view.offers.all(school_id)),
        learners=reading.known.members.learners,
        competencies=reading.known.competencies,
        needs=with_waiting([replace(one, version=0) for one in reading.known.needs], earlier),
        pins=tuple(
            one.planned()
            for one in await view.pins.all(school_id)
            if days.get(one.slot_id) == one.date
        ),
    )


async def published(view: View, school_id: str, monday: date, weeks_back: int) -> Week | None:
    """Return the newest published week of some weeks before, or None."""
    before = monday - timedelta(weeks=weeks_back)
    head = await view.weeks.head(school_id, before)
    if head.newest is None:
        return None
    shown = WeekView(school_id=school_id, monday=before, shown=head.newest)
    return (await view.weeks.content(shown)).week


async def made_lists(store: Store, key: tuple[str, str, date], reading: Reading) -> Lists:
    """Return the short lists of a school and week; raises PolicyMissingError."""
    district, school_id, monday = key
    async with store.snapshot(district) as view:
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


def _weeks_back() -> range:
    return range(1, WEEKS_LOOKED_BACK + 1)
