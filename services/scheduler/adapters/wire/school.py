"""Keep rules, required services, essentials and agreed sessions: messages to the domain and back.

Also what is said of rows that were not kept, and of what a school lacks.
"""

from collections.abc import Iterable
from datetime import date

from trellis.scheduler.v1 import school_pb2

from services.scheduler.adapters.wire.names import (
    ADULT,
    COMPETENCY,
    ESSENTIAL,
    KEEP_RULE,
    LEARNER,
    LOCKED_SESSION,
    OFFER,
    REQUIRED_SERVICE,
    child_id,
    id_of,
)
from services.scheduler.adapters.wire.settings import Parent, date_from
from services.scheduler.domain.readiness import Finding, Severity
from services.scheduler.domain.resources import RefusedRow, refuse
from services.scheduler.domain.school import (
    KeepKind,
    KeepRule,
    SchoolEssential,
    SchoolLockedSession,
    SchoolRequiredService,
)
from services.scheduler.domain.school.keep_rules import SeenRule

_KINDS = {
    school_pb2.KeepRule.KIND_APART: KeepKind.APART,
    school_pb2.KeepRule.KIND_TOGETHER: KeepKind.TOGETHER,
}
_KIND_MESSAGES = {kind: message for message, kind in _KINDS.items()}

_SEVERITIES = {
    Severity.STOPS: school_pb2.ReadinessItem.SEVERITY_STOPS,
    Severity.WEAKENS: school_pb2.ReadinessItem.SEVERITY_WEAKENS,
    Severity.INFORMS: school_pb2.ReadinessItem.SEVERITY_INFORMS,
}


def keep_rule_from(parent: Parent, place: str, message: school_pb2.KeepRule) -> KeepRule:
    """Return the rule of a message; raises InvalidSettingError."""
    if message.kind not in _KINDS:
        refuse(f"{place}.kind", "FIELD_MISSING", "is no kind.", "Send apart or together.")
    if message.set_by:
        id_of(ADULT, f"{place}.set_by", parent[0], message.set_by)
    return KeepRule(
        school_id=parent[1],
        id=child_id(KEEP_RULE, f"{place}.name", parent, message.name),
        kind=_KINDS[message.kind],
        learner_id=id_of(LEARNER, f"{place}.learner", parent[0], message.learner),
        other_id=id_of(LEARNER, f"{place}.other_learner", parent[0], message.other_learner),
        expire_date=_date_or_none(f"{place}.expire_date", message.expire_date),
        reason=message.reason,
        set_by=message.set_by,
    )


def keep_rule_to(district: str, seen: SeenRule) -> school_pb2.KeepRule:
    """Return the message of a rule as its reader may see it."""
    rule = seen.rule
    message = school_pb2.KeepRule(
        name=KEEP_RULE.format(district, rule.school_id, rule.id), version=rule.version
    )
    if not seen.shows_pair:
        message.placed_by_rule = True
        return message
    message.kind = _KIND_MESSAGES[rule.kind]
    message.learner = LEARNER.format(district, rule.learner_id)
    message.other_learner = LEARNER.format(district, rule.other_id)
    message.expire_date = _text(rule.expire_date)
    message.set_by = rule.set_by
    if seen.shows_reason:
        message.reason = rule.reason
    return message


def required_service_from(
    parent: Parent, place: str, message: school_pb2.RequiredService
) -> SchoolRequiredService:
    """Return the required service of a message; raises InvalidSettingError."""
    adult = message.adult
    return SchoolRequiredService(
        school_id=parent[1],
        id=child_id(REQUIRED_SERVICE, f"{place}.name", parent, message.name),
        learner_id=id_of(LEARNER, f"{place}.learner", parent[0], message.learner),
        service=message.service,
        minutes=message.minutes,
        adult_id=id_of(ADULT, f"{place}.adult", parent[0], adult) if adult else "",
        begin_date=_date_or_none(f"{place}.begin_date", message.begin_date),
        end_date=_date_or_none(f"{place}.end_date", message.end_date),
    )


def required_service_to(
    district: str, service: SchoolRequiredService
) -> school_pb2.RequiredService:
    """Return the message of a required service."""
    return school_pb2.RequiredService(
        name=REQUIRED_SERVICE.format(district, service.school_id, service.id),
        learner=LEARNER.format(district, service.learner_id),
        service=service.service,
        minutes=service.minutes,
        adult=ADULT.format(district, service.adult_id) if service.adult_id else "",
        begin_date=_text(service.begin_date),
        end_date=_text(service.end_date),
        version=service.version,
    )


def essential_from(parent: Parent, place: str, message: school_pb2.Essential) -> SchoolEssential:
    """Return the essential competency of a message; raises InvalidSettingError."""
    return SchoolEssential(
        school_id=parent[1],
        id=child_id(ESSENTIAL, f"{place}.name", parent, message.name),
        due_date=_date_or_none(f"{place}.due_date", message.due_date),
    )


def essential_to(district: str, essential: SchoolEssential) -> school_pb2.Essential:
    """Return the message of an essential competency."""
    return school_pb2.Essential(
        name=ESSENTIAL.format(district, essential.school_id, essential.id),
        due_date=_text(essential.due_date),
        version=essential.version,
    )


def locked_session_from(
    parent: Parent, place: str, message: school_pb2.LockedSession
) -> SchoolLockedSession:
    """Return the agreed session of a message; raises InvalidSettingError."""
    competency = message.competency
    return SchoolLockedSession(
        school_id=parent[1],
        id=child_id(LOCKED_SESSION, f"{place}.name", parent, message.name),
        date=date_from(f"{place}.date", message.date),
        slot_id=message.slot_id,
        offer_id=child_id(OFFER, f"{place}.offer", parent, message.offer),
        competency_id=(
            id_of(COMPETENCY, f"{place}.competency", parent[0], competency) if competency else ""
        ),
        tier_id=message.tier_id,
    )


def locked_session_to(district: str, session: SchoolLockedSession) -> school_pb2.LockedSession:
    """Return the message of an agreed session."""
    competency = session.competency_id
    return school_pb2.LockedSession(
        name=LOCKED_SESSION.format(district, session.school_id, session.id),
        date=session.date.isoformat(),
        slot_id=session.slot_id,
        offer=OFFER.format(district, session.school_id, session.offer_id),
        competency=COMPETENCY.format(district, competency) if competency else "",
        tier_id=session.tier_id,
        version=session.version,
    )


def refused_to(refused: Iterable[RefusedRow]) -> list[school_pb2.RefusedRow]:
    """Return the messages of rows that were not kept."""
    return [
        school_pb2.RefusedRow(
            index=one.index,
            field=one.field,
            reason=one.reason,
            message=one.message,
            hint=one.hint,
        )
        for one in refused
    ]


def finding_to(finding: Finding) -> school_pb2.ReadinessItem:
    """Return the message of something that a school lacks."""
    return school_pb2.ReadinessItem(
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        message=finding.message,
        hint=finding.hint,
    )


def _date_or_none(field: str, text: str) -> date | None:
    return date_from(field, text) if text else None


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
