"""Who somebody is in a school: the port `ActorBook` over the roster and what the school has set.

Roles and named adults come from the store with every call, so a change holds at once. People and
classes come from the roster and are kept for some seconds; a roster that does not answer is an
UpstreamError, and nobody is let in on an answer of before. One exception: for what learners and
families ask for, who is enrolled in a school is remembered for an hour while the roster is away.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date
from zoneinfo import ZoneInfo

from services.common.clock import Clock
from services.common.ids import ResourceName
from services.scheduler.adapters.lasting import KEPT_SCHOOLS, Lasting
from services.scheduler.adapters.recent import Recent
from services.scheduler.adapters.wire.names import ADULT, FAMILY, LEARNER
from services.scheduler.domain.access import SYSTEM, Actor, Role
from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.model import Learner
from services.scheduler.domain.people import Members, PlacedLearner, PostedAdult, has_left
from services.scheduler.domain.sections import Span
from services.scheduler.ports.store import Store, View
from services.scheduler.ports.upstream import PeopleBook

KEPT_PERSONS = 4096

Learners = Lasting[tuple[str, str], Mapping[str, Learner]]
"""The learners of schools (district, school), by id."""


class RecentPeople:
    """The port `PeopleBook` in front of another, which is asked once for many calls."""

    def __init__(
        self, source: PeopleBook, *, kept_seconds: float, kept_schools: int = KEPT_SCHOOLS
    ) -> None:
        """Ask `source` again once an answer is older than `kept_seconds`."""
        self._members = Recent(source.members, kept_seconds=kept_seconds, most=kept_schools)
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


def lasting_learners(
    source: PeopleBook, *, kept_seconds: float, kept_schools: int = KEPT_SCHOOLS
) -> Learners:
    """Return the learners of schools; while the roster is away, those of before for an hour."""

    async def read(key: tuple[str, str]) -> Mapping[str, Learner]:
        return _by_id(await source.members(*key))

    return Lasting(read, kept_seconds=kept_seconds, most=kept_schools)


class RosterActors:
    """The port `ActorBook`."""

    def __init__(
        self,
        *,
        store: Store,
        roster: PeopleBook,
        learners: Learners | None = None,
        clock: Clock,
        development_person: str | None = None,
    ) -> None:
        """`development_person`: who leads every school, where everybody may do everything.

        `learners`: those of each school, as they are remembered; None: nobody is remembered.
        """
        self._store = store
        self._roster = roster
        self._learners = learners or lasting_learners(roster, kept_seconds=0.0)
        self._clock = clock
        self._development_person = development_person

    async def actor(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return who acts in a school; a person whom it does not know has no role."""
        if person is None:
            return SYSTEM
        if person == self._development_person:
            return Actor(name=person, roles=frozenset({Role.PRINCIPAL}))
        if _is_of(ADULT, district, person):
            return await self._adult(district, school_id, person)
        if _is_of(LEARNER, district, person):
            return await self._learner(district, school_id, person)
        if _is_of(FAMILY, district, person):
            return await self._family(district, school_id, person, self._learners_now)
        return _nobody(person)

    async def asking(self, district: str, school_id: str, person: str | None) -> Actor:
        """Return who asks for something in a school; learners and families may be remembered."""
        if person is not None and person != self._development_person:
            if _is_of(FAMILY, district, person):
                return await self._family(district, school_id, person, self._learners_of)
            if _is_of(LEARNER, district, person):
                learners = await self._learners_of(district, school_id)
                learner = learners.get(LEARNER.parse(person)[1])
                return await self._enrolled_learner(district, school_id, person, learner)
        return await self.actor(district, school_id, person)

    async def _learners_now(self, district: str, school_id: str) -> Mapping[str, Learner]:
        return _by_id(await self._roster.members(district, school_id))

    async def _learners_of(self, district: str, school_id: str) -> Mapping[str, Learner]:
        """Return the learners of a school as they are remembered; of no school: none."""
        try:
            return await self._learners.get((district, school_id))
        except NotFoundError:
            return {}

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
        here = placed.learner if placed is not None and placed.school_id == school_id else None
        return await self._enrolled_learner(district, school_id, person, here)

    async def _enrolled_learner(
        self, district: str, school_id: str, person: str, learner: Learner | None
    ) -> Actor:
        """Return the learner as who acts; `learner` None: the school has no such learner."""
        if learner is None or await self._has_left(district, school_id, learner):
            return _nobody(person)
        return Actor(
            name=person,
            roles=frozenset({Role.LEARNER}),
            learner_id=learner.learner_id,
            own_learner_ids=frozenset({learner.learner_id}),
        )

    async def _has_left(self, district: str, school_id: str, learner: Learner) -> bool:
        if learner.withdraw_date is None:
            # The day does not matter, and thousands who rank in one minute need no read for it.
            return not learner.enrolled
        async with self._store.snapshot(district) as view:
            return has_left(learner, await self._today(view, school_id))

    async def _family(
        self,
        district: str,
        school_id: str,
        person: str,
        learners_of: Callable[[str, str], Awaitable[Mapping[str, Learner]]],
    ) -> Actor:
        async with self._store.snapshot(district) as view:
            today = await self._today(view, school_id)
            named = await view.learner_settings.of_family(school_id, FAMILY.parse(person)[1])
        if not named:
            return _nobody(person)
        learners = await learners_of(district, school_id)
        own = frozenset(
            one for one in named if one in learners and not has_left(learners[one], today)
        )
        if not own:
            return _nobody(person)
        return Actor(name=person, roles=frozenset({Role.FAMILY}), own_learner_ids=own)

    async def _today(self, view: View, school_id: str) -> date:
        """Return the date on the school's calendar; where no policy says it, that of UTC."""
        policy = await view.policies.of(school_id)
        zone = ZoneInfo(policy.time_zone) if policy else UTC
        return self._clock.now().astimezone(zone).date()


def _is_of(pattern: ResourceName, district: str, person: str) -> bool:
    return pattern.matches(person) and pattern.parse(person)[0] == district


def _by_id(members: Members) -> Mapping[str, Learner]:
    return {one.learner_id: one for one in members.learners}


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
