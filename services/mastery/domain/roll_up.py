"""Whether broad competencies are reached, by the decisions on their parts.

A roll-up reads decisions, never levels: an average of levels would let what is known well hide what
is not known, and nobody can teach an average. A part is met where its decision is proficient or
exemplary; a part that is itself broad, where it is reached by its own rule. What is sent on a broad
competency itself has a mastery of its own, beside, and makes nothing reached.

It must not decide on the parts, and it says nothing of how a learner does in the broad competency
beyond reached or not: evidence of that would be evidence on that competency.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.mastery.domain.explain import counted
from services.mastery.domain.model import Decision
from services.mastery.domain.roll_up_rules import (
    AllParts,
    EnoughPoints,
    RollUpRule,
    in_order,
    part_names,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PartStanding:
    """Where a part stands: whether it is met, and the decision on it, None where it is broad."""

    competency: str
    met: bool
    required: bool
    points: int
    decision: Decision | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RolledUp:
    """What came out, with a sentence that says why.

    Both points are None where every part is asked for: then all are `required`, without points.
    """

    reached: bool
    parts: tuple[PartStanding, ...]
    points: int | None
    points_asked: int | None
    explanation: str


def roll_up(
    rules: Mapping[str, RollUpRule], decisions: Mapping[str, Decision]
) -> dict[str, RolledUp]:
    """Return of every broad competency whether it is reached, those beneath first.

    `rules` has every broad competency that is a part of another one in it; a part without a
    decision is not met. Raises CircularRollUpsError.
    """
    found: dict[str, RolledUp] = {}
    for name in in_order(rules):
        found[name] = _roll_up_one(rules[name], decisions, found)
    return found


def _roll_up_one(
    rule: RollUpRule, decisions: Mapping[str, Decision], beneath: Mapping[str, RolledUp]
) -> RolledUp:
    met = {part for part in part_names(rule) if _is_met(part, decisions, beneath)}
    standings = tuple(
        PartStanding(
            competency=competency,
            met=competency in met,
            required=required,
            points=points,
            decision=None
            if competency in beneath
            else decisions.get(competency, Decision.INSUFFICIENT),
        )
        for competency, points, required in _asked(rule)
    )
    return _all(standings) if isinstance(rule, AllParts) else _points(rule, standings)


def _asked(rule: RollUpRule) -> list[tuple[str, int, bool]]:
    """Return (competency, points, whether it is required) of each part."""
    if isinstance(rule, AllParts):
        return [(part, 0, True) for part in rule.parts]
    return [(part.competency, part.points, part.required) for part in rule.parts]


def _is_met(part: str, decisions: Mapping[str, Decision], beneath: Mapping[str, RolledUp]) -> bool:
    if part in beneath:
        return beneath[part].reached
    return decisions.get(part, Decision.UNSPECIFIED) >= Decision.PROFICIENT


def _all(standings: tuple[PartStanding, ...]) -> RolledUp:
    missing = _missing(standings)
    there = len(standings) - len(missing)
    text = f"{there} of {counted(len(standings), 'part')} met"
    if missing:
        text += f"; missing: {', '.join(missing)}"
    return RolledUp(
        reached=not missing,
        parts=standings,
        points=None,
        points_asked=None,
        explanation=f"{text}.",
    )


def _points(rule: EnoughPoints, standings: tuple[PartStanding, ...]) -> RolledUp:
    met = [part for part in standings if part.met]
    points = sum(part.points for part in met)
    missing = _missing(standings)
    text = (
        f"{points} of the {counted(rule.points_asked, 'point')} asked for, "
        f"from {len(met)} of {counted(len(standings), 'part')} met"
    )
    if missing:
        text += f"; required and missing: {', '.join(missing)}"
    return RolledUp(
        reached=points >= rule.points_asked and not missing,
        parts=standings,
        points=points,
        points_asked=rule.points_asked,
        explanation=f"{text}.",
    )


def _missing(standings: tuple[PartStanding, ...]) -> list[str]:
    return [part.competency for part in standings if part.required and not part.met]
