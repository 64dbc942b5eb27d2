"""The planner against proved best weeks: twenty schools that HiGHS can prove (`tiny.py`).

The search alone for some seconds, and the whole planner at its default budget, which asks for the
weeks of very small schools as a whole.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.check import check
from services.scheduler.domain.solve import solve
from services.scheduler.domain.week import value_of
from tests.bench.schedule.alone import Job
from tests.bench.schedule.generator import Shape, synthetic_school
from tests.bench.schedule.mip import best_week
from tests.bench.schedule.ours import plan, warm_up
from tests.bench.schedule.tables.gaps import BESIDE_SECONDS
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
from tests.bench.schedule.tiny import PROOF_SECONDS, TINY_SHAPES

SEARCH_SECONDS, QUICK_SECONDS = 10.0, 2.0
QUICK_PROOF_SECONDS = 20.0
QUICK_SHAPES = (TINY_SHAPES[0], TINY_SHAPES[11])
MOST_GAP = 0.01


def jobs(options: Options) -> list[Job]:
    """Return a job for each school; its seed belongs to the school and stays."""
    seconds = QUICK_SECONDS if options.quick else min(options.seconds, SEARCH_SECONDS)
    proof_seconds = QUICK_PROOF_SECONDS if options.quick else PROOF_SECONDS
    return [
        Job(
            name=f"{shape.setting} {shape.learners} x {shape.slots}, {shape.adults} adults,"
            f" {shape.subjects} subjects, {shape.seed}",
            function=measure,
            arguments=(shape, seconds, proof_seconds),
            limit_seconds=seconds + proof_seconds + BESIDE_SECONDS,
        )
        for shape in (QUICK_SHAPES if options.quick else TINY_SHAPES)
    ]


def measure(shape: Shape, seconds: float, proof_seconds: float) -> dict[str, Any]:
    """Return the figures of one school; without a proof, the gap is to the bound of HiGHS."""
    warm_up()
    problem = synthetic_school(shape)
    run = plan(problem, seconds=seconds)
    week = solve(problem, HighsExact(), seed=1)
    proof = best_week(problem, proof_seconds)
    best = proof.value_milli if proof.proved else proof.bound_milli
    return {
        "value_milli": value_of(week.terms),
        "best_milli": best,
        "proved": proof.proved,
        "proof_seconds": proof.seconds,
        "broken": Counter(str(one.rule) for one in check(problem, week)),
        "gaps": {
            "first": gap_of(run.looks[0].value_milli, best),
            "search": gap_of(run.judgement.value_milli, best),
            "end": gap_of(value_of(week.terms), best),
        },
    }


def table(figures: Sequence[Figures]) -> Table:
    """Return a line for each school: gaps in per cent of the best value."""
    names = ("school", "first week", "search", "planned", "value", "best", "proved in, s", "broken")
    found = table_of("Gap to best weeks proved by HiGHS, %", names)
    for one in add_failures(found, figures):
        found.add_row(
            one["name"],
            percent(one["gaps"]["first"]),
            percent(one["gaps"]["search"]),
            percent(one["gaps"]["end"]),
            points(one["value_milli"]),
            points(one["best_milli"]) + ("" if one["proved"] else " at most"),
            f"{one['proof_seconds']:.1f}" if one["proved"] else "not",
            str(sum(one["broken"].values())),
        )
    return found


def goals(figures: Sequence[Figures]) -> list[Goal]:
    """Return the goal that each is near its best."""
    return worst_gap(figures, "end", f"each of {len(figures)} tiny schools: gap", MOST_GAP)


PART = Part(name="tiny", jobs=jobs, table=table, goals=goals)
