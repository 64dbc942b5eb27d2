"""Calibration as a picture: how often was right what each model gave a chance of so many percent.

On the diagonal a model means what it says.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from services.mastery.evaluation.comparison import Comparison
from services.mastery.evaluation.models.trellis import AS_SHIPPED, CALIBRATED

SHOWN: Final = (CALIBRATED, AS_SHIPPED, "Best-LR", "BKT", "mean", "Canvas weighted 65/35")
"""The models that are drawn: all of them would hide each other."""

BIN_MINIMUM: Final = 20
"""Bins with fewer responses are left out: their share is mostly luck."""


def save_plot(path: Path, title: str, comparison: Comparison) -> None:
    """Write the calibration plot as SVG or PNG, by the ending of the path. Raises OSError."""
    figure = Figure(figsize=(6.4, 6.4), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="means what it says")
    for name in SHOWN:
        predicted, right = _points(comparison, name)
        own = name == CALIBRATED
        axes.plot(predicted, right, marker="o", linewidth=2.5 if own else 1.2, label=name)
    axes.set(
        title=title,
        xlabel="predicted chance of a right answer",
        ylabel="share that was right",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
    axes.legend(loc="lower right")
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _points(comparison: Comparison, name: str) -> tuple[Sequence[float], Sequence[float]]:
    result = next(one for one in comparison.models if one.name == name)
    bins = [one for one in result.bins if one.count >= BIN_MINIMUM]
    return [one.predicted for one in bins], [one.right for one in bins]
