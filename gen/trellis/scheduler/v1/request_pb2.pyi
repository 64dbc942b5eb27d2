import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.scheduler.v1 import week_pb2 as _week_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WayMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WAY_MODE_UNSPECIFIED: _ClassVar[WayMode]
    WAY_MODE_TAUGHT: _ClassVar[WayMode]
    WAY_MODE_PEER: _ClassVar[WayMode]
    WAY_MODE_SCREEN: _ClassVar[WayMode]
WAY_MODE_UNSPECIFIED: WayMode
WAY_MODE_TAUGHT: WayMode
WAY_MODE_PEER: WayMode
WAY_MODE_SCREEN: WayMode

class ChoiceWindow(_message.Message):
    __slots__ = ("name", "open_time", "close_time", "closed_time", "note")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSED_TIME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    name: str
    open_time: _timestamp_pb2.Timestamp
    close_time: _timestamp_pb2.Timestamp
    closed_time: _timestamp_pb2.Timestamp
    note: str
    def __init__(self, name: _Optional[str] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., closed_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...

class Way(_message.Message):
    __slots__ = ("offer", "competency", "adult", "kind", "mode", "title", "dok", "slot_ids")
    OFFER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DOK_FIELD_NUMBER: _ClassVar[int]
    SLOT_IDS_FIELD_NUMBER: _ClassVar[int]
    offer: str
    competency: str
    adult: str
    kind: _week_pb2.SessionKind
    mode: WayMode
    title: str
    dok: int
    slot_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, offer: _Optional[str] = ..., competency: _Optional[str] = ..., adult: _Optional[str] = ..., kind: _Optional[_Union[_week_pb2.SessionKind, str]] = ..., mode: _Optional[_Union[WayMode, str]] = ..., title: _Optional[str] = ..., dok: _Optional[int] = ..., slot_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ChoiceTarget(_message.Message):
    __slots__ = ("competency", "label", "ways")
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    WAYS_FIELD_NUMBER: _ClassVar[int]
    competency: str
    label: str
    ways: _containers.RepeatedCompositeFieldContainer[Way]
    def __init__(self, competency: _Optional[str] = ..., label: _Optional[str] = ..., ways: _Optional[_Iterable[_Union[Way, _Mapping]]] = ...) -> None: ...

class ShortList(_message.Message):
    __slots__ = ("learner", "targets", "enrichment")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    ENRICHMENT_FIELD_NUMBER: _ClassVar[int]
    learner: str
    targets: _containers.RepeatedCompositeFieldContainer[ChoiceTarget]
    enrichment: _containers.RepeatedCompositeFieldContainer[Way]
    def __init__(self, learner: _Optional[str] = ..., targets: _Optional[_Iterable[_Union[ChoiceTarget, _Mapping]]] = ..., enrichment: _Optional[_Iterable[_Union[Way, _Mapping]]] = ...) -> None: ...

class RankedChoice(_message.Message):
    __slots__ = ("offer", "competency", "slot_ids")
    OFFER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    SLOT_IDS_FIELD_NUMBER: _ClassVar[int]
    offer: str
    competency: str
    slot_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, offer: _Optional[str] = ..., competency: _Optional[str] = ..., slot_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ReadRanking(_message.Message):
    __slots__ = ("name", "number")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    name: str
    number: int
    def __init__(self, name: _Optional[str] = ..., number: _Optional[int] = ...) -> None: ...

class Ranking(_message.Message):
    __slots__ = ("name", "learner", "source", "choices", "version", "receive_time", "answer", "answer_sentence", "answered_by", "number")
    class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SOURCE_UNSPECIFIED: _ClassVar[Ranking.Source]
        SOURCE_SENT: _ClassVar[Ranking.Source]
        SOURCE_LAST_WEEK: _ClassVar[Ranking.Source]
        SOURCE_NONE: _ClassVar[Ranking.Source]
    SOURCE_UNSPECIFIED: Ranking.Source
    SOURCE_SENT: Ranking.Source
    SOURCE_LAST_WEEK: Ranking.Source
    SOURCE_NONE: Ranking.Source
    class Answer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ANSWER_UNSPECIFIED: _ClassVar[Ranking.Answer]
        ANSWER_OPEN: _ClassVar[Ranking.Answer]
        ANSWER_CONFIRMED: _ClassVar[Ranking.Answer]
        ANSWER_SENTENCE: _ClassVar[Ranking.Answer]
    ANSWER_UNSPECIFIED: Ranking.Answer
    ANSWER_OPEN: Ranking.Answer
    ANSWER_CONFIRMED: Ranking.Answer
    ANSWER_SENTENCE: Ranking.Answer
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ANSWER_SENTENCE_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_BY_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    source: Ranking.Source
    choices: _containers.RepeatedCompositeFieldContainer[RankedChoice]
    version: int
    receive_time: _timestamp_pb2.Timestamp
    answer: Ranking.Answer
    answer_sentence: str
    answered_by: str
    number: int
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., source: _Optional[_Union[Ranking.Source, str]] = ..., choices: _Optional[_Iterable[_Union[RankedChoice, _Mapping]]] = ..., version: _Optional[int] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., answer: _Optional[_Union[Ranking.Answer, str]] = ..., answer_sentence: _Optional[str] = ..., answered_by: _Optional[str] = ..., number: _Optional[int] = ...) -> None: ...

class LearnerRequest(_message.Message):
    __slots__ = ("name", "learner", "slot_id", "offer", "competency", "adult", "level", "state", "winner", "sentence", "learner_sentence", "create_time", "settle_time", "version", "title", "cancel_wished")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[LearnerRequest.State]
        STATE_SEATED: _ClassVar[LearnerRequest.State]
        STATE_NEXT: _ClassVar[LearnerRequest.State]
        STATE_CANCELLED: _ClassVar[LearnerRequest.State]
        STATE_REFUSED: _ClassVar[LearnerRequest.State]
    STATE_UNSPECIFIED: LearnerRequest.State
    STATE_SEATED: LearnerRequest.State
    STATE_NEXT: LearnerRequest.State
    STATE_CANCELLED: LearnerRequest.State
    STATE_REFUSED: LearnerRequest.State
    class Level(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LEVEL_UNSPECIFIED: _ClassVar[LearnerRequest.Level]
        LEVEL_SERVICE: _ClassVar[LearnerRequest.Level]
        LEVEL_ADMINISTRATOR: _ClassVar[LearnerRequest.Level]
        LEVEL_OWNING_TEACHER: _ClassVar[LearnerRequest.Level]
        LEVEL_TEACHER: _ClassVar[LearnerRequest.Level]
    LEVEL_UNSPECIFIED: LearnerRequest.Level
    LEVEL_SERVICE: LearnerRequest.Level
    LEVEL_ADMINISTRATOR: LearnerRequest.Level
    LEVEL_OWNING_TEACHER: LearnerRequest.Level
    LEVEL_TEACHER: LearnerRequest.Level
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    WINNER_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    LEARNER_SENTENCE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SETTLE_TIME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CANCEL_WISHED_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    slot_id: str
    offer: str
    competency: str
    adult: str
    level: LearnerRequest.Level
    state: LearnerRequest.State
    winner: str
    sentence: str
    learner_sentence: str
    create_time: _timestamp_pb2.Timestamp
    settle_time: _timestamp_pb2.Timestamp
    version: int
    title: str
    cancel_wished: bool
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., offer: _Optional[str] = ..., competency: _Optional[str] = ..., adult: _Optional[str] = ..., level: _Optional[_Union[LearnerRequest.Level, str]] = ..., state: _Optional[_Union[LearnerRequest.State, str]] = ..., winner: _Optional[str] = ..., sentence: _Optional[str] = ..., learner_sentence: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., settle_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ..., title: _Optional[str] = ..., cancel_wished: _Optional[bool] = ...) -> None: ...

class RequestOutcome(_message.Message):
    __slots__ = ("number", "state", "winner", "sentence", "settle_time")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    WINNER_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    SETTLE_TIME_FIELD_NUMBER: _ClassVar[int]
    number: int
    state: LearnerRequest.State
    winner: str
    sentence: str
    settle_time: _timestamp_pb2.Timestamp
    def __init__(self, number: _Optional[int] = ..., state: _Optional[_Union[LearnerRequest.State, str]] = ..., winner: _Optional[str] = ..., sentence: _Optional[str] = ..., settle_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SeenNeed(_message.Message):
    __slots__ = ("name", "learner", "competency", "reason", "actor", "state", "expire_date", "create_time", "answer_sentence", "answered_by", "learner_sentence", "version")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[SeenNeed.State]
        STATE_WAITING: _ClassVar[SeenNeed.State]
        STATE_STANDING: _ClassVar[SeenNeed.State]
        STATE_WITHDRAWN: _ClassVar[SeenNeed.State]
        STATE_SETTLED: _ClassVar[SeenNeed.State]
    STATE_UNSPECIFIED: SeenNeed.State
    STATE_WAITING: SeenNeed.State
    STATE_STANDING: SeenNeed.State
    STATE_WITHDRAWN: SeenNeed.State
    STATE_SETTLED: SeenNeed.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_DATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ANSWER_SENTENCE_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_BY_FIELD_NUMBER: _ClassVar[int]
    LEARNER_SENTENCE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    competency: str
    reason: str
    actor: str
    state: SeenNeed.State
    expire_date: str
    create_time: _timestamp_pb2.Timestamp
    answer_sentence: str
    answered_by: str
    learner_sentence: str
    version: int
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., competency: _Optional[str] = ..., reason: _Optional[str] = ..., actor: _Optional[str] = ..., state: _Optional[_Union[SeenNeed.State, str]] = ..., expire_date: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., answer_sentence: _Optional[str] = ..., answered_by: _Optional[str] = ..., learner_sentence: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class Booking(_message.Message):
    __slots__ = ("name", "kind", "learner", "competency", "offer", "slot_id", "state", "actor", "answer_sentence", "answered_by", "create_time", "version")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Booking.Kind]
        KIND_REASSESSMENT: _ClassVar[Booking.Kind]
        KIND_COACHING: _ClassVar[Booking.Kind]
    KIND_UNSPECIFIED: Booking.Kind
    KIND_REASSESSMENT: Booking.Kind
    KIND_COACHING: Booking.Kind
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Booking.State]
        STATE_ASKED: _ClassVar[Booking.State]
        STATE_AGREED: _ClassVar[Booking.State]
        STATE_DECLINED: _ClassVar[Booking.State]
        STATE_CANCELLED: _ClassVar[Booking.State]
    STATE_UNSPECIFIED: Booking.State
    STATE_ASKED: Booking.State
    STATE_AGREED: Booking.State
    STATE_DECLINED: Booking.State
    STATE_CANCELLED: Booking.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ANSWER_SENTENCE_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: Booking.Kind
    learner: str
    competency: str
    offer: str
    slot_id: str
    state: Booking.State
    actor: str
    answer_sentence: str
    answered_by: str
    create_time: _timestamp_pb2.Timestamp
    version: int
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[Booking.Kind, str]] = ..., learner: _Optional[str] = ..., competency: _Optional[str] = ..., offer: _Optional[str] = ..., slot_id: _Optional[str] = ..., state: _Optional[_Union[Booking.State, str]] = ..., actor: _Optional[str] = ..., answer_sentence: _Optional[str] = ..., answered_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ...) -> None: ...

class Proposal(_message.Message):
    __slots__ = ("name", "learner", "title", "what", "state", "offer", "answer_sentence", "answered_by", "create_time", "version")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Proposal.State]
        STATE_WAITING: _ClassVar[Proposal.State]
        STATE_SPONSORED: _ClassVar[Proposal.State]
        STATE_DECLINED: _ClassVar[Proposal.State]
    STATE_UNSPECIFIED: Proposal.State
    STATE_WAITING: Proposal.State
    STATE_SPONSORED: Proposal.State
    STATE_DECLINED: Proposal.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    ANSWER_SENTENCE_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    title: str
    what: str
    state: Proposal.State
    offer: str
    answer_sentence: str
    answered_by: str
    create_time: _timestamp_pb2.Timestamp
    version: int
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., title: _Optional[str] = ..., what: _Optional[str] = ..., state: _Optional[_Union[Proposal.State, str]] = ..., offer: _Optional[str] = ..., answer_sentence: _Optional[str] = ..., answered_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ...) -> None: ...
