"""What stands in the way of a request (H6): pins, agreed sessions and higher requests, no more.

Built anew for each request that was not kept, for what counts is what comes before it. A tier that
is still to be chosen stands in nobody's way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import networkx as nx

from services.scheduler.domain.check.basics import HELP, capacity, stands_on
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rights import can_hold, suits, works_on
from services.scheduler.domain.check.sizes import caps_of, consents
from services.scheduler.domain.model import Offer, Request, RequestLevel, Room, Slot

Order = tuple[int, int, int, datetime]


@dataclass(kw_only=True)
class Meeting:
    """A session that persons ask for: its offer and slot, who is in it, what it is on."""

    slot: Slot
    offer: Offer
    learner_ids: list[str] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)
    tier_ids: tuple[str, ...] = ()


def level_of(index: Index, request: Request) -> RequestLevel:
    """Return the level; a teacher owns a slot with what belongs to the slot's subject alone."""
    slot, offer = index.slots.get(request.slot_id), index.offers.get(request.offer_id)
    if request.level is not RequestLevel.OWNING_TEACHER or slot is None or offer is None:
        return request.level
    owns = slot.subject != "" and slot.subject == _subject(index, request, offer)
    return RequestLevel.OWNING_TEACHER if owns else RequestLevel.TEACHER


def order_of(index: Index, request: Request) -> Order:
    """Return what orders requests: level, need, waiting, time; the least comes first."""
    level = level_of(index, request)
    return level.value, -request.weight_milli, -request.weeks_waiting, request.create_time


class Settled:
    """What comes before one request."""

    def __init__(self, index: Index, request: Request) -> None:
        self._index = index
        self._request = request
        self._meetings: dict[tuple[str, str], Meeting] = {}
        for locked in index.problem.locked:
            meeting = self._meeting(locked.slot_id, locked.offer_id)
            if meeting is not None:
                meeting.targets |= {locked.competency_id} if locked.competency_id else set()
                meeting.tier_ids = (locked.tier_id,) if locked.tier_id else ()
        for pin in index.problem.pins:
            slot = index.slots.get(pin.slot_id)
            if slot is not None and index.is_enrolled(pin.learner_id, slot.date):
                self._take(pin.learner_id, pin.slot_id, pin.offer_id or "", pin.competency_id)
        for one in index.problem.requests:
            if index.is_granted(one) and self._comes_first(one):
                self._take(one.learner_id, one.slot_id, one.offer_id, one.competency_id)

    def leaves_room(self) -> bool:
        """Return whether the request could be kept beside all that comes before it."""
        index, request = self._index, self._request
        slot, offer = index.slots.get(request.slot_id), index.offers.get(request.offer_id)
        if slot is None or offer is None or not index.expects(request.learner_id, slot):
            return False
        if not self._can_be_held(slot, offer) or not self._is_for_learner(offer):
            return False
        mine = self._meetings.get((slot.slot_id, offer.offer_id), Meeting(slot=slot, offer=offer))
        beside = [
            one for one in self._meetings.values() if one is not mine and _meet(index, one, slot)
        ]
        return not any(self._bars(mine, beside))

    def _can_be_held(self, slot: Slot, offer: Offer) -> bool:
        known = all(room_id in self._index.rooms for room_id in offer.room_ids)
        return known and can_hold(self._index, offer, slot)

    def _is_for_learner(self, offer: Offer) -> bool:
        request, target = self._request, self._target(offer)
        if not suits(self._index, request.learner_id, offer, target):
            return False
        outs = self._index.opt_outs_of.get(request.learner_id, ())
        subject = _subject(self._index, request, offer)
        if any(out.subject == subject != "" for out in outs):
            return False
        if not offer.kind.has_target:
            return True
        targets = self._index.competencies if target is None else (target,)
        return any(self._is_workable(offer, one) for one in targets)

    def _is_workable(self, offer: Offer, target: str) -> bool:
        """Return whether the learner may work on a target with the lead of an offer."""
        learner_id = self._request.learner_id
        need = self._index.needs.get((learner_id, target))
        other = need is not None and need.adult_id not in (None, offer.adult_id)
        if (other and offer.kind in HELP) or not suits(self._index, learner_id, offer, target):
            return False
        return works_on(self._index, offer, target)

    def _bars(self, mine: Meeting, beside: list[Meeting]) -> Iterator[bool]:
        """Yield whether target, size, adults, room or company stand in the way."""
        target = self._target(mine.offer)
        yield target is not None and bool(mine.targets - {target})
        yield len(mine.learner_ids) >= self._cap(mine)
        leads = {mine.offer.adult_id, *mine.offer.co_adult_ids}
        yield any(leads & {one.offer.adult_id, *one.offer.co_adult_ids} for one in beside)
        room_id = self._only_room(mine)
        there = [one for one in beside if room_id and self._only_room(one) == room_id]
        inside = [i for one in (mine, *there) for i in one.learner_ids]
        room = self._index.rooms.get(room_id)
        yield room is not None and not room.shared and bool(there)
        yield room is not None and room.shared and len(inside) >= room.capacity
        yield self._is_near_somebody(mine.slot, inside)
        yield self._rooms_may_be_short(mine)

    def _cap(self, mine: Meeting) -> int:
        """Return how many may be in it with the learner, in the widest of its rooms and tiers."""
        tiers = mine.tier_ids or mine.offer.tier_ids
        known = [tier.tier_id for tier in self._index.problem.policy.tiers]
        names = [one for one in known if not tiers or one in tiers] or [""]
        rooms = [self._index.rooms.get(one) for one in mine.offer.room_ids] or [None]
        caps = [caps_of(self._index, mine.offer, room, tier) for room in rooms for tier in names]
        group = (*mine.learner_ids, self._request.learner_id)
        allowed = all(consents(self._index, i, mine.offer) for i in group)
        return max(one.least if allowed else one.least_by_law for one in caps)

    def _is_near_somebody(self, slot: Slot, inside: list[str]) -> bool:
        """Return whether somebody is there who is kept apart; a service comes before that."""
        if self._request.level is RequestLevel.SERVICE:
            return False
        pairs = (
            {rule.learner_id, rule.other_id}
            for rule in self._index.problem.keep_apart
            if stands_on(rule.expire_date, slot.date)
        )
        mine = self._request.learner_id
        return any(mine in pair and pair - {mine} <= set(inside) for pair in pairs)

    def _rooms_may_be_short(self, mine: Meeting) -> bool:
        """Return whether it is not plain that each session that persons ask for has a room.

        Slots that overlap one through another count as one, and all who could be in a shared room
        as in it: so rooms may be enough though this says that they may not.
        """
        slot_ids = self._overlapping(mine.slot)
        others = [
            m for m in self._meetings.values() if m.slot.slot_id in slot_ids and m is not mine
        ]
        rooms = self._rooms_of(mine, len(mine.learner_ids) + 1)
        wanted = [self._rooms_of(one, len(one.learner_ids)) for one in others if one.offer.room_ids]
        if not rooms or any(self._may_be_full(room, mine, others) for room in rooms if room.shared):
            return bool(mine.offer.room_ids)
        graph = nx.Graph()
        sessions = range(len(wanted) + 1)
        graph.add_nodes_from(sessions)
        for session, some in zip(sessions, (rooms, *wanted), strict=True):
            names = (room.room_id for room in some)
            # A shared room has a place for each.
            graph.add_edges_from((session, (n, self._place_of(n, session))) for n in names)
        return len(nx.bipartite.maximum_matching(graph, sessions)) // 2 < len(sessions)

    def _may_be_full(self, room: Room, mine: Meeting, others: list[Meeting]) -> bool:
        """Return whether a shared room would be too small if all who may be in it were."""
        inside = [one for one in others if room.room_id in one.offer.room_ids]
        size = len(mine.learner_ids) + 1 + sum(len(one.learner_ids) for one in inside)
        return bool(inside) and size > room.capacity

    def _place_of(self, room_id: str, session: int) -> int:
        return session if self._index.rooms[room_id].shared else 0

    def _overlapping(self, slot: Slot) -> set[str]:
        """Return the slots that overlap a slot, or one that does, and so on."""
        found: set[str] = set()
        ahead = {slot.slot_id}
        while ahead:
            found |= ahead
            ahead = {other for one in ahead for other in self._index.meeting[one]} - found
        return found

    def _rooms_of(self, meeting: Meeting, size: int) -> list[Room]:
        """Return the rooms that are open for a session and hold so many learners."""
        rooms = (self._index.rooms.get(room_id) for room_id in meeting.offer.room_ids)
        layout, slot_id = meeting.offer.layout, meeting.slot.slot_id
        return [
            room
            for room in rooms
            if room and slot_id not in room.closed_slot_ids and capacity(room, layout) >= size
        ]

    def _only_room(self, meeting: Meeting) -> str:
        """Return the one room that is open for a session; empty where there is a choice or none."""
        rooms = [self._index.rooms.get(room_id) for room_id in meeting.offer.room_ids]
        is_open = [r for r in rooms if r and meeting.slot.slot_id not in r.closed_slot_ids]
        return is_open[0].room_id if len(is_open) == 1 else ""

    def _target(self, offer: Offer) -> str | None:
        return self._request.competency_id if offer.kind.has_target else None

    def _comes_first(self, other: Request) -> bool:
        return order_of(self._index, other) <= order_of(self._index, self._request)

    def _take(self, learner_id: str, slot_id: str, offer_id: str, target: str | None) -> None:
        meeting = self._meeting(slot_id, offer_id)
        if meeting is not None:
            meeting.learner_ids.append(learner_id)
            if target is not None:
                meeting.targets.add(target)

    def _meeting(self, slot_id: str, offer_id: str) -> Meeting | None:
        slot, offer = self._index.slots.get(slot_id), self._index.offers.get(offer_id)
        if slot is None or offer is None:
            return None
        return self._meetings.setdefault((slot_id, offer_id), Meeting(slot=slot, offer=offer))


def _meet(index: Index, meeting: Meeting, slot: Slot) -> bool:
    return slot.slot_id in index.meeting[meeting.slot.slot_id]


def _subject(index: Index, request: Request, offer: Offer) -> str:
    """Return the subject that a request is about: its target's, else the offer's."""
    target = index.competencies.get(request.competency_id or "") if offer.kind.has_target else None
    return target.subject if target is not None else offer.subject
