"""Builds and solves the assignment problem of one slot, and maps the answer back.

Sessions that are alike for everybody (enrichment, commons) are one option of the problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.scheduler.domain.assignment import (
    NO_ROOM,
    Assignment,
    AssignmentProblem,
    AssignSeats,
    Certified,
    certify,
)
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.search.board import Opening, minimum_of
from services.scheduler.domain.search.demand import Indexes
from services.scheduler.domain.search.plan import Plan


@dataclass(kw_only=True, eq=False)
class Option:
    """One option of the assignment: openings that are alike, their limits added up."""

    openings: list[Opening]
    minimum: int
    maximum: int
    room_id: str | None
    target: int | None

    @property
    def kind(self) -> SessionKind:
        """Return the kind of its sessions."""
        return self.openings[0].offer.kind

    @property
    def pool(self) -> str:
        """Return the name of the pool that it is, as `build` wants it in `dropped`."""
        return f"{self.kind.value}:{self.room_id or ''}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """A solved slot. `seated` are learners (indexes of the demand) by option."""

    options: list[Option]
    rooms: list[str]
    learners: Indexes
    seated: list[list[int]]
    unplaced: list[int]
    claim_of: dict[int, int]
    answer: Assignment
    certified: Certified


def solve_slot(
    plan: Plan,
    slot_id: str,
    assign: AssignSeats,
    dropped: frozenset[str],
    seated_before: Mapping[Opening, int],
) -> Solved:
    """Return the certified best seats of a slot for the openings on the board.

    `dropped` pools are left out; `seated_before` counts learners in openings of earlier slots.
    """
    options = _options(plan, slot_id, dropped)
    rooms = sorted({option.room_id for option in options if option.room_id is not None})
    learners = np.flatnonzero(plan.demand.free_in(slot_id))
    edges = _edges(plan, slot_id, options, learners)
    problem = AssignmentProblem(
        learner_count=len(learners),
        minimums=tuple(option.minimum for option in options),
        maximums=tuple(option.maximum for option in options),
        rooms=tuple(NO_ROOM if o.room_id is None else rooms.index(o.room_id) for o in options),
        room_capacities=tuple(_room_left(plan, slot_id, room, seated_before) for room in rooms),
        edge_learners=edges.learners,
        edge_options=edges.options,
        edge_values=edges.values,
    )
    answer = assign(problem)
    seats = _seats(answer, options, learners, edges)
    return Solved(
        options=options,
        rooms=rooms,
        learners=learners,
        seated=seats.seated,
        unplaced=seats.unplaced,
        claim_of=seats.claim_of,
        answer=answer,
        certified=certify(problem, answer),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Seats:
    seated: list[list[int]]
    unplaced: list[int]
    claim_of: dict[int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Edges:
    learners: np.ndarray[tuple[int], np.dtype[np.int32]]
    options: np.ndarray[tuple[int], np.dtype[np.int32]]
    values: Indexes
    claims: dict[tuple[int, int], int]


def _seats(answer: Assignment, options: list[Option], learners: Indexes, edges: _Edges) -> _Seats:
    """Return an answer by learners of the demand: who sits where, and which claim that meets."""
    seats = _Seats(seated=[[] for _ in options], unplaced=[], claim_of={})
    for row, chosen in enumerate(answer.option_of):
        learner = int(learners[row])
        if chosen < 0:
            seats.unplaced.append(learner)
            continue
        seats.seated[chosen].append(learner)
        if (row, chosen) in edges.claims:
            seats.claim_of[learner] = edges.claims[row, chosen]
    return seats


def _options(plan: Plan, slot_id: str, dropped: frozenset[str]) -> list[Option]:
    """Return the options: one for each session with a target, one for each pool of like ones."""
    options: list[Option] = []
    pools: dict[str, Option] = {}
    for opening in plan.board.openings(slot_id):
        if not opening.free_seats:
            continue
        option = _option_of(plan, opening)
        if option.target is not None:
            options.append(option)
        elif opening.offer.kind.is_own_choice and option.pool not in dropped:
            known = pools.get(option.pool)
            if known is None:
                pools[option.pool] = option
                options.append(option)
            else:
                known.openings.append(opening)
                known.maximum += opening.free_seats
    return options


def _option_of(plan: Plan, opening: Opening) -> Option:
    room = plan.snapshot.room_of(opening.offer)
    target = plan.target_of(opening)
    least = 0 if target is None else minimum_of(plan.snapshot, opening)
    return Option(
        openings=[opening],
        minimum=min(least, opening.free_seats),
        maximum=opening.free_seats,
        room_id=room.room_id if room is not None and room.shared else None,
        target=target,
    )


def _room_left(plan: Plan, slot_id: str, room_id: str, seated_before: Mapping[Opening, int]) -> int:
    """Return a shared room's capacity less the pinned seats and what meets the slot in time."""
    taken = 0
    for opening in plan.board.in_room(slot_id, room_id):
        taken += len(opening.pinned) + seated_before.get(opening, 0)
    return max(plan.snapshot.rooms[room_id].capacity - taken, 0)


def _edges(plan: Plan, slot_id: str, options: list[Option], learners: Indexes) -> _Edges:
    demand = plan.demand
    open_claims = demand.open_in(slot_id)
    row_of = np.full(len(demand.learner_ids), -1, dtype=np.int64)
    row_of[learners] = np.arange(len(learners))
    rows, at, values = [], [], []
    claims_at: dict[tuple[int, int], int] = {}
    for index, option in enumerate(options):
        if option.target is None:
            rows.append(np.arange(len(learners), dtype=np.int64))
            values.append(default_worth(plan, option.kind, learners))
        else:
            claims = demand.claims_on(option.target)
            claims = claims[open_claims[claims]]
            rows.append(row_of[demand.learner_of[claims]])
            values.append(demand.weights[claims])
            for row, claim in zip(rows[-1].tolist(), claims.tolist(), strict=True):
                claims_at[row, index] = claim
        at.append(np.full(len(rows[-1]), index, dtype=np.int32))
    none = [np.zeros(0, dtype=np.int64)]
    return _Edges(
        learners=np.concatenate(rows or none).astype(np.int32),
        options=np.concatenate(at or none).astype(np.int32),
        values=np.concatenate(values or none).astype(np.int64),
        claims=claims_at,
    )


def default_worth(plan: Plan, kind: SessionKind, learners: Indexes) -> Indexes:
    """Return what a place without a target is worth to learners, as enriched as they are now."""
    weights = plan.snapshot.problem.policy.weights
    if kind is not SessionKind.ENRICHMENT:
        return np.full(len(learners), weights.commons_milli, dtype=np.int64)
    been = plan.demand.enriched[learners] > 0
    return np.where(been, weights.enrichment_milli, weights.first_enrichment_milli).astype(np.int64)
