"""How a school wants its week: its slots, its clock, and the numbers of its rules.

In the numbers of `LIMITS` zero stands for the default, as an absent field of a message does; in
those of `RANGES`, where zero may be a meaning, only an absent field does.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date, time, timedelta
from typing import Any

from services.scheduler.domain.faults import faults_in, path_of
from services.scheduler.domain.model import Scope, Slot
from services.scheduler.domain.numbers import Policy, Tier, Weights
from services.scheduler.domain.resources import (
    Setting,
    check_id,
    check_number,
    check_set,
    check_text,
    refuse,
)
from services.scheduler.domain.titles import refusal

POLICY_ID = "policy"
MAX_SLOTS = 64
MAX_SLOT_ID_LENGTH = 32
MAX_BANNED_WORDS = 200
MAX_NAME_LENGTH = 120
MAX_LABEL_LENGTH = 40
MAX_SUBJECT_LENGTH = 64
MAX_SCOPE_VALUES = 50
DAYS_PER_WEEK = 7

PAPERS = ("us-letter", "a4")
"""What can be printed on; the first where nobody says."""
FAMILY_LANGUAGES = ("en", "es")
"""What notes to families can be written in, as BCP 47; the first where nobody says."""

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
"""The most that each of these numbers may be; zero stands for the default."""

RANGES = {
    "legal_cap": (1, 100),
    "own_choice_seats_per_week": (0, 64),
    "enrichment_seats_per_week": (0, 64),
    "own_choice_share_milli": (0, 1000),
    "prerequisite_share_milli": (0, 1000),
    "far_behind_level_milli": (0, 4000),
    "far_behind_share_milli": (0, 1000),
    "cycle_weeks": (1, 52),
    "exit_level_milli": (0, 4000),
    "exit_evidence_count": (0, 50),
    "return_level_milli": (0, 4000),
    "cycles_without_gain": (1, 20),
    "dok_one_run": (1, 50),
    "reteach_weight_milli": (0, 1000),
}
"""The least and the most that each of the other numbers may be."""

MAX_TIERS = 8
MAX_TIER_CAP = 100
MAX_RANKS = 20
MAX_WEIGHT = 1_000_000
"""A thousand points: far above what any soft rule weighs, far below what the search may add up."""


@dataclass(frozen=True, kw_only=True)
class SlotTemplate:
    """A slot of every week, on the school's clock; `iso_weekday` 1 is Monday."""

    slot_id: str
    iso_weekday: int
    start: time
    end: time
    label: str = ""
    own_choice: bool = False
    """Whether a confirmed choice outranks a machine's need here (H6)."""
    subject: str = ""
    """The subject whose teachers own it (H6); empty: nobody."""
    scope: Scope | None = None
    """Whom it is for; None: everybody."""


@dataclass(frozen=True, kw_only=True)
class SchoolPolicy(Setting):
    """A school's policy; the version of `numbers` is the policy's own.

    `paper` and `family_language`: empty where the school does not say.
    """

    id: str = POLICY_ID
    school_display_name: str = ""
    time_zone: str = "UTC"
    slots: tuple[SlotTemplate, ...] = ()
    numbers: Policy = field(default_factory=Policy)
    paper: str = ""
    family_language: str = ""

    def slots_of(self, monday: date) -> tuple[Slot, ...]:
        """Return the slots of the week of a Monday."""
        return tuple(
            Slot(
                slot_id=one.slot_id,
                date=monday + timedelta(days=one.iso_weekday - 1),
                start=one.start,
                end=one.end,
                label=one.label,
                own_choice=one.own_choice,
                subject=one.subject,
                scope=one.scope,
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
        paper=_checked_word("policy.paper", policy.paper, PAPERS),
        family_language=_checked_word(
            "policy.family_language", policy.family_language, FAMILY_LANGUAGES
        ),
    )


def _checked_word(place: str, word: str, known: tuple[str, ...]) -> str:
    if word and word not in known:
        refuse(place, "OUT_OF_RANGE", "is not known.", f"Send one of {', '.join(known)}, or none.")
    return word


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
    return replace(
        slot,
        label=label,
        subject=check_text(f"{place}.subject", slot.subject, most=MAX_SUBJECT_LENGTH),
        scope=checked_scope(f"{place}.scope", slot.scope),
    )


def checked_scope(place: str, scope: Scope | None) -> Scope | None:
    """Return whom a slot is for, None for everybody; raises InvalidSettingError."""
    if scope is None or scope == Scope():
        return None
    return Scope(
        grades=check_set(f"{place}.grades", scope.grades, most=MAX_SCOPE_VALUES),
        tags=check_set(f"{place}.tags", scope.tags, most=MAX_SCOPE_VALUES),
    )


def _checked_numbers(numbers: Policy) -> Policy:
    defaults = Policy()
    values: dict[str, Any] = {
        name: check_number(f"policy.{name}", getattr(numbers, name), least=0, most=most)
        or getattr(defaults, name)
        for name, most in LIMITS.items()
    }
    for name, (least, most) in RANGES.items():
        check_number(f"policy.{name}", getattr(numbers, name), least=least, most=most)
    _check_tiers(numbers.tiers)
    _check_weights(numbers.weights)
    checked = replace(
        numbers, **values, banned_words=tuple(sorted(set(_checked_words(numbers.banned_words))))
    )
    for fault in faults_in(checked):
        refuse(f"policy.{path_of(fault.place)}", "CONTRADICTS", fault.what, fault.hint)
    return checked


def _check_tiers(tiers: tuple[Tier, ...]) -> None:
    if len(tiers) > MAX_TIERS:
        refuse(
            "policy.tiers",
            "TOO_MANY_VALUES",
            f"holds {len(tiers)} tiers.",
            f"Send at most {MAX_TIERS}.",
        )
    known = {one.tier_id for one in tiers}
    for place, tier in enumerate(tiers):
        field = f"policy.tiers[{place}]"
        check_id(f"{field}.tier_id", tier.tier_id)
        check_number(f"{field}.cap", tier.cap, least=1, most=MAX_TIER_CAP)
        check_number(f"{field}.minimum", tier.minimum, least=0, most=MAX_TIER_CAP)
        for index, fit in enumerate(tier.fits):
            if fit.tier_id not in known:
                refuse(
                    f"{field}.fits[{index}].tier_id",
                    "UNKNOWN_TIER",
                    "names a tier that the policy does not have.",
                    "Send every tier with the policy.",
                )


def _check_weights(weights: Weights) -> None:
    for one in fields(weights):
        held = getattr(weights, one.name)
        if isinstance(held, tuple) and len(held) > MAX_RANKS:
            refuse(
                f"policy.weights.{one.name}",
                "TOO_MANY_VALUES",
                f"holds {len(held)} values.",
                f"Send at most {MAX_RANKS}.",
            )
        for number in held if isinstance(held, tuple) else (held,):
            check_number(f"policy.weights.{one.name}", number, least=0, most=MAX_WEIGHT)


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


# Every number of a policy can be set: a new one has its bounds here, and its columns and messages.
assert {one.name for one in fields(Policy)} == {
    *LIMITS,
    *RANGES,
    "tiers",
    "weights",
    "banned_words",
    "version",
}
