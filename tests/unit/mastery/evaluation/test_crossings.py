"""Fired, false and flipped mean what the report says."""

import numpy as np
import pytest

from services.mastery.evaluation.crossings import false_mastery, usual_firings
from services.mastery.evaluation.intervals import draw_learners
from services.mastery.evaluation.statuses import distinct_so_far, flips_per_pair
from tests.support.response_logs import a_log, answers


def two_learners():
    """Return a log in which ann masters it and bob was lucky."""
    return a_log(
        [
            *answers([1, 1, 1, 1, 1, 1, 1, 0], learner="ann"),
            *answers([1, 1, 1, 0, 0, 1, 0, 0], learner="bob"),
        ]
    )


def test_false_mastery_by_hand():
    """Three in a row fires for both at the third answer; bob then has one right of five."""
    log = two_learners()
    met = usual_firings(log, {})["3 in a row"]
    p_eight = np.where(log.pieces.pair == 0, 0.9, 0.1)
    found = false_mastery(log, met, p_eight, draw_learners(2, 20, seed=1))
    assert (found.rule.fired, found.rule.known, found.rule.false) == (1.0, 2, 0.5)
    assert (found.bar, found.estimate.fired, found.estimate.false) == (0.1, 1.0, 0.5)
    assert found.difference.value == 0


def test_the_estimate_fires_as_often_as_the_rule():
    """A rule that fires for bob alone: the estimate fires for one learner too, and takes ann."""
    log = two_learners()
    p_eight = np.where(log.pieces.pair == 0, 0.9, 0.1)
    found = false_mastery(log, log.pieces.pair == 1, p_eight, draw_learners(2, 20, seed=1))
    assert (found.rule.fired, found.rule.false) == (0.5, 1.0)
    assert (found.bar, found.estimate.fired, found.estimate.false) == (0.9, 0.5, 0.0)
    assert found.difference.value == -1


def test_without_five_more_answers_nothing_is_known():
    """Seven answers, fired at the third: four are left, which is not enough."""
    log = a_log(answers([1] * 7))
    found = false_mastery(log, np.ones(7, dtype=bool), np.ones(7), draw_learners(1, 10, seed=1))
    assert found.rule.known == 0
    assert np.isnan(found.rule.false)


def test_nothing_fires_before_the_third_piece():
    """A rule that is met at once waits for the floor: of eight answers, five follow the third."""
    log = a_log(answers([1, 1, 1, 0, 0, 0, 1, 1]))
    met = np.array([True, True, False, False, False, False, False, False])
    found = false_mastery(log, met, np.zeros(8), draw_learners(1, 10, seed=1))
    assert found.rule.fired == 0


def test_flips_are_counted_within_a_learner_and_competency():
    """Ann turns twice and bob once; from ann to bob is no turn."""
    log = two_learners()
    proficient = np.array([0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0], dtype=bool)
    assert flips_per_pair(proficient, log) == pytest.approx(3 / 2)


def test_distinct_items_and_days_start_anew_with_each_pair():
    """Ann's eight items are eight, and so are bob's; all are of one day."""
    items, days = distinct_so_far(two_learners())
    assert items.tolist() == [1, 2, 3, 4, 5, 6, 7, 8] * 2
    assert days.tolist() == [1] * 16
