"""What PostgreSQL has done and holds, looked at between legs, and the CPU of its sessions."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg

from tests.bench.large_state import folding, projecting, rebuilding

WORKER: Final = "worker"
PROJECTOR: Final = "projector"
REBUILD: Final = "rebuild"
FOR: Final = "PostgreSQL for the "
POSTGRES_REST: Final = "PostgreSQL's own (checkpoints, vacuum)"
BENCH: Final = "the bench, looking"
REST: Final = "rest of the machine"

_SESSIONS: Final = {
    folding.APPLICATION: FOR + WORKER,
    projecting.APPLICATION: FOR + PROJECTOR,
    rebuilding.APPLICATION: FOR + REBUILD,
}

# What a statement of the fold or of the projector is for, by the first of these words in it.
_STATEMENTS: Final = (
    ("INSERT INTO evidence_alignment", "fold: registry, new rows"),
    ("DELETE FROM evidence_alignment", "fold: registry, rows that give way"),
    ("JOIN evidence_alignment AS e USING", "fold: registry, what is known of the chunk"),
    ("INSERT INTO changed_key", "fold: sums of masteries, and marks"),
    ("INSERT INTO mastery_state", "fold: sums of masteries"),
    ("INSERT INTO learner_state", "fold: sums of learners"),
    ("INSERT INTO occasion", "fold: occasions"),
    ("INSERT INTO district_position", "fold: offsets and positions"),
    ("consumer_offset", "fold: offsets and positions"),
    ("DELETE FROM changed_key", "projector: marks, settled"),
    ("FROM changed_key", "projector: marks, taken"),
    ("FROM mastery_state AS t", "projector: windows and occasions of masteries"),
    ("FROM learner_state AS l", "projector: windows of learners"),
    ("COMMIT", "commits"),
)
OTHER_STATEMENTS: Final = "all others"

_ACTIVITY: Final = """
SELECT pid, coalesce(application_name, '') AS name FROM pg_stat_activity
WHERE pid <> pg_backend_pid()
"""
_SERVER: Final = """
SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS wal_bytes, w.wal_fpi AS full_page_images,
       c.num_done AS checkpoints
FROM pg_stat_wal AS w, pg_stat_checkpointer AS c
"""
_TABLES: Final = """
SELECT s.relname AS name, pg_table_size(s.relid) AS table_bytes,
       pg_indexes_size(s.relid) AS index_bytes, s.n_tup_upd AS updates,
       s.n_tup_hot_upd AS hot_updates, s.n_dead_tup AS dead_rows, s.n_live_tup AS live_rows,
       s.autovacuum_count AS vacuums, s.autoanalyze_count AS analyses
FROM pg_stat_user_tables AS s
WHERE s.schemaname = $1 OR (s.schemaname = 'public' AND s.relname = 'changed_key')
ORDER BY s.relname
"""
_TIMES: Final = """
SELECT query, calls, total_exec_time / 1000 AS seconds FROM pg_stat_statements
JOIN pg_database ON pg_database.oid = dbid AND datname = current_database()
"""


@dataclass(frozen=True, kw_only=True)
class TableLook:
    """One table: its bytes, its rows, and how updates and autovacuum went since it was made."""

    table_bytes: int
    index_bytes: int
    updates: int
    hot_updates: int
    dead_rows: int
    live_rows: int
    vacuums: int
    analyses: int

    @property
    def total_bytes(self) -> int:
        """With indexes."""
        return self.table_bytes + self.index_bytes


@dataclass(frozen=True, kw_only=True)
class Look:
    """The server at one moment; counts are since it was made."""

    wal_bytes: int
    full_page_images: int
    checkpoints: int
    tables: Mapping[str, TableLook]
    statement_seconds: Mapping[str, float]

    @property
    def index_bytes(self) -> int:
        """Of all indexes."""
        return sum(table.index_bytes for table in self.tables.values())

    @property
    def total_bytes(self) -> int:
        """Of all tables with their indexes."""
        return sum(table.total_bytes for table in self.tables.values())


async def look(connection: asyncpg.Connection, schema: str) -> Look:
    """Look at the server, and at the tables of the state in a schema."""
    # Sessions tell their counts about once a second, at the end of a transaction; ours forgets.
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    server = await connection.fetchrow(_SERVER)
    assert server is not None  # two views of one row
    tables = {}
    for row in await connection.fetch(_TABLES, schema):
        columns = dict(row)
        name = columns.pop("name")
        tables[name] = TableLook(**columns)
    seconds: Counter[str] = Counter()
    for row in await connection.fetch(_TIMES):
        seconds[_purpose(row["query"])] += row["seconds"]
    return Look(
        wal_bytes=int(server["wal_bytes"]),
        full_page_images=server["full_page_images"],
        checkpoints=server["checkpoints"],
        tables=tables,
        statement_seconds=dict(seconds),
    )


def _purpose(query: str) -> str:
    return next((purpose for words, purpose in _STATEMENTS if words in query), OTHER_STATEMENTS)


async def processes(
    connection: asyncpg.Connection, server_pid: int, children: Mapping[int, str]
) -> Mapping[int, str]:
    """Return whose work each process does, by process id."""
    found = {**children, os.getpid(): BENCH, server_pid: POSTGRES_REST}
    found[connection.get_server_pid()] = BENCH
    for row in await connection.fetch(_ACTIVITY):
        found.setdefault(row["pid"], _SESSIONS.get(row["name"], POSTGRES_REST))
    return found
