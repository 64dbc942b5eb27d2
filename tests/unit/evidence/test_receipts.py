"""What is noted of sources that send records: often enough to be true, and no more often."""

from datetime import UTC, datetime, timedelta

from services.evidence.handlers.evidence import record_evidence
from services.evidence.handlers.receipts import REMEMBERED, ReceiptLog
from tests.support.evidence import (
    DISTRICT,
    NOW,
    RememberedReceipts,
    a_batch,
    a_sending,
    memory_kept,
)

NEWEST = int(NOW.timestamp()) * 1_000_000
LATER = NOW + timedelta(seconds=10)


async def test_a_source_that_sends_much_is_noted_now_and_then() -> None:
    """Within ten seconds nothing is noted again; after them, or where newer work comes, it is."""
    receipts = RememberedReceipts()
    log = ReceiptLog(receipts)
    await log.note("henry", {"lms": NEWEST}, NOW)
    await log.note("henry", {"lms": NEWEST + 9_999_999}, NOW + timedelta(seconds=9))
    assert len(receipts.noted) == 1
    await log.note("henry", {"lms": NEWEST + 10_000_000}, NOW + timedelta(seconds=9))
    await log.note("henry", {"lms": 0}, NOW + timedelta(seconds=18))
    assert len(receipts.noted) == 2
    await log.note("henry", {"lms": 0}, NOW + timedelta(seconds=19))
    assert receipts.noted[-1] == ("henry", "lms", NOW + timedelta(seconds=19), None)


async def test_each_source_of_each_district_is_noted_for_itself() -> None:
    """Names are the districts' own."""
    receipts = RememberedReceipts()
    log = ReceiptLog(receipts)
    await log.note("henry", {"sis": NEWEST, "lms": 0}, NOW)
    await log.note("cedar", {"sis": NEWEST}, NOW)
    assert [one[:2] for one in receipts.noted] == [
        ("henry", "lms"),
        ("henry", "sis"),
        ("cedar", "sis"),
    ]


async def test_what_is_remembered_has_a_bound() -> None:
    """The source that was noted longest ago is forgotten, and noted anew."""
    receipts = RememberedReceipts()
    log = ReceiptLog(receipts)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    for number in range(REMEMBERED + 1):
        await log.note("henry", {f"s{number}": 0}, now)
    await log.note("henry", {f"s{REMEMBERED}": 0}, now)
    assert len(receipts.noted) == REMEMBERED + 1
    await log.note("henry", {"s0": 0}, now)
    assert len(receipts.noted) == REMEMBERED + 2


async def test_a_batch_notes_its_sources_once_it_is_kept() -> None:
    """Refused records are received too, but say nothing of when work was done."""
    kept = memory_kept()
    await record_evidence(a_batch(a_sending(1)), intake=kept.intake)
    assert kept.receipts.noted == [(DISTRICT, "lms", NOW, NEWEST)]
    kept.clock.advance(timedelta(seconds=10))
    await record_evidence(a_batch(a_sending(2, learner="nobody")), intake=kept.intake)
    assert kept.receipts.noted[1:] == [(DISTRICT, "lms", LATER, None)]


async def test_what_is_tried_redriven_or_of_somebody_else_is_not_noted() -> None:
    """A check keeps nothing, a redrive receives nothing, and only its owner speaks for a source."""
    kept = memory_kept()
    for batch in (
        a_batch(a_sending(1), validate_only=True),
        a_batch(a_sending(1), redriven=True),
        a_batch(a_sending(2, source="stranger")),
    ):
        await record_evidence(batch, intake=kept.intake)
    assert kept.receipts.noted == []
