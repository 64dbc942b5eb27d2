"""Retracting evidence, one observation or a whole import. The entries stay in the ledger.

A retraction is one more row of the ledger, with a version above the one that stands.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from services.evidence.domain.errors import (
    ConcurrentChangeError,
    EventIdReusedError,
    EvidenceNotFoundError,
    InvalidRequestError,
    SourceNotAllowedError,
)
from services.evidence.domain.identity import SEPARATOR, resolved_as_often, retraction_hash
from services.evidence.domain.ledger import Entry, EntryKind, Standing, is_stale
from services.evidence.domain.model import Retraction, RetractionReason
from services.evidence.domain.normalise import MAX_VERSION, RESERVED_PREFIX, check_event_id
from services.evidence.handlers.intake import MAX_ATTEMPTS, Intake, micros_of
from services.evidence.ports.ledger import LedgerTransaction

MAX_RETRACTIONS = 5_000
"""Observations retracted in one transaction: about a second of work."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetractEvidence:
    """The command: retract one observation. version 0: above the one that stands."""

    district: str
    sources: Container[str]
    evidence_id: bytes
    event_id: str
    version: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Retracted:
    """A retraction's place. retracted: False where it changed nothing."""

    retracted: bool
    version: int
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RetractImport:
    """The command: retract at most max_count observations of an import; 0: as many as allowed."""

    district: str
    sources: Container[str]
    import_id: str
    max_count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportRetracted:
    """How far the retraction has come. more: whether observations are left that still count.

    position: the highest that was written to the ledger; 0 where nothing was.
    """

    retracted_count: int
    more: bool
    position: int = 0


async def retract_evidence(command: RetractEvidence, *, intake: Intake) -> Retracted:
    """Retract one observation, and answer a repeat as the first.

    Raises InvalidRequestError, EvidenceNotFoundError, EventIdReusedError, SourceNotAllowedError,
    ConcurrentChangeError.
    """
    _check(command)
    for _ in range(MAX_ATTEMPTS):
        try:
            async with intake.ledger.transaction(command.district) as transaction:
                return await _retract_one(command, intake, transaction)
        except ConcurrentChangeError:
            continue
    raise ConcurrentChangeError(attempts=MAX_ATTEMPTS)


async def retract_import(command: RetractImport, *, intake: Intake) -> ImportRetracted:
    """Retract a bounded number of an import's observations; call again while there are more.

    What of it is open in quarantine is discarded with the last of them, so that it is not taken up;
    and of source objects that it brought nothing is derived, until something else brings them.
    Event ids are derived from the import and the row that is retracted, so a call that is made
    again after a crash goes on where the last commit left it. Raises InvalidRequestError,
    SourceNotAllowedError, ConcurrentChangeError.
    """
    if not command.import_id:
        raise InvalidRequestError(field="import_id", message="is empty; say which import.")
    if not 0 <= command.max_count <= MAX_RETRACTIONS:
        raise InvalidRequestError(field="max_count", message=f"must be 0 to {MAX_RETRACTIONS}.")
    for _ in range(MAX_ATTEMPTS):
        try:
            async with intake.ledger.transaction(command.district) as transaction:
                return await _retract_run(command, intake, transaction)
        except ConcurrentChangeError:
            continue
    raise ConcurrentChangeError(attempts=MAX_ATTEMPTS)


def _check(command: RetractEvidence) -> None:
    refusal = check_event_id(command.event_id)
    if refusal is not None:
        raise InvalidRequestError(field=refusal.field, message=refusal.message)
    if not 0 <= command.version <= MAX_VERSION:
        raise InvalidRequestError(field="version", message=f"must be 0 to {MAX_VERSION}.")


async def _retract_one(
    command: RetractEvidence, intake: Intake, transaction: LedgerTransaction
) -> Retracted:
    sent = SEPARATOR.join(("retract", command.evidence_id.hex(), str(command.version))).encode()
    known = (await transaction.find_events([command.event_id])).get(command.event_id)
    if known is not None:
        if known.record != sent:
            raise EventIdReusedError(event_id=command.event_id)
        retracted = known.kind is EntryKind.RETRACTED
        return Retracted(retracted=retracted, version=known.version, position=known.position)
    standing = (await transaction.find_standing([command.evidence_id])).get(command.evidence_id)
    if standing is None:
        raise EvidenceNotFoundError(evidence=command.evidence_id.hex())
    _check_sources(command.sources, [standing])
    (position,) = await transaction.allocate(1)
    entry = RetractionRows(
        district=command.district, reason=RetractionReason.WITHDRAWN, intake=intake
    ).entry(
        standing,
        event_id=command.event_id,
        version=command.version,
        position=position,
        record=sent,
    )
    await transaction.append_next([entry])
    return Retracted(
        retracted=entry.kind is EntryKind.RETRACTED, version=entry.version, position=position
    )


async def _retract_run(
    command: RetractImport, intake: Intake, transaction: LedgerTransaction
) -> ImportRetracted:
    limit = command.max_count or MAX_RETRACTIONS
    found = await _find_next(command.import_id, limit + 1, transaction)
    run = found[:limit]
    more = len(found) > limit
    _check_sources(command.sources, run)
    sources = {one.source for one in run}
    if not more:
        sources |= set(
            await transaction.quarantine.discard_import(
                command.import_id, command.sources, micros_of(intake.clock.now())
            )
        )
    await transaction.withdraw(command.import_id, sources)
    if not run:
        return ImportRetracted(retracted_count=0, more=False)
    rows = RetractionRows(
        district=command.district, reason=RetractionReason.IMPORT_WITHDRAWN, intake=intake
    )
    entries = await rows.retract(run, prefix=command.import_id, transaction=transaction)
    if more:
        await transaction.note_settled(command.import_id, run[-1].position)
    position = max((entry.position for entry in entries), default=0)
    return ImportRetracted(retracted_count=len(run), more=more, position=position)


async def _find_next(
    import_id: str, limit: int, transaction: LedgerTransaction
) -> Sequence[Standing]:
    """Return what is to be retracted next: after what earlier calls settled, at the end anywhere.

    A batch of the import that was under way during an earlier call may have lower positions.
    """
    after = await transaction.settled_up_to(import_id)
    found = await transaction.find_standing_of_import(import_id, after, limit)
    if after and len(found) < limit:
        return await transaction.find_standing_of_import(import_id, 0, limit)
    return found


def _derived_event_id(prefix: str, standing: Standing) -> str:
    """Return the id of this retraction: the same each time, and another after a new correction."""
    return f"{RESERVED_PREFIX}{prefix}:{standing.evidence_id.hex()}:{standing.last_revision}"


def _check_sources(sources: Container[str], standing: Sequence[Standing]) -> None:
    for one in standing:
        if one.source not in sources:
            raise SourceNotAllowedError(source=one.source)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetractionRows:
    """Makes the rows of retractions for one reason."""

    district: str
    reason: RetractionReason
    intake: Intake

    async def retract(
        self, standing: Sequence[Standing], *, prefix: str, transaction: LedgerTransaction
    ) -> Sequence[Entry]:
        """Retract observations, each under an id of its own; return a row for each that changed."""
        counting = [one for one in standing if one.kind is EntryKind.RECORDED]
        positions = await transaction.allocate(len(counting))
        entries = [
            self.entry(one, event_id=_derived_event_id(prefix, one), version=0, position=position)
            for one, position in zip(counting, positions, strict=True)
        ]
        entries.sort(key=lambda entry: entry.evidence_id)
        await transaction.append_next(entries)
        return entries

    def entry(
        self,
        standing: Standing,
        *,
        event_id: str,
        version: int,
        position: int,
        record: bytes = b"",
    ) -> Entry:
        """Return the row that retracts what stands; superseded where it changes nothing."""
        content_hash = retraction_hash(standing.evidence_id, standing.learner_id, self.reason)
        version = version or standing.version + 1
        if version == standing.version:
            content_hash = resolved_as_often(content_hash, standing.content_hash)
        receive_micros = micros_of(self.intake.clock.now())
        changes = standing.kind is EntryKind.RECORDED and not is_stale(
            version, content_hash, standing
        )
        retraction = Retraction(
            evidence_id=standing.evidence_id,
            learner_id=standing.learner_id,
            occur_time_micros=standing.occur_time_micros,
            reason=self.reason,
            content_hash=content_hash,
        )
        return Entry(
            position=position,
            event_id=event_id,
            fact_number=0,
            evidence_id=standing.evidence_id,
            revision=standing.last_revision + 1,
            version=version,
            content_hash=content_hash,
            learner_id=standing.learner_id,
            kind=EntryKind.RETRACTED if changes else EntryKind.SUPERSEDED,
            source=standing.source,
            entity_id=standing.entity_id,
            import_id=None,
            occur_time_micros=standing.occur_time_micros,
            receive_time_micros=receive_micros,
            record=record,
            event=self.intake.encoder.retracted(
                self.district,
                retraction,
                event_id=event_id,
                version=version,
                position=position,
                receive_micros=receive_micros,
            )
            if changes
            else None,
        )
