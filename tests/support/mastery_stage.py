"""A stage for mastery's processes: a topic, a database, a ledger, and the processes of a test."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import grpc
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from trellis.evidence.v1 import evidence_service_pb2, evidence_service_pb2_grpc
from trellis.mastery.v1 import mastery_pb2

from services.common.postgres.pool import Database
from services.mastery.adapters.memory.facts import MemoryFacts
from services.mastery.adapters.memory.state import MemoryFoldStore, MemoryState
from services.mastery.adapters.postgres.state_reader import PostgresStates
from services.mastery.adapters.wire.evidence import decode_events
from services.mastery.config import MasterySettings
from services.mastery.entrypoints.rebuild import rebuild
from services.mastery.handlers.fold import apply_evidence
from services.mastery.handlers.readings import hash_state
from services.mastery.handlers.rebuild import RebuildOptions
from tests.support.servers import ServiceDatabase

REPOSITORY = Path(__file__).parents[2]
WAIT_SECONDS = 90.0
POLL_SECONDS = 0.05
LEDGER_TOKEN = "ledger-reader"
QUICK = {"wait_seconds": 10, "poll_seconds": 0.05, "old_readers_seconds": 0.0}
"""Options of rebuilds: nobody in a test reads a state for a minute after it was swapped out."""
PAGE = 100


async def true_hash(events, district="henry"):
    """Return the hash of a state in memory into which all of these events went."""
    state = MemoryState()
    await apply_evidence(MemoryFoldStore(state), decode_events(events).columns)
    return (await hash_state(district, states=MemoryFacts(state))).state_hash


class Ledger(evidence_service_pb2_grpc.EvidenceServiceServicer):
    """Serves a list of events as StreamLedger does, and can be told to break off or to wait."""

    def __init__(self, events):
        self.events = list(events)
        self.break_after = None
        self.pause_seconds = 0.0
        self.complete_position = 0

    async def StreamLedger(self, request, context):  # noqa: N802
        """Stream the events from the cursor on."""
        assert f"Bearer {LEDGER_TOKEN}" == dict(context.invocation_metadata())["authorization"]
        start = int(request.cursor or 0)
        events = self.events[:]
        for at in range(start, len(events), PAGE):
            if self.break_after is not None and at >= self.break_after:
                self.break_after = None
                await context.abort(grpc.StatusCode.UNAVAILABLE, "the server is going away")
            await asyncio.sleep(self.pause_seconds)
            page = events[at : at + PAGE]
            yield evidence_service_pb2.StreamLedgerResponse(
                events=page,
                cursor=str(at + len(page)),
                complete_position=self.complete_position,
            )

    @asynccontextmanager
    async def serving(self, tls=None):
        """Serve on a free port, with TLS where it is given; give the address."""
        server = grpc.aio.server()
        evidence_service_pb2_grpc.add_EvidenceServiceServicer_to_server(self, server)
        port = (
            server.add_insecure_port("127.0.0.1:0")
            if tls is None
            else server.add_secure_port("127.0.0.1:0", tls.server_credentials())
        )
        await server.start()
        try:
            # A certificate is for a name.
            yield f"{'127.0.0.1' if tls is None else 'localhost'}:{port}"
        finally:
            await server.stop(0)


class Process:
    """One process of the service, and the signals that a test may send it."""

    def __init__(self, command, environment, log_path):
        self.log_path = log_path
        with log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.mastery", *command],
                cwd=REPOSITORY,
                env={
                    **os.environ,
                    **environment,
                    "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'gen'}",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self):
        """All that it has written so far."""
        return self.log_path.read_text(errors="replace")

    def send(self, number):
        """Send a signal."""
        self._process.send_signal(number)

    def kill(self):
        """End it at once, wherever it is."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    async def wait(self, wait_seconds=WAIT_SECONDS):
        """Wait for its end and return the exit code."""
        return await asyncio.to_thread(self._process.wait, wait_seconds)


@dataclass(kw_only=True)
class Stage:
    """What one test works on."""

    bootstrap: str
    evidence_topic: str
    mastery_topic: str
    database: ServiceDatabase
    directory: Path
    processes: list[Process] = field(default_factory=list)
    sent: list = field(default_factory=list)

    def environment(self, role, **more):
        """Return what a process is told."""
        return {
            "MASTERY_POSTGRES_DSN": self.database.dsn(role),
            "MASTERY_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "MASTERY_EVIDENCE_TOPIC": self.evidence_topic,
            "MASTERY_MASTERY_TOPIC": self.mastery_topic,
            "MASTERY_LOG_FORMAT": "console",
            "MASTERY_SESSION_TIMEOUT_SECONDS": "6",
            "MASTERY_PROJECTOR_INTERVAL_SECONDS": "0.05",
            **more,
        }

    def settings(self, **more):
        """Return the settings of a worker's process in this process."""
        return MasterySettings(
            postgres_dsn=self.database.dsn("worker"),
            kafka_bootstrap_servers=self.bootstrap,
            evidence_topic=self.evidence_topic,
            mastery_topic=self.mastery_topic,
            **more,
        )

    async def rebuild(self, ledger, *, tls=None, upstream=None, **options):
        """Rebuild from a ledger and return the report.

        `tls` is the certificate of the ledger's server, `upstream` what the settings say of it.
        """
        token_file = self.directory / "ledger.token"
        token_file.write_text(LEDGER_TOKEN, encoding="utf-8")
        async with ledger.serving(*([tls] if tls else [])) as target:
            settings = self.settings(
                evidence_target=target, service_token_file=token_file, **(upstream or {})
            )
            return await rebuild(settings, RebuildOptions(**(QUICK | options)), lambda _: None)

    def start(self, *command, role="worker", **more):
        """Start one more process."""
        log_path = self.directory / f"{command[0]}-{len(self.processes)}.log"
        self.processes.append(Process(command, self.environment(role, **more), log_path))
        return self.processes[-1]

    async def send(self, *events):
        """Send facts to the topic, keyed by learner, and remember them."""
        self.sent += events
        await self.send_records(
            *((event.learner.encode(), event.SerializeToString()) for event in events)
        )

    async def send_records(self, *records):
        """Send (key, value) or (key, value, headers) to the topic."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap, acks="all", enable_idempotence=True
        )
        await producer.start()
        try:
            futures = [
                await producer.send(self.evidence_topic, value, key=key, headers=list(*headers))
                for key, value, *headers in records
            ]
            for future in futures:
                await future
        finally:
            await producer.stop()

    async def query(self, statement, *arguments):
        """Ask the database as its superuser."""
        connection = await asyncpg.connect(self.database.superuser_dsn, timeout=10)
        try:
            return await connection.fetch(statement, *arguments, timeout=10)
        finally:
            await connection.close()

    async def passed(self):
        """Return how many offsets the workers have passed, over all partitions."""
        rows = await self.query(
            "SELECT coalesce(sum(next_offset), 0)::bigint AS n FROM consumer_offset"
        )
        return rows[0]["n"]

    async def until(self, holds, *, what, wait_seconds=WAIT_SECONDS):
        """Wait until a coroutine function gives something true; return it."""
        deadline = time.monotonic() + wait_seconds
        while not (found := await holds()):
            if time.monotonic() > deadline:
                logs = "\n".join(process.log[-3000:] for process in self.processes)
                raise AssertionError(f"not within {wait_seconds:.0f} s: {what}\n{logs}")
            await asyncio.sleep(POLL_SECONDS)
        return found

    async def until_passed(self, offsets):
        """Wait until the workers have passed this many offsets."""

        async def reached():
            return await self.passed() >= offsets

        await self.until(reached, what=f"{offsets} offsets passed")

    async def state_hash(self, district="henry"):
        """Return the hash of a district's live state."""
        database = await Database.connect(
            self.database.dsn("api"), pool_size=1, application_name="test"
        )
        try:
            return (await hash_state(district, states=PostgresStates(database))).state_hash
        finally:
            await database.close()

    async def published(self):
        """Return the mastery events of the topic from its beginning, with key and partition."""
        return [
            (
                record.key.decode(),
                record.partition,
                mastery_pb2.MasteryEvent.FromString(record.value),
            )
            for record in await self.records_of(self.mastery_topic)
        ]

    async def records_of(self, topic):
        """Return all records of a topic from its beginning."""
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest"
        )
        await consumer.start()
        found = []
        try:
            while fetched := await consumer.getmany(timeout_ms=400):
                for records in fetched.values():
                    found += records
        finally:
            await consumer.stop()
        return found

    def end(self):
        """End every process that still runs."""
        for process in self.processes:
            process.kill()
