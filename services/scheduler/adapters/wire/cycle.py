"""The weekly cycle and its review: the domain to messages, and what people send."""

from trellis.scheduler.v1 import cycle_pb2, week_pb2
from trellis.scheduler.v1 import cycle_service_pb2 as messages

from services.common.ids import ResourceName
from services.scheduler.adapters.wire.cycle_facts import STATES, STEPS
from services.scheduler.adapters.wire.names import (
    ADULT,
    COMPETENCY,
    LEARNER,
    OFFER,
    PLAN_RUN,
    seat_name,
    session_name,
    week_name,
)
from services.scheduler.adapters.wire.times import time_to
from services.scheduler.adapters.wire.weeks import session_to
from services.scheduler.domain.cycle.groups import GroupChange
from services.scheduler.domain.cycle.marks import FallBack, SchoolCycle, StepMark, next_step
from services.scheduler.domain.cycle.review import SeatMark, SeatMarkState
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.cycle.waiting import ItemKind, ReviewItem
from services.scheduler.domain.differences import SeatChange, SessionChange
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.domain.revision import WeekView
from services.scheduler.handlers.cycle.reading import Comparison, WeekCycle
from services.scheduler.handlers.weeks import Shown

CYCLE = ResourceName("districts/{district}/schools/{school}/cycle")

FALL_BACKS = {
    cycle_pb2.FALL_BACK_NOTHING: FallBack.NOTHING,
    cycle_pb2.FALL_BACK_LAST_WEEK: FallBack.LAST_WEEK,
}
FALL_BACK_MESSAGES = {fall_back: message for message, fall_back in FALL_BACKS.items()}
DECISIONS = {state: getattr(messages, f"SEAT_DECISION_{state.name}") for state in SeatMarkState}
KINDS = {kind: getattr(messages.ReviewItem, f"KIND_{kind.name}") for kind in ItemKind}

SCHOOL_PLACE = 3
"""Of the school's id in the name of anything below it."""

SchoolWeek = tuple[str, WeekView]
"""A district, and a week of one of its schools."""


def school_cycle_to(district: str, cycle: SchoolCycle) -> cycle_pb2.SchoolCycle:
    """Return the message of a school's cycle."""
    message = cycle_pb2.SchoolCycle(
        name=CYCLE.format(district, cycle.school_id),
        running=cycle.running,
        fall_back=FALL_BACK_MESSAGES[cycle.fall_back],
        fall_back_time=time_to(cycle.fall_back_time),
        version=cycle.version,
    )
    if cycle.fall_back_adult_id:
        message.fall_back_adult = ADULT.format(district, cycle.fall_back_adult_id)
    return message


def school_of(name: str) -> str:
    """Return the school of a name below one; empty where it is none, which is refused later."""
    parts = name.split("/")
    return parts[SCHOOL_PLACE] if len(parts) > SCHOOL_PLACE else ""


def fall_back_from(value: cycle_pb2.FallBack) -> FallBack:
    """Return what a message falls back to; raises InvalidRequestError."""
    # As every absent field of a setting, it means the default.
    found = FALL_BACKS.get(value or cycle_pb2.FALL_BACK_NOTHING)
    if found is None:
        raise InvalidRequestError(field="cycle.fall_back", message="is none that is known")
    return found


def week_cycle_to(district: str, found: WeekCycle) -> cycle_pb2.WeekCycle:
    """Return the message of a week's cycle."""
    following = next_step(found.marks)
    steps = [] if found.times.no_week else list(Step)
    return cycle_pb2.WeekCycle(
        week=week_name(district, found.school_id, found.monday),
        running=found.cycle.running,
        steps=[_step_to(district, found, step) for step in steps],
        next_step=STEPS[following] if steps and following is not None else None,
        review_open=found.is_review_open,
        no_week=found.times.no_week,
        notes=found.times.notes,
        summary=found.summary,
    )


def reviewed_seat_to(district: str, week: str, mark: SeatMark) -> messages.ReviewedSeat:
    """Return the message of a decision; `week` is the week's name."""
    school_id = school_of(week)
    return messages.ReviewedSeat(
        seat=seat_name(week, f"{mark.learner_id}.{mark.slot_id}"),
        learner=LEARNER.format(district, mark.learner_id),
        slot_id=mark.slot_id,
        decision=DECISIONS[mark.state],
        offer=OFFER.format(district, school_id, mark.offer_id),
        competency=COMPETENCY.format(district, mark.competency_id) if mark.competency_id else "",
        adult=ADULT.format(district, mark.adult_id) if mark.adult_id else "",
        note=mark.note,
    )


def review_item_to(place: SchoolWeek, item: ReviewItem) -> messages.ReviewItem:
    """Return the message of an item of a review."""
    district, view = place
    week = week_name(district, view.school_id, view.monday)
    message = messages.ReviewItem(
        kind=KINDS[item.kind], slot_id=item.slot_id, sentence=item.sentence
    )
    if item.learner_id:
        message.seat = seat_name(week, f"{item.learner_id}.{item.slot_id}")
        message.learner = LEARNER.format(district, item.learner_id)
    if item.session_id:
        message.session = session_name(district, view.school_id, view.monday, item.session_id)
    return message


class ComparisonWire:
    """The messages of what differs between two weeks; what is looked up often is found once."""

    def __init__(self, district: str, comparison: Comparison) -> None:
        self._district = district
        self._before = _Side(district, comparison.before)
        self._after = _Side(district, comparison.after)

    def seat_change(self, change: SeatChange) -> messages.SeatChange:
        """Return the message of a seat that differs."""
        return messages.SeatChange(
            learner=LEARNER.format(self._district, change.learner_id),
            slot_id=change.slot_id,
            before=self._before.session(change.before),
            after=self._after.session(change.after),
            sentence=self._after.why.get((change.learner_id, change.slot_id), ""),
        )

    def session_change(self, change: SessionChange) -> messages.SessionChange:
        """Return the message of a session that differs."""
        return messages.SessionChange(
            before=self._before.session(change.before.session_id if change.before else None),
            after=self._after.session(change.after.session_id if change.after else None),
        )


class _Side:
    """One of two weeks."""

    def __init__(self, district: str, shown: Shown) -> None:
        self._district = district
        self._view = shown.view
        self._counts = shown.seat_counts
        self._sessions = {one.session_id: one for one in shown.content.week.sessions}
        self.why = {
            (one.learner_id, one.slot_id): one.staff_sentence for one in shown.content.week.seats
        }

    def session(self, session_id: str | None) -> week_pb2.Session | None:
        """Return the message of a session; None: there is none."""
        found = self._sessions.get(session_id or "")
        if found is None:
            return None
        return session_to(self._district, self._view, found, self._counts)


def group_change_to(district: str, school_id: str, change: GroupChange) -> messages.GroupChange:
    """Return the message of a learner who is new in a group, or has left it."""
    target = COMPETENCY.format(district, change.competency_id) if change.competency_id else ""
    return messages.GroupChange(
        competency=target,
        offer=OFFER.format(district, school_id, change.offer_id),
        learner=LEARNER.format(district, change.learner_id),
        is_new=change.is_new,
        slot_id=change.slot_id,
        sentence=change.sentence,
    )


def _step_to(district: str, found: WeekCycle, step: Step) -> cycle_pb2.CycleStepStatus:
    mark: StepMark | None = found.marks.get(step)
    if mark is None:
        return cycle_pb2.CycleStepStatus(
            step=STEPS[step],
            state=cycle_pb2.CYCLE_STEP_STATE_AHEAD,
            due_time=time_to(found.times.due[step]),
        )
    run = PLAN_RUN.format(district, mark.school_id, mark.run_id) if mark.run_id else ""
    return cycle_pb2.CycleStepStatus(
        step=STEPS[step],
        state=STATES[mark.state],
        due_time=time_to(mark.due),
        done_time=time_to(mark.time),
        outcome=mark.outcome,
        plan_run=run,
        revision=mark.revision,
    )
