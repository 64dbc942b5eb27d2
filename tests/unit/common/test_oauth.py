"""A client gets a token for what it was granted and no more, and loses it when its entry goes."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.applications import Starlette

from services.common.config import ConfigurationError
from services.common.rpc.credentials import (
    Credential,
    Credentials,
    SourceUnclearError,
    hash_token,
)
from services.common.web.access_tokens import CACHED_TOKENS, AccessTokens, SigningKeys
from services.common.web.oauth import TokenEndpoint
from services.common.web.pace import Pace
from tests.support.clock import FixedClock

NOW = datetime(2026, 9, 1, 6, 30, tzinfo=UTC)
KEY = b"k" * 32
CLIENT = Credential(
    name="gradebook",
    district="henry",
    sources=frozenset({"lms"}),
    scopes=frozenset({"roster.readonly", "gradebook.createput"}),
)
STATIC = Credential(name="office", district="henry", scopes=frozenset({"schedule.read"}))
CREDENTIALS = Credentials.of({"static": STATIC}, {("gradebook", "secret"): CLIENT})


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An endpoint, its clock, and the tokens behind it."""

    client: httpx.AsyncClient
    clock: FixedClock
    tokens: AccessTokens

    async def ask(self, **form: str) -> httpx.Response:
        """Ask for a token with Basic authentication."""
        return await self.client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", **form},
            auth=("gradebook", "secret"),
        )


def tokens_of(
    credentials: Credentials = CREDENTIALS,
    *,
    clock: FixedClock | None = None,
    key: bytes = KEY,
    audience: str = "evidence",
) -> AccessTokens:
    """Return tokens that are signed with one key."""
    keys = SigningKeys({"2026-09": key})
    return AccessTokens(keys, credentials, clock or FixedClock(NOW), audience=audience)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Ask the endpoint without a network."""
    clock = FixedClock(NOW)
    tokens = tokens_of(clock=clock)
    app = Starlette(routes=TokenEndpoint(credentials=CREDENTIALS, tokens=tokens).routes())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://o.test") as client:
        yield Scene(client=client, clock=clock, tokens=tokens)


async def test_a_client_gets_a_token_that_acts_as_it(scene: Scene) -> None:
    """District and sources are the client's, and nobody may keep the answer."""
    answer = await scene.ask()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert 0 < body["expires_in"] <= 3_600
    assert body["scope"] == "gradebook.createput roster.readonly"
    assert scene.tokens.find(body["access_token"]) == CLIENT


async def test_a_token_may_do_less_than_its_client(scene: Scene) -> None:
    """Only the scopes that were asked for are in it."""
    token = (await scene.ask(scope="roster.readonly")).json()["access_token"]
    found = scene.tokens.find(token)
    assert found is not None
    assert found.scopes == {"roster.readonly"}


async def test_id_and_secret_may_stand_in_the_form(scene: Scene) -> None:
    """For clients that cannot send the header."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "gradebook",
        "client_secret": "secret",
    }
    answer = await scene.client.post("/oauth/token", data=form)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "headers", "status", "code"),
    [
        ({}, {}, 401, "invalid_client"),
        ({"client_id": "gradebook", "client_secret": "no"}, {}, 401, "invalid_client"),
        ({"client_id": "nobody", "client_secret": "secret"}, {}, 401, "invalid_client"),
        ({}, {"Authorization": "Basic !"}, 401, "invalid_client"),
        ({}, {"Authorization": "Bearer static"}, 401, "invalid_client"),
        ({"grant_type": "password"}, "basic", 400, "unsupported_grant_type"),
        ({"grant_type": ""}, "basic", 400, "unsupported_grant_type"),
        ({"scope": "roster.readonly everything"}, "basic", 400, "invalid_scope"),
        ({"client_secret": "secret"}, "basic", 400, "invalid_request"),
        ({"client_id": "other"}, "basic", 400, "invalid_request"),
    ],
)
async def test_a_request_that_earns_no_token_is_told_why(
    scene: Scene, form: dict[str, str], headers: object, status: int, code: str
) -> None:
    """With the codes of RFC 6749, and without a token."""
    basic = "Basic " + base64.b64encode(b"gradebook:secret").decode()
    answer = await scene.client.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", **form},
        headers={"Authorization": basic} if headers == "basic" else headers,  # type: ignore[arg-type]
    )
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert "access_token" not in answer.json()
    asked_by_header = status == 401 and bool(headers)
    assert ("www-authenticate" in answer.headers) is asked_by_header


async def test_a_body_that_is_no_form_is_an_invalid_request(scene: Scene) -> None:
    """JSON, too much, a parameter that stands twice, and one that is no text."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    twice = await scene.client.post(
        "/oauth/token", content="grant_type=a&grant_type=b", headers=form
    )
    large = await scene.client.post("/oauth/token", content="a" * 20_000, headers=form)
    wrong = await scene.client.post("/oauth/token", json={"grant_type": "client_credentials"})
    broken = await scene.client.post("/oauth/token", content=b"\xff=\xff", headers=form)
    for answer in (twice, large, wrong, broken):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_token_ends_within_the_hour(scene: Scene) -> None:
    """Also where it was verified before."""
    token = (await scene.ask()).json()["access_token"]
    assert scene.tokens.find(token) is not None
    scene.clock.advance(timedelta(seconds=3_600))
    assert scene.tokens.find(token) is None
    assert tokens_of(clock=scene.clock).find(token) is None


def forged(**changes: object) -> str:
    """Return a token that is signed with the right key and says what it likes."""
    header = {"alg": "HS256", "typ": "at+jwt", "kid": "2026-09"}
    header.update(changes.pop("header", {}))  # type: ignore[call-overload]
    seconds = int(NOW.timestamp())
    claims: dict[str, object] = {
        "iss": "urn:trellis:oauth",
        "aud": "evidence",
        "sub": "gradebook",
        "exp": seconds + 60,
        "scope": "roster.readonly",
    }
    claims.update(changes)
    claims = {name: value for name, value in claims.items() if value is not None}
    key = OctKey.import_key(KEY, {"kid": "2026-09"})
    return jwt.encode(header, claims, key, algorithms=["HS256", "HS512"])


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "mastery"},
        {"aud": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 1},
        {"sub": None},
        {"sub": "nobody"},
        {"sub": 7},
        {"scope": 7},
        {"header": {"typ": "JWT"}},
        {"header": {"alg": "HS512"}},
        {"header": {"kid": "2025-09"}},
    ],
)
def test_a_token_that_lacks_something_finds_nobody(changes: dict[str, object]) -> None:
    """Issuer, audience, end, client, type, algorithm and key are all looked at."""
    assert tokens_of().find(forged()) is not None
    assert tokens_of().find(forged(**changes)) is None


def test_a_token_without_a_signature_or_with_another_finds_nobody() -> None:
    """What a token says of its own algorithm is never believed."""
    token = forged()
    head, body, signature = token.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    for bad in (
        f"{none}.{body}.",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        f"{head}.{body}",
        "...",
        "é.é.é",
        "x" * 5_000,
    ):
        assert tokens_of().find(bad) is None
    assert tokens_of(key=b"o" * 32).find(token) is None


def test_static_tokens_work_beside_and_without_a_signing_key() -> None:
    """A district that has tokens already need not change anything."""
    assert tokens_of().find("static") == STATIC
    without = AccessTokens(None, CREDENTIALS, FixedClock(NOW), audience="evidence")
    assert without.find("static") == STATIC
    assert without.find(forged()) is None
    assert without.find(None) is None


async def test_without_a_key_the_endpoint_says_that_it_cannot_sign() -> None:
    """Rather than failing on each request."""
    tokens = AccessTokens(None, CREDENTIALS, FixedClock(NOW), audience="evidence")
    app = Starlette(routes=TokenEndpoint(credentials=CREDENTIALS, tokens=tokens).routes())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://o.test") as client:
        answer = await client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=("gradebook", "secret"),
        )
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_a_client_that_is_taken_out_loses_its_tokens_too(tmp_path: Path) -> None:
    """And one that loses a scope loses it in every token, within seconds."""
    path = tmp_path / "c.json"
    now = [0.0]
    entry = {
        "client_id": "gradebook",
        "sha256": hash_token("secret"),
        "district": "henry",
        "sources": ["lms"],
        "scopes": ["a", "b"],
    }

    def write(*clients: object) -> None:
        path.write_text(json.dumps({"tokens": [], "clients": clients}))
        now[0] += 60.0

    write(entry)
    credentials = Credentials.load(path, monotonic=lambda: now[0])
    tokens = tokens_of(credentials)
    client = credentials.client("gradebook", "secret")
    assert client is not None
    token = tokens.issue(client, frozenset({"a", "b"}))
    assert tokens.find(token) == client
    write({**entry, "scopes": ["a"]})
    less = tokens.find(token)
    assert less is not None
    assert less.scopes == {"a"}
    write()
    assert tokens.find(token) is None
    assert credentials.client("gradebook", "secret") is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"district": None}, "district must be an id"),
        ({"client_id": "a b"}, "client_id must be an id"),
        ({"sha256": "secret"}, "the hash, not the secret"),
        ({"person": "p"}, "no field 'person'"),
        ({"scopes": "a"}, "scopes must be a list"),
    ],
)
def test_a_client_with_a_mistake_is_refused_with_its_place(
    tmp_path: Path, changes: dict[str, object], problem: str
) -> None:
    """As a token is; and the same client twice is one too."""
    good = {"client_id": "a", "sha256": hash_token("s"), "district": "henry"}
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"tokens": [], "clients": [good, {**good, **changes}]}))
    with pytest.raises(ConfigurationError, match=r"clients\[1\]") as refused:
        Credentials.load(path)
    assert problem in str(refused.value)
    path.write_text(json.dumps({"tokens": [], "clients": [good, good]}))
    with pytest.raises(ConfigurationError, match="stands twice"):
        Credentials.load(path)


def test_what_is_written_belongs_to_the_one_source_of_the_credential() -> None:
    """One for all sources writes under its own name; any other has to be made unambiguous."""

    def with_sources(*sources: str) -> Credential:
        return Credential(name="gradebook", district="henry", sources=frozenset(sources))

    assert with_sources("lms").own_source() == "lms"
    assert with_sources("lms", "*").own_source() == "lms"
    assert with_sources("*").own_source() == "gradebook"
    for sources in ((), ("lms", "sis")):
        with pytest.raises(SourceUnclearError):
            with_sources(*sources).own_source()


def test_a_new_key_signs_while_the_old_one_still_verifies() -> None:
    """So that nobody is locked out when a key is replaced."""
    old = tokens_of().issue(CLIENT, CLIENT.scopes)
    both = SigningKeys({"2026-10": b"n" * 32, "2026-09": KEY})
    tokens = AccessTokens(both, CREDENTIALS, FixedClock(NOW), audience="evidence")
    assert tokens.find(old) == CLIENT
    new = tokens.issue(CLIENT, CLIENT.scopes)
    assert tokens.find(new) == CLIENT
    assert tokens_of().find(new) is None


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"keys": []}',
        '{"keys": [{"id": "a", "secret": "c0ffee"}]}',
        '{"keys": [{"id": "a", "secret": "canary"}]}',
        '{"keys": [{"id": "", "secret": 7}]}',
        '{"keys": ["canary"]}',
    ],
)
def test_a_file_of_keys_with_a_mistake_is_refused_without_showing_a_key(
    tmp_path: Path, content: str
) -> None:
    """A short key is a mistake as well."""
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as refused:
        SigningKeys.load(path)
    assert "canary" not in str(refused.value)
    assert "c0ffee" not in str(refused.value)


def test_the_development_key_is_for_processes_without_credentials_alone(tmp_path: Path) -> None:
    """With credentials, and so perhaps beyond loopback, a key has to be configured."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [{"id": "a", "secret": "ab" * 32}]}))
    assert SigningKeys.choose(keys_file=None, credentials_file=None) is not None
    assert SigningKeys.choose(keys_file=None, credentials_file=tmp_path) is None
    assert SigningKeys.choose(keys_file=path, credentials_file=tmp_path) is not None


def test_what_is_remembered_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was verified longest ago goes first, and is verified again when it comes."""
    assert CACHED_TOKENS > 2
    monkeypatch.setattr("services.common.web.access_tokens.CACHED_TOKENS", 2)
    tokens = tokens_of()
    issued = [forged(scope=scope) for scope in ("a", "b", "c")]
    for token in (*issued, issued[0]):
        assert tokens.find(token) is not None
    assert len(tokens._verified) == 2


async def test_a_client_that_asks_too_often_is_told_to_wait() -> None:
    """And no other client with it: each has its own pace."""
    other = replace(CLIENT, name="other")
    credentials = Credentials.of({}, {("gradebook", "secret"): CLIENT, ("other", "secret"): other})
    async with asking(credentials) as ask:
        assert (await ask("gradebook", "secret")).status_code == 200
        held = await ask("gradebook", "secret")
        assert (held.status_code, held.json()["error"]) == (429, "slow_down")
        assert int(held.headers["retry-after"]) > 0
        assert held.headers["cache-control"] == "no-store"
        assert (await ask("other", "secret")).status_code == 200


async def test_wrong_secrets_hold_nobody_up_but_who_sends_them() -> None:
    """A client with the right secret gets its token, also from the same address."""
    async with asking(CREDENTIALS) as ask:
        statuses = [(await ask("gradebook", "guess")).status_code for _ in range(3)]
        assert statuses == [401, 429, 429]
        assert (await ask("gradebook", "secret")).status_code == 200


@asynccontextmanager
async def asking(
    credentials: Credentials,
) -> AsyncIterator[Callable[[str, str], Awaitable[httpx.Response]]]:
    """Give a way to ask an endpoint at which each may ask once, and no clock runs."""
    endpoint = TokenEndpoint(
        credentials=credentials,
        tokens=tokens_of(credentials),
        pace=Pace(per_second=1, burst=1, monotonic=lambda: 0.0),
        wrong_pace=Pace(per_second=1, burst=1, monotonic=lambda: 0.0),
    )
    transport = httpx.ASGITransport(app=Starlette(routes=endpoint.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://o.test") as client:

        def ask(client_id: str, secret: str) -> Awaitable[httpx.Response]:
            form = {"grant_type": "client_credentials"}
            return client.post("/oauth/token", data=form, auth=(client_id, secret))

        yield ask
