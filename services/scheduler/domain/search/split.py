"""Splits learners who may sit in any of several like sessions: even sizes, within the caps (S7)."""

from collections.abc import Callable, Sequence


def shares(total: int, pinned: Sequence[int], free_seats: Sequence[int]) -> list[int]:
    """Return how many of `total` learners each session gets, as even as the free seats allow.

    `pinned` are the learners that each has already; `free_seats` what each may still take.
    """
    result = [0] * len(pinned)
    for _ in range(total):
        open_to = [i for i, seats in enumerate(free_seats) if result[i] < seats]
        result[min(open_to, key=lambda i: (pinned[i] + result[i], i))] += 1
    return result


def held(total: int, pinned: Sequence[int], free_seats: Sequence[int], minimum: int) -> list[int]:
    """Return which sessions (indexes) are held: as many as reach the minimum and seat everybody.

    Sessions with pins are always held. The widest are kept, in the order given among equals.
    """
    always = [i for i, count in enumerate(pinned) if count]
    by_width = sorted(
        (i for i, count in enumerate(pinned) if not count), key=lambda i: (-free_seats[i], i)
    )
    kept = list(by_width)
    while kept:
        members = always + kept
        split = shares(total, [pinned[i] for i in members], [free_seats[i] for i in members])
        if min(split[len(always) :]) >= minimum:
            break
        seats_without_last = sum(free_seats[i] for i in members[:-1])
        if seats_without_last < total:
            break
        kept.pop()
    return sorted(always + kept)


def spread(
    learners: Sequence[int], sizes: Sequence[int], visits: Callable[[int, int], tuple[int, int]]
) -> list[list[int]]:
    """Return the groups: each learner in turn where `visits(learner, session)` is least."""
    groups: list[list[int]] = [[] for _ in sizes]
    for learner in learners:
        open_to = [i for i, size in enumerate(sizes) if len(groups[i]) < size]
        groups[min(open_to, key=lambda i: visits(learner, i))].append(learner)
    return groups
