"""Which needs may be seated and what they weigh, read anew for the benchmark (`facts`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.scheduler.domain.model import Need, Problem
from services.scheduler.domain.numbers import Policy, Tier

if TYPE_CHECKING:
    from tests.bench.schedule.facts import Facts

GOAL_MILLI = 3000
LOWEST_MILLI = 1000
RETEACH_LEARNERS = 5
"""A section with fewer learners is not taught again as a whole."""


def half_up(number: int, divisor: int) -> int:
    """Return a quotient to the nearest whole, halves upwards; the number is not negative."""
    return (number + divisor // 2) // divisor


@dataclass(frozen=True)
class Claim:
    """A need that may be seated: as help or, where the evidence is too thin, as a check."""

    need: Need
    help: bool
    weight_milli: int
    tier: Tier | None
    """The need's own tier; None where the school has none."""

    @property
    def key(self) -> tuple[str, str]:
        """Return the learner and the competency."""
        return self.need.learner_id, self.need.competency_id

    @property
    def seats(self) -> int:
        """Return the most seats of a week that it may have."""
        return self.need.sessions if self.help else 1


def level_of(need: Need) -> int:
    """Return the level; where there is none the lowest."""
    return LOWEST_MILLI if need.level_milli is None else need.level_milli


def claims_of(facts: Facts) -> dict[tuple[str, str], Claim]:
    """Return the claims of a problem by learner and competency."""
    found = {}
    histories = {(h.learner_id, h.competency_id): h for h in facts.problem.group_histories}
    for need in facts.problem.needs:
        key = need.learner_id, need.competency_id
        if need.learner_id not in facts.learners or need.competency_id not in facts.competencies:
            continue
        stands = _stands_for(need, facts.problem)
        if stands is None or _is_held_back(need, stands, histories.get(key), facts.policy):
            continue
        weight = need.weight_milli
        if weight is None:
            essential = facts.competencies[need.competency_id].essential
            weight = _weight(need, essential, stands, facts.problem)
        found[key] = Claim(need, stands, weight, own_tier(need, facts.policy))
    return _reweighted(facts, found)


def _stands_for(need: Need, problem: Problem) -> bool | None:
    """Return True for help, False for a check, None for nothing (H10)."""
    policy = problem.policy
    if need.nominated or need.confirmed:
        return True
    low = level_of(need) < policy.floor_level_milli
    unsure = need.at_least_eight_tenths_micro < policy.floor_at_least_eight_tenths_micro
    if not (low and unsure):
        return None
    enough = (
        need.level_milli is not None
        and need.evidence_count >= policy.floor_evidence_count
        and need.day_count >= policy.floor_day_count
        and need.newest_day is not None
        and 0 <= (problem.as_of_day - need.newest_day).days <= policy.floor_newest_days
    )
    return enough


def _is_held_back(need: Need, stands: bool, history, policy: Policy) -> bool:
    """Whether S6 takes the claim away: after a calm exit, or without a gain over cycles."""
    if history is None or need.level_milli is None:
        return False
    left = history.exit_date is not None and history.entry_date is None
    asked = need.nominated or need.confirmed
    if left and need.level_milli >= policy.return_level_milli and not asked:
        return True
    return (
        stands
        and not need.nominated
        and history.cycles >= policy.cycles_without_gain
        and history.entry_level_milli is not None
        and need.level_milli <= history.entry_level_milli
    )


def _weight(need: Need, essential: bool, stands: bool, problem: Problem) -> int:
    weights = problem.policy.weights
    gap = max(GOAL_MILLI - level_of(need), 0)
    if need.nominated or need.confirmed:
        gap = max(gap, weights.nominated_gap_milli)
    factor = weights.essential_milli if essential else 1000
    waiting = 1000 + weights.waiting_step_milli * need.weeks_waiting
    waiting = min(waiting, weights.waiting_limit_milli)
    last = _freshness(need, problem) if stands else weights.check_milli
    return max(half_up(gap * factor * waiting * last, 10**9), 1)


def _freshness(need: Need, problem: Problem) -> int:
    weights = problem.policy.weights
    if need.newest_day is None or weights.fresh_days <= 0:
        return weights.stale_milli
    age = (problem.as_of_day - need.newest_day).days
    days = min(max(age, 0), weights.fresh_days)
    return 1000 - half_up((1000 - weights.stale_milli) * days, weights.fresh_days)


def own_tier(need: Need, policy: Policy) -> Tier | None:
    """Return the tier to which a need belongs; None where the school has no tiers."""
    level = level_of(need)
    for tier in policy.tiers:
        if tier.from_level_milli <= level < tier.below_level_milli:
            return tier
    return policy.tiers[-1] if policy.tiers else None


def _reweighted(facts: Facts, claims: dict[tuple[str, str], Claim]):
    """Lower the weights of what a whole section is to be taught again (S1), once each."""
    share = facts.policy.reteach_weight_milli
    for key in sorted(_taught_again(facts, claims)):
        weight = max(half_up(claims[key].weight_milli * share, 1000), 1)
        claims[key] = replace(claims[key], weight_milli=weight)
    return claims


def _taught_again(facts: Facts, claims: dict[tuple[str, str], Claim]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    of_learner: dict[str, list[str]] = defaultdict(list)
    for learner_id, competency_id in claims:
        of_learner[learner_id].append(competency_id)
    for section in facts.problem.sections:
        names = [name for name in dict.fromkeys(section.learner_ids) if _is_here(facts, name)]
        if len(names) < RETEACH_LEARNERS:
            continue
        lacking = Counter(one for name in names for one in of_learner.get(name, ()))
        for competency_id, count in lacking.items():
            of_subject = section.subject in ("", facts.competencies[competency_id].subject)
            if of_subject and 1000 * count >= facts.policy.reteach_share_milli * len(names):
                found |= {(name, competency_id) for name in names}
    return found & set(claims)


def _is_here(facts: Facts, learner_id: str) -> bool:
    learner = facts.learners.get(learner_id)
    return learner is not None and any(
        learner.is_active_on(slot.date) for slot in facts.slots.values()
    )
