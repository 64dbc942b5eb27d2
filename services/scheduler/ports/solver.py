"""The port to whoever plans a week away from the event loop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Breach, Progress, Week


@dataclass(frozen=True, kw_only=True)
class Solved:
    """A week, and what the independent check found to be broken in it."""

    week: Week
    found: tuple[Breach, ...]


class Solver(Protocol):
    """Plans one week at a time, in another process."""

    async def solve(
        self, problem: Problem, *, seed: int, budget: int, report: Callable[[Progress], None]
    ) -> Solved:
        """Return the week, checked; the same problem, seed and budget give the same bytes.

        Cancelling the call stops the search. Raises `domain.errors.PlanError` where there is
        no week, and `SolverLostError` where the other process was lost: that may be tried again.
        """
        ...


class SolverLostError(Exception):
    """The process that planned is gone."""
