"""What cannot be true together in one object of a problem, class by class.

Each check yields the place below the object, what is wrong, and what to do. Values that are
impossible by themselves are in `bounds.py`, rows that are given twice in `faults.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Any

from services.scheduler.domain.model import (
    Choice,
    KeepApart,
    KeepTogether,
    LearnerHistory,
    Offer,
    OptOut,
    Pin,
    PinOrigin,
    Problem,
    Slot,
)
from services.scheduler.domain.numbers import Policy, Tier

Contradiction = tuple[tuple[str | int, ...], str, str]

DAYS_PER_WEEK = 7
CALENDARS_APART = timedelta(days=2)
"""No two places of the world have dates that lie further apart."""


def contradictions_in(value: object) -> Iterator[Contradiction]:
    """Yield what an object of a problem contradicts, the objects in it left out."""
    check = _CHECKS.get(type(value))
    if check is not None:
        yield from check(value)


def _of_problem(problem: Problem) -> Iterator[Contradiction]:
    yield from _of_dates(problem)
    yield from _of_choices(problem)


def _of_dates(problem: Problem) -> Iterator[Contradiction]:
    if not MINYEAR < problem.monday.year < MAXYEAR:
        yield ("monday",), f"is in the year {problem.monday.year}.", "Give one of this century."
        return
    yield from _of_monday("monday", problem.monday)
    if abs(problem.as_of_day - problem.as_of.date()) > CALENDARS_APART:
        hint = f"Give the date of {problem.as_of.isoformat()} on the school's calendar."
        yield ("as_of_day",), f"is {problem.as_of_day}.", hint
    if problem.cycle_start is not None:
        yield from _of_monday("cycle_start", problem.cycle_start)
        if problem.cycle_start > problem.monday:
            hint = f"Give {problem.monday}, or a Monday before it."
            yield ("cycle_start",), f"is {problem.cycle_start}, after the week.", hint
    last = problem.monday + timedelta(days=DAYS_PER_WEEK - 1)
    for index, slot in enumerate(problem.slots):
        if not problem.monday <= slot.date <= last:
            what = f"is {slot.date}: slot {slot.slot_id} is not in the week of {problem.monday}."
            yield ("slots", index, "date"), what, f"Give {problem.monday} to {last}."


def _of_monday(name: str, day: date) -> Iterator[Contradiction]:
    if day.weekday():
        monday = day - timedelta(days=day.weekday())
        yield (name,), f"is {day}, which is no Monday.", f"The Monday of that week is {monday}."


def _of_choices(problem: Problem) -> Iterator[Contradiction]:
    ranks: dict[object, int] = {}
    for index, one in enumerate(problem.choices):
        slot_ids = tuple(sorted(set(one.slot_ids)))
        rank = ranks.setdefault(
            (one.learner_id, one.offer_id, one.competency_id, slot_ids), one.rank
        )
        if rank != one.rank:
            what = f"is {one.rank}, but the same thing is chosen with rank {rank}."
            yield ("choices", index, "rank"), what, "Keep one of the two."


def _of_slot(slot: Slot) -> Iterator[Contradiction]:
    zoned = [name for name in ("start", "end") if getattr(slot, name).tzinfo is not None]
    for name in zoned:
        yield (name,), "has a time zone.", "Leave it out: slots are on the school's clock."
    if not zoned and slot.end <= slot.start:
        what = f"is {slot.end}: slot {slot.slot_id} ends before it starts, or as it does."
        yield ("end",), what, f"Give a time after {slot.start}, on the same day."


def _of_offer(offer: Offer) -> Iterator[Contradiction]:
    if 0 < offer.cap < offer.minimum:
        what = f"is {offer.minimum}, more than the cap, {offer.cap}."
        yield ("minimum",), what, "No session could be held: mend one of the two."
    if offer.other_room_ids and offer.room_id is None:
        hint = "Give room_id, the first of them."
        yield ("other_room_ids",), "has rooms, though the offer has none.", hint
    if len(set(offer.room_ids)) < len(offer.room_ids):
        yield ("other_room_ids",), "names a room twice.", "Name each room once, room_id included."
    if offer.adult_id in offer.co_adult_ids:
        yield ("co_adult_ids",), "names the adult of the offer.", "Name only the others."


def _of_choice(choice: Choice) -> Iterator[Contradiction]:
    if choice.offer_id is None and choice.competency_id is None:
        yield (), "chooses nothing.", "Give offer_id, or competency_id for a re-assessment."


def _of_opt_out(opt_out: OptOut) -> Iterator[Contradiction]:
    given = [
        name
        for name, held in (
            ("offer_id", opt_out.offer_id),
            ("kind", opt_out.kind),
            ("subject", opt_out.subject or None),
        )
        if held is not None
    ]
    if len(given) != 1:
        what = f"has {' and '.join(given)}." if given else "opts out of nothing."
        yield (), what, "Give one of offer_id, kind and subject; two opt-outs for two of them."


def _of_pair(pair: KeepApart | KeepTogether) -> Iterator[Contradiction]:
    if pair.learner_id == pair.other_id:
        yield ("other_id",), f"is {pair.other_id}, as learner_id is.", "Give the other learner."


def _of_history(history: LearnerHistory) -> Iterator[Contradiction]:
    if history.own_choice_count > history.slot_count:
        what = f"is {history.own_choice_count}, more than slot_count, {history.slot_count}."
        yield ("own_choice_count",), what, "It counts some of those slots: mend one of the two."


def _of_pin(pin: Pin) -> Iterator[Contradiction]:
    if (pin.offer_id is None) == (pin.exemption is None):
        what = "has neither an offer nor an exemption."
        if pin.offer_id is not None:
            what = "has an offer and an exemption."
        yield (), what, "Give offer_id for a seat, or exemption for none."
    if pin.acceptance is not None and pin.origin is not PinOrigin.PLANNED:
        what = f"is given, and the origin is {pin.origin.value}."
        yield ("acceptance",), what, "Accepted are seats that the planner gave: make it planned."


def _of_tier(tier: Tier) -> Iterator[Contradiction]:
    if tier.below_level_milli <= tier.from_level_milli:
        what = f"is {tier.below_level_milli}, not above from_level_milli, {tier.from_level_milli}."
        yield ("below_level_milli",), what, "The tier would have no levels: mend one of the two."
    if tier.minimum > tier.cap:
        what = f"is {tier.minimum}, more than the cap, {tier.cap}."
        yield ("minimum",), what, "No session could be held: mend one of the two."


def _of_policy(policy: Policy) -> Iterator[Contradiction]:
    if policy.return_level_milli > policy.exit_level_milli:
        what = f"is {policy.return_level_milli}, above exit_level_milli, {policy.exit_level_milli}."
        yield ("return_level_milli",), what, "Whoever leaves would come back at once: lower it."
    known: set[str] = set()
    for index, tier in enumerate(policy.tiers):
        if tier.tier_id in known:
            what = f"is {tier.tier_id}, as that of a tier before it."
            yield ("tiers", index, "tier_id"), what, "Give each tier an id of its own."
        known.add(tier.tier_id)


_CHECKS: Mapping[type, Callable[[Any], Iterator[Contradiction]]] = {
    Problem: _of_problem,
    Slot: _of_slot,
    Offer: _of_offer,
    Choice: _of_choice,
    OptOut: _of_opt_out,
    KeepApart: _of_pair,
    KeepTogether: _of_pair,
    LearnerHistory: _of_history,
    Pin: _of_pin,
    Tier: _of_tier,
    Policy: _of_policy,
}
