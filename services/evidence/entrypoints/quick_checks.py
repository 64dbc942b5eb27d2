"""The `quick-checks` process: the one consume loop, from the scheduler's topic into the ledger.

Its place in the topic is the worker role's, what it records the API role's, a district at a time:
two transactions. A kill between them brings the same facts again, and the ledger knows them.
"""

from collections.abc import Sequence

from services.common.kafka.chunk import Chunk, Parked
from services.common.kafka.consume import ConsumeLoop
from services.common.kafka.health import worker_health
from services.common.kafka.worker import WorkerSettings, run_worker
from services.common.metrics import counter, watch_event_loop
from services.common.postgres.pool import Connection
from services.common.process import Lifecycle
from services.common.web.server import WebServer, health_app
from services.evidence.adapters.wire.quick_checks import facts_in
from services.evidence.bootstrap import build_quick_checks
from services.evidence.config import EvidenceSettings
from services.evidence.handlers.quick_checks import (
    NOT_RECORDED,
    QuickCheckIntake,
    take_quick_checks,
)

TAKEN = counter(
    "evidence_quick_checks",
    "Quick checks taken from the scheduler's topic, withdrawals among them. It rests while no"
    " school is in session; else look at the scheduler's relay.",
)


class QuickChecks:
    """Takes the quick checks of chunks in, while the loop holds its place."""

    def __init__(self, taking: QuickCheckIntake) -> None:
        self._taking = taking

    async def apply(self, connection: Connection, chunks: Sequence[Chunk]) -> Sequence[Parked]:
        """Take in what can be; return the records that never can be."""
        facts, places, parked = facts_in(chunks)
        failed = await take_quick_checks(facts, taking=self._taking)
        TAKEN.inc(len(facts) - len(failed))
        for place, why in failed.items():
            chunk, index = places[place]
            parked.append(chunk.park(index, NOT_RECORDED, why))
        return parked


async def take(settings: EvidenceSettings, lifecycle: Lifecycle) -> None:
    """Build and start the process."""
    built = await build_quick_checks(settings, lifecycle)
    loop = ConsumeLoop(
        database=built.worker,
        consumer_group=settings.quick_check_consumer_group,
        topic=settings.scheduler_topic,
        apply=QuickChecks(built.taking).apply,
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
        ),
    )
    lifecycle.supervise("event_loop_lag", watch_event_loop())
