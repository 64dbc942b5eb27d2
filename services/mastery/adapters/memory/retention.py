"""Seals in memory: the twin of `adapters.postgres.retention`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from services.mastery.adapters.memory.state import (
    BaseRow,
    KeptSeal,
    LearnerKey,
    MemoryState,
    live_rows,
    seals_of,
    watermarks_of,
)
from services.mastery.domain.contribution import shares_of_test
from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.domain.model import DEEP_DOK, SCORE_OF_LEVEL_3, WINDOW_SIZE, Purpose
from services.mastery.domain.registry import RegistryRow
from services.mastery.domain.retention import Seal, SealedPiece, check_seal
from services.mastery.ports.retention import Closing, PrunedStep, StandingSeal


class MemoryRetention:
    """The seals of the state in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def seals(self, district: str) -> Sequence[StandingSeal]:
        """Return the seals of the live state, the oldest first."""
        return [
            StandingSeal(seal=one.seal, pruned=one.pruned)
            for one in self._state.seals.get(district, ())
        ]

    async def watermarks(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""
        return watermarks_of(self._state)

    async def closing(self, district: str, horizon_us: int) -> Closing:
        """Count what a horizon would close."""
        closed = pruned = 0
        for learner in self._learners(district):
            old, gone = self._old(learner, horizon_us)
            closed, pruned = closed + len(old), pruned + len(gone)
        return Closing(closed_count=closed, pruned_count=pruned)

    async def seal(self, district: str, horizon_us: int, *, actor: str, at_us: int) -> Seal:
        """Set a seal at the highest position that is folded."""
        known = seals_of(self._state, district)
        check_seal(known, horizon_us)
        seal = Seal(len(known) + 1, horizon_us, self._state.positions.get(district, 0))
        self._state.seals.setdefault(district, []).append(KeptSeal(seal=seal))
        return seal

    async def prune(self, district: str, seal: Seal, *, limit: int) -> PrunedStep:
        """Prune the next pieces that the seal closed, at most `limit`."""
        left = limit
        for learner in self._learners(district):
            for evidence_id in self._old(learner, seal.horizon_us)[1][:left]:
                self._take(learner, evidence_id)
                left -= 1
        complete = left > 0
        for one in self._state.seals[district]:
            if one.seal.seq == seal.seq:
                one.pruned = complete
        return PrunedStep(pruned=limit - left, complete=complete)

    async def lift(self, district: str, *, at_us: int) -> int | None:
        """Take the newest seal that stands out of the next rebuild; return its number, if any."""
        standing = [one for one in self._state.seals.get(district, ()) if not one.lifted]
        if not standing:
            return None
        standing[-1].lifted = True
        return standing[-1].seal.seq

    def _learners(self, district: str) -> list[LearnerKey]:
        return sorted(key for key in self._state.registry if key[0] == district)

    def _old(self, learner: LearnerKey, horizon_us: int) -> tuple[set[bytes], list[bytes]]:
        """Return the pieces from before a horizon, and in order those that no window needs."""
        rows = [row for row in live_rows(self._state, learner) if row.occur_time_us < horizon_us]
        outside = [row for row in rows if row.purpose != Purpose.EXTERNAL_SUMMATIVE]
        windows = [[row for row in outside if row.ordinal == 0]]
        for competency in {row.competency for row in outside}:
            windows.append([row for row in outside if row.competency == competency])
        needed = {row.evidence_id for window in windows for row in window[:WINDOW_SIZE]}
        old = {row.evidence_id for row in rows}
        return old, sorted(old - needed)

    def _take(self, learner: LearnerKey, evidence_id: bytes) -> None:
        """Take a piece from the registry, and keep its sums and its identity."""
        rows = self._state.registry[learner].pop(evidence_id)
        self._state.sealed.setdefault(learner, {})[evidence_id] = SealedPiece(
            district=learner[0],
            learner=learner[1],
            evidence_id=evidence_id,
            version=rows[0].version,
            content_hash=rows[0].content_hash,
        )
        for row in rows:
            key = (*learner, row.competency, row.occasion)
            self._state.base[key] = add_to_base(self._state.base.get(key), [row])


def add_to_base(base: BaseRow | None, rows: Iterable[RegistryRow]) -> BaseRow:
    """Return a base row with some rows of its occasion added."""
    total = base or BaseRow()
    for row in rows:
        is_first = row.ordinal == 0
        total = BaseRow(
            score_sum=total.score_sum + row.score,
            score_count=total.score_count + 1,
            local_day=max(total.local_day, row.local_day),
            newest_time_us=max(total.newest_time_us, row.occur_time_us),
            r_sum=total.r_sum + row.r,
            i_sum=total.i_sum + row.i,
            deep_count=total.deep_count + (row.dok >= DEEP_DOK and row.score >= SCORE_OF_LEVEL_3),
            untimed_count=total.untimed_count + (row.timed is not True),
            share_sum=_with_share(total.share_sum, row, counts=True),
            learner_count=total.learner_count + is_first,
            learner_r_sum=total.learner_r_sum + row.learner_r,
            learner_i_sum=total.learner_i_sum + row.learner_i,
            learner_share_sum=_with_share(total.learner_share_sum, row, counts=is_first),
        )
    return total


def _with_share(share_sum: int | None, row: RegistryRow, *, counts: bool) -> int | None:
    """Return the sum of shares of an external test; None outside of tests, or where none counts."""
    if row.purpose != Purpose.EXTERNAL_SUMMATIVE or not counts:
        return share_sum
    share = shares_of_test(np.array([row.purpose]), np.array([row.items_on_competency]))
    return (share_sum or 0) + int(share[0])
