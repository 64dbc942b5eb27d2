"""Kinds, reasons and rules in words, for people who do not know them by their codes."""

from collections.abc import Mapping
from typing import Final

from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Seat, SeatRule

KIND_WORDS: Final = {
    SessionKind.SMALL_GROUP: "Small group",
    SessionKind.CHECK: "Check",
    SessionKind.ENRICHMENT: "Enrichment",
    SessionKind.ONE_TO_ONE: "One to one",
    SessionKind.SERVICE: "Service",
    SessionKind.COMMONS: "Open room",
    SessionKind.REASSESSMENT: "Re-assessment",
}
SEAT_WORDS: Final = {
    SeatRule.SERVICE_PIN: "Service",
    SeatRule.PIN: "Pinned",
    SeatRule.NEED: "Need",
    SeatRule.CHECK: "Check",
    SeatRule.REASSESSMENT: "Re-assessment",
    SeatRule.CHOICE: "Choice",
    SeatRule.SERVICE: "Service",
    SeatRule.ENRICHMENT: "Enrichment",
    SeatRule.COMMONS: "Open room",
    SeatRule.EXEMPT: "Exempt",
}

BOUND_WORDS: Final[Mapping[str, str]] = {
    Rule.ONE_PLACE: "A place for everybody comes first",
    Rule.STAFF_AND_ROOMS: "No adult or room then",
    Rule.SIZE: "The group is full",
    Rule.SCOPE: "What is offered is for others",
    Rule.SERVICE_FIRST: "Services come first",
    Rule.REQUEST_ORDER: "A confirmed choice comes first",
    Rule.FREEZE: "Places set by adults",
    Rule.KEEP_APART: "Placed by rule",
    Rule.RIGHT_ADULT: "One adult to the end of the course",
    Rule.GREATEST_NEED: "Other needs were greater",
    Rule.VOICE: "Time of own choice",
    Rule.ENRICHMENT_FOR_ALL: "Time for enrichment: most help of a week",
    Rule.LOAD: "Group too small, or too many preparations",
}
"""What bound a need. A rule that comes to bind needs gets its line here; a test asks for it."""

BREACH_WORDS: Final[Mapping[str, str]] = {
    Rule.ONE_PLACE: "One place for everybody",
    Rule.STAFF_AND_ROOMS: "Adults and rooms",
    Rule.SIZE: "Too many learners",
    Rule.SCOPE: "Not on the roll",
    Rule.SERVICE_FIRST: "Services first",
    Rule.REQUEST_ORDER: "Order of requests",
    Rule.FREEZE: "Places set by adults",
    Rule.KEEP_APART: "Kept apart",
    Rule.RIGHT_ADULT: "The right adult",
    Rule.EVIDENCE_FLOOR: "Enough evidence for help",
    Rule.NO_LABEL: "No label",
    Rule.EXPLAINED: "Repeatable and explained",
}
"""What a week breaks: a line for each hard rule."""

SOFT_RULE_WORDS: Final[Mapping[str, str]] = {
    Rule.GREATEST_NEED: "Greatest needs first",
    Rule.ONE_GAP: "One gap, right size, fitting tier",
    Rule.VOICE: "Choices of learners",
    Rule.ENRICHMENT_FOR_ALL: "Enrichment for all",
    Rule.CONTINUITY: "Going on with what was begun",
    Rule.CALM_EXITS: "Calm exits",
    Rule.LOAD: "Load of adults",
    Rule.KNOWN_ADULT: "A known adult",
}
"""What a soft rule is about."""


def bound_words(rule: str) -> str:
    """Return what bound a need, in words; the code where this release does not know the rule."""
    return BOUND_WORDS.get(rule, rule)


def breach_words(rule: str) -> str:
    """Return what a week breaks, in words; the code where this release does not know the rule."""
    return BREACH_WORDS.get(rule, rule)


def points(milli: int) -> str:
    """Return thousandths of a point as points, to one digit."""
    return f"{milli / 1000:,.1f}"


def percent(micro: int) -> str:
    """Return a share in millionths as whole percent; cut, so that it never says too much."""
    return f"{micro // 10_000} %"


def percent_of_best(gap_micro: int | None) -> str:
    """Return how near a week is to the best possible; rounded so that it never says too much."""
    if gap_micro is None:
        return "not compared with the best possible"
    tenths = -(-gap_micro // 1000)
    if tenths == 0:
        return "the best possible"
    return f"within {tenths / 10:.1f} % of the best possible"


def reason_for_staff(seat: Seat) -> str:
    """Return why a seat was given, and who accepted it; people stand by id in it, to be named."""
    if seat.acceptance is None:
        return seat.staff_sentence
    by = f" by adult {seat.acceptance.adult_id}" if seat.acceptance.adult_id else ""
    return f"{seat.staff_sentence} Accepted{by}."
