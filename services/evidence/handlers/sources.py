"""The sources of a district, and the alignments of their items."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.entities import (
    DEFAULT_PAGE_SIZE,
    MAX_BATCH,
    MAX_PAGE_SIZE,
    BatchTooLargeError,
)
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.evidence_of import assessments_of
from services.evidence.domain.normalise import MAX_DOK, MAX_TEXT_LENGTH
from services.evidence.domain.quarantine import (
    KEPT_RECORD_BYTES,
    QuarantineCount,
    QuarantineKind,
    RefusedRecord,
    digest_of,
    keepable,
)
from services.evidence.domain.resolve import MAX_ALIGNMENTS, can_be_looked_up
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.domain.sources import SourceReading
from services.evidence.domain.texts import IDENTIFIER
from services.evidence.domain.waiting import for_item
from services.evidence.handlers.documents.objects import note_refused
from services.evidence.handlers.documents.surroundings import Surroundings
from services.evidence.handlers.intake import micros_of
from services.evidence.handlers.readings import bounded
from services.evidence.ports.directory import Directory
from services.evidence.ports.documents import UnreadDocument

MAX_POINTS_MILLI: Final = 10**9
"""A million points, in thousandths: more than any item gives."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceStatus:
    """How to read a source, how it is doing, and what of it is open in quarantine."""

    reading: SourceReading
    quarantined: Sequence[QuarantineCount]


async def put_source(
    district: str,
    reading: SourceReading,
    *,
    time_zones: Collection[str],
    surroundings: Surroundings,
) -> SourceReading:
    """Keep how to read a source; what it has sent is read anew where that makes a difference.

    Raises InvalidRequestError.
    """
    if not IDENTIFIER.fullmatch(reading.source):
        raise InvalidRequestError(field="source", message="is no name of a source.")
    if reading.time_zone not in time_zones:
        raise InvalidRequestError(
            field="time_zone", message='is none of the IANA database, as in "America/New_York".'
        )
    if not 1 <= reading.objective_maximum_milli <= 10**9:
        raise InvalidRequestError(field="objective_maximum_milli", message="must be above zero.")
    if not 0 <= reading.deletion_limit_milli <= 1_000:
        raise InvalidRequestError(field="deletion_limit_milli", message="must be 1 to 1000.")
    if not can_be_looked_up(reading.learners_org):
        raise InvalidRequestError(field="learners_org", message="is too long or unprintable.")
    async with surroundings.store.change(district) as change:
        before = await change.sources.find(reading.source)
        await change.sources.put(reading)
        if before is not None and before.way != reading.way:
            await change.resolutions.request_sources([reading.source])
        found = await change.sources.find(reading.source)
    assert found is not None
    return found


async def list_sources(district: str, *, surroundings: Surroundings) -> Sequence[SourceStatus]:
    """Return the sources by name; one that has only sent what was refused is among them."""
    async with surroundings.store.change(district) as change:
        readings = {one.source: one for one in await change.sources.all()}
        counts = await change.ledger.quarantine.counts()
    for one in counts:
        readings.setdefault(one.source, SourceReading(source=one.source, time_zone=""))
    return [
        SourceStatus(reading=reading, quarantined=[one for one in counts if one.source == source])
        for source, reading in sorted(readings.items())
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlignmentsPut:
    """What keeping alignments came to.

    changed_count: how many are news. released_count: records in quarantine that this sets free.
    unresolved: (place of the alignment, place of the competency in it, how many it may mean).
    """

    changed_count: int
    released_count: int
    unresolved: Sequence[tuple[int, int, int]]


async def put_alignments(
    district: str,
    source: str,
    alignments: Sequence[ItemAlignment],
    *,
    validate_only: bool = False,
    surroundings: Surroundings,
) -> AlignmentsPut:
    """Keep what items are about; with validate_only say what that would come to.

    Evidence of items whose alignment is another one is looked up anew. Raises BatchTooLargeError
    and InvalidRequestError.
    """
    if len(alignments) > MAX_BATCH:
        raise BatchTooLargeError(count=len(alignments))
    for index, one in enumerate(alignments):
        _check_alignment(index, one)
    async with surroundings.store.change(district) as change:
        directory = change.ledger.directory
        unresolved = await _unresolved(district, alignments, directory)
        if validate_only:
            standing = await directory.items(district, {(source, one.item) for one in alignments})
            news = {one.item for one in alignments if standing.get((source, one.item)) != one}
            return AlignmentsPut(changed_count=len(news), released_count=0, unresolved=unresolved)
        changed = await change.alignments.keep(source, alignments)
        await change.resolutions.request_items(source, changed)
        left = await change.objects.mark_sittings(assessments_of(changed))
        await change.resolutions.request_sources(left)
        released = await change.ledger.quarantine.release(
            [for_item(source, item) for item in changed]
        )
    return AlignmentsPut(changed_count=len(changed), released_count=released, unresolved=unresolved)


async def _unresolved(
    district: str, alignments: Sequence[ItemAlignment], directory: Directory
) -> Sequence[tuple[int, int, int]]:
    asked = {reference for one in alignments for reference, _ in one.references}
    meanings = await directory.meanings(district, asked) if asked else {}
    return [
        (index, place, count)
        for index, one in enumerate(alignments)
        for place, (reference, _) in enumerate(one.references)
        if (count := len(meanings.get(reference, ()))) != 1
    ]


def _check_alignment(index: int, one: ItemAlignment) -> None:
    place = f"alignments[{index}]"
    if not one.item or len(one.item) > MAX_TEXT_LENGTH or not can_be_looked_up(one.item):
        raise InvalidRequestError(field=f"{place}.item", message="is empty, long or unprintable.")
    if not 1 <= len(one.references) <= MAX_ALIGNMENTS:
        raise InvalidRequestError(
            field=f"{place}.competencies", message=f"name 1 to {MAX_ALIGNMENTS}."
        )
    for reference, weight_milli in one.references:
        if not reference.value or not can_be_looked_up(reference.value, reference.framework):
            raise InvalidRequestError(
                field=f"{place}.competencies", message="has an empty or unprintable reference."
            )
        if not 0 <= weight_milli <= 1_000:
            raise InvalidRequestError(
                field=f"{place}.competencies", message="has a weight that is no share of 1000."
            )
    if one.maximum_milli is not None and not 1 <= one.maximum_milli <= MAX_POINTS_MILLI:
        raise InvalidRequestError(
            field=f"{place}.maximum_milli", message=f"must be 0 (unknown) to {MAX_POINTS_MILLI}."
        )
    if not 0 <= one.dok <= MAX_DOK:
        raise InvalidRequestError(field=f"{place}.dok", message=f"must be 0 to {MAX_DOK}.")


async def list_alignments(
    district: str, source: str, after: str, page_size: int, *, surroundings: Surroundings
) -> tuple[Sequence[tuple[ItemAlignment, int]], str]:
    """Return a page of alignments with their versions, and the item after which the next begins."""
    limit = bounded(page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    async with surroundings.store.change(district) as change:
        found = await change.alignments.page(source, after, limit + 1)
    page = found[:limit]
    return page, page[-1][0].item if len(found) > limit else ""


async def quarantine_documents(
    district: str,
    source: str,
    documents: Sequence[UnreadDocument],
    *,
    format_number: int,
    import_id: str | None,
    surroundings: Surroundings,
) -> None:
    """Keep what an importer could not read. Raises BatchTooLargeError.

    What it is about is still there: an import that brings it, however faulty, does not delete it.
    """
    if len(documents) > MAX_BATCH:
        raise BatchTooLargeError(count=len(documents))
    now = micros_of(surroundings.intake.clock.now())
    async with surroundings.store.change(district) as change:
        transaction = change.ledger
        if import_id is not None:
            told = [(one.collection, one.object_id) for one in documents]
            await note_refused(change.objects, source, told, import_id)
        positions = await transaction.allocate(len(documents))
        refused = [
            RefusedRecord(
                kind=QuarantineKind.DOCUMENT,
                source=source,
                event_id=keepable(one.object_id),
                collection=keepable(one.collection),
                format_number=format_number,
                import_id=import_id,
                file=keepable(one.file),
                line=one.line,
                refusal=one.refusal,
                record=one.content[:KEPT_RECORD_BYTES],
                record_length_bytes=len(one.content),
                digest=digest_of(None, f"{source}/{one.collection}/{one.file}", one.content),
                receive_time_micros=now,
                position=position,
            )
            for one, position in zip(documents, positions, strict=True)
        ]
        await transaction.quarantine.keep(sorted(refused, key=lambda one: one.digest))
