"""A broad competency is reached by its parts, and the sentence says which of them are missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mastery.domain.model import Decision
from services.mastery.domain.roll_up import (
    AllProficient,
    EnoughPoints,
    Part,
    RollUpError,
    check_roll_up,
    roll_up,
)

CHILDREN = ("counting", "adding", "sharing")
PROFICIENT, EXEMPLARY = Decision.PROFICIENT, Decision.EXEMPLARY
POINTS = EnoughPoints(
    points_asked=4,
    parts=(
        Part(competency="counting", points=3),
        Part(competency="adding", points=2, required=True),
        Part(competency="sharing", points=1),
    ),
)


def rolled(rule, *proficient, others=Decision.APPROACHING):
    """Return a roll-up where some children are proficient and the others not."""
    decisions = {child: PROFICIENT if child in proficient else others for child in CHILDREN}
    return roll_up(rule, decisions, children=CHILDREN)


def test_all_parts_have_to_be_proficient():
    """One short of it, and the broad competency is not reached; the sentence names it."""
    assert rolled(AllProficient(), *CHILDREN).reached
    short = rolled(AllProficient(), "counting", "adding")
    assert not short.reached
    assert short.explanation == "2 of 3 parts proficient; missing: sharing."
    assert rolled(AllProficient(), *CHILDREN).explanation == "3 of 3 parts proficient."


@pytest.mark.parametrize("others", [None, *Decision])
def test_only_proficient_or_better_counts(others):
    """Approaching is not half a part, unknown none, and exemplary no more than one."""
    decisions = {"counting": EXEMPLARY, "adding": PROFICIENT}
    if others is not None:
        decisions["sharing"] = others
    found = roll_up(AllProficient(), decisions, children=CHILDREN)
    assert found.reached == (others in {PROFICIENT, EXEMPLARY})


@pytest.mark.parametrize(
    ("proficient", "reached", "explanation"),
    [
        (CHILDREN, True, "6 of the 4 points asked for, from 3 of 3 parts proficient."),
        (
            ("counting", "adding"),
            True,
            "5 of the 4 points asked for, from 2 of 3 parts proficient.",
        ),
        (
            ("adding", "sharing"),
            False,
            "3 of the 4 points asked for, from 2 of 3 parts proficient.",
        ),
        (
            ("counting", "sharing"),
            False,
            "4 of the 4 points asked for, from 2 of 3 parts proficient; "
            "required and missing: adding.",
        ),
        (
            (),
            False,
            "0 of the 4 points asked for, from 0 of 3 parts proficient; "
            "required and missing: adding.",
        ),
    ],
)
def test_points_and_required_parts_both_count(proficient, reached, explanation):
    """Points enough without a required part are not enough, nor is a required part alone."""
    found = rolled(POINTS, *proficient)
    assert (found.reached, found.explanation) == (reached, explanation)


def test_children_that_are_no_part_do_not_count():
    """With points, a child may be left out."""
    rule = EnoughPoints(points_asked=1, parts=(Part(competency="adding"),))
    assert not rolled(rule, "counting", "sharing").reached
    assert rolled(rule, "adding").explanation == (
        "1 of the 1 point asked for, from 1 of 1 part proficient."
    )


def points(asked, *parts):
    """Return a rule over (competency, points)."""
    return EnoughPoints(
        points_asked=asked, parts=[Part(competency=name, points=value) for name, value in parts]
    )


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (points(1, ("adding", 1), ("number", 1)), "number cannot be a part of itself"),
        (points(1, ("reading", 1)), "reading is no child of number"),
        (points(1, ("adding", 1), ("adding", 1)), "adding is a part twice"),
        (points(1, ("adding", -1), ("counting", 3)), "adding has -1 points"),
        (points(0, ("adding", 1)), "0 points are asked for"),
        (points(4, ("adding", 1), ("counting", 2)), "all parts have 3 points together"),
        (points(1), "all parts have 0 points together"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule, why):
    """The error says what to change."""
    with pytest.raises(RollUpError, match=why):
        check_roll_up(rule, competency="number", children=CHILDREN)


def test_a_competency_without_children_or_within_itself_has_no_roll_up():
    """All of nothing would be reached by everybody."""
    with pytest.raises(RollUpError, match="no children"):
        check_roll_up(AllProficient(), competency="number", children=())
    with pytest.raises(RollUpError, match="its own child"):
        check_roll_up(AllProficient(), competency="number", children=("number", "adding"))


def test_rules_that_can_be_meant_pass():
    """All of them, some of them, and parts that are worth nothing but required."""
    required = Part(competency="adding", points=0, required=True)
    rules = (
        AllProficient(),
        POINTS,
        points(3, ("adding", 1), ("counting", 2)),
        EnoughPoints(points_asked=2, parts=(Part(competency="sharing", points=2), required)),
    )
    for rule in rules:
        check_roll_up(rule, competency="number", children=CHILDREN)
        assert rolled(rule, *CHILDREN).reached
        assert not rolled(rule).reached


@given(
    st.lists(st.integers(0, 9), min_size=3, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.integers(1, 27),
    st.sets(st.sampled_from(CHILDREN)),
    st.sampled_from(CHILDREN),
)
def test_one_part_more_never_takes_a_roll_up_away(values, required, asked, proficient, more):
    """Whoever reaches a further part keeps what was reached; all parts reach what passes."""
    parts = [
        Part(competency=child, points=value, required=must)
        for child, value, must in zip(CHILDREN, values, required, strict=True)
    ]
    for rule in (AllProficient(), EnoughPoints(points_asked=asked, parts=parts)):
        before, after = rolled(rule, *proficient), rolled(rule, *proficient, more)
        assert before.reached <= after.reached
        try:
            check_roll_up(rule, competency="number", children=CHILDREN)
        except RollUpError:
            assert sum(values) < asked
        else:
            assert rolled(rule, *CHILDREN).reached
