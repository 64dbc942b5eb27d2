"""What a week tells beside its seats, from the modules that find it, gathered in one place."""

from dataclasses import dataclass

from services.scheduler.domain.question.answer import Answer
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.week import Breach, Notice, ServiceMinutes, SlotCapacity, Term


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts, each in the order in which a week holds it; breaches are those of capacity."""

    capacity: tuple[SlotCapacity, ...] = ()
    breaches: tuple[Breach, ...] = ()
    terms: tuple[Term, ...] = ()
    services: tuple[ServiceMinutes, ...] = ()
    notices: tuple[Notice, ...] = ()


def parts_of(question: Question, answer: Answer) -> Parts:
    """Return the parts of a week."""
    capacity, breaches = capacity_report(question, answer)
    return Parts(
        capacity=tuple(capacity),
        breaches=tuple(breaches),
        terms=terms_of(question, answer),
        services=services_of(question, answer),
        notices=notices_of(question, answer),
    )


def capacity_report(question: Question, answer: Answer) -> tuple[list[SlotCapacity], list[Breach]]:
    """Return a line for each slot, and a breach for each slot that is short of places."""
    return [], []


def terms_of(question: Question, answer: Answer) -> tuple[Term, ...]:
    """Return what each soft rule adds to the value."""
    return ()


def services_of(question: Question, answer: Answer) -> tuple[ServiceMinutes, ...]:
    """Return what each learner gets of each required service."""
    return ()


def notices_of(question: Question, answer: Answer) -> tuple[Notice, ...]:
    """Return what the team is told."""
    return ()
