"""The tables that services have in common are the same in each of them."""

import re
from pathlib import Path

import pytest

from services.common.postgres import migrate
from services.common.postgres.schema import dump_schema
from tests.support.schema import migrated
from tests.support.servers import DatabaseFactory

TABLES = Path(migrate.__file__).with_name("tables.sql")
NEEDED = {
    "evidence": {"consumer_offset", "dead_letter", "outbox", "relay_cursor"},
    "mastery": {"consumer_offset", "dead_letter"},
    "scheduler": {"outbox", "relay_cursor"},
}
_TABLE = re.compile(r"^CREATE TABLE (\w+) \(\n.*?^\)[^;]*;", re.MULTILINE | re.DOTALL)


def tables(schema: str) -> dict[str, str]:
    """Return the definition of each table in the text of a schema."""
    return {match[1]: match[0] for match in _TABLE.finditer(schema)}


@pytest.mark.parametrize("service", sorted(NEEDED))
async def test_a_common_table_is_the_same_in_each_service(
    postgres_database: DatabaseFactory, service: str
) -> None:
    """The code that they share finds the columns, keys and checks that it was tested with."""
    reference = TABLES.read_text().replace("example_", f"{service}_")
    common = tables(await dump_schema(postgres_database(service, reference).dsn("owner")))
    own = tables(await dump_schema(postgres_database(service, migrated(service)).dsn("owner")))
    assert set(own) & set(common) >= NEEDED[service]
    assert {name: own[name] for name in own if name in common} == {
        name: common[name] for name in own if name in common
    }
