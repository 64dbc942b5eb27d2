"""What a plan run reads of the cycle: what was decided in the review, or last week's seats.

A run of the fall-back seats everybody as in the last published week; the planner has a say only
where that leaves a learner without a place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.scheduler.domain.cycle.marks import StepMark
from services.scheduler.domain.cycle.review import Review, reviewed
from services.scheduler.domain.cycle.standing import with_standing
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.history import published_pins
from services.scheduler.domain.model import Problem
from services.scheduler.domain.runs import PlanRun
from services.scheduler.domain.week import Week
from services.scheduler.ports.store import View


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What people decided before a run."""

    review: Review
    is_fall_back: bool

    def applied(self, problem: Problem, earlier: Sequence[Week | None]) -> Problem:
        """Return what the run reads. `earlier`: the published week of this Monday and of before.

        Once a week is published, its seats are what stands, and no longer the review's.
        """
        if earlier and earlier[0] is not None:
            return problem
        if not self.is_fall_back:
            return _as_decided(problem, self.review)
        last = next((one for one in earlier if one is not None), None)
        return problem if last is None else _as_last_week(problem, last)


async def decided_before(view: View, run: PlanRun) -> Decided:
    """Return what was decided of the week of a run."""
    marks = await view.cycle.marks(run.school_id, run.monday)
    published: StepMark | None = marks.get(Step.PUBLISH)
    return Decided(
        review=await view.review.of(run.school_id, run.monday),
        is_fall_back=published is not None and published.run_id == run.run_id,
    )


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
    return with_standing(replace(problem, needs=(), choices=(), requests=()), kept)


def _as_decided(problem: Problem, review: Review) -> Problem:
    whole = reviewed(problem, review)
    own = {pin.pin_id for pin in problem.pins}
    decided = [pin for pin in whole.pins if pin.pin_id not in own]
    return with_standing(replace(whole, pins=problem.pins), decided)
