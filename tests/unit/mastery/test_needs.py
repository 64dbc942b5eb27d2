"""A need is a gap or too little evidence to say, and never the mere lack of any."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.domain.mastery import InconsistentFactsError, read_mastery
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    CompetencyFacts,
    Decision,
    LearnerFacts,
    Need,
    Policy,
    RuleChoice,
)
from services.mastery.domain.needs import is_need, read_decisions, read_needs
from tests.support import mastery_reference as reference
from tests.support.mastery_facts import LENIENT_POLICY, START_US, a_history, facts_of, rubric_days

COMPETENCY = "competency-1"
ASKS_FOR_TEN = Policy(current_rule=RuleChoice(name="in_a_row", parameter=10))
"""A current rule that often has no level."""
POLICIES = [DEFAULT_POLICY, LENIENT_POLICY, Policy(learner_wide=False), ASKS_FOR_TEN]


def need_of(revisions, policy=DEFAULT_POLICY):
    """Return the need of a history at its newest piece, None where it is none."""
    learner, competency = facts_of(revisions, COMPETENCY)
    as_of_us = max(e["occur_time_us"] for e in revisions)
    needs = read_needs(learner, [competency], as_of_us=as_of_us, policy=policy)
    return needs[0] if needs else None


def test_a_low_level_is_a_need():
    """Levels 4, 4, 4, 1 are a need whatever the credit, with the level of now."""
    need = need_of(rubric_days(4, 4, 4, 1))
    assert (need.competency, need.current_level_milli) == (COMPETENCY, 2_050)


def test_an_unsure_estimate_is_a_need():
    """Three pieces at level 3 reach the level and leave the estimate short."""
    need = need_of(rubric_days(3, 3, 3))
    assert need.current_level_milli == 3_000
    assert need.micro.p_eight < 700_000


def test_too_little_evidence_is_a_need():
    """One piece at level 1 is a need, which tells its level although it decides nothing yet."""
    need = need_of(rubric_days(1))
    assert (need.decision, need.current_level_milli) == (Decision.INSUFFICIENT, 1_000)


def test_evidence_without_a_level_is_a_need():
    """Where the current rule says none yet, more is to be shown: a need without a level."""
    need = need_of(rubric_days(*[4] * 9), ASKS_FOR_TEN)
    assert (need.decision, need.current_level_milli) == (Decision.INSUFFICIENT, None)
    assert need_of(rubric_days(*[4] * 10), ASKS_FOR_TEN) is None


def test_proficient_is_no_need():
    """Both keys turned leave nothing to teach."""
    assert need_of(rubric_days(*[4] * 8)) is None


def test_proficient_by_a_lenient_policy_is_no_need():
    """A policy's own gate decides: three pieces at level 4 pass the lenient policy."""
    history = rubric_days(4, 4, 4)
    assert need_of(history) is not None
    assert need_of(history, LENIENT_POLICY) is None


def test_timed_work_alone_is_a_need_for_a_check():
    """Both keys turned against the clock leave one thing to find out."""
    need = need_of(rubric_days(*[4] * 8, timed=True))
    assert (need.current_level_milli, need.micro.p_eight >= 700_000) == (4_000, True)


def test_no_evidence_at_all_is_no_need():
    """A competency without live evidence is unknown, as if nothing had ever been sent."""
    unknown = read_mastery(
        LearnerFacts(), CompetencyFacts(), as_of_us=START_US, policy=DEFAULT_POLICY
    )
    assert unknown.decision == Decision.INSUFFICIENT
    assert not is_need(unknown)
    nothing = read_needs(
        LearnerFacts(), [CompetencyFacts()], as_of_us=START_US, policy=DEFAULT_POLICY
    )
    assert nothing == []


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(POLICIES))
def test_a_need_tells_what_its_mastery_tells(seed, policy):
    """On random histories needs are the masteries with evidence and short of proficient."""
    revisions, as_of_us = a_history(seed)
    live = [e for e in reference.winners(revisions) if e["learner"] == "learner-1"]
    learner, competency = facts_of(live, COMPETENCY)
    mastery = read_mastery(learner, competency, as_of_us=as_of_us, policy=policy)
    expected = Need(
        competency=COMPETENCY,
        decision=mastery.decision,
        current_level_milli=mastery.current_level_milli,
        micro=mastery.micro,
        summary=mastery.summary,
        needs_reteach=mastery.needs_reteach,
        version=mastery.version,
    )
    short = mastery.decision < Decision.PROFICIENT and competency.evidence_count > 0
    found = read_needs(learner, [competency], as_of_us=as_of_us, policy=policy)
    assert found == ([expected] if short else [])


def test_facts_that_no_evidence_has_make_no_need():
    """A count without its window is an error here as for a mastery."""
    learner, competency = facts_of(rubric_days(1, 1, 1), COMPETENCY)
    with pytest.raises(InconsistentFactsError):
        read_needs(
            learner,
            [replace(competency, evidence_count=4)],
            as_of_us=START_US,
            policy=DEFAULT_POLICY,
        )


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(POLICIES))
def test_decisions_are_those_of_masteries(seed, policy):
    """Of every competency, need or not, with evidence and without."""
    revisions, as_of_us = a_history(seed)
    live = [e for e in reference.winners(revisions) if e["learner"] == "learner-1"]
    learner, _ = facts_of(live, COMPETENCY)
    competencies = [facts_of(live, f"competency-{k}")[1] for k in (1, 2, 9)]
    found = read_decisions(learner, competencies, as_of_us=as_of_us, policy=policy)
    assert found == {
        one.competency: read_mastery(learner, one, as_of_us=as_of_us, policy=policy).decision
        for one in competencies
    }
