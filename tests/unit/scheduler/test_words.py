"""Numbers in words never say more than they prove."""

import pytest

from services.scheduler.entrypoints.words import percent_of_best


@pytest.mark.parametrize(
    ("gap_micro", "words"),
    [
        (None, "not compared with the best possible"),
        (0, "the best possible"),
        (1, "within 0.1 % of the best possible"),
        (12_706, "within 1.3 % of the best possible"),
        (13_000, "within 1.3 % of the best possible"),
        (13_001, "within 1.4 % of the best possible"),
    ],
)
def test_a_gap_is_rounded_up(gap_micro, words):
    """A week is never said to be nearer to the best than it is."""
    assert percent_of_best(gap_micro) == words
