"""The check of a whole package by the letter of the standard, before anything of it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from services.evidence.domain.oneroster.csv_binding import Binding, Mode, RowReference, check_row
from services.evidence.domain.oneroster.faults import Fault, FaultError
from services.evidence.domain.oneroster.header import check_header
from services.evidence.domain.oneroster.manifest import Manifest, check_manifest, read_manifest
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.importing.oneroster.archive import (
    KNOWN_FILES,
    Archive,
    Limits,
    nested_path,
    unexpected_entry,
)
from services.evidence.entrypoints.importing.oneroster.known_ids import KnownIds
from services.evidence.entrypoints.importing.oneroster.lines import Line, read_lines
from services.evidence.entrypoints.importing.oneroster.package import (
    FILE_ORDER,
    cells_by_name,
    duplicate,
    file_faults,
    manifest_lines,
    missing_rows,
    wrong_count,
)

MAX_FAULTS: Final = 1_000
"""Faults that are told: more than anybody reads before the export is mended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A fault and the line of its file that it is on; 0 for the whole."""

    fault: Fault
    line: int = 0


@dataclass(kw_only=True)
class PackageCheck:
    """What a check found. faults: the first ones. count: all of them. rows: how many there are."""

    faults: list[Found] = field(default_factory=list)
    count: int = 0
    rows: int = 0

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of what was found, each once, in order."""
        return tuple(dict.fromkeys(found.fault.code for found in self.faults))

    def add(self, fault: Fault, line: int = 0) -> None:
        """Count a fault, and keep it if it is one of the first."""
        self.count += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Found(fault=fault, line=line))


def check_package(path: Path, limits: Limits | None = None) -> PackageCheck:
    """Return everything that is against the standard in a ZIP or a directory; raises OSError.

    What makes the rest unreadable is told alone.
    """
    check = PackageCheck()
    try:
        with Archive(path, limits) as archive, KnownIds() as known:
            for fault in _outer_faults(archive):
                check.add(fault)
            if not check.count:
                _Checking(archive, known, check).run()
    except FaultError as error:
        check.add(error.fault)
    return check


def _outer_faults(archive: Archive) -> Iterator[Fault]:
    """Give what is wrong before a row is looked at, and would be wrong with every row."""
    if archive.nested:
        yield nested_path()
    if archive.unexpected:
        yield unexpected_entry()
    yield from check_manifest([line.cells for line in manifest_lines(archive)])


class _Checking:
    """One check of one package."""

    def __init__(self, archive: Archive, known: KnownIds, check: PackageCheck) -> None:
        self._archive = archive
        self._known = known
        self._check = check
        self._manifest: Manifest = read_manifest(line.cells for line in manifest_lines(archive))

    def run(self) -> None:
        """Check every file, and what they refer to."""
        for fault in file_faults(self._archive, self._manifest):
            self._check.add(fault)
        for collection in FILE_ORDER:
            if collection in self._manifest.modes and self._has(collection):
                try:
                    self._check_file(collection)
                except FaultError as error:
                    self._check.add(error.fault)
        for collection, file, header, line in self._known.unresolved():
            self._check.add(_unresolved(collection, file, header), line)

    def _has(self, collection: Collection) -> bool:
        return f"{collection.value}.csv" in self._archive.names & KNOWN_FILES

    def _check_file(self, collection: Collection) -> None:
        file = f"{collection.value}.csv"
        binding = Binding(
            version=self._manifest.version, mode=self._manifest.modes[collection], exact=True
        )
        with self._archive.open(file) as raw:
            lines = read_lines(raw, file)
            first = next(lines, None)
            if first is None:
                raise FaultError(missing_rows(collection))
            if first.fault is not None:
                raise FaultError(first.fault)
            faults = check_header(collection, first.cells, binding.version)
            for fault in faults:
                self._check.add(fault, first.number)
            # Under another header every row would be wrong.
            if not faults:
                self._check_rows(collection, binding, first.cells, lines)

    def _check_rows(
        self,
        collection: Collection,
        binding: Binding,
        names: tuple[str, ...],
        lines: Iterator[Line],
    ) -> None:
        before = self._check.rows
        for line in lines:
            self._check.rows += 1
            for fault in self._row_faults(collection, binding, names, line):
                self._check.add(fault, line.number)
        if self._check.rows == before:
            raise FaultError(missing_rows(collection))

    def _row_faults(
        self, collection: Collection, binding: Binding, names: tuple[str, ...], line: Line
    ) -> Iterator[Fault]:
        if line.fault is not None:
            yield line.fault
        elif len(line.cells) != len(names):
            yield wrong_count(collection)
        else:
            row = check_row(collection, cells_by_name(names, line.cells), binding)
            yield from row.faults
            if row.id and not self._known.add(collection, row.id):
                yield duplicate(collection)
            for reference in row.references:
                self._refer(collection, reference, line.number)

    def _refer(self, collection: Collection, reference: RowReference, line: int) -> None:
        """Note a reference that has to lead to a row of the package.

        What a delta file has not may have come before, and what it refers to as well.
        """
        modes = self._manifest.modes
        if Mode.DELTA in (modes[collection], modes.get(reference.target)):
            return
        self._known.refer(
            reference.target,
            reference.id,
            file=f"{collection.value}.csv",
            header=reference.header,
            line=line,
        )


def _unresolved(collection: Collection, file: str, header: str) -> Fault:
    return Fault(
        code=f"reference.unresolved_reference:{file}:{header}",
        message=f"{header} of {file} leads to no row of {collection.value}.csv.",
        hint="Send what a bulk package refers to in the package.",
    )
