import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.scheduler.v1 import day_pb2 as _day_pb2
from trellis.scheduler.v1 import request_pb2 as _request_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetChoiceWindowRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetChoiceWindowResponse(_message.Message):
    __slots__ = ("window",)
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    window: _request_pb2.ChoiceWindow
    def __init__(self, window: _Optional[_Union[_request_pb2.ChoiceWindow, _Mapping]] = ...) -> None: ...

class ExtendChoiceWindowRequest(_message.Message):
    __slots__ = ("name", "close_time", "reason", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    close_time: _timestamp_pb2.Timestamp
    reason: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ExtendChoiceWindowResponse(_message.Message):
    __slots__ = ("window",)
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    window: _request_pb2.ChoiceWindow
    def __init__(self, window: _Optional[_Union[_request_pb2.ChoiceWindow, _Mapping]] = ...) -> None: ...

class GetShortListRequest(_message.Message):
    __slots__ = ("parent", "learner")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    learner: str
    def __init__(self, parent: _Optional[str] = ..., learner: _Optional[str] = ...) -> None: ...

class GetShortListResponse(_message.Message):
    __slots__ = ("short_list",)
    SHORT_LIST_FIELD_NUMBER: _ClassVar[int]
    short_list: _request_pb2.ShortList
    def __init__(self, short_list: _Optional[_Union[_request_pb2.ShortList, _Mapping]] = ...) -> None: ...

class SubmitRankingRequest(_message.Message):
    __slots__ = ("name", "choices", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    choices: _containers.RepeatedCompositeFieldContainer[_request_pb2.RankedChoice]
    request_id: str
    def __init__(self, name: _Optional[str] = ..., choices: _Optional[_Iterable[_Union[_request_pb2.RankedChoice, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class SubmitRankingResponse(_message.Message):
    __slots__ = ("ranking",)
    RANKING_FIELD_NUMBER: _ClassVar[int]
    ranking: _request_pb2.Ranking
    def __init__(self, ranking: _Optional[_Union[_request_pb2.Ranking, _Mapping]] = ...) -> None: ...

class GetRankingRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetRankingResponse(_message.Message):
    __slots__ = ("ranking",)
    RANKING_FIELD_NUMBER: _ClassVar[int]
    ranking: _request_pb2.Ranking
    def __init__(self, ranking: _Optional[_Union[_request_pb2.Ranking, _Mapping]] = ...) -> None: ...

class ListRankingsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "open_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OPEN_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    open_only: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., open_only: _Optional[bool] = ...) -> None: ...

class ListRankingsResponse(_message.Message):
    __slots__ = ("rankings", "next_page_token")
    RANKINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rankings: _containers.RepeatedCompositeFieldContainer[_request_pb2.Ranking]
    next_page_token: str
    def __init__(self, rankings: _Optional[_Iterable[_Union[_request_pb2.Ranking, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class BatchConfirmRankingsRequest(_message.Message):
    __slots__ = ("parent", "rankings", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    RANKINGS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    rankings: _containers.RepeatedCompositeFieldContainer[_request_pb2.ReadRanking]
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., rankings: _Optional[_Iterable[_Union[_request_pb2.ReadRanking, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class BatchConfirmRankingsResponse(_message.Message):
    __slots__ = ("rankings",)
    RANKINGS_FIELD_NUMBER: _ClassVar[int]
    rankings: _containers.RepeatedCompositeFieldContainer[_request_pb2.Ranking]
    def __init__(self, rankings: _Optional[_Iterable[_Union[_request_pb2.Ranking, _Mapping]]] = ...) -> None: ...

class AnswerRankingRequest(_message.Message):
    __slots__ = ("ranking", "sentence", "request_id")
    RANKING_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ranking: _request_pb2.ReadRanking
    sentence: str
    request_id: str
    def __init__(self, ranking: _Optional[_Union[_request_pb2.ReadRanking, _Mapping]] = ..., sentence: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AnswerRankingResponse(_message.Message):
    __slots__ = ("ranking",)
    RANKING_FIELD_NUMBER: _ClassVar[int]
    ranking: _request_pb2.Ranking
    def __init__(self, ranking: _Optional[_Union[_request_pb2.Ranking, _Mapping]] = ...) -> None: ...

class CreateRequestRequest(_message.Message):
    __slots__ = ("parent", "learner", "slot_id", "offer", "competency", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    learner: str
    slot_id: str
    offer: str
    competency: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., offer: _Optional[str] = ..., competency: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateRequestResponse(_message.Message):
    __slots__ = ("request", "changed")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    request: _request_pb2.LearnerRequest
    changed: _containers.RepeatedCompositeFieldContainer[_request_pb2.LearnerRequest]
    def __init__(self, request: _Optional[_Union[_request_pb2.LearnerRequest, _Mapping]] = ..., changed: _Optional[_Iterable[_Union[_request_pb2.LearnerRequest, _Mapping]]] = ...) -> None: ...

class CancelRequestRequest(_message.Message):
    __slots__ = ("name", "request_id", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    reason: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelRequestResponse(_message.Message):
    __slots__ = ("request", "changed", "change")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    request: _request_pb2.LearnerRequest
    changed: _containers.RepeatedCompositeFieldContainer[_request_pb2.LearnerRequest]
    change: _day_pb2.PublishedChange
    def __init__(self, request: _Optional[_Union[_request_pb2.LearnerRequest, _Mapping]] = ..., changed: _Optional[_Iterable[_Union[_request_pb2.LearnerRequest, _Mapping]]] = ..., change: _Optional[_Union[_day_pb2.PublishedChange, _Mapping]] = ...) -> None: ...

class ListRequestsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "learner", "slot_id", "cancel_wished")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    CANCEL_WISHED_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    learner: str
    slot_id: str
    cancel_wished: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., cancel_wished: _Optional[bool] = ...) -> None: ...

class ListRequestsResponse(_message.Message):
    __slots__ = ("requests", "next_page_token")
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[_request_pb2.LearnerRequest]
    next_page_token: str
    def __init__(self, requests: _Optional[_Iterable[_Union[_request_pb2.LearnerRequest, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListRequestOutcomesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRequestOutcomesResponse(_message.Message):
    __slots__ = ("outcomes", "next_page_token")
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[_request_pb2.RequestOutcome]
    next_page_token: str
    def __init__(self, outcomes: _Optional[_Iterable[_Union[_request_pb2.RequestOutcome, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateNominationRequest(_message.Message):
    __slots__ = ("parent", "learner", "competency", "reason", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    learner: str
    competency: str
    reason: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., learner: _Optional[str] = ..., competency: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateNominationResponse(_message.Message):
    __slots__ = ("nomination",)
    NOMINATION_FIELD_NUMBER: _ClassVar[int]
    nomination: _request_pb2.SeenNeed
    def __init__(self, nomination: _Optional[_Union[_request_pb2.SeenNeed, _Mapping]] = ...) -> None: ...

class WithdrawNominationRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class WithdrawNominationResponse(_message.Message):
    __slots__ = ("nomination",)
    NOMINATION_FIELD_NUMBER: _ClassVar[int]
    nomination: _request_pb2.SeenNeed
    def __init__(self, nomination: _Optional[_Union[_request_pb2.SeenNeed, _Mapping]] = ...) -> None: ...

class ListNominationsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "learner")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    learner: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., learner: _Optional[str] = ...) -> None: ...

class ListNominationsResponse(_message.Message):
    __slots__ = ("nominations", "next_page_token")
    NOMINATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    nominations: _containers.RepeatedCompositeFieldContainer[_request_pb2.SeenNeed]
    next_page_token: str
    def __init__(self, nominations: _Optional[_Iterable[_Union[_request_pb2.SeenNeed, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReportNeedRequest(_message.Message):
    __slots__ = ("parent", "learner", "competency", "words", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    learner: str
    competency: str
    words: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., learner: _Optional[str] = ..., competency: _Optional[str] = ..., words: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReportNeedResponse(_message.Message):
    __slots__ = ("reported_need",)
    REPORTED_NEED_FIELD_NUMBER: _ClassVar[int]
    reported_need: _request_pb2.SeenNeed
    def __init__(self, reported_need: _Optional[_Union[_request_pb2.SeenNeed, _Mapping]] = ...) -> None: ...

class AnswerReportedNeedRequest(_message.Message):
    __slots__ = ("name", "confirm", "sentence", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    confirm: bool
    sentence: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., confirm: _Optional[bool] = ..., sentence: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AnswerReportedNeedResponse(_message.Message):
    __slots__ = ("reported_need",)
    REPORTED_NEED_FIELD_NUMBER: _ClassVar[int]
    reported_need: _request_pb2.SeenNeed
    def __init__(self, reported_need: _Optional[_Union[_request_pb2.SeenNeed, _Mapping]] = ...) -> None: ...

class ListReportedNeedsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "learner")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    learner: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., learner: _Optional[str] = ...) -> None: ...

class ListReportedNeedsResponse(_message.Message):
    __slots__ = ("reported_needs", "next_page_token")
    REPORTED_NEEDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    reported_needs: _containers.RepeatedCompositeFieldContainer[_request_pb2.SeenNeed]
    next_page_token: str
    def __init__(self, reported_needs: _Optional[_Iterable[_Union[_request_pb2.SeenNeed, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateBookingRequest(_message.Message):
    __slots__ = ("parent", "kind", "learner", "competency", "offer", "slot_id", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    kind: _request_pb2.Booking.Kind
    learner: str
    competency: str
    offer: str
    slot_id: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., kind: _Optional[_Union[_request_pb2.Booking.Kind, str]] = ..., learner: _Optional[str] = ..., competency: _Optional[str] = ..., offer: _Optional[str] = ..., slot_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateBookingResponse(_message.Message):
    __slots__ = ("booking",)
    BOOKING_FIELD_NUMBER: _ClassVar[int]
    booking: _request_pb2.Booking
    def __init__(self, booking: _Optional[_Union[_request_pb2.Booking, _Mapping]] = ...) -> None: ...

class AnswerBookingRequest(_message.Message):
    __slots__ = ("name", "agree", "sentence", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AGREE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    agree: bool
    sentence: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., agree: _Optional[bool] = ..., sentence: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AnswerBookingResponse(_message.Message):
    __slots__ = ("booking",)
    BOOKING_FIELD_NUMBER: _ClassVar[int]
    booking: _request_pb2.Booking
    def __init__(self, booking: _Optional[_Union[_request_pb2.Booking, _Mapping]] = ...) -> None: ...

class CancelBookingRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CancelBookingResponse(_message.Message):
    __slots__ = ("booking",)
    BOOKING_FIELD_NUMBER: _ClassVar[int]
    booking: _request_pb2.Booking
    def __init__(self, booking: _Optional[_Union[_request_pb2.Booking, _Mapping]] = ...) -> None: ...

class ListBookingsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "learner")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    learner: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., learner: _Optional[str] = ...) -> None: ...

class ListBookingsResponse(_message.Message):
    __slots__ = ("bookings", "next_page_token")
    BOOKINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    bookings: _containers.RepeatedCompositeFieldContainer[_request_pb2.Booking]
    next_page_token: str
    def __init__(self, bookings: _Optional[_Iterable[_Union[_request_pb2.Booking, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ProposeSessionRequest(_message.Message):
    __slots__ = ("parent", "learner", "title", "what", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    learner: str
    title: str
    what: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., learner: _Optional[str] = ..., title: _Optional[str] = ..., what: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ProposeSessionResponse(_message.Message):
    __slots__ = ("proposal",)
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    proposal: _request_pb2.Proposal
    def __init__(self, proposal: _Optional[_Union[_request_pb2.Proposal, _Mapping]] = ...) -> None: ...

class SponsorProposalRequest(_message.Message):
    __slots__ = ("name", "adult", "room", "slot_ids", "cap", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    SLOT_IDS_FIELD_NUMBER: _ClassVar[int]
    CAP_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    adult: str
    room: str
    slot_ids: _containers.RepeatedScalarFieldContainer[str]
    cap: int
    request_id: str
    def __init__(self, name: _Optional[str] = ..., adult: _Optional[str] = ..., room: _Optional[str] = ..., slot_ids: _Optional[_Iterable[str]] = ..., cap: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...

class SponsorProposalResponse(_message.Message):
    __slots__ = ("proposal",)
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    proposal: _request_pb2.Proposal
    def __init__(self, proposal: _Optional[_Union[_request_pb2.Proposal, _Mapping]] = ...) -> None: ...

class DeclineProposalRequest(_message.Message):
    __slots__ = ("name", "sentence", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    sentence: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., sentence: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeclineProposalResponse(_message.Message):
    __slots__ = ("proposal",)
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    proposal: _request_pb2.Proposal
    def __init__(self, proposal: _Optional[_Union[_request_pb2.Proposal, _Mapping]] = ...) -> None: ...

class ListProposalsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "learner")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    learner: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., learner: _Optional[str] = ...) -> None: ...

class ListProposalsResponse(_message.Message):
    __slots__ = ("proposals", "next_page_token")
    PROPOSALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    proposals: _containers.RepeatedCompositeFieldContainer[_request_pb2.Proposal]
    next_page_token: str
    def __init__(self, proposals: _Optional[_Iterable[_Union[_request_pb2.Proposal, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
