"""Whether a decoded document can be kept: what PostgreSQL's jsonb can hold, within bounds."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json
from services.evidence.domain.texts import UNSTORABLE

MAX_DEPTH: Final = 32
"""Levels within levels; a rubric in a package has seven."""

MAX_DIGITS: Final = 100
"""Of a number, before or after the point: jsonb holds more, and nobody means more."""

_PATH_LENGTH: Final = 120


def check_keepable(document: Mapping[str, Json]) -> None:
    """Refuse a document that could not be kept whole, naming the first place that hinders it.

    Without recursion, as the depth is the sender's. Raises RefusedError.
    """
    ahead: list[tuple[str, object, int]] = [("", document, 0)]
    while ahead:
        path, value, depth = ahead.pop()
        if depth > MAX_DEPTH:
            raise _refusal(
                path, f"is nested deeper than {MAX_DEPTH} levels", "Send a flatter document."
            )
        if isinstance(value, Mapping):
            # Turned round, as the last comes off first: what is named is the first fault.
            ahead.extend(reversed(_entries(path, value, depth)))
        elif isinstance(value, str):
            _check_text(path, value)
        elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
            entries = [(f"{path}[{at}]", one, depth + 1) for at, one in enumerate(value)]
            ahead.extend(reversed(entries))
        else:
            _check_plain(path, value)


def _entries(
    path: str, value: Mapping[object, object], depth: int
) -> list[tuple[str, object, int]]:
    entries = []
    for name, one in value.items():
        if not isinstance(name, str):
            raise _refusal(path, "has a field whose name is no text", "Send a JSON object.")
        _check_text(path, name)
        entries.append((f"{path}.{name}" if path else name, one, depth + 1))
    return entries


def _check_text(path: str, text: str) -> None:
    if UNSTORABLE.search(text):
        raise _refusal(
            path,
            "holds a NUL or half of a surrogate pair, which no database keeps",
            "Send text as UTF-8 without NUL.",
        )


def _check_plain(path: str, value: object) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int) and abs(value) < 10**MAX_DIGITS:
        return
    if isinstance(value, Decimal) and _is_within_digits(value):
        return
    raise _refusal(
        path, "is no value of JSON, or a number out of all bounds", "Send text or a plain number."
    )


def _is_within_digits(value: Decimal) -> bool:
    if not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return int(exponent) >= -MAX_DIGITS and value.adjusted() <= MAX_DIGITS


def _refusal(path: str, fault: str, hint: str) -> RefusedError:
    field = path[:_PATH_LENGTH].encode(errors="replace").decode().replace("\0", "?")
    return RefusedError(
        RefusalReason.MALFORMED, field, f"The field {field or '(document)'} {fault}.", hint
    )
