"""Who somebody is in a school: the port `ActorBook` over the roster and what the school has set.

Roles and named adults come from the store with every call, so a change holds at once. People and
classes come from the roster and are kept for some seconds; a roster that does not answer is an
UpstreamError, and nobody is let in on an answer of before.
"""

from datetime import UTC, date
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.scheduler.adapters.recent import Recent
from services.scheduler.adapters.wire.names import ADULT, FAMILY, LEARNER
from services.scheduler.domain.access import SYSTEM, Actor, Role
from services.scheduler.domain.people import Members, PlacedLearner, PostedAdult, has_left
from services.scheduler.domain.sections import Span
from services.scheduler.ports.store import Store, View
from services.scheduler.ports.upstream import PeopleBook

KEPT_SCHOOLS = 64
KEPT_PERSONS = 4096


class RecentPeople:
    """The port `PeopleBook` in front of another, which is asked once for many calls."""

    def __init__(self, source: PeopleBook, *, kept_seconds: float) -> None:
        """Ask `source` again once an answer is older than `kept_seconds`."""
        self._members = Recent(source.members, kept_seconds=kept_seconds, most=KEPT_SCHOOLS)
        self._adults = Recent(source.adult, kept_seconds=kept_seconds, most=KEPT_PERSONS)
        self._learners = Recent(source.learner, kept_seconds=kept_seconds, most=KEPT_PERSONS)

    async def members(self, district: str, school_id: str) -> Members:
        """Return the learners, the active adults and the classes of a school."""
        return await self._members.get(district, school_id)

    async def adult(self, district: str, adult_id: str) -> PostedAdult | None:
        """Return an adult of any school, or None."""
        return await self._adults.get(district, adult_id)

    async def learner(self, district: str, learner_id: str) -> PlacedLearner | None:
        """Return a learner of any school, or None."""
        return await self._learners.get(district, learner_id)


class RosterActors:
    """The port `ActorBook`."""

    def __init__(
        self,
        *,
        store: Store,
        roster: PeopleBook,
        clock: Clock,
        development_person: str | None = None,
    ) -> None:
        """`development_person`: who leads every school, where everybody may do everything."""
        self._store = store
        self._roster = roster
        self._clock = clock
        self._development_person = development_person

    async def actor(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return who acts in a school; a person whom it does not know has no role."""
        if person is None:
            return SYSTEM
        if person == self._development_person:
            return Actor(name=person, roles=frozenset({Role.PRINCIPAL}))
        for pattern, found in (
            (ADULT, self._adult),
            (LEARNER, self._learner),
            (FAMILY, self._family),
        ):
            if pattern.matches(person) and pattern.parse(person)[0] == district:
                return await found(district, school_id, person)
        return _nobody(person)

    async def _adult(self, district: str, school_id: str, person: str) -> Actor:
        adult_id = ADULT.parse(person)[1]
        posted = await self._roster.adult(district, adult_id)
        if posted is None or not posted.active:
            return _nobody(person)
        async with self._store.snapshot(district) as view:
            today = await self._today(view, school_id)
            entry = (await view.staff_members.standing(school_id, [adult_id])).get(adult_id)
            named = await view.learner_settings.named_by(school_id, adult_id)
        if entry is None and posted.school_id != school_id:
            return _nobody(person)
        members = await self._roster.members(district, school_id)
        return Actor(
            name=person,
            roles=frozenset(entry.roles if entry else (Role.TEACHER,)),
            adult_id=adult_id,
            own_learner_ids=_enrolled(members, today)
            & _taught(members, adult_id, today).union(named),
        )

    async def _learner(self, district: str, school_id: str, person: str) -> Actor:
        learner_id = LEARNER.parse(person)[1]
        placed = await self._roster.learner(district, learner_id)
        if placed is None or placed.school_id != school_id:
            return _nobody(person)
        async with self._store.snapshot(district) as view:
            today = await self._today(view, school_id)
        if has_left(placed.learner, today):
            return _nobody(person)
        return Actor(
            name=person,
            roles=frozenset({Role.LEARNER}),
            learner_id=learner_id,
            own_learner_ids=frozenset({learner_id}),
        )

    async def _family(self, district: str, school_id: str, person: str) -> Actor:
        async with self._store.snapshot(district) as view:
            today = await self._today(view, school_id)
            named = await view.learner_settings.of_family(school_id, FAMILY.parse(person)[1])
        if not named:
            return _nobody(person)
        own = _enrolled(await self._roster.members(district, school_id), today).intersection(named)
        if not own:
            return _nobody(person)
        return Actor(name=person, roles=frozenset({Role.FAMILY}), own_learner_ids=own)

    async def _today(self, view: View, school_id: str) -> date:
        """Return the date on the school's calendar; where no policy says it, that of UTC."""
        policy = await view.policies.of(school_id)
        zone = ZoneInfo(policy.time_zone) if policy else UTC
        return self._clock.now().astimezone(zone).date()


def _nobody(person: str) -> Actor:
    return Actor(name=person, roles=frozenset())


def _enrolled(members: Members, today: date) -> frozenset[str]:
    return frozenset(one.learner_id for one in members.learners if not has_left(one, today))


def _taught(members: Members, adult_id: str, today: date) -> frozenset[str]:
    """Return the learners of the classes that an adult teaches today."""
    day = Span(first=today, last=today)
    return frozenset(
        learner_id
        for section in members.sections
        if section.has_adult(adult_id) and adult_id in section.adult_ids(day)
        for learner_id in section.learner_ids(day)
    )
