"""The process of pulls, without a network: when it pulls, what it does about faults, silence."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from structlog.testing import capture_logs
from trellis.evidence.v1 import source_service_pb2 as messages

from services.common.metrics import REGISTRY
from services.evidence.domain.document import Format
from services.evidence.entrypoints.importing.documents import DocumentReport, DocumentSending, Read
from services.evidence.entrypoints.importing.sending import Caller
from services.evidence.entrypoints.pulling.configuration import SilencePart
from services.evidence.entrypoints.pulling.delivery import Delivery
from services.evidence.entrypoints.pulling.fetching import PullError
from services.evidence.entrypoints.pulling.process import PeerLoop, SilenceWatch
from services.evidence.entrypoints.pulling.runs import Run
from tests.support.clock import FixedClock
from tests.support.pulling import a_peer, configured

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class FakePuller:
    """A puller that does what it is told; stands in for `Puller`."""

    def __init__(self, directory: Path, clock: FixedClock, *, last: datetime | None = None) -> None:
        self.settings = configured(directory, a_peer("oneroster", "https://sis.example.org"))
        self.clock = clock
        self.last = last
        self.faults: list[Exception] = []
        self.pulled: list[datetime] = []

    def new_report(self) -> DocumentReport:
        """Return an empty report."""
        return DocumentReport(import_id="pull-sis", source="sis")

    async def last_success(self) -> datetime | None:
        """Return when the last one ended."""
        return self.last

    async def pull(self, report: DocumentReport, *, everything: bool = False) -> Run:
        """Pull, or fail."""
        self.pulled.append(self.clock.now())
        report.count("users", "changed")
        if self.faults:
            raise self.faults.pop(0)
        return Run(delivery=None, began=self.clock.now(), whole=False)  # type: ignore[arg-type]


class Pulling:
    """A loop with its fake, and its clock."""

    def __init__(self, directory: Path, *, last: datetime | None = None) -> None:
        self.clock = FixedClock(NOON)
        self.puller = FakePuller(directory, self.clock, last=last)
        self.loop = PeerLoop(self.puller, chance=lambda: 1.0)  # type: ignore[arg-type]

    async def turns(self, count: int) -> list[datetime]:
        """Take turns, sleeping as long as each says; return when there was a pull."""
        for _ in range(count):
            self.clock.advance(timedelta(seconds=await self.loop.turn()))
        return self.puller.pulled


def minutes(*past_noon: int) -> list[datetime]:
    """Return times by their minutes after noon."""
    return [NOON + timedelta(minutes=one) for one in past_noon]


def measured(name: str, **labels: str) -> float:
    """Return a metric's value."""
    return REGISTRY.get_sample_value(f"trellis_evidence_{name}", labels) or 0.0


async def test_who_never_pulled_does_so_at_once_and_then_by_the_timetable(tmp_path: Path):
    """Every fifteen minutes."""
    assert await Pulling(tmp_path).turns(3) == minutes(0, 15, 30)


async def test_a_pull_that_was_missed_is_made_up_for(tmp_path: Path):
    """Nobody ran when it was due; who pulled lately waits for the next one."""
    missed = Pulling(tmp_path, last=NOON - timedelta(minutes=16))
    assert await missed.turns(2) == minutes(0, 15)
    lately = Pulling(tmp_path, last=NOON - timedelta(minutes=1, seconds=-61))
    assert await lately.turns(3) == minutes(15, 30)


async def test_what_fails_is_tried_again_after_longer_and_longer_waits(tmp_path: Path):
    """And no later than it would be due anyway."""
    pulling = Pulling(tmp_path)
    pulling.puller.faults = [PullError("gone") for _ in range(5)]
    assert await pulling.turns(7) == minutes(0, 1, 3, 7, 15, 30, 45)


async def test_whose_fault_it_was_is_counted(tmp_path: Path):
    """The peer's, the service's or our own; none of them ends the loop."""
    before = [measured("pull_faults_total", peer="sis", whose=one) for one in WHOSE]
    pulling = Pulling(tmp_path)
    pulling.puller.faults = [
        PullError("gone"),
        grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata()),
        ZeroDivisionError(),
    ]
    await pulling.turns(4)
    after = [measured("pull_faults_total", peer="sis", whose=one) for one in WHOSE]
    assert [one - other for one, other in zip(after, before, strict=True)] == [1, 1, 1]
    assert measured("pull_last_success_timestamp_seconds", peer="sis") == (
        (NOON + timedelta(minutes=7)).timestamp()
    )


WHOSE = ("peer", "service", "puller")


async def test_what_came_before_a_fault_is_counted(tmp_path: Path):
    """It is kept, whatever came after."""
    before = measured("pull_documents_total", peer="sis", outcome="changed")
    pulling = Pulling(tmp_path)
    pulling.puller.faults = [PullError("gone")]
    await pulling.turns(2)
    assert measured("pull_documents_total", peer="sis", outcome="changed") == before + 2


async def test_the_loop_ends_when_told(tmp_path: Path):
    """Also while there is nothing to do for a long time."""
    pulling = Pulling(tmp_path)
    stopping = asyncio.Event()
    running = asyncio.create_task(pulling.loop.run(stopping))
    while not pulling.puller.pulled:
        await asyncio.sleep(0)
    stopping.set()
    await running
    assert pulling.puller.pulled == [NOON]


class FakeSources(Delivery):
    """Knows when sources last sent anything."""

    last: Mapping[str, datetime] = {}

    async def sources(self) -> Mapping[str, messages.Source]:
        """Return the sources."""
        found = {}
        for name, moment in self.last.items():
            found[name] = messages.Source(source=name)
            found[name].last_receive_time.FromDatetime(moment)
        return found


async def test_silence_in_school_hours_is_measured_and_warned_of_once():
    """Until something comes again; at night there is none."""
    part = SilencePart.model_validate(
        {"source": "quiet", "time_zone": "UTC", "begin": "08:00", "end": "15:00", "after": "2h"}
    )
    sources = FakeSources(sending=None)  # type: ignore[arg-type]
    clock = FixedClock(NOON - timedelta(hours=1))
    watch = SilenceWatch([part], sources, clock=clock)
    FakeSources.last = {"quiet": NOON - timedelta(hours=2)}
    silent = []
    with capture_logs() as logged:
        for _ in range(5):
            await watch.look()
            silent.append(measured("source_silent_seconds", source="quiet") / 3_600)
            clock.advance(timedelta(hours=1))
    assert silent == [1.0, 2.0, 3.0, 4.0, 0.0]
    assert [one["event"] for one in logged] == ["source_silent"]
    FakeSources.last = {}


class FakeStub:
    """Remembers what is sent; stands in for the stub of SourceService."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.unread: list[messages.UnreadDocument] = []

    async def BatchKeepDocuments(self, request: Any, timeout: float) -> Any:  # noqa: N802
        """Keep documents."""
        self.kept += [one.content for one in request.documents]
        unchanged = messages.DocumentAnswer(outcome=messages.DocumentAnswer.OUTCOME_UNCHANGED)
        return messages.BatchKeepDocumentsResponse(answers=[unchanged] * len(request.documents))

    async def BatchQuarantineDocuments(  # noqa: N802
        self,
        request: Any,
        timeout: float,
    ) -> Any:
        """Keep what could not be read."""
        self.unread += request.documents
        return messages.BatchQuarantineDocumentsResponse()


async def test_a_document_that_no_call_takes_keeps_no_other_from_coming():
    """It goes to the quarantine, cut short, and the others go on."""
    stub = FakeStub()
    report = DocumentReport(import_id="i", source="sis")
    caller = Caller(patience_seconds=0.0, deadline_seconds=1.0, chance=lambda: 0.0)
    sending = DocumentSending(stub=stub, caller=caller, source="sis", report=report)  # type: ignore[arg-type]
    documents: Sequence[Read] = [
        Read(collection="results", content={"sourcedId": "a"}),
        Read(collection="results", content={"sourcedId": "b", "comment": "x" * 2_000_000}),
        Read(collection="results", content={"sourcedId": "c"}),
    ]
    await sending.send(Format.ONEROSTER_JSON_1_2, documents)
    assert stub.kept == [b'{"sourcedId":"a"}', b'{"sourcedId":"c"}']
    (unread,) = stub.unread
    assert len(unread.content) == 65_536
    assert report.reasons == {"RECORD_TOO_LARGE": 1}
