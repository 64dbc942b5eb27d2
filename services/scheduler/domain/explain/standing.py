"""The finished week, indexed: who is in each group, what is met where, what is held in whose hands.

Everything is read off the answer, never from the search's memory.
"""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from services.scheduler.domain.claims import Claim
from services.scheduler.domain.engine.tables import BARRED, NOBODY, Ints
from services.scheduler.domain.explain.beside import Beside
from services.scheduler.domain.model import Choice, SessionKind
from services.scheduler.domain.question.answer import Answer, Meeting
from services.scheduler.domain.question.classes import holds_in, is_of
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.rules import Entitlement

NO_TARGET: tuple[str, ...] = ()


class Standing:
    """The indexes of one answer."""

    def __init__(self, question: Question, answer: Answer) -> None:
        self.question, self.answer = question, answer
        self.frame = question.frame
        self.snapshot = question.frame.snapshot
        self.groups = _groups(answer)
        """The learners of each meeting, sorted."""
        self.met_in = _met_in(question, answer)
        """By learner, competency and entitlement, the slots with a seat on it."""
        self._in_room = _by_room(question, answer)
        of_slot = self.frame.times.of_slot
        self.times = {m: of_slot[m.slot_id] for m in answer.meetings if m.slot_id in of_slot}
        """The times of meetings, but of those that pins hold in slots without a time."""
        self.nodes = {m: self.frame.adult_index[m.offer.adult_id] for m in answer.meetings}
        seat = self._seat()
        self.beside = Beside(question, self._held(seat), seat)
        self._locked = {(one.slot_id, one.offer_id) for one in self.snapshot.problem.locked}
        self._choices: dict[str, list[Choice]] = defaultdict(list)
        for choice in sorted(self.snapshot.problem.choices, key=lambda c: c.rank):
            self._choices[choice.learner_id].append(choice)

    def is_met(self, claim: Claim) -> bool:
        """Return whether a session of the week works on a claim with its learner."""
        return bool(self.slots_of(claim))

    def slots_of(self, claim: Claim) -> tuple[str, ...]:
        """Return the slots in which a claim is worked on, in order of time."""
        return self.met_in.get((*claim.key, claim.entitlement), NO_TARGET)

    def item_of(self, claim: Claim) -> int | None:
        """Return the item by which seats on a claim count; None where the question has none."""
        n = self.frame.learner_index.get(claim.learner_id)
        if n is None:
            return None
        items = self.question.items[n]
        is_help = claim.entitlement is Entitlement.HELP
        return (items.help if is_help else items.check).get(claim.competency_id)

    def in_room_with(self, meeting: Meeting) -> tuple[Meeting, ...]:
        """Return the sessions in a session's shared room at its time, itself first."""
        near = (meeting.slot_id, *self.frame.times.clashes[meeting.slot_id])
        others = self._in_room.get(meeting.room_id or "", ())
        return (meeting, *(o for o in others if o is not meeting and o.slot_id in near))

    def is_locked(self, meeting: Meeting) -> bool:
        """Return whether adults have agreed to hold a session, however few come."""
        return (meeting.slot_id, meeting.offer.offer_id) in self._locked

    def choice_met(self, learner_id: str, meeting: Meeting) -> Choice | None:
        """Return the dearest of a learner's choices that a seat in a meeting meets."""
        for choice in self._choices.get(learner_id, ()):
            if holds_in(choice, meeting.slot_id) and _asks_for(choice, meeting):
                return choice
        return None

    def _seat(self) -> Ints:
        """Return who sits where by the search [T, N], as adults."""
        seat = np.full(self.frame.present.shape, NOBODY, np.int32)
        for (learner_id, _), place in self.answer.places.items():
            if place.meeting is not None and place.pin is None:
                n = self.frame.learner_index[learner_id]
                seat[self.times[place.meeting], n] = self.nodes[place.meeting]
        return seat

    def _held(self, seat: Ints) -> Ints:
        """Return the option that each meeting is of [T, A]."""
        shape = (len(self.frame.times.slots), len(self.frame.adult_ids))
        held = np.full(shape, NOBODY, np.int32)
        alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for number, option in enumerate(self.frame.options.options):
            tier_id = option.tier.tier_id if option.tier else ""
            key = (option.offer.offer_id, option.place, option.competency_id, tier_id, option.cap)
            alike[key].append(number)
        for meeting, t in self.times.items():
            adult = self.nodes[meeting]
            slots = [slot.slot_id for slot in self.frame.times.slots[t]]
            tier_id = meeting.tier.tier_id if meeting.tier else ""
            place = slots.index(meeting.slot_id)
            key = (meeting.offer.offer_id, place, meeting.competency_id, tier_id, meeting.cap)
            who = np.flatnonzero(seat[t] == adult).astype(np.int64)
            held[t, adult] = self._first_fitting(alike[key], t, meeting.room_id, who)
        return held

    def _first_fitting(
        self, options: list[int], t: int, room_id: str | None, who: NDArray[np.int64]
    ) -> int:
        """Return the first of options alike that is in the room and admits who sits there."""
        tables, frame = self.question.tables, self.frame
        for number in options:
            group = tables.option_class[t, number]
            room = frame.options.options[number].room
            rooms = (None,) if room is None else frame.options.rooms[room].room_ids
            if group < 0 or room_id not in rooms:
                continue
            if (tables.seat_value[who, group] > BARRED).all():
                return number
        return NOBODY


def _by_room(question: Question, answer: Answer) -> dict[str, list[Meeting]]:
    """Return the sessions in rooms that are shared, by room."""
    found: dict[str, list[Meeting]] = defaultdict(list)
    for meeting in answer.meetings:
        room = question.frame.snapshot.rooms.get(meeting.room_id or "")
        if room is not None and room.shared:
            found[room.room_id].append(meeting)
    return found


def _asks_for(choice: Choice, meeting: Meeting) -> bool:
    if choice.offer_id is not None:
        return is_of(choice, meeting.offer, meeting.competency_id)
    again = meeting.offer.kind is SessionKind.REASSESSMENT
    return again and choice.competency_id == meeting.competency_id


def _groups(answer: Answer) -> dict[Meeting, tuple[str, ...]]:
    found: dict[Meeting, list[str]] = {meeting: [] for meeting in answer.meetings}
    for (learner_id, _), place in answer.places.items():
        if place.meeting is not None:
            found[place.meeting].append(learner_id)
    return {meeting: tuple(sorted(learners)) for meeting, learners in found.items()}


def _met_in(
    question: Question, answer: Answer
) -> dict[tuple[str, str, Entitlement], tuple[str, ...]]:
    order = {slot_id: n for n, slot_id in enumerate(question.frame.snapshot.slots)}
    found: dict[tuple[str, str, Entitlement], list[str]] = defaultdict(list)
    for (learner_id, slot_id), place in answer.places.items():
        stands = entitlement_of(place.meeting) if place.meeting is not None else None
        if stands is not None and place.meeting is not None:
            found[learner_id, place.meeting.competency_id or "", stands].append(slot_id)
    return {key: tuple(sorted(slots, key=order.__getitem__)) for key, slots in found.items()}


def entitlement_of(meeting: Meeting) -> Entitlement | None:
    """Return which claims a session meets, of its learners on its target; None: it meets none."""
    if meeting.offer.kind.is_help:
        return Entitlement.HELP
    return Entitlement.CHECK if meeting.offer.kind is SessionKind.CHECK else None
