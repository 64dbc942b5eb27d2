"""Objects are kept whole or not at all, belong to their source, and are read as they were sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.common.web.server import BodyLimit
from services.evidence.domain.model import Refusal, RefusalReason
from tests.support.oneroster_client import GRADEBOOK, SCOPE, OneRosterClient
from tests.support.oneroster_provider import Provider, provider
from tests.support.source_objects import a_district

OBJECTIVE = "6a1c9c5e-0c1f-4a2e-8f0e-6a1b2c3d4e5f"


def ref(sourced_id: str, type_: str) -> dict[str, str]:
    """Return a reference as a client sends it."""
    return {"href": f"https://lms.test/{sourced_id}", "sourcedId": sourced_id, "type": type_}


LINE_ITEM = {
    "sourcedId": "quiz-1",
    "status": "active",
    "dateLastModified": "2026-09-01T06:30:00.000Z",
    "title": "Ratios",
    "assignDate": "2026-09-01T00:00:00.000Z",
    "dueDate": "2026-09-08T00:00:00.000Z",
    "class": ref("c1", "class"),
    "school": ref("s1", "org"),
    "category": ref("g1", "category"),
    "resultValueMin": 0,
    "resultValueMax": 10.5,
    "learningObjectiveSet": [{"source": "case", "learningObjectiveIds": [OBJECTIVE]}],
}
RESULT = {
    "sourcedId": "result-1",
    "lineItem": ref("l1", "lineItem"),
    "student": ref("u1", "user"),
    "scoreStatus": "fully graded",
    "score": 9.5,
    "scoreDate": "2026-09-08",
    "late": "true",
    "learningObjectiveSet": [
        {
            "source": "case",
            "learningObjectiveResults": [{"learningObjectiveId": OBJECTIVE, "score": 3.5}],
        }
    ],
}
CATEGORY = {"sourcedId": "cat-1", "title": "Homework", "weight": 0.25}
SCALE = {
    "sourcedId": "scale-1",
    "title": "Levels",
    "type": "rubric",
    "class": ref("c1", "class"),
    "scoreScaleValue": [{"itemValueLHS": "4", "itemValueRHS": "exemplary"}],
}
ASSESSMENT = {"sourcedId": "test-1", "title": "State test", "resultValueMax": 850}
ASSESSMENT_RESULT = {
    "sourcedId": "test-result-1",
    "assessmentLineItem": ref("al1", "assessmentLineItem"),
    "student": ref("u1", "user"),
    "score": 512,
    "scorePercentile": 61.5,
    "scoreDate": "2026-05-04",
    "scoreStatus": "fully graded",
}
WRITABLE = [
    ("lineItems", LINE_ITEM),
    ("results", RESULT),
    ("categories", CATEGORY),
    ("scoreScales", SCALE),
    ("assessmentLineItems", ASSESSMENT),
    ("assessmentResults", ASSESSMENT_RESULT),
]


@pytest.fixture
async def served() -> AsyncIterator[Provider]:
    """Serve a small district."""
    async with provider() as made:
        await made.kept.keep(a_district())
        yield made


@pytest.fixture
async def client(served: Provider) -> OneRosterClient:
    """Connect the strict client as the learning management system."""
    return await OneRosterClient.connect(served.http, "lms", "secret")


def without_links(value: Any) -> Any:
    """Return a value without the links and types of its references."""
    if isinstance(value, list):
        return [without_links(one) for one in value]
    if isinstance(value, dict):
        if "href" in value:
            return {"sourcedId": value["sourcedId"]}
        return {name: without_links(one) for name, one in value.items()}
    return value


@pytest.mark.parametrize(("collection", "body"), WRITABLE)
async def test_what_is_put_is_given_out_and_can_be_deleted(
    client: OneRosterClient, collection: str, body: dict[str, Any]
) -> None:
    """201 when it is new, 200 when not, 204 when it goes; then it says that it is deleted."""
    path = f"{GRADEBOOK}/{collection}/{body['sourcedId']}"
    assert await client.put(path, body) == 201
    assert await client.put(path, body) == 200
    kept = await client.one(path)
    own = ("status", "dateLastModified")
    expected = {name: one for name, one in without_links(body).items() if name not in own}
    assert {name: one for name, one in without_links(kept).items() if name not in own} == expected
    await client.delete(path)
    assert (await client.one(path))["status"] == "tobedeleted"
    await client.delete(path)
    assert await client.put(path, body) == 201
    assert (await client.one(path))["status"] == "active"


async def test_a_put_says_everything_of_its_object(client: OneRosterClient) -> None:
    """What it leaves out is gone, what stands within it too; and its time of change moves on."""
    path = f"{GRADEBOOK}/results/result-1"
    await client.put(path, RESULT)
    before = await client.one(path)
    less = {
        name: one for name, one in RESULT.items() if name not in ("late", "learningObjectiveSet")
    }
    assert await client.put(path, less) == 200
    after = await client.one(path)
    assert "late" not in after
    assert "learningObjectiveSet" not in after
    assert after["dateLastModified"] > before["dateLastModified"]


async def test_the_time_of_change_is_the_providers_own(client: OneRosterClient) -> None:
    """Whatever a client says, so that a reader who asks for changes misses none."""
    path = f"{GRADEBOOK}/lineItems/quiz-1"
    (newest,) = await page_of_newest(client)
    await client.put(path, LINE_ITEM)
    since = newest["dateLastModified"]
    found = await client.every(f"{GRADEBOOK}/lineItems", filter=f"dateLastModified>'{since}'")
    assert [one["sourcedId"] for one in found] == ["quiz-1"]


async def page_of_newest(client: OneRosterClient) -> list[dict[str, Any]]:
    """Return the line item that changed last."""
    found, _ = await client.page(
        f"{GRADEBOOK}/lineItems", sort="dateLastModified", orderBy="desc", limit="1"
    )
    return found


async def test_an_object_belongs_to_the_source_that_made_it(
    served: Provider, client: OneRosterClient
) -> None:
    """Another source neither changes nor deletes it, also where it may write."""
    path = f"{GRADEBOOK}/lineItems/quiz-1"
    await client.put(path, LINE_ITEM)
    other = OneRosterClient(http=served.http, token="static")
    body = {"lineItem": {**LINE_ITEM, "title": "Other"}}
    assert await other.refused("PUT", path, json=body) == (403, "forbidden")
    assert await other.refused("DELETE", path) == (403, "forbidden")
    assert (await client.one(path))["title"] == "Ratios"


async def test_a_credential_that_speaks_for_several_sources_writes_nothing(
    served: Provider,
) -> None:
    """It would be anybody's guess whose the object is; one for all sources writes as itself."""
    path = f"{GRADEBOOK}/categories/cat-1"
    unclear = OneRosterClient(http=served.http, token="unclear")
    refused = await unclear.refused("PUT", path, json={"category": CATEGORY})
    assert refused == (403, "forbidden")
    everything = OneRosterClient(http=served.http, token="everything")
    assert await everything.put(path, CATEGORY) == 201


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("gradebook.createput", "PUT", f"{GRADEBOOK}/lineItems/quiz-1"),
        ("gradebook.delete", "DELETE", f"{GRADEBOOK}/lineItems/l1"),
        ("gradebook.createpost", "POST", f"{GRADEBOOK}/classes/c1/lineItems"),
        ("assessment.createput", "PUT", f"{GRADEBOOK}/assessmentLineItems/test-1"),
        ("assessment.delete", "DELETE", f"{GRADEBOOK}/assessmentLineItems/al1"),
    ],
)
async def test_each_way_to_write_has_a_scope_of_its_own(
    served: Provider, scope: str, method: str, path: str
) -> None:
    """With it the request is looked at; with all others it is forbidden."""
    scopes = [
        "roster.readonly",
        "gradebook.readonly",
        "gradebook.createput",
        "gradebook.createpost",
        "gradebook.delete",
        "assessment.readonly",
        "assessment.createput",
        "assessment.delete",
    ]
    others = [one for one in scopes if one != scope]
    without = await OneRosterClient.connect(served.http, "lms", "secret", *others)
    assert await without.refused(method, path, json={}) == (403, "forbidden")
    with_it = await OneRosterClient.connect(served.http, "lms", "secret", scope)
    status, code = await with_it.refused(method, path, json={})
    # Looked at, and refused for another reason: an empty body, or an object of another source.
    assert (status, code) in {(422, "invaliddata"), (403, "forbidden")}
    answer = await with_it.send(method, path, json={})
    assert SCOPE not in answer.json()["imsx_description"]


async def test_posted_line_items_get_ids_that_are_the_same_when_they_come_again(
    client: OneRosterClient,
) -> None:
    """A client that lost the answer may send them again and has them once."""
    items = [{**LINE_ITEM, "sourcedId": name} for name in ("a", "b")]
    path = f"{GRADEBOOK}/classes/c1/lineItems"
    pairs = await client.post(path, items)
    assert await client.post(path, items) == pairs
    found = {one["sourcedId"]: one for one in await client.every(path)}
    assert set(pairs.values()) < set(found)
    assert len(found) == 3


async def test_what_the_path_says_need_not_stand_in_the_body(client: OneRosterClient) -> None:
    """The class, the school or the line item of a path is that of the objects."""
    item = {name: one for name, one in LINE_ITEM.items() if name != "class"}
    (item_id,) = (await client.post(f"{GRADEBOOK}/classes/c2/lineItems", [item])).values()
    assert (await client.one(f"{GRADEBOOK}/lineItems/{item_id}"))["class"]["sourcedId"] == "c2"
    result = {name: one for name, one in RESULT.items() if name != "lineItem"}
    path = f"{GRADEBOOK}/lineItems/{item_id}/results"
    (result_id,) = (await client.post(path, [result])).values()
    kept = await client.one(f"{GRADEBOOK}/results/{result_id}")
    assert kept["lineItem"]["sourcedId"] == item_id
    at_school = await client.post(
        f"{GRADEBOOK}/schools/s1/lineItems", [{**LINE_ITEM, "sourcedId": "s"}]
    )
    assert (await client.one(f"{GRADEBOOK}/lineItems/{at_school['s']}"))["school"][
        "sourcedId"
    ] == "s1"
    path = f"{GRADEBOOK}/classes/c1/academicSessions/t1/results"
    (result_id,) = (await client.post(path, [{**RESULT, "sourcedId": "z"}])).values()
    assert (await client.one(f"{GRADEBOOK}/results/{result_id}"))["class"]["sourcedId"] == "c1"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("classes/nobody/lineItems", {"lineItems": [LINE_ITEM]}, 404),
        ("schools/d1/lineItems", {"lineItems": [LINE_ITEM]}, 404),
        ("classes/c1/academicSessions/nobody/results", {"results": [RESULT]}, 404),
        ("classes/c2/lineItems", {"lineItems": [LINE_ITEM]}, 422),
        ("classes/c1/lineItems", {"lineItems": []}, 422),
        ("classes/c1/lineItems", {"lineItems": [LINE_ITEM] * 501}, 422),
        ("classes/c1/lineItems", {"lineItems": ["x"]}, 422),
        ("classes/c1/lineItems", {"lineItems": [{**LINE_ITEM, "sourcedId": ""}]}, 422),
        ("classes/c1/lineItems", {"lineItem": LINE_ITEM}, 422),
        ("classes/c1/lineItems", {"lineItems": [LINE_ITEM, LINE_ITEM]}, 422),
        ("classes/c1/lineItems", {"lineItems": [{**LINE_ITEM, "class": "c2"}]}, 422),
        ("classes/c%00/lineItems", {"lineItems": [LINE_ITEM]}, 404),
        ("lineItems/l1/results", {"results": [RESULT, {**RESULT, "scoreDate": "soon"}]}, 422),
    ],
)
async def test_a_post_that_cannot_be_kept_keeps_nothing(
    client: OneRosterClient, path: str, body: dict[str, Any], status: int
) -> None:
    """Not even what is right beside what is wrong."""
    code = "unknownobject" if status == 404 else "invaliddata"
    assert await client.refused("POST", f"{GRADEBOOK}/{path}", json=body) == (status, code)
    assert len(await client.every(f"{GRADEBOOK}/results")) == 3
    assert len(await client.every(f"{GRADEBOOK}/lineItems")) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"sourcedId": "other"},
        {"scoreDate": "soon"},
        {"scoreStatus": "splendid"},
        {"score": "much"},
        {"lineItem": None},
        {"student": []},
        {"status": "gone"},
        {"late": "perhaps"},
        {"comment": "a\x00b"},
        {"learningObjectiveSet": [{"source": "case"}]},
    ],
)
async def test_a_body_that_is_no_result_is_refused_and_kept_in_quarantine(
    served: Provider, client: OneRosterClient, changes: dict[str, Any]
) -> None:
    """422, with the field and what to do, and nothing of the value."""
    path = f"{GRADEBOOK}/results/result-1"
    body = {"result": {**RESULT, **changes}}
    answer = await client.send("PUT", path, json=body)
    assert answer.status_code == 422, answer.text
    said = answer.json()["imsx_description"]
    assert next(iter(changes)) in said
    for value in changes.values():
        assert not isinstance(value, str) or value not in said
    assert await client.refused("GET", path) == (404, "unknownobject")
    ((district, source, document, _),) = served.writer.refused
    assert (district, source) == ("henry", "lms")
    assert json.loads(document) == body


async def test_what_the_store_refuses_is_refused(served: Provider, client: OneRosterClient) -> None:
    """As when nobody knows the learner."""
    served.writer.refuse_with = Refusal(
        reason=RefusalReason.UNKNOWN_LEARNER,
        field="student",
        message="Nobody knows the learner.",
        hint="Send the roster first.",
    )
    answer = await client.send("PUT", f"{GRADEBOOK}/results/result-1", json={"result": RESULT})
    assert answer.status_code == 422
    assert answer.json()["imsx_description"] == (
        "student: Nobody knows the learner. Send the roster first."
    )


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"result": {}, "result": {}}', "application/json", 400),
        (b'{"result": {"score": NaN}}', "application/json", 400),
        (b'{"result": {"score": -Infinity}}', "application/json", 400),
        (b'{"result": {"score": ' + b"9" * 5_000 + b"}}", "application/json", 400),
        (b'{"result": ' + b"[" * 100_000, "application/json", 400),
        (b'{"result": ' + b"[" * 16 + b"]" * 16 + b"}", "application/json", 400),
        (b"{}", "application/json", 422),
        (b'{"result": 7}', "application/json; charset=UTF-8", 422),
        (b"{}", "text/plain", 415),
        (b"{}", "application/json; charset=latin-1", 415),
        (b"{}", "", 415),
    ],
)
async def test_a_body_that_could_be_read_in_two_ways_or_not_at_all_is_refused(
    client: OneRosterClient, content: bytes, media_type: str, status: int
) -> None:
    """Before anything looks into it."""
    answer = await client.refused(
        "PUT",
        f"{GRADEBOOK}/results/result-1",
        content=content,
        headers={"Content-Type": media_type} if media_type else {},
    )
    assert answer == (status, "invaliddata")


async def test_scores_keep_every_digit(client: OneRosterClient) -> None:
    """No score goes through a float on its way in or out."""
    path = f"{GRADEBOOK}/results/result-1"
    body = json.dumps({"result": RESULT}).replace("9.5", "123456789012.123456789012")
    sent = await client.send(
        "PUT", path, content=body, headers={"Content-Type": "application/json"}
    )
    assert sent.status_code == 201, sent.text
    answer = await client.send("GET", path)
    assert '"score":123456789012.123456789012' in answer.text


async def test_an_object_is_found_where_it_was_put_or_not_kept(client: OneRosterClient) -> None:
    """An id with a space before it would be read as one without."""
    body = {"result": {name: one for name, one in RESULT.items() if name != "sourcedId"}}
    path = f"{GRADEBOOK}/results/%20result-9"
    assert await client.refused("PUT", path, json=body) == (422, "invaliddata")
    assert await client.refused("GET", f"{GRADEBOOK}/results/result-9") == (404, "unknownobject")


async def test_deleting_what_is_not_there_is_404(client: OneRosterClient) -> None:
    """And what belongs to another source is not deleted."""
    path = f"{GRADEBOOK}/results"
    assert await client.refused("DELETE", f"{path}/nobody") == (404, "unknownobject")
    assert await client.refused("DELETE", f"{path}/r1") == (403, "forbidden")


async def test_a_body_above_the_bound_is_refused_in_the_standards_form(served: Provider) -> None:
    """Also where its length is not announced."""
    import httpx

    app = served.http._transport.app  # type: ignore[attr-defined]
    transport = httpx.ASGITransport(app=BodyLimit(app, 1_000))

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 500

    async with httpx.AsyncClient(transport=transport, base_url="http://or.test") as http:
        client = OneRosterClient(http=http, token="static")
        refused = await client.refused(
            "PUT",
            f"{GRADEBOOK}/results/result-1",
            content=parts(),
            headers={"Content-Type": "application/json"},
        )
    assert refused == (413, "invaliddata")
