"""One way to write a value as bytes, and the hashes of a snapshot and a week (H12).

The encoding is for hashing and comparing; it is not a format to store or to send.
"""

import hashlib
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, time
from enum import Enum

from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Week


def canonical(value: object) -> bytes:
    """Return the bytes of a frozen dataclass, tuple, text, number, date, enum or None.

    Every part carries its kind and length, so no two values share their bytes.
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
    if is_dataclass(value):
        names = [part.name for part in fields(value)]
        parts.append(f"d{type(value).__name__}:{len(names)};".encode())
        for name in names:
            _write(getattr(value, name), parts)
    elif isinstance(value, tuple):
        parts.append(b"l%d;" % len(value))
        for item in value:
            _write(item, parts)
    else:
        parts.append(_leaf(value))


def _leaf(value: object) -> bytes:
    if value is None:
        return b"n;"
    if isinstance(value, bool):
        return b"b1;" if value else b"b0;"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        text = value.encode()
        return b"s%d:%s" % (len(text), text)
    if isinstance(value, int):
        return b"i%d;" % value
    if isinstance(value, (datetime, date, time)):
        return f"t{value.isoformat()};".encode()
    raise TypeError(f"{type(value).__name__} has no canonical form")
