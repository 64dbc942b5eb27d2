"""Drives counting workers: starts them as processes, feeds them, and reads what they counted."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.support.counting_worker import COUNTED_SCHEMA
from tests.support.servers import ServiceDatabase

__all__ = [
    "COUNTED_SCHEMA",
    "CountingProcess",
    "Scene",
    "numbers",
    "produce",
    "truth",
    "wait_until",
]

REPOSITORY = Path(__file__).parents[2]
WAIT_SECONDS = 90.0
POLL_SECONDS = 0.05
ASSIGNED = re.compile(r"partitions_assigned\s+partitions=(\[[\d, ]*\])")

Entry = tuple[bytes | None, bytes | None]


def numbers(count: int, *, keys: int = 20, start: int = 0) -> list[Entry]:
    """Make records whose keys repeat and whose values are whole numbers."""
    return [(b"k%d" % (i % keys), b"%d" % i) for i in range(start, start + count)]


def truth(entries: Iterable[Entry]) -> dict[bytes, tuple[int, int]]:
    """Count as a service without faults would."""
    records: Counter[bytes] = Counter()
    totals: Counter[bytes] = Counter()
    for key, value in entries:
        if key is not None and value is not None and value.isdigit():
            records[key] += 1
            totals[key] += int(value)
    return {key: (records[key], totals[key]) for key in records}


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

    @property
    def assigned(self) -> str:
        """The partitions that it was given last, as it wrote them."""
        found: list[str] = ASSIGNED.findall(self.log)
        return found[-1] if found else ""

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
    group: str = field(default_factory=lambda: f"counting-{secrets.token_hex(4)}")
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
            # The loop of the test may be running a proxy that the worker needs.
            await asyncio.sleep(POLL_SECONDS)

    async def wait_until_compacted(self, *, fewer_than: int) -> None:
        """Wait until the broker's cleaner has left fewer records than were sent."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (held := await self._held()) >= fewer_than:
            assert time.monotonic() < deadline, f"still {held} records"
            await asyncio.sleep(0.5)
            # Only a closed segment is cleaned, and a record closes the one before it.
            await self.produce([(b"k0", b"0")])

    async def _held(self) -> int:
        consumer = AIOKafkaConsumer(
            self.topic, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            fetched = [await consumer.getmany(timeout_ms=300) for _ in range(4)]
            return sum(len(run) for each in fetched for run in each.values())
        finally:
            await consumer.stop()

    def end(self) -> None:
        """End every worker that still runs."""
        for worker in self.workers:
            worker.kill()
