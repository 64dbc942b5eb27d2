"""A snapshot, indexed: what matches what, and what everybody may be seated for.

Offers whose adult, room or slot is unknown and needs whose learner or competency is unknown are
left out: what other services tell arrives in any order.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from services.scheduler.domain import rules
from services.scheduler.domain.claims import Claim, claims_of
from services.scheduler.domain.model import (
    Adult,
    Competency,
    Learner,
    Offer,
    Problem,
    Room,
    Scope,
    Slot,
)
from services.scheduler.domain.week import Notice


@dataclass(frozen=True, kw_only=True)
class SnapshotIndex:
    """The indexes of one problem. Claims are heaviest first; slots in order of time."""

    problem: Problem
    slots: dict[str, Slot]
    clashes: dict[str, tuple[str, ...]]
    adults: dict[str, Adult]
    rooms: dict[str, Room]
    offers: dict[str, Offer]
    competencies: dict[str, Competency]
    learners: dict[str, Learner]
    active: dict[str, tuple[str, ...]]
    absent: dict[str, frozenset[str]]
    targets: dict[str, tuple[str, ...]]
    claims: tuple[Claim, ...]
    claims_of: dict[str, tuple[Claim, ...]]
    notices: tuple[Notice, ...]
    far_behind: frozenset[str]

    def room_of(self, offer: Offer) -> Room | None:
        """Return the offer's room; None where it needs none."""
        return None if offer.room_id is None else self.rooms[offer.room_id]

    def offers_in(self, slot_id: str) -> tuple[Offer, ...]:
        """Return the offers that stand in a slot and whose adult is there, by id."""
        away = self.absent[slot_id]
        return tuple(
            offer
            for offer in self.offers.values()
            if offer.stands_in(slot_id) and offer.adult_id not in away
        )


def is_in(scope: Scope | None, learner: Learner) -> bool:
    """Return whether a scope admits a learner (H4)."""
    if scope is None:
        return True
    of_grade = not scope.grades or learner.grade in scope.grades
    return of_grade and (not scope.tags or not set(scope.tags).isdisjoint(learner.tags))


def index_of(normalised: Problem, seed: int) -> SnapshotIndex:
    """Index a normalised problem; the seed settles the order of equal claims."""
    slots = {slot.slot_id: slot for slot in normalised.slots}
    adults = {adult.adult_id: adult for adult in normalised.adults}
    rooms = {room.room_id: room for room in normalised.rooms}
    competencies = {c.competency_id: c for c in normalised.competencies}
    offers = {
        offer.offer_id: offer
        for offer in normalised.offers
        if offer.adult_id in adults and (offer.room_id is None or offer.room_id in rooms)
    }
    active = {
        slot.slot_id: tuple(
            one.learner_id
            for one in normalised.learners
            if one.is_active_on(slot.date) and is_in(slot.scope, one)
        )
        for slot in normalised.slots
    }
    settled = claims_of(normalised, seed)
    claims = settled.claims
    return SnapshotIndex(
        problem=normalised,
        slots=slots,
        clashes={s: _clashes(slots, s) for s in slots},
        adults=adults,
        rooms=rooms,
        offers=offers,
        competencies=competencies,
        learners={one.learner_id: one for one in normalised.learners},
        active=active,
        absent={s: _absent(normalised, slot) for s, slot in slots.items()},
        targets={
            offer.offer_id: _targets(offer, adults[offer.adult_id], competencies)
            for offer in offers.values()
        },
        claims=claims,
        claims_of=_by_learner(claims),
        notices=settled.notices,
        far_behind=settled.far_behind,
    )


def _clashes(slots: dict[str, Slot], slot_id: str) -> tuple[str, ...]:
    mine = slots[slot_id]
    return tuple(s for s, other in slots.items() if s != slot_id and mine.meets(other))


def _absent(problem: Problem, slot: Slot) -> frozenset[str]:
    """Return the adults who are away in a slot, or whose planning time it is."""
    away = {
        absence.adult_id
        for absence in problem.absences
        if absence.date == slot.date and (not absence.slot_ids or slot.slot_id in absence.slot_ids)
    }
    planning = {
        one.adult_id for one in problem.adults if one.slot_ids and slot.slot_id not in one.slot_ids
    }
    return frozenset(away | planning)


def _targets(offer: Offer, adult: Adult, competencies: dict[str, Competency]) -> tuple[str, ...]:
    """Return what a session of the offer may work on (H2, H9): qualified, in the offer's scope."""
    if not offer.kind.has_target or not adult.may_lead(offer.kind):
        return ()
    return tuple(
        c.competency_id for c in competencies.values() if rules.may_work_on(adult, offer, c)
    )


def _by_learner(claims: Iterable[Claim]) -> dict[str, tuple[Claim, ...]]:
    grouped: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        grouped[claim.learner_id].append(claim)
    return {learner_id: tuple(mine) for learner_id, mine in grouped.items()}
