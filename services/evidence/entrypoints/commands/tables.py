"""CSV files that a person writes for a command: rows with their lines, and what became of each.

A faulty row is refused for itself, with its line, and stops nothing. What is wrong with the whole
file (no such column, no CSV) is told before anything is sent.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from services.evidence.domain.spelling import nearest
from services.evidence.entrypoints.commands.plain import as_json

MAX_ROWS: Final = 1_000_000
"""They are read as a whole, about 500 bytes of memory each."""

SHOWN_REFUSALS: Final = 20

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


class RowFaultError(Exception):
    """What is wrong with a row: the column and a sentence. No message repeats a person's ids."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One row: where it stands, and its cells by column, trimmed."""

    number: int
    cells: Mapping[str, str]

    def cell(self, column: str) -> str:
        """Return the text in a column, empty where the file has no such column."""
        return self.cells.get(column, "")

    def needed(self, column: str) -> str:
        """Return the text in a column. Raises RowFaultError where it is empty."""
        text = self.cell(column)
        if not text:
            raise RowFaultError(column, "is empty")
        return text


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedLine:
    """A row that is refused: its line, the column at fault (empty: the whole), and why."""

    line: int
    column: str
    message: str


@dataclass(kw_only=True)
class TableReport:
    """What became of the rows of a file. counts: what else there is to say, by a few words."""

    rows: int = 0
    refused: list[RefusedLine] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[RefusedLine] = field(default_factory=list)
    """Rows that are kept, of which somebody should know something."""

    @contextmanager
    def refusing(self, line: int) -> Iterator[None]:
        """Refuse the row of this line where a check inside says so, and go on."""
        try:
            yield
        except RowFaultError as fault:
            self.refuse(line, fault.message, fault.column)

    def refuse(self, line: int, message: str, column: str = "") -> None:
        """Refuse the row of this line."""
        self.refused.append(RefusedLine(line=line, column=column, message=message))

    def print(self, *, json: bool) -> None:
        """Print the report for a machine, or for people."""
        if json:
            click.echo(as_json(self._plain()))
            return
        console = Console(highlight=False, markup=False)
        counts = "".join(f"; {count:,} {words}" for words, count in self.counts.items())
        console.print(f"{self.rows:,} rows, {len(self.refused):,} refused{counts}.")
        self._print_lines(self.refused, console, "yellow")
        self._print_lines(self.notes, console, "dim")

    def _print_lines(self, lines: Sequence[RefusedLine], console: Console, style: str) -> None:
        for one in sorted(lines, key=lambda each: each.line)[:SHOWN_REFUSALS]:
            column = f"{one.column}: " if one.column else ""
            console.print(f"line {one.line}: {column}{one.message}", style=style)
        if len(lines) > SHOWN_REFUSALS:
            console.print(f"and {len(lines) - SHOWN_REFUSALS:,} more; --json has all of them")

    def _plain(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "refused": [_plain(one) for one in self.refused],
            "notes": [_plain(one) for one in self.notes],
            **{words.replace(" ", "_"): count for words, count in self.counts.items()},
        }


def read_table(path: Path, columns: Collection[str], needed: Sequence[str]) -> list[Line]:
    """Return the rows of a CSV file with a head, empty ones left out.

    columns: those that it may have, in any order. Raises click.UsageError for a file that is none.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            head = [cell.strip() for cell in next(reader, [])]
            _check_head(head, columns, needed)
            lines = []
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    lines.append(_line(reader.line_num, head, cells))
                if len(lines) > MAX_ROWS:
                    raise click.UsageError(f"{path} has more than {MAX_ROWS:,} rows: cut it")
            return lines
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path} is no UTF-8: save it as UTF-8") from error
    except csv.Error as error:
        raise click.UsageError(f"{path}, line {reader.line_num}: {error}") from error


def read_rows(
    path: Path,
    columns: Collection[str],
    needed: Sequence[str],
    report: TableReport,
    read: Callable[[Line], None],
) -> None:
    """Hand each row of a file to `read`; one that raises RowFaultError is refused."""
    for line in read_table(path, columns, needed):
        report.rows += 1
        with report.refusing(line.number):
            read(line)


def _line(number: int, head: Sequence[str], cells: Sequence[str]) -> Line:
    return Line(number=number, cells=dict(zip(head, (one.strip() for one in cells), strict=False)))


def _check_head(head: Sequence[str], columns: Collection[str], needed: Sequence[str]) -> None:
    for name in head:
        if name not in columns:
            meant = nearest(name, columns)
            hint = f"did you mean {meant!r}? " if meant else ""
            raise click.UsageError(
                f"there is no column {name!r}: {hint}the columns are {', '.join(columns)}"
            )
    if len(set(head)) < len(head):
        raise click.UsageError("a column stands twice in the first line")
    for name in needed:
        if name not in head:
            raise click.UsageError(f"the first line has no column {name!r}")


def _plain(one: RefusedLine) -> dict[str, Any]:
    return {"line": one.line, "column": one.column, "message": one.message}
