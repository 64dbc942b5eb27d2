"""CalendarService on gRPC: a school's calendar, and when each step of a week is due."""

from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import grpc.aio
from trellis.scheduler.v1 import calendar_service_pb2 as messages
from trellis.scheduler.v1 import calendar_service_pb2_grpc

from services.common.clock import Clock
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire import calendar as wire
from services.scheduler.adapters.wire.names import (
    BELL_SCHEDULE,
    CALENDAR,
    CALENDAR_DAY,
    ids_in,
    week_in,
)
from services.scheduler.adapters.wire.school import refused_to
from services.scheduler.adapters.wire.settings import request_key
from services.scheduler.domain.access import Action
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.entrypoints.actors import acting
from services.scheduler.entrypoints.grpc.kept_settings import KeptSettings, Served, of_school
from services.scheduler.entrypoints.scopes import READ, WRITE
from services.scheduler.handlers.calendar import (
    BELL_SCHEDULES,
    CALENDAR_DAYS,
    get_calendar,
    update_calendar,
    week_times,
)
from services.scheduler.handlers.settings import Audited, Upsert
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

BELLS_SERVED = Served(
    kind=BELL_SCHEDULES,
    name=BELL_SCHEDULE,
    right=of_school(Action.CHANGE_SCHOOL),
)
DAYS_SERVED = Served(
    kind=CALENDAR_DAYS,
    name=CALENDAR_DAY,
    right=of_school(Action.CHANGE_SCHOOL),
    day=lambda one: one.date,
)


class CalendarServicer(calendar_service_pb2_grpc.CalendarServiceServicer):
    """The RPCs of CalendarService."""

    def __init__(self, *, store: Store, clock: Clock, actors: ActorBook) -> None:
        self._store = store
        self._clock = clock
        self._actors = actors
        self._kept = KeptSettings(store=store, clock=clock, actors=actors)

    async def GetCalendar(  # noqa: N802
        self, request: messages.GetCalendarRequest, context: Context
    ) -> messages.GetCalendarResponse:
        """Return a school's calendar."""
        district = _district(READ)
        (school_id,) = ids_in(CALENDAR, "name", district, request.name)
        await acting("GetCalendar", school_id, self._actors)
        calendar = await get_calendar(district, school_id, store=self._store)
        return messages.GetCalendarResponse(calendar=wire.calendar_to(district, calendar))

    async def UpdateCalendar(  # noqa: N802
        self, request: messages.UpdateCalendarRequest, context: Context
    ) -> messages.UpdateCalendarResponse:
        """Replace a school's calendar."""
        if not request.HasField("calendar"):
            raise InvalidRequestError(field="calendar", message="is missing")
        district, name = _district(WRITE), request.calendar.name
        (school_id,) = ids_in(CALENDAR, "calendar.name", district, name)
        actor = await acting("UpdateCalendar", school_id, self._actors)
        command = Upsert(
            district=district,
            school_id=school_id,
            settings=(wire.calendar_from((district, school_id), request.calendar),),
            act=Audited(
                actor=actor.name,
                action=lambda _: Action.CHANGE_SCHOOL.value,
                subject=lambda _: name,
            ),
            request=request_key("UpdateCalendar", request, request.request_id),
        )
        calendar = await update_calendar(command, store=self._store, clock=self._clock)
        return messages.UpdateCalendarResponse(calendar=wire.calendar_to(district, calendar))

    async def BatchUpsertBellSchedules(  # noqa: N802
        self, request: messages.BatchUpsertBellSchedulesRequest, context: Context
    ) -> messages.BatchUpsertBellSchedulesResponse:
        """Create or replace bell schedules."""
        district, done = await self._kept.upsert(
            request, BELLS_SERVED, "bell_schedules", wire.bell_schedule_from
        )
        return messages.BatchUpsertBellSchedulesResponse(
            bell_schedules=[wire.bell_schedule_to(district, one) for one in done.kept],
            refused=refused_to(done.refused),
        )

    async def ListBellSchedules(  # noqa: N802
        self, request: messages.ListBellSchedulesRequest, context: Context
    ) -> messages.ListBellSchedulesResponse:
        """List a school's bell schedules."""
        district, page, token = await self._kept.page(request, BELLS_SERVED)
        return messages.ListBellSchedulesResponse(
            bell_schedules=[wire.bell_schedule_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteBellSchedule(  # noqa: N802
        self, request: messages.DeleteBellScheduleRequest, context: Context
    ) -> messages.DeleteBellScheduleResponse:
        """Remove a bell schedule."""
        await self._kept.delete(request, BELLS_SERVED)
        return messages.DeleteBellScheduleResponse()

    async def BatchUpsertCalendarDays(  # noqa: N802
        self, request: messages.BatchUpsertCalendarDaysRequest, context: Context
    ) -> messages.BatchUpsertCalendarDaysResponse:
        """Create or replace calendar days."""
        district, done = await self._kept.upsert(
            request, DAYS_SERVED, "calendar_days", wire.calendar_day_from
        )
        return messages.BatchUpsertCalendarDaysResponse(
            calendar_days=[wire.calendar_day_to(district, one) for one in done.kept],
            refused=refused_to(done.refused),
        )

    async def ListCalendarDays(  # noqa: N802
        self, request: messages.ListCalendarDaysRequest, context: Context
    ) -> messages.ListCalendarDaysResponse:
        """List a school's calendar days."""
        district, page, token = await self._kept.page(request, DAYS_SERVED)
        return messages.ListCalendarDaysResponse(
            calendar_days=[wire.calendar_day_to(district, one) for one in page],
            next_page_token=token,
        )

    async def DeleteCalendarDay(  # noqa: N802
        self, request: messages.DeleteCalendarDayRequest, context: Context
    ) -> messages.DeleteCalendarDayResponse:
        """Remove a calendar day."""
        await self._kept.delete(request, DAYS_SERVED)
        return messages.DeleteCalendarDayResponse()

    async def GetWeekTimes(  # noqa: N802
        self, request: messages.GetWeekTimesRequest, context: Context
    ) -> messages.GetWeekTimesResponse:
        """Say what a week is to be, and when each step of its cycle is due."""
        district = _district(READ)
        school_id, monday = week_in("name", district, request.name)
        await acting("GetWeekTimes", school_id, self._actors)
        found = await week_times(district, school_id, monday, store=self._store)
        return wire.week_times_to(
            district,
            found.times,
            days=found.days,
            slots=found.slots,
            zone=ZoneInfo(found.time_zone),
            time_zone=found.time_zone,
        )


def _district(scope: str) -> str:
    return require_district(scope)[1]
