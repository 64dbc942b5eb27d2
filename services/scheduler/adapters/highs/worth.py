"""What seats are worth as the search counts it, added up from the tables alone."""

import numpy as np

from services.scheduler.adapters.highs.arcs import Longs
from services.scheduler.adapters.highs.learner_rows import groups_in
from services.scheduler.adapters.highs.seat_program import pairs_of, sizes_of
from services.scheduler.domain.engine.tables import GROUPS, Ints, Tables


def seats_milli(tables: Tables, held: Ints, seat: Ints) -> int:
    """Return what seats are worth as the search counts it, with what is missing at its cost."""
    times, learners = np.nonzero(tables.present)
    adults = seat[times, learners]
    placed = (adults >= 0) & (adults < tables.adults)
    total = -tables.unplaced * int((~placed).sum())
    t, i, a = times[placed], learners[placed], adults[placed]
    group = tables.option_class[t, held[t, a]]
    item = tables.seat_item[i, group].astype(np.int64)
    total += int(tables.seat_value[i, group].sum(dtype=np.int64) + tables.known[i, a].sum())
    total += int(tables.item_adult_value[i, item][tables.item_adult[i, item] == a].sum())
    total += _bonuses(tables, i, item)
    _, lows = sizes_of(tables, held)
    sizes = np.zeros(held.shape, np.int64)
    np.add.at(sizes, (t, a), 1)
    total -= tables.short * int(np.maximum(lows - sizes, 0).sum())
    pairs = pairs_of(tables.together_start, tables.together_other)
    for one, other in pairs:
        met = (
            (seat[:, one] == seat[:, other]) & (seat[:, one] >= 0) & (seat[:, one] < tables.adults)
        )
        total += tables.together_value * int(met.sum())
    return total


def _bonuses(tables: Tables, learner: Longs, item: Longs) -> int:
    """Return what seats add by the items and groups that they are counted by."""
    used = tables.item_used.astype(np.int64)
    count = used.copy()
    np.add.at(count, (learner, item), 1)
    begun = (used == 0) & (count > 0)
    total = (tables.item_first * begun).sum() + (tables.item_later * (count - used - begun)).sum()
    for group in range(GROUPS):
        inside = groups_in(group)[tables.item_group]
        begun_group = ((used * inside).sum(axis=1) == 0) & ((count * inside).sum(axis=1) > 0)
        total += (tables.group_first[:, group] * begun_group).sum()
    return int(total)
