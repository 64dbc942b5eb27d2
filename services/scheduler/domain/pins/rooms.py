"""Rooms for the sessions that persons ask for: for each one of its own, so that all have one.

A session may be moved to another of its rooms to make place for one that comes later. Where no room
is simply free, all rooms of the sessions that compete are tried, the session with the fewest first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from services.scheduler.domain.model import Room
from services.scheduler.domain.pins.forced import Forced, Key
from services.scheduler.domain.pins.index import Index
from services.scheduler.domain.pins.sizes import holds_all

TRIALS = 3000
"""The most rooms tried for one pin; beyond it the pin counts as one that cannot be kept."""

Pair = frozenset[tuple[str, str]]
"""Two learners, each with their slot."""


class Rooms:
    """The rooms of the sessions that are settled so far."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._sessions: dict[str, dict[Key, Forced]] = defaultdict(dict)
        """By slot."""
        self._held: dict[Key, str] = {}
        self._given_up: set[Pair] = set()
        """Pairs kept apart that a service brings together."""

    def assignment(self, one: Forced, first: str = "") -> dict[Key, str] | None:
        """Return the rooms with a session as it would be; None where there is none for it.

        `first`: a learner of the session whose service comes before rules of two learners (H5).
        """
        if not one.offer.room_ids:
            return {}
        trial = _Trial(self._index, self._held, self._given_up, (first, one.slot_id))
        near = list(self._near(one))
        before = self._held.get(one.key, "")
        for room in sorted(self.rooms_for(one), key=lambda room: room.room_id != before):
            if trial.has_place(one, room, near):
                return {one.key: room.room_id}
        return self._rearranged(one, trial)

    def keep(self, one: Forced, rooms: Mapping[Key, str]) -> None:
        """Say that a session is held, in a room that `assignment` gave."""
        self._sessions[one.slot_id][one.key] = one
        self._held.update(rooms)
        if one.key in self._held:
            for other in self._near(one):
                if self._held.get(other.key) == self._held[one.key]:
                    self._given_up |= set(apart_pairs(self._index, one, other))

    def choice_of(self, one: Forced) -> tuple[str, ...]:
        """Return the rooms among which the search may choose: all where nobody else wants one."""
        if one.key not in self._held:
            return ()
        mine = self.rooms_for(one)
        wanted = {room.room_id for other in self._near(one) for room in self.rooms_for(other)}
        if any(room.shared or room.room_id in wanted for room in mine):
            return (self._held[one.key],)
        return tuple(room.room_id for room in mine)

    def rooms_for(self, one: Forced) -> tuple[Room, ...]:
        """Return the rooms that are open for a session and hold its learners, in their order."""
        snapshot = self._index.snapshot
        tiers = (one.tier_id,) if one.tier_id else self._index.tier_ids(one.offer)
        return tuple(
            room
            for room in self._index.rooms_in(one.slot_id, one.offer)
            if any(holds_all(snapshot, one, room, tier_id) for tier_id in tiers)
        )

    def near(self, one: Forced) -> tuple[Forced, ...]:
        """Return the other settled sessions that share an instant with one."""
        return tuple(self._near(one))

    def _near(self, one: Forced) -> Iterator[Forced]:
        for slot_id in (one.slot_id, *self._index.snapshot.clashes[one.slot_id]):
            for other in self._sessions[slot_id].values():
                if other.key != one.key:
                    yield other

    def _rearranged(self, one: Forced, trial: "_Trial") -> dict[Key, str] | None:
        competing = self._competing(one)
        for other in competing:
            trial.held.pop(other.key, None)
        rooms = {other.key: self.rooms_for(other) for other in competing}
        near = {
            other.key: [one if near.key == one.key else near for near in self._near(other)]
            for other in competing
        }
        for other in near[one.key]:
            if other.key in near and one.key not in self._sessions[one.slot_id]:
                near[other.key].append(one)
        if not trial.arrange(competing, rooms, near):
            return None
        return {other.key: trial.held[other.key] for other in competing}

    def _competing(self, one: Forced) -> list[Forced]:
        """Return a session and all that its wish for a room may move, one through another."""
        found = {one.key: one}
        ahead = [one]
        while ahead:
            last = ahead.pop()
            mine = {room.room_id for room in self.rooms_for(last)}
            for other in self._near(last):
                theirs = {room.room_id for room in self.rooms_for(other)}
                if other.key not in found and other.key != one.key and mine & theirs:
                    found[other.key] = other
                    ahead.append(other)
        return list(found.values())


class _Trial:
    """Rooms as they might be."""

    def __init__(
        self, index: Index, held: Mapping[Key, str], given_up: set[Pair], first: tuple[str, str]
    ) -> None:
        self.held = dict(held)
        self._index = index
        self._given_up = given_up
        self._first = first
        self._left = TRIALS

    def arrange(
        self,
        todo: list[Forced],
        rooms: Mapping[Key, tuple[Room, ...]],
        near: Mapping[Key, list[Forced]],
    ) -> bool:
        """Give each of some sessions a room; return whether there is a way."""
        if not todo:
            return True
        places = {
            one.key: [r for r in rooms[one.key] if self.has_place(one, r, near[one.key])]
            for one in todo
        }
        first = min(todo, key=lambda one: (len(places[one.key]), one.key))
        rest = [one for one in todo if one.key != first.key]
        for room in places[first.key]:
            self._left -= 1
            if self._left < 0:
                break
            self.held[first.key] = room.room_id
            if self.arrange(rest, rooms, near):
                return True
            del self.held[first.key]
        return False

    def has_place(self, one: Forced, room: Room, near: Iterable[Forced]) -> bool:
        """Return whether a room has place for a session beside those that are there."""
        there = [o for o in near if o.key != one.key and self.held.get(o.key) == room.room_id]
        if not room.shared:
            return not there
        if self._most_inside(one, there) > room.capacity:
            return False
        pairs = (pair for other in there for pair in apart_pairs(self._index, one, other))
        return all(pair in self._given_up or self._first in pair for pair in pairs)

    def _most_inside(self, one: Forced, there: list[Forced]) -> int:
        """Return how many learners are in the room at most at an instant of the session."""
        slots = self._index.snapshot.slots
        mine = slots[one.slot_id]
        begins = {mine.start, *(max(slots[o.slot_id].start, mine.start) for o in there)}
        return len(one.learners) + max(
            sum(
                len(other.learners)
                for other in there
                if slots[other.slot_id].start <= instant < slots[other.slot_id].end
            )
            for instant in begins
        )


def apart_pairs(index: Index, one: Forced, other: Forced) -> Iterator[Pair]:
    """Yield who of one session may not be near whom of another (H8)."""
    day = index.snapshot.slots[one.slot_id].date
    for learner_id in one.learners:
        if learner_id in index.apart:
            kept_from = index.kept_from(learner_id, day)
            for other_id in other.learners:
                if other_id in kept_from:
                    yield frozenset(((learner_id, one.slot_id), (other_id, other.slot_id)))
