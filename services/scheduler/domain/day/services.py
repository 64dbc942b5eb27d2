"""Minutes of services: what a week owes, what attendance says was given, and what is made up (H5).

A week owes what is required of it, or, where nothing is required, what was published at first. What
was not given is carried to the next plan, within a bound, until it is given.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.day.attendance import (
    SessionAttendance,
    delivered_minutes,
    sheets_of,
)
from services.scheduler.domain.model import RequiredService
from services.scheduler.domain.revision import Content

WEEKS_OWED = 6
"""What was not given longer ago is for the learner's team, not for a plan."""
MAKE_UP_LIMIT_MINUTES = 60
"""More than this in one week takes from the learner what others have: choice, and other help."""

Key = tuple[str, str]
"""A learner and a service."""


@dataclass(frozen=True, kw_only=True)
class LivedWeek:
    """A published week and what attendance says of it.

    `first` is the first revision where a later one stands. `is_closed` says of a day whether its
    attendance stands as it is.
    """

    newest: Content
    first: Content
    attendance: tuple[SessionAttendance, ...]
    closed_dates: frozenset[date]

    @property
    def monday(self) -> date:
        """The Monday of the week."""
        return self.newest.week.monday


@dataclass(frozen=True, kw_only=True)
class ServiceDelivery:
    """What a learner got of a service in one week, in minutes.

    `unrecorded_minutes`: of sessions whose attendance may still be taken. `make_up_minutes`: the
    part of what is required that makes up for weeks before.
    """

    learner_id: str
    service: str
    monday: date
    required_minutes: int
    planned_minutes: int
    delivered_minutes: int
    unrecorded_minutes: int
    make_up_minutes: int = 0

    @property
    def shortfall_minutes(self) -> int:
        """What was not given, as far as it is known."""
        return max(
            self.required_minutes - self.delivered_minutes - self.unrecorded_minutes,
            0,
        )

    @property
    def surplus_minutes(self) -> int:
        """What was given beyond what was owed."""
        return max(self.delivered_minutes - self.required_minutes, 0)


@dataclass(frozen=True, kw_only=True)
class MakeUp:
    """Minutes of a service that a learner is owed, since the week of a Monday."""

    learner_id: str
    service: str
    minutes: int
    since_monday: date


def deliveries_of(lived: LivedWeek) -> tuple[ServiceDelivery, ...]:
    """Return what every learner got of every service of a week, by learner and service."""
    required: Counter[Key] = Counter()
    make_up: Counter[Key] = Counter()
    for one in lived.newest.problem.services:
        required[one.learner_id, one.service] += one.minutes
        make_up[one.learner_id, one.service] += one.make_up_minutes
    planned, at_first = _planned(lived.newest), _planned(lived.first)
    delivered = _delivered(lived.attendance)
    unrecorded = _unrecorded(lived)
    gone = _gone(lived.newest)
    found = []
    for key in sorted(required.keys() | planned.keys() | at_first.keys() | delivered.keys()):
        owed = required[key] if key in required else at_first[key]
        if key[0] in gone:
            # Nobody owes anything to who has left, beyond what they still got.
            owed = min(owed, delivered[key] + unrecorded[key])
        found.append(
            ServiceDelivery(
                learner_id=key[0],
                service=key[1],
                monday=lived.monday,
                required_minutes=owed,
                planned_minutes=planned[key],
                delivered_minutes=delivered[key],
                unrecorded_minutes=unrecorded[key],
                make_up_minutes=make_up[key],
            )
        )
    return tuple(found)


def make_ups_of(weeks: Iterable[Sequence[ServiceDelivery]]) -> tuple[MakeUp, ...]:
    """Return what is owed after some weeks, the oldest first, by learner and service.

    What a week makes up for is part of what it requires, so it is taken from what was owed before
    it, and comes back where it was not given.
    """
    owed: dict[Key, MakeUp] = {}
    for week in weeks:
        for one in week:
            key = (one.learner_id, one.service)
            before = owed.pop(key, None)
            minutes = before.minutes if before is not None else 0
            minutes = max(minutes - one.make_up_minutes - one.surplus_minutes, 0)
            minutes += one.shortfall_minutes
            if minutes:
                owed[key] = MakeUp(
                    learner_id=one.learner_id,
                    service=one.service,
                    minutes=minutes,
                    since_monday=before.since_monday if before is not None else one.monday,
                )
    return tuple(owed[key] for key in sorted(owed))


def with_make_ups(
    services: Sequence[RequiredService], make_ups: Iterable[MakeUp], learner_ids: Iterable[str]
) -> tuple[RequiredService, ...]:
    """Return required services with what is owed of weeks before, for learners who are there.

    A week makes up at most `MAKE_UP_LIMIT_MINUTES` of a service, and at most as much as it requires
    anyway; the rest waits for the weeks after.
    """
    there = set(learner_ids)
    owed = {(o.learner_id, o.service): o.minutes for o in make_ups if o.learner_id in there}
    return tuple(_with_owed(services, owed))


def _with_owed(
    services: Sequence[RequiredService], owed: dict[Key, int]
) -> Iterator[RequiredService]:
    for one in services:
        minutes = min(
            owed.pop((one.learner_id, one.service), 0), one.minutes, MAKE_UP_LIMIT_MINUTES
        )
        yield replace(one, minutes=one.minutes + minutes, make_up_minutes=minutes)
    for (learner_id, service), minutes in owed.items():
        extra = min(minutes, MAKE_UP_LIMIT_MINUTES)
        yield RequiredService(
            learner_id=learner_id, service=service, minutes=extra, make_up_minutes=extra
        )


def _planned(content: Content) -> Counter[Key]:
    planned: Counter[Key] = Counter()
    for sheet in sheets_of(content):
        if sheet.service:
            for learner_id in sheet.learner_ids:
                planned[learner_id, sheet.service] += sheet.minutes
    return planned


def _delivered(attendance: Iterable[SessionAttendance]) -> Counter[Key]:
    delivered: Counter[Key] = Counter()
    for one in attendance:
        for learner_id, minutes in delivered_minutes(one).items():
            delivered[learner_id, one.service] += minutes
    return delivered


def _unrecorded(lived: LivedWeek) -> Counter[Key]:
    taken = {one.session_id for one in lived.attendance}
    unrecorded: Counter[Key] = Counter()
    for sheet in sheets_of(lived.newest):
        session = sheet.session
        is_open = session.date not in lived.closed_dates and session.session_id not in taken
        if sheet.service and is_open:
            for learner_id in sheet.learner_ids:
                unrecorded[learner_id, sheet.service] += sheet.minutes
    return unrecorded


def _gone(content: Content) -> frozenset[str]:
    """Return the learners who are not on the roll on the last day of the week's slots."""
    last = max((slot.date for slot in content.problem.slots), default=content.week.monday)
    return frozenset(
        one.learner_id for one in content.problem.learners if not one.is_active_on(last)
    )
