"""The command `evaluate`: how well the estimate predicts the responses of a log, and a report.

Exit codes: 0 every row was read, 1 some rows were bad and left out, 2 the command, the mapping, the
file or the installation cannot be used, 3 the file breaks off before its end.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from services.mastery.evaluation.comparison import Comparison
    from services.mastery.evaluation.document import Setup
    from services.mastery.evaluation.log import Flags, ResponseLog
    from services.mastery.evaluation.mapping import Mapping
    from services.mastery.evaluation.reading import Account

EXIT_BAD_ROWS: Final = 1
EXIT_BROKEN_OFF: Final = 3

LEARNERS_MINIMUM: Final = 2
PLOT_SUFFIXES: Final = (".svg", ".png")
REPORT_WIDTH_MINIMUM: Final = 150
"""Columns of a report that goes into a file, where nobody can say how wide it is."""

_LIBRARIES: Final = {"sklearn": "scikit-learn", "scipy": "scipy", "matplotlib": "matplotlib"}
_OUTPUT: Final = click.Path(dir_okay=False, writable=True, path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says."""

    file: Path
    mapping_name: str
    splits: int
    leave_one_out: bool
    seed: int
    draws: int
    plot: Path | None
    json_file: Path | None

    def command(self) -> list[str]:
        """Return the command that makes the same figures again, defaults spelled out."""
        held_out = ["--leave-one-out"] if self.leave_one_out else ["--splits", str(self.splits)]
        start = ["python", "-m", "services.mastery", "evaluate", str(self.file)]
        numbers = ["--seed", str(self.seed), "--draws", str(self.draws)]
        return [*start, "--mapping", self.mapping_name, *held_out, *numbers]


@click.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    "mapping_name",
    required=True,
    metavar="NAME|FILE",
    help="Which columns say what: plain_log, cognitive_tutor, or a YAML file of your own.",
)
@click.option(
    "--splits",
    type=click.IntRange(2, 100),
    default=5,
    show_default=True,
    help="Hold out one part of the learners at a time, in so many parts.",
)
@click.option("--leave-one-out", is_flag=True, help="Hold out one learner at a time instead.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--draws",
    type=click.IntRange(10, 100_000),
    default=500,
    show_default=True,
    help="How often learners are drawn anew for an interval.",
)
@click.option("--plot", type=_OUTPUT, help="Write the calibration plot: .svg or .png.")
@click.option("--json", "json_file", type=_OUTPUT, help="Write every number as JSON.")
def evaluate_command(**values: Any) -> None:  # noqa: ANN401
    """Compare how well Trellis and others predict the responses in FILE.

    FILE is a table of responses, .csv, .tsv or .gz: who answered which item of which competencies,
    in which order, and was it right. Learners are held out; every model is fitted on the rest and
    predicts each response of a held-out learner before it sees the answer.

    \b
      evaluate responses.csv.gz --mapping plain_log --plot calibration.svg --json figures.json
      evaluate ct.csv --mapping cognitive_tutor --leave-one-out

    AUC is the chance that a right answer was predicted higher than a wrong one: .5 is guessing, and
    logs of real learners give the best models .70 to .85. Log-loss and RMSE say how far off, ECE
    how honest a prediction is as a percentage; of these, lower is better. docs/mastery.md says what
    a mapping may say and what was found on public logs.

    Exit codes: 0 every row was read, 1 some rows were bad and left out, 2 the command, the mapping
    or the file cannot be used, 3 the file breaks off before its end.
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    options = Options(**values)
    _check(options)
    sys.exit(_evaluate(options, Console(stderr=True)))


def missing_libraries() -> list[str]:
    """Return the packages of the extra `evaluation` that are not installed."""
    return [
        package
        for module, package in _LIBRARIES.items()
        if importlib.util.find_spec(module) is None
    ]


def _check(options: Options) -> None:
    """Refuse early what would be noticed only after minutes of work."""
    missing = missing_libraries()
    if missing:
        raise click.UsageError(
            f"evaluate needs {', '.join(missing)}, which services do without. Install the extra: "
            f"python -m pip install '.[evaluation]' in Trellis's directory (`make install` has it)."
        )
    if options.plot and options.plot.suffix not in PLOT_SUFFIXES:
        raise click.UsageError(
            f"--plot {options.plot}: the ending says what is drawn, .svg or .png."
        )
    for output in (options.plot, options.json_file):
        if output and not output.parent.is_dir():
            raise click.UsageError(f"{output}: there is no directory {output.parent}; make it.")


def _evaluate(options: Options, progress_console: Console) -> int:
    """Read, compare, report; return the exit code."""
    from services.mastery.evaluation.mapping import MappingError, find_mapping
    from services.mastery.evaluation.reading import LogBrokenOffError, LogError, read_log

    try:
        mapping = find_mapping(options.mapping_name)
        log, account = read_log(options.file, mapping)
    except (MappingError, LogError) as error:
        raise click.UsageError(f"{error}.") from error
    except LogBrokenOffError as error:
        click.echo(f"Error: {error}.", err=True)
        return EXIT_BROKEN_OFF
    splits = _splits(options, log)
    comparison = _compare(options, log, splits, progress_console)
    _write(options, _setup(options, mapping, len(splits)), account, log, comparison)
    return EXIT_BAD_ROWS if account.bad else 0


def _splits(options: Options, log: ResponseLog) -> list[Flags]:
    """Return who is trained on, split by split."""
    from services.mastery.evaluation.splits import leave_one_out, split_learners

    needed = LEARNERS_MINIMUM if options.leave_one_out else options.splits
    if len(log.learners) < needed:
        raise click.UsageError(
            f"{options.file} has {len(log.learners)} learners that can be used, and at least "
            f"{needed} are needed: give a larger log, or fewer --splits."
        )
    if options.leave_one_out:
        return leave_one_out(log)
    return split_learners(log, options.splits, options.seed)


def _compare(
    options: Options, log: ResponseLog, splits: list[Flags], console: Console
) -> Comparison:
    """Return the comparison, with a bar on stderr while it is made."""
    from services.mastery.evaluation.comparison import compare, units_of_work

    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("rules", total=units_of_work(len(splits)))
        return compare(
            log,
            splits,
            seed=options.seed,
            draws=options.draws,
            progress=lambda done: bar.update(task, advance=1, description=done),
        )


def _setup(options: Options, mapping: Mapping, splits: int) -> Setup:
    """Return what was asked for, as the report and the JSON tell it."""
    from services.mastery.evaluation.document import Setup
    from services.mastery.evaluation.reading import digest

    parts = f"one of {splits} parts of the learners at a time"
    return Setup(
        command=options.command(),
        file=options.file,
        sha256=digest(options.file),
        mapping_name=options.mapping_name,
        mapping=mapping,
        held_out="one learner at a time" if options.leave_one_out else parts,
        splits=splits,
        seed=options.seed,
        draws=options.draws,
    )


def _write(
    options: Options, setup: Setup, account: Account, log: ResponseLog, comparison: Comparison
) -> None:
    """Print the report; write the JSON and the plot that were asked for."""
    from services.mastery.evaluation.document import document
    from services.mastery.evaluation.plot import save_plot
    from services.mastery.evaluation.report import print_report

    found = document(setup, account, log, comparison)
    if options.json_file:
        text = json.dumps(found, indent=2, allow_nan=False, ensure_ascii=False)
        options.json_file.write_text(text + "\n", encoding="utf-8")
    if options.plot:
        save_plot(options.plot, f"{options.file.name}: calibration", comparison)
    width = None if sys.stdout.isatty() else REPORT_WIDTH_MINIMUM
    print_report(Console(width=width), setup, account, log, comparison)
