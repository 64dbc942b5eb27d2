"""The head of a table: turns templates and column names into readers of rows."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from services.evidence.entrypoints.importing.mapping import MappingError
from services.evidence.entrypoints.importing.mapping_parts import EXPORT_DATE

MAX_SHOWN_COLUMNS: Final = 30

_COLUMN = re.compile(r"\{([^{}]*)\}")

Reader = Callable[[Sequence[str]], str]
"""Makes a text of a row's cells."""


class Columns:
    """The head of a file, and which of its columns a mapping reads."""

    def __init__(self, head: Sequence[str]) -> None:
        """Take the names of the columns, in their order."""
        self.count = len(head)
        self._head = head
        self._places = {name: place for place, name in enumerate(head)}
        self._named: set[str] = set()
        self._made: dict[str, Reader] = {}

    def make(self, name: str, read: Reader) -> None:
        """Let templates name something that is made of several columns."""
        self._made[name] = read

    def column(self, name: str) -> int:
        """Return the place of a column; one that is not there is noted for `check`."""
        self._named.add(name)
        return self._places.get(name, 0)

    def check(self) -> None:
        """Raise MappingError where the mapping names what the file has not, or has twice."""
        unknown = sorted(self._named - self._places.keys())
        if EXPORT_DATE in unknown:
            raise MappingError(
                "when the file was exported is not known: say --export-date YYYY-MM-DD"
            )
        if unknown:
            raise MappingError(
                f"the file has no column {', '.join(unknown)}; it has {listed(self._head)}"
            )
        twice = sorted(one for one in self._named if self._head.count(one) > 1)
        if twice:
            raise MappingError(f"the file has more than one column called {', '.join(twice)}")

    @property
    def telling(self) -> Sequence[int]:
        """Return the places of what a mapping reads, but for the date of the export."""
        return sorted(self._places.get(name, 0) for name in self._named - {EXPORT_DATE})

    def reader(self, template: str | None) -> Reader:
        """Return what fills a template in from a row."""
        if template is None:
            return lambda _cells: ""
        parts = _COLUMN.split(template)
        literals, readers = parts[::2], [self._one(name) for name in parts[1::2]]
        if len(readers) == 1 and not any(literals):
            return readers[0]

        def read(cells: Sequence[str]) -> str:
            made = [literals[0]]
            for one, literal in zip(readers, literals[1:], strict=True):
                made += (one(cells), literal)
            return "".join(made)

        return read

    def _one(self, name: str) -> Reader:
        if name in self._made:
            return self._made[name]
        place = self.column(name)
        return lambda cells: cells[place]


def listed(head: Sequence[str]) -> str:
    """Return the columns of a head for a message, not too many of them."""
    shown = ", ".join(head[:MAX_SHOWN_COLUMNS])
    more = len(head) - MAX_SHOWN_COLUMNS
    return f"{shown} and {more} more" if more > 0 else shown
