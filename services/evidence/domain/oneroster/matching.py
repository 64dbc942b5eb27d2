"""Whether a kept object is what a query asks for: the meaning of the query language.

PostgreSQL answers the same questions in SQL, and one suite of tests holds it to this module. Where
the standard leaves something open, the rules are:

- Texts compare by code point and with regard to case, also for "~".
- What is absent is equal to nothing, contains nothing, and is neither less nor greater; "!=" is
  always the opposite of "=".
- Where a field has several values (`roles.role`), one that fits is enough.
- A list of texts (`grades`) is equal to another if both hold the same texts, in any order; it
  contains another if they share a text. The texts are written with commas between.
- Sorted by a field, objects without it come last, or with desc first; ties go by sourcedId.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from services.evidence.domain.oneroster.places import Kind, Origin, Place
from services.evidence.domain.oneroster.query import (
    MILLISECOND_MICROS,
    Clause,
    Comparison,
    Joined,
    Operand,
    Selection,
)
from services.evidence.domain.source_object import Json
from services.evidence.domain.stored_object import StoredObject

ACTIVE: Final = "active"
DELETED: Final = "tobedeleted"

DATE_CHARACTERS: Final = 10
"""Some systems say at what time of a day, too; a date compares with the day."""

Value: TypeAlias = "str | Decimal | datetime"
"""A value as it is compared."""


def matches(selection: Selection, stored: StoredObject) -> bool:
    """Whether the object passes the filter of a selection."""
    if not selection.clauses:
        return True
    answers = (_satisfies(clause, stored) for clause in selection.clauses)
    return all(answers) if selection.joined is Joined.AND else any(answers)


def sorted_by(selection: Selection, objects: Sequence[StoredObject]) -> list[StoredObject]:
    """Return the objects in the order that a selection asks for."""
    by_id = sorted(objects, key=lambda stored: stored.object.key.id)
    place = selection.sort
    if place is None or place.origin is Origin.ID:
        return by_id[::-1] if selection.descending else by_id
    valued = [(next(values_at(place, stored), None), stored) for stored in by_id]
    without = [stored for value, stored in valued if value is None]
    # Python's sort keeps ties as they are, so that they stay in the order of ids either way.
    having = sorted(
        ((value, stored) for value, stored in valued if value is not None),
        key=lambda pair: pair[0],
        reverse=selection.descending,
    )
    ordered = [stored for _, stored in having]
    return without + ordered if selection.descending else ordered + without


def values_at(place: Place, stored: StoredObject) -> Iterator[Value]:
    """Give the values that stand at a place of an object, each as its kind is compared."""
    if place.origin is Origin.ID:
        yield stored.object.key.id
    elif place.origin is Origin.STATUS:
        yield DELETED if stored.object.deleted else ACTIVE
    elif place.origin is Origin.CHANGE_TIME:
        yield to_millisecond(stored.change_time)
    else:
        for found in _found(place, stored):
            value = _value(place.kind, found)
            if value is not None:
                yield value


def to_millisecond(time: datetime) -> datetime:
    """Return a time as it is given out, in UTC and with what is less than a millisecond cut off."""
    utc = time.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // MILLISECOND_MICROS * MILLISECOND_MICROS)


def _found(place: Place, stored: StoredObject) -> Iterator[Json]:
    if place.origin is Origin.CONTENT:
        yield from _along(stored.object.content, place.path)
        return
    for child in stored.children:
        if child.key.collection is place.nested:
            yield from _along(child.content, place.path)


def _along(value: Json, path: Sequence[str]) -> Iterator[Json]:
    """Give what stands at the end of a path; lists on the way, and at its end, are entered."""
    for one in _entered(value):
        if not path:
            yield one
        elif isinstance(one, Mapping) and path[0] in one:
            yield from _along(one[path[0]], path[1:])


def _entered(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else (value,)


def _value(kind: Kind, found: Json) -> "Value | None":
    """Return a JSON value as it is compared; None for what is no value of the kind."""
    if kind is Kind.NUMBER:
        is_number = isinstance(found, int | Decimal) and not isinstance(found, bool)
        return Decimal(found) if is_number else None  # type: ignore[arg-type]
    text = text_of(found)
    if kind is Kind.DATE and text is not None:
        return text[:DATE_CHARACTERS]
    return _as_time(text) if kind is Kind.TIME and text is not None else text


def text_of(found: Json) -> str | None:
    """Return the text of one JSON value; None of null, lists and objects."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, int | Decimal):
        return format(Decimal(found), "f")
    return found if isinstance(found, str) else None


def _as_time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_millisecond(time if time.tzinfo is not None else time.replace(tzinfo=UTC))


def _satisfies(clause: Clause, stored: StoredObject) -> bool:
    if clause.comparison is Comparison.NOT_EQUAL:
        return not _any_fits(clause, Comparison.EQUAL, stored)
    return _any_fits(clause, clause.comparison, stored)


def _any_fits(clause: Clause, comparison: Comparison, stored: StoredObject) -> bool:
    if clause.place.whole:
        return _list_fits(clause, comparison, stored)
    if comparison is Comparison.CONTAINS:
        assert isinstance(clause.operand, str)
        return any(clause.operand in text for text in _texts_at(clause.place, stored))
    return any(
        _fits(value, comparison, clause.operand) for value in values_at(clause.place, stored)
    )


def _list_fits(clause: Clause, comparison: Comparison, stored: StoredObject) -> bool:
    found = set(values_at(clause.place, stored))
    assert isinstance(clause.operand, tuple)
    if comparison is Comparison.CONTAINS:
        return not found.isdisjoint(clause.operand)
    return found == set(clause.operand)


def _texts_at(place: Place, stored: StoredObject) -> Iterator[str]:
    if place.origin in (Origin.CONTENT, Origin.CHILDREN):
        for found in _found(place, stored):
            text = text_of(found)
            if text is not None:
                yield text
        return
    for value in values_at(place, stored):
        yield written_time(value) if isinstance(value, datetime) else str(value)


def written_time(time: datetime) -> str:
    """Return a time as OneRoster writes it: UTC, with milliseconds."""
    utc = to_millisecond(time)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // MILLISECOND_MICROS:03d}Z"


def _fits(value: Value, comparison: Comparison, operand: Operand) -> bool:
    match comparison:
        case Comparison.EQUAL:
            return value == operand
        case Comparison.GREATER:
            return value > operand  # type: ignore[operator]  # one kind at one place
        case Comparison.AT_LEAST:
            return value >= operand  # type: ignore[operator]
        case Comparison.LESS:
            return value < operand  # type: ignore[operator]
        case _:
            return value <= operand  # type: ignore[operator]
