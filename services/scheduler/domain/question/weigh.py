"""What a seating is worth, added up from the tables alone, whoever found it."""

from dataclasses import dataclass

import numpy as np

from services.scheduler.domain.engine.tables import (
    FLOOR,
    GROUP_PARENT,
    GROUPS,
    NOBODY,
    Flags,
    Ints,
    Masks,
    Shorts,
    Tables,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Weighed:
    """The worth of a seating, in thousandths of a point."""

    points: int
    """What soft rules count: without services, which must be, and without what is missing."""
    total: int
    """What the search counts: with services, learners without a place and minimums missed, and
    in a repair with seats that stay."""
    urgent: int
    """Of that what goes before all points: services given, less what is missing."""
    short: int
    """How many learners sessions lack to their minimums."""
    services: Shorts
    """[N, M] the seats of required services that learners have."""


def weigh(tables: Tables, held: Ints, seat: Ints) -> Weighed:
    """Return what it is worth that adults hold options [T, A] and learners sit somewhere [T, N].

    `seat` names the adult, `A` for no place; where nobody needs a place it is not read.
    """
    seated = tables.present & (seat < tables.adults)
    t, n = (index.astype(np.int64) for index in np.nonzero(seated))
    adult = seat[t, n]
    group = tables.option_class[t, held[t, adult]]
    item = tables.seat_item[n, group].astype(np.int64)
    value = tables.seat_value[n, group].astype(np.int64)
    if (value <= FLOOR).any() or (held[t, adult] < 0).any():
        raise ValueError("somebody sits where they may not sit")
    service = tables.is_service[n, item]
    points = int(value[~service].sum()) + int(tables.known[n, adult].sum())
    points += int(tables.item_adult_value[n, item][tables.item_adult[n, item] == adult].sum())
    points += _of_items(tables, n, item) + _of_groups(tables, n, item)
    points += tables.together_value * _together(tables, seated, seat)
    missing = int((tables.present & ~seated).sum()) * tables.unplaced
    short = int(missing_to_minimum(tables, held, seat).sum())
    missing += short * tables.short
    missing += int(_alone(tables, n, item).any(axis=1).sum()) * tables.short
    given = np.zeros(tables.item_limit.shape, np.int16)
    np.add.at(given, (n[service], item[service]), 1)
    urgent = int(value[service].sum()) - missing
    return Weighed(
        points=points,
        total=points + urgent + _kept(tables, held, t, n, adult),
        urgent=urgent,
        short=short,
        services=given + tables.item_used * (given > 0),
    )


def _kept(tables: Tables, held: Ints, t: Masks, n: Masks, adult: Ints) -> int:
    """Return what it adds that learners sit in the sessions in which a repair would keep them."""
    there = tables.option_session[held[t, adult]]
    return int((tables.kept_session[t, n] == there).sum()) * tables.kept_value


def missing_to_minimum(tables: Tables, held: Ints, seat: Ints) -> Masks:
    """Return how many learners each session falls short of its minimum [T, A] (S7)."""
    filled = np.zeros(held.shape, np.int64)
    t, n = np.nonzero(tables.present & (seat < tables.adults))
    np.add.at(filled, (t, seat[t, n]), 1)
    low = np.zeros(held.shape, np.int64)
    asked = (held >= 0) & (tables.pinned == 0) & ~tables.must_open
    low[asked] = tables.option_minimum[held[asked]]
    missing: Masks = np.maximum(low - filled, 0)
    return missing


def _of_items(tables: Tables, n: Masks, item: Masks) -> int:
    """Return what first and further seats of items add to those that pins have given."""
    count = tables.item_used.astype(np.int64)
    before = count.copy()
    np.add.at(count, (n, item), 1)
    first = (before == 0) & (count > 0)
    later = count - before - first
    return int((tables.item_first * first).sum() + (tables.item_later * later).sum())


def _of_groups(tables: Tables, n: Masks, item: Masks) -> int:
    """Return what the first seats of groups add, where no pin has given one."""
    before = np.zeros((tables.learners, GROUPS), np.int64)
    for learner, used in zip(*np.nonzero(tables.item_used), strict=True):
        _count(before, tables, learner, used)
    count = before.copy()
    for group in range(GROUPS):
        inside = np.array([_holds(int(one), group) for one in range(GROUPS)], np.bool_)
        np.add.at(count[:, group], n[inside[tables.item_group[n, item]]], 1)
    return int((tables.group_first * ((before == 0) & (count > 0))).sum())


def _count(into: np.ndarray, tables: Tables, learner: int, item: int) -> None:
    for group in range(GROUPS):
        if _holds(int(tables.item_group[learner, item]), group):
            into[learner, group] += tables.item_used[learner, item]


def _holds(inner: int, group: int) -> bool:
    while inner >= 0:
        if inner == group:
            return True
        inner = int(GROUP_PARENT[inner])
    return False


def _together(tables: Tables, seated: Flags, seat: Ints) -> int:
    """Return the pairs, by time, who do well together and are; each pair is listed both ways."""
    counts = np.diff(tables.together_start)
    one = np.repeat(np.arange(tables.learners), counts)
    other = tables.together_other
    places = np.where(seated | (tables.pinned_seat > NOBODY), seat, NOBODY)
    both = (places[:, one] == places[:, other]) & (places[:, one] > NOBODY)
    # Who is pinned is listed by the other alone, or a pair of two pinned ones would count.
    mine, theirs = seated[:, one], seated[:, other]
    return int((both & mine & theirs).sum()) // 2 + int((both & mine & ~theirs).sum())


def stands_alone(tables: Tables, held: Ints, seat: Ints) -> Flags:
    """Return the seats on a prerequisite without what is to stand beside it [T, N] (S1)."""
    t, n = (each.astype(np.int64) for each in np.nonzero(tables.present & (seat < tables.adults)))
    item = tables.seat_item[n, tables.option_class[t, held[t, seat[t, n]]]].astype(np.int64)
    alone: Flags = np.zeros(tables.present.shape, np.bool_)
    alone[t, n] = _alone(tables, n, item)[n, item]
    return alone


def _alone(tables: Tables, n: Masks, item: Masks) -> Flags:
    """Return the items by which help on a prerequisite stands alone in a week [N, M]."""
    bits = np.zeros(tables.learners, np.int64)
    np.bitwise_or.at(bits, n, np.int64(1) << item)
    of_item = np.int64(1) << np.arange(tables.item_limit.shape[1])
    beside = bits | ((tables.item_used > 0) * of_item).sum(axis=1)
    wanted = (tables.item_beside != 0) & (bits[:, None] & of_item != 0)
    alone: Flags = wanted & (beside[:, None] & tables.item_beside == 0)
    return alone
