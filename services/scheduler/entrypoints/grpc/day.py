"""DayService on gRPC: attendance, services, places; its changes of a published week in changes.py.

The district is the credential's, what its person may do is the school's to say.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import grpc.aio
from google.protobuf.message import Message
from trellis.scheduler.v1 import day_service_pb2 as messages
from trellis.scheduler.v1 import day_service_pb2_grpc

from services.common.clock import Clock
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire import day as wire
from services.scheduler.adapters.wire.names import (
    LEARNER,
    date_in,
    ids_in,
    parse_monday,
    session_in,
    time_in,
    week_in,
)
from services.scheduler.adapters.wire.page_tokens import number_from, number_to
from services.scheduler.domain.calendar.week import monday_of
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.entrypoints.grpc.changes import ChangesRpcs
from services.scheduler.entrypoints.grpc.listing import page_by
from services.scheduler.entrypoints.scopes import READ, WRITE
from services.scheduler.handlers.day import attendance as taking
from services.scheduler.handlers.day import places, services
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.day.changes import Changing
from services.scheduler.handlers.day.services import Unanswered
from services.scheduler.ports.actors import ActorBook

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, kw_only=True)
class DayParts:
    """What the servicer works with."""

    changing: Changing
    clock: Clock
    actors: ActorBook
    unanswered: Unanswered


class DayServicer(ChangesRpcs, day_service_pb2_grpc.DayServiceServicer):
    """The RPCs of DayService."""

    def __init__(self, parts: DayParts) -> None:
        ChangesRpcs.__init__(self, changing=parts.changing, actors=parts.actors)
        self._store = parts.changing.store
        self._clock = parts.clock
        self._unanswered = parts.unanswered

    async def TakeAttendance(  # noqa: N802
        self, request: messages.TakeAttendanceRequest, context: Context
    ) -> messages.TakeAttendanceResponse:
        """Take the attendance of a session."""
        act, monday, session_id = await self._session(request)
        district = act.district
        taken = await taking.take_attendance(
            taking.TakeAttendance(
                act=act,
                monday=monday,
                session_id=session_id,
                held=not request.not_held,
                exceptions=wire.marks_from(district, request.exceptions),
                notes=wire.notes_from(district, request.quick_checks),
            ),
            store=self._store,
            clock=self._clock,
        )
        assert taken.attendance is not None
        return messages.TakeAttendanceResponse(
            attendance=wire.attendance_to(district, taken.attendance),
            quick_checks=[wire.quick_check_to(district, one) for one in taken.quick_checks],
        )

    async def ListAttendance(  # noqa: N802
        self, request: messages.ListAttendanceRequest, context: Context
    ) -> messages.ListAttendanceResponse:
        """List the attendance of a day."""
        query = await self._day(request, READ)
        found = await taking.attendance_of_day(query, store=self._store, clock=self._clock)
        page, token = page_by(
            found.attendance,
            lambda one: (one.session_id,),
            page_size=request.page_size,
            token=request.page_token,
        )
        return messages.ListAttendanceResponse(
            attendance=[wire.attendance_to(query.act.district, one) for one in page],
            next_page_token=token,
            closed=found.closed,
        )

    async def ListMissingAttendance(  # noqa: N802
        self, request: messages.ListMissingAttendanceRequest, context: Context
    ) -> messages.ListMissingAttendanceResponse:
        """List the sessions of a day whose attendance is not taken."""
        query = await self._day(request, READ)
        found = await taking.missing_attendance(query, store=self._store, clock=self._clock)
        page, token = page_by(
            found,
            lambda one: (one.session.slot_id, one.session.adult_id, one.session.session_id),
            page_size=request.page_size,
            token=request.page_token,
        )
        act, monday = query.act, monday_of(query.day)
        return messages.ListMissingAttendanceResponse(
            sessions=[wire.missing_to(act.district, act.school_id, monday, one) for one in page],
            next_page_token=token,
        )

    async def CloseDay(  # noqa: N802
        self, request: messages.CloseDayRequest, context: Context
    ) -> messages.CloseDayResponse:
        """Close a day."""
        query = await self._day(request, WRITE)
        missing = await taking.close_day(query, store=self._store, clock=self._clock)
        return messages.CloseDayResponse(missing=missing)

    async def RecordQuickChecks(  # noqa: N802
        self, request: messages.RecordQuickChecksRequest, context: Context
    ) -> messages.RecordQuickChecksResponse:
        """Note quick checks of a session."""
        act, monday, session_id = await self._session(request)
        if not request.quick_checks:
            raise InvalidRequestError(field="quick_checks", message="are missing")
        taken = await taking.take_attendance(
            taking.TakeAttendance(
                act=act,
                monday=monday,
                session_id=session_id,
                held=None,
                notes=wire.notes_from(act.district, request.quick_checks),
            ),
            store=self._store,
            clock=self._clock,
        )
        return messages.RecordQuickChecksResponse(
            quick_checks=[wire.quick_check_to(act.district, one) for one in taken.quick_checks]
        )

    async def ListQuickChecks(  # noqa: N802
        self, request: messages.ListQuickChecksRequest, context: Context
    ) -> messages.ListQuickChecksResponse:
        """List the quick checks of a session."""
        _, district = require_district(READ)
        school_id, monday, session_id = session_in("session", district, request.session)
        act = await self._acting(READ, school_id, request)
        found = await taking.quick_checks_of(act, monday, session_id, store=self._store)
        page, token = page_by(
            found,
            lambda one: (one.learner_id,),
            page_size=request.page_size,
            token=request.page_token,
        )
        return messages.ListQuickChecksResponse(
            quick_checks=[wire.quick_check_to(district, one) for one in page],
            next_page_token=token,
        )

    async def ListServiceDelivery(  # noqa: N802
        self, request: messages.ListServiceDeliveryRequest, context: Context
    ) -> messages.ListServiceDeliveryResponse:
        """List what learners got of their services in a week."""
        _, district = require_district(READ)
        school_id, monday = week_in("parent", district, request.parent)
        act = await self._acting(READ, school_id, request)
        found = await services.service_delivery(act, monday, store=self._store, clock=self._clock)
        page, token = page_by(
            found,
            lambda one: (one.learner_id, one.service),
            page_size=request.page_size,
            token=request.page_token,
        )
        return messages.ListServiceDeliveryResponse(
            deliveries=[wire.delivery_to(district, one) for one in page], next_page_token=token
        )

    async def ListMakeUps(  # noqa: N802
        self, request: messages.ListMakeUpsRequest, context: Context
    ) -> messages.ListMakeUpsResponse:
        """List the minutes of services that learners are owed."""
        act = await self._school(request, READ)
        monday = parse_monday("monday", request.monday)
        found = await services.make_ups(act, monday, store=self._store, clock=self._clock)
        page, token = page_by(
            found,
            lambda one: (one.learner_id, one.service),
            page_size=request.page_size,
            token=request.page_token,
        )
        return messages.ListMakeUpsResponse(
            make_ups=[wire.make_up_to(act.district, one) for one in page], next_page_token=token
        )

    async def ListNoShows(  # noqa: N802
        self, request: messages.ListNoShowsRequest, context: Context
    ) -> messages.ListNoShowsResponse:
        """List who was not where they had a seat on a day."""
        query = await self._day(request, READ)
        found = await taking.no_shows(query, request.slot_id, store=self._store)
        page, token = page_by(
            found,
            lambda one: (one.slot_id, one.learner_id, one.session_id),
            page_size=request.page_size,
            token=request.page_token,
        )
        act, monday = query.act, monday_of(query.day)
        return messages.ListNoShowsResponse(
            no_shows=[wire.no_show_to(act.district, act.school_id, monday, one) for one in page],
            next_page_token=token,
        )

    async def ListDrifting(  # noqa: N802
        self, request: messages.ListDriftingRequest, context: Context
    ) -> messages.ListDriftingResponse:
        """List learners who drift away."""
        act = await self._school(request, READ)
        monday = parse_monday("monday", request.monday)
        found = await services.drifting_learners(
            act, monday, store=self._store, unanswered=self._unanswered
        )
        page, token = page_by(
            found,
            lambda one: (one.learner_id,),
            page_size=request.page_size,
            token=request.page_token,
        )
        return messages.ListDriftingResponse(
            learners=[wire.drifting_to(act.district, one) for one in page], next_page_token=token
        )

    async def LocateLearner(  # noqa: N802
        self, request: messages.LocateLearnerRequest, context: Context
    ) -> messages.LocateLearnerResponse:
        """Say where a learner is."""
        act = await self._school(request, READ)
        (learner_id,) = ids_in(LEARNER, "learner", act.district, request.learner)
        time = time_in("time", request.time) if request.HasField("time") else None
        located = await places.locate_learner(
            act, learner_id, time, store=self._store, clock=self._clock
        )
        return messages.LocateLearnerResponse(
            place=wire.place_to(act.district, act.school_id, located)
        )

    async def ReportWanderer(  # noqa: N802
        self, request: messages.ReportWandererRequest, context: Context
    ) -> messages.ReportWandererResponse:
        """Note that a learner was found away from their place."""
        act = await self._school(request, WRITE)
        (learner_id,) = ids_in(LEARNER, "learner", act.district, request.learner)
        located = await places.report_wanderer(
            act, learner_id, request.found_at, store=self._store, clock=self._clock
        )
        return messages.ReportWandererResponse(
            place=wire.place_to(act.district, act.school_id, located)
        )

    async def ListWanderers(  # noqa: N802
        self, request: messages.ListWanderersRequest, context: Context
    ) -> messages.ListWanderersResponse:
        """List who was found away from their place on a day."""
        query = await self._day(request, READ)
        page, before = await places.list_wanderers(
            query.act,
            query.day,
            before=number_from(request.page_token),
            page_size=request.page_size,
            store=self._store,
        )
        monday = monday_of(query.day)
        return messages.ListWanderersResponse(
            wanderers=[wire.wanderer_to(query.act.district, monday, one) for one in page],
            next_page_token=number_to(before),
        )

    async def _session(
        self, request: messages.TakeAttendanceRequest | messages.RecordQuickChecksRequest
    ) -> tuple[Act, date, str]:
        """Return who acts on which session."""
        _, district = require_district(WRITE)
        school_id, monday, session_id = session_in("session", district, request.session)
        return await self._acting(WRITE, school_id, request), monday, session_id

    async def _day(self, request: Message, scope: str) -> taking.DayOf:
        act = await self._school(request, scope)
        text: str = request.date  # type: ignore[attr-defined]
        return taking.DayOf(act=act, day=date_in("date", text))
