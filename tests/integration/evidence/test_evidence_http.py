"""Records as JSON over HTTP into PostgreSQL: the same ledger, ids and answers as over gRPC."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.common.web.server import BODY_BYTES, WebServer
from services.evidence.domain.model import Outcome
from services.evidence.entrypoints.http.evidence_openapi import EVIDENCE_PATH
from services.evidence.handlers.evidence import record_evidence
from tests.support.evidence import (
    DISTRICT,
    NOW,
    OTHER_TOKEN,
    OWN_TOKEN,
    Kept,
    a_batch,
    a_sending,
    postgres_kept,
)
from tests.support.evidence_http import RememberingQuarantine, evidence_app
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory


def as_json(number: int) -> dict[str, Any]:
    """Return the record of `a_message` as JSON."""
    return {
        "kind": "quiz",
        "purpose": "formative",
        "item": f"item-{number}",
        "score": {"points": {"earned": 3, "possible": 4}},
        "alignments": [{"competency": f"districts/{DISTRICT}/competencies/6.rp.1"}],
        "occur_time": NOW.isoformat(),
        "learner": f"districts/{DISTRICT}/learners/ada",
        "entity_id": f"observation-{number}",
        "source": "lms",
        "event_id": f"sending-{number}",
    }


@pytest.fixture
async def kept(postgres_database: DatabaseFactory) -> AsyncIterator[Kept]:
    """Give a ledger in a migrated database."""
    async with postgres_kept(postgres_database("evidence", SCHEMA)) as made:
        yield made


@pytest.fixture
async def client(kept: Kept) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a running server over the ledger."""
    server = WebServer(evidence_app(kept.intake, RememberingQuarantine()), "127.0.0.1:0")
    port = await server.start()
    headers = {"authorization": f"Bearer {OWN_TOKEN.token}"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as made:
            yield made
    finally:
        await server.stop(grace_seconds=1)


async def test_a_record_is_one_whichever_way_it_comes(
    client: httpx.AsyncClient, kept: Kept
) -> None:
    """Sent as JSON and then over gRPC, or the other way round, the second is a repeat."""
    first = await client.post(EVIDENCE_PATH, json=as_json(1))
    assert (first.status_code, first.json()["outcome"]) == (201, "accepted")
    batch = a_batch(a_sending(1), a_sending(2))
    answers = await record_evidence(batch, intake=kept.intake)
    assert [one.outcome for one in answers] == [Outcome.REPEATED, Outcome.ACCEPTED]
    second = await client.post(EVIDENCE_PATH, json=as_json(2))
    assert (second.status_code, second.json()["outcome"]) == (200, "repeated")


async def test_a_full_batch_is_kept_and_a_correction_wins(client: httpx.AsyncClient) -> None:
    """500 records at once, then a newer and an older version of one of them."""
    answer = await client.post(EVIDENCE_PATH, json=[as_json(number) for number in range(500)])
    assert {one["outcome"] for one in answer.json()["answers"]} == {"accepted"}
    newer = as_json(7) | {"event_id": "later", "version": 2**60, "score": {"level": 4}}
    older = as_json(7) | {"event_id": "earlier", "version": 1, "score": {"level": 1}}
    told = (await client.post(EVIDENCE_PATH, json={"records": [newer, older]})).json()["answers"]
    assert [one["outcome"] for one in told] == ["accepted", "superseded"]


async def test_a_learner_of_another_district_is_nobody_here(client: httpx.AsyncClient) -> None:
    """The district is the credential's, whatever the record names."""
    headers = {"authorization": f"Bearer {OTHER_TOKEN.token}"}
    answer = await client.post(EVIDENCE_PATH, json=as_json(1), headers=headers)
    assert (answer.status_code, answer.json()["refusal"]["field"]) == (422, "learner")


async def test_a_body_that_is_too_large_is_turned_away(client: httpx.AsyncClient) -> None:
    """With its length told, and without."""
    body = json.dumps([as_json(1)]).encode().ljust(BODY_BYTES + 1)

    async def in_parts() -> AsyncIterator[bytes]:
        for begin in range(0, len(body), 65_536):
            yield body[begin : begin + 65_536]

    for content in (body, in_parts()):
        answer = await client.post(
            EVIDENCE_PATH, content=content, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 413
