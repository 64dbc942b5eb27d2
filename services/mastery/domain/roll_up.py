"""Whether a broad competency is reached, by the decisions on its parts.

Two rules, after those of Moodle's competency frameworks (`competency_rule_all` and
`competency_rule_points`): every part is proficient; or the proficient parts have points enough,
the required ones among them. A roll-up reads decisions, never levels: an average of levels would
let what is known well hide what is not known, and nobody can teach an average.

It must not decide on the parts, and it says nothing of how a learner does in the broad competency
beyond reached or not: evidence of that would be evidence on that competency.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.mastery.domain.model import Decision


class RollUpError(ValueError):
    """A roll-up that cannot be meant, or can never be met; the message says what to change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A child of the broad competency; `points` are what it adds where it is proficient."""

    competency: str
    points: int = 1
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AllProficient:
    """Reached where every child is proficient."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnoughPoints:
    """Reached where proficient parts have `points_asked` or more, all required ones among them.

    Children that are no part do not count.
    """

    points_asked: int
    parts: Sequence[Part]


RollUp = AllProficient | EnoughPoints


@dataclass(frozen=True, kw_only=True, slots=True)
class RolledUp:
    """What came out, with a sentence that says why."""

    reached: bool
    explanation: str


def check_roll_up(rule: RollUp, *, competency: str, children: Iterable[str]) -> None:
    """Check a rule against the framework that it is for, once, when it is set.

    There must be children. Parts must be children of the competency, each once and never itself;
    points are 0 or more, at least 1 is asked for, and all parts together must be able to reach it.
    Raises RollUpError.
    """
    known = set(children)
    if competency in known:
        raise RollUpError(f"{competency} is its own child: mend the framework first")
    if not known:
        raise RollUpError(f"{competency} has no children to roll up: leave it without a rule")
    if isinstance(rule, EnoughPoints):
        _check_parts(rule, competency, known)


def roll_up(
    rule: RollUp, decisions: Mapping[str, Decision], *, children: Sequence[str]
) -> RolledUp:
    """Return whether the broad competency is reached by the decisions on its children.

    A child without a decision is not proficient. The rule is one that `check_roll_up` has let pass
    for these children.
    """
    if isinstance(rule, AllProficient):
        return _all_proficient(decisions, children)
    return _enough_points(rule, decisions)


def _check_parts(rule: EnoughPoints, competency: str, children: set[str]) -> None:
    seen: set[str] = set()
    for part in rule.parts:
        if part.competency == competency:
            raise RollUpError(f"{competency} cannot be a part of itself: take it out")
        if part.competency not in children:
            raise RollUpError(f"{part.competency} is no child of {competency}: take it out")
        if part.competency in seen:
            raise RollUpError(f"{part.competency} is a part twice: name it once")
        if part.points < 0:
            raise RollUpError(f"{part.competency} has {part.points} points: give it 0 or more")
        seen.add(part.competency)
    _check_points(rule)


def _check_points(rule: EnoughPoints) -> None:
    asked, there = rule.points_asked, sum(part.points for part in rule.parts)
    if asked < 1:
        raise RollUpError(f"{asked} points are asked for: ask for at least 1")
    if there < asked:
        raise RollUpError(f"all parts have {there} points together: ask for no more, not {asked}")


def _all_proficient(decisions: Mapping[str, Decision], children: Sequence[str]) -> RolledUp:
    missing = [child for child in children if not _is_proficient(decisions, child)]
    there = len(children) - len(missing)
    text = f"{there} of {_counted(len(children), 'part')} proficient"
    if missing:
        text += f"; missing: {', '.join(missing)}"
    return RolledUp(reached=not missing, explanation=f"{text}.")


def _enough_points(rule: EnoughPoints, decisions: Mapping[str, Decision]) -> RolledUp:
    proficient = [part for part in rule.parts if _is_proficient(decisions, part.competency)]
    points = sum(part.points for part in proficient)
    missing = [part.competency for part in rule.parts if part.required and part not in proficient]
    text = (
        f"{points} of the {_counted(rule.points_asked, 'point')} asked for, "
        f"from {len(proficient)} of {_counted(len(rule.parts), 'part')} proficient"
    )
    if missing:
        text += f"; required and missing: {', '.join(missing)}"
    reached = points >= rule.points_asked and not missing
    return RolledUp(reached=reached, explanation=f"{text}.")


def _is_proficient(decisions: Mapping[str, Decision], competency: str) -> bool:
    return decisions.get(competency, Decision.UNSPECIFIED) >= Decision.PROFICIENT


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
