"""One batch of records in one transaction: what becomes of each, and what is written.

The common case (all new) is one insert: it is tried first, and only what it left out is looked at
again. Positions are taken up front, so that the bytes to publish are final when they are first
written.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from services.evidence.domain.errors import ConcurrentChangeError
from services.evidence.domain.identity import resolved_as_often
from services.evidence.domain.ledger import (
    Entry,
    EntryKind,
    KnownEvent,
    Standing,
    is_stale,
    says_the_same,
)
from services.evidence.domain.model import (
    Answer,
    Evidence,
    Outcome,
    Record,
    Refusal,
    RefusalReason,
    Retraction,
    RetractionReason,
)
from services.evidence.domain.normalise import check_event_id, normalise
from services.evidence.domain.quarantine import (
    KEPT_RECORD_BYTES,
    RefusedRecord,
    digest_of,
    keepable,
)
from services.evidence.handlers.intake import Intake, RecordEvidence, Sending, micros_of
from services.evidence.handlers.look_up import look_up
from services.evidence.ports.ledger import LedgerTransaction


class Batch:
    """One batch in one transaction. Indices are those of the command's sendings."""

    def __init__(
        self, command: RecordEvidence, intake: Intake, transaction: LedgerTransaction
    ) -> None:
        self._command = command
        self._intake = intake
        self._transaction = transaction
        self._receive_micros = micros_of(intake.clock.now())
        self._answers: dict[int, Answer] = {}
        self._reserved: Mapping[int, int] = {}

    async def run(self) -> Sequence[Answer]:
        """Decide on every record, keep what is to be kept, return the answers in order."""
        command = self._command
        first, again = _first_of_each_id(command.sendings)
        known = await look_up(command, self._intake.policy, self._receive_micros, self._transaction)
        checked = {index: normalise(command.sendings[index].record, known) for index in first}
        if command.validate_only:
            await self._answer_known(first)
            self._answer_valid(checked)
        else:
            self._reserved = await self._find_reserved(checked)
            await self._keep(checked)
        self._refuse_rest(checked)
        self._answer_again(again)
        return [self._answers[index] for index in range(len(command.sendings))]

    async def quarantine(self) -> Sequence[RefusedRecord]:
        """Keep what was refused or waits, each with its place in the order of receipt."""
        refused = {
            index: answer.refusal
            for index, answer in self._answers.items()
            if answer.refusal is not None
        }
        if not refused:
            return ()
        positions = await self._transaction.allocate(len(refused))
        records = [
            self._refused_record(index, refusal, position)
            for (index, refusal), position in zip(sorted(refused.items()), positions, strict=True)
        ]
        await self._transaction.quarantine.keep(sorted(records, key=lambda one: one.digest))
        return records

    async def _find_reserved(self, checked: Mapping[int, Evidence | Refusal]) -> Mapping[int, int]:
        """Return of what has waited, and is sent again, its place in the order of receipt.

        Only what names something by reference can have waited; the others need no look.
        """
        digests = {
            index: self._digest(self._command.sendings[index])
            for index, one in checked.items()
            if isinstance(one, Evidence)
            and not one.version
            and _is_referring(self._command.sendings[index].record)
        }
        if not digests or self._command.redriven:
            return {}
        found = await self._transaction.quarantine.reserved(digests.values())
        return {index: found[digest] for index, digest in digests.items() if digest in found}

    def _digest(self, sending: Sending) -> bytes:
        return sending.digest or digest_of(
            self._command.import_id, sending.record.event_id, sending.sent
        )

    async def _keep(self, checked: Mapping[int, Evidence | Refusal]) -> None:
        """Add what is new in one go; look again at what was left out or refused."""
        evidence: Mapping[int, Evidence] = {
            i: one for i, one in checked.items() if isinstance(one, Evidence)
        }
        if self._command.only_changes:
            evidence = await self._without_standing(evidence)
        positions: dict[int, int] = {}
        if evidence:
            allocated = await self._transaction.allocate(len(evidence))
            positions = dict(zip(evidence, allocated, strict=True))
            await self._keep_fresh(evidence, positions)
        if len(self._answers) < len(checked):
            await self._answer_known([index for index in checked if index not in self._answers])
        late = {i: one for i, one in evidence.items() if i not in self._answers}
        if late:
            await self._keep_further(late, positions)

    async def _without_standing(self, evidence: Mapping[int, Evidence]) -> Mapping[int, Evidence]:
        """Answer what stands as it is sent; return the rest."""
        ids = sorted({one.evidence_id for one in evidence.values()})
        standing = await self._transaction.find_standing(ids) if ids else {}
        rest = {}
        for index, one in evidence.items():
            before = standing.get(one.evidence_id)
            if before is None or not says_the_same(one, before):
                rest[index] = one
                continue
            self._answers[index] = Answer(
                event_id=one.event_id,
                outcome=Outcome.REPEATED,
                evidence_id=one.evidence_id,
                version=before.version,
                position=before.position,
            )
        return rest

    async def _keep_fresh(
        self, evidence: Mapping[int, Evidence], positions: Mapping[int, int]
    ) -> None:
        """Insert everything as if it were new; what is not new is left out by the ledger."""
        entries = [self._entry(i, one, positions[i]) for i, one in evidence.items()]
        # Two batches that add the same observations in opposite order would wait for each other.
        # The sort is stable: of two records of one observation, the first is added first.
        entries.sort(key=lambda entry: entry.evidence_id)
        added = await self._transaction.append_fresh(entries)
        for index, one in evidence.items():
            position = positions[index]
            if position in added:
                self._answers[index] = Answer(
                    event_id=one.event_id,
                    outcome=Outcome.ACCEPTED,
                    evidence_id=one.evidence_id,
                    version=self._version(index, one, position),
                    position=position,
                )

    def _version(self, index: int, one: Evidence, position: int) -> int:
        """Return the source's version; where it has none, the place in the order of receipt."""
        reserved = self._command.sendings[index].reserved_version or self._reserved.get(index)
        return one.version or reserved or position

    def _entry(self, index: int, one: Evidence, position: int, revision: int = 1) -> Entry:
        version = self._version(index, one, position)
        record = self._command.sendings[index].record
        by_item = not record.alignments and not record.referenced_alignments
        return Entry(
            position=position,
            event_id=one.event_id,
            fact_number=0,
            evidence_id=one.evidence_id,
            revision=revision,
            version=version,
            content_hash=one.content_hash,
            learner_id=one.learner_id,
            kind=EntryKind.RECORDED,
            source=one.source,
            entity_id=one.entity_id,
            import_id=self._command.import_id,
            item=one.item if by_item else None,
            occur_time_micros=one.occur_time_micros,
            receive_time_micros=self._receive_micros,
            record=self._command.sendings[index].sent,
            event=self._intake.encoder.recorded(
                self._command.district,
                one,
                version=version,
                position=position,
                receive_micros=self._receive_micros,
            ),
        )

    async def _answer_known(self, indices: Collection[int]) -> None:
        """Answer what was here before: the same record as then, another one with a refusal."""
        sendings = self._command.sendings
        by_id = {
            sendings[i].record.event_id: i
            for i in indices
            if check_event_id(sendings[i].record.event_id) is None
        }
        if not by_id:
            return
        events = await self._transaction.find_events(sorted(by_id))
        for event_id, event in events.items():
            index = by_id[event_id]
            self._answers[index] = _answer_of_before(event_id, event, sendings[index].sent)

    async def _keep_further(
        self, late: Mapping[int, Evidence], positions: Mapping[int, int]
    ) -> None:
        """Keep corrections and stale versions of observations that are already here."""
        ids = sorted({one.evidence_id for one in late.values()})
        standing = dict(await self._transaction.find_standing(ids))
        spare = iter(await self._transaction.allocate(len(late)))
        entries: list[Entry] = []
        for index, one in late.items():
            before = standing.get(one.evidence_id)
            if before is None:
                # Left out because of a row that is gone again, or whose event id came in between.
                raise ConcurrentChangeError
            further = self._further(index, one, positions[index], before, next(spare))
            entries += further
            standing[one.evidence_id] = _standing_after(before, further)
            self._answers[index] = Answer(
                event_id=one.event_id,
                outcome=Outcome.SUPERSEDED
                if further[-1].kind is EntryKind.SUPERSEDED
                else Outcome.ACCEPTED,
                evidence_id=one.evidence_id,
                version=further[-1].version,
                position=further[-1].position,
            )
        entries.sort(key=lambda entry: (entry.evidence_id, entry.revision))
        await self._transaction.append_next(entries)

    def _further(
        self, index: int, one: Evidence, position: int, before: Standing, spare_position: int
    ) -> list[Entry]:
        """Return the rows that a further version adds; the last one is the sending's own."""
        revision = before.last_revision + 1
        if self._version(index, one, position) == before.version:
            content_hash = resolved_as_often(one.content_hash, before.content_hash)
            one = replace(one, content_hash=content_hash)
        own = self._entry(index, one, position, revision)
        if is_stale(own.version, own.content_hash, before):
            return [replace(own, kind=EntryKind.SUPERSEDED, event=None)]
        if before.kind is EntryKind.RETRACTED or before.learner_id == one.learner_id:
            return [own]
        return [
            self._retraction_from_former(own, before, spare_position),
            replace(own, revision=revision + 1),
        ]

    def _retraction_from_former(self, own: Entry, before: Standing, position: int) -> Entry:
        """Return the fact that takes the observation from the learner who had it.

        It carries the correction's version and hash, so that it wins for the former learner
        exactly where the correction wins for the new one.
        """
        retraction = Retraction(
            evidence_id=own.evidence_id,
            learner_id=before.learner_id,
            occur_time_micros=before.occur_time_micros,
            reason=RetractionReason.LEARNER_CORRECTED,
            content_hash=own.content_hash,
        )
        return replace(
            own,
            position=position,
            fact_number=1,
            learner_id=before.learner_id,
            kind=EntryKind.RETRACTED,
            occur_time_micros=before.occur_time_micros,
            record=b"",
            event=self._intake.encoder.retracted(
                self._command.district,
                retraction,
                event_id=own.event_id,
                version=own.version,
                position=position,
                receive_micros=self._receive_micros,
            ),
        )

    def _answer_valid(self, checked: Mapping[int, Evidence | Refusal]) -> None:
        for index, one in checked.items():
            if index not in self._answers and isinstance(one, Evidence):
                self._answers[index] = Answer(
                    event_id=one.event_id,
                    outcome=Outcome.VALID,
                    evidence_id=one.evidence_id,
                    version=one.version,
                )

    def _refuse_rest(self, checked: Mapping[int, Evidence | Refusal]) -> None:
        for index, one in checked.items():
            if index not in self._answers and isinstance(one, Refusal):
                event_id = self._command.sendings[index].record.event_id
                self._answers[index] = _refused(event_id, one)

    def _answer_again(self, again: Mapping[int, int]) -> None:
        """Answer what came twice in this batch as the first of it was answered."""
        sendings = self._command.sendings
        for index, first in again.items():
            event_id = sendings[index].record.event_id
            answer = self._answers[first]
            if sendings[index].sent != sendings[first].sent:
                answer = _refused(event_id, _reused(event_id))
            elif answer.outcome in (Outcome.ACCEPTED, Outcome.SUPERSEDED):
                answer = replace(answer, outcome=Outcome.REPEATED)
            self._answers[index] = answer

    def _refused_record(self, index: int, refusal: Refusal, position: int) -> RefusedRecord:
        command = self._command
        sending = command.sendings[index]
        return RefusedRecord(
            source=keepable(sending.record.source),
            event_id=keepable(sending.record.event_id),
            import_id=command.import_id,
            line=command.lines[index] if command.lines else 0,
            refusal=refusal,
            record=sending.sent[:KEPT_RECORD_BYTES],
            record_length_bytes=len(sending.sent),
            digest=self._digest(sending),
            receive_time_micros=self._receive_micros,
            position=position,
            subject=sending.subject,
        )


def _is_referring(record: Record) -> bool:
    return record.learner_reference is not None or not record.alignments


def _first_of_each_id(sendings: Sequence[Sending]) -> tuple[list[int], dict[int, int]]:
    """Return the indices that are first with their event id, and for each other one the first."""
    seen: dict[str, int] = {}
    first: list[int] = []
    again: dict[int, int] = {}
    for index, sending in enumerate(sendings):
        event_id = sending.record.event_id
        # Records without an id are no repeats of each other: each is refused for itself.
        before = seen.setdefault(event_id, index) if event_id else index
        if before == index:
            first.append(index)
        else:
            again[index] = before
    return first, again


def _answer_of_before(event_id: str, event: KnownEvent, sent: bytes) -> Answer:
    if event.record != sent:
        return _refused(event_id, _reused(event_id))
    return Answer(
        event_id=event_id,
        outcome=Outcome.REPEATED,
        evidence_id=event.evidence_id,
        version=event.version,
        position=event.position,
    )


def _standing_after(before: Standing, further: Sequence[Entry]) -> Standing:
    """Return what stands once the rows are added."""
    own = further[-1]
    if own.kind is EntryKind.SUPERSEDED:
        return replace(before, last_revision=own.revision)
    return replace(
        before,
        last_revision=own.revision,
        version=own.version,
        content_hash=own.content_hash,
        learner_id=own.learner_id,
        kind=own.kind,
        occur_time_micros=own.occur_time_micros,
    )


def _reused(event_id: str) -> Refusal:
    return Refusal(
        reason=RefusalReason.EVENT_ID_REUSED,
        field="event_id",
        message=f"Event id {event_id!r} was used before for a record with other content.",
        hint="Give each sending an id of its own; a correction repeats entity_id, not event_id.",
    )


def _refused(event_id: str, refusal: Refusal) -> Answer:
    outcome = Outcome.WAITING if refusal.awaits else Outcome.REFUSED
    return Answer(event_id=event_id, outcome=outcome, refusal=refusal)
