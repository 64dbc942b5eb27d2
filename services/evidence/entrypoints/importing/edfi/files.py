"""The interchange files of a path, as documents in an order in which each finds what it needs.

A path is a file, a directory, or a ZIP of files. Between files the order is by interchange:
standards, assessments, organisations, calendars, schedules, people, enrolments, sittings, grades.
Within a file it is the file's own. Files of other interchanges come last, since what counts is what
stands in them.
"""

import hashlib
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from services.evidence.domain.edfi.interchange import document_of
from services.evidence.domain.source_object import Json
from services.evidence.entrypoints.importing.edfi.elements import (
    CHUNK_BYTES,
    InterchangeError,
    has_references_by_id,
    identities_of,
    records,
    root_of,
)

MAX_FILES: Final = 1_000
MAX_FILE_BYTES: Final = 8 * 1024**3
"""Of one file, unpacked: a state's student assessments are some gigabytes. More is an attack."""

MAX_RATIO: Final = 200
"""Unpacked to packed bytes of an entry of a ZIP: interchange files are packed to a thirtieth."""

RATIO_FROM_BYTES: Final = 16 * 1024**2
"""Smaller entries do no harm however they are packed."""

_ORDER: Final = (
    "InterchangeStandards",
    "InterchangeAssessmentMetadata",
    "InterchangeEducationOrganization",
    "InterchangeEducationOrgCalendar",
    "InterchangeMasterSchedule",
    "InterchangeStudent",
    "InterchangeStudentParent",
    "InterchangeStaffAssociation",
    "InterchangeStudentEnrollment",
    "InterchangeStudentAssessment",
    "InterchangeStudentGrade",
)
_SUFFIX: Final = ".xml"
_ENCRYPTED: Final = 0x1
"""The bit of a ZIP entry's flags that says so."""

_BROKEN_ZIP: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What reading an entry raises; the last two for methods and passwords that are not known."""

Opener = Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class InterchangeDocument:
    """One document, and where it stands. resource: its name in the API."""

    resource: str
    document: Mapping[str, Json]
    file: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    name: str
    open: Opener


class InterchangeFiles:
    """The interchange files of one path; use as a context."""

    def __init__(self, path: Path) -> None:
        """Take a file, a directory or a ZIP."""
        self._path = path
        self._archive: zipfile.ZipFile | None = None
        self.skipped: Counter[str] = Counter()
        """Records that are not read, by the name of their element, as far as files were read."""

    def __enter__(self) -> "InterchangeFiles":
        """Open the path; raises OSError or InterchangeError."""
        if self._path.is_file() and zipfile.is_zipfile(self._path):
            try:
                self._archive = zipfile.ZipFile(self._path)
            except zipfile.BadZipFile as error:
                raise InterchangeError(str(error), line=0, file=self._path.name) from None
        if not self._files():
            fault = "there are no interchange files in it; their names end in .xml"
            raise InterchangeError(fault, line=0, file=self._path.name)
        return self

    def __exit__(self, *_error: object) -> None:
        if self._archive is not None:
            self._archive.close()

    def documents(self) -> Iterator[InterchangeDocument]:
        """Give every document that is read; raises InterchangeError or OSError where it stops."""
        for file in self._in_order():
            yield from self._documents_of(file)

    def _documents_of(self, file: _File) -> Iterator[InterchangeDocument]:
        with _naming(file):
            identities: Mapping[str, Mapping[str, Json]] = {}
            if has_references_by_id(_chunks(file)):
                identities = identities_of(_chunks(file))
            for record in records(_chunks(file), identities, self.skipped):
                found = document_of(record.element)
                if found is not None:
                    resource, document = found
                    yield InterchangeDocument(
                        resource=resource, document=document, file=file.name, line=record.line
                    )

    def digest(self) -> str:
        """Return the SHA-256 of the files, hexadecimal: of their names and bytes, in order."""
        together = hashlib.sha256()
        for file in sorted(self._files(), key=lambda one: one.name):
            together.update(f"{file.name}\0".encode("utf-8", "surrogateescape"))
            with file.open() as raw:
                together.update(hashlib.file_digest(raw, "sha256").digest())  # type: ignore[arg-type]
        return together.hexdigest()

    def _in_order(self) -> Sequence[_File]:
        files = self._files()
        if len(files) > MAX_FILES:
            fault = f"there are {len(files)} files; at most {MAX_FILES} are read at once"
            raise InterchangeError(fault, line=0, file=self._path.name)
        return sorted(files, key=lambda file: (_place(file), file.name))

    def _files(self) -> list[_File]:
        if self._archive is not None:
            return [_entry(self._archive, info) for info in _entries(self._archive)]
        if self._path.is_dir():
            found = sorted(self._path.rglob(f"*{_SUFFIX}"))
            return [_plain(path, self._path) for path in found if path.is_file()]
        return [_plain(self._path, self._path.parent)]


@contextmanager
def _naming(file: _File) -> Iterator[None]:
    """Say of which file an error is, and make one of what a broken ZIP raises."""
    try:
        yield
    except InterchangeError as error:
        raise InterchangeError(error.fault, line=error.line, file=file.name) from None
    except _BROKEN_ZIP as error:
        fault = f"the file cannot be unpacked: {error}"
        raise InterchangeError(fault, line=0, file=file.name) from error


def _place(file: _File) -> int:
    """Return where a file comes in the order, by its outermost element."""
    with _naming(file):
        root = root_of(_chunks(file))
    return _ORDER.index(root) if root in _ORDER else len(_ORDER)


def _chunks(file: _File) -> Iterator[bytes]:
    """Give a file's bytes, up to the bound; raises InterchangeError beyond it."""
    read_bytes = 0
    with file.open() as raw:
        while chunk := raw.read(CHUNK_BYTES):
            read_bytes += len(chunk)
            if read_bytes > MAX_FILE_BYTES:
                fault = f"the file has more than {MAX_FILE_BYTES:,} bytes"
                raise InterchangeError(fault, line=0, file=file.name)
            yield chunk


def _plain(path: Path, base: Path) -> _File:
    return _File(name=path.relative_to(base).as_posix(), open=lambda: path.open("rb"))


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the entries that are interchange files; macOS adds some that only look so."""
    return [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith(_SUFFIX) and not info.filename.startswith("__MACOSX/")
    ]


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _File:
    if info.flag_bits & _ENCRYPTED:
        fault = "the file is encrypted; send it without a password"
        raise InterchangeError(fault, line=0, file=info.filename)
    # No more than it claims is ever unpacked.
    if info.file_size > max(MAX_RATIO * info.compress_size, RATIO_FROM_BYTES):
        fault = "the file is packed to less than any interchange file can be"
        raise InterchangeError(fault, line=0, file=info.filename)
    return _File(name=info.filename, open=lambda: closing(archive.open(info)))
