"""Twenty schools so small that the best week can be proved: `python -m tests.bench.schedule.tiny`.

Prints each one's best value and how long HiGHS takes to prove it, on one thread.
"""

from services.scheduler.domain.model import Problem
from tests.bench.schedule.frame import PRODUCT, PROTOTYPE, Shape
from tests.bench.schedule.generator import synthetic_school
from tests.bench.schedule.measures import measures_of
from tests.bench.schedule.mip import best_week

PROOF_SECONDS = 120.0

# Learners, slots, competencies, seed, subjects, adults.
_PROTOTYPES = (
    (60, 1, 2, 1, 2, 6),
    (100, 1, 2, 2, 2, 8),
    (120, 1, 2, 12, 4, 8),
    (150, 1, 2, 3, 2, 10),
    (150, 1, 1, 3, 4, 10),
    (40, 2, 2, 4, 2, 5),
    (50, 2, 1, 5, 4, 5),
    (60, 2, 2, 1, 2, 6),
    (45, 2, 1, 17, 2, 5),
    (40, 3, 1, 10, 2, 4),
    (48, 3, 1, 11, 1, 5),
)
_PRODUCTS = (
    (60, 1, 2, 1, 2, 7),
    (100, 1, 2, 2, 4, 9),
    (150, 1, 2, 3, 4, 11),
    (60, 2, 2, 1, 2, 7),
    (80, 2, 2, 4, 2, 8),
    (100, 2, 1, 5, 2, 9),
    (100, 2, 2, 7, 4, 9),
    (40, 3, 1, 6, 2, 7),
    (60, 3, 2, 7, 2, 7),
)


def _shape(setting: str, numbers: tuple[int, ...]) -> Shape:
    learners, slots, competencies, seed, subjects, adults = numbers
    return Shape(learners, slots, competencies, seed, setting, subjects=subjects, adults=adults)


TINY_SHAPES = (
    *(_shape(PROTOTYPE, numbers) for numbers in _PROTOTYPES),
    *(_shape(PRODUCT, numbers) for numbers in _PRODUCTS),
)


def tiny_schools() -> tuple[Problem, ...]:
    """Return the twenty schools, which are the same every time."""
    return tuple(synthetic_school(shape) for shape in TINY_SHAPES)


def main() -> None:
    """Print what the best week of each school is worth, and how long its proof takes."""
    for shape, problem in zip(TINY_SHAPES, tiny_schools(), strict=True):
        proof = best_week(problem, PROOF_SECONDS)
        said = "proved" if proof.proved else f"at most {proof.bound_milli / 1000:.3f}"
        print(
            f"{shape.setting} {shape.learners} x {shape.slots}, seed {shape.seed}, "
            f"{proof.columns} x {proof.rows}: {said} in {proof.seconds:.1f} s",
            flush=True,
        )
        if proof.seating is not None:
            print(f"  {measures_of(problem, proof.seating).text}", flush=True)


if __name__ == "__main__":
    main()
