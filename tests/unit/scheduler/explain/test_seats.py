"""Each seat says which rule gave it; what learners read holds no rank, service, level or code."""

from dataclasses import replace

import numpy as np
import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.encode import week_hash
from services.scheduler.domain.explain.write import week_of
from services.scheduler.domain.model import Choice, RequiredService, SessionKind
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy
from services.scheduler.domain.polish import Polished
from services.scheduler.domain.question.answer import answer_of
from services.scheduler.domain.titles import refusal
from services.scheduler.domain.week import SeatRule
from tests.bench.schedule.generator import Shape, synthetic_school
from tests.support.engine import a_question, explained
from tests.support.schools import (
    a_competency,
    a_learner,
    a_need,
    a_problem,
    a_room,
    an_adult,
    an_offer,
)
from tests.support.weeks import seat_of, session_of

STATED_ELSEWHERE = ("H5",)
"""What services come to is told by a part of its own."""


def test_a_chosen_seat_says_its_rank_to_staff_and_that_it_was_chosen_to_the_learner():
    """The second choice, confirmed."""
    choices = (
        Choice(learner_id="lea", rank=1, offer_id="gone"),
        Choice(learner_id="lea", rank=2, offer_id="o1", confirmed=True),
    )
    offer = an_offer(kind=SessionKind.ENRICHMENT, title="Chess", minimum=1)
    seat = seat_of(explained(a_problem(offers=(offer,), choices=choices)), "lea")
    assert (seat.rule, seat.choice_rank) == (SeatRule.CHOICE, 2)
    assert seat.staff_sentence == "Choice 2 of the learner, confirmed."
    assert seat.learner_sentence == "You have time for Chess, which you chose."


def test_a_reassessment_that_was_asked_for_says_so():
    """With its competency, and without a weight."""
    choices = tuple(Choice(learner_id=n, rank=1, competency_id="fractions") for n in ("kim", "lea"))
    problem = a_problem(
        learners=(a_learner("kim"), a_learner("lea")),
        offers=(an_offer("again", kind=SessionKind.REASSESSMENT), an_offer("open")),
        competencies=(a_competency(),),
        choices=choices,
    )
    week = explained(problem)
    seat = seat_of(week, "lea")
    assert (seat.rule, seat.choice_rank, seat.weight_milli) == (SeatRule.REASSESSMENT, 1, 0)
    assert seat.competency_id == session_of(week, seat).competency_id == "fractions"
    assert seat.staff_sentence == (
        "Asks to show Adding fractions (5.NF.A.1) again, choice 1 of the learner."
    )
    assert seat.learner_sentence == "You get to show adding fractions again, as you asked."


def test_a_service_that_the_search_gave_is_named_to_staff_alone():
    """The learner and the hall read neutral words."""
    problem = a_problem(
        offers=(an_offer("talk", kind=SessionKind.SERVICE, service="speech", title="Speech"),),
        services=(RequiredService(learner_id="lea", service="speech", minutes=30),),
    )
    week = explained(problem)
    seat = seat_of(week, "lea")
    assert seat.rule is SeatRule.SERVICE
    assert seat.staff_sentence == "Service speech: 30 minutes a week."
    assert seat.learner_sentence == "This place is set for you by your school."
    assert session_of(week, seat).title == "Meeting"


def test_a_session_tells_its_tier_and_its_cap_to_staff():
    """A need of level 1.8 is of tier 3, whose groups hold three."""
    problem = a_problem(
        learners=(a_learner("kim"), a_learner("lea")),
        offers=(an_offer("group", kind=SessionKind.SMALL_GROUP),),
        competencies=(a_competency(),),
        needs=(a_need("kim"), a_need("lea")),
        policy=Policy(tiers=PRODUCT_TIERS),
    )
    (session,) = explained(problem).sessions
    assert (session.tier_id, session.cap, session.room_display_name) == ("3", 3, "Room r1")


def test_a_session_stands_in_the_room_that_it_was_given():
    """Where its first room is closed, the second."""
    rooms = (replace(a_room("r1"), closed_slot_ids=("mon-1",)), a_room("r2"))
    offer = an_offer(other_room_ids=("r2",))
    (session,) = explained(a_problem(rooms=rooms, offers=(offer,))).sessions
    assert (session.room_id, session.room_display_name) == ("r2", "Room r2")


def test_the_caller_adds_value_bound_and_hash():
    """The rest of the week is whole."""
    problem = a_problem(adults=(an_adult("ada"),))
    week = explained(problem, steps=7)
    assert (week.week_hash, week.certificates) == ("", ())
    assert (week.assignment.value_milli, week.assignment.bound_milli) == (0, 0)
    assert week.summary.openings_tried == 7


@pytest.mark.parametrize("lacking", [{"offers": ()}, {"adults": (), "offers": ()}, {"slots": ()}])
def test_a_school_that_can_hold_nothing_has_a_week_without_seats(lacking):
    """Nobody is anywhere, every need says why, and nothing fails."""
    fields = {"competencies": (a_competency(),), "needs": (a_need(),)} | lacking
    question = a_question(a_problem(**fields))
    tables = question.tables
    held = np.full((tables.times, tables.adults), -1, np.int32)
    seat = np.full((tables.times, tables.learners), tables.adults, np.int32)
    answer, polished = answer_of(question, held, seat), Polished(seat=seat, seat_prices=held)
    week = week_of(question, answer, polished, seed=1, budget=0, steps=0, requests=())
    assert (week.sessions, week.seats) == ((), ())
    assert {one.rule for one in week.unmet} <= {"H2"}


@pytest.mark.parametrize(
    "shape", [Shape(94, 3, 5, 1, "prototype"), Shape(94, 3, 5, 2, "product")], ids=str
)
def test_the_independent_check_finds_every_seat_of_a_school_well_stated(shape):
    """Rules, weights, evidence, ranks, caps and texts; no learner's sentence labels anybody."""
    problem = synthetic_school(shape)
    week = explained(problem)
    week = replace(week, week_hash=week_hash(week))
    found = check(a_question(problem).frame.snapshot.problem, week)
    assert [one for one in found if one.rule not in STATED_ELSEWHERE] == []
    assert {seat.rule for seat in week.seats} >= {SeatRule.NEED, SeatRule.CHOICE, SeatRule.SERVICE}
    shown = {seat.learner_sentence for seat in week.seats}
    assert [text for text in shown if refusal(text)] == []
    assert explained(problem) == replace(week, week_hash="")
