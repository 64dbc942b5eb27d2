"""What a change on the day costs: a week mended after an absence, beside one planned anew.

Every adult of a published week is away in a slot or for a day, one at a time. Ways to mend the
week are listed in `WAYS`. Points are lost against the published week; a learner has moved whose
session of some slot is another one. Pins to who is away cannot be kept: they are not counted as
broken.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from rich.table import Table

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.check import check
from services.scheduler.domain.model import Problem
from services.scheduler.domain.repair import AdultAway, changed
from services.scheduler.domain.repair.repair import mend, prepare, written
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.solve import solve
from services.scheduler.domain.week import Week, value_of
from tests.bench.schedule.alone import Job
from tests.bench.schedule.generator import PROTOTYPE, Shape, synthetic_school
from tests.bench.schedule.tables.part import (
    Figures,
    Goal,
    Options,
    Part,
    add_failures,
    points,
    table_of,
)

LEARNERS, QUICK_LEARNERS = 1200, 300
SLOTS, COMPETENCIES = 5, 5
STEPS = 200
"""Of the search for the published week, and for one planned anew."""
ANEW_EVERY = 10
"""A week is planned anew for every tenth absence: it takes a while."""
LIMIT_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True)
class Mending:
    """A week after an absence, and how long it took."""

    week: Week
    prepare_seconds: float
    search_milliseconds: float
    write_seconds: float


def repaired(problem: Problem, week: Week, change: AdultAway, seed: int) -> Mending:
    """Repair the published week."""
    begin = time.perf_counter()
    prepared = prepare(problem, week, [change], seed=seed)
    ready = time.perf_counter()
    found = mend(prepared, seed=seed)
    searched = time.perf_counter()
    result = written(prepared, week, found, seed=seed)
    return Mending(
        week=result.week,
        prepare_seconds=ready - begin,
        search_milliseconds=1000 * (searched - ready),
        write_seconds=time.perf_counter() - searched,
    )


def planned_anew(problem: Problem, week: Week, change: AdultAway, seed: int) -> Mending:
    """Plan the whole week anew, without a look at what was published."""
    begin = time.perf_counter()
    result = solve(changed(problem, [change]), HighsExact(), seed=seed, budget=week.budget)
    passed = time.perf_counter() - begin
    return Mending(
        week=result,
        prepare_seconds=0.0,
        search_milliseconds=1000 * passed,
        write_seconds=0.0,
    )


WAYS: dict[str, tuple[Callable[..., Mending], int]] = {
    "repaired": (repaired, 1),
    "planned anew": (planned_anew, ANEW_EVERY),
}
"""By name; each with how many absences there are to one that is looked at."""


SPANS = ("a slot", "a day")


def jobs(options: Options) -> list[Job]:
    """Return a job for each way to mend a week, and each span of absence."""
    learners = QUICK_LEARNERS if options.quick else LEARNERS
    return [
        Job(
            name=f"{span}, {name}, {learners:,} x {SLOTS}",
            function=measure,
            arguments=(name, span, learners, options.seeds[0]),
            limit_seconds=LIMIT_SECONDS,
        )
        for span in SPANS
        for name in WAYS
    ]


def measure(name: str, span: str, learners: int, seed: int) -> dict[str, Any]:
    """Return the figures of a way on one school, for absences of a span."""
    way, every = WAYS[name]
    problem = synthetic_school(Shape(learners, SLOTS, COMPETENCIES, seed, PROTOTYPE))
    week = solve(problem, HighsExact(), seed=seed, budget=STEPS)
    changes = absences_of(problem, week, span)[::every]
    # Once in vain: what is loaded by the first call is not measured.
    repaired(problem, week, changes[0], seed)
    outcomes = [_figures(problem, week, one, way(problem, week, one, seed)) for one in changes]
    return {
        "absences": len(changes),
        "published_milli": value_of(week.terms),
        "broken_before": len(check(problem, week)),
        "outcomes": outcomes,
    }


def absences_of(problem: Problem, week: Week, span: str) -> list[AdultAway]:
    """Return that each adult who leads a session is away, in one slot or on one day in turn."""
    parts: dict[Any, list[str]] = defaultdict(list)
    for slot in problem.slots:
        parts[slot.slot_id if span == SPANS[0] else slot.date].append(slot.slot_id)
    turns = [tuple(parts[key]) for key in sorted(parts)]
    leading = sorted({one.adult_id for one in week.sessions})
    return [
        AdultAway(adult_id=adult_id, slot_ids=turns[number % len(turns)])
        for number, adult_id in enumerate(leading)
    ]


def _figures(problem: Problem, week: Week, change: AdultAway, done: Mending) -> dict[str, Any]:
    before = {(one.learner_id, one.slot_id): one.session_id for one in week.seats}
    after = {(one.learner_id, one.slot_id): one.session_id for one in done.week.seats}
    gone = {
        one.session_id
        for one in week.sessions
        if one.adult_id == change.adult_id and one.slot_id in change.slot_ids
    }
    moved = {key for key, session_id in before.items() if after.get(key) != session_id}
    displaced = {key[0] for key, session_id in before.items() if session_id in gone}
    sessions = (
        {one.session_id for one in week.sessions},
        {one.session_id for one in done.week.sessions},
    )
    return {
        "lost_milli": value_of(week.terms) - value_of(done.week.terms),
        "displaced": len(displaced),
        "others_moved": len({key[0] for key in moved} - displaced),
        "sessions_opened": len(sessions[1] - sessions[0]),
        "unplaced": sum(one.short_of for one in done.week.capacity),
        "broken": sum(
            one.rule is not Rule.FREEZE for one in check(changed(problem, [change]), done.week)
        ),
        "prepare_seconds": done.prepare_seconds,
        "search_milliseconds": done.search_milliseconds,
        "write_seconds": done.write_seconds,
    }


def table(figures: Sequence[Figures]) -> Table:
    """Return a line for each way: means over the absences, and times as the half has them."""
    names = ("way", "away", "lost", "displaced", "others", "opened", "unplaced", "broken")
    times = ("prepared, s", "searched, ms", "most, ms", "written, s")
    found = table_of("A week mended after an adult is away", (*names, *times))
    for one in add_failures(found, figures):
        column = {name: [each[name] for each in one["outcomes"]] for name in one["outcomes"][0]}
        found.add_row(
            one["name"],
            str(one["absences"]),
            points(mean(column["lost_milli"])),
            f"{mean(column['displaced']):.1f}",
            f"{mean(column['others_moved']):.1f}",
            f"{mean(column['sessions_opened']):.2f}",
            str(sum(column["unplaced"])),
            str(sum(column["broken"])),
            f"{median(column['prepare_seconds']):.2f}",
            f"{median(column['search_milliseconds']):.1f}",
            f"{max(column['search_milliseconds']):.1f}",
            f"{median(column['write_seconds']):.2f}",
        )
    return found


def goals(figures: Sequence[Figures]) -> list[Goal]:
    """Return that nobody is without an adult and no rule broken after any repair."""
    mine = [one for one in figures if "repaired" in one["name"]]
    found = []
    for one in mine:
        outcomes = one.get("outcomes", ())
        unplaced, broken = (sum(each[name] for each in outcomes) for name in ("unplaced", "broken"))
        found.append(
            Goal(
                goal=f"{one['name']}: everybody with an adult after each absence",
                measured=f"{unplaced} without, {broken} rules broken, {len(outcomes)} absences",
                met=bool(outcomes) and not unplaced and not broken,
            )
        )
    return found


PART = Part(name="repairs", jobs=jobs, table=table, goals=goals)
