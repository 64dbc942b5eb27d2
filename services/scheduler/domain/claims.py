"""Settles who may be seated for what: each learner's claims, and what the team is told instead.

Needs whose learner or competency is unknown, and needs of learners who are enrolled on no day of
the week's slots, give no claim: what other services tell arrives in any order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from services.scheduler.domain import rules
from services.scheduler.domain.exits import Standing, no_gain_notice, standing_of
from services.scheduler.domain.far_behind import far_behind
from services.scheduler.domain.model import Competency, GroupHistory, Need, Problem
from services.scheduler.domain.reteach import Reteach, sections_to_reteach
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.ties import tie
from services.scheduler.domain.week import Notice

Key = tuple[str, str]
"""A learner and a competency."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one learner may be seated for: help or a check in one competency, and its weight."""

    learner_id: str
    competency_id: str
    entitlement: Entitlement
    weight_milli: int
    need: Need
    tier_id: str = ""
    """The need's own tier; empty where the school has none."""
    sessions: int = 1
    """The most seats of a week that meet it; a check is one."""
    adult_id: str | None = None
    """The one adult who may help with it (H9)."""
    builds_to: tuple[str, ...] = ()
    """Of help: what the learner's other help claims are on that has this as direct prerequisite."""

    @property
    def key(self) -> Key:
        """Return the learner and the competency."""
        return (self.learner_id, self.competency_id)


@dataclass(frozen=True, kw_only=True)
class Claims:
    """The claims of a week, heaviest first, and what else follows from needs and history."""

    claims: tuple[Claim, ...]
    notices: tuple[Notice, ...]
    """By kind, section, learner and competency."""
    far_behind: frozenset[str]
    """The learners for whom what they work on is set (H6)."""


def claims_of(problem: Problem, seed: int) -> Claims:
    """Return what everybody may be seated for; the seed settles the order of equal claims."""
    active = active_learners(problem)
    found, told = _from_needs(problem, active)
    again = tuple(sections_to_reteach(problem, _by_competency(found), active))
    lighter = _lightened(found, again, problem)
    notices = [*told, *(one.notice() for one in again)]
    return Claims(
        claims=tuple(sorted(_linked(lighter, problem), key=lambda c: _order(c, problem, seed))),
        notices=tuple(sorted(notices, key=_notice_order)),
        far_behind=far_behind(problem),
    )


def active_learners(problem: Problem) -> frozenset[str]:
    """Return the learners who are enrolled on a day on which the week has a slot."""
    days = {slot.date for slot in problem.slots}
    return frozenset(
        one.learner_id for one in problem.learners if any(one.is_active_on(day) for day in days)
    )


def _from_needs(problem: Problem, active: frozenset[str]) -> tuple[list[Claim], list[Notice]]:
    competencies = {one.competency_id: one for one in problem.competencies}
    histories = {(one.learner_id, one.competency_id): one for one in problem.group_histories}
    claims, notices = [], []
    for need in problem.needs:
        competency = competencies.get(need.competency_id)
        if competency is None or need.learner_id not in active:
            continue
        history = histories.get((need.learner_id, need.competency_id))
        entitlement, notice = _entitlement(need, history, problem)
        if notice is not None:
            notices.append(notice)
        if entitlement is not Entitlement.NOTHING:
            claims.append(_claim(need, competency, entitlement, problem))
    return claims, notices


def _entitlement(
    need: Need, history: GroupHistory | None, problem: Problem
) -> tuple[Entitlement, Notice | None]:
    """Return what evidence (H10) and history (S6) allow, and what the team is told instead."""
    allowed = rules.entitlement_of(need, problem.policy, problem.as_of_day)
    standing = standing_of(need, history, problem.policy)
    if standing is Standing.LEFT:
        return Entitlement.NOTHING, None
    if standing is Standing.NO_GAIN and allowed is Entitlement.HELP:
        assert history is not None
        return Entitlement.NOTHING, no_gain_notice(need, history)
    return allowed, None


def _claim(need: Need, competency: Competency, entitlement: Entitlement, problem: Problem) -> Claim:
    tier = rules.tier_of(need, problem.policy)
    return Claim(
        learner_id=need.learner_id,
        competency_id=need.competency_id,
        entitlement=entitlement,
        weight_milli=_weight(need, competency, entitlement, problem),
        need=need,
        tier_id=tier.tier_id if tier is not None else "",
        sessions=need.sessions if entitlement is Entitlement.HELP else 1,
        adult_id=need.adult_id,
    )


def _weight(need: Need, competency: Competency, entitlement: Entitlement, problem: Problem) -> int:
    weights = problem.policy.weights
    if need.weight_milli is not None:
        return need.weight_milli
    if entitlement is Entitlement.HELP:
        return rules.help_weight_milli(need, competency, problem.as_of_day, weights)
    return rules.check_weight_milli(need, competency, weights)


def _by_competency(claims: Iterable[Claim]) -> Mapping[str, set[str]]:
    lacking: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        lacking[claim.competency_id].add(claim.learner_id)
    return lacking


def _lightened(
    claims: Iterable[Claim], again: Collection[Reteach], problem: Problem
) -> list[Claim]:
    """Return the claims, those of sections to be taught again lighter; once, however many."""
    share = problem.policy.reteach_weight_milli
    taught = {(learner, one.competency_id) for one in again for learner in one.learner_ids}
    return [
        replace(claim, weight_milli=max(rules.half_up(claim.weight_milli * share, rules.MILLI), 1))
        if claim.key in taught
        else claim
        for claim in claims
    ]


def _linked(claims: Collection[Claim], problem: Problem) -> list[Claim]:
    """Return the claims, each help claim with the learner's others that build on it."""
    prerequisites = {one.competency_id: one.prerequisites for one in problem.competencies}
    builds_to: dict[Key, set[str]] = defaultdict(set)
    for claim in claims:
        if claim.entitlement is Entitlement.HELP:
            for before in prerequisites[claim.competency_id]:
                if before != claim.competency_id:
                    builds_to[claim.learner_id, before].add(claim.competency_id)
    return [
        replace(claim, builds_to=tuple(sorted(builds_to[claim.key])))
        if claim.entitlement is Entitlement.HELP and claim.key in builds_to
        else claim
        for claim in claims
    ]


def _order(claim: Claim, problem: Problem, seed: int) -> tuple[int, int, int, Key]:
    equal = tie(seed, problem.monday.isoformat(), claim.learner_id, claim.competency_id)
    return (-claim.weight_milli, -claim.need.weeks_waiting, equal, claim.key)


def _notice_order(notice: Notice) -> tuple[str, str, str, str]:
    return (notice.kind.value, notice.section_id, notice.learner_id, notice.competency_id)
