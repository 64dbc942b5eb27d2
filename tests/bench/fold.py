"""Part 2: mastery's fold by chunks against the same fold event by event in a plain Faust agent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from trellis.evidence.v1 import evidence_pb2 as evidence

from services.common.kafka.producer import Message
from tests.bench.meter import Spent
from tests.bench.servers import Bench, produce
from tests.bench.shapes import Population, batches
from tests.support.schema import migrated

PARTITIONS = 4
LEARNERS = 5_000
COMPETENCIES = 120
UNTIL_SECONDS = 1_770_000_000
DAY_SECONDS = 86_400
SCORE_OF_ALL = 30_000


@dataclass(frozen=True, kw_only=True)
class FoldFigures:
    """CPU of the worker process for one quiz-shaped event, and events a second of wall time."""

    chunked_events: int
    single_events: int
    chunks_cpu_micros: float
    events_cpu_micros: float
    chunks_per_second: float
    events_per_second: float
    cpu_factor: float
    rate_factor: float


def measure_fold(
    bench: Bench, *, chunked: int, single: int, advance: Callable[[], None]
) -> FoldFigures:
    """Fold `chunked` events by chunks and, as that takes its time, `single` one by one."""
    chunks = _run(bench, "chunks", chunked)
    advance()
    events = _run(bench, "events", single)
    advance()
    return FoldFigures(
        chunked_events=chunked,
        single_events=single,
        chunks_cpu_micros=chunks.cpu_micros,
        events_cpu_micros=events.cpu_micros,
        chunks_per_second=chunks.records_per_second,
        events_per_second=events.records_per_second,
        cpu_factor=events.cpu_micros / chunks.cpu_micros,
        rate_factor=chunks.records_per_second / events.records_per_second,
    )


def _run(bench: Bench, kind: str, events: int) -> Spent:
    topic = bench.topic(PARTITIONS)
    produce(bench.cluster.kafka, fold_messages(topic, events))
    with bench.database("mastery", migrated("mastery")) as database:
        return bench.worker(
            "tests.bench.fold_worker",
            *("--kind", kind, "--bootstrap", bench.bootstrap, "--dsn", database.dsn("worker")),
            *("--topic", topic, "--expected", str(events)),
        )


def fold_messages(topic: str, count: int) -> list[Message]:
    """Return quizzes as the relay would publish them."""
    people = Population(
        learners=[f"districts/bench/learners/l{number}" for number in range(LEARNERS)],
        competencies=[f"districts/bench/competencies/c{number}" for number in range(COMPETENCIES)],
        until_seconds=UNTIL_SECONDS,
    )
    records = [
        record
        for request in batches("quiz", people, count=count, run="fold")
        for record in request.records
    ]
    return [
        Message(
            topic=topic,
            key=record.learner.encode(),
            value=_event(record, position).SerializeToString(),
        )
        for position, record in enumerate(records, start=1)
    ]


def _event(record: evidence.Record, position: int) -> evidence.EvidenceEvent:
    """Return the fact of a record as the evidence service would publish it."""
    digest = hashlib.sha256(record.entity_id.encode()).digest()
    points = record.score.points
    return evidence.EvidenceEvent(
        event_id=record.event_id,
        evidence_id=digest[:16],
        content_hash=digest[16:],
        version=record.version,
        ledger_position=position,
        occur_time=record.occur_time,
        receive_time=record.occur_time,
        learner=record.learner,
        recorded=evidence.EvidenceRecorded(
            alignments=record.alignments,
            score=SCORE_OF_ALL * points.earned_milli // points.possible_milli,
            score_scale=evidence.SCORE_SCALE_POINTS,
            purpose=record.purpose,
            kind=record.kind,
            dok=record.dok,
            timed=record.timed,
            item=record.item,
            assessment=f"{record.source}/{record.assessment}",
            assessment_items_on_competency=record.assessment_items_on_competency,
            local_day=record.occur_time.seconds // DAY_SECONDS,
            source=record.source,
        ),
    )
