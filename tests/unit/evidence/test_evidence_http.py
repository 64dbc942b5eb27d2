"""`POST /v1/evidence`: what is taken, how each record is answered, and what is turned away."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import grpc
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.common.web.problem import STATUS_OF_CODE
from services.common.web.server import WebServer
from services.evidence.adapters.exact_json import decode_json
from services.evidence.domain.json_record import (
    ALIGNMENT_FIELDS,
    LEARNER_REFERENCE_FIELDS,
    RECORD_FIELDS,
    read_json_record,
)
from services.evidence.entrypoints.errors import ERRORS
from services.evidence.entrypoints.http.evidence_openapi import (
    ALIGNMENT,
    BY_ITEM_EXAMPLE,
    EVIDENCE_PATH,
    LEARNER_REFERENCE,
    ONE_EXAMPLE,
    OPENAPI,
    RECORD,
    RESPONSES,
)
from services.evidence.entrypoints.http.json_body import MAXIMUM_DEPTH
from tests.support.evidence import (
    DISTRICT,
    NOW,
    OWN_TOKEN,
    READER_TOKEN,
    SERVICE_TOKEN,
    memory_kept,
)
from tests.support.evidence_http import ONE_SOURCE, RememberingQuarantine, caller, evidence_app


def a_document(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a valid record; `number` makes sending and observation differ."""
    document: dict[str, Any] = {
        "event_id": f"sending-{number}",
        "source": "lms",
        "entity_id": f"observation-{number}",
        "learner": f"districts/{DISTRICT}/learners/ada",
        "occur_time": NOW.isoformat(),
        "alignments": [{"competency": f"districts/{DISTRICT}/competencies/6.rp.1"}],
        "score": {"points": {"earned": 3, "possible": 4}},
    }
    return document | changes


class World:
    """The app over a ledger in memory."""

    def __init__(self) -> None:
        self.kept = memory_kept()
        self.quarantine = RememberingQuarantine()
        self.app = evidence_app(self.kept.intake, self.quarantine)

    async def post(
        self, body: Any, *, token: str | None = OWN_TOKEN.token, query: str = "", **headers: str
    ) -> httpx.Response:
        """Send a body, bytes as they are and everything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {
            "content-type": "application/json",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        async with caller(self.app, token) as client:
            return await client.post(EVIDENCE_PATH + query, content=content, headers=sent)


@pytest.fixture
def world() -> World:
    """Give an app."""
    return World()


async def test_one_record_is_created_and_then_repeated(world: World) -> None:
    """201 for what is new; the same again, in another order of fields, is known."""
    first = await world.post(a_document())
    assert first.status_code == 201
    told = first.json()
    assert told["outcome"] == "accepted"
    assert told["evidence"].startswith(f"districts/{DISTRICT}/evidence/")
    again = await world.post(dict(reversed(a_document().items())))
    assert (again.status_code, again.json()) == (200, {**told, "outcome": "repeated"})


async def test_several_are_answered_in_their_order_whatever_becomes_of_each(world: World) -> None:
    """A refused or unreadable one among them stops none of the others."""
    documents = [
        a_document(1),
        a_document(2, version="x"),
        a_document(3, learner="ada"),
        a_document(4),
    ]
    for body in (documents, {"records": documents}):
        answer = await world.post(body)
        assert answer.status_code == 200
        told = answer.json()["answers"]
        assert [one["event_id"] for one in told] == [f"sending-{n}" for n in (1, 2, 3, 4)]
        refused = [one["refusal"]["field"] for one in told if one["outcome"] == "refused"]
        assert refused == ["version", "learner"]


async def test_a_refused_record_is_422_with_what_to_do(world: World) -> None:
    """The answer has the reason, the field, and a hint."""
    answer = await world.post(a_document(learnr="x"))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/json"
    refusal = answer.json()["refusal"]
    assert (refusal["reason"], refusal["field"]) == ("MALFORMED", "learnr")
    assert refusal["hint"] == "Did you mean 'learner'?"


async def test_what_cannot_be_read_is_kept_as_it_came(world: World) -> None:
    """The quarantine has every digit of it, under the names that it gives itself."""
    body = b'{"event_id": "e", "score": {"level": 1.23456789012345678901}, "x": "\\ud800"}'
    await world.post(body, token=ONE_SOURCE)
    ((district, kept),) = world.quarantine.kept
    assert (district, kept.source, kept.event_id) == (DISTRICT, "lms", "e")
    assert kept.raw == body.replace(b'": ', b'":').replace(b", ", b",")


async def test_an_event_id_that_no_answer_can_repeat_is_answered_all_the_same(world: World) -> None:
    """Half a character in an id is refused, and the answer is still JSON."""
    answer = await world.post(b'{"event_id": "a\\ud800"}')
    assert (answer.status_code, answer.json()["event_id"]) == (422, "a?")


async def test_validate_only_keeps_nothing(world: World) -> None:
    """It says what would become of each, and the next sending is new."""
    valid = await world.post(a_document(), query="?validate_only=true")
    assert (valid.status_code, valid.json()["outcome"]) == (200, "valid")
    assert "ledger_position" not in valid.json()
    await world.post(a_document(2, version="x"), query="?validate_only=true")
    assert world.quarantine.kept == []
    assert (await world.post(a_document(), query="?validate_only=false")).status_code == 201


async def test_a_record_without_a_source_has_the_only_one_of_its_token(world: World) -> None:
    """A token that speaks for several gives none."""
    document = a_document()
    del document["source"]
    assert (await world.post(document, token=ONE_SOURCE)).status_code == 201
    answer = await world.post({**document, "event_id": "sending-2"})
    assert (answer.status_code, answer.json()["refusal"]["field"]) == (422, "source")


async def test_a_source_that_the_token_does_not_speak_for_is_refused(world: World) -> None:
    """As over gRPC."""
    answer = await world.post(a_document(source="sis"), token=ONE_SOURCE)
    assert answer.json()["refusal"]["reason"] == "SOURCE_NOT_ALLOWED"


async def test_what_names_a_learner_who_is_not_known_yet_waits(world: World) -> None:
    """202, with what it waits for; the reference itself is repeated nowhere."""
    document = a_document(learner_reference={"kind": "email", "value": "new@school.example"})
    del document["learner"]
    answer = await world.post(document)
    assert (answer.status_code, answer.json()["outcome"]) == (202, "waiting")
    assert answer.json()["refusal"]["reason"] == "UNKNOWN_LEARNER"
    assert "new@" not in answer.text


async def test_fields_at_fault_have_the_names_of_the_document(world: World) -> None:
    """Not those that the contract has for them."""
    answer = await world.post(a_document(alignments=[{"code": "9.X"}]))
    assert answer.json()["refusal"]["field"] == "alignments[0].competency"
    answer = await world.post(a_document(2, score={"level": 5}))
    assert answer.json()["refusal"]["field"] == "score.level"


@pytest.mark.parametrize(
    ("token", "status", "reason"),
    [
        (None, 401, "UNAUTHENTICATED"),
        ("nobody's", 401, "UNAUTHENTICATED"),
        (READER_TOKEN.token, 403, "SCOPE_MISSING"),
        (SERVICE_TOKEN.token, 403, "SCOPE_MISSING"),
    ],
)
async def test_who_may_not_write_is_turned_away(
    world: World, token: str | None, status: int, reason: str
) -> None:
    """Before anything of the body is looked at."""
    answer = await world.post(b"{", token=token)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no JSON: Expecting value in line 1"),
        (b"{", "in line 1, column 2"),
        (b'{"a": 1,}', "no JSON"),
        (b'{"event_id": "a", "event_id": "b"}', "'event_id' stands twice"),
        (b'{"score": NaN}', "NaN"),
        (b'{"score": -Infinity}', "-Infinity"),
        (b'{"version": 1e999999999999999999999}', "more than 40 digits"),
        ('{"a": "ü"}'.encode("latin-1"), "Byte 8 is no UTF-8"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b"[" * (MAXIMUM_DEPTH + 1) + b"]" * (MAXIMUM_DEPTH + 1), "more than 16 deep"),
        (b"[" * 400_000, "more than 16 deep"),
        (b'"x"', "must be a record"),
        (b"null", "must be a record"),
        (b'{"records": {}}', "must be a record"),
        (b'{"records": [], "import_id": "x"}', "other fields"),
    ],
)
async def test_a_body_that_is_no_list_of_records_is_400(
    world: World, body: bytes, said: str
) -> None:
    """The problem says where, and nothing of it is kept."""
    answer = await world.post(body)
    assert (answer.status_code, answer.json()["reason"]) == (400, "INVALID_REQUEST")
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/x-ndjson"},
        {"content_type": "application/json; charset=latin-1"},
        {"content_type": ""},
        {"content_encoding": "gzip"},
    ],
)
async def test_other_forms_of_a_body_are_415(world: World, headers: dict[str, str]) -> None:
    """Another media type, another charset, compressed: each says what is taken."""
    answer = await world.post(a_document(), **headers)
    assert (answer.status_code, answer.json()["reason"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert {"accept-post", "accept-encoding"} & set(answer.headers)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8"])
async def test_utf_8_may_be_named_in_any_writing(world: World, charset: str) -> None:
    """It is what JSON is in anyway; a byte order mark does no harm."""
    body = b"\xef\xbb\xbf" + json.dumps(a_document()).encode()
    answer = await world.post(body, content_type=f"application/json; charset={charset}")
    assert answer.status_code == 201


async def test_more_records_than_a_batch_takes_are_400(world: World) -> None:
    """None of them is kept."""
    answer = await world.post([a_document(number) for number in range(501)])
    assert (answer.status_code, answer.json()["reason"]) == (400, "BATCH_TOO_LARGE")
    assert (await world.post([])).json() == {"answers": []}


@pytest.mark.parametrize(
    "query", ["?validate_only=yes", "?validate_only=true&validate_only=true", "?dry=1"]
)
async def test_a_query_that_means_nothing_is_400(world: World, query: str) -> None:
    """A mistyped parameter would else keep what was only to be checked."""
    assert (await world.post(a_document(), query=query)).status_code == 400


async def test_other_methods_are_405(world: World) -> None:
    """Records are read over gRPC."""
    async with caller(world.app) as client:
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            answer = await client.request(method, EVIDENCE_PATH)
            assert answer.status_code == 405
            assert answer.headers["allow"] == "POST"


async def test_the_description_is_there_for_everybody(world: World) -> None:
    """OpenAPI for programs, one page for people, without a script or a style within."""
    async with caller(world.app, None) as client:
        published = await client.get("/v1/openapi.json")
        page = await client.get("/v1/docs")
        style = await client.get("/v1/docs.css")
    assert published.json() == OPENAPI
    assert style.headers["content-type"].startswith("text/css")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert " style=" not in page.text
    for field in RECORD_FIELDS:
        assert f"<code>{field}</code>" in page.text


def test_the_description_has_the_fields_that_are_read() -> None:
    """One more or one less: this fails."""
    assert set(RECORD["properties"]) == set(RECORD_FIELDS)
    assert set(ALIGNMENT["properties"]) == set(ALIGNMENT_FIELDS)
    assert set(LEARNER_REFERENCE["properties"]) == set(LEARNER_REFERENCE_FIELDS)


_OF_THE_APP = (
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNAVAILABLE,
)


def test_every_refusal_of_a_whole_request_is_described() -> None:
    """What the table of errors leads to where records are sent, and what the app says before."""
    possible = {STATUS_OF_CODE[code] for code in (*ERRORS.values(), *_OF_THE_APP)}
    described = {int(status) for status in RESPONSES}
    assert possible - {404} <= described


def test_its_examples_can_be_read() -> None:
    """What the page shows works."""
    for example in (ONE_EXAMPLE, BY_ITEM_EXAMPLE):
        text = json.dumps(example).encode()
        assert read_json_record(decode_json(text), source="lms").event_id


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 120


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_whatever_the_description_allows_or_forbids_is_answered_as_it_says(
    world: World, mode: GenerationMode
) -> None:
    """Over a real server: no fault of the service, and every answer has its described form."""
    server = WebServer(world.app, "127.0.0.1:0")
    port = await server.start()
    try:
        await asyncio.to_thread(try_out, f"http://127.0.0.1:{port}", mode)
    finally:
        await server.stop(grace_seconds=1)


def try_out(base_url: str, mode: GenerationMode) -> None:
    """Send what Hypothesis makes of the description, valid or broken."""
    operation = schemathesis.openapi.from_dict(OPENAPI)[EVIDENCE_PATH]["POST"]
    headers = {"Authorization": f"Bearer {OWN_TOKEN.token}"}

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=base_url, headers=headers, checks=CHECKS)

    send()
