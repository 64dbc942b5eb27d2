import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NoSchool(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NO_SCHOOL_UNSPECIFIED: _ClassVar[NoSchool]
    NO_SCHOOL_HOLIDAY: _ClassVar[NoSchool]
    NO_SCHOOL_BREAK: _ClassVar[NoSchool]
    NO_SCHOOL_SNOW_DAY: _ClassVar[NoSchool]
    NO_SCHOOL_PROFESSIONAL_DAY: _ClassVar[NoSchool]
    NO_SCHOOL_OTHER: _ClassVar[NoSchool]

class WeekStep(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WEEK_STEP_UNSPECIFIED: _ClassVar[WeekStep]
    WEEK_STEP_OPEN_RANKING: _ClassVar[WeekStep]
    WEEK_STEP_CLOSE_RANKING: _ClassVar[WeekStep]
    WEEK_STEP_DRAFT: _ClassVar[WeekStep]
    WEEK_STEP_END_REVIEW: _ClassVar[WeekStep]
    WEEK_STEP_FINAL_RUN: _ClassVar[WeekStep]
    WEEK_STEP_REMIND_SIGN_OFF: _ClassVar[WeekStep]
    WEEK_STEP_PUBLISH: _ClassVar[WeekStep]
    WEEK_STEP_LOCK: _ClassVar[WeekStep]
NO_SCHOOL_UNSPECIFIED: NoSchool
NO_SCHOOL_HOLIDAY: NoSchool
NO_SCHOOL_BREAK: NoSchool
NO_SCHOOL_SNOW_DAY: NoSchool
NO_SCHOOL_PROFESSIONAL_DAY: NoSchool
NO_SCHOOL_OTHER: NoSchool
WEEK_STEP_UNSPECIFIED: WeekStep
WEEK_STEP_OPEN_RANKING: WeekStep
WEEK_STEP_CLOSE_RANKING: WeekStep
WEEK_STEP_DRAFT: WeekStep
WEEK_STEP_END_REVIEW: WeekStep
WEEK_STEP_FINAL_RUN: WeekStep
WEEK_STEP_REMIND_SIGN_OFF: WeekStep
WEEK_STEP_PUBLISH: WeekStep
WEEK_STEP_LOCK: WeekStep

class PeriodScope(_message.Message):
    __slots__ = ("grades", "tags")
    GRADES_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    grades: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, grades: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ...) -> None: ...

class Period(_message.Message):
    __slots__ = ("period_id", "start_clock", "end_clock", "label", "flexible", "own_choice", "subject", "scope")
    PERIOD_ID_FIELD_NUMBER: _ClassVar[int]
    START_CLOCK_FIELD_NUMBER: _ClassVar[int]
    END_CLOCK_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    FLEXIBLE_FIELD_NUMBER: _ClassVar[int]
    OWN_CHOICE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    period_id: str
    start_clock: str
    end_clock: str
    label: str
    flexible: bool
    own_choice: bool
    subject: str
    scope: PeriodScope
    def __init__(self, period_id: _Optional[str] = ..., start_clock: _Optional[str] = ..., end_clock: _Optional[str] = ..., label: _Optional[str] = ..., flexible: _Optional[bool] = ..., own_choice: _Optional[bool] = ..., subject: _Optional[str] = ..., scope: _Optional[_Union[PeriodScope, _Mapping]] = ...) -> None: ...

class BellSchedule(_message.Message):
    __slots__ = ("name", "display_name", "periods", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    PERIODS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    periods: _containers.RepeatedCompositeFieldContainer[Period]
    version: int
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., periods: _Optional[_Iterable[_Union[Period, _Mapping]]] = ..., version: _Optional[int] = ...) -> None: ...

class BellRule(_message.Message):
    __slots__ = ("bell_schedule", "iso_weekday", "cycle_day")
    BELL_SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    ISO_WEEKDAY_FIELD_NUMBER: _ClassVar[int]
    CYCLE_DAY_FIELD_NUMBER: _ClassVar[int]
    bell_schedule: str
    iso_weekday: int
    cycle_day: str
    def __init__(self, bell_schedule: _Optional[str] = ..., iso_weekday: _Optional[int] = ..., cycle_day: _Optional[str] = ...) -> None: ...

class Term(_message.Message):
    __slots__ = ("term_id", "display_name", "first_day", "last_day", "bells")
    TERM_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    BELLS_FIELD_NUMBER: _ClassVar[int]
    term_id: str
    display_name: str
    first_day: str
    last_day: str
    bells: _containers.RepeatedCompositeFieldContainer[BellRule]
    def __init__(self, term_id: _Optional[str] = ..., display_name: _Optional[str] = ..., first_day: _Optional[str] = ..., last_day: _Optional[str] = ..., bells: _Optional[_Iterable[_Union[BellRule, _Mapping]]] = ...) -> None: ...

class Break(_message.Message):
    __slots__ = ("title", "first_day", "last_day")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    title: str
    first_day: str
    last_day: str
    def __init__(self, title: _Optional[str] = ..., first_day: _Optional[str] = ..., last_day: _Optional[str] = ...) -> None: ...

class DueAt(_message.Message):
    __slots__ = ("iso_weekday", "clock")
    ISO_WEEKDAY_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    iso_weekday: int
    clock: str
    def __init__(self, iso_weekday: _Optional[int] = ..., clock: _Optional[str] = ...) -> None: ...

class WeekClock(_message.Message):
    __slots__ = ("open_ranking", "close_ranking", "draft", "end_review", "final_run", "remind_sign_off", "publish")
    OPEN_RANKING_FIELD_NUMBER: _ClassVar[int]
    CLOSE_RANKING_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    END_REVIEW_FIELD_NUMBER: _ClassVar[int]
    FINAL_RUN_FIELD_NUMBER: _ClassVar[int]
    REMIND_SIGN_OFF_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_FIELD_NUMBER: _ClassVar[int]
    open_ranking: DueAt
    close_ranking: DueAt
    draft: DueAt
    end_review: DueAt
    final_run: DueAt
    remind_sign_off: DueAt
    publish: DueAt
    def __init__(self, open_ranking: _Optional[_Union[DueAt, _Mapping]] = ..., close_ranking: _Optional[_Union[DueAt, _Mapping]] = ..., draft: _Optional[_Union[DueAt, _Mapping]] = ..., end_review: _Optional[_Union[DueAt, _Mapping]] = ..., final_run: _Optional[_Union[DueAt, _Mapping]] = ..., remind_sign_off: _Optional[_Union[DueAt, _Mapping]] = ..., publish: _Optional[_Union[DueAt, _Mapping]] = ...) -> None: ...

class Calendar(_message.Message):
    __slots__ = ("name", "first_day", "last_day", "iso_weekdays", "cycle_days", "uses_cycle_day", "bells", "terms", "breaks", "week_clock", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    ISO_WEEKDAYS_FIELD_NUMBER: _ClassVar[int]
    CYCLE_DAYS_FIELD_NUMBER: _ClassVar[int]
    USES_CYCLE_DAY_FIELD_NUMBER: _ClassVar[int]
    BELLS_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    BREAKS_FIELD_NUMBER: _ClassVar[int]
    WEEK_CLOCK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    first_day: str
    last_day: str
    iso_weekdays: _containers.RepeatedScalarFieldContainer[int]
    cycle_days: _containers.RepeatedScalarFieldContainer[str]
    uses_cycle_day: _containers.RepeatedScalarFieldContainer[NoSchool]
    bells: _containers.RepeatedCompositeFieldContainer[BellRule]
    terms: _containers.RepeatedCompositeFieldContainer[Term]
    breaks: _containers.RepeatedCompositeFieldContainer[Break]
    week_clock: WeekClock
    version: int
    def __init__(self, name: _Optional[str] = ..., first_day: _Optional[str] = ..., last_day: _Optional[str] = ..., iso_weekdays: _Optional[_Iterable[int]] = ..., cycle_days: _Optional[_Iterable[str]] = ..., uses_cycle_day: _Optional[_Iterable[_Union[NoSchool, str]]] = ..., bells: _Optional[_Iterable[_Union[BellRule, _Mapping]]] = ..., terms: _Optional[_Iterable[_Union[Term, _Mapping]]] = ..., breaks: _Optional[_Iterable[_Union[Break, _Mapping]]] = ..., week_clock: _Optional[_Union[WeekClock, _Mapping]] = ..., version: _Optional[int] = ...) -> None: ...

class CalendarDay(_message.Message):
    __slots__ = ("name", "no_school", "title", "bell_schedule", "cycle_day", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NO_SCHOOL_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    BELL_SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    CYCLE_DAY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    no_school: NoSchool
    title: str
    bell_schedule: str
    cycle_day: str
    version: int
    def __init__(self, name: _Optional[str] = ..., no_school: _Optional[_Union[NoSchool, str]] = ..., title: _Optional[str] = ..., bell_schedule: _Optional[str] = ..., cycle_day: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class StepTime(_message.Message):
    __slots__ = ("step", "due_time", "date", "clock")
    STEP_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    step: WeekStep
    due_time: _timestamp_pb2.Timestamp
    date: str
    clock: str
    def __init__(self, step: _Optional[_Union[WeekStep, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., date: _Optional[str] = ..., clock: _Optional[str] = ...) -> None: ...

class WeekSlot(_message.Message):
    __slots__ = ("slot_id", "date", "start_clock", "end_clock", "label", "own_choice", "subject", "scope")
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    START_CLOCK_FIELD_NUMBER: _ClassVar[int]
    END_CLOCK_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    OWN_CHOICE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    slot_id: str
    date: str
    start_clock: str
    end_clock: str
    label: str
    own_choice: bool
    subject: str
    scope: PeriodScope
    def __init__(self, slot_id: _Optional[str] = ..., date: _Optional[str] = ..., start_clock: _Optional[str] = ..., end_clock: _Optional[str] = ..., label: _Optional[str] = ..., own_choice: _Optional[bool] = ..., subject: _Optional[str] = ..., scope: _Optional[_Union[PeriodScope, _Mapping]] = ...) -> None: ...

class SchoolDay(_message.Message):
    __slots__ = ("date", "why_none", "cycle_day", "bell_schedule")
    DATE_FIELD_NUMBER: _ClassVar[int]
    WHY_NONE_FIELD_NUMBER: _ClassVar[int]
    CYCLE_DAY_FIELD_NUMBER: _ClassVar[int]
    BELL_SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    date: str
    why_none: str
    cycle_day: str
    bell_schedule: str
    def __init__(self, date: _Optional[str] = ..., why_none: _Optional[str] = ..., cycle_day: _Optional[str] = ..., bell_schedule: _Optional[str] = ...) -> None: ...
