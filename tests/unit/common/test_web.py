"""Pages are behind a sign-in, no script gets in, and an answer never shows what went on inside."""

import asyncio
import json
from collections.abc import AsyncIterator

import grpc
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from services.common.metrics import render
from services.common.rpc.credentials import Credential, Credentials, current_credential, require
from services.common.web.app import build_app
from services.common.web.auth import SignIn, local_path
from services.common.web.server import BodyLimit, Health, health_app

CREDENTIALS = Credentials.of(
    {"secret": Credential(name="office", district="henry", scopes=frozenset({"schedule.read"}))}
)
PAGE = {"Accept": "text/html"}


class SeatTakenError(Exception):
    """An error of a domain."""

    reason = "SEAT_TAKEN"
    metadata = {"seat": "a"}  # noqa: RUF012


async def who(request: Request) -> Response:
    """Say who is signed in."""
    return PlainTextResponse(current_credential().name)


async def taken(request: Request) -> Response:
    """Raise an error of the domain."""
    raise SeatTakenError("the seat is taken")


async def broken(request: Request) -> Response:
    """Raise what nobody foresaw."""
    raise RuntimeError("canary")


async def needs_scope(request: Request) -> Response:
    """Ask for a scope that nobody has."""
    require("schedule.publish")
    return PlainTextResponse("never")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Ask the app without a network; the cookie is one for plain HTTP."""
    app = build_app(
        [
            Route("/who", who, methods=["GET", "POST"]),
            Route("/taken/{seat}", taken),
            Route("/broken", broken),
            Route("/scope", needs_scope),
            Route("/open", lambda _: PlainTextResponse("open")),
        ],
        error_table={SeatTakenError: grpc.StatusCode.FAILED_PRECONDITION},
        sign_in=SignIn(CREDENTIALS, secure_cookie=False),
        public_paths=["/open"],
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://week.test") as made:
        yield made


async def sign_in(client: httpx.AsyncClient, **form: str) -> httpx.Response:
    """Send the sign-in form as a browser does."""
    return await client.post(
        "/sign-in",
        data={"token": "secret", **form},
        headers={"Origin": "http://week.test", "Sec-Fetch-Site": "same-origin"},
    )


async def test_a_person_who_is_not_signed_in_gets_the_sign_in_page(
    client: httpx.AsyncClient,
) -> None:
    """And comes back to where they were going."""
    answer = await client.get("/who?day=1", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fwho%3Fday%3D1"
    page = await client.get(answer.headers["location"])
    assert 'value="/who?day=1"' in page.text


async def test_a_program_that_is_not_signed_in_gets_401(client: httpx.AsyncClient) -> None:
    """As a problem with a reason, and the header that says how to sign in."""
    answer = await client.get("/who")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["reason"] == "UNAUTHENTICATED"


async def test_a_bearer_token_signs_a_program_in(client: httpx.AsyncClient) -> None:
    """The same tokens as over gRPC."""
    answer = await client.get("/who", headers={"Authorization": "Bearer secret"})
    assert answer.text == "office"
    wrong = await client.get("/who", headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401


async def test_pasting_a_token_signs_a_person_in_until_they_sign_out(
    client: httpx.AsyncClient,
) -> None:
    """The cookie does what the header does, and goes with the sign-out."""
    answer = await sign_in(client, next="/who")
    assert (answer.status_code, answer.headers["location"]) == (303, "/who")
    assert (await client.get("/who", headers=PAGE)).text == "office"
    await client.post("/sign-out", headers={"Origin": "http://week.test"})
    assert (await client.get("/who", headers=PAGE)).status_code == 303


@pytest.mark.parametrize(("secure", "name"), [(True, "__Host-trellis"), (False, "trellis")])
async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    secure: bool, name: str
) -> None:
    """HttpOnly, SameSite=Strict, and over TLS bound to the host."""
    app = build_app([], error_table={}, sign_in=SignIn(CREDENTIALS, secure_cookie=secure))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://week.test") as client:
        cookie = (await sign_in(client)).headers["set-cookie"]
    assert cookie.startswith(f"{name}=secret;")
    parts = {part.strip().lower() for part in cookie.split(";")}
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert ("secure" in parts) is secure


async def test_a_token_that_nobody_knows_is_told_so_and_sets_nothing(
    client: httpx.AsyncClient,
) -> None:
    """The page says what to do, and is marked for a screen reader."""
    answer = await sign_in(client, token="<b>wrong")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "<b>" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://week.test"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_of_another_site_changes_nothing(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """Even where a browser sent the cookie with it."""
    await sign_in(client)
    answer = await client.post("/who", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["reason"] == "FOREIGN_FORM"


@pytest.mark.parametrize(
    "target",
    [None, "", "who", "//evil.test", "/\\evil.test", "https://evil.test", "/\t/evil.test", "/a\\b"],
)
def test_nobody_is_sent_to_another_site_after_signing_in(target: str | None) -> None:
    """Only a path of this site is gone to."""
    assert local_path(target) == "/"


async def test_every_answer_has_the_security_headers(client: httpx.AsyncClient) -> None:
    """Pages, refusals and faults alike; nothing inline may run."""
    for path in ("/sign-in", "/who", "/open", "/nothing-here"):
        answer = await client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "cache-control" in answer.headers


async def test_the_sign_in_page_has_nothing_inline(client: httpx.AsyncClient) -> None:
    """So that the policy need allow nothing inline."""
    page = (await client.get("/sign-in")).text
    assert "<script" not in page
    assert "<style" not in page
    assert " style=" not in page
    assert (await client.get("/sign-in.css")).headers["content-type"].startswith("text/css")


async def test_an_error_of_the_domain_is_a_problem_with_reason_and_values(
    client: httpx.AsyncClient,
) -> None:
    """The same table of errors as over gRPC."""
    answer = await client.get("/taken/a", headers={"Authorization": "Bearer secret"})
    assert answer.status_code == 409
    assert answer.json() == {
        "type": "urn:trellis:problem:SEAT_TAKEN",
        "title": "Conflict",
        "status": 409,
        "detail": "the seat is taken",
        "reason": "SEAT_TAKEN",
        "values": {"seat": "a"},
    }


async def test_what_nobody_foresaw_shows_an_id_that_the_log_has_and_nothing_else(
    client: httpx.AsyncClient,
) -> None:
    """The text of an exception stays inside."""
    with capture_logs() as logged:
        answer = await client.get("/broken", headers={"Authorization": "Bearer secret"})
    assert answer.status_code == 500
    assert "canary" not in answer.text
    (line,) = [one for one in logged if one["event"] == "rpc_failed"]
    assert line["error_id"] == answer.json()["values"]["error_id"]


async def test_a_missing_scope_is_403(client: httpx.AsyncClient) -> None:
    """`require` works in a page as it does in an RPC."""
    answer = await client.get("/scope", headers={"Authorization": "Bearer secret"})
    assert (answer.status_code, answer.json()["reason"]) == (403, "SCOPE_MISSING")


async def test_requests_are_counted_by_route_and_not_by_path(client: httpx.AsyncClient) -> None:
    """An id in a path never becomes a label."""
    headers = {"Authorization": "Bearer secret"}
    await client.get("/taken/canary", headers=headers)
    await client.get("/no/such/canary", headers=headers)
    text = render().decode()
    assert 'trellis_http_server_seconds_count{route="/taken/{seat}",status="409"}' in text
    assert 'trellis_http_server_seconds_count{route="none",status="404"}' in text
    assert "canary" not in text


async def test_a_body_above_the_bound_is_refused() -> None:
    """Whether its length is announced or not."""

    async def echo(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    app = build_app(
        [Route("/echo", echo, methods=["POST"])],
        error_table={},
        sign_in=SignIn(CREDENTIALS, secure_cookie=False),
        public_paths=["/echo"],
    )
    transport = httpx.ASGITransport(app=BodyLimit(app, 10))

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"12345"

    async with httpx.AsyncClient(transport=transport, base_url="http://week.test") as client:
        assert (await client.post("/echo", content=b"1234567890")).text == "10"
        announced = await client.post("/echo", content=b"12345678901")
        streamed = await client.post("/echo", content=parts())
    assert announced.status_code == 413
    assert streamed.status_code == 413


async def test_health_says_what_fails_and_never_waits_for_long() -> None:
    """Ready only while every check passes; alive whatever a dependency does."""
    health = Health()

    async def passes() -> None:
        return

    async def fails() -> None:
        raise OSError("no database")

    health.add_check("a", passes)
    transport = httpx.ASGITransport(app=health_app(health))
    async with httpx.AsyncClient(transport=transport, base_url="http://h") as client:
        assert (await client.get("/health/ready")).status_code == 200
        health.add_check("database", fails)
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        assert ready.json()["checks"] == {"database": "no database"}
        assert (await client.get("/health/live")).status_code == 200
        health.add_progress_check("worker", fails)
        assert (await client.get("/health/live")).status_code == 503
        assert b"trellis_event_loop_lag_seconds" in (await client.get("/metrics")).content


async def test_a_check_that_hangs_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe gets its answer in time."""
    monkeypatch.setattr("services.common.web.server.CHECK_SECONDS", 0.01)
    health = Health()
    health.add_check("database", asyncio.Event().wait)  # type: ignore[arg-type]
    assert json.dumps(dict(await health.ready())) == '{"database": "no answer within 0.01 s"}'


async def test_a_process_that_stops_is_not_ready() -> None:
    """Nothing new is sent to it while it ends what it has."""
    health = Health()
    assert await health.ready() == {}
    health.stopping = True
    assert await health.ready() == {"process": "stopping"}
