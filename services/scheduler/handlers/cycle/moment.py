"""A step that is due, the moment at which a clock does it, and the plan runs that it queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.common.ids import NAMESPACE_TRELLIS, derive_id
from services.scheduler.domain.asking.windows import Uptime
from services.scheduler.domain.cycle.marks import Marks, MarkState, SchoolCycle, StepMark
from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.history.digest import WeekDigest
from services.scheduler.domain.over_caps import OverCap
from services.scheduler.domain.revision import WeekView
from services.scheduler.domain.runs import DEFAULT_BUDGET, PlanRun
from services.scheduler.ports.store import View


@dataclass(frozen=True, kw_only=True)
class Todo:
    """A step that is due, with what became of the others of its week."""

    monday: date
    times: CycleTimes
    step: Step
    marks: Marks


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A week that was looked at: what breaks it, in sentences, or else its digest.

    `over_caps`: its exceptions.
    """

    breaches: Sequence[str]
    digest: WeekDigest | None
    over_caps: tuple[OverCap, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When and where steps are done.

    `checked`: what was found of weeks, by their hashes. `uptimes`: when rankings could be
    taken, by the Monday of their week. Both are looked up outside of a transaction.
    """

    district: str
    cycle: SchoolCycle
    now: datetime
    checked: Mapping[str, Checked]
    uptimes: Mapping[date, Sequence[Uptime]]

    def mark(
        self,
        todo: Todo,
        outcome: str,
        *,
        state: MarkState = MarkState.DONE,
        run_id: str = "",
        revision: int = 0,
    ) -> StepMark:
        """Return what became of a step; the run that it queued before stays named."""
        standing = todo.marks.get(todo.step)
        return StepMark(
            school_id=self.cycle.school_id,
            monday=todo.monday,
            step=todo.step,
            due=todo.times.due[todo.step],
            state=state,
            time=self.now,
            outcome=outcome,
            run_id=run_id or (standing.run_id if standing else ""),
            revision=revision,
        )


@dataclass(frozen=True, kw_only=True)
class CheckWanted:
    """A week that must be checked before the step can be done."""

    view: WeekView


@dataclass(frozen=True, kw_only=True)
class UptimesWanted:
    """Since when it must be known whether rankings could be taken, before the step can be done."""

    monday: date
    since: datetime


Found = StepMark | CheckWanted | UptimesWanted | None
"""What a step comes to; None: it waits."""


async def queue_run(view: View, at: Moment, todo: Todo) -> PlanRun:
    """Queue the plan run of a step; its id is the step's, so there is one at most.

    It is not counted among the runs that people may have open: theirs must not hold the week up.
    """
    school_id, monday = at.cycle.school_id, todo.monday
    # More parts than the request of a person has: no request id can give the same one.
    parts = ("plan-run", at.district, school_id, "cycle", monday.isoformat(), todo.step.value)
    run = PlanRun(
        school_id=school_id,
        run_id=derive_id(NAMESPACE_TRELLIS, *parts).hex,
        monday=monday,
        as_of=todo.times.as_of,
        seed=monday.toordinal(),
        budget=DEFAULT_BUDGET,
        create_time=at.now,
    )
    await view.runs.add(run)
    return run
