"""What is published of days: attendance, services delivered, quick checks; keyed by school."""

from trellis.scheduler.v1 import day_pb2, week_pb2

from services.scheduler.adapters.wire.facts import Fact, fact_of
from services.scheduler.adapters.wire.names import (
    COMPETENCY,
    LEARNER,
    QUICK_CHECK,
    session_name,
)
from services.scheduler.domain.day.attendance import (
    Mark,
    Presence,
    SessionAttendance,
    delivered_minutes,
)
from services.scheduler.domain.day.quick_checks import QuickCheck

PRESENCES = {
    Presence.PRESENT: day_pb2.PRESENCE_PRESENT,
    Presence.LATE: day_pb2.PRESENCE_LATE,
    Presence.ABSENT: day_pb2.PRESENCE_ABSENT,
    Presence.ELSEWHERE: day_pb2.PRESENCE_ELSEWHERE,
}


def attendance_facts(district: str, one: SessionAttendance) -> list[Fact]:
    """Return what others are told of an attendance: who was there, and a service's minutes."""
    session = session_name(district, one.school_id, one.monday, one.session_id)
    taken = week_pb2.SchedulerEvent(
        attendance_taken=day_pb2.AttendanceTaken(
            session=session,
            date=one.date.isoformat(),
            slot_id=one.slot_id,
            version=one.version,
            held=one.held,
            marks=[mark_to(district, mark) for mark in one.marks],
        )
    )
    school = (district, one.school_id)
    facts = [fact_of(school, taken, one.time, session, one.version)]
    if one.service:
        delivered = week_pb2.SchedulerEvent(
            service_delivered=day_pb2.ServiceDelivered(
                session=session,
                service=one.service,
                version=one.version,
                learners=[
                    day_pb2.DeliveredMinutes(
                        learner=LEARNER.format(district, learner_id), minutes=minutes
                    )
                    for learner_id, minutes in sorted(delivered_minutes(one).items())
                ],
            )
        )
        facts.append(fact_of(school, delivered, one.time, session, one.version))
    return facts


def quick_check_fact(district: str, one: QuickCheck) -> Fact:
    """Return the fact that a quick check was noted, corrected or withdrawn."""
    name = quick_check_name(district, one)
    learner = LEARNER.format(district, one.learner_id)
    if one.is_withdrawn:
        withdrawn = day_pb2.QuickCheckWithdrawn(
            quick_check=name, learner=learner, version=one.version
        )
        event = week_pb2.SchedulerEvent(quick_check_withdrawn=withdrawn)
    else:
        recorded = day_pb2.QuickCheckRecorded(
            quick_check=name,
            learner=learner,
            competency=COMPETENCY.format(district, one.competency_id),
            level_milli=one.level_milli,
            version=one.version,
        )
        recorded.show_time.FromDatetime(one.show_time)
        event = week_pb2.SchedulerEvent(quick_check_recorded=recorded)
    return fact_of((district, one.school_id), event, one.record_time, name, one.version)


def quick_check_name(district: str, one: QuickCheck) -> str:
    """Return the name of a quick check."""
    return QUICK_CHECK.format(
        district, one.school_id, one.monday.isoformat(), one.session_id, one.learner_id
    )


def mark_to(district: str, mark: Mark) -> day_pb2.AttendanceMark:
    """Return the message of a mark."""
    return day_pb2.AttendanceMark(
        learner=LEARNER.format(district, mark.learner_id),
        presence=PRESENCES[mark.presence],
        late_minutes=mark.late_minutes,
    )
