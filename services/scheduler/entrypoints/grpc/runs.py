"""The RPCs of SchedulerService for plan runs."""

from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.common.clock import Clock
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire.names import PLAN_RUN, SCHOOL, ids_in, parse_monday, time_in
from services.scheduler.adapters.wire.page_tokens import number_from, number_to
from services.scheduler.adapters.wire.settings import request_key
from services.scheduler.adapters.wire.weeks import run_to
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.entrypoints.actors import acting
from services.scheduler.entrypoints.scopes import READ, WRITE
from services.scheduler.handlers.plan_runs import (
    CancelPlanRun,
    CreatePlanRun,
    cancel_plan_run,
    create_plan_run,
    get_plan_run,
    list_plan_runs,
)
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class RunsRpcs:
    """The plan run part of the servicer."""

    def __init__(self, *, store: Store, clock: Clock, actors: ActorBook) -> None:
        self._store = store
        self._clock = clock
        self._actors = actors

    async def CreatePlanRun(  # noqa: N802
        self, request: messages.CreatePlanRunRequest, context: Context
    ) -> messages.CreatePlanRunResponse:
        """Queue a plan run."""
        _, district = require_district(WRITE)
        (school_id,) = ids_in(SCHOOL, "parent", district, request.parent)
        actor = await acting("CreatePlanRun", school_id, self._actors)
        if not request.HasField("as_of_time"):
            raise InvalidRequestError(
                field="as_of_time", message="is missing", hint="say until when evidence is read"
            )
        run = await create_plan_run(
            CreatePlanRun(
                district=district,
                school_id=school_id,
                monday=parse_monday("monday", request.monday),
                actor=actor.name,
                as_of=time_in("as_of_time", request.as_of_time),
                seed=request.seed,
                budget=request.budget,
                min_position=request.min_position,
                request=request_key("CreatePlanRun", request, request.request_id),
            ),
            store=self._store,
            clock=self._clock,
        )
        return messages.CreatePlanRunResponse(plan_run=run_to(district, run))

    async def GetPlanRun(  # noqa: N802
        self, request: messages.GetPlanRunRequest, context: Context
    ) -> messages.GetPlanRunResponse:
        """Return one plan run."""
        _, district = require_district(READ)
        school_id, run_id = ids_in(PLAN_RUN, "name", district, request.name)
        await acting("GetPlanRun", school_id, self._actors)
        run = await get_plan_run(district, school_id, run_id, store=self._store)
        return messages.GetPlanRunResponse(plan_run=run_to(district, run))

    async def ListPlanRuns(  # noqa: N802
        self, request: messages.ListPlanRunsRequest, context: Context
    ) -> messages.ListPlanRunsResponse:
        """List a school's plan runs, newest first."""
        _, district = require_district(READ)
        (school_id,) = ids_in(SCHOOL, "parent", district, request.parent)
        await acting("ListPlanRuns", school_id, self._actors)
        page = await list_plan_runs(
            district,
            school_id,
            before=number_from(request.page_token),
            page_size=request.page_size,
            store=self._store,
        )
        return messages.ListPlanRunsResponse(
            plan_runs=[run_to(district, run) for run in page.runs],
            next_page_token=number_to(page.next_before),
        )

    async def CancelPlanRun(  # noqa: N802
        self, request: messages.CancelPlanRunRequest, context: Context
    ) -> messages.CancelPlanRunResponse:
        """Cancel a plan run that has not ended."""
        _, district = require_district(WRITE)
        school_id, run_id = ids_in(PLAN_RUN, "name", district, request.name)
        actor = await acting("CancelPlanRun", school_id, self._actors)
        command = CancelPlanRun(
            district=district, school_id=school_id, run_id=run_id, actor=actor.name
        )
        run = await cancel_plan_run(command, store=self._store, clock=self._clock)
        return messages.CancelPlanRunResponse(plan_run=run_to(district, run))
