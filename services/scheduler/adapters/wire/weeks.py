"""Plan runs and weeks: the domain to messages."""

from collections.abc import Iterable, Iterator, Mapping

from trellis.scheduler.v1 import week_pb2

from services.scheduler.adapters.wire.names import (
    ADULT,
    COMPETENCY,
    LEARNER,
    OFFER,
    PLAN_RUN,
    ROOM,
    seat_name,
    session_name,
    week_name,
)
from services.scheduler.adapters.wire.settings import KIND_MESSAGES, clock_to
from services.scheduler.adapters.wire.times import time_to
from services.scheduler.domain.model import Acceptance
from services.scheduler.domain.revision import WeekState, WeekView
from services.scheduler.domain.runs import PlanRun, Report, RunState
from services.scheduler.domain.week import (
    Breach,
    Seat,
    SeatRule,
    Session,
    SlotCapacity,
    Summary,
    UnmetNeed,
)

RUN_STATES = {
    RunState.PENDING: week_pb2.PlanRun.STATE_PENDING,
    RunState.RUNNING: week_pb2.PlanRun.STATE_RUNNING,
    RunState.SUCCEEDED: week_pb2.PlanRun.STATE_SUCCEEDED,
    RunState.FAILED: week_pb2.PlanRun.STATE_FAILED,
    RunState.CANCELLED: week_pb2.PlanRun.STATE_CANCELLED,
}
WEEK_STATES = {
    WeekState.DRAFT: week_pb2.Week.STATE_DRAFT,
    WeekState.REVIEW: week_pb2.Week.STATE_REVIEW,
    WeekState.PUBLISHED: week_pb2.Week.STATE_PUBLISHED,
    WeekState.LOCKED: week_pb2.Week.STATE_LOCKED,
}
RULES = {rule: getattr(week_pb2.SeatReason, f"RULE_{rule.name}") for rule in SeatRule}


def run_to(district: str, run: PlanRun) -> week_pb2.PlanRun:
    """Return the message of a run."""
    message = week_pb2.PlanRun(
        name=PLAN_RUN.format(district, run.school_id, run.run_id),
        state=RUN_STATES[run.state],
        monday=run.monday.isoformat(),
        as_of_time=time_to(run.as_of),
        seed=run.seed,
        budget=run.budget,
        snapshot_hash=run.snapshot_hash,
        week_hash=run.week_hash,
        create_time=time_to(run.create_time),
        start_time=time_to(run.start_time),
        end_time=time_to(run.end_time),
        failure=run.failure,
        min_position=run.min_position,
        needs_position=run.needs_position,
    )
    if run.report is not None:
        message.summary.CopyFrom(summary_to(run.report))
        message.breaches.extend(_breaches_to(run.report.breaches))
    return message


def week_to(district: str, view: WeekView) -> week_pb2.Week:
    """Return the message of a week without what is in it."""
    shown = view.shown
    message = week_pb2.Week(
        name=week_name(district, view.school_id, view.monday),
        state=WEEK_STATES[view.state],
        revision=view.revision,
        plan_run=PLAN_RUN.format(district, view.school_id, shown.run_id),
        week_hash=view.week_hash,
        publish_time=time_to(view.publish_time),
        summary=summary_to(shown.report),
        breaches=_breaches_to(shown.report.breaches),
    )
    if shown.sign_off is not None:
        message.sign_off_adult = ADULT.format(district, shown.sign_off.adult_id)
        message.sign_off_time.FromDatetime(shown.sign_off.time)
    return message


def summary_to(report: Report) -> week_pb2.PlanSummary:
    """Return the message of a week in numbers."""
    names = week_pb2.PlanSummary.DESCRIPTOR.fields_by_name
    numbers = {
        name: getattr(report.summary, name) for name in Summary.__annotations__ if name in names
    }
    return week_pb2.PlanSummary(**numbers, capacity=[_capacity_to(one) for one in report.capacity])


def session_to(
    district: str, view: WeekView, session: Session, seat_counts: Mapping[str, int]
) -> week_pb2.Session:
    """Return the message of a session."""
    school_id = view.school_id
    return week_pb2.Session(
        name=session_name(district, school_id, view.monday, session.session_id),
        slot_id=session.slot_id,
        date=session.date.isoformat(),
        start_clock=clock_to(session.start),
        end_clock=clock_to(session.end),
        kind=KIND_MESSAGES[session.kind],
        adult=ADULT.format(district, session.adult_id),
        room=ROOM.format(district, school_id, session.room_id) if session.room_id else "",
        room_display_name=session.room_display_name,
        competency=_competency_to(district, session.competency_id),
        title=session.title,
        cap=session.cap,
        seat_count=seat_counts.get(session.session_id, 0),
        offer=OFFER.format(district, school_id, session.offer_id),
    )


def seat_to(district: str, view: WeekView, seat_id: str, seat: Seat) -> week_pb2.Seat:
    """Return the message of a seat."""
    place = (district, view.school_id, view.monday)
    return week_pb2.Seat(
        name=seat_name(week_name(*place), seat_id),
        learner=LEARNER.format(district, seat.learner_id),
        slot_id=seat.slot_id,
        session=session_name(*place, seat.session_id) if seat.session_id else "",
        exemption=seat.exemption or "",
        reason=week_pb2.SeatReason(
            rule=RULES[seat.rule],
            staff_sentence=seat.staff_sentence,
            learner_sentence=seat.learner_sentence,
            evidence=seat.evidence,
            alternatives=[
                week_pb2.Alternative(
                    competency=_competency_to(district, one.competency_id),
                    rule=one.rule,
                    sentence=one.sentence,
                )
                for one in seat.alternatives
            ],
            acceptance=_acceptance_to(district, seat.acceptance),
        ),
    )


def unmet_to(district: str, need: UnmetNeed) -> week_pb2.UnmetNeed:
    """Return the message of a need that a week does not meet."""
    return week_pb2.UnmetNeed(
        learner=LEARNER.format(district, need.learner_id),
        competency=_competency_to(district, need.competency_id),
        weight_milli=need.weight_milli,
        rule=need.rule,
        sentence=need.sentence,
    )


def _competency_to(district: str, competency_id: str | None) -> str:
    return COMPETENCY.format(district, competency_id) if competency_id else ""


def _acceptance_to(district: str, one: Acceptance | None) -> week_pb2.Acceptance | None:
    if one is None:
        return None
    adult = ADULT.format(district, one.adult_id) if one.adult_id else ""
    return week_pb2.Acceptance(adult=adult)


def _capacity_to(capacity: SlotCapacity) -> week_pb2.SlotCapacity:
    return week_pb2.SlotCapacity(
        slot_id=capacity.slot_id,
        learners=capacity.learners,
        adults_available=capacity.adults_available,
        adults_absent=capacity.adults_absent,
        places=capacity.places,
        short_of=capacity.short_of,
    )


def _breaches_to(breaches: Iterable[Breach]) -> Iterator[week_pb2.Breach]:
    for one in breaches:
        yield week_pb2.Breach(rule=one.rule, slot_id=one.slot_id, message=one.message)
