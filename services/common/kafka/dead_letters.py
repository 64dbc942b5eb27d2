"""Parked records on their way into the table ``dead_letter``, in the loop's own transaction.

What people do with them afterwards is in services/common/postgres/dead_letter.py; how they get to
`<topic>.dlq`, in dead_letter_source.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.common.kafka.chunk import Parked
from services.common.postgres.dead_letter import headers_json
from services.common.postgres.pool import Connection

_INSERT = """
INSERT INTO dead_letter
    (consumer_group, topic, partition, record_offset, key, value, headers, reason, detail)
SELECT $1, * FROM unnest(
    $2::text[], $3::integer[], $4::bigint[], $5::bytea[], $6::bytea[], $7::json[],
    $8::text[], $9::text[]
)
ON CONFLICT DO NOTHING
"""


async def insert(connection: Connection, group: str, parked: Sequence[Parked]) -> None:
    """Insert parked records; one that is already there stays as it is."""
    records = [item.record for item in parked]
    await connection.execute(
        _INSERT,
        group,
        [record.topic for record in records],
        [record.partition for record in records],
        [record.offset for record in records],
        [record.key for record in records],
        [record.value for record in records],
        [headers_json(record.headers) for record in records],
        [item.reason for item in parked],
        [item.detail for item in parked],
    )
