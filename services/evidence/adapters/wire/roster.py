"""Roster messages to entities and back, and the facts of the roster.

A fact says where someone is and never who: it is made field by field, so that a new field of an
entity cannot slip into it.
"""

from collections.abc import Sequence
from datetime import date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from trellis.roster.v1 import roster_pb2

from services.common.postgres.outbox import OutboxRow
from services.evidence.adapters.wire.entities import NameOf
from services.evidence.domain.entities import EntityFault, Place
from services.evidence.domain.roster import (
    ADULTS,
    LEARNERS,
    SCHOOLS,
    Adult,
    FirstAlias,
    Learner,
    LearnerState,
    School,
)

TOPIC = "trellis.roster.v1"

SCHOOL_NAME = NameOf("school", "schools")
LEARNER_NAME = NameOf("learner", "learners")
ADULT_NAME = NameOf("adult", "adults")


def schools_from(district: str, messages: Sequence[roster_pb2.School]) -> tuple[School, ...]:
    """Return the schools of a request; raise InvalidEntityError for a name of no form."""
    return tuple(
        School(
            id=SCHOOL_NAME.id_at(_at(SCHOOLS, index, "name"), district, message.name),
            display_name=message.display_name,
            time_zone=message.time_zone,
        )
        for index, message in enumerate(messages)
    )


def learners_from(district: str, messages: Sequence[roster_pb2.Learner]) -> tuple[Learner, ...]:
    """Return the learners of a request; raise InvalidEntityError for a name or date of no form."""
    return tuple(_learner(district, index, message) for index, message in enumerate(messages))


def adults_from(district: str, messages: Sequence[roster_pb2.Adult]) -> tuple[Adult, ...]:
    """Return the adults of a request; raise InvalidEntityError for a name of no form."""
    return tuple(
        Adult(
            id=ADULT_NAME.id_at(_at(ADULTS, index, "name"), district, message.name),
            display_name=message.display_name,
            school_id=SCHOOL_NAME.id_at(_at(ADULTS, index, "school"), district, message.school),
            subjects=tuple(message.subjects),
            active=message.active,
        )
        for index, message in enumerate(messages)
    )


def school_message(district: str, school: School) -> roster_pb2.School:
    """Return the message of a school."""
    return roster_pb2.School(
        name=SCHOOL_NAME.format(district, school.id),
        display_name=school.display_name,
        time_zone=school.time_zone,
        version=school.version,
    )


def learner_message(district: str, learner: Learner) -> roster_pb2.Learner:
    """Return the message of a learner, with the name: for those who may read names alone."""
    return roster_pb2.Learner(
        name=LEARNER_NAME.format(district, learner.id),
        source=learner.first_alias.source,
        source_id=learner.first_alias.source_id,
        given_name=learner.given_name,
        family_name=learner.family_name,
        school=SCHOOL_NAME.format(district, learner.school_id),
        grade=learner.grade,
        state=_STATE_TO_MESSAGE[learner.state],
        enrol_date=iso_date(learner.enrol_date),
        withdraw_date=iso_date(learner.withdraw_date),
        version=learner.version,
        merged_into=_learner_or_empty(district, learner.merged_into),
    )


def adult_message(district: str, adult: Adult) -> roster_pb2.Adult:
    """Return the message of an adult, with the name: for those who may read names alone."""
    return roster_pb2.Adult(
        name=ADULT_NAME.format(district, adult.id),
        display_name=adult.display_name,
        school=SCHOOL_NAME.format(district, adult.school_id),
        subjects=adult.subjects,
        active=adult.active,
        version=adult.version,
    )


def school_fact(district: str, school: School, change_time: datetime) -> OutboxRow:
    """Return the fact that a school stands as it does."""
    event = roster_event(SCHOOL_NAME.format(district, school.id), school.version, change_time)
    event.school.CopyFrom(school_message(district, school))
    return roster_fact(event)


def learner_fact(district: str, learner: Learner, change_time: datetime) -> OutboxRow:
    """Return the fact of where a learner is; it holds no name and no source's id."""
    event = roster_event(LEARNER_NAME.format(district, learner.id), learner.version, change_time)
    event.enrolment.CopyFrom(
        roster_pb2.LearnerEnrolment(
            school=SCHOOL_NAME.format(district, learner.school_id),
            grade=learner.grade,
            state=_STATE_TO_MESSAGE[learner.state],
            enrol_date=iso_date(learner.enrol_date),
            withdraw_date=iso_date(learner.withdraw_date),
            merged_into=_learner_or_empty(district, learner.merged_into),
        )
    )
    return roster_fact(event)


def adult_fact(district: str, adult: Adult, change_time: datetime) -> OutboxRow:
    """Return the fact of where an adult works and for what; it holds no name."""
    event = roster_event(ADULT_NAME.format(district, adult.id), adult.version, change_time)
    event.post.CopyFrom(
        roster_pb2.AdultPost(
            school=SCHOOL_NAME.format(district, adult.school_id),
            subjects=adult.subjects,
            active=adult.active,
        )
    )
    return roster_fact(event)


_STATE_TO_MESSAGE = {
    LearnerState.ENROLLED: roster_pb2.Learner.STATE_ENROLLED,
    LearnerState.WITHDRAWN: roster_pb2.Learner.STATE_WITHDRAWN,
}
_STATE_FROM_MESSAGE = {number: state for state, number in _STATE_TO_MESSAGE.items()}


def _learner(district: str, index: int, message: roster_pb2.Learner) -> Learner:
    """Return one learner of a request."""
    place = Place(collection=LEARNERS, index=index)
    state = _STATE_FROM_MESSAGE.get(message.state)
    if state is None:
        raise place.at("state").refusal(
            EntityFault.FIELD_MISSING,
            "is no state",
            "Send STATE_ENROLLED or STATE_WITHDRAWN.",
        )
    # At first sight only the service knows the name.
    learner_id = (
        LEARNER_NAME.id_at(place.at("name"), district, message.name) if message.name else ""
    )
    return Learner(
        id=learner_id,
        first_alias=FirstAlias(source=message.source, source_id=message.source_id),
        given_name=message.given_name,
        family_name=message.family_name,
        school_id=SCHOOL_NAME.id_at(place.at("school"), district, message.school),
        grade=message.grade,
        state=state,
        enrol_date=_date(place.at("enrol_date"), message.enrol_date),
        withdraw_date=_date(place.at("withdraw_date"), message.withdraw_date),
    )


def _learner_or_empty(district: str, learner_id: str | None) -> str:
    return LEARNER_NAME.format(district, learner_id) if learner_id else ""


def _at(collection: str, index: int, field: str) -> Place:
    """Return the place of a field of an entity of a request."""
    return Place(collection=collection, index=index, field=field)


def _date(place: Place, text: str) -> date | None:
    """Return an ISO date as in "2026-08-03"; None where empty; else refuse it."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    # The library also reads "20260803" and "2026-W32-1"; the contract is one form alone.
    if found is None or found.isoformat() != text:
        raise place.refusal(
            EntityFault.FIELD_MALFORMED, "is no ISO date", 'Send a date as in "2026-08-03".'
        )
    return found


def iso_date(day: date | None) -> str:
    """Return a date as in "2026-08-03"; empty where there is none."""
    return "" if day is None else day.isoformat()


def roster_event(name: str, version: int, change_time: datetime) -> roster_pb2.RosterEvent:
    """Return an event without its entity."""
    event = roster_pb2.RosterEvent(name=name, version=version, change_time=Timestamp())
    event.change_time.FromDatetime(change_time)
    return event


def roster_fact(event: roster_pb2.RosterEvent) -> OutboxRow:
    """Return what is published of an event."""
    return OutboxRow(
        topic=TOPIC,
        key=event.name.encode(),
        value=event.SerializeToString(deterministic=True),
    )
