"""Pulls from OneRoster services as they are: paged well, badly, or while they change."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.pulling import oneroster
from services.evidence.entrypoints.pulling.fetching import (
    Exchange,
    Peer,
    PullError,
    RefusedByPeerError,
    open_client,
)
from services.evidence.entrypoints.pulling.oneroster import OneRosterPull

SINCE = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
BASE = "/ims/oneroster"


def an_org(number: int, **more: Any) -> dict[str, Any]:
    """Return an org."""
    return {"sourcedId": f"o{number:03}", "name": str(number), **more}


class Service:
    """A OneRoster service over lists that tests change; what it does not know is answered 404."""

    def __init__(self, **lists: Sequence[dict[str, Any]]) -> None:
        self.lists = {name: list(objects) for name, objects in lists.items()}
        self.asked: list[httpx.Request] = []
        self.totals = True
        self.links = True
        self.most = 10_000
        self.refuses: set[str] = set()
        """Parameters that are answered 400."""
        self.statuses: dict[str, int] = {}
        self.after_page: Callable[[], None] = lambda: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.asked.append(request)
        name = request.url.path.rpartition("/")[2]
        if name in self.statuses or name not in self.lists:
            return httpx.Response(self.statuses.get(name, 404))
        if self.refuses & set(request.url.params):
            return httpx.Response(400)
        answer = self._page(name, request)
        self.after_page()
        return answer

    def _page(self, name: str, request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        limit = min(int(request.url.params["limit"]), self.most)
        found = self.lists[name]
        headers = {"date": "Thu, 26 Nov 2026 02:30:00 GMT"}
        if self.totals:
            headers["x-total-count"] = str(len(found))
        if self.links:
            end = offset + limit < len(found)
            headers["link"] = f'<https://elsewhere.example/>; rel="{"next" if end else "last"}"'
        body = json.dumps({name: found[offset : offset + limit]}).encode()
        return httpx.Response(200, content=body, headers=headers)

    @property
    def offsets(self) -> list[int]:
        """Return the offsets that were asked for."""
        return [int(one.url.params["offset"]) for one in self.asked]


def a_pull(
    service: Callable[[httpx.Request], httpx.Response],
    *,
    version: Version = Version.V1_2,
    collections: Sequence[Collection] = (Collection.ORGS,),
    page_size: int = 3,
) -> OneRosterPull:
    """Return a pull of orgs, three a page."""
    client = open_client(httpx.MockTransport(service))
    peer = Peer(base_url="https://sis.example.org", exchange=Exchange(client=client))
    return OneRosterPull(peer, version, collections=collections, page_size=page_size)


async def ids(pull: OneRosterPull, since: datetime | None = None) -> list[str]:
    """Return the ids that a pull brings, in their order."""
    return [one["sourcedId"] async for _, page in pull.changes(since) for one in page]  # type: ignore[misc]


def numbered(*numbers: int) -> list[str]:
    """Return the ids of orgs."""
    return [f"o{number:03}" for number in numbers]


@pytest.mark.parametrize("totals", [True, False])
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 6, 7, 9])
async def test_every_object_comes_once_whatever_the_service_says_of_its_pages(
    count: int, links: bool, totals: bool
):
    """With a count, with links, with both or with neither, and with any length of the list."""
    service = Service(orgs=[an_org(number) for number in range(count)])
    service.totals, service.links = totals, links
    pull = a_pull(service)
    assert await ids(pull) == numbered(*range(count))
    assert pull.incomplete == []


async def test_each_page_begins_with_the_last_object_of_the_one_before():
    """In the order of ids; addresses that the answer gives are never asked."""
    service = Service(orgs=[an_org(number) for number in range(7)])
    await ids(a_pull(service))
    assert service.offsets == [0, 2, 4]
    assert {one.url.host for one in service.asked} == {"sis.example.org"}
    assert service.asked[0].url.path == f"{BASE}/rostering/v1p2/orgs"
    assert dict(service.asked[0].url.params) == {
        "limit": "3",
        "offset": "0",
        "sort": "sourcedId",
        "orderBy": "asc",
    }


async def test_a_service_that_gives_fewer_than_asked_for_is_asked_more_often():
    """Its bound is not the end of the list."""
    service = Service(orgs=[an_org(number) for number in range(7)])
    service.most, service.totals, service.links = 2, False, False
    assert await ids(a_pull(service)) == numbered(*range(7))


async def test_changes_are_asked_for_by_their_time():
    """In milliseconds and UTC, as the standard writes it."""
    service = Service(orgs=[])
    await ids(a_pull(service), SINCE)
    asked = service.asked[0].url.params["filter"]
    assert asked == "dateLastModified>='2026-11-26T02:00:00.000Z'"


async def test_a_list_that_loses_an_object_meanwhile_is_read_again():
    """What stood behind it has moved forward, out of sight."""
    service = Service(orgs=[an_org(number) for number in range(9)])

    def lose_one() -> None:
        service.after_page = lambda: None
        del service.lists["orgs"][1]

    service.after_page = lose_one
    found = await ids(a_pull(service))
    assert set(found) == set(numbered(*range(9)))
    assert service.offsets == [0, 2, 0, 2, 4, 6]


async def test_a_list_that_gains_an_object_meanwhile_is_not():
    """Nothing goes out of sight by that."""
    service = Service(orgs=[an_org(number) for number in range(1, 8)])

    def gain_one() -> None:
        service.after_page = lambda: None
        service.lists["orgs"].insert(0, an_org(0))

    service.after_page = gain_one
    assert await ids(a_pull(service)) == numbered(*range(1, 8))
    assert service.offsets == [0, 2, 4, 6]


async def test_a_list_that_never_stands_still_ends_the_pull():
    """Not for ever: after a few readings."""
    service = Service(orgs=[an_org(number) for number in range(1_000)])

    def turn() -> None:
        service.lists["orgs"].reverse()

    service.after_page = turn
    with pytest.raises(PullError, match="changes its order"):
        await ids(a_pull(service))
    assert len(service.asked) == 2 * oneroster.MAX_READINGS


async def test_a_service_that_knows_no_offset_ends_the_pull():
    """It gives the same page for ever, and what stands behind it never."""
    page = httpx.Response(200, json={"orgs": [an_org(1), an_org(2)]})
    with pytest.raises(PullError, match="whatever the offset"):
        await ids(a_pull(lambda _request: page))


async def test_a_list_has_a_bound(monkeypatch: pytest.MonkeyPatch):
    """Of a service that goes on and on."""
    monkeypatch.setattr(oneroster, "MAX_OBJECTS", 50)

    def endless(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        return httpx.Response(
            200, json={"orgs": [an_org(number) for number in range(offset, offset + 3)]}
        )

    with pytest.raises(PullError, match="more than 50 objects"):
        await ids(a_pull(endless))


async def test_a_service_that_says_more_than_it_gives_is_incomplete():
    """Whoever deletes what does not come has to know."""
    service = Service(orgs=[an_org(number) for number in range(4)])
    service.links = False

    def lie(request: httpx.Request) -> httpx.Response:
        answer = service(request)
        answer.headers["x-total-count"] = "9"
        return answer

    pull = a_pull(lie)
    assert await ids(pull) == numbered(*range(4))
    assert pull.incomplete == [Collection.ORGS]


@pytest.mark.parametrize(
    ("refuses", "left"),
    [({"sort"}, {"filter"}), ({"filter"}, set()), ({"sort", "filter"}, set())],
)
async def test_a_service_that_can_do_less_is_asked_for_less(refuses: set[str], left: set[str]):
    """Without an order, and at last for everything; once for a list and not for each page."""
    service = Service(orgs=[an_org(number) for number in range(5)])
    service.refuses = refuses
    assert await ids(a_pull(service), SINCE) == numbered(*range(5))
    assert set(service.asked[-1].url.params) == {"limit", "offset"} | left
    assert len(service.asked) == 2 + (1 if left else 2)


async def test_what_refuses_everything_ends_the_pull():
    """Then the request is not what is wrong."""
    service = Service(orgs=[])
    service.refuses = {"limit"}
    with pytest.raises(RefusedByPeerError, match="400"):
        await ids(a_pull(service))


async def test_collections_come_in_the_order_in_which_they_refer_to_each_other():
    """Whatever the caller's order; each from its own service; never demographics."""
    every = {one.value: [] for one in oneroster.IN_ORDER}
    service = Service(**every, demographics=[an_org(1)])
    await ids(a_pull(service, collections=tuple(reversed(oneroster.IN_ORDER))))
    paths = [one.url.path.removeprefix(BASE) for one in service.asked]
    assert [one.rpartition("/")[2] for one in paths] == [one.value for one in oneroster.IN_ORDER]
    assert paths[0] == "/rostering/v1p2/orgs"
    assert paths[-1] == "/gradebook/v1p2/assessmentResults"


async def test_1_1_has_one_service_and_fewer_collections():
    """What it has no word for is not asked for."""
    service = Service(**{one.value: [] for one in oneroster.IN_ORDER})
    await ids(a_pull(service, version=Version.V1_1, collections=()))
    paths = [one.url.path for one in service.asked]
    assert paths[0] == f"{BASE}/v1p1/orgs"
    assert not any(one.endswith(("scoreScales", "assessmentResults")) for one in paths)
    with pytest.raises(PullError, match="scoreScales"):
        a_pull(service, version=Version.V1_1, collections=(Collection.SCORE_SCALES,))
    with pytest.raises(PullError, match="demographics"):
        a_pull(service, collections=(Collection.DEMOGRAPHICS,))


async def test_a_gradebook_that_is_not_there_is_passed_over():
    """Unless somebody asked for it by name; a roster is always there."""
    rostering = {one.value: [] for one in oneroster.IN_ORDER[:6]}
    service = Service(**rostering)
    pull = a_pull(service, collections=())
    whole = await pull.whole_collections()
    assert Collection.ENROLLMENTS in whole
    assert Collection.ROLES in whole
    assert Collection.RESULTS not in whole
    assert pull.skipped == list(oneroster.IN_ORDER[6:])
    assert await ids(pull) == []
    with pytest.raises(RefusedByPeerError):
        await ids(a_pull(service, collections=(Collection.RESULTS,)))
    del service.lists["users"]
    with pytest.raises(RefusedByPeerError):
        await ids(a_pull(service, collections=()))


async def test_a_gradebook_that_may_not_be_read_ends_the_pull():
    """A right that was taken away must not look like an empty gradebook."""
    service = Service(**{one.value: [] for one in oneroster.IN_ORDER})
    service.statuses["results"] = 403
    with pytest.raises(RefusedByPeerError, match="leave it out"):
        await ids(a_pull(service, collections=()))


async def test_passwords_are_not_handed_on():
    """Neither the user's own nor those of profiles and their credentials."""
    credential = {"type": "login", "username": "u"}
    user = {
        "sourcedId": "u1",
        "password": "p",
        "userProfiles": [
            {"profileId": "x", "password": "q", "credentials": [{**credential, "password": "r"}]}
        ],
    }
    pull = a_pull(Service(users=[user]), collections=(Collection.USERS,))
    (found,) = [one async for _, page in pull.changes() for one in page]
    assert found == {
        "sourcedId": "u1",
        "userProfiles": [{"profileId": "x", "credentials": [credential]}],
    }


async def test_the_services_own_clock_is_known():
    """Its times of change are by that one."""
    pull = a_pull(Service(orgs=[]))
    await ids(pull)
    assert pull.served_time == datetime(2026, 11, 26, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"{}", b"[1]", b'{"orgs":{}}', b'{"a":[],"b":[]}', b"<html>"])
async def test_what_is_no_list_ends_the_pull(body: bytes):
    """It is another service, or none."""
    with pytest.raises(PullError, match=r"OneRoster|right address"):
        await ids(a_pull(lambda _request: httpx.Response(200, content=body)))


@pytest.mark.parametrize("body", [b'[{"sourcedId":"a"}]', b'{"Orgs":[{"sourcedId":"a"}]}'])
async def test_an_envelope_may_have_another_name(body: bytes):
    """Where it is clear what is meant."""
    assert await ids(a_pull(lambda _request: httpx.Response(200, content=body))) == ["a"]
