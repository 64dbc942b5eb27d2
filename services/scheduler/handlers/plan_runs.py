"""The use cases of plan runs: asked for, looked at, cancelled. Planning itself is in `planning`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.common.clock import Clock
from services.common.ids import NAMESPACE_TRELLIS, derive_id, random_id
from services.scheduler.domain.access import Action
from services.scheduler.domain.audit import AuditEntry
from services.scheduler.domain.errors import (
    InvalidRequestError,
    NotFoundError,
    RunEndedError,
    TooManyRunsError,
)
from services.scheduler.domain.resources import MAX_SETTINGS_PAGE, Kept, RequestKey, page_limit
from services.scheduler.domain.runs import (
    DEFAULT_BUDGET,
    MAX_BUDGET,
    MAX_OPEN_RUNS,
    PlanRun,
    RunState,
)
from services.scheduler.domain.subjects import week_subject
from services.scheduler.handlers.school import policy_of
from services.scheduler.ports.store import Store


@dataclass(frozen=True, kw_only=True)
class CreatePlanRun:
    """The command to plan a week. `budget` zero: the default. `as_of` is aware.

    `actor`: the resource name of who asks, for the audit. `min_position`: up to where the needs
    must hold the ledger of evidence; zero: as they are.
    """

    district: str
    school_id: str
    monday: date
    actor: str
    as_of: datetime
    seed: int
    budget: int = 0
    min_position: int = 0
    request: RequestKey | None = None


@dataclass(frozen=True, kw_only=True)
class CancelPlanRun:
    """The command to end a run that has not ended; `actor` as of `CreatePlanRun`."""

    district: str
    school_id: str
    run_id: str
    actor: str


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """A page of runs, newest first; `next_before` is zero on the last."""

    runs: Sequence[PlanRun]
    next_before: int


async def create_plan_run(command: CreatePlanRun, *, store: Store, clock: Clock) -> PlanRun:
    """Queue a run; a repeat of the request returns the first run as it stands."""
    if not 0 <= command.budget <= MAX_BUDGET:
        raise InvalidRequestError(field="budget", message=f"must be 0 to {MAX_BUDGET}")
    if command.min_position < 0:
        raise InvalidRequestError(field="min_position", message="must not be negative")
    school_id = command.school_id
    async with store.change(command.district, school_id) as view:
        first = await view.requests.first_answer(school_id, command.request)
        if first is not None:
            standing = await view.runs.get(school_id, first[0].id)
            assert standing is not None
            return standing
        await policy_of(view, school_id)
        if await view.runs.open_count(school_id) >= MAX_OPEN_RUNS:
            raise TooManyRunsError(limit=MAX_OPEN_RUNS)
        now = clock.now()
        run = PlanRun(
            school_id=school_id,
            run_id=_run_id(command),
            monday=command.monday,
            as_of=command.as_of,
            seed=command.seed,
            budget=command.budget or DEFAULT_BUDGET,
            create_time=now,
            min_position=command.min_position,
        )
        await view.runs.add(run)
        told = f"plan run {run.run_id} asked for, as of {run.as_of.isoformat()}, seed {run.seed}"
        await view.audit.append(_entry(command, run, told, now))
        answer = [Kept(id=run.run_id, version=1)]
        await view.requests.keep_answer(school_id, command.request, answer, now)
    return run


async def get_plan_run(district: str, school_id: str, run_id: str, *, store: Store) -> PlanRun:
    """Return one run; raises NotFoundError."""
    async with store.snapshot(district) as view:
        run = await view.runs.get(school_id, run_id)
    if run is None:
        raise NotFoundError(kind="plan run", name=run_id)
    return run


async def list_plan_runs(
    district: str, school_id: str, *, before: int, page_size: int, store: Store
) -> RunPage:
    """Return one page of a school's runs; `before` is the number that the page before ended at."""
    limit = page_limit(page_size, MAX_SETTINGS_PAGE)
    async with store.snapshot(district) as view:
        found = await view.runs.page(school_id, before=before, limit=limit + 1)
    shown = found[:limit]
    return RunPage(
        runs=[run for _, run in shown], next_before=shown[-1][0] if len(found) > limit else 0
    )


async def cancel_plan_run(command: CancelPlanRun, *, store: Store, clock: Clock) -> PlanRun:
    """Cancel a run that has not ended; a repeat changes nothing. Raises RunEndedError."""
    school_id, run_id = command.school_id, command.run_id
    async with store.change(command.district, school_id) as view:
        standing = await view.runs.get(school_id, run_id)
        if standing is None:
            raise NotFoundError(kind="plan run", name=run_id)
        if standing.state.has_ended:
            return _cancelled(standing)
        now = clock.now()
        await view.runs.cancel(school_id, run_id, now)
        run = await view.runs.get(school_id, run_id)
        assert run is not None
        if run.state is RunState.CANCELLED:
            told = f"plan run {run_id} cancelled"
            await view.audit.append(_entry(command, run, told, now))
    # A planner may have ended it between the look and the act: runs are theirs, too.
    return _cancelled(run)


def _cancelled(run: PlanRun) -> PlanRun:
    """Return a run that was cancelled; raises RunEndedError for one that ended otherwise."""
    if run.state is not RunState.CANCELLED:
        raise RunEndedError(run_id=run.run_id, state=run.state.name.lower())
    return run


def _entry(
    command: CreatePlanRun | CancelPlanRun, run: PlanRun, told: str, now: datetime
) -> AuditEntry:
    return AuditEntry(
        school_id=command.school_id,
        time=now,
        actor=command.actor,
        action=Action.PLAN_WEEK.value,
        subject=week_subject(command.district, command.school_id, run.monday),
        detail=told,
        monday=run.monday,
    )


def _run_id(command: CreatePlanRun) -> str:
    """Return the run's id: derived from the request, so that a repeat elsewhere has the same."""
    if command.request is None:
        return random_id()
    parts = ("plan-run", command.district, command.school_id, command.request.request_id)
    return derive_id(NAMESPACE_TRELLIS, *parts).hex
