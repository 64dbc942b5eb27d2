"""What became of adults' requests, in PostgreSQL; each outcome is also a fact for others."""

from collections.abc import Collection, Mapping, Sequence

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.adapters.postgres.telling import tell
from services.scheduler.adapters.wire.asked_facts import request_settled
from services.scheduler.domain.asking.requests import AdultRequest, Outcome
from services.scheduler.domain.week import RequestOutcome, RequestState

_NAMES = "adult_request_id, number, state, winner_id, sentence, settle_time"


class PostgresOutcomes:
    """What became of one district's requests, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def newest(self, school_id: str, request_ids: Collection[str]) -> Mapping[str, Outcome]:
        """Return the newest outcome of each request, by request."""
        rows = await self._connection.fetch(
            f"SELECT DISTINCT ON (adult_request_id) {_NAMES} FROM request_outcome"  # noqa: S608
            " WHERE district = $1 AND school_id = $2 AND adult_request_id = ANY($3::text[])"
            " ORDER BY adult_request_id, number DESC",
            self._district,
            school_id,
            sorted(request_ids),
        )
        return {row["adult_request_id"]: _outcome_of(row) for row in rows}

    async def history(
        self, school_id: str, request_id: str, *, before: int, limit: int
    ) -> Sequence[Outcome]:
        """Return up to `limit` outcomes numbered below `before` (0: all), newest first."""
        rows = await self._connection.fetch(
            f"SELECT {_NAMES} FROM request_outcome"  # noqa: S608
            " WHERE district = $1 AND school_id = $2 AND adult_request_id = $3"
            " AND ($4 = 0 OR number < $4) ORDER BY number DESC LIMIT $5",
            self._district,
            school_id,
            request_id,
            before,
            limit,
        )
        return [_outcome_of(row) for row in rows]

    async def add(
        self, school_id: str, outcomes: Sequence[Outcome], requests: Mapping[str, AdultRequest]
    ) -> None:
        """Keep outcomes, and say so to others in the same transaction."""
        if not outcomes:
            return
        ordered = sorted(outcomes, key=lambda one: (one.request_id, one.number))
        await self._connection.executemany(
            "INSERT INTO request_outcome (district, school_id, adult_request_id, number, state,"
            " winner_id, sentence, settle_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                (
                    self._district,
                    school_id,
                    one.request_id,
                    one.number,
                    one.outcome.state.value,
                    one.outcome.winner_id,
                    one.outcome.sentence,
                    one.settle_time,
                )
                for one in ordered
            ],
        )
        facts = [request_settled(self._district, requests[one.request_id], one) for one in ordered]
        await tell(self._connection, *facts)


def _outcome_of(row: "asyncpg.Record") -> Outcome:
    return Outcome(
        request_id=row["adult_request_id"],
        number=row["number"],
        outcome=RequestOutcome(
            request_id=row["adult_request_id"],
            state=RequestState(row["state"]),
            winner_id=row["winner_id"],
            sentence=row["sentence"],
        ),
        settle_time=row["settle_time"],
    )
