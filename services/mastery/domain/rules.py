"""A district's rules: from occasions to a level that a teacher can work out by hand.

A rule reads occasions (the evidence of one assessment, else of one local day, pooled), oldest
first by the time of the work, never by the time of grading. It must not read single items, the
estimate or the time: one right answer must not make a level, and a level must not fall by waiting.

How a rule is added stands at `RULES`. A rule that changes what it says gets a new version beside
the old one, because published levels name the rule and the version that they are by.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.mastery.domain import averaging_rules, picking_rules
from services.mastery.domain.model import Occasion, RuleChoice
from services.mastery.domain.power_law import power_law, power_law_words


class UnknownRuleError(LookupError):
    """No rule has this name and version."""


class RuleParameterError(ValueError):
    """A rule's parameter is outside its bounds."""


class CreditOnlyRuleError(ValueError):
    """A rule that cannot tell who has forgotten was chosen for the current level."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One version of one rule.

    `level_milli(occasions, parameter)` takes at least one occasion, oldest first, and returns a
    level in thousandths, or None where the rule asks for more than there is. `words(occasions,
    parameter)` says how that level came about, or what there is of what is asked for.

    `credit_only` marks rules by which a level of 3, once reached, is never lost by later work:
    what is earned, but not where a learner stands now.
    """

    name: str
    version: int
    parameter_minimum: int = 0
    parameter_maximum: int = 0
    level_milli: Callable[[Sequence[Occasion], int], int | None]
    words: Callable[[Sequence[Occasion], int], str]
    credit_only: bool = False


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


def find_current_rule(choice: RuleChoice) -> Rule:
    """Return the rule of a choice for the current level.

    Raises UnknownRuleError, RuleParameterError, CreditOnlyRuleError.
    """
    rule = find_rule(choice)
    if rule.credit_only:
        others = ", ".join(
            name for (name, _), rule in sorted(RULES.items()) if not rule.credit_only
        )
        raise CreditOnlyRuleError(
            f"{rule.name} does not fall below level 3 again, so whoever forgets would get no help: "
            f"choose it for credit, and for the current level one of {others}"
        )
    return rule


def level_milli(choice: RuleChoice, occasions: Sequence[Occasion]) -> int | None:
    """Return the level of occasions in order of work by a rule, in thousandths.

    None where there are no occasions, or fewer than the rule asks for. Raises UnknownRuleError,
    RuleParameterError.
    """
    rule = find_rule(choice)
    return rule.level_milli(occasions, choice.parameter) if occasions else None


def words(choice: RuleChoice, occasions: Sequence[Occasion]) -> str:
    """Return how a rule came to its level over at least one occasion in order of work.

    Where it has come to none, what there is of what it asks for.
    """
    return find_rule(choice).words(occasions, choice.parameter)


RULES: Final[Mapping[tuple[str, int], Rule]] = {
    (rule.name, rule.version): rule
    for rule in (
        Rule(
            name="average",
            version=1,
            level_milli=averaging_rules.average,
            words=averaging_rules.average_words,
        ),
        Rule(
            name="canvas_weighted",
            version=1,
            parameter_minimum=1,
            parameter_maximum=99,
            level_milli=averaging_rules.canvas_weighted,
            words=averaging_rules.canvas_weighted_words,
        ),
        Rule(
            name="decaying_average",
            version=1,
            parameter_minimum=50,
            parameter_maximum=99,
            level_milli=averaging_rules.decaying_average,
            words=averaging_rules.decaying_average_words,
        ),
        Rule(
            name="highest",
            version=1,
            level_milli=picking_rules.highest,
            words=picking_rules.highest_words,
            credit_only=True,
        ),
        Rule(
            name="in_a_row",
            version=1,
            parameter_minimum=2,
            parameter_maximum=10,
            level_milli=picking_rules.in_a_row,
            words=picking_rules.in_a_row_words,
            credit_only=True,
        ),
        Rule(
            name="latest",
            version=1,
            level_milli=picking_rules.latest,
            words=picking_rules.latest_words,
        ),
        Rule(
            name="median",
            version=1,
            level_milli=averaging_rules.median,
            words=averaging_rules.median_words,
        ),
        Rule(
            name="mode",
            version=1,
            level_milli=picking_rules.mode,
            words=picking_rules.mode_words,
        ),
        Rule(
            name="most_recent",
            version=1,
            parameter_minimum=2,
            parameter_maximum=10,
            level_milli=averaging_rules.most_recent,
            words=averaging_rules.most_recent_words,
        ),
        Rule(
            name="n_mastery",
            version=1,
            parameter_minimum=1,
            parameter_maximum=10,
            level_milli=averaging_rules.n_mastery,
            words=averaging_rules.n_mastery_words,
            credit_only=True,
        ),
        Rule(
            name="power_law",
            version=1,
            level_milli=power_law,
            words=power_law_words,
        ),
        Rule(
            name="weighted_mean",
            version=1,
            level_milli=averaging_rules.weighted_mean,
            words=averaging_rules.weighted_mean_words,
        ),
    )
}
"""Every rule by name and version. To add one:

1. Two functions in `averaging_rules.py` or `picking_rules.py`, or a module of its own as
   `power_law.py`: `name(occasions, parameter)`, the level in thousandths by whole numbers (or
   proved to round as they do), None where the rule asks for more than there is; and
   `name_words(occasions, parameter)`, its arithmetic as a teacher can check it with a pencil, or
   what there is of what is asked for. Both take at least one occasion, oldest first. An average
   that Canvas has too is defined in `averages.py`, once for both.
2. A `Rule` in this table with version 1 and the bounds of its parameter, none where it has none.
   `credit_only` where a level of 3 is never lost again; tests hold every rule to what it says.
3. Worked numbers and bounds in tests/unit/mastery/test_rules.py, and how it behaves (never outside
   its levels, never lower for better work) in test_rule_properties.py.
4. The rule once more, from its definition and by fractions, in `RULES` of
   tests/support/mastery_reference.py; test_rule_properties.py and test_reference.py compare.
5. Its key in `test_every_rule_is_kept_under_its_own_name_and_version` of test_rules.py, which pins
   the set; its name in the comment of `Rule` in proto/trellis/mastery/v1/mastery.proto (then
   `make proto`); its row in the table of docs/mastery.md; a line in CHANGELOG.md.

Until then it is there and counts for nothing. A policy that names it (`credit_rule`,
`current_rule`) makes it count: a district's, from the moment that it takes effect, or
`DEFAULT_POLICY` of domain/model.py for all who have chosen nothing. The tests that read with
`DEFAULT_POLICY`, test_reference.py and test_page.py before all, say what changes. Levels are worked
out when they are asked for, so `api` and `projector` have those of another default once both are
started anew; `python -m services.mastery rebuild --republish` then publishes every mastery, with
its version raised by one, so that readers take it.
"""
