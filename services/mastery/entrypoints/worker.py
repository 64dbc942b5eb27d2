"""The `worker` process: the one consume loop, folding evidence into the state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from google.protobuf.message import DecodeError
from trellis.evidence.v1 import evidence_pb2

from services.common.clock import Clock, SystemClock
from services.common.kafka.chunk import Chunk, Parked
from services.common.kafka.consume import ConsumeLoop
from services.common.kafka.worker import PARALLEL_CHUNKS, WorkerSettings, run_worker
from services.common.metrics import FRESHNESS_BUCKETS, gauge, histogram, watch_event_loop
from services.common.postgres.pool import Connection
from services.common.process import Lifecycle
from services.common.web.server import Health, WebServer, health_app
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.postgres.watermarks import PostgresWatermarkStore
from services.mastery.adapters.wire.evidence import decode_chunk
from services.mastery.bootstrap import connect
from services.mastery.config import MasterySettings
from services.mastery.handlers.fold import apply_evidence

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


class NotReadyError(Exception):
    """The worker is not ready, or not alive; the message says why."""


class EvidenceFold:
    """Folds a chunk in the loop's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def apply(self, connection: Connection, chunk: Chunk) -> Sequence[Parked]:
        """Fold what can be folded; return the records that never can be."""
        # After the offset row was locked, so that a swap of states is seen.
        await use_live_state(connection)
        decoded = decode_chunk(chunk)
        await apply_evidence(
            PostgresFoldStore(connection, partition=chunk.partition), decoded.columns
        )
        if decoded.watermark is not None:
            store = PostgresWatermarkStore(connection)
            await store.pass_watermark(chunk.partition, decoded.watermark)
            said_seconds = decoded.watermark.publish_time_us / 1_000_000
            WATERMARK_SECONDS.labels(str(chunk.partition)).set(said_seconds)
        self._observe(chunk)
        return decoded.parked

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
    web = WebServer(health_app(_health(loop)), settings.health_listen, name="health")
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


def _health(loop: ConsumeLoop) -> Health:
    """Ready while nothing is waited for; alive while what waits is being applied."""
    health = Health()

    async def ready() -> None:
        _raise(loop.progress.not_ready())

    async def live() -> None:
        _raise(loop.progress.stalled())

    health.add_check("consumer", ready)
    health.add_progress_check("consumer", live)
    return health


def _raise(reason: str | None) -> None:
    if reason is not None:
        raise NotReadyError(reason)
