"""The file to import: CSV, plain or compressed, as rows with the lines that they stand on."""

import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from io import BufferedReader, TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from services.evidence.entrypoints.importing.columns import Columns
from services.evidence.entrypoints.importing.mapping import Mapping, MappingError
from services.evidence.entrypoints.importing.rows import Row, RowReader, learner_reader
from services.evidence.entrypoints.importing.sequence import find_last_numbers
from services.evidence.entrypoints.importing.table import Line, Table, read_table

DIGEST_DIGITS: Final = 16
MAX_CELL_CHARACTERS: Final = 1_000_000
"""A larger cell is most often a quote that is never closed."""

MAX_LINE_CHARACTERS: Final = 8_000_000
"""A longer line is no row: a compressed file of some kilobytes could hold one of gigabytes."""

DELIMITERS: Final = ",;\t|"
"""Those among which "auto" chooses, the first of equal ones."""
LOOKED_AT_LINES: Final = 50

_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_CODECS: Final = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}
_DAMAGED: Final = "the compressed data are damaged"
_QUOTED: Final = re.compile(r'"[^"]*"')


class SourceFile:
    """The file to import: its digest, its rows, and how far it has been read."""

    def __init__(self, path: Path, mapping: Mapping, *, export_date: str = "") -> None:
        """Take a .csv or .csv.gz file; export_date: of ISO 8601, else the file's name may say."""
        self._path = path
        self._mapping = mapping
        self._stack = ExitStack()
        self._export_date = export_date or date_of_name(path.name, mapping)
        self.size_bytes = 0
        self.digest = ""
        """The first 64 bits of the file's SHA-256, hexadecimal."""
        self.line = 0

    def __enter__(self) -> "SourceFile":
        self._raw = self._stack.enter_context(self._path.open("rb"))
        self.digest = hashlib.file_digest(self._raw, "sha256").hexdigest()[:DIGEST_DIGITS]
        self.size_bytes = self._raw.seek(0, 2)
        self._raw.seek(0)
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    @property
    def read_bytes(self) -> int:
        """Return how much of the file has been read."""
        return self._raw.tell()

    @property
    def name(self) -> str:
        """Return the file's name, without where it lies."""
        return self._path.name

    def rows(self) -> Iterator[Row]:
        """Give every row; raises MappingError, csv.Error, EOFError, gzip.BadGzipFile."""
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        last_numbers = self._last_numbers()
        table = self._table(self._raw, self._stack)
        reader = RowReader(self._mapping, table.head, last_numbers=last_numbers)
        for row in table.rows:
            yield reader.read(*row)

    def head(self) -> list[str]:
        """Return the columns of the table that the mapping makes of the file."""
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        with self._path.open("rb") as raw, ExitStack() as stack:
            return list(self._table(raw, stack).head)

    def _last_numbers(self) -> dict[str, int]:
        """Read the file once beforehand where its times are counted back from each last row."""
        part = self._mapping.sequence
        if part is None or part.end_date is None:
            return {}
        with self._path.open("rb") as raw, ExitStack() as stack:
            table = self._table(raw, stack)
            columns = Columns(table.head)
            learner = learner_reader(self._mapping, columns)
            rows = (row.cells for row in table.rows if not row.fault)
            return find_last_numbers(part, columns, learner, rows)

    def _table(self, raw: BufferedReader, stack: ExitStack) -> Table:
        text: Iterable[str] = _lines_of(self._text(raw, stack))
        delimiter = self._mapping.delimiter
        if delimiter == "auto":
            delimiter, text = _delimiter(iter(text))
        reader = csv.reader(text, delimiter=delimiter)
        return read_table(self._lines(reader), self._mapping, export_date=self._export_date)

    def _lines(self, reader: Any) -> Iterator[Line]:  # noqa: ANN401  (csv has no type)
        self.line = 0
        for cells in reader:
            # A row is named by the line that it begins on; one that is empty is no row.
            line, self.line = self.line + 1, reader.line_num
            if cells:
                yield line, cells

    def _text(self, raw: BufferedReader, stack: ExitStack) -> TextIOWrapper:
        file: BufferedReader | gzip.GzipFile = raw
        if self._path.suffix == ".gz":
            file = stack.enter_context(closing(gzip.GzipFile(fileobj=raw)))
        encoding = self._mapping.encoding
        codec = _CODECS.get(encoding, encoding)
        if encoding == "utf-8" and _peeked(file)[:2] in _UTF_16_MARKS:
            codec = "utf-16"
        return stack.enter_context(
            TextIOWrapper(file, encoding=codec, errors="surrogateescape", newline="")
        )


def _peeked(file: BufferedReader | gzip.GzipFile) -> bytes:
    """Return the first bytes of a file; raises gzip.BadGzipFile."""
    try:
        return file.peek(2)
    except zlib.error as error:
        raise gzip.BadGzipFile(_DAMAGED) from error


def _lines_of(text: TextIOWrapper) -> Iterator[str]:
    """Give the lines of a text; raises csv.Error and gzip.BadGzipFile where it is none any more."""
    while True:
        try:
            line = text.readline(MAX_LINE_CHARACTERS + 1)
        except zlib.error as error:
            raise gzip.BadGzipFile(_DAMAGED) from error
        except UnicodeDecodeError as error:
            raise csv.Error(f"it is no {error.encoding.upper()}") from error
        if len(line) > MAX_LINE_CHARACTERS:
            raise csv.Error(f"a line has more than {MAX_LINE_CHARACTERS:,} characters")
        if not line:
            return
        yield line


def date_of_name(name: str, mapping: Mapping) -> str:
    """Return the date of the export in a file's name; empty where the mapping finds none."""
    if mapping.snapshot is None or mapping.snapshot.file_date is None:
        return ""
    found = re.search(mapping.snapshot.file_date, name)
    if found is None:
        return ""
    form = mapping.snapshot.file_date_format
    try:
        return datetime.strptime(found[1], form).date().isoformat()  # noqa: DTZ007  (a date)
    except ValueError as error:
        raise MappingError(
            f"{found[1]!r} in the name {name!r} is no date of the form {form}: say --export-date"
        ) from error


def _delimiter(lines: Iterator[str]) -> tuple[str, Iterator[str]]:
    """Return what stands between cells most often, in the line that has the most, and all lines."""
    looked_at = list(islice(lines, LOOKED_AT_LINES))
    bare = [_QUOTED.sub("", line) for line in looked_at]
    counts = {one: max((line.count(one) for line in bare), default=0) for one in DELIMITERS}
    best = max(DELIMITERS, key=lambda one: counts[one])
    return best, chain(looked_at, lines)
