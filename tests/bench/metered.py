"""Consume loops with a meter behind each commit, run as the services run theirs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from services.common import process
from services.common.kafka.consume import Apply, Chunk, Consumed, ConsumeLoop
from services.common.kafka.worker import WorkerSettings, run_worker
from services.common.postgres.pool import Database
from services.common.process import Lifecycle
from tests.bench.meter import Meter

GROUP = "bench"
# A connection for each chunk side by side and one for the offsets, as mastery's worker has.
POOL_SIZE = 8
PATIENCE_SECONDS = 300.0


class MeteredLoop(ConsumeLoop):
    """The consume loop as it is, with a meter behind each commit."""

    def __init__(self, database: Database, topic: str, apply: Apply, meter: Meter) -> None:
        super().__init__(database=database, consumer_group=GROUP, topic=topic, apply=apply)
        self.meter = meter

    async def transact(self, chunks: Sequence[Chunk]) -> Sequence[Consumed]:
        """Apply chunks and count them once they are committed."""
        consumed = await super().transact(chunks)
        self.meter.add(sum(one.applied for one in consumed))
        return consumed


def run_chunks(dsn: str, topic: str, apply: Apply, settings: WorkerSettings, meter: Meter) -> None:
    """Consume with the project's transport in a process of the project, until all is done."""

    async def main(lifecycle: Lifecycle) -> None:
        database = await Database.connect(dsn, pool_size=POOL_SIZE, application_name="bench")
        lifecycle.add_closer("database", database.close)
        run_worker(lifecycle, MeteredLoop(database, topic, apply, meter), settings)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await meter.done.wait()
        lifecycle.request_stop()

    code = process.run(main)
    if code:
        sys.exit(code)
