"""The header of a OneRoster file: which column is which.

No message repeats a name that the standard does not know: where a file has no header, its first row
is a person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.evidence.domain.oneroster.csv_binding import METADATA_PREFIX
from services.evidence.domain.oneroster.faults import Fault, FaultError
from services.evidence.domain.oneroster.fields import COMMON_HEADERS, Need, Table, Version
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """The columns of a file as they stand. version: the one whose columns they are.

    names: the standard's name of each column; one that it does not know is metadata of the sender;
    empty where a column has no name.
    """

    version: Version
    names: tuple[str, ...]


def read_header(
    collection: Collection, header: Sequence[str], versions: Sequence[Version]
) -> Header:
    """Return which column is which, in any order and case of letters; raises FaultError.

    versions: that of the package, then others that the file may be of all the same. The one that
    knows most of the columns is taken, of equals the first.
    """
    tables = SCHEMA[collection].tables
    read = [
        Header(version=one, names=tuple(_known_names(tables[one], header)))
        for one in versions
        if one in tables
    ]
    if not read:
        raise FaultError(_fault(collection, "unsupported_collection"))
    best = max(read, key=lambda one: sum(bool(name) and not _is_own(name) for name in one.names))
    missing = _missing_essential(tables[best.version], best.names)
    if missing is not None:
        raise FaultError(_fault(collection, "missing_column", missing))
    return best


def _known_names(table: Table, header: Sequence[str]) -> Iterable[str]:
    """Give the standard's name of each column; of two of one name, the first is meant."""
    known = {name.lower(): name for name in table.headers}
    seen: set[str] = set()
    for cell in header:
        folded = cell.strip().lower()
        own = cell.strip()[len(METADATA_PREFIX) :] if _is_own(folded) else cell.strip()
        name = known.get(folded, f"{METADATA_PREFIX}{own}" if own else "")
        yield "" if name in seen else name
        seen.add(name)


def _missing_essential(table: Table, names: Sequence[str]) -> str | None:
    needed = [one.header for one in table.columns if one.need is Need.ESSENTIAL]
    return next((one for one in ("sourcedId", *needed) if one not in names), None)


def _is_own(name: str) -> bool:
    return name.startswith(METADATA_PREFIX)


def check_header(
    collection: Collection, header: Sequence[str], version: Version
) -> tuple[Fault, ...]:
    """Return everything that is against the letter: names, their order, what is too much."""
    table = SCHEMA[collection].tables[version]
    if not set(COMMON_HEADERS) & set(header):
        return (_fault(collection, "missing_header"),)
    standard = [name for name in header if not _is_own(name)]
    omissible = {one.header for one in table.columns if one.omissible}
    expected = [name for name in table.headers if name in header or name not in omissible]
    faults = [_fault(collection, "missing_column", name) for name in expected if name not in header]
    for index, name in enumerate(header, start=1):
        if not _is_own(name) and name not in table.headers:
            faults.append(_fault(collection, "unknown_column", str(index)))
        elif name in header[: index - 1]:
            faults.append(_fault(collection, "duplicate_column", str(index)))
    if not faults and list(header[: len(standard)]) != expected:
        faults.append(_fault(collection, "column_order"))
    return tuple(faults)


def _fault(collection: Collection, kind: str, column: str = "") -> Fault:
    file = f"{collection.value}.csv"
    told = {
        "missing_header": "has no header",
        "missing_column": f"has no column {column}",
        "unknown_column": f"has a column {column} that the standard has not",
        "duplicate_column": f"has column {column} twice",
        "column_order": "has its columns in another order than the standard",
        "unsupported_collection": "is no file of this version",
    }
    return Fault(
        code=f"table.{kind}:{file}" + (f":{column}" if column else ""),
        message=f"{file} {told[kind]}.",
        hint="Write the header as the standard has it; columns of your own begin with metadata.",
    )
