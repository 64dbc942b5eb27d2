from trellis.scheduler.v1 import week_pb2 as _week_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StaffRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAFF_ROLE_UNSPECIFIED: _ClassVar[StaffRole]
    STAFF_ROLE_TEACHER: _ClassVar[StaffRole]
    STAFF_ROLE_COACH: _ClassVar[StaffRole]
    STAFF_ROLE_SPECIALIST: _ClassVar[StaffRole]
    STAFF_ROLE_COUNSELOR: _ClassVar[StaffRole]
    STAFF_ROLE_PRINCIPAL: _ClassVar[StaffRole]
    STAFF_ROLE_OFFICE: _ClassVar[StaffRole]
STAFF_ROLE_UNSPECIFIED: StaffRole
STAFF_ROLE_TEACHER: StaffRole
STAFF_ROLE_COACH: StaffRole
STAFF_ROLE_SPECIALIST: StaffRole
STAFF_ROLE_COUNSELOR: StaffRole
STAFF_ROLE_PRINCIPAL: StaffRole
STAFF_ROLE_OFFICE: StaffRole

class StaffMember(_message.Message):
    __slots__ = ("name", "roles", "kinds", "planning_slot_ids", "load", "preparations", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    PLANNING_SLOT_IDS_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    PREPARATIONS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    roles: _containers.RepeatedScalarFieldContainer[StaffRole]
    kinds: _containers.RepeatedScalarFieldContainer[_week_pb2.SessionKind]
    planning_slot_ids: _containers.RepeatedScalarFieldContainer[str]
    load: int
    preparations: int
    version: int
    def __init__(self, name: _Optional[str] = ..., roles: _Optional[_Iterable[_Union[StaffRole, str]]] = ..., kinds: _Optional[_Iterable[_Union[_week_pb2.SessionKind, str]]] = ..., planning_slot_ids: _Optional[_Iterable[str]] = ..., load: _Optional[int] = ..., preparations: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class LearnerConsent(_message.Message):
    __slots__ = ("law", "consent_date")
    LAW_FIELD_NUMBER: _ClassVar[int]
    CONSENT_DATE_FIELD_NUMBER: _ClassVar[int]
    law: str
    consent_date: str
    def __init__(self, law: _Optional[str] = ..., consent_date: _Optional[str] = ...) -> None: ...

class FamilyOptOut(_message.Message):
    __slots__ = ("offer", "kind", "subject")
    OFFER_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    offer: str
    kind: _week_pb2.SessionKind
    subject: str
    def __init__(self, offer: _Optional[str] = ..., kind: _Optional[_Union[_week_pb2.SessionKind, str]] = ..., subject: _Optional[str] = ...) -> None: ...

class LearnerSetting(_message.Message):
    __slots__ = ("name", "named_adult", "families", "tags", "consents", "opt_outs", "far_behind", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAMED_ADULT_FIELD_NUMBER: _ClassVar[int]
    FAMILIES_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    OPT_OUTS_FIELD_NUMBER: _ClassVar[int]
    FAR_BEHIND_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    named_adult: str
    families: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.RepeatedScalarFieldContainer[str]
    consents: _containers.RepeatedCompositeFieldContainer[LearnerConsent]
    opt_outs: _containers.RepeatedCompositeFieldContainer[FamilyOptOut]
    far_behind: bool
    version: int
    def __init__(self, name: _Optional[str] = ..., named_adult: _Optional[str] = ..., families: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ..., consents: _Optional[_Iterable[_Union[LearnerConsent, _Mapping]]] = ..., opt_outs: _Optional[_Iterable[_Union[FamilyOptOut, _Mapping]]] = ..., far_behind: _Optional[bool] = ..., version: _Optional[int] = ...) -> None: ...
