"""Builders of records and of what they are checked against, ledgers, and an `api` under test."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import grpc.aio
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2_grpc
from trellis.framework.v1 import framework_service_pb2_grpc
from trellis.roster.v1 import roster_service_pb2_grpc

from services.common.postgres.pool import Database
from services.common.process import Lifecycle
from services.common.rpc.client import connect
from services.common.rpc.credentials import hash_token
from services.evidence.adapters.memory.ledger import MemoryLedger
from services.evidence.adapters.memory.receipts import MemoryReceipts
from services.evidence.adapters.postgres.ledger import PostgresLedger, PostgresLedgerStream
from services.evidence.adapters.postgres.receipts import PostgresReceipts
from services.evidence.adapters.wire.evidence import ProtobufEventEncoder, record_from
from services.evidence.config import EvidenceSettings
from services.evidence.domain.aliases import Alias
from services.evidence.domain.known import ItemKey, Known, KnownLearner
from services.evidence.domain.model import Record
from services.evidence.domain.references import CompetencyReference, Reference
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.entrypoints.api import serve
from services.evidence.handlers.intake import Intake, RecordEvidence, Sending, micros_of
from services.evidence.handlers.receipts import Receipts
from services.evidence.ports.ledger import Ledger, LedgerStream
from services.evidence.ports.receipts import ReceiptStore
from tests.support.clock import FixedClock

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tests.support.servers import ServiceDatabase

DISTRICT = "henry"
NOW = datetime(2026, 9, 1, 15, 30, tzinfo=UTC)
LEARNERS = ("ada", "ben")
COMPETENCIES = ("6.rp.1", "6.rp.2", "6.ns.1")
NAMESPACE = bytes(range(16))
SOURCES = frozenset({"lms"})


def a_record(**changes: Any) -> Record:
    """Return a valid record of learner ada, scored 3 of 4 points, as the domain sees it."""
    record = Record(
        size_bytes=200,
        event_id="sending-1",
        source="lms",
        entity_id="observation-1",
        version=1,
        learner=f"districts/{DISTRICT}/learners/ada",
        occur_time=(int(NOW.timestamp()) - 3_600, 0),
        alignments=((f"districts/{DISTRICT}/competencies/6.rp.1", 0),),
        points=(3_000, 4_000),
        level_milli=None,
        purpose=1,
        kind=1,
        dok=2,
        timed=False,
        item="item-9",
        assessment="quiz-3",
        assessment_items_on_competency=5,
        artefact="",
    )
    return replace(record, **changes)


def what_is_known(**changes: Any) -> Known:
    """Return what valid records are checked against: two learners, three competencies."""
    known = Known(
        district=DISTRICT,
        district_namespace=NAMESPACE,
        sources=SOURCES,
        learners={
            one: KnownLearner(learner_id=one, zone=ZoneInfo("America/New_York")) for one in LEARNERS
        },
        competencies={one: one for one in COMPETENCIES},
        earliest_micros=micros_of(NOW) - 400 * 86_400_000_000,
        latest_micros=micros_of(NOW) + 600_000_000,
    )
    return replace(known, **changes)


def a_message(number: int = 1, **changes: Any) -> evidence_pb2.Record:
    """Return a valid record as it is sent; `number` makes sending and observation differ."""
    message = evidence_pb2.Record(
        event_id=f"sending-{number}",
        source="lms",
        entity_id=f"observation-{number}",
        learner=f"districts/{DISTRICT}/learners/ada",
        alignments=[evidence_pb2.Alignment(competency=f"districts/{DISTRICT}/competencies/6.rp.1")],
        score=evidence_pb2.Score(
            points=evidence_pb2.Points(earned_milli=3_000, possible_milli=4_000)
        ),
        purpose=evidence_pb2.PURPOSE_FORMATIVE,
        kind=evidence_pb2.KIND_QUIZ,
        item=f"item-{number}",
    )
    message.occur_time.FromDatetime(NOW.replace(tzinfo=None))
    for field, value in changes.items():
        if value is None:
            message.ClearField(field)  # type: ignore[arg-type]
        elif isinstance(value, list):
            message.ClearField(field)  # type: ignore[arg-type]
            getattr(message, field).extend(value)
        elif hasattr(value, "CopyFrom"):
            getattr(message, field).CopyFrom(value)
        else:
            setattr(message, field, value)
    return message


def a_sending(number: int = 1, **changes: Any) -> Sending:
    """Return a valid sending, bytes and all."""
    message = a_message(number, **changes)
    sent = message.SerializeToString()
    return Sending(sent=sent, record=record_from(message, len(sent)))


def a_batch(*sendings: Sending, **changes: Any) -> RecordEvidence:
    """Return the command to keep these sendings for the test's district."""
    command = RecordEvidence(district=DISTRICT, sources=SOURCES, sendings=sendings)
    return replace(command, **changes)


class FixedDirectory:
    """Knows what it is given, in every transaction; the port `Directory`."""

    def __init__(
        self,
        *,
        learners: Mapping[str, Collection[str]] | None = None,
        competencies: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """Take learners and competencies by district; the defaults are those of this module."""
        self._learners = learners or {DISTRICT: LEARNERS}
        self._competencies = competencies or {DISTRICT: COMPETENCIES}
        self.merged: dict[str, str] = {}
        self.alias_spans: dict[Reference, Sequence[Alias]] = {}
        self.item_alignments: dict[ItemKey, ItemAlignment] = {}

    async def learners(
        self, district: str, learner_ids: Collection[str]
    ) -> Mapping[str, tuple[str, str]]:
        """Return each known learner and the time zone."""
        known = set(self._learners.get(district, ())) & set(learner_ids)
        return {one: (self.merged.get(one, one), "America/New_York") for one in known}

    async def aliases(
        self, district: str, references: Collection[Reference]
    ) -> Mapping[Reference, Sequence[Alias]]:
        """Return the spans that a test has put there."""
        return {one: self.alias_spans[one] for one in references if one in self.alias_spans}

    async def competencies(
        self, district: str, competency_ids: Collection[str]
    ) -> Mapping[str, str]:
        """Return those that are known."""
        known = set(self._competencies.get(district, ())) & set(competency_ids)
        return {one: one for one in known}

    async def meanings(
        self, district: str, references: Collection[CompetencyReference]
    ) -> Mapping[CompetencyReference, Collection[str]]:
        """Return the competencies that have the value as their id."""
        known = self._competencies.get(district, ())
        return {one: (one.value,) for one in references if one.value in known}

    async def items(
        self, district: str, items: Collection[ItemKey]
    ) -> Mapping[ItemKey, ItemAlignment]:
        """Return the alignments that a test has put there."""
        return {one: self.item_alignments[one] for one in items if one in self.item_alignments}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A place to keep evidence, ready for the handlers."""

    intake: Intake
    ledger: Ledger
    stream: LedgerStream
    clock: FixedClock


def memory_kept(directory: FixedDirectory | None = None) -> Kept:
    """Return a ledger in memory."""
    ledger = MemoryLedger(directory or FixedDirectory())
    return _kept(ledger, ledger, MemoryReceipts())


@asynccontextmanager
async def postgres_kept(
    database: ServiceDatabase, directory: FixedDirectory | None = None
) -> AsyncIterator[Kept]:
    """Give a ledger in a migrated database, used by the role of the API."""
    looked_up = directory or FixedDirectory()
    async with pools(database) as (api, worker):
        ledger = PostgresLedger(api, directory=lambda _connection: looked_up)
        yield _kept(ledger, PostgresLedgerStream(api, worker), PostgresReceipts(api))


@asynccontextmanager
async def pools(database: ServiceDatabase) -> AsyncIterator[tuple[Database, Database]]:
    """Connect as api and as worker."""
    api = await Database.connect(database.dsn("api"), pool_size=8, application_name="test-api")
    worker = await Database.connect(
        database.dsn("worker"), pool_size=2, application_name="test-worker"
    )
    try:
        yield api, worker
    finally:
        await api.close()
        await worker.close()


def _kept(ledger: Ledger, stream: LedgerStream, receipts: ReceiptStore) -> Kept:
    clock = FixedClock(NOW)
    intake = Intake(
        ledger=ledger, encoder=ProtobufEventEncoder(), receipts=Receipts(receipts), clock=clock
    )
    return Kept(intake=intake, ledger=ledger, stream=stream, clock=clock)


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token of the server under test and what it may do."""

    token: str
    district: str | None
    sources: Sequence[str] = ("lms", "sis", "response-log", "edfi", "case", "transfer")
    scopes: Sequence[str] = ("*",)


OWN_TOKEN = Token(token="own-token", district=DISTRICT)
OTHER_TOKEN = Token(token="other-token", district="cedar")
SERVICE_TOKEN = Token(token="service-token", district=None, sources=(), scopes=("ledger.read",))
READER_TOKEN = Token(token="reader-token", district=DISTRICT, scopes=("evidence.read",))
EVERY_SOURCE_TOKEN = Token(token="every-source-token", district=DISTRICT, sources=("*",))
TOKENS = (OWN_TOKEN, OTHER_TOKEN, SERVICE_TOKEN, READER_TOKEN, EVERY_SOURCE_TOKEN)


class Client:
    """The stubs of one token."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Take an open channel."""
        self.channel = channel
        self.evidence = evidence_service_pb2_grpc.EvidenceServiceStub(channel)
        self.roster = roster_service_pb2_grpc.RosterServiceStub(channel)
        self.frameworks = framework_service_pb2_grpc.FrameworkServiceStub(channel)


@dataclass(frozen=True, kw_only=True)
class RunningApi:
    """An `api` process in this test's loop."""

    address: str

    @asynccontextmanager
    async def client(self, token: str | None = OWN_TOKEN.token) -> AsyncIterator[Client]:
        """Connect with a token."""
        channel = connect(self.address, token, timeout_seconds=30, retry=False)
        try:
            yield Client(channel)
        finally:
            await channel.close()


@asynccontextmanager
async def running_api(database: ServiceDatabase, directory: Path) -> AsyncIterator[RunningApi]:
    """Run an `api` process on a free port, with the tokens of this module."""
    settings = EvidenceSettings(
        postgres_dsn=database.dsn("api"),
        worker_postgres_dsn=database.dsn("worker"),
        credentials_file=_credentials_file(directory),
        learner_keys_file=_keys_file(directory),
    )
    lifecycle = Lifecycle()
    server = await serve(settings, lifecycle)
    try:
        yield RunningApi(address=f"127.0.0.1:{server.port}")
    finally:
        await server.stop(grace_seconds=0.1)
        await close_all(lifecycle)


async def close_all(lifecycle: Lifecycle) -> None:
    """Close what a lifecycle holds, as at the end of a process."""

    async def nothing(_lifecycle: Lifecycle) -> None:
        lifecycle.request_stop()

    await lifecycle.live(nothing, shutdown_grace_seconds=5)


def _credentials_file(directory: Path) -> Path:
    path = directory / "credentials.json"
    entries = [
        {
            "name": one.token,
            "sha256": hash_token(one.token),
            "district": one.district,
            "sources": list(one.sources),
            "scopes": list(one.scopes),
            "person": None,
        }
        for one in TOKENS
    ]
    path.write_text(json.dumps({"tokens": entries}), encoding="utf-8")
    return path


def _keys_file(directory: Path) -> Path:
    path = directory / "learner-keys.json"
    keys = {one.district: "ab" * 32 for one in TOKENS if one.district is not None}
    path.write_text(json.dumps(keys), encoding="utf-8")
    return path
