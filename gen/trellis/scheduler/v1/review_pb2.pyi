from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReviewFigures(_message.Message):
    __slots__ = ("learners", "needs_due", "needs_met", "weight_met_share_milli", "gini_milli", "longest_wait_weeks", "wait_95_weeks", "long_wait_share_milli", "rankings", "met_by_rank", "enrichment_share_milli", "below_enrichment_share", "exits", "stuck")
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_DUE_FIELD_NUMBER: _ClassVar[int]
    NEEDS_MET_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_MET_SHARE_MILLI_FIELD_NUMBER: _ClassVar[int]
    GINI_MILLI_FIELD_NUMBER: _ClassVar[int]
    LONGEST_WAIT_WEEKS_FIELD_NUMBER: _ClassVar[int]
    WAIT_95_WEEKS_FIELD_NUMBER: _ClassVar[int]
    LONG_WAIT_SHARE_MILLI_FIELD_NUMBER: _ClassVar[int]
    RANKINGS_FIELD_NUMBER: _ClassVar[int]
    MET_BY_RANK_FIELD_NUMBER: _ClassVar[int]
    ENRICHMENT_SHARE_MILLI_FIELD_NUMBER: _ClassVar[int]
    BELOW_ENRICHMENT_SHARE_FIELD_NUMBER: _ClassVar[int]
    EXITS_FIELD_NUMBER: _ClassVar[int]
    STUCK_FIELD_NUMBER: _ClassVar[int]
    learners: int
    needs_due: int
    needs_met: int
    weight_met_share_milli: int
    gini_milli: int
    longest_wait_weeks: int
    wait_95_weeks: int
    long_wait_share_milli: int
    rankings: int
    met_by_rank: _containers.RepeatedScalarFieldContainer[int]
    enrichment_share_milli: int
    below_enrichment_share: int
    exits: int
    stuck: int
    def __init__(self, learners: _Optional[int] = ..., needs_due: _Optional[int] = ..., needs_met: _Optional[int] = ..., weight_met_share_milli: _Optional[int] = ..., gini_milli: _Optional[int] = ..., longest_wait_weeks: _Optional[int] = ..., wait_95_weeks: _Optional[int] = ..., long_wait_share_milli: _Optional[int] = ..., rankings: _Optional[int] = ..., met_by_rank: _Optional[_Iterable[int]] = ..., enrichment_share_milli: _Optional[int] = ..., below_enrichment_share: _Optional[int] = ..., exits: _Optional[int] = ..., stuck: _Optional[int] = ...) -> None: ...

class GroupFigures(_message.Message):
    __slots__ = ("group", "figures")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    group: str
    figures: ReviewFigures
    def __init__(self, group: _Optional[str] = ..., figures: _Optional[_Union[ReviewFigures, _Mapping]] = ...) -> None: ...

class CycleReview(_message.Message):
    __slots__ = ("mondays", "school", "grades", "tags")
    MONDAYS_FIELD_NUMBER: _ClassVar[int]
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    GRADES_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    mondays: _containers.RepeatedScalarFieldContainer[str]
    school: ReviewFigures
    grades: _containers.RepeatedCompositeFieldContainer[GroupFigures]
    tags: _containers.RepeatedCompositeFieldContainer[GroupFigures]
    def __init__(self, mondays: _Optional[_Iterable[str]] = ..., school: _Optional[_Union[ReviewFigures, _Mapping]] = ..., grades: _Optional[_Iterable[_Union[GroupFigures, _Mapping]]] = ..., tags: _Optional[_Iterable[_Union[GroupFigures, _Mapping]]] = ...) -> None: ...

class StuckLearner(_message.Message):
    __slots__ = ("learner", "competency", "cycles", "entry_date", "adult")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    CYCLES_FIELD_NUMBER: _ClassVar[int]
    ENTRY_DATE_FIELD_NUMBER: _ClassVar[int]
    ADULT_FIELD_NUMBER: _ClassVar[int]
    learner: str
    competency: str
    cycles: int
    entry_date: str
    adult: str
    def __init__(self, learner: _Optional[str] = ..., competency: _Optional[str] = ..., cycles: _Optional[int] = ..., entry_date: _Optional[str] = ..., adult: _Optional[str] = ...) -> None: ...
