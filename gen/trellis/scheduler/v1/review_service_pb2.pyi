from trellis.scheduler.v1 import review_pb2 as _review_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetCycleReviewRequest(_message.Message):
    __slots__ = ("parent", "before_monday", "weeks")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_MONDAY_FIELD_NUMBER: _ClassVar[int]
    WEEKS_FIELD_NUMBER: _ClassVar[int]
    parent: str
    before_monday: str
    weeks: int
    def __init__(self, parent: _Optional[str] = ..., before_monday: _Optional[str] = ..., weeks: _Optional[int] = ...) -> None: ...

class GetCycleReviewResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: _review_pb2.CycleReview
    def __init__(self, review: _Optional[_Union[_review_pb2.CycleReview, _Mapping]] = ...) -> None: ...

class ListStuckLearnersRequest(_message.Message):
    __slots__ = ("parent", "before_monday", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_MONDAY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    before_monday: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., before_monday: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStuckLearnersResponse(_message.Message):
    __slots__ = ("stuck_learners", "next_page_token")
    STUCK_LEARNERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    stuck_learners: _containers.RepeatedCompositeFieldContainer[_review_pb2.StuckLearner]
    next_page_token: str
    def __init__(self, stuck_learners: _Optional[_Iterable[_Union[_review_pb2.StuckLearner, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
