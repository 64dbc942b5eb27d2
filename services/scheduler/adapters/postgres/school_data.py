"""How keep rules, required services, essentials and agreed sessions stand in PostgreSQL."""

from services.scheduler.adapters.postgres.settings import Table
from services.scheduler.domain.school import (
    KeepKind,
    KeepRule,
    SchoolEssential,
    SchoolLockedSession,
    SchoolRequiredService,
)

KEEP_RULE = Table(
    name="keep_rule",
    columns=("kind", "learner_id", "other_id", "expire_date", "reason", "set_by"),
    private=("reason", "set_by"),
    setting_of=lambda row: KeepRule(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        kind=KeepKind(row["kind"]),
        learner_id=row["learner_id"],
        other_id=row["other_id"],
        expire_date=row["expire_date"],
        reason=row["reason"],
        set_by=row["set_by"],
    ),
    values_of=lambda one: (
        one.kind.value,
        one.learner_id,
        one.other_id,
        one.expire_date,
        one.reason,
        one.set_by,
    ),
)

REQUIRED_SERVICE = Table(
    name="required_service",
    columns=("learner_id", "service", "minutes", "adult_id", "begin_date", "end_date"),
    setting_of=lambda row: SchoolRequiredService(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        learner_id=row["learner_id"],
        service=row["service"],
        minutes=row["minutes"],
        adult_id=row["adult_id"],
        begin_date=row["begin_date"],
        end_date=row["end_date"],
    ),
    values_of=lambda one: (
        one.learner_id,
        one.service,
        one.minutes,
        one.adult_id,
        one.begin_date,
        one.end_date,
    ),
)

ESSENTIAL = Table(
    name="essential",
    columns=("due_date",),
    setting_of=lambda row: SchoolEssential(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        due_date=row["due_date"],
    ),
    values_of=lambda one: (one.due_date,),
)

LOCKED_SESSION = Table(
    name="locked_session",
    columns=("date", "slot_id", "offer_id", "competency_id", "tier_id"),
    setting_of=lambda row: SchoolLockedSession(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        date=row["date"],
        slot_id=row["slot_id"],
        offer_id=row["offer_id"],
        competency_id=row["competency_id"],
        tier_id=row["tier_id"],
    ),
    values_of=lambda one: (
        one.date,
        one.slot_id,
        one.offer_id,
        one.competency_id,
        one.tier_id,
    ),
)
