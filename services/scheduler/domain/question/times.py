"""Slots as times: slots that overlap count as one, since nobody is in two places at once.

Where A meets B and B meets C but A does not meet C, B holds no session of its own: whoever sits in
A is exempt from B, which takes nobody's place away.
"""

from dataclasses import dataclass

from services.scheduler.domain.model import Slot


@dataclass(frozen=True)
class Times:
    """The times of a week; `of_slot` gives the time of each slot, `idle` are slots without one."""

    slots: tuple[tuple[Slot, ...], ...]
    of_slot: dict[str, int]
    idle: frozenset[str]
    clashes: dict[str, tuple[str, ...]]


def times_of(slots: tuple[Slot, ...]) -> Times:
    """Return the times of the slots, which come in order of time."""
    clashes = {
        one.slot_id: tuple(s.slot_id for s in slots if s is not one and one.meets(s))
        for one in slots
    }
    idle = _idle(slots, clashes)
    groups: list[tuple[Slot, ...]] = []
    of_slot: dict[str, int] = {}
    for slot in slots:
        if slot.slot_id in idle or slot.slot_id in of_slot:
            continue
        group = tuple(
            s
            for s in slots
            if s is slot or (s.slot_id in clashes[slot.slot_id] and s.slot_id not in idle)
        )
        for each in group:
            of_slot[each.slot_id] = len(groups)
        groups.append(group)
    return Times(slots=tuple(groups), of_slot=of_slot, idle=idle, clashes=clashes)


def _idle(slots: tuple[Slot, ...], clashes: dict[str, tuple[str, ...]]) -> frozenset[str]:
    """Return the slots to leave out so that meeting is transitive among the others."""
    left = {slot.slot_id for slot in slots}
    while True:
        worst = max(sorted(left), key=lambda s: _bridges(s, clashes, left), default=None)
        if worst is None or not _bridges(worst, clashes, left):
            return frozenset(clashes) - left
        left.discard(worst)


def _bridges(slot_id: str, clashes: dict[str, tuple[str, ...]], left: set[str]) -> int:
    """Count the pairs of slots that a slot meets and that do not meet each other."""
    mine = [other for other in clashes[slot_id] if other in left]
    return sum(
        1 for n, one in enumerate(mine) for other in mine[n + 1 :] if other not in clashes[one]
    )
