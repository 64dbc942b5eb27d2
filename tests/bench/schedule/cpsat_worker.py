"""Solve a linear program in whole numbers by CP-SAT: a program from stdin, a solution to stdout.

Runs in an environment of its own, for ortools and highspy cannot be loaded in one process.
"""

import json
import sys

from ortools.sat.python import cp_model

FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)


def main() -> None:
    """Read the program, solve it and write what was found."""
    task = json.load(sys.stdin)
    model = cp_model.CpModel()
    columns = [model.new_int_var(0, upper, "") for upper in task["uppers"]]
    for least, most, places, numbers in task["rows"]:
        total = cp_model.LinearExpr.weighted_sum([columns[k] for k in places], numbers)
        low = cp_model.INT32_MIN if least is None else least
        high = cp_model.INT32_MAX if most is None else most
        model.add_linear_constraint(total, low, high)
    model.maximize(cp_model.LinearExpr.weighted_sum(columns, task["costs"]))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = task["seconds"]
    solver.parameters.num_workers = task["workers"]
    solver.parameters.random_seed = 1
    status = solver.solve(model)
    answer = {
        "values": [solver.value(one) for one in columns] if status in FOUND else None,
        "bound": solver.best_objective_bound,
        "proved": status == cp_model.OPTIMAL,
        "seconds": solver.wall_time,
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
