"""What a plan run and the pages need of other services.

Every method raises `domain.errors.UpstreamError` where the other service does not answer, and
`NotFoundError` where it does not know the school.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.scheduler.domain.model import Adult, Competency, Need
from services.scheduler.domain.people import Members, Names, PlacedLearner, PostedAdult


class Directory(Protocol):
    """The evidence service: who is in a school, and what there is to learn."""

    async def members(self, district: str, school_id: str) -> Members:
        """Return the learners, the active adults and the classes of a school, without names."""
        ...

    async def adult(self, district: str, adult_id: str) -> PostedAdult | None:
        """Return an adult of any school; None where the roster has no such adult."""
        ...

    async def competencies(self, district: str) -> Sequence[Competency]:
        """Return the competencies of a district, by id."""
        ...


class PeopleBook(Protocol):
    """The evidence service, asked who somebody is."""

    async def members(self, district: str, school_id: str) -> Members:
        """Return the learners, the active adults and the classes of a school, without names."""
        ...

    async def adult(self, district: str, adult_id: str) -> PostedAdult | None:
        """Return an adult of any school; None where the roster has no such adult."""
        ...

    async def learner(self, district: str, learner_id: str) -> PlacedLearner | None:
        """Return a learner of any school; None where the roster has no such learner."""
        ...


class NameBook(Protocol):
    """The evidence service, for those who may read names."""

    async def names(self, district: str, school_id: str) -> Names:
        """Return who is who in a school."""
        ...


@dataclass(frozen=True, kw_only=True)
class FoundNeeds:
    """Needs by learner and competency; every entry of the ledger up to `position` is in them.

    0: mastery does not know how fresh they are.
    """

    needs: Sequence[Need]
    position: int


class NeedBook(Protocol):
    """The mastery service."""

    async def needs(
        self, district: str, learner_ids: Sequence[str], as_of: datetime, *, min_position: int
    ) -> FoundNeeds:
        """Return every need of the learners as of a time.

        Where mastery has not folded the ledger up to `min_position` yet, it is an UpstreamError.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Known:
    """What other services say of a school: who is there, what there is to learn, what is open."""

    members: Members
    competencies: Sequence[Competency]
    needs: Sequence[Need]
    visiting: Sequence[Adult] = ()
    """Adults of other schools who lead something here."""
