"""Evens out sessions that are alike, where it costs nothing (S7), with near levels together (S2).

The search fills sessions one after another, so of two that are alike one may be full and the other
at its minimum. Learners to whom both are the same are shared out anew: sizes differ by one at most
as far as caps allow, and groups on one competency take the near levels.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from services.scheduler.domain.engine.tables import NOBODY, Ints, Tables
from services.scheduler.domain.question.question import Question


def evened(question: Question, held: Ints, seat: Ints) -> Ints:
    """Return who sits where [T, N], worth the same, with sessions alike of even size."""
    tables = question.tables
    result = seat.copy()
    for t in range(tables.times):
        for group, adults in _alike(tables, t, held[t]).items():
            result[t] = _shared_out(question, (t, group, adults), held[t], result[t])
    return result


def _alike(tables: Tables, t: int, held: Ints) -> dict[int, list[int]]:
    """Return the adults who hold options of one class, where there are several, by class.

    Sessions in rooms that are shared stay as they are: others fill those rooms too.
    """
    found: dict[int, list[int]] = defaultdict(list)
    for adult, option in enumerate(held):
        if option == NOBODY:
            continue
        room = tables.option_room[option]
        if room == NOBODY or not tables.room_shared[room]:
            found[int(tables.option_class[t, option])].append(adult)
    return {group: adults for group, adults in found.items() if len(adults) > 1}


def _shared_out(
    question: Question, alike: tuple[int, int, list[int]], held: Ints, seat: Ints
) -> Ints:
    """Return who sits where [N] at a time; `alike` is the time, the class and the adults."""
    tables, (t, group, adults) = question.tables, alike
    members = np.flatnonzero(np.isin(seat, adults) & tables.present[t])
    free = [int(n) for n in members if _is_free(tables, int(n), group, adults)]
    fixed = {adult: int((seat[members] == adult).sum()) for adult in adults}
    for n in free:
        fixed[int(seat[n])] -= 1
    caps = [int(tables.option_cap[held[adult]] - tables.pinned[t, adult]) for adult in adults]
    sizes = even_sizes(
        len(free),
        taken=[fixed[adult] + int(tables.pinned[t, adult]) for adult in adults],
        free_seats=[cap - fixed[adult] for cap, adult in zip(caps, adults, strict=True)],
    )
    levels = {n: _level(question, n, group) for n in free}
    if any(levels.values()):
        free.sort(key=lambda n: (levels[n], n))
        start = 0
        for adult, size in zip(adults, sizes, strict=True):
            seat[free[start : start + size]] = adult
            start += size
    else:
        _move_surplus(free, adults, sizes, seat)
    return seat


def _is_free(tables: Tables, n: int, group: int, adults: list[int]) -> bool:
    """Return whether the sessions are the same to a learner, whoever leads and sits there."""
    item = tables.seat_item[n, group]
    return bool(
        len(set(tables.known[n, adults].tolist())) == 1
        and tables.item_only[n, item] == NOBODY
        and tables.item_adult[n, item] not in adults
        and tables.apart_start[n] == tables.apart_start[n + 1]
        and tables.together_start[n] == tables.together_start[n + 1]
    )


def even_sizes(total: int, *, taken: Sequence[int], free_seats: Sequence[int]) -> list[int]:
    """Return how many of `total` learners each session gets, as even as the free seats allow.

    `taken` are the learners that each has already; `free_seats` what each may still take.
    """
    result = [0] * len(taken)
    for _ in range(total):
        open_to = [k for k, seats in enumerate(free_seats) if result[k] < seats]
        result[min(open_to, key=lambda k: (taken[k] + result[k], k))] += 1
    return result


def _level(question: Question, n: int, group: int) -> int:
    """Return the learner's level in what a session of the class works on; 0: in nothing."""
    item = question.items[n].items[int(question.tables.seat_item[n, group])]
    return 0 if item.claim is None else item.claim.need.level_milli or 0


def _move_surplus(free: list[int], adults: list[int], sizes: list[int], seat: Ints) -> None:
    """Move the fewest: whoever is beyond a session's size goes where there is room."""
    left = dict(zip(adults, sizes, strict=True))
    homeless = []
    for n in free:
        here = int(seat[n])
        if left[here] > 0:
            left[here] -= 1
        else:
            homeless.append(n)
    for n in homeless:
        adult = next(one for one in adults if left[one] > 0)
        seat[n] = adult
        left[adult] -= 1
