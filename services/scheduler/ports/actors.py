"""Who the person of a credential is in a school, as `domain.access` asks for it."""

from typing import Protocol

from services.scheduler.domain.access import Actor


class ActorBook(Protocol):
    """Knows every person of a district: adults, learners and families."""

    async def actor(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return who acts in a school; `person` None is a system's credential.

        A person whom the school does not know has no role, and so may do nothing. Raises
        UpstreamError where the roster does not answer.
        """
        ...

    async def asking(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return who asks for something (`RequestService`), as `actor` does.

        A learner or a family whom the school knew within the last hour is still who they were
        while the roster does not answer; nobody of the staff is.
        """
        ...
