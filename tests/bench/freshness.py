"""Part 6: how long after its answer a record is folded, with every process on this machine.

Batches leave on time, whether or not those before are answered, at a share of the rate that part 5
has reached. Of each batch some records are drawn before it is sent. When the answer is there, their
ids go among those that are looked for: a record is folded when its row in the registry is seen,
which is committed together with every sum that it changed. What is looked for is asked for again
and again, at a steady pace, so each figure is too high by up to one interval between two looks and
never too low.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import asyncpg
import numpy as np
import uvloop
from trellis.evidence.v1 import evidence_service_pb2 as evidence_service
from trellis.evidence.v1.evidence_service_pb2_grpc import EvidenceServiceStub

from deploy.local.databases import database_name, with_database
from deploy.local.ports import LOOPBACK
from services.common.rpc.client import connect
from tests.bench.end_to_end import NotFoldedError
from tests.bench.servers import Bench
from tests.bench.shapes import BATCH_RECORDS, batches, read_population

SHARE_OF_REACHED = 0.5
SAMPLES_PER_BATCH = 5
LOOK_SECONDS = 0.02
# More batches than that without an answer, and the rate is not one that is sustained.
MOST_UNANSWERED = 64
PATIENCE_SECONDS = 120.0
# Records of the first seconds meet processes that have just been idle.
LEFT_OUT_SHARE = 0.1
PERCENTILES = (50, 95, 99)

# No bench rebuilds, so the first state stays the live one. LIMIT: one look by key for each.
_SEEN = """
SELECT wanted.evidence_id
  FROM unnest($1::text[], $2::text[], $3::uuid[]) AS wanted (district, learner_id, evidence_id)
 CROSS JOIN LATERAL (
   SELECT FROM state_a.evidence_alignment AS e
    WHERE e.district = wanted.district AND e.learner_id = wanted.learner_id
      AND e.evidence_id = wanted.evidence_id
    LIMIT 1
 ) AS folded
"""

Key = tuple[str, str, UUID]
"""District, learner and evidence: how the registry finds a record."""


@dataclass(frozen=True, kw_only=True)
class FreshnessFigures:
    """Milliseconds from the answer to the folded state, at a rate of records a second.

    `look_milliseconds` is the longest time between two looks: the resolution. `answer_p50` and
    `answer_p99` are what the answer itself took, from when its batch was due.
    """

    asked_per_second: float
    answered_per_second: float
    records: int
    samples: int
    p50: float
    p95: float
    p99: float
    longest: float
    answer_p50: float
    answer_p99: float
    look_milliseconds: float


@dataclass(kw_only=True)
class _Seen:
    """What is looked for, and what was found; times of `time.perf_counter`."""

    waiting: dict[Key, float] = field(default_factory=dict)
    fresh_seconds: list[tuple[float, float]] = field(default_factory=list)
    """When a sample was answered, and how long after that it was seen."""
    answer_seconds: list[float] = field(default_factory=list)
    look_times: list[float] = field(default_factory=list)
    is_sent: bool = False

    async def look(self, connection: asyncpg.Connection) -> None:
        """Look until all was sent and seen."""
        due = time.perf_counter()
        while self.waiting or not self.is_sent:
            due = max(due + LOOK_SECONDS, time.perf_counter())
            await asyncio.sleep(due - time.perf_counter())
            if self.waiting:
                await self._look_once(connection)

    async def _look_once(self, connection: asyncpg.Connection) -> None:
        wanted = {key[2]: key for key in self.waiting}
        rows = await connection.fetch(_SEEN, *map(list, zip(*wanted.values(), strict=True)))
        now = time.perf_counter()
        self.look_times.append(now)
        for row in rows:
            answered = self.waiting.pop(wanted[row["evidence_id"]])
            self.fresh_seconds.append((answered, now - answered))


def measure_freshness(
    bench: Bench,
    population: Path,
    *,
    records: int,
    reached_per_second: float,
    advance: Callable[[int], None],
) -> FreshnessFigures:
    """Send quizzes at half of the rate that was reached, and watch until samples are folded."""
    people = read_population(population)
    rate = reached_per_second * SHARE_OF_REACHED
    requests = batches("quiz", people, count=records, run="freshness")
    return uvloop.run(
        asyncio.wait_for(
            _measured(bench, requests, rate, advance), PATIENCE_SECONDS + records / rate
        )
    )


async def _measured(
    bench: Bench,
    requests: Sequence[evidence_service.RecordEvidenceBatchRequest],
    rate: float,
    advance: Callable[[int], None],
) -> FreshnessFigures:
    token = bench.cluster.tokens.file("district-it").read_text("utf-8").strip()
    channel = connect(f"{LOOPBACK}:{bench.cluster.ports['evidence-api-grpc']}", token)
    dsn = with_database(bench.cluster.postgres.dsn(), database_name("mastery"))
    connection = await asyncpg.connect(dsn, timeout=10, command_timeout=30)
    seen = _Seen()
    begun = time.perf_counter()
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(seen.look(connection))
            await _send(EvidenceServiceStub(channel), requests, rate, seen, advance)
            sent_seconds = time.perf_counter() - begun
            seen.is_sent = True
    finally:
        await connection.close()
        await channel.close()
    count = sum(len(each.records) for each in requests)
    return _figures(seen, begun, sent_seconds, rate, count)


async def _send(
    stub: EvidenceServiceStub,
    requests: Sequence[evidence_service.RecordEvidenceBatchRequest],
    rate: float,
    seen: _Seen,
    advance: Callable[[int], None],
) -> None:
    """Send each batch when it is due, and return when all are answered."""
    draw = random.Random(rate)
    room = asyncio.Semaphore(MOST_UNANSWERED)

    async def one(request: evidence_service.RecordEvidenceBatchRequest, due: float) -> None:
        drawn = draw.sample(range(len(request.records)), SAMPLES_PER_BATCH)
        async with room:
            response = await stub.RecordEvidenceBatch(request)
        now = time.perf_counter()
        seen.answer_seconds.append(now - due)
        seen.waiting |= _keys(request, response, drawn, now)
        advance(len(request.records))

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number, request in enumerate(requests):
            due = begun + number * BATCH_RECORDS / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sending.create_task(one(request, due))


def _keys(
    request: evidence_service.RecordEvidenceBatchRequest,
    response: evidence_service.RecordEvidenceBatchResponse,
    drawn: Sequence[int],
    now: float,
) -> Mapping[Key, float]:
    keys = {}
    for index in drawn:
        answer = response.answers[index]
        if not answer.evidence:
            raise NotFoldedError(f"a record was not accepted: {answer}")
        _, district, _, learner = request.records[index].learner.split("/")
        keys[(district, learner, UUID(answer.evidence.rpartition("/")[2]))] = now
    return keys


def _figures(
    seen: _Seen, begun: float, sent_seconds: float, rate: float, records: int
) -> FreshnessFigures:
    counted_from = begun + sent_seconds * LEFT_OUT_SHARE
    fresh = [fresh for answered, fresh in seen.fresh_seconds if answered >= counted_from]
    p50, p95, p99 = (float(each) * 1_000 for each in np.percentile(fresh, PERCENTILES))
    answer_p50, answer_p99 = np.percentile(seen.answer_seconds, (50, 99)) * 1_000
    between = max(later - earlier for earlier, later in pairwise(seen.look_times))
    return FreshnessFigures(
        asked_per_second=rate,
        answered_per_second=records / sent_seconds,
        records=records,
        samples=len(fresh),
        p50=p50,
        p95=p95,
        p99=p99,
        longest=max(fresh) * 1_000,
        answer_p50=float(answer_p50),
        answer_p99=float(answer_p99),
        look_milliseconds=between * 1_000,
    )
