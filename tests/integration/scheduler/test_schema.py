"""The tables of the scheduler."""

from tests.support.schema import assert_schema_file_is_fresh


async def test_the_schema_file_is_the_sum_of_the_migrations(postgres_database):
    """schema.sql is what a new database gets."""
    await assert_schema_file_is_fresh(postgres_database, "scheduler")
