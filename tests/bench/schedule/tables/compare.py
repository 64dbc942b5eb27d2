"""The search beside what schools and general solvers do: the same files, the same time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from services.scheduler.adapters.problem_file import read_problem_file, write_problem
from services.scheduler.domain.model import Problem
from tests.bench.schedule.alone import Job
from tests.bench.schedule.ceiling import by_relaxation
from tests.bench.schedule.compare import customs, solvers
from tests.bench.schedule.cpsat import ROOT
from tests.bench.schedule.generator import PRODUCT, PROTOTYPE, Shape, synthetic_school
from tests.bench.schedule.ours import plan, warm_up
from tests.bench.schedule.plain_week import Judgement, judge
from tests.bench.schedule.tables.gaps import BESIDE_SECONDS
from tests.bench.schedule.tables.part import (
    Figures,
    Options,
    Part,
    add_failures,
    points,
    table_of,
)

FILES = ROOT / ".trellis" / "bench-schedule"
OURS = "Trellis"
CUSTOMS = (
    "first come, by interest",
    "first come, advised by need",
    "deferred acceptance, by need",
)
SOLVERS = ("HiGHS", "CP-SAT")
SIZES = (94, 300, 1200)
SLOTS, COMPETENCIES = 5, 5
QUICK_SHAPES = (Shape(60, 2, 2, 1, PROTOTYPE),)
QUICK_WAYS = (OURS, *CUSTOMS, "HiGHS")
"""CP-SAT has to be installed first (`cpsat.py`)."""
QUICK_SECONDS = 3.0


def jobs(options: Options) -> list[Job]:
    """Return a job for each school and way; each way reads the school from its file."""
    seconds = QUICK_SECONDS if options.quick else options.seconds
    ways = QUICK_WAYS if options.quick else (OURS, *CUSTOMS, *SOLVERS)
    return [
        Job(
            name=f"{shape.setting} {shape.learners:,} x {shape.slots}, {shape.seed}: {way}",
            function=measure,
            arguments=(shape, way, seconds),
            limit_seconds=seconds + BESIDE_SECONDS,
        )
        for shape in (QUICK_SHAPES if options.quick else _shapes(options))
        for way in ways
    ]


def measure(shape: Shape, way: str, seconds: float) -> dict[str, Any]:
    """Return the figures of a school planned one way."""
    problem = read_problem_file(_file_of(shape))
    if way == OURS:
        return _ours(problem, seconds)
    if way in CUSTOMS:
        seating = customs(problem, shape.seed)[way]()
        return {"way": way} | _of(judge(problem, seating))
    proof = solvers(problem, seconds)[way]()
    size = {"way": way, "columns": proof.columns, "rows": proof.rows, "proved": proof.proved}
    size |= {"bound_milli": proof.bound_milli}
    return size if proof.seating is None else size | _of(judge(problem, proof.seating))


def table(figures: Sequence[Figures]) -> Table:
    """Return a line for each school and way."""
    names = ("school: way", "value", "bound", "need served, %", "learners served, %")
    names += ("mean rank", "unplaced", "services short", "broken", "s")
    found = table_of("The same schools and time, planned otherwise", names)
    for one in add_failures(found, figures):
        bound = points(one["bound_milli"]) if one.get("bound_milli") else "–"
        if "value_milli" not in one:
            found.add_row(one["name"], "no week", bound)
            continue
        found.add_row(
            one["name"],
            points(one["value_milli"]),
            bound,
            f"{100 * one['need_served']:.1f}",
            f"{100 * one['learners_served']:.1f}",
            f"{one['mean_rank']:.2f}",
            str(one["unplaced"]),
            str(one["services_short"]),
            ", ".join(f"{rule} {count}" for rule, count in one["broken"].items()) or "none",
            f"{one['seconds']:.1f}",
        )
    return found


def _ours(problem: Problem, seconds: float) -> dict[str, Any]:
    warm_up()
    run = plan(problem, seconds=seconds)
    bound = by_relaxation(run).milli
    return {"way": OURS, "bound_milli": bound} | _of(run.judgement)


def _of(judgement: Judgement) -> dict[str, Any]:
    found = judgement.measures
    return {
        "value_milli": judgement.value_milli,
        "need_served": found.weighted_need_served_share,
        "learners_served": found.learners_served_share,
        "mean_rank": found.mean_rank,
        "unplaced": found.unplaced,
        "services_short": found.service_sessions_short,
        "broken": judgement.broken,
    }


def _shapes(options: Options) -> list[Shape]:
    return [
        Shape(learners, SLOTS, COMPETENCIES, seed, setting)
        for setting in (PROTOTYPE, PRODUCT)
        for learners in options.learners or SIZES
        for seed in options.seeds
    ]


def _file_of(shape: Shape) -> Path:
    """Return the file of a school, which is written where it is not there or another's."""
    path = FILES / (
        f"{shape.setting}-{shape.learners}-{shape.slots}"
        f"-{shape.competencies_per_subject_grade}-{shape.seed}.json"
    )
    text = write_problem(synthetic_school(shape))
    if not path.is_file() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return path


PART = Part(name="compare", jobs=jobs, table=table)
