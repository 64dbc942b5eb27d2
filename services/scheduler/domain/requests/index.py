"""What requests name, by id."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.model import (
    Adult,
    Competency,
    Learner,
    Offer,
    OptOut,
    Problem,
    Room,
    Slot,
)


@dataclass(frozen=True, kw_only=True)
class Index:
    """The things of a problem by their ids."""

    problem: Problem
    slots: Mapping[str, Slot]
    learners: Mapping[str, Learner]
    adults: Mapping[str, Adult]
    rooms: Mapping[str, Room]
    offers: Mapping[str, Offer]
    """Those whose adults and rooms are known."""
    competencies: Mapping[str, Competency]
    opt_outs: Mapping[str, tuple[OptOut, ...]]
    """By learner."""
    only_adults: Mapping[tuple[str, str], str]
    """The one adult who may work with a learner on a competency, where law asks for one (H9)."""

    def adults_of(self, offer: Offer) -> tuple[Adult, ...]:
        """Return who leads the offer, and who leads with them."""
        return tuple(self.adults[i] for i in (offer.adult_id, *offer.co_adult_ids))

    def rooms_in(self, slot: Slot, offer: Offer) -> tuple[Room, ...]:
        """Return the rooms of an offer that are open in a slot."""
        rooms = (self.rooms[i] for i in offer.room_ids)
        return tuple(room for room in rooms if slot.slot_id not in room.closed_slot_ids)

    def is_there(self, adult: Adult, slot: Slot) -> bool:
        """Whether an adult works in a slot and is not away."""
        works = not adult.slot_ids or slot.slot_id in adult.slot_ids
        return works and not any(
            one.adult_id == adult.adult_id
            and one.date == slot.date
            and (not one.slot_ids or slot.slot_id in one.slot_ids)
            for one in self.problem.absences
        )

    def apart_from(self, learner_id: str, day: date) -> frozenset[str]:
        """Return with whom a learner may not share a session on a day (H8)."""
        pairs = (
            (one.learner_id, one.other_id)
            for one in self.problem.keep_apart
            if one.expire_date is None or day < one.expire_date
        )
        return frozenset(
            other for pair in pairs if learner_id in pair for other in pair if other != learner_id
        )


def index_of(problem: Problem) -> Index:
    """Index a problem."""
    adults = {one.adult_id: one for one in problem.adults}
    rooms = {one.room_id: one for one in problem.rooms}
    opt_outs: dict[str, list[OptOut]] = defaultdict(list)
    for opt_out in problem.opt_outs:
        opt_outs[opt_out.learner_id].append(opt_out)
    return Index(
        problem=problem,
        slots={one.slot_id: one for one in problem.slots},
        learners={one.learner_id: one for one in problem.learners},
        adults=adults,
        rooms=rooms,
        offers={
            one.offer_id: one
            for one in problem.offers
            if adults.keys() >= {one.adult_id, *one.co_adult_ids}
            and rooms.keys() >= {*one.room_ids}
        },
        competencies={one.competency_id: one for one in problem.competencies},
        only_adults={
            (one.learner_id, one.competency_id): one.adult_id
            for one in problem.needs
            if one.adult_id is not None
        },
        opt_outs={learner_id: tuple(mine) for learner_id, mine in opt_outs.items()},
    )
