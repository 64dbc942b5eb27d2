"""Whether the clock keeps a school's cycle, and what it falls back to."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.scheduler.domain.access import Action, Actor
from services.scheduler.domain.audit import MAX_AUDIT_REASON_LENGTH, AuditEntry
from services.scheduler.domain.calendar.week import monday_of
from services.scheduler.domain.cycle.marks import (
    CYCLE_ID,
    FallBack,
    SchoolCycle,
)
from services.scheduler.domain.errors import InvalidRequestError, PolicyMissingError
from services.scheduler.domain.resources import Kept, RequestKey, check_text
from services.scheduler.domain.subjects import school_subject
from services.scheduler.ports.store import Store


@dataclass(frozen=True, kw_only=True)
class UpdateSchoolCycle:
    """The command of a person who starts or stops a school's clock, or sets its fall-back."""

    district: str
    school_id: str
    running: bool
    fall_back: FallBack
    actor: Actor
    reason: str = ""
    request: RequestKey | None = None


async def get_school_cycle(district: str, school_id: str, *, store: Store) -> SchoolCycle:
    """Return a school's cycle; one that nobody has set does not run."""
    async with store.snapshot(district) as view:
        return await view.cycle.of(school_id) or SchoolCycle(school_id=school_id)


async def update_school_cycle(
    command: UpdateSchoolCycle, *, store: Store, clock: Clock
) -> SchoolCycle:
    """Keep what a person set, and have the clock look at the school at once."""
    reason = check_text("reason", command.reason, most=MAX_AUDIT_REASON_LENGTH)
    school_id = command.school_id
    async with store.change(command.district, school_id) as view:
        standing = await view.cycle.of(school_id) or SchoolCycle(school_id=school_id)
        if await view.requests.first_answer(school_id, command.request) is not None:
            return standing
        policy = await view.policies.of(school_id)
        if command.running and policy is None:
            raise PolicyMissingError(school_id=school_id)
        now = clock.now()
        zone = ZoneInfo(policy.time_zone) if policy is not None else UTC
        kept = _changed(standing, command, now.astimezone(zone))
        await view.cycle.keep(kept, now)
        await view.audit.append(_entry(command, reason, now))
        answer = [Kept(id=CYCLE_ID, version=kept.version)]
        await view.requests.keep_answer(school_id, command.request, answer, now)
    return kept


def _changed(standing: SchoolCycle, command: UpdateSchoolCycle, now: datetime) -> SchoolCycle:
    """Return the cycle as it was asked for; `now` is in the school's zone."""
    signs = command.fall_back is not FallBack.NOTHING
    if signs and not command.actor.adult_id:
        raise InvalidRequestError(
            field="cycle.fall_back",
            message="is signed in advance by a named adult",
            hint="send it with the credential of a person",
        )
    starts = command.running and not standing.running
    return replace(
        standing,
        running=command.running,
        fall_back=command.fall_back,
        fall_back_adult_id=command.actor.adult_id if signs else "",
        fall_back_time=now if signs else None,
        # What was due while the clock stood still is over: it begins with the week at the school.
        from_monday=monday_of(now.date()) if starts else standing.from_monday,
        look_time=now,
        version=standing.version + 1,
    )


def _entry(command: UpdateSchoolCycle, reason: str, now: datetime) -> AuditEntry:
    runs = "runs" if command.running else "is stopped"
    return AuditEntry(
        school_id=command.school_id,
        time=now,
        actor=command.actor.name,
        action=Action.SIGN_OFF.value,
        subject=school_subject(command.district, command.school_id),
        detail=f"the cycle {runs}; its fall-back is {command.fall_back.value.replace('_', ' ')}",
        reason=reason,
    )
