"""What a rebuild has read of the ledger, laid aside in tables of its own, and folded all at once.

Laid aside in any order and by any number of connections, since nothing is asked of what is there
already. Folded part by part: each is one statement and one transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Final, NamedTuple

import asyncpg
from asyncpg.pgproto.pgproto import UUID

from services.common.postgres.pool import Connection, Database
from services.common.side_by_side import side_by_side
from services.mastery.adapters.postgres.fold_store import (
    LEDGER_PARTITION,
    PostgresReadingTerms,
    add_positions,
)
from services.mastery.adapters.postgres.live import see_state, use_state
from services.mastery.adapters.postgres.registry_rows import new_rows
from services.mastery.adapters.postgres.staging_sql import (
    CREATE,
    CREATE_PART,
    DROP,
    DROP_PART,
    DROP_REFUSED,
    FOLD,
    HAS_SEALS,
    LATE,
    PARTS,
    SCHEMA,
    STAGED_COLUMNS,
    TABLE,
    part_name,
)
from services.mastery.adapters.postgres.unbounded import let_disk_wait, lift_bounds
from services.mastery.domain.fold import highest_positions
from services.mastery.domain.registry import EvidenceColumns, Integers, NewRows
from services.mastery.domain.retention import (
    BEFORE_RETENTION,
    OPEN,
    Standing,
    refusal_detail,
    refused_of_piece,
)

PARTS_AT_ONCE: Final = 4
"""Each takes a core of PostgreSQL, and some times its `work_mem`."""
DROPPED_AT_ONCE: Final = 10_000
"""Refused facts that are dropped by one statement, which looks through the whole part."""

Say = Callable[[str], None]
"""Tells a person something."""


class _FactKey(NamedTuple):
    """What finds a fact among those laid aside, in the order of the statement that drops it."""

    district: str
    learner: str
    evidence_id: UUID
    ledger_position: int


class PostgresStagingStore(PostgresReadingTerms):
    """A transaction that lays facts aside; `positions` gets the highest of each district."""

    def __init__(self, connection: Connection, positions: dict[str, int]) -> None:
        super().__init__(connection)
        self._positions = positions

    async def stage(self, columns: EvidenceColumns, rows: NewRows, horizons: Integers) -> None:
        """Lay facts aside."""
        closed_us = [None if one == OPEN else one for one in horizons[rows.record].tolist()]
        await self._connection.copy_records_to_table(
            TABLE,
            schema_name=SCHEMA,
            columns=STAGED_COLUMNS,
            records=zip(*new_rows(columns, rows, columns.competencies), closed_us, strict=True),
        )
        for district, position in highest_positions(columns).items():
            self._positions[district] = max(position, self._positions.get(district, position))


class PostgresStaging:
    """The tables of one rebuild, which folds into the state in `schema`."""

    def __init__(self, database: Database, schema: str) -> None:
        self._database = database
        self._schema = schema
        self._positions: dict[str, int] = {}

    async def begin(self) -> None:
        """Make the tables; those of a rebuild that did not end go."""
        async with self._database.transaction(None) as connection:
            await connection.execute(DROP)
            await connection.execute(CREATE)
            for number in range(PARTS):
                await connection.execute(CREATE_PART.format(part=part_name(number), number=number))

    @asynccontextmanager
    async def staging(self) -> AsyncIterator[PostgresStagingStore]:
        """Open a transaction to lay facts aside."""
        async with self._database.transaction(None) as connection:
            await use_state(connection, self._schema)
            await let_disk_wait(connection)
            yield PostgresStagingStore(connection, self._positions)

    async def fold(self, *, say: Say, refuse: Say) -> None:
        """Fold all parts into the state, which is empty; `refuse` is told what a seal keeps out."""
        numbers, folded = iter(range(PARTS)), count(1)

        async def fold_parts() -> None:
            for number in numbers:
                async with self._long_transaction() as connection:
                    await _fold_part(connection, part_name(number), refuse)
                # Counted, as they come to an end in any order.
                say(f"{next(folded)} of {PARTS} parts folded")

        await side_by_side(fold_parts() for _ in range(PARTS_AT_ONCE))
        async with self._long_transaction() as connection:
            await add_positions(connection, LEDGER_PARTITION, self._positions)
            await connection.execute(DROP)

    @asynccontextmanager
    async def _long_transaction(self) -> AsyncIterator[Connection]:
        async with self._database.transaction(None) as connection:
            await see_state(connection, self._schema)
            await lift_bounds(connection)
            await let_disk_wait(connection)
            yield connection


async def _fold_part(connection: Connection, part: str, refuse: Say) -> None:
    """Fold one part without what a seal keeps out of it, and free its room."""
    # Nobody has looked at it yet, and autovacuum comes too late.
    await connection.execute(f"ANALYZE {part}")
    if await connection.fetchval(HAS_SEALS):
        await _drop_refused(connection, part, refuse)
    await connection.execute(FOLD.format(part=part))
    await connection.execute(DROP_PART.format(part=part))


async def _drop_refused(connection: Connection, part: str, refuse: Say) -> None:
    """Judge the facts on pieces that may be closed, piece by piece, and drop the refused ones."""
    keys: list[_FactKey] = []
    async for facts in _pieces(connection, part):
        for key, horizon_us in _refused_of(facts):
            refuse(f"{BEFORE_RETENTION}: {refusal_detail(key.ledger_position, horizon_us)}")
            keys.append(key)
        if len(keys) >= DROPPED_AT_ONCE:
            await _drop(connection, part, keys)
            keys = []
    if keys:
        await _drop(connection, part, keys)


async def _pieces(connection: Connection, part: str) -> AsyncIterator[list[asyncpg.Record]]:
    """Return the facts on each piece that may be closed, in the order of positions.

    What is dropped meanwhile is not noticed: the look was opened before.
    """
    facts: list[asyncpg.Record] = []
    async for row in connection.cursor(LATE.format(part=part)):
        if facts and _piece_of(facts[0]) != _piece_of(row):
            yield facts
            facts = []
        facts.append(row)
    if facts:
        yield facts


def _piece_of(row: asyncpg.Record) -> tuple[Any, ...]:
    return row["district"], row["learner_id"], row["evidence_id"]


def _refused_of(facts: Sequence[asyncpg.Record]) -> list[tuple[_FactKey, int]]:
    """Return which facts on a piece are refused, each with up to which time work is closed."""
    horizons = [OPEN if row["horizon_us"] is None else row["horizon_us"] for row in facts]
    said = [
        Standing(rank=(row["version"], row["content_hash"]), occur_time_us=row["occur_time_us"])
        for row in facts
    ]
    answers = refused_of_piece(zip(said, horizons, strict=True))
    return [
        (
            _FactKey(
                district=row["district"],
                learner=row["learner_id"],
                evidence_id=row["evidence_id"],
                ledger_position=row["ledger_position"],
            ),
            horizon_us,
        )
        for row, horizon_us, is_refused in zip(facts, horizons, answers, strict=True)
        if is_refused
    ]


async def _drop(connection: Connection, part: str, keys: Sequence[_FactKey]) -> None:
    await connection.execute(DROP_REFUSED.format(part=part), *zip(*keys, strict=True))
