"""What the commands `calibrate` and `epochs` print. It must not decide what is shown, nor ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich import box
from rich.table import Table

from services.mastery.domain.calibration import Calibrated
from services.mastery.domain.epochs import PublishedEpoch
from services.mastery.domain.moments import moment_of
from services.mastery.domain.sigma_table import STEPS_A_LOGIT
from services.mastery.domain.source_weights import (
    DEFAULT_WEIGHTS,
    KIND_NAMES,
    PURPOSE_NAMES,
    SourceWeights,
    write_weights,
)
from services.mastery.handlers.epochs import Change, Comparison

_QUANTILES: Final = (0, 10, 50, 90, 100)


def summary_table(calibrated: Calibrated, comparison: Comparison) -> Table:
    """Return what a calibration found."""
    covered = calibrated.covered_count / max(calibrated.response_count, 1)
    table = Table("calibration", "", box=box.SIMPLE_HEAD, pad_edge=False)
    before = comparison.before
    for name, value in (
        ("responses of learners", f"{calibrated.response_count:,}"),
        ("learners", f"{calibrated.learner_count:,}"),
        ("items with a difficulty", f"{len(calibrated.items):,}"),
        ("of these new", f"{comparison.new_item_count:,}"),
        ("responses that they cover", f"{covered:.1%}"),
        ("competencies with a typical task", f"{len(calibrated.references):,}"),
        ("typical task of any other", logits(calibrated.reference_d64)),
        ("difficulty of items, 0 10 50 90 100 %", _spread(calibrated.items.values())),
        ("of typical tasks", _spread(calibrated.references.values())),
        ("in force then", f"epoch {before.version}" if before else "nothing calibrated"),
    ):
        table.add_row(name, value)
    return table


def changes_table(title: str, changes: Sequence[Change]) -> Table:
    """Return the largest changes of difficulty; items are told by their key, a hash."""
    table = Table(
        f"largest changes, {title}", "before", "after", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for change in changes:
        table.add_row(change.key, logits(change.before_d64), logits(change.after_d64))
    return table


def weights_table(weights: SourceWeights) -> Table:
    """Return what each kind weighs with each purpose; what differs from the default has a star."""
    table = Table("weight of", *PURPOSE_NAMES, box=box.SIMPLE_HEAD, pad_edge=False)
    columns = len(PURPOSE_NAMES)
    theirs, defaults = weights.table(), DEFAULT_WEIGHTS.table()
    for place, kind in enumerate(KIND_NAMES):
        start = place * columns
        cells = [
            f"{milli / 1_000:g}{'' if milli == defaults[start + column] else '*'}"
            for column, milli in enumerate(theirs[start : start + columns])
        ]
        table.add_row(kind, *cells)
    return table


def epoch_lines(published: PublishedEpoch) -> list[str]:
    """Return what an epoch is, from when, and whether the state is folded with it."""
    epoch = published.epoch
    lines = [
        f"Epoch {epoch.version}: work from {_minute(epoch.effective_us)} UTC on;"
        f" published {_minute(published.create_us)} UTC by {published.actor or 'nobody named'}."
        f"{f' Note: {published.note}' if published.note else ''}",
        _difficulties(published),
        f"Digest {epoch.digest.hex()}.",
    ]
    if not published.is_folded:
        lines.append(
            "REFOLD NEEDED: it reaches work that was folded, and the state is as if it were not"
            " there. `python -m services.mastery rebuild` folds with it and swaps."
        )
    return lines


def history_table(known: Sequence[PublishedEpoch]) -> Table:
    """Return a row for each epoch, the newest first."""
    table = Table(
        "epoch",
        "work from, UTC",
        "state",
        "items",
        "weights",
        "published, UTC",
        "by",
        "note",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for one in known:
        default = write_weights(one.epoch.weights) == write_weights(DEFAULT_WEIGHTS)
        own = one.epoch.difficulties_of == one.epoch.version
        of = one.epoch.difficulties_of
        table.add_row(
            str(one.epoch.version),
            _minute(one.epoch.effective_us),
            "folded" if one.is_folded else "REFOLD NEEDED",
            f"{one.item_count:,}" if own else (f"of epoch {of}" if of else "none"),
            "default" if default else "own",
            _minute(one.create_us),
            one.actor,
            one.note,
        )
    return table


def logits(d64: int) -> str:
    """Return a difficulty in logits, with its sign."""
    return f"{d64 / STEPS_A_LOGIT:+.2f}"


def _difficulties(published: PublishedEpoch) -> str:
    epoch = published.epoch
    if epoch.difficulties_of == epoch.version:
        share = published.covered_count / max(published.response_count, 1)
        return (
            f"Difficulties of {published.item_count:,} items, from {published.response_count:,}"
            f" responses, of which they cover {share:.1%}."
        )
    if epoch.difficulties_of:
        return f"Difficulties are those of epoch {epoch.difficulties_of}."
    return "No difficulties: they follow Depth of Knowledge alone."


def _spread(values: Iterable[int]) -> str:
    """Return the quantiles of difficulties in logits."""
    ordered = sorted(values)
    if not ordered:
        return "none"
    return " ".join(logits(ordered[(len(ordered) - 1) * one // 100]) for one in _QUANTILES)


def _minute(time_us: int) -> str:
    return f"{moment_of(time_us):%Y-%m-%d %H:%M}"
