"""That sources have sent records is noted, and seldom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.evidence.adapters.memory.receipts import MemoryReceipts
from services.evidence.domain.model import RefusalReason
from services.evidence.handlers import receipts as module
from services.evidence.handlers.evidence import record_evidence
from services.evidence.handlers.receipts import NEWER_BY_MICROS, Receipts
from tests.support.evidence import DISTRICT, NOW, a_batch, a_sending, memory_kept

WORK = 1_788_000_000_000_000


class CountingReceipts(MemoryReceipts):
    """Remembers how often something was noted."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    async def note(self, *arguments, **named):
        """Count, and note."""
        self.times += 1
        await super().note(*arguments, **named)


async def test_batches_of_a_minute_are_noted_once():
    """Else batches of one source would wait for one another."""
    store = CountingReceipts()
    receipts = Receipts(store)
    for second in range(60):
        await receipts.note(DISTRICT, NOW + timedelta(seconds=second), {"lms": WORK + second})
    assert store.times == 1
    await receipts.note(DISTRICT, NOW + timedelta(minutes=1), {"lms": WORK})
    assert store.times == 2
    assert store.noted[DISTRICT, "lms"] == (NOW + timedelta(minutes=1), WORK)


async def test_newer_work_another_source_and_another_district_are_noted_at_once():
    """An import tells of a term within a minute."""
    store = CountingReceipts()
    receipts = Receipts(store)
    await receipts.note(DISTRICT, NOW, {"lms": WORK})
    await receipts.note(DISTRICT, NOW, {"lms": WORK + NEWER_BY_MICROS})
    assert store.noted[DISTRICT, "lms"] == (NOW, WORK + NEWER_BY_MICROS)
    await receipts.note(DISTRICT, NOW, {"sis": WORK})
    await receipts.note("cedar", NOW, {"lms": WORK})
    assert store.times == 4
    await receipts.note(DISTRICT, NOW, {})
    assert store.times == 4


async def test_what_is_remembered_is_bounded(monkeypatch):
    """A sender that makes up sources costs notes, and no memory."""
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2)
    store = CountingReceipts()
    receipts = Receipts(store)
    for number in range(5):
        await receipts.note(DISTRICT, NOW, {f"s{number}": WORK})
    assert len(receipts._noted) <= 2
    await receipts.note(DISTRICT, NOW, {"s0": WORK})
    assert store.times == 6


async def test_what_is_refused_or_only_looked_at_is_no_receipt():
    """A source that is not the credential's must not come into the list."""
    store = CountingReceipts()
    intake = replace(memory_kept().intake, receipts=Receipts(store))
    await record_evidence(a_batch(a_sending(), validate_only=True), intake=intake)
    (answer,) = await record_evidence(a_batch(a_sending(source="elsewhere")), intake=intake)
    assert answer.refusal is not None
    assert answer.refusal.reason is RefusalReason.SOURCE_NOT_ALLOWED
    assert store.noted == {}
    await record_evidence(a_batch(a_sending()), intake=intake)
    assert [source for _, source in store.noted] == [a_sending().record.source]
