"""A district of 60 schools and 50,000 learners, planned from files on all cores."""

import os
import resource
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table

from services.scheduler.adapters.district import Plan, plan_district, schools_in
from services.scheduler.adapters.district_worker import State, Work
from services.scheduler.adapters.documents import to_json
from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.adapters.problem_file import read_problem_file, write_problem
from services.scheduler.adapters.week_file import read_week_file
from services.scheduler.domain.check import check
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.solve import solve
from services.scheduler.domain.week import Week
from tests.bench.schedule.alone import KIBIBYTES_OF_MEBIBYTE, Job
from tests.bench.schedule.generator import PROTOTYPE, Shape, synthetic_school
from tests.bench.schedule.schools import district_shapes
from tests.bench.schedule.tables.part import (
    Figures,
    Goal,
    Options,
    Part,
    add_failures,
    points,
    table_of,
)

SEED = 1
STEPS = (0, 100)
"""The budgets of a school: the first complete week, and some work on it."""
QUICK_SCHOOLS = (Shape(60, 2, 2, 1, PROTOTYPE), Shape(94, 3, 5, 1, PROTOTYPE))
GOAL_SECONDS = 60.0
LIMIT_SECONDS = 3600.0


def jobs(options: Options) -> list[Job]:
    """Return a job for each budget."""
    return [
        Job(
            name=f"{len(shapes)} schools, {sum(one.learners for one in shapes):,} learners,"
            f" {steps} steps each",
            function=measure,
            arguments=(shapes, steps),
            limit_seconds=LIMIT_SECONDS,
        )
        for shapes in [QUICK_SCHOOLS if options.quick else district_shapes(options.seeds[0])]
        for steps in STEPS
    ]


def measure(shapes: Sequence[Shape], steps: int) -> dict[str, Any]:
    """Return the figures of the district; its files are there before the clock runs."""
    with tempfile.TemporaryDirectory() as folder:
        problems, weeks = Path(folder) / "problems", Path(folder) / "weeks"
        problems.mkdir()
        for number, shape in enumerate(shapes):
            text = write_problem(synthetic_school(shape))
            (problems / f"school-{number:02d}.json").write_text(text, "utf-8")
        schools = schools_in(problems, weeks)
        work = Work(
            solve_one=partial(planned_file, steps=steps), text_of=to_json, seed=SEED, budget=steps
        )
        workers = len(os.sched_getaffinity(0))
        begin = time.perf_counter()
        outcomes = plan_district(schools, Plan(work=work, workers=workers))
        seconds = time.perf_counter() - begin
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // KIBIBYTES_OF_MEBIBYTE
        broken = sum(
            len(check(normalised(read_problem_file(one.problem)), read_week_file(one.week)))
            for one in schools
            if outcomes[one.name].state is State.PLANNED
        )
    return {
        "steps": steps,
        "workers": workers,
        "schools": len(shapes),
        "learners": sum(one.learners for one in outcomes.values()),
        "seconds": seconds,
        "failed": {
            name: one.failure.what
            for name, one in outcomes.items()
            if one.state is State.FAILED and one.failure is not None
        },
        "broken": broken,
        "worker_mebibytes": peak,
        "value_milli": sum(one.value_milli for one in outcomes.values()),
    }


def planned_file(path: Path, *, steps: int) -> Week:
    """Return the week of a file as `solve-district --no-proof` plans it."""
    return solve(read_problem_file(path), HighsExact(), seed=SEED, budget=steps, prove=False)


def table(figures: Sequence[Figures]) -> Table:
    """Return a line for each budget."""
    names = ("district", "processes", "s", "value", "failed", "broken", "MiB of one")
    found = table_of("A whole district, from files to files", names)
    for one in add_failures(found, figures):
        found.add_row(
            one["name"],
            str(one["workers"]),
            f"{one['seconds']:.1f}",
            points(one["value_milli"]),
            str(len(one["failed"])),
            str(one["broken"]),
            str(one["worker_mebibytes"]),
        )
    return found


def goals(figures: Sequence[Figures]) -> list[Goal]:
    """Return the goal of the first complete weeks of all schools."""
    mine = [one for one in figures if one.get("steps") == STEPS[0]]
    return [
        Goal(
            goal=f"{one['schools']} schools, {one['learners']:,} learners:"
            f" within {GOAL_SECONDS:g} s",
            measured=f"{one['seconds']:.1f} s, {len(one['failed'])} failed,"
            f" {one['broken']} rules broken",
            met=one["seconds"] <= GOAL_SECONDS and not one["failed"] and not one["broken"],
        )
        for one in mine
        if one["schools"] > len(QUICK_SCHOOLS)
    ]


PART = Part(name="district", jobs=jobs, table=table, goals=goals)
