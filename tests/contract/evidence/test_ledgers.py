"""What a ledger must do, claimed of PostgreSQL and of its twin in memory."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from trellis.evidence.v1 import evidence_pb2

from services.evidence.domain.errors import (
    EventIdReusedError,
    EvidenceNotFoundError,
    SourceNotAllowedError,
)
from services.evidence.domain.ledger import EntryKind, LedgerPlace
from services.evidence.domain.model import Answer, Outcome, RefusalReason
from services.evidence.domain.quarantine import QuarantineSelection
from services.evidence.handlers.evidence import record_evidence
from services.evidence.handlers.quarantine import ListQuarantined, list_quarantined
from services.evidence.handlers.readings import (
    ListEvidence,
    StreamLedger,
    get_evidence,
    list_evidence,
    stream_ledger,
)
from services.evidence.handlers.retractions import (
    RetractEvidence,
    RetractImport,
    retract_evidence,
    retract_import,
)
from tests.support.evidence import (
    COMPETENCIES,
    DISTRICT,
    LEARNERS,
    SOURCES,
    FixedDirectory,
    Kept,
    a_batch,
    a_sending,
    memory_kept,
    postgres_kept,
)
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

BEN = f"districts/{DISTRICT}/learners/ben"
TWO_DISTRICTS = FixedDirectory(
    learners={DISTRICT: LEARNERS, "cedar": LEARNERS},
    competencies={DISTRICT: COMPETENCIES, "cedar": COMPETENCIES},
)


@pytest.fixture(params=["memory", "postgres"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    """Give each of the ledgers in turn, empty."""
    if request.param == "memory":
        yield memory_kept(TWO_DISTRICTS)
        return
    create: DatabaseFactory = request.getfixturevalue("postgres_database")
    async with postgres_kept(create("evidence", SCHEMA), TWO_DISTRICTS) as found:
        yield found


async def published(
    kept: Kept, district: str | None = DISTRICT
) -> list[evidence_pb2.EvidenceEvent]:
    """Return every published event in the order of commit."""
    query = StreamLedger(district=district, after=LedgerPlace(xact=0, position=0))
    runs = [run async for run in stream_ledger(query, stream=kept.stream)]
    return [evidence_pb2.EvidenceEvent.FromString(one.event) for run in runs for one in run.entries]


async def test_a_new_record_is_accepted_and_published(kept: Kept) -> None:
    """The answer names the evidence and its position, and the event in the ledger has both."""
    (answer,) = await record_evidence(a_batch(a_sending()), intake=kept.intake)
    assert answer.outcome is Outcome.ACCEPTED
    (event,) = await published(kept)
    assert event.evidence_id == answer.evidence_id
    assert event.ledger_position == answer.position
    assert event.version == answer.version == answer.position
    assert event.recorded.score == 22_500
    assert event.learner == f"districts/{DISTRICT}/learners/ada"


async def test_the_same_bytes_again_are_answered_as_the_first_time(kept: Kept) -> None:
    """A repeat is REPEATED with the first answer's values, and nothing is added."""
    (first,) = await record_evidence(a_batch(a_sending()), intake=kept.intake)
    (second,) = await record_evidence(a_batch(a_sending()), intake=kept.intake)
    assert second == replace(first, outcome=Outcome.REPEATED)
    assert len(await published(kept)) == 1


async def test_a_repeat_is_answered_also_when_it_would_now_be_refused(kept: Kept) -> None:
    """A sending that was kept stays kept, though its time is out of range by now."""
    (first,) = await record_evidence(a_batch(a_sending()), intake=kept.intake)
    kept.clock.advance(timedelta(days=500))
    (second,) = await record_evidence(a_batch(a_sending()), intake=kept.intake)
    assert second == replace(first, outcome=Outcome.REPEATED)


async def test_an_event_id_with_other_bytes_is_refused(kept: Kept) -> None:
    """The first one stays as it is; the second waits in quarantine."""
    (first,) = await record_evidence(a_batch(a_sending()), intake=kept.intake)
    (second,) = await record_evidence(a_batch(a_sending(item="other")), intake=kept.intake)
    assert second.refusal is not None
    assert second.refusal.reason is RefusalReason.EVENT_ID_REUSED
    (event,) = await published(kept)
    assert (event.evidence_id, event.recorded.item) == (first.evidence_id, "item-1")


async def test_repeats_inside_one_batch_are_found(kept: Kept) -> None:
    """Of three with one event id, the equal one is repeated and the other one refused."""
    answers = await record_evidence(
        a_batch(a_sending(), a_sending(), a_sending(item="other")), intake=kept.intake
    )
    assert [one.outcome for one in answers] == [
        Outcome.ACCEPTED,
        Outcome.REPEATED,
        Outcome.REFUSED,
    ]
    assert answers[1].position == answers[0].position
    assert len(await published(kept)) == 1


async def test_a_correction_without_versions_follows_the_order_of_receipt(kept: Kept) -> None:
    """What is received later stands; both facts are published."""
    await record_evidence(a_batch(a_sending()), intake=kept.intake)
    corrected = a_sending(event_id="sending-2", item="corrected")
    (answer,) = await record_evidence(a_batch(corrected), intake=kept.intake)
    assert answer.outcome is Outcome.ACCEPTED
    standing = await get_evidence(DISTRICT, answer.evidence_id, ledger=kept.ledger)
    assert standing.position == answer.position
    assert [event.recorded.item for event in await published(kept)] == ["item-1", "corrected"]


async def test_two_versions_in_one_batch_are_both_kept(kept: Kept) -> None:
    """Two sendings of one observation in a batch: the first is added, the second corrects it."""
    answers = await record_evidence(
        a_batch(a_sending(version=1), a_sending(event_id="sending-2", version=2, item="corrected")),
        intake=kept.intake,
    )
    assert [one.outcome for one in answers] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    standing = await get_evidence(DISTRICT, answers[0].evidence_id, ledger=kept.ledger)
    assert standing.version == 2


async def test_an_older_version_is_superseded_and_never_published(kept: Kept) -> None:
    """A stale version is kept, answered SUPERSEDED, and changes nothing that stands."""
    await record_evidence(a_batch(a_sending(version=5)), intake=kept.intake)
    (stale,) = await record_evidence(
        a_batch(a_sending(event_id="sending-2", version=4)), intake=kept.intake
    )
    assert (stale.outcome, stale.version) == (Outcome.SUPERSEDED, 4)
    standing = await get_evidence(DISTRICT, stale.evidence_id, ledger=kept.ledger)
    assert standing.version == 5
    assert [event.version for event in await published(kept)] == [5]
    (again,) = await record_evidence(
        a_batch(a_sending(event_id="sending-2", version=4)), intake=kept.intake
    )
    assert again == replace(stale, outcome=Outcome.REPEATED)


async def test_equal_versions_are_decided_by_content_whatever_the_order(kept: Kept) -> None:
    """Of two contents with one version the higher hash stands, in either order of receipt."""
    one = a_sending(1, version=1, item="x")
    other = a_sending(1, event_id="sending-2", version=1, item="y")
    elsewhere = [
        a_sending(2, event_id="sending-3", entity_id="observation-2", version=1, item="y"),
        a_sending(2, event_id="sending-4", entity_id="observation-2", version=1, item="x"),
    ]
    await record_evidence(a_batch(one), intake=kept.intake)
    (first,) = await record_evidence(a_batch(other), intake=kept.intake)
    await record_evidence(a_batch(elsewhere[0]), intake=kept.intake)
    (second,) = await record_evidence(a_batch(elsewhere[1]), intake=kept.intake)
    standing = [
        await get_evidence(DISTRICT, answer.evidence_id, ledger=kept.ledger)
        for answer in (first, second)
    ]
    assert standing[0].content_hash == standing[1].content_hash


async def test_a_correction_of_the_learner_is_two_facts(kept: Kept) -> None:
    """The former learner's is retracted and the new one's recorded, with one version and hash."""
    await record_evidence(a_batch(a_sending()), intake=kept.intake)
    (answer,) = await record_evidence(
        a_batch(a_sending(event_id="sending-2", learner=BEN)), intake=kept.intake
    )
    facts = {event.learner: event for event in (await published(kept))[1:]}
    ada, ben = facts[f"districts/{DISTRICT}/learners/ada"], facts[BEN]
    assert ada.retracted.reason == evidence_pb2.EvidenceRetracted.REASON_LEARNER_CORRECTED
    assert ben.HasField("recorded")
    assert (ada.version, ada.content_hash) == (ben.version, ben.content_hash)
    assert ben.ledger_position == answer.position
    standing = await get_evidence(DISTRICT, answer.evidence_id, ledger=kept.ledger)
    assert (standing.learner_id, standing.kind) == ("ben", EntryKind.RECORDED)
    (again,) = await record_evidence(
        a_batch(a_sending(event_id="sending-2", learner=BEN)), intake=kept.intake
    )
    assert again == replace(answer, outcome=Outcome.REPEATED)


async def test_a_learners_list_shows_what_stands_newest_first(kept: Kept) -> None:
    """After corrections each observation is there once, of its present learner, page by page."""
    await record_evidence(a_batch(*[a_sending(i) for i in range(1, 6)]), intake=kept.intake)
    await record_evidence(
        a_batch(
            a_sending(1, event_id="moved", learner=BEN),
            a_sending(2, event_id="corrected", item="corrected"),
        ),
        intake=kept.intake,
    )
    seen: list[str] = []
    place = None
    for _ in range(4):
        query = ListEvidence(district=DISTRICT, learner_id="ada", after=place, page_size=2)
        page = await list_evidence(query, ledger=kept.ledger)
        seen += [one.entity_id for one in page.evidence]
        place = page.next_place
        if place is None:
            break
    assert seen == ["observation-2", "observation-5", "observation-4", "observation-3"]


async def test_refused_records_wait_in_quarantine_once(kept: Kept) -> None:
    """A refused record is kept with its bytes, line and reason; a repeat adds nothing."""
    bad = a_sending(2, learner=f"districts/{DISTRICT}/learners/nobody")
    batch = a_batch(a_sending(1), bad, import_id="spring", lines=(10, 11))
    for _ in range(2):
        answers = await record_evidence(batch, intake=kept.intake)
        assert answers[1].outcome is Outcome.REFUSED
    query = ListQuarantined(
        district=DISTRICT, selection=QuarantineSelection(import_id="spring"), before=None
    )
    page = await list_quarantined(query, ledger=kept.ledger)
    (one,) = page.records
    assert one.refused.record == bad.sent
    assert (one.refused.line, one.refused.event_id) == (11, "sending-2")
    assert one.refused.refusal.reason is RefusalReason.UNKNOWN_LEARNER
    other = ListQuarantined(
        district=DISTRICT, selection=QuarantineSelection(import_id="autumn"), before=None
    )
    assert not (await list_quarantined(other, ledger=kept.ledger)).records


async def test_the_quarantine_is_listed_newest_first_in_pages(kept: Kept) -> None:
    """Pages follow each other without a gap and end."""
    bad = [a_sending(i, learner="nobody") for i in range(5)]
    for one in bad:
        await record_evidence(a_batch(one), intake=kept.intake)
    seen: list[str] = []
    before: int | None = None
    for _ in range(4):
        query = ListQuarantined(
            district=DISTRICT, selection=QuarantineSelection(), before=before, page_size=2
        )
        page = await list_quarantined(query, ledger=kept.ledger)
        seen += [one.refused.event_id for one in page.records]
        before = page.next_before
        if before is None:
            break
    assert seen == [f"sending-{i}" for i in (4, 3, 2, 1, 0)]


async def test_what_cannot_be_a_text_of_the_store_is_quarantined_all_the_same(kept: Kept) -> None:
    """NUL in ids and sources, which PostgreSQL's text refuses, does not stop the quarantine."""
    bad = a_sending(1, event_id="a\x00b", source="s\x00" * 100)
    (answer,) = await record_evidence(a_batch(bad), intake=kept.intake)
    assert answer.outcome is Outcome.REFUSED
    query = ListQuarantined(district=DISTRICT, selection=QuarantineSelection(), before=None)
    (one,) = (await list_quarantined(query, ledger=kept.ledger)).records
    assert one.refused.record == bad.sent
    assert "\x00" not in one.refused.event_id + one.refused.source


async def test_validating_keeps_nothing(kept: Kept) -> None:
    """Neither ledger nor quarantine have anything; a known sending is told as repeated."""
    await record_evidence(a_batch(a_sending(1)), intake=kept.intake)
    answers = await record_evidence(
        a_batch(a_sending(1), a_sending(2), a_sending(3, learner="nobody"), validate_only=True),
        intake=kept.intake,
    )
    outcomes = [one.outcome for one in answers]
    assert outcomes == [Outcome.REPEATED, Outcome.VALID, Outcome.REFUSED]
    assert len(await published(kept)) == 1
    query = ListQuarantined(district=DISTRICT, selection=QuarantineSelection(), before=None)
    assert not (await list_quarantined(query, ledger=kept.ledger)).records


async def test_a_retraction_is_published_and_repeated(kept: Kept) -> None:
    """It gets a version above the standing one; the same sending again gives the same answer."""
    (answer,) = await record_evidence(a_batch(a_sending(version=7)), intake=kept.intake)
    command = RetractEvidence(
        district=DISTRICT, sources=SOURCES, evidence_id=answer.evidence_id, event_id="away-1"
    )
    first = await retract_evidence(command, intake=kept.intake)
    assert (first.retracted, first.version) == (True, 8)
    assert await retract_evidence(command, intake=kept.intake) == first
    (_, event) = await published(kept)
    assert event.retracted.reason == evidence_pb2.EvidenceRetracted.REASON_WITHDRAWN
    standing = await get_evidence(DISTRICT, answer.evidence_id, ledger=kept.ledger)
    assert standing.kind is EntryKind.RETRACTED
    other = replace(command, event_id="away-2")
    assert not (await retract_evidence(other, intake=kept.intake)).retracted
    assert not (await retract_evidence(other, intake=kept.intake)).retracted
    assert len(await published(kept)) == 2


async def test_a_newer_version_brings_retracted_evidence_back(kept: Kept) -> None:
    """After a retraction the next correction stands; of another learner it is one fact only."""
    (answer,) = await record_evidence(a_batch(a_sending()), intake=kept.intake)
    command = RetractEvidence(
        district=DISTRICT, sources=SOURCES, evidence_id=answer.evidence_id, event_id="away"
    )
    await retract_evidence(command, intake=kept.intake)
    await record_evidence(a_batch(a_sending(event_id="sending-2", learner=BEN)), intake=kept.intake)
    standing = await get_evidence(DISTRICT, answer.evidence_id, ledger=kept.ledger)
    assert (standing.kind, standing.learner_id) == (EntryKind.RECORDED, "ben")
    assert len(await published(kept)) == 3


async def test_a_retraction_of_what_is_not_there_is_an_error(kept: Kept) -> None:
    """So are one with a record's event id and one of a source that the sender may not speak for."""
    (answer,) = await record_evidence(a_batch(a_sending()), intake=kept.intake)
    command = RetractEvidence(
        district=DISTRICT, sources=SOURCES, evidence_id=answer.evidence_id, event_id="sending-1"
    )
    with pytest.raises(EventIdReusedError):
        await retract_evidence(command, intake=kept.intake)
    with pytest.raises(EvidenceNotFoundError):
        await retract_evidence(
            replace(command, event_id="away", evidence_id=b"\x01" * 16), intake=kept.intake
        )
    with pytest.raises(SourceNotAllowedError):
        await retract_evidence(
            replace(command, event_id="away", sources=frozenset()), intake=kept.intake
        )


async def test_an_import_is_retracted_in_runs(kept: Kept) -> None:
    """Only what stands because of the import goes; calls after the last one change nothing."""
    own = [a_sending(i) for i in range(1, 8)]
    await record_evidence(a_batch(*own, import_id="spring"), intake=kept.intake)
    await record_evidence(a_batch(a_sending(50), import_id="autumn"), intake=kept.intake)
    await record_evidence(a_batch(a_sending(3, event_id="live", item="live")), intake=kept.intake)
    command = RetractImport(district=DISTRICT, sources=SOURCES, import_id="spring", max_count=4)
    first = await retract_import(command, intake=kept.intake)
    second = await retract_import(command, intake=kept.intake)
    third = await retract_import(command, intake=kept.intake)
    assert (first.retracted_count, first.more) == (4, True)
    assert (second.retracted_count, second.more) == (2, False)
    assert (third.retracted_count, third.more) == (0, False)
    query = ListEvidence(district=DISTRICT, learner_id="ada", after=None)
    page = await list_evidence(query, ledger=kept.ledger)
    active = {one.entity_id for one in page.evidence if one.kind is EntryKind.RECORDED}
    assert active == {"observation-3", "observation-50"}


async def test_an_import_can_be_retracted_again_after_a_correction(kept: Kept) -> None:
    """What the same import sends later is retracted by a later call."""
    await record_evidence(a_batch(a_sending(1), import_id="spring"), intake=kept.intake)
    command = RetractImport(district=DISTRICT, sources=SOURCES, import_id="spring")
    await retract_import(command, intake=kept.intake)
    await record_evidence(
        a_batch(a_sending(1, event_id="again"), import_id="spring"), intake=kept.intake
    )
    done = await retract_import(command, intake=kept.intake)
    assert done.retracted_count == 1


async def test_districts_do_not_see_each_other(kept: Kept) -> None:
    """One event id and one entity id in two districts are two observations, each seen by one."""
    (own,) = await record_evidence(a_batch(a_sending()), intake=kept.intake)
    theirs = a_sending(
        learner="districts/cedar/learners/ada",
        alignments=[evidence_pb2.Alignment(competency="districts/cedar/competencies/6.rp.1")],
    )
    (other,) = await record_evidence(a_batch(theirs, district="cedar"), intake=kept.intake)
    assert other.outcome is Outcome.ACCEPTED
    assert other.evidence_id != own.evidence_id
    with pytest.raises(EvidenceNotFoundError):
        await get_evidence("cedar", own.evidence_id, ledger=kept.ledger)
    assert len(await published(kept)) == 1
    assert len(await published(kept, "cedar")) == 1
    assert len(await published(kept, None)) == 2


async def test_the_stream_goes_on_after_a_cursor(kept: Kept) -> None:
    """Read in runs of two with the last place as the next start, nothing is missed or repeated."""
    for number in range(1, 6):
        await record_evidence(a_batch(a_sending(number)), intake=kept.intake)
    seen: list[str] = []
    place = LedgerPlace(xact=0, position=0)
    for _ in range(3):
        query = StreamLedger(district=DISTRICT, after=place, run_size=2)
        async for run in stream_ledger(query, stream=kept.stream):
            seen += [
                evidence_pb2.EvidenceEvent.FromString(one.event).event_id for one in run.entries
            ]
            place = run.entries[-1].place
            break
    assert seen == [f"sending-{number}" for number in range(1, 6)]


async def test_the_same_batch_from_several_senders_at_once_is_kept_once(kept: Kept) -> None:
    """Of eight senders exactly one is told ACCEPTED for each record; all get the same values."""
    batch = [a_sending(number) for number in range(20)]

    async def send(order: int) -> dict[str, Answer]:
        mixed = batch[order:] + batch[:order]
        answers = await record_evidence(a_batch(*mixed), intake=kept.intake)
        return {answer.event_id: answer for answer in answers}

    answers = await asyncio.gather(*(send(order) for order in range(8)))
    for number in range(20):
        of_one = [each[f"sending-{number}"] for each in answers]
        assert sorted(one.outcome for one in of_one) == [Outcome.ACCEPTED] + [Outcome.REPEATED] * 7
        assert len({(one.evidence_id, one.version, one.position) for one in of_one}) == 1
    assert len(await published(kept)) == 20


async def test_corrections_from_several_senders_at_once_are_all_kept(kept: Kept) -> None:
    """Whoever loses the race over an observation decides again; the highest version stands."""
    await record_evidence(a_batch(*[a_sending(n, version=1) for n in range(4)]), intake=kept.intake)

    async def correct(version: int) -> None:
        sendings = [
            a_sending(n, event_id=f"sending-{n}-{version}", version=version) for n in range(4)
        ]
        await record_evidence(a_batch(*sendings), intake=kept.intake)

    await asyncio.gather(*(correct(version) for version in range(2, 6)))
    query = ListEvidence(district=DISTRICT, learner_id="ada", after=None)
    page = await list_evidence(query, ledger=kept.ledger)
    assert [one.version for one in page.evidence] == [5, 5, 5, 5]


async def test_what_an_import_sends_below_a_settled_place_is_retracted_at_the_end(
    kept: Kept,
) -> None:
    """Positions taken before a call and committed after it are found by the last call."""
    await record_evidence(
        a_batch(*[a_sending(i) for i in range(1, 5)], import_id="spring"), intake=kept.intake
    )
    command = RetractImport(district=DISTRICT, sources=SOURCES, import_id="spring", max_count=2)
    await retract_import(command, intake=kept.intake)
    async with kept.ledger.transaction(DISTRICT) as transaction:
        settled = await transaction.settled_up_to("spring")
        assert settled > 0
        await transaction.note_settled("spring", settled + 1_000)
    last = await retract_import(command, intake=kept.intake)
    assert (last.retracted_count, last.more) == (2, False)
