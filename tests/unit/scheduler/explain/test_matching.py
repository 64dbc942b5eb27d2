"""The matching of adults and rooms."""

import itertools
import random

import numpy as np
import pytest

from services.scheduler.domain.explain.matching import best_matching


@pytest.mark.parametrize("seed", range(40))
def test_the_matching_of_adults_and_rooms_is_the_best_of_all(seed):
    """Compared with every assignment of rows to columns."""
    rng = random.Random(seed)
    rows = rng.randint(1, 5)
    columns = rng.randint(rows, 6)
    value = np.array(
        [[rng.randint(0, 9) for _ in range(columns)] for _ in range(rows)], dtype=np.int64
    )
    matched = best_matching(value)
    assert len(set(matched)) == rows
    best = max(
        sum(int(value[i, chosen[i]]) for i in range(rows))
        for chosen in itertools.permutations(range(columns), rows)
    )
    assert sum(int(value[i, j]) for i, j in enumerate(matched)) == best
