"""Records that name whom and what they speak of by reference: what waits, and is taken up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.model import Answer, Outcome, RefusalReason
from services.evidence.domain.quarantine import QuarantineState
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    ReferenceKind,
    competency_reference,
)
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.handlers.batch import Batch
from services.evidence.handlers.intake import RecordEvidence
from services.evidence.handlers.quarantine import (
    ChangeQuarantined,
    EverySource,
    discard_quarantined,
    redrive_due,
)
from services.evidence.handlers.retractions import RetractImport, retract_import
from services.evidence.handlers.sources import put_alignments
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import COMPETENCIES, MATH, Sis, a_record, a_sis, called, micros, org, user

FIRST, SECOND, THIRD = COMPETENCIES[:3]
UNKNOWN = "33333333-3333-5333-8333-333333333333"
LEARNER = SubjectKind.LEARNER


@pytest.fixture
async def sis(postgres_database: DatabaseFactory) -> AsyncIterator[Sis]:
    """Give a district with the learner a."""
    async with a_sis(postgres_database("evidence", SCHEMA)) as found:
        await found.send(org(), user("a"))
        yield found


def outcomes(answers: Sequence[Answer]) -> list[Outcome]:
    """Return what became of each."""
    return [one.outcome for one in answers]


def alias(value: str, learner_id: str) -> Alias:
    """Return that a number of the district means a learner, always."""
    return Alias(
        subject_kind=LEARNER,
        reference=called(value, ReferenceKind.SIS_NUMBER),
        subject_id=learner_id,
    )


async def test_a_record_of_an_unknown_learner_waits_and_is_taken_up(sis: Sis) -> None:
    """Sent again while it waits it waits once; the alias arrives, and it counts by itself."""
    sending = a_record("1", called("77", ReferenceKind.SIS_NUMBER), FIRST)
    for _ in range(2):
        assert outcomes(await sis.record(sending)) == [Outcome.WAITING]
    assert len(await sis.quarantined()) == 1
    assert await sis.give(alias("77", await sis.learner("a"))) == 1
    assert await redrive_due(sis.district, redriving=sis.built.redriving) == 1
    assert [one[1] for one in await sis.sums()] == [FIRST]
    assert not await sis.quarantined()
    (one,) = await sis.quarantined(QuarantineState.REDRIVEN)
    assert one.actor == ""
    assert outcomes(await sis.record(sending)) == [Outcome.REPEATED]


async def test_what_waits_has_its_place_in_the_order_of_receipt(sis: Sis) -> None:
    """An older record that is taken up later does not override a newer one that was accepted."""
    old = a_record("1", called("77", ReferenceKind.SIS_NUMBER), FIRST, entity="x", earned=1)
    new = a_record("2", called("a"), FIRST, entity="x", earned=4)
    newest = a_record("3", called("77", ReferenceKind.SIS_NUMBER), FIRST, entity="x", earned=2)
    expected = [Outcome.WAITING, Outcome.ACCEPTED, Outcome.WAITING]
    assert [outcomes(await sis.record(one))[0] for one in (old, new, newest)] == expected
    await sis.give(alias("77", await sis.learner("a")))
    await sis.work()
    learner = await sis.learner("a")
    assert await sis.sums() == [(learner, FIRST, 1_000, 15_000)]


async def test_what_waited_and_is_sent_again_keeps_its_place(sis: Sis) -> None:
    """The alias has arrived, and nobody has been by yet: a newer record still wins."""
    old = a_record("1", called("77", ReferenceKind.SIS_NUMBER), FIRST, entity="x", earned=1)
    new = a_record("2", called("77", ReferenceKind.SIS_NUMBER), FIRST, entity="x", earned=4)
    await sis.record(old)
    await sis.give(alias("77", await sis.learner("a")))
    assert outcomes(await sis.record(new)) == [Outcome.ACCEPTED]
    await sis.record(old)
    await sis.work()
    assert await sis.sums() == [(await sis.learner("a"), FIRST, 1_000, 30_000)]


async def test_a_look_that_missed_an_alias_is_made_up_for(sis: Sis) -> None:
    """It looked before the alias came, and was kept after: nobody sets it free, a second look does.

    Once: what still waits then waits for what makes it known.
    """
    intake = sis.built.surroundings.intake
    learner = await sis.learner("a")
    sendings = [
        a_record("1", called("77", ReferenceKind.SIS_NUMBER), FIRST),
        a_record("2", called("78", ReferenceKind.SIS_NUMBER), FIRST),
    ]
    command = RecordEvidence(district=sis.district, sources={"lms"}, sendings=sendings)
    async with intake.ledger.transaction(sis.district) as transaction:
        batch = Batch(command, intake, transaction)
        await batch.run()
        assert await sis.give(alias("77", learner)) == 0
        await batch.quarantine()
    assert await redrive_due(sis.district, redriving=sis.built.redriving) == 0
    sis.clock.advance(timedelta(seconds=31))
    for due in (2, 0):
        async with intake.ledger.transaction(sis.district) as transaction:
            assert await transaction.quarantine.look_again(micros(sis.clock.now())) == due
        await sis.work()
    assert len(await sis.sums()) == len(await sis.quarantined()) == 1


async def test_what_a_record_waits_for_comes_one_after_the_other(sis: Sis) -> None:
    """The learner first, then the competency: each look says what it waits for now."""
    sending = a_record("1", called("77", ReferenceKind.SIS_NUMBER), competency_reference(UNKNOWN))
    await sis.record(sending)
    await sis.give(alias("77", await sis.learner("a")))
    await sis.work()
    (one,) = await sis.quarantined()
    assert one.refused.refusal.reason is RefusalReason.UNKNOWN_COMPETENCY
    assert one.state is QuarantineState.WAITING
    await sis.know(UNKNOWN)
    await sis.work()
    assert [one[1] for one in await sis.sums()] == [UNKNOWN]


async def test_an_item_waits_for_its_alignment_and_follows_it(sis: Sis) -> None:
    """Aligned otherwise, the evidence is looked up anew and counts for what is meant now."""
    sending = a_record("1", called("a"), item="q-1")
    assert outcomes(await sis.record(sending)) == [Outcome.WAITING]

    async def align(*about: str) -> tuple[int, int]:
        references = tuple((competency_reference(one), 0) for one in about)
        put = await put_alignments(
            sis.district,
            "lms",
            [ItemAlignment(item="q-1", references=references)],
            surroundings=sis.built.surroundings,
        )
        assert not put.unresolved
        return put.changed_count, put.released_count

    assert await align(FIRST) == (1, 1)
    await sis.work()
    learner = await sis.learner("a")
    assert await sis.sums() == [(learner, FIRST, 1_000, 22_500)]
    assert await align(SECOND, THIRD) == (1, 0)
    await sis.work()
    assert await sis.sums() == [(learner, SECOND, 500, 22_500), (learner, THIRD, 500, 22_500)]
    assert await align(SECOND, THIRD) == (0, 0)
    await sis.state_hash()


@pytest.mark.parametrize(
    ("kind", "value", "framework"),
    [
        (CompetencyReferenceKind.CASE_UUID, FIRST, ""),
        (CompetencyReferenceKind.CASE_URI, f"http://CASE.test/items/{FIRST}/", ""),
        (CompetencyReferenceKind.CASE_URI, f"https://elsewhere.test/CFItems/{FIRST}", ""),
        (CompetencyReferenceKind.HUMAN_CODE, "m.0", MATH),
        (CompetencyReferenceKind.HUMAN_CODE, "CCSS.Math.Content.M.0", ""),
        (CompetencyReferenceKind.LOCAL, FIRST, ""),
    ],
)
async def test_a_competency_is_found_by_whatever_it_is_called(
    sis: Sis, kind: CompetencyReferenceKind, value: str, framework: str
) -> None:
    """By identifier, address in any writing, code in any writing, and its own id."""
    named = CompetencyReference(kind=kind, value=value, framework=framework)
    await sis.record(a_record("1", called("a"), named))
    assert [one[1] for one in await sis.sums()] == [FIRST]


async def test_a_record_that_was_discarded_and_is_sent_again_waits_again(sis: Sis) -> None:
    """Its sender is told that it waits, and so it does."""
    sending = a_record("1", called("77", ReferenceKind.SIS_NUMBER), FIRST)
    await sis.record(sending)
    (one,) = await sis.quarantined()
    command = ChangeQuarantined(
        district=sis.district,
        sources=EverySource(),
        quarantine_ids=[one.quarantine_id],
        actor="dent",
        note="nobody",
    )
    await discard_quarantined(command, intake=sis.built.surroundings.intake)
    assert not await sis.quarantined()
    assert outcomes(await sis.record(sending)) == [Outcome.WAITING]
    await sis.give(alias("77", await sis.learner("a")))
    await sis.work()
    assert len(await sis.sums()) == 1


async def test_what_waits_of_a_retracted_import_is_not_taken_up(sis: Sis) -> None:
    """The import was a mistake: what of it still waits is discarded with the rest."""
    await sis.record(
        a_record("1", called("a"), FIRST),
        a_record("2", called("77", ReferenceKind.SIS_NUMBER), FIRST),
        import_id="july",
    )
    command = RetractImport(district=sis.district, sources={"lms"}, import_id="july")
    await retract_import(command, intake=sis.built.surroundings.intake)
    await sis.give(alias("77", await sis.learner("a")))
    await sis.work()
    assert await sis.sums() == []
    assert not await sis.quarantined()


async def test_two_batches_at_once_that_name_one_observation_both_end(sis: Sis) -> None:
    """One of them is tried anew; the higher version counts, whoever was first."""
    sendings = [
        a_record(f"{version}", called("a"), FIRST, entity="x", version=version, earned=version % 5)
        for version in range(1, 9)
    ]
    answers = await asyncio.gather(*(sis.record(one) for one in sendings))
    found = [one.outcome for (one,) in answers]
    assert set(found) <= {Outcome.ACCEPTED, Outcome.SUPERSEDED}
    assert await sis.sums() == [(await sis.learner("a"), FIRST, 1_000, 22_500)]
    await sis.state_hash()
