"""The command `migrate` that every service has.

    main.add_command(migrate_command(lambda: load(EvidenceSettings).postgres_dsn, MIGRATIONS))

Exit codes: 0 up to date, 1 not (with --check: something is missing), 2 wrong use.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
import click

from services.common.logs import safe_message
from services.common.postgres.migrate import MigrationError, Phase, check, dump_schema, migrate


def migrate_command(dsn: Callable[[], str], folder: Path) -> click.Command:
    """Return the command for the migrations in a folder; `dsn` is asked when it is run."""

    @click.command("migrate")
    @click.option(
        "--phase",
        type=click.Choice(["pre", "post"]),
        help="pre: before the release is deployed. post: after it. Without: both, in order.",
    )
    @click.option("--check", "check_only", is_flag=True, help="Only say what is missing.")
    @click.option("--dump-schema", is_flag=True, help="Only print the schema of the database.")
    def command(phase: Phase | None, check_only: bool, dump_schema: bool) -> None:
        """Bring the database up to date; safe to run again, and several times at once."""
        try:
            asyncio.run(_run(dsn(), folder, phase, check_only=check_only, dump_only=dump_schema))
        except (MigrationError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise click.ClickException(safe_message(error)) from error

    return command


async def _run(
    dsn: str, folder: Path, phase: Phase | None, *, check_only: bool, dump_only: bool
) -> None:
    if dump_only:
        click.echo(await dump_schema(dsn), nl=False)
        return
    if check_only:
        missing = await check(dsn, folder, phase=phase)
        if missing:
            raise click.ClickException(f"not applied yet: {', '.join(missing)}")
        click.echo("up to date")
        return
    applied = await migrate(dsn, folder, phase=phase)
    click.echo("\n".join(f"applied {name}" for name in applied) or "up to date")
