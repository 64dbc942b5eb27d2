"""What a teacher is told adds up, and says which work and which days made the difference."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.domain.estimate import estimate, read_terms
from services.mastery.domain.explain import EffectSource, breakdown
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    CompetencyFacts,
    LearnerFacts,
    Policy,
    RuleChoice,
)
from services.mastery.domain.rules import RULES
from tests.support import mastery_reference as reference
from tests.support.mastery_facts import (
    DAY_US,
    START_US,
    a_history,
    a_revision,
    facts_of,
    rubric_days,
)

COMPETENCY = "competency-1"
CALIBRATED = Policy(intercept=-0.3, slope=1.4)


def told(revisions, *, days_later=0.0, policy=DEFAULT_POLICY):
    """Return the sentence on a history, a number of days after its newest piece."""
    learner, competency = facts_of(revisions, COMPETENCY)
    newest = max(e["occur_time_us"] for e in revisions)
    as_of_us = newest + round(days_later * DAY_US)
    return read_mastery(learner, competency, as_of_us=as_of_us, policy=policy).explanation


def effects_and_mean(facts, as_of_us, policy):
    """Return the breakdown and the mean that it must sum to."""
    learner, competency = facts
    terms = read_terms(learner, competency, as_of_us=as_of_us, policy=policy)
    return breakdown(terms, competency, policy), estimate(terms, policy).m


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([DEFAULT_POLICY, CALIBRATED]))
def test_the_effects_sum_to_the_mean(seed, policy):
    """On random histories the breakdown sums to m within 1e-12, calibrated or not."""
    revisions, as_of_us = a_history(seed)
    live = [e for e in reference.winners(revisions) if e["learner"] == "learner-1"]
    effects, mean = effects_and_mean(facts_of(live, COMPETENCY), as_of_us, policy)
    assert sum(effect.logits for effect in effects) == pytest.approx(mean, rel=0, abs=1e-12)


def test_no_evidence_is_explained_too():
    """Without evidence the one effect is that nothing was shown, and it is the mean."""
    effects, mean = effects_and_mean((LearnerFacts(), CompetencyFacts()), START_US, DEFAULT_POLICY)
    moved = [effect for effect in effects if effect.logits]
    assert [effect.source for effect in moved] == [EffectSource.NO_EVIDENCE]
    assert moved[0].logits == mean == -0.7


def test_effects_name_their_pieces_newest_first():
    """Each piece of the window has an effect of its own; what left the window has one together."""
    facts = facts_of(rubric_days(*[4] * 40), COMPETENCY)
    effects, _ = effects_and_mean(facts, START_US + 40 * DAY_US, DEFAULT_POLICY)
    pieces = tuple(e.work for e in effects if e.source == EffectSource.PIECE)
    older = [e for e in effects if e.source == EffectSource.OLDER]
    assert pieces == facts[1].window
    assert older[0].logits > 0


def test_a_sentence_shows_arithmetic_amount_piece_and_gap():
    """Level by its own numbers, chance, amounts, the piece that counted most, days without."""
    assert told(rubric_days(4, 4, 4, 1, kind="quiz"), days_later=34) == (
        "Decaying average: 0.65 × 1 + 0.35 × 4 = 2.05. Credit: 4, the highest of 4 occasions. "
        "Estimate: 22 % chance of 8 in 10 or better on a typical task, from 4 pieces, 4 items, "
        "4 days; the quiz of 19 February counted most (−0.37); "
        "34 days without evidence (−0.32)."
    )


def test_days_are_those_of_the_school():
    """The day named is the piece's local day, by its month's English name."""
    day = date(2026, 5, 12).toordinal() - date(1970, 1, 1).toordinal()
    work = [a_revision(local_day=day, scale="rubric", kind="observation") for _ in range(3)]
    assert "the observation of 12 May counted most" in told(work)


def test_a_short_gap_is_not_mentioned():
    """Under two weeks without evidence say nothing to a teacher."""
    assert "without evidence" not in told(rubric_days(3, 3, 3), days_later=13.9)
    assert "14 days without evidence" in told(rubric_days(3, 3, 3), days_later=14)


def test_too_little_evidence_says_what_is_asked_for():
    """An insufficient mastery is told with its amounts and with the floor."""
    assert told(rubric_days(4)) == (
        "Too little evidence to say: 1 piece, 1 item, 1 day; "
        "a decision asks for 3 pieces on 2 items."
    )
    policy = Policy(minimum_days=2)
    assert told(rubric_days(4), policy=policy).endswith("3 pieces on 2 items on 2 days.")


def test_credit_that_is_none_yet_says_what_it_waits_for():
    """Where the credit rule asks for more than there is, the sentence says how far it is."""
    policy = Policy(credit_rule=RuleChoice(name="n_mastery", parameter=3))
    assert told(rubric_days(4, 4, 1), policy=policy).startswith(
        "Decaying average: 0.65 × 1 + 0.35 × 4 = 2.05. "
        "No credit yet: 2 of the 3 occasions at level 3 or more that are asked for. "
        "Estimate: "
    )


def test_a_level_that_is_none_yet_says_what_it_waits_for():
    """With evidence enough for a decision, what is missing is what the current rule asks for."""
    policy = Policy(current_rule=RuleChoice(name="n_mastery", parameter=3))
    assert told(rubric_days(4, 4, 1), policy=policy) == (
        "No level yet: 2 of the 3 occasions at level 3 or more that are asked for."
    )
    assert told(rubric_days(4), policy=policy).startswith("Too little evidence to say: 1 piece")


@pytest.mark.parametrize("name", sorted(name for name, _ in RULES))
def test_every_rule_has_its_place_in_a_sentence(name):
    """By each rule, for credit and as current one, sentences begin as sentences and stay short."""
    rule = RULES[name, 1]
    choice = RuleChoice(name=name, parameter=rule.parameter_maximum)
    for policy in (Policy(credit_rule=choice), Policy(current_rule=choice)):
        for levels in ((3,), (1, 2, 3, 4), (4, 4, 4, 1), (2.5, 3.5) * 10):
            sentence = told(rubric_days(*levels), policy=policy)
            assert sentence[0].isupper() or sentence[0].isdigit()
            assert sentence.endswith(".")
            assert len(sentence) <= 500


def test_two_keys_that_disagree_are_both_told():
    """A level without its estimate names the chance; easy work is named as the reason."""
    assert told(rubric_days(3, 3, 3)).endswith(
        "The level is 3, but the estimate has 20 % where 70 % is asked for."
    )
    assert told(rubric_days(3, 3, 3, dok=1)).endswith(
        "where 70 % is asked for: 3 of 3 pieces at DOK 1."
    )
    assert "The estimate has its 70 %, but the level is 2.95." in told(
        rubric_days(*[4] * 20, 2.385, dok=4)
    )


def test_what_this_competency_alone_says_is_told_where_it_differs():
    """Where work elsewhere moves the decision, the chance without it stands beside."""
    elsewhere = rubric_days(*[4] * 20, dok=4)
    for e in elsewhere:
        e["alignments"] = {"competency-2": 1000}
        e["occur_time_us"] -= 30 * DAY_US
    mixed = told([*elsewhere, *rubric_days(4, 4, 4)])
    assert "From this competency's evidence alone: 64 %." in mixed
    assert "alone" not in told(rubric_days(4, 4, 4))


def test_timed_work_is_told_where_it_holds_a_decision_back():
    """With both keys turned by timed work alone, the sentence asks for work without a clock."""
    asked = "All of it was against the clock; work without a clock is asked for."
    assert asked in told(rubric_days(*[4] * 6, timed=True))
    assert asked not in told(rubric_days(*[4] * 6, timed=False))
    assert asked not in told(rubric_days(1, 1, 1, timed=True))


def test_a_chance_is_never_told_as_certain():
    """However much was shown, a sentence says at most 99 % and at least 1 %."""
    assert "99 % chance" in told(rubric_days(*[4] * 60, dok=4))
    assert "1 % chance" in told(rubric_days(*[1] * 60))


def test_sentences_stay_short():
    """No sentence on 100 random histories is longer than 400 characters."""
    for seed in range(100):
        revisions, as_of_us = a_history(seed)
        live = [e for e in reference.winners(revisions) if e["learner"] == "learner-1"]
        learner, competency = facts_of(live, COMPETENCY)
        found = read_mastery(learner, competency, as_of_us=as_of_us, policy=DEFAULT_POLICY)
        assert 0 < len(found.explanation) <= 400
