"""Actors that are given: for tests, and for what runs without a roster."""

from collections.abc import Mapping

from services.scheduler.adapters.wire.names import ADULT
from services.scheduler.domain.access import Actor, Role

SYSTEM = Actor(name="system", roles=frozenset({Role.SYSTEM}))


class TrustedPersons:
    """The port `ActorBook` where no list of staff is kept: a person may what their token may.

    Every person whom a credential names leads the school, as far as the credential's scopes go.
    """

    async def actor(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return the actor of a person; an adult of the district leads the school."""
        if person is None:
            return SYSTEM
        if not ADULT.matches(person) or ADULT.parse(person)[0] != district:
            return Actor(name=person, roles=frozenset())
        return Actor(
            name=person, roles=frozenset({Role.PRINCIPAL}), adult_id=ADULT.parse(person)[1]
        )


class MemoryActors:
    """The port `ActorBook` over a mapping from resource names to actors."""

    def __init__(self, actors: Mapping[str, Actor] | None = None) -> None:
        self._actors = dict(actors or {})

    async def actor(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return the actor of a person; one who is not known has no role."""
        if person is None:
            return SYSTEM
        return self._actors.get(person, Actor(name=person, roles=frozenset()))
