"""A source object as it is kept: with what stands within it, and when it last changed here."""

from dataclasses import dataclass
from datetime import datetime

from services.evidence.domain.source_object import SourceObject


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredObject:
    """One kept object.

    source: whose object it is. version: rises by one with each change.
    change_time: when it or one of its children last changed here. Whoever keeps a child moves its
    parent's time on as well, so that asking for what changed since a time finds the parent.
    children: what in JSON stands within it, sorted by id: what is not deleted, or of a deleted
    object what was deleted with it.
    """

    object: SourceObject
    source: str
    version: int
    change_time: datetime
    children: tuple[SourceObject, ...] = ()
