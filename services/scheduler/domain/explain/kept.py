"""Seats that the planner gave and a pin keeps are told as the planner tells any other seat.

They were accepted in the review, or are published: somebody let them stand, and nobody chose them
instead of the planner. So question and answer are read as if these pins were not there, which says
of each seat what it would have said without them. Where what a seat was given for stands no more
(the need is met by now, the choice taken back), its pin stays, and tells what it was given for.
"""

from collections.abc import Mapping
from dataclasses import replace

from services.scheduler.domain.explain.standing import Standing
from services.scheduler.domain.model import PinOrigin, SessionKind
from services.scheduler.domain.pins import Settled
from services.scheduler.domain.pins.forced import Key
from services.scheduler.domain.question.answer import Answer, Meeting, Place
from services.scheduler.domain.question.classes import holds_in
from services.scheduler.domain.question.items import Item
from services.scheduler.domain.question.question import Question, question_of
from services.scheduler.domain.question.worth import pinned_item

Kept = Mapping[Key, Item]
"""By learner and slot, what a seat counts by that the planner gave."""


def standing_as_given(question: Question, answer: Answer) -> Standing:
    """Return a finished week, indexed, in which the planner's seats stand by no pin.

    They have `Place.kept` in the place of `Place.pin`. The sessions are the answer's own.
    """
    kept = _kept(question, answer)
    if not kept:
        return Standing(question, answer)
    return Standing(_without(question, kept), _released(answer, kept))


def _kept(question: Question, answer: Answer) -> Kept:
    found = {}
    for key, place in answer.places.items():
        if _is_the_planners(question, place):
            item = _item_of(question, key, place)
            if item is not None:
                found[key] = item
    return found


def _is_the_planners(question: Question, place: Place) -> bool:
    """Return whether the planner gave a seat that a pin keeps, at a time of the search."""
    pin, meeting = place.pin, place.meeting
    if pin is None or meeting is None or pin.service:
        return False
    return pin.origin is PinOrigin.PLANNED and meeting.slot_id in question.frame.times.of_slot


def _item_of(question: Question, key: Key, place: Place) -> Item | None:
    """Return what a seat counts by; None where the planner would not give it any more."""
    assert place.meeting is not None
    learner_id, slot_id = key
    offer, target = place.meeting.offer, place.meeting.competency_id
    items = question.items[question.frame.learner_index[learner_id]]
    number = (
        items.service.get(offer.service)
        if offer.kind is SessionKind.SERVICE
        else pinned_item(items, offer, target, slot_id)
    )
    if number is None:
        return None
    item = items.items[number]
    is_another_adults = item.only not in ("", offer.adult_id)
    again = offer.kind is SessionKind.REASSESSMENT
    if is_another_adults or (again and not _is_asked(question, learner_id, place.meeting)):
        return None
    return item


def _is_asked(question: Question, learner_id: str, meeting: Meeting) -> bool:
    """Return whether a learner has asked to be re-assessed on what a session is on, then."""
    return any(
        one.learner_id == learner_id
        and one.offer_id is None
        and one.competency_id == meeting.competency_id
        and holds_in(one, meeting.slot_id)
        for one in question.frame.snapshot.problem.choices
    )


def _without(question: Question, kept: Kept) -> Question:
    """Return the question without the pins of seats that are kept; what persons set stays.

    What is forced is read off what was settled, not settled anew: a session that could be held
    without the seats is not held.
    """
    frame = question.frame
    settled = frame.settled
    seats = {key: pin for key, pin in settled.seats.items() if key not in kept}
    gone = {settled.seats[key].pin_id for key in kept}
    forced = {}
    for key, one in settled.forced.items():
        left = tuple(i for i in one.learners if (i, one.slot_id) not in kept)
        if left or one.locked:
            own, reasoned = one.own.intersection(left), one.reasoned.intersection(left)
            forced[key] = replace(one, learners=left, own=own, reasoned=reasoned)
    problem = frame.snapshot.problem
    pins = tuple(pin for pin in problem.pins if pin.pin_id not in gone)
    snapshot = replace(frame.snapshot, problem=replace(problem, pins=pins))
    return question_of(snapshot, Settled(seats=seats, exemptions=settled.exemptions, forced=forced))


def _released(answer: Answer, kept: Kept) -> Answer:
    """Return the answer with the seats that are kept as seats of the search."""
    meetings = {
        one: replace(one, pinned=tuple(i for i in one.pinned if (i, one.slot_id) not in kept))
        for one in answer.meetings
    }
    places = {}
    for key, place in answer.places.items():
        meeting = meetings[place.meeting] if place.meeting is not None else None
        item, pin, was = place.item, place.pin, None
        if key in kept:
            item, pin, was = kept[key], None, place.pin
        places[key] = Place(
            meeting=meeting, item=item, pin=pin, exemption=place.exemption, kept=was
        )
    return replace(answer, meetings=tuple(meetings.values()), places=places)
