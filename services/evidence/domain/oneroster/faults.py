"""What is wrong with a package, a row or an object, with a code that programs can read.

A code is FAMILY.KIND:PLACE:FIELD, as in "row.invalid_date:academicSessions.csv:startDate", in the
manner of validators of OneRoster packages. No message repeats what a row holds: rosters are full of
names and of ids of people, and messages are logged. The field is enough to find it.
"""

from dataclasses import dataclass
from typing import Final

from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError

_REASONS: Final = {
    "duplicate_sourced_id": RefusalReason.DUPLICATE,
    "unresolved_reference": RefusalReason.UNKNOWN_REFERENCE,
    "value_too_long": RefusalReason.RECORD_TOO_LARGE,
    "too_many_values": RefusalReason.RECORD_TOO_LARGE,
    "nested_too_deep": RefusalReason.RECORD_TOO_LARGE,
    "invalid_oneroster_version": RefusalReason.UNSUPPORTED,
    "missing_manifest": RefusalReason.UNSUPPORTED,
    "unsupported_collection": RefusalReason.UNSUPPORTED,
}
"""What the intake calls each kind; all others are malformed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is wrong: a code for programs, two sentences for people."""

    code: str
    message: str
    hint: str

    @property
    def kind(self) -> str:
        """Return what is wrong, without where."""
        return self.code.partition(":")[0].partition(".")[2]

    @property
    def field(self) -> str:
        """Return the column, field or property at fault; empty for the whole."""
        return ":".join(self.code.split(":")[2:])


class FaultError(RefusedError):
    """The refusal of a row, an object or a package, with its fault."""

    def __init__(self, fault: Fault) -> None:
        reason = _REASONS.get(fault.kind, RefusalReason.MALFORMED)
        super().__init__(reason, fault.field, fault.message, fault.hint)
        self.fault = fault


class InvalidValueError(Exception):
    """A value is none of its field's type; whoever knows where it stood makes a fault of it."""

    def __init__(self, kind: str, message: str, hint: str) -> None:
        """Take the kind of the fault, what the value does, as in "is no date.", and the advice."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint

    def at(self, family: str, place: str, field: str) -> Fault:
        """Return the fault of a value at a place: a file or a collection, and the field."""
        return Fault(
            code=f"{family}.{self.kind}:{place}:{field}",
            message=f"{field} of {place} {self.message}",
            hint=self.hint,
        )
