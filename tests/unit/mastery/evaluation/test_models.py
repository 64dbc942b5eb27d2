"""Models predict each response once, from what came before it, and learn from others alone."""

from dataclasses import replace

import numpy as np
import pytest

from services.mastery.evaluation.log import ResponseLog
from services.mastery.evaluation.models.bkt import KnowledgeTracing
from services.mastery.evaluation.models.calibration import fit_calibration, sigma, success
from services.mastery.evaluation.models.difficulty import learn_difficulty
from services.mastery.evaluation.models.elo import Elo
from services.mastery.evaluation.models.regression import (
    best_regression,
    performance_factors,
    rasch,
)
from services.mastery.evaluation.models.rules import product_levels, product_rules, usual_rules
from services.mastery.evaluation.models.trellis import fit_trellis
from services.mastery.evaluation.splits import split_learners
from tests.support.response_logs import a_log, a_log_of_known_difficulties, a_random_log, answers


def every_prediction(log: ResponseLog, training):
    """Return the predictions of every model by name, shape (n,) each."""
    models = [
        *usual_rules(log),
        *product_levels(log, product_rules(log)),
        *(
            make(log)
            for make in (KnowledgeTracing, Elo, rasch, performance_factors, best_regression)
        ),
    ]
    found = {model.name: model.predict(training) for model in models}
    return found | fit_trellis(log, training, seed=1).predictions()


LOG = a_random_log(4, learners=12, longest=40)
TRAINING = split_learners(LOG, 4, seed=1)[0]
PREDICTIONS = every_prediction(LOG, TRAINING)
NAMES = sorted(PREDICTIONS)
HELD = np.flatnonzero(~TRAINING)


@pytest.mark.parametrize("name", NAMES)
def test_every_model_gives_one_chance_for_each_response(name):
    """Responses with several competencies too: one row, one prediction."""
    assert PREDICTIONS[name].shape == (len(LOG),)
    assert ((PREDICTIONS[name] >= 0) & (PREDICTIONS[name] <= 1)).all()
    assert LOG.competency_count.max() > 1


def test_no_prediction_knows_its_own_answer_or_a_later_one():
    """With all answers of a held-out learner turned from some response on, what is before stays."""
    learner = LOG.learner[HELD[0]]
    own = np.flatnonzero(LOG.learner == learner)
    for place in own[:: max(1, len(own) // 5)]:
        correct = LOG.correct.copy()
        later = own[own >= place]
        correct[later] = 1 - correct[later]
        turned = every_prediction(replace(LOG, correct=correct), TRAINING)
        until = own[own <= place]
        for name in NAMES:
            assert turned[name][until] == pytest.approx(PREDICTIONS[name][until], abs=1e-12), name


def test_what_is_fitted_does_not_know_who_is_held_out():
    """With all answers of held-out learners turned, predictions for training learners stay."""
    correct = np.where(TRAINING, LOG.correct, 1 - LOG.correct)
    log = replace(LOG, correct=correct)
    turned = every_prediction(log, TRAINING)
    for name in NAMES:
        assert turned[name][TRAINING] == pytest.approx(PREDICTIONS[name][TRAINING], abs=1e-12), name
    before, after = fit_trellis(LOG, TRAINING, 1), fit_trellis(log, TRAINING, 1)
    assert before.calibration == after.calibration
    assert (before.difficulty.response_d64 == after.difficulty.response_d64).all()
    assert (before.difficulty.reference_d64 == after.difficulty.reference_d64).all()


def test_one_held_out_learner_does_not_move_the_prediction_for_another():
    """Held-out learners are predicted each by themselves."""
    first, other = LOG.learner[HELD[0]], LOG.learner[HELD[-1]]
    assert first != other
    correct = np.where(LOG.learner == first, 1 - LOG.correct, LOG.correct)
    turned = every_prediction(replace(LOG, correct=correct), TRAINING)
    for name in NAMES:
        same = other == LOG.learner
        assert turned[name][same] == pytest.approx(PREDICTIONS[name][same], abs=1e-12), name


def test_a_typical_task_is_typical_of_what_training_learners_did():
    """Held-out learners who did other items change no difficulty."""
    other = np.where(TRAINING, LOG.item, (LOG.item + 1) % len(LOG.items))
    found = learn_difficulty(replace(LOG, item=other), TRAINING)
    expected = learn_difficulty(LOG, TRAINING)
    assert (found.reference_d64 == expected.reference_d64).all()


def test_the_columns_of_best_lr_by_hand():
    """Item, competencies, their wins and attempts, then the item's and all wins and attempts."""
    log = a_log([
        ("ann", "x", ("a",), 1),
        ("ann", "y", ("a", "b"), 0),
        ("ann", "x", ("a",), 1),
        ("bob", "x", ("a",), 1),
    ])  # fmt: skip
    found = np.expm1(best_regression(log).features.toarray()[:, 4:])
    wins_a, wins_b, tried_a, tried_b, item_wins, item_tried, wins, tried = found.T
    assert wins_a == pytest.approx([0, 1, 1, 0])
    assert tried_a == pytest.approx([0, 1, 2, 0])
    assert (wins_b == 0).all()
    assert (tried_b == 0).all()
    assert item_wins == pytest.approx([0, 0, 1, 0])
    assert item_tried == pytest.approx([0, 0, 1, 0])
    assert wins == pytest.approx([0, 1, 1, 0])
    assert tried == pytest.approx([0, 1, 2, 0])
    chosen = best_regression(log).features.toarray()[:, :4]
    assert chosen.tolist() == [[1, 0, 1, 0], [0, 1, 1, 1], [1, 0, 1, 0], [1, 0, 1, 0]]


def test_a_response_of_two_competencies_learns_of_its_answer_once_and_afterwards():
    """Repeated rows would tell the second competency the first one's answer; here neither knows."""
    rows = [("ann", "both", ("adding", "naming"), one) for one in (1, 1, 1)]
    rows += [("bob", "both", ("adding", "naming"), one) for one in (0, 1, 0)]
    log = a_log(rows)
    mean = next(model for model in usual_rules(log) if model.name == "mean")
    found = mean.predict(log.learner == 1)
    assert found[:3] == pytest.approx([1 / 3, 1.0, 1.0])
    assert len(log) == 6
    assert len(log.pieces) == 12


def test_weights_of_one_response_sum_to_one():
    """Thousandths that three competencies cannot share go to the first."""
    log = a_log([("ann", "all", ("a", "b", "c"), 1)])
    assert sorted(log.pieces.weight_milli.tolist()) == [333, 333, 334]


def test_rules_by_hand():
    """Right, wrong, right, right: what each usual rule says after each."""
    log = a_log(answers([1, 0, 1, 1]))
    found = {rule.name: rule.after for rule in usual_rules(log)}
    assert found["latest"] == pytest.approx([1, 0, 1, 1])
    assert found["mean"] == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4])
    assert found["n-mastery 5"] == pytest.approx([0.2, 0.2, 0.4, 0.6])
    assert found["3 in a row"] == pytest.approx([1 / 3, 0, 1 / 3, 2 / 3])
    assert found["Canvas weighted 65/35"] == pytest.approx(
        [1, 0.35, 0.65 + 0.35 / 2, 0.65 + 0.35 * 2 / 3]
    )
    assert product_rules(log)["highest"].tolist() == [4000] * 4
    assert product_rules(log)["decaying_average"].tolist() == [4000, 2050, 3318, 3761]


def test_difficulties_are_found_again():
    """Item response theory, Best-LR and our own pass order twenty items as they were made."""
    log, difficulty = a_log_of_known_difficulties(1)
    training = np.ones(len(log), dtype=bool)
    ours = learn_difficulty(log, training).response_d64 / 64
    fitted = rasch(log).predict(training)
    first = np.array([np.flatnonzero(log.item == item)[0] for item in range(len(log.items))])
    assert ours[first] == pytest.approx(difficulty, abs=0.5)
    assert np.corrcoef(-np.log(fitted[first] / (1 - fitted[first])), difficulty)[0, 1] > 0.98
    begins = np.array([log.rank[log.item == item].argmin() for item in range(len(log.items))])
    regression = best_regression(log).predict(training)
    early = [np.flatnonzero(log.item == item)[begins[item]] for item in range(len(log.items))]
    assert np.corrcoef(regression[early], -difficulty)[0, 1] > 0.85


def test_knowledge_tracing_finds_its_own_numbers_again():
    """Made with prior .3, learn .2, guess .2 and slip .1, three hundred learners of ten answers."""
    generator = np.random.default_rng(2)
    rows = []
    for learner in range(300):
        knows = generator.random() < 0.3
        for k in range(10):
            correct = int(generator.random() < (0.9 if knows else 0.2))
            rows.append((f"learner-{learner:03}", f"item-{k}", ("one",), correct))
            knows = knows or generator.random() < 0.2
    log = a_log(rows)
    found = KnowledgeTracing(log).fit(np.ones(len(log), dtype=bool))
    assert found.prior[0] == pytest.approx(0.3, abs=0.1)
    assert found.learn[0] == pytest.approx(0.2, abs=0.05)
    assert found.guess[0] == pytest.approx(0.2, abs=0.05)
    assert found.slip[0] == pytest.approx(0.1, abs=0.03)


def test_elo_by_hand():
    """Trained on one right and one wrong answer, its first prediction is the base of .5."""
    log = a_log([
        ("ann", "x", ("adding",), 1), ("ann", "y", ("adding",), 0),
        ("bob", "x", ("adding",), 1), ("bob", "y", ("adding",), 1),
    ])  # fmt: skip
    found = Elo(log).predict(log.learner == 0)
    item_x = -0.6 * 0.5
    assert found[2] == pytest.approx(1 / (1 + np.exp(item_x)))


def test_a_calibration_is_found_again():
    """From chances made with intercept .3 and slope 1.2."""
    generator = np.random.default_rng(8)
    m, v = generator.normal(0, 1.5, 40_000), generator.uniform(0.5, 1.5, 40_000)
    correct = (generator.random(40_000) < success(0.3 + 1.2 * m, v)).astype(int)
    found = fit_calibration(m, v, correct)
    assert found.intercept == pytest.approx(0.3, abs=0.05)
    assert found.slope == pytest.approx(1.2, abs=0.05)


def test_the_logistic_does_not_overflow():
    """At either end it is 0 or 1."""
    assert sigma(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
