from trellis.scheduler.v1 import learner_week_pb2 as _learner_week_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetLearnerWeekRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetLearnerWeekResponse(_message.Message):
    __slots__ = ("learner_week",)
    LEARNER_WEEK_FIELD_NUMBER: _ClassVar[int]
    learner_week: _learner_week_pb2.LearnerWeek
    def __init__(self, learner_week: _Optional[_Union[_learner_week_pb2.LearnerWeek, _Mapping]] = ...) -> None: ...
