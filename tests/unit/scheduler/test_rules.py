"""The evidence floor and the weights, with numbers worked by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.domain.model import Decision, Layout, SessionKind
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy, Tier, Weights
from services.scheduler.domain.rules import (
    Entitlement,
    Lack,
    all_consent,
    check_weight_milli,
    entitlement_of,
    freshness_milli,
    help_weight_milli,
    lack_of,
    may_work_on,
    session_cap,
    session_minimum,
    waiting_milli,
)
from tests.support.schools import (
    AS_OF_DAY,
    a_competency,
    a_learner,
    a_need,
    a_room,
    an_adult,
    an_offer,
)

WEIGHTS = Weights()


def test_enough_evidence_of_a_gap_allows_help():
    """5 pieces on 3 days, newest today, level 1.8, P(p >= .8) = .1: help."""
    assert entitlement_of(a_need(), Policy(), AS_OF_DAY) is Entitlement.HELP


@pytest.mark.parametrize(
    "lack",
    [
        {"evidence_count": 1},
        {"day_count": 1},
        {"newest_day": AS_OF_DAY - timedelta(days=31)},
        {"newest_day": None},
        {"newest_day": AS_OF_DAY + timedelta(days=1)},
    ],
)
def test_where_counts_days_or_age_fall_short_a_check_comes_first(lack):
    """Each lack of the floor alone turns help into a check; what is newer than the run is one."""
    assert entitlement_of(a_need(**lack), Policy(), AS_OF_DAY) is Entitlement.CHECK


def test_a_decision_that_cannot_be_made_yet_does_not_keep_a_learner_from_help():
    """Mastery's floor is of what is said of a competency; two pieces on two days may seat."""
    need = a_need(decision=Decision.INSUFFICIENT, evidence_count=2, day_count=2)
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.HELP


@pytest.mark.parametrize(
    ("lack", "expected"),
    [
        ({}, None),
        ({"evidence_count": 1, "day_count": 1}, Lack.COUNT),
        ({"evidence_count": 6, "day_count": 1}, Lack.DAYS),
        ({"newest_day": AS_OF_DAY - timedelta(days=31)}, Lack.AGE),
        ({"newest_day": None}, Lack.AGE),
        ({"level_milli": None}, Lack.LEVEL),
        ({"level_milli": None, "day_count": 1}, Lack.DAYS),
    ],
)
def test_what_is_lacking_is_named(lack, expected):
    """The first of count, days, age and level that falls short."""
    assert lack_of(a_need(**lack), Policy(), AS_OF_DAY) is expected


@pytest.mark.parametrize(("level", "p8"), [(3000, 0), (4000, 0), (1000, 700_000), (2999, 999_999)])
def test_without_a_gap_there_is_neither_help_nor_check(level, p8):
    """A level of 3 or P(p >= .8) of .7 is no gap, however much evidence there is."""
    need = a_need(level_milli=level, at_least_eight_tenths_micro=p8)
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.NOTHING


def test_without_a_level_there_is_a_check_and_no_help():
    """Nobody is helped by a level that there is not; an estimate that is sure asks for nothing."""
    need = a_need(level_milli=None)
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.CHECK
    sure = a_need(level_milli=None, at_least_eight_tenths_micro=700_000)
    assert entitlement_of(sure, Policy(), AS_OF_DAY) is Entitlement.NOTHING
    lowest = a_need(level_milli=1000)
    assert check_weight_milli(need, a_competency(), WEIGHTS) == check_weight_milli(
        lowest, a_competency(), WEIGHTS
    )


def test_the_floor_ends_where_it_says():
    """Exactly 2 pieces on 2 days, 30 days old, level 2.999, P just under .7: still help."""
    need = a_need(
        evidence_count=2,
        day_count=2,
        newest_day=AS_OF_DAY - timedelta(days=30),
        level_milli=2999,
        at_least_eight_tenths_micro=699_999,
    )
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.HELP


def test_scores_of_4_4_4_1_with_a_current_need_of_2_05_allow_help():
    """Credit may stay 4: the current level of 2.05 and four pieces on four days pass the floor."""
    need = a_need(level_milli=2050, evidence_count=4, day_count=4)
    assert entitlement_of(need, Policy(), AS_OF_DAY) is Entitlement.HELP


@pytest.mark.parametrize(("days", "milli"), [(0, 1000), (6, 900), (15, 750), (30, 500), (90, 500)])
def test_freshness_falls_in_a_line_to_a_half_at_thirty_days(days, milli):
    """1 - days/60, never under a half."""
    assert freshness_milli(days, WEIGHTS) == milli


@pytest.mark.parametrize(
    ("weeks", "milli"), [(0, 1000), (1, 1250), (3, 1750), (4, 2000), (9, 2000)]
)
def test_waiting_adds_a_quarter_a_week_up_to_twice(weeks, milli):
    """1 + 0.25 a week, at most 2."""
    assert waiting_milli(weeks, WEIGHTS) == milli


def test_the_weight_is_gap_times_essential_times_freshness_times_waiting():
    """(3 - 1.8) x 2 x 0.9 x 1.25 = 2.7 points."""
    need = a_need(newest_day=AS_OF_DAY - timedelta(days=6), weeks_waiting=1)
    assert help_weight_milli(need, a_competency(essential=True), AS_OF_DAY, WEIGHTS) == 2700


def test_the_weight_is_rounded_half_up_and_never_nothing():
    """0.001 x 1 x 0.5 x 1 is half a thousandth: 1; and 1.201 x 0.983 = 1.180583: 1.181."""
    old = AS_OF_DAY - timedelta(days=30)
    least = a_need(level_milli=2999, newest_day=old)
    assert help_weight_milli(least, a_competency(), AS_OF_DAY, WEIGHTS) == 1
    other = a_need(level_milli=1799, newest_day=AS_OF_DAY - timedelta(days=1))
    assert help_weight_milli(other, a_competency(), AS_OF_DAY, WEIGHTS) == 1181


def test_a_check_is_worth_half_of_gap_times_essential_times_waiting():
    """(3 - 1) x 2 x 1.5 / 2 = 3 points, however old the one observation is."""
    need = a_need(level_milli=1000, weeks_waiting=2, newest_day=None)
    assert check_weight_milli(need, a_competency(essential=True), WEIGHTS) == 3000


@pytest.mark.parametrize(
    ("kind", "cap", "capacity", "expected"),
    [
        (SessionKind.SMALL_GROUP, 0, 30, 5),
        (SessionKind.SMALL_GROUP, 4, 30, 4),
        (SessionKind.SMALL_GROUP, 9, 30, 5),
        (SessionKind.SMALL_GROUP, 0, 3, 3),
        (SessionKind.ONE_TO_ONE, 0, 30, 1),
        (SessionKind.COMMONS, 0, 120, 120),
        (SessionKind.SERVICE, 6, 30, 6),
        (SessionKind.COMMONS, 0, None, 30),
        (SessionKind.CHECK, 0, 30, 8),
        (SessionKind.REASSESSMENT, 0, 30, 8),
        (SessionKind.ENRICHMENT, 0, 40, 30),
    ],
)
def test_the_least_of_policy_offer_and_room_is_the_cap(kind, cap, capacity, expected):
    """H3: the smallest limit that says anything binds; a roomless commons takes enrichment's."""
    room = None if capacity is None else a_room(capacity=capacity)
    assert session_cap(Policy(), an_offer(kind=kind, cap=cap), room) == expected


@pytest.mark.parametrize(
    ("kind", "tier", "cap", "expected"),
    [
        (SessionKind.SMALL_GROUP, PRODUCT_TIERS[0], 0, 3),
        (SessionKind.SMALL_GROUP, PRODUCT_TIERS[1], 0, 5),
        (SessionKind.SMALL_GROUP, PRODUCT_TIERS[1], 4, 4),
        (SessionKind.SMALL_GROUP, Tier(tier_id="1", cap=9), 0, 9),
        (SessionKind.SMALL_GROUP, None, 0, 5),
        (SessionKind.ONE_TO_ONE, PRODUCT_TIERS[0], 0, 1),
    ],
)
def test_a_small_group_holds_what_its_tier_allows(kind, tier, cap, expected):
    """H3: the tier's cap stands for the policy's; one-to-one stays one."""
    assert session_cap(Policy(), an_offer(kind=kind, cap=cap), a_room(), tier) == expected


@pytest.mark.parametrize(
    ("layout", "expected"), [("", 12), ("rows", 20), ("circle", 8), ("unheard-of", 12)]
)
def test_a_room_holds_what_its_layout_allows(layout, expected):
    """H3: more in rows, fewer in a circle, else what the room says."""
    layouts = (Layout(layout="rows", capacity=20), Layout(layout="circle", capacity=8))
    room = replace(a_room(capacity=12), layouts=layouts)
    assert session_cap(Policy(), an_offer(layout=layout), room) == expected


@pytest.mark.parametrize(
    ("changes", "consented", "expected"),
    [
        ({"legal": "hb1416"}, False, 4),
        ({"legal": "hb1416"}, True, 5),
        ({"legal": "hb1416", "cap": 3}, False, 3),
        ({}, False, 5),
    ],
)
def test_law_sets_a_limit_until_every_consent_is_on_file(changes, consented, expected):
    """H3: four in a legal group; with all consents the other limits alone."""
    offer = an_offer(kind=SessionKind.SMALL_GROUP, **changes)
    assert session_cap(Policy(), offer, a_room(), consented=consented) == expected


def test_where_law_alone_says_anything_the_cap_of_enrichment_stands_beside_it():
    """A roomless legal service: at most 30, and at most 4."""
    offer = an_offer(kind=SessionKind.SERVICE, legal="hb1416")
    assert session_cap(Policy(), offer, None) == 4
    assert session_cap(Policy(enrichment_cap=3), offer, None) == 3
    assert session_cap(Policy(), offer, None, consented=True) == 30


def test_one_consent_that_is_missing_is_enough_for_the_legal_limit():
    """Every learner in the group has to have one, of this law."""
    offer = an_offer(kind=SessionKind.SMALL_GROUP, legal="hb1416")
    one, other = a_learner(consents=("hb1416", "other")), a_learner("leo", consents=("other",))
    assert all_consent(offer, (one,))
    assert not all_consent(offer, (one, other))


@pytest.mark.parametrize(
    ("kind", "minimum", "of_tier", "of_policy", "expected"),
    [
        (SessionKind.SMALL_GROUP, 0, 0, 2, 2),
        (SessionKind.SMALL_GROUP, 0, 3, 2, 3),
        (SessionKind.SMALL_GROUP, 4, 3, 2, 4),
        (SessionKind.SMALL_GROUP, 1, 3, 2, 1),
        (SessionKind.CHECK, 0, None, 2, 2),
        (SessionKind.ENRICHMENT, 8, None, 2, 8),
        (SessionKind.ENRICHMENT, 0, None, 0, 1),
        (SessionKind.ONE_TO_ONE, 4, 3, 2, 1),
        (SessionKind.SERVICE, 4, None, 2, 1),
        (SessionKind.COMMONS, 4, None, 2, 1),
    ],
)
def test_a_session_is_held_for_what_offer_tier_or_policy_say(
    kind, minimum, of_tier, of_policy, expected
):
    """S7: the offer's minimum, else the tier's, else the policy's; never under one."""
    tier = None if of_tier is None else Tier(tier_id="2", cap=5, minimum=of_tier)
    policy = Policy(session_minimum=of_policy)
    assert session_minimum(policy, an_offer(kind=kind, minimum=minimum), tier) == expected


@pytest.mark.parametrize(
    ("subjects", "subject", "competencies", "expected"),
    [
        (("math",), "math", (), True),
        (("english",), "math", (), False),
        (("math",), "english", (), False),
        (("math",), "", ("fractions",), True),
        (("math",), "", ("angles",), False),
        (("math",), "", (), False),
        (("math",), "math", ("angles",), False),
    ],
)
def test_a_session_works_on_what_its_adult_and_its_offer_allow(
    subjects, subject, competencies, expected
):
    """H9: qualified for the subject; the offer names the competency, or all of a subject."""
    offer = an_offer(kind=SessionKind.SMALL_GROUP, subject=subject, competencies=competencies)
    assert may_work_on(an_adult(subjects=subjects), offer, a_competency()) is expected
