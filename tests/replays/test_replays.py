"""Any order of a history ends in the same state, and a mutant does not."""

from __future__ import annotations

import asyncio

import pytest

from tests.replays import mutants
from tests.replays.replay import Outcome, replay
from tests.support.mastery_systems.in_memory import MemorySystem

SEEDS = range(1, 16)
MUTANT_SEEDS = range(1, 7)


def replayed(seeds, kind=MemorySystem):
    """Return what the replays of some seeds came to."""
    outcome = Outcome()

    async def replay_all():
        for seed in seeds:
            await replay(seed, outcome, kind)

    asyncio.run(replay_all())
    return outcome


def test_histories_in_other_orders_end_in_the_same_state_and_readings():
    """Shuffled, repeated, cut at random, with zombies: hash, rows and readings are the same."""
    found = replayed(SEEDS)
    assert found.problems == []
    assert found.is_same
    assert found.deliveries > 1.2 * found.facts > 1_000
    assert {"insufficient", "not_yet", "approaching", "proficient"} <= found.decisions.keys()


def test_sums_of_floats_end_in_another_state_each_time():
    """The control: these orders are a test of what they should be one of."""
    found = replayed(MUTANT_SEEDS, mutants.FloatSums)
    assert found.hash_mismatches == found.replays


@pytest.mark.parametrize(
    ("mutant", "counts"),
    [
        (mutants.ArrivedWindow, ("hash_mismatches",)),
        # Taking away what does not stand any more may leave what no row can hold.
        (mutants.StaleRegistry, ("hash_mismatches", "failures")),
        (mutants.ItemByItem, ("reading_mismatches",)),
    ],
)
def test_other_mutants_are_caught_by_a_few_replays(mutant, counts):
    """A window of arrivals, a stale cache, tests item by item: six histories show each."""
    found = replayed(MUTANT_SEEDS, mutant)
    assert sum(getattr(found, count) for count in counts) > 0
