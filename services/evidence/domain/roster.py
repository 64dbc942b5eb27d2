"""The roster: schools, learners and adults of a district, and what makes each of them valid.

The roster is the only place where a person's name stands. It must not know how entities are sent or
kept, and no refusal may repeat a name or a source's id of a person.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from services.evidence.domain.entities import (
    Entity,
    EntityFault,
    Place,
    Upsert,
    check_batch_size,
    check_distinct,
    check_identifier,
    check_set,
    check_text,
)

MAX_DISPLAY_NAME_LENGTH = 200
MAX_PERSON_NAME_LENGTH = 100
MAX_SOURCE_ID_LENGTH = 255
"""As long as OneRoster's ids may be."""
MAX_GRADE_LENGTH = 16
MAX_SUBJECTS = 16
MAX_SUBJECT_LENGTH = 64


SCHOOLS = "schools"
LEARNERS = "learners"
ADULTS = "adults"
TERMS = "terms"
SECTIONS = "sections"
ENROLMENTS = "enrolments"


class LearnerKeyMissingError(Exception):
    """Nobody gave the service a key for the district, so it can make no learner's id."""

    reason = "LEARNER_KEY_MISSING"

    def __init__(self, *, district: str) -> None:
        super().__init__(
            f"district {district} has no learner key; add one to EVIDENCE_LEARNER_KEYS_FILE"
        )
        self.district = district
        self.metadata = {"district": district}


class LearnerState(Enum):
    """Whether a learner is enrolled."""

    ENROLLED = 1
    WITHDRAWN = 2


@dataclass(frozen=True, kw_only=True)
class School(Entity):
    """A school. time_zone: IANA name, as in "America/New_York"."""

    display_name: str
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class FirstAlias:
    """How a source calls a learner."""

    source: str
    source_id: str


@dataclass(frozen=True, kw_only=True)
class Learner(Entity):
    """A learner. id: opaque, given by the service from the first alias; empty while it is unknown.

    enrol_date and withdraw_date: None where unknown; withdraw_date is None while enrolled.
    merged_into: the learner for whom this one's evidence counts; None where not merged.
    """

    first_alias: FirstAlias
    given_name: str
    family_name: str
    school_id: str
    grade: str
    state: LearnerState
    enrol_date: date | None = None
    withdraw_date: date | None = None
    merged_into: str | None = None


@dataclass(frozen=True, kw_only=True)
class Adult(Entity):
    """An adult who works with learners. subjects: a sorted set of what they are qualified for."""

    display_name: str
    school_id: str
    subjects: tuple[str, ...]
    active: bool


@dataclass(frozen=True, kw_only=True)
class Term(Entity):
    """A span of the school year: the year itself, a semester, a grading period.

    kind: the source's word. last_date: included. school_year: that in which the year ends.
    parent_id: of the term that this one is a part of; empty where none.
    """

    display_name: str
    kind: str
    begin_date: date
    last_date: date
    school_year: int
    parent_id: str = ""
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Section(Entity):
    """A class as it meets: learners and adults of a school in a course, for some terms."""

    display_name: str
    school_id: str
    course_code: str
    subject: str
    grade: str
    term_ids: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    active: bool = True


class PersonKind(Enum):
    """As what a person belongs to a section."""

    LEARNER = 1
    ADULT = 2


@dataclass(frozen=True, kw_only=True)
class Enrolment(Entity):
    """That a person belongs to a section, from one day to another; both are included."""

    section_id: str
    person_kind: PersonKind
    person_id: str
    begin_date: date | None = None
    last_date: date | None = None
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class UpsertLearners(Upsert[Learner]):
    """The command to create or replace learners. allowed_sources: those the sender speaks for."""

    allowed_sources: Container[str]


@dataclass(frozen=True, kw_only=True)
class RosterRun:
    """A run of a roster's snapshot: entities of one kind, sorted by id."""

    schools: tuple[School, ...] = ()
    adults: tuple[Adult, ...] = ()
    learners: tuple[Learner, ...] = ()
    terms: tuple[Term, ...] = ()
    sections: tuple[Section, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()


def check_schools(schools: Sequence[School], time_zones: Collection[str]) -> tuple[School, ...]:
    """Return the schools with trimmed texts.

    time_zones: every IANA name that is known. Refuses the batch with InvalidEntityError or
    BatchTooLargeError.
    """
    check_batch_size(len(schools))
    checked = tuple(
        _checked_school(Place(collection=SCHOOLS, index=index), school, time_zones)
        for index, school in enumerate(schools)
    )
    check_distinct(SCHOOLS, "name", [school.id for school in checked])
    return checked


def check_learners(
    learners: Sequence[Learner], allowed_sources: Container[str]
) -> tuple[Learner, ...]:
    """Return the learners with trimmed texts.

    allowed_sources: those that the sender speaks for. An empty id means that the sender does not
    know it yet. Refuses the batch with InvalidEntityError or BatchTooLargeError.
    """
    check_batch_size(len(learners))
    checked = tuple(
        _checked_learner(Place(collection=LEARNERS, index=index), learner, allowed_sources)
        for index, learner in enumerate(learners)
    )
    check_distinct(LEARNERS, "source_id", [learner.first_alias for learner in checked])
    return checked


def check_adults(adults: Sequence[Adult]) -> tuple[Adult, ...]:
    """Return the adults with trimmed texts.

    Refuses the batch with InvalidEntityError or BatchTooLargeError.
    """
    check_batch_size(len(adults))
    checked = tuple(
        _checked_adult(Place(collection=ADULTS, index=index), adult)
        for index, adult in enumerate(adults)
    )
    check_distinct(ADULTS, "name", [adult.id for adult in checked])
    return checked


def check_known_schools(collection: str, school_ids: Sequence[str], known: Collection[str]) -> None:
    """Refuse the batch at the first entity whose school the district does not have."""
    for index, school_id in enumerate(school_ids):
        if school_id not in known:
            raise Place(collection=collection, index=index, field="school").refusal(
                EntityFault.UNKNOWN_SCHOOL,
                f"the district has no school {school_id}",
                "Send the school first.",
            )


def identify(
    learners: Sequence[Learner],
    standing: Mapping[FirstAlias, str],
    derived: Mapping[FirstAlias, str],
) -> tuple[Learner, ...]:
    """Give each learner the id under which its alias stands, or the derived one at first sight.

    The stored id outlives the key that it was derived with. A sent id that differs is refused, as
    is an alias that would take the id of another learner of the batch.
    """
    identified = []
    for index, learner in enumerate(learners):
        learner_id = standing.get(learner.first_alias) or derived[learner.first_alias]
        if learner.id not in ("", learner_id):
            raise Place(collection=LEARNERS, index=index, field="name").refusal(
                EntityFault.NAME_MISMATCH,
                f"learner {learner.id} does not have this source and source_id",
                "Leave the name empty, or send the one that this source and source_id were given.",
            )
        identified.append(replace(learner, id=learner_id))
    check_distinct(LEARNERS, "name", [learner.id for learner in identified])
    return tuple(identified)


def _checked_school(place: Place, school: School, time_zones: Collection[str]) -> School:
    """Return one school with trimmed texts, or refuse it."""
    check_identifier(place.at("name"), school.id)
    if school.time_zone not in time_zones:
        raise place.at("time_zone").refusal(
            EntityFault.UNKNOWN_TIME_ZONE,
            "is no time zone of the IANA database",
            'Send a name as in "America/New_York".',
        )
    return replace(
        school,
        display_name=check_text(
            place.at("display_name"), school.display_name, max_length=MAX_DISPLAY_NAME_LENGTH
        ),
    )


def _checked_learner(place: Place, learner: Learner, allowed_sources: Container[str]) -> Learner:
    """Return one learner with trimmed texts, or refuse it."""
    if learner.id:
        check_identifier(place.at("name"), learner.id)
    check_identifier(place.at("school"), learner.school_id)
    _check_dates(place, learner)
    return replace(
        learner,
        first_alias=_checked_alias(place, learner.first_alias, allowed_sources),
        given_name=_person_name(place.at("given_name"), learner.given_name),
        family_name=_person_name(place.at("family_name"), learner.family_name),
        grade=check_text(
            place.at("grade"), learner.grade, max_length=MAX_GRADE_LENGTH, required=False
        ),
    )


def _checked_alias(
    place: Place, first_alias: FirstAlias, allowed_sources: Container[str]
) -> FirstAlias:
    """Return the alias, trimmed, or refuse it."""
    check_identifier(place.at("source"), first_alias.source)
    if first_alias.source not in allowed_sources:
        raise place.at("source").refusal(
            EntityFault.SOURCE_NOT_ALLOWED,
            f"the credential does not speak for source {first_alias.source}",
            "Send with a credential that is bound to the source.",
        )
    source_id = check_text(
        place.at("source_id"), first_alias.source_id, max_length=MAX_SOURCE_ID_LENGTH
    )
    return replace(first_alias, source_id=source_id)


def _person_name(place: Place, value: str) -> str:
    """Return a part of a person's name, trimmed; it may be empty, as some people have one name."""
    return check_text(place, value, max_length=MAX_PERSON_NAME_LENGTH, required=False)


def _check_dates(place: Place, learner: Learner) -> None:
    """Refuse a withdrawal of an enrolled learner, and one before the enrolment."""
    if learner.withdraw_date is None:
        return
    if learner.state is LearnerState.ENROLLED:
        raise place.at("withdraw_date").refusal(
            EntityFault.FIELD_MALFORMED,
            "is set for a learner who is enrolled",
            "Leave it empty, or send the state STATE_WITHDRAWN.",
        )
    if learner.enrol_date is not None and learner.withdraw_date < learner.enrol_date:
        raise place.at("withdraw_date").refusal(
            EntityFault.DATES_REVERSED,
            "is before enrol_date",
            "Send a withdraw_date on or after enrol_date.",
        )


def _checked_adult(place: Place, adult: Adult) -> Adult:
    """Return one adult with trimmed texts and sorted subjects, or refuse it."""
    check_identifier(place.at("name"), adult.id)
    check_identifier(place.at("school"), adult.school_id)
    return replace(
        adult,
        display_name=check_text(
            place.at("display_name"), adult.display_name, max_length=MAX_DISPLAY_NAME_LENGTH
        ),
        subjects=check_set(
            place.at("subjects"),
            adult.subjects,
            max_count=MAX_SUBJECTS,
            max_length=MAX_SUBJECT_LENGTH,
        ),
    )
