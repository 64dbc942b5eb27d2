"""What a plan run reads of the cycle: what was decided in the review, or last week's seats.

A run of the fall-back seats everybody as in the last published week; the planner has a say only
where that leaves a learner without a place.
"""

from dataclasses import dataclass, replace

from services.scheduler.domain.cycle.marks import StepMark
from services.scheduler.domain.cycle.review import Review
from services.scheduler.domain.cycle.standing import as_decided, with_standing
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.history.published import as_set, published_pins
from services.scheduler.domain.model import Problem
from services.scheduler.domain.revision import view_of
from services.scheduler.domain.runs import PlanRun
from services.scheduler.domain.week import Week
from services.scheduler.handlers.cycle.last_week import last_published
from services.scheduler.ports.store import View


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What people decided before a run."""

    review: Review
    is_fall_back: bool
    last: Week | None = None
    """For a fall-back: the newest week that was published before; None: there is none."""
    drafted: Problem | None = None
    """What the draft in review was planned from; None: there is no draft."""

    def applied(self, problem: Problem, published: Week | None) -> Problem:
        """Return what the run reads. `published`: the newest revision of its own week.

        Once a week is published, its seats are what stands, and no longer the review's.
        """
        if published is not None:
            return problem
        if not self.is_fall_back:
            return as_decided(problem, self.review, self.drafted or problem)
        return problem if self.last is None else _as_last_week(problem, self.last)


async def decided_before(view: View, run: PlanRun) -> Decided:
    """Return what was decided of the week of a run."""
    marks = await view.cycle.marks(run.school_id, run.monday)
    published: StepMark | None = marks.get(Step.PUBLISH)
    is_fall_back = published is not None and published.run_id == run.run_id
    return Decided(
        review=await view.review.of(run.school_id, run.monday),
        is_fall_back=is_fall_back,
        last=await _last_week(view, run) if is_fall_back else None,
        drafted=None if is_fall_back else await _drafted(view, run),
    )


async def _drafted(view: View, run: PlanRun) -> Problem | None:
    head = await view.weeks.head(run.school_id, run.monday)
    if head.draft is None:
        return None
    return (await view.weeks.content(view_of(head, head.draft))).problem


async def _last_week(view: View, run: PlanRun) -> Week | None:
    found = await last_published(view, run.school_id, run.monday)
    return None if found is None else (await view.weeks.content(found)).week


def _as_last_week(problem: Problem, last: Week) -> Problem:
    kept = published_pins(
        last,
        slots=problem.slots,
        offers=problem.offers,
        absences=problem.absences,
        learners=problem.learners,
        own=problem.pins,
    )
    # Nobody gets a seat by a need or a choice of this week: that would be another week.
    problem = replace(problem, needs=(), choices=(), requests=())
    return with_standing(problem, map(as_set, kept))
