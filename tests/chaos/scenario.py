"""One run: a term of records, kills drawn from a seed, and what the end must look like."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from trellis.evidence.v1 import evidence_pb2 as evidence
from trellis.mastery.v1.mastery_service_pb2 import GetStateHashRequest
from trellis.mastery.v1.mastery_service_pb2_grpc import MasteryServiceStub

from deploy.demo.caught_up import TOPIC, wait_until_caught_up
from deploy.local.databases import database_name, with_database
from deploy.local.ports import LOOPBACK
from services.common.rpc.client import connect
from tests.chaos.redelivery import read_whole, send_again
from tests.support.cluster import Cluster

CLIENT_SECONDS = 600.0
LONGEST_CALM_SECONDS = 3.0
LONGEST_ABSENCE_SECONDS = 1.0
POLL_SECONDS = 0.1


class ClientFailedError(Exception):
    """The producer ended without having every record answered."""


@dataclass(frozen=True, kw_only=True)
class End:
    """What a run ended in."""

    state_hash: str
    evidence_count: int
    alignment_count: int
    ledger_event_ids: int
    topic_event_ids: int
    topic_records: int
    sent_again: int
    kills: Counter[str]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is done to a cluster: `kills` times a part drawn from `victims` is killed.

    After the last kill everything must be folded within `healing_seconds`. Then `sent_again_ratio`
    of the topic's records come once more, in another order, and must change nothing.
    """

    seed: int
    kills: int
    weeks: int
    sent_again_ratio: float = 0.1
    victims: tuple[str, ...] = ()
    healing_seconds: float = 300.0

    def run(self, directory: Path, *, cache_directory: Path, worker_module: str = "") -> End:
        """Run from empty servers to the end; raises where the end is never reached."""
        start = time.monotonic()
        with Cluster(
            directory, cache_directory=cache_directory, worker_module=worker_module
        ) as cluster:
            killed = self._disturb(cluster)
            end = asyncio.run(self._settle(cluster))
        return End(**end, kills=killed, seconds=time.monotonic() - start)

    def _disturb(self, cluster: Cluster) -> Counter[str]:
        """Kill and bring back until the kills are spent and the producer has ended well."""
        draw = random.Random(self.seed)
        victims = self.victims or tuple(cluster.victims)
        argv = self._client(cluster)
        cluster.start_client(argv)
        killed: Counter[str] = Counter()
        deadline = time.monotonic() + CLIENT_SECONDS
        while time.monotonic() < deadline:
            if killed.total() < self.kills:
                time.sleep(draw.uniform(0, LONGEST_CALM_SECONDS))
                victim = draw.choice(victims)
                cluster.kill(victim)
                killed[victim] += 1
                time.sleep(draw.uniform(0, LONGEST_ABSENCE_SECONDS))
            cluster.bring_back()
            if self._client_ended_well(cluster, argv) and killed.total() >= self.kills:
                return killed
            time.sleep(POLL_SECONDS)
        raise ClientFailedError(
            f"not every record was answered within {CLIENT_SECONDS:.0f} s\n\n{cluster.autopsy()}"
        )

    def _client_ended_well(self, cluster: Cluster, argv: list[str]) -> bool:
        """Whether the producer is done. One that was killed, or came too early, starts again."""
        client = cluster.client
        assert client is not None
        if client.is_alive():
            return False
        if client.exit_code() == 0:
            return True
        cluster.start_client(argv)
        return False

    async def _settle(self, cluster: Cluster) -> dict[str, object]:
        """Wait until all is folded, send a share of it again, and read what the run ended in."""
        await _heal(cluster, self.healing_seconds)
        if not self.sent_again_ratio:
            return {**await _look(cluster), "sent_again": 0}
        again = await asyncio.to_thread(
            send_again,
            cluster.kafka.bootstrap_servers,
            TOPIC,
            ratio=self.sent_again_ratio,
            seed=self.seed,
        )
        await _heal(cluster, self.healing_seconds, topic_records=again.topic_records)
        return {**await _look(cluster), "sent_again": again.sent_again}

    def _client(self, cluster: Cluster) -> list[str]:
        return [
            "-m",
            "tests.chaos.client",
            "--evidence",
            f"{LOOPBACK}:{cluster.ports['evidence-api-grpc']}",
            "--token-file",
            str(cluster.tokens.file("district-it")),
            "--weeks",
            str(self.weeks),
        ]


async def _heal(cluster: Cluster, healing_seconds: float, *, topic_records: int = 0) -> None:
    """Wait until all is folded and published, starting again whatever ends."""
    dsn = cluster.postgres.dsn()
    await wait_until_caught_up(
        evidence_dsn=with_database(dsn, database_name("evidence")),
        mastery_dsn=with_database(dsn, database_name("mastery")),
        bootstrap_servers=cluster.kafka.bootstrap_servers,
        wait_seconds=healing_seconds,
        report=lambda _: cluster.bring_back(),
        topic_records=topic_records,
    )


async def _look(cluster: Cluster) -> dict[str, object]:
    """Read what the run ended in."""
    dsn = cluster.postgres.dsn()
    channel = connect(
        f"{LOOPBACK}:{cluster.ports['mastery-api-grpc']}", cluster.tokens.by_name["district-it"]
    )
    answer = await MasteryServiceStub(channel).GetStateHash(GetStateHashRequest(), timeout=60)
    await channel.close()
    in_topic = await asyncio.to_thread(_event_ids, cluster.kafka.bootstrap_servers)
    return {
        "state_hash": answer.state_hash,
        "evidence_count": answer.evidence_count,
        "alignment_count": answer.alignment_count,
        "ledger_event_ids": await _ledger_event_ids(with_database(dsn, database_name("evidence"))),
        "topic_event_ids": len(in_topic),
        "topic_records": in_topic.total(),
    }


async def _ledger_event_ids(dsn: str) -> int:
    connection = await asyncpg.connect(dsn, timeout=10, command_timeout=60)
    try:
        count: int = await connection.fetchval(
            "SELECT count(DISTINCT (district, event_id)) FROM ledger WHERE event IS NOT NULL"
        )
        return count
    finally:
        await connection.close()


def _event_ids(bootstrap_servers: str) -> Counter[str]:
    """Count the event ids of the whole topic; watermarks, which have no key, are of no event."""
    return Counter(
        evidence.EvidenceEvent.FromString(record.value).event_id
        for record in read_whole(bootstrap_servers, TOPIC)
        if record.key is not None
    )
