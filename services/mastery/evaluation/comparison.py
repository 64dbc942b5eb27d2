"""Every model on every split, and all that is said of them: the whole of an evaluation.

Each learner is held out once. A model's predictions for held-out learners are put together over the
splits and measured as a whole, and measured within each split besides. The estimate with its
calibration is what the others are compared with.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.mastery.domain.model import DEFAULT_POLICY, LEVEL_MINIMUM_MILLI, Decision, Share
from services.mastery.evaluation.bands import Band, by_evidence
from services.mastery.evaluation.crossings import FalseMastery, false_mastery, usual_firings
from services.mastery.evaluation.intervals import (
    Draws,
    Interval,
    draw_learners,
    drawn_aucs,
    drawn_log_losses,
    interval,
)
from services.mastery.evaluation.log import Flags, Floats, ResponseLog
from services.mastery.evaluation.metrics import Bin, Metrics, auc, calibration_bins, measure
from services.mastery.evaluation.models.bkt import KnowledgeTracing
from services.mastery.evaluation.models.calibration import UNCALIBRATED, Calibration
from services.mastery.evaluation.models.elo import Elo
from services.mastery.evaluation.models.external_test import after_test
from services.mastery.evaluation.models.model import Model
from services.mastery.evaluation.models.regression import (
    best_regression,
    performance_factors,
    rasch,
)
from services.mastery.evaluation.models.rules import (
    LEVEL_SPAN_MILLI,
    TITLES,
    Levels,
    product_levels,
    product_rules,
    usual_rules,
)
from services.mastery.evaluation.models.trellis import (
    AS_SHIPPED,
    CALIBRATED,
    TrellisFit,
    fit_trellis,
    predict_with_test,
)
from services.mastery.evaluation.statuses import (
    CUT_SLACK,
    RULE_CUT,
    Chances,
    decisions,
    flips_per_pair,
    published,
)

Progress = Callable[[str], None]
"""Told what was done, once for each unit of work."""

CURRENT_RULE = DEFAULT_POLICY.current_rule.name
"""The rule of the product that decisions read."""

PROFICIENT_LEVEL = (DEFAULT_POLICY.proficient_level_milli - LEVEL_MINIMUM_MILLI) / LEVEL_SPAN_MILLI
"""The product's level of 3 as a level from 0 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelResult:
    """What is said of one model; `bands` are by how much was known of the learner.

    `auc_difference` and `log_loss_difference` are the estimate's less this model's: the estimate
    is better where the first is above 0 and the second below. None for the estimate itself.
    """

    name: str
    metrics: Metrics
    by_split: Sequence[Metrics]
    bins: Sequence[Bin]
    bands: Sequence[Band]
    auc_difference: Interval | None
    log_loss_difference: Interval | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TestCost:
    """What it costs to count forty answers as one external test, in the AUC of the next forty.

    `learners` and `responses` say how much was predicted; `difference` is the AUC with the test
    pooled less that with each answer read by itself: below 0 pooling costs.
    """

    learners: int
    responses: int
    pooled_auc: float
    by_item_auc: float
    difference: Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """All results on one log. `flips` and `false_mastery` are by name of a rule.

    `test_cost` is None where no learner has more than eighty responses.
    """

    models: Sequence[ModelResult]
    calibrations: Sequence[Calibration]
    flips: Mapping[str, float]
    false_mastery: Mapping[str, FalseMastery]
    test_cost: TestCost | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What is said of held-out learners: predictions (n,) by model, chances (m,) by calibration.

    `with_test` (n,) are the estimate's predictions where forty answers are one external test.
    """

    predictions: Mapping[str, Floats]
    with_test: Floats
    chances: Mapping[str, Chances]
    calibrations: Sequence[Calibration]


def units_of_work(splits: int) -> int:
    """Return how many times `compare` tells its progress."""
    return 2 + splits * (len(_MODELS) + 1) + 2


def compare(
    log: ResponseLog, splits: Sequence[Flags], *, seed: int, draws: int, progress: Progress
) -> Comparison:
    """Return every model's results over splits, given as flags (n,) of what to train on.

    `draws` is how often learners are drawn anew for an interval.
    """
    levels_milli = product_rules(log)
    rules = [*product_levels(log, levels_milli), *usual_rules(log)]
    progress("rules")
    models: list[Model] = [*rules, *(make(log) for make in _MODELS)]
    progress("features")
    held = _hold_out(log, splits, models, seed, progress)
    drawn = draw_learners(len(log.learners), draws, seed)
    results = _results(log, splits, held.predictions, drawn)
    progress("intervals")
    comparison = Comparison(
        models=results,
        calibrations=held.calibrations,
        flips=_flips(log, rules, held.chances, levels_milli),
        false_mastery=_false_mastery(log, rules, held.chances[CALIBRATED], drawn),
        test_cost=_test_cost(log, held, drawn),
    )
    progress("decisions")
    return comparison


_MODELS: Sequence[Callable[[ResponseLog], Model]] = (
    KnowledgeTracing,
    rasch,
    performance_factors,
    Elo,
    best_regression,
)
"""The usual models that are fitted, in order of what they read."""


def _hold_out(
    log: ResponseLog,
    splits: Sequence[Flags],
    models: Sequence[Model],
    seed: int,
    progress: Progress,
) -> Held:
    """Return what each model says of each learner while that learner is held out."""
    names = [*(model.name for model in models), AS_SHIPPED, CALIBRATED]
    predictions = {name: np.full(len(log), np.nan) for name in names}
    m = {name: np.full(len(log.pieces), np.nan) for name in (AS_SHIPPED, CALIBRATED)}
    v = np.full(len(log.pieces), np.nan)
    with_test = np.full(len(log), np.nan)
    calibrations = []
    for number, training in enumerate(splits, start=1):
        held = ~training
        for model in models:
            predictions[model.name][held] = model.predict(training)[held]
            if not isinstance(model, Levels):
                progress(f"{model.name}, split {number}")
        fit = fit_trellis(log, training, seed)
        for name, values in fit.predictions().items():
            predictions[name][held] = values[held]
        with_test[held] = predict_with_test(log, fit)[held]
        _keep_after(log, held, fit, m, v)
        calibrations.append(fit.calibration)
        progress(f"Trellis, split {number}")
    chances = {name: Chances(m=m[name], v=v) for name in m}
    return Held(
        predictions=predictions, with_test=with_test, chances=chances, calibrations=calibrations
    )


def _test_cost(log: ResponseLog, held: Held, draws: Draws) -> TestCost | None:
    """Return what pooling a test costs, over the responses that follow it."""
    after = after_test(log)
    if not after.any():
        return None
    correct, learner = log.correct[after], log.learner[after]
    pooled, by_item = held.with_test[after], held.predictions[CALIBRATED][after]
    pooled_auc, by_item_auc = auc(pooled, correct), auc(by_item, correct)
    drawn = drawn_aucs(pooled, correct, learner, draws) - drawn_aucs(
        by_item, correct, learner, draws
    )
    return TestCost(
        learners=len(np.unique(learner)),
        responses=int(after.sum()),
        pooled_auc=pooled_auc,
        by_item_auc=by_item_auc,
        difference=interval(pooled_auc - by_item_auc, drawn),
    )


def _keep_after(
    log: ResponseLog, held: Flags, fit: TrellisFit, m: Mapping[str, Floats], v: Floats
) -> None:
    """Keep what the estimate says after each piece of held-out learners."""
    pieces = held[log.pieces.response]
    v[pieces] = fit.after.v[pieces]
    m[CALIBRATED][pieces] = fit.calibration.mean(fit.after.m[pieces])
    m[AS_SHIPPED][pieces] = UNCALIBRATED.mean(fit.after.m[pieces])


def _results(
    log: ResponseLog, splits: Sequence[Flags], predictions: Mapping[str, Floats], draws: Draws
) -> list[ModelResult]:
    """Return each model's results, beside the calibrated estimate's."""
    own_auc, own_loss = _drawn(log, predictions[CALIBRATED], draws)
    own = measure(predictions[CALIBRATED], log.correct)
    results = []
    for name, prediction in predictions.items():
        metrics = measure(prediction, log.correct)
        auc_difference = log_loss_difference = None
        if name != CALIBRATED:
            aucs, losses = _drawn(log, prediction, draws)
            auc_difference = interval(own.auc - metrics.auc, own_auc - aucs)
            log_loss_difference = interval(own.log_loss - metrics.log_loss, own_loss - losses)
        results.append(
            ModelResult(
                name=name,
                metrics=metrics,
                by_split=[measure(prediction[~one], log.correct[~one]) for one in splits],
                bins=calibration_bins(prediction, log.correct),
                bands=by_evidence(log, prediction),
                auc_difference=auc_difference,
                log_loss_difference=log_loss_difference,
            )
        )
    return results


def _drawn(log: ResponseLog, prediction: Floats, draws: Draws) -> tuple[Floats, Floats]:
    return (
        drawn_aucs(prediction, log.correct, log.learner, draws),
        drawn_log_losses(prediction, log.correct, log.learner, draws),
    )


def _flips(
    log: ResponseLog,
    rules: Sequence[Levels],
    chances: Mapping[str, Chances],
    levels_milli: Mapping[str, Floats],
) -> dict[str, float]:
    """Return how often each status turns; a rule of the product is met at its level of 3."""
    # The current rule has a level from the first piece on.
    current_milli = levels_milli[CURRENT_RULE].astype(np.int64)
    flips = {}
    for rule in rules:
        name, cut = f"{rule.name} >= {RULE_CUT}", RULE_CUT
        if rule.name in TITLES.values():
            name, cut = f"{rule.name}: level >= 3", PROFICIENT_LEVEL
        flips[name] = flips_per_pair(rule.after >= cut - CUT_SLACK, log)
    gate = DEFAULT_POLICY.proficient_gate
    for name, own in chances.items():
        opened = own.of_share(Share.EIGHT_TENTHS) >= gate.at_least_micro / 1e6
        flips[f"{name}: P(p >= .8) >= .7"] = flips_per_pair(opened, log)
        decided = decisions(log, own, current_milli, DEFAULT_POLICY)
        flips[f"{name}: decision"] = flips_per_pair(decided >= Decision.PROFICIENT, log)
        shown = published(log, own, current_milli, decided, DEFAULT_POLICY)
        flips[f"{name}: published status"] = flips_per_pair(shown >= Decision.PROFICIENT, log)
    return flips


def _false_mastery(
    log: ResponseLog, rules: Sequence[Levels], own: Chances, draws: Draws
) -> dict[str, FalseMastery]:
    """Return how often each usual rule, and each average, is false beside the estimate."""
    in_steps = ("in a row", "in_a_row", "n-mastery", "n_mastery", "latest", "highest")
    averages = {
        rule.name: rule.after for rule in rules if not any(word in rule.name for word in in_steps)
    }
    p_eight = own.of_share(Share.EIGHT_TENTHS)
    return {
        name: false_mastery(log, met, p_eight, draws)
        for name, met in usual_firings(log, averages).items()
    }
