"""Refusing: how a check or a format module says what is wrong, where, and what to do."""

from services.evidence.domain.model import Refusal, RefusalReason


class RefusedError(Exception):
    """What was sent cannot be kept. The only exception that a format module may raise."""

    def __init__(self, reason: RefusalReason, field: str, message: str, hint: str) -> None:
        """Take the path of the field at fault (empty: the whole) and two sentences for people."""
        super().__init__(message)
        self.refusal = Refusal(reason=reason, field=field, message=message, hint=hint)
