"""Which parts make a broad competency reached: what a policy says of it, checked when it is set.

Two rules, after those of Moodle's competency frameworks (`competency_rule_all` and
`competency_rule_points`): every part; or parts with points enough, the required ones among them.
The parts are those that the policy names: what lies beneath a competency in a framework is not
known here, so whether a part is there at all is not checked either.

It must not read evidence or decisions: `roll_up.py` does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter


class RollUpError(ValueError):
    """A rule that cannot be meant, or can never be met: which field of it, why, and what to do."""

    def __init__(self, *, field: str, why: str, hint: str) -> None:
        super().__init__(f"{field} {why} {hint}")
        self.field, self.why, self.hint = field, why, hint


class CircularRollUpsError(ValueError):
    """Roll-ups that are parts of one another; `path` is such a round, from one back to itself."""

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(f"the roll-ups go in a circle: {' → '.join(path)}")
        self.path = tuple(path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A part of a broad competency; `points` are what it adds where it is met."""

    competency: str
    points: int = 1
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AllParts:
    """Reached where every part is met; parts in order of id."""

    parts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EnoughPoints:
    """Reached where met parts have `points_asked` or more, all required ones among them."""

    points_asked: int
    parts: tuple[Part, ...]


RollUpRule = AllParts | EnoughPoints


@dataclass(frozen=True, kw_only=True, slots=True)
class RollUp:
    """A broad competency and what makes it reached."""

    competency: str
    rule: RollUpRule


def part_names(rule: RollUpRule) -> tuple[str, ...]:
    """Return the competencies that a rule reads, in their order."""
    if isinstance(rule, AllParts):
        return rule.parts
    return tuple(part.competency for part in rule.parts)


def check_roll_up(one: RollUp) -> None:
    """Check one roll-up by itself, once, when it is set.

    There must be parts, each once and never the broad competency itself; points are 0 or more, at
    least 1 is asked for, and all parts together must be able to reach it. Raises RollUpError.
    """
    names = part_names(one.rule)
    field = "all" if isinstance(one.rule, AllParts) else "parts"
    if not names:
        raise RollUpError(
            field=field, why="names nothing, which everybody has reached.", hint="Name the parts."
        )
    if one.competency in names:
        raise RollUpError(
            field=field, why=f"names {one.competency} as a part of itself.", hint="Take it out."
        )
    for name, following in zip(sorted(names), sorted(names)[1:], strict=False):
        if name == following:
            raise RollUpError(field=field, why=f"names {name} twice.", hint="Name it once.")
    if isinstance(one.rule, EnoughPoints):
        _check_points(one.rule)


def in_order(rules: Mapping[str, RollUpRule]) -> list[str]:
    """Return broad competencies such that each comes after those that are parts of it.

    Raises CircularRollUpsError.
    """
    beneath = {
        name: [part for part in part_names(rules[name]) if part in rules] for name in sorted(rules)
    }
    try:
        return list(TopologicalSorter(beneath).static_order())
    except CycleError as error:
        # Each is a part of the next; told as people look at it, from the broad one down.
        raise CircularRollUpsError(error.args[1][::-1]) from None


def with_parts(wanted: Iterable[str], rules: Mapping[str, RollUpRule]) -> dict[str, RollUpRule]:
    """Return the rules of some broad competencies, and of all broad ones that are beneath them."""
    found: dict[str, RollUpRule] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in rules and name not in found:
            found[name] = rules[name]
            waiting += part_names(rules[name])
    return found


def _check_points(rule: EnoughPoints) -> None:
    for part in rule.parts:
        if part.points < 0:
            raise RollUpError(
                field=f"parts.{part.competency}", why=f"is {part.points}.", hint="Give 0 or more."
            )
    asked, there = rule.points_asked, sum(part.points for part in rule.parts)
    if asked < 1:
        raise RollUpError(field="points", why=f"is {asked}.", hint="Ask for at least 1.")
    if there < asked:
        raise RollUpError(
            field="points",
            why=f"is {asked}, and all parts together have {there}.",
            hint="Ask for no more than they have.",
        )
