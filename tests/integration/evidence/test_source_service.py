"""SourceService on a running api: who may write for which source, and what it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import grpc.aio
import pytest
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2
from trellis.evidence.v1 import source_service_pb2 as messages

from services.common.rpc.client import reason_of
from tests.support.evidence import LMS_TOKEN, RunningApi, running_api
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

UNREAD = messages.UnreadDocument(
    collection="users",
    content=b'{"sourcedId": "u1"}',
    refusal=evidence_pb2.Refusal(
        reason=evidence_pb2.REFUSAL_REASON_MALFORMED, message="What.", hint="Do."
    ),
)


@pytest.fixture
async def api(postgres_database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[RunningApi]:
    """Give a running api."""
    async with running_api(postgres_database("evidence", SCHEMA), tmp_path) as found:
        yield found


async def test_nobody_writes_for_a_source_that_they_do_not_speak_for(api: RunningApi) -> None:
    """Above all, nobody ends another system's import, which deletes what it did not bring."""
    async with api.client() as client:
        await client.sources.BeginSync(
            messages.BeginSyncRequest(source="sis", import_id="full", collections=["users"])
        )
    async with api.client(LMS_TOKEN.token) as client:
        stub = client.sources
        for call, request in (
            (
                stub.BatchKeepDocuments,
                messages.BatchKeepDocumentsRequest(
                    source="sis", format=messages.DOCUMENT_FORMAT_ONEROSTER_JSON_1_2
                ),
            ),
            (
                stub.BatchQuarantineDocuments,
                messages.BatchQuarantineDocumentsRequest(source="sis", documents=[UNREAD]),
            ),
            (stub.BeginSync, messages.BeginSyncRequest(source="sis", import_id="mine")),
            (stub.FinishSync, messages.FinishSyncRequest(import_id="full")),
            (stub.SettleSync, messages.SettleSyncRequest(import_id="full", delete=True)),
            (stub.PutSource, messages.PutSourceRequest(source=messages.Source(source="sis"))),
            (stub.BatchPutAlignments, messages.BatchPutAlignmentsRequest(source="sis")),
            (stub.GetPullCursor, messages.GetPullCursorRequest(source="sis", name="one")),
            (
                stub.PutPullCursor,
                messages.PutPullCursorRequest(
                    cursor=messages.PullCursor(source="sis", name="one", content="x")
                ),
            ),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call(request)
            assert reason_of(refused.value) == "SOURCE_NOT_ALLOWED", request
        syncs = (await stub.ListSyncs(messages.ListSyncsRequest())).syncs
        assert [one.state for one in syncs] == [messages.Sync.STATE_RUNNING]


async def test_what_no_store_can_keep_is_refused_and_no_fault_of_the_service(
    api: RunningApi,
) -> None:
    """A NUL in whatever names something, a number beyond all points."""
    nul = "a\0b"
    aligned = messages.ItemAlignment(item="q1", maximum_milli=2**62)
    aligned.competencies.add().competency.value = "6.rp.1"
    source = messages.Source(source="sis", time_zone="UTC", learners_org=nul)
    async with api.client() as client:
        stub = client.sources
        for call, request in (
            (stub.ListSyncs, messages.ListSyncsRequest(source=nul)),
            (stub.ListAlignments, messages.ListAlignmentsRequest(source=nul)),
            (stub.FinishSync, messages.FinishSyncRequest(import_id=nul)),
            (stub.SettleSync, messages.SettleSyncRequest(import_id=nul)),
            (stub.PutSource, messages.PutSourceRequest(source=source)),
            (
                stub.BatchPutAlignments,
                messages.BatchPutAlignmentsRequest(source="sis", alignments=[aligned]),
            ),
            (
                client.evidence.ListQuarantinedRecords,
                evidence_service_pb2.ListQuarantinedRecordsRequest(source=nul),
            ),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call(request)
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT, request


@pytest.mark.parametrize("number", [99, 2**31 - 1, -1])
async def test_what_is_in_no_format_is_not_kept_as_if_it_were(api: RunningApi, number: int) -> None:
    """A number that no release knows would be found out only by whoever redrives it."""
    request = messages.BatchQuarantineDocumentsRequest(source="sis", documents=[UNREAD])
    request.format = number  # type: ignore[assignment]
    async with api.client() as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.sources.BatchQuarantineDocuments(request)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
