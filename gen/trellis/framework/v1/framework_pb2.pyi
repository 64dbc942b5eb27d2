import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CompetencyReferenceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPETENCY_REFERENCE_KIND_UNSPECIFIED: _ClassVar[CompetencyReferenceKind]
    COMPETENCY_REFERENCE_KIND_CASE_UUID: _ClassVar[CompetencyReferenceKind]
    COMPETENCY_REFERENCE_KIND_CASE_URI: _ClassVar[CompetencyReferenceKind]
    COMPETENCY_REFERENCE_KIND_HUMAN_CODE: _ClassVar[CompetencyReferenceKind]
    COMPETENCY_REFERENCE_KIND_LOCAL: _ClassVar[CompetencyReferenceKind]
COMPETENCY_REFERENCE_KIND_UNSPECIFIED: CompetencyReferenceKind
COMPETENCY_REFERENCE_KIND_CASE_UUID: CompetencyReferenceKind
COMPETENCY_REFERENCE_KIND_CASE_URI: CompetencyReferenceKind
COMPETENCY_REFERENCE_KIND_HUMAN_CODE: CompetencyReferenceKind
COMPETENCY_REFERENCE_KIND_LOCAL: CompetencyReferenceKind

class Framework(_message.Message):
    __slots__ = ("name", "display_name", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    version: int
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class Competency(_message.Message):
    __slots__ = ("name", "framework", "code", "label", "subject", "grade", "essential", "prerequisites", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    ESSENTIAL_FIELD_NUMBER: _ClassVar[int]
    PREREQUISITES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    framework: str
    code: str
    label: str
    subject: str
    grade: str
    essential: bool
    prerequisites: _containers.RepeatedScalarFieldContainer[str]
    version: int
    def __init__(self, name: _Optional[str] = ..., framework: _Optional[str] = ..., code: _Optional[str] = ..., label: _Optional[str] = ..., subject: _Optional[str] = ..., grade: _Optional[str] = ..., essential: _Optional[bool] = ..., prerequisites: _Optional[_Iterable[str]] = ..., version: _Optional[int] = ...) -> None: ...

class CompetencyReference(_message.Message):
    __slots__ = ("kind", "value", "framework")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    kind: CompetencyReferenceKind
    value: str
    framework: str
    def __init__(self, kind: _Optional[_Union[CompetencyReferenceKind, str]] = ..., value: _Optional[str] = ..., framework: _Optional[str] = ...) -> None: ...

class FrameworkEvent(_message.Message):
    __slots__ = ("name", "version", "change_time", "framework", "competency")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    change_time: _timestamp_pb2.Timestamp
    framework: Framework
    competency: Competency
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., framework: _Optional[_Union[Framework, _Mapping]] = ..., competency: _Optional[_Union[Competency, _Mapping]] = ...) -> None: ...
