"""What adults can lead: offers, with all that the planner reads of one.

A title is refused when it is typed (H11), since nobody may read it in a hall first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.scheduler.domain.contradictions import contradictions_in
from services.scheduler.domain.model import Mode, Offer, Scope, SessionKind
from services.scheduler.domain.resources import (
    Setting,
    check_batch,
    check_id,
    check_number,
    check_set,
    check_text,
    refuse,
)
from services.scheduler.domain.school.rooms import MAX_CAPACITY, MAX_LAYOUT_LENGTH
from services.scheduler.domain.school.standing import (
    MAX_SUBJECT_LENGTH,
    Standing,
    banned_words,
    check_slot_ids,
    check_tier_ids,
    check_words,
    first_user,
    refuse_unknown,
)
from services.scheduler.domain.titles import refusal

MAX_TITLE_LENGTH = 60
MAX_COMPETENCIES = 200
MAX_OTHER_ROOMS = 20
MAX_CO_ADULTS = 8
MAX_SCOPE_VALUES = 64
MAX_SCOPE_LENGTH = 40
MAX_DOK = 4


@dataclass(frozen=True, kw_only=True)
class SchoolOffer(Setting):
    """What an adult can lead; `room_id` empty: no room is needed.

    Each field means what it means in `domain.model.Offer`.
    """

    adult_id: str
    kind: SessionKind
    room_id: str = ""
    subject: str = ""
    competencies: tuple[str, ...] = ()
    title: str = ""
    cap: int = 0
    slot_ids: tuple[str, ...] = ()
    other_room_ids: tuple[str, ...] = ()
    layout: str = ""
    mode: Mode = Mode.TAUGHT
    dok: int = 0
    rich: bool = False
    minimum: int = 0
    tier_ids: tuple[str, ...] = ()
    legal: str = ""
    service: str = ""
    scope: Scope | None = None
    co_adult_ids: tuple[str, ...] = ()

    @property
    def room_ids(self) -> tuple[str, ...]:
        """Return the rooms in which it may be held, the first preferred; empty: it needs none."""
        return (self.room_id, *self.other_room_ids) if self.room_id else ()

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
            other_room_ids=self.other_room_ids,
            layout=self.layout,
            mode=self.mode,
            dok=self.dok,
            rich=self.rich,
            minimum=self.minimum,
            tier_ids=self.tier_ids,
            legal=self.legal,
            service=self.service,
            scope=self.scope,
            co_adult_ids=self.co_adult_ids,
        )


def checked_offers(wanted: Sequence[SchoolOffer], standing: Standing) -> tuple[SchoolOffer, ...]:
    """Return the offers as they are to be kept; raises InvalidSettingError."""
    check_batch("offers", wanted)
    return tuple(
        _checked_offer(f"offers[{place}]", one, standing) for place, one in enumerate(wanted)
    )


def users_of_room(offers: Sequence[SchoolOffer], room_id: str) -> str | None:
    """Return the first offer that is held in a room, in words; None where there is none."""
    return first_user(f"offer {one.id}" for one in offers if room_id in one.room_ids)


def _checked_offer(place: str, offer: SchoolOffer, standing: Standing) -> SchoolOffer:
    check_id(f"{place}.name", offer.id)
    check_id(f"{place}.adult", offer.adult_id)
    _check_rooms(place, offer, standing)
    title = check_text(f"{place}.title", offer.title, most=MAX_TITLE_LENGTH)
    labelled = refusal(title, banned_words(standing)) if title else None
    if labelled:
        refuse(f"{place}.title", "TITLE_BANNED", f"{labelled}.", "Choose a neutral title.")
    _check_target(place, offer)
    checked = replace(
        offer,
        title=title,
        subject=check_text(f"{place}.subject", offer.subject, most=MAX_SUBJECT_LENGTH),
        competencies=check_set(f"{place}.competencies", offer.competencies, most=MAX_COMPETENCIES),
        cap=check_number(f"{place}.cap", offer.cap, least=0, most=MAX_CAPACITY),
        slot_ids=check_slot_ids(f"{place}.slot_ids", offer.slot_ids, standing),
        layout=check_text(f"{place}.layout", offer.layout, most=MAX_LAYOUT_LENGTH),
        dok=check_number(f"{place}.dok", offer.dok, least=0, most=MAX_DOK),
        minimum=check_number(f"{place}.minimum", offer.minimum, least=0, most=MAX_CAPACITY),
        tier_ids=check_tier_ids(f"{place}.tier_ids", offer.tier_ids, standing),
        legal=check_id(f"{place}.legal", offer.legal) if offer.legal else "",
        service=_checked_service(place, offer),
        scope=_checked_scope(f"{place}.scope", offer.scope),
        co_adult_ids=check_set(f"{place}.co_adults", offer.co_adult_ids, most=MAX_CO_ADULTS),
    )
    for where, what, hint in contradictions_in(checked.planned()):
        refuse(f"{place}.{_FIELDS.get(str(where[0]), where[0])}", "CONTRADICTS", what, hint)
    return checked


_FIELDS = {"other_room_ids": "other_rooms", "co_adult_ids": "co_adults"}
"""How the contract calls what the planner calls otherwise."""


def _check_rooms(place: str, offer: SchoolOffer, standing: Standing) -> None:
    if offer.room_id and offer.room_id not in standing.room_ids:
        refuse_unknown(f"{place}.room", "room")
    if len(offer.other_room_ids) > MAX_OTHER_ROOMS:
        many, most = len(offer.other_room_ids), MAX_OTHER_ROOMS
        refuse(
            f"{place}.other_rooms",
            "TOO_MANY_VALUES",
            f"holds {many} values.",
            f"Send at most {most}.",
        )
    for room_id in offer.other_room_ids:
        if room_id not in standing.room_ids:
            refuse_unknown(f"{place}.other_rooms", "room")


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


def _checked_service(place: str, offer: SchoolOffer) -> str:
    service = check_text(f"{place}.service", offer.service, most=MAX_SUBJECT_LENGTH)
    if service and offer.kind is not SessionKind.SERVICE:
        refuse(
            f"{place}.service",
            "SERVICE_NOT_ALLOWED",
            "is set, and a session of this kind delivers no service.",
            "Leave it empty, or send the kind of a service.",
        )
    return service


def _checked_scope(field: str, scope: Scope | None) -> Scope | None:
    if scope is None:
        return None
    limits = {"most": MAX_SCOPE_VALUES, "longest": MAX_SCOPE_LENGTH}
    checked = Scope(
        grades=check_words(f"{field}.grades", scope.grades, **limits),
        tags=check_words(f"{field}.tags", scope.tags, **limits),
    )
    return None if checked == Scope() else checked
