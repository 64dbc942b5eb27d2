"""CSV text to rows of cells with the lines that they stand on, however broken some of them are.

The standard allows no line break within a cell, so a quote that is never closed is at fault on its
own line: it does not swallow the rows behind it. Systems that write line breaks all the same are
understood where the rows come out right.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO, Final

from services.evidence.domain.oneroster.faults import Fault, FaultError

MAX_LINE_CHARACTERS: Final = 1_000_000
MAX_CONTINUED_LINES: Final = 32
"""Lines that one row may spread over: a comment of some paragraphs."""

_OTHER_BYTES: Final = re.compile("[\udc80-\udcff]")
"""What "surrogateescape" makes of bytes that are no UTF-8."""

_OTHER_CHARSETS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One row of cells. fault: why it cannot be one; the cells are then what can be told."""

    number: int
    cells: tuple[str, ...]
    fault: Fault | None = None


def read_lines(raw: IO[bytes], file: str) -> Iterator[Line]:
    """Give every row of a file; raises FaultError where the rest of the file cannot be read.

    Bytes that are no UTF-8 put their row at fault. Empty lines are no rows.
    """
    text = TextIOWrapper(_checked_charset(raw, file), "utf-8-sig", "surrogateescape")
    ahead: deque[str] = deque()
    number, columns = 1, 0
    while line := ahead.popleft() if ahead else _next_line(text, file):
        row, used = _row(line, ahead, text, file=file, number=number, columns=columns)
        if row.cells:
            columns = columns or len(row.cells)
            yield row
        number += used


def _checked_charset(raw: IO[bytes], file: str) -> IO[bytes]:
    peek = getattr(raw, "peek", None)
    if peek is not None and peek(2)[:2] in _OTHER_CHARSETS:
        raise FaultError(_fault("table.invalid_encoding", file, "is not UTF-8"))
    return raw


def _next_line(text: TextIOWrapper, file: str) -> str:
    line = text.readline(MAX_LINE_CHARACTERS + 1)
    if len(line) > MAX_LINE_CHARACTERS:
        raise FaultError(
            _fault(
                "table.line_too_long",
                file,
                f"has a line of more than {MAX_LINE_CHARACTERS} characters",
            )
        )
    return line


def _row(
    line: str, ahead: deque[str], text: TextIOWrapper, *, file: str, number: int, columns: int
) -> tuple[Line, int]:
    """Return the row that begins with a line, and how many lines it has."""
    cells = _cells(line)
    used = 1
    if cells is None and columns:
        cells, used = _continued(line, ahead, text, file=file, columns=columns)
    if cells is None:
        fault = _fault("row.malformed_csv", file, "has a row with a quote out of place")
        return Line(number=number, cells=(_keepable(line.rstrip("\r\n")),), fault=fault), 1
    if any(map(_OTHER_BYTES.search, cells)):
        fault = _fault("row.invalid_encoding", file, "has a row with bytes that are no UTF-8")
        return Line(number=number, cells=tuple(map(_keepable, cells)), fault=fault), used
    return Line(number=number, cells=tuple(cells)), used


def _cells(text: str) -> list[str] | None:
    """Return the cells of one row; None where the quotes do not come out even."""
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        return None
    return rows[0] if rows else []


def _continued(
    line: str, ahead: deque[str], text: TextIOWrapper, *, file: str, columns: int
) -> tuple[list[str] | None, int]:
    """Try the lines behind as parts of the row; they are taken only if the row comes out right."""
    together = [line]
    for index in range(MAX_CONTINUED_LINES - 1):
        if index == len(ahead):
            following = _next_line(text, file)
            if not following:
                break
            ahead.append(following)
        together.append(ahead[index])
        cells = _joined_cells(together)
        if cells is not None and len(cells) == columns:
            for _ in range(index + 1):
                ahead.popleft()
            return cells, len(together)
    return None, 1


def _joined_cells(lines: list[str]) -> list[str] | None:
    try:
        rows = list(csv.reader(lines, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _keepable(cell: str) -> str:
    """Return a cell with what cannot be kept replaced, so that a person may see the row."""
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\x00", "�")


def _fault(code: str, file: str, message: str) -> Fault:
    return Fault(
        code=f"{code}:{file}", message=f"{file} {message}.", hint="Write RFC 4180 CSV in UTF-8."
    )
