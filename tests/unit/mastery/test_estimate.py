"""The estimate moves as evidence says and never depends on how the evidence came in."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.domain.estimate import estimate, in_millionths, is_open, read_terms
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    CompetencyFacts,
    Estimate,
    Gate,
    LearnerFacts,
    Policy,
    Share,
)
from tests.support.mastery_facts import DAY_US, START_US, a_piece, a_revision, facts_of

COMPETENCY = "competency-1"
NOTHING = (LearnerFacts(), CompetencyFacts())


def estimated(facts, *, as_of_us=START_US, policy=DEFAULT_POLICY):
    """Return the estimate of (LearnerFacts, CompetencyFacts)."""
    learner, competency = facts
    return estimate(read_terms(learner, competency, as_of_us=as_of_us, policy=policy), policy)


def items(scores, competency=COMPETENCY):
    """Return one quiz item an hour with these scores, all of one competency."""
    return [
        a_revision(
            score=score,
            occur_time_us=START_US + hour * 3_600_000_000,
            alignments={competency: 1000},
        )
        for hour, score in enumerate(scores)
    ]


scores = st.lists(st.integers(0, 30_000), min_size=1, max_size=40)


def test_nothing_shown_reads_below_even():
    """Without any evidence m = -.7 and v is the floor and the two priors: a chance of .36."""
    found = estimated(NOTHING)
    assert found.m == pytest.approx(-0.7)
    assert found.v == pytest.approx(0.43 + 3.65 * 1.18**2 / 5.7 + 0.07 * 0.78**2 / 5.2)
    assert found.success == pytest.approx(0.3618, abs=1e-4)


def test_one_right_item_by_hand():
    """One right item at d = 0 gives, worked by hand: Ig = 1.0675, G = .3155, Is = .9225."""
    found = estimated(facts_of(items([30_000]), COMPETENCY))
    general = (4.2 + 0.07) / 2 / (4.27 / 4 + 5.7)
    specific = ((3.6 + 0.09) / 2 - 0.9 * general * 3.69 / 4) / (3.69 / 4 + 5.2)
    assert general == pytest.approx(0.3155, abs=1e-4)
    assert found.m == pytest.approx(1.18 * general + 0.78 * specific + 0.03 * math.log(2))


@settings(max_examples=60, deadline=None)
@given(scores, st.data())
def test_a_better_score_raises_the_estimate(shown, data):
    """Raising the score of any piece of the competency raises the mean, and moves no variance."""
    place = data.draw(st.integers(0, len(shown) - 1))
    better = data.draw(st.integers(shown[place], 30_000))
    before = items(shown)
    after = [e | {"score": better} if k == place else e for k, e in enumerate(before)]
    low, high = (estimated(facts_of(each, COMPETENCY)) for each in (before, after))
    assert low.m <= high.m + 1e-15
    assert low.v == high.v


@settings(max_examples=60, deadline=None)
@given(scores, scores)
def test_work_elsewhere_moves_the_estimate_less_than_work_here(here, elsewhere):
    """One more right item lifts the mean more when it is of this competency than of another."""
    base = items(here) + items(elsewhere, "competency-2")
    extra = {"score": 30_000, "occur_time_us": START_US + 10 * DAY_US}
    mine = [*base, a_revision(**extra)]
    other = [*base, a_revision(**extra, alignments={"competency-2": 1000})]
    lifted, nudged = (estimated(facts_of(each, COMPETENCY)) for each in (mine, other))
    assert lifted.m > nudged.m


@settings(max_examples=60, deadline=None)
@given(scores, st.floats(0, 2_000), st.floats(0, 2_000))
def test_waiting_lowers_the_mean_and_widens_the_estimate(shown, first, second):
    """With more days since the newest evidence the mean never rises and the variance never falls.

    (P(p >= .8) of a weak learner may rise a little: it becomes less sure that they cannot.)
    """
    facts = facts_of(items(shown), COMPETENCY)
    newest = facts[1].window[0].occur_time_us
    sooner, later = sorted((first, second))
    near, far = (
        estimated(facts, as_of_us=newest + round(days * DAY_US)) for days in (sooner, later)
    )
    assert near.m >= far.m
    assert near.v <= far.v


def test_a_time_before_the_newest_evidence_forgets_nothing():
    """The gap is never negative."""
    facts = facts_of(items([30_000]), COMPETENCY)
    early = estimated(facts, as_of_us=START_US - 5 * DAY_US)
    assert early == estimated(facts, as_of_us=START_US)


@settings(max_examples=60, deadline=None)
@given(scores)
def test_higher_shares_are_never_likelier(shown):
    """P(p >= .5) >= P(p >= .7) >= P(p >= .8) >= P(p >= .9), and all lie in 0 to 1."""
    found = estimated(facts_of(items(shown), COMPETENCY))
    chances = [1.0, found.p_half, found.p_seven, found.p_eight, found.p_nine, 0.0]
    assert chances == sorted(chances, reverse=True)


@settings(max_examples=40, deadline=None)
@given(scores, st.randoms(use_true_random=False))
def test_the_order_of_arrival_is_forgotten(shown, rng):
    """Facts of the same evidence in another order give the very same floats."""
    there = items(shown)
    back = list(there)
    rng.shuffle(back)
    assert estimated(facts_of(there, COMPETENCY)) == estimated(facts_of(back, COMPETENCY))


def test_evidence_beyond_the_window_still_counts_a_little():
    """With equal windows, better older evidence gives a higher mean, by its lasting share."""
    weak, strong = (
        estimated(facts_of(items([old] * 8 + [15_000] * 32), COMPETENCY)) for old in (0, 30_000)
    )
    assert 0.0 < strong.m - weak.m < 0.3


@pytest.mark.parametrize("r_sum", [-(2**62), 2**62])
def test_sums_of_any_size_give_a_probability(r_sum):
    """Sums as large as a column holds overflow nothing: the chance ends at 0 or 1."""
    piece = a_piece()
    learner = LearnerFacts(r_sum=r_sum, i_sum=0, evidence_count=1, window=(piece,))
    competency = CompetencyFacts(r_sum=r_sum, i_sum=0, evidence_count=1, window=(piece,))
    found = estimated((learner, competency))
    assert found.success == pytest.approx(1.0 if r_sum > 0 else 0.0, abs=1e-9)


def test_a_district_may_leave_other_competencies_out():
    """Without the learner-wide term, work elsewhere moves nothing."""
    policy = Policy(learner_wide=False)
    alone = facts_of(items([30_000, 0, 30_000]), COMPETENCY)
    weak_elsewhere, _ = facts_of(items([0] * 20, "competency-2"), COMPETENCY)
    among = (weak_elsewhere, alone[1])
    assert estimated(among, policy=policy) == estimated(alone, policy=policy)
    assert estimated(among).m < estimated(alone).m


def test_calibration_shifts_and_scales_the_mean():
    """A district's intercept and slope act on the whole of the mean, in this order."""
    facts = facts_of(items([30_000, 0, 30_000]), COMPETENCY)
    plain = estimated(facts)
    calibrated = estimated(facts, policy=Policy(intercept=0.5, slope=1.2))
    assert calibrated.m == pytest.approx(0.5 + 1.2 * plain.m)
    assert calibrated.v == plain.v


def test_a_harder_grade_level_task_lowers_the_chance():
    """A reference difficulty of one logit takes .95 from the mean."""
    learner, competency = facts_of(items([30_000, 0]), COMPETENCY)
    harder = estimated((learner, replace(competency, reference_d64=64)))
    assert harder.m == pytest.approx(estimated((learner, competency)).m - 0.95)


def test_millionths_are_rounded_half_up():
    """What is stored is whole millionths, halves up, 0 and a million at the ends."""
    micro = in_millionths(
        Estimate(m=0, v=1, success=0.1234565, p_half=1.0, p_seven=0.0, p_eight=4e-7, p_nine=5e-7)
    )
    assert (micro.success, micro.p_half, micro.p_seven) == (123_457, 1_000_000, 0)
    assert (micro.p_eight, micro.p_nine) == (0, 1)


@pytest.mark.parametrize("share", list(Share))
def test_a_gate_opens_at_its_threshold(share):
    """A gate reads the chance of its own share and is open at exactly its threshold."""
    names = {500: "p_half", 700: "p_seven", 800: "p_eight", 900: "p_nine"}
    chances = dict.fromkeys(("p_half", "p_seven", "p_eight", "p_nine"), 0.0)
    micro = in_millionths(Estimate(m=0, v=1, success=0, **chances | {names[share]: 0.7}))
    assert is_open(Gate(share=share, at_least_micro=700_000), micro)
    assert not is_open(Gate(share=share, at_least_micro=700_001), micro)
