"""What a change on the day costs: a week mended after an absence, beside one planned anew.

Ways to mend a week are listed in `WAYS`; each is given a problem, its week and who is away, and
returns the figures of its line.
"""

from collections.abc import Callable, Sequence
from typing import Any

from rich.table import Table

from tests.bench.schedule.alone import Job
from tests.bench.schedule.tables.part import (
    Figures,
    Options,
    Part,
    add_failures,
    points,
    table_of,
)

WAYS: dict[str, Callable[..., dict[str, Any]]] = {}
"""By name; there is none yet."""
LEARNERS, ABSENCES = 1200, 60


def jobs(options: Options) -> list[Job]:
    """Return a job for each way to mend a week."""
    return [
        Job(name=name, function=way, arguments=(LEARNERS, ABSENCES, options.seeds[0]))
        for name, way in WAYS.items()
    ]


def table(figures: Sequence[Figures]) -> Table:
    """Return a line for each way: means over the absences."""
    names = ("way", "points lost", "others moved", "sessions changed", "unplaced", "ms")
    found = table_of(f"A week mended after each of {ABSENCES} absences", names)
    for one in add_failures(found, figures):
        found.add_row(
            one["name"],
            points(one["lost_milli"]),
            f"{one['others_moved']:.1f}",
            f"{one['sessions_changed']:.2f}",
            f"{one['unplaced']:.2f}",
            f"{one['milliseconds']:.1f}",
        )
    return found


PART = Part(name="repairs", jobs=jobs, table=table)
