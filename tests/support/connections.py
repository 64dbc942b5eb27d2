"""How many connections of a pool are free: what tests of leaks and of full pools look at."""

from services.common.postgres.pool import Database


def free_connections(database: Database) -> int:
    """Return how many more transactions could begin now without waiting."""
    pool = database._pool
    return pool.get_max_size() - pool.get_size() + pool.get_idle_size()
