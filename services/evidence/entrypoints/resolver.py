"""The `resolver` process: takes up what has become possible, until told to stop.

What waits in quarantine for something that has arrived, evidence whose learner or competencies mean
somebody or something else now, and what is derived from whole frameworks. It looks for what is due
as the worker's role, which sees every district and nothing of what was sent, and works as the
API's, a district at a time. Several of them share the work: each row is held by one.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from services.common.backoff import backoff_seconds
from services.common.logs import get_logger, safe_message
from services.common.metrics import counter, gauge, watch_event_loop
from services.common.postgres.faults import Outcome, classify
from services.common.process import Lifecycle, pause
from services.common.web.server import Health, WebServer, health_app
from services.evidence.bootstrap import Resolver, build_resolver
from services.evidence.config import EvidenceSettings
from services.evidence.domain.errors import ConcurrentChangeError
from services.evidence.domain.quarantine import QuarantineState
from services.evidence.handlers.documents.due import derive_due, note_day
from services.evidence.handlers.intake import micros_of
from services.evidence.handlers.quarantine import redrive_due
from services.evidence.handlers.resolving import resolve_next

IDLE_SECONDS: Final = 1.0
SECOND_LOOK_SECONDS: Final = 30
"""Every transaction of the API that began before has ended by then: they are bounded at 15 s."""
DAYS_BACK: Final = 2
"""Schools are behind this clock's day, or ahead of it."""
DAYS_BACK_AT_START: Final = 35
"""So long nobody may have run a resolver."""
FAULTS_IN_A_ROW: Final = 30
MEASURE_SECONDS: Final = 15.0

LOOKED: Final = counter(
    "evidence_resolver_rows",
    "What the resolver has looked at, by kind. Look at its log when nothing grows and"
    " evidence_quarantine_open does.",
    ["kind"],
)
OPEN: Final = gauge(
    "evidence_quarantine_open_records",
    "Records in quarantine that are refused or wait, by source, reason and state;"
    " docs/data-dictionary.md says what to do about each reason.",
    ["source", "reason", "state"],
)

log = get_logger()


async def resolver(settings: EvidenceSettings, lifecycle: Lifecycle) -> None:
    """Build and start the process."""
    built = await build_resolver(settings, lifecycle)
    health = Health()
    health.add_check("database", built.database.ping)
    web = WebServer(health_app(health), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)
    loop = ResolverLoop(built)
    lifecycle.supervise("resolver", loop.run(lifecycle.stopping))
    lifecycle.supervise("event_loop_lag", watch_event_loop())


@dataclass(kw_only=True)
class _Measured:
    shown: frozenset[tuple[str, str, str]] = frozenset()
    next_at: float = 0.0


class ResolverLoop:
    """Goes round the districts that have something due; waits where none has."""

    def __init__(self, built: Resolver) -> None:
        """Take what the handlers need, and how to find what is due."""
        self._built = built
        self._measured = _Measured()
        self._noted_day: date | None = None
        self._last = ""

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until told to stop; a fault of the database is waited out, within a bound."""
        faults = 0
        while not stopping.is_set():
            try:
                worked = await self.turn()
                faults = 0
            except Exception as error:
                if classify(error) is Outcome.PERMANENT or faults >= FAULTS_IN_A_ROW:
                    raise
                faults += 1
                log.warning("resolver_fault", attempt=faults)
                await pause(stopping, backoff_seconds(faults, random.random()))  # noqa: S311
                continue
            if not worked:
                await pause(stopping, IDLE_SECONDS)

    async def turn(self) -> bool:
        """Do a bounded piece of work for each district that has any; say whether one had."""
        await self._measure()
        await self._note_day()
        districts = await self._built.due.districts()
        fault: Exception | None = None
        for district in _from(self._last, districts):
            self._last = district
            try:
                await self._work(district)
            except Exception as error:
                # What one district cannot do keeps no other from having its turn.
                if classify(error) is not Outcome.PERMANENT:
                    raise
                problem = safe_message(error)
                log.error("resolver_district_failed", district=district, problem=problem)
                fault = error
        if fault is not None:
            raise fault
        return bool(districts)

    async def _work(self, district: str) -> None:
        await self._look_again(district)
        await self._until_done(
            "object", partial(derive_due, district, surroundings=self._built.surroundings)
        )
        await self._until_done(
            "quarantine", partial(redrive_due, district, redriving=self._built.redriving)
        )
        await self._until_done(
            "evidence", partial(resolve_next, district, redriving=self._built.redriving)
        )

    async def _note_day(self) -> None:
        """Once a day, and at the beginning, look for whom a role has ended."""
        today = self._built.clock.now().date()
        if today == self._noted_day:
            return
        days_back = DAYS_BACK_AT_START if self._noted_day is None else DAYS_BACK
        for district in await self._built.due.rostered_districts():
            await note_day(
                district, today, days_back=days_back, surroundings=self._built.surroundings
            )
        self._noted_day = today

    async def _until_done(self, kind: str, step: Callable[[], Awaitable[int]]) -> None:
        for _ in range(STEPS_A_TURN):
            try:
                looked = await step()
            except ConcurrentChangeError:
                return
            if not looked:
                return
            LOOKED.labels(kind).inc(looked)

    async def _look_again(self, district: str) -> None:
        before = micros_of(self._built.clock.now()) - SECOND_LOOK_SECONDS * 1_000_000
        async with self._built.surroundings.intake.ledger.transaction(district) as transaction:
            await transaction.quarantine.look_again(before)

    async def _measure(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._measured.next_at:
            return
        counts: Sequence[tuple[str, int, int, int]] = await self._built.due.open_counts()
        shown = set()
        for source, reason, state, count in counts:
            labels = (source, self._built.reason_name(reason), QuarantineState(state).name)
            OPEN.labels(*labels).set(count)
            shown.add(labels)
        for labels in self._measured.shown - shown:
            OPEN.labels(*labels).set(0)
        self._measured = _Measured(shown=frozenset(shown), next_at=now + MEASURE_SECONDS)


STEPS_A_TURN: Final = 50
"""Of one kind in one district, before the next has its turn."""


def _from(last: str, districts: Sequence[str]) -> Sequence[str]:
    """Return the districts, beginning with those after the one that had the last turn."""
    return [*(one for one in districts if one > last), *(one for one in districts if one <= last)]
