"""Finds the CSV files of an import and reads their rows; what is wrong with a whole file is told.

A file is UTF-8, with or without a byte order mark, with any line ends. One that is not is refused
with the words of whoever saved it: which menu, which choice.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from services.scheduler.entrypoints.school_import.columns import Cells, Who
from services.scheduler.entrypoints.school_import.form import FileKind
from services.scheduler.entrypoints.school_import.kinds import KINDS

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_ROWS: Final = 200_000
REFUSED: Final = "refused_"
"""Columns of a file of refused rows begin so; they are passed over when it is sent again."""

_SAVE_AS: Final = 'save it again as "CSV UTF-8 (comma delimited)"'


class FileError(Exception):
    """A file that cannot be used as it is: which one, why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: the line where it begins, its cells as they stand, and by column."""

    line: int
    raw: tuple[str, ...]
    cells: Cells
    too_long: bool = False
    """Whether it has more cells than the heading."""


@dataclass(frozen=True, kw_only=True)
class SchoolFile:
    """A file of one kind: its heading and its rows."""

    path: Path
    kind: FileKind
    heading: tuple[str, ...]
    rows: tuple[Row, ...]


def find_files(places: Sequence[Path], kinds: Sequence[FileKind] = KINDS) -> list[SchoolFile]:
    """Return the files of folders, and those that are named, in the order of their kinds.

    Of a folder, each file whose whole name is that of a kind; of the others it says nothing.
    Raises FileError with all that is wrong.
    """
    by_name = {kind.name: kind for kind in kinds}
    found: list[SchoolFile] = []
    faults: list[str] = []
    for path in _paths(places, by_name):
        kind = by_name.get(path.name.split(".")[0])
        if kind is None:
            names = ", ".join(f"{one}.csv" for one in by_name)
            faults.append(f"{path} is of no kind that is known: its name begins as one of {names}.")
            continue
        try:
            found.append(read_file(path, kind))
        except FileError as error:
            faults.append(str(error))
    if faults:
        raise FileError("\n".join(faults))
    if not found:
        raise FileError(f"there is none of {', '.join(f'{one}.csv' for one in by_name)}.")
    order = list(by_name)
    return sorted(found, key=lambda one: order.index(one.kind.name))


def read_file(path: Path, kind: FileKind) -> SchoolFile:
    """Return the rows of a file; raises FileError."""
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = tuple(cell.strip() for cell in next(reader, []))
        _check_heading(path, kind, heading)
        rows = tuple(_rows(path, reader, heading))
    except csv.Error as error:
        raise FileError(
            f"{path}, line {reader.line_num}: it is no CSV from here on ({error})."
            " A text with a quote in it is written in quotes, with that quote twice."
        ) from error
    return SchoolFile(path=path, kind=kind, heading=heading, rows=rows)


def named_in(files: Sequence[SchoolFile]) -> dict[Who, frozenset[str]]:
    """Return what the cells hold that name people, by whom they name."""
    named: dict[Who, set[str]] = {who: set() for who in Who}
    for file in files:
        for column in file.kind.columns:
            if column.who is not None:
                named[column.who].update(
                    text for row in file.rows for text in row.cells.many(column.name)
                )
    return {who: frozenset(texts) for who, texts in named.items()}


def _paths(places: Sequence[Path], by_name: Mapping[str, FileKind]) -> Iterator[Path]:
    for place in places:
        if place.is_dir():
            yield from (place / f"{one}.csv" for one in by_name if (place / f"{one}.csv").exists())
        else:
            yield place


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise FileError(f"{path} has more than {MAX_BYTES // 2**20} MiB: cut it into several.")
    data = path.read_bytes()
    if data.startswith(b"PK\x03\x04"):
        raise FileError(f"{path} is a workbook, not CSV: open it and {_SAVE_AS}.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileError(f'{path} is UTF-16 ("Unicode text"): open it and {_SAVE_AS}.')
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileError(
            f"{path}, line {line}: it is not UTF-8, but looks like Windows-1252, as older"
            f' spreadsheets write for "CSV (comma delimited)": {_SAVE_AS}, or accents and dashes'
            " would come out wrong."
        ) from error
    if "\x00" in text:
        raise FileError(f"{path} holds bytes that no text has: open it and {_SAVE_AS}.")
    return text


def _check_heading(path: Path, kind: FileKind, heading: Sequence[str]) -> None:
    names = [one.name for one in kind.columns]
    if len(heading) == 1 and ";" in heading[0]:
        raise FileError(
            f"{path}: its columns are parted by semicolons: {_SAVE_AS}, or set the list separator"
            " of the system to a comma."
        )
    for name in heading:
        if name not in names and not name.startswith(REFUSED):
            near = get_close_matches(name, names, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"There are: {', '.join(names)}."
            raise FileError(f'{path}: there is no column "{name}" in {kind.name}.csv. {hint}')
    if len(set(heading)) < len(heading):
        raise FileError(f"{path}: a column stands twice in the first line.")
    lacking = [one.name for one in kind.columns if one.needed and one.name not in heading]
    if lacking:
        raise FileError(
            f"{path}: the first line lacks {', '.join(lacking)}. --template writes a file with"
            " every column."
        )


def _rows(path: Path, reader: Iterator[list[str]], heading: tuple[str, ...]) -> Iterator[Row]:
    # The reader knows the line where a row ends; a quoted text may span several.
    line = 2
    for count, cells in enumerate(reader):
        if count >= MAX_ROWS:
            raise FileError(f"{path} has more than {MAX_ROWS:,} rows: cut it into several.")
        if any(cell.strip() for cell in cells):
            named = zip(heading, (one.strip() for one in cells), strict=False)
            yield Row(
                line=line,
                raw=tuple(cells),
                cells=Cells(by_column=dict(named)),
                too_long=any(one.strip() for one in cells[len(heading) :]),
            )
        line = reader.line_num + 1  # type: ignore[attr-defined]
