"""Calls over a real connection: who may call, how calls are refused, deadlines, bounds, retries."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import grpc
import grpc.aio
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2, health_pb2_grpc
from structlog.testing import capture_logs

from services.common.config import ConfigurationError
from services.common.metrics import render
from services.common.postgres.faults import PoolTimeoutError
from services.common.rpc.client import connect, detail_of, reason_of
from services.common.rpc.credentials import Credential, Credentials, current_credential
from services.common.rpc.server import Limits, RpcServer, require
from tests.support.proxy import BlackHole, DropReply, FaultyProxy, Reset

SERVICE = "test.v1.EchoService"
SCOPES = {"Echo": "echo", "EchoBatch": "echo", "Down": "echo", "Up": "echo", "Both": "echo"}
SERIALIZING = {
    "request_deserializer": StringValue.FromString,
    "response_serializer": StringValue.SerializeToString,
}
CREDENTIALS = Credentials.of(
    {
        "secret": Credential(name="sis", district="henry", scopes=frozenset({"echo"})),
        "other": Credential(name="lms", district="clayton", scopes=frozenset({"echo"})),
        "planner": Credential(
            name="planner", district=None, scopes=frozenset({"echo", "any_district"})
        ),
        "weak": Credential(name="weak", district="henry"),
    }
)
LIMITS = Limits(
    default_deadline_seconds=0.3,
    longest_deadline_seconds=60,
    stream_messages=5,
    message_bytes=1_000,
)


class DomainError(Exception):
    """The parent of a domain's errors."""

    reason = "DOMAIN"


class SeatTakenError(DomainError):
    """An error that is not in the table itself, but whose parent is."""

    reason = "SEAT_TAKEN"

    def __init__(self) -> None:
        super().__init__("the seat is taken")
        self.metadata = {"seat": "a", "long": "x" * 100_000}


ERRORS = {DomainError: grpc.StatusCode.FAILED_PRECONDITION}

RAISED: dict[str, Exception] = {
    "taken": SeatTakenError(),
    "unforeseen": RuntimeError("canary"),
    "no storage": asyncpg.CannotConnectNowError("starting up"),
    "pool": PoolTimeoutError("full"),
    "lost": asyncpg.ConnectionDoesNotExistError("lost"),
    "broken table": asyncpg.UndefinedTableError("canary"),
}


@dataclass
class Servicer:
    """Echoes, with who called; some values have effects."""

    calls: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def Echo(self, request: StringValue, context: Any) -> StringValue:  # noqa: N802
        """Echo, hang or raise."""
        self.calls.append(request.value)
        if request.value in RAISED:
            raise RAISED[request.value]
        if request.value == "hang":
            try:
                await asyncio.Event().wait()
            finally:
                self.ended.set()
        if request.value == "district":
            return text(str(current_credential().district))
        if request.value == "publish":
            require("schedule.publish")
        await asyncio.sleep(0)
        return StringValue(value=f"{request.value[:20]} {current_credential().name}")

    async def EchoBatch(self, request: StringValue, context: Any) -> StringValue:  # noqa: N802
        """Return the length."""
        return StringValue(value=str(len(request.value)))

    async def Down(  # noqa: N802
        self, request: StringValue, context: Any
    ) -> AsyncIterator[StringValue]:
        """Send three messages, then hang or raise."""
        for number in range(3):
            yield StringValue(value=f"{number} {current_credential().name}")
        if request.value in RAISED:
            raise RAISED[request.value]
        if request.value == "hang":
            await asyncio.Event().wait()

    async def Up(  # noqa: N802
        self, requests: AsyncIterator[StringValue], context: Any
    ) -> StringValue:
        """Count messages."""
        names = [request.value async for request in requests]
        return StringValue(value=f"{len(names)} {current_credential().name}")

    async def Both(  # noqa: N802
        self, requests: AsyncIterator[StringValue], context: Any
    ) -> AsyncIterator[StringValue]:
        """Echo each message."""
        self.calls.append("both")
        async for request in requests:
            yield StringValue(value=f"{request.value} {current_credential().name}")


def add_to_server(servicer: Servicer, server: Any) -> None:
    """Do what generated code does."""
    handlers = {
        "Echo": grpc.unary_unary_rpc_method_handler(servicer.Echo, **SERIALIZING),
        "EchoBatch": grpc.unary_unary_rpc_method_handler(servicer.EchoBatch, **SERIALIZING),
        "Down": grpc.unary_stream_rpc_method_handler(servicer.Down, **SERIALIZING),
        "Up": grpc.stream_unary_rpc_method_handler(servicer.Up, **SERIALIZING),
        "Both": grpc.stream_stream_rpc_method_handler(servicer.Both, **SERIALIZING),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_registered_method_handlers(SERVICE, handlers)


class Stub:
    """Calls, as a generated stub does."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        def method(make: Callable[..., Any], name: str) -> Any:
            return make(
                f"/{SERVICE}/{name}",
                request_serializer=StringValue.SerializeToString,
                response_deserializer=StringValue.FromString,
                _registered_method=True,
            )

        self.echo = method(channel.unary_unary, "Echo")
        self.batch = method(channel.unary_unary, "EchoBatch")
        self.down = method(channel.unary_stream, "Down")
        self.up = method(channel.stream_unary, "Up")
        self.both = method(channel.stream_stream, "Both")


@pytest.fixture
def servicer() -> Servicer:
    """Make the servicer."""
    return Servicer()


@pytest.fixture
async def server(servicer: Servicer) -> AsyncIterator[RpcServer]:
    """Run a server."""
    made = RpcServer(
        "127.0.0.1:0", credentials=CREDENTIALS, error_table=ERRORS, scopes=SCOPES, limits=LIMITS
    )
    made.add(add_to_server, servicer)
    await made.start()
    yield made
    await made.stop(grace_seconds=0)


@pytest.fixture
async def stub(server: RpcServer) -> AsyncIterator[Stub]:
    """Connect with a token that may do everything here."""
    async with connect(f"127.0.0.1:{server.port}", "secret", timeout_seconds=5) as channel:
        yield Stub(channel)


def text(value: str) -> StringValue:
    """Make a message."""
    return StringValue(value=value)


async def refusal(call: Any) -> grpc.aio.AioRpcError:
    """Return how a call was refused."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return refused.value


async def code_of(call: Any) -> grpc.StatusCode:
    """Return how a call ended."""
    try:
        await call
    except grpc.aio.AioRpcError as refused:
        return refused.code()
    return grpc.StatusCode.OK


async def read_until_refused(call: Any) -> tuple[list[str], grpc.aio.AioRpcError]:
    """Return what a stream gave, and how it was refused then."""
    received: list[str] = []

    async def read() -> None:
        async for one in call:
            received.append(one.value)

    return received, await refusal(read())


async def several(count: int) -> AsyncIterator[StringValue]:
    """Stream messages."""
    for number in range(count):
        yield text(str(number))


async def test_every_kind_of_method_knows_who_calls(stub: Stub) -> None:
    """Unary and streaming, in both directions."""
    assert (await stub.echo(text("a"))).value == "a sis"
    assert [one.value async for one in stub.down(text(""))] == ["0 sis", "1 sis", "2 sis"]
    assert (await stub.up(several(2))).value == "2 sis"
    assert [one.value async for one in stub.both(several(2))] == ["0 sis", "1 sis"]


async def test_callers_at_once_are_never_taken_for_each_other(server: RpcServer) -> None:
    """Two districts, a hundred calls at the same time over their own connections."""
    address = f"127.0.0.1:{server.port}"
    async with connect(address, "secret") as first, connect(address, "other") as second:
        stubs = [Stub(first), Stub(second)]
        answers = await asyncio.gather(*(stubs[n % 2].echo(text(str(n))) for n in range(100)))
    assert [one.value for one in answers] == [f"{n} {('sis', 'lms')[n % 2]}" for n in range(100)]


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_without_a_known_token_nothing_is_done(
    server: RpcServer, servicer: Servicer, token: str | None
) -> None:
    """UNAUTHENTICATED, before the handler."""
    async with connect(f"127.0.0.1:{server.port}", token) as channel:
        refused = await refusal(Stub(channel).echo(text("a")))
    assert (refused.code(), reason_of(refused)) == (
        grpc.StatusCode.UNAUTHENTICATED,
        "UNAUTHENTICATED",
    )
    assert servicer.calls == []


async def test_without_the_scope_nothing_is_done(server: RpcServer, servicer: Servicer) -> None:
    """PERMISSION_DENIED, with the scope that is missing."""
    async with connect(f"127.0.0.1:{server.port}", "weak") as channel:
        refused = await refusal(Stub(channel).echo(text("a")))
        streamed = await refusal(Stub(channel).up(several(1)))
    assert refused.code() is grpc.StatusCode.PERMISSION_DENIED
    detail = detail_of(refused)
    assert detail is not None
    assert (detail.reason, detail.metadata) == ("SCOPE_MISSING", {"scope": "echo"})
    assert streamed.code() is grpc.StatusCode.PERMISSION_DENIED
    assert servicer.calls == []


async def test_a_service_acts_for_the_district_that_its_call_names(server: RpcServer) -> None:
    """One call at a time; a district's own token names no other."""
    address = f"127.0.0.1:{server.port}"
    named = (("trellis-district", "clayton"),)
    async with connect(address, "planner") as channel, connect(address, "secret") as own:
        acting = await Stub(channel).echo(text("district"), metadata=named)
        after = await Stub(channel).echo(text("district"))
        refused = await refusal(Stub(own).echo(text("district"), metadata=named))
    assert (acting.value, after.value) == ("clayton", "None")
    assert (refused.code(), reason_of(refused)) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "DISTRICT_REFUSED",
    )


async def test_a_handler_can_ask_for_more(stub: Stub) -> None:
    """`require` inside of a handler is refused like the method's own scope."""
    refused = await refusal(stub.echo(text("publish")))
    assert (refused.code(), reason_of(refused)) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "SCOPE_MISSING",
    )


async def test_an_error_of_the_domain_comes_with_code_reason_and_values(stub: Stub) -> None:
    """By the table, through its parent; values are cut so that they fit into a trailer."""
    refused = await refusal(stub.echo(text("taken")))
    assert refused.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert refused.details() == "the seat is taken"
    detail = detail_of(refused)
    assert detail is not None
    assert detail.reason == "SEAT_TAKEN"
    assert detail.metadata["seat"] == "a"
    assert len(detail.metadata["long"]) == 256


async def test_an_error_in_the_middle_of_a_stream_comes_with_its_reason(stub: Stub) -> None:
    """After what was sent before it."""
    received, refused = await read_until_refused(stub.down(text("taken")))
    assert received == ["0 sis", "1 sis", "2 sis"]
    assert reason_of(refused) == "SEAT_TAKEN"


@pytest.mark.parametrize("value", ["unforeseen", "broken table"])
async def test_what_nobody_foresaw_is_internal_with_an_id_that_the_log_has_once(
    stub: Stub, value: str
) -> None:
    """Nothing of its text leaves the process."""
    with capture_logs() as logged:
        refused = await refusal(stub.echo(text(value)))
    assert refused.code() is grpc.StatusCode.INTERNAL
    assert "canary" not in f"{refused.details()}{refused.trailing_metadata()}"
    (line,) = [one for one in logged if one["event"] == "rpc_failed"]
    assert line["error_id"] in (refused.details() or "")
    assert line["method"] == "Echo"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no storage", "STORAGE_UNAVAILABLE"),
        ("pool", "STORAGE_UNAVAILABLE"),
        ("lost", "OUTCOME_UNKNOWN"),
    ],
)
async def test_a_fault_of_storage_asks_the_caller_to_try_again(
    server: RpcServer, value: str, reason: str
) -> None:
    """UNAVAILABLE: never a false OK, and never a fault that looks like the caller's."""
    async with connect(f"127.0.0.1:{server.port}", "secret", retry=False) as channel:
        refused = await refusal(Stub(channel).echo(text(value)))
    assert (refused.code(), reason_of(refused)) == (grpc.StatusCode.UNAVAILABLE, reason)


async def test_a_client_tries_again_a_bounded_number_of_times(
    stub: Stub, servicer: Servicer
) -> None:
    """Four attempts in all, then the caller hears of it."""
    refused = await refusal(stub.echo(text("no storage")))
    assert refused.code() is grpc.StatusCode.UNAVAILABLE
    assert servicer.calls == ["no storage"] * 4


async def test_a_lost_reply_is_asked_for_again(server: RpcServer, servicer: Servicer) -> None:
    """The work was done twice and the caller got one answer: why every write is idempotent."""
    async with (
        FaultyProxy("127.0.0.1", server.port) as proxy,
        connect(f"127.0.0.1:{proxy.port}", "secret", timeout_seconds=10) as channel,
    ):
        stub = Stub(channel)
        await stub.echo(text("warm"))
        lost = DropReply(b"once", reply=b"once sis")
        proxy.fault = lost
        call = asyncio.ensure_future(stub.echo(text("once")))
        await lost.dropped.wait()
        proxy.fault = None
        assert (await call).value == "once sis"
    assert servicer.calls == ["warm", "once", "once"]


async def test_a_server_that_answers_nothing_is_waited_for_until_the_deadline(
    server: RpcServer,
) -> None:
    """Each call has one, whether its caller thought of it or not."""
    async with (
        FaultyProxy("127.0.0.1", server.port) as proxy,
        connect(f"127.0.0.1:{proxy.port}", "secret", timeout_seconds=0.3) as channel,
    ):
        proxy.fault = BlackHole()
        refused = await refusal(Stub(channel).echo(text("a")))
    assert refused.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_server_that_comes_back_is_found_again(server: RpcServer) -> None:
    """The channel connects by itself."""
    async with (
        FaultyProxy("127.0.0.1", server.port) as proxy,
        connect(f"127.0.0.1:{proxy.port}", "secret", timeout_seconds=10) as channel,
    ):
        stub = Stub(channel)
        await stub.echo(text("a"))
        proxy.fault = Reset()
        waiting = asyncio.ensure_future(stub.echo(text("b")))
        await asyncio.sleep(0.05)
        proxy.fault = None
        assert (await waiting).value == "b sis"


async def test_a_call_without_a_deadline_gets_one(server: RpcServer, servicer: Servicer) -> None:
    """No handler runs for ever because a client set no limit."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        token = (("authorization", "Bearer secret"),)
        refused = await refusal(Stub(channel).echo(text("hang"), metadata=token))
    assert (refused.code(), reason_of(refused)) == (
        grpc.StatusCode.DEADLINE_EXCEEDED,
        "DEADLINE_EXCEEDED",
    )
    assert servicer.ended.is_set()


async def test_a_streaming_handler_ends_with_its_deadline(stub: Stub) -> None:
    """Also after it has begun to answer."""
    received, refused = await read_until_refused(stub.down(text("hang"), timeout=0.3))
    assert received == ["0 sis", "1 sis", "2 sis"]
    assert refused.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_work_for_a_caller_who_went_away_is_cancelled(stub: Stub, servicer: Servicer) -> None:
    """Nobody is there to read the answer."""
    call = stub.echo(text("hang"), timeout=30)
    while servicer.calls != ["hang"]:
        await asyncio.sleep(0.01)
    call.cancel()
    async with asyncio.timeout(5):
        await servicer.ended.wait()


async def test_a_deadline_that_is_too_long_is_refused(stub: Stub) -> None:
    """A connection and a handler are not held for an hour."""
    refused = await refusal(stub.echo(text("a"), timeout=120))
    assert (refused.code(), reason_of(refused)) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "DEADLINE_TOO_LONG",
    )


async def test_messages_have_a_bound_and_batches_a_larger_one(stub: Stub) -> None:
    """The refusal says which."""
    refused = await refusal(stub.echo(text("x" * 1_001)))
    assert (refused.code(), reason_of(refused)) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "MESSAGE_TOO_LARGE",
    )
    assert (await stub.batch(text("x" * 1_000_000))).value == "1000000"
    too_large = await refusal(stub.batch(text("x" * 1_100_000)))
    assert too_large.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_what_is_no_message_is_refused_as_the_callers_mistake(server: RpcServer) -> None:
    """INVALID_ARGUMENT, not a fault of the service."""
    async with connect(f"127.0.0.1:{server.port}", "secret") as channel:
        raw = channel.unary_unary(f"/{SERVICE}/Echo")
        refused = await refusal(raw(b"\xff\xff\xff"))
    assert (refused.code(), reason_of(refused)) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "MESSAGE_UNDECODABLE",
    )


async def test_a_stream_has_a_bound(stub: Stub) -> None:
    """One call does not send for ever."""
    assert (await stub.up(several(5))).value == "5 sis"
    refused = await refusal(stub.up(several(6)))
    assert reason_of(refused) == "STREAM_TOO_LONG"


async def test_calls_above_the_bound_are_refused_and_not_queued(servicer: Servicer) -> None:
    """RESOURCE_EXHAUSTED rather than an end of memory."""
    server = RpcServer(
        "127.0.0.1:0",
        credentials=CREDENTIALS,
        error_table=ERRORS,
        limits=Limits(calls=2, default_deadline_seconds=30),
    )
    server.add(add_to_server, servicer)
    await server.start()
    async with connect(f"127.0.0.1:{server.port}", "secret") as channel:
        stub = Stub(channel)
        hanging = [asyncio.ensure_future(stub.echo(text("hang"))) for _ in range(2)]
        while len(servicer.calls) < 2:
            await asyncio.sleep(0.01)
        refused = await refusal(stub.echo(text("a")))
        for one in hanging:
            one.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
    await server.stop(grace_seconds=0)
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_calls_are_counted_by_method_and_code_alone(stub: Stub) -> None:
    """No label names a caller, a district or a learner."""
    await stub.echo(text("a"))
    await refusal(stub.echo(text("taken")))
    figures = render().decode()
    assert 'trellis_rpc_server_seconds_count{code="OK",method="Echo"}' in figures
    assert 'trellis_rpc_server_seconds_count{code="FAILED_PRECONDITION",method="Echo"}' in figures
    async with asyncio.timeout(5):
        while b"trellis_rpc_server_active_calls 0.0" not in render():
            await asyncio.sleep(0.01)


async def test_a_method_without_a_scope_is_refused_when_it_is_added(servicer: Servicer) -> None:
    """A new method that nobody gave a scope is closed, not open."""
    scopes = {name: scope for name, scope in SCOPES.items() if name != "Up"}
    server = RpcServer("127.0.0.1:0", credentials=CREDENTIALS, error_table=ERRORS, scopes=scopes)
    with pytest.raises(TypeError, match="Up"):
        server.add(add_to_server, servicer)


async def test_two_servers_cannot_share_a_port(server: RpcServer) -> None:
    """The second says so instead of taking half of the calls."""
    second = RpcServer(f"127.0.0.1:{server.port}", credentials=CREDENTIALS, error_table=ERRORS)
    with pytest.raises(ConfigurationError, match="cannot listen"):
        await second.start()


async def test_health_is_served_without_a_token(server: RpcServer) -> None:
    """For the whole server and for each service."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for service in ("", SERVICE):
            answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_stopping_lets_calls_at_work_end(
    server: RpcServer, stub: Stub, servicer: Servicer
) -> None:
    """And takes no new ones."""
    stopping = asyncio.Event()
    call = asyncio.ensure_future(anext(aiter(stub.both(sent_after(stopping)))))
    async with asyncio.timeout(20):
        while "both" not in servicer.calls:
            await asyncio.sleep(0.01)
        stop = asyncio.ensure_future(server.stop(grace_seconds=15))
        while await code_of(stub.echo(text("new"))) is not grpc.StatusCode.UNAVAILABLE:
            await asyncio.sleep(0.01)
        assert not stop.done()
        stopping.set()
        await stop
    assert (await call).value == "late sis"


async def sent_after(event: asyncio.Event) -> AsyncIterator[StringValue]:
    """Send something once the event is there."""
    await event.wait()
    yield text("late")
