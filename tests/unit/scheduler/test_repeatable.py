"""The same inputs give the same week to the byte, in any order and in any process."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from services.scheduler.domain.encode import canonical
from tests.support.schools import a_school, shuffled_with_repeats
from tests.support.weeks import planned

PROGRAM = """
from tests.support.schools import Shape, a_school
from tests.support.weeks import planned
import hashlib
from services.scheduler.domain.encode import canonical
week = planned(a_school(5, Shape(whole=True)), seed=7)
print(week.week_hash, hashlib.sha256(canonical(week)).hexdigest())
"""


def in_another_process(hash_seed) -> str:
    """Return the hashes of a week planned by a process with another order of sets."""
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_two_processes_with_other_hash_seeds_give_the_same_bytes():
    """PYTHONHASHSEED 0, 1 and 4242: one week hash, one digest of the whole encoding."""
    outputs = {in_another_process(hash_seed) for hash_seed in (0, 1, 4242)}
    assert len(outputs) == 1
    assert len(outputs.pop().split()) == 2


@pytest.mark.parametrize("seed", range(10))
def test_order_and_repeats_of_the_facts_do_not_change_the_week(seed):
    """Ten permutations with duplicates give one week, byte by byte."""
    problem = a_school(5)
    one = planned(problem, seed=7, budget=20)
    other = planned(shuffled_with_repeats(problem, seed), seed=7, budget=20)
    assert canonical(other) == canonical(one)


def test_another_seed_may_give_another_week_and_another_hash():
    """The seed is part of what is hashed, and it settles ties."""
    problem = a_school(5)
    one, other = planned(problem, seed=1), planned(problem, seed=2)
    assert one.week_hash != other.week_hash
    assert one.seats != other.seats


def test_the_hash_is_of_everything_but_itself():
    """A week that differs in one sentence has another hash; the stored hash does not count."""
    week = planned(a_school(5), seed=7)
    assert planned(a_school(5), seed=7) == week
    assert replace(week, week_hash="x") != week
