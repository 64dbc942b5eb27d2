"""Actors where nobody keeps what people are in a school."""

from services.common.ids import ResourceName
from services.scheduler.adapters.memory.actors import SYSTEM
from services.scheduler.domain.access import Actor, Role

ADULT = ResourceName("districts/{district}/adults/{adult}")


class EveryAdult:
    """The port `ActorBook`: every adult whom a token names leads the school, and nobody else acts.

    It is for a district that has given tokens to those alone who may see everything.
    """

    async def actor(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return the actor of a person."""
        if person is None:
            return SYSTEM
        if not ADULT.matches(person) or ADULT.parse(person)[0] != district:
            return Actor(name=person, roles=frozenset())
        adult_id = ADULT.parse(person)[1]
        return Actor(name=person, roles=frozenset({Role.PRINCIPAL}), adult_id=adult_id)
