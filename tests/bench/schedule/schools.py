"""The schools of a synthetic district: mostly elementary, sizes mixed, the same every time."""

from tests.bench.schedule.frame import PROTOTYPE, Shape

LEARNERS = 50_000
SLOTS, COMPETENCIES = 5, 5
# How many schools of a kind, their smallest and their largest, grades, subjects.
_KINDS = (
    (42, 300, 840, 6, 2),
    (12, 650, 1_350, 3, 4),
    (6, 1_700, 2_980, 4, 4),
)


def district_shapes(seed: int) -> tuple[Shape, ...]:
    """Return sixty schools with 50,000 learners together."""
    shapes = [
        Shape(
            learners,
            SLOTS,
            COMPETENCIES,
            seed * 1000 + number,
            PROTOTYPE,
            grades=grades,
            subjects=subjects,
        )
        for count, least, most, grades, subjects in _KINDS
        for number, learners in enumerate(_spread(count, least, most))
    ]
    rest = LEARNERS - sum(one.learners for one in shapes)
    largest = shapes[-1]
    return (*shapes[:-1], _with_learners(largest, largest.learners + rest))


def _spread(count: int, least: int, most: int) -> list[int]:
    return [least + (most - least) * number // (count - 1) for number in range(count)]


def _with_learners(shape: Shape, learners: int) -> Shape:
    return Shape(
        learners,
        shape.slots,
        shape.competencies_per_subject_grade,
        shape.seed,
        shape.setting,
        grades=shape.grades,
        subjects=shape.subjects,
    )
