"""What a batch of records is checked against, gathered in a few queries of its transaction.

A batch that names everything by Trellis' own names needs two; each kind of reference adds one.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

from services.common.ids import NAMESPACE_TRELLIS, derive_id
from services.evidence.domain.aliases import Alias
from services.evidence.domain.known import (
    ItemKey,
    Known,
    KnownLearner,
    competency_prefix,
    ids_after,
    learner_prefix,
)
from services.evidence.domain.model import Record
from services.evidence.domain.references import CompetencyReference, Reference
from services.evidence.domain.resolve import can_be_looked_up
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.handlers.intake import IntakePolicy, RecordEvidence, micros_of
from services.evidence.ports.directory import Directory
from services.evidence.ports.ledger import LedgerTransaction

_MICROSECONDS_A_DAY = 86_400_000_000


@lru_cache(maxsize=1024)
def district_namespace(district: str) -> bytes:
    """Return the 16 bytes under which a district's evidence ids lie."""
    return derive_id(NAMESPACE_TRELLIS, district).bytes


async def look_up(
    command: RecordEvidence,
    policy: IntakePolicy,
    receive_micros: int,
    transaction: LedgerTransaction,
) -> Known:
    """Return what is known of everything that the batch speaks of."""
    records = [sending.record for sending in command.sendings]
    search = _Search(command.district, transaction.directory)
    aliases = await search.aliases(records)
    items = await search.items(records)
    history = command.import_id is not None or command.redriven
    return Known(
        district=command.district,
        district_namespace=district_namespace(command.district),
        # Each is asked about once, not with each record.
        sources={one for one in {record.source for record in records} if one in command.sources},
        learners=await search.learners(records, aliases),
        competencies=await search.competencies(records),
        aliases=aliases,
        references=await search.references(records, items),
        items=items,
        earliest_micros=micros_of(policy.import_earliest)
        if history
        else receive_micros - policy.back_days * _MICROSECONDS_A_DAY,
        latest_micros=receive_micros + policy.ahead_seconds * 1_000_000,
    )


class _Search:
    """The look-ups of one batch; each asks only where there is something to ask."""

    def __init__(self, district: str, directory: Directory) -> None:
        self._district = district
        self._directory = directory

    async def aliases(self, records: Sequence[Record]) -> Mapping[Reference, Sequence[Alias]]:
        asked = {one.learner_reference for one in records if one.learner_reference is not None}
        keepable = {one for one in asked if can_be_looked_up(one.value, one.system)}
        return await self._directory.aliases(self._district, keepable) if keepable else {}

    async def learners(
        self, records: Sequence[Record], aliases: Mapping[Reference, Sequence[Alias]]
    ) -> Mapping[str, KnownLearner]:
        ids = ids_after(learner_prefix(self._district), [record.learner for record in records])
        ids |= {alias.subject_id for alias in chain.from_iterable(aliases.values())}
        if not ids:
            return {}
        found = await self._directory.learners(self._district, ids)
        return {
            learner_id: KnownLearner(learner_id=counted_id, zone=_zone(zone))
            for learner_id, (counted_id, zone) in found.items()
        }

    async def competencies(self, records: Sequence[Record]) -> Mapping[str, str]:
        names = [name for record in records for name, _ in record.alignments]
        ids = ids_after(competency_prefix(self._district), names)
        return await self._directory.competencies(self._district, ids) if ids else {}

    async def items(self, records: Sequence[Record]) -> Mapping[ItemKey, ItemAlignment]:
        keys = {
            (one.source, one.item)
            for one in records
            if one.item and not one.alignments and not one.referenced_alignments
        }
        keepable = {key for key in keys if can_be_looked_up(*key)}
        return await self._directory.items(self._district, keepable) if keepable else {}

    async def references(
        self, records: Sequence[Record], items: Mapping[ItemKey, ItemAlignment]
    ) -> Mapping[CompetencyReference, Collection[str]]:
        asked = {one for record in records for one, _ in record.referenced_alignments}
        asked |= {one for item in items.values() for one, _ in item.references}
        keepable = {one for one in asked if can_be_looked_up(one.value, one.framework)}
        return await self._directory.meanings(self._district, keepable) if keepable else {}


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)
