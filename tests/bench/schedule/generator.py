"""Synthetic schools for the benchmark of the weekly problem, the same for the same shape.

`python -m tests.bench.schedule.generator` prints how large they are. Each school has places for
everybody: commons for more than its learners in every slot, and for the sessions of its services
a little more places than are needed.
"""

from services.scheduler.domain.model import Problem
from tests.bench.schedule.describe import describe
from tests.bench.schedule.frame import PRODUCT, PROTOTYPE, Shape
from tests.bench.schedule.product import product_school
from tests.bench.schedule.prototype import prototype_school

__all__ = ["PRODUCT", "PROTOTYPE", "SHAPES", "Shape", "describe", "synthetic_school"]

SIZES = (94, 300, 853, 1200, 3000)
SLOTS = (1, 3, 5)
COMPETENCIES = (5, 10)
SHAPES = tuple(
    Shape(learners, slots, competencies, 1, setting)
    for setting in (PROTOTYPE, PRODUCT)
    for learners in SIZES
    for slots in SLOTS
    for competencies in COMPETENCIES
)
"""Every size of the benchmark."""


def synthetic_school(shape: Shape) -> Problem:
    """Return the school of a shape."""
    if shape.setting == PROTOTYPE:
        return prototype_school(shape)
    if shape.setting == PRODUCT:
        return product_school(shape)
    raise ValueError(f"no setting is named {shape.setting}")


def main() -> None:
    """Print how large the schools of five slots are."""
    for shape in SHAPES:
        if shape.slots == max(SLOTS):
            print(
                shape.setting,
                shape.competencies_per_subject_grade,
                describe(synthetic_school(shape)),
            )


if __name__ == "__main__":
    main()
