"""The sentences of a week: for staff with level, counts and dates; for learners without any.

A learner's sentence holds no level, rank, code, tier, service or diagnosis (H11); a label that
reads like one gives way to neutral words.
"""

from collections.abc import Collection
from datetime import date, time

from services.scheduler.domain import titles
from services.scheduler.domain.claims import Claim
from services.scheduler.domain.model import (
    Choice,
    Competency,
    Pin,
    PinOrigin,
    Problem,
    RequiredService,
)
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.rules import Entitlement, Lack, lack_of

# Not strftime: its names hang on the locale of the process.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

EXEMPT_FOR_LEARNER = "You are somewhere else at this time."
SERVICE_FOR_LEARNER = "This place is set for you by your school."
PIN_FOR_LEARNER = "An adult at your school chose this place for you."
GIVEN_FOR = "Kept, though it would not be given anew. It was given so: "
"""Begins the staff's reason of a seat of the planner's that stands by its pin alone."""
COMMONS_FOR_LEARNER = "You have open time here, with an adult to ask."


def points(weight_milli: int) -> str:
    """Return thousandths of a point as points with two digits, half rounded up."""
    hundredths = (weight_milli + 5) // 10
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def level(level_milli: int) -> str:
    """Return a level with one digit, cut off, so that what is below 3 never reads 3.0."""
    return f"{level_milli // 1000}.{level_milli % 1000 // 100}"


def day(value: date | None) -> str:
    """Return a day as "Nov 20"; "never" where there is none."""
    return "never" if value is None else f"{MONTHS[value.month - 1]} {value.day}"


def clock(value: time) -> str:
    """Return a clock as a school in the United States writes it: "9:10", "1:40"."""
    return f"{value.hour % 12 or 12}:{value.minute:02d}"


def counted(number: int, singular: str, plural: str) -> str:
    """Return a number with its noun."""
    return f"{number} {singular if number == 1 else plural}"


def evidence_of(claim: Claim) -> str:
    """Return what a claim rests on: "Level 1.8 from 5 pieces on 3 days, newest Nov 20"."""
    need = claim.need
    pieces = counted(need.evidence_count, "piece", "pieces")
    days = counted(need.day_count, "day", "days")
    newest = day(need.newest_day)
    shown = "No level yet" if need.level_milli is None else f"Level {level(need.level_milli)}"
    return f"{shown} from {pieces} on {days}, newest {newest}"


def name_for_staff(competency: Competency) -> str:
    """Return label and code."""
    return f"{competency.label} ({competency.code})" if competency.code else competency.label


def claim_for_staff(claim: Claim, competency: Competency, problem: Problem) -> str:
    """Return the staff's reason of a seat that meets a claim; a check's says what help lacks."""
    waited = claim.need.weeks_waiting
    weeks = f", waiting {counted(waited, 'week', 'weeks')}" if waited else ""
    weight = f"weight {points(claim.weight_milli)}{weeks}"
    name = name_for_staff(competency)
    if claim.entitlement is Entitlement.HELP:
        return f"{evidence_of(claim)}; needs {name}, {weight}."
    policy = problem.policy
    lack = lack_of(claim.need, policy, problem.as_of_day)
    assert lack is not None, "a check is for what help lacks"
    floor = {
        Lack.COUNT: counted(policy.floor_evidence_count, "piece", "pieces"),
        Lack.DAYS: f"pieces on {counted(policy.floor_day_count, 'day', 'days')}",
        Lack.LEVEL: "a level",
        Lack.AGE: f"a piece within {counted(policy.floor_newest_days, 'day', 'days')}",
    }[lack]
    return f"{evidence_of(claim)}: help asks for {floor}, so a check on {name}, {weight}."


def claim_for_learner(claim: Claim, label: str, *, chosen: bool = False) -> str:
    """Return the learner's reason of a seat that meets a claim; `chosen`: and their choice."""
    end = ", in a session that you chose." if chosen else "."
    if claim.entitlement is Entitlement.HELP:
        return f"You are working on {label} next{end}"
    return f"You get to show what you can do with {label}{end}"


def label_for_learner(competency: Competency, policy: Policy, codes: Collection[str]) -> str:
    """Return the label as it may stand in a sentence that learners read; no code of `codes`."""
    for words in (competency.label, competency.subject):
        if words.strip() and titles.refusal(words, policy.banned_words, codes) is None:
            return titles.in_a_sentence(words.strip())
    return "something new"


def enrichment_for_learner(title: str) -> str:
    """Return the learner's reason of an enrichment seat."""
    return f"You have time for {title}."


def choice_for_staff(choice: Choice) -> str:
    """Return the staff's reason of a seat that meets a ranked choice."""
    confirmed = ", confirmed" if choice.confirmed else ""
    return f"Choice {choice.rank} of the learner{confirmed}."


def choice_for_learner(title: str) -> str:
    """Return the learner's reason of a seat that they chose."""
    return f"You have time for {title}, which you chose."


def reassessment_for_staff(choice: Choice, competency: Competency) -> str:
    """Return the staff's reason of a re-assessment that was asked for."""
    confirmed = ", confirmed" if choice.confirmed else ""
    asked = f"choice {choice.rank} of the learner{confirmed}"
    return f"Asks to show {name_for_staff(competency)} again, {asked}."


def reassessment_for_learner(label: str) -> str:
    """Return the learner's reason of a re-assessment."""
    return f"You get to show {label} again, as you asked."


def service_for_staff(service: RequiredService) -> str:
    """Return the staff's reason of a seat that delivers a required service."""
    return f"Service {service.service}: {counted(service.minutes, 'minute', 'minutes')} a week."


def pin_for_staff(pin: Pin) -> str:
    """Return the staff's reason of a pinned seat or exemption.

    Of a seat that the planner gave: what for, though that stands no more.
    """
    if pin.origin is PinOrigin.PLANNED:
        return f"{GIVEN_FOR}{pin.reason.removeprefix(GIVEN_FOR)}."
    kind = "Service pin" if pin.service else "Pin"
    code = f" ({pin.exemption})" if pin.exemption else ""
    return f"{kind}{code}: {pin.reason or 'no reason given'}."
