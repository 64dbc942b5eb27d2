"""The cost of a seat, against every seating of a tiny week that has it."""

import itertools
import random
from dataclasses import replace

import pytest

from services.scheduler.adapters.highs.polish import polish_seats
from services.scheduler.domain.check import check, departures
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.engine.run import search
from services.scheduler.domain.explain.what_if import what_if
from services.scheduler.domain.model import KeepApart, KeepTogether, SessionKind
from services.scheduler.domain.question.answer import answer_of
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import SeatRule
from tests.support.engine import a_question
from tests.support.handmade import a_week as handmade_week
from tests.support.handmade import held, seated
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
    found = replace(found, seat=polish_seats(question, found.held, found.seat).seat)
    answer = answer_of(question, found.held, found.seat)
    return question, found, answer


def asked(problem, learner_id, offer_id):
    """Return what it would cost to seat a learner in an offer's session."""
    question, found, answer = a_week(problem)
    meeting = next(m for m in answer.meetings if m.offer.offer_id == offer_id)
    return what_if(question, found.held, found.seat, learner_id, meeting.slot_id, meeting)


def value_of(problem, sessions, chosen):
    """Return the value of a seating as the check adds it up; None: it breaks a rule or a limit."""
    pinned = {pin.learner_id for pin in problem.pins}
    seats = [
        seated(name, session, **({"rule": SeatRule.PIN} if name in pinned else {}))
        for name, session in zip(NAMES, chosen, strict=True)
    ]
    week = handmade_week(problem, sessions, seats)
    found = [*check(problem, week), *departures(problem, week)]
    broken = [one for one in found if one.rule != Rule.EXPLAINED]
    return None if broken else sum(term.value_milli for term in terms_of(problem, week))


def session_of(problem, meeting):
    """Return a meeting as a session of a week."""
    target = meeting.competency_id
    return held(problem, meeting.offer.offer_id, competency_id=target, cap=meeting.cap)


def with_company(problem, seed):
    """Return the school with a pin, and two pairs: kept apart, and good company."""
    rng = random.Random(seed)
    apart, together = (rng.sample(NAMES, 2) for _ in range(2))
    return replace(
        problem,
        pins=(a_pin(learner_id=rng.choice(NAMES), offer_id=rng.choice(("two", "open"))),),
        keep_apart=(KeepApart(rule_id="k1", learner_id=apart[0], other_id=apart[1]),),
        keep_together=(KeepTogether(rule_id="k2", learner_id=together[0], other_id=together[1]),),
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_cost_is_that_of_the_best_seating_with_the_learner_there(seed):
    """Every learner in every session: no seating of the others is worth more.

    Where two form a pair, more may be told than it would cost, and never less.
    """
    problem = a_tiny_school(seed)
    problem = with_company(problem, seed) if seed % 2 else problem
    question, found, answer = a_week(problem)
    sessions = {meeting: session_of(problem, meeting) for meeting in answer.meetings}
    now = tuple(sessions[answer.places[name, "mon-1"].meeting] for name in NAMES)
    worth = {
        chosen: value_of(problem, sessions.values(), chosen)
        for chosen in itertools.product(sessions.values(), repeat=len(NAMES))
    }
    for meeting, session in sessions.items():
        for k, name in enumerate(NAMES):
            told = what_if(question, found.held, found.seat, name, "mon-1", meeting)
            there = [v for c, v in worth.items() if v is not None and c[k] == session]
            if told.loss_milli is None:
                assert there == [] or name in {pin.learner_id for pin in problem.pins}
            elif not told.short:
                least = worth[now] - max(there)
                assert told.loss_milli == least or (problem.keep_apart and told.loss_milli > least)


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
