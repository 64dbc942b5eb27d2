"""A district's rules: from occasions to a level that a teacher can work out by hand.

A rule reads occasions (the evidence of one assessment, else of one local day, pooled), oldest
first by the time of the work, never by the time of grading. It must not read single items, the
estimate or the time: one right answer must not make a level, and a level must not fall by waiting.

How a rule is added stands at `RULES`. A rule that changes what it says gets a new version beside
the old one, because published levels name the rule and the version that they are by.

What a level is: 1 + 3 x pooled score / 30,000, so a pooled score of 20,000 is level 3. Levels are
thousandths, rounded decimal half up *exactly*: a value that lies on a half is found by whole
numbers, never by a float's last digit.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.mastery.domain.model import LEVEL_MINIMUM_MILLI, Occasion, RuleChoice

SCORE_PER_MILLI: Final = 10
"""A thousandth of a level is 10 of the 30,000 points of a score."""

_TAIL_SIZE: Final = 64
"""Occasions that a float reads: at 50 percent, older ones weigh less than 2**-63 together."""

_UNSURE_MILLI: Final = 1e-6
"""Nearer to a half than this, a float's rounding is not trusted. Its error is below 1e-10."""


class UnknownRuleError(LookupError):
    """No rule has this name and version."""


class RuleParameterError(ValueError):
    """A rule's parameter is outside its bounds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One version of one rule.

    `level_milli(occasions, parameter)` takes at least one occasion, oldest first, and returns a
    level in thousandths. `words(occasions, parameter)` says how that level came about.
    """

    name: str
    version: int
    parameter_minimum: int
    parameter_maximum: int
    level_milli: Callable[[Sequence[Occasion], int], int]
    words: Callable[[Sequence[Occasion], int], str]


def find_rule(choice: RuleChoice) -> Rule:
    """Return the rule of a choice. Raises UnknownRuleError, RuleParameterError."""
    rule = RULES.get((choice.name, choice.version))
    if rule is None:
        known = ", ".join(f"{name} {version}" for name, version in sorted(RULES))
        raise UnknownRuleError(f"no rule {choice.name} {choice.version}; there are: {known}")
    if not rule.parameter_minimum <= choice.parameter <= rule.parameter_maximum:
        raise RuleParameterError(
            f"the parameter of {rule.name} runs from {rule.parameter_minimum} to "
            f"{rule.parameter_maximum}, not {choice.parameter}"
        )
    return rule


def in_order_of_work(occasions: Sequence[Occasion]) -> list[Occasion]:
    """Return the occasions oldest first, by the time of their newest piece, then by key."""
    return sorted(occasions, key=_time_and_key)


def level_milli(choice: RuleChoice, occasions: Sequence[Occasion]) -> int | None:
    """Return the level of occasions in order of work by a rule, None where there are none.

    Raises UnknownRuleError, RuleParameterError.
    """
    rule = find_rule(choice)
    return rule.level_milli(occasions, choice.parameter) if occasions else None


def words(choice: RuleChoice, occasions: Sequence[Occasion]) -> str:
    """Return how a rule came to its level over at least one occasion in order of work."""
    return find_rule(choice).words(occasions, choice.parameter)


def level_text(milli: int) -> str:
    """Return a level as people write it: 2050 is '2.05', 3000 is '3'."""
    whole, part = divmod(milli, 1_000)
    return f"{whole}.{part:03d}".rstrip("0").rstrip(".")


def _share(percent: int) -> str:
    return f"0.{percent:02d}"


def _time_and_key(occasion: Occasion) -> tuple[int, str]:
    return occasion.newest_time_us, occasion.key


def _of_occasion(occasion: Occasion) -> int:
    """Return the level of one occasion, half up, by whole numbers alone."""
    return LEVEL_MINIMUM_MILLI + _divide_half_up(
        occasion.score_sum, SCORE_PER_MILLI * occasion.score_count
    )


def _divide_half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _highest(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the highest level of an occasion. Rounding keeps order, so it may come first."""
    assert parameter == 0
    return max(map(_of_occasion, occasions))


def _highest_words(occasions: Sequence[Occasion], parameter: int) -> str:
    level = level_text(_highest(occasions, parameter))
    if len(occasions) == 1:
        return f"{level}, of one occasion"
    return f"{level}, the highest of {len(occasions)} occasions"


def _decaying_average(occasions: Sequence[Occasion], parameter: int) -> int:
    """Return the recursive decaying average D_k = w s_k + (1 - w) D_(k-1), with D_1 = s_1.

    Known to teachers as the "decaying average" of Canvas, Instructure's learning platform, since
    the older rule of that name became its "weighted average". w = `parameter` / 100; the default
    of 65 is that product's (a convention, fitted to nothing).
    """
    latest = parameter / 100.0
    kept = 1.0 - latest
    tail = occasions[-_TAIL_SIZE:]
    score = tail[0].score_sum / tail[0].score_count
    for occasion in tail[1:]:
        score = latest * (occasion.score_sum / occasion.score_count) + kept * score
    milli = score / SCORE_PER_MILLI
    lower = math.floor(milli + 0.5)
    if abs(milli + 0.5 - round(milli + 0.5)) < _UNSURE_MILLI:
        lower = _decaying_average_exactly(occasions, parameter)
    return LEVEL_MINIMUM_MILLI + lower


def _decaying_average_exactly(occasions: Sequence[Occasion], percent: int) -> int:
    """Return the same average as a rounded number of thousandths above level 1, by fractions."""
    numerator, denominator = occasions[0].score_sum, occasions[0].score_count
    for occasion in occasions[1:]:
        numerator = (
            percent * occasion.score_sum * denominator
            + (100 - percent) * numerator * occasion.score_count
        )
        denominator *= 100 * occasion.score_count
        shared = math.gcd(numerator, denominator)
        numerator, denominator = numerator // shared, denominator // shared
    return _divide_half_up(numerator, SCORE_PER_MILLI * denominator)


def _decaying_average_words(occasions: Sequence[Occasion], parameter: int) -> str:
    level = level_text(_decaying_average(occasions, parameter))
    if len(occasions) == 1:
        return f"{level}, of one occasion"
    newest = level_text(_of_occasion(occasions[-1]))
    before = level_text(_decaying_average(occasions[:-1], parameter))
    arithmetic = f"{_share(parameter)} × {newest} + {_share(100 - parameter)} × {before}"
    return f"decaying average: {arithmetic} = {level}"


RULES: Final[Mapping[tuple[str, int], Rule]] = {
    (rule.name, rule.version): rule
    for rule in (
        Rule(
            name="decaying_average",
            version=1,
            parameter_minimum=50,
            parameter_maximum=99,
            level_milli=_decaying_average,
            words=_decaying_average_words,
        ),
        Rule(
            name="highest",
            version=1,
            parameter_minimum=0,
            parameter_maximum=0,
            level_milli=_highest,
            words=_highest_words,
        ),
    )
}
"""Every rule by name and version. To add one:

1. Two functions in this module: `_name(occasions, parameter)`, the level in thousandths by whole
   numbers (or proved to round as they do), and `_name_words(occasions, parameter)`, its arithmetic
   as a teacher can check it with a pencil. Both take at least one occasion, oldest first.
2. A `Rule` in this table with version 1 and the bounds of its parameter, 0 and 0 for none.
3. Worked numbers and bounds in tests/unit/mastery/test_rules.py.
4. The rule once more, from its definition and by fractions, in tests/support/mastery_reference.py,
   and its line in `test_rules_agree_with_the_reference` of tests/unit/mastery/test_reference.py.
5. Its key in `test_every_rule_is_kept_under_its_own_name_and_version` of test_rules.py, which pins
   the set; its name in the comment of `Rule` in proto/trellis/mastery/v1/mastery.proto; in
   docs/mastery.md what it reads and where its numbers come from; a line in CHANGELOG.md.

Until then it is there and counts for nothing. A policy that names it (`credit_rule`,
`current_rule`) makes it count: a district's, from the moment that it takes effect, or
`DEFAULT_POLICY` of domain/model.py for all who have chosen nothing. The tests that read with
`DEFAULT_POLICY`, test_reference.py and test_page.py before all, say what changes. Levels are worked
out when they are asked for, so `api` and `projector` have those of another default once both are
started anew; `python -m services.mastery rebuild --republish` then publishes every mastery, with
its version raised by one, so that readers take it.
"""
