"""Bad input of every kind, at every entry: it gets its answer or its dead letter, nothing stops."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import grpc
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from trellis.evidence.v1 import evidence_pb2 as evidence
from trellis.evidence.v1 import evidence_service_pb2 as evidence_service
from trellis.evidence.v1.evidence_service_pb2_grpc import EvidenceServiceStub
from trellis.framework.v1 import framework_pb2, framework_service_pb2
from trellis.framework.v1.framework_service_pb2_grpc import FrameworkServiceStub
from trellis.mastery.v1 import mastery_pb2
from trellis.mastery.v1.mastery_service_pb2 import GetMasteryRequest
from trellis.mastery.v1.mastery_service_pb2_grpc import MasteryServiceStub
from trellis.roster.v1 import roster_pb2, roster_service_pb2
from trellis.roster.v1.roster_service_pb2_grpc import RosterServiceStub

from deploy.local.databases import service_dsn
from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY
from deploy.local.ports import LOOPBACK
from deploy.local.tokens import DISTRICT, OTHER_DISTRICT
from services.common.ids import random_id
from services.common.kafka.partitioning import partition_of
from services.common.rpc.client import connect, reason_of
from tests.support.cluster import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TOPIC = "trellis.evidence.v1"
PARTITIONS = 12
SOURCE = "lms"
COMPETENCY_ID = "fractions"
COMPETENCY = f"districts/{DISTRICT}/competencies/{COMPETENCY_ID}"
TWO_MEGABYTES = 2_000_000
NO_PROTOBUF = b"\xff\xfe no protobuf"
FOLDED_SECONDS = 20.0
POLL_SECONDS = 0.05
RECORD_EVIDENCE = "/trellis.evidence.v1.EvidenceService/RecordEvidence"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start Kafka, PostgreSQL, evidence and mastery."""
    directory = tmp_path_factory.mktemp("bad-input")
    with Cluster(
        directory, cache_directory=DEFAULT_CACHE_DIRECTORY, services=("evidence", "mastery")
    ) as cluster:
        yield cluster


@dataclass(kw_only=True)
class Caller:
    """The services as the holder of one token sees them, or somebody without any."""

    cluster: Cluster
    token: str | None
    channels: list[grpc.aio.Channel] = field(default_factory=list)

    def __post_init__(self) -> None:
        ports = self.cluster.ports
        for port in (ports["evidence-api-grpc"], ports["mastery-api-grpc"]):
            self.channels.append(connect(f"{LOOPBACK}:{port}", self.token))
        self.evidence = EvidenceServiceStub(self.channels[0])
        self.mastery = MasteryServiceStub(self.channels[1])

    async def send(self, record: evidence.Record, **options) -> evidence.RecordAnswer:
        """Send one record and return what became of it."""
        request = evidence_service.RecordEvidenceRequest(record=record)
        return (await self.evidence.RecordEvidence(request, **options)).answer

    async def send_bytes(self, message: bytes) -> None:
        """Send these bytes as the request of RecordEvidence."""
        await self.channels[0].unary_unary(RECORD_EVIDENCE)(message)

    async def quarantined(self) -> dict[str, evidence_service.QuarantinedRecord]:
        """Return what was refused, by event id."""
        request = evidence_service.ListQuarantinedRecordsRequest(page_size=500)
        listed = await self.evidence.ListQuarantinedRecords(request)
        return {one.event_id: one for one in listed.records}

    async def mastery_of(self, learner: str) -> mastery_pb2.Mastery:
        """Return where a learner stands in the competency."""
        request = GetMasteryRequest(name=f"{learner}/competencies/{COMPETENCY_ID}")
        return (await self.mastery.GetMastery(request)).mastery

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(channel.close() for channel in self.channels))


@dataclass(kw_only=True)
class Stage:
    """The cluster, callers of both districts, and a learner of the test alone."""

    cluster: Cluster
    caller: Caller
    other: Caller
    nobody: Caller
    learner: str
    producer: AIOKafkaProducer

    @property
    def partition(self) -> int:
        """Where the learner's facts go: what is put there comes before what is sent next."""
        return partition_of(self.learner.encode(), PARTITIONS)

    def record(self, **fields) -> evidence.Record:
        """Return a record that is good but for the fields that are given."""
        record = evidence.Record(
            event_id=random_id(),
            source=SOURCE,
            learner=self.learner,
            alignments=[evidence.Alignment(competency=COMPETENCY)],
            score=evidence.Score(points=evidence.Points(earned_milli=1000, possible_milli=1000)),
            purpose=evidence.PURPOSE_FORMATIVE,
            kind=evidence.KIND_QUIZ,
        )
        record.occur_time.FromSeconds(int(time.time()) - 3_600)
        for name, value in fields.items():
            if name == "learner" or isinstance(value, str):
                setattr(record, name, value)
            else:
                record.ClearField(name)
                record.MergeFrom(evidence.Record(**{name: value}))
        return record

    async def evidence_count(self) -> int:
        """Return how much evidence of the learner mastery has folded."""
        return (await self.caller.mastery_of(self.learner)).summary.evidence_count

    async def assert_nothing_stopped(self) -> None:
        """Send a good record of the same learner: it is accepted, and mastery's state has it."""
        before = await self.evidence_count()
        answer = await self.caller.send(self.record())
        assert answer.outcome == evidence.RecordAnswer.OUTCOME_ACCEPTED
        async with asyncio.timeout(FOLDED_SECONDS):
            while await self.evidence_count() != before + 1:
                await asyncio.sleep(POLL_SECONDS)
        assert all(part.process.is_alive() for part in self.cluster.parts.values())

    async def dead_letters(self) -> list[list[str]]:
        """Return the words of each line of the command that lists dead letters."""
        dsn = service_dsn(self.cluster.postgres.dsn(), "mastery", "worker")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.mastery", "dead-letters", "list", "--limit", "500"),
            env={**os.environ, "MASTERY_POSTGRES_DSN": dsn},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0
        return [line.split() for line in output.decode().splitlines()]


@pytest_asyncio.fixture
async def stage(cluster: Cluster) -> AsyncIterator[Stage]:
    """Register a learner of this test alone, and give what the test needs."""
    tokens = cluster.tokens.by_name
    callers = [
        Caller(cluster=cluster, token=token)
        for token in (tokens["district-it"], tokens["other-district"], None)
    ]
    producer = AIOKafkaProducer(
        bootstrap_servers=cluster.kafka.bootstrap_servers, max_request_size=2 * TWO_MEGABYTES
    )
    await producer.start()
    try:
        yield Stage(
            cluster=cluster,
            caller=callers[0],
            other=callers[1],
            nobody=callers[2],
            learner=await registered_learner(callers[0]),
            producer=producer,
        )
    finally:
        await producer.stop()
        for caller in callers:
            await caller.close()


async def registered_learner(caller: Caller) -> str:
    """Set up school and competency, which may be there already, and a new learner; its name."""
    channel = caller.channels[0]
    school = f"districts/{DISTRICT}/schools/middle"
    framework = f"districts/{DISTRICT}/frameworks/mathematics"
    roster, frameworks = RosterServiceStub(channel), FrameworkServiceStub(channel)
    await roster.BatchUpsertSchools(
        roster_service_pb2.BatchUpsertSchoolsRequest(
            schools=[
                roster_pb2.School(name=school, display_name="Middle", time_zone="America/New_York")
            ]
        )
    )
    await frameworks.BatchUpsertFrameworks(
        framework_service_pb2.BatchUpsertFrameworksRequest(
            frameworks=[framework_pb2.Framework(name=framework, display_name="Mathematics")]
        )
    )
    competency = framework_pb2.Competency(
        name=COMPETENCY, framework=framework, code="F1", label="Fractions", subject="mathematics"
    )
    await frameworks.BatchUpsertCompetencies(
        framework_service_pb2.BatchUpsertCompetenciesRequest(competencies=[competency])
    )
    learner = roster_pb2.Learner(
        source=SOURCE,
        source_id=random_id(),
        school=school,
        grade="7",
        state=roster_pb2.Learner.STATE_ENROLLED,
        enrol_date="2026-08-01",
    )
    answer = await roster.BatchUpsertLearners(
        roster_service_pb2.BatchUpsertLearnersRequest(learners=[learner])
    )
    return answer.learners[0].name


BAD_FIELDS = {
    "a bad learner name": ("MALFORMED", "learner", {"learner": "Ana Ruiz"}),
    "an unknown learner": (
        "UNKNOWN_LEARNER",
        "learner",
        {"learner": f"districts/{DISTRICT}/learners/nobody"},
    ),
    "an unknown competency": (
        "UNKNOWN_COMPETENCY",
        "alignments[0].competency",
        {
            "alignments": [
                evidence.Alignment(competency=f"districts/{DISTRICT}/competencies/nothing")
            ]
        },
    ),
    "points above those possible": (
        "SCORE_OUT_OF_RANGE",
        "score.points",
        {
            "score": evidence.Score(
                points=evidence.Points(earned_milli=20_000, possible_milli=1_000)
            )
        },
    ),
    "a level above 4": (
        "SCORE_OUT_OF_RANGE",
        "score.level_milli",
        {"score": evidence.Score(level_milli=4_001)},
    ),
    "no event id": ("MISSING_EVENT_ID", "event_id", {"event_id": ""}),
    "an artefact instead of a reference": ("RECORD_TOO_LARGE", "", {"artefact": "x" * 100_000}),
}


@pytest.mark.parametrize("case", BAD_FIELDS)
async def test_a_bad_record_is_answered_with_what_to_do_and_kept(stage: Stage, case: str) -> None:
    """The answer and the quarantine say reason, field, message and hint; the rest goes on."""
    reason, path, fields = BAD_FIELDS[case]
    record = stage.record(**fields)
    answer = await stage.caller.send(record)
    assert answer.outcome == evidence.RecordAnswer.OUTCOME_REFUSED
    assert answer.refusal.reason == evidence.RefusalReason.Value(f"REFUSAL_REASON_{reason}")
    assert answer.refusal.field == path
    assert answer.refusal.message
    assert answer.refusal.hint
    kept = (await stage.caller.quarantined())[record.event_id]
    assert kept.refusal == answer.refusal
    assert record.SerializeToString().startswith(kept.record)
    assert kept.record
    await stage.assert_nothing_stopped()


async def test_bytes_that_are_no_record_are_answered_as_undecodable(stage: Stage) -> None:
    """A request that is no protobuf gets INVALID_ARGUMENT with a reason."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stage.caller.send_bytes(NO_PROTOBUF)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(caught.value) == "MESSAGE_UNDECODABLE"
    await stage.assert_nothing_stopped()


async def test_a_request_above_its_limit_is_refused_with_the_limit(stage: Stage) -> None:
    """400 kB get the server's reason; 2 MB are turned away by gRPC before they are read."""
    for size, reason in ((400_000, "MESSAGE_TOO_LARGE"), (TWO_MEGABYTES, None)):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stage.caller.send(stage.record(artefact="x" * size))
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(caught.value) == reason
    await stage.assert_nothing_stopped()


async def test_a_call_without_a_known_token_is_turned_away(stage: Stage) -> None:
    """Neither without a token nor with one that nobody knows is anything taken in."""
    record = stage.record()
    stranger = (("authorization", "Bearer made-up"),)
    for metadata in ((), stranger):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stage.nobody.send(record, metadata=metadata)
        assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
        assert reason_of(caught.value) == "UNAUTHENTICATED"
    assert record.event_id not in await stage.caller.quarantined()
    await stage.assert_nothing_stopped()


async def test_a_token_of_another_district_reaches_nothing_of_this_one(stage: Stage) -> None:
    """Its record is refused into its own quarantine; it may neither act here nor look here."""
    record = stage.record()
    answer = await stage.other.send(record)
    assert answer.refusal.reason == evidence.REFUSAL_REASON_MALFORMED
    assert answer.refusal.field == "learner"
    assert OTHER_DISTRICT in answer.refusal.hint
    assert record.event_id in await stage.other.quarantined()
    assert record.event_id not in await stage.caller.quarantined()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stage.other.send(record, metadata=(("trellis-district", DISTRICT),))
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert reason_of(caught.value) == "DISTRICT_REFUSED"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stage.other.mastery_of(stage.learner)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(caught.value) == "INVALID_REQUEST"
    await stage.assert_nothing_stopped()


async def test_poison_in_the_topic_becomes_dead_letters(stage: Stage) -> None:
    """One of each kind, ahead of a good record in its partition: each is listed with its reason."""
    key = stage.learner.encode()
    misplaced = evidence.EvidenceEvent(learner=f"{stage.learner}x").SerializeToString()
    empty = evidence.EvidenceEvent(learner=stage.learner).SerializeToString()
    poison = {
        "NO_KEY": (None, empty),
        "NO_VALUE": (key, None),
        "UNDECODABLE": (key, NO_PROTOBUF),
        "KEY_NOT_LEARNER": (key, misplaced),
        "MALFORMED": (key, empty),
    }
    places = {}
    for reason, (poison_key, value) in poison.items():
        sent = await stage.producer.send_and_wait(
            TOPIC, key=poison_key, value=value, partition=stage.partition
        )
        places[f"{TOPIC}/{stage.partition}/{sent.offset}"] = reason
    await stage.assert_nothing_stopped()
    letters = {
        place: (reason, detail) for _, place, _, reason, *detail in await stage.dead_letters()
    }
    for place, reason in places.items():
        assert letters[place][0] == reason
        assert letters[place][1], "the detail is empty"


async def test_a_producer_forced_to_send_2_mb_is_refused_by_the_broker(stage: Stage) -> None:
    """The topic's bound is the broker's to hold, so the record never is in the topic."""
    with pytest.raises(MessageSizeTooLargeError):
        await stage.producer.send_and_wait(
            TOPIC, key=stage.learner.encode(), value=b"x" * TWO_MEGABYTES, partition=stage.partition
        )
    await stage.assert_nothing_stopped()


async def test_the_largest_record_that_the_topic_takes_becomes_a_dead_letter(stage: Stage) -> None:
    """A megabyte of no protobuf is kept like any other, and the partition goes on."""
    sent = await stage.producer.send_and_wait(
        TOPIC, key=stage.learner.encode(), value=b"\xff" * 1_000_000, partition=stage.partition
    )
    await stage.assert_nothing_stopped()
    place = f"{TOPIC}/{stage.partition}/{sent.offset}"
    assert [place, "UNDECODABLE"] in [[line[1], line[3]] for line in await stage.dead_letters()]
