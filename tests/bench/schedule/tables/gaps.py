"""How near the search comes to the bound in a time, on schools of every size."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from rich.table import Table

from tests.bench.schedule.alone import Job, peak_mebibytes
from tests.bench.schedule.ceiling import ceiling_of
from tests.bench.schedule.generator import (
    COMPETENCIES,
    PRODUCT,
    PROTOTYPE,
    SIZES,
    SLOTS,
    Shape,
    synthetic_school,
)
from tests.bench.schedule.ours import plan, polish, warm_up
from tests.bench.schedule.tables.part import (
    Figures,
    Goal,
    Options,
    Part,
    add_failures,
    gap_of,
    percent,
    points,
    table_of,
    worst_gap,
)

SECONDS = (2, 10, 30, 60, 300)
STEPS = (0, 100, 1000)
QUICK_SHAPES = (Shape(94, 3, 5, 1, PROTOTYPE), Shape(94, 3, 5, 1, PRODUCT))
QUICK_SECONDS = 3.0
BESIDE_SECONDS = 900.0
"""What a job may take beside the search: warm-up, the bound, the check."""

GOAL_LEARNERS, GOAL_SLOTS, FIRST_SECONDS = 1200, 5, 2.0
MOST_GAPS = {(5, 30): 0.024, (10, 30): 0.04, (5, 300): 0.015, (10, 300): 0.027}
"""By competencies and seconds, in the setting of the first experiment."""


def jobs(options: Options) -> list[Job]:
    """Return a job for each school; those of the goals may have longer."""
    if options.quick:
        return [_job(shape, QUICK_SECONDS) for shape in QUICK_SHAPES]
    shapes = [
        _shape(learners, slots, competencies, seed, setting)
        for setting in (PROTOTYPE, PRODUCT)
        for learners in options.learners or SIZES
        for slots in SLOTS
        for competencies in COMPETENCIES
        for seed in options.seeds
    ]
    longer = options.long_seconds or options.seconds
    return [_job(one, longer if _is_of_goals(one) else options.seconds) for one in shapes]


def measure(shape: Shape, seconds: float) -> dict[str, Any]:
    """Return the figures of one school."""
    warmed = warm_up()
    problem = synthetic_school(shape)
    run = plan(problem, seconds=seconds)
    peak = peak_mebibytes()
    exact = polish(problem, run)
    ceiling = ceiling_of(problem, run)
    gaps = {f"{one} s": gap_of(run.at_seconds(one), ceiling.milli) for one in SECONDS}
    gaps |= {f"{one} steps": gap_of(run.at_steps(one), ceiling.milli) for one in STEPS}
    gaps["end"] = gap_of(run.judgement.value_milli, ceiling.milli)
    gaps["exact"] = gap_of(exact.value_milli, ceiling.milli)
    return {
        "shape": asdict(shape),
        "warm_up_seconds": warmed,
        "question_seconds": run.question_seconds,
        "first_week_seconds": run.looks[0].seconds,
        "searched_seconds": run.looks[-1].seconds,
        "steps": run.looks[-1].steps,
        "value_milli": run.judgement.value_milli,
        "broken": run.judgement.broken,
        "bound_milli": ceiling.milli,
        "bound_by": ceiling.by,
        "bound_seconds": ceiling.seconds,
        "gaps": gaps,
        "exact_seconds": exact.seconds,
        "seats_gap_milli": exact.seats_gap_milli,
        "peak_mebibytes": peak,
    }


def table(figures: Sequence[Figures]) -> Table:
    """Return a line for each school: first week, gaps in per cent of the bound, memory."""
    places = [*(f"{one} s" for one in SECONDS), *(f"{one} steps" for one in STEPS)]
    names = (
        "school",
        "first week, s",
        *places,
        "end",
        "exact seats",
        "seats' gap",
        "value",
        "bound",
        "by",
        "steps/s",
        "MiB",
        "broken",
    )
    found = table_of("Gap to a bound, %", names)
    for one in add_failures(found, figures):
        searching = max(one["searched_seconds"] - one["first_week_seconds"], 1e-3)
        found.add_row(
            one["name"],
            f"{one['first_week_seconds']:.2f}",
            *(percent(one["gaps"][place]) for place in (*places, "end", "exact")),
            points(one["seats_gap_milli"]),
            points(one["value_milli"]),
            points(one["bound_milli"]),
            one["bound_by"],
            f"{one['steps'] / searching:,.0f}",
            str(one["peak_mebibytes"]),
            str(sum(one["broken"].values())),
        )
    return found


def goals(figures: Sequence[Figures]) -> list[Goal]:
    """Return the goals of 1,200 learners and five slots, in the setting of the experiment."""
    name = f"{GOAL_LEARNERS:,} x {GOAL_SLOTS}"
    mine = [one for one in figures if one["name"].startswith(f"{PROTOTYPE} {name}")]
    if not mine:
        return []
    sound = [one for one in mine if "failure" not in one]
    first = max((one["first_week_seconds"] for one in sound), default=float("inf"))
    broken = sum(sum(one["broken"].values()) for one in sound)
    found = [
        Goal(
            goal=f"{name}: a complete week within {FIRST_SECONDS:g} s",
            measured=f"{first:.2f} s",
            met=first <= FIRST_SECONDS and len(sound) == len(mine),
        ),
        Goal(
            goal=f"{name}: every hard rule kept, by the independent check",
            measured=f"{broken} broken in {len(sound)} weeks of {len(mine)}",
            met=not broken and len(sound) == len(mine),
        ),
    ]
    gap = max((one["seats_gap_milli"] for one in sound), default=1)
    found.append(
        Goal(
            goal=f"{name}: exact seats, by their proof",
            measured=f"at most {points(gap)} points from the best for the sessions",
            met=gap == 0,
        )
    )
    for (competencies, seconds), most in MOST_GAPS.items():
        some = [one for one in mine if f" x {competencies}, " in one["name"]]
        text = f"{name}, {competencies} competencies: gap at {seconds} s"
        found += worst_gap(some, f"{seconds} s", text, most)
    return found


def _shape(learners: int, slots: int, competencies: int, seed: int, setting: str) -> Shape:
    """Return a shape; the first experiment set no limit to enrichment in a week."""
    shape = Shape(learners, slots, competencies, seed, setting)
    return replace(shape, enrichment_seats_per_week=0) if setting == PROTOTYPE else shape


def _job(shape: Shape, seconds: float) -> Job:
    name = (
        f"{shape.setting} {shape.learners:,} x {shape.slots}"
        f" x {shape.competencies_per_subject_grade}, {shape.seed}"
    )
    return Job(
        name=name,
        function=measure,
        arguments=(shape, seconds),
        limit_seconds=seconds + BESIDE_SECONDS,
    )


def _is_of_goals(shape: Shape) -> bool:
    wanted = (GOAL_LEARNERS, GOAL_SLOTS, PROTOTYPE)
    return (shape.learners, shape.slots, shape.setting) == wanted


PART = Part(name="gaps", jobs=jobs, table=table, goals=goals)
