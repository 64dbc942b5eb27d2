"""A district on a cluster of its own, seen through commands, calls and tables."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import asyncpg
from kafka import KafkaConsumer, TopicPartition
from trellis.evidence.v1 import evidence_pb2 as evidence
from trellis.mastery.v1.mastery_service_pb2 import GetStateHashRequest, GetStateHashResponse
from trellis.mastery.v1.mastery_service_pb2_grpc import MasteryServiceStub

from deploy.demo.caught_up import TOPIC, wait_until_caught_up
from deploy.demo.folded import FoldedSums, read_folded_sums
from deploy.local.databases import database_name, with_database
from deploy.local.ports import LOOPBACK
from deploy.local.tokens import GRANTS
from services.common.rpc.client import connect
from tests.support.cluster import Cluster

COMMAND_SECONDS = 400.0
FOLD_SECONDS = 300.0


class District:
    """A district on a cluster of its own, seen through commands, calls and tables."""

    def __init__(self, cluster: Cluster, *, token: str = "district-it") -> None:
        """Look at a cluster as the holder of one of its tokens."""
        self.cluster = cluster
        self._token = token

    @property
    def name(self) -> str:
        """The district of the token."""
        return next(one.district or "" for one in GRANTS if one.name == self._token)

    @property
    def token(self) -> str:
        """The token itself."""
        return self.cluster.tokens.by_name[self._token]

    def command(self, *arguments: str, codes: Collection[int] = (0,)) -> str:
        """Run a command of the evidence service as the district's IT; return what it printed.

        codes: the exit codes that it may end with.
        """
        done = subprocess.run(
            [
                *(sys.executable, "-m", "services.evidence", *arguments),
                *("--target", self.address("evidence-api-grpc")),
                *("--token-file", str(self.cluster.tokens.file(self._token).resolve())),
            ],
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode in codes, done.stdout + done.stderr
        return done.stdout

    def wait(self) -> None:
        """Wait until all that was accepted is folded."""
        asyncio.run(
            wait_until_caught_up(
                evidence_dsn=self.dsn("evidence"),
                mastery_dsn=self.dsn("mastery"),
                bootstrap_servers=self.cluster.kafka.bootstrap_servers,
                wait_seconds=FOLD_SECONDS,
                report=lambda _remaining: None,
            )
        )

    def state(self) -> GetStateHashResponse:
        """Return the hash of the folded state, with its counts."""

        async def ask() -> GetStateHashResponse:
            token = self.cluster.tokens.by_name[self._token]
            channel = connect(self.address("mastery-api-grpc"), token)
            try:
                stub = MasteryServiceStub(channel)
                return await stub.GetStateHash(GetStateHashRequest(), timeout=60)
            finally:
                await channel.close()

        return asyncio.run(ask())

    def sums(self) -> FoldedSums:
        """Return the sums over the rows of the folded state."""
        return asyncio.run(read_folded_sums(self.dsn("mastery")))

    def ledger_event_ids(self) -> list[str]:
        """Return the event id of every entry of the ledger."""

        async def read() -> list[str]:
            connection = await asyncpg.connect(self.dsn("evidence"), timeout=10)
            try:
                rows = await connection.fetch("SELECT event_id FROM ledger", timeout=60)
            finally:
                await connection.close()
            return [row["event_id"] for row in rows]

        return asyncio.run(read())

    def topic_event_ids(self) -> list[str]:
        """Return the event id of every record of the topic; a relay may repeat some."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.cluster.kafka.bootstrap_servers, auto_offset_reset="earliest"
        )
        try:
            return list(_event_ids(consumer))
        finally:
            consumer.close()

    def address(self, listener: str) -> str:
        """Return where a listener is, as in `evidence-api-grpc`."""
        return f"{LOOPBACK}:{self.cluster.ports[listener]}"

    def dsn(self, service: str) -> str:
        """Return the address of a service's database."""
        return with_database(self.cluster.postgres.dsn(), database_name(service))

    def rows(self, service: str, statement: str, *values: Any) -> list[Mapping[str, Any]]:
        """Return the rows of a statement in a service's database."""

        async def read() -> list[Mapping[str, Any]]:
            connection = await asyncpg.connect(self.dsn(service), timeout=10)
            try:
                return [dict(row) for row in await connection.fetch(statement, *values)]
            finally:
                await connection.close()

        return asyncio.run(read())


def _event_ids(consumer: KafkaConsumer) -> Iterator[str]:
    places = [TopicPartition(TOPIC, each) for each in consumer.partitions_for_topic(TOPIC) or ()]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    while any(consumer.position(place) < end for place, end in ends.items()):
        for records in consumer.poll(timeout_ms=1000, max_records=5000).values():
            for record in records:
                # Watermarks have no key.
                if record.key is not None:
                    yield evidence.EvidenceEvent.FromString(record.value).event_id
