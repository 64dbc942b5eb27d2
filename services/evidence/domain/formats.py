"""Which format module reads which document. One line for each; a new format is one line more."""

from collections.abc import Callable, Mapping
from typing import Final

from services.evidence.domain import case, edfi, oneroster
from services.evidence.domain.document import Document, Format
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json, Reading, SourceSettings

Read = Callable[[str, Mapping[str, Json], SourceSettings], Reading]

READERS: Final[Mapping[Format, Read]] = {}


def read_document(document: Document, format_of: Format, settings: SourceSettings) -> Reading:
    """Return what a document says; raises RefusedError."""
    if document.content is None:
        raise RefusedError(
            RefusalReason.MALFORMED, "", document.fault, "Correct what the source sends."
        )
    return READERS[format_of](document.collection, document.content, settings)
