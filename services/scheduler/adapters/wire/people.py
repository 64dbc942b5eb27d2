"""Settings of people: messages to the domain and back, fields at fault refused by place."""

from trellis.scheduler.v1 import people_pb2

from services.scheduler.adapters.wire.names import (
    ADULT,
    FAMILY,
    LEARNER_SETTING,
    OFFER,
    STAFF_MEMBER,
    child_id,
    id_of,
)
from services.scheduler.adapters.wire.settings import KIND_MESSAGES, KINDS, Parent, date_from
from services.scheduler.domain.access import Role
from services.scheduler.domain.learner_settings import Consent, FamilyOptOut, LearnerSetting
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.resources import refuse
from services.scheduler.domain.staff import StaffMember

ROLES = {
    people_pb2.STAFF_ROLE_TEACHER: Role.TEACHER,
    people_pb2.STAFF_ROLE_COACH: Role.COACH,
    people_pb2.STAFF_ROLE_SPECIALIST: Role.SPECIALIST,
    people_pb2.STAFF_ROLE_COUNSELOR: Role.COUNSELOR,
    people_pb2.STAFF_ROLE_PRINCIPAL: Role.PRINCIPAL,
    people_pb2.STAFF_ROLE_OFFICE: Role.OFFICE,
}
ROLE_MESSAGES = {role: message for message, role in ROLES.items()}


def staff_member_from(parent: Parent, place: str, message: people_pb2.StaffMember) -> StaffMember:
    """Return the entry of a message; raises InvalidSettingError."""
    for role in message.roles:
        if role not in ROLES:
            refuse(f"{place}.roles", "FIELD_MALFORMED", "holds no role.", "Send roles of staff.")
    return StaffMember(
        school_id=parent[1],
        id=child_id(STAFF_MEMBER, f"{place}.name", parent, message.name),
        roles=tuple(ROLES[role] for role in message.roles),
        kinds=tuple(_kind_from(f"{place}.kinds", kind) for kind in message.kinds),
        planning_slot_ids=tuple(message.planning_slot_ids),
        load=message.load,
        preparations=message.preparations,
    )


def staff_member_to(district: str, one: StaffMember) -> people_pb2.StaffMember:
    """Return the message of an entry."""
    return people_pb2.StaffMember(
        name=STAFF_MEMBER.format(district, one.school_id, one.id),
        roles=[ROLE_MESSAGES[role] for role in one.roles],
        kinds=[KIND_MESSAGES[kind] for kind in one.kinds],
        planning_slot_ids=one.planning_slot_ids,
        load=one.load,
        preparations=one.preparations,
        version=one.version,
    )


def learner_setting_from(
    parent: Parent, place: str, message: people_pb2.LearnerSetting
) -> LearnerSetting:
    """Return the entry of a message; raises InvalidSettingError."""
    return LearnerSetting(
        school_id=parent[1],
        id=child_id(LEARNER_SETTING, f"{place}.name", parent, message.name),
        named_adult_id=id_of(ADULT, f"{place}.named_adult", parent[0], message.named_adult),
        family_ids=tuple(
            id_of(FAMILY, f"{place}.families", parent[0], one) for one in message.families
        ),
        tags=tuple(message.tags),
        consents=tuple(
            _consent_from(f"{place}.consents[{number}]", one)
            for number, one in enumerate(message.consents)
        ),
        opt_outs=tuple(
            _opt_out_from(parent, f"{place}.opt_outs[{number}]", one)
            for number, one in enumerate(message.opt_outs)
        ),
        far_behind=message.far_behind if message.HasField("far_behind") else None,
    )


def learner_setting_to(district: str, one: LearnerSetting) -> people_pb2.LearnerSetting:
    """Return the message of an entry."""
    return people_pb2.LearnerSetting(
        name=LEARNER_SETTING.format(district, one.school_id, one.id),
        named_adult=ADULT.format(district, one.named_adult_id),
        families=[FAMILY.format(district, each) for each in one.family_ids],
        tags=one.tags,
        consents=[
            people_pb2.LearnerConsent(law=each.law, consent_date=each.date.isoformat())
            for each in one.consents
        ],
        opt_outs=[_opt_out_to(district, one.school_id, each) for each in one.opt_outs],
        far_behind=one.far_behind,
        version=one.version,
    )


def _consent_from(place: str, message: people_pb2.LearnerConsent) -> Consent:
    day = date_from(f"{place}.consent_date", message.consent_date)
    return Consent(law=message.law, date=day)


def _opt_out_from(parent: Parent, place: str, message: people_pb2.FamilyOptOut) -> FamilyOptOut:
    what = message.WhichOneof("what")
    return FamilyOptOut(
        offer_id=child_id(OFFER, f"{place}.offer", parent, message.offer)
        if what == "offer"
        else "",
        kind=_kind_from(f"{place}.kind", message.kind) if what == "kind" else None,
        subject=message.subject,
    )


def _opt_out_to(district: str, school_id: str, one: FamilyOptOut) -> people_pb2.FamilyOptOut:
    if one.offer_id:
        return people_pb2.FamilyOptOut(offer=OFFER.format(district, school_id, one.offer_id))
    if one.kind is not None:
        return people_pb2.FamilyOptOut(kind=KIND_MESSAGES[one.kind])
    return people_pb2.FamilyOptOut(subject=one.subject)


def _kind_from(field: str, kind: int) -> SessionKind:
    found = next((one for message, one in KINDS.items() if message == kind), None)
    if found is None:
        refuse(field, "FIELD_MALFORMED", "is no kind.", "Send kinds of sessions.")
    return found
