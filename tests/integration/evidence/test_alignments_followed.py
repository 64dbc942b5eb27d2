"""Sittings follow the alignments of their items, whoever says them and in whatever order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from services.evidence.domain.document import DocumentOutcome, Format
from services.evidence.domain.edfi.assessments import item_key
from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.edfi.people import learner_source_id
from services.evidence.domain.references import CompetencyReference, CompetencyReferenceKind
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.handlers.sources import put_alignments
from tests.support.edfi import ASSESSMENT, a_sitting, an_answer, an_item
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import COMPETENCIES, Sis, a_sis, org, user

FIRST, SECOND = COMPETENCIES[:2]
ITEM = item_key(Fields(values={**ASSESSMENT, "identificationCode": "I1"}))
ALL, HALF = 30_000, 15_000


@pytest.fixture
async def sis(postgres_database: DatabaseFactory) -> AsyncIterator[Sis]:
    """Give a district with a sitting in which a learner had one point for an item."""
    async with a_sis(postgres_database("evidence", SCHEMA)) as found:
        await found.send(org(), user(learner_source_id("1001")))
        sitting = a_sitting(an_answer("I1", raw=1), administrationDate="2026-08-06T09:30:00")
        await found.send(("studentAssessments", sitting), form=Format.EDFI)
        yield found


async def align(sis: Sis, competency: str, maximum_milli: int) -> None:
    """Say what the item is about, and how many points it has."""
    reference = CompetencyReference(kind=CompetencyReferenceKind.CASE_UUID, value=competency)
    one = ItemAlignment(item=ITEM, references=((reference, 0),), maximum_milli=maximum_milli)
    await put_alignments(sis.district, "sis", [one], surroundings=sis.built.surroundings)
    await sis.work()


async def shown(sis: Sis) -> Sequence[tuple[str, int]]:
    """Return competency and score of what counts."""
    return [(competency, score) for _, competency, _, score in await sis.sums()]


async def test_another_alignment_moves_what_sittings_show(sis: Sis) -> None:
    """Other points and another competency, for what came before the alignment was put right."""
    assert await shown(sis) == []
    await align(sis, FIRST, 1_000)
    assert await shown(sis) == [(FIRST, ALL)]
    await align(sis, SECOND, 2_000)
    assert await shown(sis) == [(SECOND, HALF)]


async def test_an_older_version_of_an_item_does_not_say_what_it_is_about(sis: Sis) -> None:
    """It is not kept, so that it says nothing, whether it comes in the same batch or later."""
    late = {**an_item("I1", "b", maximum=2), "_lastModifiedDate": "2026-08-09T00:00:00Z"}
    early = {**an_item("I1", "a", maximum=4), "_lastModifiedDate": "2026-08-02T00:00:00Z"}
    items = [("assessmentItems", late), ("assessmentItems", early)]
    for batch in (items, items[1:]):
        outcomes = await sis.send(*batch, form=Format.EDFI)
        assert outcomes[-1] is not DocumentOutcome.REFUSED
        async with sis.built.surroundings.store.change(sis.district) as change:
            ((alignment, version),) = await change.alignments.page("sis", "", 10)
        assert (alignment.maximum_milli, version) == (2_000, 1)
