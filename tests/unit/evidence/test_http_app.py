"""Each part of the HTTP app answers in its own words, and nothing is open that need not be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message
from structlog.testing import capture_logs

from services.common.metrics import render
from services.common.rpc.credentials import Credential, Credentials, current_credential, require
from services.common.web.bearer import Paces
from services.common.web.pace import Pace
from services.common.web.server import BodyLimit
from services.evidence.domain.errors import ConcurrentChangeError, EvidenceNotFoundError
from services.evidence.entrypoints.errors import ERRORS
from services.evidence.entrypoints.http.app import Part, Problem, http_app

CREDENTIALS = Credentials.of(
    {"secret": Credential(name="lms", district="henry", scopes=frozenset({"a"}))}
)


def in_own_words(_request: Request, what: Problem) -> Response:
    """Answer as no standard does."""
    return JSONResponse({"own": what.reason}, what.status, headers=what.headers)


async def who(request: Request) -> Response:
    """Say who asks."""
    return PlainTextResponse(current_credential().name)


async def read(request: Request) -> Response:
    """Say how much was sent."""
    return PlainTextResponse(str(len(await request.body())))


async def fails(request: Request) -> Response:
    """Fail in one of several ways."""
    way = request.path_params["way"]
    if way == "unknown":
        raise EvidenceNotFoundError(evidence="e1")
    if way == "busy":
        raise ConcurrentChangeError
    if way == "scope":
        require("b")
    raise RuntimeError("canary")


@asynccontextmanager
async def asking(
    credentials: Credentials = CREDENTIALS, paces: Paces | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the app, without a network."""
    transport = httpx.ASGITransport(app=BodyLimit(an_app(credentials, paces), 10))
    headers = {"Authorization": "Bearer secret"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://app.test", headers=headers
    ) as made:
        yield made


def an_app(credentials: Credentials = CREDENTIALS, paces: Paces | None = None) -> ASGIApp:
    """Return an app of two parts."""
    return http_app(
        [
            Part(
                prefix="/own/",
                routes=[
                    Route("/own/who", who),
                    Route("/own/fails/{way}", fails),
                    Route("/own/read", read, methods=["POST"]),
                ],
                answer=in_own_words,
            ),
            Part(
                prefix="/plain/",
                routes=[
                    Route("/plain/fails/{way}", fails),
                    Route("/plain/open", lambda _: PlainTextResponse("open")),
                ],
                public_paths=("/plain/open",),
            ),
        ],
        find=credentials.find,
        error_table=ERRORS,
        paces=paces,
    )


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Ask the app as the one credential."""
    async with asking() as made:
        yield made


@pytest.mark.parametrize(
    ("way", "status", "reason"),
    [
        ("unknown", 404, "EVIDENCE_NOT_FOUND"),
        ("busy", 409, "CONCURRENT_CHANGE"),
        ("scope", 403, "SCOPE_MISSING"),
        ("canary", 500, "INTERNAL"),
    ],
)
async def test_an_error_is_answered_in_the_words_of_its_part(
    client: httpx.AsyncClient, way: str, status: int, reason: str
) -> None:
    """By the one table of errors that gRPC has as well; a fault shows an id alone."""
    with capture_logs() as logged:
        own = await client.get(f"/own/fails/{way}")
        plain = await client.get(f"/plain/fails/{way}")
    assert (own.status_code, own.json()) == (status, {"own": reason})
    assert (plain.status_code, plain.json()["reason"]) == (status, reason)
    assert plain.headers["content-type"] == "application/problem+json"
    assert "canary" not in own.text + plain.text
    assert any(one["event"] == "rpc_failed" for one in logged) is (status == 500)


async def test_a_body_that_is_too_large_is_refused_in_the_words_of_its_part(
    client: httpx.AsyncClient,
) -> None:
    """However its length becomes known, with the headers of every answer, and to a known token."""

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"12345"

    assert (await client.post("/own/read", content=b"1234567890")).text == "10"
    for content in (b"12345678901", parts()):
        answer = await client.post("/own/read", content=content)
        assert answer.status_code == 413
        assert answer.json() == {"own": "REQUEST_ENTITY_TOO_LARGE"}
        assert answer.headers["x-content-type-options"] == "nosniff"
    unknown = {"Authorization": "Bearer wrong"}
    answer = await client.post("/own/read", content=b"12345678901", headers=unknown)
    assert answer.json() == {"own": "UNAUTHENTICATED"}


async def test_who_breaks_off_an_upload_is_no_fault_of_the_server() -> None:
    """Nobody is there to be answered, and the log stays as it is."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/own/read",
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer secret"), (b"content-length", b"10")],
    }
    messages = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    with capture_logs() as logged:
        await an_app()(scope, receive, send)
    assert (sent, logged) == ([], [])


async def test_what_is_no_route_is_answered_by_the_part_whose_prefix_it_has(
    client: httpx.AsyncClient,
) -> None:
    """And elsewhere by a problem."""
    assert (await client.get("/own/nothing")).json() == {"own": "NOT_FOUND"}
    assert (await client.post("/own/who")).json() == {"own": "METHOD_NOT_ALLOWED"}
    assert (await client.get("/nothing")).json()["reason"] == "NOT_FOUND"
    assert (await client.get("/plain/nothing")).json()["reason"] == "NOT_FOUND"


async def test_only_a_bearer_token_opens_what_is_not_public(client: httpx.AsyncClient) -> None:
    """In any writing of the word; no cookie, no token in the address."""
    assert (await client.get("/own/who")).text == "lms"
    lower = await client.get("/own/who", headers={"Authorization": "bearer  secret "})
    assert lower.text == "lms"
    assert (await client.get("/plain/open", headers={"Authorization": ""})).text == "open"
    for headers in ({"Authorization": ""}, {"Authorization": "", "Cookie": "trellis=secret"}):
        answer = await client.get("/own/who?access_token=secret", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"own": "UNAUTHENTICATED"})
        assert answer.headers["www-authenticate"].startswith("Bearer")
    nowhere = await client.get("/nothing", headers={"Authorization": ""})
    assert nowhere.status_code == 401


async def test_every_answer_has_the_security_headers_and_is_counted_by_its_route(
    client: httpx.AsyncClient,
) -> None:
    """No proxy keeps what names people, and no id of a path becomes a label."""
    for path in ("/own/who", "/own/fails/canary", "/nothing"):
        answer = await client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    text = render().decode()
    assert 'trellis_http_server_seconds_count{route="/own/fails/{way}",status="500"}' in text
    assert "canary" not in text


async def test_who_asks_too_fast_is_told_when_to_come_again() -> None:
    """In the words of the part; others of the district still have room, but not without end."""
    names = ("one", "two", "three")
    credentials = Credentials.of(
        {name: Credential(name=name, district="henry") for name in names}
        | {"elsewhere": Credential(name="one", district="maple")}
    )
    paces = Paces(
        credential=Pace(per_second=0.5, burst=1, monotonic=lambda: 0.0),
        district=Pace(per_second=1, burst=2, monotonic=lambda: 0.0),
    )
    async with asking(credentials, paces) as client:

        async def ask(token: str) -> httpx.Response:
            return await client.get("/own/who", headers={"Authorization": f"Bearer {token}"})

        assert (await ask("one")).status_code == 200
        held = await ask("one")
        assert (held.status_code, held.json()) == (429, {"own": "TOO_MANY_REQUESTS"})
        assert held.headers["retry-after"] == "2"
        assert [(await ask(one)).status_code for one in ("two", "three")] == [200, 429]
        assert (await ask("elsewhere")).status_code == 200
        assert (await client.get("/plain/open")).status_code == 200
