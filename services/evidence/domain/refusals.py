"""Refusing: how a check or a format module says what is wrong, where, and what to do."""

from datetime import UTC, datetime

from services.evidence.domain.model import Refusal, RefusalReason

_SHOWN_LENGTH = 60


class RefusedError(Exception):
    """What was sent cannot be kept. The only exception that a format module may raise."""

    def __init__(
        self, reason: RefusalReason, field: str, message: str, hint: str, *, awaits: str = ""
    ) -> None:
        """Take the path of the field at fault (empty: the whole) and two sentences for people.

        awaits: what has to become known for it to be kept after all (see `waiting`).
        """
        super().__init__(message)
        self.refusal = Refusal(
            reason=reason, field=field, message=message, hint=hint, awaits=awaits
        )


def malformed(field: str, value: str | int, fault: str, hint: str) -> RefusedError:
    """Return the refusal of a value that can never be right; it must be no personal data."""
    return RefusedError(RefusalReason.MALFORMED, field, f"{shown(value)} {fault}.", hint)


def shown(value: str | int) -> str:
    """Return a value as a message may repeat it: escaped where it must be, and short."""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a number of more than 20 digits"
    shortened = value if len(value) <= _SHOWN_LENGTH else value[:_SHOWN_LENGTH] + "…"
    return repr(shortened)


def iso_time(micros: int) -> str:
    """Return a time in whole seconds as people and machines read it."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(micros: int) -> str:
    """Return the day of a time, in UTC."""
    return iso_time(micros)[:10]
