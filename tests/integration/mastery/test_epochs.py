"""Epochs beside live work: locks, a rebuild that folds with a retroactive one, the commands."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import asyncpg
import pytest
from click.testing import CliRunner

from services.common.postgres.pool import Database
from services.mastery.__main__ import main
from services.mastery.adapters.memory.epochs import MemoryEpochs
from services.mastery.adapters.memory.facts import MemoryFacts
from services.mastery.adapters.memory.state import MemoryFoldStore, MemoryState
from services.mastery.adapters.postgres import epochs as adapter
from services.mastery.adapters.postgres.epoch_store import PostgresEpochs
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.adapters.postgres.live import use_live_state
from services.mastery.adapters.wire.evidence import decode_events, item_key
from services.mastery.domain.calibration import Calibrated
from services.mastery.handlers.epochs import NewEpoch, publish_epoch
from services.mastery.handlers.fold import apply_evidence
from services.mastery.handlers.readings import hash_state
from tests.support.mastery_events import DISTRICT, START_SECONDS, a_quiz, recorded, retracted
from tests.support.mastery_stage import Ledger, true_hash

START_US = START_SECONDS * 1_000_000
AHEAD_US = START_US - 7_200_000_000
"""A time to publish at from which the first work is ahead."""
HARD = Calibrated(
    items={item_key("lms", f"q0-{place}"): 100 + place for place in range(5)},
    references={"c0": 64, "c1": -20},
    reference_d64=9,
    response_count=100,
    covered_count=90,
    learner_count=8,
)


@asynccontextmanager
async def opened(stage):
    """Open the worker's database."""
    database = await Database.connect(
        stage.database.dsn("worker"), pool_size=4, application_name="test"
    )
    try:
        yield database
    finally:
        await database.close()


async def publish(database, difficulties=HARD, *, now_us=AHEAD_US, at_us=START_US, **more):
    """Publish an epoch of these difficulties."""
    new = NewEpoch(
        district=DISTRICT, effective_us=at_us, calibrated=difficulties, actor="operator", **more
    )
    return await publish_epoch(new, now_us=now_us, epochs=PostgresEpochs(database))


async def hash_with(events, *news):
    """Return the hash of a state in memory that is folded from nothing with these epochs."""
    state = MemoryState()
    for new in news:
        await publish_epoch(new, now_us=AHEAD_US, epochs=MemoryEpochs(state))
    epochs = state.epochs[DISTRICT]
    state.epochs[DISTRICT] = [replace(one, is_folded=True) for one in epochs]
    await apply_evidence(MemoryFoldStore(state), decode_events(events).columns)
    return (await hash_state(DISTRICT, states=MemoryFacts(state))).state_hash


def a_term(learners=6, quizzes=4):
    """Return a term with corrections and withdrawals."""
    events = [
        event
        for quiz in range(quizzes)
        for learner in range(learners)
        for event in a_quiz(
            f"l{learner}",
            f"q{quiz}",
            competency=f"c{quiz % 3}",
            right=range(learner),
            of=5,
            seconds=quiz * 90_000,
        )
    ]
    events += [recorded(f"q0-l{k}-0", version=2, learner=f"l{k}", item="q0-0") for k in range(6)]
    events += [retracted(f"q1-l{k}-1", version=3, learner=f"l{k}") for k in range(6)]
    for place, event in enumerate(events):
        event.ledger_position = place + 1
    return events


async def until_waiting(stage):
    """Wait until somebody waits for the lock of epochs."""

    async def is_waited_for():
        rows = await stage.query(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = $1",
            adapter.LOCK_KEY,
        )
        return bool(rows)

    await stage.until(is_waited_for, what="somebody waits for the lock of epochs")


async def fold(database, events):
    """Fold events as one chunk."""
    async with database.transaction(None) as connection:
        await use_live_state(connection)
        store = PostgresFoldStore(connection, partition=0)
        await apply_evidence(store, decode_events(events).columns)


async def test_an_epoch_waits_for_the_chunk_that_is_being_folded(stage):
    """The chunk has looked which epochs there are; none comes before it is committed."""
    first, second = a_quiz("l1", "q0", of=5), a_quiz("l2", "q0", of=5)
    async with opened(stage) as database:
        async with database.transaction(None) as connection:
            await use_live_state(connection)
            store = PostgresFoldStore(connection, partition=0)
            assert await store.epochs([DISTRICT]) == {}
            # Later than the work of the chunk, which else forbids it.
            publishing = asyncio.create_task(publish(database, at_us=START_US + 3_600_000_000))
            await until_waiting(stage)
            assert not publishing.done()
            await apply_evidence(store, decode_events(first).columns)
        made = await publishing
        assert made.is_folded
        later = [replace_time(event, 3_600) for event in second]
        await fold(database, later)
    new = NewEpoch(district=DISTRICT, effective_us=START_US + 3_600_000_000, calibrated=HARD)
    assert await stage.state_hash() == await hash_with(first + later, new)


async def test_work_of_a_chunk_that_was_waited_for_forbids_the_epoch(stage):
    """What the publisher looks at is what was folded when it had the lock."""
    async with opened(stage) as database:
        async with database.transaction(None) as connection:
            await use_live_state(connection)
            store = PostgresFoldStore(connection, partition=0)
            await store.epochs([DISTRICT])
            publishing = asyncio.create_task(publish(database))
            await until_waiting(stage)
            await apply_evidence(store, decode_events(a_quiz("l1", "q0", of=5)).columns)
        with pytest.raises(Exception, match="dated ahead"):
            await publishing
    assert await stage.query("SELECT 1 FROM epoch") == []
    assert await stage.query("SELECT 1 FROM epoch_item") == []


async def test_a_chunk_waits_for_the_epoch_that_is_being_published(stage):
    """And is then folded with it."""
    events = a_quiz("l1", "q0", of=5)
    async with opened(stage) as database:
        publisher = PostgresEpochs(database)
        async with publisher.publishing(DISTRICT) as store:
            await store.hold_folds()
            folding = asyncio.create_task(fold(database, events))
            await until_waiting(stage)
            # In the transaction that holds the lock, as a publisher does.
            epochs = SimpleNamespace(publishing=_same(store))
            new = NewEpoch(district=DISTRICT, effective_us=START_US, calibrated=HARD)
            await publish_epoch(new, now_us=AHEAD_US, epochs=epochs)
            assert not folding.done()
        await folding
    assert await stage.state_hash() == await hash_with(events, new)


def _same(store):
    """Return what opens a publisher that is open already."""

    @asynccontextmanager
    async def publishing(_district):
        yield store

    return publishing


def replace_time(event, seconds):
    """Return an event whose work was so much later."""
    event.occur_time.seconds += seconds
    return event


async def test_a_rebuild_folds_with_a_retroactive_epoch_as_if_it_had_always_been(stage):
    """Until the swap nothing shows; after it, state and hash are those of a fold from nothing."""
    events = a_term()
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    plain = await true_hash(events)
    assert await stage.state_hash() == plain
    async with opened(stage) as database:
        made = await publish(database, now_us=START_US, allow_retroactive=True)
        assert not made.is_folded
        assert await stage.state_hash() == plain
        report = await stage.rebuild(Ledger(events), swap=False)
        differs = {one.table: one for one in report.comparisons if not one.is_equal}
        assert differs.keys() == {
            "learner_state",
            "mastery_state",
            "evidence_alignment",
            "folded_epoch",
        }
        assert differs["folded_epoch"].only_rebuilt_count == 1
        assert await stage.state_hash() == plain
        await stage.rebuild(Ledger(events))
        new = NewEpoch(district=DISTRICT, effective_us=START_US, calibrated=HARD)
        assert await stage.state_hash() == await hash_with(events, new)
        async with PostgresEpochs(database).reading(DISTRICT) as store:
            assert [one.is_folded for one in await store.known(DISTRICT)] == [True]
    # Row by row beside one more that is folded from nothing.
    again = await stage.rebuild(Ledger(events), swap=False)
    assert again.is_equal
    counts = {one.table: one.live_count for one in again.comparisons}
    assert counts["evidence_alignment"] == 6 * 4 * 5
    assert counts["folded_epoch"] == 1


async def test_an_epoch_that_is_published_during_a_rebuild_is_in_both_states(stage):
    """It is ahead of all work, so both fold with it; a retroactive one is left for the next."""
    events, ahead_us = a_term(), START_US + 10**12
    await stage.send(*events)
    stage.start("worker")
    await stage.until_passed(len(events))
    async with opened(stage) as database:
        published = []

        class Slow(Ledger):
            """A ledger before whose first page the two epochs are published."""

            async def StreamLedger(self, request, context):  # noqa: N802
                """Publish, and go on."""
                if not published:
                    published.append(await publish(database, at_us=ahead_us, now_us=START_US))
                    published.append(await publish(database, allow_retroactive=True))
                async for page in super().StreamLedger(request, context):
                    yield page

        report = await stage.rebuild(Slow(events))
    assert [one.is_folded for one in published] == [True, False]
    assert report.is_equal
    new = NewEpoch(district=DISTRICT, effective_us=ahead_us, calibrated=HARD)
    assert await stage.state_hash() == await hash_with(events, new)


@pytest.mark.parametrize("role", ["worker", "api"])
async def test_nobody_may_change_or_remove_an_epoch(stage, role):
    """What was folded with one must be folded again as it was; another district sees none."""
    async with opened(stage) as database:
        await publish(database)
    theirs = await Database.connect(stage.database.dsn(role), pool_size=1, application_name="test")
    try:
        for statement in (
            "UPDATE public.epoch SET note = 'x'",
            "DELETE FROM public.epoch_item",
            "UPDATE public.epoch_reference SET d64 = 0",
            "DELETE FROM state_a.folded_epoch",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with theirs.transaction(DISTRICT) as connection:
                    await connection.execute(statement)
        if role == "api":
            async with theirs.transaction("other") as connection:
                for table in ("epoch", "epoch_item", "epoch_reference", "state_a.folded_epoch"):
                    assert await connection.fetch(f"SELECT 1 FROM {table}") == []
    finally:
        await theirs.close()


async def command(stage, *arguments):
    """Run a command of the service, and return what it did."""
    environment = {"MASTERY_POSTGRES_DSN": stage.database.dsn("worker"), "COLUMNS": "120"}
    runner = CliRunner()
    return await asyncio.to_thread(runner.invoke, main, [*arguments], env=environment)


async def test_a_district_is_calibrated_by_a_command(stage, tmp_path):
    """A dry run publishes nothing; then it is shown, listed, and weights are put beside it."""
    async with opened(stage) as database:
        await fold(database, a_term())
    ahead = ("--district", DISTRICT, "--effective", "2099-01-04T00:00:00-0500")
    tried = await command(stage, "calibrate", *ahead, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "Nothing was published." in tried.output
    assert "items with a difficulty" in tried.output
    assert await stage.query("SELECT 1 FROM epoch") == []
    done = await command(stage, "calibrate", *ahead, "--note", "first", "--yes")
    assert (done.exit_code, "Epoch 1" in done.output) == (0, True), done.output
    file = tmp_path / "weights.yaml"
    file.write_text("kinds: {quiz: 0.5}\n", encoding="utf-8")
    weights = await command(stage, "epochs", "put-weights", str(file), *ahead, "--yes")
    assert (weights.exit_code, "Epoch 2" in weights.output) == (0, True), weights.output
    assert "Difficulties are those of epoch 1." in weights.output
    late = ("--district", DISTRICT, "--effective", "2020-01-04T00:00:00-0500", "--yes")
    refused = await command(stage, "calibrate", *late)
    assert (refused.exit_code, "an hour from now" in refused.output) == (3, True)
    waits = await command(stage, "calibrate", *late, "--retroactive")
    assert "REFOLD NEEDED" in waits.output
    shown = await command(stage, "epochs", "show", "--district", DISTRICT, "--version", "2")
    assert "0.5*" in shown.output
    listed = await command(stage, "epochs", "history", "--district", DISTRICT)
    assert "REFOLD NEEDED for 3" in listed.output
    assert "of epoch 1" in listed.output


async def test_the_commands_refuse_what_makes_no_sense(stage, tmp_path):
    """With the reason, and nothing kept."""
    file = tmp_path / "weights.yaml"
    file.write_text("kinds: {essay: 0.5}\n", encoding="utf-8")
    ahead = ("--district", DISTRICT, "--effective", "2099-01-04T00:00:00-0500")
    weights = await command(stage, "epochs", "put-weights", str(file), *ahead, "--yes")
    assert (weights.exit_code, "kinds has essay" in weights.output) == (1, True)
    nothing = await command(stage, "calibrate", *ahead, "--yes")
    assert (nothing.exit_code, "nothing to learn from" in nothing.output) == (3, True)
    missing = await command(stage, "epochs", "show", "--district", DISTRICT)
    assert (missing.exit_code, "has no epoch" in missing.output) == (1, True)
    none = await command(stage, "epochs", "history", "--district", DISTRICT)
    assert (none.exit_code, "No epoch was published" in none.output) == (0, True)
    assert await stage.query("SELECT 1 FROM epoch") == []
