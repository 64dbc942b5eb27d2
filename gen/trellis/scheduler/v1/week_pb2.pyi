import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.scheduler.v1 import calendar_pb2 as _calendar_pb2
from trellis.scheduler.v1 import cycle_pb2 as _cycle_pb2
from trellis.scheduler.v1 import day_pb2 as _day_pb2
from trellis.scheduler.v1 import school_pb2 as _school_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SessionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_KIND_UNSPECIFIED: _ClassVar[SessionKind]
    SESSION_KIND_SMALL_GROUP: _ClassVar[SessionKind]
    SESSION_KIND_CHECK: _ClassVar[SessionKind]
    SESSION_KIND_ENRICHMENT: _ClassVar[SessionKind]
    SESSION_KIND_ONE_TO_ONE: _ClassVar[SessionKind]
    SESSION_KIND_SERVICE: _ClassVar[SessionKind]
    SESSION_KIND_COMMONS: _ClassVar[SessionKind]
    SESSION_KIND_REASSESSMENT: _ClassVar[SessionKind]

class Paper(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PAPER_UNSPECIFIED: _ClassVar[Paper]
    PAPER_US_LETTER: _ClassVar[Paper]
    PAPER_A4: _ClassVar[Paper]
SESSION_KIND_UNSPECIFIED: SessionKind
SESSION_KIND_SMALL_GROUP: SessionKind
SESSION_KIND_CHECK: SessionKind
SESSION_KIND_ENRICHMENT: SessionKind
SESSION_KIND_ONE_TO_ONE: SessionKind
SESSION_KIND_SERVICE: SessionKind
SESSION_KIND_COMMONS: SessionKind
SESSION_KIND_REASSESSMENT: SessionKind
PAPER_UNSPECIFIED: Paper
PAPER_US_LETTER: Paper
PAPER_A4: Paper

class SlotTemplate(_message.Message):
    __slots__ = ("slot_id", "iso_weekday", "start_clock", "end_clock", "label", "own_choice", "subject", "scope")
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    ISO_WEEKDAY_FIELD_NUMBER: _ClassVar[int]
    START_CLOCK_FIELD_NUMBER: _ClassVar[int]
    END_CLOCK_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    OWN_CHOICE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    slot_id: str
    iso_weekday: int
    start_clock: str
    end_clock: str
    label: str
    own_choice: bool
    subject: str
    scope: _calendar_pb2.PeriodScope
    def __init__(self, slot_id: _Optional[str] = ..., iso_weekday: _Optional[int] = ..., start_clock: _Optional[str] = ..., end_clock: _Optional[str] = ..., label: _Optional[str] = ..., own_choice: _Optional[bool] = ..., subject: _Optional[str] = ..., scope: _Optional[_Union[_calendar_pb2.PeriodScope, _Mapping]] = ...) -> None: ...

class Policy(_message.Message):
    __slots__ = ("name", "school_display_name", "time_zone", "slots", "small_group_cap", "one_to_one_cap", "check_cap", "enrichment_cap", "session_minimum", "floor_evidence_count", "floor_day_count", "floor_newest_days", "floor_level_milli", "floor_at_least_eight_tenths_micro", "preparations_per_day", "need_seats_per_week", "banned_words", "reteach_share_milli", "version", "legal_cap", "own_choice_seats_per_week", "enrichment_seats_per_week", "own_choice_share_milli", "prerequisite_share_milli", "far_behind_level_milli", "far_behind_share_milli", "cycle_weeks", "exit_level_milli", "exit_evidence_count", "return_level_milli", "cycles_without_gain", "dok_one_run", "reteach_weight_milli", "tiers", "weights", "paper", "family_language")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCHOOL_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    SMALL_GROUP_CAP_FIELD_NUMBER: _ClassVar[int]
    ONE_TO_ONE_CAP_FIELD_NUMBER: _ClassVar[int]
    CHECK_CAP_FIELD_NUMBER: _ClassVar[int]
    ENRICHMENT_CAP_FIELD_NUMBER: _ClassVar[int]
    SESSION_MINIMUM_FIELD_NUMBER: _ClassVar[int]
    FLOOR_EVIDENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    FLOOR_DAY_COUNT_FIELD_NUMBER: _ClassVar[int]
    FLOOR_NEWEST_DAYS_FIELD_NUMBER: _ClassVar[int]
    FLOOR_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    FLOOR_AT_LEAST_EIGHT_TENTHS_MICRO_FIELD_NUMBER: _ClassVar[int]
    PREPARATIONS_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    NEED_SEATS_PER_WEEK_FIELD_NUMBER: _ClassVar[int]
    BANNED_WORDS_FIELD_NUMBER: _ClassVar[int]
    RETEACH_SHARE_MILLI_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LEGAL_CAP_FIELD_NUMBER: _ClassVar[int]
    OWN_CHOICE_SEATS_PER_WEEK_FIELD_NUMBER: _ClassVar[int]
    ENRICHMENT_SEATS_PER_WEEK_FIELD_NUMBER: _ClassVar[int]
    OWN_CHOICE_SHARE_MILLI_FIELD_NUMBER: _ClassVar[int]
    PREREQUISITE_SHARE_MILLI_FIELD_NUMBER: _ClassVar[int]
    FAR_BEHIND_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    FAR_BEHIND_SHARE_MILLI_FIELD_NUMBER: _ClassVar[int]
    CYCLE_WEEKS_FIELD_NUMBER: _ClassVar[int]
    EXIT_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    EXIT_EVIDENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    RETURN_LEVEL_MILLI_FIELD_NUMBER: _ClassVar[int]
    CYCLES_WITHOUT_GAIN_FIELD_NUMBER: _ClassVar[int]
    DOK_ONE_RUN_FIELD_NUMBER: _ClassVar[int]
    RETEACH_WEIGHT_MILLI_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    PAPER_FIELD_NUMBER: _ClassVar[int]
    FAMILY_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    name: str
    school_display_name: str
    time_zone: str
    slots: _containers.RepeatedCompositeFieldContainer[SlotTemplate]
    small_group_cap: int
    one_to_one_cap: int
    check_cap: int
    enrichment_cap: int
    session_minimum: int
    floor_evidence_count: int
    floor_day_count: int
    floor_newest_days: int
    floor_level_milli: int
    floor_at_least_eight_tenths_micro: int
    preparations_per_day: int
    need_seats_per_week: int
    banned_words: _containers.RepeatedScalarFieldContainer[str]
    reteach_share_milli: int
    version: int
    legal_cap: int
    own_choice_seats_per_week: int
    enrichment_seats_per_week: int
    own_choice_share_milli: int
    prerequisite_share_milli: int
    far_behind_level_milli: int
    far_behind_share_milli: int
    cycle_weeks: int
    exit_level_milli: int
    exit_evidence_count: int
    return_level_milli: int
    cycles_without_gain: int
    dok_one_run: int
    reteach_weight_milli: int
    tiers: _containers.RepeatedCompositeFieldContainer[_school_pb2.PolicyTier]
    weights: _school_pb2.PolicyWeights
    paper: Paper
    family_language: str
    def __init__(self, name: _Optional[str] = ..., school_display_name: _Optional[str] = ..., time_zone: _Optional[str] = ..., slots: _Optional[_Iterable[_Union[SlotTemplate, _Mapping]]] = ..., small_group_cap: _Optional[int] = ..., one_to_one_cap: _Optional[int] = ..., check_cap: _Optional[int] = ..., enrichment_cap: _Optional[int] = ..., session_minimum: _Optional[int] = ..., floor_evidence_count: _Optional[int] = ..., floor_day_count: _Optional[int] = ..., floor_newest_days: _Optional[int] = ..., floor_level_milli: _Optional[int] = ..., floor_at_least_eight_tenths_micro: _Optional[int] = ..., preparations_per_day: _Optional[int] = ..., need_seats_per_week: _Optional[int] = ..., banned_words: _Optional[_Iterable[str]] = ..., reteach_share_milli: _Optional[int] = ..., version: _Optional[int] = ..., legal_cap: _Optional[int] = ..., own_choice_seats_per_week: _Optional[int] = ..., enrichment_seats_per_week: _Optional[int] = ..., own_choice_share_milli: _Optional[int] = ..., prerequisite_share_milli: _Optional[int] = ..., far_behind_level_milli: _Optional[int] = ..., far_behind_share_milli: _Optional[int] = ..., cycle_weeks: _Optional[int] = ..., exit_level_milli: _Optional[int] = ..., exit_evidence_count: _Optional[int] = ..., return_level_milli: _Optional[int] = ..., cycles_without_gain: _Optional[int] = ..., dok_one_run: _Optional[int] = ..., reteach_weight_milli: _Optional[int] = ..., tiers: _Optional[_Iterable[_Union[_school_pb2.PolicyTier, _Mapping]]] = ..., weights: _Optional[_Union[_school_pb2.PolicyWeights, _Mapping]] = ..., paper: _Optional[_Union[Paper, str]] = ..., family_language: _Optional[str] = ...) -> None: ...

class Room(_message.Message):
    __slots__ = ("name", "display_name", "capacity", "shared", "version", "layouts", "closed_slot_ids", "closures")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    SHARED_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LAYOUTS_FIELD_NUMBER: _ClassVar[int]
    CLOSED_SLOT_IDS_FIELD_NUMBER: _ClassVar[int]
    CLOSURES_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    capacity: int
    shared: bool
    version: int
    layouts: _containers.RepeatedCompositeFieldContainer[_school_pb2.Layout]
    closed_slot_ids: _containers.RepeatedScalarFieldContainer[str]
    closures: _containers.RepeatedCompositeFieldContainer[_school_pb2.RoomClosure]
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., capacity: _Optional[int] = ..., shared: _Optional[bool] = ..., version: _Optional[int] = ..., layouts: _Optional[_Iterable[_Union[_school_pb2.Layout, _Mapping]]] = ..., closed_slot_ids: _Optional[_Iterable[str]] = ..., closures: _Optional[_Iterable[_Union[_school_pb2.RoomClosure, _Mapping]]] = ...) -> None: ...

class Offer(_message.Message):
    __slots__ = ("name", "adult", "room", "kind", "subject", "competencies", "title", "cap", "slot_ids", "version", "other_rooms", "layout", "mode", "dok", "rich", "minimum", "tier_ids", "legal", "service", "scope", "co_adults")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    COMPETENCIES_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CAP_FIELD_NUMBER: _ClassVar[int]
    SLOT_IDS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    OTHER_ROOMS_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    DOK_FIELD_NUMBER: _ClassVar[int]
    RICH_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    TIER_IDS_FIELD_NUMBER: _ClassVar[int]
    LEGAL_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    CO_ADULTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    adult: str
    room: str
    kind: SessionKind
    subject: str
    competencies: _containers.RepeatedScalarFieldContainer[str]
    title: str
    cap: int
    slot_ids: _containers.RepeatedScalarFieldContainer[str]
    version: int
    other_rooms: _containers.RepeatedScalarFieldContainer[str]
    layout: str
    mode: _school_pb2.WorkMode
    dok: int
    rich: bool
    minimum: int
    tier_ids: _containers.RepeatedScalarFieldContainer[str]
    legal: str
    service: str
    scope: _school_pb2.OfferScope
    co_adults: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., adult: _Optional[str] = ..., room: _Optional[str] = ..., kind: _Optional[_Union[SessionKind, str]] = ..., subject: _Optional[str] = ..., competencies: _Optional[_Iterable[str]] = ..., title: _Optional[str] = ..., cap: _Optional[int] = ..., slot_ids: _Optional[_Iterable[str]] = ..., version: _Optional[int] = ..., other_rooms: _Optional[_Iterable[str]] = ..., layout: _Optional[str] = ..., mode: _Optional[_Union[_school_pb2.WorkMode, str]] = ..., dok: _Optional[int] = ..., rich: _Optional[bool] = ..., minimum: _Optional[int] = ..., tier_ids: _Optional[_Iterable[str]] = ..., legal: _Optional[str] = ..., service: _Optional[str] = ..., scope: _Optional[_Union[_school_pb2.OfferScope, _Mapping]] = ..., co_adults: _Optional[_Iterable[str]] = ...) -> None: ...

class Absence(_message.Message):
    __slots__ = ("name", "adult", "date", "slot_ids", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLOT_IDS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    adult: str
    date: str
    slot_ids: _containers.RepeatedScalarFieldContainer[str]
    version: int
    def __init__(self, name: _Optional[str] = ..., adult: _Optional[str] = ..., date: _Optional[str] = ..., slot_ids: _Optional[_Iterable[str]] = ..., version: _Optional[int] = ...) -> None: ...

class Pin(_message.Message):
    __slots__ = ("name", "learner", "date", "slot_id", "offer", "exemption", "reason", "service", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    EXEMPTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    date: str
    slot_id: str
    offer: str
    exemption: str
    reason: str
    service: bool
    version: int
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., date: _Optional[str] = ..., slot_id: _Optional[str] = ..., offer: _Optional[str] = ..., exemption: _Optional[str] = ..., reason: _Optional[str] = ..., service: _Optional[bool] = ..., version: _Optional[int] = ...) -> None: ...

class PlanRun(_message.Message):
    __slots__ = ("name", "state", "monday", "as_of_time", "seed", "budget", "snapshot_hash", "week_hash", "create_time", "start_time", "end_time", "failure", "summary", "breaches", "min_position", "needs_position")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[PlanRun.State]
        STATE_PENDING: _ClassVar[PlanRun.State]
        STATE_RUNNING: _ClassVar[PlanRun.State]
        STATE_SUCCEEDED: _ClassVar[PlanRun.State]
        STATE_FAILED: _ClassVar[PlanRun.State]
        STATE_CANCELLED: _ClassVar[PlanRun.State]
    STATE_UNSPECIFIED: PlanRun.State
    STATE_PENDING: PlanRun.State
    STATE_RUNNING: PlanRun.State
    STATE_SUCCEEDED: PlanRun.State
    STATE_FAILED: PlanRun.State
    STATE_CANCELLED: PlanRun.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MONDAY_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_HASH_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    BREACHES_FIELD_NUMBER: _ClassVar[int]
    MIN_POSITION_FIELD_NUMBER: _ClassVar[int]
    NEEDS_POSITION_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: PlanRun.State
    monday: str
    as_of_time: _timestamp_pb2.Timestamp
    seed: int
    budget: int
    snapshot_hash: str
    week_hash: str
    create_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    failure: str
    summary: PlanSummary
    breaches: _containers.RepeatedCompositeFieldContainer[Breach]
    min_position: int
    needs_position: int
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[PlanRun.State, str]] = ..., monday: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., seed: _Optional[int] = ..., budget: _Optional[int] = ..., snapshot_hash: _Optional[str] = ..., week_hash: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failure: _Optional[str] = ..., summary: _Optional[_Union[PlanSummary, _Mapping]] = ..., breaches: _Optional[_Iterable[_Union[Breach, _Mapping]]] = ..., min_position: _Optional[int] = ..., needs_position: _Optional[int] = ...) -> None: ...

class PlanSummary(_message.Message):
    __slots__ = ("learners", "slots", "sessions", "seats", "exemptions", "needs", "needs_met", "checks_due", "checks_met", "need_weight_met_micro", "assignment_gap_micro", "capacity", "week_gap_micro")
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    EXEMPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_MET_FIELD_NUMBER: _ClassVar[int]
    CHECKS_DUE_FIELD_NUMBER: _ClassVar[int]
    CHECKS_MET_FIELD_NUMBER: _ClassVar[int]
    NEED_WEIGHT_MET_MICRO_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_GAP_MICRO_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    WEEK_GAP_MICRO_FIELD_NUMBER: _ClassVar[int]
    learners: int
    slots: int
    sessions: int
    seats: int
    exemptions: int
    needs: int
    needs_met: int
    checks_due: int
    checks_met: int
    need_weight_met_micro: int
    assignment_gap_micro: int
    capacity: _containers.RepeatedCompositeFieldContainer[SlotCapacity]
    week_gap_micro: int
    def __init__(self, learners: _Optional[int] = ..., slots: _Optional[int] = ..., sessions: _Optional[int] = ..., seats: _Optional[int] = ..., exemptions: _Optional[int] = ..., needs: _Optional[int] = ..., needs_met: _Optional[int] = ..., checks_due: _Optional[int] = ..., checks_met: _Optional[int] = ..., need_weight_met_micro: _Optional[int] = ..., assignment_gap_micro: _Optional[int] = ..., capacity: _Optional[_Iterable[_Union[SlotCapacity, _Mapping]]] = ..., week_gap_micro: _Optional[int] = ...) -> None: ...

class SlotCapacity(_message.Message):
    __slots__ = ("slot_id", "learners", "adults_available", "adults_absent", "places", "short_of")
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    ADULTS_AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    ADULTS_ABSENT_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    SHORT_OF_FIELD_NUMBER: _ClassVar[int]
    slot_id: str
    learners: int
    adults_available: int
    adults_absent: int
    places: int
    short_of: int
    def __init__(self, slot_id: _Optional[str] = ..., learners: _Optional[int] = ..., adults_available: _Optional[int] = ..., adults_absent: _Optional[int] = ..., places: _Optional[int] = ..., short_of: _Optional[int] = ...) -> None: ...

class Breach(_message.Message):
    __slots__ = ("rule", "slot_id", "message")
    RULE_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    slot_id: str
    message: str
    def __init__(self, rule: _Optional[str] = ..., slot_id: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Week(_message.Message):
    __slots__ = ("name", "state", "revision", "plan_run", "week_hash", "sign_off_adult", "sign_off_time", "publish_time", "summary", "breaches")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Week.State]
        STATE_DRAFT: _ClassVar[Week.State]
        STATE_REVIEW: _ClassVar[Week.State]
        STATE_PUBLISHED: _ClassVar[Week.State]
        STATE_LOCKED: _ClassVar[Week.State]
    STATE_UNSPECIFIED: Week.State
    STATE_DRAFT: Week.State
    STATE_REVIEW: Week.State
    STATE_PUBLISHED: Week.State
    STATE_LOCKED: Week.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PLAN_RUN_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    SIGN_OFF_ADULT_FIELD_NUMBER: _ClassVar[int]
    SIGN_OFF_TIME_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_TIME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    BREACHES_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Week.State
    revision: int
    plan_run: str
    week_hash: str
    sign_off_adult: str
    sign_off_time: _timestamp_pb2.Timestamp
    publish_time: _timestamp_pb2.Timestamp
    summary: PlanSummary
    breaches: _containers.RepeatedCompositeFieldContainer[Breach]
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Week.State, str]] = ..., revision: _Optional[int] = ..., plan_run: _Optional[str] = ..., week_hash: _Optional[str] = ..., sign_off_adult: _Optional[str] = ..., sign_off_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., publish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., summary: _Optional[_Union[PlanSummary, _Mapping]] = ..., breaches: _Optional[_Iterable[_Union[Breach, _Mapping]]] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("name", "slot_id", "date", "start_clock", "end_clock", "kind", "adult", "room", "room_display_name", "competency", "title", "cap", "seat_count", "offer")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    START_CLOCK_FIELD_NUMBER: _ClassVar[int]
    END_CLOCK_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    ROOM_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CAP_FIELD_NUMBER: _ClassVar[int]
    SEAT_COUNT_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    name: str
    slot_id: str
    date: str
    start_clock: str
    end_clock: str
    kind: SessionKind
    adult: str
    room: str
    room_display_name: str
    competency: str
    title: str
    cap: int
    seat_count: int
    offer: str
    def __init__(self, name: _Optional[str] = ..., slot_id: _Optional[str] = ..., date: _Optional[str] = ..., start_clock: _Optional[str] = ..., end_clock: _Optional[str] = ..., kind: _Optional[_Union[SessionKind, str]] = ..., adult: _Optional[str] = ..., room: _Optional[str] = ..., room_display_name: _Optional[str] = ..., competency: _Optional[str] = ..., title: _Optional[str] = ..., cap: _Optional[int] = ..., seat_count: _Optional[int] = ..., offer: _Optional[str] = ...) -> None: ...

class Seat(_message.Message):
    __slots__ = ("name", "learner", "slot_id", "session", "exemption", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    EXEMPTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    slot_id: str
    session: str
    exemption: str
    reason: SeatReason
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., session: _Optional[str] = ..., exemption: _Optional[str] = ..., reason: _Optional[_Union[SeatReason, _Mapping]] = ...) -> None: ...

class SeatReason(_message.Message):
    __slots__ = ("rule", "staff_sentence", "learner_sentence", "evidence", "alternatives", "acceptance")
    class Rule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RULE_UNSPECIFIED: _ClassVar[SeatReason.Rule]
        RULE_SERVICE_PIN: _ClassVar[SeatReason.Rule]
        RULE_PIN: _ClassVar[SeatReason.Rule]
        RULE_NEED: _ClassVar[SeatReason.Rule]
        RULE_CHECK: _ClassVar[SeatReason.Rule]
        RULE_ENRICHMENT: _ClassVar[SeatReason.Rule]
        RULE_COMMONS: _ClassVar[SeatReason.Rule]
        RULE_EXEMPT: _ClassVar[SeatReason.Rule]
        RULE_REASSESSMENT: _ClassVar[SeatReason.Rule]
        RULE_CHOICE: _ClassVar[SeatReason.Rule]
        RULE_SERVICE: _ClassVar[SeatReason.Rule]
    RULE_UNSPECIFIED: SeatReason.Rule
    RULE_SERVICE_PIN: SeatReason.Rule
    RULE_PIN: SeatReason.Rule
    RULE_NEED: SeatReason.Rule
    RULE_CHECK: SeatReason.Rule
    RULE_ENRICHMENT: SeatReason.Rule
    RULE_COMMONS: SeatReason.Rule
    RULE_EXEMPT: SeatReason.Rule
    RULE_REASSESSMENT: SeatReason.Rule
    RULE_CHOICE: SeatReason.Rule
    RULE_SERVICE: SeatReason.Rule
    RULE_FIELD_NUMBER: _ClassVar[int]
    STAFF_SENTENCE_FIELD_NUMBER: _ClassVar[int]
    LEARNER_SENTENCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    ACCEPTANCE_FIELD_NUMBER: _ClassVar[int]
    rule: SeatReason.Rule
    staff_sentence: str
    learner_sentence: str
    evidence: _containers.RepeatedScalarFieldContainer[str]
    alternatives: _containers.RepeatedCompositeFieldContainer[Alternative]
    acceptance: Acceptance
    def __init__(self, rule: _Optional[_Union[SeatReason.Rule, str]] = ..., staff_sentence: _Optional[str] = ..., learner_sentence: _Optional[str] = ..., evidence: _Optional[_Iterable[str]] = ..., alternatives: _Optional[_Iterable[_Union[Alternative, _Mapping]]] = ..., acceptance: _Optional[_Union[Acceptance, _Mapping]] = ...) -> None: ...

class Acceptance(_message.Message):
    __slots__ = ("adult",)
    ADULT_FIELD_NUMBER: _ClassVar[int]
    adult: str
    def __init__(self, adult: _Optional[str] = ...) -> None: ...

class Alternative(_message.Message):
    __slots__ = ("competency", "rule", "sentence")
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    competency: str
    rule: str
    sentence: str
    def __init__(self, competency: _Optional[str] = ..., rule: _Optional[str] = ..., sentence: _Optional[str] = ...) -> None: ...

class UnmetNeed(_message.Message):
    __slots__ = ("learner", "competency", "weight_milli", "rule", "sentence")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_MILLI_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    learner: str
    competency: str
    weight_milli: int
    rule: str
    sentence: str
    def __init__(self, learner: _Optional[str] = ..., competency: _Optional[str] = ..., weight_milli: _Optional[int] = ..., rule: _Optional[str] = ..., sentence: _Optional[str] = ...) -> None: ...

class SchedulerEvent(_message.Message):
    __slots__ = ("event_id", "school", "occur_time", "week_published", "cycle_step_done", "request_settled", "attendance_taken", "service_delivered", "quick_check_recorded", "quick_check_withdrawn")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    WEEK_PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    CYCLE_STEP_DONE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_SETTLED_FIELD_NUMBER: _ClassVar[int]
    ATTENDANCE_TAKEN_FIELD_NUMBER: _ClassVar[int]
    SERVICE_DELIVERED_FIELD_NUMBER: _ClassVar[int]
    QUICK_CHECK_RECORDED_FIELD_NUMBER: _ClassVar[int]
    QUICK_CHECK_WITHDRAWN_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    school: str
    occur_time: _timestamp_pb2.Timestamp
    week_published: WeekPublished
    cycle_step_done: _cycle_pb2.CycleStepDone
    request_settled: RequestSettled
    attendance_taken: _day_pb2.AttendanceTaken
    service_delivered: _day_pb2.ServiceDelivered
    quick_check_recorded: _day_pb2.QuickCheckRecorded
    quick_check_withdrawn: _day_pb2.QuickCheckWithdrawn
    def __init__(self, event_id: _Optional[str] = ..., school: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., week_published: _Optional[_Union[WeekPublished, _Mapping]] = ..., cycle_step_done: _Optional[_Union[_cycle_pb2.CycleStepDone, _Mapping]] = ..., request_settled: _Optional[_Union[RequestSettled, _Mapping]] = ..., attendance_taken: _Optional[_Union[_day_pb2.AttendanceTaken, _Mapping]] = ..., service_delivered: _Optional[_Union[_day_pb2.ServiceDelivered, _Mapping]] = ..., quick_check_recorded: _Optional[_Union[_day_pb2.QuickCheckRecorded, _Mapping]] = ..., quick_check_withdrawn: _Optional[_Union[_day_pb2.QuickCheckWithdrawn, _Mapping]] = ...) -> None: ...

class WeekPublished(_message.Message):
    __slots__ = ("week", "revision", "week_hash", "sessions", "seats", "sign_off_adult")
    WEEK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    WEEK_HASH_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    SIGN_OFF_ADULT_FIELD_NUMBER: _ClassVar[int]
    week: str
    revision: int
    week_hash: str
    sessions: int
    seats: int
    sign_off_adult: str
    def __init__(self, week: _Optional[str] = ..., revision: _Optional[int] = ..., week_hash: _Optional[str] = ..., sessions: _Optional[int] = ..., seats: _Optional[int] = ..., sign_off_adult: _Optional[str] = ...) -> None: ...

class RequestSettled(_message.Message):
    __slots__ = ("request", "learner", "slot_id", "state", "winner", "number")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[RequestSettled.State]
        STATE_SEATED: _ClassVar[RequestSettled.State]
        STATE_NEXT: _ClassVar[RequestSettled.State]
        STATE_CANCELLED: _ClassVar[RequestSettled.State]
        STATE_REFUSED: _ClassVar[RequestSettled.State]
    STATE_UNSPECIFIED: RequestSettled.State
    STATE_SEATED: RequestSettled.State
    STATE_NEXT: RequestSettled.State
    STATE_CANCELLED: RequestSettled.State
    STATE_REFUSED: RequestSettled.State
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    SLOT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    WINNER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    request: str
    learner: str
    slot_id: str
    state: RequestSettled.State
    winner: str
    number: int
    def __init__(self, request: _Optional[str] = ..., learner: _Optional[str] = ..., slot_id: _Optional[str] = ..., state: _Optional[_Union[RequestSettled.State, str]] = ..., winner: _Optional[str] = ..., number: _Optional[int] = ...) -> None: ...
