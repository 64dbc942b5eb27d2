"""S3 and H6 of choices of help: the learner chooses session and way, and the need decides.

Sizes: a first choice adds 0.2 to the points of the need, the fifth 0.04.
"""

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from services.scheduler.domain.check import check, departures
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.engine.run import search
from services.scheduler.domain.explain.terms import terms_of as terms_told
from services.scheduler.domain.model import Choice, GroupHistory, LockedSession, Mode, SessionKind
from services.scheduler.domain.numbers import Policy, Weights
from services.scheduler.domain.question.answer import answer_of
from services.scheduler.domain.question.weigh import weigh
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import SeatRule, value_of
from tests.support.engine import a_question
from tests.support.micro import a_micro_school, seatings
from tests.support.schools import (
    Shape,
    a_competency,
    a_learner,
    a_need,
    a_problem,
    a_room,
    a_school,
    a_slot,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned, seat_of, session_of, the_best_of

TALK, AGAIN, ART = SessionKind.ONE_TO_ONE, SessionKind.REASSESSMENT, SessionKind.ENRICHMENT
SLOTS = (a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40"))
POLICY = Policy(session_minimum=1, own_choice_seats_per_week=0)


def two_talks(**changes):
    """Return lea with one need, on which ada and bob give the same one-to-one, in two slots."""
    fields = {
        "slots": SLOTS,
        "adults": (an_adult("ada"), an_adult("bob"), an_adult("cyd", ())),
        "rooms": (a_room("r1"), a_room("r2"), a_room("r3")),
        "offers": (
            an_offer("talk-ada", "ada", TALK),
            an_offer("talk-bob", "bob", TALK, room_id="r2"),
            an_offer("open", "cyd", room_id="r3"),
            an_offer("art", "cyd", ART, room_id="r3"),
        ),
        "needs": (a_need(),),
        "policy": POLICY,
    }
    return a_problem(**(fields | changes))


def a_choice(learner_id="lea", rank=1, **changes):
    """Return a choice of the talk with bob."""
    return Choice(**({"learner_id": learner_id, "rank": rank, "offer_id": "talk-bob"} | changes))


def helped(week, learner_id="lea"):
    """Return the learner's help: by session, its offer and slot."""
    seats = [s for s in week.seats if s.learner_id == learner_id and s.rule is SeatRule.NEED]
    return [(session_of(week, seat).offer_id, seat.slot_id) for seat in seats]


def voice(week):
    """Return what choices add to the week."""
    return next(term.value_milli for term in week.terms if term.rule is Rule.VOICE)


@pytest.mark.parametrize("offer_id", ["talk-ada", "talk-bob"])
@pytest.mark.parametrize("slot_id", ["mon-1", "mon-2"])
def test_of_sessions_alike_the_learner_sits_in_the_one_that_they_chose(offer_id, slot_id):
    """With whom and when; the week is worth 0.2 more, and the check agrees."""
    choice = a_choice(offer_id=offer_id, slot_ids=(slot_id,))
    problem = two_talks(choices=(choice,))
    week = the_best_of(problem)
    assert helped(week) == [(offer_id, slot_id)]
    assert value_of(week.terms) == value_of(the_best_of(two_talks()).terms) + 200
    assert week.terms == terms_of(problem, week)
    assert check(problem, week) == []


def test_a_first_choice_outweighs_the_adult_of_the_group_who_is_known_too():
    """S3 before S5 and S8: 0.2 against 0.15 and 0.03; a second choice does not."""
    history = GroupHistory(learner_id="lea", competency_id="fractions", adult_id="ada")
    school = two_talks(
        learners=(a_learner(adult_ids=("ada",)),),
        group_histories=(history,),
        choices=(a_choice(),),
    )
    assert [offer_id for offer_id, _ in helped(the_best_of(school))] == ["talk-bob"]
    second = replace(school, choices=(a_choice(rank=2),))
    assert [offer_id for offer_id, _ in helped(the_best_of(second))] == ["talk-ada"]


@pytest.mark.parametrize(("level", "winner"), [(1800, "lea"), (1601, "lea"), (1599, "kim")])
def test_a_choice_takes_no_seat_from_a_need_that_is_greater_by_more_than_its_points(level, winner):
    """Lea chose the only talk and weighs 1.2; kim weighs what her level makes it."""
    school = two_talks(
        slots=SLOTS[:1],
        adults=(an_adult("bob"), an_adult("cyd", ())),
        offers=two_talks().offers[1:],
        learners=(a_learner("kim"), a_learner("lea")),
        needs=(a_need("kim", level_milli=level), a_need("lea")),
        choices=(a_choice(),),
    )
    assert [name for name in ("kim", "lea") if helped(the_best_of(school), name)] == [winner]


def test_a_choice_of_help_without_a_need_seats_nobody():
    """Nor does one on another target than the need's add anything."""
    week = the_best_of(two_talks(needs=(), choices=(a_choice(),)))
    assert (helped(week), voice(week)) == ([], 0)
    other = a_choice(competency_id="angles")
    competencies = (a_competency(), a_competency("angles", "Angles"))
    week = the_best_of(two_talks(choices=(other,), competencies=competencies))
    assert (len(helped(week)), voice(week)) == (1, 0)
    named = replace(other, competency_id="fractions")
    week = the_best_of(two_talks(choices=(named,), competencies=competencies))
    assert ([offer_id for offer_id, _ in helped(week)], voice(week)) == (["talk-bob"], 200)


@pytest.mark.parametrize(
    ("mode", "level", "offer_id"), [(Mode.PEER, 1100, "talk-bob"), (Mode.SCREEN, 1800, "talk-ada")]
)
def test_a_way_of_working_that_was_chosen_weighs_against_its_stated_cost(mode, level, offer_id):
    """0.2 against a tenth of 1.9 with peers, and against a quarter of 1.2 at a screen."""
    offers = tuple(
        replace(one, mode=mode) if one.offer_id == "talk-bob" else one for one in two_talks().offers
    )
    school = two_talks(offers=offers, needs=(a_need(level_milli=level),), choices=(a_choice(),))
    assert [one for one, _ in helped(the_best_of(school))] == [offer_id]


def test_the_seat_says_that_it_was_chosen_and_to_staff_by_which_rank():
    """H11: the learner reads no rank."""
    choices = (a_choice(rank=1, offer_id="gone"), a_choice(rank=2, confirmed=True))
    week = the_best_of(two_talks(choices=choices))
    ((_, slot_id),) = helped(week)
    seat = seat_of(week, "lea", slot_id)
    assert (seat.rule, seat.choice_rank) == (SeatRule.NEED, 2)
    assert seat.learner_sentence == (
        "You are working on adding fractions next, in a session that you chose."
    )
    assert seat.staff_sentence.endswith(", weight 1.20. Choice 2 of the learner, confirmed.")
    plain = seat_of(the_best_of(two_talks()), "lea", slot_id)
    assert "chose" not in plain.learner_sentence + plain.staff_sentence


def test_a_check_that_was_chosen_says_so_too():
    """The evidence is thin, so it is a check, and bob's was chosen."""
    look = SessionKind.CHECK
    offers = (
        an_offer("look-ada", "ada", look),
        an_offer("look-bob", "bob", look, room_id="r2"),
        two_talks().offers[2],
    )
    school = two_talks(
        offers=offers, needs=(a_need(evidence_count=1),), choices=(a_choice(offer_id="look-bob"),)
    )
    week = the_best_of(school)
    (seat,) = (s for s in week.seats if s.rule is SeatRule.CHECK)
    assert session_of(week, seat).offer_id == "look-bob"
    assert seat.choice_rank == 1
    assert seat.learner_sentence == (
        "You get to show what you can do with adding fractions, in a session that you chose."
    )


# H6: in a slot of own choice.

OWN = tuple(replace(slot, own_choice=True) for slot in SLOTS[:1])
ART_CHOSEN = a_choice(rank=2, offer_id="art", confirmed=True)


def own_choice(*choices, **changes):
    """Return the school of the two talks with one slot, of own choice, and confirmed choices."""
    confirmed = tuple(replace(one, confirmed=True) for one in choices)
    return two_talks(**({"slots": OWN, "choices": confirmed} | changes))


def test_a_confirmed_choice_of_help_does_not_keep_its_own_need_out():
    """Nor does it where art was chosen after it; the dearest that can be had decides."""
    for school in (own_choice(a_choice()), own_choice(a_choice(), ART_CHOSEN)):
        week = the_best_of(school)
        assert helped(week) == [("talk-bob", "mon-1")]
        assert check(school, week) == []


@pytest.mark.parametrize(
    "help_chosen",
    [
        {"rank": 3},
        {"competency_id": "angles"},
        {"slot_ids": ("mon-2",)},
    ],
    ids=str,
)
def test_a_dearer_choice_of_art_or_the_only_one_that_can_be_had_keeps_needs_out(help_chosen):
    """The help was chosen after the art, or on what is no need, or for another time."""
    changes = {"slots": (*OWN, SLOTS[1])} if "slot_ids" in help_chosen else {}
    school = own_choice(a_choice(**help_chosen), ART_CHOSEN, **changes)
    school = replace(school, competencies=(a_competency(), a_competency("angles", "Angles")))
    week = the_best_of(school)
    assert [slot_id for _, slot_id in helped(week) if slot_id == "mon-1"] == []
    assert check(school, week) == []
    other = the_best_of(own_choice(a_choice()))
    moved = replace(week, seats=tuple(s for s in other.seats), sessions=other.sessions)
    assert Rule.REQUEST_ORDER in {breach.rule for breach in check(school, moved)}


def test_rich_help_that_names_a_slot_does_not_keep_itself_out():
    """Rich work is kept from needs in the slots that it names, and this takes a need itself."""
    offers = tuple(replace(one, rich=one.offer_id == "talk-bob") for one in two_talks().offers)
    choice = a_choice(slot_ids=("mon-1",), confirmed=True)
    school = two_talks(offers=offers, choices=(choice,))
    week = the_best_of(school)
    assert helped(week) == [("talk-bob", "mon-1")]
    assert check(school, week) == []


# Re-assessments with slots.


def trying_again(*choices, **changes):
    """Return lea without a claim, who may try fractions again with bob in either slot."""
    offers = (an_offer("again", "bob", AGAIN, room_id="r2"), two_talks().offers[2])
    fields = {"offers": offers, "needs": (), "choices": choices} | changes
    return two_talks(**fields)


def tries(week):
    """Return the slots in which lea tries again."""
    return [seat.slot_id for seat in week.seats if seat.rule is SeatRule.REASSESSMENT]


@pytest.mark.parametrize("slot_id", ["mon-1", "mon-2"])
def test_a_re_assessment_is_had_in_the_slots_that_were_asked_for(slot_id):
    """And nowhere else: where it is not held then, not at all."""
    again = a_choice(offer_id=None, competency_id="fractions", slot_ids=(slot_id,))
    school = trying_again(again)
    week = the_best_of(school)
    assert (tries(week), voice(week)) == ([slot_id], 800)
    assert check(school, week) == []
    away = {"mon-1": "mon-2", "mon-2": "mon-1"}[slot_id]
    offers = (replace(school.offers[0], slot_ids=(away,)), school.offers[1])
    assert tries(the_best_of(replace(school, offers=offers))) == []


def test_one_that_was_asked_for_twice_is_had_once_in_either_of_its_slots():
    """The dearer choice names a slot in which it is not held."""
    one = a_choice(offer_id=None, competency_id="fractions", slot_ids=("mon-1",))
    other = replace(one, rank=2, slot_ids=("mon-2",))
    assert len(tries(the_best_of(trying_again(one, other)))) == 1
    school = trying_again(one, other)
    late = (replace(school.offers[0], slot_ids=("mon-2",)), school.offers[1])
    week = the_best_of(replace(school, offers=late))
    assert tries(week) == ["mon-2"]
    assert seat_of(week, "lea", "mon-2").choice_rank == 2


# Search, account and check count the same.

SEEDS = st.integers(0, 100_000)
SHAPES = st.builds(
    Shape,
    learners=st.integers(6, 40),
    adults=st.integers(3, 8),
    slots=st.integers(1, 4),
    competencies=st.integers(2, 14),
    needs_each=st.sampled_from((1.0, 4.0)),
    whole=st.just(True),
)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(seed=SEEDS, shape=SHAPES)
def test_search_and_check_count_the_same_in_schools_full_of_choices(seed, shape):
    """Without seats by persons' word, which the search does not count: to the thousandth."""
    drawn = a_school(seed, shape)
    school = replace(drawn, pins=(), requests=(), keep_together=drawn.keep_together[:1])
    question = a_question(school)
    tables = question.tables
    found = search(tables, seed=seed, steps=20)
    answer = answer_of(question, found.held, found.seat)
    told = terms_told(question, answer)
    assert weigh(tables, found.held, found.seat).points == value_of(told)
    week = planned(school, budget=20)
    assert week.terms == terms_of(school, week)


def a_fixed_school(seed):
    """Return a tiny school whose sessions are all agreed, and the school as it was drawn."""
    micro = a_micro_school(seed, learners=2, slots=2, sessions=3)
    rng = random.Random(seed)
    on = {one.offer_id: one for one in micro.sessions}
    fixed = replace(
        micro.problem,
        slots=tuple(replace(one, own_choice=rng.random() < 0.5) for one in micro.problem.slots),
        offers=tuple(
            replace(
                one,
                minimum=0,
                slot_ids=(on[one.offer_id].slot_id,),
                competencies=tuple(filter(None, (on[one.offer_id].competency_id,))),
                mode=rng.choice(list(Mode)) if one.kind.is_help else Mode.TAUGHT,
            )
            for one in micro.problem.offers
        ),
        locked=tuple(
            LockedSession(
                slot_id=one.slot_id,
                offer_id=one.offer_id,
                competency_id=one.competency_id,
                tier_id=one.tier_id,
            )
            for one in micro.sessions
        ),
        policy=replace(micro.problem.policy, weights=Weights(first_enrichment_milli=50)),
        services=(),
        choices=_each_once(micro.problem.choices),
    )
    return replace(micro, problem=fixed)


def _each_once(choices):
    """Return the choices without those of a thing that is chosen already."""
    found = {}
    for one in choices:
        thing = (one.learner_id, one.offer_id, one.competency_id, one.slot_ids)
        found.setdefault(thing, one)
    return tuple(found.values())


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(seed=SEEDS)
def test_no_seating_of_agreed_sessions_is_worth_more_than_the_planners(seed):
    """Each seating of a tiny school counted out by the check alone: the best is the planner's."""
    micro = a_fixed_school(seed)
    lawful = [
        week
        for week in seatings(micro)
        if not any(" states " not in b.message for b in check(micro.problem, week))
        and departures(micro.problem, week) == []
    ]
    assume(lawful)
    best = max(value_of(terms_of(micro.problem, week)) for week in lawful)
    week = planned(micro.problem, budget=20)
    assert check(micro.problem, week) == []
    assert value_of(week.terms) == best
