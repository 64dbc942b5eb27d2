"""What the handlers of the frameworks need from where they are kept."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.evidence.domain.framework import Code, Competency, Framework
from services.evidence.ports.entities import EntityReader, EntityStore, RequestLog
from services.evidence.ports.quarantine import Quarantine


class CompetencyStore(EntityStore[Competency], Protocol):
    """The competencies of one district, to be changed."""

    async def holders_of(self, codes: Collection[Code]) -> Mapping[Code, str]:
        """Return the id of the competency that holds each code that is taken."""
        ...

    async def prerequisites_from(self, ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return the prerequisites of everything that can be reached from the ids, by competency.

        An id that the district does not have is not in the answer.
        """
        ...


class FrameworksSnapshot(Protocol):
    """One district's frameworks as they stood at one moment."""

    @property
    def frameworks(self) -> EntityReader[Framework]:
        """The frameworks."""
        ...

    @property
    def competencies(self) -> EntityReader[Competency]:
        """The competencies."""
        ...


class FrameworksChange(Protocol):
    """One transaction on one district's frameworks."""

    @property
    def frameworks(self) -> EntityStore[Framework]:
        """The frameworks."""
        ...

    @property
    def competencies(self) -> CompetencyStore:
        """The competencies."""
        ...

    @property
    def quarantine(self) -> Quarantine:
        """What waits for a competency."""
        ...

    @property
    def requests(self) -> RequestLog:
        """The answers of before."""
        ...


class Frameworks(Protocol):
    """Where frameworks are kept."""

    def change(self, district: str) -> AbstractAsyncContextManager[FrameworksChange]:
        """Open a transaction: committed at the end, undone on any exception.

        The changes of one district come one after the other, in the order of their commits.
        """
        ...

    def snapshot(self, district: str) -> AbstractAsyncContextManager[FrameworksSnapshot]:
        """Open one consistent, read-only view."""
        ...
