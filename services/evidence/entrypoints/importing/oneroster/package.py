"""A package of OneRoster: opened, and read row by row in an order in which it can be used.

What has one clear meaning is understood; a row that has none is given out as refused, with its
cells, so that somebody can look at it, and the rows behind it go on.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from services.evidence.domain.oneroster.csv_binding import Binding, Mode, read_row
from services.evidence.domain.oneroster.faults import Fault, FaultError
from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.header import Header, read_header
from services.evidence.domain.oneroster.manifest import FILE as MANIFEST
from services.evidence.domain.oneroster.manifest import (
    MAX_ROWS,
    Manifest,
    missing_manifest,
    read_manifest,
)
from services.evidence.domain.oneroster.schema import FILES, SECRET_HEADERS
from services.evidence.domain.source_object import Collection, Reading
from services.evidence.entrypoints.importing.oneroster.archive import Archive, Limits
from services.evidence.entrypoints.importing.oneroster.known_ids import KnownIds
from services.evidence.entrypoints.importing.oneroster.lines import Line, read_lines

FILE_ORDER: Final = (
    Collection.ORGS,
    Collection.ACADEMIC_SESSIONS,
    Collection.RESOURCES,
    Collection.COURSE_RESOURCES,
    Collection.COURSES,
    Collection.CLASS_RESOURCES,
    Collection.CLASSES,
    Collection.USER_PROFILES,
    Collection.ROLES,
    Collection.USER_RESOURCES,
    Collection.USERS,
    Collection.DEMOGRAPHICS,
    Collection.ENROLLMENTS,
    Collection.CATEGORIES,
    Collection.SCORE_SCALES,
    Collection.LINE_ITEM_SCALES,
    Collection.LINE_ITEM_OBJECTIVES,
    Collection.LINE_ITEMS,
    Collection.RESULT_SCALES,
    Collection.RESULT_OBJECTIVES,
    Collection.RESULTS,
)
"""What is referred to comes before what refers to it; but children come before their parents, so
that what follows from a parent is derived once, when it is whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageRow:
    """A row that was read. cells: by the standard's headers."""

    collection: Collection
    line: int
    cells: Mapping[str, str]
    binding: Binding
    reading: Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRow:
    """A row, or with line 0 a whole file, that cannot be read, and why."""

    collection: Collection
    line: int
    cells: Mapping[str, str]
    fault: Fault


class Package:
    """A package, opened; a context.

    manifest: what it says of itself. faults: files that are declared and missing, or there and not
    declared; the latter are not read, since nothing says whether they are whole.
    """

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        """Take a ZIP or a directory of CSV files."""
        self._archive = Archive(path, limits)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Open it; raises FaultError where it cannot be used at all, and OSError."""
        with ExitStack() as opening:
            opening.enter_context(self._archive)
            self.manifest = read_manifest(line.cells for line in manifest_lines(self._archive))
            self._known = opening.enter_context(KnownIds())
            self._stack = opening.pop_all()
        self.faults = tuple(file_faults(self._archive, self.manifest))
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    @property
    def digest(self) -> str:
        """Return what tells this package from others."""
        return self._archive.digest

    @property
    def files(self) -> tuple[tuple[Collection, Mode], ...]:
        """Return the files that are read, in order, and whether they are whole or changes."""
        modes = self.manifest.modes
        return tuple((one, modes[one]) for one in FILE_ORDER if one in modes and self._has(one))

    def rows(self) -> Iterator[PackageRow | RefusedRow]:
        """Give every row once, read or refused. Of rows with one id in a file the first counts."""
        for collection, mode in self.files:
            try:
                yield from self._rows_of(collection, mode)
            except FaultError as error:
                yield RefusedRow(collection=collection, line=0, cells={}, fault=error.fault)

    def _has(self, collection: Collection) -> bool:
        return f"{collection.value}.csv" in self._archive.names

    def _versions(self, collection: Collection) -> tuple[Version, ...]:
        """Return the versions of which a file may be, the package's first."""
        declared = self.manifest.version
        if collection is Collection.USERS and self._has(Collection.ROLES):
            # Roles are said by roles.csv; what else users say of them is not meant.
            return (declared,)
        return (declared, *(one for one in Version if one is not declared))

    def _rows_of(self, collection: Collection, mode: Mode) -> Iterator[PackageRow | RefusedRow]:
        with self._archive.open(f"{collection.value}.csv") as raw:
            lines = read_lines(raw, f"{collection.value}.csv")
            header = header_of(lines, collection, self._versions(collection))
            binding = Binding(version=header.version, mode=mode)
            line = None
            for line in lines:
                yield self._row(collection, header, binding, line)
            if line is None:
                raise FaultError(missing_rows(collection))

    def _row(
        self, collection: Collection, header: Header, binding: Binding, line: Line
    ) -> PackageRow | RefusedRow:
        cells = _without_secrets(cells_by_name(header.names, line.cells))
        try:
            if line.fault is not None:
                raise FaultError(line.fault)
            if any(line.cells[len(header.names) :]) or len(line.cells) < len(header.names):
                raise FaultError(wrong_count(collection))
            reading = read_row(collection, cells, binding)
            if not self._known.add(collection, reading.objects[0].key.id):
                raise FaultError(duplicate(collection))
        except FaultError as error:
            return RefusedRow(
                collection=collection, line=line.number, cells=cells, fault=error.fault
            )
        return PackageRow(
            collection=collection, line=line.number, cells=cells, binding=binding, reading=reading
        )


def manifest_lines(archive: Archive) -> list[Line]:
    """Return the rows of the manifest; raises FaultError where there is none."""
    if MANIFEST not in archive.names:
        raise FaultError(missing_manifest())
    with archive.open(MANIFEST) as raw:
        lines = read_lines(raw, MANIFEST)
        return [line for line, _ in zip(lines, range(MAX_ROWS), strict=False)]


def file_faults(archive: Archive, manifest: Manifest) -> Iterator[Fault]:
    """Give the files that are declared and missing, or there and not declared."""
    for name, collection in FILES[Version.V1_2].items():
        there, declared = f"{name}.csv" in archive.names, collection in manifest.modes
        if there != declared:
            kind = "undeclared_file" if there else "missing_file"
            told = "is there, and declared as absent" if there else "is declared, and not there"
            yield Fault(
                code=f"manifest.{kind}:{name}.csv",
                message=f"{name}.csv {told}.",
                hint="Say in manifest.csv which files there are, and send these.",
            )


def header_of(lines: Iterator[Line], collection: Collection, versions: Sequence[Version]) -> Header:
    """Take the header off a file's lines; raises FaultError."""
    first = next(lines, None)
    if first is None:
        raise FaultError(missing_rows(collection))
    if first.fault is not None:
        raise FaultError(first.fault)
    return read_header(collection, first.cells, versions)


def cells_by_name(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Return the cells by the names of their columns; those without a name by their number."""
    named = (
        (name or f"column {index}", cell)
        for index, (name, cell) in enumerate(zip(names, cells, strict=False), start=1)
    )
    rest = enumerate(cells[len(names) :], start=len(names) + 1)
    return {**dict(named), **{f"column {index}": cell for index, cell in rest if cell}}


def _without_secrets(cells: Mapping[str, str]) -> dict[str, str]:
    """Return cells without passwords: a row that is refused stays in quarantine as it came."""
    return {name: cell for name, cell in cells.items() if name not in SECRET_HEADERS}


def missing_rows(collection: Collection) -> Fault:
    """Return what is wrong with a file without rows."""
    return _table_fault(
        "table.missing_data_rows", collection, "has no rows", "Declare the file as absent."
    )


def duplicate(collection: Collection) -> Fault:
    """Return what is wrong with a row whose id another row has."""
    return Fault(
        code=f"reference.duplicate_sourced_id:{collection.value}.csv:sourcedId",
        message=f"sourcedId of {collection.value}.csv is that of another row.",
        hint="Send one row for each sourcedId.",
    )


def wrong_count(collection: Collection) -> Fault:
    """Return what is wrong with a row that has more or fewer cells than the header."""
    return _table_fault(
        "row.wrong_cell_count",
        collection,
        "has a row with more or fewer cells than its header",
        "Put texts with commas in quotes.",
    )


def _table_fault(code: str, collection: Collection, message: str, hint: str) -> Fault:
    file = f"{collection.value}.csv"
    return Fault(code=f"{code}:{file}", message=f"{file} {message}.", hint=hint)
