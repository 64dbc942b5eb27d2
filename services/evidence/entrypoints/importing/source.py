"""The file to import: CSV, plain or compressed, as rows with the lines that they stand on."""

import csv
import gzip
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, Final

from services.evidence.entrypoints.importing.mapping import Columns, Mapping
from services.evidence.entrypoints.importing.rows import Row, RowReader
from services.evidence.entrypoints.importing.sequence import find_last_numbers

DIGEST_DIGITS: Final = 16
MAX_CELL_CHARACTERS: Final = 1_000_000
"""A larger cell is most often a quote that is never closed."""


class SourceFile:
    """The file to import: its digest, its rows, and how far it has been read."""

    def __init__(self, path: Path, mapping: Mapping) -> None:
        """Take a .csv or .csv.gz file."""
        self._path = path
        self._mapping = mapping
        self._stack = ExitStack()
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

    def rows(self) -> Iterator[Row]:
        """Give every row; raises MappingError, csv.Error, EOFError, gzip.BadGzipFile."""
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        last_numbers = self._last_numbers()
        reader = csv.reader(self._text(self._raw, self._stack), delimiter=self._mapping.delimiter)
        head = [name.strip() for name in next(reader, [])]
        row_reader = RowReader(self._mapping, head, last_numbers=last_numbers)
        self.line = reader.line_num
        for cells in reader:
            # A row is named by the line that it begins on; one that is empty is no row.
            line, self.line = self.line + 1, reader.line_num
            if cells:
                yield row_reader.read(line, cells)

    def _last_numbers(self) -> dict[str, int]:
        """Read the file once beforehand where its times are counted back from each last row."""
        part = self._mapping.sequence
        if part is None or part.end_date is None:
            return {}
        with self._path.open("rb") as raw, ExitStack() as stack:
            text = self._text(raw, stack)
            reader = csv.reader(text, delimiter=self._mapping.delimiter)
            columns = Columns([name.strip() for name in next(reader, [])])
            learner = columns.reader(self._mapping.learner.source_id)
            return find_last_numbers(part, columns, learner, self._noting_lines(reader))

    def _noting_lines(self, reader: Any) -> Iterator[list[str]]:  # noqa: ANN401  (csv has no type)
        for cells in reader:
            self.line = reader.line_num
            yield cells

    def _text(self, raw: IO[bytes], stack: ExitStack) -> TextIOWrapper:
        file: IO[bytes] | gzip.GzipFile = raw
        if self._path.suffix == ".gz":
            file = stack.enter_context(closing(gzip.GzipFile(fileobj=raw)))
        return stack.enter_context(
            TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        )
