"""One order for everything in a problem: the same facts are the same value, however they came.

Lists are sorted and lose their repeats, times are in UTC, a pair of learners has the smaller id
first. Where a list says something by its order, it stays as it is.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_type_hints

from services.scheduler.domain.model import (
    Absence,
    Adult,
    Choice,
    Competency,
    GroupHistory,
    KeepApart,
    KeepTogether,
    Layout,
    Learner,
    LearnerHistory,
    LockedSession,
    Need,
    Offer,
    OptOut,
    Pin,
    Request,
    RequiredService,
    Room,
    Section,
    Slot,
)
from services.scheduler.domain.numbers import Policy, Tier, TierFit, Weights

T = TypeVar("T")

KEYS: Mapping[type, tuple[str, ...]] = {
    Slot: ("slot_id",),
    Adult: ("adult_id",),
    Room: ("room_id",),
    Layout: ("layout",),
    Offer: ("offer_id",),
    Learner: ("learner_id",),
    Competency: ("competency_id",),
    Need: ("learner_id", "competency_id"),
    Pin: ("pin_id",),
    LockedSession: ("slot_id", "offer_id"),
    RequiredService: ("learner_id", "service"),
    Choice: ("learner_id", "rank"),
    Request: ("request_id",),
    KeepApart: ("rule_id",),
    KeepTogether: ("rule_id",),
    LearnerHistory: ("learner_id",),
    GroupHistory: ("learner_id", "competency_id"),
    Section: ("section_id",),
    Tier: ("tier_id",),
    TierFit: ("tier_id",),
}
"""What tells the rows of a list apart; the classes without are told apart by all that they say."""

_MEANT_ORDER: Mapping[type, frozenset[str]] = {
    Offer: frozenset({"other_room_ids"}),
    Need: frozenset({"evidence"}),
    Policy: frozenset({"tiers"}),
    Weights: frozenset({"choice_ranks_milli", "choice_of_help_ranks_milli"}),
}

_ORDER: Mapping[type, Callable[[Any], Any]] = {
    Slot: lambda one: (one.date, one.start, one.end, one.slot_id),
    Absence: lambda one: (one.adult_id, one.date, one.slot_ids),
    OptOut: repr,
}


def key_of(row: object) -> object:
    """Return what tells a row apart from the others of its list."""
    names = KEYS.get(type(row), ())
    key = tuple(getattr(row, name) for name in names)
    return (key[0] if len(key) == 1 else key) if key else row


def in_order(value: T) -> T:
    """Return a part of a problem, or all of it, with one order in it.

    Of two rows with one key the first stays: `faults_of` says where they differ.
    """
    changes: dict[str, Any] = {}
    for name in _ordered_fields(cast(Any, type(value))):
        held = getattr(value, name)
        changed = _ordered(held, sort=name not in _MEANT_ORDER.get(type(value), ()))
        if changed is not held:
            changes[name] = changed
    if isinstance(value, KeepApart | KeepTogether) and value.other_id < value.learner_id:
        changes |= {"learner_id": value.other_id, "other_id": value.learner_id}
    return cast(T, replace(cast(Any, value), **changes)) if changes else value


@cache
def _ordered_fields(kind: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return the fields that are lists, times, or objects with such in them."""
    hints = get_type_hints(kind)
    kinds = {one.name: (hints[one.name], *get_args(hints[one.name])) for one in fields(kind)}
    return tuple(
        name
        for name, every in kinds.items()
        if any(each is datetime or is_dataclass(each) or each is Ellipsis for each in every)
    )


def _ordered(held: Any, *, sort: bool) -> Any:  # noqa: ANN401
    if isinstance(held, datetime):
        # At the ends of the calendar some zones have no time; no snapshot there is taken.
        return held.astimezone(UTC) if MINYEAR < held.year < MAXYEAR else held
    if not isinstance(held, tuple):
        return held if held is None else in_order(held)
    rows = tuple(in_order(row) if is_dataclass(row) else row for row in held)
    if sort:
        rows = tuple(sorted({key_of(row): row for row in reversed(rows)}.values(), key=_place))
    same = len(rows) == len(held) and all(map(operator.is_, rows, held))
    return held if same else rows


def _place(row: Any) -> Any:  # noqa: ANN401
    """Return by what a row is sorted: its key as it is written, where nothing else is said."""
    if not is_dataclass(row):
        return row.value if isinstance(row, Enum) else row
    order = _ORDER.get(type(row))
    return repr(key_of(row)) if order is None else order(row)
