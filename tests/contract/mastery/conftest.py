"""The state in memory and in PostgreSQL behind one face, for one suite on both."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from services.common.postgres.pool import Database
from services.mastery.adapters.memory.epochs import MemoryEpochs
from services.mastery.adapters.memory.facts import MemoryFacts, MemoryPublications, MemoryWatermarks
from services.mastery.adapters.memory.policies import MemoryPolicies
from services.mastery.adapters.memory.published_statuses import MemoryFlips
from services.mastery.adapters.memory.retention import MemoryRetention
from services.mastery.adapters.memory.state import MemoryFoldStore, MemoryState
from services.mastery.adapters.postgres.epoch_store import PostgresEpochs
from services.mastery.adapters.postgres.fact_store import PostgresFacts
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.postgres.marks import PostgresMarks, PostgresPublications
from services.mastery.adapters.postgres.policies import PostgresPolicies
from services.mastery.adapters.postgres.published_statuses import PostgresFlips
from services.mastery.adapters.postgres.retention import PostgresRetention
from services.mastery.adapters.postgres.state_reader import PostgresStates
from services.mastery.adapters.postgres.watermarks import (
    PostgresWatermarks,
    PostgresWatermarkStore,
)
from services.mastery.adapters.wire.evidence import decode_chunks
from services.mastery.domain.freshness import Watermark
from services.mastery.handlers.fold import apply_evidence
from tests.support.mastery_events import chunk_of
from tests.support.schema import migrated


class InMemory:
    """The state in memory."""

    def __init__(self):
        self.state = MemoryState()
        self.facts = self.states = self.marks = MemoryFacts(self.state)
        self.marks.facts = self.facts.snapshot
        self.policies = MemoryPolicies(self.state)
        self.publications = MemoryPublications(self.state)
        self.flips = self.audit = MemoryFlips(self.state)
        self.watermarks = MemoryWatermarks(self.state)
        self.epochs = MemoryEpochs(self.state)
        self.retention = MemoryRetention(self.state)

    @asynccontextmanager
    async def folding(self):
        """Open a transaction to fold into."""
        yield MemoryFoldStore(self.state)

    @asynccontextmanager
    async def passing(self):
        """Open a transaction to keep watermarks in."""
        yield MemoryFoldStore(self.state)


class InPostgres:
    """The state in PostgreSQL, folded by the worker's role and read by the API's."""

    def __init__(self, worker, api):
        self.worker = worker
        self.facts = PostgresFacts(api)
        self.states = PostgresStates(api)
        self.marks = PostgresMarks(worker)
        self.policies = PostgresPolicies(api)
        self.publications = PostgresPublications(worker)
        self.flips, self.audit = PostgresFlips(api), PostgresFlips(worker)
        self.watermarks = PostgresWatermarks(api)
        self.epochs = PostgresEpochs(worker)
        self.retention = PostgresRetention(worker)

    @asynccontextmanager
    async def folding(self):
        """Open a transaction to fold into."""
        async with self.worker.transaction(None) as connection:
            await use_live_state(connection)
            yield PostgresFoldStore(connection, partition=0)

    @asynccontextmanager
    async def passing(self):
        """Open a transaction to keep watermarks in."""
        async with self.worker.transaction(None) as connection:
            yield PostgresWatermarkStore(connection)


class Scene:
    """A state, and a short way to fold events into it."""

    def __init__(self, backend):
        self.backend = backend
        self.facts, self.states, self.marks = backend.facts, backend.states, backend.marks
        self.policies, self.publications = backend.policies, backend.publications
        self.flips, self.audit = backend.flips, backend.audit
        self.watermarks = backend.watermarks
        self.epochs = backend.epochs
        self.retention = backend.retention
        self.offset = 0

    async def fold(self, *events):
        """Fold events as one chunk, with the next offsets; return what a seal keeps out."""
        async with self.backend.folding() as store:
            decoded = decode_chunks([chunk_of(events, first_offset=self.offset)])
            assert not decoded.parked
            refusals = await apply_evidence(store, decoded.columns)
        self.offset += len(events)
        return refusals

    async def pass_watermark(self, partition, position, *, of=1):
        """Pass a watermark of a topic that has so many partitions."""
        async with self.backend.passing() as store:
            watermark = Watermark(position=position, partition_count=of)
            await store.pass_watermark(partition, watermark)


@pytest.fixture(params=["memory", "postgres"])
async def scene(request):
    """Make a scene on each implementation."""
    if request.param == "memory":
        yield Scene(InMemory())
        return
    database = request.getfixturevalue("postgres_database")("mastery", migrated("mastery"))
    opened = {
        role: await Database.connect(database.dsn(role), pool_size=2, application_name="test")
        for role in ("worker", "api")
    }
    yield Scene(InPostgres(opened["worker"], opened["api"]))
    for each in opened.values():
        await each.close()
