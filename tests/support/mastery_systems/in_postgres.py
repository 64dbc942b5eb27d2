"""A system in PostgreSQL, and the database in which one after the other begins anew."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg

from services.common.clock import SystemClock
from services.common.kafka import offsets
from services.common.kafka.consume import ConsumeLoop
from services.common.kafka.offsets import TopicFacts, TopicRange
from services.common.postgres.pool import Database
from services.mastery.adapters.postgres.epoch_store import PostgresEpochs
from services.mastery.adapters.postgres.epochs import LOCK_KEY
from services.mastery.adapters.postgres.fact_store import PostgresFacts
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.adapters.postgres.live import SCHEMAS, live_schema, use_live_state
from services.mastery.adapters.postgres.marks import PostgresMarks
from services.mastery.adapters.postgres.policies import PostgresPolicies
from services.mastery.adapters.postgres.retention import PostgresRetention
from services.mastery.adapters.postgres.shadow import PostgresShadowState
from services.mastery.adapters.postgres.state_reader import PostgresStates
from services.mastery.adapters.wire.evidence import decode_chunks
from services.mastery.entrypoints.worker import EvidenceFold
from services.mastery.handlers.fold import apply_evidence
from tests.support.mastery_events import TOPIC, chunk_of
from tests.support.mastery_systems.in_memory import MemorySystem
from tests.support.mastery_systems.system import GROUP, WORKERS, System, Worker

TOPIC_ID = UUID(int=1)
EMPTIED = (
    *("changed_key", "consumer_offset", "dead_letter", "partition_watermark"),
    *("epoch", "epoch_item", "epoch_reference", "policy", "policy_publication"),
    *("published_status", "status_flip", "retention_seal"),
)
"""Tables outside of the two states that a system begins with empty."""
POLL_SECONDS = 0.002
POLLS = 5_000


class MeanwhileStore(PostgresFoldStore):
    """Lets something else happen between the look at epochs and the rest of a chunk."""

    meanwhile = None

    async def epochs(self, districts):
        """Look, then let it happen."""
        found = await self.look(districts)
        await self.meanwhile()
        return found

    async def look(self, districts):
        """Return the epochs, as a worker asks for them."""
        return await super().epochs(districts)


class PostgresSystem(System):
    """A system in PostgreSQL, folded by the worker's role and read by the API's."""

    def __init__(self, worker, api):
        super().__init__()
        self._database = worker
        self.states, self.facts = PostgresStates(api), PostgresFacts(api)
        self.marks = PostgresMarks(worker)
        self.epochs, self.policies = PostgresEpochs(worker), PostgresPolicies(api)
        self.retention = PostgresRetention(worker)
        self.workers = [self.make_worker(number) for number in range(WORKERS)]

    def make_worker(self, number):
        """Return a worker that begins."""
        return Worker(self.loop_of(self.fold_by(number)))

    def loop_of(self, apply, kind=ConsumeLoop):
        """Return a loop on the one partition."""
        return kind(database=self._database, consumer_group=GROUP, topic=TOPIC, apply=apply)

    def fold_by(self, number):
        """Return the worker's own way to fold, but for a mutant or what happens meanwhile."""
        real = EvidenceFold(SystemClock())

        async def apply(connection, chunks):
            store = self.store(connection, self.workers[number])
            if store is None:
                return await real.apply(connection, chunks)
            await use_live_state(connection)
            decoded = decode_chunks(chunks)
            await apply_evidence(store, decoded.columns)
            return decoded.parked

        return apply

    def store(self, connection, worker):
        """Return what a worker folds into; None: what its process does."""
        return None

    async def begin(self):
        """Let the group begin at the topic's beginning, as a worker does."""
        await self.workers[0].loop.open(self._topic_facts())

    def _topic_facts(self):
        return TopicFacts(
            name=TOPIC, topic_id=TOPIC_ID, ranges={0: TopicRange(first=0, end=len(self.topic))}
        )

    async def offset(self):
        """Return the offset that is committed."""
        async with self._database.transaction(None) as connection:
            return (await offsets.read(connection, GROUP, TOPIC))[0].next_offset

    async def versions(self):
        """Return the version of each mastery's row."""
        async with self._database.transaction(None) as connection:
            live = await live_schema(connection)
            rows = await connection.fetch(
                f"SELECT learner_id, competency, version FROM {live}.mastery_state"
            )
        return {(row["learner_id"], row["competency"]): row["version"] for row in rows}

    def shadow(self):
        """Return the state that a rebuild fills; nobody reads the old one any more."""
        return PostgresShadowState(
            self._database,
            consumer_group=GROUP,
            topic=self._topic_facts(),
            old_readers_seconds=0.0,
        )

    async def fresh(self, epochs, seals, events, sizes):
        """Return a system in memory into which these facts went at once."""
        return await MemorySystem().fresh(epochs, seals, events, sizes)

    def meanwhile_store(self, connection):
        """Return what a chunk is folded into during which an epoch is published."""
        return MeanwhileStore(connection, partition=0)

    async def consume_while_publishing(self, number, size, new, *, now_us):
        """Fold a chunk; when it has looked at epochs, let somebody publish one. Return the task.

        The chunk goes on once the publisher is done, or waits for it.
        """
        worker, publishing = self.workers[number], []

        async def meanwhile():
            publishing.append(asyncio.create_task(self.publish(new, now_us=now_us)))
            for _ in range(POLLS):
                if publishing[0].done() or await self._somebody_waits():
                    return
                await asyncio.sleep(POLL_SECONDS)
            raise AssertionError("the publisher neither ended nor waited for the chunk")

        async def apply(connection, chunks):
            await use_live_state(connection)
            store = self.meanwhile_store(connection)
            store.meanwhile = meanwhile
            await apply_evidence(store, decode_chunks(chunks).columns)
            return ()

        events = self.topic[worker.position : worker.position + size]
        await self.loop_of(apply).transact([chunk_of(events, first_offset=worker.position)])
        worker.position += len(events)
        return publishing[0]

    async def _somebody_waits(self):
        async with self._database.transaction(None) as connection:
            return await connection.fetchval(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                " AND objid = $1 AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database()))",
                LOCK_KEY,
            )


class PostgresStage:
    """A database for one system after the other: each begins with empty tables."""

    def __init__(self, database):
        self._database = database
        self._opened = {}

    async def open(self):
        """Connect as each role."""
        for role in ("worker", "api"):
            self._opened[role] = await Database.connect(
                self._database.dsn(role), pool_size=6, application_name="test"
            )
        self._superuser = await asyncpg.connect(self._database.superuser_dsn)
        rows = await self._superuser.fetch(
            "SELECT schemaname || '.' || tablename AS name FROM pg_tables"
            " WHERE schemaname = ANY($1) OR tablename = ANY($2)",
            list(SCHEMAS),
            list(EMPTIED),
        )
        self._tables = ", ".join(row["name"] for row in rows)

    async def system(self, kind=PostgresSystem):
        """Return a system on empty tables."""
        await self._superuser.execute(f"TRUNCATE {self._tables}")
        made = kind(self._opened["worker"], self._opened["api"])
        await made.begin()
        return made

    async def close(self):
        """Close all connections."""
        for each in self._opened.values():
            await each.close()
        await self._superuser.close()
