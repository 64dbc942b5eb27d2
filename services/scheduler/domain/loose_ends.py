"""What a problem names and does not hold: an offer's adult, a need's competency, a pin's slot.

None of it is a fault, for facts arrive in any order: a run leaves out what does not match. Whoever
writes a problem by hand wants to hear of it, since it may be a slip of the pen. A service that no
offer delivers is none: the week itself says that its minutes are short.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any

from services.scheduler.domain.faults import Fault, Place, row_of
from services.scheduler.domain.model import (
    Adult,
    Competency,
    Learner,
    Offer,
    Problem,
    Room,
    Slot,
)
from services.scheduler.domain.numbers import Tier

_NAMED: Mapping[str, str] = {
    "adult_id": "adult",
    "adult_ids": "adult",
    "co_adult_ids": "adult",
    "slot_id": "slot",
    "slot_ids": "slot",
    "closed_slot_ids": "slot",
    "offer_id": "offer",
    "learner_id": "learner",
    "learner_ids": "learner",
    "other_id": "learner",
    "competency_id": "competency",
    "competencies": "competency",
    "prerequisites": "competency",
    "room_id": "room",
    "other_room_ids": "room",
    "tier_id": "tier",
    "tier_ids": "tier",
}
"""What each field names that names something."""

_OWN = {
    (Adult, "adult_id"),
    (Slot, "slot_id"),
    (Offer, "offer_id"),
    (Learner, "learner_id"),
    (Competency, "competency_id"),
    (Room, "room_id"),
    (Tier, "tier_id"),
}
"""Fields that say what a thing is called itself."""


def loose_ends_of(problem: Problem) -> Iterator[Fault]:
    """Yield each place that names something which the problem does not hold."""
    known = _held_by(problem)
    for one in fields(problem):
        yield from _loose_ends(getattr(problem, one.name), (one.name,), "", known)


def _held_by(problem: Problem) -> Mapping[str, set[str]]:
    return {
        "adult": {one.adult_id for one in problem.adults},
        "slot": {one.slot_id for one in problem.slots},
        "offer": {one.offer_id for one in problem.offers},
        "learner": {one.learner_id for one in problem.learners},
        "competency": {one.competency_id for one in problem.competencies},
        "room": {one.room_id for one in problem.rooms},
        "tier": {one.tier_id for one in problem.policy.tiers},
    }


def _loose_ends(
    value: Any,  # noqa: ANN401
    place: Place,
    row: str,
    known: Mapping[str, set[str]],
) -> Iterator[Fault]:
    """Yield the loose ends of a field of the problem, or of a row of it."""
    if isinstance(value, tuple):
        for index, one in enumerate(value):
            words = row_of(type(one), one) if is_dataclass(one) else ""
            yield from _loose_ends(one, (*place, index), words or row, known)
    elif is_dataclass(value):
        for field in fields(value):
            below, held = (*place, field.name), getattr(value, field.name)
            named = _NAMED.get(field.name)
            if named is None or (type(value), field.name) in _OWN:
                yield from _loose_ends(held, below, row, known)
            else:
                yield from _unknown(held, below, row, named, known[named])


def _unknown(
    held: str | tuple[str, ...] | None, place: Place, row: str, named: str, known: set[str]
) -> Iterator[Fault]:
    listed = isinstance(held, tuple)
    for index, name in enumerate(held if isinstance(held, tuple) else (held,)):
        if name and name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            yield Fault(
                place=(*place, index) if listed else place,
                what=f"names the {named} {name}, which there is not.",
                hint=f'Did you mean "{near[0]}"?' if near else "It is left out.",
                row=row,
            )
