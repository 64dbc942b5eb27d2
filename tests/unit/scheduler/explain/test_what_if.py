"""The cost of a seat is exact: no seating of a tiny week that has it is worth more."""

import itertools
import random
from dataclasses import replace

import pytest

from services.scheduler.domain.engine.run import search
from services.scheduler.domain.explain.what_if import what_if
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.question.answer import answer_of
from tests.bench.schedule.measures import measures_of
from tests.bench.schedule.seating import Held, Seating
from tests.support.engine import a_question
from tests.support.schools import (
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    an_adult,
    an_offer,
)

NAMES = ("a", "b", "c", "d", "e")


def a_tiny_school(seed=0, **changes):
    """Return five learners, a group on fractions for two, one on ratios for two, and commons."""
    rng = random.Random(seed)
    needs = tuple(
        a_need(name, topic, level_milli=rng.randrange(1000, 2900, 100))
        for name in NAMES
        for topic in ("fractions", "ratios")
        if rng.random() < 0.9
    )
    fields = {
        "adults": (an_adult("ada"), an_adult("bob"), an_adult("cy", ())),
        "rooms": (a_room("r1"), a_room("r2"), a_room("r3")),
        "offers": (
            an_offer("one", "ada", SessionKind.SMALL_GROUP, competencies=("fractions",), cap=2),
            an_offer(
                "two", "bob", SessionKind.SMALL_GROUP, room_id="r2", competencies=("ratios",), cap=2
            ),
            an_offer("open", "cy", room_id="r3"),
        ),
        "competencies": (a_competency(), a_competency("ratios", "Ratios")),
        "learners": tuple(a_learner(name) for name in NAMES),
        "needs": needs,
    }
    return a_problem(**(fields | changes))


def a_week(problem):
    """Return a question with what is held and who sits where, and the meetings by offer."""
    question = a_question(problem)
    found = search(question.tables, seed=1, steps=20)
    answer = answer_of(question, found.held, found.seat)
    return question, found, answer


def asked(problem, learner_id, offer_id):
    """Return what it would cost to seat a learner in an offer's session."""
    question, found, answer = a_week(problem)
    meeting = next(m for m in answer.meetings if m.offer.offer_id == offer_id)
    return what_if(question, found.held, found.seat, learner_id, meeting.slot_id, meeting)


def value_of(problem, sessions, seats):
    """Return the value of seats by the benchmark's own measures; None where something is broken."""
    measures = measures_of(problem, Seating(sessions=sessions, seats=seats))
    return None if measures.broken or measures.unplaced else measures.value_milli


def held_of(meeting):
    """Return a meeting as the measures read it."""
    return Held(
        slot_id=meeting.slot_id,
        offer_id=meeting.offer.offer_id,
        competency_id=meeting.competency_id or "",
        tier_id=meeting.tier.tier_id if meeting.tier else "",
        room_id=meeting.room_id or "",
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_cost_is_that_of_the_best_seating_with_the_learner_there(seed):
    """Every learner in every session: no seating of the others is worth more."""
    problem = a_tiny_school(seed)
    question, found, answer = a_week(problem)
    problem = question.frame.snapshot.problem
    sessions = tuple(sorted(held_of(m) for m in answer.meetings))
    seats = {key: held_of(p.meeting) for key, p in answer.places.items() if p.meeting is not None}
    before = value_of(problem, sessions, seats)
    worth = {}
    for chosen in itertools.product(sessions, repeat=len(NAMES)):
        keys = zip(((name, "mon-1") for name in NAMES), chosen, strict=True)
        worth[chosen] = value_of(problem, sessions, dict(keys))
    for meeting in answer.meetings:
        for k, name in enumerate(NAMES):
            told = what_if(question, found.held, found.seat, name, "mon-1", meeting)
            there = [v for c, v in worth.items() if v is not None and c[k] == held_of(meeting)]
            if told.loss_milli is None:
                assert there == []
            elif not told.short:
                assert told.loss_milli == before - max(there)


def test_a_greater_need_that_would_lose_its_seat_is_told_and_nobody_is_named():
    """Three want two seats: the lightest in costs the difference and one greater need its seat."""
    levels = {"a": 1000, "b": 1400, "c": 1600}
    problem = a_tiny_school(
        needs=tuple(a_need(name, level_milli=level) for name, level in levels.items())
    )
    told = asked(problem, "c", "one")
    assert (told.loss_milli, told.moved, told.greater) == (200, 1, 1)
    assert told.sentence == (
        "Would cost 0.20 points; one other learner would change seats;"
        " one learner with a greater need would lose a seat."
    )


def test_a_seat_by_a_pin_is_not_taken_away():
    """Both seats of the group are set by adults: there is none to be had."""
    pins = tuple(a_pin(f"p{name}", name, offer_id="one") for name in ("a", "b"))
    needs = tuple(a_need(name) for name in NAMES)
    told = asked(a_tiny_school(pins=pins, needs=needs), "c", "one")
    assert (told.loss_milli, told.sentence) == (
        None,
        "Cannot be had: every seat there is set by an adult.",
    )


def test_who_has_no_right_to_the_session_is_told_so():
    """Without a need in fractions there is no seat to ask the cost of."""
    needs = tuple(a_need(name) for name in ("a", "b", "c"))
    assert asked(a_tiny_school(needs=needs), "e", "one").loss_milli is None


def test_where_the_learner_sits_already_it_costs_nothing():
    """And the sentence says so."""
    needs = tuple(a_need(name) for name in ("a", "b"))
    told = asked(a_tiny_school(needs=needs), "a", "one")
    assert (told.loss_milli, told.moved, told.sentence) == (
        0,
        0,
        "The learner sits there already.",
    )


def test_a_full_session_without_a_greater_need_is_worth_its_exchange():
    """Equal needs change places: nothing is lost, and no greater need is touched."""
    problem = a_tiny_school(needs=tuple(a_need(name) for name in ("a", "b", "c")))
    question, found, answer = a_week(problem)
    meeting = next(m for m in answer.meetings if m.offer.offer_id == "one")
    out = next(
        name for name in ("a", "b", "c") if answer.places[name, "mon-1"].meeting is not meeting
    )
    told = what_if(question, found.held, found.seat, out, "mon-1", meeting)
    assert (told.loss_milli, told.moved, told.greater) == (0, 1, 0)
    assert replace(told, moved=0).sentence.startswith("Would cost nothing; one other learner")
