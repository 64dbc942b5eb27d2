"""Repairs a published week: the best week for what has changed, with few moves (H7).

The same problem, week, changes and seed give the same bytes. What is settled anew, and when, says
`mend`; how a seat that stays is weighed against one that moves, `Weights.kept_milli`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.scheduler.domain.asked import asked_of
from services.scheduler.domain.changes import Change, changed, named_in
from services.scheduler.domain.differences import SessionChange, session_changes_between
from services.scheduler.domain.explain.write import week_of
from services.scheduler.domain.model import PinOrigin, Problem
from services.scheduler.domain.pins import settle
from services.scheduler.domain.polish import Polished
from services.scheduler.domain.question.answer import answer_of
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.repair.mend import Mended, mended
from services.scheduler.domain.repair.moves import (
    Cause,
    Move,
    moves_between,
)
from services.scheduler.domain.repair.published import Published, published_in
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.solve import finished
from services.scheduler.domain.week import RequestOutcome, Week


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """A published week after changes, and what that changes for people."""

    problem: Problem
    """The problem as the changes leave it, in order: what the week is to be checked against."""
    week: Week
    """It states no bound: it is not the best week that there is, but one near what was published.
    Whoever has no place, where nobody could be moved to make one, is in its breaches."""
    moved: tuple[Move, ...]
    """By learner and slot."""
    sessions: tuple[SessionChange, ...]
    """Sessions opened, closed, or moved to another room, by id."""

    def learners_moved(self, cause: Cause) -> frozenset[str]:
        """Return the learners with a move of a cause."""
        return frozenset(one.learner_id for one in self.moved if one.cause is cause)


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A published week and its changes, ready to be mended."""

    problem: Problem
    question: Question
    published: Published
    named: frozenset[str]
    """The learners whom the changes are about."""
    requests: tuple[RequestOutcome, ...]


def repair(problem: Problem, week: Week, changes: Sequence[Change], *, seed: int) -> Repaired:
    """Return a published week as the changes leave it, with as few moves as are worth it.

    `problem` is the snapshot of the week, `seed` decides ties. Whatever was published stays, but
    where its adult or room is gone, or somebody without a place needs it more. Raises ProblemError
    and ChangeError.
    """
    prepared = prepare(problem, week, changes, seed=seed)
    return written(prepared, week, mend(prepared, seed=seed), seed=seed)


def prepare(problem: Problem, week: Week, changes: Sequence[Change], *, seed: int) -> Prepared:
    """Return what a repair asks; nearly all of its time is spent here.

    Raises ProblemError and ChangeError.
    """
    problem = _released(changed(normalised(problem), changes))
    asked = asked_of(problem, seed=seed, kept_milli=problem.policy.weights.kept_milli)
    return Prepared(
        problem=asked.problem,
        question=asked.question,
        published=published_in(asked.question, week),
        named=named_in(changes),
        requests=asked.requests,
    )


def _released(problem: Problem) -> Problem:
    """Return the problem without the accepted seats that the changes leave no way to keep (H7).

    Nobody has set them instead of the planner: who sat there is seated anew, as others are.
    """
    unkept = settle(index_of(normalised(problem), 0)).unkept
    pins = (
        pin
        for pin in problem.pins
        if pin.origin is not PinOrigin.PLANNED or pin.pin_id not in unkept
    )
    return replace(problem, pins=tuple(pins))


def mend(prepared: Prepared, *, seed: int) -> Mended:
    """Return the week as mended: some milliseconds, where everybody finds a place."""
    index = prepared.question.frame.learner_index
    return mended(
        prepared.published,
        named=[index[one] for one in sorted(prepared.named) if one in index],
        change_milli=prepared.problem.policy.weights.session_change_milli,
        seed=seed,
    )


def written(prepared: Prepared, published: Week, found: Mended, *, seed: int) -> Repaired:
    """Return a mended week with its reasons, and what of the published one it changes."""
    question = prepared.question
    rooms = {
        (one.slot_id, one.offer_id): one.room_id
        for one in published.sessions
        if one.room_id is not None
    }
    week = week_of(
        question,
        answer_of(question, found.held, found.seat, rooms),
        Polished(seat=found.seat, seat_prices=np.zeros_like(found.held)),
        seed=seed,
        budget=0,
        steps=0,
        requests=prepared.requests,
    )
    week = finished(prepared.problem, week, beyond_milli=None)

    def cause_of(learner_id: str, slot_id: str) -> Cause:
        t = question.frame.times.of_slot.get(slot_id)
        n = question.frame.learner_index[learner_id]
        stood = t is not None and found.stood[t, n] and n not in found.concerned
        return Cause.OTHER if stood else Cause.CHANGE

    return Repaired(
        problem=prepared.problem,
        week=week,
        moved=moves_between(published, week, cause_of),
        sessions=session_changes_between(published, week),
    )
