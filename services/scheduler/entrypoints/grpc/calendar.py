"""CalendarService on gRPC: a school's calendar, and when each step of a week is due."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import grpc.aio
from google.protobuf.message import Message
from trellis.scheduler.v1 import calendar_service_pb2 as messages
from trellis.scheduler.v1 import calendar_service_pb2_grpc

from services.common.clock import Clock
from services.common.ids import ResourceName
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire import calendar as wire
from services.scheduler.adapters.wire.names import (
    BELL_SCHEDULE,
    CALENDAR,
    CALENDAR_DAY,
    SCHOOL,
    ids_in,
    week_in,
)
from services.scheduler.adapters.wire.page_tokens import from_token, to_token
from services.scheduler.adapters.wire.settings import Parent, request_key
from services.scheduler.domain.access import Action
from services.scheduler.domain.errors import InvalidRequestError
from services.scheduler.domain.resources import RequestKey, Setting
from services.scheduler.entrypoints.actors import calling, require_allowed
from services.scheduler.entrypoints.scopes import READ, WRITE
from services.scheduler.handlers.calendar import (
    BELL_SCHEDULES,
    CALENDAR_DAYS,
    CalendarKind,
    Change,
    Removal,
    get_calendar,
    page_of_calendar,
    remove_of_calendar,
    update_calendar,
    upsert_of_calendar,
    week_times,
)
from services.scheduler.handlers.settings import Listing, Page
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

S = TypeVar("S", bound=Setting)
M = TypeVar("M", bound=Message)
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class CalendarServicer(calendar_service_pb2_grpc.CalendarServiceServicer):
    """The RPCs of CalendarService."""

    def __init__(self, *, store: Store, clock: Clock, actors: ActorBook) -> None:
        self._store = store
        self._clock = clock
        self._actors = actors

    async def GetCalendar(  # noqa: N802
        self, request: messages.GetCalendarRequest, context: Context
    ) -> messages.GetCalendarResponse:
        """Return a school's calendar."""
        (school_id,) = ids_in(CALENDAR, "name", _district(READ), request.name)
        district, _ = await self._caller(READ, school_id)
        calendar = await get_calendar(district, school_id, store=self._store)
        return messages.GetCalendarResponse(calendar=wire.calendar_to(district, calendar))

    async def UpdateCalendar(  # noqa: N802
        self, request: messages.UpdateCalendarRequest, context: Context
    ) -> messages.UpdateCalendarResponse:
        """Replace a school's calendar."""
        if not request.HasField("calendar"):
            raise InvalidRequestError(field="calendar", message="is missing")
        (school_id,) = ids_in(CALENDAR, "calendar.name", _district(WRITE), request.calendar.name)
        district, actor = await self._caller(WRITE, school_id)
        command = Change(
            district=district,
            school_id=school_id,
            settings=(wire.calendar_from((district, school_id), request.calendar),),
            actor=actor,
            name_of=lambda _: CALENDAR.format(district, school_id),
            request=request_key("UpdateCalendar", request, request.request_id),
        )
        calendar = await update_calendar(command, store=self._store, clock=self._clock)
        return messages.UpdateCalendarResponse(calendar=wire.calendar_to(district, calendar))

    async def BatchUpsertBellSchedules(  # noqa: N802
        self, request: messages.BatchUpsertBellSchedulesRequest, context: Context
    ) -> messages.BatchUpsertBellSchedulesResponse:
        """Create or replace bell schedules."""
        district, kept = await self._upsert(
            request, BELL_SCHEDULES, "bell_schedules", wire.bell_schedule_from, BELL_SCHEDULE
        )
        return messages.BatchUpsertBellSchedulesResponse(
            bell_schedules=[wire.bell_schedule_to(district, one) for one in kept]
        )

    async def ListBellSchedules(  # noqa: N802
        self, request: messages.ListBellSchedulesRequest, context: Context
    ) -> messages.ListBellSchedulesResponse:
        """List a school's bell schedules."""
        district, page = await self._page(request, BELL_SCHEDULES)
        return messages.ListBellSchedulesResponse(
            bell_schedules=[wire.bell_schedule_to(district, one) for one in page.settings],
            next_page_token=_token(page.next_after),
        )

    async def DeleteBellSchedule(  # noqa: N802
        self, request: messages.DeleteBellScheduleRequest, context: Context
    ) -> messages.DeleteBellScheduleResponse:
        """Remove a bell schedule."""
        await self._remove(request, BELL_SCHEDULES, BELL_SCHEDULE)
        return messages.DeleteBellScheduleResponse()

    async def BatchUpsertCalendarDays(  # noqa: N802
        self, request: messages.BatchUpsertCalendarDaysRequest, context: Context
    ) -> messages.BatchUpsertCalendarDaysResponse:
        """Create or replace calendar days."""
        district, kept = await self._upsert(
            request, CALENDAR_DAYS, "calendar_days", wire.calendar_day_from, CALENDAR_DAY
        )
        return messages.BatchUpsertCalendarDaysResponse(
            calendar_days=[wire.calendar_day_to(district, one) for one in kept]
        )

    async def ListCalendarDays(  # noqa: N802
        self, request: messages.ListCalendarDaysRequest, context: Context
    ) -> messages.ListCalendarDaysResponse:
        """List a school's calendar days."""
        district, page = await self._page(request, CALENDAR_DAYS)
        return messages.ListCalendarDaysResponse(
            calendar_days=[wire.calendar_day_to(district, one) for one in page.settings],
            next_page_token=_token(page.next_after),
        )

    async def DeleteCalendarDay(  # noqa: N802
        self, request: messages.DeleteCalendarDayRequest, context: Context
    ) -> messages.DeleteCalendarDayResponse:
        """Remove a calendar day."""
        await self._remove(request, CALENDAR_DAYS, CALENDAR_DAY)
        return messages.DeleteCalendarDayResponse()

    async def GetWeekTimes(  # noqa: N802
        self, request: messages.GetWeekTimesRequest, context: Context
    ) -> messages.GetWeekTimesResponse:
        """Say what a week is to be, and when each step of its cycle is due."""
        school_id, monday = week_in("name", _district(READ), request.name)
        district, _ = await self._caller(READ, school_id)
        found = await week_times(district, school_id, monday, store=self._store)
        return wire.week_times_to(
            district,
            found.times,
            days=found.days,
            slots=found.slots,
            zone=ZoneInfo(found.time_zone),
            time_zone=found.time_zone,
        )

    async def _caller(self, scope: str, school_id: str) -> tuple[str, str]:
        """Return district and name of who calls; refuse who may not read or change the school."""
        actor, district = await calling(scope, school_id, self._actors)
        require_allowed(actor, Action.READ_SCHOOL if scope == READ else Action.CHANGE_SCHOOL)
        return district, actor.name

    async def _upsert(
        self,
        request: Message,
        kind: CalendarKind[S],
        field: str,
        from_message: Callable[[Parent, str, M], S],
        pattern: ResourceName,
    ) -> tuple[str, tuple[S, ...]]:
        """Keep the batch in a field of the request; return the district and what was kept."""
        (school_id,) = ids_in(SCHOOL, "parent", _district(WRITE), request.parent)  # type: ignore[attr-defined]
        district, actor = await self._caller(WRITE, school_id)
        sent: Iterable[M] = getattr(request, field)
        command = Change(
            district=district,
            school_id=school_id,
            settings=tuple(
                from_message((district, school_id), f"{field}[{place}]", one)
                for place, one in enumerate(sent)
            ),
            actor=actor,
            name_of=partial(pattern.format, district, school_id),
            request=_key(request),
        )
        kept = await upsert_of_calendar(command, kind, store=self._store, clock=self._clock)
        return district, kept

    async def _page(self, request: Message, kind: CalendarKind[S]) -> tuple[str, Page[S]]:
        """Return the district and the page that a request asks for."""
        (school_id,) = ids_in(SCHOOL, "parent", _district(READ), request.parent)  # type: ignore[attr-defined]
        district, _ = await self._caller(READ, school_id)
        token: str = request.page_token  # type: ignore[attr-defined]
        query = Listing(
            district=district,
            school_id=school_id,
            after=from_token(token, 1)[0] if token else "",
            page_size=request.page_size,  # type: ignore[attr-defined]
        )
        return district, await page_of_calendar(query, kind, store=self._store)

    async def _remove(self, request: Message, kind: CalendarKind[S], pattern: ResourceName) -> None:
        """Remove the setting that a request names."""
        name: str = request.name  # type: ignore[attr-defined]
        school_id, setting_id = ids_in(pattern, "name", _district(WRITE), name)
        district, actor = await self._caller(WRITE, school_id)
        command = Removal(
            district=district,
            school_id=school_id,
            setting_id=setting_id,
            actor=actor,
            name=name,
            request=_key(request),
        )
        await remove_of_calendar(command, kind, store=self._store, clock=self._clock)


def _district(scope: str) -> str:
    return require_district(scope)[1]


def _key(request: Message) -> RequestKey | None:
    request_id: str = request.request_id  # type: ignore[attr-defined]
    return request_key(type(request).__name__, request, request_id)


def _token(next_after: str) -> str:
    return to_token(next_after) if next_after else ""
