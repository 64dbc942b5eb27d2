from trellis.roster.v1 import roster_pb2 as _roster_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

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

class StreamRosterRequest(_message.Message):
    __slots__ = ("school",)
    SCHOOL_FIELD_NUMBER: _ClassVar[int]
    school: str
    def __init__(self, school: _Optional[str] = ...) -> None: ...

class StreamRosterResponse(_message.Message):
    __slots__ = ("schools", "adults", "learners")
    SCHOOLS_FIELD_NUMBER: _ClassVar[int]
    ADULTS_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_FIELD_NUMBER: _ClassVar[int]
    schools: _containers.RepeatedCompositeFieldContainer[_roster_pb2.School]
    adults: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Adult]
    learners: _containers.RepeatedCompositeFieldContainer[_roster_pb2.Learner]
    def __init__(self, schools: _Optional[_Iterable[_Union[_roster_pb2.School, _Mapping]]] = ..., adults: _Optional[_Iterable[_Union[_roster_pb2.Adult, _Mapping]]] = ..., learners: _Optional[_Iterable[_Union[_roster_pb2.Learner, _Mapping]]] = ...) -> None: ...
