"""One pull of each kind: what it hands over in which order, and when it lets things be deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from trellis.evidence.v1 import source_service_pb2 as messages

from services.common.backoff import RetryPolicy
from services.evidence.adapters.exact_json import encode_json
from services.evidence.domain.document import Format
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.importing.documents import (
    DocumentReport,
    DocumentSending,
    Read,
)
from services.evidence.entrypoints.importing.sending import Caller
from services.evidence.entrypoints.pulling.delivery import Delivery, KeptCursor
from services.evidence.entrypoints.pulling.fetching import Exchange, PullError
from services.evidence.entrypoints.pulling.runs import PeerPull
from tests.support.case import DOCUMENT, a_document, a_framework_package, an_id
from tests.support.clock import FixedClock
from tests.support.edfi import DOCUMENTS
from tests.support.edfi_server import ADDRESS, CLIENT_ID, CLIENT_SECRET, EdFiServer
from tests.support.pulling import a_peer, configured

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Reply = Callable[[httpx.Request], httpx.Response]


class Remembering(Delivery):
    """A delivery to nobody, that remembers; cursors last from pull to pull."""

    def __init__(self) -> None:
        """Begin without cursors."""
        super().__init__(sending=None)  # type: ignore[arg-type]
        object.__setattr__(self, "cursors", {})
        object.__setattr__(self, "events", [])

    cursors: dict[str, str]
    events: list[Any]

    async def settle_source(self, *, time_zone: str, learners_org: str | None) -> None:
        """Take it."""

    async def cursor(self, name: str) -> KeptCursor:
        """Return a cursor."""
        return KeptCursor(content=self.cursors.get(name, ""), put=None)

    async def put_cursor(self, name: str, content: str) -> None:
        """Keep a cursor."""
        self.cursors[name] = content
        self.events.append(name)

    async def begin_whole(self, collections: Sequence[Collection]) -> None:
        """Remember it."""
        self.events.append("begin")

    async def send(self, form: Format, documents: Sequence[Read]) -> None:
        """Remember it."""
        self.events += [(one.collection, one.deleted) for one in documents]

    async def finish_whole(self) -> None:
        """Remember it."""
        self.events.append("finish")

    def take(self) -> list[Any]:
        """Return what has happened since."""
        taken, self.events[:] = list(self.events), []
        return taken


class PeerOf:
    """Pulls of one configuration over a transport, at a time of choice."""

    def __init__(self, directory: Path, transport: httpx.AsyncBaseTransport, **peer: Any) -> None:
        secret = peer.pop("secret", "secret")
        self.clock = FixedClock(MONDAY)
        self.delivery = Remembering()
        self.pull = PeerPull(
            settings=configured(directory, peer, secret=secret),
            clock=self.clock,
            transport=transport,
            make_exchange=lambda client: Exchange(
                client=client, clock=self.clock, patience=RetryPolicy(attempts=1)
            ),
        )

    async def run(self, **named: Any) -> tuple[list[str], list[Any]]:
        """Pull once; return the notes and what has happened."""
        run = await self.pull.run(self.delivery, **named)
        return run.notes, self.delivery.take()


def a_sis(lists: dict[str, list[Any]], *, more: int = 0) -> httpx.MockTransport:
    """Return a OneRoster service; more: how many more objects it speaks of than it has."""

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t"})
        name = request.url.path.rpartition("/")[2]
        if name not in lists:
            return httpx.Response(404)
        begin = int(request.url.params["offset"])
        page = lists[name][begin : begin + int(request.url.params["limit"])]
        total = str(len(lists[name]) + more)
        return httpx.Response(200, json={name: page}, headers={"x-total-count": total})

    return httpx.MockTransport(reply)


def of_oneroster(directory: Path, transport: httpx.AsyncBaseTransport, **more: Any) -> PeerOf:
    """Return pulls of users."""
    address = "https://sis.example.org"
    peer = a_peer("oneroster", address, token_address=f"{address}/token", collections=["users"])
    return PeerOf(directory, transport, **(peer | more))


async def test_the_cursor_comes_last(tmp_path: Path):
    """After everything that it stands for, and after what is gone is settled."""
    pulls = of_oneroster(tmp_path, a_sis({"users": [{"sourcedId": "a"}, {"sourcedId": "b"}]}))
    user = ("users", False)
    assert await pulls.run() == ([], ["begin", user, user, "finish", "sis"])
    assert await pulls.run() == ([], [user, user, "sis"])
    kept = json.loads(pulls.delivery.cursors["sis"])
    assert kept == {"whole": "2026-11-23", "since": "2026-11-23T11:00:00+00:00"}


async def test_a_pull_that_fails_leaves_the_cursor_as_it_is(tmp_path: Path):
    """The next one begins there."""
    lists: dict[str, list[Any]] = {"users": []}
    pulls = of_oneroster(tmp_path, a_sis(lists))
    await pulls.run()
    before = dict(pulls.delivery.cursors)
    del lists["users"]
    pulls.clock.advance(timedelta(hours=1))
    with pytest.raises(PullError):
        await pulls.run()
    assert pulls.delivery.cursors == before


async def test_nothing_is_deleted_where_fewer_came_than_there_are(tmp_path: Path):
    """Whatever the reason is; the pull is good for all else."""
    pulls = of_oneroster(tmp_path, a_sis({"users": [{"sourcedId": "a"}]}, more=5))
    notes, events = await pulls.run()
    assert events == ["begin", ("users", False), "sis"]
    assert notes == ["Fewer came than the service says there are, of users; nothing was deleted."]


async def test_changes_that_did_not_come_are_asked_for_again(tmp_path: Path):
    """A pull of what has changed stays where it is until as many come as there are."""
    lists = {"users": [{"sourcedId": "a"}]}
    pulls = of_oneroster(tmp_path, a_sis(lists))
    await pulls.run()
    before = pulls.delivery.cursors["sis"]
    pulls.clock.advance(timedelta(hours=6))
    pulls.pull = replace(pulls.pull, transport=a_sis(lists, more=2))
    notes, events = await pulls.run()
    assert events == [("users", False), "sis"]
    assert notes == [
        "Fewer changes came than the service says there are, of users; the next pull asks for"
        " them again."
    ]
    assert json.loads(pulls.delivery.cursors["sis"]) == json.loads(before)


async def test_a_cursor_that_says_nothing_begins_anew(tmp_path: Path):
    """Of a peer that spoke otherwise before, or of nobody who is known."""
    pulls = of_oneroster(tmp_path, a_sis({"users": []}))
    for content in ("[]", "{", '{"whole":"2026-11-22"}', '{"whole":"2026-11-22","since":"now"}'):
        pulls.delivery.cursors["sis"] = content
        assert (await pulls.run())[1] == ["begin", "finish", "sis"]


async def test_the_slower_of_two_clocks_counts(tmp_path: Path):
    """What changes from now on must not fall between them."""

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t"})
        date = "Mon, 23 Nov 2026 11:30:00 GMT"
        return httpx.Response(200, json={"users": []}, headers={"date": date})

    pulls = of_oneroster(tmp_path, httpx.MockTransport(reply), overlap="15m")
    await pulls.run()
    kept = json.loads(pulls.delivery.cursors["sis"])
    assert kept["since"] == "2026-11-23T11:15:00+00:00"


async def test_deletions_without_a_key_make_the_next_pull_a_whole_one(tmp_path: Path):
    """Only that shows what is gone; and it is not told of again, though windows overlap."""
    server = EdFiServer(named_deletes=False)
    server.put("students", DOCUMENTS["students"])
    peer = a_peer(
        "edfi",
        ADDRESS,
        client_id=CLIENT_ID,
        token_address=None,
        whole_on="never",
        resources=["students", "staffs"],
    )
    pulls = PeerOf(tmp_path, server.transport(), secret=CLIENT_SECRET, **peer)
    student = ("students", False)
    assert (await pulls.run())[1] == ["begin", student, "finish", "sis"]
    server.delete("students", DOCUMENTS["students"])
    notes, events = await pulls.run()
    assert "does not say the key: 1." in notes[0]
    assert events == ["sis"]
    assert await pulls.run() == ([], ["begin", "finish", "sis"])
    server.put("students", DOCUMENTS["students"])
    assert await pulls.run() == ([], [student, "sis"])


def a_publisher(replies: dict[str, Any]) -> httpx.MockTransport:
    """Return a CASE service that answers by path."""

    def reply(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/ims/case/v1p1/")
        if path not in replies:
            return httpx.Response(404)
        if request.headers.get("if-none-match"):
            return httpx.Response(304)
        content = encode_json(replies[path])
        return httpx.Response(200, content=content, headers={"etag": '"v1"'})

    return httpx.MockTransport(reply)


def of_case(directory: Path, replies: dict[str, Any], **more: Any) -> PeerOf:
    """Return pulls from a publisher who asks for no token."""
    peer = a_peer("case", "https://publisher.example.org")
    for name in ("client_id", "secret_file", "token_address"):
        del peer[name]
    return PeerOf(directory, a_publisher(replies), **(peer | more))


def frameworks() -> dict[str, Any]:
    """Return what a publisher of the small framework answers."""
    return {
        "CFDocuments": {"CFDocuments": [a_document()]},
        f"CFPackages/{DOCUMENT}": a_framework_package(),
    }


async def test_a_framework_has_a_cursor_of_its_own(tmp_path: Path):
    """Put when the framework is handed over, so that a large publisher is taken up half-way."""
    pulls = of_case(tmp_path, frameworks())
    _, events = await pulls.run()
    assert events[0] == "begin"
    assert events[-3:] == [f"sis/{DOCUMENT}", "finish", "sis"]
    assert json.loads(pulls.delivery.cursors[f"sis/{DOCUMENT}"])["etag"] == '"v1"'
    assert await pulls.run() == ([], ["sis"])


@pytest.mark.parametrize("fault", ["refused", "absent"])
async def test_nothing_is_deleted_where_a_framework_did_not_come(tmp_path: Path, fault: str):
    """One that cannot be read, or that the publisher does not list any more."""
    replies, wanted = frameworks(), [DOCUMENT, an_id(0xD0D)]
    if fault == "refused":
        other = a_document(identifier=an_id(0xD0D))
        replies["CFDocuments"]["CFDocuments"].append(other)
    pulls = of_case(tmp_path, replies, frameworks=wanted)
    notes, events = await pulls.run()
    assert len(notes) == 1
    assert an_id(0xD0D) in notes[0]
    assert "finish" not in events
    assert f"sis/{DOCUMENT}" in events


class Stub:
    """Knows one source, and remembers how it is to be read; a stub of SourceService."""

    def __init__(self, source: messages.Source) -> None:
        self.source = source
        self.puts: list[messages.Source] = []

    async def ListSources(self, _request: Any, timeout: float) -> Any:  # noqa: N802
        """List the source."""
        return messages.ListSourcesResponse(sources=[self.source])

    async def PutSource(self, request: Any, timeout: float) -> Any:  # noqa: N802
        """Remember it."""
        self.puts.append(request.source)


async def test_what_is_not_configured_of_a_source_stays_as_it_is():
    """Whoever set another limit of deletions keeps it; what is the same is not put again."""
    stub = Stub(messages.Source(source="sis", time_zone="UTC", deletion_limit_milli=7))
    sending = DocumentSending(
        stub=stub,  # type: ignore[arg-type]
        caller=Caller(patience_seconds=0.0, deadline_seconds=1.0, chance=lambda: 0.0),
        source="sis",
        report=DocumentReport(import_id="i", source="sis"),
    )
    delivery = Delivery(sending=sending)
    await delivery.settle_source(time_zone="UTC", learners_org=None)
    assert stub.puts == []
    await delivery.settle_source(time_zone="America/New_York", learners_org="s1")
    (put,) = stub.puts
    assert (put.time_zone, put.learners_org) == ("America/New_York", "s1")
    assert put.deletion_limit_milli == 7
