"""Actors that are given: for tests, and for what runs without a roster."""

from collections.abc import Mapping

from services.scheduler.domain.access import SYSTEM, Actor


class MemoryActors:
    """The port `ActorBook` over a mapping from resource names to actors."""

    def __init__(self, actors: Mapping[str, Actor] | None = None) -> None:
        self._actors = dict(actors or {})

    async def actor(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return the actor of a person; one who is not known has no role."""
        if person is None:
            return SYSTEM
        return self._actors.get(person, Actor(name=person, roles=frozenset()))

    async def asking(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return the actor of a person, as for everything else."""
        return await self.actor(district, school_id, person)
