"""MasteryService as a caller sees it: over gRPC, with tokens, on PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from trellis.mastery.v1 import mastery_pb2, mastery_service_pb2, mastery_service_pb2_grpc

from services.common.postgres.pool import Database
from services.common.rpc.client import connect
from services.mastery.adapters.postgres.retention import PostgresRetention
from services.mastery.adapters.postgres.watermarks import (
    PostgresWatermarkStore,
)
from services.mastery.domain.freshness import Watermark
from tests.support.clock import FixedClock
from tests.support.mastery_api import a_credential, fold_into, refused, serving
from tests.support.mastery_events import (
    START_SECONDS,
    a_quiz,
    competency_name,
    learner_name,
    mastery_name,
    recorded,
)
from tests.support.mastery_stage import true_hash
from tests.support.schema import migrated

DAY_SECONDS = 86_400
NOW = datetime.fromtimestamp(START_SECONDS + 40 * DAY_SECONDS, UTC)


class Caller:
    """Calls the service with one token."""

    def __init__(self, address, token):
        self.channel = connect(address, token)
        self.stub = mastery_service_pb2_grpc.MasteryServiceStub(self.channel)

    async def get(self, name, **more):
        """Get one mastery."""
        request = mastery_service_pb2.GetMasteryRequest(name=name, **more)
        return (await self.stub.GetMastery(request)).mastery

    async def needs(self, learners, seconds):
        """Return {learner: needs} as of seconds after the start, in the order that they came."""
        request = mastery_service_pb2.StreamNeedsRequest(
            learners=learners, as_of_time=Timestamp(seconds=START_SECONDS + seconds)
        )
        return {
            one.learner: list(one.needs)
            async for response in self.stub.StreamNeeds(request)
            for one in response.learners
        }


@pytest.fixture
async def service(postgres_database):
    """Serve a database into which `fold` folds; give callers by token."""
    database = postgres_database("mastery", migrated("mastery"))
    worker = await Database.connect(database.dsn("worker"), pool_size=1, application_name="test")
    api = await Database.connect(database.dsn("api"), pool_size=3, application_name="test")
    credentials = {
        "henry": a_credential("henry", "mastery.read"),
        "forsyth": a_credential("forsyth", "mastery.read"),
        "writer": a_credential("henry", "evidence.write"),
    }
    made = []
    async with serving(api, credentials, clock=FixedClock(NOW)) as address:

        class Service:
            async def seal(self, horizon_us):
                await PostgresRetention(worker).seal("henry", horizon_us, actor="test", at_us=0)

            async def fold(self, *events):
                await fold_into(worker, *events)

            async def pass_watermark(self, position):
                async with worker.transaction(None) as connection:
                    watermark = Watermark(position=position, partition_count=1)
                    await PostgresWatermarkStore(connection).pass_watermark(0, watermark)

            def caller(self, token="henry"):
                made.append(Caller(address, token))
                return made[-1]

        yield Service()
        for each in made:
            await each.channel.close()
    await worker.close()
    await api.close()


async def test_a_mastery_says_where_a_learner_stands(service):
    """Decision, levels, estimate, counts, a sentence, and the version of the facts."""
    await service.fold(*a_quiz("l1", "q1", right=range(9)), *a_quiz("l1", "q2", right=range(10)))
    mastery = await service.caller().get(mastery_name("l1", "c1"))
    assert mastery.name == mastery_name("l1", "c1")
    assert mastery.learner == learner_name("l1")
    assert mastery.competency == competency_name("c1")
    assert mastery.decision != mastery_pb2.DECISION_INSUFFICIENT
    assert mastery.credit_level_milli == 4000
    assert mastery.summary.evidence_count == 20
    assert mastery.summary.occasion_count == 2
    assert len(mastery.summary.evidence) == 5
    assert 0 < mastery.estimate.success_micro < 1_000_000
    assert mastery.explanation
    assert mastery.as_of_time.ToDatetime(UTC) == NOW
    assert mastery.version == 19


async def test_unknown_masteries_have_no_evidence(service):
    """A learner or a competency that was never seen is insufficient, not an error."""
    mastery = await service.caller().get(mastery_name("nobody", "c1"))
    assert mastery.decision == mastery_pb2.DECISION_INSUFFICIENT
    assert mastery.summary.evidence_count == 0
    assert not mastery.HasField("credit_level_milli")
    assert not mastery.summary.HasField("newest_time")


async def test_as_of_an_earlier_time_later_work_is_not_read(service):
    """What is known now of work done by then."""
    await service.fold(
        *a_quiz("l1", "q1", right=()),
        *a_quiz("l1", "q2", right=range(10), seconds=10 * DAY_SECONDS),
    )
    caller = service.caller()
    then = await caller.get(
        mastery_name("l1", "c1"), as_of_time=Timestamp(seconds=START_SECONDS + DAY_SECONDS)
    )
    now = await caller.get(mastery_name("l1", "c1"))
    assert (then.summary.evidence_count, now.summary.evidence_count) == (10, 20)
    assert then.current_level_milli == 1000 < now.current_level_milli


async def test_as_of_a_time_before_a_seal_nothing_is_read(service):
    """The code is OUT_OF_RANGE, and the horizon is told; from it on all is answered."""
    await service.fold(*a_quiz("l1", "q1", right=()))
    await service.seal((START_SECONDS + DAY_SECONDS) * 1_000_000)
    name, caller = mastery_name("l1", "c1"), service.caller()
    async with refused("BEFORE_RETENTION", grpc.StatusCode.OUT_OF_RANGE):
        await caller.get(name, as_of_time=Timestamp(seconds=START_SECONDS + DAY_SECONDS - 1))
    at_horizon = Timestamp(seconds=START_SECONDS + DAY_SECONDS)
    assert (await caller.get(name, as_of_time=at_horizon)).summary.evidence_count == 10


async def test_a_batch_answers_in_the_order_of_the_request(service):
    """Also repeats and unknown names have their place."""
    await service.fold(*a_quiz("l1", "q1", right=()), *a_quiz("l2", "q1", right=()))
    names = [mastery_name(one, "c1") for one in ("l2", "l9", "l1", "l2")]
    response = await service.caller().stub.BatchGetMastery(
        mastery_service_pb2.BatchGetMasteryRequest(names=names)
    )
    assert [one.name for one in response.masteries] == names
    assert [one.summary.evidence_count for one in response.masteries] == [10, 0, 10, 10]


async def test_pages_of_a_learner_hold_every_competency_once(service):
    """Page tokens lead from one page to the next until the last."""
    await service.fold(*(recorded(f"e{k}", competencies=(f"c{k}",)) for k in range(5)))
    stub, token, seen = service.caller().stub, "", []
    for _ in range(3):
        page = await stub.ListMastery(
            mastery_service_pb2.ListMasteryRequest(
                parent=learner_name("l1"), page_size=2, page_token=token
            )
        )
        seen += [one.competency for one in page.masteries]
        token = page.next_page_token
    assert seen == [competency_name(f"c{k}") for k in range(5)]
    assert token == ""


async def test_needs_come_for_every_learner_in_the_order_of_the_request(service):
    """Over several messages, each learner once; a mastered competency is no need."""
    learners = [f"l{k}" for k in range(60)]
    await service.fold(
        *(event for one in learners for event in a_quiz(one, "q1", right=(), of=4)),
    )
    asked = [learner_name(one) for one in [*reversed(learners), "nobody"]]
    needs = await service.caller().needs(asked, DAY_SECONDS)
    assert list(needs) == asked
    assert not needs[learner_name("nobody")]
    need = needs[learner_name("l7")][0]
    assert need.competency == competency_name("c1")
    assert need.current_level_milli == 1000
    assert need.summary.evidence_count == 4
    assert need.summary.newest_time.seconds == START_SECONDS + 3


async def test_the_state_hash_is_that_of_the_facts(service):
    """Two machines that folded the same evidence can compare one line."""
    events = a_quiz("l1", "q1", right=range(5), position=100)
    await service.fold(*events)
    response = await service.caller().stub.GetStateHash(mastery_service_pb2.GetStateHashRequest())
    assert response.state_hash == await true_hash(events)
    assert (response.evidence_count, response.alignment_count) == (10, 10)
    assert response.ledger_position == 109


async def test_another_district_sees_nothing(service):
    """With a token of another district every answer is refused or empty."""
    await service.fold(*a_quiz("l1", "q1", right=range(5)))
    other = service.caller("forsyth")
    async with refused("INVALID_REQUEST", grpc.StatusCode.INVALID_ARGUMENT):
        await other.get(mastery_name("l1", "c1"))
    async with refused("INVALID_REQUEST", grpc.StatusCode.INVALID_ARGUMENT):
        await other.needs([learner_name("l1")], DAY_SECONDS)
    own = await other.get(mastery_name("l1", "c1", "forsyth"))
    assert own.summary.evidence_count == 0
    assert await other.needs([learner_name("l1", "forsyth")], DAY_SECONDS) == {
        learner_name("l1", "forsyth"): []
    }
    response = await other.stub.GetStateHash(mastery_service_pb2.GetStateHashRequest())
    assert response.state_hash == await true_hash([])


@pytest.mark.parametrize(
    ("token", "reason", "code"),
    [
        ("nonsense", "UNAUTHENTICATED", grpc.StatusCode.UNAUTHENTICATED),
        ("writer", "SCOPE_MISSING", grpc.StatusCode.PERMISSION_DENIED),
    ],
)
async def test_without_the_scope_nothing_is_answered(service, token, reason, code):
    """A token must be known and have mastery.read."""
    async with refused(reason, code):
        await service.caller(token).get(mastery_name("l1", "c1"))


@pytest.mark.parametrize(
    ("method", "request_message"),
    [
        ("GetMastery", mastery_service_pb2.GetMasteryRequest(name="districts/henry/l1")),
        (
            "BatchGetMastery",
            mastery_service_pb2.BatchGetMasteryRequest(names=[mastery_name("l1", "c1")] * 501),
        ),
        (
            "ListMastery",
            mastery_service_pb2.ListMasteryRequest(parent=learner_name("l1"), page_size=501),
        ),
        (
            "ListMastery",
            mastery_service_pb2.ListMasteryRequest(parent=learner_name("l1"), page_token="#"),
        ),
        (
            "GetMastery",
            mastery_service_pb2.GetMasteryRequest(
                name=mastery_name("l1", "c1"), as_of_time=Timestamp(seconds=-5)
            ),
        ),
    ],
)
async def test_what_cannot_be_answered_is_refused_with_a_reason(service, method, request_message):
    """The code is INVALID_ARGUMENT, the reason INVALID_REQUEST, and the message names the field."""
    async with refused("INVALID_REQUEST", grpc.StatusCode.INVALID_ARGUMENT):
        await getattr(service.caller().stub, method)(request_message)


async def test_needs_without_a_time_are_refused(service):
    """A plan rests on a time that it names."""
    request = mastery_service_pb2.StreamNeedsRequest(learners=[learner_name("l1")])
    async with refused("INVALID_REQUEST", grpc.StatusCode.INVALID_ARGUMENT):
        async for _ in service.caller().stub.StreamNeeds(request):
            pass


async def test_the_api_process_answers(stage, tmp_path):
    """`python -m services.mastery api` serves with a credentials file, and ends when told to."""
    tokens = {
        "tokens": [
            {
                "name": "reader",
                "sha256": "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
                "district": "henry",
                "sources": [],
                "scopes": ["mastery.read"],
                "person": None,
            }
        ]
    }
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps(tokens), encoding="utf-8")
    process = stage.start(
        "api",
        role="api",
        MASTERY_CREDENTIALS_FILE=str(path),
        MASTERY_GRPC_LISTEN="127.0.0.1:0",
        MASTERY_LOG_FORMAT="json",
    )

    async def port():
        lines = [line for line in process.log.splitlines() if "rpc_server_started" in line]
        return json.loads(lines[0])["port"] if lines else None

    caller = Caller(f"127.0.0.1:{await stage.until(port, what='the port')}", "secret")
    response = await caller.stub.GetStateHash(mastery_service_pb2.GetStateHashRequest())
    assert response.state_hash == await true_hash([])
    await caller.channel.close()
