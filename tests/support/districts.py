"""What stands in for a planner in the tests of a district: planned by the file's name."""

import os
import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from services.scheduler.adapters.district import Plan, School, plan_district, schools_in
from services.scheduler.adapters.district_worker import Outcome, Work
from services.scheduler.adapters.documents import to_json
from services.scheduler.adapters.problem_file import read_problem_file, write_problem
from services.scheduler.domain.snapshot import snapshot_hash
from services.scheduler.domain.week import Week
from tests.support.handmade import NOTHING
from tests.support.schools import a_problem

SEED, BUDGET = 3, 7


def a_plan(path: Path, *, seed: int = SEED, budget: int = BUDGET) -> Week:
    """Return an empty week; a file may be named for what is to go wrong instead."""
    problem = read_problem_file(path)
    if path.stem == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if path.stem == "endless":
        time.sleep(60)
    if path.stem == "faulty":
        raise ZeroDivisionError("a fault of the planner")
    return Week(
        school_id=problem.school_id,
        monday=problem.monday,
        snapshot_hash=snapshot_hash(problem),
        seed=seed,
        budget=budget,
        sessions=(),
        seats=(),
        unmet=(),
        capacity=(),
        breaches=(),
        certificates=(),
        summary=NOTHING,
    )


def write_school(folder: Path, name: str, **changes) -> Path:
    """Write a school's problem file and return where it is."""
    path = folder / f"{name}.json"
    path.write_text(write_problem(replace(a_problem(), school_id=name, **changes)), "utf-8")
    return path


def planned_district(folder: Path, out: Path, **changes) -> dict[str, Outcome]:
    """Plan a folder of schools in two processes."""
    fields = {"seed": SEED, "budget": BUDGET, "anew": False, "text_of": to_json}
    limit = changes.pop("limit_seconds", 60.0)
    watch = changes.pop("watch", lambda school, outcome: None)
    fields |= changes
    solve_one = partial(a_plan, seed=fields["seed"], budget=fields["budget"])
    plan = Plan(work=Work(solve_one=solve_one, **fields), workers=2, limit_seconds=limit)
    schools: tuple[School, ...] = schools_in(folder, out)
    return plan_district(schools, plan, watch)
