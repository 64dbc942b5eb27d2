"""The commands for dead letters: look at them, redrive what is mended, remove what is old.

A letter is redriven by publishing its bytes again under their own key. The fold knows repeats, so
doing it twice, or after the same fact has come another way, changes nothing.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import click

from services.common import logs
from services.common.clock import SystemClock
from services.common.config import load
from services.common.kafka.producer import Message, Producer
from services.common.postgres.dead_letter import (
    MAXIMUM_PAGE,
    REMOVED_AT_ONCE,
    DeadLetter,
    count_by_reason,
    list_dead_letters,
    mark_redriven,
    remove_older,
)
from services.common.postgres.pool import Database
from services.mastery.config import MasterySettings
from services.mastery.entrypoints.dead_letter_text import counts_of, line_of, whole_of

REDRIVEN_HEADER: Final = "trellis-redriven"
"""On a redriven record: id of the dead letter that it was."""

EXIT_NOT_ALL: Final = 1
"""Not everything that was asked for could be done."""

DUMP_BYTES: Final = 1_024
"""Of a key or a value, unless more is asked for; a value has at most 1 MiB."""

Ids = tuple[int, ...]


@click.group("dead-letters")
def dead_letters() -> None:
    """Show, redrive and remove records of the evidence topic that could not be folded.

    MASTERY_POSTGRES_DSN must lead to the database as the role mastery_worker.
    """


@dead_letters.command("list")
@click.option("--after", default=0, help="Go on after this id.")
@click.option("--limit", default=100, type=click.IntRange(1, MAXIMUM_PAGE))
@click.option("--reason", default=None, help="Of this reason only.")
@click.option("--all", "show_all", is_flag=True, help="Also those that were redriven.")
def list_command(after: int, limit: int, reason: str | None, show_all: bool) -> None:
    """List dead letters: id, place, time, reason, detail. How many there are goes to stderr."""
    letters, counts = asyncio.run(
        _listed(_settings(), after=after, limit=limit, reason=reason, show_all=show_all)
    )
    for letter in letters:
        click.echo(line_of(letter))
    click.echo(counts_of(counts), err=True)


@dead_letters.command("show")
@click.argument("ids", nargs=-1, required=True, type=int)
@click.option(
    "--bytes",
    "dump_bytes",
    default=DUMP_BYTES,
    show_default=True,
    type=click.IntRange(0),
    help="At most this many bytes of a key and of a value.",
)
def show_command(ids: Ids, dump_bytes: int) -> None:
    """Show dead letters: place, reason, detail, headers, bytes, and the message if there is one."""
    letters = asyncio.run(_named(_settings(), _bounded(ids)))
    for letter in letters:
        click.echo("\n".join(whole_of(letter, dump_bytes)))
    _end_where_unknown(ids, letters)


@dead_letters.command("redrive")
@click.argument("ids", nargs=-1, type=int)
@click.option("--reason", default=None, help="Every letter of this reason, instead of ids.")
@click.option(
    "--limit",
    default=MAXIMUM_PAGE,
    type=click.IntRange(1, MAXIMUM_PAGE),
    help="At most this many of a reason.",
)
def redrive_command(ids: Ids, reason: str | None, limit: int) -> None:
    """Publish dead letters again, and mark them; those without key or value cannot be.

    Letters that were redriven before are left alone.
    """
    if bool(ids) == bool(reason):
        raise click.UsageError("name ids, or a reason, and not both")
    done = asyncio.run(_redriven(_settings(), _bounded(ids), reason, limit))
    click.echo(f"redriven {done.count}, not possible {done.impossible_count}")
    _end_where_unknown(ids, done.letters)


@dead_letters.command("remove")
@click.option("--older-than-days", required=True, type=click.IntRange(1, 36_500))
def remove_command(older_than_days: int) -> None:
    """Remove dead letters that came so long ago, whether they were redriven or not."""
    before = SystemClock().now() - timedelta(days=older_than_days)
    click.echo(f"removed {asyncio.run(_removed(_settings(), before))}")


@dataclass(frozen=True, kw_only=True)
class _Redriven:
    letters: Sequence[DeadLetter]
    count: int
    impossible_count: int


def _bounded(ids: Ids) -> Ids:
    if len(ids) > MAXIMUM_PAGE:
        raise click.UsageError(f"name at most {MAXIMUM_PAGE} ids")
    return ids


def _end_where_unknown(ids: Ids, letters: Sequence[DeadLetter]) -> None:
    """Say which ids there are not, and end with a code that says so."""
    unknown = sorted(set(ids) - {letter.dead_letter_id for letter in letters})
    if unknown:
        click.echo(f"no dead letter {', '.join(map(str, unknown))}", err=True)
        sys.exit(EXIT_NOT_ALL)


async def _listed(
    settings: MasterySettings, *, after: int, limit: int, reason: str | None, show_all: bool
) -> tuple[list[DeadLetter], Mapping[str, int]]:
    async with (
        _connected(settings) as database,
        database.transaction(None, read_only=True) as connection,
    ):
        letters = await list_dead_letters(
            connection,
            after_id=after,
            limit=limit,
            reason=reason,
            redriven=None if show_all else False,
        )
        return letters, await count_by_reason(connection)


async def _named(settings: MasterySettings, ids: Ids) -> list[DeadLetter]:
    async with _connected(settings) as database:
        return await _chosen(database, ids, None, MAXIMUM_PAGE)


async def _redriven(
    settings: MasterySettings, ids: Ids, reason: str | None, limit: int
) -> _Redriven:
    """Publish and mark what was not redriven before."""
    async with _connected(settings) as database:
        letters = await _chosen(database, ids, reason, limit)
        waiting = [letter for letter in letters if letter.redrive_time is None]
        messages = {letter.dead_letter_id: _message(settings, letter) for letter in waiting}
        sendable = {key: one for key, one in messages.items() if one is not None}
        # First publish, then mark: a crash between the two sends again, which does no harm.
        if sendable:
            await _publish(settings, list(sendable.values()))
        async with database.transaction(None) as connection:
            await mark_redriven(connection, list(sendable), SystemClock().now())
        return _Redriven(
            letters=letters,
            count=len(sendable),
            impossible_count=len(messages) - len(sendable),
        )


async def _removed(settings: MasterySettings, before: datetime) -> int:
    """Remove what came before a time, in transactions of a bounded size."""
    total = 0
    async with _connected(settings) as database:
        # The time stands still, so what is older than it comes to an end.
        while True:
            async with database.transaction(None) as connection:
                removed = await remove_older(connection, before)
            total += removed
            if removed < REMOVED_AT_ONCE:
                return total


async def _chosen(database: Database, ids: Ids, reason: str | None, limit: int) -> list[DeadLetter]:
    """Return letters by their ids, redriven or not; else what of a reason can be redriven.

    What never can be must not stand before all others of its reason, run after run.
    """
    async with database.transaction(None, read_only=True) as connection:
        if ids:
            return await list_dead_letters(connection, ids=ids, limit=MAXIMUM_PAGE, redriven=None)
        return await list_dead_letters(connection, reason=reason, limit=limit, whole=True)


def _message(settings: MasterySettings, letter: DeadLetter) -> Message | None:
    if letter.key is None or letter.value is None:
        return None
    header = (REDRIVEN_HEADER, str(letter.dead_letter_id).encode())
    return Message(
        topic=settings.evidence_topic,
        key=letter.key,
        value=letter.value,
        headers=(*letter.headers, header),
    )


async def _publish(settings: MasterySettings, messages: Sequence[Message]) -> None:
    producer = await Producer.connect(
        settings.kafka_bootstrap_servers, client_id="trellis-mastery-redrive"
    )
    try:
        await producer.publish(messages)
    finally:
        await producer.close()


@asynccontextmanager
async def _connected(settings: MasterySettings) -> AsyncIterator[Database]:
    database = await Database.connect(
        settings.postgres_dsn, pool_size=1, application_name="trellis-mastery-dead-letters"
    )
    try:
        yield database
    finally:
        await database.close()


def _settings() -> MasterySettings:
    settings = load(MasterySettings)
    logs.configure(log_format=settings.log_format, log_level=settings.log_level)
    return settings
