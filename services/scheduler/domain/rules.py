"""The evidence floor (H10), the weight of a need (S1) and the size of a session (H3), in integers.

Weights are thousandths of a point. One point is one level of gap in a competency that is not
essential, with evidence of today, in its first week.
"""

from datetime import date
from enum import Enum

from services.scheduler.domain.model import Competency, Need, Offer, Room, SessionKind
from services.scheduler.domain.numbers import Policy

LEVEL_GOAL_MILLI = 3000
LEVEL_LOWEST_MILLI = 1000
ESSENTIAL_FACTOR = 2
# Freshness falls from 1 at 0 days to a half at 30 and stays there.
FRESHNESS_DAYS = 30
# Each week of waiting adds a quarter, up to twice the weight.
WAITING_STEP_MILLI = 250
WAITING_LIMIT_MILLI = 2000
# A check is worth half of the help that it may lead to.
CHECK_SHARE = 2
# What a place is worth that serves no need: far less than any need, but enrichment before commons
# and a learner's first own-choice place of the week before the second (S4).
FIRST_ENRICHMENT_MILLI = 3
ENRICHMENT_MILLI = 1
COMMONS_MILLI = 0


class Entitlement(Enum):
    """What the evidence on one competency entitles a learner to be seated for."""

    HELP = "help"
    CHECK = "check"
    NOTHING = "nothing"

    @classmethod
    def met_by(cls, kind: SessionKind) -> "Entitlement":
        """Return which of a learner's claims a session with a target meets."""
        return cls.HELP if kind.is_help else cls.CHECK


class Lack(Enum):
    """What the evidence of a gap lacks for help (H10)."""

    COUNT = "count"
    DAYS = "days"
    AGE = "age"
    LEVEL = "level"


def entitlement_of(need: Need, policy: Policy, as_of_day: date) -> Entitlement:
    """Return what H10 allows: help, a check where counts, days or age fall short, or nothing."""
    low = need.level_milli is None or need.level_milli < policy.floor_level_milli
    unsure = need.at_least_eight_tenths_micro < policy.floor_at_least_eight_tenths_micro
    if not (low and unsure):
        return Entitlement.NOTHING
    lacking = lack_of(need, policy, as_of_day) is not None
    return Entitlement.CHECK if lacking else Entitlement.HELP


def lack_of(need: Need, policy: Policy, as_of_day: date) -> Lack | None:
    """Return what the evidence lacks first for help; None where it bears help.

    Mastery's decision `insufficient` is no part of it: that is the floor of what is said of a
    competency, this one is the floor of a seat, and two pieces on two days may earn a seat.
    """
    if need.evidence_count < policy.floor_evidence_count:
        return Lack.COUNT
    if need.day_count < policy.floor_day_count:
        return Lack.DAYS
    if not 0 <= age_days(need, as_of_day) <= policy.floor_newest_days:
        return Lack.AGE
    if need.level_milli is None:
        return Lack.LEVEL
    return None


def level_or_lowest(need: Need) -> int:
    """Return the level; where there is none yet the lowest, for nothing says that it is higher.

    No help follows from a level that there is not: `lack_of` sees to that.
    """
    return LEVEL_LOWEST_MILLI if need.level_milli is None else need.level_milli


def age_days(need: Need, as_of_day: date) -> int:
    """Return the days from the newest evidence to the as-of day; very many where there is none."""
    if need.newest_day is None:
        return date.max.toordinal()
    return (as_of_day - need.newest_day).days


def freshness_milli(age: int) -> int:
    """Return 1000 at 0 days, 500 at 30 and after, a straight line between, half rounded up."""
    days = min(max(age, 0), FRESHNESS_DAYS)
    return 1000 - (500 * days + FRESHNESS_DAYS // 2) // FRESHNESS_DAYS


def waiting_milli(weeks: int) -> int:
    """Return 1000 in the first week, 250 more for each week waited, at most 2000."""
    return min(1000 + WAITING_STEP_MILLI * weeks, WAITING_LIMIT_MILLI)


def help_weight_milli(need: Need, competency: Competency, as_of_day: date) -> int:
    """Return gap x essential x freshness x waiting, half rounded up, at least 1."""
    gap = max(LEVEL_GOAL_MILLI - level_or_lowest(need), 0)
    factor = ESSENTIAL_FACTOR if competency.essential else 1
    fresh = freshness_milli(age_days(need, as_of_day))
    product = gap * factor * fresh * waiting_milli(need.weeks_waiting)
    return max((product + 500_000) // 1_000_000, 1)


def check_weight_milli(need: Need, competency: Competency) -> int:
    """Return half of gap x essential x waiting, at least 1; age counts not, for it is the lack."""
    gap = max(LEVEL_GOAL_MILLI - level_or_lowest(need), 0)
    factor = ESSENTIAL_FACTOR if competency.essential else 1
    product = gap * factor * waiting_milli(need.weeks_waiting)
    return max((product + 500 * CHECK_SHARE) // (1000 * CHECK_SHARE), 1)


def policy_cap(policy: Policy, kind: SessionKind) -> int | None:
    """Return the school's cap for a kind; None for services and commons, where the room binds."""
    return {
        SessionKind.SMALL_GROUP: policy.small_group_cap,
        SessionKind.ONE_TO_ONE: policy.one_to_one_cap,
        SessionKind.CHECK: policy.check_cap,
        SessionKind.ENRICHMENT: policy.enrichment_cap,
    }.get(kind)


def session_cap(policy: Policy, offer: Offer, room: Room | None) -> int:
    """Return the least of the policy's cap, the offer's and the room's capacity (H3).

    Where none of them says anything, the cap of enrichment stands.
    """
    limits = [policy_cap(policy, offer.kind), offer.cap or None, room.capacity if room else None]
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else policy.enrichment_cap


def session_minimum(policy: Policy, kind: SessionKind) -> int:
    """Return the fewest learners that a session of the kind is held for (S7)."""
    if kind in (SessionKind.ONE_TO_ONE, SessionKind.SERVICE, SessionKind.COMMONS):
        return 1
    return max(policy.session_minimum, 1)
