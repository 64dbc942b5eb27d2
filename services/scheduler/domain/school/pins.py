"""Pins of a school, and the sessions that adults have agreed to hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.model import LockedSession, Pin
from services.scheduler.domain.resources import Setting, check_batch, check_id, check_text, refuse
from services.scheduler.domain.school.standing import (
    MAX_REASON_LENGTH,
    Standing,
    check_dated_slot,
    check_tier_ids,
    first_user,
    refuse_unknown,
)

Day = date
REASON_GIVEN = "given by the person who set the pin"
"""Stands in a snapshot for a reason: with one, a person may go beyond a session's cap (H3)."""


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


def pin_in_words(pin: SchoolPin) -> str:
    """Return where a pin keeps its learner, for the audit; its reason stands there by itself."""
    where = f"offer {pin.offer_id}" if pin.offer_id else f"exemption {pin.exemption}"
    return f"slot {pin.slot_id} of {pin.date.isoformat()}, {where}"


@dataclass(frozen=True, kw_only=True)
class SchoolLockedSession(Setting):
    """A session that adults have agreed to hold in a dated slot, however few come (H7).

    Empty `competency_id` and `tier_id`: the search chooses.
    """

    date: date
    slot_id: str
    offer_id: str
    competency_id: str = ""
    tier_id: str = ""

    @property
    def held(self) -> tuple[Day, str, str]:
        """When what is held: nothing is agreed twice."""
        return self.date, self.slot_id, self.offer_id

    def planned(self) -> LockedSession:
        """Return what a plan run reads of it."""
        return LockedSession(
            slot_id=self.slot_id,
            offer_id=self.offer_id,
            competency_id=self.competency_id or None,
            tier_id=self.tier_id,
        )


def checked_pins(wanted: Sequence[SchoolPin], standing: Standing) -> tuple[SchoolPin, ...]:
    """Return the pins as they are to be kept; raises InvalidSettingError."""
    check_batch("pins", wanted)
    return tuple(_checked_pin(f"pins[{place}]", one, standing) for place, one in enumerate(wanted))


def checked_locked_sessions(
    wanted: Sequence[SchoolLockedSession], standing: Standing
) -> tuple[SchoolLockedSession, ...]:
    """Return the agreed sessions as they are to be kept; raises InvalidSettingError."""
    check_batch("locked_sessions", wanted)
    ids = {one.id for one in wanted}
    held = {one.held: one.id for one in standing.locked if one.id not in ids}
    for place, one in enumerate(wanted):
        field = f"locked_sessions[{place}]"
        _check_locked(field, one, standing)
        other = held.setdefault(one.held, one.id)
        if other != one.id:
            refuse(
                f"{field}.offer",
                "OVERLAPS",
                f"is agreed for that slot already, by {other}.",
                "Send that one anew: an adult holds one session in a slot.",
            )
    return tuple(wanted)


def users_of_offer(
    pins: Sequence[SchoolPin], offer_id: str, locked: Sequence[SchoolLockedSession] = ()
) -> str | None:
    """Return the first pin or agreed session of an offer, in words; None where there is none."""
    return first_user(
        [
            *(f"pin {one.id}" for one in pins if one.offer_id == offer_id),
            *(f"agreed session {one.id}" for one in locked if one.offer_id == offer_id),
        ]
    )


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
        refuse_unknown(f"{place}.offer", "offer")
    if pin.exemption:
        check_id(f"{place}.exemption", pin.exemption)
    check_dated_slot(place, pin.school_id, pin.date, pin.slot_id, standing)
    reason = check_text(f"{place}.reason", pin.reason, most=MAX_REASON_LENGTH)
    return replace(pin, reason=reason)


def _check_locked(place: str, session: SchoolLockedSession, standing: Standing) -> None:
    check_id(f"{place}.name", session.id)
    if session.offer_id not in standing.offer_ids:
        refuse_unknown(f"{place}.offer", "offer")
    if session.competency_id:
        check_id(f"{place}.competency", session.competency_id)
    if session.tier_id:
        check_tier_ids(f"{place}.tier_id", (session.tier_id,), standing)
    check_dated_slot(place, session.school_id, session.date, session.slot_id, standing)
