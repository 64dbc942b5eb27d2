"""One state for every order of everything that may happen, in memory and in PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.replays import mutants
from tests.support.mastery_agreement import DisagreementError
from tests.support.mastery_machine import MasteryMachine
from tests.support.mastery_postgres_machine import PostgresMachine
from tests.support.mastery_systems.in_memory import MemorySystem
from tests.support.mastery_systems.in_postgres import PostgresStage
from tests.support.schema import migrated

IN_MEMORY = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# A step is a transaction, and each run ends with a rebuild.
IN_POSTGRES = settings(IN_MEMORY, max_examples=8, stateful_step_count=30)
MUTANT_FACTOR = 5


def budget_of(setting):
    """Return settings for mutants: a wide budget, which ends when one is caught; none is shrunk.

    One that is not caught is a failure of the machine, not bad luck.
    """
    return settings(
        setting,
        max_examples=MUTANT_FACTOR * setting.max_examples,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        print_blob=False,
    )


@pytest.fixture
def run():
    """Run coroutines on one loop, as connections belong to theirs."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def stage(run, postgres_database):
    """Make a database for one system after the other."""
    made = PostgresStage(postgres_database("mastery", migrated("mastery")))
    run(made.open())
    yield made
    run(made.close())


def test_whatever_happens_the_state_in_memory_is_what_stands(run):
    """Work, corrections, merges, zombies, epochs, policies, seals, rebuilds: one state."""
    run_state_machine_as_test(lambda: MasteryMachine(MemorySystem(), run), settings=IN_MEMORY)


def test_whatever_happens_the_state_in_postgresql_is_what_stands(run, stage):
    """The same with real transactions, locks and the real shadow state."""
    run_state_machine_as_test(
        lambda: PostgresMachine(run(stage.system()), run), settings=IN_POSTGRES
    )


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (mutants.FloatSums, "one hash for every order"),
        (mutants.ArrivedWindow, "one hash for every order"),
        (mutants.ItemByItem, "readings of the second implementation|nothing fails"),
        (mutants.StaleRegistry, "one hash for every order|nothing fails"),
        (mutants.StaleOffset, "offsets never fall"),
        (mutants.NewestEpoch, "one hash for every order|the rows of the plain account"),
        (mutants.ForgottenMarks, "what changes is marked"),
        (mutants.BegunVersions, "versions never fall"),
        (mutants.ForgottenPieces, "one hash for every order|the rows of the plain account"),
        (mutants.OpenSeals, "one hash|the rows of the plain|readings of the second"),
    ],
)
def test_a_mutant_in_memory_is_caught(run, mutant, promise):
    """Float sums, naive windows, tests item by item, stale caches and more: each shows."""
    with pytest.raises(DisagreementError, match=promise):
        run_state_machine_as_test(
            lambda: MasteryMachine(mutant(), run), settings=budget_of(IN_MEMORY)
        )


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (mutants.StaleRegistryInPostgres, "one hash for every order|nothing fails"),
        (mutants.StaleOffsetInPostgres, "offsets never fall"),
        (mutants.UnlockedEpochs, "an epoch reaches no folded work"),
    ],
)
def test_a_mutant_in_postgresql_is_caught(run, stage, mutant, promise):
    """A cache kept while a zombie is away, or epochs looked at without their lock: it shows."""
    with pytest.raises(DisagreementError, match=promise):
        run_state_machine_as_test(
            lambda: PostgresMachine(run(stage.system(mutant)), run),
            settings=budget_of(IN_POSTGRES),
        )
