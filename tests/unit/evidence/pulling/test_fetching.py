"""Answers of other systems' services: how they may be packed, and headers that say nonsense."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import httpx
import pytest

from services.common.backoff import RetryPolicy
from services.evidence.entrypoints.pulling.fetching import (
    MAX_ETAG_LENGTH,
    Exchange,
    Peer,
    PeerUnavailableError,
    PullError,
    moment_of,
    open_client,
)

NONSENSE = [
    "soon",
    "Mon, 99999999999999999999 Nov 2026 00:00:00 GMT",
    "Mon, 23 Nov 2026 00:00:00 +999999999999999999",
]


def a_peer(answer: httpx.Response, asked: list[httpx.Request] | None = None) -> Peer:
    """Return a service that always gives one answer."""

    def reply(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        return answer

    async def at_once(_seconds: float) -> None:
        """Not wait."""

    exchange = Exchange(
        client=open_client(httpx.MockTransport(reply)),
        patience=RetryPolicy(attempts=2),
        sleep=at_once,
    )
    return Peer(base_url="https://sis.example.org", exchange=exchange)


async def test_an_answer_that_is_packed_once_is_unpacked():
    """As the request says that it may be, and in no other way."""
    asked: list[httpx.Request] = []
    packed = httpx.Response(200, content=gzip.compress(b"[]"), headers={"content-encoding": "gzip"})
    assert (await a_peer(packed, asked).get("users")).body == b"[]"
    assert asked[0].headers["accept-encoding"] == "gzip"


async def test_an_answer_that_is_packed_more_than_once_is_refused():
    """A few kilobytes of it could be gigabytes, before a single one is counted."""
    packed = httpx.Response(
        200,
        content=gzip.compress(gzip.compress(b"[]")),
        headers=[("content-encoding", "gzip"), ("content-encoding", "gzip")],
    )
    with pytest.raises(PullError, match="packed more than once"):
        await a_peer(packed).get("users")


@pytest.mark.parametrize("said", NONSENSE)
async def test_a_service_that_asks_to_wait_for_nonsense_is_asked_as_any_other(said: str):
    """It is the service that is away, and not the puller that has a fault."""
    with pytest.raises(PeerUnavailableError):
        await a_peer(httpx.Response(503, headers={"retry-after": said})).get("users")


@pytest.mark.parametrize("said", ["", *NONSENSE])
def test_a_header_that_says_no_time_says_none(said: str):
    """Whatever stands in it."""
    assert moment_of(said) is None
    assert moment_of("Mon, 23 Nov 2026 11:30:00 GMT") == datetime(2026, 11, 23, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('"a"', '"a"'),
        ('"\u00e9"', ""),
        ('"' + "a" * MAX_ETAG_LENGTH + '"', ""),
    ],
)
async def test_only_an_etag_that_can_be_asked_with_is_kept(said: str, kept: str):
    """One that no request can carry would end every pull that comes after."""
    answer = httpx.Response(200, content=b"[]", headers=[(b"etag", said.encode("latin-1"))])
    assert (await a_peer(answer).get("users")).etag == kept
