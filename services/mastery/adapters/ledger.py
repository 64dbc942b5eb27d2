"""The ledger of the evidence service, read over gRPC from its beginning, in lanes by learner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final
from zlib import crc32

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
LANES: Final = 4
"""As many as a worker folds chunks side by side, for the same reason: PostgreSQL is at work on one
while the next is decoded."""

RESUMED: Final = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})

log = get_logger()


class LedgerLanes:
    """Deals events out to lanes by their learner, and gives the pages that are full.

    It holds less than a page for each lane. Pages say how far the ledger was complete when the
    last of their events came; the last page, which may be empty, how far it is at the end.
    """

    def __init__(self) -> None:
        self._lanes: list[list[evidence_pb2.EvidenceEvent]] = [[] for _ in range(LANES)]
        self._complete_position = 0

    def add(
        self, events: Iterable[evidence_pb2.EvidenceEvent], complete_position: int
    ) -> Iterator[LedgerPage]:
        """Take events in the order of the ledger; return the pages that are full with them.

        `complete_position` is up to where all that is published has come with them.
        """
        self._complete_position = max(self._complete_position, complete_position)
        for event in events:
            lane = crc32(event.learner.encode()) % LANES
            waiting = self._lanes[lane]
            waiting.append(event)
            if len(waiting) == PAGE_SIZE:
                yield self._page(lane)

    def rest(self) -> Iterator[LedgerPage]:
        """Return what is left."""
        waiting = [lane for lane, events in enumerate(self._lanes) if events]
        yield from (self._page(lane) for lane in waiting or [0])

    def _page(self, lane: int) -> LedgerPage:
        decoded = decode_events(self._lanes[lane])
        self._lanes[lane] = []
        return LedgerPage(
            columns=decoded.columns,
            refused=[f"{error.reason}: {error.detail}" for error in decoded.refused],
            lane=lane,
            complete_position=self._complete_position,
        )


class GrpcLedger:
    """StreamLedger as pages; a broken stream goes on after its last page."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = evidence_service_pb2_grpc.EvidenceServiceStub(channel)

    async def pages(self) -> AsyncIterator[LedgerPage]:
        """Return the ledger up to what is committed when the last call is made.

        Raises the last call's grpc.aio.AioRpcError when several in a row bring nothing.
        """
        cursor, attempt, lanes = "", 0, LedgerLanes()
        while True:
            request = evidence_service_pb2.StreamLedgerRequest(cursor=cursor, page_size=PAGE_SIZE)
            try:
                async for page in self._stub.StreamLedger(request, timeout=CALL_SECONDS):
                    cursor, attempt = page.cursor, 0
                    for full in lanes.add(page.events, page.complete_position):
                        yield full
            except grpc.aio.AioRpcError as error:
                attempt += 1
                if error.code() not in RESUMED or attempt >= ATTEMPTS:
                    raise
                log.warning("ledger_resumed", attempt=attempt, code=error.code().name)
            else:
                break
        for last in lanes.rest():
            yield last
