"""Reading a decoded JSON object field by field: what is wrong is refused with its path.

null is the same as absent. It must not know any format: the names of the fields come with the call.
No message repeats the value of a field, as it may name a person; names of fields are repeated.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from functools import cache
from typing import TypeVar

from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError, shown
from services.evidence.domain.source_object import Json
from services.evidence.domain.spelling import nearest
from services.evidence.domain.texts import UNKEEPABLE

MAX_LONG = 2**63 - 1
MAX_MILLI = 10**15
"""In thousandths: more points than any work has, and far within a whole number of 64 bits."""

_MAX_DIGITS_AHEAD = 18
"""A number with more digits before its point is not multiplied: it may have a million of them."""

E = TypeVar("E", bound=IntEnum)


class Fields:
    """The fields of one object, each read by its name; another name than those known is refused."""

    def __init__(self, document: Json, path: str, names: Collection[str]) -> None:
        """Take a decoded value, where it stands ("" for the whole), and the names it may have."""
        if not isinstance(document, Mapping):
            raise _wrong(path, "is no object", "Send an object in braces.")
        self._document = document
        self._path = path
        for name in document:
            if name not in names:
                raise self._unknown(name, names)

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._document.get(name) is not None

    def value(self, name: str) -> Json:
        """Return the field as it is; None where it is absent."""
        return self._document.get(name)

    def text(self, name: str) -> str:
        """Return a text, empty where it is absent."""
        value = self._document.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _wrong(self.path(name), "is no text", "Send a text in quotes.")
        if UNKEEPABLE.search(value):
            hint = "Send plain text without control characters or halves of characters."
            raise _wrong(self.path(name), "has characters that cannot be kept", hint)
        return value

    def whole(self, name: str, most: int = MAX_LONG) -> int:
        """Return a whole number of 0 to `most`, 0 where it is absent."""
        value = self._document.get(name)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            hint = f"Send a whole number of 0 to {most}, without quotes."
            raise _wrong(self.path(name), "is no such number", hint)
        return value

    def flag(self, name: str) -> bool | None:
        """Return true or false; None where it is absent."""
        value = self._document.get(name)
        if value is not None and not isinstance(value, bool):
            raise _wrong(self.path(name), "is neither true nor false", "Send it without quotes.")
        return value

    def milli(self, name: str) -> int:
        """Return a number in thousandths, exactly; it has to be there."""
        return thousandths(self._document.get(name), self.path(name))

    def choice(self, name: str, choices: type[E]) -> E | None:
        """Return the member that a word in small letters names; None where it is absent."""
        word = self.text(name)
        if not word:
            return None
        known: Mapping[str, E] = _words(choices)  # type: ignore[assignment]
        if word in known:
            return known[word]
        meant = nearest(word, known)
        hint = f"Did you mean {meant!r}? " if meant else ""
        raise _wrong(self.path(name), "is none of its words", f"{hint}Send {_listed(known)}.")

    def inner(self, name: str, names: Collection[str]) -> "Fields":
        """Return the fields of an object within this one."""
        return Fields(self._document.get(name), self.path(name), names)

    def elements(self, name: str) -> Sequence[Json]:
        """Return the elements of a list, none where it is absent."""
        value = self._document.get(name)
        if value is None:
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise _wrong(self.path(name), "is no list", "Send a list in brackets.")
        return value

    def path(self, name: str) -> str:
        """Return where a field stands, as in "score.points"."""
        return f"{self._path}.{name}" if self._path else name

    def _unknown(self, name: str, names: Collection[str]) -> RefusedError:
        meant = nearest(name, names)
        return RefusedError(
            RefusalReason.MALFORMED,
            self.path(shown(name)[1:-1]),
            f"There is no field {shown(name)}.",
            f"Did you mean {meant!r}?" if meant else f"The fields are {', '.join(sorted(names))}.",
        )


@cache
def _words(choices: type[IntEnum]) -> Mapping[str, IntEnum]:
    """Return the members by their words; one that says that nothing is said has none."""
    return {one.name.lower(): one for one in choices if one.value != 0}


def thousandths(value: Json, path: str) -> int:
    """Return a number in thousandths; refuses what is none, too large, or finer than that."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong(path, "is no number", "Send a number without quotes.")
    number = Decimal(value) if isinstance(value, int) and abs(value) < MAX_MILLI else value
    if isinstance(number, int) or not number.is_finite() or number.adjusted() > _MAX_DIGITS_AHEAD:
        raise _wrong(path, "is too large", f"Send at most {MAX_MILLI // 1000} in amount.")
    return _exact(number, path)


def _exact(number: Decimal, path: str) -> int:
    """Shift the point by hand: arithmetic of Decimal would round what has many digits."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0") or "0"
    exponent += len(digits) - len(text) if text != "0" else -exponent
    if exponent < -3:
        hint = "Send at most three decimals; round where the source has more."
        raise _wrong(path, "has more than three decimals", hint)
    milli = int(text + "0" * (exponent + 3))
    if milli > MAX_MILLI:
        raise _wrong(path, "is too large", f"Send at most {MAX_MILLI // 1000} in amount.")
    return -milli if sign else milli


def _wrong(path: str, fault: str, hint: str) -> RefusedError:
    what = f"The field {path}" if path else "The document"
    return RefusedError(RefusalReason.MALFORMED, path, f"{what} {fault}.", hint)


def _listed(words: Collection[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
