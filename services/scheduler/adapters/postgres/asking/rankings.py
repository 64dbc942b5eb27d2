"""Learners' rankings in PostgreSQL: sendings are added and never changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.adapters.documents import from_json, to_json
from services.scheduler.domain.asking.rankings import (
    Answer,
    AnswerState,
    RankedChoice,
    Ranking,
)

_NAMES = (
    "school_id, monday, learner_id, version, number, choices, actor, request_id, digest,"
    " receive_time"
)
_OF_LEARNERS = "($4::text[] IS NULL OR learner_id = ANY($4::text[]))"


class PostgresRankings:
    """What learners of one district sent, and what adults said of it, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def before(
        self, school_id: str, monday: date, learner_id: str, request_id: str
    ) -> tuple[Ranking | None, Ranking | None]:
        """Return the learner's sending of this request id and their newest; in one statement."""
        own = "district = $1 AND school_id = $2 AND monday = $3 AND learner_id = $4"
        rows = await self._connection.fetch(
            f"(SELECT {_NAMES} FROM ranking WHERE {own}"  # noqa: S608
            " ORDER BY version DESC LIMIT 1)"
            f" UNION ALL (SELECT {_NAMES} FROM ranking WHERE {own} AND request_id = $5)",
            self._district,
            school_id,
            monday,
            learner_id,
            request_id,
        )
        mine = [_ranking_of(row) for row in rows]
        same = next((one for one in mine if one.request_id == request_id), None)
        return same, mine[0] if mine else None

    async def newest(
        self, school_id: str, monday: date, learner_ids: Collection[str] | None = None
    ) -> Mapping[str, Ranking]:
        """Return the newest sending of each learner, or of these, by learner."""
        rows = await self._connection.fetch(
            f"SELECT DISTINCT ON (learner_id) {_NAMES} FROM ranking"  # noqa: S608
            f" WHERE district = $1 AND school_id = $2 AND monday = $3 AND {_OF_LEARNERS}"
            " ORDER BY learner_id, version DESC",
            self._district,
            school_id,
            monday,
            None if learner_ids is None else sorted(learner_ids),
        )
        return {row["learner_id"]: _ranking_of(row) for row in rows}

    async def senders(
        self, school_id: str, mondays: Collection[date]
    ) -> Collection[tuple[date, str]]:
        """Return Monday and learner of each who sent anything for one of these weeks."""
        rows = await self._connection.fetch(
            "SELECT DISTINCT monday, learner_id FROM ranking"
            " WHERE district = $1 AND school_id = $2 AND monday = ANY($3::date[])",
            self._district,
            school_id,
            sorted(mondays),
        )
        return {(row["monday"], row["learner_id"]) for row in rows}

    async def add(self, ranking: Ranking) -> Ranking:
        """Keep a sending; return it with its number."""
        number: int = await self._connection.fetchval(
            "INSERT INTO ranking (district, school_id, monday, learner_id, version, choices, actor,"
            " request_id, digest, receive_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            " RETURNING number",
            self._district,
            ranking.school_id,
            ranking.monday,
            ranking.learner_id,
            ranking.version,
            to_json(tuple(ranking.choices)),
            ranking.actor,
            ranking.request_id,
            ranking.digest,
            ranking.receive_time,
        )
        return replace(ranking, number=number)

    async def answers(
        self, school_id: str, monday: date, learner_ids: Collection[str] | None = None
    ) -> Sequence[Answer]:
        """Return what adults said of the rankings of a week, or of these learners."""
        rows = await self._connection.fetch(
            "SELECT school_id, monday, learner_id, version, state, sentence, actor,"  # noqa: S608
            " answer_time FROM ranking_answer"
            " WHERE district = $1 AND school_id = $2 AND monday = $3"
            f" AND {_OF_LEARNERS} ORDER BY learner_id, version",
            self._district,
            school_id,
            monday,
            None if learner_ids is None else sorted(learner_ids),
        )
        return [Answer(**{**row, "state": AnswerState(row["state"])}) for row in rows]

    async def answer(self, answers: Sequence[Answer]) -> None:
        """Keep what an adult said, in place of what was said of the same sending before."""
        await self._connection.executemany(
            "INSERT INTO ranking_answer (district, school_id, monday, learner_id, version, state,"
            " sentence, actor, answer_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            " ON CONFLICT (district, school_id, monday, learner_id, version) DO UPDATE SET"
            " state = excluded.state, sentence = excluded.sentence, actor = excluded.actor,"
            " answer_time = excluded.answer_time",
            [
                (
                    self._district,
                    one.school_id,
                    one.monday,
                    one.learner_id,
                    one.version,
                    one.state.value,
                    one.sentence,
                    one.actor,
                    one.answer_time,
                )
                for one in sorted(answers, key=lambda each: (each.learner_id, each.version))
            ],
        )


def _ranking_of(row: "asyncpg.Record") -> Ranking:
    choices = from_json(tuple[RankedChoice, ...], row["choices"])
    return Ranking(**{**row, "choices": choices})
