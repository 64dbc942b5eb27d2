"""How near the search comes to weeks that are known to be the best (`planted.py`)."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from tests.bench.schedule.alone import Job, peak_mebibytes
from tests.bench.schedule.ours import plan, warm_up
from tests.bench.schedule.planted import planted_school
from tests.bench.schedule.tables.gaps import BESIDE_SECONDS, QUICK_SECONDS
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

SIZES = (300, 1200, 3000)
QUICK_SIZES = (300,)
SECONDS = (2, 10, 30, 60)
GOAL_LEARNERS, GOAL_SECONDS, MOST_GAP = 1200, 30, 0.02


def jobs(options: Options) -> list[Job]:
    """Return a job for each school."""
    sizes = QUICK_SIZES if options.quick else options.learners or SIZES
    seconds = QUICK_SECONDS if options.quick else options.seconds
    return [
        Job(
            name=f"planted {learners:,}, {seed}",
            function=measure,
            arguments=(learners, seed, seconds),
            limit_seconds=seconds + BESIDE_SECONDS,
        )
        for learners in sizes
        if learners in SIZES
        for seed in options.seeds
    ]


def measure(learners: int, seed: int, seconds: float) -> dict[str, Any]:
    """Return the figures of one school."""
    warmed = warm_up()
    planted = planted_school(learners, seed)
    run = plan(planted.problem, seconds=seconds)
    gaps = {f"{one} s": gap_of(run.at_seconds(one), planted.optimum_milli) for one in SECONDS}
    return {
        "warm_up_seconds": warmed,
        "first_week_seconds": run.looks[0].seconds,
        "steps": run.looks[-1].steps,
        "value_milli": run.judgement.value_milli,
        "optimum_milli": planted.optimum_milli,
        "broken": run.judgement.broken,
        "gaps": gaps | {"end": gap_of(run.judgement.value_milli, planted.optimum_milli)},
        "peak_mebibytes": peak_mebibytes(),
    }


def table(figures: Sequence[Figures]) -> Table:
    """Return a line for each school: gaps in per cent of the best value."""
    places = [*(f"{one} s" for one in SECONDS), "end"]
    names = ("school", "first week, s", *places, "value", "best", "steps", "MiB", "broken")
    found = table_of("Gap to a best week that was planted, %", names)
    for one in add_failures(found, figures):
        found.add_row(
            one["name"],
            f"{one['first_week_seconds']:.2f}",
            *(percent(one["gaps"][place]) for place in places),
            points(one["value_milli"]),
            points(one["optimum_milli"]),
            f"{one['steps']:,}",
            str(one["peak_mebibytes"]),
            str(sum(one["broken"].values())),
        )
    return found


def goals(figures: Sequence[Figures]) -> list[Goal]:
    """Return the goal of 1,200 learners."""
    mine = [one for one in figures if one["name"].startswith(f"planted {GOAL_LEARNERS:,},")]
    text = f"planted {GOAL_LEARNERS:,}: gap at {GOAL_SECONDS} s"
    return worst_gap(mine, f"{GOAL_SECONDS} s", text, MOST_GAP)


PART = Part(name="planted", jobs=jobs, table=table, goals=goals)
