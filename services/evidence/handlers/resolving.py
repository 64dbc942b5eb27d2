"""Looking evidence up anew, in bounded steps: whom and what it counts for, with what is known now.

What is found otherwise becomes facts: the observation is retracted from the learner who had it and
recorded for the other one, in one transaction, so that no moment counts it twice or not at all.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.evidence.domain.identity import resolved_anew
from services.evidence.domain.ledger import (
    Entry,
    EntryKind,
    Standing,
    StandingRecord,
    says_the_same,
)
from services.evidence.domain.model import Evidence, Record, Refusal, Retraction, RetractionReason
from services.evidence.domain.normalise import RESERVED_PREFIX, normalise
from services.evidence.domain.resolution import Resolution, Scope
from services.evidence.domain.source_object import Collection, ObjectKey
from services.evidence.handlers.intake import Intake, RecordEvidence, Sending, micros_of
from services.evidence.handlers.look_up import look_up
from services.evidence.handlers.quarantine import EverySource, Redriving
from services.evidence.ports.documents import DocumentsChange
from services.evidence.ports.ledger import LedgerTransaction

STEP: Final = 500
"""Observations looked up in one transaction: some 50 ms of work."""

SECOND_PASS_SECONDS: Final = 30
"""Every transaction of the API has ended by then: they are bounded at 15 s."""


async def resolve_next(district: str, *, redriving: Redriving) -> bool:
    """Take one step of the oldest request of a district; say whether there was one."""
    async with redriving.store.change(district) as change:
        resolution = await change.resolutions.next()
        if resolution is None:
            return False
        if resolution.scope is Scope.SOURCE:
            await _read_again(resolution, change)
            return True
        found = await change.ledger.find_standing_records(resolution, STEP)
        await _Step(district, redriving, change.ledger).run(found)
        if len(found) == STEP:
            last = found[-1].standing.evidence_id
            await change.resolutions.advance(resolution.resolution_id, last)
        elif resolution.second:
            await change.resolutions.drop(resolution.resolution_id)
        else:
            await change.resolutions.repeat(resolution.resolution_id, SECOND_PASS_SECONDS)
    return True


async def _read_again(resolution: Resolution, change: DocumentsChange) -> None:
    """Make due some objects of a source; they are then derived as others that are due."""
    collection, _, object_id = resolution.after_id.decode().partition("/")
    after = ObjectKey(collection=Collection(collection), id=object_id) if collection else None
    marked = await change.objects.mark_read(resolution.source, after, STEP)
    if len(marked) < STEP:
        await change.resolutions.drop(resolution.resolution_id)
        return
    last = f"{marked[-1].collection.value}/{marked[-1].id}"
    await change.resolutions.advance(resolution.resolution_id, last.encode())


class _Step:
    """A run of observations, looked up anew in one transaction."""

    def __init__(self, district: str, redriving: Redriving, transaction: LedgerTransaction) -> None:
        self._district = district
        self._intake: Intake = redriving.intake
        self._decoder = redriving.decoder
        self._transaction = transaction
        self._receive_micros = micros_of(self._intake.clock.now())

    async def run(self, found: Sequence[StandingRecord]) -> int:
        """Keep what is found otherwise; return how many observations that are."""
        sendings = [
            Sending(sent=one.record, record=self._decoder.decode(one.record)) for one in found
        ]
        command = RecordEvidence(
            district=self._district, sources=EverySource(), sendings=sendings, redriven=True
        )
        known = await look_up(command, self._intake.policy, self._receive_micros, self._transaction)
        changed: list[tuple[Standing, Evidence, Record]] = []
        for one, sending in zip(found, sendings, strict=True):
            now = normalise(sending.record, known)
            # What cannot be resolved any more stays with whom it was: nobody has said otherwise.
            if not isinstance(now, Refusal) and not says_the_same(now, one.standing):
                changed.append((one.standing, now, sending.record))
        await self._keep(changed)
        return len(changed)

    async def _keep(self, changed: Sequence[tuple[Standing, Evidence, Record]]) -> None:
        positions = iter(await self._transaction.allocate(2 * len(changed)))
        entries: list[Entry] = []
        for standing, evidence, record in changed:
            entries += self._facts(standing, evidence, record, (next(positions), next(positions)))
        entries.sort(key=lambda entry: (entry.evidence_id, entry.revision))
        await self._transaction.append_next(entries)

    def _facts(
        self, standing: Standing, evidence: Evidence, record: Record, positions: tuple[int, int]
    ) -> Sequence[Entry]:
        content_hash = resolved_anew(evidence.content_hash, standing.content_hash)
        event_id = f"{RESERVED_PREFIX}resolve:{standing.evidence_id.hex()}:{standing.last_revision}"
        moved = evidence.learner_id != standing.learner_id
        own = self._recorded(
            standing,
            replace(evidence, content_hash=content_hash, event_id=event_id),
            position=positions[1],
            revision=standing.last_revision + 1 + moved,
            by_item=not record.alignments and not record.referenced_alignments,
        )
        if not moved:
            return (own,)
        return (self._retracted(standing, own, positions[0]), own)

    def _recorded(
        self, standing: Standing, evidence: Evidence, *, position: int, revision: int, by_item: bool
    ) -> Entry:
        return Entry(
            position=position,
            event_id=evidence.event_id,
            fact_number=0,
            evidence_id=standing.evidence_id,
            revision=revision,
            version=standing.version,
            content_hash=evidence.content_hash,
            learner_id=evidence.learner_id,
            kind=EntryKind.RECORDED,
            source=standing.source,
            entity_id=standing.entity_id,
            import_id=standing.import_id,
            item=evidence.item if by_item else None,
            occur_time_micros=evidence.occur_time_micros,
            receive_time_micros=standing.receive_time_micros,
            record=b"",
            event=self._intake.encoder.recorded(
                self._district,
                evidence,
                version=standing.version,
                position=position,
                receive_micros=standing.receive_time_micros,
            ),
        )

    def _retracted(self, standing: Standing, own: Entry, position: int) -> Entry:
        retraction = Retraction(
            evidence_id=own.evidence_id,
            learner_id=standing.learner_id,
            occur_time_micros=standing.occur_time_micros,
            reason=RetractionReason.LEARNER_MERGED,
            content_hash=own.content_hash,
        )
        return replace(
            own,
            position=position,
            fact_number=1,
            revision=own.revision - 1,
            learner_id=standing.learner_id,
            kind=EntryKind.RETRACTED,
            occur_time_micros=standing.occur_time_micros,
            event=self._intake.encoder.retracted(
                self._district,
                retraction,
                event_id=own.event_id,
                version=own.version,
                position=position,
                receive_micros=standing.receive_time_micros,
            ),
        )
