import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.scheduler.v1 import day_pb2 as _day_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class QuickCheckNote(_message.Message):
    __slots__ = ("learner", "level")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    learner: str
    level: int
    def __init__(self, learner: _Optional[str] = ..., level: _Optional[int] = ...) -> None: ...

class TakeAttendanceRequest(_message.Message):
    __slots__ = ("session", "exceptions", "not_held", "quick_checks", "request_id")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    EXCEPTIONS_FIELD_NUMBER: _ClassVar[int]
    NOT_HELD_FIELD_NUMBER: _ClassVar[int]
    QUICK_CHECKS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session: str
    exceptions: _containers.RepeatedCompositeFieldContainer[_day_pb2.AttendanceMark]
    not_held: bool
    quick_checks: _containers.RepeatedCompositeFieldContainer[QuickCheckNote]
    request_id: str
    def __init__(self, session: _Optional[str] = ..., exceptions: _Optional[_Iterable[_Union[_day_pb2.AttendanceMark, _Mapping]]] = ..., not_held: _Optional[bool] = ..., quick_checks: _Optional[_Iterable[_Union[QuickCheckNote, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class TakeAttendanceResponse(_message.Message):
    __slots__ = ("attendance", "quick_checks")
    ATTENDANCE_FIELD_NUMBER: _ClassVar[int]
    QUICK_CHECKS_FIELD_NUMBER: _ClassVar[int]
    attendance: _day_pb2.Attendance
    quick_checks: _containers.RepeatedCompositeFieldContainer[_day_pb2.QuickCheck]
    def __init__(self, attendance: _Optional[_Union[_day_pb2.Attendance, _Mapping]] = ..., quick_checks: _Optional[_Iterable[_Union[_day_pb2.QuickCheck, _Mapping]]] = ...) -> None: ...

class ListAttendanceRequest(_message.Message):
    __slots__ = ("parent", "date", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    date: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., date: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAttendanceResponse(_message.Message):
    __slots__ = ("attendance", "next_page_token", "closed")
    ATTENDANCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    attendance: _containers.RepeatedCompositeFieldContainer[_day_pb2.Attendance]
    next_page_token: str
    closed: bool
    def __init__(self, attendance: _Optional[_Iterable[_Union[_day_pb2.Attendance, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., closed: _Optional[bool] = ...) -> None: ...

class ListMissingAttendanceRequest(_message.Message):
    __slots__ = ("parent", "date", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    date: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., date: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListMissingAttendanceResponse(_message.Message):
    __slots__ = ("sessions", "next_page_token")
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[_day_pb2.MissingAttendance]
    next_page_token: str
    def __init__(self, sessions: _Optional[_Iterable[_Union[_day_pb2.MissingAttendance, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CloseDayRequest(_message.Message):
    __slots__ = ("parent", "date", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    date: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., date: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CloseDayResponse(_message.Message):
    __slots__ = ("missing",)
    MISSING_FIELD_NUMBER: _ClassVar[int]
    missing: int
    def __init__(self, missing: _Optional[int] = ...) -> None: ...

class RecordQuickChecksRequest(_message.Message):
    __slots__ = ("session", "quick_checks", "request_id")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    QUICK_CHECKS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    session: str
    quick_checks: _containers.RepeatedCompositeFieldContainer[QuickCheckNote]
    request_id: str
    def __init__(self, session: _Optional[str] = ..., quick_checks: _Optional[_Iterable[_Union[QuickCheckNote, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class RecordQuickChecksResponse(_message.Message):
    __slots__ = ("quick_checks",)
    QUICK_CHECKS_FIELD_NUMBER: _ClassVar[int]
    quick_checks: _containers.RepeatedCompositeFieldContainer[_day_pb2.QuickCheck]
    def __init__(self, quick_checks: _Optional[_Iterable[_Union[_day_pb2.QuickCheck, _Mapping]]] = ...) -> None: ...

class ListQuickChecksRequest(_message.Message):
    __slots__ = ("session", "page_size", "page_token")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    session: str
    page_size: int
    page_token: str
    def __init__(self, session: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListQuickChecksResponse(_message.Message):
    __slots__ = ("quick_checks", "next_page_token")
    QUICK_CHECKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    quick_checks: _containers.RepeatedCompositeFieldContainer[_day_pb2.QuickCheck]
    next_page_token: str
    def __init__(self, quick_checks: _Optional[_Iterable[_Union[_day_pb2.QuickCheck, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListServiceDeliveryRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListServiceDeliveryResponse(_message.Message):
    __slots__ = ("deliveries", "next_page_token")
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    deliveries: _containers.RepeatedCompositeFieldContainer[_day_pb2.ServiceDelivery]
    next_page_token: str
    def __init__(self, deliveries: _Optional[_Iterable[_Union[_day_pb2.ServiceDelivery, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListMakeUpsRequest(_message.Message):
    __slots__ = ("parent", "monday", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    MONDAY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    monday: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., monday: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListMakeUpsResponse(_message.Message):
    __slots__ = ("make_ups", "next_page_token")
    MAKE_UPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    make_ups: _containers.RepeatedCompositeFieldContainer[_day_pb2.MakeUp]
    next_page_token: str
    def __init__(self, make_ups: _Optional[_Iterable[_Union[_day_pb2.MakeUp, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListNoShowsRequest(_message.Message):
    __slots__ = ("parent", "date", "slot_id", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    date: str
    slot_id: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., date: _Optional[str] = ..., slot_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListNoShowsResponse(_message.Message):
    __slots__ = ("no_shows", "next_page_token")
    NO_SHOWS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    no_shows: _containers.RepeatedCompositeFieldContainer[_day_pb2.NoShow]
    next_page_token: str
    def __init__(self, no_shows: _Optional[_Iterable[_Union[_day_pb2.NoShow, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListDriftingRequest(_message.Message):
    __slots__ = ("parent", "monday", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    MONDAY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    monday: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., monday: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDriftingResponse(_message.Message):
    __slots__ = ("learners", "next_page_token")
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    learners: _containers.RepeatedCompositeFieldContainer[_day_pb2.DriftingLearner]
    next_page_token: str
    def __init__(self, learners: _Optional[_Iterable[_Union[_day_pb2.DriftingLearner, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class LocateLearnerRequest(_message.Message):
    __slots__ = ("parent", "learner", "time")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    parent: str
    learner: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, parent: _Optional[str] = ..., learner: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class LocateLearnerResponse(_message.Message):
    __slots__ = ("place",)
    PLACE_FIELD_NUMBER: _ClassVar[int]
    place: _day_pb2.LearnerPlace
    def __init__(self, place: _Optional[_Union[_day_pb2.LearnerPlace, _Mapping]] = ...) -> None: ...

class ReportWandererRequest(_message.Message):
    __slots__ = ("parent", "learner", "found_at", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    FOUND_AT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    learner: str
    found_at: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., learner: _Optional[str] = ..., found_at: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReportWandererResponse(_message.Message):
    __slots__ = ("place",)
    PLACE_FIELD_NUMBER: _ClassVar[int]
    place: _day_pb2.LearnerPlace
    def __init__(self, place: _Optional[_Union[_day_pb2.LearnerPlace, _Mapping]] = ...) -> None: ...

class ListWanderersRequest(_message.Message):
    __slots__ = ("parent", "date", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    date: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., date: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWanderersResponse(_message.Message):
    __slots__ = ("wanderers", "next_page_token")
    WANDERERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    wanderers: _containers.RepeatedCompositeFieldContainer[_day_pb2.Wanderer]
    next_page_token: str
    def __init__(self, wanderers: _Optional[_Iterable[_Union[_day_pb2.Wanderer, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReportAbsenceRequest(_message.Message):
    __slots__ = ("parent", "adult", "date", "slot_ids", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLOT_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    adult: str
    date: str
    slot_ids: _containers.RepeatedScalarFieldContainer[str]
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., adult: _Optional[str] = ..., date: _Optional[str] = ..., slot_ids: _Optional[_Iterable[str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReportAbsenceResponse(_message.Message):
    __slots__ = ("revision", "sessions")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    revision: int
    sessions: _containers.RepeatedCompositeFieldContainer[_day_pb2.UnstaffedSession]
    def __init__(self, revision: _Optional[int] = ..., sessions: _Optional[_Iterable[_Union[_day_pb2.UnstaffedSession, _Mapping]]] = ...) -> None: ...

class ListUnstaffedRequest(_message.Message):
    __slots__ = ("parent", "date", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    date: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., date: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListUnstaffedResponse(_message.Message):
    __slots__ = ("revision", "sessions", "next_page_token")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    revision: int
    sessions: _containers.RepeatedCompositeFieldContainer[_day_pb2.UnstaffedSession]
    next_page_token: str
    def __init__(self, revision: _Optional[int] = ..., sessions: _Optional[_Iterable[_Union[_day_pb2.UnstaffedSession, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Resolution(_message.Message):
    __slots__ = ("session", "substitute", "spread")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SUBSTITUTE_FIELD_NUMBER: _ClassVar[int]
    SPREAD_FIELD_NUMBER: _ClassVar[int]
    session: str
    substitute: str
    spread: Spread
    def __init__(self, session: _Optional[str] = ..., substitute: _Optional[str] = ..., spread: _Optional[_Union[Spread, _Mapping]] = ...) -> None: ...

class Spread(_message.Message):
    __slots__ = ("sessions",)
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sessions: _Optional[_Iterable[str]] = ...) -> None: ...

class ResolveUnstaffedRequest(_message.Message):
    __slots__ = ("week", "revision", "resolutions", "repair", "reason", "request_id")
    WEEK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    RESOLUTIONS_FIELD_NUMBER: _ClassVar[int]
    REPAIR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    week: str
    revision: int
    resolutions: _containers.RepeatedCompositeFieldContainer[Resolution]
    repair: bool
    reason: str
    request_id: str
    def __init__(self, week: _Optional[str] = ..., revision: _Optional[int] = ..., resolutions: _Optional[_Iterable[_Union[Resolution, _Mapping]]] = ..., repair: _Optional[bool] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ResolveUnstaffedResponse(_message.Message):
    __slots__ = ("change",)
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    change: _day_pb2.PublishedChange
    def __init__(self, change: _Optional[_Union[_day_pb2.PublishedChange, _Mapping]] = ...) -> None: ...

class AdmitLearnerRequest(_message.Message):
    __slots__ = ("week", "revision", "learner", "date", "repair", "reason", "request_id")
    WEEK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    REPAIR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    week: str
    revision: int
    learner: str
    date: str
    repair: bool
    reason: str
    request_id: str
    def __init__(self, week: _Optional[str] = ..., revision: _Optional[int] = ..., learner: _Optional[str] = ..., date: _Optional[str] = ..., repair: _Optional[bool] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AdmitLearnerResponse(_message.Message):
    __slots__ = ("change",)
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    change: _day_pb2.PublishedChange
    def __init__(self, change: _Optional[_Union[_day_pb2.PublishedChange, _Mapping]] = ...) -> None: ...

class ReleaseLearnerRequest(_message.Message):
    __slots__ = ("week", "revision", "learner", "date", "reason", "request_id")
    WEEK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    week: str
    revision: int
    learner: str
    date: str
    reason: str
    request_id: str
    def __init__(self, week: _Optional[str] = ..., revision: _Optional[int] = ..., learner: _Optional[str] = ..., date: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReleaseLearnerResponse(_message.Message):
    __slots__ = ("change",)
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    change: _day_pb2.PublishedChange
    def __init__(self, change: _Optional[_Union[_day_pb2.PublishedChange, _Mapping]] = ...) -> None: ...

class MovePublishedSeatRequest(_message.Message):
    __slots__ = ("week", "revision", "learner", "slot_id", "session", "exemption", "reason", "request_id")
    WEEK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    EXEMPTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    week: str
    revision: int
    learner: str
    slot_id: str
    session: str
    exemption: str
    reason: str
    request_id: str
    def __init__(self, week: _Optional[str] = ..., revision: _Optional[int] = ..., learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., session: _Optional[str] = ..., exemption: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class MovePublishedSeatResponse(_message.Message):
    __slots__ = ("change",)
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    change: _day_pb2.PublishedChange
    def __init__(self, change: _Optional[_Union[_day_pb2.PublishedChange, _Mapping]] = ...) -> None: ...

class ChangePublishedServiceRequest(_message.Message):
    __slots__ = ("week", "revision", "learner", "service", "minutes", "reason", "request_id")
    WEEK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    week: str
    revision: int
    learner: str
    service: str
    minutes: int
    reason: str
    request_id: str
    def __init__(self, week: _Optional[str] = ..., revision: _Optional[int] = ..., learner: _Optional[str] = ..., service: _Optional[str] = ..., minutes: _Optional[int] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ChangePublishedServiceResponse(_message.Message):
    __slots__ = ("change",)
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    change: _day_pb2.PublishedChange
    def __init__(self, change: _Optional[_Union[_day_pb2.PublishedChange, _Mapping]] = ...) -> None: ...
