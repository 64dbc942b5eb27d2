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

class DocumentFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DOCUMENT_FORMAT_UNSPECIFIED: _ClassVar[DocumentFormat]
    DOCUMENT_FORMAT_ONEROSTER_CSV_1_1: _ClassVar[DocumentFormat]
    DOCUMENT_FORMAT_ONEROSTER_CSV_1_2: _ClassVar[DocumentFormat]
    DOCUMENT_FORMAT_ONEROSTER_JSON_1_1: _ClassVar[DocumentFormat]
    DOCUMENT_FORMAT_ONEROSTER_JSON_1_2: _ClassVar[DocumentFormat]
    DOCUMENT_FORMAT_EDFI: _ClassVar[DocumentFormat]
    DOCUMENT_FORMAT_CASE_1_0: _ClassVar[DocumentFormat]
    DOCUMENT_FORMAT_CASE_1_1: _ClassVar[DocumentFormat]
DOCUMENT_FORMAT_UNSPECIFIED: DocumentFormat
DOCUMENT_FORMAT_ONEROSTER_CSV_1_1: DocumentFormat
DOCUMENT_FORMAT_ONEROSTER_CSV_1_2: DocumentFormat
DOCUMENT_FORMAT_ONEROSTER_JSON_1_1: DocumentFormat
DOCUMENT_FORMAT_ONEROSTER_JSON_1_2: DocumentFormat
DOCUMENT_FORMAT_EDFI: DocumentFormat
DOCUMENT_FORMAT_CASE_1_0: DocumentFormat
DOCUMENT_FORMAT_CASE_1_1: DocumentFormat

class Document(_message.Message):
    __slots__ = ("collection", "content", "file", "line", "deleted")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    collection: str
    content: bytes
    file: str
    line: int
    deleted: bool
    def __init__(self, collection: _Optional[str] = ..., content: _Optional[bytes] = ..., file: _Optional[str] = ..., line: _Optional[int] = ..., deleted: _Optional[bool] = ...) -> None: ...

class BatchKeepDocumentsRequest(_message.Message):
    __slots__ = ("source", "format", "documents", "import_id")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    source: str
    format: DocumentFormat
    documents: _containers.RepeatedCompositeFieldContainer[Document]
    import_id: str
    def __init__(self, source: _Optional[str] = ..., format: _Optional[_Union[DocumentFormat, str]] = ..., documents: _Optional[_Iterable[_Union[Document, _Mapping]]] = ..., import_id: _Optional[str] = ...) -> None: ...

class DocumentAnswer(_message.Message):
    __slots__ = ("outcome", "refusal")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[DocumentAnswer.Outcome]
        OUTCOME_CHANGED: _ClassVar[DocumentAnswer.Outcome]
        OUTCOME_UNCHANGED: _ClassVar[DocumentAnswer.Outcome]
        OUTCOME_WAITING: _ClassVar[DocumentAnswer.Outcome]
        OUTCOME_REFUSED: _ClassVar[DocumentAnswer.Outcome]
    OUTCOME_UNSPECIFIED: DocumentAnswer.Outcome
    OUTCOME_CHANGED: DocumentAnswer.Outcome
    OUTCOME_UNCHANGED: DocumentAnswer.Outcome
    OUTCOME_WAITING: DocumentAnswer.Outcome
    OUTCOME_REFUSED: DocumentAnswer.Outcome
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    outcome: DocumentAnswer.Outcome
    refusal: _evidence_pb2.Refusal
    def __init__(self, outcome: _Optional[_Union[DocumentAnswer.Outcome, str]] = ..., refusal: _Optional[_Union[_evidence_pb2.Refusal, _Mapping]] = ...) -> None: ...

class BatchKeepDocumentsResponse(_message.Message):
    __slots__ = ("answers", "evidence_count", "quarantined_count")
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_COUNT_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedCompositeFieldContainer[DocumentAnswer]
    evidence_count: int
    quarantined_count: int
    def __init__(self, answers: _Optional[_Iterable[_Union[DocumentAnswer, _Mapping]]] = ..., evidence_count: _Optional[int] = ..., quarantined_count: _Optional[int] = ...) -> None: ...

class UnreadDocument(_message.Message):
    __slots__ = ("collection", "content", "file", "line", "refusal")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    collection: str
    content: bytes
    file: str
    line: int
    refusal: _evidence_pb2.Refusal
    def __init__(self, collection: _Optional[str] = ..., content: _Optional[bytes] = ..., file: _Optional[str] = ..., line: _Optional[int] = ..., refusal: _Optional[_Union[_evidence_pb2.Refusal, _Mapping]] = ...) -> None: ...

class BatchQuarantineDocumentsRequest(_message.Message):
    __slots__ = ("source", "format", "import_id", "documents")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    source: str
    format: DocumentFormat
    import_id: str
    documents: _containers.RepeatedCompositeFieldContainer[UnreadDocument]
    def __init__(self, source: _Optional[str] = ..., format: _Optional[_Union[DocumentFormat, str]] = ..., import_id: _Optional[str] = ..., documents: _Optional[_Iterable[_Union[UnreadDocument, _Mapping]]] = ...) -> None: ...

class BatchQuarantineDocumentsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CollectionCount(_message.Message):
    __slots__ = ("collection", "standing_count", "missing_count")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    STANDING_COUNT_FIELD_NUMBER: _ClassVar[int]
    MISSING_COUNT_FIELD_NUMBER: _ClassVar[int]
    collection: str
    standing_count: int
    missing_count: int
    def __init__(self, collection: _Optional[str] = ..., standing_count: _Optional[int] = ..., missing_count: _Optional[int] = ...) -> None: ...

class Sync(_message.Message):
    __slots__ = ("import_id", "source", "state", "collections", "missing_count", "deleted_count", "begin_time", "end_time", "actor", "counts")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Sync.State]
        STATE_RUNNING: _ClassVar[Sync.State]
        STATE_HELD: _ClassVar[Sync.State]
        STATE_FINISHED: _ClassVar[Sync.State]
        STATE_FINISHED_WITHOUT_DELETIONS: _ClassVar[Sync.State]
    STATE_UNSPECIFIED: Sync.State
    STATE_RUNNING: Sync.State
    STATE_HELD: Sync.State
    STATE_FINISHED: Sync.State
    STATE_FINISHED_WITHOUT_DELETIONS: Sync.State
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COLLECTIONS_FIELD_NUMBER: _ClassVar[int]
    MISSING_COUNT_FIELD_NUMBER: _ClassVar[int]
    DELETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    BEGIN_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    import_id: str
    source: str
    state: Sync.State
    collections: _containers.RepeatedScalarFieldContainer[str]
    missing_count: int
    deleted_count: int
    begin_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    actor: str
    counts: _containers.RepeatedCompositeFieldContainer[CollectionCount]
    def __init__(self, import_id: _Optional[str] = ..., source: _Optional[str] = ..., state: _Optional[_Union[Sync.State, str]] = ..., collections: _Optional[_Iterable[str]] = ..., missing_count: _Optional[int] = ..., deleted_count: _Optional[int] = ..., begin_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., actor: _Optional[str] = ..., counts: _Optional[_Iterable[_Union[CollectionCount, _Mapping]]] = ...) -> None: ...

class BeginSyncRequest(_message.Message):
    __slots__ = ("source", "import_id", "collections")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    COLLECTIONS_FIELD_NUMBER: _ClassVar[int]
    source: str
    import_id: str
    collections: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, source: _Optional[str] = ..., import_id: _Optional[str] = ..., collections: _Optional[_Iterable[str]] = ...) -> None: ...

class BeginSyncResponse(_message.Message):
    __slots__ = ("sync",)
    SYNC_FIELD_NUMBER: _ClassVar[int]
    sync: Sync
    def __init__(self, sync: _Optional[_Union[Sync, _Mapping]] = ...) -> None: ...

class FinishSyncRequest(_message.Message):
    __slots__ = ("import_id", "unread_collections")
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    UNREAD_COLLECTIONS_FIELD_NUMBER: _ClassVar[int]
    import_id: str
    unread_collections: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, import_id: _Optional[str] = ..., unread_collections: _Optional[_Iterable[str]] = ...) -> None: ...

class FinishSyncResponse(_message.Message):
    __slots__ = ("sync",)
    SYNC_FIELD_NUMBER: _ClassVar[int]
    sync: Sync
    def __init__(self, sync: _Optional[_Union[Sync, _Mapping]] = ...) -> None: ...

class SettleSyncRequest(_message.Message):
    __slots__ = ("import_id", "delete")
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    import_id: str
    delete: bool
    def __init__(self, import_id: _Optional[str] = ..., delete: _Optional[bool] = ...) -> None: ...

class SettleSyncResponse(_message.Message):
    __slots__ = ("sync",)
    SYNC_FIELD_NUMBER: _ClassVar[int]
    sync: Sync
    def __init__(self, sync: _Optional[_Union[Sync, _Mapping]] = ...) -> None: ...

class ListSyncsRequest(_message.Message):
    __slots__ = ("source", "page_size", "page_token")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    source: str
    page_size: int
    page_token: str
    def __init__(self, source: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSyncsResponse(_message.Message):
    __slots__ = ("syncs", "next_page_token")
    SYNCS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    syncs: _containers.RepeatedCompositeFieldContainer[Sync]
    next_page_token: str
    def __init__(self, syncs: _Optional[_Iterable[_Union[Sync, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("source", "time_zone", "objective_maximum_milli", "deletion_limit_milli", "last_receive_time", "last_occur_time", "quarantined", "learners_org")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_MAXIMUM_MILLI_FIELD_NUMBER: _ClassVar[int]
    DELETION_LIMIT_MILLI_FIELD_NUMBER: _ClassVar[int]
    LAST_RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    LEARNERS_ORG_FIELD_NUMBER: _ClassVar[int]
    source: str
    time_zone: str
    objective_maximum_milli: int
    deletion_limit_milli: int
    last_receive_time: _timestamp_pb2.Timestamp
    last_occur_time: _timestamp_pb2.Timestamp
    quarantined: _containers.RepeatedCompositeFieldContainer[QuarantineCount]
    learners_org: str
    def __init__(self, source: _Optional[str] = ..., time_zone: _Optional[str] = ..., objective_maximum_milli: _Optional[int] = ..., deletion_limit_milli: _Optional[int] = ..., last_receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., quarantined: _Optional[_Iterable[_Union[QuarantineCount, _Mapping]]] = ..., learners_org: _Optional[str] = ...) -> None: ...

class QuarantineCount(_message.Message):
    __slots__ = ("reason", "waiting", "count", "oldest_receive_time")
    REASON_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    OLDEST_RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    reason: _evidence_pb2.RefusalReason
    waiting: bool
    count: int
    oldest_receive_time: _timestamp_pb2.Timestamp
    def __init__(self, reason: _Optional[_Union[_evidence_pb2.RefusalReason, str]] = ..., waiting: _Optional[bool] = ..., count: _Optional[int] = ..., oldest_receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PutSourceRequest(_message.Message):
    __slots__ = ("source",)
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    source: Source
    def __init__(self, source: _Optional[_Union[Source, _Mapping]] = ...) -> None: ...

class PutSourceResponse(_message.Message):
    __slots__ = ("source",)
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    source: Source
    def __init__(self, source: _Optional[_Union[Source, _Mapping]] = ...) -> None: ...

class ListSourcesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListSourcesResponse(_message.Message):
    __slots__ = ("sources",)
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedCompositeFieldContainer[Source]
    def __init__(self, sources: _Optional[_Iterable[_Union[Source, _Mapping]]] = ...) -> None: ...

class ItemAlignment(_message.Message):
    __slots__ = ("item", "competencies", "maximum_milli", "dok", "version")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    COMPETENCIES_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_MILLI_FIELD_NUMBER: _ClassVar[int]
    DOK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    item: str
    competencies: _containers.RepeatedCompositeFieldContainer[_evidence_pb2.ReferencedAlignment]
    maximum_milli: int
    dok: int
    version: int
    def __init__(self, item: _Optional[str] = ..., competencies: _Optional[_Iterable[_Union[_evidence_pb2.ReferencedAlignment, _Mapping]]] = ..., maximum_milli: _Optional[int] = ..., dok: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class BatchPutAlignmentsRequest(_message.Message):
    __slots__ = ("source", "alignments", "validate_only")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ALIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    source: str
    alignments: _containers.RepeatedCompositeFieldContainer[ItemAlignment]
    validate_only: bool
    def __init__(self, source: _Optional[str] = ..., alignments: _Optional[_Iterable[_Union[ItemAlignment, _Mapping]]] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class BatchPutAlignmentsResponse(_message.Message):
    __slots__ = ("changed_count", "released_count", "unresolved")
    CHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    RELEASED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNRESOLVED_FIELD_NUMBER: _ClassVar[int]
    changed_count: int
    released_count: int
    unresolved: _containers.RepeatedCompositeFieldContainer[UnresolvedAlignment]
    def __init__(self, changed_count: _Optional[int] = ..., released_count: _Optional[int] = ..., unresolved: _Optional[_Iterable[_Union[UnresolvedAlignment, _Mapping]]] = ...) -> None: ...

class UnresolvedAlignment(_message.Message):
    __slots__ = ("alignment_index", "competency_index", "meaning_count")
    ALIGNMENT_INDEX_FIELD_NUMBER: _ClassVar[int]
    COMPETENCY_INDEX_FIELD_NUMBER: _ClassVar[int]
    MEANING_COUNT_FIELD_NUMBER: _ClassVar[int]
    alignment_index: int
    competency_index: int
    meaning_count: int
    def __init__(self, alignment_index: _Optional[int] = ..., competency_index: _Optional[int] = ..., meaning_count: _Optional[int] = ...) -> None: ...

class ListAlignmentsRequest(_message.Message):
    __slots__ = ("source", "page_size", "page_token")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    source: str
    page_size: int
    page_token: str
    def __init__(self, source: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAlignmentsResponse(_message.Message):
    __slots__ = ("alignments", "next_page_token")
    ALIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    alignments: _containers.RepeatedCompositeFieldContainer[ItemAlignment]
    next_page_token: str
    def __init__(self, alignments: _Optional[_Iterable[_Union[ItemAlignment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PullCursor(_message.Message):
    __slots__ = ("source", "name", "content", "put_time")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    PUT_TIME_FIELD_NUMBER: _ClassVar[int]
    source: str
    name: str
    content: str
    put_time: _timestamp_pb2.Timestamp
    def __init__(self, source: _Optional[str] = ..., name: _Optional[str] = ..., content: _Optional[str] = ..., put_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetPullCursorRequest(_message.Message):
    __slots__ = ("source", "name")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    source: str
    name: str
    def __init__(self, source: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class GetPullCursorResponse(_message.Message):
    __slots__ = ("cursor",)
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    cursor: PullCursor
    def __init__(self, cursor: _Optional[_Union[PullCursor, _Mapping]] = ...) -> None: ...

class PutPullCursorRequest(_message.Message):
    __slots__ = ("cursor",)
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    cursor: PullCursor
    def __init__(self, cursor: _Optional[_Union[PullCursor, _Mapping]] = ...) -> None: ...

class PutPullCursorResponse(_message.Message):
    __slots__ = ("cursor",)
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    cursor: PullCursor
    def __init__(self, cursor: _Optional[_Union[PullCursor, _Mapping]] = ...) -> None: ...
