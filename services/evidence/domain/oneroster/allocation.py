"""Ids that Trellis gives to objects that are posted to it."""

from typing import Final
from uuid import UUID, uuid5

from services.evidence.domain.source_object import Collection

_POSTED: Final = UUID("3d1f5a34-7a0e-5f3e-9c46-51c1a7a2b0d9")
"""Under which ids of posted objects are made; never changes."""

_SEPARATOR: Final = "\x1f"


def allocated_id(collection: Collection, source: str, supplied: str) -> str:
    """Return the sourcedId for an object that a source called by an id of its own.

    It follows from these alone, so that posting the same again makes the same object, and two
    sources that use one id mean two objects.
    """
    return str(uuid5(_POSTED, _SEPARATOR.join((collection.value, source, supplied))))
