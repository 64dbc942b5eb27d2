"""At least as fresh as what was answered: a real ledger, its relay, Kafka, a worker and the API."""

from __future__ import annotations

import asyncio
from contextlib import closing

import grpc
import grpc.aio
import pytest
from kafka import KafkaAdminClient
from trellis.evidence.v1 import evidence_pb2
from trellis.mastery.v1 import mastery_service_pb2, mastery_service_pb2_grpc

from services.common.kafka.partitioning import partition_of
from services.common.postgres.pool import Database
from services.common.rpc.client import Reason, connect, detail_of, reason_of
from services.evidence.handlers.evidence import record_evidence
from tests.support.clock import FixedClock
from tests.support.evidence import (
    DISTRICT,
    NOW,
    FixedDirectory,
    a_batch,
    a_sending,
    pools,
    postgres_kept,
)
from tests.support.mastery_api import a_credential, refused, serving
from tests.support.mastery_events import recorded as an_event
from tests.support.mastery_stage import Ledger
from tests.support.relaying import PARTITIONS, DiesBeforeTheWatermark, Relaying
from tests.support.rosters import SCHEMA

TOKEN = "reader"
SHORT_SECONDS = 2.0
LONG_SECONDS = 40.0
LEARNERS = tuple(f"l{number}" for number in range(40))


class World:
    """A district's evidence and mastery."""

    def __init__(self, stage, kept, relaying, stub):
        self.stage, self.kept, self.relaying, self.stub = stage, kept, relaying, stub
        self.count = 0

    async def record(self, *learners):
        """Record a piece for each learner in one batch; return the highest position answered."""
        first = self.count
        self.count += len(learners)
        sendings = [
            a_sending(first + place, learner=f"districts/{DISTRICT}/learners/{learner}")
            for place, learner in enumerate(learners)
        ]
        answers = await record_evidence(a_batch(*sendings), intake=self.kept.intake)
        assert all(answer.position for answer in answers)
        return max(answer.position for answer in answers)

    async def page(self, learner, min_position=0, *, seconds=LONG_SECONDS):
        """List a learner's masteries; asked again, as a client does, until the time is up."""
        request = mastery_service_pb2.ListMasteryRequest(
            parent=f"districts/{DISTRICT}/learners/{learner}", min_position=min_position
        )
        return await self.stub.ListMastery(request, timeout=seconds)

    async def pieces(self, learner, min_position=0, *, seconds=LONG_SECONDS):
        """Return how many pieces of evidence a learner has, read as fresh as asked."""
        page = await self.page(learner, min_position, seconds=seconds)
        assert page.position >= min_position
        return sum(one.summary.evidence_count for one in page.masteries)

    async def needs_position(self, min_position, *, seconds=LONG_SECONDS):
        """Return the position that the needs of the whole school are read at."""
        request = mastery_service_pb2.StreamNeedsRequest(
            learners=[f"districts/{DISTRICT}/learners/{one}" for one in LEARNERS],
            min_position=min_position,
        )
        request.as_of_time.FromDatetime(NOW)
        call = self.stub.StreamNeeds(request, timeout=seconds)
        return {response.position async for response in call}.pop()


@pytest.fixture
async def world(stage, postgres_database):
    """Give a world whose relay and worker are not started yet."""
    evidence = postgres_database("evidence", SCHEMA)
    directory = FixedDirectory(learners={DISTRICT: LEARNERS})
    api = await Database.connect(
        stage.database.dsn("api"), pool_size=4, application_name="test-api"
    )
    credentials = {TOKEN: a_credential(DISTRICT, "mastery.read")}
    async with (
        serving(api, credentials, clock=FixedClock(NOW)) as address,
        postgres_kept(evidence, directory) as kept,
        pools(evidence) as (_, worker),
    ):
        channel = connect(address, TOKEN)
        relaying = Relaying(worker, stage.evidence_topic, stage.bootstrap)
        stub = mastery_service_pb2_grpc.MasteryServiceStub(channel)
        yield World(stage, kept, relaying, stub)
        await relaying.stop()
        await channel.close()
    await api.close()


async def test_what_was_acknowledged_is_read_by_who_asks_for_its_position(world):
    """Each learner's next piece, in every partition, the moment it was answered: never too few."""
    world.relaying.start()
    world.stage.start("worker")
    assert await served(world, "l9", await world.record("l9")) == 1
    for turn in range(1, 4):
        for learner in LEARNERS[:4]:
            position = await world.record(learner)
            assert await world.pieces(learner, position) == turn
    assert await world.needs_position(position) >= position


async def test_quiet_partitions_hold_nobody_back(world):
    """All evidence is of one learner; needs of the school are as fresh as its newest piece."""
    world.relaying.start()
    world.stage.start("worker")
    position = await world.record("l1", "l1", "l1")
    assert await served(world, "l1", position) == 3
    homes = {
        partition_of(f"districts/{DISTRICT}/learners/{one}".encode(), PARTITIONS)
        for one in LEARNERS
    }
    assert len(homes) == PARTITIONS
    assert await world.needs_position(position) >= position


async def test_while_the_worker_is_away_a_read_is_refused_in_time_and_served_afterwards(world):
    """The refusal says what was asked for and what is there; nobody is told an old answer."""
    world.relaying.start()
    worker = world.stage.start("worker")
    before = await world.record("l1")
    assert await served(world, "l1", before) == 1
    worker.kill()
    position = await world.record("l1")
    for read in (
        world.pieces("l1", position, seconds=SHORT_SECONDS),
        world.needs_position(position, seconds=SHORT_SECONDS),
    ):
        async with refused("NOT_FRESH_ENOUGH", grpc.StatusCode.ABORTED) as found:
            await read
        assert detail_of(found[0]) == Reason(
            reason="NOT_FRESH_ENOUGH",
            metadata={"min_position": str(position), "position": str(before)},
        )
    assert await world.pieces("l1") == 1
    world.stage.start("worker")
    assert await served(world, "l1", position) == 2


async def served(world, learner, position):
    """Ask until it is not refused any more; a worker takes some seconds to begin."""

    async def ask():
        try:
            return await world.pieces(learner, position)
        except grpc.aio.AioRpcError as error:
            if reason_of(error) != "NOT_FRESH_ENOUGH":
                raise
            return None

    return await world.stage.until(ask, what=f"{learner} is read at {position}")


async def test_a_relay_that_dies_between_records_and_watermark_keeps_nobody_waiting(world):
    """Whoever takes its seat says it, though no more evidence comes."""
    world.stage.start("worker")
    position = await world.record("l1")
    relay = world.relaying.start(DiesBeforeTheWatermark)
    assert await served(world, "l1", position) == 1
    assert relay.died


async def test_watermarks_that_come_again_late_and_elsewhere_change_nothing(world):
    """All that the topic has of them is sent to it again, backwards; the position stands."""
    world.relaying.start()
    world.stage.start("worker")
    for _ in range(3):
        position = await world.record("l1", "l2")
        assert await served(world, "l1", position)
    await world.relaying.stop()
    records = await world.stage.records_of(world.stage.evidence_topic)
    again = [record.value for record in records if record.key is None]
    assert len({event.watermark.ledger_position for event in map(event_from, again)}) > 1
    await world.stage.send_records(*((None, value) for value in reversed(again)))
    await world.stage.until_passed(len(records) + len(again))
    assert (await world.page("l1", position)).position == position
    assert not await world.stage.query("SELECT 1 FROM dead_letter")


def event_from(value):
    """Return the event of a record's value."""
    return evidence_pb2.EvidenceEvent.FromString(value)


async def test_after_partitions_were_added_positions_are_known_again(world):
    """Once the relay has told all of them, also the new ones; until then the old ones are true."""
    world.relaying.start()
    worker = world.stage.start("worker")
    before = await world.record(*LEARNERS)
    assert await served(world, "l1", before) == 1
    await world.relaying.stop()
    worker.kill()
    await asyncio.to_thread(grow, world.stage, PARTITIONS + 2)
    assert await world.pieces("l1", before) == 1
    world.relaying.start()
    world.stage.start("worker")
    position = await world.record(*LEARNERS)
    for learner in LEARNERS[:10]:
        assert await served(world, learner, position) == 2
    rows = await world.stage.query("SELECT partition_count FROM partition_watermark")
    assert [row["partition_count"] for row in rows] == [PARTITIONS + 2] * (PARTITIONS + 2)


def grow(stage, partitions):
    """Give the topic more partitions, as `topics apply --grow` does."""
    with closing(KafkaAdminClient(bootstrap_servers=stage.bootstrap)) as client:
        client.create_partitions({stage.evidence_topic: partitions})


async def test_a_state_that_was_rebuilt_is_as_fresh_as_the_ledger_said(world):
    """On a new database beside an aged topic, without another piece of evidence or a watermark."""
    event = an_event("e1", learner="l1", district=DISTRICT, position=40)
    await world.stage.send(event)
    ledger = Ledger([event])
    ledger.complete_position = 41
    await world.stage.rebuild(ledger, wait_seconds=0)
    assert await world.pieces("l1", 41) == 1
    assert await world.needs_position(41) == 41
    async with refused("NOT_FRESH_ENOUGH", grpc.StatusCode.ABORTED):
        await world.pieces("l1", 42, seconds=SHORT_SECONDS)


@pytest.mark.parametrize("position", [-1, -(2**63)])
async def test_a_negative_position_is_refused_as_invalid(world, position):
    """It is no place in the ledger, and no time will bring it."""
    async with refused("INVALID_REQUEST", grpc.StatusCode.INVALID_ARGUMENT):
        await world.page("l1", position)
