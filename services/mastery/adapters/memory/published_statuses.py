"""Published statuses and their audit in memory, as `adapters.postgres` has them."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from itertools import islice

from services.mastery.adapters.memory.state import MasteryKey, MemoryState
from services.mastery.ports.published_statuses import AuditedFlip, FlipPlace, FlipSelection
from services.mastery.ports.publishing import KeptStatus, MarkedKey


def keep_statuses(state: MemoryState, looks: Sequence[KeptStatus]) -> Set[MarkedKey]:
    """Keep statuses, with the flips of those that could be kept; return their keys."""
    kept = set()
    for look in sorted(looks, key=lambda look: look.key):
        key = _key(look.key)
        before = state.published.get(key)
        if (before.flip_number if before else None) != look.known_flip:
            continue
        state.published[key] = replace(look.status, told_flip=before.told_flip if before else 0)
        kept.add(look.key)
        if look.flip:
            state.flips_made += 1
            audited = AuditedFlip(
                flip_id=state.flips_made,
                learner=look.key.learner,
                competency=look.key.competency,
                flip=look.flip,
            )
            state.flips.append((look.key.district, audited))
    return kept


def tell_of_flips(state: MemoryState, told: Sequence[KeptStatus]) -> None:
    """Note which flips readers have been told of."""
    for look in told:
        status = state.published[_key(look.key)]
        told_flip = max(status.told_flip, look.status.flip_number)
        state.published[_key(look.key)] = replace(status, told_flip=told_flip)


class MemoryFlips:
    """The audit in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def newest(
        self, district: str, selection: FlipSelection, *, before: FlipPlace | None, limit: int
    ) -> Sequence[AuditedFlip]:
        """Return flips, the newest first, below a place (None: all), at most `limit`."""
        found = [
            one
            for of_district, one in self._state.flips
            if of_district == district
            and selection.learner in (None, one.learner)
            and selection.start_us <= one.flip.flip_us < selection.end_us
            and (before is None or _place(one) < before)
        ]
        return sorted(found, key=_place, reverse=True)[:limit]

    async def prune(self, *, before_us: int, limit: int) -> int:
        """Delete flips from before a time, the oldest of each district first; return how many."""
        ordered = sorted(self._state.flips, key=lambda one: (one[0], _place(one[1])))
        old = list(islice((one for one in ordered if one[1].flip.flip_us < before_us), limit))
        self._state.flips = [one for one in self._state.flips if one not in old]
        return len(old)


def _key(key: MarkedKey) -> MasteryKey:
    return key.district, key.learner, key.competency


def _place(audited: AuditedFlip) -> FlipPlace:
    return FlipPlace(flip_us=audited.flip.flip_us, flip_id=audited.flip_id)
