"""Which process belongs to which stage of a record's way, with PostgreSQL's sessions told apart."""

from __future__ import annotations

import os
from collections.abc import Mapping

import asyncpg

from tests.support.cluster import Cluster

CLIENT = "client"
EVIDENCE_API = "evidence api"
RELAY = "relay"
BROKER = "Kafka broker"
WORKER = "mastery worker"
PROJECTOR = "projector"
FOR = "PostgreSQL for the "
POSTGRES_REST = "PostgreSQL's own (log writer, checkpoints, vacuum)"
BENCH = "this bench, looking"
REST = "rest of the machine"

STAGES = (
    CLIENT,
    EVIDENCE_API,
    FOR + EVIDENCE_API,
    RELAY,
    FOR + RELAY,
    BROKER,
    WORKER,
    FOR + WORKER,
    PROJECTOR,
    FOR + PROJECTOR,
    POSTGRES_REST,
    BENCH,
    REST,
)

_PROCESSES = {
    "evidence-api": EVIDENCE_API,
    "evidence-relay": RELAY,
    "mastery-worker": WORKER,
    "mastery-projector": PROJECTOR,
}
# By role, then by the name that a service connects with, where one role serves two processes.
_SESSIONS = {
    ("evidence_api", "trellis-evidence"): FOR + EVIDENCE_API,
    ("evidence_worker", "trellis-evidence"): FOR + RELAY,
    ("mastery_worker", "trellis-mastery-worker"): FOR + WORKER,
    ("mastery_worker", "trellis-mastery-projector"): FOR + PROJECTOR,
}
_ACTIVITY = """
SELECT pid, coalesce(usename, '') AS role, coalesce(application_name, '') AS name
FROM pg_stat_activity WHERE pid <> pg_backend_pid()
"""


async def processes(
    cluster: Cluster, connection: asyncpg.Connection, client: int
) -> Mapping[int, str]:
    """Return the stage of every process of the cluster that works for records, by process id."""
    found = {
        client: CLIENT,
        os.getpid(): BENCH,
        connection.get_server_pid(): BENCH,
        cluster.kafka.process.pid: BROKER,
        cluster.postgres.process.pid: POSTGRES_REST,
    }
    for name, part in cluster.parts.items():
        if name in _PROCESSES:
            found[part.process.pid] = _PROCESSES[name]
    for row in await connection.fetch(_ACTIVITY):
        session = (row["role"], row["name"])
        found.setdefault(row["pid"], _SESSIONS.get(session, POSTGRES_REST))
    return found
