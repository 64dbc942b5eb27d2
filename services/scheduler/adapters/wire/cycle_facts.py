"""What is published of a school's cycle: bytes of trellis.scheduler.v1, keyed by school."""

from trellis.scheduler.v1 import cycle_pb2, week_pb2

from services.scheduler.adapters.wire.facts import Fact, fact_of
from services.scheduler.adapters.wire.names import PLAN_RUN, week_name
from services.scheduler.domain.cycle.marks import MarkState, StepMark
from services.scheduler.domain.cycle.steps import Step

STEPS = {step: getattr(cycle_pb2, f"CYCLE_STEP_{step.name}") for step in Step}
STATES = {state: getattr(cycle_pb2, f"CYCLE_STEP_STATE_{state.name}") for state in MarkState}


def cycle_step_done(district: str, mark: StepMark) -> Fact:
    """Return the fact that a step was done or skipped; its id is the same each time."""
    week = week_name(district, mark.school_id, mark.monday)
    event = week_pb2.SchedulerEvent(
        cycle_step_done=cycle_pb2.CycleStepDone(
            week=week,
            step=STEPS[mark.step],
            state=STATES[mark.state],
            outcome=mark.outcome,
            plan_run=PLAN_RUN.format(district, mark.school_id, mark.run_id) if mark.run_id else "",
            revision=mark.revision,
        ),
    )
    event.cycle_step_done.due_time.FromDatetime(mark.due)
    return fact_of((district, mark.school_id), event, mark.time, week, mark.step.value)
