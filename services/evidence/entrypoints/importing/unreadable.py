"""Rows of which no whole record could be made, as they stand in the file.

Without a quarantine for them they are sent like the others, with the field at fault left out: the
service refuses such a record and keeps it, but what stood in the row is then only in the file.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.evidence.entrypoints.importing.rows import Row


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
