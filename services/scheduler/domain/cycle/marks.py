"""What became of each step of a week's cycle, and which step is next.

A step is done once, late rather than never, and in the order of the week; what has become
pointless meanwhile is skipped with a sentence. Windows for people are opened and closed by marks,
never by a clock of their own, so everybody sees the same ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from services.scheduler.domain.calendar.week import monday_of
from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.resources import Setting

WEEK = timedelta(weeks=1)
WEEKS_AHEAD = 7
"""No step of a week is due longer before its Monday: after a break, steps fall before the break."""
WEEKS_CAUGHT_UP = 8
"""A clock that stood still for longer leaves the weeks before alone: all of them are over."""

_POINTLESS_AFTER: Mapping[Step, tuple[Step, str]] = {
    Step.OPEN_RANKING: (
        Step.CLOSE_RANKING,
        "Ranking was over before it could be opened: the choices of before stand.",
    ),
    Step.DRAFT: (Step.FINAL_RUN, "The final run was due already: it plans the week alone."),
    Step.REMIND_SIGN_OFF: (Step.PUBLISH, "Publishing was due already: nobody was reminded."),
}
"""After which other step's instant a late step is pointless, and what people are told."""


class MarkState(Enum):
    """How far a step is; the values are those of the tables."""

    DONE = "done"
    SKIPPED = "skipped"
    WAITING = "waiting"
    """Begun, and waiting for a plan run."""


@dataclass(frozen=True, kw_only=True)
class StepMark:
    """What became of a step. `due` is when it was due as it was done; times are aware.

    `run_id`: the run that it queued, or, of the end of the review, the run whose draft was
    reviewed; empty: none. `revision`: what it published; 0: nothing.
    """

    school_id: str
    monday: date
    step: Step
    due: datetime
    state: MarkState
    time: datetime
    outcome: str
    run_id: str = ""
    revision: int = 0


class FallBack(Enum):
    """What stands where nobody signs a week off; the values are those of the tables."""

    NOTHING = "nothing"
    """No week is published, and everybody is told."""
    LAST_WEEK = "last_week"
    """The sessions and seats of the last published week, where they can stand."""


CYCLE_ID = "cycle"


@dataclass(frozen=True, kw_only=True)
class SchoolCycle(Setting):
    """Whether the clock keeps a school's cycle, and what it falls back to.

    A fall-back other than nothing is signed in advance by who set it, `fall_back_adult_id`, at
    `fall_back_time`. `from_monday`: every week before is settled. `look_time`: nothing is due
    earlier, as far as is known.
    """

    id: str = CYCLE_ID
    running: bool = False
    fall_back: FallBack = FallBack.NOTHING
    fall_back_adult_id: str = ""
    fall_back_time: datetime | None = None
    from_monday: date = date.min
    look_time: datetime | None = None


Marks = Mapping[Step, StepMark]


def is_settled(marks: Marks) -> bool:
    """Whether nothing more will happen to the steps of a week."""
    return all(_is_over(marks.get(step)) for step in Step)


def next_step(marks: Marks) -> Step | None:
    """Return the first step that is neither done nor skipped; None where all are."""
    return next((step for step in Step if not _is_over(marks.get(step))), None)


def week_is_over(times: CycleTimes, now: datetime) -> bool:
    """Whether a week has passed since it began."""
    return now >= times.due[Step.LOCK] + WEEK


def pointless(step: Step, times: CycleTimes, now: datetime, *, signed: bool) -> str:
    """Return why a late step is not done any more; empty: it is done.

    A signed week (`signed`) is published however late, while the week lasts.
    """
    if week_is_over(times, now):
        return "The week was over before this could be done."
    if step is Step.LOCK or (step is Step.PUBLISH and signed):
        return ""
    if now >= times.due[Step.LOCK]:
        return "The week had begun before this could be done."
    later, told = _POINTLESS_AFTER.get(step, (None, ""))
    return told if later is not None and now >= times.due[later] else ""


def sign_off_limit(times: CycleTimes, final_end: datetime | None) -> datetime:
    """Return until when a sign-off is waited for.

    Where the final run came after the hour of publishing, whoever signs has as long as the
    school's own clock gives them, but never beyond the bell.
    """
    hour = times.due[Step.PUBLISH]
    if final_end is None or final_end <= hour:
        return hour
    given = hour - times.due[Step.FINAL_RUN]
    return min(final_end + given, times.due[Step.LOCK])


def mondays_to_look_at(from_monday: date, today: date) -> tuple[date, ...]:
    """Return the weeks of which a step may be due, the earliest first."""
    this = monday_of(today)
    first = max(from_monday, this - WEEKS_CAUGHT_UP * WEEK)
    count = (this + WEEKS_AHEAD * WEEK - first).days // WEEK.days + 1
    return tuple(first + number * WEEK for number in range(max(count, 0)))


def _is_over(mark: StepMark | None) -> bool:
    return mark is not None and mark.state is not MarkState.WAITING
