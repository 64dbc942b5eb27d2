from trellis.scheduler.v1 import people_pb2 as _people_pb2
from trellis.scheduler.v1 import school_pb2 as _school_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BatchUpsertStaffMembersRequest(_message.Message):
    __slots__ = ("parent", "staff_members", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    STAFF_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    staff_members: _containers.RepeatedCompositeFieldContainer[_people_pb2.StaffMember]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., staff_members: _Optional[_Iterable[_Union[_people_pb2.StaffMember, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertStaffMembersResponse(_message.Message):
    __slots__ = ("staff_members", "refused")
    STAFF_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    staff_members: _containers.RepeatedCompositeFieldContainer[_people_pb2.StaffMember]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, staff_members: _Optional[_Iterable[_Union[_people_pb2.StaffMember, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListStaffMembersRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStaffMembersResponse(_message.Message):
    __slots__ = ("staff_members", "next_page_token")
    STAFF_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    staff_members: _containers.RepeatedCompositeFieldContainer[_people_pb2.StaffMember]
    next_page_token: str
    def __init__(self, staff_members: _Optional[_Iterable[_Union[_people_pb2.StaffMember, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteStaffMemberRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteStaffMemberResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BatchUpsertLearnerSettingsRequest(_message.Message):
    __slots__ = ("parent", "learner_settings", "request_id", "allow_partial", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    LEARNER_SETTINGS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    learner_settings: _containers.RepeatedCompositeFieldContainer[_people_pb2.LearnerSetting]
    request_id: str
    allow_partial: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., learner_settings: _Optional[_Iterable[_Union[_people_pb2.LearnerSetting, _Mapping]]] = ..., request_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchUpsertLearnerSettingsResponse(_message.Message):
    __slots__ = ("learner_settings", "refused")
    LEARNER_SETTINGS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    learner_settings: _containers.RepeatedCompositeFieldContainer[_people_pb2.LearnerSetting]
    refused: _containers.RepeatedCompositeFieldContainer[_school_pb2.RefusedRow]
    def __init__(self, learner_settings: _Optional[_Iterable[_Union[_people_pb2.LearnerSetting, _Mapping]]] = ..., refused: _Optional[_Iterable[_Union[_school_pb2.RefusedRow, _Mapping]]] = ...) -> None: ...

class ListLearnerSettingsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLearnerSettingsResponse(_message.Message):
    __slots__ = ("learner_settings", "next_page_token")
    LEARNER_SETTINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    learner_settings: _containers.RepeatedCompositeFieldContainer[_people_pb2.LearnerSetting]
    next_page_token: str
    def __init__(self, learner_settings: _Optional[_Iterable[_Union[_people_pb2.LearnerSetting, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteLearnerSettingRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteLearnerSettingResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
