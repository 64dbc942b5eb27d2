"""What the handlers of CASE need from where the objects of frameworks are kept."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from services.evidence.domain.source_object import Collection as CaseCollection
from services.evidence.domain.source_object import Json

MAX_LISTED: Final = 5_000
"""Objects of one collection that are listed at once: frameworks or definitions of a district, of
which there are tens. What is beyond is not shown in lists; by its identifier it is found."""

RUN_LENGTH: Final = 500
"""Objects in one run of what a framework holds."""

Content = Mapping[str, Json]


class CaseView(Protocol):
    """The frameworks of one district as one snapshot sees them; what is deleted is not there."""

    async def get(self, collection: CaseCollection, object_id: str) -> Content | None:
        """Return one object's content; None where the district does not have it."""
        ...

    async def several(
        self, collection: CaseCollection, object_ids: Collection[str]
    ) -> Sequence[Content]:
        """Return those of the objects that the district has, sorted by id."""
        ...

    async def listed(self, collection: CaseCollection) -> Sequence[Content]:
        """Return the objects of a collection, sorted by id; at most MAX_LISTED."""
        ...

    def within(
        self, document_id: str, collection: CaseCollection
    ) -> AsyncIterator[Sequence[Content]]:
        """Give what a framework holds of a collection, sorted by id, in runs of RUN_LENGTH."""
        ...

    async def associations_of(self, item_id: str) -> Sequence[Content]:
        """Return the associations that begin or end with an item, sorted by id."""
        ...


class CaseReader(Protocol):
    """The frameworks of all districts."""

    def snapshot(self, district: str) -> AbstractAsyncContextManager[CaseView]:
        """Open one consistent, read-only view."""
        ...
