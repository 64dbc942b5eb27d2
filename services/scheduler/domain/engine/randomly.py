"""Random choices from a seed, the same on every machine."""

import numpy as np
from numba import njit

from services.scheduler.domain.engine.openings import FAR

AMONG = 3
"""One of so many of the best is chosen."""


@njit(cache=True)
def below(random, limit):
    """Return a number below `limit` and move the state of the generator on (xorshift64*)."""
    state = random[0]
    state ^= state >> np.uint64(12)
    state ^= state << np.uint64(25)
    state ^= state >> np.uint64(27)
    random[0] = state
    return np.int64((state * np.uint64(2685821657736338717)) >> np.uint64(33)) % limit


@njit(cache=True)
def one_of_best(random, score):
    """Return where one of the greatest scores is; of scores that are barred only where all are."""
    at = np.argmax(score)
    for _ in range(below(random, AMONG)):
        bar = score[at]
        score[at] = FAR
        following = np.argmax(score)
        if score[following] <= FAR // 4:
            score[at] = bar
            break
        at = following
    return at
