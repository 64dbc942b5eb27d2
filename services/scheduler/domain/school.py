"""What a school sets beside its policy: rooms, offers, absences, pins; and what of it is valid.

A title is refused when it is typed (H11), since nobody may read it in a hall first.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.calendar.days import Calendar, SchoolDays
from services.scheduler.domain.calendar.week import school_days
from services.scheduler.domain.errors import PolicyMissingError
from services.scheduler.domain.model import Absence, Offer, Pin, Room, SessionKind
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.resources import (
    Setting,
    check_batch,
    check_id,
    check_number,
    check_set,
    check_text,
    refuse,
)
from services.scheduler.domain.titles import refusal

MAX_CAPACITY = 5000
MAX_ROOM_NAME_LENGTH = 60
MAX_TITLE_LENGTH = 60
MAX_SUBJECT_LENGTH = 64
MAX_REASON_LENGTH = 200
MAX_COMPETENCIES = 200
REASON_GIVEN = "given by the person who set the pin"
"""Stands in a snapshot for a reason: with one, a person may go beyond a session's cap (H3)."""
MAX_SLOT_IDS = 64

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class SchoolRoom(Setting):
    """A room of the school."""

    display_name: str
    capacity: int
    shared: bool = False

    def planned(self) -> Room:
        """Return what a plan run reads of it."""
        return Room(
            room_id=self.id,
            capacity=self.capacity,
            shared=self.shared,
            display_name=self.display_name,
        )


@dataclass(frozen=True, kw_only=True)
class SchoolOffer(Setting):
    """What an adult can lead; `room_id` empty: no room is needed."""

    adult_id: str
    kind: SessionKind
    room_id: str = ""
    subject: str = ""
    competencies: tuple[str, ...] = ()
    title: str = ""
    cap: int = 0
    slot_ids: tuple[str, ...] = ()

    def planned(self) -> Offer:
        """Return what a plan run reads of it."""
        return Offer(
            offer_id=self.id,
            adult_id=self.adult_id,
            kind=self.kind,
            room_id=self.room_id or None,
            subject=self.subject,
            competencies=self.competencies,
            title=self.title,
            cap=self.cap,
            slot_ids=self.slot_ids,
        )


@dataclass(frozen=True, kw_only=True)
class SchoolAbsence(Setting):
    """An adult who is away on a date; without slots: the whole day."""

    adult_id: str
    date: date
    slot_ids: tuple[str, ...] = ()

    def planned(self) -> Absence:
        """Return what a plan run reads of it."""
        return Absence(adult_id=self.adult_id, date=self.date, slot_ids=self.slot_ids)


@dataclass(frozen=True, kw_only=True)
class SchoolPin(Setting):
    """A seat that no run may move, in a dated slot: an offer's session, or an exemption's code."""

    learner_id: str
    date: date
    slot_id: str
    offer_id: str = ""
    exemption: str = ""
    reason: str = ""
    service: bool = False

    def planned(self) -> Pin:
        """Return what a plan run reads of it: that there is a reason, never the reason itself.

        People's words may name somebody, and a snapshot is kept for years.
        """
        return Pin(
            pin_id=self.id,
            learner_id=self.learner_id,
            slot_id=self.slot_id,
            offer_id=self.offer_id or None,
            exemption=self.exemption or None,
            service=self.service,
            reason=REASON_GIVEN if self.reason else "",
        )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the settings of a batch may rest on: policy, calendar, known rooms and known offers."""

    policy: SchoolPolicy | None
    room_ids: Collection[str] = ()
    offer_ids: Collection[str] = ()
    calendar: Calendar | None = None

    @property
    def days(self) -> SchoolDays | None:
        """The school's days and their slots; None without a policy."""
        return school_days(self.policy, self.calendar) if self.policy else None


def checked_rooms(wanted: Sequence[SchoolRoom], standing: Standing) -> tuple[SchoolRoom, ...]:
    """Return the rooms as they are to be kept; raises InvalidSettingError."""
    check_batch("rooms", wanted)
    return tuple(
        _checked_room(f"rooms[{place}]", one, _banned(standing)) for place, one in enumerate(wanted)
    )


def checked_offers(wanted: Sequence[SchoolOffer], standing: Standing) -> tuple[SchoolOffer, ...]:
    """Return the offers as they are to be kept; raises InvalidSettingError."""
    check_batch("offers", wanted)
    return tuple(
        _checked_offer(f"offers[{place}]", one, standing) for place, one in enumerate(wanted)
    )


def checked_absences(
    wanted: Sequence[SchoolAbsence], standing: Standing
) -> tuple[SchoolAbsence, ...]:
    """Return the absences as they are to be kept; raises InvalidSettingError."""
    check_batch("absences", wanted)
    return tuple(
        _checked_absence(f"absences[{place}]", one, standing) for place, one in enumerate(wanted)
    )


def checked_pins(wanted: Sequence[SchoolPin], standing: Standing) -> tuple[SchoolPin, ...]:
    """Return the pins as they are to be kept; raises InvalidSettingError."""
    check_batch("pins", wanted)
    return tuple(_checked_pin(f"pins[{place}]", one, standing) for place, one in enumerate(wanted))


def users_of_room(offers: Sequence[SchoolOffer], room_id: str) -> str | None:
    """Return the first offer that is held in a room, in words; None where there is none."""
    return next((f"offer {one.id}" for one in offers if one.room_id == room_id), None)


def users_of_offer(pins: Sequence[SchoolPin], offer_id: str) -> str | None:
    """Return the first pin into an offer's session, in words; None where there is none."""
    return next((f"pin {one.id}" for one in pins if one.offer_id == offer_id), None)


def _banned(standing: Standing) -> tuple[str, ...]:
    return standing.policy.numbers.banned_words if standing.policy else ()


def _checked_room(place: str, room: SchoolRoom, banned: tuple[str, ...]) -> SchoolRoom:
    check_id(f"{place}.name", room.id)
    name = check_text(
        f"{place}.display_name", room.display_name, most=MAX_ROOM_NAME_LENGTH, required=True
    )
    # Rooms have numbers, "504" and "L2" among them; only their words could label anybody.
    labelled = refusal(_DIGITS.sub("", name), banned)
    if labelled:
        refuse(f"{place}.display_name", "LABEL_BANNED", f"{labelled}.", "Choose a neutral name.")
    check_number(f"{place}.capacity", room.capacity, least=1, most=MAX_CAPACITY)
    return replace(room, display_name=name)


def _checked_offer(place: str, offer: SchoolOffer, standing: Standing) -> SchoolOffer:
    check_id(f"{place}.name", offer.id)
    check_id(f"{place}.adult", offer.adult_id)
    if offer.room_id and offer.room_id not in standing.room_ids:
        _refuse_unknown(f"{place}.room", "room")
    title = check_text(f"{place}.title", offer.title, most=MAX_TITLE_LENGTH)
    labelled = refusal(title, _banned(standing)) if title else None
    if labelled:
        refuse(f"{place}.title", "TITLE_BANNED", f"{labelled}.", "Choose a neutral title.")
    _check_target(place, offer)
    return replace(
        offer,
        title=title,
        subject=check_text(f"{place}.subject", offer.subject, most=MAX_SUBJECT_LENGTH),
        competencies=check_set(f"{place}.competencies", offer.competencies, most=MAX_COMPETENCIES),
        cap=check_number(f"{place}.cap", offer.cap, least=0, most=MAX_CAPACITY),
        slot_ids=_checked_slot_ids(f"{place}.slot_ids", offer.slot_ids, standing),
    )


def _check_target(place: str, offer: SchoolOffer) -> None:
    targeted = bool(offer.subject or offer.competencies)
    if offer.kind.has_target and not targeted:
        refuse(
            f"{place}.subject",
            "FIELD_MISSING",
            "is empty, and a session of this kind works on a competency.",
            "Send the subject, or the competencies.",
        )
    if targeted and not offer.kind.has_target:
        refuse(
            f"{place}.subject",
            "TARGET_NOT_ALLOWED",
            "is set, and a session of this kind has no target.",
            "Leave subject and competencies empty.",
        )


def _checked_absence(place: str, absence: SchoolAbsence, standing: Standing) -> SchoolAbsence:
    check_id(f"{place}.name", absence.id)
    check_id(f"{place}.adult", absence.adult_id)
    slot_ids = _checked_slot_ids(f"{place}.slot_ids", absence.slot_ids, standing)
    for one in slot_ids:
        _check_held(f"{place}.date", one, absence.date, standing)
    return replace(absence, slot_ids=slot_ids)


def _checked_pin(place: str, pin: SchoolPin, standing: Standing) -> SchoolPin:
    check_id(f"{place}.name", pin.id)
    check_id(f"{place}.learner", pin.learner_id)
    if bool(pin.offer_id) == bool(pin.exemption):
        refuse(
            f"{place}.target",
            "FIELD_MISSING",
            "must be an offer or an exemption.",
            "Send exactly one of them.",
        )
    if pin.offer_id and pin.offer_id not in standing.offer_ids:
        _refuse_unknown(f"{place}.offer", "offer")
    if pin.exemption:
        check_id(f"{place}.exemption", pin.exemption)
    _check_dated_slot(place, pin, standing)
    reason = check_text(f"{place}.reason", pin.reason, most=MAX_REASON_LENGTH)
    return replace(pin, reason=reason)


def _check_dated_slot(place: str, pin: SchoolPin, standing: Standing) -> None:
    if standing.days is None:
        raise PolicyMissingError(school_id=pin.school_id)
    if pin.slot_id not in standing.days.slot_ids:
        _refuse_unknown(f"{place}.slot_id", "slot")
    _check_held(f"{place}.date", pin.slot_id, pin.date, standing)


def _check_held(field: str, slot_id: str, day: date, standing: Standing) -> None:
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


def _checked_slot_ids(field: str, slot_ids: tuple[str, ...], standing: Standing) -> tuple[str, ...]:
    ids = check_set(field, slot_ids, most=MAX_SLOT_IDS)
    known = standing.days.slot_ids if standing.days else ()
    if any(slot_id not in known for slot_id in ids):
        _refuse_unknown(field, "slot")
    return ids


def _refuse_unknown(field: str, kind: str) -> None:
    refuse(
        field,
        f"UNKNOWN_{kind.upper()}",
        f"names a {kind} that the school does not have.",
        f"Send the {'policy or the bells with the slot' if kind == 'slot' else kind} first.",
    )
