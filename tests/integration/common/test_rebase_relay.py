"""The command `rebase-relay` of each service, on the tables that its migrations make."""

from __future__ import annotations

import asyncpg
import pytest
from click.testing import CliRunner, Result

from services.evidence.__main__ import main as evidence
from services.mastery.__main__ import main as mastery
from services.scheduler.__main__ import main as scheduler
from tests.support.schema import migrated
from tests.support.servers import DatabaseFactory, ServiceDatabase, run_coroutine

SERVICES = {
    "evidence": (evidence, ["ledger", "outbox"]),
    "mastery": (mastery, ["dead_letter"]),
    "scheduler": (scheduler, ["outbox"]),
}


def rebase_relay(
    monkeypatch: pytest.MonkeyPatch, database: ServiceDatabase, *arguments: str, answer: str = ""
) -> Result:
    """Run the command of the database's service as its owner."""
    monkeypatch.setenv(f"{database.service.upper()}_POSTGRES_DSN", database.dsn("owner"))
    command, _ = SERVICES[database.service]
    return CliRunner().invoke(command, ["rebase-relay", *arguments], input=answer)


async def add_cursor(database: ServiceDatabase) -> None:
    """Leave a cursor that another server wrote."""
    connection = await asyncpg.connect(database.superuser_dsn)
    await connection.execute("INSERT INTO relay_cursor VALUES ('some-relay', 42, '9'::xid8, 9)")
    await connection.close()


async def count_cursors(database: ServiceDatabase) -> int:
    """Return how many cursors there are."""
    connection = await asyncpg.connect(database.superuser_dsn)
    count: int = await connection.fetchval("SELECT count(*) FROM relay_cursor")
    await connection.close()
    return count


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_rebases_the_tables_that_its_relays_read(
    postgres_database: DatabaseFactory, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    """The owner may do it, every table is counted, and no cursor of the other server is left."""
    database = postgres_database(service, migrated(service))
    run_coroutine(add_cursor(database))
    done = rebase_relay(monkeypatch, database, "--yes")
    assert done.exit_code == 0, done.output
    _, tables = SERVICES[service]
    assert [line.partition(":")[0] for line in done.output.splitlines()] == tables
    assert run_coroutine(count_cursors(database)) == 0


def test_nothing_is_rebased_without_a_yes(
    postgres_database: DatabaseFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks first; no is the answer that changes nothing."""
    database = postgres_database("scheduler", migrated("scheduler"))
    run_coroutine(add_cursor(database))
    refused = rebase_relay(monkeypatch, database, answer="n\n")
    assert (refused.exit_code, run_coroutine(count_cursors(database))) == (1, 1)
