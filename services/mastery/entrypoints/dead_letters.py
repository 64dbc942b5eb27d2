"""The commands for dead letters: look at them, and redrive them once their cause is mended.

A letter is redriven by publishing its bytes again under their own key. The fold knows repeats, so
doing it twice, or after the same fact has come another way, changes nothing.
"""

from __future__ import annotations

import asyncio
from typing import Final

import click

from services.common import logs
from services.common.clock import SystemClock
from services.common.config import load
from services.common.kafka.producer import Message, Producer
from services.common.postgres.dead_letter import DeadLetter, list_dead_letters, mark_redriven
from services.common.postgres.pool import Database
from services.mastery.config import MasterySettings

REDRIVEN_HEADER: Final = "trellis-redriven"
"""On a redriven record: id of the dead letter that it was."""


@click.group("dead-letters")
def dead_letters() -> None:
    """Show and redrive records of the evidence topic that could not be folded."""


@dead_letters.command("list")
@click.option("--after", default=0, help="Go on after this id.")
@click.option("--limit", default=100, type=click.IntRange(1, 500))
@click.option("--reason", default=None, help="Of this reason only.")
@click.option("--all", "show_all", is_flag=True, help="Also those that were redriven.")
def list_command(after: int, limit: int, reason: str | None, show_all: bool) -> None:
    """List dead letters: id, place, reason, detail. Their bytes are in the table."""
    letters = asyncio.run(
        _listed(_settings(), after=after, limit=limit, reason=reason, show_all=show_all)
    )
    for letter in letters:
        click.echo(
            f"{letter.dead_letter_id} {letter.topic}/{letter.partition}/{letter.record_offset}"
            f" {letter.receive_time:%Y-%m-%dT%H:%M:%SZ} {letter.reason} {letter.detail}"
        )


@dead_letters.command("redrive")
@click.argument("ids", nargs=-1, type=int)
@click.option("--reason", default=None, help="Every letter of this reason, instead of ids.")
@click.option("--limit", default=500, type=click.IntRange(1, 500), help="At most this many.")
def redrive_command(ids: tuple[int, ...], reason: str | None, limit: int) -> None:
    """Publish dead letters again, and mark them; those without key or value cannot be."""
    if bool(ids) == bool(reason):
        raise click.UsageError("name ids, or a reason, and not both")
    settings = _settings()
    count, left = asyncio.run(_redriven(settings, frozenset(ids), reason, limit))
    click.echo(f"redriven {count}, not possible {left}")


async def _listed(
    settings: MasterySettings, *, after: int, limit: int, reason: str | None, show_all: bool
) -> list[DeadLetter]:
    database = await _connect(settings)
    try:
        async with database.transaction(None, read_only=True) as connection:
            return await list_dead_letters(
                connection,
                after_id=after,
                limit=limit,
                reason=reason,
                redriven=None if show_all else False,
            )
    finally:
        await database.close()


async def _redriven(
    settings: MasterySettings, ids: frozenset[int], reason: str | None, limit: int
) -> tuple[int, int]:
    """Publish and mark; return how many were redriven and how many cannot be."""
    database = await _connect(settings)
    producer = await Producer.connect(
        settings.kafka_bootstrap_servers, client_id="trellis-mastery-redrive"
    )
    try:
        letters = await _chosen(database, ids, reason, limit)
        messages = {letter.dead_letter_id: _message(settings, letter) for letter in letters}
        sendable = {key: one for key, one in messages.items() if one is not None}
        # First publish, then mark: a crash between the two sends again, which does no harm.
        await producer.publish(list(sendable.values()))
        async with database.transaction(None) as connection:
            await mark_redriven(connection, list(sendable), SystemClock().now())
        return len(sendable), len(messages) - len(sendable)
    finally:
        await producer.close()
        await database.close()


async def _chosen(
    database: Database, ids: frozenset[int], reason: str | None, limit: int
) -> list[DeadLetter]:
    """Return the letters to redrive, at most `limit`, page by page."""
    chosen: list[DeadLetter] = []
    after = min(ids) - 1 if ids else 0
    while len(chosen) < limit:
        async with database.transaction(None, read_only=True) as connection:
            page = await list_dead_letters(connection, after_id=after, limit=500, reason=reason)
        if not page:
            break
        after = page[-1].dead_letter_id
        chosen += [letter for letter in page if not ids or letter.dead_letter_id in ids]
    return chosen[:limit]


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


async def _connect(settings: MasterySettings) -> Database:
    return await Database.connect(
        settings.postgres_dsn, pool_size=1, application_name="trellis-mastery-dead-letters"
    )


def _settings() -> MasterySettings:
    settings = load(MasterySettings)
    logs.configure(log_format=settings.log_format, log_level=settings.log_level)
    return settings
