"""A strict client of OneRoster 1.2 reads everything, and everything that it must not is refused."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.common.postgres.faults import PoolTimeoutError
from services.evidence.domain.oneroster.listings import Listing
from services.evidence.domain.stored_object import StoredObject
from services.evidence.ports.source_objects import ObjectPage
from tests.support.oneroster_client import (
    GRADEBOOK,
    RESOURCES,
    ROSTERING,
    SCOPE,
    OneRosterClient,
    check_status_info,
    links_of,
)
from tests.support.oneroster_provider import Provider, provider
from tests.support.source_objects import a_class, a_district, a_line_item, a_user

READ = [
    (f"{ROSTERING}/academicSessions", "p1 t1 t2 y1"),
    (f"{ROSTERING}/classes", "c1 c2 c3"),
    (f"{ROSTERING}/classes/c1/students", "u1 u2"),
    (f"{ROSTERING}/classes/c1/teachers", "u4"),
    (f"{ROSTERING}/courses", "k1 k2"),
    (f"{ROSTERING}/courses/k1/classes", "c1 c2"),
    (f"{ROSTERING}/demographics", "u1"),
    (f"{ROSTERING}/enrollments", "e1 e2 e3 e4 e5 e6"),
    (f"{ROSTERING}/gradingPeriods", "p1"),
    (f"{ROSTERING}/orgs", "d1 s1 s2"),
    (f"{ROSTERING}/schools", "s1 s2"),
    (f"{ROSTERING}/schools/s1/classes", "c1 c2"),
    (f"{ROSTERING}/schools/s1/classes/c1/enrollments", "e1 e2 e3 e6"),
    (f"{ROSTERING}/schools/s1/classes/c1/students", "u1 u2"),
    (f"{ROSTERING}/schools/s1/classes/c1/teachers", "u4"),
    (f"{ROSTERING}/schools/s1/courses", "k1 k2"),
    (f"{ROSTERING}/schools/s1/enrollments", "e1 e2 e3 e4 e5 e6"),
    (f"{ROSTERING}/schools/s1/students", "u1 u2 u5 u6"),
    (f"{ROSTERING}/schools/s1/teachers", "u4"),
    (f"{ROSTERING}/schools/s1/terms", "t1 t2"),
    (f"{ROSTERING}/students", "u1 u2 u3 u5 u6"),
    (f"{ROSTERING}/students/u1/classes", "c1 c2"),
    (f"{ROSTERING}/teachers", "u4"),
    (f"{ROSTERING}/teachers/u4/classes", "c1"),
    (f"{ROSTERING}/terms", "t1 t2"),
    (f"{ROSTERING}/terms/t1/classes", "c1 c2"),
    (f"{ROSTERING}/terms/t1/gradingPeriods", "p1"),
    (f"{ROSTERING}/users", "u1 u2 u3 u4 u5 u6"),
    (f"{ROSTERING}/users/u1/classes", "c1 c2"),
    (f"{GRADEBOOK}/categories", "g1 g2"),
    (f"{GRADEBOOK}/lineItems", "l1 l2"),
    (f"{GRADEBOOK}/results", "r1 r2 r3"),
    (f"{GRADEBOOK}/scoreScales", "n1"),
    (f"{GRADEBOOK}/assessmentLineItems", "al1"),
    (f"{GRADEBOOK}/assessmentResults", "ar1"),
    (f"{GRADEBOOK}/classes/c1/categories", "g1"),
    (f"{GRADEBOOK}/classes/c1/lineItems", "l1"),
    (f"{GRADEBOOK}/classes/c1/results", "r1 r2"),
    (f"{GRADEBOOK}/classes/c1/scoreScales", "n1"),
    (f"{GRADEBOOK}/classes/c1/lineItems/l1/results", "r1 r2"),
    (f"{GRADEBOOK}/classes/c1/students/u1/results", "r1"),
    (f"{RESOURCES}/resources", "x1 x2"),
    (f"{RESOURCES}/classes/c1/resources", "x1"),
    (f"{RESOURCES}/courses/k1/resources", "x2"),
    (f"{RESOURCES}/users/u1/resources", "x2"),
]
"""Every path that gives out many, and the ids behind it."""

NESTED = [path for path, _ in READ if path.count("/") > 5]


@pytest.fixture
async def served() -> AsyncIterator[Provider]:
    """Serve a small district."""
    async with provider() as made:
        await made.kept.keep(a_district())
        yield made


@pytest.fixture
async def client(served: Provider) -> OneRosterClient:
    """Connect the strict client with every scope."""
    return await OneRosterClient.connect(served.http, "lms", "secret")


def ids_of(objects: list[dict[str, Any]]) -> str:
    """Return ids with spaces between."""
    return " ".join(one["sourcedId"] for one in objects)


@pytest.mark.parametrize(("path", "expected"), READ)
async def test_every_path_gives_out_its_objects_page_by_page(
    client: OneRosterClient, path: str, expected: str
) -> None:
    """Each in its envelope, with the fields and types of the specification."""
    assert ids_of(await client.every(path)) == expected
    assert ids_of(await client.every(path, limit="1")) == expected
    assert ids_of(await client.every(path, limit="2", sort="sourcedId", orderBy="desc")) == (
        " ".join(reversed(expected.split()))
    )


@pytest.mark.parametrize(
    ("path", "expected"), [(path, ids) for path, ids in READ if path not in NESTED]
)
async def test_every_object_is_given_out_by_its_id(
    client: OneRosterClient, path: str, expected: str
) -> None:
    """The same as it stands in the page; an id that is not there is 404."""
    listed = {one["sourcedId"]: one for one in await client.every(path)}
    for object_id in expected.split():
        assert await client.one(f"{path}/{object_id}") == listed[object_id]
    assert await client.refused("GET", f"{path}/nobody") == (404, "unknownobject")


async def test_links_lead_to_objects(client: OneRosterClient) -> None:
    """Each href of an object is a path at which the object that it names is found."""
    (result, *_) = await client.every(f"{GRADEBOOK}/results")
    for name in ("lineItem", "student"):
        found = await client.send("GET", result[name]["href"])
        assert found.status_code == 200, result[name]
        (body,) = found.json().values()
        assert body["sourcedId"] == result[name]["sourcedId"]


async def test_what_stands_within_an_object_comes_with_it(client: OneRosterClient) -> None:
    """Objectives and scales that came as rows of their own are part of their object again."""
    item = await client.one(f"{GRADEBOOK}/lineItems/l1")
    assert item["learningObjectiveSet"] == [
        {"source": "case", "learningObjectiveIds": ["6a1c9c5e-0c1f-4a2e-8f0e-6a1b2c3d4e5f"]}
    ]
    assert item["scoreScale"]["sourcedId"] == "n1"
    result = await client.one(f"{GRADEBOOK}/results/r1")
    assert result["score"] == 8.5
    assert result["learningObjectiveSet"][0]["learningObjectiveResults"][0]["score"] == 3


async def test_what_is_deleted_says_so(client: OneRosterClient) -> None:
    """A reader who asks for changes has to learn of deletions."""
    assert (await client.one(f"{ROSTERING}/students/u6"))["status"] == "tobedeleted"
    gone = await client.every(f"{ROSTERING}/enrollments", filter="status='tobedeleted'")
    assert ids_of(gone) == "e6"


async def test_only_the_fields_that_are_asked_for_come(client: OneRosterClient) -> None:
    """In a page and by id; "fields" alone decides, also about what is required."""
    users = await client.every(f"{ROSTERING}/users", fields="familyName,sourcedId")
    assert users[0] == {"familyName": "u1", "sourcedId": "u1"}
    assert await client.one(f"{ROSTERING}/users/u1", fields="email") == {"email": "u1@henry.test"}
    assert await client.one(f"{ROSTERING}/users/u2", fields="email") == {}


async def test_an_unknown_field_to_sort_by_or_to_select_is_passed_over_with_a_warning(
    client: OneRosterClient,
) -> None:
    """As the standard says: everything comes, in the usual order."""
    found, answer = await client.page(f"{ROSTERING}/orgs", sort="nothing", orderBy="asc")
    assert ids_of(found) == "d1 s1 s2"
    assert "invalid_sort_field" in answer.headers["warning"]
    answer = await client.send("GET", f"{ROSTERING}/orgs", params={"fields": "name,nothing"})
    assert "invalid_selection_field" in answer.headers["warning"]
    assert "identifier" in answer.json()["orgs"][0]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("filter=nothing='x'", "invalid_filter_field"),
        ("filter=password='x'", "invalid_filter_field"),
        ("filter=familyName", "invaliddata"),
        ("filter=familyName='a' AND familyName='b' AND familyName='c'", "invaliddata"),
        ("filter=familyName='%00'", "invaliddata"),
        ("filter=dateLastModified>'yesterday'", "invaliddata"),
        ("filter=a='1'&filter=b='2'", "invaliddata"),
        ("fields=", "invalid_selection_field"),
        ("fields=email,,sms", "invalid_selection_field"),
        ("limit=0", "invaliddata"),
        ("limit=10001", "invaliddata"),
        ("limit=ten", "invaliddata"),
        ("offset=-1", "invaliddata"),
        ("orderBy=up", "invaliddata"),
    ],
)
async def test_a_query_that_cannot_be_answered_is_refused_in_the_words_of_the_standard(
    client: OneRosterClient, query: str, code: str
) -> None:
    """400 with a code, whether the objects are many or one."""
    assert await client.refused("GET", f"{ROSTERING}/users?{query}") == (400, code)
    assert await client.refused("GET", f"{ROSTERING}/users/u1?{query}") == (400, code)


async def test_links_keep_the_query_and_lead_to_all_ends(client: OneRosterClient) -> None:
    """First, last, next and previous, each with what was asked."""
    _, answer = await client.page(
        f"{ROSTERING}/users", filter="familyName>='u1'", limit="2", offset="2"
    )
    links = links_of(answer)
    assert set(links) == {"first", "last", "next", "prev"}
    assert httpx.URL(links["last"]).params["offset"] == "4"
    assert httpx.URL(links["prev"]).params["offset"] == "0"
    assert {httpx.URL(link).params["filter"] for link in links.values()} == {"familyName>='u1'"}
    _, whole = await client.page(f"{ROSTERING}/users")
    assert set(links_of(whole)) == {"first", "last"}


@pytest.mark.parametrize("path", NESTED)
async def test_a_path_through_what_is_not_there_is_404(client: OneRosterClient, path: str) -> None:
    """Each object on the way is looked for, the class in its school too."""
    words = path.split("/")
    for at in range(6, len(words), 2):
        missing = "/".join([*words[:at], "nobody", *words[at + 1 :]])
        assert await client.refused("GET", missing) == (404, "unknownobject")
    assert await client.refused("GET", f"{ROSTERING}/schools/s2/classes/c1/students") == (
        404,
        "unknownobject",
    )


@pytest.mark.parametrize("token", [None, "", "Bearer nobody", "Basic abc", "Bearer a.b.c"])
async def test_who_has_no_known_token_gets_401(served: Provider, token: str | None) -> None:
    """On every path alike, known or not, in the standard's form."""
    headers = {} if token is None else {"Authorization": token}
    for path in (f"{ROSTERING}/users", f"{GRADEBOOK}/lineItems/l1", f"{ROSTERING}/nothing"):
        answer = await served.http.get(path, headers=headers)
        assert check_status_info(answer) == (401, "unauthorisedrequest")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("scope", "opened"),
    [
        ("roster-core.readonly", rf"{ROSTERING}/(?!demographics)\w+"),
        ("roster.readonly", rf"{ROSTERING}/(?!demographics).+"),
        ("roster-demographics.readonly", rf"{ROSTERING}/demographics"),
        ("gradebook-core.readonly", rf"{GRADEBOOK}/(?!assessment)\w+"),
        ("gradebook.readonly", rf"{GRADEBOOK}/(?!assessment).+"),
        ("assessment.readonly", rf"{GRADEBOOK}/assessment\w+"),
        ("resource-core.readonly", rf"{RESOURCES}/\w+"),
        ("resource.readonly", rf"{RESOURCES}/.+"),
        ("gradebook.createput", "nothing"),
    ],
)
async def test_a_scope_opens_exactly_its_paths(served: Provider, scope: str, opened: str) -> None:
    """Collections to the core scope, what is nested to the full one, demographics to its own."""
    client = await OneRosterClient.connect(served.http, "lms", "secret", scope)
    for path, _ in READ:
        answer = await client.send("GET", path)
        if re.fullmatch(opened, path):
            assert answer.status_code == 200, path
        else:
            assert check_status_info(answer) == (403, "forbidden"), path
            assert "insufficient_scope" in answer.headers["www-authenticate"]


async def test_who_may_do_everything_may_not_see_demographics_unless_told_so(
    served: Provider,
) -> None:
    """They have to be granted by name."""
    client = OneRosterClient(http=served.http, token="everything")
    assert ids_of(await client.every(f"{ROSTERING}/orgs")) == "d1 s1 s2"
    refused = await client.refused("GET", f"{ROSTERING}/demographics/u1")
    assert refused == (403, "forbidden")


async def test_static_tokens_of_the_district_work_too(served: Provider) -> None:
    """And one that acts for no district is refused."""
    client = OneRosterClient(http=served.http, token="static")
    assert ids_of(await client.every(f"{ROSTERING}/orgs")) == "d1 s1 s2"
    service = OneRosterClient(http=served.http, token="service")
    assert await service.refused("GET", f"{ROSTERING}/orgs") == (403, "forbidden")


async def test_a_district_sees_nothing_of_another(served: Provider) -> None:
    """The district is the client's; nothing in a request can name one."""
    await served.kept.keep(a_user("u9", ("student", "s1")), district="clayton")
    other = await OneRosterClient.connect(served.http, "clayton", "secret")
    assert ids_of(await other.every(f"{ROSTERING}/users")) == "u9"
    assert await other.refused("GET", f"{ROSTERING}/users/u1") == (404, "unknownobject")
    assert await other.refused("GET", f"{ROSTERING}/schools/s1/classes") == (404, "unknownobject")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/ims/oneroster/rostering/v1p2/nothing", (404, "unknownobject")),
        ("GET", "/ims/oneroster/rostering/v1p3/users", (404, "unknownobject")),
        ("POST", f"{ROSTERING}/users", (405, "unsupported")),
        ("DELETE", f"{ROSTERING}/users/u1", (405, "unsupported")),
        ("PATCH", f"{GRADEBOOK}/lineItems/l1", (405, "unsupported")),
    ],
)
async def test_a_path_or_method_that_is_not_there_says_so(
    client: OneRosterClient, method: str, path: str, expected: tuple[int, str]
) -> None:
    """In the standard's form as well."""
    assert await client.refused(method, path) == expected


async def test_a_method_that_is_not_there_is_told_which_are(client: OneRosterClient) -> None:
    """All of them, though each has a route of its own."""
    for path, methods in (
        (f"{GRADEBOOK}/results/r1", "DELETE, GET, HEAD, PUT"),
        (f"{ROSTERING}/users", "GET, HEAD"),
    ):
        answer = await client.send("POST", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)


async def test_an_id_may_hold_slashes_and_signs(served: Provider, client: OneRosterClient) -> None:
    """OneRoster allows them; the address quotes them."""
    await served.kept.keep(a_user("a/b@c.d", ("student", "s1")))
    quoted = "a%2Fb%40c.d"
    assert (await client.one(f"{ROSTERING}/users/{quoted}"))["sourcedId"] == "a/b@c.d"
    assert await client.every(f"{ROSTERING}/students/{quoted}/classes") == []


async def test_links_lead_on_from_an_id_that_an_address_has_to_quote(
    served: Provider, client: OneRosterClient
) -> None:
    """Also a question mark, which lenient reading takes in an id."""
    class_ = a_class("c?#%", "t1")
    items = [a_line_item(f"q{number}", "c?#%") for number in range(3)]
    await served.kept.keep([class_, *items])
    found = await client.every(f"{GRADEBOOK}/classes/c%3F%23%25/lineItems", limit="1")
    assert [one["sourcedId"] for one in found] == ["q0", "q1", "q2"]


class UnaskedReader:
    """A reader that nobody should ask, as its store would fail."""

    async def one(self, district: str, listing: Listing, object_id: str) -> StoredObject | None:
        """Fail as PostgreSQL does for a NUL."""
        assert "\x00" not in object_id, "asked for what no store can hold"
        return None

    async def page(self, district: str, listing: Listing, selection: Any) -> ObjectPage:
        """Fail."""
        raise AssertionError("asked")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_an_id_that_no_store_can_hold_is_of_no_object(method: str) -> None:
    """A NUL, which PostgreSQL takes in no text, is no fault of the server."""
    async with provider(reader=UnaskedReader()) as served:
        client = OneRosterClient(http=served.http, token="static")
        for path in ("results/a%00b", "results/%00"):
            body = {"json": {"result": {}}} if method == "PUT" else {}
            refused = await client.refused(method, f"{GRADEBOOK}/{path}", **body)
            assert refused == (404, "unknownobject")
        refused = await client.refused("GET", f"{GRADEBOOK}/classes/c/students/%00/results")
        assert refused == (404, "unknownobject")


class BrokenReader:
    """A reader whose storage is away, or that has a fault."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def one(self, district: str, listing: Listing, object_id: str) -> StoredObject | None:
        """Raise."""
        raise self._error

    async def page(self, district: str, listing: Listing, selection: Any) -> ObjectPage:
        """Raise."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PoolTimeoutError("no connection became free"), (429, "server_busy")),
        (ConnectionRefusedError(), (429, "server_busy")),
        (RuntimeError("canary"), (500, "internal_server_error")),
    ],
)
async def test_a_fault_of_the_server_is_told_in_the_standards_form(
    error: Exception, expected: tuple[int, str]
) -> None:
    """What passes by itself is told to be sent again; nothing of a fault's text leaves."""
    async with provider(reader=BrokenReader(error)) as served:
        client = OneRosterClient(http=served.http, token="static")
        answer = await client.send("GET", f"{ROSTERING}/users")
        assert check_status_info(answer) == expected
        assert "canary" not in answer.text
        assert ("retry-after" in answer.headers) is (expected[0] == 429)


@pytest.mark.parametrize("name", ["rosters", "gradebook", "resources"])
async def test_the_discovery_document_lists_every_path_and_scope(
    served: Provider, name: str
) -> None:
    """Without a token, as it says how to get one."""
    base = {"rosters": ROSTERING, "gradebook": GRADEBOOK, "resources": RESOURCES}[name]
    answer = await served.http.get(
        f"{base}/discovery/onerosterv1p2{name}service_openapi3_v1p0.json"
    )
    assert answer.status_code == 200
    document = answer.json()
    assert document["servers"] == [{"url": f"http://or.test{base}"}]
    flow = document["components"]["securitySchemes"]["OAuth2Security"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "http://or.test/oauth/token"
    described = {
        re.sub(r"\{\w+\}", "*", path)
        for path, methods in document["paths"].items()
        if "get" in methods
    }
    for path, _ in READ:
        if path.startswith(base):
            words = path.removeprefix(base + "/").split("/")
            shape = "/" + "/".join(one if at % 2 == 0 else "*" for at, one in enumerate(words))
            assert shape in described
    for methods in document["paths"].values():
        for operation in methods.values():
            for scheme in operation["security"]:
                assert set(scheme["OAuth2Security"]) <= set(flow["scopes"])
    assert all(scope.startswith(SCOPE) for scope in flow["scopes"])


async def test_version_1_1_is_given_out_to_be_read(client: OneRosterClient) -> None:
    """With a user's one role and orgs, as 1.1 has them, and without what came with 1.2."""
    base = "/ims/oneroster/v1p1"
    answer = await client.send("GET", f"{base}/users/u4")
    assert answer.status_code == 200
    user = answer.json()["user"]
    assert user["role"] == "teacher"
    assert "s1" in [org["sourcedId"] for org in user["orgs"]]
    assert "roles" not in user
    assert user["orgs"][0]["href"].startswith("http://or.test/ims/oneroster/v1p1/orgs/")
    results = await client.send("GET", f"{base}/classes/c1/students/u1/results")
    assert [one["sourcedId"] for one in results.json()["results"]] == ["r1"]
    assert await client.refused("GET", f"{base}/assessmentResults") == (404, "unknownobject")
    assert await client.refused("PUT", f"{base}/results/r1", json={}) == (405, "unsupported")


async def test_names_in_a_query_are_those_of_its_version(
    served: Provider, client: OneRosterClient
) -> None:
    """What 1.1 calls a line item's grading period is its academic session in 1.2."""
    session = {"academicSession": {"sourcedId": "t1", "type": "academicSession"}}
    period = {"gradingPeriod": {"sourcedId": "p1", "type": "academicSession"}}
    await served.kept.keep([a_line_item("l9", "c1", **session, **period)])
    for base, name, found in (
        ("/ims/oneroster/v1p1", "gradingPeriod='t1'", ["l9"]),
        ("/ims/oneroster/v1p1", "gradingPeriod.sourcedId='p1'", []),
        (GRADEBOOK, "gradingPeriod='p1'", ["l9"]),
        (GRADEBOOK, "gradingPeriod='t1'", []),
        (GRADEBOOK, "academicSession='t1'", ["l9"]),
    ):
        answer = await client.send("GET", f"{base}/lineItems", params={"filter": name})
        assert [one["sourcedId"] for one in answer.json()["lineItems"]] == found, name


async def test_a_users_role_and_orgs_of_1_1_are_asked_for_by_their_names(
    client: OneRosterClient,
) -> None:
    """Clients of 1.1 ask for students so; 1.2 has a list of roles in their place."""
    users = "/ims/oneroster/v1p1/users"
    everybody = (await client.send("GET", users)).json()["users"]
    for role in ("student", "teacher"):
        answer = await client.send("GET", users, params={"filter": f"role='{role}'"})
        found = [one["sourcedId"] for one in answer.json()["users"]]
        assert found
        assert found == [one["sourcedId"] for one in everybody if one["role"] == role]
    at_school = {"filter": "orgs.sourcedId='s1' AND role='student'"}
    answer = await client.send("GET", users, params=at_school)
    assert {one["role"] for one in answer.json()["users"]} == {"student"}
    for role in ("administrator", "aide"):
        refused = await client.refused("GET", users, params={"filter": f"role='{role}'"})
        assert refused == (400, "invaliddata")
    former = await client.refused("GET", f"{ROSTERING}/users", params={"filter": "role='student'"})
    assert former == (400, "invalid_filter_field")
