"""CASE over HTTP: what each address answers, to whom, and how refusals are told."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from services.common.rpc.credentials import Credential, acting_as
from services.evidence.domain.case.reading import read_document
from services.evidence.domain.case.shapes import CaseVersion
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.http import case as case_http
from services.evidence.entrypoints.http.case import case_routes
from services.evidence.handlers import case as handlers
from tests.support.case import (
    CHANGED,
    DOCUMENT,
    PUBLISHER,
    TEXAS,
    Kept,
    a_document,
    a_framework_package,
    a_link,
    a_package,
    an_association,
    an_id,
    an_item,
    an_item_type,
    faults,
    memory_case,
    needs_published,
    objects_of,
    published,
)
from tests.support.oneroster_provider import provider

PUBLIC_URL = "https://trellis.example.org"
V1P1 = "/ims/case/v1p1"
V1P0 = "/ims/case/v1p0"
READER = Credential(name="reader", district="henry", scopes=frozenset({"framework.read"}))


class As:
    """Middleware: everybody who asks is this one, or nobody."""

    def __init__(self, app: ASGIApp, credential: Credential | None) -> None:
        self._app = app
        self._credential = credential

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self._credential is None:
            await self._app(scope, receive, send)
            return
        with acting_as(self._credential):
            await self._app(scope, receive, send)


@asynccontextmanager
async def client_of(
    kept: Kept, credential: Credential | None = READER
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of an app that reads from a place."""
    app = Starlette(
        routes=case_routes(kept.reader, public_url=f"{PUBLIC_URL}/"),
        middleware=[Middleware(As, credential=credential)],
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
        yield client


@pytest.fixture
async def kept() -> Kept:
    """Give a place with the small framework."""
    place = memory_case()
    await place.keep(objects_of(a_framework_package()))
    return place


@pytest.fixture
async def client(kept: Kept) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the small framework."""
    async with client_of(kept) as found:
        yield found


def minor_code(answer: httpx.Response) -> str:
    """Return the code of a refusal, whose form must be that of the standard."""
    told = answer.json()
    assert (told["imsx_codeMajor"], told["imsx_severity"]) == ("failure", "error")
    assert told["imsx_description"]
    (field,) = told["imsx_codeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldName"] == "TargetEndSystem"
    return str(field["imsx_codeMinorFieldValue"])


def with_schemas(api: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the schema that the discovery document has for the answer of an address."""
    answered = api["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    return {**answered["schema"], "components": api["components"]}


async def test_a_package_comes_out_as_it_went_in(client: httpx.AsyncClient) -> None:
    """With its definitions and rubrics, as JSON."""
    answer = await client.get(f"{V1P1}/CFPackages/{DOCUMENT}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    expected = json.loads(json.dumps(a_framework_package(), default=float))
    assert answer.json() == expected


@needs_published
async def test_the_package_of_texas_is_given_out_without_a_fault() -> None:
    """1,515 items, strictly."""
    place = memory_case()
    await place.keep(objects_of(published(TEXAS)))
    async with client_of(place) as client:
        answer = await client.get(f"{V1P1}/CFPackages/bc997e24-7f3b-5df0-a0cd-3a8ac9cf0e2e")
    assert len(answer.json()["CFItems"]) == 1_515
    assert faults(answer.json()) == []


async def test_a_package_has_definitions_that_came_with_another_framework(kept: Kept) -> None:
    """Publishers share them: what an item names belongs to its package."""
    other = an_id(0xD0D)
    item = an_item(90, CFItemTypeURI=a_link(50, "CFItemTypes"))
    await kept.keep(objects_of(a_package(item, CFDocument=a_document(identifier=other))))
    async with client_of(kept) as client:
        answer = await client.get(f"{V1P1}/CFPackages/{other}")
    types = answer.json()["CFDefinitions"]["CFItemTypes"]
    assert [one["identifier"] for one in types] == [an_id(50)]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (f"CFDocuments/{DOCUMENT}", ("title", "CFPackageURI")),
        (f"CFItems/{an_id(2)}", ("fullStatement", "CFDocumentURI")),
        (f"CFAssociations/{an_id(13)}", ("associationType", "CFDocumentURI")),
        (f"CFRubrics/{an_id(60)}", ("CFRubricCriteria",)),
        (f"CFItemTypes/{an_id(50)}", ("CFItemTypes",)),
        (f"CFItemAssociations/{an_id(2)}", ("CFItem", "CFAssociations")),
    ],
)
async def test_each_kind_of_object_has_its_address_in_both_versions(
    client: httpx.AsyncClient, path: str, names: tuple[str, ...]
) -> None:
    """Single ones plainly, definitions with a hierarchy in a list, associations with their item."""
    for prefix in (V1P1, V1P0):
        answer = await client.get(f"{prefix}/{path}")
        assert answer.status_code == 200
        assert set(names) <= answer.json().keys()


async def test_links_lead_to_this_service_in_the_version_that_was_asked_for(
    client: httpx.AsyncClient,
) -> None:
    """The package is ours to give; the address of the framework is its publisher's."""
    for prefix in (V1P1, V1P0):
        document = (await client.get(f"{prefix}/CFDocuments/{DOCUMENT}")).json()
        assert document["uri"] == f"{PUBLISHER}/CFDocuments/{DOCUMENT}"
        assert document["CFPackageURI"]["uri"] == f"{PUBLIC_URL}{prefix}/CFPackages/{DOCUMENT}"


async def test_version_one_has_no_case_version(client: httpx.AsyncClient) -> None:
    """The field came with 1.1."""
    assert (await client.get(f"{V1P1}/CFDocuments/{DOCUMENT}")).json()["caseVersion"] == "1.1"
    assert "caseVersion" not in (await client.get(f"{V1P0}/CFDocuments/{DOCUMENT}")).json()


async def test_an_item_comes_with_what_begins_and_ends_with_it(client: httpx.AsyncClient) -> None:
    """Associations as a package has them."""
    found = (await client.get(f"{V1P1}/CFItemAssociations/{an_id(2)}")).json()
    assert found["CFItem"]["identifier"] == an_id(2)
    ids = [one["identifier"] for one in found["CFAssociations"]]
    assert ids == [an_id(11), an_id(13)]
    assert "CFDocumentURI" not in found["CFAssociations"][0]


async def test_a_definition_comes_with_what_is_below_it(kept: Kept) -> None:
    """Itself first, then those whose code goes on after a dot."""
    types = [
        an_item_type(51, "Grade", hierarchyCode="2"),
        an_item_type(52, "Strand", hierarchyCode="2.1"),
        an_item_type(53, "Topic", hierarchyCode="21"),
    ]
    for one in types:
        await kept.keep(read_document(Collection.CF_ITEM_TYPES, one).objects)
    async with client_of(kept) as client:
        answer = await client.get(f"{V1P1}/CFItemTypes/{an_id(51)}")
    assert [one["title"] for one in answer.json()["CFItemTypes"]] == ["Grade", "Strand"]


async def test_frameworks_are_listed_page_by_page_with_links(kept: Kept) -> None:
    """The whole number and the neighbouring pages stand in the headers."""
    for number in (1, 2):
        document = a_document(identifier=an_id(number), title=f"Framework {number}")
        await kept.keep(objects_of(a_package(CFDocument=document)))
    async with client_of(kept) as client:
        parameters = {"limit": "1", "offset": "1", "sort": "title", "fields": "title"}
        answer = await client.get(f"{V1P1}/CFDocuments", params=parameters)
    assert answer.json() == {"CFDocuments": [{"title": "Framework 2"}]}
    assert answer.headers["x-total-count"] == "3"
    links = dict(reversed(one.strip().split("; ", 1)) for one in answer.headers["link"].split(","))
    address = f"{PUBLIC_URL}{V1P1}/CFDocuments?limit=1&offset={{}}&sort=title&fields=title"
    assert links == {
        'rel="first"': f"<{address.format(0)}>",
        'rel="last"': f"<{address.format(2)}>",
        'rel="next"': f"<{address.format(2)}>",
        'rel="prev"': f"<{address.format(0)}>",
    }


async def test_a_district_without_frameworks_has_an_empty_list() -> None:
    """Which is no error."""
    async with client_of(memory_case()) as client:
        answer = await client.get(f"{V1P1}/CFDocuments")
    assert (answer.status_code, answer.json()) == (200, {"CFDocuments": []})


async def test_who_has_an_answer_already_is_told_so(client: httpx.AsyncClient) -> None:
    """By the ETag, until the framework changes."""
    first = await client.get(f"{V1P1}/CFPackages/{DOCUMENT}")
    again = await client.get(
        f"{V1P1}/CFPackages/{DOCUMENT}", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"CFItems/{an_id(99)}", 404, "unknownobject"),
        (f"CFPackages/{an_id(1)}", 404, "unknownobject"),
        (f"CFItemAssociations/{an_id(99)}", 404, "unknownobject"),
        (f"CFSubjects/{an_id(99)}", 404, "unknownobject"),
        ("CFItems/4711", 404, "invaliduuid"),
        ("CFDocuments?sort=colour", 400, "invalid_sort_field"),
        ("CFDocuments?fields=colour", 400, "invalid_selection_field"),
        ("CFDocuments?filter=colour='red'", 400, "invalid_selection_field"),
        ("CFDocuments?limit=0", 400, "invalid_selection_field"),
    ],
)
async def test_what_cannot_be_answered_is_told_as_the_standard_has_it(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    """A minor code for programs and a sentence for people."""
    answer = await client.get(f"{V1P1}/{path}")
    assert (answer.status_code, minor_code(answer)) == (status, code)


@pytest.mark.parametrize(
    ("credential", "status", "code"),
    [
        (None, 401, "unauthorisedrequest"),
        (Credential(name="x", district="henry"), 403, "forbidden"),
        (Credential(name="x", district=None, scopes=frozenset({"*"})), 403, "forbidden"),
        (Credential(name="x", district="clayton", scopes=frozenset({"*"})), 404, "unknownobject"),
    ],
)
async def test_only_who_may_read_the_districts_frameworks_sees_one(
    kept: Kept, credential: Credential | None, status: int, code: str
) -> None:
    """Another district does not even learn that it is there."""
    async with client_of(kept, credential) as client:
        answer = await client.get(f"{V1P1}/CFItems/{an_id(1)}")
    assert (answer.status_code, minor_code(answer)) == (status, code)


@pytest.mark.parametrize("path", ["CFItems/{}", "CFDocuments"])
@pytest.mark.parametrize("version", [V1P1, V1P0])
async def test_the_scope_of_the_standard_opens_what_the_service_s_own_opens(
    kept: Kept, path: str, version: str
) -> None:
    """An OAuth client asks for the scope that CASE has."""
    credential = Credential(name="x", district="henry", scopes=frozenset({case_http.CORE_SCOPE}))
    async with client_of(kept, credential) as client:
        answer = await client.get(f"{version}/{path.format(an_id(1))}")
    assert answer.status_code == 200


async def test_a_framework_that_is_too_large_for_one_answer_is_refused(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its items are still there one by one."""
    monkeypatch.setattr(handlers, "MAX_PACKAGE_OBJECTS", 2)
    async with client_of(kept) as client:
        answer = await client.get(f"{V1P1}/CFPackages/{DOCUMENT}")
        assert (await client.get(f"{V1P1}/CFItems/{an_id(1)}")).status_code == 200
    assert (answer.status_code, minor_code(answer)) == (403, "forbidden")


@pytest.mark.parametrize("version", list(CaseVersion))
async def test_every_answer_is_what_the_discovery_document_says(
    kept: Kept, version: CaseVersion
) -> None:
    """Anybody may read it, and each address in it answers by its schema."""
    prefix = case_http.PREFIXES[version]
    async with client_of(kept, None) as nobody:
        answer = await nobody.get(prefix + case_http.DISCOVERY[version])
    api = answer.json()
    ids = {
        "CFPackages": DOCUMENT,
        "CFDocuments": DOCUMENT,
        "CFItems": an_id(2),
        "CFItemAssociations": an_id(2),
        "CFAssociations": an_id(13),
        "CFItemTypes": an_id(50),
        "CFRubrics": an_id(60),
    }
    answered = set()
    async with client_of(kept) as client:
        for path in api["paths"]:
            collection = path.split("/")[1]
            found = await client.get(prefix + path.format(id=ids.get(collection, an_id(99))))
            if found.status_code == 200:
                schema = with_schemas(api, path)
                assert list(Draft202012Validator(schema).iter_errors(found.json())) == []
                answered.add(path)
            else:
                assert minor_code(found) == "unknownobject"
    assert answered == {"/CFDocuments", *(f"/{one}/{{id}}" for one in ids)}


@pytest.mark.parametrize("version", list(CaseVersion))
async def test_the_discovery_document_says_how_a_client_gets_in(
    kept: Kept, version: CaseVersion
) -> None:
    """By client credentials with the standard's scope, or by a token that it was given."""
    async with client_of(kept, None) as nobody:
        api = (await nobody.get(case_http.PREFIXES[version] + case_http.DISCOVERY[version])).json()
    assert api["security"] == [{"OAuth2Security": [case_http.CORE_SCOPE]}, {"bearer": []}]
    schemes = api["components"]["securitySchemes"]
    flow = schemes["OAuth2Security"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == f"{PUBLIC_URL}/oauth/token"
    assert list(flow["scopes"]) == [case_http.CORE_SCOPE]
    assert schemes["bearer"] == {"type": "http", "scheme": "bearer"}


@pytest.mark.parametrize(
    ("method", "path", "token", "expected"),
    [
        ("GET", f"CFItems/{an_id(1)}", None, (401, "unauthorisedrequest")),
        ("GET", f"users/{an_id(1)}", "static", (404, "unknownobject")),
        ("PUT", f"CFItems/{an_id(1)}", "static", (405, "unsupported")),
    ],
)
async def test_what_no_handler_of_case_answers_is_told_as_the_standard_has_it_too(
    kept: Kept, method: str, path: str, token: str | None, expected: tuple[int, str]
) -> None:
    """In the whole app, whose sign-in and router come before."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with provider(case=kept.reader) as served:
        answer = await served.http.request(method, f"{V1P1}/{path}", headers=headers)
    assert (answer.status_code, minor_code(answer)) == expected
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_what_is_no_address_of_case_is_not_found(client: httpx.AsyncClient) -> None:
    """Nothing is written here, and no other collection is shown."""
    assert (await client.get(f"{V1P1}/users/{an_id(1)}")).status_code == 404
    assert (await client.put(f"{V1P1}/CFItems/{an_id(1)}")).status_code == 405


async def test_a_crosswalk_association_is_given_out_with_its_ends_elsewhere(kept: Kept) -> None:
    """An end may lie outside of CASE; its identifier then is no UUID."""
    outside = {
        "title": "Lesson 4",
        "identifier": "lesson-4",
        "uri": "https://lms.example.org/lessons/4",
        "targetType": "ext:Lesson",
    }
    association = an_association(30, 2, "isRelatedTo", 3, destinationNodeURI=outside)
    await kept.keep(objects_of(a_package(associations=[association])))
    async with client_of(kept) as client:
        found = (await client.get(f"{V1P1}/CFAssociations/{an_id(30)}")).json()
    assert found["destinationNodeURI"] == outside
    assert found["lastChangeDateTime"] == CHANGED
