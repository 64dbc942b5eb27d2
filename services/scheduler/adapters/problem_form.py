"""Reads one value of a problem file, and says in words for whoever wrote it what is wrong with it.

Pydantic converts and finds the faults; its own sentences are for programmers, it does not know
which name was meant, and it takes some values that the format does not know, which are found here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import Enum, IntEnum
from functools import cache
from types import NoneType
from typing import Any, Final, NamedTuple, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from services.scheduler.domain.bounds import bounds_of
from services.scheduler.domain.faults import Fault, Place, range_of, row_of
from services.scheduler.domain.model import Problem

SHOWN_CHARACTERS: Final = 60

_HINTS: Final[Mapping[type, str]] = {
    str: "Give a text in quotes.",
    bool: "Give true or false.",
    date: 'Give a date, as in "2026-11-23".',
    time: 'Give a time of the day, as in "09:40".',
    datetime: 'Give a time with its zone, as in "2026-11-19T17:00:00-05:00".',
}

_FORMS: Final[Mapping[type, re.Pattern[str]]] = {
    date: re.compile(r"\d{4}-\d\d-\d\d\Z"),
    time: re.compile(r"\d\d:\d\d"),
    datetime: re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d"),
}
"""How times begin: pydantic also takes a count of seconds in quotes for one."""


class Held(NamedTuple):
    """What may stand at a place: a type without None, and the field that it is of."""

    kind: Any
    owner: type
    name: str
    nullable: bool = False


WHOLE: Final = Held(Problem, Problem, "")


class FormError(Exception):
    """A value does not have the form that its place asks for."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def value_of(content: Any, place: Place) -> Any:  # noqa: ANN401
    """Return the value of a part of the file: a row of a list, or a field of the problem.

    Raises FormError with all that is wrong in it.
    """
    held = held_at(place)
    row = row_of(held.kind, content) if isinstance(content, dict) else ""
    try:
        value = _adapter(held).validate_json(json.dumps(content), strict=True, extra="forbid")
    except ValidationError as error:
        raise FormError([_fault(one, place, row) for one in error.errors()]) from error
    faults = [
        Fault(place=here, what=f"is {shown(one)}.", hint=hint_for(here), row=row)
        for here, one in _odd_parts(content, place)
    ]
    if faults:
        raise FormError(faults)
    return value


def held_at(place: Place) -> Held:
    """Return what may stand at a place of a problem; raises LookupError where nothing may."""
    held = WHOLE
    for part in place:
        if isinstance(part, str) and is_dataclass(held.kind):
            held = _fields_of(cast(Any, held.kind))[part]
        elif isinstance(part, int) and get_origin(held.kind) is tuple:
            held = held._replace(kind=get_args(held.kind)[0])
        else:
            raise LookupError(part)
    return held


def hint_for(place: Place) -> str:
    """Return what to give at a place."""
    held = held_at(place)
    hint = _hint_of_kind(held)
    return f"{hint[:-1]}, or null." if held.nullable else hint


def nearest(name: str, names: list[str]) -> str:
    """Return a hint: the name that may have been meant, else all that there are."""
    near = get_close_matches(name[:SHOWN_CHARACTERS], names, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(names)}."


def shown(value: object) -> str:
    """Return a value of JSON as a message may repeat it: short, and in printable characters."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value, ensure_ascii=False)
    cut = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
    return cut if cut.isprintable() else ascii(cut)


@cache
def _adapter(held: Held) -> TypeAdapter[Any]:
    return TypeAdapter(held.kind | None if held.nullable else held.kind)


@cache
def _fields_of(kind: Any) -> Mapping[str, Held]:  # noqa: ANN401
    hints = get_type_hints(kind)
    return {one.name: _held(hints[one.name], kind, one.name) for one in fields(kind)}


def _held(hint: Any, owner: type, name: str) -> Held:  # noqa: ANN401
    kinds = [one for one in get_args(hint) if one is not NoneType]
    if NoneType in get_args(hint):
        return Held(kinds[0], owner, name, nullable=True)
    return Held(hint, owner, name)


def _fault(detail: ErrorDetails, place: Place, row: str) -> Fault:
    here = (*place, *detail["loc"])
    match detail["type"]:
        case "unexpected_keyword_argument":
            owner = held_at(here[:-1]).kind
            names = [one.name for one in fields(owner)]
            what, hint = f"is no field of {owner.__name__}.", nearest(str(here[-1]), names)
        case "missing":
            what, hint = "is missing.", hint_for(here)
        case "json_invalid":
            what, hint = f"is unreadable: {detail['msg']}.", "Write it as plain text in UTF-8."
        case _:
            what, hint = f"is {shown(detail['input'])}.", hint_for(here)
    return Fault(place=here, what=what, hint=hint, row=row)


def _hint_of_kind(held: Held) -> str:
    if held.kind in _HINTS:
        return _HINTS[held.kind]
    if held.kind is int:
        return range_of(bounds_of(held.owner, held.name))
    if get_origin(held.kind) is tuple:
        return "Give a list."
    if issubclass(held.kind, Enum):
        return f"Give one of {', '.join(json.dumps(one.value) for one in held.kind)}."
    return f"Give an object with some of {', '.join(one.name for one in fields(held.kind))}."


def _odd_parts(content: Any, place: Place) -> Iterator[tuple[Place, Any]]:  # noqa: ANN401
    """Yield what pydantic has taken and the format does not know: the value or fields of it."""
    held = held_at(place)
    if not is_dataclass(held.kind):
        return iter(() if _has_form(content, held.kind) else ((place, content),))
    return (
        ((*place, name), content[name])
        for name, kind in _formed_fields(cast(Any, held.kind))
        if name in content and not _has_form(content[name], kind)
    )


@cache
def _formed_fields(kind: Any) -> tuple[tuple[str, Any], ...]:  # noqa: ANN401
    """Return the fields of a class of which pydantic takes too much, with their types."""
    return tuple(
        (name, held.kind)
        for name, held in _fields_of(kind).items()
        if held.kind in _FORMS or _is_numbered(held.kind)
    )


def _has_form(content: object, kind: Any) -> bool:  # noqa: ANN401
    form = _FORMS.get(kind)
    if form is not None and isinstance(content, str):
        return form.match(content) is not None
    return not (_is_numbered(kind) and isinstance(content, bool | float))


def _is_numbered(kind: Any) -> bool:  # noqa: ANN401
    return isinstance(kind, type) and issubclass(kind, IntEnum)
