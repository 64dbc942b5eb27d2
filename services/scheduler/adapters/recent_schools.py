"""Schools and short lists, kept in memory for some seconds."""

from datetime import date

from services.common.clock import Clock
from services.scheduler.adapters.lasting import KEPT_SCHOOLS, Lasting
from services.scheduler.domain.asking.short_list import Lists
from services.scheduler.handlers.asking.weeks import Reading, SlotsOf, made_lists, school_slots
from services.scheduler.handlers.known import known_of
from services.scheduler.ports.asking import SchoolBook
from services.scheduler.ports.store import Store
from services.scheduler.ports.upstream import Directory, Known, NeedBook

KEPT_SECONDS = 30.0
LISTS_KEPT_SECONDS = 60.0
"""A list that is older costs more than it tells: whatever is chosen is looked at again."""
WEEKS_OPEN = 2
"""Weeks of one school for which learners choose, or look at what they chose, at a time."""


class RecentSchools:
    """The port `SchoolBook` over the evidence and the mastery service, and who leads what."""

    def __init__(
        self,
        directory: Directory,
        needs: NeedBook,
        store: Store,
        clock: Clock,
        *,
        kept_seconds: float = KEPT_SECONDS,
        kept_schools: int = KEPT_SCHOOLS,
    ) -> None:
        """Ask the services again once a school is older than `kept_seconds`."""
        self._directory = directory
        self._needs = needs
        self._store = store
        self._clock = clock
        self.recent: Lasting[tuple[str, str], Known] = Lasting(
            self._read, kept_seconds=kept_seconds, most=kept_schools
        )

    async def known(self, district: str, school_id: str) -> Known:
        """Return what is known of a school."""
        return await self.recent.get((district, school_id))

    async def _read(self, key: tuple[str, str]) -> Known:
        district, school_id = key
        members = await self._directory.members(district, school_id)
        learner_ids = [one.learner_id for one in members.learners]
        found = await self._needs.needs(district, learner_ids, self._clock.now(), min_position=0)
        async with self._store.snapshot(district) as view:
            offers = await view.offers.all(school_id)
            staff = {one.id: one for one in await view.staff_members.all(school_id)}
        return await known_of(
            district, members, found.needs, offers=offers, staff=staff, directory=self._directory
        )


class RecentLists:
    """The port `ShortListBook` over a school book and the store."""

    def __init__(
        self,
        book: SchoolBook,
        store: Store,
        clock: Clock,
        *,
        slots_of: SlotsOf = school_slots,
        kept_seconds: float = LISTS_KEPT_SECONDS,
        kept_schools: int = KEPT_SCHOOLS,
    ) -> None:
        """Make the lists of a week again once they are older than `kept_seconds`."""
        self._book = book
        self._store = store
        self._slots_of = slots_of
        self._clock = clock
        self.recent: Lasting[tuple[str, str, date], Lists] = Lasting(
            self._read, kept_seconds=kept_seconds, most=kept_schools * WEEKS_OPEN
        )

    async def lists(self, district: str, school_id: str, monday: date) -> Lists:
        """Return the lists of a school and week."""
        return await self.recent.get((district, school_id, monday))

    async def _read(self, key: tuple[str, str, date]) -> Lists:
        known = await self._book.known(key[0], key[1])
        return await made_lists(
            self._store,
            key,
            Reading(known=known, now=self._clock.now(), slots_of=self._slots_of),
        )
