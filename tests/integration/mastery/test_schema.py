"""The schema is what the migrations make, and its two states are one."""

from __future__ import annotations

import re

from tests.support.schema import assert_schema_file_is_fresh, migrations_folder


async def test_schema_file_is_the_sum_of_the_migrations(postgres_database):
    """schema.sql is what a new database gets."""
    await assert_schema_file_is_fresh(postgres_database, "mastery")


def test_both_states_have_the_same_tables():
    """Whatever is done to the one schema is done to the other: a rebuild swaps them."""
    statements = []
    for schema, name in (
        ("state_a", "0002_pre_create_state_a"),
        ("state_b", "0003_pre_create_state_b"),
    ):
        text = (migrations_folder("mastery") / f"{name}.sql").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
        statements.append(re.sub(rf"\b{schema}\b", "state", "\n".join(lines)))
    assert statements[0] == statements[1]
