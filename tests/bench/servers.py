"""The servers of one bench, and the worker processes that are measured on them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.kafka import KafkaServer
from services.common.kafka.producer import MAXIMUM_MESSAGES, Message, Producer
from tests.bench.meter import Spent
from tests.support.cluster import Cluster
from tests.support.servers import DatabaseTemplates, Schema, ServiceDatabase, create_topic

WORKER_SECONDS = 330.0


class WorkerFailedError(Exception):
    """A measured worker process ended without its figures; the message holds what it said."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Kafka and PostgreSQL, durable, and where a run leaves its files."""

    cluster: Cluster
    templates: DatabaseTemplates
    directory: Path

    @property
    def bootstrap(self) -> str:
        """The broker."""
        return self.cluster.kafka.bootstrap_servers

    @contextmanager
    def database(self, service: str, schema: Schema) -> Iterator[ServiceDatabase]:
        """Give a new database of a service and drop it."""
        database = self.templates.copy(service, schema)
        try:
            yield database
        finally:
            self.templates.drop(database)

    def topic(self, partitions: int) -> str:
        """Make a topic of a name of its own."""
        return create_topic(self.cluster.kafka, partitions=partitions, prefix="bench")

    def worker(self, module: str, *arguments: str) -> Spent:
        """Run a worker to its end and return what it spent; raise WorkerFailedError."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            capture_output=True,
            text=True,
            timeout=WORKER_SECONDS,
            check=False,
        )
        if done.returncode != 0 or not done.stdout.strip():
            raise WorkerFailedError(f"{module} {arguments}: {done.stdout}\n{done.stderr[-4000:]}")
        return Spent.parse(done.stdout.splitlines()[-1])


def produce(server: KafkaServer, messages: Sequence[Message]) -> None:
    """Put messages on their topics and return when the broker has them all."""

    async def run() -> None:
        producer = await Producer.connect(server.bootstrap_servers, client_id="bench")
        try:
            for start in range(0, len(messages), MAXIMUM_MESSAGES):
                await producer.publish(messages[start : start + MAXIMUM_MESSAGES])
        finally:
            await producer.close()

    asyncio.run(run())
