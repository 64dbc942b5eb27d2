"""LearnerWeekService on gRPC: a learner's own week, in the words of their slip."""

import asyncio
from typing import Any, TypeAlias

import grpc.aio
from trellis.scheduler.v1 import learner_week_pb2, learner_week_service_pb2_grpc
from trellis.scheduler.v1 import learner_week_service_pb2 as messages

from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire.learner_weeks import learner_week_to, own_place_to
from services.scheduler.adapters.wire.names import ADULT, LEARNER_WEEK, ids_in, parse_monday
from services.scheduler.domain.access import Resource
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.revision import Revision
from services.scheduler.domain.week import Seat, Session
from services.scheduler.entrypoints.actors import acting
from services.scheduler.entrypoints.outputs.printed import SOMEWHERE_ELSE, Press, why
from services.scheduler.entrypoints.scopes import READ
from services.scheduler.handlers.meanwhile import read_meanwhile
from services.scheduler.handlers.settings import get_policy
from services.scheduler.handlers.weeks import Which, show_week
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store
from services.scheduler.ports.upstream import NameBook

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class LearnerWeekServicer(learner_week_service_pb2_grpc.LearnerWeekServiceServicer):
    """The RPCs of LearnerWeekService."""

    def __init__(self, *, store: Store, names: NameBook, actors: ActorBook) -> None:
        self._store = store
        self._names = names
        self._actors = actors

    async def GetLearnerWeek(  # noqa: N802
        self, request: messages.GetLearnerWeekRequest, context: Context
    ) -> messages.GetLearnerWeekResponse:
        """Return a learner's week, once it is published."""
        _, district = require_district(READ)
        school_id, day, learner_id = ids_in(LEARNER_WEEK, "name", district, request.name)
        monday = parse_monday("name", day)
        await acting("GetLearnerWeek", school_id, self._actors, Resource(learner_id=learner_id))
        which = Which(district=district, school_id=school_id, monday=monday)
        shown = await show_week(which, store=self._store)
        revision = shown.view.shown
        if not isinstance(revision, Revision):
            raise NotFoundError(kind="published week", name=day)
        policy = await get_policy(district, school_id, store=self._store)
        meanwhile = await read_meanwhile(district, policy, monday, store=self._store)
        names = await self._names.names(district, school_id)
        press = await asyncio.to_thread(Press, shown.content, names, meanwhile)
        if learner_id not in press.reader.by_name():
            raise NotFoundError(kind="learner in this week", name=learner_id)
        message = learner_week_to(
            (district, school_id), day, learner_id, revision, meanwhile.change_until
        )
        message.places.extend(
            _place(district, press, seat, session)
            for _, seat, session in press.reader.places(learner_id)
        )
        return messages.GetLearnerWeekResponse(learner_week=message)


def _place(
    district: str, press: Press, seat: Seat, session: Session | None
) -> learner_week_pb2.OwnPlace:
    title = session.title if session is not None else SOMEWHERE_ELSE
    message = own_place_to(press.slots[seat.slot_id], title, why(press, seat))
    asker = press.askers.get((seat.learner_id, seat.slot_id))
    if asker:
        message.asked_by = ADULT.format(district, asker)
    if session is None:
        return message
    message.see_office = press.reader.is_unstaffed(session)
    if not message.see_office:
        message.room_display_name = session.room_display_name
        message.adult = ADULT.format(district, session.adult_id)
        message.adult_display_name = press.names.adults.get(session.adult_id, "")
    return message
