"""The order of requests (H6): who of two comes first, and why."""

from dataclasses import dataclass
from datetime import datetime

from services.scheduler.domain.model import Learner, Offer, Request, RequestLevel, Slot
from services.scheduler.domain.requests.index import Index
from services.scheduler.domain.ties import tie

Rank = tuple[int, int, int, datetime, int, str]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A request that can be kept, with what it names."""

    request: Request
    learner: Learner
    slot: Slot
    offer: Offer
    competency_id: str | None
    """The target that it asks for; None where the kind has none, or the request leaves it open."""
    subject: str
    """That of the target, else that of the offer."""
    level: RequestLevel
    rank: Rank
    """The least comes first."""


def ask_of(request: Request, index: Index) -> Ask:
    """Return a request with what it names, all of which is known."""
    slot, offer = index.slots[request.slot_id], index.offers[request.offer_id]
    competency_id = request.competency_id if offer.kind.has_target else None
    subject = subject_of(offer, competency_id, index)
    level = _level(request, slot, subject)
    return Ask(
        request=request,
        learner=index.learners[request.learner_id],
        slot=slot,
        offer=offer,
        competency_id=competency_id,
        subject=subject,
        level=level,
        rank=_rank(request, level, index),
    )


def subject_of(offer: Offer, competency_id: str | None, index: Index) -> str:
    """Return the subject of a target, else of the offer; empty where neither has one."""
    competency = index.competencies.get(competency_id or "")
    return competency.subject if competency is not None else offer.subject


def why_first(first: Ask, second: Ask) -> str:
    """Return why one request comes before another, as a part of a sentence."""
    if first.level != second.level:
        return {
            RequestLevel.SERVICE: "as a service comes first",
            RequestLevel.ADMINISTRATOR: "as an administrator asks",
        }.get(first.level, "as its subject owns the slot")
    reasons = ("", "as the need is larger", "as it has waited longer", "as it came earlier")
    pairs = zip(first.rank, second.rank, strict=True)
    place = next(place for place, (one, other) in enumerate(pairs) if one != other)
    return reasons[place] if place < len(reasons) else "by lot"


def _level(request: Request, slot: Slot, subject: str) -> RequestLevel:
    """Return the level; a teacher owns a slot with what belongs to the slot's subject alone."""
    owns = slot.subject != "" and slot.subject == subject
    if request.level is RequestLevel.OWNING_TEACHER and not owns:
        return RequestLevel.TEACHER
    return request.level


def _rank(request: Request, level: RequestLevel, index: Index) -> Rank:
    """Return the order: level, larger need, more weeks waiting, earlier, then by lot.

    The lot is a hash of the Monday, the learner, the slot and the offer; two requests for one and
    the same seat, made at one time, stand in the order of their ids.
    """
    monday = index.problem.monday.isoformat()
    return (
        level.value,
        -request.weight_milli,
        -request.weeks_waiting,
        request.create_time,
        tie(0, monday, request.learner_id, request.slot_id, request.offer_id),
        request.request_id,
    )
