"""CycleService on gRPC: what people decide in a week's cycle. The lists are in `cycle_lists`.

The district is the credential's, the person is known by the actor book, and what they may do is
one table (`domain/access.py`).
"""

from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import cycle_service_pb2 as messages
from trellis.scheduler.v1 import cycle_service_pb2_grpc

from services.common.clock import Clock
from services.scheduler.adapters.wire import cycle as wire
from services.scheduler.adapters.wire.names import COMPETENCY, OFFER, ids_in, week_in
from services.scheduler.adapters.wire.settings import request_key
from services.scheduler.domain.access import Action, require_allowed
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.entrypoints.actors import calling
from services.scheduler.entrypoints.grpc.cycle_lists import CycleListsRpcs
from services.scheduler.entrypoints.scopes import PUBLISH, READ, WRITE
from services.scheduler.handlers.cycle.moving import SessionWish, add_session, move_seat
from services.scheduler.handlers.cycle.opening import Deciding
from services.scheduler.handlers.cycle.review import (
    accept_seats,
    decline_session,
    unaccept_seats,
)
from services.scheduler.handlers.cycle.settings import (
    UpdateSchoolCycle,
    get_school_cycle,
    update_school_cycle,
)
from services.scheduler.handlers.publishing import Check
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.cycle import TimesOf
from services.scheduler.ports.store import Store

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Decision = (
    messages.AcceptSeatsRequest
    | messages.UnacceptSeatsRequest
    | messages.MoveSeatRequest
    | messages.DeclineSessionRequest
    | messages.AddSessionRequest
)


class CycleServicer(CycleListsRpcs, cycle_service_pb2_grpc.CycleServiceServicer):
    """The RPCs of CycleService."""

    def __init__(
        self, *, store: Store, clock: Clock, check: Check, actors: ActorBook, times: TimesOf
    ) -> None:
        CycleListsRpcs.__init__(self, store=store, actors=actors, times=times)
        self._clock = clock
        self._check = check

    async def GetSchoolCycle(  # noqa: N802
        self, request: messages.GetSchoolCycleRequest, context: Context
    ) -> messages.GetSchoolCycleResponse:
        """Return a school's cycle."""
        district, school_id = await self._reading(request.name)
        cycle = await get_school_cycle(district, school_id, store=self._store)
        return messages.GetSchoolCycleResponse(cycle=wire.school_cycle_to(district, cycle))

    async def UpdateSchoolCycle(  # noqa: N802
        self, request: messages.UpdateSchoolCycleRequest, context: Context
    ) -> messages.UpdateSchoolCycleResponse:
        """Start or stop a school's clock, and set its fall-back."""
        school_id = wire.school_of(request.cycle.name)
        actor, district = await calling(PUBLISH, school_id, self._actors)
        ids_in(wire.CYCLE, "cycle.name", district, request.cycle.name)
        require_allowed(actor, Action.SIGN_OFF)
        cycle = await update_school_cycle(
            UpdateSchoolCycle(
                district=district,
                school_id=school_id,
                running=request.cycle.running,
                fall_back=wire.fall_back_from(request.cycle.fall_back),
                actor=actor,
                reason=request.reason,
                request=request_key("UpdateSchoolCycle", request, request.request_id),
            ),
            store=self._store,
            clock=self._clock,
        )
        return messages.UpdateSchoolCycleResponse(cycle=wire.school_cycle_to(district, cycle))

    async def AcceptSeats(  # noqa: N802
        self, request: messages.AcceptSeatsRequest, context: Context
    ) -> messages.AcceptSeatsResponse:
        """Accept seats of the draft."""
        deciding = await self._deciding(request, "parent", request.parent, request.week_hash)
        seat_ids = [_below(request.parent, "seats", one, "/seats/") for one in request.seats]
        marks = await accept_seats(deciding, seat_ids, store=self._store, clock=self._clock)
        seats = [wire.reviewed_seat_to(deciding.district, request.parent, one) for one in marks]
        return messages.AcceptSeatsResponse(seats=seats)

    async def UnacceptSeats(  # noqa: N802
        self, request: messages.UnacceptSeatsRequest, context: Context
    ) -> messages.UnacceptSeatsResponse:
        """Take decisions on seats back."""
        deciding = await self._deciding(request, "parent", request.parent)
        seat_ids = [_below(request.parent, "seats", one, "/seats/") for one in request.seats]
        await unaccept_seats(deciding, seat_ids, store=self._store, clock=self._clock)
        return messages.UnacceptSeatsResponse()

    async def MoveSeat(  # noqa: N802
        self, request: messages.MoveSeatRequest, context: Context
    ) -> messages.MoveSeatResponse:
        """Move a learner to another session of the slot."""
        week, seat_id = _parted("name", request.name, "/seats/")
        deciding = await self._deciding(request, "name", week, request.week_hash)
        mark = await move_seat(
            deciding,
            seat_id,
            _below(week, "session", request.session, "/sessions/"),
            store=self._store,
            clock=self._clock,
            check=self._check,
        )
        return messages.MoveSeatResponse(seat=wire.reviewed_seat_to(deciding.district, week, mark))

    async def DeclineSession(  # noqa: N802
        self, request: messages.DeclineSessionRequest, context: Context
    ) -> messages.DeclineSessionResponse:
        """Say that an adult does not lead a session."""
        week, session_id = _parted("name", request.name, "/sessions/")
        deciding = await self._deciding(request, "name", week, request.week_hash)
        marks = await decline_session(deciding, session_id, store=self._store, clock=self._clock)
        released = [wire.reviewed_seat_to(deciding.district, week, one) for one in marks]
        return messages.DeclineSessionResponse(released=released)

    async def AddSession(  # noqa: N802
        self, request: messages.AddSessionRequest, context: Context
    ) -> messages.AddSessionResponse:
        """Agree on a session."""
        deciding = await self._deciding(request, "parent", request.parent)
        district = deciding.district
        target = request.competency
        wish = SessionWish(
            slot_id=request.slot_id,
            offer_id=ids_in(OFFER, "offer", district, request.offer)[-1],
            competency_id=ids_in(COMPETENCY, "competency", district, target)[0] if target else None,
            tier_id=request.tier_id,
        )
        await add_session(deciding, wish, store=self._store, clock=self._clock)
        return messages.AddSessionResponse()

    async def _reading(self, name: str) -> tuple[str, str]:
        """Return district and school of a cycle's name, for somebody who may read it."""
        school_id = wire.school_of(name)
        actor, district = await calling(READ, school_id, self._actors)
        ids_in(wire.CYCLE, "name", district, name)
        require_allowed(actor, Action.READ_SCHOOL)
        return district, school_id

    async def _deciding(
        self, request: Decision, field: str, week: str, week_hash: str = ""
    ) -> Deciding:
        """Return who decides in the review of a week."""
        actor, district = await calling(WRITE, wire.school_of(week), self._actors)
        school_id, monday = week_in(field, district, week)
        method = type(request).__name__.removesuffix("Request")
        return Deciding(
            district=district,
            school_id=school_id,
            monday=monday,
            actor=actor,
            week_hash=week_hash,
            reason=request.reason,
            request=request_key(method, request, request.request_id),
        )


def _parted(field: str, name: str, separator: str) -> tuple[str, str]:
    """Return a week's name and the id of what is in it; raises InvalidRequestError."""
    week, found, item_id = name.partition(separator)
    if not found or not item_id:
        raise InvalidRequestError(
            field=field, message="is not such a name", hint=f"send {{week}}{separator}{{id}}"
        )
    return week, item_id


def _below(week: str, field: str, name: str, separator: str) -> str:
    """Return the id of something in this very week; raises InvalidRequestError."""
    owner, item_id = _parted(field, name, separator)
    if owner != week:
        raise InvalidRequestError(
            field=field, message="is of another week", hint=f"send names below {week}"
        )
    return item_id
