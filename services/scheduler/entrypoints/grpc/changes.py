"""The RPCs of DayService that say who is away, and those that change a published week."""

from typing import Any, TypeAlias

import grpc.aio
from google.protobuf.message import Message
from trellis.scheduler.v1 import day_pb2
from trellis.scheduler.v1 import day_service_pb2 as messages

from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire import changes as wire
from services.scheduler.adapters.wire.names import (
    ADULT,
    LEARNER,
    SCHOOL,
    SESSION,
    date_in,
    ids_in,
    week_in,
)
from services.scheduler.adapters.wire.settings import request_key
from services.scheduler.domain.day.edits import SeatTo
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.domain.model import RequiredService
from services.scheduler.domain.resources import check_text
from services.scheduler.entrypoints.actors import calling
from services.scheduler.entrypoints.grpc.listing import page_by
from services.scheduler.entrypoints.scopes import PUBLISH, READ, WRITE
from services.scheduler.handlers.day import absences, learners
from services.scheduler.handlers.day.absences import Resolution
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.day.changes import Changed, ChangeWeek, Changing
from services.scheduler.ports.actors import ActorBook

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

MAX_SERVICE_MINUTES = 2400
"""A school week has no more."""
MAX_SERVICE_NAME_LENGTH = 64


class ChangesRpcs:
    """The part of the servicer that changes weeks."""

    def __init__(self, *, changing: Changing, actors: ActorBook) -> None:
        self._changing = changing
        self._actors = actors

    async def ReportAbsence(  # noqa: N802
        self, request: messages.ReportAbsenceRequest, context: Context
    ) -> messages.ReportAbsenceResponse:
        """Note that an adult is away."""
        act = await self._school(request, WRITE)
        (adult_id,) = ids_in(ADULT, "adult", act.district, request.adult)
        found = await absences.report_absence(
            act,
            adult_id,
            date_in("date", request.date),
            tuple(request.slot_ids),
            changing=self._changing,
        )
        return messages.ReportAbsenceResponse(
            revision=found.revision,
            sessions=[wire.unstaffed_to(act, found.monday, one) for one in found.sessions],
        )

    async def ListUnstaffed(  # noqa: N802
        self, request: messages.ListUnstaffedRequest, context: Context
    ) -> messages.ListUnstaffedResponse:
        """List the sessions of a day without their adult."""
        act = await self._school(request, READ)
        found = await absences.list_unstaffed(
            act, date_in("date", request.date), changing=self._changing
        )
        page, token = page_by(
            found.sessions,
            lambda one: (f"{one.session.start:%H:%M}", one.session.session_id),
            page_size=request.page_size,
            token=request.page_token,
        )
        return messages.ListUnstaffedResponse(
            revision=found.revision,
            sessions=[wire.unstaffed_to(act, found.monday, one) for one in page],
            next_page_token=token,
        )

    async def ResolveUnstaffed(  # noqa: N802
        self, request: messages.ResolveUnstaffedRequest, context: Context
    ) -> messages.ResolveUnstaffedResponse:
        """Do something about sessions without their adult."""
        command = await self._week(request)
        changed = await absences.resolve_unstaffed(
            command,
            [_resolution(command, place, one) for place, one in enumerate(request.resolutions)],
            repair=request.repair,
            changing=self._changing,
        )
        return messages.ResolveUnstaffedResponse(change=_change(command, changed))

    async def AdmitLearner(  # noqa: N802
        self, request: messages.AdmitLearnerRequest, context: Context
    ) -> messages.AdmitLearnerResponse:
        """Give a new learner a place in every slot that is left."""
        command = await self._week(request)
        changed = await learners.admit_learner(
            command,
            _learner(command, request.learner),
            date_in("date", request.date),
            repair=request.repair,
            changing=self._changing,
        )
        return messages.AdmitLearnerResponse(change=_change(command, changed))

    async def ReleaseLearner(  # noqa: N802
        self, request: messages.ReleaseLearnerRequest, context: Context
    ) -> messages.ReleaseLearnerResponse:
        """Take a withdrawn learner out of the week."""
        command = await self._week(request)
        changed = await learners.release_learner(
            command,
            _learner(command, request.learner),
            date_in("date", request.date),
            changing=self._changing,
        )
        return messages.ReleaseLearnerResponse(change=_change(command, changed))

    async def MovePublishedSeat(  # noqa: N802
        self, request: messages.MovePublishedSeatRequest, context: Context
    ) -> messages.MovePublishedSeatResponse:
        """Move one learner's published seat."""
        command = await self._week(request)
        target = request.WhichOneof("target")
        if target is None:
            raise InvalidRequestError(
                field="target", message="is missing", hint="send a session or an exemption"
            )
        session_id = None
        if target == "session":
            session_id = _session(command, "session", request.session)
        to = SeatTo(
            learner_id=_learner(command, request.learner),
            slot_id=request.slot_id,
            session_id=session_id,
            exemption=request.exemption if session_id is None else None,
        )
        changed = await learners.move_published_seat(command, to, changing=self._changing)
        return messages.MovePublishedSeatResponse(change=_change(command, changed))

    async def ChangePublishedService(  # noqa: N802
        self, request: messages.ChangePublishedServiceRequest, context: Context
    ) -> messages.ChangePublishedServiceResponse:
        """Set the minutes of a service for the week."""
        command = await self._week(request)
        if not 0 < request.minutes <= MAX_SERVICE_MINUTES:
            raise InvalidRequestError(
                field="minutes", message=f"must be 1 to {MAX_SERVICE_MINUTES}"
            )
        name = check_text("service", request.service, most=MAX_SERVICE_NAME_LENGTH, required=True)
        service = RequiredService(
            learner_id=_learner(command, request.learner), service=name, minutes=request.minutes
        )
        changed = await learners.change_published_service(command, service, changing=self._changing)
        return messages.ChangePublishedServiceResponse(change=_change(command, changed))

    async def _school(self, request: Message, scope: str) -> Act:
        _, district = require_district(scope)
        parent: str = request.parent  # type: ignore[attr-defined]
        (school_id,) = ids_in(SCHOOL, "parent", district, parent)
        return await self._acting(scope, school_id, request)

    async def _week(self, request: Message) -> ChangeWeek:
        """Return what every change of a published week says."""
        _, district = require_district(PUBLISH)
        week: str = request.week  # type: ignore[attr-defined]
        school_id, monday = week_in("week", district, week)
        return ChangeWeek(
            act=await self._acting(PUBLISH, school_id, request),
            monday=monday,
            revision=request.revision,  # type: ignore[attr-defined]
            reason=request.reason,  # type: ignore[attr-defined]
        )

    async def _acting(self, scope: str, school_id: str, request: Message) -> Act:
        actor, district = await calling(scope, school_id, self._actors)
        request_id: str = getattr(request, "request_id", "")
        return Act(
            district=district,
            school_id=school_id,
            actor=actor,
            request=request_key(type(request).__name__, request, request_id),
        )


def _resolution(command: ChangeWeek, place: int, message: messages.Resolution) -> Resolution:
    field = f"resolutions[{place}]"
    option = message.WhichOneof("option")
    if option is None:
        raise InvalidRequestError(
            field=f"{field}.option", message="is missing", hint="send a substitute or a spread"
        )
    session_id = _session(command, f"{field}.session", message.session)
    if option == "substitute":
        (adult_id,) = ids_in(ADULT, f"{field}.substitute", command.act.district, message.substitute)
        return Resolution(session_id=session_id, substitute=adult_id)
    return Resolution(
        session_id=session_id,
        session_ids=tuple(
            _session(command, f"{field}.spread.sessions[{number}]", one)
            for number, one in enumerate(message.spread.sessions)
        ),
    )


def _session(command: ChangeWeek, field: str, name: str) -> str:
    """Return the id of a session of the command's own week."""
    school_id, monday, session_id = ids_in(SESSION, field, command.act.district, name)
    if (school_id, monday) != (command.act.school_id, command.monday.isoformat()):
        raise InvalidRequestError(
            field=field, message="is of another week", hint="send sessions of the week itself"
        )
    return session_id


def _learner(command: ChangeWeek, name: str) -> str:
    return ids_in(LEARNER, "learner", command.act.district, name)[0]


def _change(command: ChangeWeek, changed: Changed) -> day_pb2.PublishedChange:
    return wire.change_to(command.act, command.monday, changed)
