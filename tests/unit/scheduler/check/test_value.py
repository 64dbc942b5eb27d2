"""What a week is worth, by hand, term by term."""

from dataclasses import replace

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.model import (
    Choice,
    GroupHistory,
    KeepTogether,
    LearnerHistory,
    Mode,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS, TierFit, Weights
from services.scheduler.domain.week import AssignmentCertificate, Term
from tests.support.handmade import SCHOOL, a_week, held, lawful_week, rehashed, seated
from tests.support.schools import (
    MONDAY,
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_slot,
    an_offer,
)

TWO = a_problem(
    slots=(a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40"), a_slot("mon-3", "11:00", "11:40")),
    offers=(
        an_offer("talk", kind=SessionKind.ONE_TO_ONE),
        an_offer("look", kind=SessionKind.CHECK),
        an_offer("again", kind=SessionKind.REASSESSMENT),
        an_offer("art", kind=SessionKind.ENRICHMENT),
        an_offer("open"),
        an_offer("speech", kind=SessionKind.SERVICE),
    ),
    competencies=(a_competency(), a_competency("angles", "Angles")),
    needs=(a_need(),),
    policy=replace(a_problem().policy, weights=Weights(commons_milli=2)),
)


def worth(problem, *places):
    """Return what Lea's week is worth by rule, without what is worth nothing."""
    sessions = []
    for slot, place in zip(problem.slots, places, strict=False):
        offer_id, _, tier_id = place.partition(" ")
        target = "fractions" if offer_id in ("talk", "look", "again") else None
        sessions.append(
            held(problem, offer_id, slot.slot_id, competency_id=target, tier_id=tier_id)
        )
    week = a_week(problem, sessions, [seated("lea", session) for session in sessions])
    return {t.rule.value: t.value_milli for t in terms_of(problem, week) if t.value_milli}


def with_weights(problem=TWO, **changes):
    """Return a school with other weights."""
    weights = replace(problem.policy.weights, **changes)
    return replace(problem, policy=replace(problem.policy, weights=weights))


def with_offers(problem=TWO, **changes):
    """Return a school with all offers changed."""
    return replace(problem, offers=tuple(replace(o, **changes) for o in problem.offers))


def test_a_help_seat_is_worth_its_need():
    """S1: and a check its own weight; no need, no value."""
    assert worth(TWO, "talk") == {"S1": 1200}
    assert worth(TWO, "look") == {}
    thin = replace(TWO, needs=(a_need(evidence_count=1),))
    assert worth(thin, "look") == {"S1": 600}
    assert worth(thin, "talk") == {}
    assert worth(replace(TWO, needs=()), "talk", "look", "speech") == {}


def test_a_second_seat_on_a_need_is_worth_less():
    """S1: half of it, and a third one too."""
    assert worth(TWO, "talk", "talk", "talk") == {"S1": 3 * 1200 - 2 * 600}
    assert worth(with_weights(repeat_milli=250), "talk", "talk") == {"S1": 2400 - 900}
    assert worth(TWO, "talk", "look") == {"S1": 1200}


def test_the_first_need_seat_of_who_waited_is_worth_more():
    """S1: 30 points, three times after two weeks without, five times at most, once a week."""
    school = with_weights(first_need_milli=30)
    assert worth(school, "talk", "talk") == {"S1": 1800 + 30}
    for weeks, times in ((2, 3), (9, 5)):
        history = LearnerHistory(learner_id="lea", weeks_without_need_seat=weeks)
        waited = replace(school, histories=(history,))
        assert worth(waited, "talk") == {"S1": 1200 + 30 * times}
        assert worth(waited, "art") == {"S4": 3}


def test_a_session_of_another_tier_is_worth_a_share():
    """S2: the need at 1.8 is of tier 3; its share in tier 2 is 0.8, or what the tier says."""
    tiered = replace(TWO, policy=replace(TWO.policy, tiers=PRODUCT_TIERS))
    assert worth(tiered, "talk 3") == {"S1": 1200}
    assert worth(tiered, "talk 2") == {"S1": 1200, "S2": -240}
    at_two = replace(tiered, needs=(a_need(level_milli=2000),))
    assert worth(at_two, "talk 2") == {"S1": 1000}
    fits = replace(PRODUCT_TIERS[0], fits=(TierFit(tier_id="2", share_milli=333),))
    told = replace(tiered, policy=replace(TWO.policy, tiers=(fits, PRODUCT_TIERS[1])))
    # A third of 1200 is 399.6, rounded to 400.
    assert worth(told, "talk 2") == {"S1": 1200, "S2": 400 - 1200}


def test_a_need_that_no_tier_is_for_is_of_the_last():
    """S2: the tiers here end at level 1.5; without a level it is the lowest, nominated."""
    tiers = tuple(replace(tier, below_level_milli=1500) for tier in PRODUCT_TIERS)
    tiered = replace(TWO, policy=replace(TWO.policy, tiers=tiers))
    assert worth(tiered, "talk 2") == {"S1": 1200}
    lowest = replace(tiered, needs=(a_need(level_milli=None, nominated=True),))
    assert worth(lowest, "talk 3") == {"S1": 2000}


@pytest.mark.parametrize(("mode", "share"), [(Mode.PEER, 900), (Mode.SCREEN, 750)])
def test_a_taught_group_is_worth_most(mode, share):
    """S1: the share of what is left after the tier."""
    tiered = replace(TWO, policy=replace(TWO.policy, tiers=PRODUCT_TIERS))
    found = worth(with_offers(tiered, mode=mode), "talk 2")
    assert found == {"S1": 1200 + (960 * share // 1000 - 960), "S2": -240}


def test_what_goes_on_is_worth_more():
    """S5: the adult of the cycle's group, and what was worked on last week."""
    history = GroupHistory(
        learner_id="lea", competency_id="fractions", adult_id="ada", last_week=True
    )
    assert worth(replace(TWO, group_histories=(history,)), "talk") == {"S1": 1200, "S5": 200}
    other = replace(history, adult_id="bob")
    assert worth(replace(TWO, group_histories=(other,)), "talk") == {"S1": 1200, "S5": 50}
    before = replace(history, last_week=False)
    assert worth(replace(TWO, group_histories=(before,)), "talk") == {"S1": 1200, "S5": 150}
    assert worth(replace(TWO, group_histories=(history,), needs=()), "talk") == {}


def test_enrichment_is_worth_more_the_first_time():
    """S4: 3, then 1 each; commons by its own number, and services nothing."""
    assert worth(TWO, "art", "art", "art") == {"S4": 5}
    assert worth(TWO, "open", "speech") == {"S4": 2}


CHOICE = Choice(learner_id="lea", rank=2, offer_id="art")


def test_a_choice_is_worth_its_rank_once_a_week():
    """S3: 0.4 for the second; in a slot that was not chosen nothing; beyond the list nothing."""
    assert worth(replace(TWO, choices=(CHOICE,)), "art", "art") == {"S3": 400, "S4": 4}
    first = replace(CHOICE, slot_ids=("mon-2",))
    assert worth(replace(TWO, choices=(first,)), "art") == {"S4": 3}
    fifth = replace(CHOICE, rank=5)
    assert worth(replace(TWO, choices=(fifth,)), "art") == {"S3": 100, "S4": 3}
    sixth = replace(CHOICE, rank=6)
    assert worth(replace(TWO, choices=(sixth,)), "art") == {"S4": 3}


def test_every_choice_that_a_seat_meets_counts():
    """S3: in slot 1 both the first and the third, in the others the third; each once a week."""
    choices = (replace(CHOICE, rank=3), replace(CHOICE, rank=1, slot_ids=("mon-1",)))
    assert worth(replace(TWO, choices=choices), "open", "art") == {"S3": 300, "S4": 5}
    assert worth(replace(TWO, choices=choices), "art") == {"S3": 800, "S4": 3}
    assert worth(replace(TWO, choices=choices), "art", "art", "art") == {"S3": 800, "S4": 5}


def test_a_way_of_working_that_was_chosen_counts_in_every_seat():
    """S3: which help it is may be a choice too, for less than enrichment: 0.16 for the second."""
    choice = replace(CHOICE, offer_id="talk")
    assert worth(replace(TWO, choices=(choice,)), "talk", "talk") == {"S1": 1800, "S3": 320}
    sixth = replace(choice, rank=6)
    assert worth(replace(TWO, choices=(sixth,)), "talk") == {"S1": 1200}
    none = with_weights(replace(TWO, choices=(choice,)), choice_of_help_ranks_milli=(0,))
    assert worth(none, "talk") == {"S1": 1200}


def test_of_several_choices_of_one_session_the_dearest_counts():
    """S3: in slot 1 the first, in the others the third; that of another target never."""
    way = replace(CHOICE, offer_id="talk")
    choices = (replace(way, rank=3), replace(way, rank=1, slot_ids=("mon-1",)))
    assert worth(replace(TWO, choices=choices), "talk") == {"S1": 1200, "S3": 200}
    assert worth(replace(TWO, choices=choices), "open", "talk")["S3"] == 120
    named = replace(way, competency_id="fractions")
    assert worth(replace(TWO, choices=(named,)), "talk") == {"S1": 1200, "S3": 160}
    other = replace(way, competency_id="angles")
    assert worth(replace(TWO, choices=(other,)), "talk") == {"S1": 1200}
    art = replace(CHOICE, competency_id="angles")
    assert worth(replace(TWO, choices=(art,)), "art") == {"S3": 400, "S4": 3}


def test_another_try_is_worth_what_the_policy_says():
    """S3: for who asked for it, whatever its rank."""
    again = Choice(learner_id="lea", rank=5, competency_id="fractions")
    assert worth(replace(TWO, choices=(again,)), "again") == {"S3": 800}
    other = replace(again, competency_id="angles")
    assert worth(replace(TWO, choices=(other,)), "again") == {}


def test_a_known_adult_is_worth_something_everywhere():
    """S8: in every session that they lead, whatever its kind."""
    school = replace(TWO, learners=(a_learner(adult_ids=("ada",)),))
    assert worth(school, "talk", "open", "speech") == {"S1": 1200, "S4": 2, "S8": 90}


def test_good_company_is_worth_something_in_each_slot():
    """S8: for a pair, not for each of the two; until the rule ends."""
    pair = KeepTogether(rule_id="r", learner_id="kim", other_id="lea")
    found = {t.rule: t.value_milli for t in terms_of(SCHOOL, lawful_week())}
    with_pair = terms_of(replace(SCHOOL, keep_together=(pair,)), lawful_week())
    assert {t.rule: t.value_milli for t in with_pair}["S8"] - found["S8"] == 400
    over = replace(SCHOOL, keep_together=(replace(pair, expire_date=MONDAY),))
    assert terms_of(over, lawful_week()) == terms_of(SCHOOL, lawful_week())


def test_pinned_seats_are_worth_what_others_are():
    """Where the claim or the choice is there; a pin to help without a need is worth nothing."""
    pin = a_pin("p", offer_id="talk")
    assert worth(replace(TWO, pins=(pin,)), "talk") == {"S1": 1200}
    assert worth(replace(TWO, pins=(pin,), needs=()), "talk") == {}


def test_the_terms_of_a_whole_week():
    """Three helped, two checked, two tries, one choice, and art for the rest."""
    found = {t.rule.value: t.value_milli for t in terms_of(SCHOOL, lawful_week())}
    helped, checked = 3 * 1200, 2 * 600
    # In art or music: Kim, Lea, Max and Ned twice, Ola once, Pam and Quin twice, Roy three times.
    enriched = 4 * 4 + 3 + 4 + 4 + 5
    assert found == {
        "S1": helped + checked,
        "S2": 0,
        "S3": 2 * 800 + 400,
        "S4": enriched,
        "S5": 0,
        "S8": 0,
    }


def test_terms_that_are_stated_rightly_are_no_breach():
    """Those that are nothing may be left out."""
    week = lawful_week()
    terms = terms_of(SCHOOL, week)
    assert check(SCHOOL, rehashed(replace(week, terms=terms))) == []
    some = tuple(term for term in terms if term.value_milli)
    assert check(SCHOOL, rehashed(replace(week, terms=some))) == []


def test_a_week_above_its_bound_is_found():
    """No lawful week is worth more than the bound that the week states."""
    week = replace(lawful_week(), terms=terms_of(SCHOOL, lawful_week()))
    total = sum(term.value_milli for term in week.terms)
    assert check(SCHOOL, bounded(week, total, 0)) == []
    messages = [b.message for b in check(SCHOOL, bounded(week, total - 1, 0))]
    assert messages == [
        f"The week is worth more than the bound of {total - 1}. Plan the week anew."
    ]


def test_a_week_is_as_near_to_the_best_as_it_says():
    """Rounded up, so that it never says too much; it may say nothing, as an older week does."""
    week = replace(lawful_week(), terms=terms_of(SCHOOL, lawful_week()))
    total = sum(term.value_milli for term in week.terms)
    gap = -(-1_000_000 // (total + 1))
    assert check(SCHOOL, bounded(week, total + 1, gap)) == []
    assert check(SCHOOL, bounded(week, total + 1, None)) == []
    messages = [b.message for b in check(SCHOOL, bounded(week, total + 1, gap - 1))]
    assert messages == [
        f"The week states a gap of {gap - 1} millionths, and is {gap} below its bound."
        " Plan the week anew."
    ]
    unproved = replace(week, summary=replace(week.summary, week_gap_micro=0))
    assert len(check(SCHOOL, rehashed(unproved))) == 1


def bounded(week, bound, gap):
    """Return a week that states a bound, and how far it is below it."""
    summary = replace(week.summary, week_gap_micro=gap)
    proof = AssignmentCertificate(value_milli=0, bound_milli=0)
    return rehashed(replace(week, bound_milli=bound, summary=summary, assignment=proof))


def test_a_rule_has_one_term():
    """Two terms of one rule are not read as their sum."""
    week = lawful_week()
    terms = (*terms_of(SCHOOL, week), Term(rule="S5", value_milli=0))
    messages = [b.message for b in check(SCHOOL, rehashed(replace(week, terms=terms)))]
    assert messages == ["The week states the value of one rule more than once. Plan the week anew."]
