"""What people are told of a week's cycle: what is next, in one sentence."""

from collections.abc import Mapping

from services.scheduler.domain.cycle.marks import Marks, next_step
from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.runs import PlanRun

_NEXT: Mapping[Step, str] = {
    Step.OPEN_RANKING: "Next, learners rank their choices.",
    Step.CLOSE_RANKING: "Learners rank their choices; next, ranking closes.",
    Step.DRAFT: "Ranking is closed; next, the draft is planned.",
    Step.END_REVIEW: "The draft waits for review: accept or move seats, decline or add sessions.",
    Step.FINAL_RUN: "The review is over; next, what nobody accepted is planned once more.",
    Step.REMIND_SIGN_OFF: "The final draft waits for a named person to sign it off.",
    Step.PUBLISH: "The week is published once a named person has signed it off.",
    Step.LOCK: "Next, the week begins.",
}


def run_failed(run: PlanRun) -> str:
    """Return what became of a plan run of the cycle that failed, and what is to be done."""
    return (
        f"Plan run {run.run_id} failed: {run.failure.rstrip('.')}. Until the week is planned again,"
        " with CreatePlanRun, what was there before stands."
    )


def summary_of(times: CycleTimes, marks: Marks, *, running: bool) -> str:
    """Return what is next in a week, and who has to do something for it."""
    if times.no_week:
        return f"There is no week: {times.no_week}"
    if not running:
        return "The clock does not keep this school's cycle: start it with UpdateSchoolCycle."
    step = next_step(marks)
    return "The week has begun." if step is None else _NEXT[step]
