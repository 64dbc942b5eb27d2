"""An evaluation as JSON: every number of the report, and all that is needed to make it again."""

import math
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from services.mastery.evaluation.comparison import Comparison, ModelResult
from services.mastery.evaluation.log import ResponseLog
from services.mastery.evaluation.mapping import Mapping
from services.mastery.evaluation.reading import Account

FORMAT: Final = 1
"""Rises when a field is removed or means something else."""

LIBRARIES: Final = ("trellis", "numpy", "scipy", "scikit-learn")


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What was asked for. `held_out` says in words who was held out."""

    command: Sequence[str]
    file: Path
    sha256: str
    mapping_name: str
    mapping: Mapping
    held_out: str
    splits: int
    seed: int
    draws: int


def document(setup: Setup, account: Account, log: ResponseLog, comparison: Comparison) -> Any:  # noqa: ANN401
    """Return the evaluation as lists, dicts, texts and numbers; what is no number is None."""
    found = {
        "format": FORMAT,
        "command": list(setup.command),
        "file": {"name": setup.file.name, "sha256": setup.sha256},
        "mapping": {"name": setup.mapping_name, **setup.mapping.model_dump(mode="json")},
        "splits": {"held_out": setup.held_out, "count": setup.splits},
        "seed": setup.seed,
        "draws": setup.draws,
        "versions": _versions(),
        "rows": _rows(account),
        "log": counts_of(log),
        "models": [_model(result) for result in comparison.models],
        "calibrations": [asdict(one) for one in comparison.calibrations],
        "flips_per_learner_and_competency": dict(comparison.flips),
        "external_test_cost": comparison.test_cost and asdict(comparison.test_cost),
        "false_mastery": {name: asdict(found) for name, found in comparison.false_mastery.items()},
    }
    return _finite(found)


def counts_of(log: ResponseLog) -> dict[str, int | float]:
    """Return how large a log is, and the share of right answers."""
    return {
        "responses": len(log),
        "learners": len(log.learners),
        "items": len(log.items),
        "competencies": len(log.competencies),
        "pieces": len(log.pieces),
        "learners_with_competency": len(log.pieces.pair_learner),
        "right_ratio": float(log.correct.mean()),
    }


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def _rows(account: Account) -> dict[str, Any]:
    return asdict(account) | {"bad_by_reason": dict(account.bad_by_reason)}


def _model(result: ModelResult) -> dict[str, Any]:
    """Return one model; differences are the calibrated estimate's less this model's."""
    return {
        "name": result.name,
        **result.metrics.as_dict(),
        "auc_difference": result.auc_difference and asdict(result.auc_difference),
        "log_loss_difference": result.log_loss_difference and asdict(result.log_loss_difference),
        "by_split": [one.as_dict() for one in result.by_split],
        "calibration_bins": [asdict(one) for one in result.bins],
        "by_evidence": [asdict(one) for one in result.bands],
    }


def _finite(value: Any) -> Any:  # noqa: ANN401
    """Return the value with None for what is no number: JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
