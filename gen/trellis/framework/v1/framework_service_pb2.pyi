from trellis.framework.v1 import framework_pb2 as _framework_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BatchUpsertFrameworksRequest(_message.Message):
    __slots__ = ("frameworks", "request_id", "create_only")
    FRAMEWORKS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    frameworks: _containers.RepeatedCompositeFieldContainer[_framework_pb2.Framework]
    request_id: str
    create_only: bool
    def __init__(self, frameworks: _Optional[_Iterable[_Union[_framework_pb2.Framework, _Mapping]]] = ..., request_id: _Optional[str] = ..., create_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertFrameworksResponse(_message.Message):
    __slots__ = ("frameworks",)
    FRAMEWORKS_FIELD_NUMBER: _ClassVar[int]
    frameworks: _containers.RepeatedCompositeFieldContainer[_framework_pb2.Framework]
    def __init__(self, frameworks: _Optional[_Iterable[_Union[_framework_pb2.Framework, _Mapping]]] = ...) -> None: ...

class BatchUpsertCompetenciesRequest(_message.Message):
    __slots__ = ("competencies", "request_id", "create_only")
    COMPETENCIES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    competencies: _containers.RepeatedCompositeFieldContainer[_framework_pb2.Competency]
    request_id: str
    create_only: bool
    def __init__(self, competencies: _Optional[_Iterable[_Union[_framework_pb2.Competency, _Mapping]]] = ..., request_id: _Optional[str] = ..., create_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertCompetenciesResponse(_message.Message):
    __slots__ = ("competencies",)
    COMPETENCIES_FIELD_NUMBER: _ClassVar[int]
    competencies: _containers.RepeatedCompositeFieldContainer[_framework_pb2.Competency]
    def __init__(self, competencies: _Optional[_Iterable[_Union[_framework_pb2.Competency, _Mapping]]] = ...) -> None: ...

class GetFrameworkRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetFrameworkResponse(_message.Message):
    __slots__ = ("framework",)
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    framework: _framework_pb2.Framework
    def __init__(self, framework: _Optional[_Union[_framework_pb2.Framework, _Mapping]] = ...) -> None: ...

class GetCompetencyRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetCompetencyResponse(_message.Message):
    __slots__ = ("competency",)
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    competency: _framework_pb2.Competency
    def __init__(self, competency: _Optional[_Union[_framework_pb2.Competency, _Mapping]] = ...) -> None: ...

class ListFrameworksRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListFrameworksResponse(_message.Message):
    __slots__ = ("frameworks", "next_page_token")
    FRAMEWORKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    frameworks: _containers.RepeatedCompositeFieldContainer[_framework_pb2.Framework]
    next_page_token: str
    def __init__(self, frameworks: _Optional[_Iterable[_Union[_framework_pb2.Framework, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListCompetenciesRequest(_message.Message):
    __slots__ = ("framework", "page_size", "page_token")
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    framework: str
    page_size: int
    page_token: str
    def __init__(self, framework: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCompetenciesResponse(_message.Message):
    __slots__ = ("competencies", "next_page_token")
    COMPETENCIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    competencies: _containers.RepeatedCompositeFieldContainer[_framework_pb2.Competency]
    next_page_token: str
    def __init__(self, competencies: _Optional[_Iterable[_Union[_framework_pb2.Competency, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class StreamFrameworksRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StreamFrameworksResponse(_message.Message):
    __slots__ = ("frameworks", "competencies")
    FRAMEWORKS_FIELD_NUMBER: _ClassVar[int]
    COMPETENCIES_FIELD_NUMBER: _ClassVar[int]
    frameworks: _containers.RepeatedCompositeFieldContainer[_framework_pb2.Framework]
    competencies: _containers.RepeatedCompositeFieldContainer[_framework_pb2.Competency]
    def __init__(self, frameworks: _Optional[_Iterable[_Union[_framework_pb2.Framework, _Mapping]]] = ..., competencies: _Optional[_Iterable[_Union[_framework_pb2.Competency, _Mapping]]] = ...) -> None: ...
