"""Keep rules (H8): two learners who are kept apart, or do well together.

Who reads what of a rule is settled here: the reason is for who set it and for nobody else; the two
learners are for who may set rules; everybody else of the staff sees that a rule stands. A plan run
gets the pair and never the reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from services.scheduler.domain.access import Action, Actor, Role, allow
from services.scheduler.domain.model import KeepApart, KeepTogether
from services.scheduler.domain.resources import Setting, check_batch, check_id, check_text, refuse
from services.scheduler.domain.school.standing import MAX_REASON_LENGTH, Standing


class KeepKind(Enum):
    """What a rule is for."""

    APART = "apart"
    TOGETHER = "together"


@dataclass(frozen=True, kw_only=True)
class KeepRule(Setting):
    """A rule about two learners. `set_by`: the resource name of the adult who stands for it.

    `expire_date`: the first day without the rule; None: it stands.
    """

    kind: KeepKind
    learner_id: str
    other_id: str
    expire_date: date | None = None
    reason: str = ""
    set_by: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """The two learners, the smaller id first."""
        one, other = sorted((self.learner_id, self.other_id))
        return one, other

    def stands_on(self, day: date) -> bool:
        """Whether the rule holds on a day."""
        return self.expire_date is None or day < self.expire_date


@dataclass(frozen=True, kw_only=True)
class SeenRule:
    """A rule as one reader sees it: without the pair or the reason where they are not for them."""

    rule: KeepRule
    shows_pair: bool
    shows_reason: bool


def seen_by(actor: Actor, rule: KeepRule) -> SeenRule:
    """Return a rule as a member of the staff, or a system, may see it.

    A system's credential reads no reason: it is nobody's.
    """
    owns = rule.set_by == actor.name and Role.SYSTEM not in actor.roles
    return SeenRule(
        rule=rule,
        shows_pair=owns or allow(actor, Action.SET_KEEP_RULE),
        shows_reason=owns,
    )


def stated_by(actor: Actor, rule: KeepRule, place: str) -> str:
    """Return who stands for a rule that an actor sends at a place of a batch.

    A person stands for their own; a system says for which adult it imports, and that adult alone
    reads the reason. Raises InvalidSettingError.
    """
    if Role.SYSTEM in actor.roles:
        if not rule.set_by:
            refuse(
                f"{place}.set_by",
                "FIELD_MISSING",
                "is empty, and a system sets no rule of its own.",
                "Send the adult who stands for the rule.",
            )
        return rule.set_by
    if rule.set_by not in ("", actor.name):
        refuse(
            f"{place}.set_by",
            "OTHER_PERSON",
            "names another person than the one who sends it.",
            "Leave it empty: who sends a rule stands for it.",
        )
    return actor.name


def checked_keep_rules(wanted: Sequence[KeepRule], standing: Standing) -> tuple[KeepRule, ...]:
    """Return the rules as they are to be kept, each pair in one order."""
    check_batch("keep_rules", wanted)
    return tuple(_checked(f"keep_rules[{place}]", one) for place, one in enumerate(wanted))


def pairs_of_week(
    rules: Iterable[KeepRule], first_day: date, learner_ids: frozenset[str]
) -> tuple[tuple[KeepApart, ...], tuple[KeepTogether, ...]]:
    """Return the pairs that a week from `first_day` reads: of rules that stand, of its learners.

    A rule that ends within the week goes along with its date: it holds in the slots before it.
    """
    standing = [
        one
        for one in rules
        if one.stands_on(first_day) and learner_ids >= {one.learner_id, one.other_id}
    ]
    apart = (
        KeepApart(
            rule_id=one.id,
            learner_id=one.pair[0],
            other_id=one.pair[1],
            expire_date=one.expire_date,
        )
        for one in standing
        if one.kind is KeepKind.APART
    )
    together = (
        KeepTogether(
            rule_id=one.id,
            learner_id=one.pair[0],
            other_id=one.pair[1],
            expire_date=one.expire_date,
        )
        for one in standing
        if one.kind is KeepKind.TOGETHER
    )
    return tuple(apart), tuple(together)


def _checked(place: str, rule: KeepRule) -> KeepRule:
    check_id(f"{place}.name", rule.id)
    check_id(f"{place}.learner", rule.learner_id)
    check_id(f"{place}.other_learner", rule.other_id)
    if rule.learner_id == rule.other_id:
        refuse(
            f"{place}.other_learner",
            "DUPLICATE",
            "is the same learner as the first.",
            "Send two learners.",
        )
    one, other = rule.pair
    return replace(
        rule,
        learner_id=one,
        other_id=other,
        reason=check_text(f"{place}.reason", rule.reason, most=MAX_REASON_LENGTH),
    )
