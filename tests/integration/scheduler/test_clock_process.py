"""The process `clock` on a real database: killed at random, moved in time, refused a file."""

import os

import pytest

from services.scheduler.domain.cycle.steps import Step
from tests.support.clock_kills import EFFECTS, Friday, counts

SEEDS = range(int(os.environ.get("TRELLIS_CLOCK_KILL_SEEDS", "1")))
"""More of them take half a minute each: TRELLIS_CLOCK_KILL_SEEDS=20."""
SCHOOLS = [(district, f"s{number}") for district in ("cedar", "maple") for number in range(6)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
async def test_clocks_that_are_killed_at_random_do_each_step_once(stage, seed):
    """Three clocks, SIGKILL at random: one mark, one run and one revision each, and none missing.

    At no moment is there an effect without its mark, or a mark without its effect. What is
    published is what a person signed; where nobody did, nothing is.
    """
    friday = Friday(stage=stage, seed=seed, schools=SCHOOLS)
    await friday.run(kills_each_step=2)
    assert friday.kills == 2 * len(EFFECTS)
    found = await counts(stage)
    assert set(found) == set(SCHOOLS)
    for school in SCHOOLS:
        signed = friday.signed.get(school)
        assert found[school] == {
            "marks": len(Step),
            "runs": 2,
            "revisions": [f"{signed} pat"] if signed else [],
            "facts": len(Step) + bool(signed),
        }


async def test_a_clock_ends_when_it_is_asked_to(stage):
    """SIGTERM ends it with 0, also while nothing is due."""
    friday = Friday(stage=stage, seed=0, schools=SCHOOLS[:1], clock_count=1)
    await friday.run(kills_each_step=0)
    assert [clock.stop() for clock in friday.clocks] == [0]


async def test_a_file_that_moves_the_time_is_refused_outside_of_development(stage):
    """A school's week must not hang on a file: exit code 2, and a sentence that says why."""
    clock = stage.start("clock", "worker", SCHEDULER_CLOCK_OFFSET_FILE=str(stage.directory / "x"))
    assert clock.popen.wait(30) == 2
    assert "is for development" in clock.log.read_text()
