"""A CASE package in a JSON file, as the documents that it holds.

The file is read whole: a framework is a few megabytes, and only the whole of it says whether it is
one JSON text. What is wrong with the file as a whole raises RefusedError here; what is wrong with
one document in it is told by the reader of documents, and the others are kept.
"""

import gzip
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from services.evidence.adapters.exact_json import decode_json
from services.evidence.domain.case.package import split_package
from services.evidence.domain.case.shapes import CaseVersion
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection, Json

MAX_PACKAGE_BYTES: Final = 64 * 1024 * 1024
"""Of a package, uncompressed: twenty times the largest that states publish."""

Document = tuple[Collection, Mapping[str, Json]]


def read_package_file(path: Path) -> Iterator[Document]:
    """Give the documents of a package: framework, definitions, items, associations, rubrics.

    Takes .json and .json.gz. Raises RefusedError and OSError before the first document.
    """
    return documents_of(_read(path))


def documents_of(data: bytes) -> Iterator[Document]:
    """Give the documents of a package that was read or fetched already. Raises RefusedError."""
    if len(data) > MAX_PACKAGE_BYTES:
        raise _too_large()
    package = decode_json(data)
    if not isinstance(package, Mapping):
        raise RefusedError(
            RefusalReason.MALFORMED,
            "",
            "This is no CASE package: the JSON is no object.",
            "Send what GET /CFPackages/{id} of the publisher answers.",
        )
    # Taken apart to its end at once, so that nothing of a package that is none is kept.
    return iter(list(split_package(package)))


def version_of(package: Mapping[str, Json]) -> CaseVersion:
    """Return the version that a package claims; 1.0, which had no such field, where it does not."""
    document = package.get("CFDocument")
    claimed = document.get("caseVersion") if isinstance(document, Mapping) else None
    return CaseVersion.V1P1 if claimed == CaseVersion.V1P1.value else CaseVersion.V1P0


def _read(path: Path) -> bytes:
    if zipfile.is_zipfile(path):
        raise RefusedError(
            RefusalReason.MALFORMED,
            "",
            "This is a ZIP; a CASE package is one JSON file.",
            "Unpack it and name the JSON file; of a OneRoster package, use import-oneroster.",
        )
    with path.open("rb") as raw:
        if path.suffix != ".gz":
            return _bounded(raw)
        try:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                return _bounded(unpacked)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise RefusedError(
                RefusalReason.MALFORMED,
                "",
                "The compressed file is broken or cut off.",
                "Compress it again, or send it as it is.",
            ) from None


def _bounded(file: "IO[bytes] | gzip.GzipFile") -> bytes:
    """Read no more than one byte beyond the bound, whatever a compressed file grows to."""
    data = file.read(MAX_PACKAGE_BYTES + 1)
    if len(data) > MAX_PACKAGE_BYTES:
        raise _too_large()
    return data


def _too_large() -> RefusedError:
    return RefusedError(
        RefusalReason.RECORD_TOO_LARGE,
        "",
        f"The package has more than {MAX_PACKAGE_BYTES} bytes.",
        "Send one framework in each package.",
    )
