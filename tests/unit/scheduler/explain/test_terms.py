"""The value of a found week by rule: what each seat adds, and the same as the check adds up."""

from dataclasses import replace

import pytest

from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.model import (
    Choice,
    GroupHistory,
    KeepTogether,
    LearnerHistory,
    Mode,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy, Weights
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import value_of
from tests.bench.schedule.generator import Shape as Large
from tests.bench.schedule.generator import synthetic_school
from tests.support.schools import (
    MONDAY,
    Shape,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_school,
    a_slot,
    an_offer,
)
from tests.support.weeks import planned

TWO = (a_learner("kim"), a_learner("lea"))
GROUP = (
    an_offer("group", kind=SessionKind.SMALL_GROUP),
    an_offer("open", room_id=None, adult_id="ada"),
)


def added_by(problem) -> dict[Rule, int]:
    """Return what each rule adds to the week that is planned, without what adds nothing."""
    return {term.rule: term.value_milli for term in planned(problem).terms if term.value_milli}


def a_group(**changes):
    """Return a school in which Kim and Lea are pinned to a group on fractions, 1.2 each."""
    fields = {
        "learners": TWO,
        "offers": GROUP,
        "needs": (a_need("kim"), a_need("lea")),
        "pins": tuple(
            a_pin(f"p-{name}", name, offer_id="group", competency_id="fractions")
            for name in ("kim", "lea")
        ),
    }
    return a_problem(**(fields | changes))


def test_pinned_seats_count_as_others_do():
    """Two needs of 1.2."""
    assert added_by(a_group()) == {Rule.GREATEST_NEED: 2400}


def test_a_pinned_seat_without_a_claim_is_worth_nothing():
    """Lea has no need: the group works on Kim's alone."""
    assert added_by(a_group(needs=(a_need("kim"),))) == {Rule.GREATEST_NEED: 1200}


def test_another_tier_and_a_screen_keep_a_share_each():
    """At .8 of the weight in a tier that is not the need's, and .75 of that at a screen."""
    offer = replace(GROUP[0], tier_ids=("2",), mode=Mode.SCREEN)
    problem = a_group(offers=(offer, GROUP[1]), policy=Policy(tiers=PRODUCT_TIERS))
    assert added_by(problem) == {Rule.GREATEST_NEED: 2 * (1200 - 240), Rule.ONE_GAP: 2 * -240}


def test_a_second_seat_on_a_need_is_worth_half_and_the_first_of_the_week_more():
    """Kim sits twice: 1.2 and .6; who waited two weeks has three times the points of a first."""
    pins = tuple(
        a_pin(f"p-{name}-{slot}", name, slot, offer_id="group", competency_id="fractions")
        for name in ("kim", "lea")
        for slot in ("mon-1", "mon-2")
    )
    problem = a_group(
        slots=(a_slot(), a_slot("mon-2", "10:00", "10:40")),
        pins=pins,
        needs=(a_need("kim", sessions=2),),
        histories=(LearnerHistory(learner_id="kim", weeks_without_need_seat=2),),
        policy=Policy(weights=Weights(first_need_milli=100)),
    )
    assert added_by(problem) == {Rule.GREATEST_NEED: 1200 + 600 + 300}


def test_the_same_adult_and_what_was_worked_on_last_week_add():
    """150 for the adult of the cycle, 50 for going on."""
    history = GroupHistory(
        learner_id="kim", competency_id="fractions", adult_id="ada", last_week=True
    )
    problem = a_group(group_histories=(history,))
    assert added_by(problem)[Rule.CONTINUITY] == 200


def test_a_known_adult_and_good_company_add_until_the_rule_ends():
    """30 for Kim's own teacher, 100 for the pair in one session; nothing from the last day on."""
    pair = KeepTogether(rule_id="r", learner_id="kim", other_id="lea")
    learners = (replace(TWO[0], adult_ids=("ada",)), TWO[1])
    problem = a_group(learners=learners, keep_together=(pair,))
    assert added_by(problem)[Rule.KNOWN_ADULT] == 130
    over = replace(problem, keep_together=(replace(pair, expire_date=MONDAY),))
    assert added_by(over)[Rule.KNOWN_ADULT] == 30


def test_a_choice_of_enrichment_counts_once_a_week_and_of_a_group_every_time():
    """Kim chose the art in both slots; the first enrichment adds 3, the second 1."""
    problem = a_problem(
        slots=(a_slot(), a_slot("mon-2", "10:00", "10:40")),
        learners=TWO,
        offers=(an_offer("art", kind=SessionKind.ENRICHMENT),),
        choices=(Choice(learner_id="kim", rank=1, offer_id="art"),),
    )
    assert added_by(problem) == {Rule.VOICE: 500, Rule.ENRICHMENT_FOR_ALL: 2 * 4}
    chosen = (Choice(learner_id="kim", rank=2, offer_id="group"),)
    assert added_by(a_group(choices=chosen))[Rule.VOICE] == 160


def test_trying_again_counts_where_it_was_asked_for():
    """800 for Kim's, nothing for Lea, who is pinned beside."""
    problem = a_group(
        offers=(an_offer("group", kind=SessionKind.REASSESSMENT), GROUP[1]),
        choices=(Choice(learner_id="kim", rank=1, competency_id="fractions"),),
    )
    assert added_by(problem) == {Rule.VOICE: 800}


@pytest.mark.parametrize("seed", range(40))
def test_the_check_adds_up_the_same(seed):
    """In small schools that hold all that a problem may hold."""
    shape = Shape(learners=10 + seed, adults=4 + seed % 4, slots=1 + seed % 5, whole=True)
    problem = a_school(seed, shape)
    week = planned(problem, seed=seed, budget=0)
    assert week.terms == terms_of(problem, week)


def test_the_check_adds_up_the_same_for_a_school_of_the_benchmark():
    """With tiers, services, pins, choices and history."""
    problem = synthetic_school(Large(94, 3, 5, 2, "product"))
    week = planned(problem)
    assert week.terms == terms_of(problem, week)
    assert value_of(week.terms) > 0
