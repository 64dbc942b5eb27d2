"""Settings of schools: messages to the domain and back, fields at fault refused by place."""

import hashlib
import re
from datetime import date, time

from google.protobuf.message import Message
from trellis.scheduler.v1 import school_pb2, week_pb2

from services.scheduler.adapters.wire import policy_parts as parts
from services.scheduler.adapters.wire.names import (
    ABSENCE,
    ADULT,
    COMPETENCY,
    LEARNER,
    OFFER,
    PIN,
    POLICY,
    ROOM,
    child_id,
    id_of,
    parse_date,
)
from services.scheduler.domain.model import Layout, SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.policy import LIMITS, RANGES, SchoolPolicy, SlotTemplate
from services.scheduler.domain.resources import RequestKey, refuse
from services.scheduler.domain.school import (
    RoomClosure,
    SchoolAbsence,
    SchoolOffer,
    SchoolPin,
    SchoolRoom,
)

Parent = tuple[str, str]
"""District and school."""

KINDS = {
    week_pb2.SESSION_KIND_SMALL_GROUP: SessionKind.SMALL_GROUP,
    week_pb2.SESSION_KIND_CHECK: SessionKind.CHECK,
    week_pb2.SESSION_KIND_ENRICHMENT: SessionKind.ENRICHMENT,
    week_pb2.SESSION_KIND_ONE_TO_ONE: SessionKind.ONE_TO_ONE,
    week_pb2.SESSION_KIND_SERVICE: SessionKind.SERVICE,
    week_pb2.SESSION_KIND_COMMONS: SessionKind.COMMONS,
    week_pb2.SESSION_KIND_REASSESSMENT: SessionKind.REASSESSMENT,
}
KIND_MESSAGES = {kind: message for message, kind in KINDS.items()}

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")


def request_key(method: str, request: Message, request_id: str) -> RequestKey | None:
    """Return what tells a repeat of a request; None where the client gave no request id."""
    if not request_id:
        return None
    content = request.SerializeToString(deterministic=True)
    digest = hashlib.sha256(method.encode() + b"\x00" + content).digest()
    return RequestKey(request_id=request_id, method=method, digest=digest)


def policy_from(parent: Parent, message: week_pb2.Policy) -> SchoolPolicy:
    """Return the policy of a message; raises InvalidSettingError."""
    return SchoolPolicy(
        school_id=parent[1],
        school_display_name=message.school_display_name,
        time_zone=message.time_zone,
        slots=tuple(
            SlotTemplate(
                slot_id=one.slot_id,
                iso_weekday=one.iso_weekday,
                start=clock_from(f"policy.slots[{place}].start_clock", one.start_clock),
                end=clock_from(f"policy.slots[{place}].end_clock", one.end_clock),
                label=one.label,
                own_choice=one.own_choice,
                subject=one.subject,
                scope=parts.slot_scope_from(one.scope) if one.HasField("scope") else None,
            )
            for place, one in enumerate(message.slots)
        ),
        numbers=Policy(
            **{name: getattr(message, name) for name in LIMITS},
            **{name: getattr(message, name) for name in RANGES if message.HasField(name)},
            tiers=parts.tiers_from(message.tiers),
            weights=parts.weights_from(message.weights),
            banned_words=tuple(message.banned_words),
        ),
        paper=parts.paper_from("policy.paper", message.paper),
        family_language=message.family_language,
    )


def policy_to(district: str, policy: SchoolPolicy) -> week_pb2.Policy:
    """Return the message of a policy."""
    return week_pb2.Policy(
        name=POLICY.format(district, policy.school_id),
        school_display_name=policy.school_display_name,
        time_zone=policy.time_zone,
        slots=[
            week_pb2.SlotTemplate(
                slot_id=one.slot_id,
                iso_weekday=one.iso_weekday,
                start_clock=clock_to(one.start),
                end_clock=clock_to(one.end),
                label=one.label,
                own_choice=one.own_choice,
                subject=one.subject,
                scope=parts.slot_scope_to(one.scope),
            )
            for one in policy.slots
        ],
        **{name: getattr(policy.numbers, name) for name in (*LIMITS, *RANGES)},
        tiers=parts.tiers_to(policy.numbers.tiers),
        weights=parts.weights_to(policy.numbers.weights),
        banned_words=policy.numbers.banned_words,
        version=policy.version,
        paper=parts.paper_to(policy.paper),
        family_language=policy.family_language,
    )


def room_from(parent: Parent, place: str, message: week_pb2.Room) -> SchoolRoom:
    """Return the room of a message; raises InvalidSettingError."""
    return SchoolRoom(
        school_id=parent[1],
        id=child_id(ROOM, f"{place}.name", parent, message.name),
        display_name=message.display_name,
        capacity=message.capacity,
        shared=message.shared,
        layouts=tuple(Layout(layout=one.layout, capacity=one.capacity) for one in message.layouts),
        closed_slot_ids=tuple(message.closed_slot_ids),
        closures=tuple(
            RoomClosure(
                date=date_from(f"{place}.closures[{index}].date", one.date),
                slot_ids=tuple(one.slot_ids),
            )
            for index, one in enumerate(message.closures)
        ),
    )


def room_to(district: str, room: SchoolRoom) -> week_pb2.Room:
    """Return the message of a room."""
    return week_pb2.Room(
        name=ROOM.format(district, room.school_id, room.id),
        display_name=room.display_name,
        capacity=room.capacity,
        shared=room.shared,
        layouts=[
            school_pb2.Layout(layout=one.layout, capacity=one.capacity) for one in room.layouts
        ],
        closed_slot_ids=room.closed_slot_ids,
        closures=[
            school_pb2.RoomClosure(date=one.date.isoformat(), slot_ids=one.slot_ids)
            for one in room.closures
        ],
        version=room.version,
    )


def offer_from(parent: Parent, place: str, message: week_pb2.Offer) -> SchoolOffer:
    """Return the offer of a message; raises InvalidSettingError."""
    if message.kind not in KINDS:
        refuse(f"{place}.kind", "FIELD_MISSING", "is no kind.", "Send the kind of session.")
    room = message.room
    return SchoolOffer(
        school_id=parent[1],
        id=child_id(OFFER, f"{place}.name", parent, message.name),
        adult_id=id_of(ADULT, f"{place}.adult", parent[0], message.adult),
        room_id=child_id(ROOM, f"{place}.room", parent, room) if room else "",
        kind=KINDS[message.kind],
        subject=message.subject,
        competencies=tuple(
            id_of(COMPETENCY, f"{place}.competencies", parent[0], one)
            for one in message.competencies
        ),
        title=message.title,
        cap=message.cap,
        slot_ids=tuple(message.slot_ids),
        other_room_ids=tuple(
            child_id(ROOM, f"{place}.other_rooms", parent, one) for one in message.other_rooms
        ),
        layout=message.layout,
        mode=parts.mode_from(f"{place}.mode", message.mode),
        dok=message.dok,
        rich=message.rich,
        minimum=message.minimum,
        tier_ids=tuple(message.tier_ids),
        legal=message.legal,
        service=message.service,
        scope=parts.scope_from(message.scope) if message.HasField("scope") else None,
        co_adult_ids=tuple(
            id_of(ADULT, f"{place}.co_adults", parent[0], one) for one in message.co_adults
        ),
    )


def offer_to(district: str, offer: SchoolOffer) -> week_pb2.Offer:
    """Return the message of an offer."""
    return week_pb2.Offer(
        name=OFFER.format(district, offer.school_id, offer.id),
        adult=ADULT.format(district, offer.adult_id),
        room=ROOM.format(district, offer.school_id, offer.room_id) if offer.room_id else "",
        kind=KIND_MESSAGES[offer.kind],
        subject=offer.subject,
        competencies=[COMPETENCY.format(district, one) for one in offer.competencies],
        title=offer.title,
        cap=offer.cap,
        slot_ids=offer.slot_ids,
        other_rooms=[ROOM.format(district, offer.school_id, one) for one in offer.other_room_ids],
        layout=offer.layout,
        mode=parts.mode_to(offer.mode),
        dok=offer.dok,
        rich=offer.rich,
        minimum=offer.minimum,
        tier_ids=offer.tier_ids,
        legal=offer.legal,
        service=offer.service,
        scope=parts.scope_to(offer.scope) if offer.scope else None,
        co_adults=[ADULT.format(district, one) for one in offer.co_adult_ids],
        version=offer.version,
    )


def absence_from(parent: Parent, place: str, message: week_pb2.Absence) -> SchoolAbsence:
    """Return the absence of a message; raises InvalidSettingError."""
    return SchoolAbsence(
        school_id=parent[1],
        id=child_id(ABSENCE, f"{place}.name", parent, message.name),
        adult_id=id_of(ADULT, f"{place}.adult", parent[0], message.adult),
        date=date_from(f"{place}.date", message.date),
        slot_ids=tuple(message.slot_ids),
    )


def absence_to(district: str, absence: SchoolAbsence) -> week_pb2.Absence:
    """Return the message of an absence."""
    return week_pb2.Absence(
        name=ABSENCE.format(district, absence.school_id, absence.id),
        adult=ADULT.format(district, absence.adult_id),
        date=absence.date.isoformat(),
        slot_ids=absence.slot_ids,
        version=absence.version,
    )


def pin_from(parent: Parent, place: str, message: week_pb2.Pin) -> SchoolPin:
    """Return the pin of a message; raises InvalidSettingError."""
    offer = message.offer
    return SchoolPin(
        school_id=parent[1],
        id=child_id(PIN, f"{place}.name", parent, message.name),
        learner_id=id_of(LEARNER, f"{place}.learner", parent[0], message.learner),
        date=date_from(f"{place}.date", message.date),
        slot_id=message.slot_id,
        offer_id=child_id(OFFER, f"{place}.offer", parent, offer) if offer else "",
        exemption=message.exemption,
        reason=message.reason,
        service=message.service,
    )


def pin_to(district: str, pin: SchoolPin) -> week_pb2.Pin:
    """Return the message of a pin."""
    message = week_pb2.Pin(
        name=PIN.format(district, pin.school_id, pin.id),
        learner=LEARNER.format(district, pin.learner_id),
        date=pin.date.isoformat(),
        slot_id=pin.slot_id,
        reason=pin.reason,
        service=pin.service,
        version=pin.version,
    )
    if pin.offer_id:
        message.offer = OFFER.format(district, pin.school_id, pin.offer_id)
    else:
        message.exemption = pin.exemption
    return message


def clock_to(value: time) -> str:
    """Return a clock as messages carry it, "09:10"."""
    return f"{value:%H:%M}"


def clock_from(field: str, text: str) -> time:
    """Return the clock of a setting's text "HH:MM"; else refuses the setting."""
    match = _CLOCK.match(text)
    if match is None:
        refuse(field, "FIELD_MALFORMED", "is no clock.", 'Send "HH:MM", as in "09:10".')
    return time(int(match[1]), int(match[2]))


def date_from(field: str, text: str) -> date:
    """Return the date of a setting's ISO text; else refuses the setting."""
    day = parse_date(text)
    if day is None:
        refuse(field, "FIELD_MALFORMED", "is no date.", 'Send an ISO date, as in "2026-11-23".')
    return day
