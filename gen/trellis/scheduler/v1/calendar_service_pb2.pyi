from trellis.scheduler.v1 import calendar_pb2 as _calendar_pb2
from trellis.scheduler.v1 import school_pb2 as _school_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetCalendarRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetCalendarResponse(_message.Message):
    __slots__ = ("calendar",)
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    calendar: _calendar_pb2.Calendar
    def __init__(self, calendar: _Optional[_Union[_calendar_pb2.Calendar, _Mapping]] = ...) -> None: ...

class UpdateCalendarRequest(_message.Message):
    __slots__ = ("calendar", "request_id")
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    calendar: _calendar_pb2.Calendar
    request_id: str
    def __init__(self, calendar: _Optional[_Union[_calendar_pb2.Calendar, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class UpdateCalendarResponse(_message.Message):
    __slots__ = ("calendar",)
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    calendar: _calendar_pb2.Calendar
    def __init__(self, calendar: _Optional[_Union[_calendar_pb2.Calendar, _Mapping]] = ...) -> None: ...

class BatchUpsertBellSchedulesRequest(_message.Message):
    __slots__ = ("parent", "bell_schedules", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    BELL_SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    bell_schedules: _containers.RepeatedCompositeFieldContainer[_calendar_pb2.BellSchedule]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., bell_schedules: _Optional[_Iterable[_Union[_calendar_pb2.BellSchedule, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertBellSchedulesResponse(_message.Message):
    __slots__ = ("bell_schedules", "refused")
    BELL_SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    bell_schedules: _containers.RepeatedCompositeFieldContainer[_calendar_pb2.BellSchedule]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, bell_schedules: _Optional[_Iterable[_Union[_calendar_pb2.BellSchedule, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListBellSchedulesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListBellSchedulesResponse(_message.Message):
    __slots__ = ("bell_schedules", "next_page_token")
    BELL_SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    bell_schedules: _containers.RepeatedCompositeFieldContainer[_calendar_pb2.BellSchedule]
    next_page_token: str
    def __init__(self, bell_schedules: _Optional[_Iterable[_Union[_calendar_pb2.BellSchedule, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteBellScheduleRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteBellScheduleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BatchUpsertCalendarDaysRequest(_message.Message):
    __slots__ = ("parent", "calendar_days", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_DAYS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    calendar_days: _containers.RepeatedCompositeFieldContainer[_calendar_pb2.CalendarDay]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., calendar_days: _Optional[_Iterable[_Union[_calendar_pb2.CalendarDay, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertCalendarDaysResponse(_message.Message):
    __slots__ = ("calendar_days", "refused")
    CALENDAR_DAYS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    calendar_days: _containers.RepeatedCompositeFieldContainer[_calendar_pb2.CalendarDay]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, calendar_days: _Optional[_Iterable[_Union[_calendar_pb2.CalendarDay, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListCalendarDaysRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCalendarDaysResponse(_message.Message):
    __slots__ = ("calendar_days", "next_page_token")
    CALENDAR_DAYS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    calendar_days: _containers.RepeatedCompositeFieldContainer[_calendar_pb2.CalendarDay]
    next_page_token: str
    def __init__(self, calendar_days: _Optional[_Iterable[_Union[_calendar_pb2.CalendarDay, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteCalendarDayRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteCalendarDayResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetWeekTimesRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetWeekTimesResponse(_message.Message):
    __slots__ = ("steps", "slots", "days", "no_week", "notes", "time_zone")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    NO_WEEK_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[_calendar_pb2.StepTime]
    slots: _containers.RepeatedCompositeFieldContainer[_calendar_pb2.WeekSlot]
    days: _containers.RepeatedCompositeFieldContainer[_calendar_pb2.SchoolDay]
    no_week: str
    notes: _containers.RepeatedScalarFieldContainer[str]
    time_zone: str
    def __init__(self, steps: _Optional[_Iterable[_Union[_calendar_pb2.StepTime, _Mapping]]] = ..., slots: _Optional[_Iterable[_Union[_calendar_pb2.WeekSlot, _Mapping]]] = ..., days: _Optional[_Iterable[_Union[_calendar_pb2.SchoolDay, _Mapping]]] = ..., no_week: _Optional[str] = ..., notes: _Optional[_Iterable[str]] = ..., time_zone: _Optional[str] = ...) -> None: ...
