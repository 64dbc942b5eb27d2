"""What a batch of settings may rest on, and the checks that several kinds of settings share."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from services.scheduler.domain.calendar.days import Calendar, SchoolDays
from services.scheduler.domain.calendar.week import school_days
from services.scheduler.domain.errors import PolicyMissingError
from services.scheduler.domain.numbers import with_tiers
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.resources import check_set, check_text, refuse

if TYPE_CHECKING:
    from services.scheduler.domain.school.absences import SchoolAbsence
    from services.scheduler.domain.school.pins import SchoolLockedSession
    from services.scheduler.domain.school.required_services import SchoolRequiredService

MAX_SLOT_IDS = 64
MAX_SUBJECT_LENGTH = 64
MAX_REASON_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the settings of a batch may rest on: policy, calendar, known rooms and known offers."""

    policy: SchoolPolicy | None
    room_ids: Collection[str] = ()
    offer_ids: Collection[str] = ()
    calendar: Calendar | None = None
    bell_schedule_ids: Collection[str] = ()
    """Of a batch of a calendar's settings: every one that the school has."""
    services: Sequence["SchoolRequiredService"] = ()
    """The required services of the batch's learners, as they stand."""
    locked: Sequence["SchoolLockedSession"] = ()
    """The agreed sessions of the batch's offers, as they stand."""
    absences: Sequence["SchoolAbsence"] = ()
    """The absences of the batch's adults on its days, as they stand."""

    @property
    def days(self) -> SchoolDays | None:
        """The school's days and their slots; None without a policy."""
        return school_days(self.policy, self.calendar) if self.policy else None


def banned_words(standing: Standing) -> tuple[str, ...]:
    """Return the words of the school that nothing which people read may hold (H11)."""
    return standing.policy.numbers.banned_words if standing.policy else ()


def check_slot_ids(field: str, slot_ids: tuple[str, ...], standing: Standing) -> tuple[str, ...]:
    """Return the slots as a sorted set; refuse one that the school does not have."""
    ids = check_set(field, slot_ids, most=MAX_SLOT_IDS)
    known = standing.days.slot_ids if standing.days else ()
    if any(slot_id not in known for slot_id in ids):
        refuse_unknown(field, "slot")
    return ids


def check_tier_ids(field: str, tier_ids: tuple[str, ...], standing: Standing) -> tuple[str, ...]:
    """Return the tiers as a sorted set; refuse one that the school's policy does not have."""
    ids = check_set(field, tier_ids, most=MAX_SLOT_IDS)
    tiers = with_tiers(standing.policy.numbers).tiers if standing.policy else ()
    if not set(ids) <= {one.tier_id for one in tiers}:
        refuse_unknown(field, "tier")
    return ids


def check_dated_slot(
    place: str, school_id: str, day: date, slot_id: str, standing: Standing
) -> None:
    """Refuse a slot that the school does not have, or does not have on that day."""
    if standing.days is None:
        raise PolicyMissingError(school_id=school_id)
    if slot_id not in standing.days.slot_ids:
        refuse_unknown(f"{place}.slot_id", "slot")
    check_held(f"{place}.date", slot_id, day, standing)


def check_held(field: str, slot_id: str, day: date, standing: Standing) -> None:
    """Refuse a date on which a known slot is not held, and say why it is not."""
    days = standing.days
    if days is None or any(one.slot_id == slot_id for one in days.slots_on(day)):
        return
    why_none = days.day_of(day).why_none
    refuse(
        field,
        "SLOT_NOT_ON_DATE",
        f"is a {day:%A}{f' without school ({why_none})' if why_none else ''},"
        f" and slot {slot_id} is not held then.",
        "Send a date on which the slot is held.",
    )


def check_words(field: str, values: Sequence[str], *, most: int, longest: int) -> tuple[str, ...]:
    """Return words of the school (grades, tags) as a sorted set."""
    if len(values) > most:
        refuse(field, "TOO_MANY_VALUES", f"holds {len(values)} values.", f"Send at most {most}.")
    words = (check_text(field, one, most=longest, required=True) for one in values)
    return tuple(sorted(set(words)))


def refuse_unknown(field: str, kind: str) -> None:
    """Refuse a name of something that the school does not have."""
    first = {"slot": "policy or the bells with the slot", "tier": "policy with the tier"}.get(
        kind, kind
    )
    refuse(
        field,
        f"UNKNOWN_{kind.upper()}",
        f"names a {kind} that the school does not have.",
        f"Send the {first} first.",
    )


def first_user(users: Iterable[str]) -> str | None:
    """Return the first of those who use something, in words; None where there is none."""
    return next(iter(users), None)
