"""python -m deploy.local: brings Trellis up on this machine, and down again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click
from rich.console import Console
from rich.table import Table

from deploy.local.config import LocalConfig
from deploy.local.errors import LocalRunnerError
from deploy.local.ports import LOOPBACK
from deploy.local.preflight import PreflightError, examine, find_problems
from deploy.local.processes import tail
from deploy.local.services import LocalServices
from deploy.local.stack import PartStatus, Stack
from deploy.local.tokens import DISTRICT, PERSON, Grant, add_token, prepare_tokens

P = ParamSpec("P")

FAILED = 1
NOT_RUNNING = 3
UNPREPARED = 4
PIPE_COLUMNS = 200
DEMONSTRATION = "demo"
"""Where a demonstration keeps its own servers, within the directory."""

HELP = f"""Run Trellis on this machine, without Docker.

Kafka and PostgreSQL are started here, on loopback, unless TRELLIS_KAFKA_BOOTSTRAP_SERVERS or
TRELLIS_POSTGRES_DSN name ones that run elsewhere (the DSN's role must be allowed to create roles
and databases). Everything that is kept lies in one directory: data, logs, the fetched Kafka, and
stack.json, which says what runs.

\b
Begin:           python -m deploy.local up
What runs:       python -m deploy.local status
What it says:    python -m deploy.local logs kafka
End:             python -m deploy.local down
Start afresh:    python -m deploy.local down --wipe

\b
Exit codes: 0 all is well; {FAILED} it failed, and the message says why; 2 wrong usage;
{NOT_RUNNING} something does not run; {UNPREPARED} something is missing on this machine.
"""


def told_plainly(command: Callable[P, None]) -> Callable[P, None]:
    """Turn the runner's errors into a message and an exit code; others are bugs and stay loud."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except PreflightError as error:
            click.echo(f"{error}", err=True)
            sys.exit(UNPREPARED)
        except LocalRunnerError as error:
            click.echo(f"{error}", err=True)
            sys.exit(FAILED)

    return run


@click.group(help=HELP)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".trellis"),
    show_default=True,
    help="Where data, logs and stack.json are kept.",
)
@click.pass_context
def main(context: click.Context, directory: Path) -> None:
    """Hold the directory for the commands."""
    context.obj = directory


@main.command()
@click.pass_obj
@told_plainly
def up(directory: Path) -> None:
    """Start what does not run yet, wait until all of it answers, and say where it is.

    Safe to call again: what runs is reused.
    """
    config = LocalConfig.from_environment(os.environ)
    stack = Stack(directory, config=config, announce=lambda line: click.echo(line, err=True))
    problems = find_problems(examine(stack.directory, stack.cache_directory), config)
    if problems:
        click.echo("\n\n".join(str(problem) for problem in problems), err=True)
        sys.exit(UNPREPARED)
    tokens = prepare_tokens(stack.directory / "tokens")
    services = LocalServices(directory=stack.directory, tokens=tokens)
    stack.up(services.definitions)
    show(stack.status())
    show_entrances(services)


@main.command()
@click.option("--wipe", is_flag=True, help="Also remove the data of Kafka and PostgreSQL.")
@click.pass_obj
@told_plainly
def down(directory: Path, wipe: bool) -> None:
    """Stop all that `up` has started, the last first. Data and logs stay."""
    stack = Stack(directory, config=LocalConfig(), announce=click.echo)
    if not stack.down():
        click.echo("nothing was running")
    if wipe:
        stack.wipe()
        click.echo("the data of Kafka and PostgreSQL is removed")


@main.command()
@click.pass_obj
@told_plainly
def status(directory: Path) -> None:
    """Show what runs, where, where its log is, and where people and programs come in.

    A demonstration that was left running is shown, too. Exits with 3 when something does not run.
    """
    demonstration = directory / DEMONSTRATION
    started = {
        place: parts for place in (directory, demonstration) if (parts := Stack(place).status())
    }
    if not started:
        click.echo("nothing was started; begin with `make up`, or see it first with `make demo`")
        sys.exit(NOT_RUNNING)
    for place, parts in started.items():
        click.echo("The demonstration:" if place == demonstration else "Started with `make up`:")
        show(parts)
        show_entrances(LocalServices(directory=place, tokens=prepare_tokens(place / "tokens")))
    if any(part.state == "gone" for parts in started.values() for part in parts):
        sys.exit(NOT_RUNNING)


@main.command()
@click.argument("name", required=False)
@click.option("--follow", is_flag=True, help="Go on showing what is added, until Ctrl-C.")
@click.pass_obj
@told_plainly
def logs(directory: Path, name: str | None, follow: bool) -> None:
    """Show the end of the log of NAME, or of every log."""
    known = {record.name: record.log_path for record in Stack(directory).records()}
    if name is not None and name not in known:
        raise click.UsageError(f"{name} was not started here. Known: {', '.join(known) or 'none'}")
    chosen = {name: known[name]} if name is not None else known
    if follow and chosen:
        # tail knows how to follow files that are put aside; nothing here would do it better.
        with_names = ["tail", "-n", "15", "-F", *map(str, chosen.values())]
        sys.exit(subprocess.run(with_names, check=False).returncode)
    for label, path in chosen.items():
        click.echo(f"==> {label}: {path} <==\n{tail(path)}\n")


@main.command()
@click.argument("name")
@click.option(
    "--person",
    help="Whose it is: districts/D/adults/A, …/learners/L or …/families/F; without, a system's.",
)
@click.option("--district", default=DISTRICT, show_default=True, help="For which it acts.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=PERSON,
    show_default=True,
    help="What it may do; several times for several. Who signs off needs schedule.publish too.",
)
@click.pass_obj
@told_plainly
def token(
    directory: Path, name: str, person: str | None, district: str, scopes: tuple[str, ...]
) -> None:
    """Make a token NAME for one person, to try out what each may see and do.

    Running services take it within seconds. What the person may do in a school follows from the
    roster and from what the school says of its staff (docs/cycle/people.md).
    """
    grant = Grant(name=name, district=district, scopes=scopes, person=person)
    click.echo(f"The token is in {short(add_token(directory / 'tokens', grant))}")


def show_entrances(services: LocalServices) -> None:
    """Say where people and programs come in, and with which token."""
    ports = services.ports()
    table = Table(box=None, pad_edge=False, title="Entrances", title_justify="left")
    for heading in ("what for", "address", "token"):
        table.add_column(heading, overflow="fold")
    for purpose, listener, scheme, token in (
        ("pages of the week", "scheduler-api-http", "http://", "principal"),
        ("records, roster, frameworks (gRPC)", "evidence-api-grpc", "", "district-it"),
        ("records, CASE over HTTP", "evidence-api-http", "http://", "district-it"),
        ("OneRoster over HTTP, an OAuth client", "evidence-api-http", "http://", "sis-client"),
        ("where learners stand, mastery policy (gRPC)", "mastery-api-grpc", "", "district-it"),
        ("settings, plan runs, weeks (gRPC)", "scheduler-api-grpc", "", "district-it"),
    ):
        path = short(services.tokens.file(token))
        table.add_row(purpose, f"{scheme}{LOOPBACK}:{ports[listener]}", f"in {path}")
    console().print(table)


def show(parts: list[PartStatus]) -> None:
    """Print the parts as a table; addresses and paths are never cut off."""
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "state", "process", "address", "log"):
        table.add_column(heading, overflow="fold")
    for part in parts:
        log = "" if part.log_path is None else short(part.log_path)
        table.add_row(part.name, part.state, str(part.pid or ""), part.address, log)
    console().print(table)


def console() -> Console:
    """Return where tables go. A pipe has no width: rich would take 80 and fold the addresses."""
    return Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS)


def short(path: Path) -> str:
    """Write a path as seen from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


if __name__ == "__main__":
    main(prog_name="python -m deploy.local")
