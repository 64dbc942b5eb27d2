"""python -m tests.chaos.client: a producer that may be killed and started again at any time.

It sends the same records in the same order each time, so all that was taken in before is answered
as repeated. Exit code 0 says that every record was answered.
"""

from __future__ import annotations

import asyncio
import time
from datetime import date, timedelta
from pathlib import Path

import click
import grpc

from deploy.demo import drive
from deploy.demo.district import District, build_district
from deploy.demo.records import Send, retractions, term_of_records

SEED = 2026
AS_OF = date(2026, 11, 19)
PATIENCE_SECONDS = 300.0
PAUSE_SECONDS = 0.5
EXIT_GAVE_UP = 3


def made_up(weeks: int) -> tuple[District, date, date]:
    """Return the district, and the first and last day of its records."""
    last_day = AS_OF - timedelta(days=1)
    first = last_day - timedelta(days=last_day.weekday(), weeks=weeks - 1)
    district = build_district(seed=SEED, as_of=AS_OF, monday=AS_OF + timedelta(days=4))
    return district, first, last_day


async def send_everything(targets: drive.Addresses, token: str, weeks: int) -> None:
    """Register, send, withdraw; begin anew on any failure until patience runs out."""
    district, first, last_day = made_up(weeks)
    deadline = time.monotonic() + PATIENCE_SECONDS
    told = ""
    while True:
        services = drive.Services(targets, token)
        try:
            names = await drive.register(services, district)
            sends = term_of_records(district, names, seed=SEED, first_day=first, last_day=last_day)
            await _send(services, sends)
            click.echo("every record was answered")
            return
        except* grpc.aio.AioRpcError as errors:
            if _told(errors) != told:  # the same for minutes would fill the log
                told = _told(errors)
                click.echo(f"begins anew: {told}")
            if time.monotonic() > deadline:
                raise
        finally:
            await services.close()
        await asyncio.sleep(PAUSE_SECONDS)


async def _send(services: drive.Services, sends: list[Send]) -> None:
    sent = drive.Sent()
    await drive.send_records(services, sends, sent, lambda _: None)
    taken_back = [record for _, record in retractions(sends, seed=SEED)]
    await drive.retract(services, taken_back, sent, lambda _: None)


def _told(errors: BaseExceptionGroup[grpc.aio.AioRpcError]) -> str:
    """Return what went wrong, each of it once."""
    found: list[str] = []
    for error in errors.exceptions:
        found.append(
            _told(error) if isinstance(error, BaseExceptionGroup) else drive.explain(error)
        )
    return "; ".join(dict.fromkeys(found))


@click.command()
@click.option("--evidence", required=True, help="host:port of the evidence service.")
@click.option("--token-file", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--weeks", default=4, show_default=True, help="Weeks of records.")
def main(evidence: str, token_file: Path, weeks: int) -> None:
    """Send a made-up term of records and end when every one was answered."""
    targets = drive.Addresses(evidence=evidence, mastery=evidence, scheduler=evidence)
    asyncio.run(send_everything(targets, token_file.read_text("utf-8").strip(), weeks))


if __name__ == "__main__":
    main()
