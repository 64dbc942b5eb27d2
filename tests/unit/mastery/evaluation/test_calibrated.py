"""The difficulties that a district would learn, on a real log, beside the evaluation's own."""

from pathlib import Path

import numpy as np
import pytest

from services.mastery.domain.calibration import Calibration, Response
from services.mastery.domain.model import SCORE_MAXIMUM, ScoreScale
from services.mastery.domain.occasion_levels import divide_half_up
from services.mastery.evaluation.mapping import find_mapping
from services.mastery.evaluation.metrics import auc
from services.mastery.evaluation.models.calibration import success
from services.mastery.evaluation.models.difficulty import learn_difficulty
from services.mastery.evaluation.models.estimate import read_before
from services.mastery.evaluation.reading import read_log
from services.mastery.evaluation.splits import split_learners

LOG = Path(__file__).parents[5] / "shared" / "data" / "learner-logs" / "pybkt-examples" / "ct.csv"

pytestmark = pytest.mark.skipif(
    not LOG.exists(), reason="public logs are not part of the project (../shared/data)"
)


def competencies_of(log):
    """Return the competencies of each response."""
    ends = np.cumsum(log.competency_count).tolist()
    names = [str(one) for one in log.aligned_competency]
    return [
        tuple(names[end - count : end])
        for end, count in zip(ends, log.competency_count.tolist(), strict=True)
    ]


def calibrated(log, training, names):
    """Return the pass over the training responses, in order of time."""
    order = np.flatnonzero(training)
    order = order[np.lexsort((order, log.time_us[order]))]
    learning = Calibration(mean_score=SCORE_MAXIMUM * float(log.correct[order].mean()))
    for place in order.tolist():
        learning.add(
            Response(
                occur_time_us=int(log.time_us[place]),
                evidence_id=place.to_bytes(16, "big"),
                learner=str(log.learner[place]),
                item_key=int(log.item[place]),
                competencies=names[place],
                score=SCORE_MAXIMUM * int(log.correct[place]),
                scale=ScoreScale.POINTS,
            )
        )
    return learning


def as_read(found, log, names):
    """Return the difficulty of each response as the fold would have it; no DOK is known."""
    by_competency = [
        divide_half_up(
            sum(found.references.get(one, found.reference_d64) for one in some), len(some)
        )
        for some in names
    ]
    pairs = zip(log.item.tolist(), by_competency, strict=True)
    return np.array([found.items.get(item, without) for item, without in pairs], dtype=np.int64)


def test_what_a_district_would_learn_predicts_as_the_evaluation_does():
    """Learners who were held out: nearly as well from all items, and above no difficulty from few.

    The log has 1.4 responses an item, so three of them are much to ask for.
    """
    log, _ = read_log(LOG, find_mapping("cognitive_tutor"))
    training = split_learners(log, 5, 2026)[0]
    names = competencies_of(log)
    learning = calibrated(log, training, names)

    def area(d64):
        reading = read_before(log, d64)
        return auc(success(reading.m, reading.v)[~training], log.correct[~training])

    theirs = area(learn_difficulty(log, training).response_d64)
    none = area(np.zeros(len(log), dtype=np.int64))
    every = area(as_read(learning.finish(responses_minimum=1), log, names))
    usual = area(as_read(learning.finish(), log, names))
    assert every == pytest.approx(theirs, abs=0.002)
    assert none + 0.01 < usual < theirs
