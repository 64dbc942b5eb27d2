"""What is sent: records shaped as life is, and records that give no help at all.

A quiz: ten items on one competency, answered by one learner, then the next learner of the class.
Random: each record is of another learner and another competency. The first shape lets a chunk
share rows; the second is the worst that can come.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trellis.evidence.v1 import evidence_pb2 as evidence
from trellis.evidence.v1 import evidence_service_pb2 as evidence_service

Shape = Literal["quiz", "random"]
SHAPES: tuple[Shape, ...] = ("quiz", "random")
QUIZ_ITEMS = 10
CLASS_LEARNERS = 25
BATCH_RECORDS = 500
SOURCE = "lms"
# Work of the last weeks: within what a live source may send.
DAYS = 60
DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class Population:
    """Whom records are about, by resource name, and until when they worked (Unix seconds)."""

    learners: Sequence[str]
    competencies: Sequence[str]
    until_seconds: int


def read_population(path: Path) -> Population:
    """Read what `people.prepare` has written."""
    return Population(**json.loads(path.read_text("utf-8")))


def batches(
    shape: Shape, population: Population, *, count: int, run: str
) -> list[evidence_service.RecordEvidenceBatchRequest]:
    """Return requests with `count` records in all; `run` makes their ids differ from others'."""
    records = list(_RECORDS[shape](population, count, run))
    return [
        evidence_service.RecordEvidenceBatchRequest(records=records[start : start + BATCH_RECORDS])
        for start in range(0, count, BATCH_RECORDS)
    ]


def _quiz_records(population: Population, count: int, run: str) -> Iterator[evidence.Record]:
    draw = random.Random(f"{run}-quiz")
    quiz, competency, begin = "", "", 0
    for number in range(count):
        sitting, item = divmod(number, QUIZ_ITEMS)
        if item == 0 and sitting % CLASS_LEARNERS == 0:
            quiz = f"{run}-quiz-{sitting // CLASS_LEARNERS}"
            competency = draw.choice(population.competencies)
            begin = population.until_seconds - draw.randrange(DAYS * DAY_SECONDS)
        learner = population.learners[sitting % len(population.learners)]
        record = _record(f"{quiz}-{sitting}-{item}", learner, competency, begin + 30 * item)
        record.item, record.assessment = f"{quiz}-{item}", quiz
        record.assessment_items_on_competency = QUIZ_ITEMS
        _answer(record, draw)
        yield record


def _random_records(population: Population, count: int, run: str) -> Iterator[evidence.Record]:
    draw = random.Random(f"{run}-random")
    for number in range(count):
        at = population.until_seconds - draw.randrange(DAYS * DAY_SECONDS)
        learner, competency = draw.choice(population.learners), draw.choice(population.competencies)
        record = _record(f"{run}-random-{number}", learner, competency, at)
        record.item = f"item-{draw.randrange(5_000)}"
        _answer(record, draw)
        yield record


_RECORDS = {"quiz": _quiz_records, "random": _random_records}


def _record(entity: str, learner: str, competency: str, occur_seconds: int) -> evidence.Record:
    record = evidence.Record(
        event_id=f"{SOURCE}-{entity}-v1",
        source=SOURCE,
        entity_id=entity,
        version=1,
        learner=learner,
        kind=evidence.KIND_QUIZ,
        purpose=evidence.PURPOSE_FORMATIVE,
        timed=False,
    )
    record.occur_time.seconds = occur_seconds
    record.alignments.add(competency=competency, weight_milli=1000)
    return record


def _answer(record: evidence.Record, draw: random.Random) -> None:
    record.score.points.possible_milli = 1000
    record.score.points.earned_milli = draw.choice((0, 1000, 1000))
    record.dok = draw.randint(1, 3)
