"""The clock of a school's cycle while learners choose, over each kind of store."""

from datetime import timedelta

from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.adapters.postgres.asking.windows import PostgresUptimes
from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.marks import SchoolCycle
from services.scheduler.handlers.cycle.clockwork import Clockwork, advance
from services.scheduler.handlers.cycle.times import school_times
from tests.support.asking_api import DISTRICT, OPEN, SCHOOL
from tests.support.schools import MONDAY

SECOND = timedelta(seconds=1)


def uptimes_of(stores):
    """Return the uptimes beside a store."""
    if isinstance(stores.store, MemoryStore):
        return stores.store.uptimes
    return PostgresUptimes(stores.store._database)


class ChoosingClock:
    """The clock of the school's cycle, as a worker runs it."""

    def __init__(self, stores, api, uptimes):
        self._stores, self._api = stores, api
        self._work = Clockwork(
            store=stores.worker,
            queue=stores.cycles,
            times=school_times,
            check=check,
            uptimes=uptimes if stores.database is None else PostgresUptimes(stores.database),
        )

    async def start(self, monday=MONDAY):
        """Let the clock run from before the opening of a week on."""
        self._monday = monday
        cycle = SchoolCycle(
            school_id=SCHOOL, running=True, from_monday=monday, look_time=OPEN - SECOND, version=1
        )
        async with self._api.store.change(DISTRICT, SCHOOL) as view:
            await view.cycle.keep(cycle, OPEN)
        return self

    async def at(self, moment):
        """Have it do what is due; return the steps that it did, and the window."""
        self._api.at(moment)
        marks = await advance(self._work, DISTRICT, SCHOOL, moment)
        async with self._api.store.snapshot(DISTRICT) as view:
            window = await view.asking.windows.of(SCHOOL, self._monday)
        return [one.step for one in marks], window
