"""Pulls from an Ed-Fi API: what comes, in which order, and what happens when it does not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.common.backoff import RetryPolicy
from services.evidence.domain.edfi.reading import deleted_keys, read_resource
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.pulling.edfi import (
    ALL_RESOURCES,
    Cursor,
    EdFiPull,
    HistoryLostError,
    Pulled,
)
from services.evidence.entrypoints.pulling.edfi_api import EdFiApi
from services.evidence.entrypoints.pulling.fetching import (
    MAX_BODY_BYTES,
    Exchange,
    Peer,
    PeerUnavailableError,
    PullError,
    open_client,
)
from services.evidence.entrypoints.pulling.tokens import Client, ClientCredentials
from tests.support.clock import FixedClock
from tests.support.edfi import DOCUMENTS, SECTION, SETTINGS
from tests.support.edfi_server import (
    ADDRESS,
    CLIENT_ID,
    CLIENT_SECRET,
    TOKEN_SECONDS,
    EdFiServer,
    Fault,
)

CLIENT = Client(
    token_url=f"{ADDRESS}/oauth/token", client_id=CLIENT_ID, client_secret=CLIENT_SECRET
)
STUDENT = DOCUMENTS["students"]


class Caller:
    """A caller with a clock that goes on when it waits."""

    def __init__(self, server: EdFiServer, *, attempts: int = 3) -> None:
        self.server = server
        self.clock = FixedClock(datetime(2026, 10, 6, tzinfo=UTC))
        self.waits: list[float] = []
        self.attempts = attempts

    async def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        self.waits.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))

    @asynccontextmanager
    async def api(
        self, transport: httpx.AsyncBaseTransport | None = None, most: int = MAX_BODY_BYTES
    ) -> AsyncIterator[EdFiApi]:
        """Give the API as this caller calls it."""
        async with open_client(transport or self.server.transport()) as client:
            exchange = Exchange(
                client=client,
                clock=self.clock,
                sleep=self.sleep,
                chance=lambda: 1.0,
                max_body_bytes=most,
                patience=RetryPolicy(
                    attempts=self.attempts, first_wait_seconds=1.0, longest_wait_seconds=8.0
                ),
            )
            authorisation = ClientCredentials(CLIENT, exchange)
            peer = Peer(base_url=ADDRESS, exchange=exchange, authorisation=authorisation)
            yield EdFiApi(peer=peer)

    async def pull(
        self,
        since: Cursor = Cursor(),  # noqa: B008  (frozen)
        resources: tuple[str, ...] = ("students",),
        page_size: int = 2,
    ) -> list[Pulled]:
        """Return everything that a pull brings."""
        async with self.api() as api:
            pull = EdFiPull(api, resources, page_size)
            return [pulled async for pulled in pull.changes(since)]


def a_student(number: int, **changes: object) -> dict[str, object]:
    """Return a student."""
    return {**STUDENT, "studentUniqueId": str(number), **changes}


def a_server(students: int = 5, **able: bool) -> EdFiServer:
    """Return a server with students."""
    server = EdFiServer(**able)
    for number in range(students):
        server.put("students", a_student(number))
    return server


def ids(pulls: list[Pulled]) -> list[str]:
    """Return the students that came."""
    return [one["studentUniqueId"] for pulled in pulls for one in pulled.documents]


def gone(pulls: list[Pulled]) -> list[str]:
    """Return the students that are gone."""
    return [one["studentUniqueId"] for pulled in pulls for one in pulled.deleted]


async def test_the_first_pull_brings_everything_page_by_page():
    """From the last page to the first, and at the end a cursor."""
    pulls = await Caller(a_server()).pull()
    assert [ids([one]) for one in pulls[:-1]] == [["4"], ["2", "3"], ["0", "1"]]
    assert pulls[-1] == Pulled(resource="", cursor=Cursor(previous=5, newest=5, whole=5))
    assert all(one.cursor is None for one in pulls[:-1])


async def test_every_resource_comes_after_what_it_refers_to():
    """In the order of the table, whatever the caller's was, as it came from the API."""
    server = EdFiServer()
    for resource, document in DOCUMENTS.items():
        server.put(resource, document)
    pulls = await Caller(server).pull(resources=tuple(reversed(DOCUMENTS)))
    assert [one.resource for one in pulls[:-1]] == list(DOCUMENTS)
    for pulled in pulls[:-1]:
        (document,) = pulled.documents
        assert read_resource(pulled.resource, document, SETTINGS) == read_resource(
            pulled.resource, DOCUMENTS[pulled.resource], SETTINGS
        )


async def test_the_next_pull_brings_what_has_changed_and_what_is_gone():
    """Deletions first, a new key as a deletion of the old one."""
    server = a_server()
    caller = Caller(server)
    cursor = (await caller.pull())[-1].cursor
    server.put("students", a_student(1, firstName="Ina"))
    server.delete("students", a_student(2))
    server.change_key("students", a_student(3), a_student(33))
    pulls = await caller.pull(cursor)
    assert gone(pulls) == ["2", "3"]
    # 4 has the number at which the first pull ended: windows meet.
    assert sorted(ids(pulls)) == ["1", "33", "4"]
    assert [bool(one.deleted) for one in pulls] == [True, True, False, False, False]
    assert pulls[-1].cursor == Cursor(previous=5, newest=9, whole=5)


async def test_windows_overlap_by_one_pull():
    """What got its number before it could be seen comes with the pull after the next."""
    server = a_server(1)
    caller = Caller(server)
    first = (await caller.pull())[-1].cursor
    server.put("students", a_student(1))
    second = (await caller.pull(first))[-1].cursor
    server.put("students", a_student(2))
    assert "1" in ids(await caller.pull(second))
    assert second == Cursor(previous=1, newest=2, whole=1)


async def test_what_was_deleted_and_made_anew_stands_in_the_end():
    """Its deletion comes before it."""
    server = a_server(1)
    caller = Caller(server)
    cursor = (await caller.pull())[-1].cursor
    server.delete("students", a_student(0))
    server.put("students", a_student(0, firstName="Anew"))
    pulls = await caller.pull(cursor)
    events = [*gone(pulls[:1]), *[one["firstName"] for one in pulls[1].documents]]
    assert events == ["0", "Anew"]


async def test_nothing_is_missed_that_changes_while_pages_are_read():
    """What leaves the window moves the rest forward; read backwards, that hides nothing."""
    server = a_server(6)

    def change_one(_resource: str) -> None:
        server.after_page = None
        server.put("students", a_student(0, firstName="Meanwhile"))

    server.after_page = change_one
    caller = Caller(server)
    pulls = await caller.pull()
    later = await caller.pull(pulls[-1].cursor)
    assert set(ids(pulls)) | set(ids(later)) == {str(number) for number in range(6)}
    assert {"1", "2", "3", "4", "5"} <= set(ids(pulls))


async def test_the_keys_of_deletions_lead_to_what_was_kept():
    """From the wire to the id, without a look-up."""
    server = EdFiServer()
    server.put("sections", DOCUMENTS["sections"])
    caller = Caller(server)
    cursor = (await caller.pull(resources=("sections",)))[-1].cursor
    server.delete("sections", DOCUMENTS["sections"])
    pulled = (await caller.pull(cursor, resources=("sections",)))[0]
    (values,) = pulled.deleted
    assert values == SECTION
    kept = read_resource("sections", DOCUMENTS["sections"], SETTINGS).objects
    assert deleted_keys("sections", values) == tuple(one.key for one in kept)


async def test_older_hosts_know_fewer_things():
    """No key changes is nothing new; deletions without keys are counted."""
    server = a_server(2, key_changes=False, named_deletes=False)
    caller = Caller(server)
    cursor = (await caller.pull())[-1].cursor
    server.delete("students", a_student(1))
    pulls = await caller.pull(cursor)
    assert sum(one.unnamed_deletes for one in pulls) == 1
    assert gone(pulls) == []


async def test_the_cursor_is_not_there_before_everything_was_taken():
    """Who stops half-way has none, and begins where the last pull ended."""
    async with Caller(a_server()).api() as api:
        changes = EdFiPull(api, ("students",), 2).changes()
        pulled = await anext(changes)
        assert pulled.documents
        assert pulled.cursor is None
        await changes.aclose()


@pytest.mark.parametrize(("oldest", "newest"), [(0, 3), (90, 200)])
async def test_an_api_with_other_data_is_not_followed(oldest: int, newest: int):
    """Restored from a copy or emptied of its history: only everything anew is right."""
    server = a_server(1)
    server.oldest, server.version = oldest, newest
    with pytest.raises(HistoryLostError, match="Pull everything"):
        await Caller(server).pull(Cursor(previous=50, newest=60))


async def test_a_token_is_used_until_shortly_before_its_end():
    """One for a whole pull; another when a minute is left."""
    server = a_server()
    caller = Caller(server)
    async with caller.api() as api:
        await api.change_versions()
        caller.clock.advance(timedelta(seconds=TOKEN_SECONDS - 61))
        await api.change_versions()
        assert server.tokens == 1
        caller.clock.advance(timedelta(seconds=1))
        await api.change_versions()
    assert server.tokens == 2


async def test_a_token_that_ended_early_is_renewed_once():
    """The call goes well after all; a second refusal is one."""
    server = a_server()
    async with Caller(server).api() as api:
        await api.change_versions()
        server.end_tokens()
        await api.change_versions()
        assert server.tokens == 2
        server.faults = [Fault(status=401), Fault(status=401, path="/availableChangeVersions")]
        with pytest.raises(PullError, match="may not read"):
            await api.change_versions()


async def test_a_fault_that_passes_is_waited_out():
    """Longer each time, and as long as the API asks for."""
    server = a_server()
    caller = Caller(server)
    page = "/students"
    server.faults = [
        Fault(status=503, path=page),
        Fault(status=429, headers={"retry-after": "30"}, path=page),
    ]
    assert len(ids(await caller.pull())) == 5
    assert caller.waits == [1.0, 30.0]


async def test_a_wait_can_be_asked_for_until_a_moment():
    """Retry-After may be a date; one that is neither is passed over."""
    server = a_server()
    caller = Caller(server)
    server.faults = [
        Fault(status=503, headers={"retry-after": "Tue, 06 Oct 2026 00:00:20 GMT"}),
        Fault(status=503, headers={"retry-after": "soon"}),
    ]
    await caller.pull()
    assert caller.waits == [20.0, 2.0]


async def test_faults_without_end_end_the_pull():
    """After so many attempts; what the server wrote is not repeated."""
    server = a_server()
    caller = Caller(server)
    server.faults = [Fault(status=500, body=b"Ines Abara") for _ in range(3)]
    with pytest.raises(PeerUnavailableError, match="3 attempts; the last: status 500") as caught:
        await caller.pull()
    assert "Ines" not in str(caught.value)
    assert caller.waits == [1.0, 2.0]


async def test_too_long_a_wait_ends_the_pull():
    """The next pull takes it up."""
    server = a_server()
    server.faults = [Fault(status=429, headers={"retry-after": "86400"})]
    caller = Caller(server)
    with pytest.raises(PeerUnavailableError, match="86400 s"):
        await caller.pull()
    assert caller.waits == []


async def test_a_lost_connection_is_tried_again():
    """As a fault that passes."""
    server = a_server()
    inner = server.transport()
    lost = [httpx.ConnectError("refused"), httpx.ReadTimeout("slow")]

    class Flaky(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if lost:
                raise lost.pop()
            return await inner.handle_async_request(request)

    caller = Caller(server)
    async with caller.api(Flaky()) as api:
        assert (await api.change_versions())["newestChangeVersion"] == 5
    assert len(caller.waits) == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=302, headers={"location": "https://attacker.example/"}), "redirect"),
        (Fault(status=404, path="/availableChangeVersions"), "change queries on"),
        (Fault(status=403, path="/students"), "may not read"),
        (Fault(status=401, path="/token"), "client id"),
        (Fault(status=200, path="/token", body=b"{}"), "no access token"),
        (Fault(status=200, path="/token", body=b"[" * 100_000), "no JSON"),
        (Fault(status=200, path="/availableChangeVersions"), "no object"),
        (
            Fault(
                status=200,
                path="/availableChangeVersions",
                body=b'{"newestChangeVersion":"many"}',
            ),
            "no whole numbers",
        ),
        (Fault(status=200, path="/students"), "how many"),
        (
            Fault(status=200, path="/students", body=b'{"a":NaN}', headers={"total-count": "1"}),
            "no JSON",
        ),
    ],
)
async def test_what_is_no_answer_of_an_ed_fi_api_ends_the_pull(fault: Fault, said: str):
    """With what to do about it, and without going elsewhere."""
    server = a_server()
    server.faults = [fault]
    with pytest.raises(PullError, match=said):
        await Caller(server).pull()
    assert server.faults == []


@pytest.mark.parametrize("page", [b'{"a":1}', b'["a"]', b"[{},{},{}]"])
async def test_a_page_that_is_no_page_ends_the_pull(page: bytes):
    """No list, no objects, or more than was asked for."""
    server = a_server()
    caller = Caller(server)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("token"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 60})
        if request.url.path.endswith("availableChangeVersions"):
            # Hosts before version 6 write a capital.
            return httpx.Response(200, json={"OldestChangeVersion": 0, "NewestChangeVersion": 1})
        return httpx.Response(200, content=page, headers={"total-count": "1"})

    async with caller.api(httpx.MockTransport(answer)) as api:
        with pytest.raises(PullError, match=r"list|more than was asked for"):
            [one async for one in EdFiPull(api, ("students",), 2).changes()]


async def test_an_answer_has_a_bound():
    """Counted as it is unpacked."""
    async with Caller(a_server()).api(most=200) as api:
        with pytest.raises(PullError, match="more than 200 bytes"):
            [one async for one in EdFiPull(api, ("students",)).changes()]


@pytest.mark.parametrize(
    "address",
    [
        "http://ods.example/api",
        "ftp://ods.example",
        "ods.example/api",
        "https://user:word@ods.example",
        "https://",
        "http://127.0.0.1.attacker.example",
        "\x00",
    ],
)
def test_a_secret_travels_over_https_alone(address: str):
    """For the API and for the tokens; plain http reaches this machine alone."""
    with pytest.raises(PullError, match="https"):
        Peer(base_url=address, exchange=Exchange(client=open_client()))
    with pytest.raises(PullError, match="https"):
        Client(token_url=address, client_id="a", client_secret="b")


def test_this_machine_may_be_called_without_tls():
    """For trying it out; the secret does not show."""
    client = Client(token_url="http://127.0.0.1:8080/token", client_id="a", client_secret="b")
    assert "secret" not in repr(client)


async def test_a_resource_that_is_not_read_is_not_pulled():
    """It is said before anything is asked for."""
    async with Caller(a_server()).api() as api:
        with pytest.raises(PullError, match="bellSchedules"):
            EdFiPull(api, ("bellSchedules",))


async def test_what_is_brought_whole_is_what_all_its_resources_are_pulled_for():
    """Without staff, a pull does not bring all users; standards come within assessments too."""
    async with Caller(a_server()).api() as api:
        everything = set(EdFiPull(api).whole_collections)
        without = [name for name in ALL_RESOURCES if name != "staffs"]
        assert everything >= {Collection.USERS, Collection.ROLES, Collection.GRADES}
        assert Collection.CF_ITEMS not in everything
        assert set(EdFiPull(api, without).whole_collections) == everything - {Collection.USERS}
