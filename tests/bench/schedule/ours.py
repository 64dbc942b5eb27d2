"""Trellis' own search on a problem of the benchmark, looked at while it goes on.

The account of the search leaves out what pinned seats add; here it is put back, and the finished
week is judged by the independent check, which must count the same. So what the search says of
itself on the way may be believed.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.asked import asked_of
from services.scheduler.domain.engine.run import Found, search
from services.scheduler.domain.model import Problem
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.question.weigh import Weighed, weigh
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.frame import PROTOTYPE, Shape
from tests.bench.schedule.generator import synthetic_school
from tests.bench.schedule.plain_week import Judgement, judge
from tests.bench.schedule.proved import proved, seating_of
from tests.bench.schedule.seating import Seating
from tests.bench.schedule.value import value_of

NO_END = 1 << 40
"""Of the steps of a run that time ends."""
SMALLEST = Shape(30, 2, 2, 1, PROTOTYPE, subjects=2, adults=4)
WARMING_STEPS = 40


@dataclass(frozen=True)
class Look:
    """How far a run was, and what its best week was worth."""

    seconds: float
    steps: int
    value_milli: int


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run of the search. Seconds count from the problem in memory on."""

    question: Question
    question_seconds: float
    looks: tuple[Look, ...]
    """The first is the first complete week; then wherever the week was better, and the end."""
    found: Found
    weighed: Weighed
    seating: Seating
    judgement: Judgement
    pinned_milli: int
    """What pinned seats are worth alone."""

    def at_seconds(self, seconds: float) -> int | None:
        """Return the value at a time; None where there was no week yet, or the run had ended."""
        if self.looks[-1].seconds < seconds:
            return None
        past = [look for look in self.looks if look.seconds <= seconds]
        return past[-1].value_milli if past else None

    def at_steps(self, steps: int) -> int | None:
        """Return the value after so many steps; None where the run did not come so far."""
        if self.looks[-1].steps < steps:
            return None
        return [look for look in self.looks if look.steps <= steps][-1].value_milli


def warm_up() -> float:
    """Load the compiled code, or compile it, and return the seconds that it took."""
    begin = time.perf_counter()
    plan(synthetic_school(SMALLEST), steps=WARMING_STEPS)
    return time.perf_counter() - begin


def plan(problem: Problem, *, seed: int = 1, seconds: float = 0.0, steps: int = 0) -> Run:
    """Plan a week for a time, or for a number of steps where no time is given.

    Raises ValueError where the search and the check count differently.
    """
    begin = time.perf_counter()
    question = asked_of(problem, seed=seed).question
    asked = time.perf_counter() - begin
    looks: list[Look] = []

    values: list[int] = []

    def progressed(found: Found) -> bool:
        passed = time.perf_counter() - begin
        if not values or found.value != values[-1]:
            values.append(found.value)
            weighed = weigh(question.tables, found.held, found.seat)
            looks.append(Look(passed, found.steps, weighed.points))
        return bool(seconds) and passed >= seconds

    found = search(
        question.tables, seed=seed, steps=NO_END if seconds else steps, progressed=progressed
    )
    passed = time.perf_counter() - begin
    looks.append(Look(passed, found.steps, looks[-1].value_milli))
    return _run(problem, question, asked, looks, found)


def _run(
    problem: Problem, question: Question, asked: float, looks: Sequence[Look], found: Found
) -> Run:
    weighed = weigh(question.tables, found.held, found.seat)
    seating = seating_of(question, found.held, found.seat)
    judgement = judge(problem, seating)
    pinned = value_of(Facts(problem), _pinned(question, seating))
    if (judgement.value_milli, found.value) != (weighed.points + pinned, weighed.total):
        raise ValueError(
            f"the check counts {judgement.value_milli} with {pinned} of pins, the search"
            f" {weighed.points}; in all {found.value} against {weighed.total}"
        )
    return Run(
        question=question,
        question_seconds=asked,
        looks=tuple(Look(o.seconds, o.steps, o.value_milli + pinned) for o in looks),
        found=found,
        weighed=weighed,
        seating=seating,
        judgement=judgement,
        pinned_milli=pinned,
    )


@dataclass(frozen=True)
class Polish:
    """What exact seats bring to the week that a run ended with."""

    value_milli: int
    seats_gap_milli: int
    """How far the seats may be from the best for these sessions, by their proof."""
    seconds: float


def polish(problem: Problem, run: Run) -> Polish:
    """Seat the learners of a run's week exactly."""
    begin = time.perf_counter()
    polished = HighsExact().seats(run.question, run.found.held, run.found.seat)
    seconds = time.perf_counter() - begin
    assert polished is not None, "no floor was given"
    value = weigh(run.question.tables, run.found.held, polished.seat).points + run.pinned_milli
    week = proved(run.question, run.found.held, polished)
    assert week.assignment is not None
    gap = week.assignment.bound_milli - week.assignment.value_milli
    return Polish(value, gap, seconds)


def _pinned(question: Question, seating: Seating) -> Seating:
    seats = question.frame.settled.seats
    kept = {key: held for key, held in seating.seats.items() if key in seats}
    return Seating(sessions=seating.sessions, seats=kept)
