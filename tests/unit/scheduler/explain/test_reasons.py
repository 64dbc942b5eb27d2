"""Each rule that can bind a need in a slot is told as what it is."""

from dataclasses import replace

import numpy as np
import pytest

from services.scheduler.domain.engine.run import search
from services.scheduler.domain.explain.write import week_of
from services.scheduler.domain.model import (
    Choice,
    KeepApart,
    LearnerHistory,
    OptOut,
    RequiredService,
    Scope,
    SessionKind,
)
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.polish import Polished
from services.scheduler.domain.question.answer import answer_of
from tests.support.engine import a_question, explained
from tests.support.schools import (
    MONDAY,
    a_competency,
    a_learner,
    a_need,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)

GROUP = SessionKind.SMALL_GROUP
THREE = tuple(a_slot(f"mon-{n}", f"{8 + n:02d}:00", f"{8 + n:02d}:40") for n in (1, 2, 3))


def a_school(*names, **changes):
    """Return a group on fractions by ada, commons by bob, and the need for everybody named."""
    fields = {
        "adults": (an_adult("ada"), an_adult("bob", ())),
        "rooms": (a_room("r1"), a_room("r2")),
        "offers": (an_offer("group", "ada", GROUP), an_offer("open", "bob", room_id="r2")),
        "learners": tuple(a_learner(name) for name in names),
        "needs": tuple(a_need(name) for name in names),
    }
    return a_problem(**(fields | changes))


def unmet_of(problem, learner_id):
    """Return the rule and the sentence of a learner's one need that is not met."""
    (found,) = (one for one in explained(problem).unmet if one.learner_id == learner_id)
    return found.rule, found.sentence


def test_a_full_session_says_what_a_seat_would_cost_others_where_weights_do_not():
    """The lightest sits, the heaviest does not: the price of the seat is above the gain."""
    levels = {"a": 1000, "b": 1400, "c": 1600}
    offers = (an_offer("group", "ada", GROUP, cap=2), an_offer("open", "bob", room_id="r2"))
    needs = tuple(a_need(name, level_milli=level) for name, level in levels.items())
    question = a_question(a_school("a", "b", "c", offers=offers, needs=needs))
    found = search(question.tables, seed=1, steps=20)
    seat = found.seat.copy()
    seat[0, [0, 2]] = seat[0, [2, 0]]
    prices = np.zeros_like(found.held)
    prices[0, question.frame.adult_index["ada"]] = 2500
    polished = Polished(seat=seat, seat_prices=prices)
    answer = answer_of(question, found.held, seat)
    week = week_of(question, answer, polished, seed=1, budget=20, steps=20, requests=())
    assert [(u.learner_id, u.rule, u.sentence) for u in week.unmet] == [
        ("a", "H3", "2 seats taken; one would cost others 2.50 points and bring the learner 2.00.")
    ]
    stated = {price.session_id: price.price_milli for price in week.assignment.prices}
    group = next(s for s in week.sessions if s.kind is GROUP)
    assert stated[group.session_id] == 2500
    assert sorted(stated.values()) == [0, 2500]


def test_a_pair_kept_apart_is_placed_by_rule():
    """One of the two has a seat; the other reads no name and no reason."""
    apart = (KeepApart(rule_id="k1", learner_id="a", other_id="b"),)
    week = explained(a_school("a", "b", "c", keep_apart=apart))
    (left,) = week.unmet
    assert left.learner_id in ("a", "b")
    assert (left.rule, left.sentence) == ("H8", "The learner is placed by rule.")


def test_an_expired_rule_keeps_nobody_apart():
    """From its expiry on both may sit there."""
    apart = (KeepApart(rule_id="k1", learner_id="a", other_id="b", expire_date=MONDAY),)
    assert explained(a_school("a", "b", "c", keep_apart=apart)).unmet == ()


def test_a_confirmed_choice_comes_first_in_a_slot_of_own_choice():
    """The slot is the learner's; a need waits, and the seat is by choice."""
    slot = replace(a_slot(), own_choice=True)
    choices = (Choice(learner_id="a", rank=1, offer_id="open", confirmed=True),)
    problem = a_school("a", "b", "c", slots=(slot,), choices=choices)
    assert unmet_of(problem, "a") == (
        "H6",
        "A confirmed choice of the learner comes first in this slot.",
    )


def test_an_opt_out_of_the_family_is_told():
    """No small groups for this learner."""
    problem = a_school("a", "b", "c", opt_outs=(OptOut(learner_id="a", kind=GROUP),))
    assert unmet_of(problem, "a") == (
        "H4",
        "The family has opted out of what is offered on it.",
    )


def test_an_offer_for_others_is_told():
    """The group is for grade 7 alone."""
    group = an_offer("group", "ada", GROUP, scope=Scope(grades=("7",)))
    offers = (group, an_offer("open", "bob", room_id="r2"))
    assert unmet_of(a_school("a", offers=offers), "a") == (
        "H4",
        "What is offered on it is for other learners.",
    )


def test_where_one_adult_alone_may_work_on_it_and_does_not_that_is_told():
    """Bob must, and Ada offers."""
    needs = (a_need("a", adult_id="bob"), a_need("b"), a_need("c"))
    assert unmet_of(a_school("a", "b", "c", needs=needs), "a") == (
        "H9",
        "The one adult who may work on it does not offer it.",
    )


def test_a_service_fills_the_slot():
    """The learner is with the therapist, seated by the search and not by a pin."""
    offers = (
        an_offer("group", "ada", GROUP),
        an_offer("open", "bob", room_id="r2"),
        an_offer("talk", "cy", SessionKind.SERVICE, room_id="r3", service="speech"),
    )
    problem = a_school(
        "a",
        "b",
        "c",
        adults=(an_adult("ada"), an_adult("bob", ()), an_adult("cy", ())),
        rooms=(a_room("r1"), a_room("r2"), a_room("r3")),
        offers=offers,
        services=(RequiredService(learner_id="a", service="speech", minutes=30),),
    )
    assert unmet_of(problem, "a")[0] == "H5"


def test_an_adult_with_the_most_sessions_of_a_week_opens_no_more():
    """Ada leads one session a week, on fractions; ratios wait."""
    problem = a_school(
        "a",
        "b",
        slots=THREE,
        adults=(replace(an_adult("ada"), load=1), an_adult("bob", ())),
        competencies=(a_competency(), a_competency("ratios", "Ratios")),
        needs=tuple(a_need(n, t) for n in ("a", "b") for t in ("fractions", "ratios")),
        policy=Policy(preparations_per_day=3),
    )
    week = explained(problem)
    assert {(u.rule, u.sentence) for u in week.unmet} == {
        ("S7", "Whoever could lead it has the most sessions of a week.")
    }


def test_the_most_need_seats_of_a_week_are_the_reason_before_who_could_come():
    """One need seat a week: no session on the second would help the learner."""
    problem = a_school(
        "a",
        "b",
        slots=THREE,
        competencies=(a_competency(), a_competency("ratios", "Ratios")),
        needs=tuple(a_need(n, t) for n in ("a", "b") for t in ("fractions", "ratios")),
        policy=Policy(need_seats_per_week=1, preparations_per_day=3),
    )
    found = {(u.rule, u.sentence) for u in explained(problem).unmet}
    assert found == {
        ("S4", "The learner has 1 need seat, the most of a week; the rest is for enrichment.")
    }


@pytest.mark.parametrize(
    ("own", "rule"),
    [(9, "S3"), (0, "S4")],
)
def test_own_choice_that_is_kept_is_told_with_its_rule(own, rule):
    """Three slots, three needs: the week keeps one slot, and one more after weeks of little."""
    topics = ("fractions", "ratios", "angles")
    history = LearnerHistory(learner_id="a", slot_count=30, own_choice_count=own)
    problem = a_school(
        "a",
        slots=THREE,
        adults=(an_adult("ada"), an_adult("bob", ())),
        offers=(
            an_offer("group", "ada", SessionKind.ONE_TO_ONE),
            an_offer("open", "bob", room_id="r2"),
        ),
        competencies=tuple(a_competency(t, t.title()) for t in topics),
        needs=tuple(a_need("a", topic) for topic in topics),
        histories=(history,),
        policy=Policy(preparations_per_day=3, need_seats_per_week=5),
    )
    week = explained(problem, steps=1000)
    assert {u.rule for u in week.unmet} == {rule}
    assert len(week.unmet) == (1 if own else 2)


def test_help_on_a_prerequisite_alone_is_told():
    """Ratios build on fractions, and nobody leads ratios: fractions stand beside nothing."""
    later = a_competency("ratios", "Ratios", prerequisites=("fractions",))
    group = an_offer("group", "ada", GROUP, competencies=("fractions",))
    problem = a_school(
        "a",
        "b",
        slots=THREE,
        offers=(group, an_offer("open", "bob", room_id="r2")),
        competencies=(a_competency(), later),
        needs=tuple(a_need(n, t) for n in ("a", "b") for t in ("fractions", "ratios")),
    )
    found = {u.competency_id: u.sentence for u in explained(problem).unmet}
    assert found["fractions"] == (
        "Help on what other needs build on is given beside one of them or rich work alone."
    )


def test_a_need_of_a_learner_for_whom_no_slot_is_says_so():
    """The only slot is for grade 7."""
    slot = replace(a_slot(), scope=Scope(grades=("7",)))
    learners = (a_learner("a"), a_learner("z", grade="7"))
    problem = a_school("a", slots=(slot,), learners=learners)
    assert unmet_of(problem, "a") == ("H4", "No slot of the week is for the learner.")
