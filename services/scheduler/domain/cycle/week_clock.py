"""When a school wants the steps of a week's cycle: a weekday and a local clock for each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import time

from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.resources import refuse

STEPS_BEFORE = tuple(one for one in Step if one is not Step.LOCK)
"""The steps of the week before, in their order. The lock is at the bell and needs no clock."""


@dataclass(frozen=True, kw_only=True)
class DueAt:
    """A weekday (1 is Monday) of the week before, and a clock of the school."""

    iso_weekday: int
    clock: time


@dataclass(frozen=True, kw_only=True)
class WeekClock:
    """When each step is due in the week before; each field bears the value of its step."""

    open_ranking: DueAt = DueAt(iso_weekday=2, clock=time(8))
    close_ranking: DueAt = DueAt(iso_weekday=4, clock=time(12))
    """Evidence of work after it is not read (as-of)."""
    draft: DueAt = DueAt(iso_weekday=4, clock=time(13))
    end_review: DueAt = DueAt(iso_weekday=5, clock=time(15))
    final_run: DueAt = DueAt(iso_weekday=5, clock=time(15, 5))
    remind_sign_off: DueAt = DueAt(iso_weekday=5, clock=time(15, 30))
    publish: DueAt = DueAt(iso_weekday=5, clock=time(16))

    def at(self, step: Step) -> DueAt:
        """Return when a step of the week before is due."""
        due: DueAt = getattr(self, step.value)
        return due


def check_week_clock(field: str, clock: WeekClock, weekdays: Collection[int]) -> WeekClock:
    """Return the clock; refuse a step on a weekday without school, or before the step before it."""
    before: DueAt | None = None
    for step in STEPS_BEFORE:
        due, place = clock.at(step), f"{field}.{step.value}"
        if due.iso_weekday not in weekdays:
            refuse(
                f"{place}.iso_weekday",
                "WEEKDAY_WITHOUT_SCHOOL",
                f"is {due.iso_weekday}, on which the school has no school.",
                f"Send one of {', '.join(map(str, sorted(weekdays)))}; a step that is not said is"
                " due on its usual weekday.",
            )
        if before and (due.iso_weekday, due.clock) <= (before.iso_weekday, before.clock):
            refuse(
                place,
                "STEPS_NOT_IN_ORDER",
                "is not after the step before it.",
                f"The order of the week is {', '.join(one.value for one in STEPS_BEFORE)}.",
            )
        before = due
    return clock
