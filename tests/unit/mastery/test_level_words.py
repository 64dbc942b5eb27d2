"""A district's words for levels: they follow the level, and change nothing that is decided."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.adapters.wire.mastery import mastery_to
from services.mastery.domain.level_words import district_sentence, level_words, written
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import DEFAULT_POLICY, Policy, RuleChoice
from services.mastery.domain.needs import read_needs
from services.mastery.domain.occasion_levels import level_text
from services.mastery.domain.scales import LEVELS_AS_THEY_ARE, NumberScale, Step, StepScale
from tests.support import mastery_reference as reference
from tests.support.mastery_facts import a_history, facts_of, rubric_days
from tests.support.mastery_policies import SCALES, steps

PAGE = Path(__file__).parents[3] / "docs/mastery.md"
NAMES = (
    Step(name="beginning", from_level_milli=1_000),
    Step(name="developing", from_level_milli=2_000),
    Step(name="proficient", from_level_milli=3_000),
    Step(name="extending", from_level_milli=3_500),
)
LETTERS = StepScale(
    steps=(
        Step(name="D", from_level_milli=1_000),
        Step(name="C", from_level_milli=2_000),
        Step(name="B", from_level_milli=3_000),
        Step(name="A", from_level_milli=3_700),
    )
)
HUNDRED = NumberScale(lowest=0, highest=100)
NAMED = Policy(level_names=NAMES, display_scale=HUNDRED)
LEVELS = st.integers(1_000, 4_000)


@pytest.mark.parametrize(
    ("level", "name", "hundred", "letter", "tenths"),
    [
        (1_000, "beginning", "0", "D", "1"),
        (1_999, "beginning", "33", "D", "1.9"),
        (2_000, "developing", "33", "C", "2"),
        (2_050, "developing", "35", "C", "2"),
        (2_999, "developing", "66", "C", "2.9"),
        (3_000, "proficient", "66", "B", "3"),
        (3_500, "extending", "83", "B", "3.5"),
        (3_999, "extending", "99", "A", "3.9"),
        (4_000, "extending", "100", "A", "4"),
    ],
)
def test_a_level_has_the_highest_step_that_it_has_reached(level, name, hundred, letter, tenths):
    """On bounds, just below them, and on every kind of scale."""
    assert level_words(level, NAMED).name == name
    assert level_words(level, NAMED).text == hundred
    assert written(level, LETTERS) == letter
    assert written(level, NumberScale(lowest=1, highest=4, decimals=1)) == tenths


@given(LEVELS)
def test_without_a_choice_a_level_is_written_as_it_is(level):
    """And it has no name of ours: learners read a district's words or none."""
    words = level_words(level, DEFAULT_POLICY)
    assert (words.text, words.name) == (level_text(level), "")
    assert level_words(None, NAMED) is None


@given(LEVELS, LEVELS, st.integers(0, 999), st.integers(1, 1_000), st.integers(0, 3))
def test_a_number_never_falls_as_the_level_rises_nor_reads_as_more(
    one, other, lowest, more, decimals
):
    """It is cut off: what is below the top never reads as the top."""
    scale = NumberScale(lowest=lowest, highest=lowest + more, decimals=decimals)
    low, high = sorted((one, other))
    assert float(written(low, scale)) <= float(written(high, scale))
    assert written(4_000, scale) == str(lowest + more)
    assert (float(written(low, scale)) == lowest + more) == (low == 4_000)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.just(()) | steps(), SCALES)
def test_words_change_no_number_and_no_decision(seed, names, scale):
    """On random histories only the words and the sentence differ."""
    revisions, as_of_us = a_history(seed)
    live = [e for e in reference.winners(revisions) if e["learner"] == "learner-1"]
    learner, competency = facts_of(live, "competency-1")
    policy = replace(DEFAULT_POLICY, level_names=names, display_scale=scale)
    plain, told = (
        read_mastery(learner, competency, as_of_us=as_of_us, policy=one)
        for one in (DEFAULT_POLICY, policy)
    )
    same = {"explanation": "", "credit_words": None, "current_words": None}
    assert replace(plain, **same) == replace(told, **same)
    assert (told.current_words is None) == (told.current_level_milli is None)
    assert (told.credit_words is None) == (told.credit_level_milli is None)
    needs = (
        read_needs(learner, [competency], as_of_us=as_of_us, policy=one)
        for one in (DEFAULT_POLICY, policy)
    )
    assert next(needs) == next(needs)


def told(policy, *levels):
    """Return the mastery of rubric days, read on the day of the newest."""
    learner, competency = facts_of(rubric_days(*levels), "competency-1")
    as_of_us = learner.window[0].occur_time_us
    return read_mastery(learner, competency, as_of_us=as_of_us, policy=policy)


def test_the_sentence_keeps_its_arithmetic_and_adds_the_districts_words():
    """Both levels where they differ, one where they do not, none where there are no own words."""
    found = told(NAMED, 4, 4, 4, 1).explanation
    assert "0.65 × 1 + 0.35 × 4 = 2.05. Credit: 4, the highest of 4 occasions." in found
    assert "In the district's words: 35, developing; credit 100, extending." in found
    same = told(NAMED, 4, 4, 4, 4).explanation
    assert "In the district's words: 100, extending. Estimate" in same
    assert "district" not in told(DEFAULT_POLICY, 4, 4, 4, 1).explanation
    named = replace(NAMED, display_scale=LEVELS_AS_THEY_ARE)
    assert district_sentence(4_000, 2_050, named) == (
        "In the district's words: developing; credit extending."
    )
    lettered = Policy(display_scale=LETTERS)
    assert district_sentence(None, 2_050, lettered) == "In the district's words: C."


def test_the_page_has_the_words_of_its_example():
    """What docs/mastery.md says that the example goes on with is what comes out."""
    assert '"In the district\'s words: 35, developing; credit 100, extending."' in PAGE.read_text(
        "utf-8"
    )


def test_words_are_told_with_their_level_and_never_without():
    """On the wire: absent where too little is known, and where the credit rule asks for more."""
    message = mastery_to("henry", "l1", "c1", told(NAMED, 4, 4, 4, 1))
    assert (message.current_level_text, message.current_level_name) == ("35", "developing")
    assert (message.credit_level_text, message.credit_level_name) == ("100", "extending")
    plain = mastery_to("henry", "l1", "c1", told(DEFAULT_POLICY, 4, 4, 4, 1))
    assert (plain.current_level_text, plain.credit_level_text) == ("2.05", "4")
    assert plain.current_level_name == plain.credit_level_name == ""
    little = mastery_to("henry", "l1", "c1", told(NAMED, 4))
    assert little.current_level_text == little.current_level_name == ""
    waiting = replace(NAMED, credit_rule=RuleChoice(name="n_mastery", parameter=5))
    none_yet = mastery_to("henry", "l1", "c1", told(waiting, 4, 4, 4, 1))
    assert (none_yet.current_level_text, none_yet.credit_level_text) == ("35", "")
