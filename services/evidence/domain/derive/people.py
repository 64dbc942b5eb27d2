"""Learners and adults, their aliases and enrolments, derived from OneRoster's users and roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.evidence.domain.derive.contents import (
    day,
    entity_id,
    flag,
    key,
    last_day,
    mappings,
    referred,
    text,
    texts,
)
from services.evidence.domain.derive.places import grade_of
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.references import (
    MAX_REFERENCE_LENGTH,
    Reference,
    ReferenceKind,
    reference,
)
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.roster import (
    MAX_DISPLAY_NAME_LENGTH,
    MAX_PERSON_NAME_LENGTH,
    Adult,
    Enrolment,
    FirstAlias,
    Learner,
    LearnerState,
    PersonKind,
)
from services.evidence.domain.source_object import (
    Collection,
    Json,
    SourceObject,
    SourceSettings,
)

STUDENT = "student"
ADULT_ROLES = frozenset(
    {
        "administrator",
        "aide",
        "counselor",
        "districtAdministrator",
        "principal",
        "proctor",
        "siteAdministrator",
        "systemAdministrator",
        "teacher",
    }
)
"""Of OneRoster's roles; parents, guardians and relatives are no staff, and are not derived."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who a user is: a learner, an adult, both or neither, and how systems call them.

    references: all of them, the source's own id first; those of `linking` kinds mean the same
    person in every system. learner_org, adult_org: the source's ids of the orgs that are the
    person's schools, which may be two; empty where the person is no learner, or no adult.
    placeless: a student of whom nothing says where; another system may. shares_number: see there.
    """

    learner: Learner | None
    adult: Adult | None
    learner_org: str
    adult_org: str
    references: tuple[Reference, ...]
    placeless: bool = False
    shares_number: bool = False

    @property
    def linking(self) -> tuple[Reference, ...]:
        """The references by which a record of another system is found to be the same person.

        A number of the district is given once. An e-mail is not among them: it may be given to
        somebody else, and a person with two records often has it in both.
        """
        return tuple(one for one in self.references if one.kind is ReferenceKind.SIS_NUMBER)


def person_of(
    user: SourceObject, roles: Sequence[SourceObject], settings: SourceSettings, *, today: date
) -> Person:
    """Return who a user is. roles: those that stand. today: for roles that have ended."""
    content = user.content
    source = settings.source
    current = [one for one in roles if not one.deleted] or _assumed_roles(user, settings)
    student = [one for one in current if text(one.content, "role") == STUDENT]
    staff = [one for one in current if text(one.content, "role") in ADULT_ROLES]
    gone = user.deleted or not flag(content, "enabledUser", default=True)
    return Person(
        learner=_learner(user, student, source, gone=gone, today=today) if student else None,
        adult=_adult(user, staff, gone=gone, today=today) if staff else None,
        learner_org=_org_id(user, student, today) if student else "",
        adult_org=_org_id(user, staff, today) if staff else "",
        references=tuple(references_of(user, current, source)),
        placeless=not gone and not current and _is_student(user),
        shares_number=shares_number(user),
    )


def shares_number(user: SourceObject) -> bool:
    """Whether the number is one that all records of a person in one system have.

    OneRoster's master identifier is for that; any other number stands in one record.
    """
    return bool(text(user.content, "userMasterIdentifier"))


def _assumed_roles(user: SourceObject, settings: SourceSettings) -> list[SourceObject]:
    """Return the role of a learner of whom nothing says where; none without such a school."""
    if not settings.learners_org or not _is_student(user):
        return []
    org: dict[str, Json] = {"sourcedId": settings.learners_org, "type": "org"}
    return [
        SourceObject(
            key=key(Collection.ROLES, f"{user.key.id}.assumed"),
            content={"role": STUDENT, "roleType": "secondary", "org": org},
            parent=user.key,
        )
    ]


def _is_student(user: SourceObject) -> bool:
    """Whether the user's system says so without a role, as Ed-Fi does."""
    metadata = user.content.get("metadata")
    return isinstance(metadata, Mapping) and metadata.get("edfi.person") == STUDENT


def references_of(
    user: SourceObject, roles: Sequence[SourceObject], source: str
) -> Sequence[Reference]:
    """Return how systems call a user, the source's own id first; each once.

    An agency of Ed-Fi knows e-mail and numbers of its students, and says them with their role.
    """
    content = user.content
    found = [reference(ReferenceKind.SOURCED_ID, user.key.id, source)]
    number = text(content, "userMasterIdentifier") or text(content, "identifier")
    if number:
        found.append(reference(ReferenceKind.SIS_NUMBER, number))
    for mail in (text(content, "email"), *(text(one, "edfi.email") for one in _metadata(roles))):
        if mail:
            found.append(reference(ReferenceKind.EMAIL, mail))
    for one in mappings(content, "userIds"):
        # Of a system whose ids these are: "{LMS:4711}" is the id in that LMS.
        kind, value = text(one, "type"), text(one, "identifier")
        if value and kind.lower() in ("lms", "canvas", "schoology", "moodle"):
            found.append(reference(ReferenceKind.LMS_UUID, value, kind.lower()))
    return [
        one for one in dict.fromkeys(found) if one.value and len(one.value) <= MAX_REFERENCE_LENGTH
    ]


def _metadata(roles: Sequence[SourceObject]) -> Sequence[Mapping[str, Json]]:
    found = (one.content.get("metadata") for one in roles)
    return [one for one in found if isinstance(one, Mapping)]


def enrolment_of(enrolment: SourceObject, *, person_kind: PersonKind, person_id: str) -> Enrolment:
    """Return the enrolment of a person whose id in Trellis is known."""
    content = enrolment.content
    return Enrolment(
        id=entity_id(enrolment.key.id),
        section_id=entity_id(referred(content, "class")),
        person_kind=person_kind,
        person_id=person_id,
        begin_date=day(content, "beginDate"),
        last_date=last_day(content, "endDate"),
        active=not enrolment.deleted,
    )


def kind_of_enrolment(enrolment: SourceObject) -> PersonKind:
    """Return as what somebody is enrolled."""
    student = text(enrolment.content, "role") == STUDENT
    return PersonKind.LEARNER if student else PersonKind.ADULT


def _learner(
    user: SourceObject, roles: Sequence[SourceObject], source: str, *, gone: bool, today: date
) -> Learner:
    content = user.content
    running = [one for one in roles if not _ended(one, today)]
    withdrawn = gone or not running
    begins = [begin for one in roles if (begin := day(one.content, "beginDate")) is not None]
    ends = [end for one in roles if (end := last_day(one.content, "endDate")) is not None]
    grades = texts(content, "grades") or next(
        filter(None, (texts(one, "edfi.grades") for one in _metadata(running or roles))), ()
    )
    enrol_date = min(begins, default=None)
    withdraw_date = max(ends, default=None) if withdrawn else None
    if enrol_date is not None and withdraw_date is not None and withdraw_date < enrol_date:
        withdraw_date = enrol_date
    return Learner(
        id="",
        first_alias=FirstAlias(source=source, source_id=user.key.id),
        given_name=_name(content, "preferredFirstName", "givenName"),
        family_name=_name(content, "preferredLastName", "familyName"),
        school_id=entity_id(_org_id(user, roles, today)),
        grade=grade_of(grades[0]) if grades else "",
        state=LearnerState.WITHDRAWN if withdrawn else LearnerState.ENROLLED,
        enrol_date=enrol_date,
        withdraw_date=withdraw_date,
    )


def _adult(user: SourceObject, roles: Sequence[SourceObject], *, gone: bool, today: date) -> Adult:
    content = user.content
    running = [one for one in roles if not _ended(one, today)]
    given = _name(content, "preferredFirstName", "givenName")
    family = _name(content, "preferredLastName", "familyName")
    return Adult(
        id=entity_id(user.key.id),
        display_name=f"{given} {family}".strip()[:MAX_DISPLAY_NAME_LENGTH],
        school_id=entity_id(_org_id(user, roles, today)),
        subjects=(),
        active=not gone and bool(running),
    )


def _org_id(user: SourceObject, roles: Sequence[SourceObject], today: date) -> str:
    """Return the org of the user that a role names, else of a primary role, of running ones first.

    Refuses a user who has none.
    """
    running = [one for one in roles if not _ended(one, today)] or roles
    ranked = sorted(running, key=lambda one: text(one.content, "roleType") != "primary")
    orgs = [referred(one.content, "org") for one in ranked]
    primary = referred(user.content, "primaryOrg")
    found = primary if primary in orgs else next(filter(None, orgs), primary)
    if not found:
        raise RefusedError(
            RefusalReason.UNKNOWN_REFERENCE,
            "primaryOrg",
            "Neither the user nor a role names a school.",
            "Send the user's roles with their orgs.",
        )
    return found


def _ended(role: SourceObject, today: date) -> bool:
    last = last_day(role.content, "endDate")
    return last is not None and last < today


def _name(content: Mapping[str, Json], *fields: str) -> str:
    found = next(filter(None, (text(content, field) for field in fields)), "")
    return found[:MAX_PERSON_NAME_LENGTH]
