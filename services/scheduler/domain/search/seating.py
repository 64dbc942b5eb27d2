"""Fills the slots: solve, mend, solve again, split, settle; then each anew while others stand.

Mending closes a session that cannot reach its minimum, turns the session that serves least into
a place for everybody while somebody has none, and drops a place that one learner alone would
come to. What is left is the exact best assignment to the sessions that are held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from services.scheduler.domain.assignment import UNPLACED_COST_MILLI, AssignSeats
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.rules import level_or_lowest
from services.scheduler.domain.search.board import Opening, minimum_of
from services.scheduler.domain.search.plan import Plan, help_openings, minimum_for
from services.scheduler.domain.search.slot_problem import (
    Option,
    Solved,
    default_worth,
    solve_slot,
)
from services.scheduler.domain.search.split import held, shares, spread
from services.scheduler.domain.ties import tie


@dataclass(frozen=True, kw_only=True, eq=False)
class Filled:
    """A slot as filled.

    `groups`: the sessions held, with learners (indexes, pinned ones not among them);
    `claim_of`: the claim that a learner's seat serves; `prices`: of openings and of shared rooms.
    """

    slot_id: str
    groups: dict[Opening, list[int]]
    claim_of: dict[int, int]
    unplaced: list[int]
    value_milli: int
    bound_milli: int
    prices: dict[Opening, int]
    room_prices: dict[str, int]


class Seating:
    """Fills slots of a plan, each exactly while the seats of all others stand."""

    def __init__(self, plan: Plan, assign: AssignSeats) -> None:
        self._plan = plan
        self._assign = assign
        self._seated: dict[Opening, int] = {}
        self._visits: dict[tuple[int, str], int] = {}
        self._dropped: dict[str, frozenset[str]] = {}
        self.filled: dict[str, Filled] = {}

    def fill(self, slot_id: str) -> None:
        """Seat a slot in the place of its tentative groups, closing what cannot be held."""
        plan = self._plan
        plan.release([slot_id])
        for opening in help_openings(plan, slot_id):
            target = plan.target_of(opening)
            fits = 0 if target is None else len(plan.demand.best(slot_id, target, opening.cap))
            if fits < minimum_of(plan.snapshot, opening):
                plan.close(opening)
        solved = self._solve_and_mend(slot_id)
        plan.forget_journal()
        self._settle(self._split(slot_id, solved))

    def refill(self, slot_id: str) -> bool:
        """Seat a filled slot anew; keep the old seats unless the new are worth more.

        Returns whether anything moved. The proof is renewed in either case.
        """
        old = self.filled[slot_id]
        self._unsettle(old)
        value = self._value_of(old)
        solved = solve_slot(self._plan, slot_id, self._assign, self._dropped[slot_id], self._seated)
        better = solved.certified.value_milli > value
        new = self._split(slot_id, solved) if better else old
        kept = replace(
            new,
            value_milli=max(value, solved.certified.value_milli),
            bound_milli=solved.certified.bound_milli,
            prices=_prices(solved, new.groups),
            room_prices=dict(zip(solved.rooms, solved.answer.room_prices, strict=True)),
        )
        self._settle(kept)
        return better

    def _value_of(self, filled: Filled) -> int:
        """Return what seats are worth now, with themselves out of the plan's demand."""
        demand = self._plan.demand
        claims = np.array(list(filled.claim_of.values()), dtype=np.int64)
        value = int(demand.weights[claims].sum()) - UNPLACED_COST_MILLI * len(filled.unplaced)
        for opening, learners in filled.groups.items():
            if self._plan.target_of(opening) is None:
                indexes = np.array(learners, dtype=np.int64)
                value += int(default_worth(self._plan, opening.offer.kind, indexes).sum())
        return value

    def _solve_and_mend(self, slot_id: str) -> Solved:
        dropped: frozenset[str] = frozenset()
        # Each round closes a session or drops a pool, so there are no more rounds than these.
        rounds = 2 * len(self._plan.board.openings(slot_id)) + 1
        for _ in range(rounds):
            solved = solve_slot(self._plan, slot_id, self._assign, dropped, self._seated)
            if _close_under_minimum(self._plan, solved) or _make_places(self._plan, solved):
                continue
            lonely = _lonely_pool(self._plan, solved)
            if lonely is None:
                break
            dropped |= {lonely}
        self._dropped[slot_id] = dropped
        return solved

    def _split(self, slot_id: str, solved: Solved) -> Filled:
        groups: dict[Opening, list[int]] = {}
        for opening in self._plan.board.openings(slot_id):
            if opening.pinned:
                groups[opening] = []
        for members in _alike(solved):
            learners = [i for option in members for i in solved.seated[option]]
            openings = [o for option in members for o in solved.options[option].openings]
            groups.update(self._split_one(slot_id, openings, learners, solved))
        return Filled(
            slot_id=slot_id,
            groups=groups,
            claim_of=solved.claim_of,
            unplaced=solved.unplaced,
            value_milli=solved.certified.value_milli,
            bound_milli=solved.certified.bound_milli,
            prices=_prices(solved, groups),
            room_prices=dict(zip(solved.rooms, solved.answer.room_prices, strict=True)),
        )

    def _split_one(
        self, slot_id: str, openings: list[Opening], learners: list[int], solved: Solved
    ) -> dict[Opening, list[int]]:
        plan = self._plan
        pinned = [len(o.pinned) for o in openings]
        free_seats = [o.free_seats for o in openings]
        minimum = minimum_for(plan.snapshot, openings[0].offer)
        kept = held(len(learners), pinned, free_seats, minimum) if learners else []
        openings = [openings[i] for i in kept]
        sizes = shares(len(learners), [pinned[i] for i in kept], [free_seats[i] for i in kept])
        if openings and openings[0].competency_id is not None:
            # Near levels sit together (S2); which adult gets which end is the seed's.
            demand = plan.demand
            ordered = sorted(
                learners, key=lambda i: (level_or_lowest(demand.claims[solved.claim_of[i]].need), i)
            )
            return _slices(openings, sizes, ordered)
        by_lot = sorted(learners, key=lambda i: tie(plan.seed, slot_id, plan.demand.learner_ids[i]))
        names = [o.offer.offer_id for o in openings]
        groups = spread(
            by_lot,
            sizes,
            lambda i, at: (self._visits.get((i, names[at]), 0), (i + at) % len(names)),
        )
        return dict(zip(openings, groups, strict=True))

    def _settle(self, filled: Filled) -> None:
        self.filled[filled.slot_id] = filled
        self._apply(filled, 1)

    def _unsettle(self, filled: Filled) -> None:
        del self.filled[filled.slot_id]
        self._apply(filled, -1)

    def _apply(self, filled: Filled, sign: int) -> None:
        demand = self._plan.demand
        for opening, learners in filled.groups.items():
            self._seated[opening] = len(learners) if sign > 0 else 0
            indexes = np.array(learners, dtype=np.int64)
            claims = [filled.claim_of[i] for i in learners if i in filled.claim_of]
            if claims:
                change = demand.seat if sign > 0 else demand.unseat
                change(filled.slot_id, np.array(claims, dtype=np.int64))
            elif learners:
                move = demand.occupy if sign > 0 else demand.leave
                move(filled.slot_id, indexes)
            if opening.offer.kind is SessionKind.ENRICHMENT:
                demand.enriched[indexes] += sign
            for i in learners:
                key = (i, opening.offer.offer_id)
                self._visits[key] = self._visits.get(key, 0) + sign


def _prices(solved: Solved, groups: Mapping[Opening, list[int]]) -> dict[Opening, int]:
    return {
        opening: price
        for option, price in zip(solved.options, solved.answer.option_prices, strict=True)
        for opening in option.openings
        if opening in groups
    }


def _slices(
    openings: list[Opening], sizes: list[int], ordered: list[int]
) -> dict[Opening, list[int]]:
    result: dict[Opening, list[int]] = {}
    at = 0
    for opening, size in zip(openings, sizes, strict=True):
        result[opening] = ordered[at : at + size]
        at += size
    return result


def _alike(solved: Solved) -> list[list[int]]:
    """Group the options whose learners may change places: one pool, or one target and kind."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, option in enumerate(solved.options):
        alone = option.target is None or option.room_id is not None
        key = ("alone", index) if alone else (option.kind.value, option.target)
        groups.setdefault(key, []).append(index)
    return list(groups.values())


def _close_under_minimum(plan: Plan, solved: Solved) -> bool:
    """Close the session that misses its minimum by most; return whether there was one."""
    short = [
        (missing, option.openings[0])
        for missing, option in zip(solved.certified.shortfall, solved.options, strict=True)
        if missing
    ]
    if not short:
        return False
    plan.close(max(short, key=lambda pair: (pair[0], pair[1].offer.offer_id))[1])
    return True


def _make_places(plan: Plan, solved: Solved) -> bool:
    """Turn the session that serves least into a place for everybody, while somebody has none."""
    if not solved.unplaced:
        return False
    worth = []
    for option, seated in zip(solved.options, solved.seated, strict=True):
        opening = option.openings[0]
        if option.target is None or opening.pinned:
            continue
        default = plan.default_of(opening)
        if default is None or default.free_seats <= len(seated) or not plan.may_return(default):
            continue
        claims = [solved.claim_of[i] for i in seated]
        weight = int(plan.demand.weights[claims].sum())
        worth.append((weight, opening.offer.offer_id, opening))
    if not worth:
        return False
    plan.close(min(worth, key=lambda entry: entry[:2])[2])
    return True


def _lonely_pool(plan: Plan, solved: Solved) -> str | None:
    """Return a pool of enrichment that too few would come to and others could take in (S7)."""
    for option, seated in zip(solved.options, solved.seated, strict=True):
        if option.kind is not SessionKind.ENRICHMENT or not seated:
            continue
        if any(opening.pinned for opening in option.openings):
            continue
        least = minimum_for(plan.snapshot, option.openings[0].offer)
        if len(seated) < least and len(seated) <= _seats_elsewhere(solved, option):
            return option.pool
    return None


def _seats_elsewhere(solved: Solved, apart: Option) -> int:
    return sum(
        option.maximum - len(seated)
        for option, seated in zip(solved.options, solved.seated, strict=True)
        if option.target is None and option is not apart and option.room_id is None
    )
