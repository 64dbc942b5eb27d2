"""What the handlers of the roster need from where it is kept."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.evidence.domain.roster import (
    Adult,
    Enrolment,
    FirstAlias,
    Learner,
    School,
    Section,
    Term,
)
from services.evidence.ports.aliases import AliasStore
from services.evidence.ports.entities import EntityReader, EntityStore, RequestLog
from services.evidence.ports.quarantine import Quarantine


class LearnerStore(EntityStore[Learner], Protocol):
    """The learners of one district, to be changed."""

    async def ids_of(self, aliases: Collection[FirstAlias]) -> Mapping[FirstAlias, str]:
        """Return the stored id of each alias that the district knows."""
        ...


class EnrolmentReader(EntityReader[Enrolment], Protocol):
    """The enrolments of one district."""

    def runs_of_school(self, school_id: str) -> AsyncIterator[Sequence[Enrolment]]:
        """Give the active enrolments of a school's active sections, sorted by id, in runs.

        school_id: empty for all schools. A run holds at most MAX_PAGE_SIZE.
        """
        ...


class RosterSnapshot(Protocol):
    """One district's roster as it stood at one moment."""

    @property
    def terms(self) -> EntityReader[Term]:
        """The terms."""
        ...

    @property
    def sections(self) -> EntityReader[Section]:
        """The sections."""
        ...

    @property
    def enrolments(self) -> EnrolmentReader:
        """The enrolments."""
        ...

    @property
    def schools(self) -> EntityReader[School]:
        """The schools."""
        ...

    @property
    def adults(self) -> EntityReader[Adult]:
        """The adults."""
        ...

    @property
    def learners(self) -> EntityReader[Learner]:
        """The learners."""
        ...


class RosterChange(Protocol):
    """One transaction on one district's roster."""

    @property
    def schools(self) -> EntityStore[School]:
        """The schools."""
        ...

    @property
    def adults(self) -> EntityStore[Adult]:
        """The adults."""
        ...

    @property
    def learners(self) -> LearnerStore:
        """The learners."""
        ...

    @property
    def aliases(self) -> AliasStore:
        """How systems call people."""
        ...

    @property
    def quarantine(self) -> Quarantine:
        """What waits for a learner."""
        ...

    @property
    def requests(self) -> RequestLog:
        """The answers of before."""
        ...


class Roster(Protocol):
    """Where rosters are kept."""

    def change(self, district: str) -> AbstractAsyncContextManager[RosterChange]:
        """Open a transaction: committed at the end, undone on any exception.

        The changes of one district come one after the other, in the order of their commits.
        """
        ...

    def snapshot(self, district: str) -> AbstractAsyncContextManager[RosterSnapshot]:
        """Open one consistent, read-only view."""
        ...


class LearnerIds(Protocol):
    """Makes the ids of learners that are seen for the first time."""

    def derive(self, district: str, aliases: Sequence[FirstAlias]) -> Mapping[FirstAlias, str]:
        """Return the id of each alias: opaque, and the same each time under the same key.

        Raises LearnerKeyMissingError where the district has no key.
        """
        ...
