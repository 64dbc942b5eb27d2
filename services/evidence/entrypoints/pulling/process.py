"""The process `pull`: pulls from each peer when its timetable says so, until told to stop.

Each peer has a task of its own, so that what one does keeps no other from its time. What goes wrong
is tried again after a wait that doubles; nothing of a peer ends the process. Several of them may
run: they do each other's work again, and harm nothing (see `runs`).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import grpc
import grpc.aio

from services.common.backoff import RetryPolicy
from services.common.clock import Clock, SystemClock
from services.common.logs import get_logger
from services.common.metrics import counter, gauge, watch_event_loop
from services.common.process import Lifecycle, pause
from services.common.rpc.command_line import said
from services.common.web.server import Health, WebServer, health_app
from services.evidence.config import EvidenceSettings
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.sources import SyncState
from services.evidence.entrypoints.importing.documents import (
    OUTCOMES,
    DocumentReport,
    DocumentSending,
)
from services.evidence.entrypoints.importing.target import Target
from services.evidence.entrypoints.pulling.configuration import (
    AnyPeer,
    PullConfiguration,
    SilencePart,
)
from services.evidence.entrypoints.pulling.delivery import Delivery
from services.evidence.entrypoints.pulling.fetching import PullError
from services.evidence.entrypoints.pulling.runs import PeerPull, Run
from services.evidence.entrypoints.pulling.timetable import Timetable

PATIENCE: Final = RetryPolicy(first_wait_seconds=60.0, longest_wait_seconds=3_600.0)
"""Between attempts at a peer that fails; each has had a patience of its own already."""

LONGEST_SLEEP_SECONDS: Final = 600.0
"""The clock may be set meanwhile: nobody sleeps past a due time by more than this."""

WATCH_SECONDS: Final = 60.0

LAST_SUCCESS: Final = gauge(
    "evidence_pull_last_success_timestamp_seconds",
    "When the last pull from a peer came to its end, in seconds since 1970. Look at the log for"
    " pull_failed when it is older than the timetable says.",
    ["peer"],
)
DOCUMENTS: Final = counter(
    "evidence_pull_documents",
    "Documents that pulls have brought, by peer and by what became of them. Look at the quarantine"
    " when refused or waiting grow.",
    ["peer", "outcome"],
)
FAULTS: Final = counter(
    "evidence_pull_faults",
    "Pulls that ended before their end, by peer and by whose fault it was: the peer's (look at its"
    " host and at the configuration), the service's (look at the api), or of the puller itself"
    " (look at its log).",
    ["peer", "whose"],
)
NOTES: Final = gauge(
    "evidence_pull_notes",
    "What the last pull from a peer could not read although it came to its end, such as a"
    " framework; the log has a pull_note for each.",
    ["peer"],
)
HELD: Final = gauge(
    "evidence_pull_held",
    "1 while the last pull of everything from a peer would delete so much that a person has to"
    " settle it: `settle-import`.",
    ["peer"],
)
SILENT: Final = gauge(
    "evidence_source_silent_seconds",
    "For how long nothing has come of a source within today's school hours; 0 outside of them. When"
    " it goes beyond what is usual, look at the source's system and at the pulls from it.",
    ["source"],
)

log = get_logger()


@dataclass(frozen=True, kw_only=True)
class Puller:
    """Pulls from one peer and hands over to the service over a channel."""

    settings: AnyPeer
    channel: grpc.aio.Channel
    target: Target
    clock: Clock = field(default_factory=SystemClock)
    make_pull: Callable[[AnyPeer, Clock], PeerPull] = lambda settings, clock: PeerPull(
        settings=settings, clock=clock
    )

    async def pull(self, report: DocumentReport, *, everything: bool = False) -> Run:
        """Pull once; report counts what came, also where this raises (see `PeerPull.run`)."""
        pull = self.make_pull(self.settings, self.clock)
        return await pull.run(self._delivery(report), everything=everything)

    async def last_success(self) -> datetime | None:
        """Return when a pull last came to its end; None for never."""
        delivery = self._delivery(self.new_report())
        return (await delivery.cursor(self.settings.called)).put

    def new_report(self) -> DocumentReport:
        """Return an empty report of a pull that begins now."""
        began = self.clock.now().strftime("%Y%m%dT%H%M%SZ")
        return DocumentReport(
            import_id=f"pull-{self.settings.called}-{began}", source=self.settings.source
        )

    def _delivery(self, report: DocumentReport) -> Delivery:
        sending = DocumentSending.over(
            self.channel, self.target.caller(), self.settings.source, report
        )
        return Delivery(sending=sending)


class PeerLoop:
    """Pulls from one peer, again and again. The names of faults are in `whose_fault`."""

    def __init__(
        self,
        puller: Puller,
        *,
        timetable: Timetable | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take how to pull, and when."""
        self._puller = puller
        self._name = puller.settings.called
        self._clock = puller.clock
        self._timetable = timetable or puller.settings.times()
        self._chance = chance
        self._failures = 0
        self._due: datetime | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Pull when it is due until told to stop; a pull under way is then broken off."""
        while not stopping.is_set():
            wait_seconds = await self.turn()
            await pause(stopping, min(wait_seconds, LONGEST_SLEEP_SECONDS))

    async def turn(self) -> float:
        """Pull if it is due; return for how many seconds there is nothing to do."""
        try:
            if self._due is None:
                self._due = await self._first_due()
            if self._clock.now() >= self._due:
                await self._pull()
                self._due = self._timetable.next_after(self._clock.now())
            self._failures = 0
        except Exception as error:
            self._due = self._after_fault(error)
        return max((self._due - self._clock.now()).total_seconds(), 0.0)

    async def _first_due(self) -> datetime:
        """Return the first time after the last pull, so that what nobody did is made up for."""
        last = await self._puller.last_success()
        if last is None:
            return self._clock.now()
        LAST_SUCCESS.labels(self._name).set(last.timestamp())
        return self._timetable.next_after(last)

    async def _pull(self) -> None:
        report = self._puller.new_report()
        log.info("pull_begins", peer=self._name, import_id=report.import_id)
        try:
            run = await self._puller.pull(report)
        finally:
            for outcome in OUTCOMES:
                DOCUMENTS.labels(self._name, outcome).inc(report.total(outcome))
        LAST_SUCCESS.labels(self._name).set(self._clock.now().timestamp())
        NOTES.labels(self._name).set(len(run.notes))
        if run.whole:
            HELD.labels(self._name).set(is_held(report))
        for note in run.notes:
            log.warning("pull_note", peer=self._name, note=note)
        log.info(
            "pull_ends",
            peer=self._name,
            import_id=report.import_id,
            whole=run.whole,
            held=is_held(report),
            **{one: report.total(one) for one in OUTCOMES},
        )

    def _after_fault(self, error: Exception) -> datetime:
        """Return when to try again: after a wait, and no later than the next pull is due."""
        self._failures += 1
        whose, problem = whose_fault(error)
        FAULTS.labels(self._name, whose).inc()
        now = self._clock.now()
        wait_seconds = PATIENCE.wait_seconds(self._failures, self._chance())
        again = min(now + timedelta(seconds=wait_seconds), self._timetable.next_after(now))
        log.warning(
            "pull_failed",
            peer=self._name,
            whose=whose,
            problem=problem,
            attempt=self._failures,
            next_time=again.isoformat(),
            exc_info=error if whose == "puller" else None,
        )
        return again


class SilenceWatch:
    """Looks whether anything has come of sources within school hours."""

    def __init__(
        self, parts: Sequence[SilencePart], delivery: Delivery, *, clock: Clock | None = None
    ) -> None:
        """Take what silence is, and how to ask the service."""
        self._parts = parts
        self._delivery = delivery
        self._clock = clock or SystemClock()
        self._silent: set[str] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Look once a minute until told to stop."""
        while not stopping.is_set():
            try:
                await self.look()
            except grpc.aio.AioRpcError as error:
                log.warning("silence_not_known", problem=said(error))
            await pause(stopping, WATCH_SECONDS)

    async def look(self) -> None:
        """Measure once; warn of a source when its silence begins."""
        sources = await self._delivery.sources()
        now = self._clock.now()
        for part in self._parts:
            source = sources.get(part.source)
            last = None
            if source is not None and source.HasField("last_receive_time"):
                last = source.last_receive_time.ToDatetime(tzinfo=now.tzinfo)
            silent = part.hours().silent_for(last, now)
            SILENT.labels(part.source).set(silent.total_seconds())
            if silent < part.after:
                self._silent.discard(part.source)
            elif part.source not in self._silent:
                self._silent.add(part.source)
                log.warning(
                    "source_silent",
                    source=part.source,
                    silent_seconds=silent.total_seconds(),
                    last_receive_time=None if last is None else last.isoformat(),
                )


def is_held(report: DocumentReport) -> bool:
    """Whether the deletions of a pull of everything wait for a person."""
    return report.sync is not None and report.sync.state == SyncState.HELD.value


def whose_fault(error: Exception) -> tuple[str, str]:
    """Return whose fault a failed pull is, and what a log may say of it."""
    if isinstance(error, PullError | RefusedError):
        return "peer", str(error)
    if isinstance(error, grpc.aio.AioRpcError):
        return "service", said(error)
    return "puller", type(error).__name__


async def pull_process(
    settings: EvidenceSettings,
    configuration: PullConfiguration,
    target: Target,
    lifecycle: Lifecycle,
) -> None:
    """Build and start the process."""
    channel = target.connect()
    lifecycle.add_closer("channel", channel.close)
    health = Health()
    health.add_check("service", _answers(channel))
    web = WebServer(health_app(health), settings.health_listen, name="health")
    await web.start()
    lifecycle.add_closer("health", web.stop)
    for peer in configuration.peers:
        loop = PeerLoop(Puller(settings=peer, channel=channel, target=target))
        lifecycle.supervise(f"pull_{peer.called}", loop.run(lifecycle.stopping))
    if configuration.silence:
        report = DocumentReport(import_id="", source="")
        sending = DocumentSending.over(channel, target.caller(), "", report)
        watch = SilenceWatch(configuration.silence, Delivery(sending=sending))
        lifecycle.supervise("silence", watch.run(lifecycle.stopping))
    lifecycle.supervise("event_loop_lag", watch_event_loop())


def _answers(channel: grpc.aio.Channel) -> Callable[[], Awaitable[None]]:
    """Return a check that passes unless the service cannot be reached."""

    async def check() -> None:
        state = channel.get_state(try_to_connect=True)
        if state in (grpc.ChannelConnectivity.TRANSIENT_FAILURE, grpc.ChannelConnectivity.SHUTDOWN):
            raise ConnectionError("the service cannot be reached")

    return check
