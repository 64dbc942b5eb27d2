"""Reading evidence and the ledger. Nothing in here writes."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from services.evidence.domain.entities import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from services.evidence.domain.errors import EvidenceNotFoundError, InvalidRequestError
from services.evidence.domain.ledger import EvidencePlace, LedgerPlace, PublishedEntry, Standing
from services.evidence.ports.ledger import Ledger, LedgerStream

MAX_RUN_SIZE = 1_000
DEFAULT_RUN_SIZE = 500
"""Events in one message of a stream: about 100 KiB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListEvidence:
    """The query: a learner's observations as they stand, after a place; page_size 0: 100."""

    district: str
    learner_id: str
    after: EvidencePlace | None
    page_size: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidencePage:
    """A page of observations, newest first; next_place is absent on the last one."""

    evidence: Sequence[Standing]
    next_place: EvidencePlace | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamLedger:
    """The query: the published ledger after a place. district None: of every district."""

    district: str | None
    after: LedgerPlace
    run_size: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRun:
    """Entries of the ledger, one after the other.

    When the last run has come, so has every entry up to `complete_position` that is ever published.
    """

    entries: Sequence[PublishedEntry]
    complete_position: int


async def get_evidence(district: str, evidence_id: bytes, *, ledger: Ledger) -> Standing:
    """Return one observation as it stands. Raises EvidenceNotFoundError."""
    async with ledger.transaction(district, read_only=True) as transaction:
        found = await transaction.find_standing([evidence_id])
    if evidence_id not in found:
        raise EvidenceNotFoundError(evidence=evidence_id.hex())
    return found[evidence_id]


async def list_evidence(query: ListEvidence, *, ledger: Ledger) -> EvidencePage:
    """Return a page of a learner's observations. Raises InvalidRequestError."""
    limit = bounded(query.page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    async with ledger.transaction(query.district, read_only=True) as transaction:
        found = await transaction.list_of_learner(query.learner_id, query.after, limit + 1)
    page = found[:limit]
    if len(found) <= limit:
        return EvidencePage(evidence=page, next_place=None)
    last = page[-1]
    place = EvidencePlace(occur_time_micros=last.occur_time_micros, position=last.position)
    return EvidencePage(evidence=page, next_place=place)


async def stream_ledger(query: StreamLedger, *, stream: LedgerStream) -> AsyncIterator[LedgerRun]:
    """Give the published ledger in runs, up to what was committed at the call.

    Each run is a short read of its own: a transaction held open for the whole stream would stall
    every relay of the server. Raises InvalidRequestError.
    """
    limit = bounded(query.run_size, DEFAULT_RUN_SIZE, MAX_RUN_SIZE)
    # In this order: what is complete by then lies below what is settled afterwards.
    complete_position = await stream.complete_position()
    settled_before = await stream.settled_before()
    place = query.after
    while True:
        run = await stream.read(query.district, place, settled_before, limit)
        if run:
            yield LedgerRun(entries=run, complete_position=complete_position)
            place = run[-1].place
        if len(run) < limit:
            return


def bounded(size: int, default: int, maximum: int) -> int:
    """Return a page size, the default for 0. Raises InvalidRequestError where out of bounds."""
    if not 0 <= size <= maximum:
        raise InvalidRequestError(field="page_size", message=f"must be 0 to {maximum}.")
    return size or default
