"""The port to whoever mends a published week away from the event loop."""

from collections.abc import Sequence
from typing import Protocol

from services.scheduler.domain.changes import Change
from services.scheduler.domain.model import Problem
from services.scheduler.domain.revision import Content
from services.scheduler.domain.week import Week


class Repairer(Protocol):
    """Mends one week at a time."""

    async def repair(
        self, problem: Problem, week: Week, changes: Sequence[Change], *, seed: int
    ) -> Content:
        """Return the best week after changes with few moves, and the problem that it answers.

        Raises `ProblemError` and `ChangeError`, and `UpstreamError` where the other process was
        lost: that may be tried again.
        """
        ...
