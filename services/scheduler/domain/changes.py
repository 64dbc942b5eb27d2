"""What changes after a week was published (H7), and the problem as it is then."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.errors import ChangeError
from services.scheduler.domain.model import (
    Absence,
    Choice,
    KeepApart,
    KeepTogether,
    Learner,
    Need,
    OptOut,
    Pin,
    Problem,
    RequiredService,
)


@dataclass(frozen=True, kw_only=True)
class AdultAway:
    """An adult is away in some slots."""

    adult_id: str
    slot_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RoomClosed:
    """A room cannot be used in some slots."""

    room_id: str
    slot_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LearnerCame:
    """A learner is new to the school, with what is known of them; `enrol_date` says from when."""

    learner: Learner
    needs: tuple[Need, ...] = ()
    choices: tuple[Choice, ...] = ()
    services: tuple[RequiredService, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    keep_apart: tuple[KeepApart, ...] = ()
    keep_together: tuple[KeepTogether, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LearnerLeft:
    """A learner is withdrawn; `day` is the first day without them."""

    learner_id: str
    day: date


@dataclass(frozen=True, kw_only=True)
class LateService:
    """A service was agreed late: minutes of the week, or a pin to one session of it.

    Minutes take the place of what was required of that service before.
    """

    service: RequiredService | Pin


@dataclass(frozen=True, kw_only=True)
class RequestCancelled:
    """An adult takes a request back (H6): who was next may have its place, where there is room."""

    request_id: str


Change = AdultAway | RoomClosed | LearnerCame | LearnerLeft | LateService | RequestCancelled


def changed(problem: Problem, changes: Iterable[Change]) -> Problem:
    """Return the problem as the changes leave it; raises ChangeError where one cannot be."""
    for change in changes:
        problem = _after(problem, change)
    return problem


def named_in(changes: Iterable[Change]) -> frozenset[str]:
    """Return the learners whom changes are about."""
    found = set()
    for change in changes:
        match change:
            case LearnerCame():
                found.add(change.learner.learner_id)
            case LearnerLeft():
                found.add(change.learner_id)
            case LateService():
                found.add(change.service.learner_id)
    return frozenset(found)


def _after(problem: Problem, change: Change) -> Problem:
    match change:
        case AdultAway():
            return _adult_away(problem, change)
        case RoomClosed():
            return _room_closed(problem, change)
        case LearnerCame():
            return _learner_came(problem, change)
        case LearnerLeft():
            return _learner_left(problem, change)
        case LateService():
            return _late_service(problem, change)
        case RequestCancelled():
            return _request_cancelled(problem, change)


def _adult_away(problem: Problem, change: AdultAway) -> Problem:
    _require("adult", [change.adult_id], [one.adult_id for one in problem.adults])
    days: dict[date, list[str]] = defaultdict(list)
    for slot_id, day in _days_of(problem, change.slot_ids):
        days[day].append(slot_id)
    away = (
        Absence(adult_id=change.adult_id, date=day, slot_ids=tuple(slot_ids))
        for day, slot_ids in days.items()
    )
    return replace(problem, absences=(*problem.absences, *away))


def _room_closed(problem: Problem, change: RoomClosed) -> Problem:
    _require("room", [change.room_id], [one.room_id for one in problem.rooms])
    closed = {slot_id for slot_id, _ in _days_of(problem, change.slot_ids)}
    rooms = (
        replace(room, closed_slot_ids=tuple(sorted({*room.closed_slot_ids, *closed})))
        if room.room_id == change.room_id
        else room
        for room in problem.rooms
    )
    return replace(problem, rooms=tuple(rooms))


def _learner_came(problem: Problem, change: LearnerCame) -> Problem:
    learner_id = change.learner.learner_id
    if any(one.learner_id == learner_id for one in problem.learners):
        raise ChangeError(f"learner {learner_id} is in the school already: name a new one")
    brought: tuple[Need | Choice | RequiredService | OptOut, ...] = (
        *change.needs,
        *change.choices,
        *change.services,
        *change.opt_outs,
    )
    rules: tuple[KeepApart | KeepTogether, ...] = (*change.keep_apart, *change.keep_together)
    if any(one.learner_id != learner_id for one in brought) or any(
        learner_id not in (one.learner_id, one.other_id) for one in rules
    ):
        raise ChangeError(f"what comes with learner {learner_id} must be theirs")
    return replace(
        problem,
        learners=(*problem.learners, change.learner),
        needs=(*problem.needs, *change.needs),
        choices=(*problem.choices, *change.choices),
        services=(*problem.services, *change.services),
        opt_outs=(*problem.opt_outs, *change.opt_outs),
        keep_apart=(*problem.keep_apart, *change.keep_apart),
        keep_together=(*problem.keep_together, *change.keep_together),
    )


def _learner_left(problem: Problem, change: LearnerLeft) -> Problem:
    _require("learner", [change.learner_id], [one.learner_id for one in problem.learners])
    return replace(problem, learners=tuple(_without_later(one, change) for one in problem.learners))


def _without_later(learner: Learner, change: LearnerLeft) -> Learner:
    if learner.learner_id != change.learner_id:
        return learner
    if learner.withdraw_date is None and not learner.enrolled:
        return learner
    return replace(learner, withdraw_date=min(learner.withdraw_date or change.day, change.day))


def _late_service(problem: Problem, change: LateService) -> Problem:
    one = change.service
    _require("learner", [one.learner_id], [each.learner_id for each in problem.learners])
    if isinstance(one, Pin):
        _require("slot", [one.slot_id], [slot.slot_id for slot in problem.slots])
        _require("offer", [one.offer_id or ""], [offer.offer_id for offer in problem.offers])
        return replace(problem, pins=(*problem.pins, one))
    key = (one.learner_id, one.service)
    others = (each for each in problem.services if (each.learner_id, each.service) != key)
    return replace(problem, services=(*others, one))


def _request_cancelled(problem: Problem, change: RequestCancelled) -> Problem:
    _require("request", [change.request_id], [one.request_id for one in problem.requests])
    requests = (
        replace(one, cancelled=True) if one.request_id == change.request_id else one
        for one in problem.requests
    )
    return replace(problem, requests=tuple(requests))


def _days_of(problem: Problem, slot_ids: Sequence[str]) -> list[tuple[str, date]]:
    """Return some slots with their days; raises ChangeError where there is none."""
    if not slot_ids:
        raise ChangeError("the change names no slot: say when")
    days = {slot.slot_id: slot.date for slot in problem.slots}
    _require("slot", slot_ids, days)
    return [(slot_id, days[slot_id]) for slot_id in sorted(set(slot_ids))]


def _require(word: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Raise ChangeError where the week has no such thing."""
    there = set(known)
    for name in names:
        if name not in there:
            raise ChangeError(f"the week has no {word} {name or '(none is named)'}")
