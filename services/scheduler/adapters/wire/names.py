"""Resource names: to ids of the domain and back.

A name of another district is a name of nothing here: whether it exists there is nobody's business.
"""

from datetime import UTC, date, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.common.ids import ResourceName
from services.scheduler.domain.errors import InvalidRequestError, NotFoundError
from services.scheduler.domain.resources import refuse

SCHOOL = ResourceName("districts/{district}/schools/{school}")
POLICY = ResourceName("districts/{district}/schools/{school}/policy")
ROOM = ResourceName("districts/{district}/schools/{school}/rooms/{room}")
OFFER = ResourceName("districts/{district}/schools/{school}/offers/{offer}")
ABSENCE = ResourceName("districts/{district}/schools/{school}/absences/{absence}")
PIN = ResourceName("districts/{district}/schools/{school}/pins/{pin}")
KEEP_RULE = ResourceName("districts/{district}/schools/{school}/keepRules/{keep_rule}")
REQUIRED_SERVICE = ResourceName(
    "districts/{district}/schools/{school}/requiredServices/{required_service}"
)
ESSENTIAL = ResourceName("districts/{district}/schools/{school}/essentials/{competency}")
LOCKED_SESSION = ResourceName(
    "districts/{district}/schools/{school}/lockedSessions/{locked_session}"
)
PLAN_RUN = ResourceName("districts/{district}/schools/{school}/planRuns/{plan_run}")
WEEK = ResourceName("districts/{district}/schools/{school}/weeks/{monday}")
LEARNER_WEEK = ResourceName(
    "districts/{district}/schools/{school}/weeks/{monday}/learners/{learner}"
)
STAFF_MEMBER = ResourceName("districts/{district}/schools/{school}/staffMembers/{adult}")
LEARNER_SETTING = ResourceName("districts/{district}/schools/{school}/learnerSettings/{learner}")
FAMILY = ResourceName("districts/{district}/families/{family}")
CALENDAR = ResourceName("districts/{district}/schools/{school}/calendar")
BELL_SCHEDULE = ResourceName("districts/{district}/schools/{school}/bellSchedules/{bell_schedule}")
CALENDAR_DAY = ResourceName("districts/{district}/schools/{school}/calendarDays/{calendar_day}")
FEED = ResourceName("districts/{district}/schools/{school}/feeds/{feed}")
SESSION = ResourceName("districts/{district}/schools/{school}/weeks/{monday}/sessions/{session}")
QUICK_CHECK = ResourceName(
    "districts/{district}/schools/{school}/weeks/{monday}/sessions/{session}/quickChecks/{learner}"
)
LEARNER = ResourceName("districts/{district}/learners/{learner}")
ADULT = ResourceName("districts/{district}/adults/{adult}")
COMPETENCY = ResourceName("districts/{district}/competencies/{competency}")
CHOICE_WINDOW = ResourceName("districts/{district}/schools/{school}/weeks/{monday}/choiceWindow")
RANKING = ResourceName("districts/{district}/schools/{school}/weeks/{monday}/rankings/{learner}")
LEARNER_REQUEST = ResourceName(
    "districts/{district}/schools/{school}/weeks/{monday}/requests/{request}"
)
NOMINATION = ResourceName("districts/{district}/schools/{school}/nominations/{nomination}")
REPORTED_NEED = ResourceName("districts/{district}/schools/{school}/reportedNeeds/{reported_need}")
BOOKING = ResourceName("districts/{district}/schools/{school}/weeks/{monday}/bookings/{booking}")
PROPOSAL = ResourceName("districts/{district}/schools/{school}/proposals/{proposal}")

MONDAY = 1
FIRST_YEAR, LAST_YEAR = 2000, 2999
"""Of days that are asked for: the days and weeks around them are days as well."""
ISO_DATE_LENGTH = 10


def ids_in(pattern: ResourceName, field: str, district: str, name: str) -> tuple[str, ...]:
    """Return the ids of a name that a request asks for, without the district.

    Raises InvalidRequestError, and NotFoundError for a name of another district.
    """
    if not pattern.matches(name):
        raise InvalidRequestError(
            field=field, message="is not such a name", hint=f"send {pattern.pattern}"
        )
    owner, *ids = pattern.parse(name)
    if owner != district:
        raise NotFoundError(kind=pattern.fields[-1].replace("_", " "), name=ids[-1])
    return tuple(ids)


def id_of(pattern: ResourceName, field: str, district: str, name: str) -> str:
    """Return the last id of a name in a setting; refuses the setting where it is not one."""
    if not pattern.matches(name):
        reason = "FIELD_MALFORMED" if name else "FIELD_MISSING"
        refuse(field, reason, "is not such a name.", f"Send {pattern.pattern}.")
    owner, *ids = pattern.parse(name)
    if owner != district:
        refuse(
            field,
            "OTHER_DISTRICT",
            "is a name of another district.",
            "Send names of the token's own district.",
        )
    return ids[-1]


def child_id(pattern: ResourceName, field: str, parent: tuple[str, str], name: str) -> str:
    """Return the last id of a name below a school (district, school); else refuses the setting."""
    found = id_of(pattern, field, parent[0], name)
    if pattern.parse(name)[1] != parent[1]:
        refuse(field, "OTHER_SCHOOL", "is a name of another school.", "Send names of the parent.")
    return found


def parse_monday(field: str, text: str) -> date:
    """Return the date of a week's Monday; raises InvalidRequestError."""
    day = date_in(field, text)
    if day.isoweekday() != MONDAY:
        raise InvalidRequestError(
            field=field, message="is no Monday", hint="send its ISO date, as in 2026-11-23"
        )
    return day


def parse_date(text: str) -> date | None:
    """Return an ISO date "YYYY-MM-DD", or None where the text is none."""
    if len(text) != ISO_DATE_LENGTH:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def week_in(field: str, district: str, name: str) -> tuple[str, date]:
    """Return school and Monday of a week's name; raises as `ids_in` does."""
    school_id, monday = ids_in(WEEK, field, district, name)
    return school_id, parse_monday(field, monday)


def session_in(field: str, district: str, name: str) -> tuple[str, date, str]:
    """Return school, Monday and id of a session's name; raises as `ids_in` does."""
    school_id, monday, session_id = ids_in(SESSION, field, district, name)
    return school_id, parse_monday(field, monday), session_id


def session_name(district: str, school_id: str, monday: date, session_id: str) -> str:
    """Return the name of a session."""
    return SESSION.format(district, school_id, monday.isoformat(), session_id)


def seat_name(week: str, seat_id: str) -> str:
    """Return the name of a seat in a week of this name."""
    return f"{week}/seats/{seat_id}"


def date_in(field: str, text: str) -> date:
    """Return an ISO date; raises InvalidRequestError."""
    day = parse_date(text)
    if day is None:
        raise InvalidRequestError(
            field=field, message="is no date", hint="send its ISO form, as in 2026-11-23"
        )
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidRequestError(
            field=field,
            message=f"is of the year {day.year}",
            hint=f"send one from {FIRST_YEAR} to {LAST_YEAR}",
        )
    return day


def time_in(field: str, message: Timestamp) -> datetime:
    """Return the time of a field; raises InvalidRequestError."""
    try:
        return message.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequestError(field=field, message="is no time between 1 and 9999") from error


def week_name(district: str, school_id: str, monday: date) -> str:
    """Return the name of a week."""
    return WEEK.format(district, school_id, monday.isoformat())
