"""What changed between two exports of how everything stands: only that is new evidence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from services.evidence.entrypoints.importing.mapping import MappingError
from services.evidence.entrypoints.importing.rows import Row

MAX_KEPT: Final = 5_000_000
"""Observations of a previous export: about 100 bytes of memory each."""

UNCHANGED: Final = "unchanged since the previous export"


@dataclass(kw_only=True)
class Changes:
    """Passes on the rows that say something else than the previous export did.

    previous: a digest of what it said, by entity id.
    """

    previous: dict[str, bytes]
    seen: set[str] = field(default_factory=set)

    @classmethod
    def since(cls, rows: Iterable[Row]) -> "Changes":
        """Read the previous export; raises MappingError where it is too large."""
        previous: dict[str, bytes] = {}
        for row in rows:
            if row.fault is None and not row.skipped:
                previous[row.record.entity_id] = row.digest
            if len(previous) > MAX_KEPT:
                raise MappingError(f"the previous export has more than {MAX_KEPT:,} observations")
        return cls(previous=previous)

    def of(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Give every row, those that did not change as skipped."""
        for row in rows:
            entity_id = row.record.entity_id
            if row.skipped or entity_id not in self.previous:
                yield row
                continue
            self.seen.add(entity_id)
            if row.fault is None and self.previous[entity_id] == row.digest:
                yield Row(line=row.line, record=row.record, skipped=UNCHANGED)
            else:
                yield row

    @property
    def gone(self) -> int:
        """Return how many observations of the previous export have no row any more."""
        return len(self.previous) - len(self.seen)
