from trellis.scheduler.v1 import school_pb2 as _school_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BatchUpsertKeepRulesRequest(_message.Message):
    __slots__ = ("parent", "keep_rules", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    KEEP_RULES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    keep_rules: _containers.RepeatedCompositeFieldContainer[_school_pb2.KeepRule]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., keep_rules: _Optional[_Iterable[_Union[_school_pb2.KeepRule, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertKeepRulesResponse(_message.Message):
    __slots__ = ("keep_rules", "refused")
    KEEP_RULES_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    keep_rules: _containers.RepeatedCompositeFieldContainer[_school_pb2.KeepRule]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, keep_rules: _Optional[_Iterable[_Union[_school_pb2.KeepRule, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListKeepRulesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListKeepRulesResponse(_message.Message):
    __slots__ = ("keep_rules", "next_page_token")
    KEEP_RULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    keep_rules: _containers.RepeatedCompositeFieldContainer[_school_pb2.KeepRule]
    next_page_token: str
    def __init__(self, keep_rules: _Optional[_Iterable[_Union[_school_pb2.KeepRule, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteKeepRuleRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteKeepRuleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BatchUpsertRequiredServicesRequest(_message.Message):
    __slots__ = ("parent", "required_services", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_SERVICES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    required_services: _containers.RepeatedCompositeFieldContainer[_school_pb2.RequiredService]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., required_services: _Optional[_Iterable[_Union[_school_pb2.RequiredService, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertRequiredServicesResponse(_message.Message):
    __slots__ = ("required_services", "refused")
    REQUIRED_SERVICES_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    required_services: _containers.RepeatedCompositeFieldContainer[_school_pb2.RequiredService]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, required_services: _Optional[_Iterable[_Union[_school_pb2.RequiredService, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListRequiredServicesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRequiredServicesResponse(_message.Message):
    __slots__ = ("required_services", "next_page_token")
    REQUIRED_SERVICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    required_services: _containers.RepeatedCompositeFieldContainer[_school_pb2.RequiredService]
    next_page_token: str
    def __init__(self, required_services: _Optional[_Iterable[_Union[_school_pb2.RequiredService, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteRequiredServiceRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteRequiredServiceResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BatchUpsertEssentialsRequest(_message.Message):
    __slots__ = ("parent", "essentials", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ESSENTIALS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    essentials: _containers.RepeatedCompositeFieldContainer[_school_pb2.Essential]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., essentials: _Optional[_Iterable[_Union[_school_pb2.Essential, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertEssentialsResponse(_message.Message):
    __slots__ = ("essentials", "refused")
    ESSENTIALS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    essentials: _containers.RepeatedCompositeFieldContainer[_school_pb2.Essential]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, essentials: _Optional[_Iterable[_Union[_school_pb2.Essential, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListEssentialsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEssentialsResponse(_message.Message):
    __slots__ = ("essentials", "next_page_token")
    ESSENTIALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    essentials: _containers.RepeatedCompositeFieldContainer[_school_pb2.Essential]
    next_page_token: str
    def __init__(self, essentials: _Optional[_Iterable[_Union[_school_pb2.Essential, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteEssentialRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteEssentialResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BatchUpsertLockedSessionsRequest(_message.Message):
    __slots__ = ("parent", "locked_sessions", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    LOCKED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    locked_sessions: _containers.RepeatedCompositeFieldContainer[_school_pb2.LockedSession]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., locked_sessions: _Optional[_Iterable[_Union[_school_pb2.LockedSession, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertLockedSessionsResponse(_message.Message):
    __slots__ = ("locked_sessions", "refused")
    LOCKED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    locked_sessions: _containers.RepeatedCompositeFieldContainer[_school_pb2.LockedSession]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, locked_sessions: _Optional[_Iterable[_Union[_school_pb2.LockedSession, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListLockedSessionsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLockedSessionsResponse(_message.Message):
    __slots__ = ("locked_sessions", "next_page_token")
    LOCKED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    locked_sessions: _containers.RepeatedCompositeFieldContainer[_school_pb2.LockedSession]
    next_page_token: str
    def __init__(self, locked_sessions: _Optional[_Iterable[_Union[_school_pb2.LockedSession, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteLockedSessionRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteLockedSessionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CheckSchoolRequest(_message.Message):
    __slots__ = ("name", "monday")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MONDAY_FIELD_NUMBER: _ClassVar[int]
    name: str
    monday: str
    def __init__(self, name: _Optional[str] = ..., monday: _Optional[str] = ...) -> None: ...

class CheckSchoolResponse(_message.Message):
    __slots__ = ("monday", "items", "left_out")
    MONDAY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    monday: str
    items: _containers.RepeatedCompositeFieldContainer[_school_pb2.ReadinessItem]
    left_out: int
    def __init__(self, monday: _Optional[str] = ..., items: _Optional[_Iterable[_Union[_school_pb2.ReadinessItem, _Mapping]]] = ..., left_out: _Optional[int] = ...) -> None: ...
