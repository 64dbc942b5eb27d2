"""What people ask for, in PostgreSQL."""

from services.common.postgres.pool import Connection
from services.scheduler.adapters.postgres.asking.filed import (
    BOOKING,
    NEED,
    PROPOSAL,
    REQUEST,
    PostgresFiled,
)
from services.scheduler.adapters.postgres.asking.outcomes import PostgresOutcomes
from services.scheduler.adapters.postgres.asking.rankings import PostgresRankings
from services.scheduler.adapters.postgres.asking.weeks import PostgresRequestWeeks
from services.scheduler.adapters.postgres.asking.windows import PostgresWindows


class PostgresAsking:
    """What people ask for in one district, as one transaction sees it."""

    def __init__(self, connection: Connection, district: str) -> None:
        self.windows = PostgresWindows(connection, district)
        self.rankings = PostgresRankings(connection, district)
        self.outcomes = PostgresOutcomes(connection, district)
        self.weeks = PostgresRequestWeeks(connection, district)
        self.requests = PostgresFiled(connection, district, REQUEST)
        self.needs = PostgresFiled(connection, district, NEED)
        self.bookings = PostgresFiled(connection, district, BOOKING)
        self.proposals = PostgresFiled(connection, district, PROPOSAL)


__all__ = ["PostgresAsking"]
