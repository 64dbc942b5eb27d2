"""H5: the minutes of required services are stated rightly, and what is short says so."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from services.scheduler.domain.check.basics import PLAN_ANEW, minutes_of
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rights import service_for
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Seat, SeatRule, ServiceMinutes

Key = tuple[str, str]
"""A learner and a service."""


def breaches(index: Index) -> Iterator[Breach]:
    """Yield what is hidden or misstated of services, and the seats in them that none asks for."""
    required: Counter[Key] = Counter()
    for one in index.problem.services:
        required[one.learner_id, one.service] += one.minutes
    seats = _delivering(index)
    yield from _unstated(index, required)
    for stated in index.week.services:
        yield from _statement(index, stated, required, seats)
    for seat in index.week.seats:
        yield from _unasked(index, seat)
    for key in sorted(required):
        yield from _surplus(index, key, required[key], seats[key])


def sessions_needed(index: Index, learner_id: str, minutes: int) -> int:
    """Return how many sessions reach the minutes, were each in the shortest slot they have."""
    slots = [slot for slot in index.problem.slots if index.expects(learner_id, slot)]
    shortest = min((minutes_of(slot) for slot in slots), default=0)
    return -(-minutes // shortest) if shortest else 0


def _delivering(index: Index) -> dict[Key, list[Seat]]:
    seats: dict[Key, list[Seat]] = defaultdict(list)
    for seat in index.week.seats:
        session = index.session_of(seat)
        service = service_for(index, seat.learner_id, session) if session is not None else None
        if service is not None:
            seats[seat.learner_id, service.service].append(seat)
    return seats


def _unstated(index: Index, required: Counter[Key]) -> Iterator[Breach]:
    told = Counter((one.learner_id, one.service) for one in index.week.services)
    for learner_id, service in sorted(required):
        here = any(index.expects(learner_id, slot) for slot in index.problem.slots)
        if told[learner_id, service] > 1:
            yield _breach(learner_id, service, "are stated more than once")
        elif here and not told[learner_id, service]:
            yield _breach(learner_id, service, "are required, and the week does not state them")


def _statement(
    index: Index, stated: ServiceMinutes, required: Counter[Key], seats: dict[Key, list[Seat]]
) -> Iterator[Breach]:
    key = (stated.learner_id, stated.service)
    sessions = [index.session_of(seat) for seat in seats[key]]
    planned = sum(minutes_of(session) for session in sessions if session is not None)
    if key not in required:
        yield _breach(*key, "are stated, and nobody requires them")
    elif (stated.required_minutes, stated.planned_minutes) != (required[key], planned):
        said = f"{stated.planned_minutes} of {stated.required_minutes}"
        yield _breach(*key, f"are stated as {said}, and are {planned} of {required[key]}")
    elif planned < required[key] and not stated.sentence.strip():
        yield _breach(*key, "are short, and the week does not say what stands in the way")


def _unasked(index: Index, seat: Seat) -> Iterator[Breach]:
    session = index.session_of(seat)
    if session is None or seat.rule is not SeatRule.SERVICE:
        return
    if service_for(index, seat.learner_id, session) is None:
        what = f"sits in session {session.session_id} for a service that nobody requires of it"
        message = f"Learner {seat.learner_id} {what}. {PLAN_ANEW}"
        yield Breach(rule=Rule.SERVICE_FIRST, slot_id=seat.slot_id, message=message)


def _surplus(index: Index, key: Key, minutes: int, seats: list[Seat]) -> Iterator[Breach]:
    """Yield more seats than the minutes take; what is pinned is not counted against the week."""
    most = sessions_needed(index, key[0], minutes)
    if len(seats) > max(most, sum(1 for seat in seats if index.is_fixed(seat))):
        yield _breach(*key, f"take {len(seats)} sessions, where {most} reach them")


def _breach(learner_id: str, service: str, what: str) -> Breach:
    message = f"The minutes of service {service} of learner {learner_id} {what}. {PLAN_ANEW}"
    return Breach(rule=Rule.SERVICE_FIRST, slot_id="", message=message)
