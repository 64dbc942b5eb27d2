"""Who and what a district knows, looked up in the running transaction of the record path."""

from collections.abc import Collection, Mapping

from services.common.postgres.pool import Connection


class PostgresDirectory:
    """Look-ups by id in one transaction; the port `Directory`."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection

    async def learners(self, district: str, learner_ids: Collection[str]) -> Mapping[str, str]:
        """Return the IANA time zone of the school of each known learner, by learner id."""
        rows = await self._connection.fetch(
            "SELECT learner_id, time_zone FROM learner JOIN school USING (district, school_id)"
            " WHERE district = $1 AND learner_id = ANY($2::text[])",
            district,
            list(learner_ids),
        )
        return {row["learner_id"]: row["time_zone"] for row in rows}

    async def competencies(self, district: str, competency_ids: Collection[str]) -> Collection[str]:
        """Return those of the ids that are competencies of the district."""
        rows = await self._connection.fetch(
            "SELECT competency_id FROM competency"
            " WHERE district = $1 AND competency_id = ANY($2::text[])",
            district,
            list(competency_ids),
        )
        return {row["competency_id"] for row in rows}
