"""Reads the fields of a policy document, and collects all that is wrong with them.

It must not know which fields there are: `policy_document.py` does.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from math import isfinite
from typing import Any, Final

from services.mastery.domain.errors import PolicyProblem

SHOWN_CHARACTERS: Final = 60
FIELDS_MAXIMUM: Final = 100
"""More names than this are not looked at one by one: no policy has them."""

MILLION: Final = 1_000_000

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class UnreadableFieldError(Exception):
    """A field cannot be read; what was wrong is with the problems."""


class Reading:
    """Collects what is wrong, so that a person hears of all of it at once."""

    def __init__(self) -> None:
        self.problems: list[PolicyProblem] = []

    def refuse(self, field: str, why: str, hint: str) -> UnreadableFieldError:
        """Note a problem and return what to raise."""
        self.problems.append(PolicyProblem(field=field, why=why, hint=hint))
        return UnreadableFieldError(field)

    def mapping(self, field: str, value: Any, names: Sequence[str]) -> Mapping[str, Any]:  # noqa: ANN401
        """Return a mapping with names that are known; the others are problems."""
        if not isinstance(value, Mapping):
            raise self.refuse(
                field or "document",
                f"is {shown(value)}, not a mapping of names to values.",
                f"It may have: {', '.join(names)}.",
            )
        for name in list(value)[:FIELDS_MAXIMUM]:
            if name not in names:
                self._unknown(
                    f"{field}.{key_shown(name)}" if field else key_shown(name), name, names
                )
        if len(value) > FIELDS_MAXIMUM:
            raise self.refuse(field or "document", f"has {len(value)} names.", "Send a policy.")
        return value

    def whole(self, field: str, value: Any, bounds: tuple[int, int]) -> int:  # noqa: ANN401
        """Return a whole number within its bounds."""
        least, most = bounds
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(
                field, f"is {shown(value)}, not a whole number.", f"Send {least} to {most}."
            )
        if not least <= value <= most:
            raise self.refuse(
                field, f"is {shown(value)}, out of its bounds.", f"Send {least} to {most}."
            )
        return value

    def number(self, field: str, value: Any, bounds: tuple[float, float]) -> float:  # noqa: ANN401
        """Return a number within its bounds."""
        least, most = bounds
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(
                field, f"is {shown(value)}, not a number.", f"Send {least:g} to {most:g}."
            )
        # A whole number may be larger than any float, so it is compared before it becomes one.
        if not least <= value <= most:
            raise self.refuse(
                field, f"is {shown(value)}, out of its bounds.", f"Send {least:g} to {most:g}."
            )
        return float(value)

    def chance_micro(self, field: str, value: Any) -> int:  # noqa: ANN401
        """Return a chance from 0 to 1 in millionths, exactly."""
        micro = Decimal(repr(self.number(field, value, (0.0, 1.0)))) * MILLION
        if micro != int(micro):
            raise self.refuse(
                field, f"is {shown(value)}, finer than a millionth.", "Send at most six decimals."
            )
        return int(micro)

    def listed(self, field: str, value: Any, most: int, of: str) -> Sequence[Any]:  # noqa: ANN401
        """Return a list of at most so many; `of` says of what."""
        if not isinstance(value, list | tuple):
            raise self.refuse(field, f"is {shown(value)}.", f"Send a list of {of}.")
        if len(value) > most:
            raise self.refuse(field, f"has {len(value)} {of}.", f"Send at most {most}.")
        return value

    def by_competency(self, field: str, value: Any, most: int) -> Mapping[str, Any]:  # noqa: ANN401
        """Return a mapping from at most so many ids of competencies."""
        if not isinstance(value, Mapping):
            raise self.refuse(
                field, f"is {shown(value)}.", "Send a mapping from ids of competencies."
            )
        if len(value) > most:
            raise self.refuse(field, f"has {len(value)} competencies.", f"Send at most {most}.")
        for name in value:
            self.competency(f"{field}.{key_shown(name)}", name)
        return value

    def competency(self, field: str, value: Any) -> str:  # noqa: ANN401
        """Return the id of a competency."""
        if not isinstance(value, str) or not _ID.fullmatch(value):
            # In YAML an id such as 3.10 is the number 3.1 unless it stands in quotes.
            quotes = "; put it in quotes." if isinstance(value, int | float) else ""
            raise self.refuse(
                field,
                f"is {shown(value)}, no id of a competency.",
                f"An id has 1 to 64 characters of A-Z a-z 0-9 . _ -{quotes}",
            )
        return value

    def competencies(self, field: str, value: Any, most: int) -> list[str]:  # noqa: ANN401
        """Return a list of at most so many ids of competencies."""
        found = self.listed(field, value, most, "competencies")
        return [self.competency(f"{field}[{place}]", one) for place, one in enumerate(found)]

    def switch(self, field: str, value: Any) -> bool:  # noqa: ANN401
        """Return true or false."""
        if not isinstance(value, bool):
            raise self.refuse(field, f"is {shown(value)}.", "Send true or false.")
        return value

    def _unknown(self, field: str, name: object, names: Sequence[str]) -> None:
        self.refuse(field, "is not known.", nearest(str(name)[:SHOWN_CHARACTERS], names))


def nearest(name: str, names: Sequence[str]) -> str:
    """Return a hint: the name that may have been meant, else all that there are."""
    near = get_close_matches(name, names, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(names)}."


def shown(value: object) -> str:
    """Return a value as a message may repeat it: short, and in printable characters."""
    if isinstance(value, str):
        cut = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
        return ascii(cut) if not cut.isprintable() else f'"{cut}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return _number_shown(value)
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _number_shown(value: float) -> str:
    if isinstance(value, float) and not isfinite(value):
        return "no finite number"
    # Python refuses to write whole numbers of thousands of digits.
    return f"{value}" if abs(value) < 10**SHOWN_CHARACTERS else "a very large number"


def key_shown(name: object) -> str:
    """Return the name of a field as a message may repeat it."""
    return shown(name).strip('"') or '""'
