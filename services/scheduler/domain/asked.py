"""What is asked of the engine for a problem: its requests settled, its pins kept, its tables."""

from dataclasses import dataclass

from services.scheduler.domain.model import Problem
from services.scheduler.domain.pins import settle
from services.scheduler.domain.question.question import Question, question_of
from services.scheduler.domain.requests import as_kept, with_requests
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.week import RequestOutcome


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """A problem in its one order, the question it comes to, and what became of its requests."""

    problem: Problem
    question: Question
    requests: tuple[RequestOutcome, ...]


def asked_of(problem: Problem, *, seed: int, kept_milli: int = 0) -> Asked:
    """Return what is asked of the engine; raises ProblemError.

    `kept_milli`: what a repair gives for a seat that stays as it was published.
    """
    problem = normalised(problem)
    joined, outcomes = with_requests(problem)
    snapshot = index_of(joined, seed)
    settled = settle(snapshot)
    return Asked(
        problem=problem,
        question=question_of(snapshot, settled, kept_milli=kept_milli),
        requests=as_kept(problem, outcomes, settled.seats, settled.unkept),
    )
