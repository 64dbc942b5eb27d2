"""Solves a week: settle the pins, open sessions, seat each slot exactly, explain.

The same problem, seed and budget give the same week to the byte: integers throughout, ties by
the seed, no clock. Cost: a few milliseconds an opening tried and some hundredths of a second a
slot and pass; memory: the claims and the edges of one slot.
"""

from collections.abc import Callable

from services.scheduler.domain.assignment import AssignSeats
from services.scheduler.domain.errors import PlanCancelledError
from services.scheduler.domain.model import Problem
from services.scheduler.domain.pins import settle
from services.scheduler.domain.search.openings import OpeningSearch
from services.scheduler.domain.search.outcome import outcome_of
from services.scheduler.domain.search.plan import Plan
from services.scheduler.domain.search.seating import Seating
from services.scheduler.domain.search.write import week_of
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.week import Progress, Week

# More gains about one per cent, in a school of 850 learners (tests/bench/week_plan.py).
DEFAULT_BUDGET = 3000
# Each pass can only raise the value; three come to rest in nearly every week, and the proof says
# so where they did not.
SEATING_PASSES = 4

ReportProgress = Callable[[Progress], None]
IsCancelled = Callable[[], bool]


def solve(
    problem: Problem,
    assign: AssignSeats,
    *,
    seed: int,
    budget: int = 0,
    report: ReportProgress = lambda progress: None,
    cancelled: IsCancelled = lambda: False,
) -> Week:
    """Return the week for a snapshot.

    `assign` answers a slot's exact question; `budget` is in openings tried (0: the default).
    `cancelled` is asked between openings and slots. What cannot be had is in the week as breaches
    and unmet needs. Raises ProblemError, PlanCancelledError or AssignmentError.
    """

    def stop_if_cancelled() -> None:
        if cancelled():
            raise PlanCancelledError("the plan run was cancelled")

    budget = budget or DEFAULT_BUDGET
    snapshot = index_of(normalised(problem), seed)
    plan = Plan(snapshot, settle(snapshot), seed)
    _open(plan, budget, report, stop_if_cancelled)
    seating = _seat(plan, assign, report, stop_if_cancelled)
    return week_of(outcome_of(plan, seating), seed=seed, budget=budget)


def _open(
    plan: Plan, budget: int, report: ReportProgress, stop_if_cancelled: Callable[[], None]
) -> None:
    """Choose the openings of all slots together, in as many portions as there are slots."""
    slot_ids = list(plan.snapshot.slots)
    if not slot_ids:
        return
    stop_if_cancelled()
    search = OpeningSearch(plan)
    search.greedy(slot_ids)
    plan.forget_journal()
    for number in range(1, len(slot_ids) + 1):
        search.improve(slot_ids, budget * number // len(slot_ids), stop_if_cancelled)
        report(Progress(stage="openings", done=number, total=len(slot_ids)))
    search.enrich(slot_ids)
    plan.forget_journal()


def _seat(
    plan: Plan,
    assign: AssignSeats,
    report: ReportProgress,
    stop_if_cancelled: Callable[[], None],
) -> Seating:
    seating = Seating(plan, assign)
    slot_ids = list(plan.snapshot.slots)
    for number, slot_id in enumerate(slot_ids, start=1):
        stop_if_cancelled()
        seating.fill(slot_id)
        report(Progress(stage="seats", done=number, total=len(slot_ids)))
    for _ in range(SEATING_PASSES):
        moved = False
        for slot_id in slot_ids:
            stop_if_cancelled()
            moved = seating.refill(slot_id) or moved
        if not moved:
            break
    return seating
