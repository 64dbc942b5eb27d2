"""Folds a chunk of facts into the state, inside a transaction that the caller commits."""

from __future__ import annotations

from services.mastery.domain.epochs import ChunkEpochs, Weighing
from services.mastery.domain.fold import fold
from services.mastery.domain.registry import EvidenceColumns
from services.mastery.ports.fold import FoldStore


async def apply_evidence(store: FoldStore, columns: EvidenceColumns) -> None:
    """Fold the facts; a chunk without any changes nothing."""
    if not len(columns):
        return
    weighing = await _weighing(store, columns)
    registered = await store.registered(columns)
    await store.write(columns, fold(columns, registered, weighing))


async def _weighing(store: FoldStore, columns: EvidenceColumns) -> Weighing | None:
    """Return how the facts are read by the epochs of their times; None where none has one."""
    known = await store.epochs(columns.districts())
    if not known:
        return None
    chunk = ChunkEpochs(columns, known)
    return None if chunk.is_empty else chunk.weigh(await store.difficulties(chunk.wanted()))
