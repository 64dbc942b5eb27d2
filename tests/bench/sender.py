"""A producer as a process of its own: requests are made first, then sent, several in flight.

Writes a line when all requests are made, sends once it reads a line, and writes what became of
them as its last line.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import uvloop
from trellis.evidence.v1 import evidence_pb2 as evidence
from trellis.evidence.v1 import evidence_service_pb2 as evidence_service
from trellis.evidence.v1.evidence_service_pb2_grpc import EvidenceServiceStub

from services.common.rpc.client import connect
from tests.bench.shapes import SHAPES, Shape, batches, read_population

READY = "ready"


async def send(
    address: str,
    token: str,
    requests: Sequence[evidence_service.RecordEvidenceBatchRequest],
    in_flight: int,
) -> Counter[str]:
    """Send every request; return how many records had which outcome."""
    channel = connect(address, token)
    stub = EvidenceServiceStub(channel)
    waiting: Iterator[evidence_service.RecordEvidenceBatchRequest] = iter(requests)
    outcomes: Counter[int] = Counter()

    async def lane() -> None:
        for request in waiting:
            answer = await stub.RecordEvidenceBatch(request)
            outcomes.update(one.outcome for one in answer.answers)

    await asyncio.gather(*(lane() for _ in range(in_flight)))
    await channel.close()
    names = evidence.RecordAnswer.Outcome.Name
    return Counter({names(outcome): count for outcome, count in outcomes.items()})


@click.command()
@click.option("--address", required=True)
@click.option("--token-file", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--population", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--shape", type=click.Choice(SHAPES), required=True)
@click.option("--records", type=int, required=True)
@click.option("--run", required=True)
@click.option("--in-flight", type=int, required=True)
def main(  # noqa: D103
    address: str,
    token_file: Path,
    population: Path,
    shape: Shape,
    records: int,
    run: str,
    in_flight: int,
) -> None:
    requests = batches(shape, read_population(population), count=records, run=run)
    print(READY, flush=True)
    sys.stdin.readline()
    begun = time.perf_counter()
    outcomes = uvloop.run(send(address, token_file.read_text("utf-8").strip(), requests, in_flight))
    print(json.dumps({"seconds": time.perf_counter() - begun, "outcomes": outcomes}), flush=True)


if __name__ == "__main__":
    main()
