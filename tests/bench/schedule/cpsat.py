"""The best week that CP-SAT finds in a time, in a process and an environment of its own.

The environment is made on first use below `.trellis/`, where nothing belongs to a checkout.
"""

import json
import subprocess
import sys
from pathlib import Path

from services.scheduler.domain.model import Problem
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.mip import Proof
from tests.bench.schedule.value import value_of
from tests.bench.schedule.week_model import WeekModel

ROOT = Path(__file__).parents[3]
ENVIRONMENT = ROOT / ".trellis" / "cpsat"
REQUIREMENT = "ortools==9.15.*"
WORKER = Path(__file__).with_name("cpsat_worker.py")
GRACE_SECONDS = 300.0
"""For reading the program in and getting it ready."""


def best_week_by_cpsat(
    problem: Problem, seconds: float = 60.0, penalty_milli: int = 0, workers: int = 1
) -> Proof:
    """Return the best week of a problem that CP-SAT finds in a time."""
    facts = Facts(problem)
    model = WeekModel(facts, penalty_milli)
    linear = model.linear
    answer = _solve(
        {
            "costs": linear.costs,
            "uppers": linear.uppers,
            "rows": linear.rows,
            "seconds": seconds,
            "workers": workers,
        },
        seconds + GRACE_SECONDS,
    )
    seating = None if answer["values"] is None else model.seating(answer["values"])
    return Proof(
        seating=seating,
        value_milli=0 if seating is None else value_of(facts, seating),
        bound_milli=int(answer["bound"]),
        proved=answer["proved"],
        seconds=answer["seconds"],
        columns=len(linear.costs),
        rows=len(linear.rows),
    )


def _solve(task: dict, timeout: float) -> dict:
    done = subprocess.run(
        [_python(), WORKER],
        input=json.dumps(task),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=timeout,
    )
    return json.loads(done.stdout)


def _python() -> Path:
    """Return the interpreter of the environment, which is made where it is not there."""
    python = ENVIRONMENT / "bin" / "python"
    made = ENVIRONMENT / ".made"
    if not made.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, REQUIREMENT], check=True)
        made.touch()
    return python
