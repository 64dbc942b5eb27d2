"""Frameworks that come as documents of CASE: competencies, and for which the evidence counts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.evidence.domain.case.package import split_package
from services.evidence.domain.document import DocumentOutcome, Format
from services.evidence.domain.references import competency_reference
from tests.support.case import a_document, a_package, an_association, an_id, an_item
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import Sent, Sis, a_record, a_sis, called, org, user

OLD, NEW, FOREIGN = an_id(1), an_id(2), an_id(9)


@pytest.fixture
async def sis(postgres_database: DatabaseFactory) -> AsyncIterator[Sis]:
    """Give a district with a learner, whose evidence is of a framework that is not here yet."""
    async with a_sis(postgres_database("evidence", SCHEMA)) as found:
        await found.send(org(), user("a"))
        await found.record(
            a_record("1", called("a"), competency_reference(OLD)),
            a_record("2", called("a"), competency_reference(f"urn:uuid:{FOREIGN.upper()}")),
        )
        yield found


async def publish(sis: Sis, *documents: Sent) -> None:
    """Send documents of CASE, and let the resolver come by."""
    outcomes = await sis.send(*documents, source="case", form=Format.CASE_1_1)
    assert DocumentOutcome.REFUSED not in outcomes
    await sis.work()


async def send(sis: Sis, *associations: dict[str, object]) -> None:
    """Send the framework of two standards with these associations."""
    package = a_package(
        an_item(1, "6.A.1", educationLevel=["06"]),
        an_item(2, "6.A.2", educationLevel=["06"]),
        associations=associations,  # type: ignore[arg-type]
    )
    await publish(sis, *((one.value, content) for one, content in split_package(package)))


async def counted(sis: Sis) -> list[str]:
    """Return of which competencies the evidence counts; the state is that of any order."""
    await sis.state_hash()
    return [one[1] for one in await sis.sums()]


async def test_evidence_that_came_before_its_framework_is_taken_up(sis: Sis) -> None:
    """When the resolver has made competencies of it; what is of another framework waits on."""
    assert await counted(sis) == []
    await send(sis)
    assert await counted(sis) == [OLD]
    (waiting,) = await sis.quarantined()
    assert waiting.refused.event_id == "2"


async def test_evidence_counts_for_the_successor_and_back(sis: Sis) -> None:
    """While one replaces the other it counts for that one; when nothing says so, as it was sent."""
    await send(sis)
    replaced = an_association(10, 1, "replacedBy", 2)
    await send(sis, replaced)
    assert await counted(sis) == [NEW]
    await sis.record(a_record("3", called("a"), competency_reference(OLD), earned=1))
    assert await counted(sis) == [NEW, NEW]
    await publish(sis, ("CFAssociations", {"identifier": an_id(10), "deleted": True}))
    assert await counted(sis) == [OLD, OLD]
    assert (await sis.quarantined())[0].refused.event_id == "2"


async def test_what_another_framework_calls_the_same_is_the_same(sis: Sis) -> None:
    """By exactMatchOf, though the district has no item of the other framework."""
    await send(sis, an_association(11, 1, "exactMatchOf", FOREIGN))
    assert await counted(sis) == [OLD, OLD]
    assert not await sis.quarantined()


async def test_an_association_that_is_mended_is_in_quarantine_no_more(sis: Sis) -> None:
    """However often its framework is derived, it stands there once while it is wrong."""
    await send(sis, an_association(12, 1, "precedes", 2), an_association(13, 2, "precedes", 1))
    wrong = [one.refused.subject for one in await sis.quarantined() if one.refused.subject]
    assert len(wrong) == 1
    await publish(sis, ("CFDocuments", a_document(title="Mathematics, again")))
    again = [one.refused.subject for one in await sis.quarantined() if one.refused.subject]
    assert again == wrong
    await publish(sis, ("CFAssociations", {"identifier": wrong[0].split("/")[1], "deleted": True}))
    assert [one for one in await sis.quarantined() if one.refused.subject] == []


async def test_a_new_standard_takes_the_code_of_one_that_is_gone(sis: Sis) -> None:
    """What was earned under the old one stays, and its code is told apart from then on."""
    await send(sis)
    third = an_item(3, "6.A.1", educationLevel=["06"])
    package = a_package(an_item(2, "6.A.2", educationLevel=["06"]), third)
    await publish(
        sis,
        ("CFItems", {"identifier": an_id(1), "deleted": True}),
        *((one.value, content) for one, content in split_package(package)),
    )
    assert await counted(sis) == [OLD]
    async with sis.built.surroundings.store.change(sis.district) as change:
        store = change.frameworks.competencies
        found = await store.standing([an_id(1), an_id(2), an_id(3)])
    assert [found[an_id(one)].code for one in (2, 3)] == ["6.A.2", "6.A.1"]
    assert found[an_id(1)].code.startswith("6.A.1~")
