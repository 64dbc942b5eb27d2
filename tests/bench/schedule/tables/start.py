"""What a process pays before its first week: compiling the search once, loading it afterwards."""

import tempfile
import time
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from tests.bench.schedule.alone import Job, run_alone
from tests.bench.schedule.tables.part import Figures, Options, Part, add_failures, table_of

FOLDER = "NUMBA_CACHE_DIR"
LIMIT_SECONDS = 1800.0


def jobs(options: Options) -> list[Job]:
    """Return a job with compiled code at hand, and unless in haste one without any."""
    loading = Job(name="compiled code is loaded", function=measure)
    compiling = Job(
        name="the search is compiled", function=measure_compiling, limit_seconds=LIMIT_SECONDS
    )
    return [loading] if options.quick else [compiling, loading]


def measure_compiling() -> dict[str, Any]:
    """Return the same where nothing is compiled yet."""
    with tempfile.TemporaryDirectory() as folder:
        return run_alone(
            Job(
                name="", function=measure, limit_seconds=LIMIT_SECONDS, environment={FOLDER: folder}
            )
        )


def measure() -> dict[str, Any]:
    """Return how long the imports and the first small week take."""
    begin = time.perf_counter()
    from tests.bench.schedule.ours import warm_up

    imported = time.perf_counter() - begin
    return {"import_seconds": imported, "warm_up_seconds": warm_up()}


def table(figures: Sequence[Figures]) -> Table:
    """Return a line for each start."""
    found = table_of("Before the first week", ("start", "imports, s", "first small week, s", "MiB"))
    for one in add_failures(found, figures):
        found.add_row(
            one["name"],
            f"{one['import_seconds']:.1f}",
            f"{one['warm_up_seconds']:.1f}",
            str(one["peak_mebibytes"]),
        )
    return found


PART = Part(name="start", jobs=jobs, table=table)
