"""What every rule of a mapping needs of a cell: a number, or the error that says why not."""

from decimal import Decimal
from typing import Final

MAX_MILLI: Final = 10**15
LONGEST_NUMBER: Final = 40
"""Characters; a longer number is none that a gradebook has."""

_SHOWN: Final = 40


class RowError(Exception):
    """A cell cannot be read; the message says which and why."""


def whole(what: str, text: str) -> int:
    """Return a whole number of at most 18 digits; raises RowError."""
    stripped = text.strip()
    if not stripped.lstrip("-").isdecimal() or stripped.count("-") > 1 or len(stripped) > 18:
        raise RowError(f"{what}: {shown(text)} is no whole number")
    return int(stripped)


def milli(what: str, text: str) -> int:
    """Return a decimal number in thousandths, exactly; raises RowError."""
    try:
        number = Decimal(text) if len(text) <= LONGEST_NUMBER else Decimal("NaN")
        thousandths = number * 1_000
    except ArithmeticError:
        raise RowError(f"{what}: {shown(text)} is no number") from None
    if not thousandths.is_finite() or abs(thousandths) > MAX_MILLI or thousandths % 1:
        raise RowError(f"{what}: {shown(text)} is no number of at most three decimals")
    return int(thousandths)


def shown(text: str) -> str:
    """Return a cell as a message may repeat it: short, and escaped where it must be."""
    return repr(text[:_SHOWN])
