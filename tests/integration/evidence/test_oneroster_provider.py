"""A district's whole package, kept in PostgreSQL, is read by a strict client without a flaw."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.evidence.entrypoints.importing.oneroster.package import Package, PackageRow
from tests.support.oneroster import PUBLISHED, WHY_NOT
from tests.support.oneroster_client import GRADEBOOK, ROSTERING, OneRosterClient
from tests.support.oneroster_provider import provider
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.source_objects import postgres_objects

PACKAGE = PUBLISHED / "grand-bend-v1p2-bulk.zip"

pytestmark = pytest.mark.skipif(not PUBLISHED.exists(), reason=WHY_NOT)

COUNTS = {
    f"{ROSTERING}/orgs": 4,
    f"{ROSTERING}/courses": 84,
    f"{ROSTERING}/classes": 520,
    f"{ROSTERING}/users": 1_016,
    f"{ROSTERING}/enrollments": 13_960,
}
"""What the package is known to hold."""


@pytest.fixture
async def client(postgres_database: DatabaseFactory) -> AsyncIterator[OneRosterClient]:
    """Keep the package, and connect the strict client to what gives it out."""
    with Package(PACKAGE) as package:
        rows = [row for row in package.rows() if isinstance(row, PackageRow)]
    async with postgres_objects(postgres_database("evidence", SCHEMA)) as kept:
        await kept.keep([one for row in rows for one in row.reading.objects])
        async with provider(reader=kept.reader) as served:
            yield await OneRosterClient.connect(served.http, "lms", "secret")


async def test_every_object_of_a_districts_package_is_given_out_by_the_letter(
    client: OneRosterClient,
) -> None:
    """Page by page, each object with its fields, and exactly as many as there are."""
    for path, count in COUNTS.items():
        assert len(await client.every(path, limit="5000")) == count
    for word in ("academicSessions", "schools", "students", "teachers"):
        assert await client.every(f"{ROSTERING}/{word}", limit="500")
    # This district has semesters, which the standard's terms are not.
    assert await client.every(f"{ROSTERING}/terms") == []
    for word in ("categories", "lineItems", "results"):
        assert await client.every(f"{GRADEBOOK}/{word}", limit="500")


async def test_who_is_in_a_class_is_whom_its_enrolments_name(client: OneRosterClient) -> None:
    """From either side: the students of a class, and the classes of a student."""
    classes, _ = await client.page(f"{ROSTERING}/classes", limit="5")
    for one in classes:
        class_id = one["sourcedId"]
        enrolled = await client.every(
            f"{ROSTERING}/enrollments", filter=f"class.sourcedId='{class_id}' AND role='student'"
        )
        students = await client.every(f"{ROSTERING}/classes/{class_id}/students")
        named = {enrollment["user"]["sourcedId"] for enrollment in enrolled}
        assert {student["sourcedId"] for student in students} == named
        for student in students[:2]:
            of_student = await client.every(f"{ROSTERING}/students/{student['sourcedId']}/classes")
            assert class_id in {each["sourcedId"] for each in of_student}


async def test_results_carry_the_objectives_that_came_as_rows_of_their_own(
    client: OneRosterClient,
) -> None:
    """664 of them, by the bare ids that REST has."""
    results = await client.every(f"{GRADEBOOK}/results", limit="10000")
    shown = [
        objective
        for result in results
        for group in result.get("learningObjectiveSet", [])
        for objective in group["learningObjectiveResults"]
    ]
    assert len(shown) == 664
    assert not any(one["learningObjectiveId"].startswith("urn:") for one in shown)
