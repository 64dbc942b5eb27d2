"""Who is far behind (H6): for them what is worked on is set, and they choose when and how."""

from services.scheduler.domain.model import Learner, Problem
from services.scheduler.domain.rules import MILLI


def far_behind(problem: Problem) -> frozenset[str]:
    """Return the learners whose plan says so; where it says nothing, the competencies due decide.

    A competency without a need, or with a need that has no level yet, does not count as low.
    """
    due = {
        one.competency_id
        for one in problem.competencies
        if one.essential and one.due_date is not None and one.due_date <= problem.as_of_day
    }
    low = _low_counts(problem, due)
    return frozenset(
        one.learner_id
        for one in problem.learners
        if _is_far_behind(one, low.get(one.learner_id, 0), len(due), problem)
    )


def _low_counts(problem: Problem, due: set[str]) -> dict[str, int]:
    """Count for each learner the due competencies whose level is below the school's threshold."""
    counts: dict[str, int] = {}
    below = problem.policy.far_behind_level_milli
    for need in problem.needs:
        low = need.level_milli is not None and need.level_milli < below
        if low and need.competency_id in due:
            counts[need.learner_id] = counts.get(need.learner_id, 0) + 1
    return counts


def _is_far_behind(learner: Learner, low: int, due: int, problem: Problem) -> bool:
    if learner.far_behind is not None:
        return learner.far_behind
    return due > 0 and MILLI * low >= problem.policy.far_behind_share_milli * due
