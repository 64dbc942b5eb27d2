"""What a week tells beside its seats, from the modules that find it, gathered in one place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.scheduler.domain.explain.capacity import capacity_report
from services.scheduler.domain.explain.notices import notices_of
from services.scheduler.domain.explain.services import services_of
from services.scheduler.domain.explain.terms import terms_of
from services.scheduler.domain.feasibility.report import feasibility_of
from services.scheduler.domain.question.answer import Answer
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.week import (
    Breach,
    Notice,
    NoticeKind,
    ServiceMinutes,
    SlotCapacity,
    Term,
)


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
        notices=_in_order((*notices_of(question, answer), *_bottlenecks(question))),
    )


def _bottlenecks(question: Question) -> Iterator[Notice]:
    """Yield what no week can keep: known before the search, whatever it found."""
    for breach in feasibility_of(question).breaches:
        yield Notice(kind=NoticeKind.BOTTLENECK, message=breach.message)


def _in_order(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    key = lambda n: (n.kind.value, n.section_id, n.learner_id, n.competency_id, n.message)  # noqa: E731
    return tuple(sorted(set(notices), key=key))
