"""Drives counting workers: starts them as processes, feeds them, and reads what they counted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaProducer

from tests.support.counting_worker import COUNTED_SCHEMA
from tests.support.servers import ServiceDatabase

__all__ = ["COUNTED_SCHEMA", "CountingProcess", "Scene", "produce", "wait_until"]

REPOSITORY = Path(__file__).parents[2]
WAIT_SECONDS = 40.0
POLL_SECONDS = 0.05

Entry = tuple[bytes | None, bytes | None]


async def produce(
    bootstrap: str, topic: str, entries: Iterable[Entry], *, partition: int | None = None
) -> None:
    """Send records and wait until the broker has them all."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5
    )
    await producer.start()
    try:
        sent = [
            await producer.send(topic, value, key=key, partition=partition)
            for key, value in entries
        ]
        for future in sent:
            await future
    finally:
        await producer.stop()


def wait_until(
    holds: Callable[[], object], *, what: str, wait_seconds: float = WAIT_SECONDS
) -> None:
    """Wait until something holds; fail with what was waited for."""
    deadline = time.monotonic() + wait_seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {wait_seconds:.0f} s: {what}")
        time.sleep(POLL_SECONDS)


class CountingProcess:
    """One worker process, and the signals that a test may send it."""

    def __init__(self, arguments: Sequence[str], log_path: Path) -> None:
        self.log_path = log_path
        with log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.counting_worker", *arguments],
                cwd=REPOSITORY,
                env={**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'gen'}"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        """All that the worker has written so far."""
        return self.log_path.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once, wherever it is."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def wait(self, wait_seconds: float = WAIT_SECONDS) -> int:
        """Wait for its end and return the exit code."""
        return self._process.wait(wait_seconds)

    def wait_for_log(
        self, text: str, *, times: int = 1, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        """Wait until the worker has written something."""

        def written() -> bool:
            assert self._process.poll() is None or self.log.count(text) >= times, self.log
            return self.log.count(text) >= times

        wait_until(written, what=f"{text!r} in {self.log_path}", wait_seconds=wait_seconds)


@dataclass(kw_only=True)
class Scene:
    """A topic, a database, and the workers that a test has started."""

    bootstrap: str
    topic: str
    database: ServiceDatabase
    directory: Path
    group: str = "counting"
    workers: list[CountingProcess] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        """The address of the database for a worker's role."""
        return self.database.dsn("worker")

    def start(self, *options: str, dsn: str | None = None) -> CountingProcess:
        """Start one more worker."""
        arguments = ["--bootstrap", self.bootstrap, "--dsn", dsn or self.dsn]
        arguments += ["--topic", self.topic, "--group", self.group, *options]
        worker = CountingProcess(arguments, self.directory / f"worker-{len(self.workers)}.log")
        self.workers.append(worker)
        return worker

    async def produce(self, entries: Iterable[Entry], *, partition: int | None = None) -> None:
        """Send records to the topic."""
        await produce(self.bootstrap, self.topic, entries, partition=partition)

    async def query(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Ask the database as its superuser."""
        connection = await asyncpg.connect(self.database.superuser_dsn, timeout=10)
        try:
            return await connection.fetch(statement, *arguments, timeout=10)
        finally:
            await connection.close()

    async def counted(self) -> dict[bytes, tuple[int, int]]:
        """Return for each key how many records were counted and the sum of their values."""
        rows = await self.query("SELECT key, records, total FROM counted")
        return {row["key"]: (row["records"], row["total"]) for row in rows}

    async def passed(self) -> int:
        """Return how many offsets the group has passed, over all partitions."""
        rows = await self.query(
            "SELECT coalesce(sum(next_offset), 0)::bigint AS n FROM consumer_offset"
        )
        return int(rows[0]["n"])

    async def wait_until_passed(self, offsets: int, *, wait_seconds: float = WAIT_SECONDS) -> None:
        """Wait until the group has passed this many offsets."""
        deadline = time.monotonic() + wait_seconds
        while (passed := await self.passed()) < offsets:
            if time.monotonic() > deadline:
                logs = "\n".join(worker.log[-3000:] for worker in self.workers)
                raise AssertionError(f"{passed} of {offsets} offsets after the wait\n{logs}")
            time.sleep(POLL_SECONDS)

    def end(self) -> None:
        """End every worker that still runs."""
        for worker in self.workers:
            worker.kill()
