"""What the REST services of the standards need from where source objects are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from services.evidence.domain.model import Refusal
from services.evidence.domain.oneroster.listings import Listing
from services.evidence.domain.oneroster.query import Selection
from services.evidence.domain.source_object import ObjectKey, Reading
from services.evidence.domain.stored_object import StoredObject


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectPage:
    """Some of the objects of a listing, in order. total: how many there are in all pages."""

    objects: Sequence[StoredObject]
    total: int


class ObjectReader(Protocol):
    """Kept objects, to be read. Objects of other districts are as if they were not there."""

    async def one(self, district: str, listing: Listing, object_id: str) -> StoredObject | None:
        """Return the object of a listing with this id, also where it is deleted; else None."""
        ...

    async def page(self, district: str, listing: Listing, selection: Selection) -> ObjectPage:
        """Return those objects of a listing that a selection asks for, as of one moment."""
        ...


class Change(Enum):
    """What keeping an object changed."""

    CREATED = "created"
    """It was not there, or it was deleted."""
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    """What was sent says nothing new."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectWrite:
    """What one request says of one object.

    source: whose object it is, of the credential. reading: the object, first, and what stands
    within it; a child that it does not name is gone. document: what was sent, byte for byte.
    """

    key: ObjectKey
    source: str
    reading: Reading
    document: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What became of an object: a change, or a refusal where there is none."""

    key: ObjectKey
    change: Change | None = None
    refusal: Refusal | None = None


class ObjectWriter(Protocol):
    """Keeps objects, and everything that follows from them, in one transaction.

    An object belongs to the source that made it: to another source's write it is refused with
    SOURCE_NOT_ALLOWED. A refusal keeps nothing of the whole request but what goes into quarantine.
    """

    async def put(self, district: str, writes: Sequence[ObjectWrite]) -> Sequence[Written]:
        """Keep the objects, all or none; return what became of each, in their order."""
        ...

    async def delete(self, district: str, source: str, key: ObjectKey) -> Written:
        """Mark an object as deleted, and retract what was derived from it.

        UNCHANGED where it was deleted before, or never there.
        """
        ...

    async def refuse(self, district: str, source: str, document: bytes, refusal: Refusal) -> None:
        """Keep in quarantine what was refused before it could be read into objects."""
        ...
