"""What no week can keep of required services (H5), said before the search."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from services.scheduler.domain.feasibility.asked import Asked, asked_of, free_minutes
from services.scheduler.domain.feasibility.sentences import Sentences, of_learner
from services.scheduler.domain.feasibility.services import Supply
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach


@dataclass(frozen=True, kw_only=True)
class Feasibility:
    """What is asked of the search, what it can give at most, and why it cannot give the rest."""

    demanded_minutes: int
    """Of services beside what pins give, in whole sessions."""
    deliverable_minutes: int
    """No week gives more; a week may well give less."""
    breaches: tuple[Breach, ...]
    """By rule, slot and message."""


def feasibility_of(question: Question) -> Feasibility:
    """Return what no week of a question can keep. What is said to be impossible is."""
    asked = asked_of(question.frame)
    supply = Supply(question, asked)
    flow = supply.flow()
    sentences = Sentences(question.frame, supply)
    breaches = [
        *_beyond_their_weeks(question, asked),
        *(_of_service(sentences.of_bottleneck(one)) for one in flow.bottlenecks),
    ]
    return Feasibility(
        demanded_minutes=sum(one.minutes for one in asked),
        deliverable_minutes=flow.value,
        breaches=tuple(sorted(set(breaches), key=lambda b: (b.rule, b.slot_id, b.message))),
    )


def _beyond_their_weeks(question: Question, asked: list[Asked]) -> Iterator[Breach]:
    """Yield a breach for each learner whose free slots are too few for all that is required."""
    by_learner: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        by_learner[one.learner].append(one)
    for learner, theirs in by_learner.items():
        free = free_minutes(question.frame, learner)
        if sum(one.minutes for one in theirs) > free:
            yield _of_service(of_learner(theirs[0].wanted.learner_id, theirs, free))


def _of_service(message: str) -> Breach:
    return Breach(rule=Rule.SERVICE_FIRST, slot_id="", message=message)
