"""The worker of the large state: mastery's own fold, in the consume loop's transaction, by chunks.

A process of its own, so that its CPU and memory are the fold's alone. What it leaves out of the
real worker is Kafka: records come from a file, in the partitions that their keys hash to. For each
line of its standard input, the path of a file, it folds that file and answers with a line.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from uuid import UUID
from zlib import crc32

import click

from services.common import logs, process
from services.common.clock import SystemClock
from services.common.kafka.chunk import Chunk
from services.common.kafka.consume import ConsumeLoop
from services.common.kafka.offsets import TopicFacts, TopicRange
from services.common.kafka.worker import PARALLEL_CHUNKS
from services.common.postgres.pool import Database
from services.common.process import Lifecycle
from services.mastery.entrypoints.worker import EvidenceFold
from tests.bench.large_state.children import READY, print_line
from tests.bench.large_state.work import read_records

GROUP: Final = "bench"
TOPIC: Final = "bench.evidence"
TOPIC_ID: Final = UUID(int=0x7472_656C_6C69_73)
PARTITIONS: Final = PARALLEL_CHUNKS
CHUNK_RECORDS: Final = 1_000
NO_END: Final = 2**40
"""Stands for the end of a partition: files have none that the broker would know."""
APPLICATION: Final = "bench-worker"
MEBIBYTE_OF_KIBIBYTES: Final = 1_024


@dataclass(frozen=True, kw_only=True)
class Folded:
    """What a file took: wall and CPU seconds, and the memory of the process after it, in MiB.

    `peak_mebibytes` is the most since the process began.
    """

    records: int
    wall_seconds: float
    cpu_seconds: float
    resident_mebibytes: float
    peak_mebibytes: float


def topic_facts() -> TopicFacts:
    """Return the topic that the offsets are counted in."""
    ranges = {number: TopicRange(first=0, end=NO_END) for number in range(PARTITIONS)}
    return TopicFacts(name=TOPIC, topic_id=TOPIC_ID, ranges=ranges)


def memory_mebibytes(field: str) -> float:
    """Return a line of /proc/self/status that is in KiB: VmRSS, VmHWM."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) / MEBIBYTE_OF_KIBIBYTES
    raise KeyError(field)


class _Run:
    """Records of one partition until they are a chunk."""

    def __init__(self, partition: int, next_offset: int) -> None:
        self.partition = partition
        self.next_offset = next_offset
        self.keys: list[bytes | None] = []
        self.values: list[bytes | None] = []

    def take(self) -> Chunk:
        """Return what was collected as a chunk and begin anew."""
        begin, count = self.next_offset, len(self.keys)
        chunk = Chunk(
            topic=TOPIC,
            partition=self.partition,
            fetched_from=begin,
            offsets=list(range(begin, begin + count)),
            keys=self.keys,
            values=self.values,
            headers=[()] * count,
            timestamps_ms=[0] * count,
        )
        self.next_offset += count
        self.keys, self.values = [], []
        return chunk


def chunks(path: Path, next_offsets: Mapping[int, int]) -> Iterator[Chunk]:
    """Return the records of a file as chunks; those of a partition come in order."""
    runs = [_Run(number, next_offsets[number]) for number in range(PARTITIONS)]
    for key, value in read_records(path):
        run = runs[crc32(key) % PARTITIONS]
        run.keys.append(key)
        run.values.append(value)
        if len(run.keys) == CHUNK_RECORDS:
            yield run.take()
    yield from (run.take() for run in runs if run.keys)


async def fold_file(loop: ConsumeLoop, path: Path) -> Folded:
    """Fold a file as a worker does: partitions side by side, each chunk a transaction."""
    next_offsets = await loop.open(topic_facts())
    begun = (time.perf_counter(), time.process_time())
    queues: list[asyncio.Queue[Chunk | None]] = [asyncio.Queue(1) for _ in range(PARTITIONS)]
    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(_fold_partition(loop, queue)) for queue in queues]
        for chunk in chunks(path, next_offsets):
            await queues[chunk.partition].put(chunk)
        for queue in queues:
            await queue.put(None)
    return Folded(
        records=sum(worker.result() for worker in workers),
        wall_seconds=time.perf_counter() - begun[0],
        cpu_seconds=time.process_time() - begun[1],
        resident_mebibytes=memory_mebibytes("VmRSS"),
        peak_mebibytes=memory_mebibytes("VmHWM"),
    )


async def _fold_partition(loop: ConsumeLoop, queue: asyncio.Queue[Chunk | None]) -> int:
    """Fold the chunks of a partition one after the other; return how many records were applied."""
    applied = 0
    while (chunk := await queue.get()) is not None:
        (consumed,) = await loop.consume([chunk])
        applied += consumed.applied
    return applied


@click.command()
@click.option("--dsn", required=True)
def main(dsn: str) -> None:
    """Fold the files that are named on standard input, a line each."""
    logs.configure(log_format="console", log_level="error")

    async def run(lifecycle: Lifecycle) -> None:
        database = await Database.connect(
            dsn, pool_size=PARTITIONS + 1, application_name=APPLICATION
        )
        lifecycle.add_closer("database", database.close)
        loop = ConsumeLoop(
            database=database,
            consumer_group=GROUP,
            topic=TOPIC,
            apply=EvidenceFold(SystemClock()).apply,
        )
        print_line(READY)
        while line := await asyncio.to_thread(sys.stdin.readline):
            folded = await fold_file(loop, Path(line.strip()))
            print_line(asdict(folded))

    sys.exit(process.run(run))


if __name__ == "__main__":
    main()
