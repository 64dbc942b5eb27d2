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
    counted,
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
class ServiceMeeting:
    """A session that delivers a service, with who has a seat in it, by learner."""

    session_id: str
    slot_id: str
    date: date
    minutes: int
    service: str
    learner_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WeekServices:
    """What a published week requires of services and plans of them: a small part of the week.

    `gone`: of the learners in it, those who are not on the roll on the last day of its slots.
    """

    required: tuple[RequiredService, ...] = ()
    meetings: tuple[ServiceMeeting, ...] = ()
    gone: tuple[str, ...] = ()

    def planned(self) -> Counter[Key]:
        """Return the minutes that are planned, by learner and service."""
        planned: Counter[Key] = Counter()
        for one in self.meetings:
            for learner_id in one.learner_ids:
                planned[learner_id, one.service] += one.minutes
        return planned


def services_in(content: Content) -> WeekServices:
    """Return what a week requires and plans of services."""
    required = tuple(sorted(content.problem.services, key=lambda o: (o.learner_id, o.service)))
    meetings = tuple(
        ServiceMeeting(
            session_id=sheet.session.session_id,
            slot_id=sheet.session.slot_id,
            date=sheet.session.date,
            minutes=sheet.minutes,
            service=sheet.service,
            learner_ids=sheet.learner_ids,
        )
        for sheet in sheets_of(content)
        if sheet.service
    )
    named = {one.learner_id for one in required}.union(*(one.learner_ids for one in meetings))
    last = max((slot.date for slot in content.problem.slots), default=content.week.monday)
    return WeekServices(
        required=required,
        meetings=meetings,
        gone=tuple(
            sorted(
                one.learner_id
                for one in content.problem.learners
                if one.learner_id in named and not one.is_active_on(last)
            )
        ),
    )


@dataclass(frozen=True, kw_only=True)
class LivedWeek:
    """What a published week has of services, and what attendance says of it.

    `first` is of the first revision where a later one stands. `closed_dates`: the days whose
    attendance stands as it is.
    """

    monday: date
    newest: WeekServices
    first: WeekServices
    attendance: tuple[SessionAttendance, ...]
    closed_dates: frozenset[date]


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
    for one in lived.newest.required:
        required[one.learner_id, one.service] += one.minutes
        make_up[one.learner_id, one.service] += one.make_up_minutes
    planned, at_first = lived.newest.planned(), lived.first.planned()
    attendance = counted(lived.attendance)
    delivered = _delivered(attendance)
    unrecorded = _unrecorded(lived, attendance)
    gone = frozenset(lived.newest.gone)
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


def _delivered(attendance: Iterable[SessionAttendance]) -> Counter[Key]:
    delivered: Counter[Key] = Counter()
    for one in attendance:
        for learner_id, minutes in delivered_minutes(one).items():
            delivered[learner_id, one.service] += minutes
    return delivered


def _unrecorded(lived: LivedWeek, attendance: Iterable[SessionAttendance]) -> Counter[Key]:
    """Return the minutes of sessions whose attendance may still be taken.

    Of who was noted in that slot already, in whichever session, it is known where they were.
    """
    taken = {one.session_id for one in lived.attendance}
    noted = {(mark.learner_id, one.slot_id) for one in attendance for mark in one.marks}
    unrecorded: Counter[Key] = Counter()
    for one in lived.newest.meetings:
        if one.date in lived.closed_dates or one.session_id in taken:
            continue
        for learner_id in one.learner_ids:
            if (learner_id, one.slot_id) not in noted:
                unrecorded[learner_id, one.service] += one.minutes
    return unrecorded
