"""Folds a chunk of facts into the state, or lays it aside for a rebuild.

Both in a transaction that the caller commits.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.mastery.domain.epochs import ChunkEpochs, Weighing
from services.mastery.domain.fold import fold, rows_of
from services.mastery.domain.registry import EvidenceColumns, RegistryRow
from services.mastery.domain.retention import Refusal, Verdict, horizons_of, judge
from services.mastery.ports.fold import FoldStore, ReadingTerms, StagingStore


async def apply_evidence(store: FoldStore, columns: EvidenceColumns) -> Sequence[Refusal]:
    """Fold the facts, and return which were refused; a chunk without any changes nothing."""
    if not len(columns):
        return ()
    weighing = await _weighing(store, columns)
    registered = await store.registered(columns)
    verdict = await _verdict(store, columns, registered)
    changes = fold(columns, registered, weighing, verdict.left_out if verdict else None)
    await store.write(columns, changes)
    return verdict.refusals if verdict else ()


async def stage_evidence(store: StagingStore, columns: EvidenceColumns) -> None:
    """Lay the facts aside, read as they are now; which stand is found out when all have come."""
    if not len(columns):
        return
    weighing = await _weighing(store, columns)
    seals = await store.seals(columns.districts())
    await store.stage(columns, rows_of(columns, weighing), horizons_of(columns, seals))


async def _weighing(store: ReadingTerms, columns: EvidenceColumns) -> Weighing | None:
    """Return how the facts are read by the epochs of their times; None where none has one."""
    known = await store.epochs(columns.districts())
    if not known:
        return None
    chunk = ChunkEpochs(columns, known)
    return None if chunk.is_empty else chunk.weigh(await store.difficulties(chunk.wanted()))


async def _verdict(
    store: FoldStore, columns: EvidenceColumns, registered: Sequence[RegistryRow]
) -> Verdict | None:
    """Return which facts a seal keeps out; None where no district of the chunk has one."""
    seals = await store.seals(columns.districts())
    if not seals:
        return None
    return judge(columns, registered, await store.sealed(columns), seals)
