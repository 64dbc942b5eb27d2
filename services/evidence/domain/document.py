"""Documents: what a system sends about one thing, in the form of its format, decoded.

One row of a CSV file, one JSON object, one element of an XML file. A format module reads it into
source objects. It must not know how documents are sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from services.evidence.domain.source_object import Json


class Format(IntEnum):
    """In which form a document came. The numbers are the contract's."""

    ONEROSTER_CSV_1_1 = 1
    ONEROSTER_CSV_1_2 = 2
    ONEROSTER_JSON_1_1 = 3
    ONEROSTER_JSON_1_2 = 4
    EDFI = 5
    CASE_1_0 = 6
    CASE_1_1 = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One document.

    collection: the format's own name of what it is ("users", "studentAssessments"). content: a cell
    by header, or a JSON object; None where it could not be decoded, and then `fault` says why.
    sent: its bytes. deleted: the source says that it is gone; content is then its key.
    line: its place in its file, 0 where none.
    """

    collection: str
    content: Mapping[str, Json] | None
    sent: bytes
    deleted: bool = False
    fault: str = ""
    file: str = ""
    line: int = 0


def id_told_by(content: Mapping[str, Json] | None) -> str:
    """Return the id that a document of OneRoster or CASE gives itself; empty where it has none."""
    for name in ("sourcedId", "identifier"):
        told = None if content is None else content.get(name)
        if isinstance(told, str):
            return told.strip()
    return ""


class DocumentOutcome(IntEnum):
    """What became of a document. The numbers are the contract's."""

    CHANGED = 1
    UNCHANGED = 2
    """The same as what is here, or older."""
    WAITING = 3
    """Kept, and what follows from it waits for something that it names."""
    REFUSED = 4
