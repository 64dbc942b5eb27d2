"""An evaluation as tables for people."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from services.mastery.evaluation.bands import label
from services.mastery.evaluation.comparison import Comparison, ModelResult, TestCost
from services.mastery.evaluation.crossings import FALSE_RIGHT_MAXIMUM, NEXT, FalseMastery
from services.mastery.evaluation.document import Setup, counts_of
from services.mastery.evaluation.intervals import Interval
from services.mastery.evaluation.log import OccasionBy, ResponseLog
from services.mastery.evaluation.models.external_test import TEST_ITEMS
from services.mastery.evaluation.models.trellis import CALIBRATED
from services.mastery.evaluation.reading import Account

EXAMPLES_SHOWN: Final = 5
UNKNOWN: Final = "–"
BESIDE: Final = "Best-LR"
"""The model that stands beside Trellis by how much was known."""


def print_report(
    console: Console, setup: Setup, account: Account, log: ResponseLog, comparison: Comparison
) -> None:
    """Print the whole report."""
    for line in _about(setup, account, log):
        console.print(line, highlight=False)
    for title, table in _tables(comparison):
        console.print(f"\n[bold]{title}[/]", highlight=False)
        console.print(table)
    console.print()
    for line in _notes(setup, log, comparison):
        console.print(line, highlight=False)


def _about(setup: Setup, account: Account, log: ResponseLog) -> Iterator[str]:
    """Say what was read, and what was not."""
    counts = counts_of(log)
    yield (
        f"[bold]{setup.file.name}[/]: {counts['responses']:,} responses of "
        f"{counts['learners']:,} learners to {counts['items']:,} items on "
        f"{counts['competencies']:,} competencies, {counts['right_ratio']:.1%} right"
    )
    yield f"held out: {setup.held_out}; seed {setup.seed}"
    yield f"rows: {account.rows:,}, of them {account.used:,} used"
    if account.without_competency:
        yield f"left out, of no competency: {account.without_competency:,}"
    if account.bad:
        yield f"bad rows, left out: {account.bad:,}"
    for example in account.examples[:EXAMPLES_SHOWN]:
        yield f"  line {example.line}: {example.reason}"


def _tables(comparison: Comparison) -> Iterator[tuple[str, Table]]:
    """Return each table with what it shows."""
    yield (
        "How well each model predicts the next response of a learner it has not seen",
        _models(comparison),
    )
    yield (
        "By how many pieces came before in the competency",
        _bands(comparison),
    )
    yield (
        f"False mastery: at most {FALSE_RIGHT_MAXIMUM} of the next {NEXT} right, at equal firing",
        _false(comparison),
    )
    yield (
        'How often "proficient or not" turns, for each learner and competency',
        _flips(comparison),
    )


def _models(comparison: Comparison) -> Table:
    """Return the metrics of every model, the best AUC last."""
    table = Table(show_edge=False)
    table.add_column("model")
    for heading in ("AUC", "by split", "log-loss", "RMSE", "ECE"):
        table.add_column(heading, justify="right")
    table.add_column("Trellis better by, AUC", justify="right")
    table.add_column("by, log-loss", justify="right")
    for result in sorted(comparison.models, key=lambda one: one.metrics.auc):
        table.add_row(*_model_row(result), style="bold" if result.name == CALIBRATED else "")
    return table


def _model_row(result: ModelResult) -> Iterator[str]:
    metrics = result.metrics
    yield result.name
    yield _number(metrics.auc, 4)
    yield _by_split([one.auc for one in result.by_split])
    yield _number(metrics.log_loss, 4)
    yield _number(metrics.rmse, 4)
    yield _number(metrics.ece, 3)
    yield _difference(result.auc_difference)
    yield _difference(_negative(result.log_loss_difference))


def _bands(comparison: Comparison) -> Table:
    """Return what Trellis predicted and what was right, by how much was known."""
    by_name = {result.name: result for result in comparison.models}
    table = Table(show_edge=False)
    table.add_column("pieces before")
    for heading in ("responses", "Trellis predicted", "right", "Trellis AUC", f"{BESIDE} AUC"):
        table.add_column(heading, justify="right")
    for own, other in zip(by_name[CALIBRATED].bands, by_name[BESIDE].bands, strict=True):
        shares = (_number(own.predicted, 3), _number(own.right, 3))
        aucs = (_number(own.auc, 3), _number(other.auc, 3))
        table.add_row(label(own), f"{own.count:,}", *shares, *aucs)
    return table


def _false(comparison: Comparison) -> Table:
    """Return how often mastery was false, beside the estimate at the same rate of firing."""
    table = Table(show_edge=False)
    table.add_column("rule, from the third piece on")
    for heading in ("fires for", "known", "false", "Trellis false", "bar on P(p >= .8)"):
        table.add_column(heading, justify="right")
    table.add_column("difference", justify="right")
    for name, found in comparison.false_mastery.items():
        table.add_row(name, *_false_row(found))
    return table


def _false_row(found: FalseMastery) -> Iterator[str]:
    yield f"{found.rule.fired:.1%}"
    yield f"{found.rule.known:,}"
    yield _number(found.rule.false, 3)
    yield _number(found.estimate.false, 3)
    yield _number(found.bar, 2)
    yield _difference(found.difference, 3)


def _flips(comparison: Comparison) -> Table:
    """Return how often each status turns."""
    table = Table(show_edge=False)
    table.add_column("status")
    table.add_column("flips", justify="right")
    for name, flips in comparison.flips.items():
        table.add_row(name, f"{flips:.2f}")
    return table


def _notes(setup: Setup, log: ResponseLog, comparison: Comparison) -> Iterator[str]:
    """Say what the numbers rest on."""
    made_up = setup.mapping.made_up_time
    if made_up:
        yield (
            f"Times are [bold]made up[/]: {made_up.step_seconds} s apart in each learner's order, "
            "all from the same start. Forgetting plays no part."
        )
    day = log.occasion_by == OccasionBy.DAY
    yield f"An occasion, which Trellis's rules read, is {'a day' if day else 'one response'}."
    yield (
        "Trellis's constants are as shipped; difficulties, intercept and slope are of training "
        f"learners: intercept {_range([one.intercept for one in comparison.calibrations])}, "
        f"slope {_range([one.slope for one in comparison.calibrations])}."
    )
    if comparison.test_cost:
        yield _test_cost_words(comparison.test_cost)
    yield (
        f"In brackets: 95 % of {setup.draws:,} bootstrap draws of learners. Above 0, Trellis is "
        "better; of false mastery, below 0."
    )


def _test_cost_words(cost: TestCost) -> str:
    """Say what it costs that an external test counts as one piece of work."""
    return (
        f"An external test counts as one piece of work. Taking answers {TEST_ITEMS + 1} to "
        f"{2 * TEST_ITEMS} of each learner "
        f"for one changes the AUC of the next {TEST_ITEMS} by {_difference(cost.difference)} "
        f"({_number(cost.pooled_auc, 4)}, item by item {_number(cost.by_item_auc, 4)}; "
        f"{cost.responses:,} answers of {cost.learners:,} learners)."
    )


def _by_split(aucs: Sequence[float]) -> str:
    """Return mean and standard deviation over the splits that have an AUC."""
    known = np.array([one for one in aucs if np.isfinite(one)])
    return f"{known.mean():.4f} ± {known.std():.4f}" if len(known) else UNKNOWN


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f}"


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if np.isfinite(value) else UNKNOWN


def _negative(difference: Interval | None) -> Interval | None:
    """Return a difference of losses, where less is better, as one where more is."""
    if difference is None:
        return None
    return Interval(value=-difference.value, lower=-difference.upper, upper=-difference.lower)


def _difference(difference: Interval | None, digits: int = 4) -> str:
    if difference is None:
        return ""
    if not np.isfinite(difference.value):
        return UNKNOWN
    value, lower, upper = difference.value, difference.lower, difference.upper
    return f"{value:+.{digits}f} \\[{lower:+.{digits}f}, {upper:+.{digits}f}]"
