"""Roll-ups and a district's words for levels as a caller sees them: over gRPC, on PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from trellis.mastery.v1 import (
    mastery_pb2,
    mastery_service_pb2,
    mastery_service_pb2_grpc,
    policy_service_pb2,
    policy_service_pb2_grpc,
)

from services.common.postgres.pool import Database
from services.common.rpc.client import connect, detail_of
from services.mastery.adapters.documents import from_yaml
from tests.support.clock import FixedClock
from tests.support.mastery_api import a_credential, fold_into, refused, serving
from tests.support.mastery_events import (
    START_SECONDS,
    competency_name,
    learner_name,
    mastery_name,
    recorded,
)
from tests.support.schema import migrated

NOW = datetime.fromtimestamp(START_SECONDS + 40 * 86_400, UTC)
POLICY = from_yaml(
    """
    minimum_evidence: 1
    minimum_items: 1
    proficient_gate: {share: 0.5, at_least: 0.3}
    level_names:
      - {name: beginning, from_level_milli: 1000}
      - {name: proficient, from_level_milli: 3000}
    display_scale: {lowest: 0, highest: 100}
    roll_ups:
      maths: {all: [number, shape]}
      number: {points: 3, parts: {adding: 2, counting: 1, halves: 1}, required: [adding]}
    """
)


def roll_up_name(competency, learner="l1", district="henry"):
    """Return the resource name of a roll-up."""
    return f"{learner_name(learner, district)}/rollUps/{competency}"


def before_now(**step):
    """Return a time before now as messages have it."""
    stamp = Timestamp()
    stamp.FromDatetime(NOW - timedelta(**step))
    return stamp


class Caller:
    """Calls both services with one token."""

    def __init__(self, address, token):
        self.channel = connect(address, token)
        self.stub = mastery_service_pb2_grpc.MasteryServiceStub(self.channel)
        self.policies = policy_service_pb2_grpc.PolicyServiceStub(self.channel)

    async def put(self, document=POLICY):
        """Put a policy that is in force since a day ago."""
        request = policy_service_pb2.PutPolicyRequest(
            document=json.dumps(document), effective_time=before_now(days=1)
        )
        return (await self.policies.PutPolicy(request)).policy

    async def get(self, competency, **more):
        """Return one roll-up."""
        request = mastery_service_pb2.GetRollUpRequest(**{"name": roll_up_name(competency), **more})
        return (await self.stub.GetRollUp(request)).roll_up

    async def list(self, learner="l1", district="henry", **more):
        """Return a page of roll-ups."""
        return await self.stub.ListRollUps(
            mastery_service_pb2.ListRollUpsRequest(parent=learner_name(learner, district), **more)
        )

    async def mastery(self, competency):
        """Return the mastery of l1."""
        request = mastery_service_pb2.GetMasteryRequest(name=mastery_name("l1", competency))
        return (await self.stub.GetMastery(request)).mastery

    async def needs(self):
        """Return the needs of l1 as of now."""
        request = mastery_service_pb2.StreamNeedsRequest(
            learners=[learner_name("l1")], as_of_time=before_now()
        )
        return [
            need
            async for response in self.stub.StreamNeeds(request)
            for one in response.learners
            for need in one.needs
        ]


def credentials():
    """Return an office in each of two districts, and somebody who may not read masteries."""
    return {
        token: a_credential(district, *scopes, name=token)
        for token, district, scopes in (
            ("henry", "henry", ("mastery.read", "mastery.policy.write")),
            ("forsyth", "forsyth", ("mastery.read", "mastery.policy.write")),
            ("writer", "henry", ("evidence.write",)),
        )
    }


class Service:
    """The API on one database, into which a worker folds."""

    def __init__(self, worker, address):
        self.worker = worker
        self.address = address
        self.made = []

    async def fold(self, *events):
        """Fold events as a worker does."""
        await fold_into(self.worker, *events)

    async def right(self, *competencies):
        """Fold a right answer of l1 on each competency."""
        await self.fold(*(recorded(f"e-{one}", competencies=(one,)) for one in competencies))

    def caller(self, token="henry"):
        """Return somebody who calls."""
        self.made.append(Caller(self.address, token))
        return self.made[-1]


@pytest.fixture
async def service(postgres_database):
    """Serve a database."""
    database = postgres_database("mastery", migrated("mastery"))
    worker = await Database.connect(database.dsn("worker"), pool_size=1, application_name="test")
    api = await Database.connect(database.dsn("api"), pool_size=2, application_name="test")
    async with serving(api, credentials(), clock=FixedClock(NOW)) as address:
        service = Service(worker, address)
        yield service
        for each in service.made:
            await each.channel.close()
    await worker.close()
    await api.close()


async def test_a_roll_up_says_what_is_there_and_what_is_missing(service):
    """Names, points, every part with its decision, the sentence, and by which policy as of when."""
    caller = service.caller()
    await caller.put()
    await service.right("counting", "halves", "shape")
    found = await caller.get("number")
    assert found.name == roll_up_name("number")
    assert (found.learner, found.competency) == (learner_name("l1"), competency_name("number"))
    assert (found.reached, found.points, found.points_asked) == (False, 2, 3)
    adding, counting, halves = found.parts
    assert adding.competency == competency_name("adding")
    assert (adding.met, adding.required, adding.points) == (False, True, 2)
    assert adding.decision == mastery_pb2.DECISION_INSUFFICIENT
    assert counting.met
    assert halves.decision == (await caller.mastery("halves")).decision
    assert found.explanation == (
        "2 of the 3 points asked for, from 2 of 3 parts met; required and missing: adding."
    )
    assert (found.policy_version, found.as_of_time.ToDatetime(UTC)) == (1, NOW)
    maths = await caller.get("maths")
    assert not maths.HasField("points")
    assert not maths.HasField("points_asked")
    assert [(one.met, one.required, one.decision) for one in maths.parts] == [
        (False, True, mastery_pb2.DECISION_UNSPECIFIED),
        (True, True, (await caller.mastery("shape")).decision),
    ]
    await service.right("adding")
    assert [one.reached for one in (await caller.list()).roll_ups] == [True, True]


async def test_pages_go_on_where_they_ended(service):
    """By the token of this list alone; a token of another is refused."""
    caller = service.caller()
    await caller.put()
    first = await caller.list(page_size=1)
    second = await caller.list(page_size=1, page_token=first.next_page_token)
    assert [one.name for page in (first, second) for one in page.roll_ups] == [
        roll_up_name("maths"),
        roll_up_name("number"),
    ]
    assert not second.next_page_token
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    async with refused("INVALID_REQUEST", invalid):
        await caller.list(page_size=101)
    async with refused("INVALID_REQUEST", invalid):
        await caller.list(page_token="bWFzdGVyeS5jMQ==")


async def test_what_the_policy_does_not_name_is_refused_with_what_to_do(service):
    """Of a time before it too; and names of others tell nothing."""
    caller = service.caller()
    await caller.put()
    missing = grpc.StatusCode.NOT_FOUND
    async with refused("ROLL_UP_NOT_FOUND", missing) as found:
        await caller.get("adding")
    assert "name its parts under roll_ups" in found[0].details()
    assert detail_of(found[0]).metadata["policy_version"] == "1"
    async with refused("ROLL_UP_NOT_FOUND", missing):
        await caller.get("maths", as_of_time=before_now(days=2))
    assert not (await caller.list(as_of_time=before_now(days=2))).roll_ups
    for name in ("", mastery_name("l1", "maths"), roll_up_name("maths", district="forsyth")):
        async with refused("INVALID_REQUEST", grpc.StatusCode.INVALID_ARGUMENT):
            await caller.get("maths", name=name)


async def test_roll_ups_are_a_districts_own_and_ask_for_the_scope(service):
    """Another district with the same ids has neither the rules nor what was reached."""
    await service.caller().put()
    await service.right("adding", "counting", "shape")
    other = service.caller("forsyth")
    assert not (await other.list(district="forsyth")).roll_ups
    await other.put()
    found = await other.list(district="forsyth")
    assert [one.reached for one in found.roll_ups] == [False, False]
    denied = grpc.StatusCode.PERMISSION_DENIED
    async with refused("SCOPE_MISSING", denied):
        await service.caller("writer").list()
    async with refused("SCOPE_MISSING", denied):
        await service.caller("writer").get("maths")


async def test_levels_come_in_the_districts_words_and_needs_name_their_policy(service):
    """The level stays what it was; what is read with another policy says so."""
    caller = service.caller()
    await service.fold(
        recorded("e1", competencies=("adding",)),
        recorded("e2", competencies=("shape",), score=10_000),
    )
    (before,) = [one for one in await caller.needs() if one.competency.endswith("shape")]
    assert (before.policy_version, before.current_level_milli) == (0, 2_000)
    await caller.put()
    found = await caller.mastery("adding")
    assert (found.current_level_milli, found.current_level_text) == (4_000, "100")
    assert (found.current_level_name, found.credit_level_name) == ("proficient", "proficient")
    assert "In the district's words: 100, proficient." in found.explanation
    (need,) = await caller.needs()
    assert (need.policy_version, need.current_level_milli) == (1, 2_000)
    assert (await caller.mastery("shape")).current_level_text == "33"


async def test_a_circle_of_roll_ups_is_not_kept(service):
    """The refusal names the way round, and nothing was put."""
    caller = service.caller()
    circle = {"roll_ups": {"a": {"all": ["b"]}, "b": {"all": ["a"]}}}
    async with refused("POLICY_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as found:
        await caller.put(circle)
    assert "go in a circle" in found[0].details()
    assert not (
        await caller.policies.ListPolicies(policy_service_pb2.ListPoliciesRequest())
    ).policies
