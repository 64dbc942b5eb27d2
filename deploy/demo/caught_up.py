"""Says when everything that was accepted has been relayed and folded.

It looks where the truth is kept: the relay's cursor beside the ledger, the worker's offsets beside
the ends of the topic, and the watermarks that it has passed. It only reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg

from services.common.kafka.errors import TopicMissing
from services.common.kafka.inspection import inspect_topic

TOPIC = "trellis.evidence.v1"
POLL_SECONDS = 0.5

# A broker that has just come back may give ends that lie before what it holds. Each published row
# is at least one record of the topic, so fewer than these cannot be all.
PUBLISHED = "SELECT count(*) FROM ledger WHERE event IS NOT NULL"
UNSENT = """
SELECT count(*) FROM ledger
WHERE event IS NOT NULL AND (xact, position) > (
  SELECT coalesce(max(xact), '0'::xid8), coalesce(max(position), 0)
  FROM relay_cursor WHERE name = 'evidence-ledger')
"""
# Where every partition's watermark has passed the last of these, nothing of them can be missing.
NEWEST = "SELECT coalesce(max(position), 0) FROM ledger WHERE event IS NOT NULL"
REACHED = """
SELECT CASE WHEN count(*) = $1 THEN coalesce(min(position), 0) ELSE 0 END FROM partition_watermark
"""
FOLDED = "SELECT partition, next_offset FROM consumer_offset WHERE topic = $1"
MARKED = "SELECT count(*) FROM changed_key"


class NotCaughtUpError(Exception):
    """The services did not fold everything in time."""


async def wait_until_caught_up(
    *,
    evidence_dsn: str,
    mastery_dsn: str,
    bootstrap_servers: str,
    wait_seconds: float,
    report: Callable[[int], None],
    topic_records: int = 0,
) -> None:
    """Wait until nothing is unsent, unfolded or unpublished; `report` gets what remains.

    `topic_records`: so many records the topic is known to hold, where that is more than one for
    each published row of the ledger.
    """
    evidence = await asyncpg.connect(evidence_dsn, timeout=10, command_timeout=30)
    mastery = await asyncpg.connect(mastery_dsn, timeout=10, command_timeout=30)
    try:
        async with asyncio.timeout(wait_seconds):
            while remaining := await _remaining(
                evidence, mastery, bootstrap_servers, topic_records
            ):
                report(remaining)
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as error:
        raise NotCaughtUpError(
            f"Not all records were folded within {wait_seconds:.0f} s. "
            "The logs of relay, worker and projector say what holds them up."
        ) from error
    finally:
        await evidence.close()
        await mastery.close()


async def _remaining(
    evidence: asyncpg.Connection,
    mastery: asyncpg.Connection,
    bootstrap_servers: str,
    topic_records: int,
) -> int:
    """Return what is left to do, the first step that lags alone; at least 1 where none can say."""
    unsent: int = await evidence.fetchval(UNSENT)
    if unsent:
        return unsent
    try:
        topic = await inspect_topic(bootstrap_servers, TOPIC)
    except (ConnectionError, TopicMissing):
        return 1
    held = sum(each.end for each in topic.ranges.values())
    published: int = await evidence.fetchval(PUBLISHED)
    known = max(topic_records, published)
    if held < known:
        return known - held
    folded = {row["partition"]: row["next_offset"] for row in await mastery.fetch(FOLDED, TOPIC)}
    lag: int = sum(each.end - folded.get(number, 0) for number, each in topic.ranges.items())
    if lag:
        return lag
    reached: int = await mastery.fetchval(REACHED, len(topic.ranges))
    if reached < await evidence.fetchval(NEWEST):
        return 1
    marked: int = await mastery.fetchval(MARKED)
    return marked
