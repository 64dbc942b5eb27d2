import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.framework.v1 import framework_pb2 as _framework_pb2
from trellis.roster.v1 import roster_pb2 as _roster_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Purpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PURPOSE_UNSPECIFIED: _ClassVar[Purpose]
    PURPOSE_FORMATIVE: _ClassVar[Purpose]
    PURPOSE_SUMMATIVE: _ClassVar[Purpose]
    PURPOSE_EXTERNAL_SUMMATIVE: _ClassVar[Purpose]
    PURPOSE_PRACTICE: _ClassVar[Purpose]

class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KIND_UNSPECIFIED: _ClassVar[Kind]
    KIND_QUIZ: _ClassVar[Kind]
    KIND_TEST: _ClassVar[Kind]
    KIND_PERFORMANCE_TASK: _ClassVar[Kind]
    KIND_PORTFOLIO: _ClassVar[Kind]
    KIND_CONFERENCE: _ClassVar[Kind]
    KIND_OBSERVATION: _ClassVar[Kind]
    KIND_HOMEWORK: _ClassVar[Kind]
    KIND_GAME: _ClassVar[Kind]
    KIND_SELF_REPORT: _ClassVar[Kind]

class ScoreScale(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCORE_SCALE_UNSPECIFIED: _ClassVar[ScoreScale]
    SCORE_SCALE_POINTS: _ClassVar[ScoreScale]
    SCORE_SCALE_RUBRIC: _ClassVar[ScoreScale]

class RefusalReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFUSAL_REASON_UNSPECIFIED: _ClassVar[RefusalReason]
    REFUSAL_REASON_MALFORMED: _ClassVar[RefusalReason]
    REFUSAL_REASON_MISSING_EVENT_ID: _ClassVar[RefusalReason]
    REFUSAL_REASON_EVENT_ID_REUSED: _ClassVar[RefusalReason]
    REFUSAL_REASON_UNKNOWN_LEARNER: _ClassVar[RefusalReason]
    REFUSAL_REASON_UNKNOWN_COMPETENCY: _ClassVar[RefusalReason]
    REFUSAL_REASON_SCORE_OUT_OF_RANGE: _ClassVar[RefusalReason]
    REFUSAL_REASON_ALIGNMENT_INVALID: _ClassVar[RefusalReason]
    REFUSAL_REASON_TIME_OUT_OF_RANGE: _ClassVar[RefusalReason]
    REFUSAL_REASON_SOURCE_NOT_ALLOWED: _ClassVar[RefusalReason]
    REFUSAL_REASON_RECORD_TOO_LARGE: _ClassVar[RefusalReason]
    REFUSAL_REASON_UNSUPPORTED: _ClassVar[RefusalReason]
    REFUSAL_REASON_DUPLICATE: _ClassVar[RefusalReason]
    REFUSAL_REASON_UNKNOWN_REFERENCE: _ClassVar[RefusalReason]
    REFUSAL_REASON_IDENTITY_CONFLICT: _ClassVar[RefusalReason]
    REFUSAL_REASON_UNALIGNED_ITEM: _ClassVar[RefusalReason]
    REFUSAL_REASON_AMBIGUOUS_REFERENCE: _ClassVar[RefusalReason]
PURPOSE_UNSPECIFIED: Purpose
PURPOSE_FORMATIVE: Purpose
PURPOSE_SUMMATIVE: Purpose
PURPOSE_EXTERNAL_SUMMATIVE: Purpose
PURPOSE_PRACTICE: Purpose
KIND_UNSPECIFIED: Kind
KIND_QUIZ: Kind
KIND_TEST: Kind
KIND_PERFORMANCE_TASK: Kind
KIND_PORTFOLIO: Kind
KIND_CONFERENCE: Kind
KIND_OBSERVATION: Kind
KIND_HOMEWORK: Kind
KIND_GAME: Kind
KIND_SELF_REPORT: Kind
SCORE_SCALE_UNSPECIFIED: ScoreScale
SCORE_SCALE_POINTS: ScoreScale
SCORE_SCALE_RUBRIC: ScoreScale
REFUSAL_REASON_UNSPECIFIED: RefusalReason
REFUSAL_REASON_MALFORMED: RefusalReason
REFUSAL_REASON_MISSING_EVENT_ID: RefusalReason
REFUSAL_REASON_EVENT_ID_REUSED: RefusalReason
REFUSAL_REASON_UNKNOWN_LEARNER: RefusalReason
REFUSAL_REASON_UNKNOWN_COMPETENCY: RefusalReason
REFUSAL_REASON_SCORE_OUT_OF_RANGE: RefusalReason
REFUSAL_REASON_ALIGNMENT_INVALID: RefusalReason
REFUSAL_REASON_TIME_OUT_OF_RANGE: RefusalReason
REFUSAL_REASON_SOURCE_NOT_ALLOWED: RefusalReason
REFUSAL_REASON_RECORD_TOO_LARGE: RefusalReason
REFUSAL_REASON_UNSUPPORTED: RefusalReason
REFUSAL_REASON_DUPLICATE: RefusalReason
REFUSAL_REASON_UNKNOWN_REFERENCE: RefusalReason
REFUSAL_REASON_IDENTITY_CONFLICT: RefusalReason
REFUSAL_REASON_UNALIGNED_ITEM: RefusalReason
REFUSAL_REASON_AMBIGUOUS_REFERENCE: RefusalReason

class Alignment(_message.Message):
    __slots__ = ("competency", "weight_milli")
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_MILLI_FIELD_NUMBER: _ClassVar[int]
    competency: str
    weight_milli: int
    def __init__(self, competency: _Optional[str] = ..., weight_milli: _Optional[int] = ...) -> None: ...

class ReferencedAlignment(_message.Message):
    __slots__ = ("competency", "weight_milli")
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_MILLI_FIELD_NUMBER: _ClassVar[int]
    competency: _framework_pb2.CompetencyReference
    weight_milli: int
    def __init__(self, competency: _Optional[_Union[_framework_pb2.CompetencyReference, _Mapping]] = ..., weight_milli: _Optional[int] = ...) -> None: ...

class Score(_message.Message):
    __slots__ = ("points", "level_milli")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    points: Points
    level_milli: int
    def __init__(self, points: _Optional[_Union[Points, _Mapping]] = ..., level_milli: _Optional[int] = ...) -> None: ...

class Points(_message.Message):
    __slots__ = ("earned_milli", "possible_milli")
    EARNED_MILLI_FIELD_NUMBER: _ClassVar[int]
    POSSIBLE_MILLI_FIELD_NUMBER: _ClassVar[int]
    earned_milli: int
    possible_milli: int
    def __init__(self, earned_milli: _Optional[int] = ..., possible_milli: _Optional[int] = ...) -> None: ...

class Record(_message.Message):
    __slots__ = ("event_id", "source", "entity_id", "version", "learner", "occur_time", "alignments", "score", "purpose", "kind", "dok", "timed", "item", "assessment", "assessment_items_on_competency", "artefact", "learner_reference", "referenced_alignments")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    ALIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DOK_FIELD_NUMBER: _ClassVar[int]
    TIMED_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_ITEMS_ON_COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    ARTEFACT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    REFERENCED_ALIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    source: str
    entity_id: str
    version: int
    learner: str
    occur_time: _timestamp_pb2.Timestamp
    alignments: _containers.RepeatedCompositeFieldContainer[Alignment]
    score: Score
    purpose: Purpose
    kind: Kind
    dok: int
    timed: bool
    item: str
    assessment: str
    assessment_items_on_competency: int
    artefact: str
    learner_reference: _roster_pb2.Reference
    referenced_alignments: _containers.RepeatedCompositeFieldContainer[ReferencedAlignment]
    def __init__(self, event_id: _Optional[str] = ..., source: _Optional[str] = ..., entity_id: _Optional[str] = ..., version: _Optional[int] = ..., learner: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., alignments: _Optional[_Iterable[_Union[Alignment, _Mapping]]] = ..., score: _Optional[_Union[Score, _Mapping]] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., kind: _Optional[_Union[Kind, str]] = ..., dok: _Optional[int] = ..., timed: _Optional[bool] = ..., item: _Optional[str] = ..., assessment: _Optional[str] = ..., assessment_items_on_competency: _Optional[int] = ..., artefact: _Optional[str] = ..., learner_reference: _Optional[_Union[_roster_pb2.Reference, _Mapping]] = ..., referenced_alignments: _Optional[_Iterable[_Union[ReferencedAlignment, _Mapping]]] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("reason", "field", "message", "hint")
    REASON_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    reason: RefusalReason
    field: str
    message: str
    hint: str
    def __init__(self, reason: _Optional[_Union[RefusalReason, str]] = ..., field: _Optional[str] = ..., message: _Optional[str] = ..., hint: _Optional[str] = ...) -> None: ...

class RecordAnswer(_message.Message):
    __slots__ = ("event_id", "outcome", "evidence", "version", "ledger_position", "refusal")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[RecordAnswer.Outcome]
        OUTCOME_ACCEPTED: _ClassVar[RecordAnswer.Outcome]
        OUTCOME_REPEATED: _ClassVar[RecordAnswer.Outcome]
        OUTCOME_SUPERSEDED: _ClassVar[RecordAnswer.Outcome]
        OUTCOME_REFUSED: _ClassVar[RecordAnswer.Outcome]
        OUTCOME_VALID: _ClassVar[RecordAnswer.Outcome]
        OUTCOME_WAITING: _ClassVar[RecordAnswer.Outcome]
    OUTCOME_UNSPECIFIED: RecordAnswer.Outcome
    OUTCOME_ACCEPTED: RecordAnswer.Outcome
    OUTCOME_REPEATED: RecordAnswer.Outcome
    OUTCOME_SUPERSEDED: RecordAnswer.Outcome
    OUTCOME_REFUSED: RecordAnswer.Outcome
    OUTCOME_VALID: RecordAnswer.Outcome
    OUTCOME_WAITING: RecordAnswer.Outcome
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LEDGER_POSITION_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    outcome: RecordAnswer.Outcome
    evidence: str
    version: int
    ledger_position: int
    refusal: Refusal
    def __init__(self, event_id: _Optional[str] = ..., outcome: _Optional[_Union[RecordAnswer.Outcome, str]] = ..., evidence: _Optional[str] = ..., version: _Optional[int] = ..., ledger_position: _Optional[int] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("name", "state", "version", "source", "entity_id", "import_id", "receive_time", "ledger_position", "event")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Evidence.State]
        STATE_ACTIVE: _ClassVar[Evidence.State]
        STATE_RETRACTED: _ClassVar[Evidence.State]
    STATE_UNSPECIFIED: Evidence.State
    STATE_ACTIVE: Evidence.State
    STATE_RETRACTED: Evidence.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ENTITY_ID_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    LEDGER_POSITION_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Evidence.State
    version: int
    source: str
    entity_id: str
    import_id: str
    receive_time: _timestamp_pb2.Timestamp
    ledger_position: int
    event: EvidenceEvent
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Evidence.State, str]] = ..., version: _Optional[int] = ..., source: _Optional[str] = ..., entity_id: _Optional[str] = ..., import_id: _Optional[str] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ledger_position: _Optional[int] = ..., event: _Optional[_Union[EvidenceEvent, _Mapping]] = ...) -> None: ...

class EvidenceEvent(_message.Message):
    __slots__ = ("event_id", "evidence_id", "version", "ledger_position", "occur_time", "learner", "content_hash", "receive_time", "recorded", "retracted", "watermark")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LEDGER_POSITION_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    RETRACTED_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    evidence_id: bytes
    version: int
    ledger_position: int
    occur_time: _timestamp_pb2.Timestamp
    learner: str
    content_hash: bytes
    receive_time: _timestamp_pb2.Timestamp
    recorded: EvidenceRecorded
    retracted: EvidenceRetracted
    watermark: EvidenceWatermark
    def __init__(self, event_id: _Optional[str] = ..., evidence_id: _Optional[bytes] = ..., version: _Optional[int] = ..., ledger_position: _Optional[int] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., learner: _Optional[str] = ..., content_hash: _Optional[bytes] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recorded: _Optional[_Union[EvidenceRecorded, _Mapping]] = ..., retracted: _Optional[_Union[EvidenceRetracted, _Mapping]] = ..., watermark: _Optional[_Union[EvidenceWatermark, _Mapping]] = ...) -> None: ...

class EvidenceRecorded(_message.Message):
    __slots__ = ("alignments", "score", "score_scale", "purpose", "kind", "dok", "timed", "item", "assessment", "assessment_items_on_competency", "artefact", "local_day", "source")
    ALIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SCORE_SCALE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DOK_FIELD_NUMBER: _ClassVar[int]
    TIMED_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_ITEMS_ON_COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    ARTEFACT_FIELD_NUMBER: _ClassVar[int]
    LOCAL_DAY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    alignments: _containers.RepeatedCompositeFieldContainer[Alignment]
    score: int
    score_scale: ScoreScale
    purpose: Purpose
    kind: Kind
    dok: int
    timed: bool
    item: str
    assessment: str
    assessment_items_on_competency: int
    artefact: str
    local_day: int
    source: str
    def __init__(self, alignments: _Optional[_Iterable[_Union[Alignment, _Mapping]]] = ..., score: _Optional[int] = ..., score_scale: _Optional[_Union[ScoreScale, str]] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., kind: _Optional[_Union[Kind, str]] = ..., dok: _Optional[int] = ..., timed: _Optional[bool] = ..., item: _Optional[str] = ..., assessment: _Optional[str] = ..., assessment_items_on_competency: _Optional[int] = ..., artefact: _Optional[str] = ..., local_day: _Optional[int] = ..., source: _Optional[str] = ...) -> None: ...

class EvidenceRetracted(_message.Message):
    __slots__ = ("reason",)
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[EvidenceRetracted.Reason]
        REASON_WITHDRAWN: _ClassVar[EvidenceRetracted.Reason]
        REASON_IMPORT_WITHDRAWN: _ClassVar[EvidenceRetracted.Reason]
        REASON_LEARNER_CORRECTED: _ClassVar[EvidenceRetracted.Reason]
        REASON_LEARNER_MERGED: _ClassVar[EvidenceRetracted.Reason]
    REASON_UNSPECIFIED: EvidenceRetracted.Reason
    REASON_WITHDRAWN: EvidenceRetracted.Reason
    REASON_IMPORT_WITHDRAWN: EvidenceRetracted.Reason
    REASON_LEARNER_CORRECTED: EvidenceRetracted.Reason
    REASON_LEARNER_MERGED: EvidenceRetracted.Reason
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: EvidenceRetracted.Reason
    def __init__(self, reason: _Optional[_Union[EvidenceRetracted.Reason, str]] = ...) -> None: ...

class EvidenceWatermark(_message.Message):
    __slots__ = ("ledger_position", "partition_count", "publish_time")
    LEDGER_POSITION_FIELD_NUMBER: _ClassVar[int]
    PARTITION_COUNT_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_TIME_FIELD_NUMBER: _ClassVar[int]
    ledger_position: int
    partition_count: int
    publish_time: _timestamp_pb2.Timestamp
    def __init__(self, ledger_position: _Optional[int] = ..., partition_count: _Optional[int] = ..., publish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
