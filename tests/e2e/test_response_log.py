"""A whole log of real responses: taken in once, taken in again, taken back."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from kafka import KafkaConsumer, TopicPartition
from trellis.evidence.v1 import evidence_pb2 as evidence
from trellis.mastery.v1.mastery_service_pb2 import GetStateHashRequest, GetStateHashResponse
from trellis.mastery.v1.mastery_service_pb2_grpc import MasteryServiceStub

from deploy.demo.caught_up import TOPIC, wait_until_caught_up
from deploy.demo.folded import FoldedSums, read_folded_sums
from deploy.demo.from_log import import_arguments
from deploy.local.databases import database_name, with_database
from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY
from deploy.local.ports import LOOPBACK
from services.common.rpc.client import connect
from tests.support.cluster import Cluster

LOG = Path(__file__).parents[3] / "shared/data/learner-logs/assistments-2009/responses.csv.gz"
ROWS = 274_590
ALIGNMENTS = 325_637
LEARNERS = 4_151
COMPETENCIES = 110
# A day that lies behind every clock that this runs on.
END_DATE = date(2025, 6, 13)
COMMAND_SECONDS = 400.0
FOLD_SECONDS = 300.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not LOG.exists(),
        reason="the log of real responses is not beside the project (../shared/data)",
    ),
]


class District:
    """A district on a cluster of its own, seen through commands, calls and tables."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def command(self, *arguments: str) -> str:
        """Run a command of the evidence service as the district's IT; return what it printed."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "services.evidence", *arguments),
                *("--target", self._address("evidence-api-grpc")),
                *("--token-file", str(self._cluster.tokens.file("district-it").resolve())),
            ],
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def import_log(self) -> dict[str, Any]:
        """Import the whole log and wait until it is folded; return the report."""
        report: dict[str, Any] = json.loads(self.command(*import_arguments(LOG, end_date=END_DATE)))
        self.wait()
        return report

    def wait(self) -> None:
        """Wait until all that was accepted is folded."""
        asyncio.run(
            wait_until_caught_up(
                evidence_dsn=self._dsn("evidence"),
                mastery_dsn=self._dsn("mastery"),
                bootstrap_servers=self._cluster.kafka.bootstrap_servers,
                wait_seconds=FOLD_SECONDS,
                report=lambda _remaining: None,
            )
        )

    def state(self) -> GetStateHashResponse:
        """Return the hash of the folded state, with its counts."""

        async def ask() -> GetStateHashResponse:
            token = self._cluster.tokens.by_name["district-it"]
            channel = connect(self._address("mastery-api-grpc"), token)
            try:
                stub = MasteryServiceStub(channel)
                return await stub.GetStateHash(GetStateHashRequest(), timeout=60)
            finally:
                await channel.close()

        return asyncio.run(ask())

    def sums(self) -> FoldedSums:
        """Return the sums over the rows of the folded state."""
        return asyncio.run(read_folded_sums(self._dsn("mastery")))

    def ledger_event_ids(self) -> list[str]:
        """Return the event id of every entry of the ledger."""

        async def read() -> list[str]:
            connection = await asyncpg.connect(self._dsn("evidence"), timeout=10)
            try:
                rows = await connection.fetch("SELECT event_id FROM ledger", timeout=60)
            finally:
                await connection.close()
            return [row["event_id"] for row in rows]

        return asyncio.run(read())

    def topic_event_ids(self) -> list[str]:
        """Return the event id of every record of the topic; a relay may repeat some."""
        consumer = KafkaConsumer(
            bootstrap_servers=self._cluster.kafka.bootstrap_servers, auto_offset_reset="earliest"
        )
        try:
            return list(_event_ids(consumer))
        finally:
            consumer.close()

    def _address(self, listener: str) -> str:
        return f"{LOOPBACK}:{self._cluster.ports[listener]}"

    def _dsn(self, service: str) -> str:
        return with_database(self._cluster.postgres.dsn(), database_name(service))


def _event_ids(consumer: KafkaConsumer) -> Iterator[str]:
    places = [TopicPartition(TOPIC, each) for each in consumer.partitions_for_topic(TOPIC) or ()]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    while any(consumer.position(place) < end for place, end in ends.items()):
        for records in consumer.poll(timeout_ms=1000, max_records=5000).values():
            for record in records:
                yield evidence.EvidenceEvent.FromString(record.value).event_id


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    """Give an empty district on real servers, with the services that take in and fold."""
    with Cluster(
        tmp_path, cache_directory=DEFAULT_CACHE_DIRECTORY, services=("evidence", "mastery")
    ) as cluster:
        yield District(cluster)


def test_a_whole_log_counts_once_however_often_it_comes_and_leaves_nothing_when_withdrawn(
    district: District,
) -> None:
    """Every row is folded once; the same file again changes no byte; withdrawn, none is left."""
    empty = district.state()
    first = district.import_log()
    assert (first["rows"], first["outcomes"]["accepted"]) == (ROWS, ROWS)
    registered = (first["learners_registered"], first["competencies_registered"])
    assert registered == (LEARNERS, COMPETENCIES)
    full = district.state()
    assert (full.evidence_count, full.alignment_count) == (ROWS, ALIGNMENTS)
    assert full.state_hash != empty.state_hash
    assert district.sums() == FoldedSums(learners=ROWS, masteries=ALIGNMENTS)
    in_ledger = district.ledger_event_ids()
    assert len(set(in_ledger)) == ROWS
    assert set(district.topic_event_ids()) == set(in_ledger)

    second = district.import_log()
    assert (second["rows"], second["outcomes"]["repeated"]) == (ROWS, ROWS)
    assert district.state().state_hash == full.state_hash
    assert len(district.ledger_event_ids()) == ROWS

    withdrawn = district.command("retract-import", first["import_id"])
    assert withdrawn.startswith(f"{ROWS:,} observations")
    district.wait()
    assert district.sums() == FoldedSums(learners=0, masteries=0)
    assert district.state().state_hash == empty.state_hash
