"""What a learning platform writes over REST, on a real PostgreSQL: kept whole, and followed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from services.evidence.adapters.postgres.source_objects import PostgresSourceObjects
from services.evidence.domain.source_object import Collection, ObjectKey
from services.evidence.handlers.documents.writing import DocumentWriter
from tests.support.oneroster_client import GRADEBOOK, ROSTERING, OneRosterClient
from tests.support.oneroster_provider import provider
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import (
    COMPETENCIES,
    Sis,
    a_class,
    a_sis,
    course,
    line_item,
    org,
    result,
    user,
)

FIRST, SECOND = COMPETENCIES[:2]


@pytest.fixture
async def sis(postgres_database: DatabaseFactory) -> AsyncIterator[Sis]:
    """Give a district of which "sis" has the roster."""
    async with a_sis(postgres_database("evidence", SCHEMA)) as found:
        await found.send(org(), course(), a_class(), user("u1"))
        yield found


@pytest.fixture
async def client(sis: Sis) -> AsyncIterator[OneRosterClient]:
    """Connect the platform "lms" to what reads and writes there."""
    reader = PostgresSourceObjects(sis.api)
    async with provider(reader=reader, writer=DocumentWriter(sis.built.surroundings)) as served:
        yield await OneRosterClient.connect(served.http, "lms", "secret")


async def put(client: OneRosterClient, kind: str, body: Mapping[str, Any]) -> httpx.Response:
    """Write one object."""
    return await client.send(
        "PUT", f"{GRADEBOOK}/{kind}s/{body['sourcedId']}", json={kind: dict(body)}
    )


async def test_what_is_written_is_read_as_it_was(client: OneRosterClient) -> None:
    """A line item and a result with objectives, by whoever may read."""
    _, item = line_item("l1", FIRST, SECOND)
    _, shown = result("r1", "u1", objectives={FIRST: 4, SECOND: 2})
    assert (await put(client, "lineItem", item)).status_code == 201
    assert (await put(client, "result", shown)).status_code == 201
    assert (await put(client, "result", shown)).status_code == 200
    found = await client.one(f"{GRADEBOOK}/results/r1")
    assert found["score"] == 8
    objectives = found["learningObjectiveSet"][0]["learningObjectiveResults"]
    assert {one["learningObjectiveId"]: one["score"] for one in objectives} == {FIRST: 4, SECOND: 2}
    kept = await client.one(f"{GRADEBOOK}/lineItems/l1")
    assert set(kept["learningObjectiveSet"][0]["learningObjectiveIds"]) == {FIRST, SECOND}


async def test_a_result_that_is_written_is_evidence_and_deleted_is_none(
    sis: Sis, client: OneRosterClient
) -> None:
    """Of the learner whom the roster's id means, though another system writes it."""
    await put(client, "lineItem", line_item("l1", FIRST)[1])
    await put(client, "result", result("r1", "u1")[1])
    learner = await sis.learner("u1")
    assert await sis.sums() == [(learner, FIRST, 1_000, 24_000)]
    await put(client, "result", result("r1", "u1", score=5)[1])
    assert await sis.sums() == [(learner, FIRST, 1_000, 15_000)]
    answer = await client.send("DELETE", f"{GRADEBOOK}/results/r1")
    assert answer.status_code == 204
    assert await sis.sums() == []
    assert not await sis.quarantined()


async def test_a_correction_counts_whatever_time_its_sender_gives_it(
    sis: Sis, client: OneRosterClient
) -> None:
    """Requests count in the order in which they come: the clock of a sender may go back."""
    await put(client, "lineItem", line_item("l1", FIRST)[1])
    for score, second in ((8, "30"), (5, "29")):
        written = result("r1", "u1", score=score, dateLastModified=f"2026-08-28T10:00:{second}Z")
        assert (await put(client, "result", written[1])).is_success
    assert (await client.one(f"{GRADEBOOK}/results/r1"))["score"] == 5
    assert await sis.sums() == [(await sis.learner("u1"), FIRST, 1_000, 15_000)]


async def test_a_result_of_a_user_who_comes_later_is_taken_up(
    sis: Sis, client: OneRosterClient
) -> None:
    """Written before the roster has the user: kept, and it counts when the user is here."""
    await put(client, "lineItem", line_item("l1", FIRST)[1])
    assert (await put(client, "result", result("r2", "u2")[1])).status_code == 201
    assert await sis.sums() == []
    await sis.send(user("u2"))
    await sis.work()
    assert await sis.sums() == [(await sis.learner("u2"), FIRST, 1_000, 24_000)]
    assert not await sis.quarantined()


async def test_what_is_deleted_takes_what_stands_within_it_along(
    sis: Sis, client: OneRosterClient
) -> None:
    """The objectives of a result go with it, and are those of what it was when it is read."""
    await put(client, "lineItem", line_item("l1", FIRST)[1])
    await put(client, "result", result("r1", "u1", objectives={FIRST: 4, SECOND: 2})[1])
    await client.send("DELETE", f"{GRADEBOOK}/results/r1")
    key = ObjectKey(collection=Collection.RESULTS, id="r1")
    async with sis.built.surroundings.store.change(sis.district) as change:
        assert await change.objects.children([key]) == {}
    async with sis.api.transaction(sis.district) as connection:
        deleted = await connection.fetchval(
            "SELECT bool_and(deleted) FROM source_object WHERE parent_id = 'r1'"
        )
    assert deleted
    assert await sis.sums() == []


async def test_an_object_of_the_roster_is_not_the_platforms_to_write(
    sis: Sis, client: OneRosterClient
) -> None:
    """A line item that another source has sent is refused, and stays as it was."""
    await sis.send(line_item("l9", FIRST))
    answer = await put(client, "lineItem", line_item("l9", SECOND, title="Mine")[1])
    assert answer.status_code == 403
    (kept_apart,) = await sis.quarantined()
    assert "SOURCE_NOT_ALLOWED" in str(kept_apart)
    answer = await client.send("DELETE", f"{GRADEBOOK}/lineItems/l9")
    assert answer.status_code == 403
    kept = await client.one(f"{GRADEBOOK}/lineItems/l9")
    assert kept["title"] == "Quiz l9"
    assert (await client.one(f"{ROSTERING}/users/u1"))["familyName"] == "u1"
