import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReferenceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFERENCE_KIND_UNSPECIFIED: _ClassVar[ReferenceKind]
    REFERENCE_KIND_SOURCED_ID: _ClassVar[ReferenceKind]
    REFERENCE_KIND_SIS_NUMBER: _ClassVar[ReferenceKind]
    REFERENCE_KIND_LMS_UUID: _ClassVar[ReferenceKind]
    REFERENCE_KIND_EMAIL: _ClassVar[ReferenceKind]
    REFERENCE_KIND_XAPI_ACCOUNT: _ClassVar[ReferenceKind]
    REFERENCE_KIND_LTI_USER: _ClassVar[ReferenceKind]
REFERENCE_KIND_UNSPECIFIED: ReferenceKind
REFERENCE_KIND_SOURCED_ID: ReferenceKind
REFERENCE_KIND_SIS_NUMBER: ReferenceKind
REFERENCE_KIND_LMS_UUID: ReferenceKind
REFERENCE_KIND_EMAIL: ReferenceKind
REFERENCE_KIND_XAPI_ACCOUNT: ReferenceKind
REFERENCE_KIND_LTI_USER: ReferenceKind

class School(_message.Message):
    __slots__ = ("name", "display_name", "time_zone", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    time_zone: str
    version: int
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., time_zone: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class Learner(_message.Message):
    __slots__ = ("name", "source", "source_id", "given_name", "family_name", "school", "grade", "state", "enrol_date", "withdraw_date", "version", "merged_into")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Learner.State]
        STATE_ENROLLED: _ClassVar[Learner.State]
        STATE_WITHDRAWN: _ClassVar[Learner.State]
    STATE_UNSPECIFIED: Learner.State
    STATE_ENROLLED: Learner.State
    STATE_WITHDRAWN: Learner.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    GIVEN_NAME_FIELD_NUMBER: _ClassVar[int]
    FAMILY_NAME_FIELD_NUMBER: _ClassVar[int]
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ENROL_DATE_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_DATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    name: str
    source: str
    source_id: str
    given_name: str
    family_name: str
    school: str
    grade: str
    state: Learner.State
    enrol_date: str
    withdraw_date: str
    version: int
    merged_into: str
    def __init__(self, name: _Optional[str] = ..., source: _Optional[str] = ..., source_id: _Optional[str] = ..., given_name: _Optional[str] = ..., family_name: _Optional[str] = ..., school: _Optional[str] = ..., grade: _Optional[str] = ..., state: _Optional[_Union[Learner.State, str]] = ..., enrol_date: _Optional[str] = ..., withdraw_date: _Optional[str] = ..., version: _Optional[int] = ..., merged_into: _Optional[str] = ...) -> None: ...

class Adult(_message.Message):
    __slots__ = ("name", "display_name", "school", "subjects", "active", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    school: str
    subjects: _containers.RepeatedScalarFieldContainer[str]
    active: bool
    version: int
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., school: _Optional[str] = ..., subjects: _Optional[_Iterable[str]] = ..., active: _Optional[bool] = ..., version: _Optional[int] = ...) -> None: ...

class Term(_message.Message):
    __slots__ = ("name", "display_name", "kind", "begin_date", "last_date", "school_year", "parent", "active", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    BEGIN_DATE_FIELD_NUMBER: _ClassVar[int]
    LAST_DATE_FIELD_NUMBER: _ClassVar[int]
    SCHOOL_YEAR_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    kind: str
    begin_date: str
    last_date: str
    school_year: int
    parent: str
    active: bool
    version: int
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., kind: _Optional[str] = ..., begin_date: _Optional[str] = ..., last_date: _Optional[str] = ..., school_year: _Optional[int] = ..., parent: _Optional[str] = ..., active: _Optional[bool] = ..., version: _Optional[int] = ...) -> None: ...

class Section(_message.Message):
    __slots__ = ("name", "display_name", "school", "course_code", "subject", "grade", "terms", "periods", "active", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    COURSE_CODE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    PERIODS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    school: str
    course_code: str
    subject: str
    grade: str
    terms: _containers.RepeatedScalarFieldContainer[str]
    periods: _containers.RepeatedScalarFieldContainer[str]
    active: bool
    version: int
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., school: _Optional[str] = ..., course_code: _Optional[str] = ..., subject: _Optional[str] = ..., grade: _Optional[str] = ..., terms: _Optional[_Iterable[str]] = ..., periods: _Optional[_Iterable[str]] = ..., active: _Optional[bool] = ..., version: _Optional[int] = ...) -> None: ...

class Enrolment(_message.Message):
    __slots__ = ("name", "section", "person", "begin_date", "last_date", "active", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SECTION_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    BEGIN_DATE_FIELD_NUMBER: _ClassVar[int]
    LAST_DATE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    section: str
    person: str
    begin_date: str
    last_date: str
    active: bool
    version: int
    def __init__(self, name: _Optional[str] = ..., section: _Optional[str] = ..., person: _Optional[str] = ..., begin_date: _Optional[str] = ..., last_date: _Optional[str] = ..., active: _Optional[bool] = ..., version: _Optional[int] = ...) -> None: ...

class Reference(_message.Message):
    __slots__ = ("kind", "value", "system")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    kind: ReferenceKind
    value: str
    system: str
    def __init__(self, kind: _Optional[_Union[ReferenceKind, str]] = ..., value: _Optional[str] = ..., system: _Optional[str] = ...) -> None: ...

class RosterEvent(_message.Message):
    __slots__ = ("name", "version", "change_time", "school", "enrolment", "post", "term", "section", "section_enrolment")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    ENROLMENT_FIELD_NUMBER: _ClassVar[int]
    POST_FIELD_NUMBER: _ClassVar[int]
    TERM_FIELD_NUMBER: _ClassVar[int]
    SECTION_FIELD_NUMBER: _ClassVar[int]
    SECTION_ENROLMENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    change_time: _timestamp_pb2.Timestamp
    school: School
    enrolment: LearnerEnrolment
    post: AdultPost
    term: Term
    section: SectionPlan
    section_enrolment: Enrolment
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., school: _Optional[_Union[School, _Mapping]] = ..., enrolment: _Optional[_Union[LearnerEnrolment, _Mapping]] = ..., post: _Optional[_Union[AdultPost, _Mapping]] = ..., term: _Optional[_Union[Term, _Mapping]] = ..., section: _Optional[_Union[SectionPlan, _Mapping]] = ..., section_enrolment: _Optional[_Union[Enrolment, _Mapping]] = ...) -> None: ...

class SectionPlan(_message.Message):
    __slots__ = ("school", "course_code", "subject", "grade", "terms", "periods", "active")
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    COURSE_CODE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    PERIODS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    school: str
    course_code: str
    subject: str
    grade: str
    terms: _containers.RepeatedScalarFieldContainer[str]
    periods: _containers.RepeatedScalarFieldContainer[str]
    active: bool
    def __init__(self, school: _Optional[str] = ..., course_code: _Optional[str] = ..., subject: _Optional[str] = ..., grade: _Optional[str] = ..., terms: _Optional[_Iterable[str]] = ..., periods: _Optional[_Iterable[str]] = ..., active: _Optional[bool] = ...) -> None: ...

class LearnerEnrolment(_message.Message):
    __slots__ = ("school", "grade", "state", "enrol_date", "withdraw_date", "merged_into")
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ENROL_DATE_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_DATE_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    school: str
    grade: str
    state: Learner.State
    enrol_date: str
    withdraw_date: str
    merged_into: str
    def __init__(self, school: _Optional[str] = ..., grade: _Optional[str] = ..., state: _Optional[_Union[Learner.State, str]] = ..., enrol_date: _Optional[str] = ..., withdraw_date: _Optional[str] = ..., merged_into: _Optional[str] = ...) -> None: ...

class AdultPost(_message.Message):
    __slots__ = ("school", "subjects", "active")
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    school: str
    subjects: _containers.RepeatedScalarFieldContainer[str]
    active: bool
    def __init__(self, school: _Optional[str] = ..., subjects: _Optional[_Iterable[str]] = ..., active: _Optional[bool] = ...) -> None: ...
