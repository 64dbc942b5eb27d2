"""The `worker` process: the one consume loop, folding evidence into the state."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.message import DecodeError
from trellis.evidence.v1 import evidence_pb2

from services.common.clock import Clock, SystemClock
from services.common.kafka.chunk import Chunk, Parked
from services.common.kafka.consume import ConsumeLoop
from services.common.kafka.health import worker_health
from services.common.kafka.worker import PARALLEL_CHUNKS, WorkerSettings, run_worker
from services.common.metrics import FRESHNESS_BUCKETS, counter, gauge, histogram, watch_event_loop
from services.common.postgres.pool import Connection
from services.common.process import Lifecycle
from services.common.web.server import WebServer, health_app
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.postgres.watermarks import PostgresWatermarkStore
from services.mastery.adapters.wire.evidence import Decoded, decode_chunks
from services.mastery.bootstrap import connect
from services.mastery.config import MasterySettings
from services.mastery.domain.freshness import Watermark
from services.mastery.domain.retention import BEFORE_RETENTION, Refusal
from services.mastery.handlers.fold import apply_evidence
from services.mastery.ports.freshness import WatermarkStore

FRESHNESS: Final = histogram(
    "mastery_freshness_seconds",
    "From receiving evidence to folding it, for the oldest record of each chunk. The objective is"
    " 60 s: when it grows, look at the relay's oldest row, then at the worker's lag.",
    buckets=FRESHNESS_BUCKETS,
)
WATERMARK_SECONDS: Final = gauge(
    "mastery_watermark_time_seconds",
    "When the watermark was sent that the fold has passed last, in seconds since 1970. How far it"
    " lies behind relay_watermark_time_seconds is how stale answers may be.",
    ("partition",),
)
BEFORE_RETENTION_COUNT: Final = counter(
    "mastery_before_retention",
    "Facts that came too late to change work that a seal has closed; each is a dead letter.",
)


class EvidenceFold:
    """Folds chunks of different partitions together, in the loop's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def apply(self, connection: Connection, chunks: Sequence[Chunk]) -> Sequence[Parked]:
        """Fold what can be folded; return the records that never can be."""
        # After the offset rows were locked, so that a swap of states is seen.
        await use_live_state(connection)
        decoded = decode_chunks(chunks)
        # What a district's position stands under keeps others from waiting for its row. The first
        # partition does that for all: nobody else has its lock.
        store = PostgresFoldStore(connection, partition=chunks[0].partition)
        refusals = await apply_evidence(store, decoded.columns)
        await _pass_watermarks(PostgresWatermarkStore(connection), decoded.watermarks)
        for chunk in chunks:
            self._observe(chunk)
        return [*decoded.parked, *_kept_out(chunks, decoded, refusals)]

    def _observe(self, chunk: Chunk) -> None:
        """Note how old the oldest fact of a chunk is; poison is no measure of anything."""
        facts = (value for key, value in zip(chunk.keys, chunk.values, strict=True) if key)
        try:
            event = evidence_pb2.EvidenceEvent.FromString(next(facts, None) or b"")
        except DecodeError:
            return
        if event.HasField("receive_time"):
            age_seconds = self._clock.now().timestamp() - event.receive_time.seconds
            FRESHNESS.observe(max(0.0, age_seconds))


def _kept_out(
    chunks: Sequence[Chunk], decoded: Decoded, refusals: Sequence[Refusal]
) -> Sequence[Parked]:
    """Return the records of facts that a seal keeps out, and count them."""
    BEFORE_RETENTION_COUNT.inc(len(refusals))
    parked = []
    for one in refusals:
        chunk = chunks[bisect_right(decoded.first_records, one.record) - 1]
        place = bisect_left(chunk.offsets, int(decoded.columns.offset[one.record]))
        parked.append(chunk.park(place, BEFORE_RETENTION, one.detail))
    return parked


async def _pass_watermarks(store: WatermarkStore, watermarks: Mapping[int, Watermark]) -> None:
    for partition, watermark in watermarks.items():
        await store.pass_watermark(partition, watermark)
        said_seconds = watermark.publish_time_us / 1_000_000
        WATERMARK_SECONDS.labels(str(partition)).set(said_seconds)


async def work(settings: MasterySettings, lifecycle: Lifecycle) -> None:
    """Build and start the process."""
    # One connection for each chunk side by side, one to read offsets at a rebalance.
    database = await connect(settings, lifecycle, "worker", least=PARALLEL_CHUNKS + 1)
    loop = ConsumeLoop(
        database=database,
        consumer_group=settings.consumer_group,
        topic=settings.evidence_topic,
        apply=EvidenceFold(SystemClock()).apply,
    )
    web = WebServer(health_app(worker_health(loop.progress)), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)
    run_worker(
        lifecycle,
        loop,
        WorkerSettings(
            bootstrap_servers=settings.kafka_bootstrap_servers,
            instance_id=settings.instance_id,
            chunk_records=settings.chunk_records,
            session_timeout_seconds=settings.session_timeout_seconds,
        ),
    )
    lifecycle.supervise("event_loop_lag", watch_event_loop())
