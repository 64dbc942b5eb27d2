"""A week while it fills: which seats are taken, and whether one more keeps every rule."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from services.scheduler.domain.model import SessionKind
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.seating import Held, Seating


class Places:
    """The sessions that are held and who sits in them so far."""

    def __init__(self, facts: Facts, sessions: Iterable[Held]) -> None:
        self.facts = facts
        self.sessions = set(sessions)
        self.groups: dict[Held, list[str]] = {held: [] for held in sorted(self.sessions)}
        self.seats: dict[tuple[str, str], Held] = {}
        self.week: dict[str, list[Held]] = defaultdict(list)
        self._apart: dict[str, dict[str, set[str]]] = {
            slot_id: _partners(facts.apart_in(slot_id)) for slot_id in facts.slots
        }
        self._in_room: Counter[tuple[str, str]] = Counter()
        self._needed: Counter[str] = Counter()
        for (learner_id, _), count in facts.service_sessions.items():
            self._needed[learner_id] += count

    def seating(self) -> Seating:
        """Return the week as it is."""
        return Seating(tuple(sorted(self.sessions)), dict(self.seats))

    def seat(self, learner_id: str, held: Held) -> None:
        """Seat a learner, whether or not rules allow it."""
        self.seats[learner_id, held.slot_id] = held
        self.week[learner_id].append(held)
        self.groups[held].append(learner_id)
        self._in_room[held.slot_id, held.room_id] += 1

    def unseat(self, learner_id: str, held: Held) -> None:
        """Take a learner's seat away."""
        del self.seats[learner_id, held.slot_id]
        self.week[learner_id].remove(held)
        self.groups[held].remove(learner_id)
        self._in_room[held.slot_id, held.room_id] -= 1

    def cancel(self, held: Held) -> list[str]:
        """Cancel a session and return who sat in it."""
        names = list(self.groups[held])
        for name in names:
            self.unseat(name, held)
        del self.groups[held]
        self.sessions.discard(held)
        return names

    def open(self, held: Held) -> None:
        """Hold one session more."""
        self.sessions.add(held)
        self.groups[held] = []

    def has_room(self, held: Held, learner_id: str) -> bool:
        """Whether a session and its room can take a learner more."""
        facts, offer = self.facts, self.facts.offers[held.offer_id]
        names = [*self.groups[held], learner_id]
        cap = facts.cap(held, held.room_id)
        if offer.legal and any(offer.legal not in facts.learners[n].consents for n in names):
            cap = min(cap, facts.policy.legal_cap)
        room = facts.rooms.get(held.room_id)
        full = (
            room is not None
            and room.shared
            and self._in_room[held.slot_id, held.room_id] >= room.capacity
        )
        return len(names) <= cap and not full

    def suits(self, learner_id: str, held: Held) -> bool:
        """Whether a learner could take a seat now, its being free apart."""
        return (
            all(
                (learner_id, slot_id) not in self.seats
                for slot_id in self.facts.slots
                if self.facts.slots[slot_id].meets(self.facts.slots[held.slot_id])
            )
            and self.facts.may_sit(learner_id, held)
            and self._week_allows(learner_id, held)
        )

    def allows(self, learner_id: str, held: Held) -> bool:
        """Whether a learner may take a seat in a session now."""
        return (
            self.suits(learner_id, held)
            and self.has_room(held, learner_id)
            and not self.meets_apart(learner_id, held)
        )

    def meets_apart(self, learner_id: str, held: Held) -> bool:
        """Whether somebody is there from whom the learner is kept apart."""
        room = self.facts.rooms.get(held.room_id)
        for other in self._apart[held.slot_id].get(learner_id, ()):
            there = self.seats.get((other, held.slot_id))
            if there == held:
                return True
            if there and room is not None and room.shared and there.room_id == held.room_id:
                return True
        return False

    def _week_allows(self, learner_id: str, held: Held) -> bool:
        kind = self.facts.offers[held.offer_id].kind
        if kind is SessionKind.SERVICE:
            return self._services_allow(learner_id, held)
        if kind is SessionKind.ENRICHMENT:
            most = self.facts.policy.enrichment_seats_per_week
            return not most or self._kinds(learner_id)[kind] < most
        if kind is SessionKind.REASSESSMENT:
            return not self._had(learner_id, held, kind)
        if kind is SessionKind.COMMONS:
            return True
        return self._limits_allow(learner_id, kind) and self._claim_allows(learner_id, held)

    def _kinds(self, learner_id: str) -> Counter[SessionKind]:
        return Counter(self.facts.offers[one.offer_id].kind for one in self.week[learner_id])

    def _limits_allow(self, learner_id: str, kind: SessionKind) -> bool:
        """Whether the week has room for one help seat or check more."""
        facts, kinds = self.facts, self._kinds(learner_id)
        helps = sum(count for one, count in kinds.items() if one.is_help)
        if kind.is_help and helps >= facts.policy.need_seats_per_week:
            return False
        slots = facts.slots_of[learner_id]
        open_slots = slots[: max(len(slots) - self._needed[learner_id], 0)]
        return helps + kinds[SessionKind.CHECK] < facts.machine_limit(learner_id, open_slots)

    def _services_allow(self, learner_id: str, held: Held) -> bool:
        offers = self.facts.offers
        service = offers[held.offer_id].service
        had = sum(offers[one.offer_id].service == service for one in self.week[learner_id])
        return had < self.facts.service_sessions.get((learner_id, service), 0)

    def _had(self, learner_id: str, held: Held, kind: SessionKind) -> bool:
        return any(
            self.facts.offers[one.offer_id].kind is kind and one.competency_id == held.competency_id
            for one in self.week[learner_id]
        )

    def _claim_allows(self, learner_id: str, held: Held) -> bool:
        facts = self.facts
        claim = facts.claim_of(learner_id, held)
        on = Counter(
            one.competency_id for one in self.week[learner_id] if facts.claim_of(learner_id, one)
        )
        if claim is None or on[held.competency_id] >= claim.seats:
            return False
        above = facts.built_on.get((learner_id, held.competency_id))
        if above is None or not claim.help:
            return True
        below = sum(count for name, count in on.items() if (learner_id, name) in facts.built_on)
        rich = any(facts.offers[one.offer_id].rich for one in self.week[learner_id])
        return below < facts.prerequisite_limit(learner_id) and (
            rich or any(on[name] for name in above)
        )


def _partners(pairs: set[frozenset[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        one, other = sorted(pair)
        found[one].add(other)
        found[other].add(one)
    return found
