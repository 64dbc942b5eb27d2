"""The weekly cycle in PostgreSQL: as callers see it, and as clocks look at it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import asyncpg

from services.common.postgres.pool import Connection, Database
from services.scheduler.adapters.postgres.telling import tell
from services.scheduler.adapters.wire.cycle_facts import cycle_step_done
from services.scheduler.domain.cycle.marks import FallBack, Marks, MarkState, SchoolCycle, StepMark
from services.scheduler.domain.cycle.steps import Step


class PostgresCycles:
    """The cycles of one district's schools, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def of(self, school_id: str) -> SchoolCycle | None:
        """Return a school's cycle, or None."""
        row = await self._connection.fetchrow(
            "SELECT running, fall_back, fall_back_adult, fall_back_time, from_monday, look_time,"
            " version FROM school_cycle WHERE district = $1 AND school_id = $2",
            self._district,
            school_id,
        )
        if row is None:
            return None
        return SchoolCycle(
            school_id=school_id,
            running=row["running"],
            fall_back=FallBack(row["fall_back"]),
            fall_back_adult_id=row["fall_back_adult"] or "",
            fall_back_time=row["fall_back_time"],
            from_monday=row["from_monday"],
            look_time=row["look_time"],
            version=row["version"],
        )

    async def keep(self, cycle: SchoolCycle, change_time: datetime) -> None:
        """Keep a cycle as it is given."""
        await self._connection.execute(
            "INSERT INTO school_cycle (district, school_id, running, fall_back, fall_back_adult,"
            " fall_back_time, from_monday, look_time, version, change_time)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            " ON CONFLICT (district, school_id) DO UPDATE SET running = excluded.running,"
            "  fall_back = excluded.fall_back, fall_back_adult = excluded.fall_back_adult,"
            "  fall_back_time = excluded.fall_back_time, from_monday = excluded.from_monday,"
            "  look_time = excluded.look_time, version = excluded.version,"
            "  change_time = excluded.change_time",
            self._district,
            cycle.school_id,
            cycle.running,
            cycle.fall_back.value,
            cycle.fall_back_adult_id or None,
            cycle.fall_back_time,
            cycle.from_monday,
            cycle.look_time or change_time,
            cycle.version,
            change_time,
        )

    async def look_again(self, school_id: str, look_time: datetime, from_monday: date) -> None:
        """Say when something may be due next, and from which week on."""
        await self._connection.execute(
            "UPDATE school_cycle SET look_time = $3, from_monday = $4"
            " WHERE district = $1 AND school_id = $2",
            self._district,
            school_id,
            look_time,
            from_monday,
        )

    async def marks(self, school_id: str, monday: date) -> Marks:
        """Return what became of the steps of a week."""
        return (await self.marks_of(school_id, [monday]))[monday]

    async def marks_of(self, school_id: str, mondays: Collection[date]) -> Mapping[date, Marks]:
        """Return what became of the steps of each of some weeks."""
        rows = await self._connection.fetch(
            "SELECT monday, step, due_time, state, done_time, outcome, run_id, revision"
            " FROM cycle_step"
            " WHERE district = $1 AND school_id = $2 AND monday = ANY($3::date[])",
            self._district,
            school_id,
            sorted(mondays),
        )
        found: dict[date, dict[Step, StepMark]] = {monday: {} for monday in mondays}
        for row in rows:
            mark = _mark_of(row, school_id)
            found[mark.monday][mark.step] = mark
        return found

    async def mark(self, mark: StepMark) -> None:
        """Keep what became of a step; once it is done or skipped, say so to others."""
        first_due: datetime = await self._connection.fetchval(
            "INSERT INTO cycle_step (district, school_id, monday, step, due_time, state, done_time,"
            " outcome, run_id, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            " ON CONFLICT (district, school_id, monday, step) DO UPDATE SET"
            "  state = excluded.state, done_time = excluded.done_time,"
            "  outcome = excluded.outcome, run_id = excluded.run_id, revision = excluded.revision"
            " RETURNING due_time",
            self._district,
            mark.school_id,
            mark.monday,
            mark.step.value,
            mark.due,
            mark.state.value,
            mark.time,
            mark.outcome,
            mark.run_id or None,
            mark.revision,
        )
        if mark.state is not MarkState.WAITING:
            fact = cycle_step_done(self._district, replace(mark, due=first_due))
            await tell(self._connection, fact)


class PostgresCycleQueue:
    """The cycles of every district, for clocks."""

    def __init__(self, database: Database, *, offset: Callable[[], timedelta] = timedelta) -> None:
        """Use a database; `offset` moves its time, in tests and in development."""
        self._database = database
        self._offset = offset

    async def now(self) -> datetime:
        """Return the database's time: one for all clocks, whatever their machines say."""
        async with self._database.transaction(None, read_only=True) as connection:
            found: datetime = await connection.fetchval("SELECT clock_timestamp()")
        return found + self._offset()

    async def due(self, now: datetime, *, limit: int) -> Sequence[tuple[str, str]]:
        """Return up to `limit` (district, school) in which something may be due."""
        async with self._database.transaction(None, read_only=True) as connection:
            rows = await connection.fetch(
                "SELECT district, school_id FROM school_cycle WHERE running AND look_time <= $1"
                " ORDER BY look_time LIMIT $2",
                now,
                limit,
            )
        return [(row["district"], row["school_id"]) for row in rows]


def _mark_of(row: "asyncpg.Record", school_id: str) -> StepMark:
    return StepMark(
        school_id=school_id,
        monday=row["monday"],
        step=Step(row["step"]),
        due=row["due_time"],
        state=MarkState(row["state"]),
        time=row["done_time"],
        outcome=row["outcome"],
        run_id=row["run_id"] or "",
        revision=row["revision"],
    )
