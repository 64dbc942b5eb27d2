"""A whole week with three of every process, SIGKILL at random: never half a week, two, or none."""

import os

import pytest

from services.scheduler.domain.cycle.marks import MarkState
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.runs import RunState
from tests.integration.scheduler.conftest import free_port
from tests.support.cycle_kills import KINDS, WholeCycle
from tests.support.replicas import Replicas
from tests.support.schools import Shape, a_school

SEEDS = range(int(os.environ.get("TRELLIS_CYCLE_KILL_SEEDS", "1")))
"""More of them take a minute each: TRELLIS_CYCLE_KILL_SEEDS=20."""
KILLS_EACH_STEP = int(os.environ.get("TRELLIS_CYCLE_KILLS_EACH_STEP", "1"))
"""More than 4 while a run is planned may give it up, as it is told to."""


@pytest.fixture(scope="session")
def problem():
    """Give a very small school, whose week breaks no rule: its plans are no matter here."""
    return a_school(3, Shape(learners=12, adults=4, slots=1, competencies=4, needs_each=1.0))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_week_comes_out_once_and_whole_whatever_is_killed(
    stage, seed, kafka_server, kafka_topics
):
    """Each step once, two runs, and what the principal signed as revision 1, the change as 2.

    Both revisions and every step are told to Kafka, in their order; what a relay that died sent
    twice is the same fact. No step was left half done at any kill.
    """
    stage.kafka = kafka_server.bootstrap_servers
    async with Replicas(stage, seed, free_port) as replicas:
        cycle = WholeCycle(replicas, stage.kafka, KILLS_EACH_STEP)
        await cycle.run()
    assert set(cycle.kinds_killed) == set(KINDS)
    assert set(cycle.marks) == set(Step)
    assert {one.state for one in cycle.marks.values()} == {MarkState.DONE}
    assert [one.state for one in cycle.runs] == [RunState.SUCCEEDED] * 2
    assert {one.run_id for one in cycle.runs} == {
        cycle.marks[Step.DRAFT].run_id,
        cycle.marks[Step.FINAL_RUN].run_id,
    }
    first, second, third = cycle.revisions
    assert (first.week_hash, first.run_id) == (
        cycle.signed_hash,
        cycle.marks[Step.FINAL_RUN].run_id,
    )
    assert first.sign_off.adult_id == second.sign_off.adult_id == "principal"
    assert (second.number, cycle.changed_revision, third) == (2, 2, None)
    assert cycle.head.newest == second
    assert cycle.head.lock_time is not None
    published = [one.week_published for one in cycle.facts if one.HasField("week_published")]
    assert [(one.revision, one.week_hash) for one in published] == [
        (one.number, one.week_hash) for one in (first, second)
    ]
    assert len(cycle.facts) == len(Step) + len(published)
