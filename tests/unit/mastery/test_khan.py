"""Levels move as Khan Academy says they do, step by step."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mastery.domain.khan import KhanLevel, after_exercise, after_mixed_item

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "mastery-vectors"
FILE = VECTORS / "khan_mastery_levels.json"
published = pytest.mark.skipif(
    not FILE.exists(), reason="published levels are not part of the project (../shared/data)"
)


def level_of(name):
    """Return the level of a published name."""
    return KhanLevel[name.upper().replace(" ", "_")]


@published
def test_the_levels_are_those_that_are_published():
    """Five of them, in this order."""
    names = json.loads(FILE.read_text())["levels"]
    assert [level_of(name) for name in names] == list(KhanLevel)


@published
def test_every_published_step_is_taken():
    """Each published step of mixed work is this one, for right and wrong."""
    vectors = json.loads(FILE.read_text())
    for right, steps in (
        (True, vectors["mixed_assessment_correct"]),
        (False, vectors["mixed_assessment_wrong"]),
    ):
        for before, after in steps.items():
            assert after_mixed_item(level_of(before), right=right) == level_of(after), before


@published
def test_an_exercise_stands_for_the_published_level():
    """Below 70 percent, from 70 to 99, and all of it."""
    levels = json.loads(FILE.read_text())["exercise"]
    for right in range(100):
        name = levels["pct_lt_70" if right < 70 else "pct_70_to_99"]
        assert after_exercise(right, 100) == level_of(name)
    assert after_exercise(100, 100) == level_of(levels["pct_100"])


@pytest.mark.parametrize(
    ("right", "items", "level"),
    [
        (0, 4, KhanLevel.ATTEMPTED),
        (2, 3, KhanLevel.ATTEMPTED),
        (7, 10, KhanLevel.FAMILIAR),
        (3, 4, KhanLevel.FAMILIAR),
        (199, 200, KhanLevel.FAMILIAR),
        (4, 4, KhanLevel.PROFICIENT),
    ],
)
def test_shares_are_compared_exactly(right, items, level):
    """Two of three are below 70 percent, and 99.5 percent are not all."""
    assert after_exercise(right, items) == level


@given(st.sampled_from(KhanLevel), st.lists(st.booleans(), max_size=20))
def test_mixed_work_moves_one_step_at_a_time(level, answers):
    """But for the first, an item moves by at most one step, and right never moves down."""
    for right in answers:
        after = after_mixed_item(level, right=right)
        assert (after >= level) if right else (after <= max(level, KhanLevel.ATTEMPTED))
        if level != KhanLevel.NOT_STARTED:
            assert abs(after - level) <= 1
        level = after


def test_one_item_of_mixed_work_is_enough_to_have_attempted():
    """The first item makes a skill attempted or familiar, whichever it is."""
    assert after_mixed_item(KhanLevel.NOT_STARTED, right=False) == KhanLevel.ATTEMPTED
    for level in (KhanLevel.NOT_STARTED, KhanLevel.ATTEMPTED):
        assert after_mixed_item(level, right=True) == KhanLevel.FAMILIAR


def test_three_right_in_mixed_work_master_a_new_skill_and_four_wrong_lose_it():
    """The longest ways up and down."""
    level = KhanLevel.NOT_STARTED
    for expected in (KhanLevel.FAMILIAR, KhanLevel.PROFICIENT, KhanLevel.MASTERED):
        level = after_mixed_item(level, right=True)
        assert level == expected
    for expected in (KhanLevel.PROFICIENT, KhanLevel.FAMILIAR, *[KhanLevel.ATTEMPTED] * 2):
        level = after_mixed_item(level, right=False)
        assert level == expected
