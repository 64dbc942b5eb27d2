import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.scheduler.v1 import school_pb2 as _school_pb2
from trellis.scheduler.v1 import week_pb2 as _week_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetPolicyRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: _week_pb2.Policy
    def __init__(self, policy: _Optional[_Union[_week_pb2.Policy, _Mapping]] = ...) -> None: ...

class UpdatePolicyRequest(_message.Message):
    __slots__ = ("policy", "request_id", "expected_version", "validate_only")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    policy: _week_pb2.Policy
    request_id: str
    expected_version: int
    validate_only: bool
    def __init__(self, policy: _Optional[_Union[_week_pb2.Policy, _Mapping]] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdatePolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: _week_pb2.Policy
    def __init__(self, policy: _Optional[_Union[_week_pb2.Policy, _Mapping]] = ...) -> None: ...

class BatchUpsertRoomsRequest(_message.Message):
    __slots__ = ("parent", "rooms", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ROOMS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    rooms: _containers.RepeatedCompositeFieldContainer[_week_pb2.Room]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., rooms: _Optional[_Iterable[_Union[_week_pb2.Room, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertRoomsResponse(_message.Message):
    __slots__ = ("rooms", "refused")
    ROOMS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    rooms: _containers.RepeatedCompositeFieldContainer[_week_pb2.Room]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, rooms: _Optional[_Iterable[_Union[_week_pb2.Room, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListRoomsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRoomsResponse(_message.Message):
    __slots__ = ("rooms", "next_page_token")
    ROOMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rooms: _containers.RepeatedCompositeFieldContainer[_week_pb2.Room]
    next_page_token: str
    def __init__(self, rooms: _Optional[_Iterable[_Union[_week_pb2.Room, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteRoomRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteRoomResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BatchUpsertOffersRequest(_message.Message):
    __slots__ = ("parent", "offers", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    offers: _containers.RepeatedCompositeFieldContainer[_week_pb2.Offer]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., offers: _Optional[_Iterable[_Union[_week_pb2.Offer, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertOffersResponse(_message.Message):
    __slots__ = ("offers", "refused")
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    offers: _containers.RepeatedCompositeFieldContainer[_week_pb2.Offer]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, offers: _Optional[_Iterable[_Union[_week_pb2.Offer, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListOffersRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListOffersResponse(_message.Message):
    __slots__ = ("offers", "next_page_token")
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    offers: _containers.RepeatedCompositeFieldContainer[_week_pb2.Offer]
    next_page_token: str
    def __init__(self, offers: _Optional[_Iterable[_Union[_week_pb2.Offer, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteOfferRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteOfferResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BatchUpsertAbsencesRequest(_message.Message):
    __slots__ = ("parent", "absences", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ABSENCES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    absences: _containers.RepeatedCompositeFieldContainer[_week_pb2.Absence]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., absences: _Optional[_Iterable[_Union[_week_pb2.Absence, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertAbsencesResponse(_message.Message):
    __slots__ = ("absences", "refused")
    ABSENCES_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    absences: _containers.RepeatedCompositeFieldContainer[_week_pb2.Absence]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, absences: _Optional[_Iterable[_Union[_week_pb2.Absence, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListAbsencesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAbsencesResponse(_message.Message):
    __slots__ = ("absences", "next_page_token")
    ABSENCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    absences: _containers.RepeatedCompositeFieldContainer[_week_pb2.Absence]
    next_page_token: str
    def __init__(self, absences: _Optional[_Iterable[_Union[_week_pb2.Absence, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteAbsenceRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteAbsenceResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BatchUpsertPinsRequest(_message.Message):
    __slots__ = ("parent", "pins", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PINS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    pins: _containers.RepeatedCompositeFieldContainer[_week_pb2.Pin]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., pins: _Optional[_Iterable[_Union[_week_pb2.Pin, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertPinsResponse(_message.Message):
    __slots__ = ("pins", "refused")
    PINS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    pins: _containers.RepeatedCompositeFieldContainer[_week_pb2.Pin]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, pins: _Optional[_Iterable[_Union[_week_pb2.Pin, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListPinsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPinsResponse(_message.Message):
    __slots__ = ("pins", "next_page_token")
    PINS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    pins: _containers.RepeatedCompositeFieldContainer[_week_pb2.Pin]
    next_page_token: str
    def __init__(self, pins: _Optional[_Iterable[_Union[_week_pb2.Pin, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeletePinRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeletePinResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CreatePlanRunRequest(_message.Message):
    __slots__ = ("parent", "monday", "as_of_time", "seed", "budget", "request_id", "min_position")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    MONDAY_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MIN_POSITION_FIELD_NUMBER: _ClassVar[int]
    parent: str
    monday: str
    as_of_time: _timestamp_pb2.Timestamp
    seed: int
    budget: int
    request_id: str
    min_position: int
    def __init__(self, parent: _Optional[str] = ..., monday: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., seed: _Optional[int] = ..., budget: _Optional[int] = ..., request_id: _Optional[str] = ..., min_position: _Optional[int] = ...) -> None: ...

class CreatePlanRunResponse(_message.Message):
    __slots__ = ("plan_run",)
    PLAN_RUN_FIELD_NUMBER: _ClassVar[int]
    plan_run: _week_pb2.PlanRun
    def __init__(self, plan_run: _Optional[_Union[_week_pb2.PlanRun, _Mapping]] = ...) -> None: ...

class GetPlanRunRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetPlanRunResponse(_message.Message):
    __slots__ = ("plan_run",)
    PLAN_RUN_FIELD_NUMBER: _ClassVar[int]
    plan_run: _week_pb2.PlanRun
    def __init__(self, plan_run: _Optional[_Union[_week_pb2.PlanRun, _Mapping]] = ...) -> None: ...

class ListPlanRunsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPlanRunsResponse(_message.Message):
    __slots__ = ("plan_runs", "next_page_token")
    PLAN_RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    plan_runs: _containers.RepeatedCompositeFieldContainer[_week_pb2.PlanRun]
    next_page_token: str
    def __init__(self, plan_runs: _Optional[_Iterable[_Union[_week_pb2.PlanRun, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelPlanRunRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class CancelPlanRunResponse(_message.Message):
    __slots__ = ("plan_run",)
    PLAN_RUN_FIELD_NUMBER: _ClassVar[int]
    plan_run: _week_pb2.PlanRun
    def __init__(self, plan_run: _Optional[_Union[_week_pb2.PlanRun, _Mapping]] = ...) -> None: ...

class GetWeekRequest(_message.Message):
    __slots__ = ("name", "revision")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    name: str
    revision: int
    def __init__(self, name: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class GetWeekResponse(_message.Message):
    __slots__ = ("week",)
    WEEK_FIELD_NUMBER: _ClassVar[int]
    week: _week_pb2.Week
    def __init__(self, week: _Optional[_Union[_week_pb2.Week, _Mapping]] = ...) -> None: ...

class ListWeeksRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWeeksResponse(_message.Message):
    __slots__ = ("weeks", "next_page_token")
    WEEKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    weeks: _containers.RepeatedCompositeFieldContainer[_week_pb2.Week]
    next_page_token: str
    def __init__(self, weeks: _Optional[_Iterable[_Union[_week_pb2.Week, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListSessionsRequest(_message.Message):
    __slots__ = ("parent", "revision", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    revision: int
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., revision: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSessionsResponse(_message.Message):
    __slots__ = ("sessions", "next_page_token")
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[_week_pb2.Session]
    next_page_token: str
    def __init__(self, sessions: _Optional[_Iterable[_Union[_week_pb2.Session, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListSeatsRequest(_message.Message):
    __slots__ = ("parent", "revision", "page_size", "page_token", "learner")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    revision: int
    page_size: int
    page_token: str
    learner: str
    def __init__(self, parent: _Optional[str] = ..., revision: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., learner: _Optional[str] = ...) -> None: ...

class ListSeatsResponse(_message.Message):
    __slots__ = ("seats", "next_page_token")
    SEATS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    seats: _containers.RepeatedCompositeFieldContainer[_week_pb2.Seat]
    next_page_token: str
    def __init__(self, seats: _Optional[_Iterable[_Union[_week_pb2.Seat, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListUnmetNeedsRequest(_message.Message):
    __slots__ = ("parent", "revision", "page_size", "page_token", "learner")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    revision: int
    page_size: int
    page_token: str
    learner: str
    def __init__(self, parent: _Optional[str] = ..., revision: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., learner: _Optional[str] = ...) -> None: ...

class ListUnmetNeedsResponse(_message.Message):
    __slots__ = ("unmet_needs", "next_page_token")
    UNMET_NEEDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    unmet_needs: _containers.RepeatedCompositeFieldContainer[_week_pb2.UnmetNeed]
    next_page_token: str
    def __init__(self, unmet_needs: _Optional[_Iterable[_Union[_week_pb2.UnmetNeed, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ExplainSeatRequest(_message.Message):
    __slots__ = ("name", "revision")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    name: str
    revision: int
    def __init__(self, name: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class ExplainSeatResponse(_message.Message):
    __slots__ = ("seat", "session")
    SEAT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    seat: _week_pb2.Seat
    session: _week_pb2.Session
    def __init__(self, seat: _Optional[_Union[_week_pb2.Seat, _Mapping]] = ..., session: _Optional[_Union[_week_pb2.Session, _Mapping]] = ...) -> None: ...

class SignOffWeekRequest(_message.Message):
    __slots__ = ("name", "week_hash", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    week_hash: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., week_hash: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class SignOffWeekResponse(_message.Message):
    __slots__ = ("week",)
    WEEK_FIELD_NUMBER: _ClassVar[int]
    week: _week_pb2.Week
    def __init__(self, week: _Optional[_Union[_week_pb2.Week, _Mapping]] = ...) -> None: ...

class PublishWeekRequest(_message.Message):
    __slots__ = ("name", "week_hash", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    week_hash: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., week_hash: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class PublishWeekResponse(_message.Message):
    __slots__ = ("week",)
    WEEK_FIELD_NUMBER: _ClassVar[int]
    week: _week_pb2.Week
    def __init__(self, week: _Optional[_Union[_week_pb2.Week, _Mapping]] = ...) -> None: ...
