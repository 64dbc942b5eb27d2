import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LearnerWeek(_message.Message):
    __slots__ = ("name", "learner", "monday", "revision", "publish_time", "change_end_time", "places")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    MONDAY_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_TIME_FIELD_NUMBER: _ClassVar[int]
    CHANGE_END_TIME_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    monday: str
    revision: int
    publish_time: _timestamp_pb2.Timestamp
    change_end_time: _timestamp_pb2.Timestamp
    places: _containers.RepeatedCompositeFieldContainer[OwnPlace]
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., monday: _Optional[str] = ..., revision: _Optional[int] = ..., publish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., change_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., places: _Optional[_Iterable[_Union[OwnPlace, _Mapping]]] = ...) -> None: ...

class OwnPlace(_message.Message):
    __slots__ = ("slot_id", "slot_label", "date", "start_clock", "end_clock", "title", "room_display_name", "adult", "adult_display_name", "learner_sentence", "asked_by", "see_office")
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    SLOT_LABEL_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    START_CLOCK_FIELD_NUMBER: _ClassVar[int]
    END_CLOCK_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ROOM_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    ADULT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_SENTENCE_FIELD_NUMBER: _ClassVar[int]
    ASKED_BY_FIELD_NUMBER: _ClassVar[int]
    SEE_OFFICE_FIELD_NUMBER: _ClassVar[int]
    slot_id: str
    slot_label: str
    date: str
    start_clock: str
    end_clock: str
    title: str
    room_display_name: str
    adult: str
    adult_display_name: str
    learner_sentence: str
    asked_by: str
    see_office: bool
    def __init__(self, slot_id: _Optional[str] = ..., slot_label: _Optional[str] = ..., date: _Optional[str] = ..., start_clock: _Optional[str] = ..., end_clock: _Optional[str] = ..., title: _Optional[str] = ..., room_display_name: _Optional[str] = ..., adult: _Optional[str] = ..., adult_display_name: _Optional[str] = ..., learner_sentence: _Optional[str] = ..., asked_by: _Optional[str] = ..., see_office: _Optional[bool] = ...) -> None: ...
