"""What a plan run reads of the cycle: what was decided in the review, or last week's seats.

A run of the fall-back seats everybody as in the last published week; the planner has a say only
where that leaves a learner without a place.
"""

from dataclasses import dataclass, replace

from services.scheduler.domain.cycle.marks import StepMark
from services.scheduler.domain.cycle.review import Review
from services.scheduler.domain.cycle.standing import as_decided, with_standing
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.history.published import published_pins
from services.scheduler.domain.model import PinOrigin, Problem
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

    def applied(self, problem: Problem, published: Week | None) -> Problem:
        """Return what the run reads. `published`: the newest revision of its own week.

        Once a week is published, its seats are what stands, and no longer the review's.
        """
        if published is not None:
            return problem
        if not self.is_fall_back:
            return as_decided(problem, self.review)
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
    )


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
    # Nobody gets a seat by a need or a choice of this week: that would be another week. So the
    # school, which signed in advance, has set these seats, and no need of this week explains them.
    set_so = (replace(pin, origin=PinOrigin.DECIDED, acceptance=None) for pin in kept)
    return with_standing(replace(problem, needs=(), choices=(), requests=()), set_so)
