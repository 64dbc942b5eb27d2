"""What a caller can do wrong, and what a stored policy can be.

MasteryError
├── InvalidRequestError      a field of a request is not what it must be
├── PolicyDocumentError      a document says no policy that can be kept
├── PolicyChangedError       somebody else has put a version meanwhile
├── PolicyNotFoundError      the district has no such version
├── PolicyTooEarlyError      a version would change what was in force before
├── UnreadablePolicyError    a stored version is of another release
├── WeightsDocumentError     a document says no weights that can be kept
├── EpochTooEarlyError       an epoch would change what was folded, and nobody asked for that
└── TooManyEpochsError       the district has as many epochs as one may have
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PROBLEMS_TOLD = 8


class MasteryError(Exception):
    """A request that cannot be answered; `reason` is UPPER_SNAKE."""

    reason = "MASTERY_ERROR"
    metadata: Mapping[str, str] = {}


class InvalidRequestError(MasteryError):
    """A field of a request is not what it must be; the message begins with the field."""

    reason = "INVALID_REQUEST"

    def __init__(self, *, field: str, message: str) -> None:
        super().__init__(f"{field} {message}")
        self.metadata = {"field": field}


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyProblem:
    """What is wrong with one field of a policy document: where, why, what to do."""

    field: str
    why: str
    hint: str

    def __str__(self) -> str:
        """Return it as one sentence after the other."""
        return f"{self.field} {self.why} {self.hint}"


class PolicyDocumentError(MasteryError):
    """A document says no policy that can be kept; `problems` has at least one."""

    reason = "POLICY_INVALID"

    def __init__(self, problems: Sequence[PolicyProblem]) -> None:
        more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = tuple(problems)
        told = {f"problem_{place}": str(one) for place, one in enumerate(problems[:PROBLEMS_TOLD])}
        self.metadata = {"field": problems[0].field, "hint": problems[0].hint, **told}


class PolicyChangedError(MasteryError):
    """Somebody else has put a version since the caller looked."""

    reason = "POLICY_CHANGED"

    def __init__(self, *, expected: int, newest: int) -> None:
        super().__init__(
            f"the newest version is {newest}, not {expected}: look at what it says and ask again"
        )
        self.metadata = {"newest_version": str(newest)}


class PolicyNotFoundError(MasteryError):
    """The district has no such version."""

    reason = "POLICY_NOT_FOUND"

    def __init__(self, *, version: int) -> None:
        super().__init__(f"the district has no version {version} of its policy")
        self.metadata = {"version": str(version)}


class PolicyTooEarlyError(MasteryError):
    """A version would take effect before the one in force did, and so change what was told."""

    reason = "POLICY_TOO_EARLY"

    def __init__(self, *, version: int, since: str) -> None:
        super().__init__(
            f"effective_time is before that of version {version}, which is in force since {since}:"
            " send that time or a later one, or leave it out for now"
        )
        self.metadata = {"version": str(version), "effective_time": since}


class UnreadablePolicyError(MasteryError):
    """A stored version cannot be read: it names what this release does not have."""

    reason = "POLICY_UNREADABLE"

    def __init__(self, *, district: str, version: int, problem: str) -> None:
        super().__init__(
            f"version {version} of the policy of {district} cannot be read by this release:"
            f" {problem} Read it with the release that stored it, or put a new version"
        )
        self.metadata = {"version": str(version)}


class WeightsDocumentError(MasteryError):
    """A document says no weights that can be kept; `problems` has at least one sentence."""

    reason = "WEIGHTS_INVALID"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems[:PROBLEMS_TOLD]))
        self.problems = tuple(problems)


class EpochTooEarlyError(MasteryError):
    """An epoch would reach work that may have been folded, and nobody asked for that."""

    reason = "EPOCH_TOO_EARLY"


class TooManyEpochsError(MasteryError):
    """A district has as many epochs as one may have."""

    reason = "EPOCHS_TOO_MANY"
