"""One worker of the fold's benchmark: chunks through our transport, or events through plain Faust.

Both run mastery's own handler in the consume loop's transaction; the plain agent gives it one
event at a time. The last line of output says what the process spent.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator

import click
import faust
import uvloop

from services.common import logs
from services.common.clock import SystemClock
from services.common.kafka.consume import Chunk
from services.common.kafka.inspection import inspect_topic
from services.common.kafka.worker import WorkerSettings
from services.common.postgres.pool import Database
from services.mastery.entrypoints.worker import EvidenceFold
from tests.bench.meter import Meter
from tests.bench.metered import GROUP, PATIENCE_SECONDS, POOL_SIZE, MeteredLoop, run_chunks

KINDS = ("chunks", "events")


async def by_events(bootstrap: str, dsn: str, topic: str, meter: Meter) -> None:
    """Fold event by event in a plain Faust agent: one event is one transaction."""
    database = await Database.connect(dsn, pool_size=POOL_SIZE, application_name="bench")
    loop = MeteredLoop(database, topic, EvidenceFold(SystemClock()).apply, meter)
    await loop.open(await inspect_topic(bootstrap, topic))
    with tempfile.TemporaryDirectory(prefix="faust-") as directory:
        app = faust.App(
            GROUP,
            broker=[f"kafka://{bootstrap}"],
            datadir=directory,
            web_enabled=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
            stream_wait_empty=False,
            consumer_auto_offset_reset="earliest",
            worker_redirect_stdouts=False,
        )
        source = app.topic(topic, key_type=bytes, value_type=bytes, value_serializer="raw")

        async def fold(stream: faust.StreamT[bytes]) -> None:
            events: AsyncIterator[faust.EventT[bytes]] = stream.events()
            async for event in events:
                await loop.transact([_chunk(event)])

        app.agent(source, name="fold")(fold)
        await app.start()
        await meter.done.wait()
        await app.stop()
    await database.close()


def _chunk(event: faust.EventT[bytes]) -> Chunk:
    message = event.message
    return Chunk(
        topic=message.topic,
        partition=message.partition,
        fetched_from=message.offset,
        offsets=[message.offset],
        keys=[message.key],
        values=[message.value],
        headers=[()],
        timestamps_ms=[int(message.timestamp * 1000)],
    )


@click.command()
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--bootstrap", required=True)
@click.option("--dsn", required=True)
@click.option("--topic", required=True)
@click.option("--expected", type=int, required=True)
def main(kind: str, bootstrap: str, dsn: str, topic: str, expected: int) -> None:
    """Fold a topic and print what that took."""
    logs.configure(log_format="console", log_level="error")
    meter = Meter(expected)
    if kind == "chunks":
        settings = WorkerSettings(bootstrap_servers=bootstrap)
        run_chunks(dsn, topic, EvidenceFold(SystemClock()).apply, settings, meter)
    else:
        uvloop.run(asyncio.wait_for(by_events(bootstrap, dsn, topic, meter), PATIENCE_SECONDS))
    meter.spent().print_line()


if __name__ == "__main__":
    main()
