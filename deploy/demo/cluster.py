"""The demonstration in a cluster: the made-up district's week, through the Services of a release.

    python -m deploy.demo.cluster --evidence trellis-evidence-api:9000 \
      --mastery trellis-mastery-api:9000 --scheduler trellis-scheduler-api:9000 \
      --tokens /run/trellis/tokens --tls /run/trellis/tls

It knows the contracts alone: that everything is folded it reads from the position of the answers.
The installation's district must be the made-up one (`deploy.kubernetes.secrets --district
maple-county`). It may run again: what was sent before is answered as repeated.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import grpc
from rich.console import Console

from deploy.demo.__main__ import NOON, demo_date
from deploy.demo.district import TIME_ZONE
from deploy.demo.drive import Addresses, explain
from deploy.demo.run import OFFICE, PRINCIPAL, Demo, DemoError, DemoSettings
from services.common.rpc.client import connect
from services.common.rpc.tls import Tls

WIDTH = 120
WAIT_SECONDS = 600.0
Folder = click.Path(exists=True, file_okay=False, path_type=Path)


def tls_of(folder: Path | None) -> Tls | None:
    """Return what a mounted secret of the type kubernetes.io/tls holds, with who signs."""
    if folder is None:
        return None
    return Tls(
        certificate_file=folder / "tls.crt",
        key_file=folder / "tls.key",
        ca_file=folder / "ca.crt",
    )


async def _run(demo: Demo) -> None:
    """Wait until the services are there, as at a first installation, and go through the week."""
    targets = demo.targets
    for address in (targets.evidence, targets.mastery, targets.scheduler):
        channel = connect(address, None, tls=demo.tls)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await channel.channel_ready()
        except TimeoutError as error:
            raise DemoError(
                f"{address} did not take a connection within {WAIT_SECONDS:.0f} s: look whether"
                " its pods are ready, and whether the certificate may call it."
            ) from error
        finally:
            await channel.close()
    await demo.run()


@click.command()
@click.option("--evidence", required=True, help="host:port of the evidence service.")
@click.option("--mastery", required=True, help="host:port of the mastery service.")
@click.option("--scheduler", required=True, help="host:port of the scheduler service.")
@click.option("--tokens", type=Folder, required=True, help=f"Folder with {OFFICE}, {PRINCIPAL}.")
@click.option("--tls", type=Folder, help="Folder with tls.crt, tls.key and ca.crt.")
@click.option("--seed", default=2026, show_default=True, help="Of the made-up district.")
@click.option(
    "--figures",
    type=click.Path(path_type=Path),
    default=Path("/tmp/demo.json"),  # noqa: S108  (the one folder that a pod may write to)
    show_default=True,
    help="Where the figures are written.",
)
def main(  # noqa: PLR0917
    evidence: str,
    mastery: str,
    scheduler: str,
    tokens: Path,
    tls: Path | None,
    seed: int,
    figures: Path,
) -> None:
    """Bring a term of records of a made-up district in, and publish next Monday's weeks."""
    as_of = datetime.combine(demo_date(), NOON, tzinfo=ZoneInfo(TIME_ZONE))
    demo = Demo(
        Console(width=WIDTH),
        DemoSettings(as_of=as_of, seed=seed, figures_file=figures),
        Addresses(evidence=evidence, mastery=mastery, scheduler=scheduler),
        {name: (tokens / name).read_text("utf-8").strip() for name in (OFFICE, PRINCIPAL)},
        tls=tls_of(tls),
    )
    try:
        asyncio.run(_run(demo))
    except DemoError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except grpc.aio.AioRpcError as error:
        click.echo(f"A service refused: {explain(error)}", err=True)
        sys.exit(1)
    click.echo(figures.read_text("utf-8"))


if __name__ == "__main__":
    main(prog_name="python -m deploy.demo.cluster")
