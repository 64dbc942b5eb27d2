"""The ledger of the evidence service, read over gRPC from its beginning."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Final

import grpc
import grpc.aio
from trellis.evidence.v1 import (
    evidence_pb2,
    evidence_service_pb2,
    evidence_service_pb2_grpc,
)

from services.common.logs import get_logger
from services.mastery.adapters.wire.evidence import decode_events
from services.mastery.ports.rebuilding import LedgerPage

PAGE_SIZE: Final = 1_000
CALL_SECONDS: Final = 600.0
"""The longest deadline that the service takes; a longer ledger takes several calls."""
ATTEMPTS: Final = 10
"""Calls in a row that bring nothing."""

RESUMED: Final = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})

log = get_logger()


def page_of(events: Iterable[evidence_pb2.EvidenceEvent], complete_position: int = 0) -> LedgerPage:
    """Return events of the ledger as a page; up to the position all that is published has come."""
    decoded = decode_events(events)
    return LedgerPage(
        columns=decoded.columns,
        refused=[f"{error.reason}: {error.detail}" for error in decoded.refused],
        complete_position=complete_position,
    )


class GrpcLedger:
    """StreamLedger as pages; a broken stream goes on after its last page."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = evidence_service_pb2_grpc.EvidenceServiceStub(channel)

    async def pages(self) -> AsyncIterator[LedgerPage]:
        """Return the ledger up to what is committed when the last call is made.

        Raises the last call's grpc.aio.AioRpcError when several in a row bring nothing.
        """
        cursor, attempt = "", 0
        while True:
            request = evidence_service_pb2.StreamLedgerRequest(cursor=cursor, page_size=PAGE_SIZE)
            try:
                async for page in self._stub.StreamLedger(request, timeout=CALL_SECONDS):
                    cursor, attempt = page.cursor, 0
                    yield page_of(page.events, page.complete_position)
            except grpc.aio.AioRpcError as error:
                attempt += 1
                if error.code() not in RESUMED or attempt >= ATTEMPTS:
                    raise
                log.warning("ledger_resumed", attempt=attempt, code=error.code().name)
            else:
                break
