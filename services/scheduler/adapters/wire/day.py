"""Days of a published week: domain values to messages, and what requests note."""

from collections.abc import Iterable
from datetime import date

from trellis.scheduler.v1 import day_pb2, day_service_pb2

from services.scheduler.adapters.wire.day_facts import PRESENCES, mark_to, quick_check_name
from services.scheduler.adapters.wire.names import (
    ADULT,
    COMPETENCY,
    LEARNER,
    ids_in,
    session_name,
)
from services.scheduler.adapters.wire.settings import clock_to
from services.scheduler.adapters.wire.times import time_to
from services.scheduler.domain.day.attendance import Mark, NoShow, SessionAttendance, Sheet
from services.scheduler.domain.day.drifting import Drifting
from services.scheduler.domain.day.places import Wanderer
from services.scheduler.domain.day.quick_checks import Note, QuickCheck
from services.scheduler.domain.day.services import MakeUp, ServiceDelivery
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.handlers.day.places import Located

PRESENCES_FROM = {message: presence for presence, message in PRESENCES.items()}


def marks_from(district: str, messages: Iterable[day_pb2.AttendanceMark]) -> tuple[Mark, ...]:
    """Return the exceptions that a request names; raises InvalidRequestError and NotFoundError."""
    return tuple(_mark_from(district, place, one) for place, one in enumerate(messages))


def _mark_from(district: str, place: int, message: day_pb2.AttendanceMark) -> Mark:
    field = f"exceptions[{place}]"
    presence = PRESENCES_FROM.get(message.presence)
    if presence is None:
        raise InvalidRequestError(
            field=f"{field}.presence", message="is none", hint="send late, absent or elsewhere"
        )
    (learner_id,) = ids_in(LEARNER, f"{field}.learner", district, message.learner)
    return Mark(learner_id=learner_id, presence=presence, late_minutes=message.late_minutes)


def notes_from(
    district: str, messages: Iterable[day_service_pb2.QuickCheckNote]
) -> tuple[Note, ...]:
    """Return the quick checks that a request notes; raises as `marks_from` does."""
    return tuple(
        Note(
            learner_id=ids_in(LEARNER, f"quick_checks[{place}].learner", district, one.learner)[0],
            level=one.level,
        )
        for place, one in enumerate(messages)
    )


def attendance_to(district: str, one: SessionAttendance) -> day_pb2.Attendance:
    """Return the message of an attendance."""
    return day_pb2.Attendance(
        session=session_name(district, one.school_id, one.monday, one.session_id),
        date=one.date.isoformat(),
        slot_id=one.slot_id,
        adult=ADULT.format(district, one.adult_id),
        held=one.held,
        marks=[mark_to(district, mark) for mark in one.marks],
        version=one.version,
        revision=one.revision,
        take_time=time_to(one.time),
    )


def missing_to(
    district: str, school_id: str, monday: date, sheet: Sheet
) -> day_pb2.MissingAttendance:
    """Return the message of a session whose attendance is not taken."""
    session = sheet.session
    return day_pb2.MissingAttendance(
        session=session_name(district, school_id, monday, session.session_id),
        slot_id=session.slot_id,
        adult=ADULT.format(district, session.adult_id),
        seat_count=len(sheet.learner_ids),
    )


def quick_check_to(district: str, one: QuickCheck) -> day_pb2.QuickCheck:
    """Return the message of a quick check."""
    return day_pb2.QuickCheck(
        name=quick_check_name(district, one),
        learner=LEARNER.format(district, one.learner_id),
        competency=COMPETENCY.format(district, one.competency_id),
        level=one.level,
        version=one.version,
        adult=ADULT.format(district, one.adult_id) if one.adult_id else "",
        record_time=time_to(one.record_time),
    )


def delivery_to(district: str, one: ServiceDelivery) -> day_pb2.ServiceDelivery:
    """Return the message of what was delivered."""
    return day_pb2.ServiceDelivery(
        learner=LEARNER.format(district, one.learner_id),
        service=one.service,
        monday=one.monday.isoformat(),
        required_minutes=one.required_minutes,
        planned_minutes=one.planned_minutes,
        delivered_minutes=one.delivered_minutes,
        unrecorded_minutes=one.unrecorded_minutes,
        shortfall_minutes=one.shortfall_minutes,
    )


def make_up_to(district: str, one: MakeUp) -> day_pb2.MakeUp:
    """Return the message of what is owed."""
    return day_pb2.MakeUp(
        learner=LEARNER.format(district, one.learner_id),
        service=one.service,
        minutes=one.minutes,
        since_monday=one.since_monday.isoformat(),
    )


def no_show_to(district: str, school_id: str, monday: date, one: NoShow) -> day_pb2.NoShow:
    """Return the message of a no-show."""
    return day_pb2.NoShow(
        learner=LEARNER.format(district, one.learner_id),
        slot_id=one.slot_id,
        session=session_name(district, school_id, monday, one.session_id),
        presence=PRESENCES[one.presence],
        seen_that_day=one.seen_that_day,
    )


def drifting_to(district: str, one: Drifting) -> day_pb2.DriftingLearner:
    """Return the message of a learner who drifts away."""
    return day_pb2.DriftingLearner(
        learner=LEARNER.format(district, one.learner_id),
        seat_count=one.seat_count,
        absent_count=one.absent_count,
        elsewhere_count=one.elsewhere_count,
        unanswered_weeks=one.unanswered_weeks,
        reasons=one.reasons,
    )


def place_to(district: str, school_id: str, located: Located) -> day_pb2.LearnerPlace:
    """Return the message of a learner's place."""
    place = located.place
    message = day_pb2.LearnerPlace(
        learner=LEARNER.format(district, place.learner_id),
        date=place.date.isoformat(),
        now=place.now,
        unstaffed=place.unstaffed,
        exemption=(place.seat.exemption or "") if place.seat is not None else "",
    )
    if located.presence is not None:
        message.presence = PRESENCES[located.presence]
    if place.slot is not None:
        message.slot_id = place.slot.slot_id
        message.start_clock = clock_to(place.slot.start)
        message.end_clock = clock_to(place.slot.end)
    session = place.session
    if session is not None:
        message.session = session_name(district, school_id, located.monday, session.session_id)
        message.title = session.title
        message.adult = ADULT.format(district, session.adult_id)
        message.room_display_name = session.room_display_name
    return message


def wanderer_to(district: str, monday: date, one: Wanderer) -> day_pb2.Wanderer:
    """Return the message of who was found."""
    return day_pb2.Wanderer(
        learner=LEARNER.format(district, one.learner_id),
        found_at=one.found_at,
        find_time=time_to(one.time),
        slot_id=one.slot_id,
        session=(
            session_name(district, one.school_id, monday, one.session_id) if one.session_id else ""
        ),
    )
