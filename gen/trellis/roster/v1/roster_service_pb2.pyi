import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.roster.v1 import roster_pb2 as _roster_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubjectKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUBJECT_KIND_UNSPECIFIED: _ClassVar[SubjectKind]
    SUBJECT_KIND_LEARNER: _ClassVar[SubjectKind]
    SUBJECT_KIND_ADULT: _ClassVar[SubjectKind]
    SUBJECT_KIND_SECTION: _ClassVar[SubjectKind]
SUBJECT_KIND_UNSPECIFIED: SubjectKind
SUBJECT_KIND_LEARNER: SubjectKind
SUBJECT_KIND_ADULT: SubjectKind
SUBJECT_KIND_SECTION: SubjectKind

class BatchUpsertSchoolsRequest(_message.Message):
    __slots__ = ("schools", "request_id", "create_only")
    SCHOOLS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    schools: _containers.RepeatedCompositeFieldContainer[_roster_pb2.School]
    request_id: str
    create_only: bool
    def __init__(self, schools: _Optional[_Iterable[_Union[_roster_pb2.School, _Mapping]]] = ..., request_id: _Optional[str] = ..., create_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertSchoolsResponse(_message.Message):
    __slots__ = ("schools",)
    SCHOOLS_FIELD_NUMBER: _ClassVar[int]
    schools: _containers.RepeatedCompositeFieldContainer[_roster_pb2.School]
    def __init__(self, schools: _Optional[_Iterable[_Union[_roster_pb2.School, _Mapping]]] = ...) -> None: ...

class BatchUpsertLearnersRequest(_message.Message):
    __slots__ = ("learners", "request_id", "create_only")
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    learners: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Learner]
    request_id: str
    create_only: bool
    def __init__(self, learners: _Optional[_Iterable[_Union[_roster_pb2.Learner, _Mapping]]] = ..., request_id: _Optional[str] = ..., create_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertLearnersResponse(_message.Message):
    __slots__ = ("learners",)
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    learners: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Learner]
    def __init__(self, learners: _Optional[_Iterable[_Union[_roster_pb2.Learner, _Mapping]]] = ...) -> None: ...

class BatchUpsertAdultsRequest(_message.Message):
    __slots__ = ("adults", "request_id", "create_only")
    ADULTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    adults: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Adult]
    request_id: str
    create_only: bool
    def __init__(self, adults: _Optional[_Iterable[_Union[_roster_pb2.Adult, _Mapping]]] = ..., request_id: _Optional[str] = ..., create_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertAdultsResponse(_message.Message):
    __slots__ = ("adults",)
    ADULTS_FIELD_NUMBER: _ClassVar[int]
    adults: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Adult]
    def __init__(self, adults: _Optional[_Iterable[_Union[_roster_pb2.Adult, _Mapping]]] = ...) -> None: ...

class GetSchoolRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetSchoolResponse(_message.Message):
    __slots__ = ("school",)
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    school: _roster_pb2.School
    def __init__(self, school: _Optional[_Union[_roster_pb2.School, _Mapping]] = ...) -> None: ...

class GetLearnerRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetLearnerResponse(_message.Message):
    __slots__ = ("learner",)
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    learner: _roster_pb2.Learner
    def __init__(self, learner: _Optional[_Union[_roster_pb2.Learner, _Mapping]] = ...) -> None: ...

class GetAdultRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetAdultResponse(_message.Message):
    __slots__ = ("adult",)
    ADULT_FIELD_NUMBER: _ClassVar[int]
    adult: _roster_pb2.Adult
    def __init__(self, adult: _Optional[_Union[_roster_pb2.Adult, _Mapping]] = ...) -> None: ...

class ListSchoolsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSchoolsResponse(_message.Message):
    __slots__ = ("schools", "next_page_token")
    SCHOOLS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    schools: _containers.RepeatedCompositeFieldContainer[_roster_pb2.School]
    next_page_token: str
    def __init__(self, schools: _Optional[_Iterable[_Union[_roster_pb2.School, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListLearnersRequest(_message.Message):
    __slots__ = ("school", "page_size", "page_token")
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    school: str
    page_size: int
    page_token: str
    def __init__(self, school: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLearnersResponse(_message.Message):
    __slots__ = ("learners", "next_page_token")
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    learners: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Learner]
    next_page_token: str
    def __init__(self, learners: _Optional[_Iterable[_Union[_roster_pb2.Learner, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListAdultsRequest(_message.Message):
    __slots__ = ("school", "page_size", "page_token")
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    school: str
    page_size: int
    page_token: str
    def __init__(self, school: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAdultsResponse(_message.Message):
    __slots__ = ("adults", "next_page_token")
    ADULTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    adults: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Adult]
    next_page_token: str
    def __init__(self, adults: _Optional[_Iterable[_Union[_roster_pb2.Adult, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListTermsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTermsResponse(_message.Message):
    __slots__ = ("terms", "next_page_token")
    TERMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    terms: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Term]
    next_page_token: str
    def __init__(self, terms: _Optional[_Iterable[_Union[_roster_pb2.Term, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListSectionsRequest(_message.Message):
    __slots__ = ("school", "page_size", "page_token")
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    school: str
    page_size: int
    page_token: str
    def __init__(self, school: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSectionsResponse(_message.Message):
    __slots__ = ("sections", "next_page_token")
    SECTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sections: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Section]
    next_page_token: str
    def __init__(self, sections: _Optional[_Iterable[_Union[_roster_pb2.Section, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListEnrolmentsRequest(_message.Message):
    __slots__ = ("section", "page_size", "page_token")
    SECTION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    section: str
    page_size: int
    page_token: str
    def __init__(self, section: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEnrolmentsResponse(_message.Message):
    __slots__ = ("enrolments", "next_page_token")
    ENROLMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    enrolments: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Enrolment]
    next_page_token: str
    def __init__(self, enrolments: _Optional[_Iterable[_Union[_roster_pb2.Enrolment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Alias(_message.Message):
    __slots__ = ("reference", "subject", "from_time", "until_time")
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    reference: _roster_pb2.Reference
    subject: str
    from_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    def __init__(self, reference: _Optional[_Union[_roster_pb2.Reference, _Mapping]] = ..., subject: _Optional[str] = ..., from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class BatchPutAliasesRequest(_message.Message):
    __slots__ = ("aliases", "validate_only")
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.RepeatedCompositeFieldContainer[Alias]
    validate_only: bool
    def __init__(self, aliases: _Optional[_Iterable[_Union[Alias, _Mapping]]] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchPutAliasesResponse(_message.Message):
    __slots__ = ("released_count",)
    RELEASED_COUNT_FIELD_NUMBER: _ClassVar[int]
    released_count: int
    def __init__(self, released_count: _Optional[int] = ...) -> None: ...

class ListAliasesRequest(_message.Message):
    __slots__ = ("subject",)
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    subject: str
    def __init__(self, subject: _Optional[str] = ...) -> None: ...

class ListAliasesResponse(_message.Message):
    __slots__ = ("aliases",)
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.RepeatedCompositeFieldContainer[Alias]
    def __init__(self, aliases: _Optional[_Iterable[_Union[Alias, _Mapping]]] = ...) -> None: ...

class FindSubjectsRequest(_message.Message):
    __slots__ = ("kind", "references")
    KIND_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    kind: SubjectKind
    references: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Reference]
    def __init__(self, kind: _Optional[_Union[SubjectKind, str]] = ..., references: _Optional[_Iterable[_Union[_roster_pb2.Reference, _Mapping]]] = ...) -> None: ...

class FindSubjectsResponse(_message.Message):
    __slots__ = ("subjects",)
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    subjects: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, subjects: _Optional[_Iterable[str]] = ...) -> None: ...

class Merge(_message.Message):
    __slots__ = ("name", "learner", "into", "actor", "note", "merge_time", "undo_time", "undo_actor", "moving")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    INTO_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    MERGE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNDO_TIME_FIELD_NUMBER: _ClassVar[int]
    UNDO_ACTOR_FIELD_NUMBER: _ClassVar[int]
    MOVING_FIELD_NUMBER: _ClassVar[int]
    name: str
    learner: str
    into: str
    actor: str
    note: str
    merge_time: _timestamp_pb2.Timestamp
    undo_time: _timestamp_pb2.Timestamp
    undo_actor: str
    moving: bool
    def __init__(self, name: _Optional[str] = ..., learner: _Optional[str] = ..., into: _Optional[str] = ..., actor: _Optional[str] = ..., note: _Optional[str] = ..., merge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., undo_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., undo_actor: _Optional[str] = ..., moving: _Optional[bool] = ...) -> None: ...

class MergeLearnersRequest(_message.Message):
    __slots__ = ("learner", "into", "note")
    LEARNER_FIELD_NUMBER: _ClassVar[int]
    INTO_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    learner: str
    into: str
    note: str
    def __init__(self, learner: _Optional[str] = ..., into: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class MergeLearnersResponse(_message.Message):
    __slots__ = ("merge",)
    MERGE_FIELD_NUMBER: _ClassVar[int]
    merge: Merge
    def __init__(self, merge: _Optional[_Union[Merge, _Mapping]] = ...) -> None: ...

class UndoMergeRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class UndoMergeResponse(_message.Message):
    __slots__ = ("merge",)
    MERGE_FIELD_NUMBER: _ClassVar[int]
    merge: Merge
    def __init__(self, merge: _Optional[_Union[Merge, _Mapping]] = ...) -> None: ...

class ListMergesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListMergesResponse(_message.Message):
    __slots__ = ("merges", "next_page_token")
    MERGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    merges: _containers.RepeatedCompositeFieldContainer[Merge]
    next_page_token: str
    def __init__(self, merges: _Optional[_Iterable[_Union[Merge, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class StreamRosterRequest(_message.Message):
    __slots__ = ("school", "with_sections")
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    WITH_SECTIONS_FIELD_NUMBER: _ClassVar[int]
    school: str
    with_sections: bool
    def __init__(self, school: _Optional[str] = ..., with_sections: _Optional[bool] = ...) -> None: ...

class StreamRosterResponse(_message.Message):
    __slots__ = ("schools", "adults", "learners", "terms", "sections", "enrolments")
    SCHOOLS_FIELD_NUMBER: _ClassVar[int]
    ADULTS_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    SECTIONS_FIELD_NUMBER: _ClassVar[int]
    ENROLMENTS_FIELD_NUMBER: _ClassVar[int]
    schools: _containers.RepeatedCompositeFieldContainer[_roster_pb2.School]
    adults: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Adult]
    learners: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Learner]
    terms: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Term]
    sections: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Section]
    enrolments: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Enrolment]
    def __init__(self, schools: _Optional[_Iterable[_Union[_roster_pb2.School, _Mapping]]] = ..., adults: _Optional[_Iterable[_Union[_roster_pb2.Adult, _Mapping]]] = ..., learners: _Optional[_Iterable[_Union[_roster_pb2.Learner, _Mapping]]] = ..., terms: _Optional[_Iterable[_Union[_roster_pb2.Term, _Mapping]]] = ..., sections: _Optional[_Iterable[_Union[_roster_pb2.Section, _Mapping]]] = ..., enrolments: _Optional[_Iterable[_Union[_roster_pb2.Enrolment, _Mapping]]] = ...) -> None: ...
