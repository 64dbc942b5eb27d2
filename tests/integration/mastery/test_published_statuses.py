"""Published statuses with the real projector: deaths, rebuilds, pruning, and who may see what."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import asynccontextmanager

import asyncpg
import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from trellis.evidence.v1 import evidence_pb2
from trellis.mastery.v1 import mastery_pb2, mastery_service_pb2, mastery_service_pb2_grpc

from services.common.clock import SystemClock
from services.common.kafka.producer import Producer
from services.common.postgres.arrays import ArrayStatement
from services.common.postgres.pool import Database
from services.common.rpc.client import connect
from services.mastery.adapters.postgres import published_statuses
from services.mastery.adapters.postgres.live import look_up_by_index
from services.mastery.adapters.postgres.marks import PostgresMarks
from services.mastery.adapters.publisher import KafkaMasteryPublisher
from services.mastery.domain.moments import micros_of
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.projection import project_changes
from tests.support.mastery_api import a_credential, refused, serving
from tests.support.mastery_events import (
    START_SECONDS,
    learner_name,
    mastery_name,
    recorded,
    retracted,
)
from tests.support.mastery_stage import Ledger

PROFICIENT, APPROACHING = mastery_pb2.DECISION_PROFICIENT, mastery_pb2.DECISION_APPROACHING
HOUR_SECONDS = 3_600
_ALL = "SELECT * FROM status_flip ORDER BY district, learner_id, competency, flip_number"
_KEPT = """
SELECT district, learner_id, competency, status, since_us, flip_number, told_flip, explanation,
  basis_us, basis_r_sum, reading
FROM published_status ORDER BY district, learner_id, competency
"""
_FILL = """
INSERT INTO published_status (district, learner_id, competency, status, since_us, flip_number,
  version, policy_version, reading, explanation)
SELECT 'henry', 'l' || n, 'c', 1, 0, 0, 0, 0, '', '' FROM generate_series(1, 5000) AS n
"""
_FILL_FLIPS = """
INSERT INTO status_flip (district, learner_id, competency, flip_number, flip_us, before_status,
  after_status, cause, explanation, decision, p_half_micro, p_seven_micro, p_eight_micro,
  p_nine_micro, success_micro, evidence_count, evidence, version, policy_version)
SELECT 'henry', 'l' || n, 'c', 1, n, 1, 2, 1, '', 2, 0, 0, 0, 0, 0, 0, '{}', 0, 0
FROM generate_series(1, 5000) AS n
"""


def fours(learner="l1", count=4, *, level=4, first=0):
    """Return rubric work of the last minutes; four pieces at level 4 just make proficient."""
    now = int(time.time()) - START_SECONDS
    return [
        recorded(
            f"{learner}-{place}",
            learner=learner,
            position=1_000 * int(learner[1:]) + place + 1,
            score=(level - 1) * 10_000,
            scale=evidence_pb2.SCORE_SCALE_RUBRIC,
            kind=evidence_pb2.KIND_PERFORMANCE_TASK,
            seconds=now - (20 - place) * 60,
        )
        for place in range(first, first + count)
    ]


async def told(stage):
    """Return (flipped, flip number, status) of what stands on the topic, by key, in its order."""
    found = defaultdict(list)
    for key, _, event in await stage.published():
        published = event.changed.mastery.published_status
        found[key].append((event.changed.flipped, published.flip_number, published.status))
    return found


async def until_told(stage, key, wanted):
    """Wait until the last message of a key is this one."""

    async def there():
        return (await told(stage))[key][-1:] == [wanted]

    await stage.until(there, what=f"{wanted} of {key}")


async def folded(stage, *events):
    """Send events and wait for the workers."""
    await stage.send(*events)
    await stage.until_passed(len(stage.sent))


async def test_a_status_is_told_held_and_taken_back(stage):
    """Up with the decision, held against a 3, and gone with a piece that it rested on."""
    stage.start("worker")
    key = mastery_name("l1", "c1")
    await folded(stage, *fours())
    stage.start("projector")
    await until_told(stage, key, (True, 1, PROFICIENT))
    await folded(stage, *fours(count=1, level=3, first=4))
    await until_told(stage, key, (False, 1, PROFICIENT))
    await folded(stage, retracted("l1-0", position=2_000))
    await until_told(stage, key, (True, 2, APPROACHING))
    causes = [row["cause"] for row in await stage.query(_ALL)]
    assert causes == [mastery_pb2.FLIP_CAUSE_DECIDED, mastery_pb2.FLIP_CAUSE_TAKEN_BACK]


async def test_a_death_between_publishing_and_settling_makes_no_flip_twice(stage):
    """The topic has it twice with one number, the audit once, and then it is news no more."""
    stage.start("worker")
    await folded(stage, *fours())
    database = await Database.connect(
        stage.database.dsn("worker"), pool_size=2, application_name="test"
    )
    producer = await Producer.connect(stage.bootstrap, client_id="test")
    topic = KafkaMasteryPublisher(producer, topic=stage.mastery_topic)

    class Dying:
        async def publish(self, masteries):
            """Publish, and be gone before anything is settled."""
            await topic.publish(masteries)
            raise SystemError("killed")

    with pytest.raises(SystemError):
        await project_changes(
            after=None,
            as_of_us=micros_of(SystemClock().now()),
            marks=PostgresMarks(database),
            publisher=Dying(),
            policies=PolicyCache(),
        )
    await producer.close()
    await database.close()
    key = mastery_name("l1", "c1")
    assert (await told(stage))[key] == [(True, 1, PROFICIENT)]
    stage.start("projector")

    async def again():
        return len((await told(stage))[key]) == 2

    await stage.until(again, what="the same again")
    assert (await told(stage))[key] == [(True, 1, PROFICIENT)] * 2
    assert len(await stage.query(_ALL)) == 1
    await folded(stage, *fours(count=1, first=4))
    await until_told(stage, key, (False, 1, PROFICIENT))


async def test_projectors_that_are_killed_lose_no_flip_and_make_none_twice(stage):
    """SIGKILL again and again: each key's flips are numbered without a gap, and all are told."""
    learners = [f"l{place}" for place in range(40)]
    stage.start("worker")
    projector = stage.start("projector")
    await folded(stage, *(event for one in learners for event in fours(one)))

    async def begun():
        return await stage.query(_ALL)

    await stage.until(begun, what="the first flips")
    for entity in range(3):
        projector.kill()
        projector = stage.start("projector")
        await folded(stage, *(retracted(f"{one}-{entity}", learner=one) for one in learners))
    # Whoever was taken back before a projector looked has had no flip yet: these make sure of one.
    await folded(stage, *(event for one in learners for event in fours(one, first=4)))
    projector.kill()
    stage.start("projector")

    async def settled():
        return not await stage.query("SELECT FROM changed_key")

    await stage.until(settled, what="no mark left")
    numbers = defaultdict(list)
    for row in await stage.query(_ALL):
        numbers[mastery_name(row["learner_id"], row["competency"])].append(row["flip_number"])
    last = {key: one[-1][1] for key, one in (await told(stage)).items()}
    assert {key: found[-1] for key, found in numbers.items()} == {
        key: number for key, number in last.items() if number
    }
    assert numbers.keys() == {mastery_name(one, "c1") for one in learners}
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert not await stage.query("SELECT FROM published_status WHERE told_flip < flip_number")
    assert len(last) == len(learners)


async def test_a_rebuild_leaves_what_is_published(stage):
    """Facts are made anew, and with them every version rises; statuses, flips and bases stay."""
    stage.start("worker")
    events = fours()
    await folded(stage, *events)
    stage.start("projector")
    key = mastery_name("l1", "c1")
    await until_told(stage, key, (True, 1, PROFICIENT))
    weaker = fours(count=1, level=3, first=4)
    await folded(stage, *weaker)
    await until_told(stage, key, (False, 1, PROFICIENT))
    kept, flips = await stage.query(_KEPT), await stage.query(_ALL)
    report = await stage.rebuild(Ledger(events + weaker), republish=True)
    assert report.changed_keys == 1

    async def again():
        return len((await told(stage))[key]) == 3

    await stage.until(again, what="the mastery published again")
    assert (await told(stage))[key][-1] == (False, 1, PROFICIENT)
    assert await stage.query(_KEPT) == kept
    assert await stage.query(_ALL) == flips


async def test_a_projector_prunes_what_is_older_than_the_setting(stage):
    """In steps until nothing is left; what is published keeps its sentence."""
    await stage.query(_FILL_FLIPS)
    stage.start("projector", MASTERY_FLIP_RETENTION_DAYS="30")

    async def gone():
        return not await stage.query("SELECT FROM status_flip LIMIT 1")

    await stage.until(gone, what="no old flip left")


@asynccontextmanager
async def calling(stage, *, scopes=("mastery.read",)):
    """Serve the stage's database; give a stub for the district henry."""
    api = await Database.connect(stage.database.dsn("api"), pool_size=2, application_name="test")
    credentials = {"token": a_credential("henry", *scopes)}
    async with serving(api, credentials, clock=SystemClock()) as address:
        channel = connect(address, "token")
        try:
            yield mastery_service_pb2_grpc.MasteryServiceStub(channel)
        finally:
            await channel.close()
    await api.close()


async def test_answers_have_the_published_status_and_flips_are_listed(stage):
    """Over gRPC: the status beside the decision, and every flip once over pages."""
    stage.start("worker")
    await folded(stage, *fours("l1"), *fours("l2"))
    stage.start("projector")
    key = mastery_name("l1", "c1")
    await until_told(stage, mastery_name("l2", "c1"), (True, 1, PROFICIENT))
    await folded(stage, *fours(count=1, level=3, first=4))
    await until_told(stage, key, (False, 1, PROFICIENT))
    async with calling(stage) as stub:
        get = mastery_service_pb2.GetMasteryRequest
        found = (await stub.GetMastery(get(name=key))).mastery
        assert (found.decision, found.published_status.status) == (APPROACHING, PROFICIENT)
        assert found.published_status.explanation.startswith("From too little evidence")
        earlier = Timestamp(seconds=int(time.time()) - 10 * HOUR_SECONDS)
        then = (await stub.GetMastery(get(name=key, as_of_time=earlier))).mastery
        assert not then.HasField("published_status")
        flips, token = [], ""
        for _ in range(3):
            request = mastery_service_pb2.ListStatusFlipsRequest(
                parent="districts/henry", page_size=1, page_token=token
            )
            page = await stub.ListStatusFlips(request)
            flips += page.flips
            token = page.next_page_token
            if not token:
                break
        assert sorted(one.mastery for one in flips) == [key, mastery_name("l2", "c1")]
        request = mastery_service_pb2.ListStatusFlipsRequest(parent=learner_name("l1"))
        (own,) = (await stub.ListStatusFlips(request)).flips
        assert (own.before, own.after) == (mastery_pb2.DECISION_INSUFFICIENT, PROFICIENT)
        assert (own.cause, own.flip_number) == (mastery_pb2.FLIP_CAUSE_DECIDED, 1)
        assert len(own.evidence) == own.evidence_count == 4
        assert own.estimate.at_least_eight_tenths_micro >= 700_000
        early = mastery_service_pb2.ListStatusFlipsRequest(
            parent="districts/henry", end_time=own.flip_time
        )
        before_it = (await stub.ListStatusFlips(early)).flips
        assert own not in before_it


@pytest.mark.parametrize(
    "changes",
    [
        {"parent": "districts/forsyth"},
        {"parent": "districts/forsyth/learners/l1"},
        {"parent": ""},
        {"page_token": "bm8="},
        {"page_token": "ZmxpcC4xMjM="},
        {"page_size": 501},
        {"end_time": Timestamp(seconds=-1)},
    ],
)
async def test_what_cannot_be_listed_is_refused(stage, changes):
    """Another district, a token of another list, too large a page, a time before 1970."""
    async with calling(stage) as stub:
        request = mastery_service_pb2.ListStatusFlipsRequest(
            **({"parent": "districts/henry"} | changes)
        )
        async with refused("INVALID_REQUEST", grpc.StatusCode.INVALID_ARGUMENT):
            await stub.ListStatusFlips(request)


async def test_flips_need_the_scope(stage):
    """As all that is read of mastery."""
    request = mastery_service_pb2.ListStatusFlipsRequest(parent="districts/henry")
    async with (
        calling(stage, scopes=("evidence.write",)) as stub,
        refused("SCOPE_MISSING", grpc.StatusCode.PERMISSION_DENIED),
    ):
        await stub.ListStatusFlips(request)


@pytest.mark.parametrize("table", ["published_status", "status_flip"])
async def test_a_district_sees_its_own_rows_alone(stage, table):
    """The API's role without a district sees nothing, and with another nothing either."""
    await stage.query(_FILL)
    await stage.query(_FILL_FLIPS)
    connection = await asyncpg.connect(stage.database.dsn("api"))
    try:
        counted = f"SELECT count(*) FROM {table}"
        assert await connection.fetchval(counted) == 0
        for district, count in (("forsyth", 0), ("henry", 5_000)):
            async with connection.transaction():
                await connection.execute("SELECT set_config('app.district', $1, true)", district)
                assert await connection.fetchval(counted) == count
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("worker", "UPDATE status_flip SET explanation = 'otherwise'"),
        ("api", "DELETE FROM status_flip"),
        ("api", "UPDATE published_status SET status = 4"),
        ("worker", "DELETE FROM published_status"),
    ],
)
async def test_nobody_may_change_what_was(stage, role, statement):
    """The audit is append-only but for what is too old, and only the projector publishes."""
    connection = await asyncpg.connect(stage.database.dsn(role))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("_FIND", 3), ("_KEEP_NEXT", 13), ("_TELL", 4), ("_NEWEST_OF_DISTRICT", 5),
        ("_NEWEST_OF_LEARNER", 6), ("_PRUNE", 2),
    ],
)  # fmt: skip
async def test_statements_look_up_by_key_before_there_are_statistics(stage, name, arguments):
    """No key is compared with every row, and no page is sorted out of all flips of a district."""
    await stage.query(_FILL)
    await stage.query(_FILL_FLIPS)
    connection = await asyncpg.connect(stage.database.dsn("worker"))
    try:
        async with connection.transaction():
            await look_up_by_index(connection)
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            statement = getattr(published_statuses, name)
            sql = statement.sql if isinstance(statement, ArrayStatement) else statement
            await connection.execute(f"PREPARE it AS {sql}")
            nulls = ", ".join(["NULL"] * arguments)
            rows = await connection.fetch(f"EXPLAIN EXECUTE it({nulls})")
    finally:
        await connection.close()
    plan = "\n".join(row[0] for row in rows)
    for bad in ("Join Filter", "Seq Scan on published_status", "Seq Scan on status_flip"):
        assert bad not in plan, plan
    if name.startswith("_NEWEST"):
        assert "Sort" not in plan, plan
