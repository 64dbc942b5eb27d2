"""A broad competency is reached by its parts, and the sentence says which of them are missing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mastery.domain.model import Decision
from services.mastery.domain.roll_up import roll_up
from services.mastery.domain.roll_up_rules import (
    AllParts,
    CircularRollUpsError,
    EnoughPoints,
    Part,
    RollUp,
    RollUpError,
    check_roll_up,
    in_order,
    part_names,
    with_parts,
)

PARTS = ("adding", "counting", "sharing")
PROFICIENT, EXEMPLARY = Decision.PROFICIENT, Decision.EXEMPLARY
ALL = AllParts(parts=PARTS)
POINTS = EnoughPoints(
    points_asked=4,
    parts=(
        Part(competency="adding", points=2, required=True),
        Part(competency="counting", points=3),
        Part(competency="sharing", points=1),
    ),
)


def rolled(rule, *proficient, others=Decision.APPROACHING):
    """Return a roll-up where some parts are proficient and the others not."""
    decisions = {part: PROFICIENT if part in proficient else others for part in part_names(rule)}
    return roll_up({"number": rule}, decisions)["number"]


def test_all_parts_have_to_be_met():
    """One short of it, and the broad competency is not reached; the sentence names it."""
    assert rolled(ALL, *PARTS).reached
    short = rolled(ALL, "counting", "adding")
    assert not short.reached
    assert short.explanation == "2 of 3 parts met; missing: sharing."
    assert rolled(ALL, *PARTS).explanation == "3 of 3 parts met."
    assert (short.points, short.points_asked) == (None, None)
    assert [(one.competency, one.met, one.required) for one in short.parts] == [
        ("adding", True, True),
        ("counting", True, True),
        ("sharing", False, True),
    ]


@pytest.mark.parametrize("others", [None, *Decision])
def test_only_proficient_or_better_counts(others):
    """Approaching is not half a part, unknown none, and exemplary no more than one."""
    decisions = {"counting": EXEMPLARY, "adding": PROFICIENT}
    if others is not None:
        decisions["sharing"] = others
    found = roll_up({"number": ALL}, decisions)["number"]
    assert found.reached == (others in {PROFICIENT, EXEMPLARY})
    assert found.parts[2].decision == (Decision.INSUFFICIENT if others is None else others)


@pytest.mark.parametrize(
    ("proficient", "reached", "explanation"),
    [
        (PARTS, True, "6 of the 4 points asked for, from 3 of 3 parts met."),
        (("counting", "adding"), True, "5 of the 4 points asked for, from 2 of 3 parts met."),
        (("adding", "sharing"), False, "3 of the 4 points asked for, from 2 of 3 parts met."),
        (
            ("counting", "sharing"),
            False,
            "4 of the 4 points asked for, from 2 of 3 parts met; required and missing: adding.",
        ),
        (
            (),
            False,
            "0 of the 4 points asked for, from 0 of 3 parts met; required and missing: adding.",
        ),
    ],
)
def test_points_and_required_parts_both_count(proficient, reached, explanation):
    """Points enough without a required part are not enough, nor is a required part alone."""
    found = rolled(POINTS, *proficient)
    assert (found.reached, found.explanation) == (reached, explanation)
    assert found.points_asked == 4
    assert found.points == sum(part.points for part in found.parts if part.met)


def test_a_competency_that_is_no_part_does_not_count():
    """Only what the policy names is read."""
    rule = EnoughPoints(points_asked=1, parts=(Part(competency="adding"),))
    others = {"counting": EXEMPLARY, "sharing": EXEMPLARY}
    assert not roll_up({"number": rule}, others)["number"].reached
    assert rolled(rule, "adding").explanation == (
        "1 of the 1 point asked for, from 1 of 1 part met."
    )


def test_a_part_that_is_broad_counts_where_it_is_reached():
    """Its own evidence makes nothing reached: only its parts do, however deep they lie."""
    rules = {
        "maths": AllParts(parts=("number", "shape")),
        "number": AllParts(parts=("adding", "fractions")),
        "fractions": EnoughPoints(points_asked=1, parts=(Part(competency="halves"),)),
    }
    decisions = {"shape": PROFICIENT, "adding": PROFICIENT, "halves": PROFICIENT}
    assert all(one.reached for one in roll_up(rules, decisions).values())
    without = roll_up(rules, decisions | {"halves": Decision.NOT_YET, "fractions": EXEMPLARY})
    assert not any(one.reached for one in without.values())
    assert without["maths"].explanation == "1 of 2 parts met; missing: number."
    broad, plain = without["maths"].parts
    assert (broad.decision, plain.decision) == (None, PROFICIENT)


def test_only_what_lies_beneath_is_read():
    """Of what is asked for, all broad parts, each once, and none of the others."""
    rules = {
        "maths": AllParts(parts=("number", "shape")),
        "number": AllParts(parts=("adding",)),
        "shape": AllParts(parts=("angles", "number")),
        "reading": AllParts(parts=("letters",)),
    }
    assert set(with_parts(["shape"], rules)) == {"shape", "number"}
    assert set(with_parts(["maths", "reading"], rules)) == set(rules)
    assert with_parts(["adding"], rules) == {}


def points(asked, *parts):
    """Return a rule over (competency, points)."""
    return EnoughPoints(
        points_asked=asked,
        parts=tuple(Part(competency=name, points=value) for name, value in parts),
    )


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (points(1, ("adding", 1), ("number", 1)), "parts names number as a part of itself"),
        (AllParts(parts=("adding", "number")), "all names number as a part of itself"),
        (points(1, ("adding", 1), ("counting", 1), ("adding", 1)), "parts names adding twice"),
        (AllParts(parts=("adding", "adding")), "all names adding twice"),
        (AllParts(parts=()), "all names nothing"),
        (points(1), "parts names nothing"),
        (points(1, ("adding", -1), ("counting", 3)), "parts.adding is -1"),
        (points(0, ("adding", 1)), "points is 0"),
        (points(4, ("adding", 1), ("counting", 2)), "points is 4, and all parts together have 3"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule, why):
    """The error says what to change."""
    with pytest.raises(RollUpError, match=why):
        check_roll_up(RollUp(competency="number", rule=rule))


def test_rules_that_can_be_meant_pass():
    """All of them, some of them, and parts that are worth nothing but required."""
    required = Part(competency="adding", points=0, required=True)
    rules = (
        ALL,
        POINTS,
        points(3, ("adding", 1), ("counting", 2)),
        EnoughPoints(points_asked=2, parts=(Part(competency="sharing", points=2), required)),
    )
    for rule in rules:
        check_roll_up(RollUp(competency="number", rule=rule))
        assert rolled(rule, *PARTS).reached
        assert not rolled(rule).reached


def test_a_circle_is_found_and_told_as_people_look_at_it():
    """From one down to itself again, each a part of the one before."""
    rules = {
        "maths": AllParts(parts=("number",)),
        "number": AllParts(parts=("fractions", "adding")),
        "fractions": AllParts(parts=("number",)),
    }
    with pytest.raises(CircularRollUpsError) as caught:
        in_order(rules)
    path = caught.value.path
    assert path[0] == path[-1]
    assert set(path) == {"number", "fractions"}
    assert all(below in rules[above].parts for above, below in pairwise(path))


LEAVES = ("p", "q", "r", "s")
BROAD = ("a", "b", "c", "d")


@st.composite
def frameworks(draw):
    """Return rules without circles: each broad competency reads leaves and those after it."""
    rules = {}
    for place, name in enumerate(BROAD):
        names = draw(
            st.sets(st.sampled_from((*LEAVES, *BROAD[place + 1 :])), min_size=1, max_size=5)
        )
        if draw(st.booleans()):
            rules[name] = AllParts(parts=tuple(sorted(names)))
            continue
        parts = tuple(
            Part(competency=one, points=draw(st.integers(0, 5)), required=draw(st.booleans()))
            for one in sorted(names)
        )
        rules[name] = EnoughPoints(points_asked=draw(st.integers(1, 9)), parts=parts)
    return rules


@given(frameworks(), st.sets(st.sampled_from(LEAVES)), st.sampled_from(LEAVES))
def test_one_part_more_never_takes_a_roll_up_away(rules, proficient, more):
    """Through every depth: who reaches a further part keeps what was reached."""
    before, after = (
        roll_up(rules, dict.fromkeys(known, PROFICIENT))
        for known in (proficient, {*proficient, more})
    )
    assert all(before[name].reached <= after[name].reached for name in rules)


@given(frameworks(), st.permutations(BROAD), st.sets(st.sampled_from(LEAVES)))
def test_the_order_of_the_rules_says_nothing(rules, order, proficient):
    """Whatever order they stand in, and beneath whatever else they are read."""
    decisions = dict.fromkeys(proficient, PROFICIENT)
    found = roll_up(rules, decisions)
    assert roll_up({name: rules[name] for name in order}, decisions) == found
    for name in rules:
        alone = roll_up(with_parts([name], rules), decisions)
        assert alone[name] == found[name]


@given(frameworks())
def test_who_is_proficient_in_every_part_reaches_what_passes_the_check(rules):
    """And what could never be reached is refused before."""
    found = roll_up(rules, dict.fromkeys(LEAVES, PROFICIENT))
    passed = set()
    for name in in_order(rules):
        try:
            check_roll_up(RollUp(competency=name, rule=rules[name]))
        except RollUpError:
            assert not found[name].reached
        else:
            if all(part in passed for part in part_names(rules[name]) if part in rules):
                passed.add(name)
                assert found[name].reached
