"""What people see of a week's cycle: its steps, what waits for them, what changed."""

from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import cycle_service_pb2 as messages

from services.scheduler.adapters.wire import cycle as wire
from services.scheduler.adapters.wire.names import ADULT, LEARNER, PLAN_RUN, ids_in, week_in
from services.scheduler.domain.access import Action, Actor, require_allowed
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.entrypoints.actors import calling
from services.scheduler.entrypoints.grpc.cycle_pages import page_of
from services.scheduler.entrypoints.scopes import READ
from services.scheduler.handlers.cycle.reading import (
    Comparison,
    Side,
    WeekKey,
    compare,
    get_cycle,
    list_review_state,
    list_teacher_changes,
)
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.cycle import TimesOf
from services.scheduler.ports.store import Store

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Compared = messages.ListChangesRequest | messages.ListSessionChangesRequest


class CycleListsRpcs:
    """The reading part of the servicer."""

    def __init__(self, *, store: Store, actors: ActorBook, times: TimesOf) -> None:
        self._store = store
        self._actors = actors
        self._times = times

    async def GetCycle(  # noqa: N802
        self, request: messages.GetCycleRequest, context: Context
    ) -> messages.GetCycleResponse:
        """Return the steps of a week."""
        _, key = await self._reader("name", request.name, Action.READ_SCHOOL)
        found = await get_cycle(key, store=self._store, times=self._times)
        return messages.GetCycleResponse(cycle=wire.week_cycle_to(key.district, found))

    async def ListReviewState(  # noqa: N802
        self, request: messages.ListReviewStateRequest, context: Context
    ) -> messages.ListReviewStateResponse:
        """List what waits for the person of the credential."""
        actor, key = await self._reader("parent", request.parent, Action.READ_WEEK)
        view, items = await list_review_state(key, actor, store=self._store)
        page, token = page_of(
            items,
            page_size=request.page_size,
            page_token=request.page_token,
            hashes=[view.week_hash],
        )
        return messages.ListReviewStateResponse(
            items=[wire.review_item_to((key.district, view), one) for one in page],
            next_page_token=token,
            week_hash=view.week_hash,
        )

    async def ListChanges(  # noqa: N802
        self, request: messages.ListChangesRequest, context: Context
    ) -> messages.ListChangesResponse:
        """List the seats that differ between two weeks."""
        district, found = await self._compared(request)
        learner = request.learner
        only = ids_in(LEARNER, "learner", district, learner)[0] if learner else None
        seats = [one for one in found.changes.seats if only in (None, one.learner_id)]
        page, token = page_of(
            seats,
            page_size=request.page_size,
            page_token=request.page_token,
            hashes=[found.before.view.week_hash, found.after.view.week_hash],
        )
        to_message = wire.ComparisonWire(district, found).seat_change
        return messages.ListChangesResponse(changes=map(to_message, page), next_page_token=token)

    async def ListSessionChanges(  # noqa: N802
        self, request: messages.ListSessionChangesRequest, context: Context
    ) -> messages.ListSessionChangesResponse:
        """List the sessions that differ between two weeks."""
        district, found = await self._compared(request)
        page, token = page_of(
            found.changes.sessions,
            page_size=request.page_size,
            page_token=request.page_token,
            hashes=[found.before.view.week_hash, found.after.view.week_hash],
        )
        to_message = wire.ComparisonWire(district, found).session_change
        return messages.ListSessionChangesResponse(
            changes=map(to_message, page), next_page_token=token
        )

    async def ListTeacherChanges(  # noqa: N802
        self, request: messages.ListTeacherChangesRequest, context: Context
    ) -> messages.ListTeacherChangesResponse:
        """List who is new in a teacher's groups, and who left."""
        actor, key = await self._reader("parent", request.parent, Action.READ_WEEK)
        adult_id = actor.adult_id
        if request.adult:
            (adult_id,) = ids_in(ADULT, "adult", key.district, request.adult)
        if not adult_id:
            raise InvalidRequestError(
                field="adult", message="is missing", hint="name the adult whose groups they are"
            )
        before, changes = await list_teacher_changes(key, adult_id, store=self._store)
        since = before.isoformat() if before else ""
        page, token = page_of(
            changes,
            page_size=request.page_size,
            page_token=request.page_token,
            hashes=[since, str(len(changes))],
        )
        return messages.ListTeacherChangesResponse(
            changes=[wire.group_change_to(key.district, key.school_id, one) for one in page],
            next_page_token=token,
            before_monday=since,
        )

    async def _compared(self, request: Compared) -> tuple[str, Comparison]:
        _, key = await self._reader("parent", request.parent, Action.READ_WEEK)
        before = _side(key, "before.plan_run", request.before)
        after = _side(key, "after.plan_run", request.after)
        return key.district, await compare(key, before, after, store=self._store)

    async def _reader(self, field: str, week: str, action: Action) -> tuple[Actor, WeekKey]:
        """Return who reads, and of which week; raises NotAllowedError."""
        actor, district = await calling(READ, wire.school_of(week), self._actors)
        school_id, monday = week_in(field, district, week)
        require_allowed(actor, action)
        return actor, WeekKey(district=district, school_id=school_id, monday=monday)


def _side(key: WeekKey, field: str, side: messages.WeekSide) -> Side:
    if not side.plan_run:
        return Side(revision=side.revision)
    school_id, run_id = ids_in(PLAN_RUN, field, key.district, side.plan_run)
    if school_id != key.school_id:
        raise InvalidRequestError(
            field=field, message="is a run of another school", hint="name one of this school"
        )
    return Side(run_id=run_id)
