"""Brings a snapshot into one order, and refuses one that contradicts itself."""

from services.scheduler.domain.encode import hash_of_snapshot
from services.scheduler.domain.errors import ProblemError
from services.scheduler.domain.faults import faults_of
from services.scheduler.domain.model import Problem
from services.scheduler.domain.ordering import in_order


def snapshot_hash(problem: Problem) -> str:
    """Return the SHA-256 of what a run would read, whatever order it came in."""
    return hash_of_snapshot(normalised(problem))


def normalised(problem: Problem) -> Problem:
    """Return the problem sorted, with exact repeats dropped.

    Raises ProblemError where one id stands for two different things or a value is impossible.
    """
    for fault in faults_of(problem):
        raise ProblemError(str(fault))
    return in_order(problem)
