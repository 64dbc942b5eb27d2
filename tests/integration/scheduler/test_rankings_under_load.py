"""A whole school ranks in the last minute, against the real server on a real PostgreSQL."""

import asyncio
import itertools
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from services.common.clock import SystemClock
from services.common.postgres.pool import Database
from services.scheduler.adapters.memory.actors import SYSTEM
from services.scheduler.adapters.postgres.asking.windows import PostgresUptimes
from services.scheduler.adapters.postgres.cycle import PostgresCycleQueue
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.domain.asking import windows
from services.scheduler.domain.asking.rankings import RankedChoice
from services.scheduler.domain.asking.short_list import lists_of
from services.scheduler.domain.asking.windows import Uptime
from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.marks import SchoolCycle
from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.errors import WindowClosedError
from services.scheduler.domain.resources import RequestKey
from services.scheduler.handlers.asking import rankings
from services.scheduler.handlers.asking.desk import Desk
from services.scheduler.handlers.asking.rankings import Submit, list_for, submit
from services.scheduler.handlers.asking.windows import OpenWindow, open_window
from services.scheduler.handlers.cycle.clockwork import Clockwork, advance
from services.scheduler.handlers.day.acting import Act
from tests.integration.scheduler.conftest import free_port
from tests.support.clock import FixedClock
from tests.support.ranking_load import (
    LAST_MINUTE_SCHOOL,
    Load,
    kept_in,
    milliseconds,
    sendings_of,
    share,
    what_is_wrong,
)
from tests.support.scheduler_world import (
    DISTRICT,
    Stage,
    appoint,
    credentials_file,
    set_up,
    until,
    upstream_of,
)
from tests.support.schema import migrated
from tests.support.schools import MONDAY, a_school

RANKINGS = 10_000


@pytest.fixture(scope="module")
def problem():
    """Give a middle school of 853 learners."""
    return a_school(3, LAST_MINUTE_SCHOOL)


async def opened(database, problem, *, close_time):
    """Open the window of the problem's week until a time, and return a connected database."""
    api = await Database.connect(database.dsn("api"), pool_size=8, application_name="test-load")
    await open_window(
        OpenWindow(
            district=DISTRICT,
            school_id=problem.school_id,
            monday=MONDAY,
            open_time=datetime.now(UTC) - timedelta(days=2),
            close_time=close_time,
        ),
        store=PostgresStore(api),
    )
    return api


@pytest.mark.timeout(600)
async def test_ten_thousand_rankings_before_the_close_are_all_kept_in_the_order_written(
    stage, problem, capsys
):
    """None is lost and none counted twice, repeats among them; the order is total and stable.

    Each learner's newest stands. After the close nothing is taken, and what was sent stays.
    """
    stage.start("api", "api")
    await appoint(stage.database, problem)
    async with stage.scheduler() as stub:
        await set_up(stub, problem)
    close_time = datetime.now(UTC) + timedelta(minutes=9)
    database = await opened(stage.database, problem, close_time=close_time)
    load = Load(problem=problem, target=f"127.0.0.1:{stage.ports['grpc']}")
    try:
        await load.send(sendings_of(problem, RANKINGS))
        assert [one for one in load.answered if one.reason] == []
        kept = await kept_in(database)
        assert len(kept) == RANKINGS
        assert what_is_wrong(load.answered, kept, close_time) == []
        again = await kept_in(database)
        assert again == kept
    finally:
        await database.close()
    took = milliseconds(load.answered)
    with capsys.disabled():
        print(
            f"\n{len(took)} answers, milliseconds at p50 {share(took, 0.5):.0f},"
            f" p99 {share(took, 0.99):.0f}, longest {took[-1]:.0f}"
        )


@pytest.fixture
async def stage(problem, postgres_database, tmp_path):
    """Give the stage of a middle school; the test starts the processes that it needs."""
    credentials_file(tmp_path, problem)
    async with upstream_of(problem) as upstream:
        found = Stage(
            problem=problem,
            directory=tmp_path,
            database=postgres_database("scheduler", migrated("scheduler")),
            upstream=upstream,
            ports={"grpc": free_port(), "http": free_port()},
        )
        try:
            yield found
        finally:
            found.end()


class _Lists:
    """The short lists of a problem."""

    def __init__(self, problem):
        self._lists = lists_of(problem)

    async def lists(self, district, school_id, monday):
        """Return the lists."""
        return self._lists


class _Race:
    """Learners who send again and again until they are refused."""

    def __init__(self, desk, problem):
        self.answered, self.refused = set(), set()
        self._desk, self._school_id = desk, problem.school_id

    async def write(self, learner_id):
        """Send until the window is closed."""
        for place in itertools.count(1):
            if not await self.send(learner_id, f"{learner_id}-{place}"):
                return

    async def send(self, learner_id, name):
        """Send once; return whether it was taken."""
        key = RequestKey(request_id=name, method="SubmitRanking", digest=b"0" * 32)
        by = Act(district=DISTRICT, school_id=self._school_id, actor=SYSTEM, request=key)
        found = await list_for(self._desk, by, MONDAY, learner_id)
        choices = (RankedChoice(offer_id=found.enrichment[0].offer_id),)
        sent = Submit(monday=MONDAY, learner_id=learner_id, choices=choices)
        try:
            await submit(self._desk, by, sent)
        except WindowClosedError:
            self.refused.add(name)
            return False
        self.answered.add(name)
        return True


async def clock_of(made, problem, close_time):
    """Return a worker's database, and what a clock works with to whom the window closes then."""
    due = {
        step: close_time + timedelta(days=place - list(Step).index(Step.CLOSE_RANKING))
        for place, step in enumerate(Step)
    }

    async def times(_view, school_id):
        def of_week(monday):
            if monday != MONDAY:
                return CycleTimes(school_id=school_id, monday=monday, due={}, no_week="Closed.")
            return CycleTimes(school_id=school_id, monday=monday, due=due)

        return of_week

    worker = await Database.connect(made.dsn("worker"), pool_size=4, application_name="test-clock")
    store = PostgresStore(worker)
    cycle = SchoolCycle(
        school_id=problem.school_id, running=True, from_monday=MONDAY, look_time=None, version=1
    )
    api = await Database.connect(made.dsn("api"), pool_size=1, application_name="test-settings")
    try:
        async with PostgresStore(api).change(DISTRICT, problem.school_id) as view:
            await view.cycle.keep(cycle, close_time - timedelta(days=2))
    finally:
        await api.close()
    work = Clockwork(
        store=store,
        queue=PostgresCycleQueue(worker),
        times=times,
        check=check,
        uptimes=PostgresUptimes(worker),
    )
    return worker, work


async def window_of(store, problem):
    """Return the window as it stands."""
    async with store.snapshot(DISTRICT) as view:
        return await view.asking.windows.of(problem.school_id, MONDAY)


async def newest_of(store, problem):
    """Return the newest ranking of every learner."""
    async with store.snapshot(DISTRICT) as view:
        return await view.asking.rankings.newest(problem.school_id, MONDAY)


async def test_a_ranking_is_in_or_out_exactly_while_the_window_closes(
    postgres_database, problem, monkeypatch
):
    """Writers go on while two clocks close the window; what was answered is what the close saw.

    Nothing is waited for after the close here, so calls that came in time meet a closed window:
    they are refused, and not kept.
    """
    monkeypatch.setattr(windows, "DRAINED_AFTER", timedelta())
    monkeypatch.setattr(rankings, "MAX_SENDINGS", 1_000_000)
    made = postgres_database("scheduler", migrated("scheduler"))
    close_time = datetime.now(UTC) + timedelta(seconds=3)
    database = await opened(made, problem, close_time=close_time)
    store, clock = PostgresStore(database), SystemClock()
    uptimes = PostgresUptimes(database)
    worker, work = await clock_of(made, problem, close_time)
    begin = datetime.now(UTC) - timedelta(days=3)
    await uptimes.beat(Uptime(owner="a", start_time=begin, beat_time=close_time))
    desk = Desk(store=store, book=None, lists=_Lists(problem), clock=clock)
    race = _Race(desk, problem)

    async def close():
        while True:
            await advance(work, DISTRICT, problem.school_id, clock.now())
            window = await window_of(store, problem)
            if window.closed_time is not None:
                return window.closed_time, await newest_of(store, problem)
            wait = window.close_time - clock.now()
            await asyncio.sleep(max(wait.total_seconds(), 0))

    try:
        learners = [one.learner_id for one in problem.learners[:40]]
        *_, first, second = await asyncio.gather(*map(race.write, learners), close(), close())
        kept = await kept_in(database)
        newest = await newest_of(store, problem)
    finally:
        await database.close()
        await worker.close()
    assert first == second == (first[0], newest)
    assert {one["request_id"] for one in kept} == race.answered
    assert not race.refused & race.answered
    assert len(race.refused) == len(learners)
    assert all(one["receive_time"] < close_time for one in kept)


class _Held:
    """A store whose writers of rankings stop with the window read, until they are let go."""

    def __init__(self, store):
        self._store = store
        self.has_read, self.go = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def ranking_change(self, *place):
        """Open the transaction; it stops before it looks for sendings of before."""
        async with self._store.ranking_change(*place) as view:
            before = view.asking.rankings.before

            async def held(*key):
                self.has_read.set()
                await self.go.wait()
                return await before(*key)

            view.asking.rankings.before = held
            yield view


async def test_a_close_waits_for_a_ranking_that_has_read_the_window_open(
    postgres_database, problem, monkeypatch
):
    """The close does not end before it, and sees it; what begins after the close is refused."""
    monkeypatch.setattr(windows, "DRAINED_AFTER", timedelta())
    made = postgres_database("scheduler", migrated("scheduler"))
    now = datetime.now(UTC)
    database = await opened(made, problem, close_time=now + timedelta(hours=1))
    uptimes = PostgresUptimes(database)
    await uptimes.beat(
        Uptime(owner="a", start_time=now - timedelta(days=3), beat_time=now + timedelta(hours=2))
    )
    worker, work = await clock_of(made, problem, now + timedelta(hours=1))
    store, clock = PostgresStore(database), FixedClock(now)
    held = _Held(store)
    first, second = (
        _Race(Desk(store=one, book=None, lists=_Lists(problem), clock=clock), problem)
        for one in (held, store)
    )
    learner_id = problem.learners[0].learner_id
    try:
        writing = asyncio.create_task(first.send(learner_id, "early"))
        await held.has_read.wait()
        clock.advance(timedelta(hours=1))
        closing = asyncio.create_task(advance(work, DISTRICT, problem.school_id, clock.now()))
        await asyncio.wait(
            {closing, asyncio.create_task(until(lambda: somebody_waits(database)))},
            return_when=asyncio.FIRST_COMPLETED,
        )
        assert not closing.done()
        held.go.set()
        assert await writing
        assert Step.CLOSE_RANKING in [one.step for one in await closing]
        assert (await window_of(store, problem)).closed_time is not None
        assert [one["request_id"] for one in await kept_in(database)] == ["early"]
        clock.advance(timedelta(minutes=-30))
        assert not await second.send(learner_id, "late")
        assert len(await kept_in(database)) == 1
    finally:
        await database.close()
        await worker.close()


async def somebody_waits(database):
    """Whether a transaction waits for another's lock on a row."""
    async with database.transaction(None, read_only=True) as connection:
        return await connection.fetchval(
            "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted"
            " AND locktype IN ('transactionid', 'tuple')"
        )
