"""How long a plan run takes, for schools of both kinds: `python -m tests.bench.week_plan`.

Prints wall and CPU seconds, the greatest memory of the process, and what the week came to.
No server is needed; the schools are random and the same every time.
"""

import resource
import time
from dataclasses import replace

import click

from services.scheduler.adapters.highs.slots import HighsSeatAssigner
from services.scheduler.domain.check import check
from services.scheduler.domain.solve import DEFAULT_BUDGET, solve
from tests.support.schools import MIDDLE_SCHOOL, STUDIO_SCHOOL, Shape, a_school

SCHOOLS = {
    "853 learners, 55 adults, 6 slots": MIDDLE_SCHOOL,
    "the same, needs doubled": replace(MIDDLE_SCHOOL, needs_each=12.0),
    "the same, a third of the adults away": replace(MIDDLE_SCHOOL, absent_share=0.33),
    "94 learners, 10 adults, 5 slots": STUDIO_SCHOOL,
}
SEEDS = (1, 2)


def measure(name: str, shape: Shape, seed: int, budget: int) -> str:
    """Return one line about one plan run."""
    problem = a_school(seed, shape)
    wall, cpu = time.perf_counter(), time.process_time()
    week = solve(problem, HighsSeatAssigner(), seed=seed, budget=budget)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    started = time.perf_counter()
    found = check(problem, week)
    checked = time.perf_counter() - started
    memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    numbers = week.summary
    return (
        f"{name}, seed {seed}, {len(problem.needs)} needs, budget {budget}: "
        f"{wall:.1f} s wall, {cpu:.1f} s CPU, check {checked:.1f} s, {memory_mib} MiB; "
        f"{numbers.sessions} sessions, {numbers.seats} seats, "
        f"need weight met {numbers.need_weight_met_micro / 10_000:.1f} %, "
        f"gap {numbers.assignment_gap_micro}, {len(week.breaches)}/{len(found)} breaches"
    )


@click.command()
def main() -> None:
    """Time plan runs of random schools, a line each, and what budgets are worth (about 4 minutes).

    A budget counts openings that are tried, so the same budget gives the same week everywhere.
    """
    for name, shape in SCHOOLS.items():
        for seed in SEEDS:
            print(measure(name, shape, seed, DEFAULT_BUDGET), flush=True)
    for budget in (1, 1000, 3000, 10_000):
        print(measure("budget", MIDDLE_SCHOOL, 1, budget), flush=True)


if __name__ == "__main__":
    main()
