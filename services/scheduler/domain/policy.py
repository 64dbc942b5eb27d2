"""How a school wants its week: its slots, its clock, and the numbers of its rules.

Zero stands for the default in every number, as an absent field of a message does.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date, time, timedelta
from typing import Any

from services.scheduler.domain.model import Slot
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.resources import Setting, check_id, check_number, check_text, refuse
from services.scheduler.domain.titles import refusal

POLICY_ID = "policy"
MAX_SLOTS = 64
MAX_SLOT_ID_LENGTH = 32
MAX_BANNED_WORDS = 200
MAX_NAME_LENGTH = 120
MAX_LABEL_LENGTH = 40
DAYS_PER_WEEK = 7

LIMITS = {
    "small_group_cap": 100,
    "one_to_one_cap": 4,
    "check_cap": 100,
    "enrichment_cap": 500,
    "session_minimum": 20,
    "floor_evidence_count": 50,
    "floor_day_count": 30,
    "floor_newest_days": 400,
    "floor_level_milli": 4000,
    "floor_at_least_eight_tenths_micro": 1_000_000,
    "preparations_per_day": 20,
    "need_seats_per_week": 64,
    "reteach_share_milli": 1000,
}
"""The most that each number of a policy may be."""


@dataclass(frozen=True, kw_only=True)
class SlotTemplate:
    """A slot of every week, on the school's clock; `iso_weekday` 1 is Monday."""

    slot_id: str
    iso_weekday: int
    start: time
    end: time
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class SchoolPolicy(Setting):
    """A school's policy; the version of `numbers` is the policy's own."""

    id: str = POLICY_ID
    school_display_name: str = ""
    time_zone: str = "UTC"
    slots: tuple[SlotTemplate, ...] = ()
    numbers: Policy = field(default_factory=Policy)

    def slots_of(self, monday: date) -> tuple[Slot, ...]:
        """Return the slots of the week of a Monday."""
        return tuple(
            Slot(
                slot_id=one.slot_id,
                date=monday + timedelta(days=one.iso_weekday - 1),
                start=one.start,
                end=one.end,
                label=one.label,
            )
            for one in self.slots
        )

    def slot(self, slot_id: str) -> SlotTemplate | None:
        """Return the slot of this id, or None."""
        return next((one for one in self.slots if one.slot_id == slot_id), None)


def checked_policy(policy: SchoolPolicy, time_zones: Collection[str]) -> SchoolPolicy:
    """Return the policy with its defaults filled in; raises InvalidSettingError."""
    if policy.time_zone not in time_zones:
        refuse(
            "policy.time_zone",
            "UNKNOWN_TIME_ZONE",
            "is no time zone.",
            'Send an IANA name, as in "America/New_York".',
        )
    return replace(
        policy,
        school_display_name=check_text(
            "policy.school_display_name",
            policy.school_display_name,
            most=MAX_NAME_LENGTH,
            required=True,
        ),
        slots=_checked_slots(policy.slots),
        numbers=_checked_numbers(policy.numbers),
    )


def _checked_slots(slots: tuple[SlotTemplate, ...]) -> tuple[SlotTemplate, ...]:
    if not 1 <= len(slots) <= MAX_SLOTS:
        refuse(
            "policy.slots", "OUT_OF_RANGE", f"has {len(slots)} slots.", f"Send 1 to {MAX_SLOTS}."
        )
    if len({one.slot_id for one in slots}) < len(slots):
        refuse("policy.slots", "DUPLICATE", "holds a slot_id twice.", "Give each its own.")
    return tuple(_checked_slot(f"policy.slots[{place}]", one) for place, one in enumerate(slots))


def _checked_slot(place: str, slot: SlotTemplate) -> SlotTemplate:
    check_id(f"{place}.slot_id", slot.slot_id)
    check_text(f"{place}.slot_id", slot.slot_id, most=MAX_SLOT_ID_LENGTH)
    check_number(f"{place}.iso_weekday", slot.iso_weekday, least=1, most=DAYS_PER_WEEK)
    if slot.end <= slot.start:
        refuse(
            f"{place}.end_clock",
            "CLOCKS_REVERSED",
            "is not after start_clock.",
            "A slot ends after it starts, on the same day.",
        )
    label = check_text(f"{place}.label", slot.label, most=MAX_LABEL_LENGTH)
    labelled = refusal(label)
    if labelled:
        refuse(f"{place}.label", "LABEL_BANNED", f"{labelled}.", "Choose a neutral label.")
    return replace(slot, label=label)


def _checked_numbers(numbers: Policy) -> Policy:
    defaults = Policy()
    values: dict[str, Any] = {
        name: check_number(f"policy.{name}", getattr(numbers, name), least=0, most=most)
        or getattr(defaults, name)
        for name, most in LIMITS.items()
    }
    return replace(
        numbers, **values, banned_words=tuple(sorted(set(_checked_words(numbers.banned_words))))
    )


def _checked_words(words: tuple[str, ...]) -> Iterator[str]:
    if len(words) > MAX_BANNED_WORDS:
        refuse(
            "policy.banned_words",
            "TOO_MANY_VALUES",
            f"holds {len(words)} words.",
            f"Send at most {MAX_BANNED_WORDS}.",
        )
    for word in words:
        yield check_text("policy.banned_words", word, most=MAX_LABEL_LENGTH, required=True).lower()


# The numbers without a bound here cannot be set yet: they hold their defaults.
assert set(LIMITS) <= {one.name for one in fields(Policy)}
