"""A district's policy as callers and readers see it: over gRPC, on PostgreSQL and Kafka."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import grpc
import pytest
from click.testing import CliRunner
from google.protobuf.timestamp_pb2 import Timestamp
from trellis.mastery.v1 import (
    mastery_pb2,
    mastery_service_pb2,
    mastery_service_pb2_grpc,
    policy_service_pb2,
    policy_service_pb2_grpc,
)

from services.common.postgres.pool import Database
from services.common.rpc.client import connect, detail_of, reason_of
from services.common.rpc.credentials import Credential, acting_as
from services.mastery.__main__ import main
from services.mastery.adapters.postgres.marks import PostgresMarks, PostgresPublications
from services.mastery.adapters.postgres.policies import PostgresPolicies
from services.mastery.adapters.postgres.published_statuses import PostgresFlips
from services.mastery.adapters.postgres.state_reader import PostgresStates
from services.mastery.bootstrap import Projection
from services.mastery.domain.policy_document import FIELDS
from services.mastery.entrypoints.grpc_policies import PolicyServicer
from services.mastery.entrypoints.projector import Projector
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.readings import hash_state
from tests.support.clock import FixedClock
from tests.support.mastery_api import a_credential, fold_into, refused, serving
from tests.support.mastery_events import (
    START_SECONDS,
    a_quiz,
    learner_name,
    mastery_name,
    recorded,
)
from tests.support.mastery_stage import true_hash
from tests.support.schema import migrated

DAY_SECONDS = 86_400
NOW = datetime.fromtimestamp(START_SECONDS + 40 * DAY_SECONDS, UTC)
STRICT = json.dumps({"minimum_evidence": 100})
LENIENT = json.dumps({"minimum_evidence": 1})
OFFICE = ("mastery.read", "mastery.policy.write")

PutPolicyRequest = policy_service_pb2.PutPolicyRequest
GetPolicyRequest = policy_service_pb2.GetPolicyRequest
ListPoliciesRequest = policy_service_pb2.ListPoliciesRequest


def after(**step):
    """Return a time after now as messages have it; before, where it is negative."""
    stamp = Timestamp()
    stamp.FromDatetime(NOW + timedelta(**step))
    return stamp


class Caller:
    """Calls the service with one token."""

    def __init__(self, address, token):
        self.channel = connect(address, token)
        self.policies = policy_service_pb2_grpc.PolicyServiceStub(self.channel)
        self.masteries = mastery_service_pb2_grpc.MasteryServiceStub(self.channel)

    async def put(self, document=STRICT, **more):
        """Put a version."""
        request = PutPolicyRequest(document=document, **more)
        return (await self.policies.PutPolicy(request)).policy

    async def policy(self, **which):
        """Return a version."""
        return (await self.policies.GetPolicy(GetPolicyRequest(**which))).policy

    async def mastery(self, district="henry", **more):
        """Return the mastery of l1 and c1."""
        request = mastery_service_pb2.GetMasteryRequest(
            name=mastery_name("l1", "c1", district), **more
        )
        return (await self.masteries.GetMastery(request)).mastery

    async def needs(self, as_of_time):
        """Return the decisions of l1's needs as of a time."""
        request = mastery_service_pb2.StreamNeedsRequest(
            learners=[learner_name("l1")], as_of_time=as_of_time
        )
        return [
            need.decision
            async for response in self.masteries.StreamNeeds(request)
            for one in response.learners
            for need in one.needs
        ]


class Service:
    """The API on one database, as the roles of api and worker see it."""

    def __init__(self, database, worker, api):
        self.database, self.worker, self.api = database, worker, api
        self.clock = FixedClock(NOW)
        self.address = ""
        self.made = []

    async def fold(self, *events):
        """Fold events as a worker does."""
        await fold_into(self.worker, *events)

    def caller(self, token="henry"):
        """Return somebody who calls."""
        self.made.append(Caller(self.address, token))
        return self.made[-1]

    async def query(self, statement, *arguments):
        """Ask the database as its superuser."""
        connection = await asyncpg.connect(self.database.superuser_dsn, timeout=10)
        try:
            return await connection.fetch(statement, *arguments, timeout=10)
        finally:
            await connection.close()


def credentials():
    """Return an office in each of two districts, and somebody who may only read."""
    return {
        token: a_credential(district, *scopes, name=f"office-{token}")
        for token, district, scopes in (
            ("henry", "henry", OFFICE),
            ("forsyth", "forsyth", OFFICE),
            ("reader", "henry", ("mastery.read",)),
        )
    }


@pytest.fixture
async def service(postgres_database):
    """Serve a database."""
    database = postgres_database("mastery", migrated("mastery"))
    worker = await Database.connect(database.dsn("worker"), pool_size=6, application_name="test")
    api = await Database.connect(database.dsn("api"), pool_size=3, application_name="test")
    service = Service(database, worker, api)
    async with serving(api, credentials(), clock=service.clock) as service.address:
        yield service
        for each in service.made:
            await each.channel.close()
    await worker.close()
    await api.close()


async def test_a_version_is_kept_whole_and_answered(service):
    """Name, every field, from when, why and by whom."""
    caller = service.caller()
    assert (await caller.policy()).version == 0
    kept = await caller.put(note="the board decided")
    assert kept.name == "districts/henry/policies/1"
    assert (kept.version, kept.note, kept.actor) == (1, "the board decided", "office-henry")
    assert kept.effective_time.ToDatetime(UTC) == kept.create_time.ToDatetime(UTC) == NOW
    assert list(json.loads(kept.document)) == list(FIELDS)
    assert await caller.policy() == await caller.policy(version=1) == kept
    default = await caller.policy(as_of_time=after(seconds=-1))
    assert default == await caller.policy(version=0)
    assert not default.HasField("effective_time")


async def test_readings_change_with_the_policy_of_their_time(service):
    """As of before, after, and of a time that is still to come; levels name the version."""
    caller = service.caller()
    await service.fold(*a_quiz("l1", "q1", right=range(4)))
    before = await caller.mastery()
    await caller.put()
    await caller.put(LENIENT, effective_time=after(days=7))
    found = {days: await caller.mastery(as_of_time=after(days=days)) for days in (-1, 0, 6, 7, 8)}
    assert {days: one.policy_version for days, one in found.items()} == {
        -1: 0,
        0: 1,
        6: 1,
        7: 2,
        8: 2,
    }
    assert found[0].decision == mastery_pb2.DECISION_INSUFFICIENT != before.decision
    assert found[7].decision == before.decision
    assert {one.version for one in found.values()} == {before.version}
    assert await caller.needs(after(days=-1)) == [before.decision]
    assert await caller.needs(after(days=0)) == [mastery_pb2.DECISION_INSUFFICIENT]
    service.clock.advance(timedelta(days=7))
    assert (await caller.mastery()).policy_version == 2


async def test_another_district_is_not_affected_and_sees_nothing(service):
    """Its readings, its policy and its list are its own; so is the state hash."""
    events = [*a_quiz("l1", "q1", right=range(4), district="forsyth")]
    await service.fold(*events)
    other = service.caller("forsyth")
    before = await other.mastery("forsyth")
    await service.caller().put()
    assert await other.mastery("forsyth") == before
    assert (await other.policy()).version == 0
    assert not (await other.policies.ListPolicies(ListPoliciesRequest())).policies
    async with refused("POLICY_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
        await other.policy(version=1)
    hashed = await hash_state("forsyth", states=PostgresStates(service.api))
    assert hashed.state_hash == await true_hash(events, "forsyth")


async def test_what_cannot_be_kept_is_refused_with_every_problem(service):
    """The reason, the field, and what to do about each; nothing is kept."""
    caller = service.caller()
    code = grpc.StatusCode.INVALID_ARGUMENT
    async with refused("POLICY_INVALID", code) as found:
        await caller.put('{"slop": 1, "minimum_days": 900}')
    told = detail_of(found[0]).metadata
    assert told["problem_0"] == 'slop is not known. Did you mean "slope"?'
    assert told["problem_1"].startswith("minimum_days is 900")
    for document in ("", "[]", "{", '{"slope": NaN}', "[" * 9_000, "x" * 70_000):
        async with refused("POLICY_INVALID", code):
            await caller.put(document)
    async with refused("INVALID_REQUEST", code):
        await caller.put(expected_version=-1)
    async with refused("INVALID_REQUEST", code):
        await caller.put(effective_time=Timestamp(seconds=-1))
    async with refused("INVALID_REQUEST", code):
        await caller.policies.ListPolicies(ListPoliciesRequest(page_token="bWFzdGVyeS54"))
    assert (await caller.policy()).version == 0


async def test_versions_are_put_one_after_the_other(service):
    """Of eight at once, each that names the version before it, one is kept."""
    callers = [service.caller() for _ in range(8)]
    answers = await asyncio.gather(
        *(
            one.put(json.dumps({"minimum_days": place}), expected_version=0)
            for place, one in enumerate(callers, start=2)
        ),
        return_exceptions=True,
    )
    reasons = [reason_of(one) for one in answers if isinstance(one, grpc.aio.AioRpcError)]
    assert reasons == ["POLICY_CHANGED"] * 7
    # Without a version that is expected, all of them are, each with its own number.
    kept = await asyncio.gather(
        *(
            one.put(json.dumps({"minimum_days": place}))
            for place, one in enumerate(callers, start=20)
        )
    )
    assert sorted(one.version for one in kept) == list(range(2, 10))
    page = await callers[0].policies.ListPolicies(ListPoliciesRequest(page_size=5))
    rest = await callers[0].policies.ListPolicies(
        ListPoliciesRequest(page_size=5, page_token=page.next_page_token)
    )
    assert [one.version for one in (*page.policies, *rest.policies)] == list(range(9, 0, -1))
    assert not rest.next_page_token


async def test_what_was_in_force_stays_told(service):
    """A version before the one in force is refused, a correction at its time is not."""
    caller = service.caller()
    await caller.put(effective_time=after(days=-3))
    async with refused("POLICY_TOO_EARLY", grpc.StatusCode.FAILED_PRECONDITION):
        await caller.put(LENIENT, effective_time=after(days=-4))
    assert (await caller.put(LENIENT, effective_time=after(days=-3))).version == 2


async def test_what_is_only_checked_is_not_kept(service):
    """It is answered as it would be, without a time of creation."""
    caller = service.caller()
    checked = await caller.put(validate_only=True)
    assert checked.version == 1
    assert not checked.HasField("create_time")
    assert (await caller.policy()).version == 0


async def test_putting_asks_for_its_own_scope(service):
    """Who may read where learners stand sees the policy, and cannot change it."""
    reader = service.caller("reader")
    assert (await reader.policy()).version == 0
    async with refused("SCOPE_MISSING", grpc.StatusCode.PERMISSION_DENIED):
        await reader.put()


async def test_the_roles_may_not_change_what_was_put(service):
    """The API adds to its own district alone, the worker reads, and nobody changes or removes."""
    await service.caller().put()
    await service.caller("forsyth").put()
    async with service.api.transaction("forsyth", read_only=True) as connection:
        assert await connection.fetch("SELECT DISTINCT district FROM policy") == [("forsyth",)]
    async with service.api.transaction(None, read_only=True) as connection:
        assert not await connection.fetch("SELECT FROM policy")
    insert = "INSERT INTO policy SELECT $1, 9, 0, '{}', '', '', now()"
    for database, statement in (
        (service.api, "UPDATE policy SET note = 'x'"),
        (service.api, "DELETE FROM policy"),
        (service.api, "SELECT FROM policy_publication"),
        (service.worker, "UPDATE policy SET note = 'x'"),
        (service.worker, "DELETE FROM policy"),
        (service.worker, insert.replace("$1", "'forsyth'")),
        (service.api, insert.replace("$1", "'henry'")),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction("forsyth") as connection:
                await connection.execute(statement)


class Topic:
    """Keeps what a projector publishes, and can fail from some on."""

    def __init__(self):
        self.masteries, self.fail_after, self.failures = [], None, 0

    async def publish(self, masteries):
        """Keep masteries, or fail before any is kept."""
        if self.fail_after is not None and len(self.masteries) >= self.fail_after:
            self.failures += 1
            raise ConnectionError("the broker is away")
        self.masteries += masteries

    def versions(self):
        """Return the policy versions of the last published mastery of each key."""
        last = {one.key: one.mastery.policy_version for one in self.masteries}
        return set(last.values())


@asynccontextmanager
async def projecting(service, topic):
    """Run a projector on the service's clock until the block ends."""
    projector = Projector(
        Projection(
            database=service.worker,
            marks=PostgresMarks(service.worker),
            publications=PostgresPublications(service.worker),
            policies=PolicyCache(),
            audit=PostgresFlips(service.worker),
            clock=service.clock,
            dead_letters=None,
        ),
        lambda: asyncio.sleep(0, (topic, lambda: asyncio.sleep(0))),
        interval_seconds=0.02,
        flip_retention_days=30,
    )
    stopping = asyncio.Event()
    task = asyncio.create_task(projector.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def until(holds):
    """Wait until something holds."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


async def test_the_projector_publishes_a_district_anew(service):
    """After a version of now, and after one whose time comes; the facts' version stays."""
    events = [
        recorded(f"e{k}", learner=f"l{k}", district=district)
        for k in range(40)
        for district in ("henry", "forsyth")
    ]
    await service.fold(*events)
    before = await hash_state("henry", states=PostgresStates(service.api))
    registered = "SELECT md5(string_agg(e::text, '' ORDER BY e::text)) FROM state_a.{} AS e"
    tables = ("evidence_alignment", "mastery_state", "learner_state", "occasion")
    rows = [await service.query(registered.format(table)) for table in tables]
    topic, caller = Topic(), service.caller()
    async with projecting(service, topic):
        await until(lambda: len(topic.masteries) == 80)
        await caller.put(STRICT)
        await until(lambda: len(topic.masteries) == 120)
        await caller.put(LENIENT, effective_time=after(days=1))
        await asyncio.sleep(0.3)
        assert len(topic.masteries) == 120
        service.clock.advance(timedelta(days=1))
        await until(lambda: len(topic.masteries) == 160)
        await asyncio.sleep(0.2)
    found = topic.masteries
    assert [one.mastery.policy_version for one in found] == [0] * 80 + [1] * 40 + [2] * 40
    assert {one.key.district for one in found[80:]} == {"henry"}
    versions = {one.key: one.mastery.version for one in found[:80]}
    assert all(one.mastery.version == versions[one.key] for one in found[80:])
    assert await hash_state("henry", states=PostgresStates(service.api)) == before
    assert [await service.query(registered.format(table)) for table in tables] == rows


async def test_a_projector_that_fails_between_steps_goes_on(service, monkeypatch):
    """What was marked and not published is published by the next one, once the steps go on."""
    monkeypatch.setattr("services.mastery.entrypoints.projector.KEYS_A_STEP", 7)
    await service.fold(*(recorded(f"e{k}", learner=f"l{k:02}") for k in range(40)))
    topic = Topic()
    async with projecting(service, topic):
        await until(lambda: len(topic.masteries) == 40)
    await service.caller().put()
    topic.fail_after = 50
    async with projecting(service, topic):
        await until(lambda: topic.failures)
    topic.fail_after = None
    (row,) = await service.query("SELECT version, learner_id, complete FROM policy_publication")
    assert (row["version"], row["complete"]) == (1, False)
    assert row["learner_id"] > ""
    async with projecting(service, topic):
        await until(lambda: topic.versions() == {1})
    assert len(topic.masteries) <= 40 + 40 + 7


async def test_a_clock_that_is_behind_takes_no_policy_back(service):
    """A projector that takes over with a clock that lags publishes by what has been published."""
    await service.fold(recorded())
    topic = Topic()
    await service.caller().put(effective_time=after(seconds=30))
    service.clock.advance(timedelta(seconds=30))
    async with projecting(service, topic):
        await until(lambda: topic.versions() == {1})
    service.clock.advance(timedelta(seconds=-60))
    await service.fold(recorded("e2", version=2))
    async with projecting(service, topic):
        await until(lambda: topic.masteries[-1].mastery.summary.evidence_count == 2)
    assert topic.masteries[-1].mastery.policy_version == 1


async def test_the_processes_publish_anew_after_a_kill(stage):
    """Real processes: a policy is put, the projector is killed, and the topic has it in the end."""
    events = [recorded(f"e{k}", learner=f"l{k % 30}", competencies=(f"c{k}",)) for k in range(90)]
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    api = await Database.connect(stage.database.dsn("api"), pool_size=1, application_name="test")
    first = stage.start("projector")

    async def published(version):
        last = {}
        for key, _, event in await stage.published():
            assert event.policy_version == event.changed.mastery.policy_version
            order = (event.version, event.policy_version)
            if order >= last.get(key, (0, 0)):
                last[key] = order
        return len(last) == 90 and {policy for _, policy in last.values()} == {version}

    await stage.until(lambda: published(0), what="every mastery by the default policy")
    servicer = PolicyServicer(policies=PostgresPolicies(api), clock=FixedClock(NOW))
    office = Credential(name="office", district="henry", scopes=frozenset(OFFICE))
    with acting_as(office):
        await servicer.PutPolicy(PutPolicyRequest(document=STRICT), None)
    await asyncio.sleep(0.1)
    first.kill()
    await stage.send(recorded("more", learner="l1", competencies=("c1",)))
    stage.start("projector")
    await stage.until(lambda: published(1), what="every mastery by version 1")
    assert await stage.state_hash() == await true_hash(stage.sent)
    await api.close()


class Shell:
    """Runs the commands as a person at a shell does, against the service."""

    def __init__(self, service, directory):
        self.service, self.directory = service, directory
        self.file = directory / "policy.yaml"
        self.token = directory / "token"
        self.token.write_text("henry\n", encoding="utf-8")

    async def run(self, *arguments, answer=None):
        """Return the exit code and what was printed."""
        target = ("--target", self.service.address, "--token-file", str(self.token))
        result = await asyncio.to_thread(
            CliRunner().invoke,
            main,
            ["policy", *arguments, *target],
            input=answer,
            env={"COLUMNS": "160"},
        )
        return result.exit_code, result.output


@pytest.fixture
def shell(service, tmp_path):
    """Make a shell."""
    return Shell(service, tmp_path)


async def test_put_shows_what_would_change_and_asks(shell):
    """No keeps nothing and is exit code 1; yes says from when it is in force."""
    shell.file.write_text("minimum_days: 2\n", encoding="utf-8")
    code, said = await shell.run("put", str(shell.file), answer="n\n")
    assert (code, "Nothing was put." in said) == (1, True)
    assert "minimum_days" in said
    assert "1 day" in said
    assert (await shell.run("history"))[1].startswith("No version was put")
    code, said = await shell.run("put", str(shell.file), "--note", "spring", answer="y\n")
    assert code == 0
    assert f"Version 1 is in force since {NOW:%Y-%m-%d %H:%M} UTC" in said
    code, said = await shell.run("put", str(shell.file), "--yes")
    assert (code, "in force already" in said) == (0, True)


async def test_show_and_history_say_what_is_in_force(shell):
    """Tables for people, JSON for programs, and a document that can be edited and put again."""
    shell.file.write_text('{"minimum_days": 2}', encoding="utf-8")
    assert (await shell.run("put", str(shell.file), "--yes", "--note", "spring"))[0] == 0
    shell.file.write_text("minimum_days: 3", encoding="utf-8")
    code, said = await shell.run(
        "put", str(shell.file), "--yes", "--effective", "2099-01-04T00:00Z"
    )
    assert (code, "takes effect at 2099-01-04 00:00 UTC" in said) == (0, True)
    code, said = await shell.run("history")
    assert code == 0
    assert all(word in said for word in ("in force", "waits", "office-henry", "spring"))
    code, said = await shell.run("show")
    assert said.startswith("Version 1: took effect")
    assert "2 days" in said
    listed = json.loads((await shell.run("history", "--json"))[1])
    assert [one["version"] for one in listed] == [2, 1]
    shown = json.loads(
        (await shell.run("show", "--as-of", "2099-02-01T00:00:00+0000", "--json"))[1]
    )
    assert shown == listed[0]
    copy = shell.directory / "copy.json"
    copy.write_text((await shell.run("show", "--document"))[1], encoding="utf-8")
    code, said = await shell.run("put", str(copy), "--yes")
    # The version that waits is later than now: it gives way to what is in force, put again.
    assert "would give way" in said
    assert [line for line in said.splitlines() if "Version 3 is in force" in line]
    assert "gave way" in (await shell.run("history"))[1]


async def test_commands_say_why_not(shell):
    """A wrong file is exit code 1, wrong use 2, a refusal of the service 3."""
    shell.file.write_text("minimum_dais: 2\n", encoding="utf-8")
    code, said = await shell.run("put", str(shell.file), "--yes")
    assert (code, 'Did you mean "minimum_days"?' in said) == (1, True)
    assert (await shell.run("show", "--as-of", "2026-01-01T00:00Z", "--version", "1"))[0] == 2
    code, said = await shell.run("show", "--version", "7")
    assert (code, "POLICY_NOT_FOUND" in said) == (3, True)
    shell.token.write_text("reader", encoding="utf-8")
    shell.file.write_text("minimum_days: 2\n", encoding="utf-8")
    code, said = await shell.run("put", str(shell.file), "--yes")
    assert (code, "SCOPE_MISSING" in said) == (3, True)
    checked = CliRunner().invoke(main, ["policy", "check", str(shell.file), "--json"])
    assert json.loads(checked.output)["minimum_days"] == 2
    shell.file.write_bytes(b"\xff\xfe")
    assert CliRunner().invoke(main, ["policy", "check", str(shell.file)]).exit_code == 1


async def test_a_version_of_another_release_can_be_replaced(shell):
    """Nothing is answered by what this release cannot read, until a new version is put."""
    service, caller = shell.service, shell.service.caller()
    await service.query(
        "INSERT INTO policy VALUES ('henry', 1, 0, $1, '', 'office', now())", '{"halo": 1}'
    )
    async with refused("POLICY_UNREADABLE", grpc.StatusCode.DATA_LOSS):
        await caller.mastery()
    code, said = await shell.run("show")
    assert (code, "halo is not known" in said) == (3, True)
    assert json.loads((await shell.run("show", "--json"))[1])["document"] == {"halo": 1}
    shell.file.write_text("minimum_days: 2\n", encoding="utf-8")
    code, said = await shell.run("put", str(shell.file), "--yes")
    assert (code, "Version 2 is in force" in said) == (0, True)
    assert (await caller.mastery()).policy_version == 2


async def test_a_dry_run_keeps_nothing(shell):
    """The service checks it, and says which version it would be."""
    shell.file.write_text("minimum_days: 2\n", encoding="utf-8")
    code, said = await shell.run("put", str(shell.file), "--dry-run")
    assert (code, "could be put as version 1" in said) == (0, True)
    assert (await shell.run("history"))[1].startswith("No version was put")
