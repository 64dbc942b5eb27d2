"""Whatever is killed, and whenever: the end is that of an undisturbed run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.demo.caught_up import NotCaughtUpError
from tests.chaos.scenario import End, Scenario

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

WEEKS = 2
KILLS = 10
SEED = 11
# A mutant must be caught under one of these; a kill may strike where it does no harm.
MUTANT_SEEDS = (21, 22, 23)
# A calm run is folded within seconds of its last record.
MUTANT_HEALING_SECONDS = 60.0

Run = Callable[..., End]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a scenario in a directory of its own."""

    def run_scenario(scenario: Scenario, worker_module: str = "") -> End:
        return scenario.run(
            tmp_path_factory.mktemp("chaos"),
            cache_directory=KAFKA_CACHE,
            worker_module=worker_module,
        )

    return run_scenario


KAFKA_CACHE = Path(".trellis/cache/kafka-4.3.1")


@pytest.fixture(scope="module")
def calm(run: Run) -> End:
    """Run once without a kill: what every other end is held against."""
    return run(Scenario(seed=0, kills=0, weeks=WEEKS, sent_again_ratio=0))


def test_kills_of_everything_end_in_the_state_of_a_calm_run(run: Run, calm: End) -> None:
    """SIGKILLs at random, and facts that come again in another order, lose and double nothing."""
    end = run(Scenario(seed=SEED, kills=KILLS, weeks=WEEKS))
    assert end.kills.total() == KILLS
    assert end.sent_again > 0
    assert end.state_hash == calm.state_hash
    assert end.evidence_count == calm.evidence_count
    assert end.ledger_event_ids == end.topic_event_ids == calm.ledger_event_ids


@pytest.mark.parametrize(
    ("mutant", "victims", "kills"),
    [
        ("offset_first", ("mastery-worker",), 12),
        ("versions_ignored", ("evidence-relay",), 2),
    ],
)
def test_a_worker_without_the_guarantee_is_caught(
    run: Run, calm: End, mutant: str, victims: tuple[str, ...], kills: int
) -> None:
    """With the offset committed first, or versions ignored, the end is another state."""
    for seed in MUTANT_SEEDS:
        scenario = Scenario(
            seed=seed,
            kills=kills,
            weeks=WEEKS,
            victims=victims,
            healing_seconds=MUTANT_HEALING_SECONDS,
        )
        try:
            end = run(scenario, worker_module=f"tests.chaos.mutants.{mutant}")
        except NotCaughtUpError:
            return  # the state contradicts itself, and the projector refuses to publish it
        if end.state_hash != calm.state_hash:
            return
    pytest.fail(f"{mutant} ended in the right state under every seed of {MUTANT_SEEDS}")
