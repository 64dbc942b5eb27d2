"""FrameworkService end to end: a real gRPC server on a real PostgreSQL, with two districts."""

import time
from collections.abc import AsyncIterator

import grpc
import grpc.aio
import pytest
from trellis.framework.v1 import framework_pb2
from trellis.framework.v1 import framework_service_pb2 as messages

from services.common.rpc.client import detail_of, reason_of
from tests.support.roster_servers import RosterServer, roster_server
from tests.support.rosters import SCHEMA, outbox_facts
from tests.support.servers import DatabaseFactory

LARGE_GRAPH_SECONDS = 2.0
"""Checking a batch against 5,000 edges takes some 30 ms here; the bound leaves room for a busy
machine and still fails a check that looks at every path."""


@pytest.fixture
async def server(postgres_database: DatabaseFactory) -> AsyncIterator[RosterServer]:
    """Serve from a migrated database."""
    async with roster_server(postgres_database("evidence", SCHEMA)) as running:
        yield running


def a_framework(district: str = "henry") -> framework_pb2.Framework:
    """Return a valid framework."""
    return framework_pb2.Framework(
        name=f"districts/{district}/frameworks/math", display_name="Mathematics"
    )


def a_competency(
    competency: str, *prerequisites: str, district: str = "henry"
) -> framework_pb2.Competency:
    """Return a valid competency whose code is its id."""
    return framework_pb2.Competency(
        name=f"districts/{district}/competencies/{competency}",
        framework=f"districts/{district}/frameworks/math",
        code=competency,
        label="Talk about ratios",
        subject="math",
        grade="6",
        prerequisites=[f"districts/{district}/competencies/{one}" for one in prerequisites],
    )


async def send(
    server: RosterServer, *competencies: framework_pb2.Competency, district: str = "henry"
) -> messages.BatchUpsertCompetenciesResponse:
    """Send competencies of a district, with its framework."""
    stub = server.frameworks(district)
    await stub.BatchUpsertFrameworks(
        messages.BatchUpsertFrameworksRequest(frameworks=[a_framework(district)])
    )
    response: messages.BatchUpsertCompetenciesResponse = await stub.BatchUpsertCompetencies(
        messages.BatchUpsertCompetenciesRequest(competencies=competencies)
    )
    return response


async def test_frameworks_go_in_and_come_out(server: RosterServer) -> None:
    """What is upserted is got, listed, streamed and published under the resource's name."""
    kept = await send(server, a_competency("a"), a_competency("b", "a"))
    wanted = a_competency("b", "a")
    wanted.version = 1
    assert kept.competencies[1] == wanted
    reader = server.frameworks("reader")
    got = await reader.GetCompetency(messages.GetCompetencyRequest(name=wanted.name))
    assert got.competency == wanted
    framework = await reader.GetFramework(messages.GetFrameworkRequest(name=a_framework().name))
    assert framework.framework.version == 1
    listed = await reader.ListCompetencies(
        messages.ListCompetenciesRequest(framework=a_framework().name, page_size=1)
    )
    assert [one.code for one in listed.competencies] == ["a"]
    rest = await reader.ListCompetencies(
        messages.ListCompetenciesRequest(
            framework=a_framework().name, page_token=listed.next_page_token
        )
    )
    assert (list(rest.competencies), rest.next_page_token) == ([wanted], "")
    frameworks = await reader.ListFrameworks(messages.ListFrameworksRequest())
    assert [one.name for one in frameworks.frameworks] == [a_framework().name]
    runs = [run async for run in reader.StreamFrameworks(messages.StreamFrameworksRequest())]
    assert [(len(run.frameworks), len(run.competencies)) for run in runs] == [(1, 0), (0, 2)]
    facts = await outbox_facts(server.worker)
    assert {fact.topic for fact in facts} == {"trellis.framework.v1"}
    assert facts[-1].key.decode() == wanted.name
    assert framework_pb2.FrameworkEvent.FromString(facts[-1].value or b"").competency == wanted


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"label": " "}, "FIELD_MISSING", "label"),
        ({"code": "a"}, "CODE_TAKEN", "code"),
        ({"framework": "districts/henry/frameworks/none"}, "UNKNOWN_FRAMEWORK", "framework"),
        ({"framework": "districts/clayton/frameworks/math"}, "OTHER_DISTRICT", "framework"),
        ({"name": "competencies/b"}, "FIELD_MALFORMED", "name"),
    ],
)
async def test_a_competency_at_fault_is_refused(
    server: RosterServer, changes: dict[str, str], reason: str, field: str
) -> None:
    """Each fault has a reason of its own and names its place."""
    await send(server, a_competency("a"))
    wrong = a_competency("b")
    for name, value in changes.items():
        setattr(wrong, name, value)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await send(server, a_competency("c"), wrong)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    detail = detail_of(refused.value)
    assert detail is not None
    assert detail.reason == reason
    assert (detail.metadata["index"], detail.metadata["field"]) == ("1", field)
    listed = await server.frameworks("henry").ListCompetencies(messages.ListCompetenciesRequest())
    assert [one.code for one in listed.competencies] == ["a"]


async def test_a_circle_is_refused_and_shown(server: RosterServer) -> None:
    """The refusal names the competencies of the circle."""
    await send(server, a_competency("a"), a_competency("b", "a"))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await send(server, a_competency("a", "b"))
    assert reason_of(refused.value) == "PREREQUISITE_CYCLE"
    assert refused.value.details() == (
        "competencies[0].prerequisites: the prerequisites close a circle: a < b < a"
    )


async def test_a_prerequisite_in_another_district_is_unknown(server: RosterServer) -> None:
    """Graphs of two districts have no edge between them, by name or by id."""
    await send(server, a_competency("a", district="clayton"), district="clayton")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await send(server, a_competency("b", "a"))
    assert reason_of(refused.value) == "UNKNOWN_PREREQUISITE"
    foreign = a_competency("b")
    foreign.prerequisites.append("districts/clayton/competencies/a")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await send(server, foreign)
    assert reason_of(refused.value) == "OTHER_DISTRICT"


async def test_a_graph_of_5000_edges_is_checked_fast(server: RosterServer) -> None:
    """A batch on top of 1,000 competencies with 5 prerequisites each is answered at once."""
    nodes = [
        a_competency(f"n{n:04}", *(f"n{m:04}" for m in range(max(0, n - 5), n)))
        for n in range(1000)
    ]
    for begin in (0, 500):
        await send(server, *nodes[begin : begin + 500])
    begun = time.perf_counter()
    await send(server, a_competency("top", "n0999"))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await send(server, a_competency("n0000", "top"))
    seconds = time.perf_counter() - begun
    assert reason_of(refused.value) == "PREREQUISITE_CYCLE"
    assert seconds < LARGE_GRAPH_SECONDS


async def test_reading_and_writing_take_their_scopes(server: RosterServer) -> None:
    """A reader may not write, and who may only send evidence may not read."""
    request = messages.BatchUpsertFrameworksRequest(frameworks=[a_framework()])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await server.frameworks("reader").BatchUpsertFrameworks(request)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await server.frameworks("producer").ListFrameworks(messages.ListFrameworksRequest())
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
