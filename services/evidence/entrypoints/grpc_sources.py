"""SourceService: a message becomes a command, the answer a message. No rule lives here."""

from collections.abc import Collection
from typing import Any, Final

import grpc.aio
from trellis.evidence.v1 import source_service_pb2 as messages
from trellis.evidence.v1 import source_service_pb2_grpc

from services.common.metrics import counter
from services.common.rpc.credentials import require_district
from services.evidence.adapters.wire.page_tokens import page_after, page_token
from services.evidence.adapters.wire.sources import (
    alignment_to,
    alignments_from,
    document_answer_to,
    document_from,
    format_from,
    pull_cursor_from,
    pull_cursor_to,
    source_from,
    source_to,
    sync_to,
    unread_from,
)
from services.evidence.domain.document import DocumentOutcome
from services.evidence.domain.errors import InvalidRequestError, SourceNotAllowedError
from services.evidence.domain.texts import IDENTIFIER
from services.evidence.entrypoints.answers import AllowedSources
from services.evidence.entrypoints.grpc import check_import_id
from services.evidence.entrypoints.scopes import EVIDENCE_READ, SOURCE_WRITE
from services.evidence.handlers import sources as handlers
from services.evidence.handlers import syncs
from services.evidence.handlers.documents.keep import keep_documents
from services.evidence.handlers.documents.surroundings import (
    DocumentsKept,
    KeepDocuments,
    Surroundings,
)
from services.evidence.handlers.pull_cursors import get_pull_cursor, put_pull_cursor

DOCUMENTS: Final = counter(
    "evidence_documents",
    "Documents of school systems, by source and by what became of them. Look at the quarantine"
    " when refused or waiting grow, at the source when nothing grows.",
    ["source", "outcome"],
)

SYNCS: Final = "syncs"
ALIGNMENTS: Final = "alignments"
"""What page tokens of these lists are for."""

Context = grpc.aio.ServicerContext[Any, Any]


class SourceServicer(source_service_pb2_grpc.SourceServiceServicer):
    """Answers the calls of SourceService for the district of the credential."""

    def __init__(self, *, surroundings: Surroundings, time_zones: Collection[str]) -> None:
        """Take what the handlers need; time_zones: every IANA name that is known."""
        self._surroundings = surroundings
        self._time_zones = time_zones

    async def BatchKeepDocuments(  # noqa: N802
        self, request: messages.BatchKeepDocumentsRequest, context: Context
    ) -> messages.BatchKeepDocumentsResponse:
        """Keep documents, with an answer for each."""
        credential, district = require_district(SOURCE_WRITE)
        check_source(request.source)
        check_import_id(request.import_id)
        kept = await keep_documents(
            KeepDocuments(
                district=district,
                sources=AllowedSources(credential),
                source=request.source,
                format=format_from(request.format),
                documents=[document_from(one) for one in request.documents],
                import_id=request.import_id or None,
            ),
            surroundings=self._surroundings,
        )
        count_documents(request.source, kept)
        return messages.BatchKeepDocumentsResponse(
            answers=[document_answer_to(one) for one in kept.answers],
            evidence_count=kept.evidence_count,
            quarantined_count=kept.quarantined_count,
        )

    async def BatchQuarantineDocuments(  # noqa: N802
        self, request: messages.BatchQuarantineDocumentsRequest, context: Context
    ) -> messages.BatchQuarantineDocumentsResponse:
        """Keep in quarantine what an importer could not read."""
        district = _allowed(request.source)
        check_import_id(request.import_id)
        await handlers.quarantine_documents(
            district,
            request.source,
            [unread_from(one) for one in request.documents],
            format_number=int(format_from(request.format)) if request.format else 0,
            import_id=request.import_id or None,
            surroundings=self._surroundings,
        )
        DOCUMENTS.labels(request.source, DocumentOutcome.REFUSED.name).inc(len(request.documents))
        return messages.BatchQuarantineDocumentsResponse()

    async def BeginSync(  # noqa: N802
        self, request: messages.BeginSyncRequest, context: Context
    ) -> messages.BeginSyncResponse:
        """Begin an import of all that a source has."""
        district = _allowed(request.source)
        check_import_id(request.import_id)
        sync = await syncs.begin_sync(
            district,
            request.source,
            request.import_id,
            request.collections,
            surroundings=self._surroundings,
        )
        return messages.BeginSyncResponse(sync=sync_to(sync))

    async def FinishSync(  # noqa: N802
        self, request: messages.FinishSyncRequest, context: Context
    ) -> messages.FinishSyncResponse:
        """Take a step towards the end of an import."""
        credential, district = require_district(SOURCE_WRITE)
        check_import_id(request.import_id)
        sync = await syncs.finish_sync(
            district,
            request.import_id,
            sources=AllowedSources(credential),
            unread=request.unread_collections,
            surroundings=self._surroundings,
        )
        return messages.FinishSyncResponse(sync=sync_to(sync))

    async def SettleSync(  # noqa: N802
        self, request: messages.SettleSyncRequest, context: Context
    ) -> messages.SettleSyncResponse:
        """Settle the deletions that an import holds."""
        credential, district = require_district(SOURCE_WRITE)
        check_import_id(request.import_id)
        sync = await syncs.settle_sync(
            district,
            request.import_id,
            sources=AllowedSources(credential),
            delete=request.delete,
            actor=credential.name,
            surroundings=self._surroundings,
        )
        return messages.SettleSyncResponse(sync=sync_to(sync))

    async def ListSyncs(  # noqa: N802
        self, request: messages.ListSyncsRequest, context: Context
    ) -> messages.ListSyncsResponse:
        """List imports, newest first."""
        _, district = require_district(EVIDENCE_READ)
        if request.source:
            check_source(request.source)
        found, after = await syncs.list_syncs(
            district,
            request.source,
            page_after(SYNCS, request.source, request.page_token, any_text=True),
            request.page_size,
            surroundings=self._surroundings,
        )
        return messages.ListSyncsResponse(
            syncs=[sync_to(one) for one in found],
            next_page_token=page_token(SYNCS, request.source, after),
        )

    async def PutSource(  # noqa: N802
        self, request: messages.PutSourceRequest, context: Context
    ) -> messages.PutSourceResponse:
        """Say how to read what a source sends."""
        district = _allowed(request.source.source)
        reading = await handlers.put_source(
            district,
            source_from(request.source),
            time_zones=self._time_zones,
            surroundings=self._surroundings,
        )
        status = handlers.SourceStatus(reading=reading, quarantined=())
        return messages.PutSourceResponse(source=source_to(status))

    async def ListSources(  # noqa: N802
        self, request: messages.ListSourcesRequest, context: Context
    ) -> messages.ListSourcesResponse:
        """List sources with how they are doing."""
        _, district = require_district(EVIDENCE_READ)
        found = await handlers.list_sources(district, surroundings=self._surroundings)
        return messages.ListSourcesResponse(sources=[source_to(one) for one in found])

    async def BatchPutAlignments(  # noqa: N802
        self, request: messages.BatchPutAlignmentsRequest, context: Context
    ) -> messages.BatchPutAlignmentsResponse:
        """Say what items are about."""
        district = _allowed(request.source)
        put = await handlers.put_alignments(
            district,
            request.source,
            alignments_from(request.alignments),
            validate_only=request.validate_only,
            surroundings=self._surroundings,
        )
        return messages.BatchPutAlignmentsResponse(
            changed_count=put.changed_count,
            released_count=put.released_count,
            unresolved=[
                messages.UnresolvedAlignment(
                    alignment_index=index, competency_index=place, meaning_count=count
                )
                for index, place, count in put.unresolved
            ],
        )

    async def ListAlignments(  # noqa: N802
        self, request: messages.ListAlignmentsRequest, context: Context
    ) -> messages.ListAlignmentsResponse:
        """List the alignments of a source by item."""
        _, district = require_district(EVIDENCE_READ)
        if request.source:
            check_source(request.source)
        found, after = await handlers.list_alignments(
            district,
            request.source,
            page_after(ALIGNMENTS, request.source, request.page_token, any_text=True),
            request.page_size,
            surroundings=self._surroundings,
        )
        return messages.ListAlignmentsResponse(
            alignments=[alignment_to(one, version) for one, version in found],
            next_page_token=page_token(ALIGNMENTS, request.source, after),
        )

    async def GetPullCursor(  # noqa: N802
        self, request: messages.GetPullCursorRequest, context: Context
    ) -> messages.GetPullCursorResponse:
        """Say how far a pull has come."""
        district = _allowed(request.source)
        cursor = await get_pull_cursor(
            district, request.source, request.name, surroundings=self._surroundings
        )
        return messages.GetPullCursorResponse(cursor=pull_cursor_to(cursor))

    async def PutPullCursor(  # noqa: N802
        self, request: messages.PutPullCursorRequest, context: Context
    ) -> messages.PutPullCursorResponse:
        """Keep how far a pull has come."""
        district = _allowed(request.cursor.source)
        cursor = await put_pull_cursor(
            district, pull_cursor_from(request.cursor), surroundings=self._surroundings
        )
        return messages.PutPullCursorResponse(cursor=pull_cursor_to(cursor))


def count_documents(source: str, kept: DocumentsKept) -> None:
    """Count what became of documents."""
    for answer in kept.answers:
        DOCUMENTS.labels(source, answer.outcome.name).inc()


def check_source(source: str) -> None:
    """Refuse what is no name of a source, before a store is asked, with InvalidRequestError."""
    if not IDENTIFIER.fullmatch(source):
        raise InvalidRequestError(field="source", message="is no name of a source.")


def _allowed(source: str) -> str:
    """Return the district, where the credential speaks for the source."""
    credential, district = require_district(SOURCE_WRITE)
    check_source(source)
    if not credential.may_send_for(source):
        raise SourceNotAllowedError(source=source)
    return district
