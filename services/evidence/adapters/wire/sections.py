"""Terms, sections and enrolments as messages and facts. A fact holds no title and no name."""

from datetime import datetime

from trellis.roster.v1 import roster_pb2

from services.common.postgres.outbox import OutboxRow
from services.evidence.adapters.wire.entities import NameOf
from services.evidence.adapters.wire.roster import (
    ADULT_NAME,
    LEARNER_NAME,
    SCHOOL_NAME,
    iso_date,
    roster_event,
    roster_fact,
)
from services.evidence.domain.roster import Enrolment, PersonKind, Section, Term

TERM_NAME = NameOf("term", "terms")
SECTION_NAME = NameOf("section", "sections")
ENROLMENT_NAME = NameOf("enrolment", "enrolments")


def term_message(district: str, term: Term) -> roster_pb2.Term:
    """Return the message of a term."""
    return roster_pb2.Term(
        name=TERM_NAME.format(district, term.id),
        display_name=term.display_name,
        kind=term.kind,
        begin_date=iso_date(term.begin_date),
        last_date=iso_date(term.last_date),
        school_year=term.school_year,
        parent=TERM_NAME.format(district, term.parent_id) if term.parent_id else "",
        active=term.active,
        version=term.version,
    )


def section_message(district: str, section: Section) -> roster_pb2.Section:
    """Return the message of a section, with the title: for those who may read names alone."""
    return roster_pb2.Section(
        name=SECTION_NAME.format(district, section.id),
        display_name=section.display_name,
        school=SCHOOL_NAME.format(district, section.school_id),
        course_code=section.course_code,
        subject=section.subject,
        grade=section.grade,
        terms=[TERM_NAME.format(district, one) for one in section.term_ids],
        periods=section.periods,
        active=section.active,
        version=section.version,
    )


def untitled_section_message(district: str, section: Section) -> roster_pb2.Section:
    """Return the message of a section without its title, which may hold a name."""
    message = section_message(district, section)
    message.ClearField("display_name")
    return message


def enrolment_message(district: str, enrolment: Enrolment) -> roster_pb2.Enrolment:
    """Return the message of an enrolment."""
    name = LEARNER_NAME if enrolment.person_kind is PersonKind.LEARNER else ADULT_NAME
    return roster_pb2.Enrolment(
        name=ENROLMENT_NAME.format(district, enrolment.id),
        section=SECTION_NAME.format(district, enrolment.section_id),
        person=name.format(district, enrolment.person_id),
        begin_date=iso_date(enrolment.begin_date),
        last_date=iso_date(enrolment.last_date),
        active=enrolment.active,
        version=enrolment.version,
    )


def term_fact(district: str, term: Term, change_time: datetime) -> OutboxRow:
    """Return the fact that a term stands as it does."""
    event = roster_event(TERM_NAME.format(district, term.id), term.version, change_time)
    event.term.CopyFrom(term_message(district, term))
    return roster_fact(event)


def section_fact(district: str, section: Section, change_time: datetime) -> OutboxRow:
    """Return the fact of where and when a section meets."""
    event = roster_event(SECTION_NAME.format(district, section.id), section.version, change_time)
    event.section.CopyFrom(
        roster_pb2.SectionPlan(
            school=SCHOOL_NAME.format(district, section.school_id),
            course_code=section.course_code,
            subject=section.subject,
            grade=section.grade,
            terms=[TERM_NAME.format(district, one) for one in section.term_ids],
            periods=section.periods,
            active=section.active,
        )
    )
    return roster_fact(event)


def enrolment_fact(district: str, enrolment: Enrolment, change_time: datetime) -> OutboxRow:
    """Return the fact that a person belongs to a section."""
    name = ENROLMENT_NAME.format(district, enrolment.id)
    event = roster_event(name, enrolment.version, change_time)
    event.section_enrolment.CopyFrom(enrolment_message(district, enrolment))
    return roster_fact(event)
