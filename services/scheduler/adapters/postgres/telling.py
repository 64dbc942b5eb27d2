"""Facts for others, written in the transaction of what they tell of; the relay publishes them."""

from services.common.postgres import outbox
from services.common.postgres.outbox import OutboxRow
from services.common.postgres.pool import Connection
from services.scheduler.adapters.wire.facts import Fact


async def tell(connection: Connection, *facts: Fact) -> None:
    """Put facts into the outbox, in their order."""
    rows = [OutboxRow(topic=one.topic, key=one.key, value=one.value) for one in facts]
    await outbox.append(connection, rows)
