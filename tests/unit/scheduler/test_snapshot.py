"""Snapshots: one order, one hash, no contradictions."""

from datetime import time

import pytest

from services.scheduler.domain.encode import canonical
from services.scheduler.domain.errors import ProblemError
from services.scheduler.domain.snapshot import normalised, snapshot_hash
from tests.support.schools import (
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_school,
    a_slot,
    an_adult,
    shuffled_with_repeats,
)


@pytest.mark.parametrize("seed", range(10))
def test_order_and_repeats_do_not_change_the_hash(seed):
    """Ten permutations with duplicates give one snapshot hash."""
    problem = a_school(3)
    assert snapshot_hash(shuffled_with_repeats(problem, seed)) == snapshot_hash(problem)


def test_any_change_of_a_fact_changes_the_hash():
    """A level one thousandth lower is another snapshot."""
    one = a_problem(needs=(a_need(),))
    other = a_problem(needs=(a_need(level_milli=1799),))
    assert snapshot_hash(one) != snapshot_hash(other)


def test_no_two_values_share_their_bytes():
    """Text that looks like the encoding, empty and missing, and nesting are told apart."""
    values = [
        "",
        None,
        0,
        False,
        "0",
        (),
        ("",),
        ("", ""),
        (("",),),
        "s1:a",
        ("s1:a",),
        ("a", "b"),
        ("ab",),
        time(9, 0),
        "09:00:00",
        -1,
    ]
    assert len({canonical(value) for value in values}) == len(values)


def test_what_has_no_one_form_is_refused():
    """A float or a set cannot be hashed."""
    for value in (1.5, {1}, [1]):
        with pytest.raises(TypeError):
            canonical(value)


@pytest.mark.parametrize(
    "changes",
    [
        {"adults": (an_adult(), an_adult(subjects=("art",)))},
        {"needs": (a_need(), a_need(level_milli=1000))},
        {"slots": (a_slot(start="10:00", end="09:00"),)},
        {"slots": (a_slot(day=a_slot().date.replace(day=30)),)},
        {"rooms": (a_room(capacity=-1),)},
        {"needs": (a_need(level_milli=4001),)},
        {"needs": (a_need(at_least_eight_tenths_micro=1_000_001),)},
        {"needs": (a_need(evidence_count=-1),)},
        {"pins": (a_pin(exemption="out", offer_id="o1"),)},
        {"pins": (a_pin(exemption=None),)},
        {"as_of": a_problem().as_of.replace(tzinfo=None)},
    ],
)
def test_a_snapshot_that_contradicts_itself_is_refused(changes):
    """One id for two things, or an impossible value, is a ProblemError."""
    with pytest.raises(ProblemError):
        normalised(a_problem(**changes))
