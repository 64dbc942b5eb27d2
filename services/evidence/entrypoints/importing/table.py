"""A file as one table with one head, whatever its layout: pure, over rows of cells.

Lines above the head are left out, columns get the mapping's own names, and a file with a column for
each skill, task or week becomes one row for each of its cells.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, NamedTuple

from services.evidence.entrypoints.importing.columns import listed
from services.evidence.entrypoints.importing.mapping import Mapping, MappingError
from services.evidence.entrypoints.importing.mapping_parts import (
    CELL,
    COLUMN,
    EXPORT_DATE,
    UnpivotPart,
)

MAX_LINES_ABOVE: Final = 50
"""Rows that are looked at to find the head."""

OPTIONAL: Final = "?"
"""Ends the own name of a column that a file need not have."""

Line = tuple[int, list[str]]
"""A row and the line that it begins on."""


class TableRow(NamedTuple):
    """One row of the table. fault: why it is none, or empty."""

    line: int
    cells: Sequence[str]
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A head, and rows under it that are read as they are asked for."""

    head: Sequence[str]
    rows: Iterator[TableRow]


def read_table(lines: Iterator[Line], mapping: Mapping, *, export_date: str = "") -> Table:
    """Return the table that a file is; raises MappingError where its head does not fit.

    export_date: of ISO 8601, empty where unknown.
    """
    head = _own_names(_find_head(lines, mapping), mapping)
    facts, rows = _column_rows(lines, mapping)
    counted = _count_cells(rows, len(head))
    lacking = _lacking(head, mapping)
    table = Table(head=[*head, *lacking], rows=_padded(counted, [""] * len(lacking)))
    if mapping.unpivot is not None:
        table = _Unpivot(mapping.unpivot, table.head, facts).table(table.rows)
    if export_date:
        table = Table(head=[*table.head, EXPORT_DATE], rows=_padded(table.rows, [export_date]))
    return table


def _find_head(lines: Iterator[Line], mapping: Mapping) -> list[str]:
    if mapping.head is None:
        return _stripped(next(lines, (0, []))[1])
    wanted = {one.casefold() for one in mapping.head.contains}
    for _ in range(MAX_LINES_ABOVE):
        _, cells = next(lines, (0, []))
        head = _stripped(cells)
        if wanted <= {one.casefold() for one in head}:
            return head
    raise MappingError(
        f"none of the first {MAX_LINES_ABOVE} rows has the columns"
        f" {', '.join(mapping.head.contains)}, so the head was not found"
    )


def _stripped(cells: Sequence[str]) -> list[str]:
    if any("\x00" in cell for cell in cells):
        raise MappingError(
            "the head has NUL characters: the file seems to be UTF-16 without a mark at its"
            " beginning; say --encoding utf-16-le"
        )
    return [cell.strip() for cell in cells]


def _own_names(head: Sequence[str], mapping: Mapping) -> list[str]:
    """Return the head with the mapping's own names for the columns that it renames."""
    named = list(head)
    for own, headings in mapping.columns.items():
        wanted = [headings] if isinstance(headings, str) else list(headings)
        place = _place(head, wanted)
        if place is not None:
            named[place] = own.removesuffix(OPTIONAL)
        elif not own.endswith(OPTIONAL):
            raise MappingError(
                f"the file has no column {' or '.join(map(repr, wanted))}; it has"
                f" {listed(head)}. Where it has another heading, say"
                f" --set 'columns.{own}=HEADING'"
            )
    return named


def _place(head: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return where the first of these headings stands, as it is written or else capitals aside."""
    lowered = [one.casefold() for one in head]
    for heading in wanted:
        if heading in head:
            return head.index(heading)
        if heading.casefold() in lowered:
            return lowered.index(heading.casefold())
    return None


def _lacking(head: Sequence[str], mapping: Mapping) -> list[str]:
    """Return the optional columns that the file does not have."""
    optional = [own.removesuffix(OPTIONAL) for own in mapping.columns if own.endswith(OPTIONAL)]
    return [own for own in optional if own not in head]


def _column_rows(
    lines: Iterator[Line], mapping: Mapping
) -> tuple[dict[str, list[str]], Iterator[Line]]:
    """Take the rows below the head that speak of columns; return them by name, and the rest."""
    wanted = {first.strip().casefold(): name for name, first in mapping.column_rows.items()}
    facts: dict[str, list[str]] = {}
    rest = lines
    for line, cells in lines:
        name = wanted.get(cells[0].strip().casefold()) if cells else None
        if name is None:
            rest = chain([(line, cells)], lines)
            break
        facts[name] = cells
    for name, first in mapping.column_rows.items():
        if name not in facts:
            raise MappingError(
                f"none of the rows right below the head begins with {first!r}. Where that row"
                f" begins otherwise, say --set 'column_rows.{name}=WORD'"
            )
    return facts, rest


def _count_cells(lines: Iterable[Line], count: int) -> Iterator[TableRow]:
    for line, cells in lines:
        fault = "" if len(cells) == count else f"the row has {len(cells)} cells, the head {count}"
        yield TableRow(line, cells, fault)


def _padded(rows: Iterator[TableRow], cells: Sequence[str]) -> Iterator[TableRow]:
    if not cells:
        return rows
    return (row if row.fault else row._replace(cells=[*row.cells, *cells]) for row in rows)


@dataclass(frozen=True, kw_only=True)
class _Wide:
    """One column that becomes rows: where it stands, and what goes with each of its cells.

    beside: the places of the columns that go with it, None where there is none.
    """

    place: int
    name: str
    facts: Sequence[str]
    beside: Sequence[int | None]


class _Unpivot:
    """Makes a row of each cell of the columns that fit."""

    def __init__(self, part: UnpivotPart, head: Sequence[str], facts: dict[str, list[str]]) -> None:
        """Take the part, the head and the rows that speak of columns; raises MappingError."""
        self._part = part
        self._head = head
        self._facts = facts
        self._wide = list(self._find())
        if not self._wide:
            raise MappingError(
                f"no column of the file fits {part.columns!r}; it has {listed(head)}"
            )
        wide = {one.place for one in self._wide}
        self._kept = [place for place in range(len(head)) if place not in wide]
        # Columns that nothing tells apart would be taken for one: a later one would correct the
        # former one's evidence, and a new column between them would shift them all.
        told = Counter((one.name, *one.facts) for one in self._wide)
        self._twice = {one.name for one in self._wide if told[(one.name, *one.facts)] > 1}

    def table(self, rows: Iterator[TableRow]) -> Table:
        """Return the long table."""
        head = [self._head[place] for place in self._kept]
        own = [COLUMN, CELL, *self._facts, *self._part.beside]
        return Table(head=[*head, *own], rows=self._rows(rows))

    def _find(self) -> Iterator[_Wide]:
        pattern = re.compile(self._part.columns)
        excepted = {one.casefold() for one in self._part.except_columns}
        for place, heading in enumerate(self._head):
            found = pattern.fullmatch(heading)
            if found is None or heading.casefold() in excepted or not heading:
                continue
            name = found[1] if pattern.groups and found[1] is not None else heading
            yield _Wide(
                place=place,
                name=name.strip(),
                facts=[_cell(cells, place) for cells in self._facts.values()],
                beside=[
                    _place(self._head, [template.replace(f"{{{COLUMN}}}", name)])
                    for template in self._part.beside.values()
                ],
            )

    def _rows(self, rows: Iterator[TableRow]) -> Iterator[TableRow]:
        for row in rows:
            if row.fault:
                yield row
                continue
            kept = [row.cells[place] for place in self._kept]
            for one in self._wide:
                beside = ["" if place is None else row.cells[place] for place in one.beside]
                cells = [*kept, one.name, row.cells[one.place], *one.facts, *beside]
                yield TableRow(row.line, cells, self._fault(one))

    def _fault(self, one: _Wide) -> str:
        if one.name not in self._twice:
            return ""
        return f"two columns are called {one.name[:60]!r}: give one of them another name"


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""
