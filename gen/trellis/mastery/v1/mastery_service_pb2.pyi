import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.mastery.v1 import mastery_pb2 as _mastery_pb2
from trellis.mastery.v1 import roll_up_pb2 as _roll_up_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetMasteryRequest(_message.Message):
    __slots__ = ("name", "as_of_time", "min_position")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    MIN_POSITION_FIELD_NUMBER: _ClassVar[int]
    name: str
    as_of_time: _timestamp_pb2.Timestamp
    min_position: int
    def __init__(self, name: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., min_position: _Optional[int] = ...) -> None: ...

class GetMasteryResponse(_message.Message):
    __slots__ = ("mastery", "position")
    MASTERY_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    mastery: _mastery_pb2.Mastery
    position: int
    def __init__(self, mastery: _Optional[_Union[_mastery_pb2.Mastery, _Mapping]] = ..., position: _Optional[int] = ...) -> None: ...

class BatchGetMasteryRequest(_message.Message):
    __slots__ = ("names", "as_of_time", "min_position")
    NAMES_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    MIN_POSITION_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    as_of_time: _timestamp_pb2.Timestamp
    min_position: int
    def __init__(self, names: _Optional[_Iterable[str]] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., min_position: _Optional[int] = ...) -> None: ...

class BatchGetMasteryResponse(_message.Message):
    __slots__ = ("masteries", "position")
    MASTERIES_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    masteries: _containers.RepeatedCompositeFieldContainer[_mastery_pb2.Mastery]
    position: int
    def __init__(self, masteries: _Optional[_Iterable[_Union[_mastery_pb2.Mastery, _Mapping]]] = ..., position: _Optional[int] = ...) -> None: ...

class ListMasteryRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "as_of_time", "min_position")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    MIN_POSITION_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    as_of_time: _timestamp_pb2.Timestamp
    min_position: int
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., min_position: _Optional[int] = ...) -> None: ...

class ListMasteryResponse(_message.Message):
    __slots__ = ("masteries", "next_page_token", "position")
    MASTERIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    masteries: _containers.RepeatedCompositeFieldContainer[_mastery_pb2.Mastery]
    next_page_token: str
    position: int
    def __init__(self, masteries: _Optional[_Iterable[_Union[_mastery_pb2.Mastery, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., position: _Optional[int] = ...) -> None: ...

class StreamNeedsRequest(_message.Message):
    __slots__ = ("learners", "as_of_time", "min_position")
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    MIN_POSITION_FIELD_NUMBER: _ClassVar[int]
    learners: _containers.RepeatedScalarFieldContainer[str]
    as_of_time: _timestamp_pb2.Timestamp
    min_position: int
    def __init__(self, learners: _Optional[_Iterable[str]] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., min_position: _Optional[int] = ...) -> None: ...

class StreamNeedsResponse(_message.Message):
    __slots__ = ("learners", "position")
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    learners: _containers.RepeatedCompositeFieldContainer[LearnerNeeds]
    position: int
    def __init__(self, learners: _Optional[_Iterable[_Union[LearnerNeeds, _Mapping]]] = ..., position: _Optional[int] = ...) -> None: ...

class LearnerNeeds(_message.Message):
    __slots__ = ("learner", "needs")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    learner: str
    needs: _containers.RepeatedCompositeFieldContainer[_mastery_pb2.Need]
    def __init__(self, learner: _Optional[str] = ..., needs: _Optional[_Iterable[_Union[_mastery_pb2.Need, _Mapping]]] = ...) -> None: ...

class GetRollUpRequest(_message.Message):
    __slots__ = ("name", "as_of_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetRollUpResponse(_message.Message):
    __slots__ = ("roll_up",)
    ROLL_UP_FIELD_NUMBER: _ClassVar[int]
    roll_up: _roll_up_pb2.RollUp
    def __init__(self, roll_up: _Optional[_Union[_roll_up_pb2.RollUp, _Mapping]] = ...) -> None: ...

class ListRollUpsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "as_of_time")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    as_of_time: _timestamp_pb2.Timestamp
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListRollUpsResponse(_message.Message):
    __slots__ = ("roll_ups", "next_page_token")
    ROLL_UPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    roll_ups: _containers.RepeatedCompositeFieldContainer[_roll_up_pb2.RollUp]
    next_page_token: str
    def __init__(self, roll_ups: _Optional[_Iterable[_Union[_roll_up_pb2.RollUp, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListStatusFlipsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "start_time", "end_time")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListStatusFlipsResponse(_message.Message):
    __slots__ = ("flips", "next_page_token")
    FLIPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    flips: _containers.RepeatedCompositeFieldContainer[_mastery_pb2.StatusFlip]
    next_page_token: str
    def __init__(self, flips: _Optional[_Iterable[_Union[_mastery_pb2.StatusFlip, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetStateHashRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStateHashResponse(_message.Message):
    __slots__ = ("state_hash", "evidence_count", "alignment_count", "ledger_position", "position")
    STATE_HASH_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ALIGNMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    LEDGER_POSITION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    state_hash: str
    evidence_count: int
    alignment_count: int
    ledger_position: int
    position: int
    def __init__(self, state_hash: _Optional[str] = ..., evidence_count: _Optional[int] = ..., alignment_count: _Optional[int] = ..., ledger_position: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...
