"""Staff members, learner settings and classes for the tests of who is who in a school."""

from datetime import date

from services.scheduler.adapters.wire.names import ADULT
from services.scheduler.domain.access import SYSTEM, Actor, Role
from services.scheduler.domain.learner_settings import Consent, FamilyOptOut, LearnerSetting
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.sections import RosterSection, SectionMember, Span
from services.scheduler.domain.staff import StaffMember
from tests.support.schedules import DISTRICT, SCHOOL


def a_staff_member(adult_id="ada", **changes) -> StaffMember:
    """Return a coach with planning time in slot mon-1."""
    fields = {
        "school_id": SCHOOL,
        "id": adult_id,
        "roles": (Role.COACH,),
        "kinds": (SessionKind.COMMONS, SessionKind.ENRICHMENT),
        "planning_slot_ids": ("mon-1",),
        "load": 5,
        "preparations": 2,
    }
    return StaffMember(**(fields | changes))


def a_learner_setting(learner_id="lea", **changes) -> LearnerSetting:
    """Return a learner's setting with something in every field."""
    fields = {
        "school_id": SCHOOL,
        "id": learner_id,
        "named_adult_id": "ada",
        "family_ids": ("f1", "f2"),
        "tags": ("bus-12", "studio-b"),
        "consents": (Consent(law="HB1416", date=date(2026, 9, 1)),),
        "opt_outs": (
            FamilyOptOut(subject="health"),
            FamilyOptOut(kind=SessionKind.REASSESSMENT),
            FamilyOptOut(offer_id="o1"),
        ),
        "far_behind": False,
    }
    return LearnerSetting(**(fields | changes))


def a_section(section_id="6a", *, adults=("ada",), learners=("lea",), **changes) -> RosterSection:
    """Return a class of math that meets always."""
    members = [SectionMember(person_id=one, is_adult=True) for one in adults]
    members += [SectionMember(person_id=one, is_adult=False) for one in learners]
    fields = {"section_id": section_id, "subject": "math", "members": tuple(members)}
    return RosterSection(**(fields | changes))


def from_to(first: str, last: str) -> Span:
    """Return a span of two ISO dates."""
    return Span(first=date.fromisoformat(first), last=date.fromisoformat(last))


def an_actor(*roles: Role, own=(), adult_id="ada") -> Actor:
    """Return somebody of the district with these roles and learners."""
    return Actor(
        name=f"districts/{DISTRICT}/adults/{adult_id}",
        roles=frozenset(roles),
        adult_id=adult_id,
        own_learner_ids=frozenset(own),
    )


class TrustedPersons:
    """The port `ActorBook` where no list of staff is kept: a person may what their token may.

    Every person whom a credential names leads the school, as far as the credential's scopes go.
    """

    async def actor(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return the actor of a person; an adult of the district leads the school."""
        if person is None:
            return SYSTEM
        if not ADULT.matches(person) or ADULT.parse(person)[0] != district:
            return Actor(name=person, roles=frozenset())
        return Actor(
            name=person, roles=frozenset({Role.PRINCIPAL}), adult_id=ADULT.parse(person)[1]
        )
