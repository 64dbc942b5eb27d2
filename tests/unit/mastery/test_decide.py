"""Decisions take both keys and evidence enough, and each flag is what a teacher may rely on."""

from dataclasses import replace

import pytest

from services.mastery.domain.decide import decide, is_timed_only, keys_disagree
from services.mastery.domain.mastery import (
    InconsistentFactsError,
    check_policy,
    read_mastery,
)
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    CompetencyFacts,
    Decision,
    EstimateMicro,
    LearnerFacts,
    Policy,
    RuleChoice,
)
from services.mastery.domain.rules import (
    RULES,
    CreditOnlyRuleError,
    RuleParameterError,
    UnknownRuleError,
)
from services.mastery.domain.standing import summarise
from tests.support.mastery_facts import (
    DAY_US,
    LENIENT_POLICY,
    START_DAY,
    START_US,
    a_piece,
    a_revision,
    an_occasion,
    facts_of,
    rubric_days,
)

COMPETENCY = "competency-1"


def micro(p_half=900_000, p_seven=850_000, p_eight=800_000, p_nine=0):
    """Return an estimate in millionths that opens the proficient gate."""
    return EstimateMicro(
        success=800_000, p_half=p_half, p_seven=p_seven, p_eight=p_eight, p_nine=p_nine
    )


def facts(pieces=5, *, deep=0, untimed=5, days=2):
    """Return the facts of a number of pieces on distinct items, over a number of days."""
    window = tuple(
        a_piece(item_key=k, occur_time_us=START_US - k, local_day=START_DAY + k % days)
        for k in range(pieces)
    )
    return CompetencyFacts(
        evidence_count=pieces,
        deep_count=deep,
        untimed_count=untimed,
        window=window,
        occasions=(an_occasion(3),),
        competency=COMPETENCY,
    )


def decided(estimate, level, competency, policy=DEFAULT_POLICY):
    """Return the decision on an estimate, a level in thousandths and facts."""
    return decide(estimate, level, competency, summarise(competency), policy)


def read(revisions, *, days_later=0.0, policy=DEFAULT_POLICY):
    """Return the mastery of a history, a number of days after its newest piece."""
    learner, competency = facts_of(revisions, COMPETENCY)
    newest = max(e["occur_time_us"] for e in revisions)
    as_of_us = newest + round(days_later * DAY_US)
    return read_mastery(learner, competency, as_of_us=as_of_us, policy=policy)


def test_one_observation_is_insufficient():
    """One piece at level 1 decides nothing: insufficient, with a current level and no credit."""
    mastery = read(rubric_days(1))
    assert mastery.decision == Decision.INSUFFICIENT
    assert mastery.current_level_milli == 1_000
    assert mastery.credit_level_milli is None
    assert not mastery.needs_reteach


def test_no_evidence_is_unknown():
    """Without evidence there is no level, no newest time and no flag."""
    mastery = read_mastery(
        LearnerFacts(), CompetencyFacts(), as_of_us=START_US, policy=DEFAULT_POLICY
    )
    assert mastery.decision == Decision.INSUFFICIENT
    assert (mastery.credit_level_milli, mastery.current_level_milli) == (None, None)
    assert mastery.summary.newest_time_us is None
    flags = (mastery.needs_reteach, mastery.ready_to_reassess, mastery.refresh_due)
    assert flags == (False, False, False)
    assert mastery.explanation == "No evidence yet."


def test_levels_of_4_4_4_1_keep_the_credit_and_lower_the_need():
    """Credit stays 4, the current level is 2.05: the learner has earned it and may get help."""
    mastery = read(rubric_days(4, 4, 4, 1))
    assert mastery.credit_level_milli == 4_000
    assert mastery.current_level_milli == 2_050
    assert mastery.decision < Decision.PROFICIENT


@pytest.mark.parametrize(
    ("estimate", "level", "competency", "expected"),
    [
        (micro(), 3_000, facts(), Decision.PROFICIENT),
        (micro(), 2_999, facts(), Decision.APPROACHING),
        (micro(p_eight=700_000), 3_000, facts(), Decision.PROFICIENT),
        (micro(p_eight=699_999), 4_000, facts(), Decision.APPROACHING),
        (micro(p_half=599_999, p_eight=0), 4_000, facts(), Decision.NOT_YET),
        (micro(p_half=600_000, p_eight=0), 1_000, facts(), Decision.APPROACHING),
        (micro(p_nine=700_000), 3_500, facts(deep=1), Decision.EXEMPLARY),
        (micro(p_nine=699_999), 3_500, facts(deep=1), Decision.PROFICIENT),
        (micro(p_nine=700_000), 3_499, facts(deep=1), Decision.PROFICIENT),
        (micro(p_nine=700_000), 4_000, facts(deep=0), Decision.PROFICIENT),
        (micro(p_nine=700_000), 4_000, facts(3, deep=1), Decision.PROFICIENT),
        (micro(p_nine=700_000), 4_000, facts(2, deep=1), Decision.INSUFFICIENT),
        (micro(), None, facts(), Decision.INSUFFICIENT),
    ],
)
def test_each_threshold_holds_to_the_millionth(estimate, level, competency, expected):
    """A decision changes exactly at its thresholds, and one key never turns the lock alone."""
    assert decided(estimate, level, competency) == expected


def test_ability_shown_elsewhere_decides_nothing():
    """A hundred right answers in another competency leave two pieces here insufficient."""
    elsewhere = [a_revision(alignments={"competency-2": 1000}) for _ in range(100)]
    mastery = read([*elsewhere, *rubric_days(4, 4)])
    assert mastery.decision == Decision.INSUFFICIENT


def test_the_same_item_again_is_not_more_items():
    """Ten answers to one item are evidence of one item: insufficient."""
    assert read(rubric_days(*[4] * 10, item="item-x")).decision == Decision.INSUFFICIENT
    assert read(rubric_days(*[4] * 10, item=None)).summary.item_count == 10


def test_a_district_may_ask_for_several_days():
    """With a floor of two days, work of one day stays insufficient."""
    policy = Policy(minimum_days=2)
    assert decided(micro(), 3_000, facts(days=1), policy) == Decision.INSUFFICIENT
    assert decided(micro(), 3_000, facts(days=2), policy) == Decision.PROFICIENT


def test_timed_work_alone_never_makes_proficient():
    """However high both keys, work that was all against the clock stops at approaching."""
    timed = facts(deep=1, untimed=0)
    assert decided(micro(p_nine=999_999), 4_000, timed) == Decision.APPROACHING
    assert decided(micro(p_nine=999_999), 4_000, facts(untimed=1)) == Decision.PROFICIENT


def test_a_district_may_name_its_fluency_competencies():
    """The guard holds for the named competencies, and for all where none are named."""
    timed = facts(untimed=0)
    assert is_timed_only(timed, DEFAULT_POLICY)
    assert is_timed_only(timed, Policy(fluency_competencies=frozenset({COMPETENCY})))
    assert not is_timed_only(timed, Policy(fluency_competencies=frozenset({"other"})))


def test_a_policy_may_read_seven_tenths():
    """The lenient policy opens at P(p >= .7) >= .8 and asks for level 3 all the same."""
    open_gate = micro(p_seven=800_000, p_eight=500_000)
    assert decided(open_gate, 3_000, facts(), LENIENT_POLICY) == Decision.PROFICIENT
    assert decided(open_gate, 2_999, facts(), LENIENT_POLICY) == Decision.APPROACHING
    assert decided(open_gate, 3_000, facts()) == Decision.APPROACHING


def test_work_that_keeps_failing_asks_for_teaching_again():
    """Four pieces at level 1 give P(p < .5) above .8; two do not have the evidence."""
    assert read(rubric_days(1, 1, 1, 1)).needs_reteach
    assert not read(rubric_days(1, 1)).needs_reteach
    assert not read(rubric_days(3, 3, 3, 3)).needs_reteach


def reassessment(*, since="practice", days_later=1.0, levels=(4, 4, 4)):
    """Return the mastery after a failed summative at the start and work in the hours after it."""
    failed = rubric_days(1, purpose="summative")
    later = [
        e | {"occur_time_us": START_US + hour * 3_600_000_000}
        for hour, e in enumerate(rubric_days(*levels, purpose=since), start=1)
    ]
    learner, competency = facts_of([*failed, *later], COMPETENCY)
    as_of_us = START_US + round(days_later * DAY_US)
    policy = replace(DEFAULT_POLICY, reassess_gate=DEFAULT_POLICY.approaching_gate)
    return read_mastery(learner, competency, as_of_us=as_of_us, policy=policy)


def test_practice_after_a_summative_makes_ready_after_a_day():
    """New practice, a day of time and the gate open make a re-assessment worth booking."""
    assert reassessment().ready_to_reassess
    assert not reassessment(days_later=0.99).ready_to_reassess
    assert not reassessment(since="summative").ready_to_reassess
    assert not reassessment(levels=(1, 1, 1)).ready_to_reassess


def test_without_a_summative_there_is_nothing_to_assess_again():
    """Practice alone never says ready, nor does a summative with nothing after it."""
    assert not read(rubric_days(3, 4, 3, purpose="practice"), days_later=3).ready_to_reassess
    assert not read(rubric_days(3, 4, 3, purpose="summative"), days_later=3).ready_to_reassess


def test_waiting_alone_makes_a_refresh_due():
    """Just proficient when shown, below the gate after years without evidence: refresh."""
    history = rubric_days(4, 4, 4, 4)
    assert read(history).decision == Decision.PROFICIENT
    assert not read(history).refresh_due
    later = read(history, days_later=900)
    assert later.decision < Decision.PROFICIENT
    assert later.refresh_due
    assert later.current_level_milli == read(history).current_level_milli


def test_a_learner_who_was_never_proficient_has_nothing_to_refresh():
    """Long waiting makes no refresh of what was not reached."""
    assert not read(rubric_days(3, 3, 3), days_later=900).refresh_due


def test_a_refresh_is_due_through_waiting_alone():
    """Below the refresh gate from the first day on, by a district's own gates, is no refresh."""
    policy = Policy(proficient_gate=DEFAULT_POLICY.approaching_gate)
    history = rubric_days(3, 3, 3)
    assert read(history, policy=policy).decision == Decision.PROFICIENT
    assert not read(history, days_later=900, policy=policy).refresh_due


def test_keys_disagree_where_one_alone_says_proficient():
    """Level and gate are compared in both directions."""
    assert keys_disagree(micro(), 2_999, DEFAULT_POLICY)
    assert keys_disagree(micro(p_eight=0), 3_000, DEFAULT_POLICY)
    assert not keys_disagree(micro(), 3_000, DEFAULT_POLICY)
    assert not keys_disagree(micro(p_eight=0), 2_999, DEFAULT_POLICY)


def test_days_of_a_long_assessment_are_all_counted():
    """An assessment over three days is one occasion, and its pieces show three days."""
    history = rubric_days(3, 3, 3, assessment="source/task")
    summary = read(history).summary
    assert (summary.occasion_count, summary.day_count) == (1, 3)


def test_a_summary_names_the_newest_five():
    """Ids of at most five pieces go with a mastery, newest first."""
    history = rubric_days(*[3] * 7)
    assert read(history).summary.evidence == tuple(e["evidence_id"] for e in history[:1:-1])


def test_facts_that_no_evidence_has_are_refused():
    """A count without its window, or without an occasion, is an error and never a mastery."""
    good = facts(3)
    for bad in (replace(good, evidence_count=4), replace(good, occasions=())):
        with pytest.raises(InconsistentFactsError):
            read_mastery(LearnerFacts(), bad, as_of_us=START_US, policy=DEFAULT_POLICY)


def test_a_policy_with_a_wrong_rule_is_found_before_it_is_used():
    """Checking a policy finds an unknown rule and a parameter out of bounds."""
    check_policy(DEFAULT_POLICY)
    with pytest.raises(UnknownRuleError):
        check_policy(Policy(credit_rule=RuleChoice(name="best")))
    with pytest.raises(RuleParameterError):
        check_policy(Policy(current_rule=RuleChoice(name="decaying_average", parameter=20)))


@pytest.mark.parametrize(("name", "parameter"), [("highest", 0), ("n_mastery", 3), ("in_a_row", 3)])
def test_a_rule_for_credit_alone_is_refused_for_the_current_level(name, parameter):
    """By a rule that never falls nobody who forgets would get help; the error says what to do."""
    choice = RuleChoice(name=name, parameter=parameter)
    check_policy(Policy(credit_rule=choice))
    with pytest.raises(CreditOnlyRuleError, match="choose it for credit") as found:
        check_policy(Policy(current_rule=choice))
    offered = str(found.value).split("one of ")[1].split(", ")
    assert offered == sorted({rule.name for rule in RULES.values() if not rule.credit_only})


def test_every_other_rule_may_be_the_current_one():
    """Each rule that can fall is taken for credit and for the current level."""
    for rule in RULES.values():
        choice = RuleChoice(name=rule.name, parameter=rule.parameter_minimum)
        if not rule.credit_only:
            check_policy(Policy(credit_rule=choice, current_rule=choice))


def test_a_credit_rule_that_asks_for_more_leaves_credit_open():
    """Evidence enough to decide may be too little for credit, which then is none yet."""
    policy = Policy(credit_rule=RuleChoice(name="n_mastery", parameter=3))
    mastery = read(rubric_days(4, 4, 1), policy=policy)
    assert mastery.decision != Decision.INSUFFICIENT
    assert (mastery.credit_level_milli, mastery.current_level_milli) == (None, 2_050)
    assert read(rubric_days(4, 4, 4), policy=policy).credit_level_milli == 4_000


ASKS_FOR_TEN = Policy(current_rule=RuleChoice(name="in_a_row", parameter=10))
"""A current rule that asks for ten occasions, which `check_policy` refuses for another reason."""


def test_a_current_rule_without_a_level_decides_nothing():
    """With evidence enough and an open gate, but without a level, nothing is decided."""
    mastery = read(rubric_days(*[4] * 9), policy=ASKS_FOR_TEN)
    assert mastery.micro.p_eight >= 700_000
    assert mastery.decision == Decision.INSUFFICIENT
    assert (mastery.credit_level_milli, mastery.current_level_milli) == (None, None)
    assert not mastery.refresh_due
    assert read(rubric_days(*[4] * 10), policy=ASKS_FOR_TEN).decision >= Decision.PROFICIENT


def test_without_a_level_nothing_is_refreshed_however_long_it_waits():
    """Who was never proficient, since there was no level, has nothing to refresh."""
    assert not read(rubric_days(4, 4, 4, 4), days_later=900, policy=ASKS_FOR_TEN).refresh_due
