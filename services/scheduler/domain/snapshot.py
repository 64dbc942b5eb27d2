"""Brings a snapshot into one order, and refuses one that contradicts itself.

Things that do not match (an offer of an unknown adult, a need of an unknown competency) are no
contradiction: facts arrive in any order, and what does not match is left out by `snapshot_index`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TypeVar

from services.scheduler.domain.encode import hash_of_snapshot
from services.scheduler.domain.errors import ProblemError
from services.scheduler.domain.model import Absence, Adult, Competency, Offer, Problem
from services.scheduler.domain.numbers import Policy

T = TypeVar("T")

DAYS_PER_WEEK = 7
LEVEL_MILLI_LIMIT = 4000
MICRO = 1_000_000


def snapshot_hash(problem: Problem) -> str:
    """Return the SHA-256 of what a run would read, whatever order it came in."""
    return hash_of_snapshot(normalised(problem))


def normalised(problem: Problem) -> Problem:
    """Return the problem sorted, with exact repeats dropped.

    Raises ProblemError where one id stands for two different things or a value is impossible.
    """
    _check_times(problem)
    result = replace(
        problem,
        as_of=problem.as_of.astimezone(UTC),
        policy=_sorted_policy(problem.policy),
        slots=_unique(problem.slots, lambda s: s.slot_id),
        adults=_unique((_sorted_adult(a) for a in problem.adults), lambda a: a.adult_id),
        absences=tuple(sorted(set(map(_sorted_absence, problem.absences)), key=_absence_key)),
        rooms=_unique(problem.rooms, lambda r: r.room_id),
        offers=_unique((_sorted_offer(o) for o in problem.offers), lambda o: o.offer_id),
        learners=_unique(problem.learners, lambda one: one.learner_id),
        competencies=_unique(
            (_sorted_competency(c) for c in problem.competencies), lambda c: c.competency_id
        ),
        needs=_unique(problem.needs, lambda n: (n.learner_id, n.competency_id)),
        pins=_unique(problem.pins, lambda p: p.pin_id),
    )
    _check_values(result)
    by_time = sorted(result.slots, key=lambda s: (s.date, s.start, s.end, s.slot_id))
    return replace(result, slots=tuple(by_time))


def _unique(items: Iterable[T], key: Callable[[T], object]) -> tuple[T, ...]:
    kept: dict[object, T] = {}
    for item in items:
        known = kept.setdefault(key(item), item)
        if known != item:
            raise ProblemError(f"{type(item).__name__} {key(item)} is given twice, differently")
    return tuple(kept[k] for k in sorted(kept, key=repr))


def _ordered(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))


def _sorted_policy(policy: Policy) -> Policy:
    return replace(policy, banned_words=_ordered(policy.banned_words))


def _sorted_adult(adult: Adult) -> Adult:
    return replace(adult, subjects=_ordered(adult.subjects))


def _sorted_absence(absence: Absence) -> Absence:
    return replace(absence, slot_ids=_ordered(absence.slot_ids))


def _absence_key(absence: Absence) -> tuple[object, ...]:
    return (absence.adult_id, absence.date, absence.slot_ids)


def _sorted_offer(offer: Offer) -> Offer:
    return replace(
        offer, competencies=_ordered(offer.competencies), slot_ids=_ordered(offer.slot_ids)
    )


def _sorted_competency(competency: Competency) -> Competency:
    return replace(competency, prerequisites=_ordered(competency.prerequisites))


def _check_times(problem: Problem) -> None:
    if problem.as_of.tzinfo is None:
        raise ProblemError("the as-of time has no time zone")
    last = problem.monday + timedelta(days=DAYS_PER_WEEK)
    for slot in problem.slots:
        if slot.end <= slot.start:
            raise ProblemError(f"slot {slot.slot_id} ends before it starts")
        if not problem.monday <= slot.date < last:
            raise ProblemError(f"slot {slot.slot_id} is not in the week of {problem.monday}")


def _check_values(problem: Problem) -> None:
    for room in problem.rooms:
        _refuse(room.capacity < 0, f"room {room.room_id} has a negative capacity")
    for offer in problem.offers:
        _refuse(offer.cap < 0, f"offer {offer.offer_id} has a negative cap")
    for need in problem.needs:
        name = f"the need of {need.learner_id} for {need.competency_id}"
        level_milli = 0 if need.level_milli is None else need.level_milli
        _refuse(not 0 <= level_milli <= LEVEL_MILLI_LIMIT, f"{name} has no such level")
        share = need.at_least_eight_tenths_micro
        _refuse(not 0 <= share <= MICRO, f"{name} has no such probability")
        counts = min(need.evidence_count, need.day_count, need.weeks_waiting)
        _refuse(counts < 0, f"{name} has a negative count")
    for pin in problem.pins:
        one = (pin.offer_id is None) != (pin.exemption is None)
        _refuse(not one, f"pin {pin.pin_id} needs an offer or an exemption, not both")
    policy = problem.policy
    smallest = min(
        policy.small_group_cap,
        policy.one_to_one_cap,
        policy.check_cap,
        policy.enrichment_cap,
        policy.session_minimum,
        policy.preparations_per_day,
        policy.need_seats_per_week,
    )
    _refuse(smallest < 0, "the policy has a negative limit")


def _refuse(wrong: bool, message: str) -> None:
    if wrong:
        raise ProblemError(message)
