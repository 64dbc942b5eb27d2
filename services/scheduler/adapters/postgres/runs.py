"""Plan runs in PostgreSQL: as callers see them, and as planners take them up.

A planner holds a run by a lease. Whatever it writes asks for owner and attempt again, so a planner
that was paused, or whose run was cancelled or taken over, writes nothing.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.scheduler.adapters.documents import (
    pack,
    report_from_json,
    report_to_json,
    unpack_problem,
)
from services.scheduler.domain.model import Problem
from services.scheduler.domain.revision import Content
from services.scheduler.domain.runs import (
    MAX_ATTEMPTS,
    NEVER_ENDED,
    Lease,
    PlanRun,
    Report,
    RunState,
)
from services.scheduler.domain.week import Week

COUNTED_RUNS = 1000

_COLUMNS = (
    "school_id, run_id, number, monday, as_of_time, seed, budget, state, create_time, start_time,"
    " end_time, snapshot_hash, week_hash, report, failure, min_position, needs_position"
)


def run_of(row: "asyncpg.Record") -> PlanRun:
    """Return the run of a row."""
    return PlanRun(
        school_id=row["school_id"],
        run_id=row["run_id"],
        monday=row["monday"],
        as_of=row["as_of_time"],
        seed=row["seed"],
        budget=row["budget"],
        state=RunState(row["state"]),
        create_time=row["create_time"],
        start_time=row["start_time"],
        end_time=row["end_time"],
        snapshot_hash=row["snapshot_hash"] or "",
        week_hash=row["week_hash"] or "",
        failure=row["failure"],
        report=report_from_json(row["report"]) if row["report"] else None,
        min_position=row["min_position"],
        needs_position=row["needs_position"],
    )


class PostgresRuns:
    """The plan runs of one district, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def get(self, school_id: str, run_id: str) -> PlanRun | None:
        """Return one run, or None."""
        row = await self._connection.fetchrow(
            f"SELECT {_COLUMNS} FROM plan_run"  # noqa: S608
            " WHERE district = $1 AND school_id = $2 AND run_id = $3",
            self._district,
            school_id,
            run_id,
        )
        return run_of(row) if row else None

    async def page(
        self, school_id: str, *, before: int, limit: int
    ) -> Sequence[tuple[int, PlanRun]]:
        """Return up to `limit` runs with a number below `before` (0: all), newest first."""
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} FROM plan_run WHERE district = $1 AND school_id = $2"  # noqa: S608
            " AND kind = 1 AND ($3 = 0 OR number < $3) ORDER BY number DESC LIMIT $4",
            self._district,
            school_id,
            before,
            limit,
        )
        return [(row["number"], run_of(row)) for row in rows]

    async def open_count(self, school_id: str) -> int:
        """Return how many runs of the school wait or are at work."""
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM plan_run"
            " WHERE district = $1 AND school_id = $2 AND state IN (1, 2)",
            self._district,
            school_id,
        )
        return count

    async def add(self, run: PlanRun) -> None:
        """Keep a new run."""
        await self._connection.execute(
            "INSERT INTO plan_run (district, school_id, run_id, monday, as_of_time, seed, budget,"
            " state, create_time, min_position) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)",
            self._district,
            run.school_id,
            run.run_id,
            run.monday,
            run.as_of,
            run.seed,
            run.budget,
            run.create_time,
            run.min_position,
        )

    async def cancel(self, school_id: str, run_id: str, now: datetime) -> None:
        """End a run that has not ended; who works on it finds out."""
        await self._connection.execute(
            "UPDATE plan_run SET state = 5, end_time = $4"
            " WHERE district = $1 AND school_id = $2 AND run_id = $3 AND state IN (1, 2)",
            self._district,
            school_id,
            run_id,
            now,
        )

    async def add_change(self, run: PlanRun, content: Content) -> None:
        """Keep a change of a published week as a run that has succeeded."""
        assert run.report is not None
        number = await self._connection.fetchval(
            "INSERT INTO plan_run (district, school_id, run_id, monday, as_of_time, seed, budget,"
            " state, create_time, start_time, end_time, kind, snapshot, snapshot_hash, week,"
            " week_hash, report)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, 3, $8, $8, $8, 2, $9, $10, $11, $12, $13)"
            " RETURNING number",
            self._district,
            run.school_id,
            run.run_id,
            run.monday,
            run.as_of,
            run.seed,
            run.budget,
            run.create_time,
            pack(content.problem),
            run.snapshot_hash,
            pack(content.week),
            run.week_hash,
            report_to_json(run.report),
        )
        await self._connection.execute(
            "UPDATE week SET draft_number = $4"
            " WHERE district = $1 AND school_id = $2 AND monday = $3",
            self._district,
            run.school_id,
            run.monday,
            number,
        )


# Of the runs that wait or were left by their planner, the oldest that nobody looks at right now.
_TAKE = f"""
UPDATE plan_run SET
  state = CASE WHEN attempts >= $4 THEN 4 ELSE 2 END,
  end_time = CASE WHEN attempts >= $4 THEN $2 END,
  failure = CASE WHEN attempts >= $4 THEN $5 ELSE '' END,
  start_time = coalesce(start_time, $2),
  lease_owner = $1, lease_expire_time = $3,
  attempts = attempts + CASE WHEN attempts >= $4 THEN 0 ELSE 1 END
WHERE number = (
  SELECT number FROM plan_run
  WHERE (state = 1 AND (not_before IS NULL OR not_before <= $2))
     OR (state = 2 AND lease_expire_time < $2)
  ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}, district, attempts
"""  # noqa: S608

# What every write of a planner asks for.
_HELD = (
    "district = $1 AND school_id = $2 AND run_id = $3 AND state = 2"
    " AND lease_owner = $4 AND attempts = $5"
)


class PostgresRunQueue:
    """The plan runs of every district, for planners."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, *, owner: str, now: datetime, until: datetime) -> Lease | None:
        """Take up the oldest run that waits, or that a planner left."""
        async with self._database.transaction(None) as connection:
            row = await connection.fetchrow(_TAKE, owner, now, until, MAX_ATTEMPTS, NEVER_ENDED)
        if row is None:
            return None
        return Lease(
            district=row["district"], run=run_of(row), owner=owner, attempt=row["attempts"]
        )

    async def extend(self, lease: Lease, *, until: datetime) -> bool:
        """Go on holding the run."""
        return await self._write(lease, "lease_expire_time = $6", until)

    async def keep_snapshot(
        self, lease: Lease, problem: Problem, snapshot_hash: str, *, needs_position: int = 0
    ) -> bool:
        """Keep what the run is made from; a snapshot that is there already stays."""
        return await self._write(
            lease,
            "snapshot = coalesce(snapshot, $6), snapshot_hash = coalesce(snapshot_hash, $7),"
            " needs_position = CASE WHEN snapshot IS NULL THEN $8 ELSE needs_position END",
            pack(problem),
            snapshot_hash,
            needs_position,
        )

    async def snapshot(self, lease: Lease) -> Problem | None:
        """Return what the run is made from, or None."""
        async with self._database.transaction(lease.district, read_only=True) as connection:
            data = await connection.fetchval(
                "SELECT snapshot FROM plan_run"
                " WHERE district = $1 AND school_id = $2 AND run_id = $3",
                lease.district,
                lease.run.school_id,
                lease.run.run_id,
            )
        return unpack_problem(data) if data else None

    async def succeed(self, lease: Lease, week: Week, report: Report, now: datetime) -> bool:
        """Keep the week, end the run, and make the week the draft unless a newer run's is."""
        data = pack(week)
        async with self._database.transaction(lease.district) as connection:
            number = await connection.fetchval(
                "UPDATE plan_run SET state = 3, week = $6, week_hash = $7, report = $8,"  # noqa: S608
                f" end_time = $9 WHERE {_HELD} RETURNING number",
                *_held_by(lease),
                data,
                week.week_hash,
                report_to_json(report),
                now,
            )
            if number is None:
                return False
            await connection.execute(
                "INSERT INTO week (district, school_id, monday, draft_run_id, draft_number)"
                " VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT (district, school_id, monday) DO UPDATE SET"
                "  draft_run_id = excluded.draft_run_id, draft_number = excluded.draft_number,"
                "  sign_off_adult = NULL, sign_off_time = NULL, sign_off_hash = NULL"
                " WHERE week.draft_number < excluded.draft_number",
                lease.district,
                lease.run.school_id,
                lease.run.monday,
                lease.run.run_id,
                number,
            )
        return True

    async def fail(self, lease: Lease, failure: str, now: datetime) -> bool:
        """End the run with one sentence that says why."""
        return await self._write(lease, "state = 4, failure = $6, end_time = $7", failure, now)

    async def put_back(self, lease: Lease, not_before: datetime) -> bool:
        """Let the run wait for another attempt."""
        return await self._write(lease, "state = 1, not_before = $6", not_before)

    async def waiting(self) -> int:
        """Return how many runs wait or are at work, counted to a bound."""
        async with self._database.transaction(None, read_only=True) as connection:
            count: int = await connection.fetchval(
                "SELECT count(*) FROM"
                " (SELECT 1 FROM plan_run WHERE state IN (1, 2) LIMIT $1) AS counted",
                COUNTED_RUNS,
            )
        return count

    async def _write(self, lease: Lease, changes: str, *values: object) -> bool:
        async with self._database.transaction(lease.district) as connection:
            status = await connection.execute(
                f"UPDATE plan_run SET {changes} WHERE {_HELD}",  # noqa: S608
                *_held_by(lease),
                *values,
            )
        return bool(status == "UPDATE 1")


def _held_by(lease: Lease) -> tuple[str, str, str, str, int]:
    return (lease.district, lease.run.school_id, lease.run.run_id, lease.owner, lease.attempt)
