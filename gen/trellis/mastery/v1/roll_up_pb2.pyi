import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.mastery.v1 import mastery_pb2 as _mastery_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RollUp(_message.Message):
    __slots__ = ("name", "learner", "competency", "reached", "points", "points_asked", "parts", "explanation", "as_of_time", "policy_version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    REACHED_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    POINTS_ASKED_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    competency: str
    reached: bool
    points: int
    points_asked: int
    parts: _containers.RepeatedCompositeFieldContainer[RollUpPart]
    explanation: str
    as_of_time: _timestamp_pb2.Timestamp
    policy_version: int
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., competency: _Optional[str] = ..., reached: _Optional[bool] = ..., points: _Optional[int] = ..., points_asked: _Optional[int] = ..., parts: _Optional[_Iterable[_Union[RollUpPart, _Mapping]]] = ..., explanation: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy_version: _Optional[int] = ...) -> None: ...

class RollUpPart(_message.Message):
    __slots__ = ("competency", "met", "required", "points", "decision")
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    MET_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    competency: str
    met: bool
    required: bool
    points: int
    decision: _mastery_pb2.Decision
    def __init__(self, competency: _Optional[str] = ..., met: _Optional[bool] = ..., required: _Optional[bool] = ..., points: _Optional[int] = ..., decision: _Optional[_Union[_mastery_pb2.Decision, str]] = ...) -> None: ...
