"""The projector of the large state: mastery's own projection, with nobody behind the producer.

Messages are made and then dropped, so that marks are taken, read and settled as they are in
production, and the table of marks is as full as a projector leaves it. It ends when its standard
input does, and says how many masteries it made.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Final, cast

import click

from services.common import logs, process
from services.common.clock import SystemClock
from services.common.kafka.producer import Message, Producer
from services.common.postgres.pool import Database
from services.common.process import Lifecycle
from services.mastery.adapters.postgres.marks import PostgresMarks
from services.mastery.adapters.publisher import KafkaMasteryPublisher
from services.mastery.domain.moments import micros_of
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.projection import MARKS_A_TURN, project_changes
from tests.bench.large_state.children import READY, print_line

APPLICATION: Final = "bench-projector"
IDLE_SECONDS: Final = 0.5
"""As the settings of the real one have it."""


class _Nobody:
    """Stands where a producer does."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Drop them."""


async def _project(database: Database, ended: asyncio.Event) -> int:
    """Take turns until nobody waits for them any more; return how many masteries were made."""
    clock, marks, policies = SystemClock(), PostgresMarks(database), PolicyCache()
    publisher = KafkaMasteryPublisher(cast(Producer, _Nobody()), topic="bench.mastery")
    published, after = 0, None
    while not ended.is_set():
        turn = await project_changes(
            after=after,
            as_of_us=micros_of(clock.now()),
            marks=marks,
            publisher=publisher,
            policies=policies,
        )
        published, after = published + turn.published, turn.after
        if turn.published < MARKS_A_TURN:
            await asyncio.sleep(IDLE_SECONDS)
    return published


@click.command()
@click.option("--dsn", required=True)
def main(dsn: str) -> None:
    """Project what changes until standard input ends."""
    logs.configure(log_format="console", log_level="error")

    async def run(lifecycle: Lifecycle) -> None:
        database = await Database.connect(dsn, pool_size=3, application_name=APPLICATION)
        lifecycle.add_closer("database", database.close)
        print_line(READY)
        ended = asyncio.Event()

        async def wait_for_the_end() -> None:
            await asyncio.to_thread(sys.stdin.read)
            ended.set()

        async with asyncio.TaskGroup() as group:
            group.create_task(wait_for_the_end())
            published = await _project(database, ended)
        print_line({"published": published})

    sys.exit(process.run(run))


if __name__ == "__main__":
    main()
