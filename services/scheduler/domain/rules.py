"""The evidence floor (H10), the weight of a need (S1) and the size of a session (H3), in integers.

Weights are thousandths of a point. One point is one level of gap in a competency that is not
essential, with evidence of today, in its first week. Every number is the school's (`numbers`).
"""

from collections.abc import Iterable
from datetime import date
from enum import Enum

from services.scheduler.domain.model import (
    Adult,
    Competency,
    Learner,
    Mode,
    Need,
    Offer,
    Room,
    SessionKind,
)
from services.scheduler.domain.numbers import Policy, Tier, Weights

LEVEL_GOAL_MILLI = 3000
LEVEL_LOWEST_MILLI = 1000
MILLI = 1000


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
    """Return what H10 allows: help, a check where counts, days or age fall short, or nothing.

    A nomination, or a request of the learner that a teacher confirmed, allows help by itself.
    """
    if is_asked_for(need):
        return Entitlement.HELP
    low = need.level_milli is None or need.level_milli < policy.floor_level_milli
    unsure = need.at_least_eight_tenths_micro < policy.floor_at_least_eight_tenths_micro
    if not (low and unsure):
        return Entitlement.NOTHING
    lacking = lack_of(need, policy, as_of_day) is not None
    return Entitlement.CHECK if lacking else Entitlement.HELP


def is_asked_for(need: Need) -> bool:
    """Whether a teacher nominated the learner, or confirmed the learner's own request (H10)."""
    return need.nominated or need.confirmed


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


def half_up(number: int, divisor: int) -> int:
    """Return the quotient, half rounded up."""
    return (number + divisor // 2) // divisor


def gap_milli(need: Need, weights: Weights) -> int:
    """Return how far the level is below the goal; what a teacher asks for counts as a gap."""
    gap = max(LEVEL_GOAL_MILLI - level_or_lowest(need), 0)
    return max(gap, weights.nominated_gap_milli) if is_asked_for(need) else gap


def essential_milli(competency: Competency, weights: Weights) -> int:
    """Return the factor of a competency that is essential; 1000 where it is not."""
    return weights.essential_milli if competency.essential else MILLI


def freshness_milli(age: int, weights: Weights) -> int:
    """Return 1000 at 0 days, `stale_milli` from `fresh_days` on, a straight line between."""
    if age <= 0:
        return MILLI
    if age >= weights.fresh_days:
        return weights.stale_milli
    return MILLI - half_up((MILLI - weights.stale_milli) * age, weights.fresh_days)


def waiting_milli(weeks: int, weights: Weights) -> int:
    """Return 1000 in the first week and a step more for each week waited, up to the limit."""
    return min(MILLI + weights.waiting_step_milli * weeks, weights.waiting_limit_milli)


def help_weight_milli(need: Need, competency: Competency, as_of_day: date, weights: Weights) -> int:
    """Return gap x essential x freshness x waiting, half rounded up, at least 1."""
    product = gap_milli(need, weights) * essential_milli(competency, weights)
    product *= freshness_milli(age_days(need, as_of_day), weights)
    product *= waiting_milli(need.weeks_waiting, weights)
    return max(half_up(product, MILLI**3), 1)


def check_weight_milli(need: Need, competency: Competency, weights: Weights) -> int:
    """Return a check's share of gap x essential x waiting; age counts not, for it is the lack."""
    product = gap_milli(need, weights) * essential_milli(competency, weights)
    product *= waiting_milli(need.weeks_waiting, weights) * weights.check_milli
    return max(half_up(product, MILLI**3), 1)


def tier_of(need: Need, policy: Policy) -> Tier | None:
    """Return the need's own tier: the first whose levels hold its own, else the last.

    None where the school has no tiers.
    """
    level = level_or_lowest(need)
    fitting = (t for t in policy.tiers if t.from_level_milli <= level < t.below_level_milli)
    return next(fitting, policy.tiers[-1] if policy.tiers else None)


def repeat_cost_milli(weight_milli: int, weights: Weights) -> int:
    """Return what each seat on a need after the first of a week takes from its worth (S1)."""
    return half_up(weight_milli * (MILLI - weights.repeat_milli), MILLI)


def tiers_of(policy: Policy, offer: Offer) -> tuple[Tier | None, ...]:
    """Return the tiers that sessions of an offer may be of; (None,): they have none."""
    if not offer.kind.is_help or not policy.tiers:
        return (None,)
    return tuple(t for t in policy.tiers if not offer.tier_ids or t.tier_id in offer.tier_ids)


def tier_share_milli(policy: Policy, own: str, other: str) -> int:
    """Return the share of a need's weight that counts in a session of a tier (S2)."""
    if own == other:
        return MILLI
    fits = next((t.fits for t in policy.tiers if t.tier_id == own), ())
    found = (fit.share_milli for fit in fits if fit.tier_id == other)
    return next(found, policy.weights.other_tier_milli)


def mode_share_milli(policy: Policy, mode: Mode) -> int:
    """Return the share of a need's weight that counts in a session of a mode."""
    shares = {Mode.PEER: policy.weights.peer_milli, Mode.SCREEN: policy.weights.screen_milli}
    return shares.get(mode, MILLI)


def may_work_on(adult: Adult, offer: Offer, competency: Competency) -> bool:
    """Whether a session of the offer may have the target: qualified (H9), in the offer's scope."""
    fits = competency.subject in adult.subjects and offer.subject in ("", competency.subject)
    if offer.competencies:
        return fits and competency.competency_id in offer.competencies
    return fits and offer.subject != ""


def policy_cap(policy: Policy, kind: SessionKind, tier: Tier | None = None) -> int | None:
    """Return the school's cap for a kind; None for services and commons, where the room binds.

    The cap of a small group is its tier's, where it has one.
    """
    if kind is SessionKind.SMALL_GROUP and tier is not None:
        return tier.cap
    return {
        SessionKind.SMALL_GROUP: policy.small_group_cap,
        SessionKind.ONE_TO_ONE: policy.one_to_one_cap,
        SessionKind.CHECK: policy.check_cap,
        SessionKind.REASSESSMENT: policy.check_cap,
        SessionKind.ENRICHMENT: policy.enrichment_cap,
    }.get(kind)


def session_cap(
    policy: Policy,
    offer: Offer,
    room: Room | None,
    tier: Tier | None = None,
    *,
    consented: bool = False,
) -> int:
    """Return the least of the caps of policy or tier, offer, room in its layout and law (H3).

    Where neither policy nor offer nor room says anything, the cap of enrichment stands.
    `consented`: whether `all_consent` holds, so that the law sets no limit.
    """
    limits = [
        policy_cap(policy, offer.kind, tier),
        offer.cap or None,
        room.capacity_for(offer.layout) if room else None,
    ]
    cap = min((one for one in limits if one is not None), default=policy.enrichment_cap)
    return min(cap, policy.legal_cap) if offer.legal and not consented else cap


def all_consent(offer: Offer, learners: Iterable[Learner]) -> bool:
    """Whether a consent to the law of a legal group is on file for every learner in it (H3)."""
    return all(offer.legal in one.consents for one in learners)


def session_minimum(policy: Policy, offer: Offer, tier: Tier | None = None) -> int:
    """Return the fewest learners that a session is held for: the offer's, the tier's, the policy's.

    One is enough for one-to-one, services and commons (S7).
    """
    if offer.kind in (SessionKind.ONE_TO_ONE, SessionKind.SERVICE, SessionKind.COMMONS):
        return 1
    of_tier = tier.minimum if tier is not None else 0
    return max(offer.minimum or of_tier or policy.session_minimum, 1)
