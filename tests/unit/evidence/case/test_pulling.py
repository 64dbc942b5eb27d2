"""Pulling frameworks from a publisher: only what changed, within bounds, and never to elsewhere."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from services.common.backoff import RetryPolicy
from services.evidence.adapters.exact_json import encode_json
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.pulling import case as pulling
from services.evidence.entrypoints.pulling.case import (
    KnownFramework,
    PulledFramework,
    list_frameworks,
    pull_frameworks,
)
from services.evidence.entrypoints.pulling.fetching import (
    Anonymous,
    AnswerTooLargeError,
    Exchange,
    Peer,
    PeerUnavailableError,
    PullError,
    RefusedByPeerError,
    open_client,
)
from tests.support.case import (
    CHANGED,
    DOCUMENT,
    PUBLISHER,
    a_document,
    a_framework_package,
    a_link,
    a_package,
    an_association,
    an_id,
    an_item,
)

OTHER = an_id(0xD0D)
PATIENCE = RetryPolicy(attempts=3, first_wait_seconds=1.0, longest_wait_seconds=8.0)

Reply = Callable[[httpx.Request], httpx.Response]


class Publisher:
    """A CASE service in memory: answers by path, and remembers what it was asked."""

    def __init__(self, replies: Mapping[str, Any]) -> None:
        """Take what is answered: a value as JSON, or a function of the request."""
        self.replies = dict(replies)
        self.asked: list[str] = []
        self.headers: list[httpx.Headers] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        path = request.url.path.removeprefix("/ims/case/v1p1/")
        self.asked.append(path)
        self.headers.append(request.headers)
        reply = self.replies.get(path)
        if callable(reply):
            return reply(request)
        if reply is None:
            return httpx.Response(404)
        return answered(reply)


def answered(value: Any, **headers: str) -> httpx.Response:
    """Return an answer in JSON; underscores in names of headers stand for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.Response(200, content=encode_json(value), headers=named)


class Waits:
    """Remembers for how long one would have waited."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Wait no time at all."""
        self.seconds.append(seconds)


def peer_of(publisher: Reply, **changes: Any) -> Peer:
    """Return the service as it is pulled from."""
    settings: dict[str, Any] = {"patience": PATIENCE, "sleep": Waits(), "chance": lambda: 1.0}
    base_url = changes.pop("base_url", PUBLISHER)
    authorisation = changes.pop("authorisation", Anonymous())
    client = open_client(httpx.MockTransport(publisher))
    exchange = Exchange(client=client, **(settings | changes))
    return Peer(base_url=base_url, exchange=exchange, authorisation=authorisation)


async def pulled(
    publisher: Reply, known: Mapping[str, KnownFramework] | None = None, **named: Any
) -> list[PulledFramework]:
    """Return what a pull gives."""
    return [one async for one in pull_frameworks(peer_of(publisher), known or {}, **named)]


def with_package(**more: Any) -> Publisher:
    """Return a publisher of the small framework."""
    listed = answered({"CFDocuments": [a_document()]}, x_total_count="1")
    return Publisher(
        {
            "CFDocuments": lambda _request: listed,
            f"CFPackages/{DOCUMENT}": a_framework_package(),
            **more,
        }
    )


async def test_a_new_framework_comes_as_the_documents_of_its_package() -> None:
    """With what the next pull has to know."""
    package = answered(a_framework_package(), etag='"v1"')
    publisher = with_package(**{f"CFPackages/{DOCUMENT}": lambda _request: package})
    (found,) = await pulled(publisher)
    assert [collection for collection, _ in found.documents][:2] == [
        Collection.CF_DOCUMENTS,
        Collection.CF_ITEM_TYPES,
    ]
    assert found.known == KnownFramework(
        changed=CHANGED, etag='"v1"', items=(an_id(1), an_id(2), an_id(3))
    )
    assert found.whole


async def test_a_framework_that_has_not_changed_is_not_fetched() -> None:
    """By its time of change, where the publisher gives no ETag."""
    publisher = with_package()
    assert await pulled(publisher, {DOCUMENT: KnownFramework(changed=CHANGED)}) == []
    assert publisher.asked == ["CFDocuments"]
    changed = {DOCUMENT: KnownFramework(changed="2020-01-01T00:00:00Z")}
    assert len(await pulled(publisher, changed)) == 1


async def test_an_etag_is_asked_with_and_believed() -> None:
    """Also where the time is the same: some publishers change items and not the framework."""

    def reply(request: httpx.Request) -> httpx.Response:
        assert request.headers["if-none-match"] == '"v1"'
        return httpx.Response(304, headers={"etag": '"v1"'})

    publisher = with_package(**{f"CFPackages/{DOCUMENT}": reply})
    known = KnownFramework(changed=CHANGED, etag='"v1"')
    assert await pulled(publisher, {DOCUMENT: known}) == []
    assert publisher.asked == ["CFDocuments", f"CFPackages/{DOCUMENT}"]


async def test_only_the_frameworks_that_are_wanted_are_fetched() -> None:
    """A network lists hundreds."""
    publisher = with_package(CFDocuments={"CFDocuments": [a_document(identifier=OTHER)]})
    assert await pulled(publisher, only={DOCUMENT}) == []
    assert set(publisher.asked) == {"CFDocuments"}


async def test_the_list_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the whole number where the publisher says it, else until nothing more comes.

    A publisher may give fewer than it is asked for: what it did not give is not gone.
    """
    monkeypatch.setattr(pulling, "PAGE_SIZE", 2)
    listed = [a_document(identifier=an_id(number)) for number in range(1, 6)]

    def page(request: httpx.Request, most: int) -> list[Any]:
        begin = int(request.url.params["offset"])
        return listed[begin : begin + min(int(request.url.params["limit"]), most)]

    for headers, most, calls in (
        ({"x_total_count": "5"}, 2, 3),
        ({}, 2, 4),
        ({"x_total_count": "5"}, 1, 5),
        ({}, 1, 6),
    ):
        publisher = Publisher(
            {
                "CFDocuments": lambda one, h=headers, m=most: answered(
                    {"CFDocuments": page(one, m)}, **h
                )
            }
        )
        assert len(await list_frameworks(peer_of(publisher))) == 5
        assert len(publisher.asked) == calls


async def test_a_list_that_is_too_long_ends_the_pull(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left out of it would be taken as gone."""
    monkeypatch.setattr(pulling, "MAX_FRAMEWORKS", 2)
    listed = [a_document(identifier=an_id(number)) for number in range(1, 4)]
    with pytest.raises(PullError, match="more than 2 frameworks"):
        await list_frameworks(peer_of(Publisher({"CFDocuments": {"CFDocuments": listed}})))


async def test_a_publisher_that_knows_no_pages_is_asked_twice() -> None:
    """It gives the same list again, in which nothing is new."""
    listed = [a_document(identifier=an_id(number)) for number in range(1, 151)]
    publisher = Publisher({"CFDocuments": {"CFDocuments": listed}})
    assert len(await list_frameworks(peer_of(publisher))) == 150
    assert len(publisher.asked) == 2


async def test_where_a_package_is_refused_its_items_are_gathered_one_by_one() -> None:
    """From what is known to what associations lead to, within the framework."""
    home, away = a_link(DOCUMENT), a_link(OTHER, "CFDocuments")
    items = {number: an_item(number, CFDocumentURI=home) for number in (1, 2, 3)}
    items[4] = an_item(4, CFDocumentURI=away)
    first = an_association(10, 1, "precedes", 2)
    second = an_association(11, 2, "exactMatchOf", 4)
    third = an_association(12, 4, "precedes", 3)

    def with_item(number: int, *around: Any) -> dict[str, Any]:
        return {"CFItem": items[number], "CFAssociations": list(around)}

    publisher = Publisher(
        {
            "CFDocuments": {"CFDocuments": [a_document()]},
            f"CFPackages/{DOCUMENT}": lambda _request: httpx.Response(403),
            f"CFItemAssociations/{an_id(1)}": with_item(1, first),
            f"CFItemAssociations/{an_id(2)}": with_item(2, first, second),
            f"CFItemAssociations/{an_id(4)}": with_item(4, second, third),
            f"CFItemAssociations/{an_id(3)}": with_item(3, third),
        }
    )
    (found,) = await pulled(publisher, {DOCUMENT: KnownFramework(items=(an_id(1),))})
    ids = [document["identifier"] for _, document in found.documents]
    assert ids == [DOCUMENT, an_id(1), an_id(2), an_id(10), an_id(11)]
    assert not found.whole
    assert found.known.items == (an_id(1), an_id(2))


async def test_a_framework_without_package_and_known_items_is_left_and_others_come() -> None:
    """One publisher's mistake keeps nothing else out."""
    other = a_package(CFDocument=a_document(identifier=OTHER))
    publisher = with_package(
        **{
            "CFDocuments": {"CFDocuments": [a_document(), a_document(identifier=OTHER)]},
            f"CFPackages/{DOCUMENT}": None,
            f"CFPackages/{OTHER}": other,
        }
    )
    assert [one.document_id for one in await pulled(publisher)] == [OTHER]


async def test_a_package_that_is_none_is_left_too() -> None:
    """Whatever the publisher answers instead."""
    publisher = with_package(
        **{f"CFPackages/{DOCUMENT}": lambda _request: httpx.Response(200, content=b"<html>")}
    )
    assert await pulled(publisher) == []


async def test_a_list_that_is_none_ends_the_pull() -> None:
    """There is nothing to go on with."""
    for content in (b"<html>", b"[]"):
        reply = httpx.Response(200, content=content)
        with pytest.raises(PullError):
            await pulled(Publisher({"CFDocuments": lambda _request, r=reply: r}))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    """It would take the credential to an address that nobody configured."""
    asked = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.host))
        return httpx.Response(status, headers={"location": "https://evil.example.org/"})

    with pytest.raises(PullError, match="redirect"):
        await peer_of(reply).get("CFDocuments")
    assert asked == ["publisher.example.org"]


@pytest.mark.parametrize(
    "address",
    [
        "http://publisher.example.org/ims/case/v1p1",
        "http://127.evil.example.org/",
        "ftp://publisher.example.org/",
        "publisher.example.org",
        "https://",
    ],
)
def test_an_address_in_the_open_is_refused(address: str) -> None:
    """Credentials travel by TLS, or stay on this machine."""
    with pytest.raises(PullError, match="https"):
        peer_of(Publisher({}), base_url=address)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080/x", "http://[::1]:8080/x", "http://localhost/x"]
)
def test_an_address_of_this_machine_may_be_plain(address: str) -> None:
    """For trying out."""
    assert peer_of(Publisher({}), base_url=address).base_url == address


async def test_a_body_beyond_the_bound_is_broken_off() -> None:
    """Whatever its headers say of its length."""
    read = 0

    async def endless() -> Any:
        nonlocal read
        while True:
            read += 100
            yield b"x" * 100

    def reply(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=endless())

    with pytest.raises(AnswerTooLargeError):
        await peer_of(reply, max_body_bytes=1_000).get("CFDocuments")
    assert read == 1_100


async def test_what_passes_by_itself_is_tried_again_after_longer_and_longer_waits() -> None:
    """As long as the publisher asks for, within a bound; a broken connection passes as well."""
    waits = Waits()
    replies = iter(
        [
            httpx.Response(429, headers={"retry-after": "20"}),
            httpx.ConnectError("refused"),
            httpx.Response(503, headers={"retry-after": "never"}),
            httpx.Response(500),
            answered({}),
        ]
    )

    def reply(_request: httpx.Request) -> httpx.Response:
        found = next(replies)
        if isinstance(found, Exception):
            raise found
        return found

    patience = RetryPolicy(attempts=5, first_wait_seconds=1.0, longest_wait_seconds=8.0)
    answer = await peer_of(reply, sleep=waits, patience=patience).get("CFDocuments")
    assert answer.body == b"{}"
    assert waits.seconds == [20.0, 2.0, 4.0, 8.0]


async def test_when_the_patience_is_spent_the_pull_ends() -> None:
    """A publisher that is down is not asked for each of its frameworks."""
    publisher = with_package(**{f"CFPackages/{DOCUMENT}": lambda _request: httpx.Response(502)})
    with pytest.raises(PeerUnavailableError, match="in 3 attempts; the last: status 502"):
        await pulled(publisher)
    assert publisher.asked == ["CFDocuments", *[f"CFPackages/{DOCUMENT}"] * 3]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 501])
async def test_what_does_not_pass_by_itself_is_not_tried_again(status: int) -> None:
    """Asking again changes nothing."""
    publisher = Publisher({"CFDocuments": lambda _request: httpx.Response(status)})
    with pytest.raises(RefusedByPeerError):
        await peer_of(publisher).get("CFDocuments")
    assert len(publisher.asked) == 1


async def test_each_request_carries_the_credential_of_its_moment() -> None:
    """Tokens run out while a pull goes on."""

    class Turning(Anonymous):
        """Another one each time."""

        def __init__(self) -> None:
            self.tokens = iter(["one", "two"])

        async def header(self) -> str:
            return f"Bearer {next(self.tokens)}"

    publisher = with_package()
    peer = peer_of(publisher, authorisation=Turning())
    async for _ in pull_frameworks(peer, {}):
        pass
    assert [one["authorization"] for one in publisher.headers] == ["Bearer one", "Bearer two"]
