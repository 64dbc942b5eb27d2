import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Presence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRESENCE_UNSPECIFIED: _ClassVar[Presence]
    PRESENCE_PRESENT: _ClassVar[Presence]
    PRESENCE_LATE: _ClassVar[Presence]
    PRESENCE_ABSENT: _ClassVar[Presence]
    PRESENCE_ELSEWHERE: _ClassVar[Presence]
PRESENCE_UNSPECIFIED: Presence
PRESENCE_PRESENT: Presence
PRESENCE_LATE: Presence
PRESENCE_ABSENT: Presence
PRESENCE_ELSEWHERE: Presence

class AttendanceMark(_message.Message):
    __slots__ = ("learner", "presence", "late_minutes")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    LATE_MINUTES_FIELD_NUMBER: _ClassVar[int]
    learner: str
    presence: Presence
    late_minutes: int
    def __init__(self, learner: _Optional[str] = ..., presence: _Optional[_Union[Presence, str]] = ..., late_minutes: _Optional[int] = ...) -> None: ...

class Attendance(_message.Message):
    __slots__ = ("session", "date", "slot_id", "adult", "held", "marks", "version", "revision", "take_time")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    TAKE_TIME_FIELD_NUMBER: _ClassVar[int]
    session: str
    date: str
    slot_id: str
    adult: str
    held: bool
    marks: _containers.RepeatedCompositeFieldContainer[AttendanceMark]
    version: int
    revision: int
    take_time: _timestamp_pb2.Timestamp
    def __init__(self, session: _Optional[str] = ..., date: _Optional[str] = ..., slot_id: _Optional[str] = ..., adult: _Optional[str] = ..., held: _Optional[bool] = ..., marks: _Optional[_Iterable[_Union[AttendanceMark, _Mapping]]] = ..., version: _Optional[int] = ..., revision: _Optional[int] = ..., take_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MissingAttendance(_message.Message):
    __slots__ = ("session", "slot_id", "adult", "seat_count")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    SEAT_COUNT_FIELD_NUMBER: _ClassVar[int]
    session: str
    slot_id: str
    adult: str
    seat_count: int
    def __init__(self, session: _Optional[str] = ..., slot_id: _Optional[str] = ..., adult: _Optional[str] = ..., seat_count: _Optional[int] = ...) -> None: ...

class QuickCheck(_message.Message):
    __slots__ = ("name", "learner", "competency", "level", "version", "adult", "record_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    competency: str
    level: int
    version: int
    adult: str
    record_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., competency: _Optional[str] = ..., level: _Optional[int] = ..., version: _Optional[int] = ..., adult: _Optional[str] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ServiceDelivery(_message.Message):
    __slots__ = ("learner", "service", "monday", "required_minutes", "planned_minutes", "delivered_minutes", "unrecorded_minutes", "shortfall_minutes")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    MONDAY_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_MINUTES_FIELD_NUMBER: _ClassVar[int]
    PLANNED_MINUTES_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_MINUTES_FIELD_NUMBER: _ClassVar[int]
    UNRECORDED_MINUTES_FIELD_NUMBER: _ClassVar[int]
    SHORTFALL_MINUTES_FIELD_NUMBER: _ClassVar[int]
    learner: str
    service: str
    monday: str
    required_minutes: int
    planned_minutes: int
    delivered_minutes: int
    unrecorded_minutes: int
    shortfall_minutes: int
    def __init__(self, learner: _Optional[str] = ..., service: _Optional[str] = ..., monday: _Optional[str] = ..., required_minutes: _Optional[int] = ..., planned_minutes: _Optional[int] = ..., delivered_minutes: _Optional[int] = ..., unrecorded_minutes: _Optional[int] = ..., shortfall_minutes: _Optional[int] = ...) -> None: ...

class MakeUp(_message.Message):
    __slots__ = ("learner", "service", "minutes", "since_monday")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    SINCE_MONDAY_FIELD_NUMBER: _ClassVar[int]
    learner: str
    service: str
    minutes: int
    since_monday: str
    def __init__(self, learner: _Optional[str] = ..., service: _Optional[str] = ..., minutes: _Optional[int] = ..., since_monday: _Optional[str] = ...) -> None: ...

class NoShow(_message.Message):
    __slots__ = ("learner", "slot_id", "session", "presence", "seen_that_day")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    SEEN_THAT_DAY_FIELD_NUMBER: _ClassVar[int]
    learner: str
    slot_id: str
    session: str
    presence: Presence
    seen_that_day: bool
    def __init__(self, learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., session: _Optional[str] = ..., presence: _Optional[_Union[Presence, str]] = ..., seen_that_day: _Optional[bool] = ...) -> None: ...

class DriftingLearner(_message.Message):
    __slots__ = ("learner", "seat_count", "absent_count", "elsewhere_count", "unanswered_weeks", "reasons")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SEAT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ABSENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ELSEWHERE_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNANSWERED_WEEKS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    learner: str
    seat_count: int
    absent_count: int
    elsewhere_count: int
    unanswered_weeks: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, learner: _Optional[str] = ..., seat_count: _Optional[int] = ..., absent_count: _Optional[int] = ..., elsewhere_count: _Optional[int] = ..., unanswered_weeks: _Optional[int] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class LearnerPlace(_message.Message):
    __slots__ = ("learner", "date", "slot_id", "now", "start_clock", "end_clock", "session", "title", "adult", "room_display_name", "exemption", "unstaffed", "presence")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    START_CLOCK_FIELD_NUMBER: _ClassVar[int]
    END_CLOCK_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    ROOM_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    EXEMPTION_FIELD_NUMBER: _ClassVar[int]
    UNSTAFFED_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    learner: str
    date: str
    slot_id: str
    now: bool
    start_clock: str
    end_clock: str
    session: str
    title: str
    adult: str
    room_display_name: str
    exemption: str
    unstaffed: bool
    presence: Presence
    def __init__(self, learner: _Optional[str] = ..., date: _Optional[str] = ..., slot_id: _Optional[str] = ..., now: _Optional[bool] = ..., start_clock: _Optional[str] = ..., end_clock: _Optional[str] = ..., session: _Optional[str] = ..., title: _Optional[str] = ..., adult: _Optional[str] = ..., room_display_name: _Optional[str] = ..., exemption: _Optional[str] = ..., unstaffed: _Optional[bool] = ..., presence: _Optional[_Union[Presence, str]] = ...) -> None: ...

class Wanderer(_message.Message):
    __slots__ = ("learner", "found_at", "find_time", "slot_id", "session")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    FOUND_AT_FIELD_NUMBER: _ClassVar[int]
    FIND_TIME_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    learner: str
    found_at: str
    find_time: _timestamp_pb2.Timestamp
    slot_id: str
    session: str
    def __init__(self, learner: _Optional[str] = ..., found_at: _Optional[str] = ..., find_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., slot_id: _Optional[str] = ..., session: _Optional[str] = ...) -> None: ...

class PlaceOption(_message.Message):
    __slots__ = ("session", "adult", "room_display_name", "title", "learners", "seats")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    ROOM_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    session: str
    adult: str
    room_display_name: str
    title: str
    learners: _containers.RepeatedScalarFieldContainer[str]
    seats: int
    def __init__(self, session: _Optional[str] = ..., adult: _Optional[str] = ..., room_display_name: _Optional[str] = ..., title: _Optional[str] = ..., learners: _Optional[_Iterable[str]] = ..., seats: _Optional[int] = ...) -> None: ...

class UnstaffedSession(_message.Message):
    __slots__ = ("session", "slot_id", "date", "adult", "learners", "substitutes", "merges", "releases", "places")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    MERGES_FIELD_NUMBER: _ClassVar[int]
    RELEASES_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    session: str
    slot_id: str
    date: str
    adult: str
    learners: _containers.RepeatedScalarFieldContainer[str]
    substitutes: _containers.RepeatedScalarFieldContainer[str]
    merges: _containers.RepeatedCompositeFieldContainer[PlaceOption]
    releases: _containers.RepeatedCompositeFieldContainer[PlaceOption]
    places: int
    def __init__(self, session: _Optional[str] = ..., slot_id: _Optional[str] = ..., date: _Optional[str] = ..., adult: _Optional[str] = ..., learners: _Optional[_Iterable[str]] = ..., substitutes: _Optional[_Iterable[str]] = ..., merges: _Optional[_Iterable[_Union[PlaceOption, _Mapping]]] = ..., releases: _Optional[_Iterable[_Union[PlaceOption, _Mapping]]] = ..., places: _Optional[int] = ...) -> None: ...

class SeatMove(_message.Message):
    __slots__ = ("learner", "slot_id", "before", "after")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    learner: str
    slot_id: str
    before: str
    after: str
    def __init__(self, learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class PublishedChange(_message.Message):
    __slots__ = ("week", "revision", "week_hash", "moves")
    WEEK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    MOVES_FIELD_NUMBER: _ClassVar[int]
    week: str
    revision: int
    week_hash: str
    moves: _containers.RepeatedCompositeFieldContainer[SeatMove]
    def __init__(self, week: _Optional[str] = ..., revision: _Optional[int] = ..., week_hash: _Optional[str] = ..., moves: _Optional[_Iterable[_Union[SeatMove, _Mapping]]] = ...) -> None: ...

class AttendanceTaken(_message.Message):
    __slots__ = ("session", "date", "slot_id", "version", "held", "marks")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    session: str
    date: str
    slot_id: str
    version: int
    held: bool
    marks: _containers.RepeatedCompositeFieldContainer[AttendanceMark]
    def __init__(self, session: _Optional[str] = ..., date: _Optional[str] = ..., slot_id: _Optional[str] = ..., version: _Optional[int] = ..., held: _Optional[bool] = ..., marks: _Optional[_Iterable[_Union[AttendanceMark, _Mapping]]] = ...) -> None: ...

class DeliveredMinutes(_message.Message):
    __slots__ = ("learner", "minutes")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    learner: str
    minutes: int
    def __init__(self, learner: _Optional[str] = ..., minutes: _Optional[int] = ...) -> None: ...

class ServiceDelivered(_message.Message):
    __slots__ = ("session", "service", "version", "learners")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    session: str
    service: str
    version: int
    learners: _containers.RepeatedCompositeFieldContainer[DeliveredMinutes]
    def __init__(self, session: _Optional[str] = ..., service: _Optional[str] = ..., version: _Optional[int] = ..., learners: _Optional[_Iterable[_Union[DeliveredMinutes, _Mapping]]] = ...) -> None: ...

class QuickCheckRecorded(_message.Message):
    __slots__ = ("quick_check", "learner", "competency", "level_milli", "version", "show_time")
    QUICK_CHECK_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SHOW_TIME_FIELD_NUMBER: _ClassVar[int]
    quick_check: str
    learner: str
    competency: str
    level_milli: int
    version: int
    show_time: _timestamp_pb2.Timestamp
    def __init__(self, quick_check: _Optional[str] = ..., learner: _Optional[str] = ..., competency: _Optional[str] = ..., level_milli: _Optional[int] = ..., version: _Optional[int] = ..., show_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class QuickCheckWithdrawn(_message.Message):
    __slots__ = ("quick_check", "learner", "version")
    QUICK_CHECK_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    quick_check: str
    learner: str
    version: int
    def __init__(self, quick_check: _Optional[str] = ..., learner: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...
