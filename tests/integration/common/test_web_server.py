"""HTTP over a real port: start, stop, bounds, and the health of a process."""

import asyncio
import contextlib

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.common.config import ConfigurationError
from services.common.web.server import Health, WebServer, health_app


async def test_health_and_metrics_have_a_port_of_their_own() -> None:
    """Without a sign-in, for the kubelet and for Prometheus."""
    server = WebServer(health_app(Health()), "127.0.0.1:0", name="health")
    port = await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert (await client.get(path)).status_code == 200
        assert "server" not in (await client.get("/metrics")).headers
    await server.stop()


async def test_stopping_lets_a_request_at_work_end() -> None:
    """And nobody can connect afterwards."""
    working, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> Response:
        working.set()
        await go_on.wait()
        return PlainTextResponse("done")

    server = WebServer(Starlette(routes=[Route("/slow", slow)]), "127.0.0.1:0")
    port = await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        asked = asyncio.create_task(client.get("/slow"))
        await working.wait()
        stopping = asyncio.create_task(server.stop(grace_seconds=5))
        await asyncio.sleep(0.05)
        go_on.set()
        assert (await asked).text == "done"
        await stopping
        with pytest.raises(httpx.ConnectError):
            await client.get("/slow")


async def test_a_request_that_does_not_end_is_broken_off_after_the_grace() -> None:
    """A browser with a hanging download does not keep a process alive."""
    working = asyncio.Event()

    async def hang(request: Request) -> Response:
        working.set()
        await asyncio.Event().wait()
        return PlainTextResponse("never")

    server = WebServer(Starlette(routes=[Route("/hang", hang)]), "127.0.0.1:0")
    port = await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        asked = asyncio.create_task(client.get("/hang"))
        await working.wait()
        async with asyncio.timeout(5):
            await server.stop(grace_seconds=0.05)
        asked.cancel()


async def test_a_port_that_is_taken_is_said_so() -> None:
    """A configuration that cannot work, not a crash."""
    first = WebServer(health_app(Health()), "127.0.0.1:0")
    port = await first.start()
    second = WebServer(health_app(Health()), f"127.0.0.1:{port}")
    with pytest.raises(ConfigurationError, match="cannot listen"):
        await second.start()
    await first.stop()


async def posted(request: Request) -> Response:
    """Answer with how much came."""
    return PlainTextResponse(str(len(await request.body())))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\nhalf",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
)
async def test_a_request_that_does_not_come_whole_is_broken_off(sent: bytes) -> None:
    """Nothing, half a head, half a body: a connection is not held for ever."""
    app = Starlette(routes=[Route("/", posted, methods=["POST"])])
    server = WebServer(app, "127.0.0.1:0", arrival_seconds=0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", await server.start())
    writer.write(sent)
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    await server.stop(grace_seconds=1)


async def test_half_a_request_behind_a_whole_one_is_broken_off_too() -> None:
    """It came with the first one, so that nothing more has to come for it to be begun."""
    app = Starlette(routes=[Route("/", posted, methods=["POST"])])
    server = WebServer(app, "127.0.0.1:0", arrival_seconds=0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", await server.start())
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
    writer.write(head + b"whole" + head + b"hal")
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            assert (await reader.read()).endswith(b"5")
    writer.close()
    await server.stop(grace_seconds=1)


async def test_a_request_that_came_whole_may_take_its_time() -> None:
    """The bound is on how it comes, not on what is done with it; and the next one has its own."""

    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.6)
        return PlainTextResponse(await request.body())

    app = Starlette(routes=[Route("/", slow, methods=["POST"])])
    server = WebServer(app, "127.0.0.1:0", arrival_seconds=0.5)
    port = await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.post("/", content=b"first")).text == "first"
        assert (await client.post("/", content=b"second")).text == "second"
    await server.stop()
