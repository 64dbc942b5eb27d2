import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_INSUFFICIENT: _ClassVar[Decision]
    DECISION_NOT_YET: _ClassVar[Decision]
    DECISION_APPROACHING: _ClassVar[Decision]
    DECISION_PROFICIENT: _ClassVar[Decision]
    DECISION_EXEMPLARY: _ClassVar[Decision]

class FlipCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FLIP_CAUSE_UNSPECIFIED: _ClassVar[FlipCause]
    FLIP_CAUSE_DECIDED: _ClassVar[FlipCause]
    FLIP_CAUSE_FELL: _ClassVar[FlipCause]
    FLIP_CAUSE_TAKEN_BACK: _ClassVar[FlipCause]
    FLIP_CAUSE_READ_ANEW: _ClassVar[FlipCause]
    FLIP_CAUSE_UNCONFIRMED: _ClassVar[FlipCause]
    FLIP_CAUSE_TOO_LITTLE: _ClassVar[FlipCause]
DECISION_UNSPECIFIED: Decision
DECISION_INSUFFICIENT: Decision
DECISION_NOT_YET: Decision
DECISION_APPROACHING: Decision
DECISION_PROFICIENT: Decision
DECISION_EXEMPLARY: Decision
FLIP_CAUSE_UNSPECIFIED: FlipCause
FLIP_CAUSE_DECIDED: FlipCause
FLIP_CAUSE_FELL: FlipCause
FLIP_CAUSE_TAKEN_BACK: FlipCause
FLIP_CAUSE_READ_ANEW: FlipCause
FLIP_CAUSE_UNCONFIRMED: FlipCause
FLIP_CAUSE_TOO_LITTLE: FlipCause

class Rule(_message.Message):
    __slots__ = ("name", "version", "parameter")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PARAMETER_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    parameter: int
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., parameter: _Optional[int] = ...) -> None: ...

class EvidenceSummary(_message.Message):
    __slots__ = ("evidence_count", "item_count", "occasion_count", "day_count", "newest_time", "newest_local_day", "evidence")
    EVIDENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    OCCASION_COUNT_FIELD_NUMBER: _ClassVar[int]
    DAY_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEWEST_TIME_FIELD_NUMBER: _ClassVar[int]
    NEWEST_LOCAL_DAY_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    evidence_count: int
    item_count: int
    occasion_count: int
    day_count: int
    newest_time: _timestamp_pb2.Timestamp
    newest_local_day: int
    evidence: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, evidence_count: _Optional[int] = ..., item_count: _Optional[int] = ..., occasion_count: _Optional[int] = ..., day_count: _Optional[int] = ..., newest_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., newest_local_day: _Optional[int] = ..., evidence: _Optional[_Iterable[str]] = ...) -> None: ...

class Estimate(_message.Message):
    __slots__ = ("success_micro", "at_least_half_micro", "at_least_seven_tenths_micro", "at_least_eight_tenths_micro", "at_least_nine_tenths_micro")
    SUCCESS_MICRO_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_HALF_MICRO_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_SEVEN_TENTHS_MICRO_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_EIGHT_TENTHS_MICRO_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_NINE_TENTHS_MICRO_FIELD_NUMBER: _ClassVar[int]
    success_micro: int
    at_least_half_micro: int
    at_least_seven_tenths_micro: int
    at_least_eight_tenths_micro: int
    at_least_nine_tenths_micro: int
    def __init__(self, success_micro: _Optional[int] = ..., at_least_half_micro: _Optional[int] = ..., at_least_seven_tenths_micro: _Optional[int] = ..., at_least_eight_tenths_micro: _Optional[int] = ..., at_least_nine_tenths_micro: _Optional[int] = ...) -> None: ...

class Mastery(_message.Message):
    __slots__ = ("name", "learner", "competency", "decision", "credit_level_milli", "current_level_milli", "estimate", "summary", "needs_reteach", "ready_to_reassess", "refresh_due", "explanation", "as_of_time", "version", "credit_rule", "current_rule", "policy_version", "credit_level_text", "current_level_text", "credit_level_name", "current_level_name", "published_status")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    CREDIT_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    CURRENT_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    NEEDS_RETEACH_FIELD_NUMBER: _ClassVar[int]
    READY_TO_REASSESS_FIELD_NUMBER: _ClassVar[int]
    REFRESH_DUE_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CREDIT_RULE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_RULE_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    CREDIT_LEVEL_TEXT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_LEVEL_TEXT_FIELD_NUMBER: _ClassVar[int]
    CREDIT_LEVEL_NAME_FIELD_NUMBER: _ClassVar[int]
    CURRENT_LEVEL_NAME_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_STATUS_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    competency: str
    decision: Decision
    credit_level_milli: int
    current_level_milli: int
    estimate: Estimate
    summary: EvidenceSummary
    needs_reteach: bool
    ready_to_reassess: bool
    refresh_due: bool
    explanation: str
    as_of_time: _timestamp_pb2.Timestamp
    version: int
    credit_rule: Rule
    current_rule: Rule
    policy_version: int
    credit_level_text: str
    current_level_text: str
    credit_level_name: str
    current_level_name: str
    published_status: PublishedStatus
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., competency: _Optional[str] = ..., decision: _Optional[_Union[Decision, str]] = ..., credit_level_milli: _Optional[int] = ..., current_level_milli: _Optional[int] = ..., estimate: _Optional[_Union[Estimate, _Mapping]] = ..., summary: _Optional[_Union[EvidenceSummary, _Mapping]] = ..., needs_reteach: _Optional[bool] = ..., ready_to_reassess: _Optional[bool] = ..., refresh_due: _Optional[bool] = ..., explanation: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ..., credit_rule: _Optional[_Union[Rule, _Mapping]] = ..., current_rule: _Optional[_Union[Rule, _Mapping]] = ..., policy_version: _Optional[int] = ..., credit_level_text: _Optional[str] = ..., current_level_text: _Optional[str] = ..., credit_level_name: _Optional[str] = ..., current_level_name: _Optional[str] = ..., published_status: _Optional[_Union[PublishedStatus, _Mapping]] = ...) -> None: ...

class PublishedStatus(_message.Message):
    __slots__ = ("status", "since_time", "flip_number", "explanation", "version", "policy_version")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    FLIP_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    status: Decision
    since_time: _timestamp_pb2.Timestamp
    flip_number: int
    explanation: str
    version: int
    policy_version: int
    def __init__(self, status: _Optional[_Union[Decision, str]] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., flip_number: _Optional[int] = ..., explanation: _Optional[str] = ..., version: _Optional[int] = ..., policy_version: _Optional[int] = ...) -> None: ...

class StatusFlip(_message.Message):
    __slots__ = ("mastery", "flip_number", "flip_time", "before", "after", "cause", "explanation", "decision", "current_level_milli", "estimate", "evidence_count", "evidence", "version", "policy_version")
    MASTERY_FIELD_NUMBER: _ClassVar[int]
    FLIP_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FLIP_TIME_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    CURRENT_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    mastery: str
    flip_number: int
    flip_time: _timestamp_pb2.Timestamp
    before: Decision
    after: Decision
    cause: FlipCause
    explanation: str
    decision: Decision
    current_level_milli: int
    estimate: Estimate
    evidence_count: int
    evidence: _containers.RepeatedScalarFieldContainer[str]
    version: int
    policy_version: int
    def __init__(self, mastery: _Optional[str] = ..., flip_number: _Optional[int] = ..., flip_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., before: _Optional[_Union[Decision, str]] = ..., after: _Optional[_Union[Decision, str]] = ..., cause: _Optional[_Union[FlipCause, str]] = ..., explanation: _Optional[str] = ..., decision: _Optional[_Union[Decision, str]] = ..., current_level_milli: _Optional[int] = ..., estimate: _Optional[_Union[Estimate, _Mapping]] = ..., evidence_count: _Optional[int] = ..., evidence: _Optional[_Iterable[str]] = ..., version: _Optional[int] = ..., policy_version: _Optional[int] = ...) -> None: ...

class Need(_message.Message):
    __slots__ = ("competency", "decision", "current_level_milli", "at_least_eight_tenths_micro", "needs_reteach", "summary", "version", "policy_version")
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    CURRENT_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_EIGHT_TENTHS_MICRO_FIELD_NUMBER: _ClassVar[int]
    NEEDS_RETEACH_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    competency: str
    decision: Decision
    current_level_milli: int
    at_least_eight_tenths_micro: int
    needs_reteach: bool
    summary: EvidenceSummary
    version: int
    policy_version: int
    def __init__(self, competency: _Optional[str] = ..., decision: _Optional[_Union[Decision, str]] = ..., current_level_milli: _Optional[int] = ..., at_least_eight_tenths_micro: _Optional[int] = ..., needs_reteach: _Optional[bool] = ..., summary: _Optional[_Union[EvidenceSummary, _Mapping]] = ..., version: _Optional[int] = ..., policy_version: _Optional[int] = ...) -> None: ...

class MasteryEvent(_message.Message):
    __slots__ = ("name", "version", "policy_version", "changed")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    policy_version: int
    changed: MasteryChanged
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., policy_version: _Optional[int] = ..., changed: _Optional[_Union[MasteryChanged, _Mapping]] = ...) -> None: ...

class MasteryChanged(_message.Message):
    __slots__ = ("mastery", "flipped")
    MASTERY_FIELD_NUMBER: _ClassVar[int]
    FLIPPED_FIELD_NUMBER: _ClassVar[int]
    mastery: Mastery
    flipped: bool
    def __init__(self, mastery: _Optional[_Union[Mastery, _Mapping]] = ..., flipped: _Optional[bool] = ...) -> None: ...
