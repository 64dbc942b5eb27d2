from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WorkMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORK_MODE_UNSPECIFIED: _ClassVar[WorkMode]
    WORK_MODE_TAUGHT: _ClassVar[WorkMode]
    WORK_MODE_PEER: _ClassVar[WorkMode]
    WORK_MODE_SCREEN: _ClassVar[WorkMode]
WORK_MODE_UNSPECIFIED: WorkMode
WORK_MODE_TAUGHT: WorkMode
WORK_MODE_PEER: WorkMode
WORK_MODE_SCREEN: WorkMode

class Layout(_message.Message):
    __slots__ = ("layout", "capacity")
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    layout: str
    capacity: int
    def __init__(self, layout: _Optional[str] = ..., capacity: _Optional[int] = ...) -> None: ...

class RoomClosure(_message.Message):
    __slots__ = ("date", "slot_ids")
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLOT_IDS_FIELD_NUMBER: _ClassVar[int]
    date: str
    slot_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, date: _Optional[str] = ..., slot_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class OfferScope(_message.Message):
    __slots__ = ("grades", "tags")
    GRADES_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    grades: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, grades: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ...) -> None: ...

class PolicyTier(_message.Message):
    __slots__ = ("tier_id", "cap", "minimum", "from_level_milli", "below_level_milli", "fits")
    TIER_ID_FIELD_NUMBER: _ClassVar[int]
    CAP_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    FROM_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    BELOW_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    FITS_FIELD_NUMBER: _ClassVar[int]
    tier_id: str
    cap: int
    minimum: int
    from_level_milli: int
    below_level_milli: int
    fits: _containers.RepeatedCompositeFieldContainer[TierFit]
    def __init__(self, tier_id: _Optional[str] = ..., cap: _Optional[int] = ..., minimum: _Optional[int] = ..., from_level_milli: _Optional[int] = ..., below_level_milli: _Optional[int] = ..., fits: _Optional[_Iterable[_Union[TierFit, _Mapping]]] = ...) -> None: ...

class TierFit(_message.Message):
    __slots__ = ("tier_id", "share_milli")
    TIER_ID_FIELD_NUMBER: _ClassVar[int]
    SHARE_MILLI_FIELD_NUMBER: _ClassVar[int]
    tier_id: str
    share_milli: int
    def __init__(self, tier_id: _Optional[str] = ..., share_milli: _Optional[int] = ...) -> None: ...

class PolicyWeights(_message.Message):
    __slots__ = ("essential_milli", "fresh_days", "stale_milli", "waiting_step_milli", "waiting_limit_milli", "nominated_gap_milli", "check_milli", "repeat_milli", "first_need_milli", "first_need_weeks", "other_tier_milli", "peer_milli", "screen_milli", "choice_ranks_milli", "reassessment_milli", "first_enrichment_milli", "enrichment_milli", "commons_milli", "same_adult_milli", "continued_milli", "known_adult_milli", "together_milli", "kept_milli", "session_change_milli", "choice_of_help_ranks_milli")
    ESSENTIAL_MILLI_FIELD_NUMBER: _ClassVar[int]
    FRESH_DAYS_FIELD_NUMBER: _ClassVar[int]
    STALE_MILLI_FIELD_NUMBER: _ClassVar[int]
    WAITING_STEP_MILLI_FIELD_NUMBER: _ClassVar[int]
    WAITING_LIMIT_MILLI_FIELD_NUMBER: _ClassVar[int]
    NOMINATED_GAP_MILLI_FIELD_NUMBER: _ClassVar[int]
    CHECK_MILLI_FIELD_NUMBER: _ClassVar[int]
    REPEAT_MILLI_FIELD_NUMBER: _ClassVar[int]
    FIRST_NEED_MILLI_FIELD_NUMBER: _ClassVar[int]
    FIRST_NEED_WEEKS_FIELD_NUMBER: _ClassVar[int]
    OTHER_TIER_MILLI_FIELD_NUMBER: _ClassVar[int]
    PEER_MILLI_FIELD_NUMBER: _ClassVar[int]
    SCREEN_MILLI_FIELD_NUMBER: _ClassVar[int]
    CHOICE_RANKS_MILLI_FIELD_NUMBER: _ClassVar[int]
    REASSESSMENT_MILLI_FIELD_NUMBER: _ClassVar[int]
    FIRST_ENRICHMENT_MILLI_FIELD_NUMBER: _ClassVar[int]
    ENRICHMENT_MILLI_FIELD_NUMBER: _ClassVar[int]
    COMMONS_MILLI_FIELD_NUMBER: _ClassVar[int]
    SAME_ADULT_MILLI_FIELD_NUMBER: _ClassVar[int]
    CONTINUED_MILLI_FIELD_NUMBER: _ClassVar[int]
    KNOWN_ADULT_MILLI_FIELD_NUMBER: _ClassVar[int]
    TOGETHER_MILLI_FIELD_NUMBER: _ClassVar[int]
    KEPT_MILLI_FIELD_NUMBER: _ClassVar[int]
    SESSION_CHANGE_MILLI_FIELD_NUMBER: _ClassVar[int]
    CHOICE_OF_HELP_RANKS_MILLI_FIELD_NUMBER: _ClassVar[int]
    essential_milli: int
    fresh_days: int
    stale_milli: int
    waiting_step_milli: int
    waiting_limit_milli: int
    nominated_gap_milli: int
    check_milli: int
    repeat_milli: int
    first_need_milli: int
    first_need_weeks: int
    other_tier_milli: int
    peer_milli: int
    screen_milli: int
    choice_ranks_milli: _containers.RepeatedScalarFieldContainer[int]
    reassessment_milli: int
    first_enrichment_milli: int
    enrichment_milli: int
    commons_milli: int
    same_adult_milli: int
    continued_milli: int
    known_adult_milli: int
    together_milli: int
    kept_milli: int
    session_change_milli: int
    choice_of_help_ranks_milli: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, essential_milli: _Optional[int] = ..., fresh_days: _Optional[int] = ..., stale_milli: _Optional[int] = ..., waiting_step_milli: _Optional[int] = ..., waiting_limit_milli: _Optional[int] = ..., nominated_gap_milli: _Optional[int] = ..., check_milli: _Optional[int] = ..., repeat_milli: _Optional[int] = ..., first_need_milli: _Optional[int] = ..., first_need_weeks: _Optional[int] = ..., other_tier_milli: _Optional[int] = ..., peer_milli: _Optional[int] = ..., screen_milli: _Optional[int] = ..., choice_ranks_milli: _Optional[_Iterable[int]] = ..., reassessment_milli: _Optional[int] = ..., first_enrichment_milli: _Optional[int] = ..., enrichment_milli: _Optional[int] = ..., commons_milli: _Optional[int] = ..., same_adult_milli: _Optional[int] = ..., continued_milli: _Optional[int] = ..., known_adult_milli: _Optional[int] = ..., together_milli: _Optional[int] = ..., kept_milli: _Optional[int] = ..., session_change_milli: _Optional[int] = ..., choice_of_help_ranks_milli: _Optional[_Iterable[int]] = ...) -> None: ...

class KeepRule(_message.Message):
    __slots__ = ("name", "kind", "learner", "other_learner", "expire_date", "reason", "set_by", "version", "placed_by_rule")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[KeepRule.Kind]
        KIND_APART: _ClassVar[KeepRule.Kind]
        KIND_TOGETHER: _ClassVar[KeepRule.Kind]
    KIND_UNSPECIFIED: KeepRule.Kind
    KIND_APART: KeepRule.Kind
    KIND_TOGETHER: KeepRule.Kind
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    OTHER_LEARNER_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_DATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SET_BY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PLACED_BY_RULE_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: KeepRule.Kind
    learner: str
    other_learner: str
    expire_date: str
    reason: str
    set_by: str
    version: int
    placed_by_rule: bool
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[KeepRule.Kind, str]] = ..., learner: _Optional[str] = ..., other_learner: _Optional[str] = ..., expire_date: _Optional[str] = ..., reason: _Optional[str] = ..., set_by: _Optional[str] = ..., version: _Optional[int] = ..., placed_by_rule: _Optional[bool] = ...) -> None: ...

class RequiredService(_message.Message):
    __slots__ = ("name", "learner", "service", "minutes", "adult", "begin_date", "end_date", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    BEGIN_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    service: str
    minutes: int
    adult: str
    begin_date: str
    end_date: str
    version: int
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., service: _Optional[str] = ..., minutes: _Optional[int] = ..., adult: _Optional[str] = ..., begin_date: _Optional[str] = ..., end_date: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class Essential(_message.Message):
    __slots__ = ("name", "due_date", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    due_date: str
    version: int
    def __init__(self, name: _Optional[str] = ..., due_date: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class LockedSession(_message.Message):
    __slots__ = ("name", "date", "slot_id", "offer", "competency", "tier_id", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    TIER_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    date: str
    slot_id: str
    offer: str
    competency: str
    tier_id: str
    version: int
    def __init__(self, name: _Optional[str] = ..., date: _Optional[str] = ..., slot_id: _Optional[str] = ..., offer: _Optional[str] = ..., competency: _Optional[str] = ..., tier_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class RefusedRow(_message.Message):
    __slots__ = ("index", "field", "reason", "message", "hint")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    index: int
    field: str
    reason: str
    message: str
    hint: str
    def __init__(self, index: _Optional[int] = ..., field: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., hint: _Optional[str] = ...) -> None: ...

class ReadinessItem(_message.Message):
    __slots__ = ("severity", "code", "message", "hint")
    class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SEVERITY_UNSPECIFIED: _ClassVar[ReadinessItem.Severity]
        SEVERITY_STOPS: _ClassVar[ReadinessItem.Severity]
        SEVERITY_WEAKENS: _ClassVar[ReadinessItem.Severity]
        SEVERITY_INFORMS: _ClassVar[ReadinessItem.Severity]
    SEVERITY_UNSPECIFIED: ReadinessItem.Severity
    SEVERITY_STOPS: ReadinessItem.Severity
    SEVERITY_WEAKENS: ReadinessItem.Severity
    SEVERITY_INFORMS: ReadinessItem.Severity
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    severity: ReadinessItem.Severity
    code: str
    message: str
    hint: str
    def __init__(self, severity: _Optional[_Union[ReadinessItem.Severity, str]] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., hint: _Optional[str] = ...) -> None: ...
