"""The files of school systems as documents to send: OneRoster packages, Ed-Fi, CASE.

Each reader says what it gives: the format, the documents in order, what is brought whole.
"""

from collections.abc import Iterator, Sequence
from hashlib import file_digest
from itertools import groupby
from pathlib import Path
from typing import Final, Protocol

from services.evidence.domain.document import Format
from services.evidence.domain.model import Refusal
from services.evidence.domain.oneroster.csv_binding import Mode
from services.evidence.domain.oneroster.faults import Fault, FaultError
from services.evidence.domain.oneroster.fields import Version
from services.evidence.entrypoints.importing.case.package_file import read_package_file
from services.evidence.entrypoints.importing.documents import Read
from services.evidence.entrypoints.importing.edfi.files import InterchangeFiles
from services.evidence.entrypoints.importing.oneroster.package import (
    Package,
    PackageRow,
    RefusedRow,
)

DIGEST_DIGITS: Final = 16

_CSV_FORMATS: Final = {
    Version.V1_1: Format.ONEROSTER_CSV_1_1,
    Version.V1_2: Format.ONEROSTER_CSV_1_2,
}


class Reader(Protocol):
    """A file or folder of a school system, opened; a context."""

    @property
    def digest(self) -> str:
        """Return what tells this file from others."""
        ...

    @property
    def whole(self) -> Sequence[str]:
        """Return the collections of which it brings all there is."""
        ...

    def runs(self) -> Iterator[tuple[Format, Iterator[Read]]]:
        """Give the documents in order, in runs of one format."""
        ...


class OneRosterReader:
    """A OneRoster package of CSV files."""

    def __init__(self, path: Path) -> None:
        """Take a ZIP or a folder."""
        self._package = Package(path)

    def __enter__(self) -> "OneRosterReader":
        self._package.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self._package.__exit__()

    @property
    def digest(self) -> str:
        """Return what tells this package from others."""
        return self._package.digest[:DIGEST_DIGITS]

    @property
    def whole(self) -> Sequence[str]:
        """Return the collections that the manifest declares as bulk and that are there."""
        modes = self._package.files
        return [collection.value for collection, mode in modes if mode is Mode.BULK]

    def runs(self) -> Iterator[tuple[Format, Iterator[Read]]]:
        """Give what is wrong with the files, then the rows in order, in runs of one version."""
        if self._package.faults:
            yield (
                _CSV_FORMATS[self._package.manifest.version],
                (_read_of_fault(one) for one in self._package.faults),
            )
        for form, rows in groupby(self._package.rows(), key=self._format):
            yield form, (_read_of_row(one) for one in rows)

    def _format(self, row: PackageRow | RefusedRow) -> Format:
        if isinstance(row, PackageRow):
            return _CSV_FORMATS[row.binding.version]
        return _CSV_FORMATS[self._package.manifest.version]


class EdFiReader:
    """Interchange files of Ed-Fi."""

    def __init__(self, path: Path) -> None:
        """Take a file, a ZIP or a folder."""
        self._path = path
        self._files = InterchangeFiles(path)

    def __enter__(self) -> "EdFiReader":
        self._files.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self._files.__exit__()

    @property
    def digest(self) -> str:
        """Return what tells this file, or these files, from others."""
        if self._path.is_dir():
            return self._files.digest()[:DIGEST_DIGITS]
        return digest_of_file(self._path)

    @property
    def whole(self) -> Sequence[str]:
        """Return nothing: an interchange file does not say that it brings all there is."""
        return ()

    def runs(self) -> Iterator[tuple[Format, Iterator[Read]]]:
        """Give the records in order."""
        yield (
            Format.EDFI,
            (
                Read(collection=one.resource, content=one.document, file=one.file, line=one.line)
                for one in self._files.documents()
            ),
        )


class CaseReader:
    """A CASE package in a JSON file."""

    def __init__(self, path: Path) -> None:
        """Take a .json or .json.gz file."""
        self._path = path

    def __enter__(self) -> "CaseReader":
        return self

    def __exit__(self, *_error: object) -> None:
        """Do nothing: the file is read whole and closed."""

    @property
    def digest(self) -> str:
        """Return what tells this file from others."""
        return digest_of_file(self._path)

    @property
    def whole(self) -> Sequence[str]:
        """Return nothing: a package brings one framework, not all that there are."""
        return ()

    def runs(self) -> Iterator[tuple[Format, Iterator[Read]]]:
        """Give the documents in order. Raises RefusedError for what is no package."""
        yield (
            Format.CASE_1_1,
            (
                Read(collection=collection.value, content=content, file=self._path.name)
                for collection, content in read_package_file(self._path)
            ),
        )


def digest_of_file(path: Path) -> str:
    """Return the first 64 bits of a file's SHA-256, hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:DIGEST_DIGITS]


def _read_of_fault(fault: Fault) -> Read:
    return Read(
        collection="manifest",
        content={"code": fault.code},
        file="manifest.csv",
        refusal=FaultError(fault).refusal,
    )


def _read_of_row(row: PackageRow | RefusedRow) -> Read:
    refusal: Refusal | None = None
    if isinstance(row, RefusedRow):
        refusal = FaultError(row.fault).refusal
    return Read(
        collection=row.collection.value,
        content=dict(row.cells),
        file=f"{row.collection.value}.csv",
        line=row.line,
        refusal=refusal,
    )
