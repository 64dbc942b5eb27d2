"""A plan run as a resource: asked for, taken up, ended; and the reports that lists show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from services.scheduler.domain.week import Breach, SlotCapacity, Summary, Week

DEFAULT_BUDGET = 1000
"""In steps of the search: some seconds for a school of 1,200 learners (docs/performance.md)."""
MAX_BUDGET = 1_000_000
MAX_SEED = 2**63 - 1
BREACHES_SHOWN = 200
"""A report shows the first of them; publishing looks at all."""

MAX_OPEN_RUNS = 10
"""Of one school at a time: a client that asks in a loop must not keep the others waiting."""

MAX_ATTEMPTS = 5
"""A run that so many planners could not finish is given up."""
NEVER_ENDED = (
    f"Planning was begun {MAX_ATTEMPTS} times and never came to its end: each planner was killed or"
    " went away at work. Have the logs of the planners looked at, and whether they have memory"
    " enough, and plan again."
)
"""Why a run failed that nobody could finish, and what is to be done."""
RETRY_FIRST_SECONDS = 2
RETRY_LIMIT_SECONDS = 60


class RunState(Enum):
    """How far a run has come; the values are those of the tables."""

    PENDING = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    CANCELLED = 5

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self not in (RunState.PENDING, RunState.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A week in numbers, with what it breaks: what lists and summaries show."""

    summary: Summary
    capacity: tuple[SlotCapacity, ...]
    breaches: tuple[Breach, ...]


@dataclass(frozen=True, kw_only=True)
class PlanRun:
    """One execution of the planner. Times are aware; hashes in hexadecimal, empty until known.

    `min_position`: up to where the needs must hold the ledger of evidence; 0: as they are.
    `needs_position`: up to where they do; 0 until they are read, and where mastery does not know.
    It is no part of the snapshot: two equal worlds differ in it.
    """

    school_id: str
    run_id: str
    monday: date
    as_of: datetime
    seed: int
    budget: int
    create_time: datetime
    state: RunState = RunState.PENDING
    start_time: datetime | None = None
    end_time: datetime | None = None
    snapshot_hash: str = ""
    week_hash: str = ""
    failure: str = ""
    report: Report | None = None
    min_position: int = 0
    needs_position: int = 0


@dataclass(frozen=True, kw_only=True)
class Lease:
    """A run that one planner has taken up; it holds while it is extended.

    `attempt` counts from 1; it fences: whoever takes the run up anew has a higher one.
    """

    district: str
    run: PlanRun
    owner: str
    attempt: int


def report_of(week: Week, found: Sequence[Breach] = ()) -> Report:
    """Return what lists show of a week; `found` is what the check found broken in it.

    The two tell of one fault in words of their own: the week's are for who must mend it.
    """
    told = {(one.rule, one.slot_id) for one in week.breaches}
    more = (one for one in found if (one.rule, one.slot_id) not in told)
    breaches = sorted({*week.breaches, *more}, key=lambda b: (b.rule, b.slot_id, b.message))
    return Report(
        summary=week.summary, capacity=week.capacity, breaches=tuple(breaches[:BREACHES_SHOWN])
    )


def retry_wait(attempt: int) -> timedelta:
    """Return how long a run rests after an attempt that met a fault of the moment."""
    seconds = RETRY_FIRST_SECONDS * 2 ** min(attempt - 1, 10)
    return timedelta(seconds=min(seconds, RETRY_LIMIT_SECONDS))
