"""Tokens of OAuth 2: with which scopes they are asked for, and what a refusal says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from services.evidence.entrypoints.pulling.fetching import Exchange, PullError, open_client
from services.evidence.entrypoints.pulling.tokens import Client, ClientCredentials
from tests.support.clock import FixedClock

URL = "https://sis.example.org/token"


class TokenService:
    """Answers what it is told, and remembers what it was asked."""

    def __init__(self, answer: Mapping[str, Any], status: int = 200) -> None:
        self.answer, self.status = answer, status
        self.forms: list[dict[str, list[str]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.forms.append(parse_qs(request.content.decode()))
        return httpx.Response(self.status, json=dict(self.answer))


def tokens_of(service: TokenService, clock: FixedClock, **more: Any) -> ClientCredentials:
    """Return who asks the service."""
    client = Client(token_url=URL, client_id="me", client_secret="it", **more)
    exchange = Exchange(client=open_client(httpx.MockTransport(service)), clock=clock)
    return ClientCredentials(client, exchange)


def a_clock() -> FixedClock:
    """Return a clock."""
    return FixedClock(datetime(2026, 11, 26, tzinfo=UTC))


async def test_scopes_are_asked_for_where_some_are_configured():
    """In one field, with spaces; else all that the client has."""
    service = TokenService({"access_token": "t"})
    await tokens_of(service, a_clock(), scopes=["a", "b"]).header()
    await tokens_of(service, a_clock()).header()
    grant = {"grant_type": ["client_credentials"]}
    assert service.forms == [{**grant, "scope": ["a b"]}, grant]


@pytest.mark.parametrize(
    ("lasts", "seconds"), [(3_600, 3_540), ("3600", 3_540), (None, 240), (60, 30), (10**9, 86_340)]
)
async def test_a_token_is_used_as_long_as_it_says(lasts: Any, seconds: int):
    """Less a minute, at least half of it, at most a day; some services write a text."""
    service, clock = TokenService({"access_token": "t", "expires_in": lasts}), a_clock()
    tokens = tokens_of(service, clock)
    assert await tokens.header() == "Bearer t"
    clock.advance(timedelta(seconds=seconds - 1))
    await tokens.header()
    assert len(service.forms) == 1
    clock.advance(timedelta(seconds=1))
    await tokens.header()
    assert len(service.forms) == 2


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (400, {"error": "invalid_scope", "error_description": "Ines"}, "set `scopes`"),
        (401, {"error": "invalid_client"}, "client id or its secret"),
        (403, {}, "status 403"),
        (302, {}, "redirect"),
        (200, {}, "no access token"),
        (200, {"access_token": "a\nb"}, "no access token"),
        (200, {"access_token": "x" * 9_000}, "no access token"),
    ],
)
async def test_why_there_is_no_token_is_told(status: int, answer: dict[str, Any], said: str):
    """With what to do, and nothing of what the service wrote."""
    with pytest.raises(PullError, match=said) as refused:
        await tokens_of(TokenService(answer, status), a_clock()).header()
    assert "Ines" not in str(refused.value)
