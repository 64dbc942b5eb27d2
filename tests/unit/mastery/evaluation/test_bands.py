"""Bands are by what was known, and hold every response once."""

import numpy as np

from services.mastery.evaluation.bands import by_evidence, label, least_known
from tests.support.response_logs import a_log, a_random_log, answers


def test_the_least_known_competency_says_how_much_was_known():
    """Two on adding, then one on adding and naming: of naming nothing was known."""
    rows = [*answers([1, 0]), ("ann", "both", ("adding", "naming"), 1)]
    assert least_known(a_log(rows)).tolist() == [0, 1, 0]


def test_bands_by_hand():
    """Six answers: none, one and two, three to five before; predicted .6 each."""
    bands = by_evidence(a_log(answers([1, 0, 1, 1, 1, 0])), np.full(6, 0.6))
    assert [label(band) for band in bands] == ["0", "1 to 2", "3 to 5"]
    assert [(band.count, band.right) for band in bands] == [(1, 1.0), (2, 0.5), (3, 2 / 3)]
    assert [round(band.predicted, 9) for band in bands] == [0.6] * 3


def test_every_response_is_in_one_band():
    """Whatever the log."""
    log = a_random_log(2, longest=200, competencies=3)
    bands = by_evidence(log, np.full(len(log), 0.5))
    assert sum(band.count for band in bands) == len(log)
    assert label(bands[-1]) == "33 or more"
