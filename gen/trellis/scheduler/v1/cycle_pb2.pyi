import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CycleStep(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CYCLE_STEP_UNSPECIFIED: _ClassVar[CycleStep]
    CYCLE_STEP_OPEN_RANKING: _ClassVar[CycleStep]
    CYCLE_STEP_CLOSE_RANKING: _ClassVar[CycleStep]
    CYCLE_STEP_DRAFT: _ClassVar[CycleStep]
    CYCLE_STEP_END_REVIEW: _ClassVar[CycleStep]
    CYCLE_STEP_FINAL_RUN: _ClassVar[CycleStep]
    CYCLE_STEP_REMIND_SIGN_OFF: _ClassVar[CycleStep]
    CYCLE_STEP_PUBLISH: _ClassVar[CycleStep]
    CYCLE_STEP_LOCK: _ClassVar[CycleStep]

class CycleStepState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CYCLE_STEP_STATE_UNSPECIFIED: _ClassVar[CycleStepState]
    CYCLE_STEP_STATE_AHEAD: _ClassVar[CycleStepState]
    CYCLE_STEP_STATE_WAITING: _ClassVar[CycleStepState]
    CYCLE_STEP_STATE_DONE: _ClassVar[CycleStepState]
    CYCLE_STEP_STATE_SKIPPED: _ClassVar[CycleStepState]

class FallBack(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FALL_BACK_UNSPECIFIED: _ClassVar[FallBack]
    FALL_BACK_NOTHING: _ClassVar[FallBack]
    FALL_BACK_LAST_WEEK: _ClassVar[FallBack]
CYCLE_STEP_UNSPECIFIED: CycleStep
CYCLE_STEP_OPEN_RANKING: CycleStep
CYCLE_STEP_CLOSE_RANKING: CycleStep
CYCLE_STEP_DRAFT: CycleStep
CYCLE_STEP_END_REVIEW: CycleStep
CYCLE_STEP_FINAL_RUN: CycleStep
CYCLE_STEP_REMIND_SIGN_OFF: CycleStep
CYCLE_STEP_PUBLISH: CycleStep
CYCLE_STEP_LOCK: CycleStep
CYCLE_STEP_STATE_UNSPECIFIED: CycleStepState
CYCLE_STEP_STATE_AHEAD: CycleStepState
CYCLE_STEP_STATE_WAITING: CycleStepState
CYCLE_STEP_STATE_DONE: CycleStepState
CYCLE_STEP_STATE_SKIPPED: CycleStepState
FALL_BACK_UNSPECIFIED: FallBack
FALL_BACK_NOTHING: FallBack
FALL_BACK_LAST_WEEK: FallBack

class SchoolCycle(_message.Message):
    __slots__ = ("name", "running", "fall_back", "fall_back_adult", "fall_back_time", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    FALL_BACK_FIELD_NUMBER: _ClassVar[int]
    FALL_BACK_ADULT_FIELD_NUMBER: _ClassVar[int]
    FALL_BACK_TIME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    running: bool
    fall_back: FallBack
    fall_back_adult: str
    fall_back_time: _timestamp_pb2.Timestamp
    version: int
    def __init__(self, name: _Optional[str] = ..., running: _Optional[bool] = ..., fall_back: _Optional[_Union[FallBack, str]] = ..., fall_back_adult: _Optional[str] = ..., fall_back_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ...) -> None: ...

class CycleStepStatus(_message.Message):
    __slots__ = ("step", "state", "due_time", "done_time", "outcome", "plan_run", "revision")
    STEP_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    DONE_TIME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PLAN_RUN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    step: CycleStep
    state: CycleStepState
    due_time: _timestamp_pb2.Timestamp
    done_time: _timestamp_pb2.Timestamp
    outcome: str
    plan_run: str
    revision: int
    def __init__(self, step: _Optional[_Union[CycleStep, str]] = ..., state: _Optional[_Union[CycleStepState, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., done_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[str] = ..., plan_run: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class WeekCycle(_message.Message):
    __slots__ = ("week", "running", "steps", "next_step", "review_open", "no_week", "notes", "summary")
    WEEK_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_STEP_FIELD_NUMBER: _ClassVar[int]
    REVIEW_OPEN_FIELD_NUMBER: _ClassVar[int]
    NO_WEEK_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    week: str
    running: bool
    steps: _containers.RepeatedCompositeFieldContainer[CycleStepStatus]
    next_step: CycleStep
    review_open: bool
    no_week: str
    notes: _containers.RepeatedScalarFieldContainer[str]
    summary: str
    def __init__(self, week: _Optional[str] = ..., running: _Optional[bool] = ..., steps: _Optional[_Iterable[_Union[CycleStepStatus, _Mapping]]] = ..., next_step: _Optional[_Union[CycleStep, str]] = ..., review_open: _Optional[bool] = ..., no_week: _Optional[str] = ..., notes: _Optional[_Iterable[str]] = ..., summary: _Optional[str] = ...) -> None: ...

class CycleStepDone(_message.Message):
    __slots__ = ("week", "step", "state", "due_time", "outcome", "plan_run", "revision")
    WEEK_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PLAN_RUN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    week: str
    step: CycleStep
    state: CycleStepState
    due_time: _timestamp_pb2.Timestamp
    outcome: str
    plan_run: str
    revision: int
    def __init__(self, week: _Optional[str] = ..., step: _Optional[_Union[CycleStep, str]] = ..., state: _Optional[_Union[CycleStepState, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[str] = ..., plan_run: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...
