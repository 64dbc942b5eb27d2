"""The `projector` process: what mastery tells others, one instance at a time.

Marks of changed keys become masteries on their topic, and dead letters go to `<topic>.dlq`.

What is published remembers, and why it changed is kept for as long as a setting says: what is older
is deleted in steps, beside the turns.

Where the policy in force of a district changes, or the time of a version that waited comes, the
district's masteries are marked in steps, beside the marks of what changes.

A crash before the marks are settled publishes the same again, and a change while publishing keeps
its mark: so every change is published, at least once, and readers take the highest version.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from services.common.kafka.producer import Producer
from services.common.kafka.relay import Relay
from services.common.kafka.retries import Retries
from services.common.logs import get_logger
from services.common.metrics import counter, gauge, watch_event_loop
from services.common.postgres.pool import Connection
from services.common.process import Lifecycle, Stop, pause
from services.common.web.server import Health, WebServer, health_app
from services.mastery.adapters.publisher import KafkaMasteryPublisher
from services.mastery.bootstrap import Projection, build_projection
from services.mastery.config import MasterySettings
from services.mastery.domain.moments import micros_of
from services.mastery.handlers.projection import MARKS_A_TURN, Turn, project_changes
from services.mastery.handlers.republishing import mark_for_policies
from services.mastery.handlers.status_flips import FLIPS_A_STEP, prune_flips
from services.mastery.ports.publishing import MarkedKey, MasteryPublisher

KEYS_A_STEP: Final = 1_000
KEYS_BESIDE_OTHERS: Final = 250
"""Keys marked for a new policy after each turn: this many while changes fill whole turns, so that
neither the changes nor the policy keeps the other waiting for long."""

LOCK_KEY: Final = 0x7072_6F6A
"""Of the advisory lock that the projector at work holds."""
STAND_BY_SECONDS: Final = 2.0
DRAIN_SECONDS: Final = 10.0
DEAD_LETTERS_PAUSE_SECONDS: Final = 60.0
STALL_SECONDS: Final = 300.0
WAITING_COUNTED: Final = 100_000
MEASURE_SECONDS: Final = 5.0
PRUNE_SECONDS: Final = 3_600.0
"""Between looks for flips that are older than is asked for; after a full step there is no pause."""

PUBLISHED: Final = counter(
    "mastery_published_masteries",
    "Masteries that Kafka has acknowledged. Nothing for long while marks wait: look at its log.",
)
FLIPS: Final = counter(
    "mastery_status_flips",
    "Published statuses that changed. Many at once, and no new policy: look at what came in.",
)
WAITING: Final = gauge(
    "mastery_waiting_marks",
    "Changed keys that are not published yet, counted up to a bound. When it grows for minutes,"
    " the projector is away or slow.",
)

log = get_logger()


class StalledError(Exception):
    """The projector has not come through a turn for too long."""


class Projector:
    """Publishes while it holds the lock, else stands by; raises a Stop when it cannot go on."""

    def __init__(
        self,
        projection: Projection,
        connect_publisher: Callable[
            [], Awaitable[tuple[MasteryPublisher, Callable[[], Awaitable[None]]]]
        ],
        *,
        interval_seconds: float,
        flip_retention_days: int,
        retries: Retries | None = None,
    ) -> None:
        self._projection = projection
        self._connect_publisher = connect_publisher
        self._interval_seconds = interval_seconds
        self._flip_retention_days = flip_retention_days
        self._retries = retries or Retries()
        self._after: MarkedKey | None = None
        self._turn_seconds = time.monotonic()
        self._measure_seconds = 0.0
        self._prune_at_seconds = 0.0
        self._failures = 0
        self._now_us = 0
        self._unreadable: Sequence[str] = ()

    async def run(self, stopping: asyncio.Event) -> None:
        """Publish until `stopping` is set; what fails is tried again within the policy."""
        while not stopping.is_set():
            try:
                await self._hold_lock(stopping)
            except Exception as error:
                self._failures += 1
                doing = "publishing changed masteries"
                wait_seconds = self._retries.wait_or_raise(doing, self._failures, error)
                await pause(stopping, wait_seconds)

    async def live(self) -> None:
        """Raise StalledError where no turn, and no look at the lock, has ended for too long."""
        waited_seconds = time.monotonic() - self._turn_seconds
        if waited_seconds > STALL_SECONDS:
            raise StalledError(f"no turn for {waited_seconds:.0f} s")

    async def _hold_lock(self, stopping: asyncio.Event) -> None:
        async with self._projection.database.connection() as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):
                self._turn_seconds = time.monotonic()
                await pause(stopping, STAND_BY_SECONDS)
                return
            # The one before may have had a clock that is ahead: its policies stay in force.
            published_us = await self._projection.publications.latest_effective_us()
            self._now_us = max(self._now_us, published_us)
            publisher, close = await self._connect_publisher()
            log.info("projector_active")
            try:
                await self._publish(connection, publisher, stopping)
            finally:
                await close()

    async def _publish(
        self, connection: Connection, publisher: MasteryPublisher, stopping: asyncio.Event
    ) -> None:
        """Take turns while the session that holds the lock is there."""
        while not stopping.is_set():
            # The lock went with the session, if that is gone: then this raises.
            await connection.execute("SELECT 1")
            turn = await self._turn(publisher)
            self._failures = 0
            self._after = turn.after
            self._turn_seconds = time.monotonic()
            await self._measure()
            await self._prune()
            is_full = turn.published >= MARKS_A_TURN
            marked = await self._mark(KEYS_BESIDE_OTHERS if is_full else KEYS_A_STEP)
            if not is_full and not marked:
                await pause(stopping, self._interval_seconds)

    async def _turn(self, publisher: MasteryPublisher) -> Turn:
        turn = await project_changes(
            after=self._after,
            as_of_us=self._time_us(),
            marks=self._projection.marks,
            publisher=publisher,
            policies=self._projection.policies,
        )
        PUBLISHED.inc(turn.published)
        FLIPS.inc(turn.flips)
        if turn.unreadable and turn.unreadable != self._unreadable:
            log.error("policies_unreadable", reasons=list(turn.unreadable))
        self._unreadable = turn.unreadable or self._unreadable
        return turn

    async def _mark(self, limit: int) -> int:
        """Mark keys for policies that are in force and not published; return how many."""
        step = await mark_for_policies(
            at_us=self._time_us(), publications=self._projection.publications, limit=limit
        )
        for done in step.completed:
            log.info("policy_marked", district=done.district, version=done.version)
        return step.marked

    async def _prune(self) -> None:
        """Delete one step of flips that are older than is asked for, when it is time to look."""
        now_seconds = time.monotonic()
        if now_seconds < self._prune_at_seconds:
            return
        pruned = await prune_flips(
            now_us=self._time_us(),
            retention_days=self._flip_retention_days,
            audit=self._projection.audit,
        )
        if pruned < FLIPS_A_STEP:
            self._prune_at_seconds = now_seconds + PRUNE_SECONDS
        if pruned:
            log.info("flips_pruned", flips=pruned)

    def _time_us(self) -> int:
        """Return the time now; it never goes back, so that no earlier policy comes again."""
        self._now_us = max(self._now_us, micros_of(self._projection.clock.now()))
        return self._now_us

    async def _measure(self) -> None:
        now_seconds = time.monotonic()
        if now_seconds - self._measure_seconds >= MEASURE_SECONDS:
            self._measure_seconds = now_seconds
            WAITING.set(await self._projection.marks.waiting(limit=WAITING_COUNTED))


async def relay_dead_letters(
    relay: Relay, stopping: asyncio.Event, *, pause_seconds: float = DEAD_LETTERS_PAUSE_SECONDS
) -> None:
    """Publish dead letters, and keep trying: what holds them back never holds back masteries.

    They are safe in their table, and their age is measured (`relay_oldest_unsent_seconds`).
    """
    while not stopping.is_set():
        try:
            await relay.run(stopping)
        except Stop as error:
            log.error("dead_letters_wait", pause_seconds=pause_seconds, error=str(error))
            await pause(stopping, pause_seconds)


async def project(settings: MasterySettings, lifecycle: Lifecycle) -> None:
    """Build and start the process."""
    projection = await build_projection(settings, lifecycle)

    async def connect_publisher() -> tuple[MasteryPublisher, Callable[[], Awaitable[None]]]:
        producer = await Producer.connect(
            settings.kafka_bootstrap_servers, client_id="trellis-mastery-projector"
        )
        return KafkaMasteryPublisher(producer, topic=settings.mastery_topic), producer.close

    projector = Projector(
        projection,
        connect_publisher,
        interval_seconds=settings.projector_interval_seconds,
        flip_retention_days=settings.flip_retention_days,
    )
    health = Health()
    health.add_check("database", projection.database.ping)
    health.add_progress_check("projector", projector.live)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)
    lifecycle.supervise("projector", projector.run(lifecycle.stopping), drain_seconds=DRAIN_SECONDS)
    letters = relay_dead_letters(projection.dead_letters, lifecycle.stopping)
    lifecycle.supervise("dead_letters", letters, drain_seconds=DRAIN_SECONDS)
    lifecycle.supervise("event_loop_lag", watch_event_loop())
