"""Which need may be seated, as what, and in which order."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.domain.claims import active_learners, claims_of
from services.scheduler.domain.model import GroupHistory, Section
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy, Tier
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.week import NoticeKind
from tests.support.claims import LOW_AND_THIN, claims_for, only, with_weights
from tests.support.schools import (
    AS_OF_DAY,
    MONDAY,
    Shape,
    a_competency,
    a_learner,
    a_need,
    a_problem,
    a_school,
    a_slot,
)

YESTERYEAR = AS_OF_DAY - timedelta(days=300)


def test_a_need_of_an_unknown_learner_or_competency_is_no_claim():
    """Facts arrive in any order."""
    assert claims_for(a_need("nobody"), a_need(competency_id="unheard-of")) == ()


def test_a_need_of_a_learner_who_has_left_is_no_claim():
    """Enrolled on no day on which the week has a slot; one day is enough for a claim."""
    left = a_learner(withdraw_date=MONDAY)
    assert claims_for(a_need(), learners=(left,)) == ()
    later = a_slot("tue-1", day=MONDAY + timedelta(days=1))
    comes = a_learner(enrol_date=later.date)
    problem = a_problem(needs=(a_need(),), learners=(comes,), slots=(a_slot(), later))
    assert active_learners(problem) == {"lea"}
    assert len(claims_of(problem, 0).claims) == 1


def test_a_gap_with_enough_evidence_is_a_claim_to_help():
    """Level 1.8 from 5 pieces on 3 days, newest today."""
    claim = only(a_need())
    assert (claim.entitlement, claim.weight_milli) == (Entitlement.HELP, 1200)
    assert (claim.learner_id, claim.competency_id, claim.need) == ("lea", "fractions", a_need())


def test_scores_of_4_4_4_1_give_a_claim_to_help():
    """Acceptance example 3: the current need of 2.05 counts, whatever the credit is."""
    claim = only(a_need(level_milli=2050, evidence_count=4, day_count=4))
    assert (claim.entitlement, claim.weight_milli) == (Entitlement.HELP, 950)


def test_one_observation_of_1_gives_a_check_and_no_help():
    """Acceptance example 4; (3 - 1) / 2 points."""
    claim = only(a_need(**LOW_AND_THIN))
    assert (claim.entitlement, claim.weight_milli) == (Entitlement.CHECK, 1000)


@pytest.mark.parametrize(
    "lack",
    [
        {"evidence_count": 1},
        {"day_count": 1},
        {"newest_day": AS_OF_DAY - timedelta(days=31)},
        {"newest_day": AS_OF_DAY + timedelta(days=1)},
        {"newest_day": None},
        {"level_milli": None},
    ],
)
def test_where_the_evidence_falls_short_the_claim_is_to_a_check(lack):
    """Counts, days, age or level; no level yet counts as the lowest."""
    assert only(a_need(**lack)).entitlement is Entitlement.CHECK


@pytest.mark.parametrize("fine", [{"level_milli": 3000}, {"at_least_eight_tenths_micro": 700_000}])
def test_without_a_gap_there_is_no_claim(fine):
    """At the goal, or sure enough of it."""
    assert claims_for(a_need(**fine)) == ()


def test_the_floor_is_the_schools():
    """A school that asks for six pieces gives a check for five."""
    policy = Policy(floor_evidence_count=6)
    assert only(a_need(), policy=policy).entitlement is Entitlement.CHECK


@pytest.mark.parametrize("asked", [{"nominated": True}, {"confirmed": True}])
@pytest.mark.parametrize(
    "shown",
    [LOW_AND_THIN, {"level_milli": 3400}, {"at_least_eight_tenths_micro": 900_000}],
)
def test_it_is_help_whatever_the_evidence_says(asked, shown):
    """With one observation, above the goal, or sure of it."""
    assert only(a_need(**shown, **asked)).entitlement is Entitlement.HELP


@pytest.mark.parametrize("asked", [{"nominated": True}, {"confirmed": True}])
def test_its_gap_is_at_least_half_a_level(asked):
    """At 3.4 there is no gap and 0.5 counts; at 1.8 the gap of 1.2 is the larger."""
    assert only(a_need(level_milli=3400, **asked)).weight_milli == 500
    assert only(a_need(level_milli=1800, **asked)).weight_milli == 1200


def test_the_least_gap_is_the_schools():
    """At 0.9 a nomination at the goal weighs 0.9."""
    policy = with_weights(nominated_gap_milli=900)
    assert only(a_need(level_milli=3000, nominated=True), policy=policy).weight_milli == 900


def test_without_any_evidence_it_counts_as_lowest_and_stale():
    """(3 - 1) x 0.5."""
    need = a_need(level_milli=None, evidence_count=0, day_count=0, newest_day=None)
    assert only(replace(need, nominated=True)).weight_milli == 1000


def a_history(**changes) -> tuple[GroupHistory, ...]:
    """Return lea's history on fractions."""
    return (GroupHistory(learner_id="lea", competency_id="fractions", **changes),)


def test_who_left_and_stands_at_the_level_of_return_has_no_claim():
    """Acceptance example 9's third week: 2.95; a thin level of 2.95 gives no check either."""
    left = a_history(exit_date=YESTERYEAR)
    assert claims_for(a_need(level_milli=2950), group_histories=left) == ()
    thin = a_need(level_milli=2950, evidence_count=1)
    assert claims_for(thin, group_histories=left) == ()


def test_who_left_and_fell_below_it_has_a_claim_again():
    """2.65 is below 2.7."""
    left = a_history(exit_date=YESTERYEAR)
    assert only(a_need(level_milli=2650), group_histories=left).weight_milli == 350


def test_two_cycles_without_a_gain_are_a_notice_and_no_help():
    """The team is told instead of one more seat."""
    stuck = a_history(cycles=2, entry_level_milli=1800, entry_date=YESTERYEAR)
    settled = claims_of(a_problem(needs=(a_need(),), group_histories=stuck), 0)
    assert settled.claims == ()
    (notice,) = settled.notices
    assert (notice.kind, notice.learner_id) == (NoticeKind.NO_GAIN, "lea")


def test_two_cycles_without_a_gain_leave_a_check_where_evidence_falls_short():
    """What is old is looked at anew; nobody is told of a seat that nobody would have had."""
    stuck = a_history(cycles=2, entry_level_milli=1800)
    old = a_need(newest_day=AS_OF_DAY - timedelta(days=40))
    settled = claims_of(a_problem(needs=(old,), group_histories=stuck), 0)
    assert [claim.entitlement for claim in settled.claims] == [Entitlement.CHECK]
    assert settled.notices == ()


def test_a_nomination_keeps_its_help_and_tells_nobody():
    """A teacher with a reason stands above the count of cycles."""
    stuck = a_history(cycles=5, entry_level_milli=1800)
    need = a_need(nominated=True)
    settled = claims_of(a_problem(needs=(need,), group_histories=stuck), 0)
    assert [claim.entitlement for claim in settled.claims] == [Entitlement.HELP]
    assert settled.notices == ()


def test_the_history_of_another_learner_or_competency_says_nothing():
    """A history belongs to one learner and one competency."""
    others = (
        GroupHistory(learner_id="leo", competency_id="fractions", exit_date=YESTERYEAR),
        GroupHistory(learner_id="lea", competency_id="angles", exit_date=YESTERYEAR),
    )
    assert only(a_need(level_milli=2900), group_histories=others)


@pytest.mark.parametrize(("level", "tier"), [(1000, "3"), (1999, "3"), (2000, "2"), (2999, "2")])
def test_the_tier_is_the_first_that_holds_the_level(level, tier):
    """Below 2 it is tier 3."""
    claim = only(a_need(level_milli=level), policy=Policy(tiers=PRODUCT_TIERS))
    assert claim.tier_id == tier


def test_no_level_counts_as_lowest_and_where_no_tier_fits_it_is_the_last():
    """A tier that ends at 1.5 and one that ends at 2.0; 2.9 belongs to neither."""
    tiers = (
        Tier(tier_id="a", cap=3, below_level_milli=1500),
        Tier(tier_id="b", cap=5, below_level_milli=2000),
    )
    policy = Policy(tiers=tiers)
    assert only(a_need(level_milli=None), policy=policy).tier_id == "a"
    assert only(a_need(level_milli=1500), policy=policy).tier_id == "b"
    assert only(a_need(level_milli=2900), policy=policy).tier_id == "b"


def test_without_tiers_there_is_none():
    """Empty where the school has none."""
    assert only(a_need()).tier_id == ""


def test_help_may_have_the_needs_sessions_and_a_check_is_one():
    """Twice a week for help."""
    assert only(a_need(sessions=2)).sessions == 2
    assert only(a_need(sessions=2, **LOW_AND_THIN)).sessions == 1


def test_the_adult_is_the_one_whom_law_asks_for():
    """None where anybody qualified may."""
    assert only(a_need(adult_id="ada")).adult_id == "ada"
    assert only(a_need()).adult_id is None


def a_path():
    """Return counting, which two others build on, and division, which builds on one of them."""
    return (
        a_competency("counting", prerequisites=("counting",)),
        a_competency("angles", prerequisites=("counting",)),
        a_competency("fractions", prerequisites=("counting",)),
        a_competency("division", prerequisites=("fractions",)),
    )


def building_on(*needs):
    """Return what builds on each claim."""
    found = claims_for(*needs, competencies=a_path())
    return {claim.competency_id: claim.builds_to for claim in found}


def test_a_help_claim_names_the_others_that_have_it_as_direct_prerequisite():
    """Division is two steps from counting, so counting does not name it; nor itself."""
    needs = [a_need(competency_id=c.competency_id) for c in a_path()]
    assert building_on(*needs) == {
        "counting": ("angles", "fractions"),
        "angles": (),
        "fractions": ("division",),
        "division": (),
    }


def test_checks_neither_build_nor_are_built_on():
    """Only help beside help."""
    help_on, check_on = a_need(competency_id="counting"), a_need(**LOW_AND_THIN)
    assert building_on(help_on, check_on) == {"counting": (), "fractions": ()}
    check_on = a_need(competency_id="counting", **LOW_AND_THIN)
    assert building_on(check_on, a_need()) == {"counting": (), "fractions": ()}


def test_the_needs_of_another_learner_do_not_count():
    """Each learner has a path of their own."""
    needs = (a_need(competency_id="counting"), a_need("leo"))
    found = claims_for(
        *needs,
        competencies=a_path(),
        learners=(a_learner(), a_learner("leo")),
    )
    assert [claim.builds_to for claim in found] == [(), ()]


LEARNERS = tuple(a_learner(f"l{number:02d}") for number in range(20))


def order_of(seed=0, monday=MONDAY, **changes):
    """Return the learners of claims that weigh the same."""
    needs = tuple(a_need(one.learner_id, **changes) for one in LEARNERS)
    day = {"slots": (a_slot(day=monday),), "monday": monday}
    problem = a_problem(needs=needs, learners=LEARNERS, **day)
    return [claim.learner_id for claim in claims_of(problem, seed).claims]


def test_the_heaviest_comes_first_and_of_equals_who_waits_longer():
    """2.4, then 1.2 after three weeks, then 1.2."""
    needs = (
        a_need("l00", weight_milli=1200),
        a_need("l01", weight_milli=1200, weeks_waiting=3),
        a_need("l02", weight_milli=2400),
    )
    for seed in range(5):
        found = claims_of(a_problem(needs=needs, learners=LEARNERS), seed).claims
        assert [claim.learner_id for claim in found] == ["l02", "l01", "l00"]


def test_equals_come_by_a_lot_of_seed_monday_learner_and_competency():
    """The same for the same, another for another seed or week, and not by name."""
    first = order_of()
    assert first == order_of()
    assert first != sorted(first)
    assert first != order_of(seed=1)
    assert first != order_of(monday=date(2026, 11, 30))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_in_which_facts_come_changes_nothing(seed):
    """Claims, notices and who is far behind, from a shuffled school."""
    problem = a_school(seed, Shape(learners=40, competencies=12))
    ids = tuple(one.learner_id for one in problem.learners)
    sections = tuple(
        Section(section_id=f"s{place}", learner_ids=ids[place : place + 8])
        for place in range(0, 40, 8)
    )
    policy = Policy(tiers=PRODUCT_TIERS, reteach_share_milli=250)
    problem = replace(problem, sections=sections, policy=policy)
    rng = random.Random(seed)
    names = ("slots", "learners", "competencies", "needs", "sections")
    lists = {name: list(getattr(problem, name)) for name in names}
    for items in lists.values():
        rng.shuffle(items)
    shuffled = replace(problem, **{name: tuple(items) for name, items in lists.items()})
    assert claims_of(shuffled, seed) == claims_of(problem, seed)


def test_the_index_of_a_week_has_the_same_claims():
    """What the search reads is what is settled here."""
    problem = normalised(a_school(3, Shape()))
    assert index_of(problem, 9).claims == claims_of(problem, 9).claims
