"""What the stores of roster and frameworks have in common, as the handlers need it."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from services.evidence.domain.entities import Entity, Kept, RequestKey

E = TypeVar("E", bound=Entity)
E_co = TypeVar("E_co", bound=Entity, covariant=True)


class EntityReader(Protocol[E_co]):
    """The entities of one kind in one district, as one snapshot or transaction sees them."""

    async def standing(self, ids: Collection[str]) -> Mapping[str, E_co]:
        """Return those of the ids that the district has, by id. At most MAX_BATCH ids."""
        ...

    async def page(self, *, only: str, after: str, limit: int) -> Sequence[E_co]:
        """Return up to `limit` entities with an id above `after`, sorted by id.

        only: of this school or framework; empty for all.
        """
        ...

    def runs(self, *, only: str) -> AsyncIterator[Sequence[E_co]]:
        """Give all entities, sorted by id, in runs of at most MAX_PAGE_SIZE."""
        ...


class EntityStore(EntityReader[E], Protocol[E]):
    """The same, to be changed."""

    async def keep(self, changed: Sequence[E], change_time: datetime) -> None:
        """Keep the entities and, with them, the fact of each change that is to be published."""
        ...


class RequestLog(Protocol):
    """The first answers to administrative requests of one district, without personal data."""

    async def first_answer(self, request: RequestKey | None) -> Sequence[Kept] | None:
        """Return what the first sending was answered; None where this is the first.

        Raises RequestIdReusedError where the id was used for other content.
        """
        ...

    async def keep_answer(
        self, request: RequestKey | None, kept: Sequence[Kept], answer_time: datetime
    ) -> None:
        """Keep the answer, and drop a bounded number of those that are too old to be asked for."""
        ...
