"""A need is a gap or too little evidence to say, and never the mere lack of any."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    LENIENT_POLICY,
    CompetencyFacts,
    Decision,
    LearnerFacts,
)
from services.mastery.domain.needs import NeedReason, is_need, need_reasons
from tests.support import mastery_reference as reference
from tests.support.mastery_facts import START_US, a_history, facts_of, rubric_days

COMPETENCY = "competency-1"


def mastery_of(revisions, policy=DEFAULT_POLICY):
    """Return the mastery of a history at its newest piece."""
    learner, competency = facts_of(revisions, COMPETENCY)
    as_of_us = max(e["occur_time_us"] for e in revisions)
    return read_mastery(learner, competency, as_of_us=as_of_us, policy=policy)


def reasons(revisions, policy=DEFAULT_POLICY):
    """Return why the mastery of a history is a need."""
    return need_reasons(mastery_of(revisions, policy), policy)


def test_a_low_level_is_a_need():
    """Levels 4, 4, 4, 1 are a need by level and by estimate, whatever the credit."""
    assert reasons(rubric_days(4, 4, 4, 1)) == (NeedReason.LEVEL, NeedReason.ESTIMATE)


def test_an_unsure_estimate_is_a_need():
    """Three pieces at level 3 reach the level and leave the estimate short."""
    assert reasons(rubric_days(3, 3, 3)) == (NeedReason.ESTIMATE,)


def test_too_little_evidence_is_a_need():
    """One piece at level 1 is a need for its small evidence, beside its level and estimate."""
    assert reasons(rubric_days(1)) == (
        NeedReason.INSUFFICIENT,
        NeedReason.LEVEL,
        NeedReason.ESTIMATE,
    )


def test_proficient_is_no_need():
    """Both keys turned leave nothing to teach."""
    assert reasons(rubric_days(*[4] * 8)) == ()


def test_proficient_by_a_lenient_policy_is_no_need():
    """A district's own gate decides: three pieces at level 4 pass the lenient preset."""
    history = rubric_days(4, 4, 4)
    assert reasons(history) == (NeedReason.ESTIMATE,)
    assert reasons(history, LENIENT_POLICY) == ()


def test_timed_work_alone_is_a_need_for_a_check():
    """Both keys turned against the clock leave one thing to find out."""
    assert reasons(rubric_days(*[4] * 8, timed=True)) == (NeedReason.TIMED_ONLY,)


def test_no_evidence_at_all_is_no_need():
    """A competency without live evidence is unknown, as if nothing had ever been sent."""
    unknown = read_mastery(
        LearnerFacts(), CompetencyFacts(), as_of_us=START_US, policy=DEFAULT_POLICY
    )
    assert unknown.decision == Decision.INSUFFICIENT
    assert not is_need(unknown, DEFAULT_POLICY)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([DEFAULT_POLICY, LENIENT_POLICY]))
def test_a_need_is_whatever_has_evidence_and_is_not_proficient(seed, policy):
    """On random histories a mastery is a need exactly where it has evidence and falls short."""
    revisions, as_of_us = a_history(seed)
    live = [e for e in reference.winners(revisions) if e["learner"] == "learner-1"]
    learner, competency = facts_of(live, COMPETENCY)
    mastery = read_mastery(learner, competency, as_of_us=as_of_us, policy=policy)
    falls_short = mastery.decision < Decision.PROFICIENT
    assert is_need(mastery, policy) == (falls_short and competency.evidence_count > 0)
