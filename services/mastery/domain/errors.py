"""What a caller can do wrong, and what a stored policy can be.

MasteryError
├── InvalidRequestError      a field of a request is not what it must be
├── NotFreshEnoughError      the fold has not come as far as the caller asks
├── PolicyDocumentError      a document says no policy that can be kept
├── PolicyChangedError       somebody else has put a version meanwhile
├── PolicyNotFoundError      the district has no such version
├── RollUpNotFoundError      the policy in force has no roll-up for a competency
├── PolicyTooEarlyError      a version would change what was in force before
├── UnreadablePolicyError    a stored version is of another release
├── WeightsDocumentError     a document says no weights that can be kept
├── EpochTooEarlyError       an epoch would change what was folded, and nobody asked for that
├── TooManyEpochsError       the district has as many epochs as one may have
├── BeforeRetentionError     a time before evidence is kept piece by piece
├── SealRefusedError         a seal cannot be set
└── StateIsHeldError         a rebuild or another seal is at work
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


class NotFreshEnoughError(MasteryError):
    """The fold has not come to the position that the caller asks for; a later call may find it."""

    reason = "NOT_FRESH_ENOUGH"

    def __init__(self, *, min_position: int, position: int) -> None:
        folded = f"up to {position}" if position else "as yet up to an unknown position"
        super().__init__(
            f"min_position is {min_position}, and the ledger is folded {folded}: ask again in some"
            " seconds, or without it for what is known now"
        )
        self.metadata = {"min_position": str(min_position), "position": str(position)}


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


class RollUpNotFoundError(MasteryError):
    """The policy in force has no roll-up for a competency."""

    reason = "ROLL_UP_NOT_FOUND"

    def __init__(self, *, competency: str, policy_version: int) -> None:
        super().__init__(
            f"version {policy_version} of the district's policy, which is in force then, says not"
            f" what makes {competency} reached: name its parts under roll_ups in a new version, or"
            " ask for the mastery of it"
        )
        self.metadata = {"competency": competency, "policy_version": str(policy_version)}


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


class BeforeRetentionError(MasteryError):
    """As of a time before the district's horizon: pieces from then are no longer told apart."""

    reason = "BEFORE_RETENTION"

    def __init__(self, *, horizon: str) -> None:
        super().__init__(
            f"as_of_time is before {horizon}, from when on evidence is kept piece by piece: ask as"
            " of that time or a later one"
        )
        self.metadata = {"horizon_time": horizon}


class SealRefusedError(MasteryError):
    """A seal would be no later than the last one, or is one too many."""

    reason = "SEAL_REFUSED"


class StateIsHeldError(MasteryError):
    """A rebuild, or another seal, is at work on the state."""

    reason = "STATE_HELD"
