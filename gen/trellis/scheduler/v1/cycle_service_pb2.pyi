from trellis.scheduler.v1 import cycle_pb2 as _cycle_pb2
from trellis.scheduler.v1 import week_pb2 as _week_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SeatDecision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEAT_DECISION_UNSPECIFIED: _ClassVar[SeatDecision]
    SEAT_DECISION_ACCEPTED: _ClassVar[SeatDecision]
    SEAT_DECISION_MOVED: _ClassVar[SeatDecision]
    SEAT_DECISION_RELEASED: _ClassVar[SeatDecision]
SEAT_DECISION_UNSPECIFIED: SeatDecision
SEAT_DECISION_ACCEPTED: SeatDecision
SEAT_DECISION_MOVED: SeatDecision
SEAT_DECISION_RELEASED: SeatDecision

class GetSchoolCycleRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetSchoolCycleResponse(_message.Message):
    __slots__ = ("cycle",)
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    cycle: _cycle_pb2.SchoolCycle
    def __init__(self, cycle: _Optional[_Union[_cycle_pb2.SchoolCycle, _Mapping]] = ...) -> None: ...

class UpdateSchoolCycleRequest(_message.Message):
    __slots__ = ("cycle", "reason", "request_id")
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    cycle: _cycle_pb2.SchoolCycle
    reason: str
    request_id: str
    def __init__(self, cycle: _Optional[_Union[_cycle_pb2.SchoolCycle, _Mapping]] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class UpdateSchoolCycleResponse(_message.Message):
    __slots__ = ("cycle",)
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    cycle: _cycle_pb2.SchoolCycle
    def __init__(self, cycle: _Optional[_Union[_cycle_pb2.SchoolCycle, _Mapping]] = ...) -> None: ...

class GetCycleRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetCycleResponse(_message.Message):
    __slots__ = ("cycle",)
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    cycle: _cycle_pb2.WeekCycle
    def __init__(self, cycle: _Optional[_Union[_cycle_pb2.WeekCycle, _Mapping]] = ...) -> None: ...

class ReviewedSeat(_message.Message):
    __slots__ = ("seat", "learner", "slot_id", "decision", "offer", "competency", "adult", "note")
    SEAT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    seat: str
    learner: str
    slot_id: str
    decision: SeatDecision
    offer: str
    competency: str
    adult: str
    note: str
    def __init__(self, seat: _Optional[str] = ..., learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., decision: _Optional[_Union[SeatDecision, str]] = ..., offer: _Optional[str] = ..., competency: _Optional[str] = ..., adult: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class AcceptSeatsRequest(_message.Message):
    __slots__ = ("parent", "week_hash", "seats", "reason", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    week_hash: str
    seats: _containers.RepeatedScalarFieldContainer[str]
    reason: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., week_hash: _Optional[str] = ..., seats: _Optional[_Iterable[str]] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AcceptSeatsResponse(_message.Message):
    __slots__ = ("seats",)
    SEATS_FIELD_NUMBER: _ClassVar[int]
    seats: _containers.RepeatedCompositeFieldContainer[ReviewedSeat]
    def __init__(self, seats: _Optional[_Iterable[_Union[ReviewedSeat, _Mapping]]] = ...) -> None: ...

class UnacceptSeatsRequest(_message.Message):
    __slots__ = ("parent", "seats", "reason", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    seats: _containers.RepeatedScalarFieldContainer[str]
    reason: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., seats: _Optional[_Iterable[str]] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class UnacceptSeatsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class MoveSeatRequest(_message.Message):
    __slots__ = ("name", "week_hash", "session", "reason", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    week_hash: str
    session: str
    reason: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., week_hash: _Optional[str] = ..., session: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class MoveSeatResponse(_message.Message):
    __slots__ = ("seat",)
    SEAT_FIELD_NUMBER: _ClassVar[int]
    seat: ReviewedSeat
    def __init__(self, seat: _Optional[_Union[ReviewedSeat, _Mapping]] = ...) -> None: ...

class DeclineSessionRequest(_message.Message):
    __slots__ = ("name", "week_hash", "reason", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    week_hash: str
    reason: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., week_hash: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeclineSessionResponse(_message.Message):
    __slots__ = ("released",)
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    released: _containers.RepeatedCompositeFieldContainer[ReviewedSeat]
    def __init__(self, released: _Optional[_Iterable[_Union[ReviewedSeat, _Mapping]]] = ...) -> None: ...

class AddSessionRequest(_message.Message):
    __slots__ = ("parent", "slot_id", "offer", "competency", "tier_id", "reason", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    TIER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    slot_id: str
    offer: str
    competency: str
    tier_id: str
    reason: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., slot_id: _Optional[str] = ..., offer: _Optional[str] = ..., competency: _Optional[str] = ..., tier_id: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AddSessionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListReviewStateRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ReviewItem(_message.Message):
    __slots__ = ("kind", "seat", "learner", "slot_id", "session", "sentence")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[ReviewItem.Kind]
        KIND_SEAT_WAITS: _ClassVar[ReviewItem.Kind]
        KIND_SEAT_DECIDED: _ClassVar[ReviewItem.Kind]
        KIND_SEAT_RELEASED: _ClassVar[ReviewItem.Kind]
        KIND_SESSION_LEADS: _ClassVar[ReviewItem.Kind]
        KIND_SESSION_DECLINED: _ClassVar[ReviewItem.Kind]
    KIND_UNSPECIFIED: ReviewItem.Kind
    KIND_SEAT_WAITS: ReviewItem.Kind
    KIND_SEAT_DECIDED: ReviewItem.Kind
    KIND_SEAT_RELEASED: ReviewItem.Kind
    KIND_SESSION_LEADS: ReviewItem.Kind
    KIND_SESSION_DECLINED: ReviewItem.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    SEAT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    kind: ReviewItem.Kind
    seat: str
    learner: str
    slot_id: str
    session: str
    sentence: str
    def __init__(self, kind: _Optional[_Union[ReviewItem.Kind, str]] = ..., seat: _Optional[str] = ..., learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., session: _Optional[str] = ..., sentence: _Optional[str] = ...) -> None: ...

class ListReviewStateResponse(_message.Message):
    __slots__ = ("items", "next_page_token", "week_hash")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ReviewItem]
    next_page_token: str
    week_hash: str
    def __init__(self, items: _Optional[_Iterable[_Union[ReviewItem, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., week_hash: _Optional[str] = ...) -> None: ...

class WeekSide(_message.Message):
    __slots__ = ("plan_run", "revision")
    PLAN_RUN_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    plan_run: str
    revision: int
    def __init__(self, plan_run: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class ListChangesRequest(_message.Message):
    __slots__ = ("parent", "before", "after", "learner", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    before: WeekSide
    after: WeekSide
    learner: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., before: _Optional[_Union[WeekSide, _Mapping]] = ..., after: _Optional[_Union[WeekSide, _Mapping]] = ..., learner: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class SeatChange(_message.Message):
    __slots__ = ("learner", "slot_id", "before", "after", "sentence")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    learner: str
    slot_id: str
    before: _week_pb2.Session
    after: _week_pb2.Session
    sentence: str
    def __init__(self, learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., before: _Optional[_Union[_week_pb2.Session, _Mapping]] = ..., after: _Optional[_Union[_week_pb2.Session, _Mapping]] = ..., sentence: _Optional[str] = ...) -> None: ...

class ListChangesResponse(_message.Message):
    __slots__ = ("changes", "next_page_token")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[SeatChange]
    next_page_token: str
    def __init__(self, changes: _Optional[_Iterable[_Union[SeatChange, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListSessionChangesRequest(_message.Message):
    __slots__ = ("parent", "before", "after", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    before: WeekSide
    after: WeekSide
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., before: _Optional[_Union[WeekSide, _Mapping]] = ..., after: _Optional[_Union[WeekSide, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class SessionChange(_message.Message):
    __slots__ = ("before", "after")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    before: _week_pb2.Session
    after: _week_pb2.Session
    def __init__(self, before: _Optional[_Union[_week_pb2.Session, _Mapping]] = ..., after: _Optional[_Union[_week_pb2.Session, _Mapping]] = ...) -> None: ...

class ListSessionChangesResponse(_message.Message):
    __slots__ = ("changes", "next_page_token")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[SessionChange]
    next_page_token: str
    def __init__(self, changes: _Optional[_Iterable[_Union[SessionChange, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListTeacherChangesRequest(_message.Message):
    __slots__ = ("parent", "adult", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    adult: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., adult: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class GroupChange(_message.Message):
    __slots__ = ("competency", "offer", "learner", "is_new", "slot_id", "sentence")
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    IS_NEW_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    competency: str
    offer: str
    learner: str
    is_new: bool
    slot_id: str
    sentence: str
    def __init__(self, competency: _Optional[str] = ..., offer: _Optional[str] = ..., learner: _Optional[str] = ..., is_new: _Optional[bool] = ..., slot_id: _Optional[str] = ..., sentence: _Optional[str] = ...) -> None: ...

class ListTeacherChangesResponse(_message.Message):
    __slots__ = ("changes", "next_page_token", "before_monday")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    BEFORE_MONDAY_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[GroupChange]
    next_page_token: str
    before_monday: str
    def __init__(self, changes: _Optional[_Iterable[_Union[GroupChange, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., before_monday: _Optional[str] = ...) -> None: ...
