"""Makes the services' roles and databases on a server: a job of the chart, safe to run again.

Passwords come as files, one for each role, as a mounted Secret has them. The address is that of a
role which may create roles and databases.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Final

import click

from deploy.local.databases import ROLES, SERVICES, bootstrap, role_name
from deploy.local.errors import BootstrapError

VARIABLE: Final = "TRELLIS_POSTGRES_DSN"
PAUSE_SECONDS: Final = 2.0


async def make(dsn: str, passwords: Path, wait_seconds: float) -> None:
    """Make them, waiting for a server that is not there yet; raises BootstrapError."""
    given = {
        (role := role_name(service, kind)): (passwords / role).read_text("utf-8").strip()
        for service in SERVICES
        for kind in ROLES
    }
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return await bootstrap(dsn, given)
        except BootstrapError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(PAUSE_SECONDS)


@click.command()
@click.option(
    "--passwords",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="Folder with a file for each role, as in evidence_api.",
)
@click.option("--wait-seconds", default=180.0, show_default=True)
def main(passwords: Path, wait_seconds: float) -> None:
    """Make the roles and databases; the server's address is in TRELLIS_POSTGRES_DSN."""
    dsn = os.environ.get(VARIABLE)
    if not dsn:
        raise click.UsageError(f"{VARIABLE} is not set")
    try:
        asyncio.run(make(dsn, passwords, wait_seconds))
    except BootstrapError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo("The roles and databases of the services are there.")


if __name__ == "__main__":
    main(prog_name="python -m deploy.kubernetes.databases")
