"""What schools do today, and what general solvers do, to compare a week with.

Teachers choose what they hold. Then learners sign up, first come, first served, by interest or as
advised by need; or every slot is filled by deferred acceptance, the greater need first. Sessions
for which too few come are cancelled, their adults supervise commons, and who sat there signs up
again. Any sessions may be given instead of the teachers' own.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from enum import Enum

from services.scheduler.domain.model import Problem, SessionKind
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.places import Places
from tests.bench.schedule.seating import Held, Seating
from tests.bench.schedule.teachers import teacher_openings

MOST_ROUNDS = 20
"""How often sessions may be cancelled and learners sign up again."""

AGAIN = 2
"""What a learner has already is wanted less than all else that serves."""


class Order(Enum):
    """What learners go by when they sign up."""

    INTEREST = "interest"
    NEED = "need"


def first_come(
    problem: Problem, order: Order, seed: int, sessions: Sequence[Held] | None = None
) -> Seating:
    """Return the week when learners sign up in a random order, each for all slots at once."""
    facts = Facts(problem)
    places = Places(facts, teacher_openings(facts, seed) if sessions is None else sessions)
    names = list(facts.learners)
    random.Random(seed).shuffle(names)
    _seat_agreed(places)
    _seat_services(places, names)
    for _ in range(MOST_ROUNDS):
        invited = _invited(places)
        for wanted_only in (True, False):
            for name in names:
                _sign_up(places, name, order, invited.get(name, []), wanted_only)
        if not _cancel_the_small(places, list(places.sessions)):
            break
    return _without_empty(places)


def deferred_acceptance(
    problem: Problem, seed: int, sessions: Sequence[Held] | None = None
) -> Seating:
    """Return the week when sessions prefer the greater need, slot by slot."""
    facts = Facts(problem)
    places = Places(facts, teacher_openings(facts, seed) if sessions is None else sessions)
    names = list(facts.learners)
    random.Random(seed).shuffle(names)
    _seat_agreed(places)
    _seat_services(places, names)
    for slot_id in facts.slots:
        settled = {key for key in places.seats if key[1] == slot_id}
        for _ in range(MOST_ROUNDS):
            _defer(places, slot_id, names, settled)
            here = [held for held in places.sessions if held.slot_id == slot_id]
            if not _cancel_the_small(places, here):
                break
    return _without_empty(places)


# What comes before any sign-up


def _seat_agreed(places: Places) -> None:
    for (name, slot_id), pin in sorted(places.facts.pins.items(), key=lambda item: item[0]):
        held = next(
            (
                held
                for held in sorted(places.sessions)
                if (held.slot_id, held.offer_id) == (slot_id, pin.offer_id)
                and pin.competency_id in (None, held.competency_id)
            ),
            None,
        )
        if held is not None:
            places.seat(name, held)


def _seat_services(places: Places, names: list[str]) -> None:
    """Seat learners in services where there is a place, those with most sessions first."""
    facts = places.facts
    serving = [h for h in sorted(places.sessions) if facts.offers[h.offer_id].service]
    needed: dict[str, int] = defaultdict(int)
    for (name, _), count in facts.service_sessions.items():
        needed[name] += count
    for name in sorted(names, key=lambda one: -needed[one]):
        for held in serving if needed[name] else ():
            if places.allows(name, held):
                places.seat(name, held)


# First come, first served


def _invited(places: Places) -> dict[str, list[Held]]:
    """Return the sessions in which each learner may sit."""
    found: dict[str, list[Held]] = defaultdict(list)
    for held in sorted(places.sessions):
        for name in places.facts.candidates(held):
            found[name].append(held)
    return found


def _sign_up(
    places: Places, name: str, order: Order, sessions: Sequence[Held], wanted_only: bool
) -> None:
    """Let a learner take the best that is left, most wanted first, in every free slot.

    At first only what serves a need or meets a choice, and nothing twice; then anything.
    """
    free = {s for s in places.facts.slots_of[name] if (name, s) not in places.seats}
    wishes = [
        (_wanting(places, name, order, held), held) for held in sessions if held.slot_id in free
    ]
    for _, held in sorted(wishes):
        wanted = _wanting(places, name, order, held)[0] < AGAIN
        if (wanted or not wanted_only) and places.allows(name, held):
            places.seat(name, held)


def _wanting(places: Places, name: str, order: Order, held: Held) -> tuple[int, int]:
    """Return how much a session is wanted, the least first: what serves, then how well.

    What the learner has in another slot already comes after what they do not have yet.
    """
    facts = places.facts
    claim = facts.claim_of(name, held)
    ranks = _ranks(facts, name, held)
    by_interest = order is Order.INTEREST
    again = AGAIN * _had(places, name, held)
    if ranks:
        return again + (0 if by_interest else 1), min(ranks)
    if claim is not None:
        worth = facts.fitted(claim, held) if claim.help else claim.weight_milli
        return again + (1 if by_interest else 0), -worth
    return 2 * AGAIN + _is_commons(facts, held), 0


def _ranks(facts: Facts, name: str, held: Held) -> list[int]:
    """Return the ranks of the learner's choices that a session meets."""
    found = [choice.rank for choice in facts.offer_choices(name, held)]
    again = facts.reassessment_choice(name, held)
    if again is not None and facts.offers[held.offer_id].kind is SessionKind.REASSESSMENT:
        found.append(again.rank)
    return found


def _had(places: Places, name: str, held: Held) -> bool:
    """Whether a learner has the same competency or offer in another slot."""
    return any(
        one.slot_id != held.slot_id
        and (one.competency_id or one.offer_id) == (held.competency_id or held.offer_id)
        for one in places.week[name]
    )


def _cancel_the_small(places: Places, sessions: Sequence[Held]) -> bool:
    """Cancel the smaller half of the sessions for which too few came; say whether there were any.

    Who sat there may yet fill the others.
    """
    facts, groups = places.facts, places.groups
    small = [
        held
        for held in sorted(sessions, key=lambda one: (len(groups[one]), one))
        if len(groups[held]) < facts.minimum(held)
        and not _is_commons(facts, held)
        and not _is_agreed(facts, held)
    ]
    for held in small[: -(-len(small) // 2)]:
        places.cancel(held)
        _supervise(places, held)
    return bool(small)


def _is_commons(facts: Facts, held: Held) -> bool:
    return facts.offers[held.offer_id].kind is SessionKind.COMMONS


def _is_agreed(facts: Facts, held: Held) -> bool:
    agreed = {(slot_id, pin.offer_id) for (_, slot_id), pin in facts.pins.items()}
    agreed |= {(one.slot_id, one.offer_id) for one in facts.problem.locked}
    return (held.slot_id, held.offer_id) in agreed


def _supervise(places: Places, held: Held) -> None:
    """Let the adult of a cancelled session hold commons in its room, where they offer it."""
    facts = places.facts
    adult_id = facts.offers[held.offer_id].adult_id
    for offer in facts.problem.offers:
        if (offer.adult_id, offer.kind) != (adult_id, SessionKind.COMMONS):
            continue
        rooms = facts.rooms_in(offer, held.slot_id)
        if held.room_id in rooms and facts.can_be_held(offer, held.slot_id):
            places.open(Held(held.slot_id, offer.offer_id, room_id=held.room_id))
            return


def _without_empty(places: Places) -> Seating:
    for held in sorted(places.sessions):
        if not places.groups[held] and not _is_agreed(places.facts, held):
            places.cancel(held)
    return places.seating()


# Deferred acceptance


def _defer(places: Places, slot_id: str, names: list[str], settled: set) -> None:
    """Fill a slot anew: learners ask by need, sessions keep whom they prefer."""
    for (name, slot), held in sorted(places.seats.items(), key=lambda item: item[0]):
        if slot == slot_id and (name, slot) not in settled:
            places.unseat(name, held)
    asking = _Asking(places, slot_id, names, settled)
    while asking.waiting:
        asking.turn(asking.waiting.pop())


class _Asking:
    """One slot of deferred acceptance."""

    def __init__(self, places: Places, slot_id: str, names: list[str], settled: set) -> None:
        self.places, self.settled = places, settled
        expected = places.facts.expected_sets[slot_id]
        self.waiting = [n for n in names if (n, slot_id) not in settled and n in expected]
        self.wanting: dict[tuple[str, Held], tuple[int, int]] = {}
        self.wishes: dict[str, list[Held]] = {name: [] for name in self.waiting}
        """What each may still ask for, most wanted last."""
        for held in sorted(places.sessions):
            if held.slot_id == slot_id:
                self._invite(held)
        for name, wishes in self.wishes.items():
            wishes.sort(key=lambda held, name=name: self.wanting[name, held], reverse=True)

    def _invite(self, held: Held) -> None:
        for name in self.places.facts.candidates(held):
            if name in self.wishes:
                self.wanting[name, held] = _wanting(self.places, name, Order.NEED, held)
                self.wishes[name].append(held)

    def turn(self, name: str) -> None:
        """Let a learner ask, one session after the other, until one keeps them."""
        while self.wishes[name]:
            held = self.wishes[name].pop()
            if self.places.suits(name, held) and not self.places.meets_apart(name, held):
                loser = self._ask(name, held)
                if loser != name:
                    self.waiting += [loser] if loser else []
                    return

    def _ask(self, name: str, held: Held) -> str | None:
        """Let a learner ask for a seat; return who goes without: nobody, another or they."""
        places = self.places
        if places.has_room(held, name):
            places.seat(name, held)
            return None
        movable = [n for n in places.groups[held] if (n, held.slot_id) not in self.settled]
        loser = max(movable, key=lambda n: (self.wanting[n, held], n), default=name)
        if self.wanting[name, held] >= self.wanting[loser, held]:
            return name
        places.unseat(loser, held)
        if not places.has_room(held, name):
            places.seat(loser, held)
            return name
        places.seat(name, held)
        return loser
