"""Dead letters as people deal with them: list, look at, mark as redriven, remove when too old.

They are written by the consume loop in its own transaction (kafka/dead_letters.py). Nothing here
sends anything: who redrives a letter sends it first and marks it then, as a crash between the two
sends again, which every consumer bears.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg

from services.common.postgres.pool import Connection

MAXIMUM_PAGE: Final = 500
REMOVED_AT_ONCE: Final = 5_000

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A Kafka record that could not be applied, byte for byte, with the reason."""

    dead_letter_id: int
    consumer_group: str
    topic: str
    partition: int
    record_offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: str
    detail: str
    receive_time: datetime
    redrive_time: datetime | None


async def list_dead_letters(
    connection: Connection,
    *,
    after_id: int = 0,
    limit: int = 100,
    reason: str | None = None,
    redriven: bool | None = False,
    ids: Sequence[int] | None = None,
    whole: bool = False,
) -> list[DeadLetter]:
    """Return a page by id, after `after_id`; `redriven` None lists both kinds.

    With `ids`, only of these; one that there is not is left out. With `whole`, only letters with
    key and value: the others cannot be sent again.
    """
    if not 0 < limit <= MAXIMUM_PAGE:
        raise ValueError(f"a page has 1 to {MAXIMUM_PAGE} dead letters, not {limit}")
    rows = await connection.fetch(
        """
        SELECT dead_letter_id, consumer_group, topic, partition, record_offset, key, value,
               headers::text AS headers, reason, detail, receive_time, redrive_time
          FROM dead_letter
         WHERE dead_letter_id > $1
           AND ($2::text IS NULL OR reason = $2)
           AND ($3::boolean IS NULL OR (redrive_time IS NOT NULL) = $3)
           AND ($5::bigint[] IS NULL OR dead_letter_id = ANY($5))
           AND (NOT $6 OR (key IS NOT NULL AND value IS NOT NULL))
         ORDER BY dead_letter_id
         LIMIT $4
        """,
        after_id,
        reason,
        redriven,
        limit,
        None if ids is None else sorted(ids),
        whole,
    )
    return [_dead_letter(row) for row in rows]


async def count_by_reason(connection: Connection) -> dict[str, int]:
    """Return how many letters were not redriven, by reason; reasons are few."""
    rows = await connection.fetch(
        "SELECT reason, count(*) AS letters FROM dead_letter WHERE redrive_time IS NULL"
        " GROUP BY reason ORDER BY reason LIMIT 100"
    )
    return {row["reason"]: row["letters"] for row in rows}


async def mark_redriven(connection: Connection, ids: Sequence[int], redrive_time: datetime) -> int:
    """Mark letters as redriven; return how many were not before."""
    marked = await connection.fetch(
        """
        UPDATE dead_letter SET redrive_time = $2
         WHERE dead_letter_id = ANY($1::bigint[]) AND redrive_time IS NULL
        RETURNING dead_letter_id
        """,
        sorted(ids),
        redrive_time,
    )
    return len(marked)


async def remove_older(
    connection: Connection, before: datetime, *, limit: int = REMOVED_AT_ONCE
) -> int:
    """Remove letters received before a time, a bounded number a call; return how many."""
    removed = await connection.fetch(
        """
        DELETE FROM dead_letter
         WHERE dead_letter_id IN (SELECT dead_letter_id FROM dead_letter
                                   WHERE receive_time < $1 ORDER BY dead_letter_id LIMIT $2)
        RETURNING dead_letter_id
        """,
        before,
        limit,
    )
    return len(removed)


def headers_json(headers: Headers) -> str:
    """Return headers as a JSON list of [name, hex of the value or null]: a name may come twice."""
    return json.dumps([[name, None if value is None else value.hex()] for name, value in headers])


def headers_of(text: str) -> Headers:
    """Return what `headers_json` was given."""
    return tuple(
        (name, None if value is None else bytes.fromhex(value)) for name, value in json.loads(text)
    )


def _dead_letter(row: asyncpg.Record) -> DeadLetter:
    values: dict[str, Any] = dict(row)
    return DeadLetter(headers=headers_of(values.pop("headers")), **values)
