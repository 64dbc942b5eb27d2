"""HTTP over a real port: start, stop, bounds, and the health of a process."""

import asyncio

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
