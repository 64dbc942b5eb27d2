"""What schools and general solvers make of a synthetic school, a line each.

`python -m tests.bench.schedule.compare --learners 300`; with `--seconds 60` the solvers too.
"""

import time
from collections.abc import Callable

import click

from services.scheduler.domain.model import Problem
from tests.bench.schedule.baselines import Order, deferred_acceptance, first_come
from tests.bench.schedule.cpsat import best_week_by_cpsat
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.generator import PRODUCT, PROTOTYPE, Shape, describe, synthetic_school
from tests.bench.schedule.measures import measures_of
from tests.bench.schedule.mip import Proof, best_week
from tests.bench.schedule.seating import Seating

PENALTY_FACTOR = 4
"""What a missing place costs the solvers: so often the greatest weight of a need or a choice."""


def penalty_of(problem: Problem) -> int:
    """Return what a place or a service session that is missing costs, in thousandths."""
    facts = Facts(problem)
    greatest = max((claim.weight_milli for claim in facts.claims.values()), default=0)
    return PENALTY_FACTOR * max(greatest, *problem.policy.weights.choice_ranks_milli)


def customs(problem: Problem, seed: int) -> dict[str, Callable[[], Seating]]:
    """Return what schools do today, by name."""
    return {
        "first come, by interest": lambda: first_come(problem, Order.INTEREST, seed),
        "first come, advised by need": lambda: first_come(problem, Order.NEED, seed),
        "deferred acceptance, by need": lambda: deferred_acceptance(problem, seed),
    }


def solvers(problem: Problem, seconds: float) -> dict[str, Callable[[], Proof]]:
    """Return what general solvers find in a time, by name."""
    penalty = penalty_of(problem)
    return {
        "HiGHS": lambda: best_week(problem, seconds, penalty),
        "CP-SAT": lambda: best_week_by_cpsat(problem, seconds, penalty),
    }


def _timed(make: Callable):
    begin = time.perf_counter()
    made = make()
    return made, time.perf_counter() - begin


@click.command()
@click.option("--learners", default=300, show_default=True)
@click.option("--slots", default=5, show_default=True)
@click.option("--competencies", default=10, show_default=True, help="By subject and grade.")
@click.option("--setting", type=click.Choice([PROTOTYPE, PRODUCT]), default=PROTOTYPE)
@click.option("--seed", default=1, show_default=True)
@click.option("--seconds", default=0.0, help="How long each solver may search; 0: no solver.")
def main(
    learners: int, slots: int, competencies: int, setting: str, seed: int, seconds: float
) -> None:
    """Print what comes of a synthetic school by what schools do today, and by solvers."""
    problem = synthetic_school(Shape(learners, slots, competencies, seed, setting))
    click.echo(describe(problem))
    for name, make in customs(problem, seed).items():
        week, took = _timed(make)
        click.echo(f"{name}, {took:.1f} s: {measures_of(problem, week).text}")
    for name, solve in solvers(problem, seconds).items() if seconds else ():
        proof, took = _timed(solve)
        size = f"{proof.columns} x {proof.rows}, bound {proof.bound_milli / 1000:.1f}"
        said = "no week" if proof.seating is None else measures_of(problem, proof.seating).text
        click.echo(f"{name}, {size}, {took:.1f} s: {said}")


if __name__ == "__main__":
    main()
