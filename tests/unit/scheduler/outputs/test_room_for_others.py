"""What one school asks for leaves room for the others: prints, and revisions kept for feeds."""

import asyncio
import contextlib
import threading
from datetime import timedelta
from types import SimpleNamespace

from services.scheduler.domain.revision import Content, Revision, SignOff, WeekHead
from services.scheduler.domain.runs import report_of
from services.scheduler.entrypoints.outputs import routes
from services.scheduler.entrypoints.outputs.placed import PlacedWeeks, placed_of
from tests.support.canaries import a_canary_school
from tests.support.outputs import app_of, browsing
from tests.support.schedules import NOW
from tests.support.schools import MONDAY
from tests.support.weeks import planned

WEEK = f"/schools/north/weeks/{MONDAY}"


async def test_a_door_list_does_not_wait_for_slips(api, monkeypatch):
    """All slips are at work and more of them wait: doors, and the slip of one, are made beside."""
    go, at_work = threading.Event(), []

    def made(job, _printer):
        at_work.append(job.output.path)
        assert not job.is_for_every_learner or go.wait(30)
        return b"%PDF"

    monkeypatch.setattr(routes, "made", made)
    async with browsing(app_of(api)) as get:
        slips = [asyncio.create_task(get(f"{WEEK}/print/slips.pdf?paper=a4")) for _ in range(4)]
        while "print/slips.pdf" not in at_work:
            await asyncio.sleep(0.01)
        for path in ("doors.pdf", "cards.pdf", "slips.pdf?learner=canaryid1"):
            async with asyncio.timeout(20):
                assert (await get(f"{WEEK}/print/{path}")).status_code == 200
        while (refused := await get(f"{WEEK}/print/slips.pdf")).status_code != 429:
            await asyncio.sleep(0.01)
        assert "of this school" in refused.text
        go.set()
        assert {one.status_code for one in await asyncio.gather(*slips)} == {200}


class Weeks:
    """A store of one published week for each school, that counts what is read of it."""

    def __init__(self, content):
        self.content_read = []
        self._content = content
        self.weeks = self

    async def content(self, view):
        """Return the week, and note whose it is."""
        self.content_read.append(view.school_id)
        return self._content

    @contextlib.asynccontextmanager
    async def snapshot(self, _district):
        """Give itself as the view."""
        yield self


def head_of(school_id, week):
    """Return the head of a school's published week."""
    revision = Revision(
        number=1,
        run_id=f"run-{school_id}",
        week_hash=week.week_hash,
        report=report_of(week),
        sign_off=SignOff(adult_id="pat", time=NOW, week_hash=week.week_hash),
        publish_time=NOW + timedelta(hours=1),
    )
    return WeekHead(school_id=school_id, monday=MONDAY, newest=revision)


async def test_revisions_are_kept_by_what_they_take():
    """Two fit: the third pushes out the one that was read longest ago, and no other."""
    problem = a_canary_school()
    week = planned(problem)
    content = Content(problem=problem, week=week)
    one = placed_of(content).bytes_taken
    assert one > 1_000
    store = Weeks(content)
    kept = PlacedWeeks(store, kept_bytes=2 * one)
    for school_id in ("a", "b", "a", "c", "a", "b"):
        (found,) = await kept.weeks("maple", school_id, [head_of(school_id, week)])
        assert found.revisions[0][1] == placed_of(content)
    assert store.content_read == ["a", "b", "c", "b"]


async def test_a_revision_larger_than_all_room_is_still_read():
    """It is the one that is kept, so that a feed of many is not read for each."""
    problem = a_canary_school()
    week = planned(problem)
    store = Weeks(Content(problem=problem, week=week))
    kept = PlacedWeeks(store, kept_bytes=1)
    for school_id in ("a", "a", "b"):
        await kept.weeks("maple", school_id, [head_of(school_id, week)])
    assert store.content_read == ["a", "b"]


async def test_the_places_of_a_week_share_the_ids_of_its_sessions():
    """A stored week has a copy of them in each seat, which take more than the places."""
    problem = a_canary_school()
    placed = placed_of(Content(problem=problem, week=planned(problem)))
    known = SimpleNamespace(
        slots={id(one.slot_id) for one in placed.sessions.values()},
        sessions={id(one.session_id) for one in placed.sessions.values()},
    )
    for slot_id, session_id in (each for own in placed.of_learner.values() for each in own):
        assert id(slot_id) in known.slots
        assert id(session_id) in known.sessions
