"""python -m deploy.demo: a district's week, from records to published groups, on real servers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import grpc
from rich.console import Console

from deploy.demo.district import TIME_ZONE
from deploy.demo.drive import explain
from deploy.demo.from_log import LogDemo
from deploy.demo.run import DemoError, DemoSettings, LocalDemo
from deploy.local.config import LocalConfig
from deploy.local.errors import LocalRunnerError
from deploy.local.preflight import examine, find_problems
from deploy.local.services import LocalServices
from deploy.local.stack import Stack, kafka_cache
from deploy.local.tokens import prepare_tokens

FAILED = 1
UNPREPARED = 4
DATE_VARIABLE = "TRELLIS_DEMO_DATE"
# A Thursday: needs are read at noon, and the week is that of the next Monday.
DEFAULT_DATE = "2026-11-19"
NOON = time(12, 0)
THURSDAY = 4

HELP = f"""Show a district its week, on real Kafka and PostgreSQL.

Starts both servers and the services, makes up a district with a middle school of 853 learners and
a small elementary school, sends a term of records as they come in life, waits until all of them
are folded, plans next Monday, has it signed off and publishes it. It begins with empty servers
each time, and leaves everything running so that the pages can be looked at: `make down` ends it.

With --log, the responses of real learners in a file take the place of the made-up records: five
middle schools with made-up names, adults and rooms, and the file taken in by the import command.
The log has no times: each learner's work is counted back from the day before the needs are read.

The day is {DEFAULT_DATE} (set {DATE_VARIABLE} for another Thursday), so that two runs end in the
same hashes. The figures are written to .trellis/demo.json.
"""


@click.command(help=HELP)
@click.option(
    "--log",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Responses of real learners (learner, seq, item, skills, correct), not made-up ones.",
)
@click.option("--seed", default=2026, show_default=True, help="Of the made-up district.")
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".trellis"),
    show_default=True,
    help="Where data, logs and figures are kept.",
)
@click.option("--stop", is_flag=True, help="Stop everything at the end.")
def main(log: Path | None, seed: int, directory: Path, stop: bool) -> None:
    """Run the demonstration and say where its pages are."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    # A directory of its own: a demonstration never touches what `make up` keeps.
    stack = Stack(
        directory / "demo",
        cache_directory=kafka_cache(directory),
        announce=lambda line: console.print(f"[dim]{line}[/dim]"),
    )
    problems = find_problems(
        examine(stack.directory, stack.cache_directory), LocalConfig.from_environment(os.environ)
    )
    if problems:
        click.echo("\n\n".join(str(problem) for problem in problems), err=True)
        sys.exit(UNPREPARED)
    code = _attempt(
        stack,
        lambda: _run(
            console,
            stack,
            log,
            DemoSettings(
                as_of=datetime.combine(demo_date(), NOON, tzinfo=ZoneInfo(TIME_ZONE)),
                seed=seed,
                figures_file=directory / "demo.json",
            ),
        ),
    )
    if stop or code:
        stack.down()
    sys.exit(code)


def _run(console: Console, stack: Stack, log: Path | None, settings: DemoSettings) -> None:
    tokens = prepare_tokens(stack.directory / "tokens")
    services = LocalServices(directory=stack.directory, tokens=tokens)
    stack.down()
    stack.wipe()
    addresses = stack.up(services.definitions)
    ports = services.ports()
    if log is None:
        demo = LocalDemo(console, settings, addresses, ports, tokens)
    else:
        demo = LogDemo(console, settings, addresses, ports, tokens, log=log)
    asyncio.run(demo.run())


def demo_date() -> date:
    """Return the day of the demonstration; it must be a Thursday."""
    text = os.environ.get(DATE_VARIABLE, DEFAULT_DATE)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(
            f"{DATE_VARIABLE}={text!r} is not a date like 2026-11-19."
        ) from error
    if day.isoweekday() != THURSDAY:
        raise click.UsageError(f"{DATE_VARIABLE}={text} is not a Thursday.")
    return day


def _attempt(stack: Stack, action: Callable[[], None]) -> int:
    """Run, and turn what is foreseen into a message; anything else stays loud."""
    logs = f"The logs are under {stack.log_directory}."
    try:
        action()
    except (LocalRunnerError, DemoError) as error:
        click.echo(f"{error}\n{logs}", err=True)
        return FAILED
    except grpc.aio.AioRpcError as error:
        click.echo(f"A service refused: {explain(error)}. {logs}", err=True)
        return FAILED
    return 0


if __name__ == "__main__":
    main(prog_name="python -m deploy.demo")
