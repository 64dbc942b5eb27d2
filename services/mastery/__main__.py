"""The commands of the mastery service: `python -m services.mastery --help`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import click
import uvloop

from services.common import logs, process
from services.common.config import ConfigurationError, load
from services.common.kafka.rebase import rebase_relay_command
from services.common.postgres.command import migrate_command
from services.common.process import Lifecycle
from services.mastery.config import MasterySettings
from services.mastery.entrypoints.api import serve
from services.mastery.entrypoints.calling import call_command
from services.mastery.entrypoints.canvas_rollups import canvas_rollups
from services.mastery.entrypoints.dead_letters import dead_letters
from services.mastery.entrypoints.epochs import calibrate_command, epochs_group
from services.mastery.entrypoints.evaluate import evaluate_command
from services.mastery.entrypoints.policy import policy
from services.mastery.entrypoints.projector import project
from services.mastery.entrypoints.rebuild import lines_of, rebuild
from services.mastery.entrypoints.retention import seal_command, seals_command
from services.mastery.entrypoints.state_hash import state_hashes
from services.mastery.entrypoints.worker import work
from services.mastery.handlers.rebuild import RebuildOptions

MIGRATIONS = Path(__file__).parent / "migrations"

EXIT_DIFFERENT = 3
"""The rebuilt state differs from the live one."""


@click.group()
def main() -> None:
    """Mastery: folds evidence, and answers where learners stand."""


@main.command()
def api() -> None:
    """Answer requests on gRPC until told to stop."""
    _run(serve)


@main.command()
def worker() -> None:
    """Fold evidence from the topic until told to stop."""
    _run(work)


@main.command()
def projector() -> None:
    """Publish changed masteries until told to stop."""
    _run(project)


@main.command("rebuild")
@click.option("--dry-run", is_flag=True, help="Compare only; leave the live state as it is.")
@click.option("--no-compare", is_flag=True, help="Do not compare row by row before the swap.")
@click.option("--republish", is_flag=True, help="Publish every mastery again afterwards.")
@click.option("--wait-seconds", default=60.0, show_default=True, help="For workers that lag.")
def rebuild_command(dry_run: bool, no_compare: bool, republish: bool, wait_seconds: float) -> None:
    """Rebuild the state from the ledger beside live work, compare, and swap it in.

    Exit code 3: with --dry-run, the rebuilt state differs from the live one.
    """
    settings = _settings()
    options = RebuildOptions(
        swap=not dry_run,
        compare=not no_compare,
        republish=republish,
        wait_seconds=wait_seconds,
    )
    process.calm_collector()
    try:
        report = uvloop.run(rebuild(settings, options, _say))
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    click.echo("\n".join(lines_of(report)))
    if dry_run and not report.is_equal:
        sys.exit(EXIT_DIFFERENT)


@main.command("state-hash")
@click.option("--district", default=None, help="Of this district only.")
def state_hash_command(district: str | None) -> None:
    """Print the hash of each district's state, and what lies beneath it."""
    for line in asyncio.run(state_hashes(_settings(), district)):
        click.echo(line)


main.add_command(calibrate_command)
main.add_command(canvas_rollups)
main.add_command(evaluate_command)
main.add_command(dead_letters)
main.add_command(epochs_group)
main.add_command(policy)
main.add_command(seal_command)
main.add_command(seals_command)
main.add_command(call_command)
main.add_command(migrate_command(lambda: load(MasterySettings).postgres_dsn, MIGRATIONS))
main.add_command(
    rebase_relay_command(lambda: load(MasterySettings).postgres_dsn, {"dead_letter": "true"})
)


def _run(start: Callable[[MasterySettings, Lifecycle], Awaitable[object]]) -> None:
    settings = _settings()

    async def begin(lifecycle: Lifecycle) -> None:
        await start(settings, lifecycle)

    sys.exit(process.run(begin, shutdown_grace_seconds=settings.shutdown_grace_seconds))


def _settings() -> MasterySettings:
    settings = load(MasterySettings)
    logs.configure(log_format=settings.log_format, log_level=settings.log_level)
    return settings


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    main()
