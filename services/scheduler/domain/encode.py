"""One way to write a value as bytes, and the hashes of a snapshot and a week (H12).

The encoding is for hashing and comparing; it is not a format to store or to send.

A week that was stored keeps its hash whatever release reads it, or nobody could sign or publish
the drafts of yesterday. So fields are written by name, in the order of their names, and a field
that holds its default is left out: a class may gain a field with a default that means what was
meant before there was one. For the same reason a field keeps its name, and its default for ever;
the names of the classes count for nothing.
"""

import hashlib
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from typing import Any

from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Week


def canonical(value: object) -> bytes:
    """Return the bytes of a frozen dataclass, tuple, text, number, date, enum or None.

    Every part carries its kind and length, so no two values of one class share their bytes.
    Raises TypeError for anything else (a float or a set has no one form).
    """
    parts: list[bytes] = []
    _write(value, parts)
    return b"".join(parts)


def week_hash(week: Week) -> str:
    """Return the SHA-256 of the week without its hash, in hexadecimal."""
    return hashlib.sha256(canonical(replace(week, week_hash=""))).hexdigest()


def hash_of_snapshot(normalised: Problem) -> str:
    """Return the SHA-256 of a normalised problem (`snapshot.normalised`), in hexadecimal."""
    return hashlib.sha256(canonical(normalised)).hexdigest()


def _write(value: object, parts: list[bytes]) -> None:
    # By the type itself, the most frequent first: a week has a million parts.
    kind: Any = type(value)
    if kind is str:
        parts.append(_text(value))
    elif issubclass(kind, tuple):
        items: Any = value
        parts.append(b"l%d;" % len(items))
        for item in items:
            _write(item, parts)
    elif (known := _fields(kind)) is not None:
        told = [
            (label, held)
            for name, label, default in known
            if (held := getattr(value, name)) != default
        ]
        parts.append(b"d%d;" % len(told))
        for label, held in told:
            parts.append(label)
            _write(held, parts)
    else:
        parts.append(_leaf(value))


@cache
def _fields(kind: type[Any]) -> tuple[tuple[str, bytes, object], ...] | None:
    """Return name, encoded name and default of each field, by name; None: it is no dataclass."""
    if not is_dataclass(kind):
        return None
    return tuple(
        (one.name, _leaf(one.name), _default(one))
        for one in sorted(fields(kind), key=lambda field: field.name)
    )


def _default(one: Field[Any]) -> object:
    return one.default if one.default_factory is MISSING else one.default_factory()


def _text(value: Any) -> bytes:  # noqa: ANN401 - a text; told by its type before
    text = value.encode()
    return b"s%d:%s" % (len(text), text)


def _leaf(value: object) -> bytes:
    if value is None:
        return b"n;"
    if isinstance(value, bool):
        return b"b1;" if value else b"b0;"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return b"i%d;" % value
    if isinstance(value, (datetime, date, time)):
        return f"t{value.isoformat()};".encode()
    raise TypeError(f"{type(value).__name__} has no canonical form")
