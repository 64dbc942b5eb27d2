"""Rows of which no whole record could be made: kept in quarantine as they stand in the file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import grpc.aio
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2, evidence_service_pb2_grpc

from services.evidence.domain.quarantine import KEPT_RECORD_BYTES
from services.evidence.entrypoints.importing.rows import Row
from services.evidence.entrypoints.importing.sending import Caller

MEND_ROW = "Correct the row, or what the mapping says of it, and import the file again."

_ROWS_A_CALL = 12
"""So many of the longest rows that are kept fit the 1 MiB that the server takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadableRow:
    """One row: where it stands, what it says by column, and what is wrong with it."""

    line: int
    event_id: str
    cells: Mapping[str, str]
    fault: str

    @classmethod
    def of(cls, row: Row) -> "UnreadableRow":
        """Return the row as it is kept."""
        assert row.fault is not None
        return cls(line=row.line, event_id=row.record.event_id, cells=row.cells, fault=row.fault)

    @property
    def document(self) -> bytes:
        """Return the row as JSON, {column: cell}; half characters are escaped."""
        return json.dumps(dict(self.cells)).encode()


class RowQuarantine(Protocol):
    """Keeps such rows in the district's quarantine."""

    async def keep(self, import_id: str, source: str, rows: Sequence[UnreadableRow]) -> None:
        """Keep these rows of an import; one that is already there is left as it is."""
        ...


class ServiceRowQuarantine:
    """Keeps them in the service, as a sender of records may."""

    def __init__(self, channel: grpc.aio.Channel, caller: Caller) -> None:
        """Take an open channel and how to call."""
        self._stub = evidence_service_pb2_grpc.EvidenceServiceStub(channel)
        self._caller = caller

    async def keep(self, import_id: str, source: str, rows: Sequence[UnreadableRow]) -> None:
        """Keep these rows of an import; one that is already there is left as it is."""
        for begin in range(0, len(rows), _ROWS_A_CALL):
            await self._caller.call(
                self._stub.BatchQuarantineRecords,
                evidence_service_pb2.BatchQuarantineRecordsRequest(
                    source=source,
                    import_id=import_id,
                    records=[_unread(one) for one in rows[begin : begin + _ROWS_A_CALL]],
                ),
            )


def _unread(row: UnreadableRow) -> evidence_service_pb2.UnreadRecord:
    return evidence_service_pb2.UnreadRecord(
        event_id=row.event_id,
        # One byte more than is kept, so that the service knows that there was more.
        content=row.document[: KEPT_RECORD_BYTES + 1],
        line=row.line,
        refusal=evidence_pb2.Refusal(
            reason=evidence_pb2.REFUSAL_REASON_MALFORMED, message=row.fault, hint=MEND_ROW
        ),
    )
