import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from trellis.evidence.v1 import evidence_pb2 as _evidence_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordEvidenceRequest(_message.Message):
    __slots__ = ("record", "validate_only")
    RECORD_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    record: _evidence_pb2.Record
    validate_only: bool
    def __init__(self, record: _Optional[_Union[_evidence_pb2.Record, _Mapping]] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class RecordEvidenceResponse(_message.Message):
    __slots__ = ("answer",)
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    answer: _evidence_pb2.RecordAnswer
    def __init__(self, answer: _Optional[_Union[_evidence_pb2.RecordAnswer, _Mapping]] = ...) -> None: ...

class RecordEvidenceBatchRequest(_message.Message):
    __slots__ = ("records", "validate_only", "import_id", "first_line", "lines")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_LINE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[_evidence_pb2.Record]
    validate_only: bool
    import_id: str
    first_line: int
    lines: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, records: _Optional[_Iterable[_Union[_evidence_pb2.Record, _Mapping]]] = ..., validate_only: _Optional[bool] = ..., import_id: _Optional[str] = ..., first_line: _Optional[int] = ..., lines: _Optional[_Iterable[int]] = ...) -> None: ...

class RecordEvidenceBatchResponse(_message.Message):
    __slots__ = ("answers",)
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedCompositeFieldContainer[_evidence_pb2.RecordAnswer]
    def __init__(self, answers: _Optional[_Iterable[_Union[_evidence_pb2.RecordAnswer, _Mapping]]] = ...) -> None: ...

class RetractEvidenceRequest(_message.Message):
    __slots__ = ("name", "event_id", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    event_id: str
    version: int
    def __init__(self, name: _Optional[str] = ..., event_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class RetractEvidenceResponse(_message.Message):
    __slots__ = ("retracted", "version", "ledger_position")
    RETRACTED_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LEDGER_POSITION_FIELD_NUMBER: _ClassVar[int]
    retracted: bool
    version: int
    ledger_position: int
    def __init__(self, retracted: _Optional[bool] = ..., version: _Optional[int] = ..., ledger_position: _Optional[int] = ...) -> None: ...

class RetractImportRequest(_message.Message):
    __slots__ = ("import_id", "max_count")
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_COUNT_FIELD_NUMBER: _ClassVar[int]
    import_id: str
    max_count: int
    def __init__(self, import_id: _Optional[str] = ..., max_count: _Optional[int] = ...) -> None: ...

class RetractImportResponse(_message.Message):
    __slots__ = ("retracted_count", "more", "ledger_position")
    RETRACTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    LEDGER_POSITION_FIELD_NUMBER: _ClassVar[int]
    retracted_count: int
    more: bool
    ledger_position: int
    def __init__(self, retracted_count: _Optional[int] = ..., more: _Optional[bool] = ..., ledger_position: _Optional[int] = ...) -> None: ...

class GetEvidenceRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetEvidenceResponse(_message.Message):
    __slots__ = ("evidence",)
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    evidence: _evidence_pb2.Evidence
    def __init__(self, evidence: _Optional[_Union[_evidence_pb2.Evidence, _Mapping]] = ...) -> None: ...

class ListEvidenceRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEvidenceResponse(_message.Message):
    __slots__ = ("evidence", "next_page_token")
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    evidence: _containers.RepeatedCompositeFieldContainer[_evidence_pb2.Evidence]
    next_page_token: str
    def __init__(self, evidence: _Optional[_Iterable[_Union[_evidence_pb2.Evidence, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UnreadRecord(_message.Message):
    __slots__ = ("event_id", "content", "line", "refusal")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    content: bytes
    line: int
    refusal: _evidence_pb2.Refusal
    def __init__(self, event_id: _Optional[str] = ..., content: _Optional[bytes] = ..., line: _Optional[int] = ..., refusal: _Optional[_Union[_evidence_pb2.Refusal, _Mapping]] = ...) -> None: ...

class BatchQuarantineRecordsRequest(_message.Message):
    __slots__ = ("source", "import_id", "records")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    source: str
    import_id: str
    records: _containers.RepeatedCompositeFieldContainer[UnreadRecord]
    def __init__(self, source: _Optional[str] = ..., import_id: _Optional[str] = ..., records: _Optional[_Iterable[_Union[UnreadRecord, _Mapping]]] = ...) -> None: ...

class BatchQuarantineRecordsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetQuarantinedRecordRequest(_message.Message):
    __slots__ = ("quarantine_id",)
    QUARANTINE_ID_FIELD_NUMBER: _ClassVar[int]
    quarantine_id: int
    def __init__(self, quarantine_id: _Optional[int] = ...) -> None: ...

class GetQuarantinedRecordResponse(_message.Message):
    __slots__ = ("record",)
    RECORD_FIELD_NUMBER: _ClassVar[int]
    record: QuarantinedRecord
    def __init__(self, record: _Optional[_Union[QuarantinedRecord, _Mapping]] = ...) -> None: ...

class QuarantinedRecord(_message.Message):
    __slots__ = ("quarantine_id", "source", "event_id", "import_id", "line", "refusal", "record", "receive_time", "kind", "state", "state_time", "due", "actor", "note", "collection", "file", "record_length_bytes")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[QuarantinedRecord.Kind]
        KIND_RECORD: _ClassVar[QuarantinedRecord.Kind]
        KIND_DOCUMENT: _ClassVar[QuarantinedRecord.Kind]
        KIND_OBJECT: _ClassVar[QuarantinedRecord.Kind]
    KIND_UNSPECIFIED: QuarantinedRecord.Kind
    KIND_RECORD: QuarantinedRecord.Kind
    KIND_DOCUMENT: QuarantinedRecord.Kind
    KIND_OBJECT: QuarantinedRecord.Kind
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[QuarantinedRecord.State]
        STATE_REFUSED: _ClassVar[QuarantinedRecord.State]
        STATE_WAITING: _ClassVar[QuarantinedRecord.State]
        STATE_REDRIVEN: _ClassVar[QuarantinedRecord.State]
        STATE_DISCARDED: _ClassVar[QuarantinedRecord.State]
    STATE_UNSPECIFIED: QuarantinedRecord.State
    STATE_REFUSED: QuarantinedRecord.State
    STATE_WAITING: QuarantinedRecord.State
    STATE_REDRIVEN: QuarantinedRecord.State
    STATE_DISCARDED: QuarantinedRecord.State
    QUARANTINE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DUE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    RECORD_LENGTH_BYTES_FIELD_NUMBER: _ClassVar[int]
    quarantine_id: int
    source: str
    event_id: str
    import_id: str
    line: int
    refusal: _evidence_pb2.Refusal
    record: bytes
    receive_time: _timestamp_pb2.Timestamp
    kind: QuarantinedRecord.Kind
    state: QuarantinedRecord.State
    state_time: _timestamp_pb2.Timestamp
    due: bool
    actor: str
    note: str
    collection: str
    file: str
    record_length_bytes: int
    def __init__(self, quarantine_id: _Optional[int] = ..., source: _Optional[str] = ..., event_id: _Optional[str] = ..., import_id: _Optional[str] = ..., line: _Optional[int] = ..., refusal: _Optional[_Union[_evidence_pb2.Refusal, _Mapping]] = ..., record: _Optional[bytes] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[_Union[QuarantinedRecord.Kind, str]] = ..., state: _Optional[_Union[QuarantinedRecord.State, str]] = ..., state_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., due: _Optional[bool] = ..., actor: _Optional[str] = ..., note: _Optional[str] = ..., collection: _Optional[str] = ..., file: _Optional[str] = ..., record_length_bytes: _Optional[int] = ...) -> None: ...

class ListQuarantinedRecordsRequest(_message.Message):
    __slots__ = ("import_id", "page_size", "page_token", "source", "reason", "states")
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    import_id: str
    page_size: int
    page_token: str
    source: str
    reason: _evidence_pb2.RefusalReason
    states: _containers.RepeatedScalarFieldContainer[QuarantinedRecord.State]
    def __init__(self, import_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., source: _Optional[str] = ..., reason: _Optional[_Union[_evidence_pb2.RefusalReason, str]] = ..., states: _Optional[_Iterable[_Union[QuarantinedRecord.State, str]]] = ...) -> None: ...

class ListQuarantinedRecordsResponse(_message.Message):
    __slots__ = ("records", "next_page_token")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[QuarantinedRecord]
    next_page_token: str
    def __init__(self, records: _Optional[_Iterable[_Union[QuarantinedRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RedriveQuarantinedRecordsRequest(_message.Message):
    __slots__ = ("quarantine_ids",)
    QUARANTINE_IDS_FIELD_NUMBER: _ClassVar[int]
    quarantine_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, quarantine_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class RedriveQuarantinedRecordsResponse(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[Redriven]
    def __init__(self, records: _Optional[_Iterable[_Union[Redriven, _Mapping]]] = ...) -> None: ...

class Redriven(_message.Message):
    __slots__ = ("quarantine_id", "state", "refusal")
    QUARANTINE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    quarantine_id: int
    state: QuarantinedRecord.State
    refusal: _evidence_pb2.Refusal
    def __init__(self, quarantine_id: _Optional[int] = ..., state: _Optional[_Union[QuarantinedRecord.State, str]] = ..., refusal: _Optional[_Union[_evidence_pb2.Refusal, _Mapping]] = ...) -> None: ...

class DiscardQuarantinedRecordsRequest(_message.Message):
    __slots__ = ("quarantine_ids", "note")
    QUARANTINE_IDS_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    quarantine_ids: _containers.RepeatedScalarFieldContainer[int]
    note: str
    def __init__(self, quarantine_ids: _Optional[_Iterable[int]] = ..., note: _Optional[str] = ...) -> None: ...

class DiscardQuarantinedRecordsResponse(_message.Message):
    __slots__ = ("discarded_count",)
    DISCARDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    discarded_count: int
    def __init__(self, discarded_count: _Optional[int] = ...) -> None: ...

class StreamLedgerRequest(_message.Message):
    __slots__ = ("cursor", "page_size")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    page_size: int
    def __init__(self, cursor: _Optional[str] = ..., page_size: _Optional[int] = ...) -> None: ...

class StreamLedgerResponse(_message.Message):
    __slots__ = ("events", "cursor", "complete_position")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_POSITION_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_evidence_pb2.EvidenceEvent]
    cursor: str
    complete_position: int
    def __init__(self, events: _Optional[_Iterable[_Union[_evidence_pb2.EvidenceEvent, _Mapping]]] = ..., cursor: _Optional[str] = ..., complete_position: _Optional[int] = ...) -> None: ...
