"""All that is wrong in a problem by itself, each with its place and what to do about it.

Things that do not match (an offer of an unknown adult, a need of an unknown competency) are no
fault: facts arrive in any order, and what does not match is left out by `snapshot_index`.
`loose_ends.py` names such things for whoever writes a problem by hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import MAXYEAR, MINYEAR, datetime
from functools import cache
from typing import Any, NamedTuple, cast, get_args, get_origin, get_type_hints

from services.scheduler.domain.bounds import ANY, Bounds, bounds_of
from services.scheduler.domain.contradictions import contradictions_in
from services.scheduler.domain.model import Problem
from services.scheduler.domain.ordering import KEYS, in_order, key_of

Place = tuple[str | int, ...]
"""Names of fields and places in lists, from the problem down."""

UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"

NAMES = frozenset({"layout", "service"})
"""Fields that are ids though their names do not say so, where they have no default."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong: where, what, and what to do instead."""

    place: Place
    what: str
    hint: str
    row: str = ""
    """The row of a list that it is in, in words: "learner lea, competency fractions"."""

    def __str__(self) -> str:
        """Return it as one line for people, whatever stands in it."""
        where = path_of(self.place) or "the file"
        row = f" ({self.row})" if self.row else ""
        line = f"{where}{row} {self.what} {self.hint}"
        return "".join(one if one.isprintable() else UNPRINTABLE for one in line)


def path_of(place: Place) -> str:
    """Return a place as it is written: "needs[3].level_milli"."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def row_of(kind: type, values: Any) -> str:  # noqa: ANN401
    """Return a row of a list in words; `values` is the row, or a mapping of its fields."""
    read = values.get if isinstance(values, dict) else lambda name: getattr(values, name)
    told = [(name.removesuffix("_id"), read(name)) for name in KEYS.get(kind, ())]
    return ", ".join(f"{name} {held}" for name, held in told if isinstance(held, str | int))


def faults_of(problem: Problem) -> Iterator[Fault]:
    """Yield what is impossible or contradicts itself."""
    yield from _faults(problem, ())


def faults_in(part: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Yield what is wrong in a part of a problem, as its policy; places are below the part."""
    yield from _faults(part, ())


def _faults(value: Any, place: Place) -> Iterator[Fault]:  # noqa: ANN401
    plan = _plan(cast(Any, type(value)))
    yield from _wrong_values(value, place, plan)
    for name in plan.objects:
        held = getattr(value, name)
        if held is not None:
            yield from _faults(held, (*place, name))
    for name in plan.lists:
        yield from _faults_of_rows(getattr(value, name), (*place, name))
    for part, what, hint in contradictions_in(value):
        yield Fault(place=place + part, what=what, hint=hint)


def _wrong_values(value: Any, place: Place, plan: "_Plan") -> Iterator[Fault]:  # noqa: ANN401
    for name, bounds in plan.numbers:
        for here, number in _each(getattr(value, name), (*place, name)):
            if number is not None and not bounds.hold(number):
                most = f"Give at most {bounds.most}."
                hint = most if number > bounds.most else range_of(bounds)
                yield Fault(place=here, what=f"is {_shown(number)}.", hint=hint)
    for name in plan.texts:
        for here, text in _each(getattr(value, name), (*place, name)):
            if text == "":
                hint = "Give an id, or leave the field out where there is none."
                yield Fault(place=here, what="is empty.", hint=hint)
    for name in plan.times:
        yield from _faults_of_time(getattr(value, name), (*place, name))


def _each(held: Any, place: Place) -> Iterable[tuple[Place, Any]]:  # noqa: ANN401
    """Return what a field holds, a list's elements one by one, with the places."""
    if isinstance(held, tuple):
        return [((*place, index), one) for index, one in enumerate(held)]
    return ((place, held),)


def _faults_of_time(held: datetime, place: Place) -> Iterator[Fault]:
    if held.tzinfo is None:
        hint = 'Add it, as in "2026-11-19T17:00:00-05:00".'
        yield Fault(place=place, what="has no time zone.", hint=hint)
    elif not MINYEAR < held.year < MAXYEAR:
        what = f"is in the year {held.year}."
        yield Fault(place=place, what=what, hint="Give a time of this century.")


def _faults_of_rows(rows: Sequence[Any], place: Place) -> Iterator[Fault]:
    first: dict[object, Any] = {}
    for index, one in enumerate(rows):
        for fault in _faults(one, (*place, index)):
            yield fault if fault.row else replace(fault, row=row_of(type(one), one))
        known = first.setdefault(key_of(one), one)
        if known is not one and in_order(known) != in_order(one):
            yield Fault(
                place=(*place, index),
                what="is given twice, differently.",
                hint="Keep the one that is right.",
                row=row_of(type(one), one),
            )


def range_of(bounds: Bounds) -> str:
    """Return what to give for a number with bounds."""
    if bounds.most == ANY.most:
        return f"Give a whole number of {bounds.least} or more."
    return f"Give a whole number, {bounds.least} to {bounds.most}."


def _shown(number: int) -> str:
    # Python refuses to write whole numbers of thousands of digits.
    return str(number) if abs(number) < 10**30 else "a very large number"


class _Plan(NamedTuple):
    """What there is to look at in the objects of a class: names of fields."""

    numbers: tuple[tuple[str, Bounds], ...]
    """Numbers and lists of numbers."""
    texts: tuple[str, ...]
    """Ids that may not be empty, and lists of such."""
    times: tuple[str, ...]
    objects: tuple[str, ...]
    lists: tuple[str, ...]
    """Lists of objects."""


@cache
def _plan(kind: Any) -> _Plan:  # noqa: ANN401
    hints = get_type_hints(kind)
    held = {one.name: (hints[one.name], *get_args(hints[one.name])) for one in fields(kind)}
    objects = [name for name, every in held.items() if any(map(is_dataclass, every))]
    return _Plan(
        numbers=tuple((one, bounds_of(kind, one)) for one, every in held.items() if int in every),
        texts=tuple(one.name for one in fields(kind) if must_be_said(one)),
        times=tuple(name for name, every in held.items() if datetime in every),
        objects=tuple(name for name in objects if get_origin(hints[name]) is not tuple),
        lists=tuple(name for name in objects if get_origin(hints[name]) is tuple),
    )


def must_be_said(field: Field[Any]) -> bool:
    """Whether a text, or one in a list, may not be empty: an id, where no text stands for none."""
    if field.name.endswith("_ids"):
        return True
    named = field.name.endswith("_id") or field.name in NAMES
    return named and field.default in (MISSING, None)
