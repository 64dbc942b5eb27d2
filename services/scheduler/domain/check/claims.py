"""What the evidence lets a learner be seated for, and what it weighs: by the specification alone.

`floor_of` is the evidence floor (H10). A claim is what is left of it once calm exits (S6) have
had their say; its weight is that of S1. Whole numbers throughout, halves rounded up.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from services.scheduler.domain.check.basics import is_on_roll
from services.scheduler.domain.model import Competency, GroupHistory, Learner, Need, Problem
from services.scheduler.domain.numbers import Policy

GOAL_MILLI = 3000
LOWEST_MILLI = 1000
SECTION_MINIMUM = 5
"""No smaller class is taught again as a whole, for two or three would decide for all."""

Key = tuple[str, str]
"""A learner and a competency; for a class that is taught again: its section and a competency."""


class Stands(Enum):
    """What a need lets its learner be seated for."""

    HELP = "help"
    CHECK = "check"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one learner may be seated for in one competency, and what a seat weighs."""

    need: Need
    stands: Stands
    weight_milli: int

    @property
    def is_help(self) -> bool:
        """Return whether the claim is for help."""
        return self.stands is Stands.HELP


def half_up(number: int, divisor: int) -> int:
    """Return a quotient rounded to the nearest whole number, a half upwards."""
    return (number + divisor // 2) // divisor


def claims_of(problem: Problem) -> dict[Key, Claim]:
    """Return every claim by learner and competency; what is re-taught to a section counts less."""
    claims = _before_reteach(problem)
    found = _lacking_sections(problem, claims)
    members = {one.section_id: one.learner_ids for one in problem.sections}
    retaught = {(i, c) for section_id, c in found for i in members[section_id]}
    for key in retaught & claims.keys():
        weight = half_up(claims[key].weight_milli * problem.policy.reteach_weight_milli, 1000)
        claims[key] = replace(claims[key], weight_milli=max(weight, 1))
    return claims


def sections_to_reteach(problem: Problem) -> set[Key]:
    """Return the sections of which so many lack a competency that all are taught it again."""
    return _lacking_sections(problem, _before_reteach(problem))


def on_roll(problem: Problem) -> set[str]:
    """Return the learners who are on the roll on a day that has a slot."""
    days = {slot.date for slot in problem.slots}
    return {x.learner_id for x in problem.learners if any(is_on_roll(x, day) for day in days)}


def floor_of(need: Need, problem: Problem) -> Stands | None:
    """Return what the evidence floor allows (H10): help, a check where something falls short."""
    if need.nominated or need.confirmed:
        return Stands.HELP
    if not _is_gap(need, problem.policy):
        return None
    return Stands.HELP if _is_enough(need, problem) else Stands.CHECK


def has_left(need: Need, history: GroupHistory | None, policy: Policy) -> bool:
    """Return whether a learner left the group and has not fallen so far as to come back (S6)."""
    if history is None or history.exit_date is None or history.entry_date is not None:
        return False
    if need.nominated or need.confirmed or need.level_milli is None:
        return False
    return need.level_milli >= policy.return_level_milli


def is_without_gain(need: Need, history: GroupHistory | None, policy: Policy) -> bool:
    """Return whether cycle after cycle brought nothing, so that the team is told instead (S6)."""
    if history is None or need.nominated or history.cycles < policy.cycles_without_gain:
        return False
    if history.entry_level_milli is None or need.level_milli is None:
        return False
    return need.level_milli <= history.entry_level_milli


def is_far_behind(learner: Learner, needs: Iterable[Need], problem: Problem) -> bool:
    """Return whether a learner's competencies are set, not chosen (H6); `needs` are their own."""
    if learner.far_behind is not None:
        return learner.far_behind
    due = {
        c.competency_id
        for c in problem.competencies
        if c.essential and c.due_date is not None and c.due_date <= problem.as_of_day
    }
    limit = problem.policy.far_behind_level_milli
    low = {n.competency_id for n in needs if n.level_milli is not None and n.level_milli < limit}
    return bool(due) and 1000 * len(due & low) >= problem.policy.far_behind_share_milli * len(due)


def _is_gap(need: Need, policy: Policy) -> bool:
    low = need.level_milli is None or need.level_milli < policy.floor_level_milli
    return low and need.at_least_eight_tenths_micro < policy.floor_at_least_eight_tenths_micro


def _is_enough(need: Need, problem: Problem) -> bool:
    policy = problem.policy
    if need.level_milli is None or need.newest_day is None:
        return False
    age = (problem.as_of_day - need.newest_day).days
    counts = need.evidence_count >= policy.floor_evidence_count
    days = need.day_count >= policy.floor_day_count
    return counts and days and 0 <= age <= policy.floor_newest_days


def _before_reteach(problem: Problem) -> dict[Key, Claim]:
    competencies = {c.competency_id: c for c in problem.competencies}
    learners = {one.learner_id for one in problem.learners}
    histories = {(g.learner_id, g.competency_id): g for g in problem.group_histories}
    claims = {}
    for need in problem.needs:
        key = (need.learner_id, need.competency_id)
        stands = _stands(need, histories.get(key), problem)
        if stands is None or need.competency_id not in competencies or key[0] not in learners:
            continue
        weight = _weight(need, stands, competencies[need.competency_id], problem)
        claims[key] = Claim(need=need, stands=stands, weight_milli=weight)
    return claims


def _stands(need: Need, history: GroupHistory | None, problem: Problem) -> Stands | None:
    """Return what a need stands for once who left, and who gained nothing, are left in peace."""
    stands = floor_of(need, problem)
    helped = stands is Stands.HELP
    if has_left(need, history, problem.policy):
        return None
    return None if helped and is_without_gain(need, history, problem.policy) else stands


def _weight(need: Need, stands: Stands, competency: Competency, problem: Problem) -> int:
    if need.weight_milli is not None:
        return need.weight_milli
    weights = problem.policy.weights
    level = LOWEST_MILLI if need.level_milli is None else need.level_milli
    gap = max(GOAL_MILLI - level, 0)
    if need.nominated or need.confirmed:
        gap = max(gap, weights.nominated_gap_milli)
    essential = weights.essential_milli if competency.essential else 1000
    waiting = 1000 + weights.waiting_step_milli * need.weeks_waiting
    product = gap * essential * min(waiting, weights.waiting_limit_milli)
    factor = _freshness(need, problem) if stands is Stands.HELP else weights.check_milli
    return max(half_up(product * factor, 10**9), 1)


def _freshness(need: Need, problem: Problem) -> int:
    """Return 1000 for evidence of today, falling in a line to the stale share."""
    weights = problem.policy.weights
    if need.newest_day is None:
        return weights.stale_milli
    age = (problem.as_of_day - need.newest_day).days
    if age <= 0:
        return 1000
    if age >= weights.fresh_days:
        return weights.stale_milli
    return 1000 - half_up((1000 - weights.stale_milli) * age, weights.fresh_days)


def _lacking_sections(problem: Problem, claims: dict[Key, Claim]) -> set[Key]:
    lacks: dict[str, set[str]] = defaultdict(set)
    for learner_id, competency_id in claims:
        lacks[competency_id].add(learner_id)
    subjects = {c.competency_id: c.subject for c in problem.competencies}
    found = set()
    for section_id, subject, members in _sections(problem):
        for competency_id, lacking in lacks.items():
            if subject not in ("", subjects[competency_id]) or len(members) < SECTION_MINIMUM:
                continue
            share = 1000 * len(members & lacking)
            if members & lacking and share >= problem.policy.reteach_share_milli * len(members):
                found.add((section_id, competency_id))
    return found


def _sections(problem: Problem) -> Iterator[tuple[str, str, set[str]]]:
    """Yield each section with its subject and those of it who are on the roll in the week."""
    here = on_roll(problem)
    for section in problem.sections:
        yield section.section_id, section.subject, here & set(section.learner_ids)
