"""Puts what the weeks before say into a new problem."""

from dataclasses import replace

from services.scheduler.domain.history.groups import group_histories
from services.scheduler.domain.history.past import Past
from services.scheduler.domain.history.shares import learner_histories
from services.scheduler.domain.history.waiting import with_waiting
from services.scheduler.domain.model import Problem


def with_history(problem: Problem, past: Past) -> Problem:
    """Return the problem with waiting, shares and groups of the weeks before, and its cycle.

    Only learners of the problem have a history: who has left the school is not planned for.
    """
    here = {one.learner_id for one in problem.learners}
    start = past.calendar.cycle_start(problem.monday, problem.policy.cycle_weeks)
    return replace(
        problem,
        needs=with_waiting(problem.needs, past.weeks),
        histories=tuple(one for one in learner_histories(past.weeks) if one.learner_id in here),
        group_histories=group_histories(past, problem),
        cycle_start=start if start < problem.monday else None,
    )
