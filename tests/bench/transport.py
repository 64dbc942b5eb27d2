"""Part 1: Faust by chunks against a bare aiokafka loop: the same SQL, the same poll size."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from services.common.kafka.producer import Message
from services.common.kafka.worker import WorkerSettings
from tests.bench.meter import Spent
from tests.bench.servers import Bench, produce
from tests.bench.transport_worker import KINDS, SCHEMA

PARTITIONS = 4
VALUE_BYTES = 90
KEYS = 20_000
# What a worker of Trellis uses by default.
DEFAULTS = WorkerSettings(bootstrap_servers="")
CHUNK_RECORDS = DEFAULTS.chunk_records
POLL_RECORDS = DEFAULTS.poll_records


@dataclass(frozen=True, kw_only=True)
class TransportFigures:
    """CPU of the worker process for one event; broker and PostgreSQL are not in it."""

    events: int
    rounds: int
    chunk_records: int
    poll_records: int
    chunks_cpu_micros: float
    bare_cpu_micros: float
    bare_calm_cpu_micros: float
    chunks_per_second: float
    bare_per_second: float
    ratio: float
    ratio_to_calm: float


def measure_transport(
    bench: Bench, *, events: int, rounds: int, advance: Callable[[], None]
) -> TransportFigures:
    """Let all kinds of worker read the same topic in turns; the medians are compared."""
    topic = bench.topic(PARTITIONS)
    produce(bench.cluster.kafka, _messages(topic, events))
    spent: dict[str, list[Spent]] = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        for kind in KINDS:
            spent[kind].append(_run(bench, kind, topic, events))
            advance()
    cpu = {kind: median(each.cpu_micros for each in spent[kind]) for kind in KINDS}
    rate = {kind: median(each.records_per_second for each in spent[kind]) for kind in KINDS}
    return TransportFigures(
        events=events,
        rounds=rounds,
        chunk_records=CHUNK_RECORDS,
        poll_records=POLL_RECORDS,
        chunks_cpu_micros=cpu["chunks"],
        bare_cpu_micros=cpu["bare"],
        bare_calm_cpu_micros=cpu["bare-calm"],
        chunks_per_second=rate["chunks"],
        bare_per_second=rate["bare"],
        ratio=cpu["chunks"] / cpu["bare"],
        ratio_to_calm=cpu["chunks"] / cpu["bare-calm"],
    )


def _run(bench: Bench, kind: str, topic: str, events: int) -> Spent:
    with bench.database("mastery", SCHEMA) as database:
        return bench.worker(
            "tests.bench.transport_worker",
            *("--kind", kind, "--bootstrap", bench.bootstrap, "--dsn", database.dsn("worker")),
            *("--topic", topic, "--expected", str(events)),
            *("--chunk-records", str(CHUNK_RECORDS), "--poll-records", str(POLL_RECORDS)),
        )


def _messages(topic: str, events: int) -> list[Message]:
    draw = random.Random(1)
    return [
        Message(
            topic=topic,
            key=b"districts/d/learners/%05d" % draw.randrange(KEYS),
            value=draw.randbytes(VALUE_BYTES),
        )
        for _ in range(events)
    ]
