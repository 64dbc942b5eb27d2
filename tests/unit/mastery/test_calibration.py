"""Difficulties learned in one pass: worked by hand, beside a second account, whatever the order."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from services.mastery.domain import calibration
from services.mastery.domain.calibration import (
    Calibration,
    Response,
    ResponseOrderError,
    TooManyItemsError,
)
from services.mastery.domain.model import ScoreScale
from services.mastery.domain.occasion_levels import divide_half_up
from services.mastery.evaluation.log import ResponseLog
from services.mastery.evaluation.models.difficulty import learn_difficulty

POINTS, RUBRIC = int(ScoreScale.POINTS), int(ScoreScale.RUBRIC)


def a_response(place, learner, item, score, *, competencies=("c1",), scale=POINTS):
    """Return a response; places are a second apart."""
    return Response(
        occur_time_us=place * 1_000_000,
        evidence_id=place.to_bytes(16, "big"),
        learner=learner,
        item_key=item,
        competencies=competencies,
        score=score,
        scale=scale,
    )


def learned(responses, *, responses_minimum=1):
    """Return what responses give, sorted as the command has them sorted."""
    responses = sorted(responses, key=lambda one: one[:3])
    mean = sum(one.score for one in responses) / len(responses)
    learning = Calibration(mean_score=mean)
    for response in responses:
        learning.add(response)
    return learning.finish(responses_minimum=responses_minimum)


def some_responses(count=400, seed=7):
    """Draw responses of few learners to few items, with part credit, levels and no item at all."""
    draw = random.Random(seed)
    sets = [("c1",), ("c2",), ("c1", "c2"), ("c3",), ("c1", "c2", "c3")]
    items = {key: draw.choice(sets) for key in range(20)}
    responses = []
    for place in range(count):
        item = draw.choice([*items, None])
        scale = draw.choice((POINTS, POINTS, RUBRIC))
        scores = (0, 10_000, 20_000, 30_000) if scale == RUBRIC else (0, 7_500, 15_000, 30_000)
        responses.append(
            a_response(
                place,
                f"l{draw.randrange(12)}",
                item,
                draw.choice(scores),
                competencies=items[item] if item is not None else draw.choice(sets),
                scale=scale,
            )
        )
    return responses


def slow(responses):
    """Return (beliefs, base) by the formula as it is written, with a dictionary of all beliefs."""
    share_right = sum(one.score for one in responses) / len(responses) / 30_000
    base = math.log(share_right / (1 - share_right))
    beliefs = {}
    for one in responses:
        parts = [(("learner", one.learner), 1.0, 0.6, 0.004)]
        item = ("item", one.item_key) if one.item_key is not None else ("item", one)
        parts.append((item, 1.0, 1.0, 0.0))
        for name in one.competencies:
            share = 1 / len(one.competencies)
            parts.append((("competency", name), share, 1.0, 0.0))
            parts.append((("own", one.learner, name), share, 0.4, 0.003))
        for key, _, variance, drift in parts:
            mean, known = beliefs.get(key, (0.0, variance))
            beliefs[key] = (mean, known + drift)
        total = base + sum(weight * beliefs[key][0] for key, weight, _, _ in parts)
        spread = sum(weight**2 * beliefs[key][1] for key, weight, _, _ in parts)
        steps = [(one.score / 30_000, 0.0)]
        share = 1.0
        if one.scale == RUBRIC:
            steps = [(one.score >= 10_000 * k, (k - 2) * 90 / 64) for k in (1, 2, 3)]
            share = 0.7
        chances = [
            1 / (1 + math.exp(-(total - t) / math.sqrt(1 + 0.3927 * spread))) for _, t in steps
        ]
        h = share * sum(p * (1 - p) for p in chances)
        e = share * sum(y - p for (y, _), p in zip(steps, chances, strict=True)) / (1 + h * spread)
        for key, weight, _, _ in parts:
            mean, variance = beliefs[key]
            narrowed = variance - weight**2 * variance**2 * h / (1 + h * spread)
            beliefs[key] = (mean + weight * variance * e, max(narrowed, 0.002))
    return beliefs, base


def test_one_right_answer_worked_by_hand():
    """Half of all answers are right, so p = .5 and h = .25; V = 1 + 1 + .604 + .403 = 3.007.

    e = .5 / (1 + .25 x 3.007) = .2854, so item and competency get easier by .2854 each: -.5708
    logits, -37 in 1/64. After the wrong answer to the other item, things differ by little.
    """
    first = learned([a_response(0, "l1", 1, 15_000)])
    assert first.items == {1: 0}
    assert (first.reference_d64, first.references) == (0, {"c1": 0})
    learning = Calibration(mean_score=15_000)
    learning.add(a_response(0, "l1", 1, 30_000))
    assert learning.finish(responses_minimum=1).items == {1: -37}


def test_a_rubric_level_is_three_steps():
    """Level 3 of 4 at p = (sigma(1.4), .5, sigma(-1.4)), by hand with V = 3.007.

    Divided by sqrt(1 + .3927 x 3.007) = 1.477, the outer steps are at .952 from the middle:
    p = .7216, .5, .2784. f sum (y - p) = .7 x .5 = .35; h = .7 x (.2009 x 2 + .25) = .4562;
    e = .35 / (1 + .4562 x 3.007) = .1476, twice: -.2951 logits, -19 in 1/64.
    """
    learning = Calibration(mean_score=15_000)
    learning.add(a_response(0, "l1", 1, 20_000, scale=RUBRIC))
    assert learning.finish(responses_minimum=1).items == {1: -19}


def test_the_pass_is_the_formula_as_it_is_written():
    """Beside an account with one dictionary, on part credit, levels and pieces without item."""
    responses = some_responses()
    beliefs, base = slow(responses)
    found = learned(responses)
    assert found.response_count == len(responses)
    for key, d64 in found.items.items():
        names = next(one.competencies for one in responses if one.item_key == key)
        ease = base + beliefs["item", key][0]
        ease += sum(beliefs["competency", name][0] for name in names) / len(names)
        assert d64 == pytest.approx(-64 * ease, abs=0.5 + 1e-6)


def test_on_right_and_wrong_answers_it_is_what_the_evaluation_learns():
    """The evaluation has its own pass, over columns of a log; both agree to the last 1/64."""
    draw = np.random.default_rng(3)
    count = 600
    learner = np.sort(draw.integers(0, 15, count))
    item = draw.integers(0, 25, count)
    log = ResponseLog(
        learners=[str(one) for one in range(15)],
        items=[str(one) for one in range(25)],
        competencies=["c0", "c1", "c2"],
        learner=learner,
        item=item,
        correct=draw.integers(0, 2, count),
        time_us=np.arange(count, dtype=np.int64) * 1_000_000,
        day=np.zeros(count, dtype=np.int64),
        aligned_response=np.arange(count, dtype=np.int64),
        aligned_competency=item % 3,
    )
    theirs = learn_difficulty(log, np.ones(count, dtype=np.bool_))
    found = learned(
        [
            a_response(
                place,
                str(learner[place]),
                int(item[place]),
                30_000 * int(log.correct[place]),
                competencies=(f"c{item[place] % 3}",),
            )
            for place in range(count)
        ]
    )
    assert [found.items[int(one)] for one in item] == theirs.response_d64.tolist()
    ours = [found.references[name] for name in log.competencies]
    assert ours == pytest.approx(theirs.reference_d64.tolist(), abs=1)


def test_the_order_in_which_evidence_came_changes_nothing():
    """The pass has one order of its own; a second evidence at the same time comes by its id."""
    responses = some_responses()
    found = learned(responses)
    for seed in range(5):
        shuffled = responses[:]
        random.Random(seed).shuffle(shuffled)
        assert learned(shuffled) == found


def test_a_response_out_of_order_or_twice_is_refused():
    """Else the result would hang on how the evidence came."""
    learning = Calibration(mean_score=15_000)
    learning.add(a_response(2, "l1", 1, 0))
    for place in (1, 2):
        with pytest.raises(ResponseOrderError, match="order of time"):
            learning.add(a_response(place, "l1", 1, 0))


def test_few_responses_give_no_difficulty_of_its_own():
    """Such an item counts into its competency's typical task with the competency's difficulty."""
    responses = [a_response(place, f"l{place}", 1, 30_000) for place in range(5)]
    responses += [a_response(9, "l1", 2, 0, competencies=("c2",))]
    found = learned(responses, responses_minimum=3)
    assert found.items.keys() == {1}
    assert found.references.keys() == {"c1"}
    assert (found.covered_count, found.response_count, found.learner_count) == (5, 6, 5)


def test_the_reference_is_the_mean_over_responses():
    """An item answered thrice weighs three times one answered once; halves go up."""
    responses = [a_response(place, f"l{place}", 1, 0) for place in range(3)]
    responses.append(a_response(3, "l3", 2, 30_000))
    found = learned(responses)
    total = 3 * found.items[1] + found.items[2]
    assert found.references == {"c1": divide_half_up(total, 4)}
    assert [divide_half_up(one, 2) for one in (-3, -1, 1, 3)] == [-1, 0, 1, 2]


def test_harder_items_have_the_higher_difficulty():
    """And all stay within the limits of contributions, however one-sided the answers are."""
    responses = [
        a_response(2 * place + wrong, f"l{place}", wrong, 0 if wrong else 30_000)
        for place in range(300)
        for wrong in (0, 1)
    ]
    found = learned(responses)
    assert -512 <= found.items[0] < 0 < found.items[1] <= 512
    assert learned([a_response(0, "l", 1, 30_000)]).items[1] >= -512


def test_more_items_than_an_epoch_holds_are_refused(monkeypatch):
    """With what to do about it, before anything is kept."""
    monkeypatch.setattr(calibration, "ITEMS_MAXIMUM", 1)
    with pytest.raises(TooManyItemsError, match="ask for more responses"):
        learned([a_response(place, "l1", place, 0) for place in range(2)])
