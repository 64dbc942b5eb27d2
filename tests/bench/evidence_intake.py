"""What a record costs on its way into the ledger, by stage: CPU microseconds of the api process.

    python -m tests.bench.evidence_intake [--batches 100]

Starts a PostgreSQL and an `api` of its own; the client runs in the same process, so the last line
holds both sides of gRPC.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2
from trellis.framework.v1 import framework_pb2, framework_service_pb2
from trellis.roster.v1 import roster_pb2, roster_service_pb2

from services.evidence.adapters.postgres.ledger import _columns
from services.evidence.adapters.wire.evidence import (
    ProtobufEventEncoder,
    answer_to,
    record_from,
)
from services.evidence.domain.ledger import Entry, EntryKind
from services.evidence.domain.model import Answer, Evidence, Outcome
from services.evidence.domain.normalise import normalise
from tests.support.evidence import (
    DISTRICT,
    Client,
    a_message,
    running_api,
    what_is_known,
)
from tests.support.reaper import Reaper
from tests.support.schema import ROOT, migrated
from tests.support.servers import DatabaseTemplates, running_postgres

BATCH = 500
LEARNERS = 1_000


def messages(first: int, learner_names: list[str]) -> list[evidence_pb2.Record]:
    """Return a batch of new records of many learners, with one to four competencies each."""
    now = int(datetime.now(UTC).timestamp())
    made = []
    for number in range(first, first + BATCH):
        record = a_message(number, learner=learner_names[number % len(learner_names)])
        record.occur_time.FromSeconds(now - number % 100_000)
        if number % 5 == 0:
            record.alignments.append(
                evidence_pb2.Alignment(competency=f"districts/{DISTRICT}/competencies/6.rp.2")
            )
        made.append(record)
    return made


def timed(name: str, rounds: int, work: Callable[[], object]) -> None:
    """Print the CPU time of a stage for each record: the best round, as the machine is shared."""
    spent = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        spent = min(spent, (time.process_time() - started) / BATCH * 1e6)
    sys.stdout.write(f"{name:<28}{spent:8.2f} us/record\n")


def stages() -> None:
    """Time every stage that is Python's alone."""
    names = [f"districts/{DISTRICT}/learners/{one}" for one in ("ada", "ben")]
    request = evidence_service_pb2.RecordEvidenceBatchRequest(records=messages(0, names))
    sent = request.SerializeToString()
    now = int(datetime.now(UTC).timestamp())
    known = what_is_known(earliest_micros=0, latest_micros=(now + 600) * 1_000_000)
    encoder = ProtobufEventEncoder()
    parsed = evidence_service_pb2.RecordEvidenceBatchRequest.FromString(sent)
    records = [record_from(one, 200) for one in parsed.records]
    evidence = [one for one in (normalise(r, known) for r in records) if isinstance(one, Evidence)]
    assert len(evidence) == BATCH
    entries = [entry(one) for one in evidence]
    answers = [
        Answer(event_id=e.event_id, outcome=Outcome.ACCEPTED, evidence_id=e.evidence_id, version=1)
        for e in evidence
    ]
    rounds = 40
    timed("parse", rounds, lambda: type(request).FromString(sent))
    timed("bytes of each record", rounds, lambda: [r.SerializeToString() for r in parsed.records])
    timed("message to values", rounds, lambda: [record_from(r, 200) for r in parsed.records])
    timed("normalise", rounds, lambda: [normalise(r, known) for r in records])
    timed(
        "event bytes",
        rounds,
        lambda: [
            encoder.recorded(DISTRICT, e, version=1, position=1, receive_micros=1) for e in evidence
        ],
    )
    timed("ledger rows", rounds, lambda: [entry(one) for one in evidence])
    timed("columns", rounds, lambda: _columns(entries))
    timed(
        "answers",
        rounds,
        lambda: evidence_service_pb2.RecordEvidenceBatchResponse(
            answers=[answer_to(DISTRICT, one) for one in answers]
        ).SerializeToString(),
    )


def entry(one: Evidence) -> Entry:
    """Return a row as the handler makes it."""
    return Entry(
        position=1,
        event_id=one.event_id,
        fact_number=0,
        evidence_id=one.evidence_id,
        revision=1,
        version=1,
        content_hash=one.content_hash,
        learner_id=one.learner_id,
        kind=EntryKind.RECORDED,
        source=one.source,
        entity_id=one.entity_id,
        import_id=None,
        occur_time_micros=one.occur_time_micros,
        receive_time_micros=1,
        record=b"",
        event=b"",
    )


async def prepare(client: Client) -> list[str]:
    """Register a school, learners and competencies; return the learners' names."""
    await client.roster.BatchUpsertSchools(
        roster_service_pb2.BatchUpsertSchoolsRequest(
            schools=[
                roster_pb2.School(
                    name=f"districts/{DISTRICT}/schools/a",
                    display_name="A",
                    time_zone="America/New_York",
                )
            ]
        )
    )
    names: list[str] = []
    for begin in range(0, LEARNERS, 500):
        response = await client.roster.BatchUpsertLearners(
            roster_service_pb2.BatchUpsertLearnersRequest(
                learners=[
                    roster_pb2.Learner(
                        source="sis",
                        source_id=str(number),
                        school=f"districts/{DISTRICT}/schools/a",
                        state=roster_pb2.Learner.STATE_ENROLLED,
                    )
                    for number in range(begin, begin + 500)
                ]
            )
        )
        names += [one.name for one in response.learners]
    framework = f"districts/{DISTRICT}/frameworks/math"
    await client.frameworks.BatchUpsertFrameworks(
        framework_service_pb2.BatchUpsertFrameworksRequest(
            frameworks=[framework_pb2.Framework(name=framework, display_name="Math")]
        )
    )
    await client.frameworks.BatchUpsertCompetencies(
        framework_service_pb2.BatchUpsertCompetenciesRequest(
            competencies=[
                framework_pb2.Competency(
                    name=f"districts/{DISTRICT}/competencies/{one}",
                    framework=framework,
                    code=one,
                    label=one,
                    subject="math",
                )
                for one in ("6.rp.1", "6.rp.2")
            ]
        )
    )
    return names


async def end_to_end(client: Client, batches: int) -> None:
    """Send new batches four at a time, then the same ones again; print rates."""
    names = await prepare(client)
    requests = [
        evidence_service_pb2.RecordEvidenceBatchRequest(
            records=messages(index * BATCH, names), import_id="bench"
        )
        for index in range(batches)
    ]
    for label in ("new", "repeated"):
        queue = list(reversed(requests))
        outcomes: dict[int, int] = {}

        async def sender(queue: list[object] = queue, outcomes: dict[int, int] = outcomes) -> None:
            while queue:
                response = await client.evidence.RecordEvidenceBatch(queue.pop())
                for answer in response.answers:
                    outcomes[answer.outcome] = outcomes.get(answer.outcome, 0) + 1

        wall, cpu, loop = time.perf_counter(), time.process_time(), time.thread_time()
        await asyncio.gather(*(sender() for _ in range(4)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        loop = time.thread_time() - loop
        count = batches * BATCH
        sys.stdout.write(
            f"{label:<10}{count / wall:10.0f} records/s  {cpu / count * 1e6:6.1f} us CPU/record,"
            f" {loop / count * 1e6:.1f} of it in the loop's thread (client and server)"
            f"  outcomes {outcomes}\n"
        )


def main() -> None:
    """Run the stages, then the whole path."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--batches", type=int, default=60)
    arguments = parser.parse_args()
    stages()

    async def whole(dsn_database: object) -> None:
        with tempfile.TemporaryDirectory() as directory:
            async with running_api(dsn_database, Path(directory)) as api, api.client() as client:  # type: ignore[arg-type]
                await end_to_end(client, arguments.batches)

    reaper = Reaper(ROOT)
    try:
        with running_postgres(reaper, durable=True) as server:
            database = DatabaseTemplates(server.dsn()).copy("evidence", migrated("evidence"))
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(whole(database))
    finally:
        reaper.close()


if __name__ == "__main__":
    main()
