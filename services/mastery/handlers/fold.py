"""Folds a chunk of facts into the state, inside a transaction that the caller commits."""

from __future__ import annotations

from services.mastery.domain.fold import fold
from services.mastery.domain.registry import EvidenceColumns
from services.mastery.ports.fold import FoldStore


async def apply_evidence(store: FoldStore, columns: EvidenceColumns) -> None:
    """Fold the facts; a chunk without any changes nothing."""
    if not len(columns):
        return
    registered = await store.registered(columns)
    await store.write(columns, fold(columns, registered))
