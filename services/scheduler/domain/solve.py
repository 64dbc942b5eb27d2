"""Solves a week: settle requests and pins, search, seat exactly, bound, explain.

The same problem, seed and budget give the same week to the byte: integers throughout, ties by
the seed, no clock. Time: some milliseconds a step, growing with learners times times; memory: a
number for each learner, time and adult.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from services.scheduler.domain import encode
from services.scheduler.domain.asked import asked_of
from services.scheduler.domain.bounds import WHOLE_MICRO
from services.scheduler.domain.check import certificate
from services.scheduler.domain.engine.run import PORTION, Found, search
from services.scheduler.domain.engine.tables import NOBODY, Ints
from services.scheduler.domain.errors import PlanCancelledError
from services.scheduler.domain.explain.terms import terms_of
from services.scheduler.domain.explain.write import week_of
from services.scheduler.domain.model import Problem
from services.scheduler.domain.polish import Exact, Polished, Rival
from services.scheduler.domain.question.answer import answer_of
from services.scheduler.domain.question.bounding import bound_of
from services.scheduler.domain.question.evening import evened
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.question.weigh import (
    Weighed,
    missing_to_minimum,
    stands_alone,
    weigh,
)
from services.scheduler.domain.runs import DEFAULT_BUDGET
from services.scheduler.domain.week import Progress, Stage, Week, value_of

BOUND_STEPS: Final = 2000
"""At most: the descent ends where it is level."""
WHOLE_WEEK_STEPS: Final = 200
"""From this budget on a very small school's week is asked for as a whole too,"""
WHOLE_WEEK_COLUMNS_A_STEP: Final = 10
"""where its program has at most so many columns for each step: who wants more, waits longer."""
BOUND_SEARCH_STEPS: Final = 100
"""Of the week that a bound is measured from."""

ReportProgress = Callable[[Progress], None]
IsCancelled = Callable[[], bool]
IsEnough = Callable[[], bool]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Candidate:
    """A week by its tables, with the prices of its seats; `steps` were taken to find it."""

    held: Ints
    steps: int
    polished: Polished
    weighed: Weighed

    @property
    def rival(self) -> Rival:
        """What another week has to beat."""
        prices = self.polished.seat_prices
        return Rival(held=self.held, seat_prices=prices, total=self.weighed.total)


def solve(
    problem: Problem,
    exact: Exact,
    *,
    seed: int,
    budget: int = DEFAULT_BUDGET,
    prove: bool = True,
    report: ReportProgress = lambda progress: None,
    cancelled: IsCancelled = lambda: False,
    enough: IsEnough = lambda: False,
) -> Week:
    """Return the week for a snapshot.

    `exact` answers who sits where; `budget` is in steps of the search (0: the first complete week),
    and more of it never gives a worse week. Without `prove` the seats are those of the search, and
    the week states no bounds. `cancelled` is asked between portions of the work, and so is
    `enough`, which ends the search early: the week is that of the last milestone as its budget, and
    states it. What cannot be had is in the week as breaches and unmet needs. Raises ProblemError or
    PlanCancelledError.
    """
    told = _Told(report=report, cancelled=cancelled, enough=enough)
    asked = asked_of(problem, seed=seed)
    question = asked.question
    weeks, budget = _searched(question, seed, budget, told)
    if not prove:
        best, bound = _as_found(question, weeks[-1]), None
    else:
        best, bound = _proved(question, exact, weeks, told)
        if budget >= WHOLE_WEEK_STEPS:
            columns = budget * WHOLE_WEEK_COLUMNS_A_STEP
            best, bound = _as_a_whole(question, exact, weeks[0], (best, bound), columns)
    week = week_of(
        question,
        answer_of(question, best.held, best.polished.seat),
        best.polished,
        seed=seed,
        budget=budget,
        steps=best.steps,
        requests=asked.requests,
    )
    beyond = None if bound is None else bound - best.weighed.points
    return finished(asked.problem, week, beyond_milli=beyond)


def bound_milli(
    problem: Problem, *, seed: int, steps: int, report: ReportProgress = lambda progress: None
) -> int:
    """Return what no lawful week is worth more than, in thousandths of a point.

    More steps never give a higher bound. Raises ProblemError.
    """
    question = asked_of(problem, seed=seed).question
    found = search(question.tables, seed=seed, steps=BOUND_SEARCH_STEPS)
    weighed = weigh(question.tables, found.held, found.seat)
    value = value_of(terms_of(question, answer_of(question, found.held, found.seat)))

    def progressed(done: int) -> bool:
        report(Progress(stage=Stage.BOUND, done=done, total=steps))
        return False

    bound = bound_of(question.tables, weighed, steps=steps, progressed=progressed)
    # What pinned seats are worth is no part of the tables, and the same in every week.
    return bound + value - weighed.points


def finished(problem: Problem, week: Week, *, beyond_milli: int | None) -> Week:
    """Return a week with its value, bounds, snapshot and hash.

    `beyond_milli`: how far the bound on every week is above this one, in thousandths of a point;
    None: nothing is proved, and the week states no bound.
    """
    week = replace(week, snapshot_hash=encode.hash_of_snapshot(problem))
    if beyond_milli is None or week.assignment is None:
        week = replace(week, assignment=None)
        return replace(week, week_hash=encode.week_hash(week))
    value = value_of(week.terms)
    bound = certificate.bound_of(problem, week)
    week_bound = value + beyond_milli
    week = replace(
        week,
        bound_milli=week_bound,
        assignment=replace(week.assignment, value_milli=value, bound_milli=bound),
        summary=replace(
            week.summary,
            assignment_gap_micro=_micro_of(bound - value, abs(bound)) if bound else 0,
            week_gap_micro=_week_gap_micro(value, week_bound),
        ),
    )
    return replace(week, week_hash=encode.week_hash(week))


def _week_gap_micro(value: int, bound: int) -> int | None:
    """Return `Summary.week_gap_micro`; None also where a bound below 0 has no parts."""
    if value >= bound:
        return 0
    return _micro_of(bound - value, bound) if bound > 0 else None


def _micro_of(part: int, whole: int) -> int:
    """Return a part in millionths of a whole, rounded up."""
    return -(-part * WHOLE_MICRO // whole)


def milestones(budget: int) -> list[int]:
    """Return the steps after which the best week so far is kept to be seated exactly.

    Two to the octave, from one portion on. A budget counts as the last of them within it: whoever
    has more, has all the weeks that others have, and so the best of them.
    """
    found, size = [0], PORTION
    while size <= budget:
        between = (steps for steps in (size, size * 3 // 2) if steps % PORTION == 0)
        found += [steps for steps in between if steps <= budget]
        size *= 2
    return found


@dataclass(frozen=True, kw_only=True)
class _Told:
    """Who is told how far the run is, and who may stop it."""

    report: ReportProgress
    cancelled: IsCancelled
    enough: IsEnough

    def __call__(self, stage: Stage, done: int, total: int) -> None:
        if self.cancelled():
            raise PlanCancelledError("the plan run was cancelled")
        self.report(Progress(stage=stage, done=done, total=total))


def _searched(question: Question, seed: int, budget: int, told: _Told) -> tuple[list[Found], int]:
    """Return the best week at each milestone where it had become better, and the budget.

    That is the one that was given, or where the search ended early the last milestone before.
    """
    stops = milestones(budget)
    kept: list[Found] = []
    reached, ended = 0, False

    def progressed(found: Found) -> bool:
        nonlocal reached, ended
        told(Stage.SEARCH, found.steps, stops[-1])
        is_better = not kept or found.value > kept[-1].value
        if found.steps in stops:
            reached = found.steps
            if is_better:
                kept.append(replace(found, held=found.held.copy(), seat=found.seat.copy()))
        ended = told.enough()
        return ended

    search(question.tables, seed=seed, steps=stops[-1], progressed=progressed)
    return kept, reached if ended and reached < stops[-1] else budget


def _as_found(question: Question, week: Found) -> _Candidate:
    """Return a week with the seats of the search and no prices."""
    seat = evened(question, week.held, week.seat)
    return _Candidate(
        held=week.held,
        steps=week.steps,
        polished=Polished(seat=seat, seat_prices=np.zeros_like(week.held)),
        weighed=weigh(question.tables, week.held, seat),
    )


def _proved(
    question: Question, exact: Exact, weeks: list[Found], told: _Told
) -> tuple[_Candidate, int]:
    """Return the best of some weeks with exact seats, and what no week is worth more than."""
    best = _seated(question, exact, weeks, told)
    return best, _bound(question, best, told)


def _as_a_whole(
    question: Question, exact: Exact, first: Found, proved: tuple[_Candidate, int], columns: int
) -> tuple[_Candidate, int]:
    """Return a very small school's best week and bound, where it is asked for as a whole too.

    From the first week, whatever the budget: so all greater ones have the same answer to beat.
    """
    best, bound = proved
    whole = exact.whole_week(question, first.held, first.seat, columns=columns)
    if whole is None:
        return best, bound
    found = Found(value=0, held=whole.held, seat=whole.seat, steps=best.steps)
    better = _exact(question, exact, found, best)
    best = best if better is None else better
    return best, bound if whole.bound is None else min(bound, whole.bound)


def _seated(question: Question, exact: Exact, weeks: list[Found], told: _Told) -> _Candidate:
    """Return the best of some weeks when their learners are seated exactly; the last first."""
    best: _Candidate | None = None
    for number, week in enumerate(reversed(weeks)):
        told(Stage.SEATS, number, len(weeks))
        for one in (week, *_without_small(question, week)):
            better = _exact(question, exact, one, best)
            best = best if better is None else better
    assert best is not None, "the first milestone is the first week"
    return best


def _without_small(question: Question, week: Found) -> Iterator[Found]:
    """Yield a week without the sessions that too few rightly come to (S7), time by time and all.

    Help on a prerequisite that stands alone is no right one (S1). Their learners are left to the
    exact seating, which may have places for them elsewhere; where it has none, the week is none.
    """
    tables = question.tables
    alone = stands_alone(tables, week.held, week.seat)
    seat = np.where(alone, tables.adults, week.seat).astype(np.int32)
    small = missing_to_minimum(tables, week.held, seat) > 0
    times = np.flatnonzero(alone.any(axis=1) | small.any(axis=1))
    for chosen in (times, *times[:, None]) if len(times) > 1 else times[None, :]:
        held, left = week.held.copy(), week.seat.copy()
        held[chosen] = np.where(small[chosen], NOBODY, held[chosen])
        left[chosen] = seat[chosen]
        t, n = np.nonzero(tables.present & (left < tables.adults))
        left[t, n] = np.where(held[t, left[t, n]] < 0, tables.adults, left[t, n])
        if len(chosen):
            yield replace(week, held=held, seat=left)


def _exact(
    question: Question, exact: Exact, week: Found, best: _Candidate | None
) -> _Candidate | None:
    """Return a week with its learners seated exactly; None where it is worth no more than best."""
    rival = None if best is None else best.rival
    polished = exact.seats(question, week.held, week.seat, rival=rival)
    if polished is None:
        return None
    polished = replace(polished, seat=evened(question, week.held, polished.seat))
    weighed = weigh(question.tables, week.held, polished.seat)
    if rival is not None and weighed.total <= rival.total:
        return None
    return _Candidate(held=week.held, steps=week.steps, polished=polished, weighed=weighed)


def _bound(question: Question, best: _Candidate, told: _Told) -> int:
    """Return what no week is worth more than (`weigh.Weighed.points`)."""

    def progressed(done: int) -> bool:
        told(Stage.BOUND, done, BOUND_STEPS)
        return False

    return bound_of(
        question.tables,
        best.weighed,
        steps=BOUND_STEPS,
        until_level=True,
        progressed=progressed,
    )
