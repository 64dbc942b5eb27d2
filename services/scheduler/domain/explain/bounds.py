"""The reasons that lie in the learner's own week, in words for staff."""

from collections.abc import Sequence

from services.scheduler.domain.explain.bound import Bound
from services.scheduler.domain.explain.sentences import counted
from services.scheduler.domain.rulebook import Rule

SERVICE_THERE = Bound(nearness="pinned", rule=Rule.SERVICE_FIRST, cause="a service fills the slot")
PIN_THERE = Bound(
    nearness="pinned", rule=Rule.FREEZE, cause="a seat that an adult set fills the slot"
)
KEPT_THERE = Bound(
    nearness="pinned",
    rule=Rule.FREEZE,
    cause="a seat that was accepted or is published fills the slot",
)
NO_PLACE = Bound(
    nearness="away", rule=Rule.ONE_PLACE, cause="the learner has no place in this slot"
)
NO_SLOT = Bound(nearness="away", rule=Rule.SCOPE, cause="no slot of the week is for the learner")
OWN_CHOICE = Bound(
    nearness="own", rule=Rule.VOICE, cause="the learner keeps a place of own choice this week"
)
KEPT_OVER_WEEKS = Bound(
    nearness="own",
    rule=Rule.ENRICHMENT_FOR_ALL,
    cause="after weeks with little choice the learner keeps one more place of own choice",
)
CHOICE_FIRST = Bound(
    nearness="own",
    rule=Rule.REQUEST_ORDER,
    cause="a confirmed choice of the learner comes first in this slot",
)
ALONE = Bound(
    nearness="limit",
    rule=Rule.GREATEST_NEED,
    cause="help on what other needs build on is given beside one of them or rich work alone",
)


def exempt(code: str) -> Bound:
    """Return the reason of a slot from which the learner is exempt."""
    return Bound(
        nearness="away",
        rule=Rule.ONE_PLACE,
        cause="the learner is exempt then",
        detail=f"The learner is exempt then ({code}).",
    )


def met_in(slots: Sequence[str], most: int) -> Bound:
    """Return the reason of a need that has all its seats in other slots."""
    often = {1: "once", 2: "twice"}.get(most, f"{most} times")
    return Bound(
        nearness="away",
        rule=Rule.GREATEST_NEED,
        cause="it is worked on in another slot of the week",
        detail=f"Met in {' and '.join(slots)}; "
        + (f"a need is met at most {often} a week." if most == 1 else f"at most {often} a week."),
    )


def most_help(most: int) -> Bound:
    """Return the reason of a learner with the most need seats of a week."""
    seats = counted(most, "need seat", "need seats")
    return Bound(
        nearness="limit",
        rule=Rule.ENRICHMENT_FOR_ALL,
        cause="the learner has the most need seats of a week",
        detail=f"The learner has {seats}, the most of a week; the rest is for enrichment.",
    )


def most_on_prerequisites(most: int) -> Bound:
    """Return the reason of a learner with the most seats on what other needs build on."""
    seats = counted(most, "seat", "seats")
    return Bound(
        nearness="limit",
        rule=Rule.GREATEST_NEED,
        cause="the learner has the most seats of a week on what other needs build on",
        detail=f"The learner has {seats} on what other needs build on, the most of a week.",
    )
