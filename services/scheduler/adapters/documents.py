"""Snapshots, weeks and reports as stored bytes: canonical JSON, compressed where large.

The same value gives the same text: keys in the order of the class, no white space, no floats.
A class may gain fields with defaults: what was stored before still reads, and with the same hash
(`domain/encode.py`). What a newer release stored reads too: a field that this one does not know is
passed over, and where it said something, the hash of the week or of its snapshot tells.
"""

import json
import types
import zlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from services.scheduler.domain.model import Problem
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.runs import Report
from services.scheduler.domain.week import Week

T = TypeVar("T")

COMPRESSION_LEVEL = 6
MAXIMUM_BYTES = 256 * 1024 * 1024
"""Of a document before compression; the week of a school of 2,000 has about 10 MB."""


def to_json(value: object) -> str:
    """Return a frozen dataclass as canonical JSON; raises TypeError for what has no one form."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_json(kind: type[T], text: str | bytes) -> T:
    """Return the value of a class from its JSON; raises ValueError where it is not one."""
    readable: Any = kind
    value: T = _reader(readable)(json.loads(text))
    return value


def pack(value: Problem | Week) -> bytes:
    """Return a document as it is stored."""
    return zlib.compress(to_json(value).encode(), COMPRESSION_LEVEL)


def unpack_problem(data: bytes) -> Problem:
    """Return a snapshot from its stored bytes; raises ValueError."""
    return from_json(Problem, decompressed(data))


def unpack_week(data: bytes) -> Week:
    """Return a week from its stored bytes; raises ValueError."""
    return from_json(Week, decompressed(data))


def report_to_json(report: Report) -> str:
    """Return a report as it is stored."""
    return to_json(report)


def report_from_json(text: str) -> Report:
    """Return a report from its stored text."""
    return from_json(Report, text)


def decompressed(data: bytes, most: int = MAXIMUM_BYTES) -> bytes:
    """Return stored bytes as they were before compression; raises ValueError where too many."""
    decompressor = zlib.decompressobj()
    text = decompressor.decompress(data, most)
    if decompressor.unconsumed_tail:
        raise ValueError(f"a stored document has more than {most} bytes")
    return text


def _plain(value: object) -> Any:  # noqa: ANN401
    # By the type itself, the most frequent first: a week has a million parts.
    kind: Any = type(value)
    if kind is str or kind is int or value is None or kind is bool:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    names = _names(kind)
    if names is not None:
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, str | int):
        return value
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{kind.__name__} has no canonical form")


@cache
def _names(kind: type[Any]) -> tuple[str, ...] | None:
    """Return the names of a dataclass' fields; None: it is none."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else None


_CODES = frozenset(Rule)

_LEAVES: Mapping[Any, Callable[[Any], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    str: lambda value: value,
    int: lambda value: value,
    bool: lambda value: value,
}


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    """Return a function from plain JSON to a value of this type."""
    if kind in _LEAVES:
        return _LEAVES[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        one = _reader(arguments[0])
        return lambda values: tuple([one(value) for value in values])
    if origin in (Union, types.UnionType):
        some = _reader(next(each for each in arguments if each is not type(None)))
        return lambda value: None if value is None else some(value)
    if is_dataclass(kind):
        return _class_reader(kind)
    if kind is Rule:
        return _rule
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    raise TypeError(f"{kind} has no canonical form")


def _rule(code: str) -> Rule | str:
    """Return a rule; a code of a newer release stays text, and is shown as it is."""
    return Rule(code) if code in _CODES else code


def _class_reader(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    hints = get_type_hints(kind)
    readers = {one.name: _reader(hints[one.name]) for one in fields(kind)}
    required = {
        one.name
        for one in fields(kind)
        if one.default is MISSING and one.default_factory is MISSING
    }

    def read(values: Any) -> Any:  # noqa: ANN401
        missing = required.difference(values)
        if missing:
            raise ValueError(f"a stored {kind.__name__} lacks {sorted(missing)}")
        known = readers.keys() & values.keys()
        return kind(**{name: readers[name](values[name]) for name in known})

    return read
