"""The port to whoever answers the exact question of a slot (see `domain.assignment`)."""

from typing import Protocol

from services.scheduler.domain.assignment import Assignment, AssignmentProblem


class SeatAssigner(Protocol):
    """Answers one slot's assignment problem exactly.

    The same problem must give the same answer in every process. The answer seats each learner in
    at most one allowed option, within the maximums and the rooms, at the greatest value (learners
    unplaced and minimums missed cost what `domain.assignment` says), with prices that prove it.
    Raises `domain.errors.AssignmentError` where it has no such answer.
    """

    def __call__(self, problem: AssignmentProblem) -> Assignment:
        """Return the best assignment."""
        ...
