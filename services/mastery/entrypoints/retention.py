"""The commands `seal` and `seals`: close old work to changes, and keep it as sums.

They work on the service's own database, as the worker's role, as `rebuild` does.
Exit codes: 0 done; 1 not all is done yet, or nothing was sealed; 2 wrong use; 3 it was refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import click

from services.common import logs
from services.common.clock import SystemClock
from services.common.config import load
from services.common.postgres.pool import Database
from services.mastery.adapters.postgres.retention import PostgresRetention
from services.mastery.config import MasterySettings
from services.mastery.domain.errors import MasteryError
from services.mastery.domain.model import MICROSECONDS_A_DAY
from services.mastery.domain.moments import micros_of, moment_of
from services.mastery.handlers.retention import Sealing, Waits, finish, seal_district
from services.mastery.ports.retention import StandingSeal

EXIT_NOT_DONE: Final = 1
EXIT_REFUSED: Final = 3

COMMAND_SECONDS: Final = 6 * 3_600.0
"""Counting a large district may take long; waits for locks have their own bound."""

CONNECTIONS: Final = 2
"""The lock against rebuilds, and the work."""

DAYS_DEFAULT: Final = 1_100
"""Three school years, as long as the audit of flips: who left school is not corrected any more.
Judgement."""

DAYS_MINIMUM: Final = 30
"""Below this, what is corrected at the end of a term would be refused. Judgement."""

T = TypeVar("T")

district_option: Final = click.option("--district", required=True, help="The district's id.")


@click.command("seal")
@district_option
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(DAYS_MINIMUM),
    default=DAYS_DEFAULT,
    show_default=True,
    help="Close work from before so many days ago.",
)
@click.option("--resume", is_flag=True, help="Finish the seals that are not pruned; set none.")
@click.option("--wait-seconds", default=60.0, show_default=True, help="For workers that lag.")
@click.option(
    "--by", default="operator", show_default=True, help="The role that seals; no person's name."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Count, and seal nothing.")
def seal_command(
    district: str,
    days: int,
    wait_seconds: float,
    by: str,
    *,
    resume: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Close old work: it counts on as it stands, and is kept as sums.

    Corrections, withdrawals and late evidence of work from before then are refused from now on:
    they become dead letters with the reason BEFORE_RETENTION. No level, estimate or decision
    changes; masteries can no longer be read as of a time before then. The newest 32 pieces of each
    learner and competency stay. Works beside live work, in steps; may be run again at any time.

    \b
        seal --district henry --older-than 1100 --dry-run

    Needs MASTERY_POSTGRES_DSN of the worker's role.
    """  # noqa: D301  (click's mark of text that stays as it is)
    at_us = micros_of(SystemClock().now())
    horizon_us = at_us - days * MICROSECONDS_A_DAY
    waits = Waits(complete_seconds=wait_seconds)

    async def seal(retention: PostgresRetention) -> Sealing | None:
        if resume:
            return await finish(district, retention=retention, say=_say, waits=waits)
        if dry_run or not yes:
            closing = await retention.closing(district, horizon_us)
            click.echo(
                f"before {moment_of(horizon_us):%Y-%m-%d}: {closing.closed_count} pieces, of which"
                f" {closing.pruned_count} are kept as sums alone"
            )
        if dry_run or not (yes or click.confirm("Close them?")):
            click.echo("Nothing was sealed.")
            raise SystemExit(0 if dry_run else EXIT_NOT_DONE)
        return await seal_district(
            district,
            horizon_us,
            retention=retention,
            actor=by,
            at_us=at_us,
            say=_say,
            waits=waits,
        )

    _tell(_run(seal))


@click.command("seals")
@district_option
@click.option("--lift", is_flag=True, help="Take the newest seal out of the next rebuild.")
def seals_command(district: str, *, lift: bool) -> None:
    """List a district's seals; lift the newest, for a `rebuild` to undo it.

    The evidence service keeps all that ever came in. After a lifted seal and a rebuild, work from
    before it is kept piece by piece again and may be corrected, and what was refused meanwhile is
    in the state.
    """

    async def work(retention: PostgresRetention) -> list[StandingSeal]:
        if lift:
            seq = await retention.lift(district, at_us=micros_of(SystemClock().now()))
            if seq is None:
                click.echo("No seal stands.")
                raise SystemExit(EXIT_NOT_DONE)
            click.echo(f"seal {seq} is lifted with the next `rebuild`; until then it holds")
        return list(await retention.seals(district))

    for one in _run(work):
        click.echo(_line(one))


def _line(standing: StandingSeal) -> str:
    seal = standing.seal
    state = "pruned" if standing.pruned else "NOT PRUNED YET: run `seal --resume`"
    return (
        f"{seal.seq} before {moment_of(seal.horizon_us):%Y-%m-%dT%H:%M:%SZ}"
        f" position {seal.ledger_position} {state}"
    )


def _tell(sealing: Sealing | None) -> None:
    """Say what came of it; exit with 1 where it is not done."""
    if sealing is None:
        click.echo("No seal was left to finish.")
        return
    if sealing.complete:
        click.echo(f"seal {sealing.seal.seq}: {sealing.pruned} pieces are kept as sums")
        return
    click.echo(
        f"seal {sealing.seal.seq} holds, but the ledger is folded up to"
        f" {sealing.position or 'an unknown position'}, not up to {sealing.seal.ledger_position}:"
        " nothing is pruned yet. Run `seal --resume` when the workers have come so far.",
        err=True,
    )
    raise SystemExit(EXIT_NOT_DONE)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _run(work: Callable[[PostgresRetention], Awaitable[T]]) -> T:
    """Do the work while no rebuild runs; what is refused ends the command with 3."""
    settings = load(MasterySettings)
    logs.configure(log_format=settings.log_format, log_level=settings.log_level)

    async def connect_and_work() -> T:
        database = await Database.connect(
            settings.postgres_dsn,
            pool_size=CONNECTIONS,
            application_name="trellis-mastery-seal",
            command_timeout_seconds=COMMAND_SECONDS,
        )
        try:
            retention = PostgresRetention(database)
            async with retention.holding():
                return await work(retention)
        finally:
            await database.close()

    try:
        return asyncio.run(connect_and_work())
    except MasteryError as error:
        click.echo(f"refused: {error}", err=True)
        raise SystemExit(EXIT_REFUSED) from error
