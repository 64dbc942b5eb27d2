"""`make bench-schedule`: how good the weeks of the planner are, and how fast it finds them.

Every case runs in a process of its own, one after the other, so that times and memory are its own;
a case that fails or does not end is a line of its table. Each part is printed when it is done.
"""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.bench.schedule.alone import Job, run_alone
from tests.bench.schedule.report import goals_of, show_goals, write
from tests.bench.schedule.tables import compare, district, gaps, planted, repairs, start, tiny
from tests.bench.schedule.tables.part import Figures, Options

PARTS = (
    start.PART,
    gaps.PART,
    planted.PART,
    tiny.PART,
    compare.PART,
    district.PART,
    repairs.PART,
)
NAMES = tuple(part.name for part in PARTS)


def _names(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(name for name in value.split(",") if name)
    for name in names:
        if name not in NAMES:
            raise click.BadParameter(f"there is no part {name}: {', '.join(NAMES)}")
    return names or NAMES


def _numbers(_: click.Context, __: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(int(one) for one in value.split(",") if one)
    except ValueError as error:
        raise click.BadParameter("give whole numbers, as in 1,2,3") from error


@click.command(context_settings={"show_default": True})
@click.option("--only", default="", callback=_names, help=f"Some of {','.join(NAMES)}.")
@click.option("--quick", is_flag=True, help="The smallest schools alone: about a minute.")
@click.option("--seconds", default=60.0, help="How long a school is searched.")
@click.option(
    "--long-seconds",
    default=0.0,
    help="The same for 1,200 x 5, which a goal gives 300 s; 0: as all.",
)
@click.option("--seeds", default="1", callback=_numbers, help="Seeds of the schools, as in 1,2,3.")
@click.option("--learners", default="", callback=_numbers, help="Some sizes alone, as in 300,1200.")
@click.option("--match", default="", help='Only cases with this in their name, as in "1200 x 5".')
@click.option(
    "--output", default=Path(".trellis/bench-schedule.json"), type=click.Path(path_type=Path)
)
def main(
    only: tuple[str, ...],
    quick: bool,
    seconds: float,
    long_seconds: float,
    seeds: tuple[int, ...],
    learners: tuple[int, ...],
    match: str,
    output: Path,
) -> None:
    """Measure the planner: gaps to bounds and to known best weeks, times, memory, and others' ways.

    docs/performance.md says how to read the tables.
    """
    options = Options(
        seeds=seeds or (1,),
        seconds=seconds,
        long_seconds=long_seconds,
        learners=learners,
        quick=quick,
    )
    console = Console()
    figures: dict[str, list[Figures]] = {}
    command = " ".join(["python -m tests.bench.schedule", *sys.argv[1:]])
    for part in PARTS:
        jobs = [job for job in part.jobs(options) if match in job.name]
        if part.name in only and jobs:
            figures[part.name] = _measured(console, part.name, jobs)
            console.print(part.table(figures[part.name]))
            write(output, command, figures, goals_of(PARTS, figures))
    show_goals(console, goals_of(PARTS, figures))
    console.print(f"{command}: figures are in {output}", highlight=False)


def _measured(console: Console, part: str, jobs: list[Job]) -> list[Figures]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    found: list[Figures] = []
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(part, total=len(jobs))
        for job in jobs:
            progress.update(bar, description=f"{part}: {job.name}")
            found.append(run_alone(job))
            progress.advance(bar)
    return found


if __name__ == "__main__":
    main()
