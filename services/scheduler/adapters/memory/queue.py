"""Plan runs in memory as planners take them up; over the same runs as the store."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.scheduler.adapters.documents import pack, unpack_problem
from services.scheduler.adapters.memory.state import District, Pointers, Row, RunKey
from services.scheduler.domain.model import Problem
from services.scheduler.domain.runs import MAX_ATTEMPTS, NEVER_ENDED, Lease, Report, RunState
from services.scheduler.domain.week import Week


class MemoryRunQueue:
    """The plan runs of every district, for planners."""

    def __init__(self, districts: dict[str, District], lock: asyncio.Lock) -> None:
        """Share districts and lock with the store: no transaction may undo what is done here."""
        self._districts = districts
        self._lock = lock

    async def take(self, *, owner: str, now: datetime, until: datetime) -> Lease | None:
        """Take up the oldest run that waits, or that a planner left."""
        async with self._lock:
            for district, key, row in sorted(self._open(), key=lambda one: one[2].number):
                if not _may_be_taken(row, now):
                    continue
                if row.attempts >= MAX_ATTEMPTS:
                    failed = replace(
                        row.run, state=RunState.FAILED, failure=NEVER_ENDED, end_time=now
                    )
                    self._districts[district].runs[key] = replace(row, run=failed)
                    return Lease(district=district, run=failed, owner=owner, attempt=row.attempts)
                run = replace(
                    row.run,
                    state=RunState.RUNNING,
                    start_time=row.run.start_time or now,
                    failure="",
                )
                self._districts[district].runs[key] = replace(
                    row, run=run, owner=owner, until=until, attempts=row.attempts + 1
                )
                return Lease(district=district, run=run, owner=owner, attempt=row.attempts + 1)
            return None

    async def extend(self, lease: Lease, *, until: datetime) -> bool:
        """Go on holding the run."""
        async with self._lock:
            return self._write(lease, until=until)

    async def keep_snapshot(
        self, lease: Lease, problem: Problem, snapshot_hash: str, *, needs_position: int = 0
    ) -> bool:
        """Keep what the run is made from; a snapshot that is there already stays."""
        async with self._lock:
            row = self._held(lease)
            if row is None or row.snapshot is not None:
                return row is not None
            run = replace(row.run, snapshot_hash=snapshot_hash, needs_position=needs_position)
            return self._write(lease, run=run, snapshot=pack(problem))

    async def snapshot(self, lease: Lease) -> Problem | None:
        """Return what the run is made from, or None."""
        async with self._lock:
            row = self._districts[lease.district].runs[lease.run.school_id, lease.run.run_id]
            return unpack_problem(row.snapshot) if row.snapshot else None

    async def succeed(self, lease: Lease, week: Week, report: Report, now: datetime) -> bool:
        """Keep the week, end the run, and make the week the draft unless a newer run's is."""
        async with self._lock:
            row = self._held(lease)
            if row is None:
                return False
            run = replace(
                row.run,
                state=RunState.SUCCEEDED,
                end_time=now,
                week_hash=week.week_hash,
                report=report,
            )
            self._write(lease, run=run, week=pack(week))
            weeks = self._districts[lease.district].weeks
            before = weeks.get((run.school_id, run.monday))
            if before is None or before.draft_number < row.number:
                weeks[run.school_id, run.monday] = Pointers(
                    draft_run_id=run.run_id,
                    draft_number=row.number,
                    revision=before.revision if before else 0,
                    lock_time=before.lock_time if before else None,
                )
            return True

    async def fail(self, lease: Lease, failure: str, now: datetime) -> bool:
        """End the run with one sentence that says why."""
        async with self._lock:
            row = self._held(lease)
            if row is None:
                return False
            failed = replace(row.run, state=RunState.FAILED, failure=failure, end_time=now)
            return self._write(lease, run=failed)

    async def put_back(self, lease: Lease, not_before: datetime) -> bool:
        """Let the run wait for another attempt."""
        async with self._lock:
            row = self._held(lease)
            if row is None:
                return False
            waiting = replace(row.run, state=RunState.PENDING)
            return self._write(lease, run=waiting, not_before=not_before)

    async def waiting(self) -> int:
        """Return how many runs wait or are at work."""
        return len(self._open())

    def _open(self) -> list[tuple[str, RunKey, Row]]:
        return [
            (district, key, row)
            for district, state in self._districts.items()
            for key, row in state.runs.items()
            if not row.run.state.has_ended
        ]

    def _held(self, lease: Lease) -> Row | None:
        row = self._districts[lease.district].runs[lease.run.school_id, lease.run.run_id]
        held = (row.run.state, row.owner, row.attempts) == (
            RunState.RUNNING,
            lease.owner,
            lease.attempt,
        )
        return row if held else None

    def _write(self, lease: Lease, **changes: Any) -> bool:  # noqa: ANN401
        row = self._held(lease)
        if row is None:
            return False
        key = (lease.run.school_id, lease.run.run_id)
        self._districts[lease.district].runs[key] = replace(row, **changes)
        return True


def _may_be_taken(row: Row, now: datetime) -> bool:
    if row.run.state is RunState.PENDING:
        return row.not_before is None or row.not_before <= now
    return row.until is not None and row.until < now
