"""The planner's loop and its settings: faults are waited out within a bound, then it stops."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest
from trellis.scheduler.v1 import week_pb2

from services.common.postgres import fault_wait
from services.common.postgres.fault_wait import FAULTS_IN_A_ROW
from services.common.process import Stop
from services.scheduler.config import SchedulerSettings
from services.scheduler.domain.runs import report_of
from services.scheduler.domain.week import Breach
from services.scheduler.entrypoints.plan import exit_code, thursday_noon
from services.scheduler.entrypoints.planner import PlannerLoop
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import run_request, set_up
from tests.support.schedules import a_solved_week
from tests.support.schools import MONDAY, a_problem


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Let no test wait for real."""
    waits = []

    async def pause(_stopping, seconds):
        waits.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(fault_wait, "pause", pause)
    return waits


class Queue:
    """A queue that raises what it is told to, then says that nothing waits, then stops the loop."""

    def __init__(self, errors, stopping):
        self.errors = errors
        self.stopping = stopping

    async def take(self, **_):
        """Raise the next error."""
        if self.errors:
            raise self.errors.pop(0)
        self.stopping.set()

    async def waiting(self):
        """Nothing waits."""
        return 0


def loop_with(errors):
    """Return a loop whose queue raises these, and its stop."""
    stopping = asyncio.Event()
    planner = replace(Api(a_problem()).planner, queue=Queue(errors, stopping))
    return PlannerLoop(planner, idle_seconds=0.1), stopping


async def test_a_database_that_is_away_is_waited_for(no_waiting):
    """Each fault in a row makes the wait longer, and the loop goes on."""
    loop, stopping = loop_with([ConnectionRefusedError(), asyncpg.CannotConnectNowError("up soon")])
    await loop.run(stopping)
    assert len(no_waiting) == 3
    assert no_waiting[-1] == 0.1


async def test_a_database_that_stays_away_ends_the_process():
    """A fresh start may heal what waiting did not."""
    loop, stopping = loop_with([ConnectionRefusedError() for _ in range(FAULTS_IN_A_ROW + 1)])
    with pytest.raises(Stop):
        await loop.run(stopping)


async def test_an_exception_nobody_foresaw_ends_the_process():
    """It is not swallowed: the supervisor starts the process again."""
    loop, stopping = loop_with([KeyError("what?")])
    with pytest.raises(Stop):
        await loop.run(stopping)


async def test_runs_are_planned_one_after_the_other(no_waiting):
    """Without a pause between them while some wait."""
    api = Api(a_problem())
    await set_up(api.as_("principal"), api.problem)
    for seed in range(3):
        await api.as_("principal").CreatePlanRun(run_request(api.problem, seed=seed))
    stopping = asyncio.Event()
    work = asyncio.create_task(PlannerLoop(api.planner, idle_seconds=0.1).run(stopping))
    while len(api.solver.problems) < 3 or not no_waiting:
        await asyncio.sleep(0)
    stopping.set()
    await work
    assert set(no_waiting) == {0.1}


def test_one_fault_is_told_once():
    """Where the week tells of a breach itself, the check's words for the same are left out."""
    _, week = a_solved_week()
    told = Breach(rule="H5", slot_id="mon-1", message="the week's words")
    broken = replace(week, breaches=(told,))
    same = Breach(rule="H5", slot_id="mon-1", message="the check's words")
    other = Breach(rule="H2", slot_id="mon-1", message="only the check saw it")
    assert report_of(broken, [same, other]).breaches == (other, told)


@pytest.mark.parametrize(
    ("listen", "told", "secure"),
    [
        ("127.0.0.1:8080", None, False),
        ("0.0.0.0:8080", None, True),
        ("0.0.0.0:8080", False, False),
        ("127.0.0.1:8080", True, True),
    ],
)
def test_the_sign_in_goes_over_tls_unless_on_loopback(listen, told, secure):
    """A cookie that plain HTTP may carry is for one machine, or for who says so."""
    settings = SchedulerSettings(http_listen=listen, pages_secure_cookie=told)
    assert settings.secure_cookie() is secure


def test_the_command_reads_until_thursday_noon():
    """Without an as-of time, `plan` reads the evidence of the week before until Thursday."""
    assert thursday_noon(MONDAY).isoformat() == "2026-11-19T12:00:00+00:00"


def test_the_commands_exit_code_tells_how_it_went():
    """0 for a lawful week, 3 for one that breaks a rule, 1 for none."""
    done = week_pb2.PlanRun(state=week_pb2.PlanRun.STATE_SUCCEEDED)
    broken = week_pb2.PlanRun(
        state=week_pb2.PlanRun.STATE_SUCCEEDED, breaches=[week_pb2.Breach(rule="H1")]
    )
    failed = week_pb2.PlanRun(state=week_pb2.PlanRun.STATE_FAILED)
    assert [exit_code(one) for one in (done, broken, failed)] == [0, 3, 1]
