"""The review of drafts in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import date

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.domain.cycle.review import (
    Review,
    SeatMark,
    SeatMarkState,
    SessionMark,
    SessionMarkState,
)

_KEEP_SEAT = (
    "INSERT INTO review_seat (district, school_id, monday, learner_id, slot_id, state, offer_id,"
    " competency_id, adult_id, act_time, staff_sentence, learner_sentence, note)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    " ON CONFLICT (district, school_id, monday, learner_id, slot_id) DO UPDATE SET"
    "  state = excluded.state, offer_id = excluded.offer_id,"
    "  competency_id = excluded.competency_id, adult_id = excluded.adult_id,"
    "  act_time = excluded.act_time, staff_sentence = excluded.staff_sentence,"
    "  learner_sentence = excluded.learner_sentence, note = excluded.note"
)


class PostgresReviews:
    """What people decided of drafts in one district, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def of(self, school_id: str, monday: date) -> Review:
        """Return all that was decided of a week."""
        key = (self._district, school_id, monday)
        seats = await self._connection.fetch(
            "SELECT * FROM review_seat WHERE district = $1 AND school_id = $2 AND monday = $3"
            " ORDER BY learner_id, slot_id",
            *key,
        )
        sessions = await self._connection.fetch(
            "SELECT * FROM review_session WHERE district = $1 AND school_id = $2 AND monday = $3"
            " ORDER BY slot_id, offer_id",
            *key,
        )
        return Review(
            school_id=school_id,
            monday=monday,
            seats=tuple(_seat_of(row) for row in seats),
            sessions=tuple(_session_of(row) for row in sessions),
        )

    async def keep_seats(self, school_id: str, monday: date, marks: Sequence[SeatMark]) -> None:
        """Keep decisions on seats, each in the place of the one before."""
        rows = [
            (
                *(self._district, school_id, monday, one.learner_id, one.slot_id),
                *(one.state.value, one.offer_id, one.competency_id, one.adult_id),
                *(one.time, one.staff_sentence, one.learner_sentence, one.note),
            )
            for one in sorted(marks, key=lambda one: one.key)
        ]
        await self._connection.executemany(_KEEP_SEAT, rows)

    async def drop_seats(
        self, school_id: str, monday: date, keys: Collection[tuple[str, str]]
    ) -> None:
        """Take decisions on seats back."""
        ordered = sorted(keys)
        await self._connection.execute(
            "DELETE FROM review_seat WHERE district = $1 AND school_id = $2 AND monday = $3"
            " AND (learner_id, slot_id) IN (SELECT * FROM unnest($4::text[], $5::text[]))",
            self._district,
            school_id,
            monday,
            [learner_id for learner_id, _ in ordered],
            [slot_id for _, slot_id in ordered],
        )

    async def keep_session(self, school_id: str, monday: date, mark: SessionMark) -> None:
        """Keep a decision on a session, in the place of the one before."""
        await self._connection.execute(
            "INSERT INTO review_session (district, school_id, monday, slot_id, offer_id, state,"
            " competency_id, tier_id, adult_id, act_time)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            " ON CONFLICT (district, school_id, monday, slot_id, offer_id) DO UPDATE SET"
            "  state = excluded.state, competency_id = excluded.competency_id,"
            "  tier_id = excluded.tier_id, adult_id = excluded.adult_id,"
            "  act_time = excluded.act_time",
            self._district,
            school_id,
            monday,
            mark.slot_id,
            mark.offer_id,
            mark.state.value,
            mark.competency_id,
            mark.tier_id,
            mark.adult_id,
            mark.time,
        )


def _seat_of(row: "asyncpg.Record") -> SeatMark:
    return SeatMark(
        learner_id=row["learner_id"],
        slot_id=row["slot_id"],
        state=SeatMarkState(row["state"]),
        offer_id=row["offer_id"],
        competency_id=row["competency_id"],
        adult_id=row["adult_id"],
        time=row["act_time"],
        staff_sentence=row["staff_sentence"],
        learner_sentence=row["learner_sentence"],
        note=row["note"],
    )


def _session_of(row: "asyncpg.Record") -> SessionMark:
    return SessionMark(
        slot_id=row["slot_id"],
        offer_id=row["offer_id"],
        state=SessionMarkState(row["state"]),
        competency_id=row["competency_id"],
        tier_id=row["tier_id"],
        adult_id=row["adult_id"],
        time=row["act_time"],
    )
