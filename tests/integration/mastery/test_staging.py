"""All facts at once give what they give one by one: two ways to one state, row by row."""

from __future__ import annotations

import random
from dataclasses import asdict

import pytest

from services.common.postgres.pool import Database
from services.mastery.adapters.ledger import page_of
from services.mastery.adapters.postgres import staging as adapter
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.adapters.postgres.live import SCHEMAS, use_state
from services.mastery.adapters.postgres.shadow import PostgresStateSnapshot
from services.mastery.adapters.postgres.staging import PostgresStaging
from services.mastery.domain.model import Purpose
from services.mastery.domain.retention import BEFORE_RETENTION
from services.mastery.handlers.fold import apply_evidence, stage_evidence
from tests.support.mastery_events import START_SECONDS, recorded, retracted
from tests.support.schema import migrated

SEEDS = 40
FACTS_MOST = 120
DISTRICTS = ("henry", "forsyth")
SEALED = "henry"
"""Has two seals; the other district has none."""
SEALS = ((1, 100, 30), (2, 200, 70))
"""Number, horizon in seconds after the start, ledger position."""


@pytest.fixture
async def database(postgres_database):
    """Open a database as the worker does, with the seals in both states."""
    made = postgres_database("mastery", migrated("mastery"))
    opened = await Database.connect(made.dsn("worker"), pool_size=6, application_name="test")
    async with opened.transaction(None) as connection:
        for state in SCHEMAS:
            for seq, seconds, position in SEALS:
                await connection.execute(
                    f"INSERT INTO {state}.seal (district, seq, horizon_us, ledger_position)"
                    " VALUES ($1, $2, $3, $4)",
                    *(SEALED, seq, (START_SECONDS + seconds) * 1_000_000, position),
                )
    yield opened
    await opened.close()


def some_facts(draw):
    """Draw facts on few pieces, old and new, in the order of their positions."""
    return [_a_fact(draw, position) for position in range(1, draw.randint(1, FACTS_MOST) + 1)]


def _a_fact(draw, position):
    said = {
        # Equal ones meet: then the content hash decides.
        "version": position // 20 if draw.random() < 0.8 else draw.randint(0, FACTS_MOST // 20),
        "learner": draw.choice(("l1", "l2", "l3")),
        "district": draw.choice(DISTRICTS),
        "position": position,
    }
    entity = f"e{draw.randint(0, 25)}"
    if draw.random() < 0.15:
        return retracted(entity, **said)
    return recorded(
        entity,
        **said,
        competencies=draw.choice((("c1",), ("c2", "c1"), ("c3", "c2", "c1"))),
        score=draw.choice((None, 0, 15_001, 20_000, 30_000)),
        seconds=draw.choice((0, 50, 99, 100, 150, 250, 90_000)),
        assessment=draw.choice(("", "lms/q1", "lms/q2")),
        dok=draw.choice((0, 2, 3)),
        timed=draw.choice((None, True, False)),
        purpose=draw.choice(
            (Purpose.FORMATIVE, Purpose.EXTERNAL_SUMMATIVE, Purpose.EXTERNAL_SUMMATIVE)
        ),
        items=draw.choice((1, 7)),
        item=draw.choice(("", "i1")),
    )


def in_pages(draw, facts):
    """Deal facts out to pages in any order, some of them twice."""
    dealt = facts + draw.sample(facts, len(facts) // 5)
    draw.shuffle(dealt)
    while dealt:
        size = draw.randint(1, 30)
        yield dealt[:size]
        dealt = dealt[size:]


async def one_by_one(database, facts):
    """Fold facts into the first state in the order of positions; return what is refused."""
    refused = []
    for fact in facts:
        async with database.transaction(None) as connection:
            await use_state(connection, SCHEMAS[0])
            store = PostgresFoldStore(connection, partition=0, marks=False)
            refused += await apply_evidence(store, page_of([fact]).columns)
    return {f"{BEFORE_RETENTION}: {one.detail}" for one in refused}


async def all_at_once(database, pages):
    """Lay pages aside and fold them into the second state; return what is refused."""
    staging = PostgresStaging(database, SCHEMAS[1])
    await staging.begin()
    for page in pages:
        async with staging.staging() as store:
            await stage_evidence(store, page_of(page).columns)
    refused = set()
    await staging.fold(say=lambda _: None, refuse=refused.add)
    return refused


async def differences(database):
    """Return the tables in which the two states differ."""
    snapshot = PostgresStateSnapshot(old=SCHEMAS[0], new=SCHEMAS[1])
    await snapshot.enter(database.transaction(None, read_only=True))
    try:
        return [asdict(one) for one in await snapshot.compare() if not one.is_equal]
    finally:
        await snapshot.close()


async def rows_of(database, table):
    """Return how many rows both states have of a table."""
    async with database.transaction(None) as connection:
        return [
            await connection.fetchval(f"SELECT count(*) FROM {state}.{table}") for state in SCHEMAS
        ]


async def emptied(database):
    """Empty both states but for their seals."""
    async with database.transaction(None) as connection:
        for state in SCHEMAS:
            for table in (
                *("evidence_alignment", "mastery_state", "learner_state", "occasion"),
                "district_position",
            ):
                await connection.execute(f"TRUNCATE {state}.{table}")


async def test_all_at_once_is_as_one_by_one(database, monkeypatch):
    """Corrections, withdrawals, repeats, tests, seals; in any order and any pages."""
    monkeypatch.setattr(adapter, "DROPPED_AT_ONCE", 3)
    refusals, pieces = 0, 0
    for seed in range(SEEDS):
        draw = random.Random(seed)
        facts = some_facts(draw)
        refused = await one_by_one(database, facts)
        assert await all_at_once(database, in_pages(draw, facts)) == refused, f"seed {seed}"
        assert await differences(database) == [], f"seed {seed}"
        refusals += len(refused)
        pieces += sum(await rows_of(database, "evidence_alignment"))
        await emptied(database)
    # Else this would say nothing.
    assert refusals > SEEDS
    assert pieces > 50 * SEEDS


async def test_positions_are_known_also_of_what_was_refused(database):
    """What a reader waits for has come, whether or not it counts."""
    late = recorded("e1", seconds=0, position=71)
    assert await all_at_once(database, [[late]]) == await one_by_one(database, [late])
    async with database.transaction(None) as connection:
        for state in SCHEMAS:
            position = f"SELECT max(ledger_position) FROM {state}.district_position"
            assert await connection.fetchval(position) == 71


async def test_nothing_is_left_on_the_disk(database):
    """The tables of a rebuild go with it, and those of one that did not end with the next."""
    unfinished = PostgresStaging(database, SCHEMAS[1])
    await unfinished.begin()
    await all_at_once(database, [[recorded("e1", district="forsyth")]])
    async with database.transaction(None) as connection:
        tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'rebuild'::regnamespace"
        assert await connection.fetchval(tables) == 0
    assert await rows_of(database, "evidence_alignment") == [0, 1]
