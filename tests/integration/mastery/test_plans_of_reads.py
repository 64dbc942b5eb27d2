"""How PostgreSQL answers reads while a state fills up: before it has statistics of it."""

from __future__ import annotations

import asyncpg
import pytest

from services.mastery.adapters.postgres import (
    epoch_store,
    epochs,
    fact_sql,
    fold_store,
    pruning,
    seals,
)
from services.mastery.adapters.postgres.live import use_live_state
from tests.support.schema import migrated

READS = {
    "learners": fact_sql.LEARNERS,
    "all keys": fact_sql.ALL_NOW,
    "some keys": fact_sql.SOME_NOW,
    "all keys as of a time": fact_sql.ALL_THEN,
    "some keys as of a time": fact_sql.SOME_THEN,
}
ROWS = 5_000
EPOCH_READS = {
    "epochs of the state": (epochs._FOLDED_WITH, "'{henry}'"),
    "items": (epochs.ITEMS, "'{henry}', '{1}', '{5}'"),
    "references": (epochs._REFERENCES, "'{henry}', '{1}', '{c5}'"),
    "the epoch in force": (epochs._IN_FORCE, "'henry', 5"),
    "work after a time": (epoch_store._HAS_WORK_FROM.format(live="state_a"), "'henry', 5"),
}
SEAL_READS = {
    "seals of the state": (seals._SEALS, "'{henry}'"),
    "sealed pieces": (
        seals._SEALED.sql,
        "'{henry}', '{l5}', ARRAY['00000000-0000-0000-0000-000000000005'::uuid]",
    ),
    "the next learners": (pruning._LEARNERS, "'henry', 'l5', 10"),
    "what is pruned": (pruning._PRUNE, "'henry', 'l5', 5, 5"),
    "an occasion again": (
        fold_store._RECOUNT_OCCASION.sql,
        "'{henry}', '{l5}', '{c}', '{o}'",
    ),
}
_FILL_SEALS = """
WITH seals AS (
  INSERT INTO state_a.seal (district, seq, horizon_us, ledger_position)
  SELECT 'henry', n, n, n FROM generate_series(1, 200) AS n
), buckets AS (
  INSERT INTO state_a.sealed_evidence
    (district, learner_id, bucket, evidence_ids, versions, content_hashes)
  SELECT 'henry', 'l' || n, 5, ARRAY[gen_random_uuid()], '{1}', ARRAY[gen_random_uuid()]
  FROM generate_series(1, $1::integer) AS n
)
INSERT INTO state_a.sealed_occasion (district, learner_id, competency, occasion, score_sum,
  score_count, newest_time_us, r_sum, i_sum, deep_count, untimed_count, learner_count,
  learner_r_sum, learner_i_sum, local_day)
SELECT 'henry', 'l' || n, 'c', 'o', 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0
FROM generate_series(1, $1::integer) AS n
"""
_FILL_EPOCHS = """
WITH items AS (
  INSERT INTO epoch_item (district, version, item_key, d64)
  SELECT 'henry', 1, n, 0 FROM generate_series(1, $1::integer) AS n
), names AS (
  INSERT INTO epoch_reference (district, version, competency, d64)
  SELECT 'henry', 1, 'c' || n, 0 FROM generate_series(1, $1::integer) AS n
), folded AS (
  INSERT INTO state_a.folded_epoch (district, version)
  SELECT 'henry', n FROM generate_series(1, 500) AS n
)
INSERT INTO epoch (district, version, effective_us, retroactive, difficulties_of, reference_d64,
  weights, difficulties_digest, item_count, response_count, covered_count, note, actor, create_time)
SELECT 'henry', n, n, false, 1, 0, '{}', decode(repeat('00', 32), 'hex'), 0, 0, 0, '', '', now()
FROM generate_series(1, 500) AS n
"""
_FILL = """
INSERT INTO state_a.learner_state (district, learner_id, evidence_count, r_sum, i_sum, version)
SELECT 'henry', 'l' || n, 1, 0, 0, 1 FROM generate_series(1, $1::integer) AS n
"""
_FILL_KEYS = """
INSERT INTO state_a.mastery_state (district, learner_id, competency,
  evidence_count, r_sum, i_sum, deep_count, untimed_count, version)
SELECT 'henry', 'l' || n, 'c', 1, 0, 0, 0, 0, 1 FROM generate_series(1, $1::integer) AS n
"""


@pytest.fixture
async def connection(postgres_database):
    """Connect as a worker to a state that was filled a moment ago."""
    database = postgres_database("mastery", migrated("mastery"))
    connection = await asyncpg.connect(database.dsn("worker"))
    try:
        await connection.execute(_FILL, ROWS)
        await connection.execute(_FILL_KEYS, ROWS)
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize("name", sorted(READS))
async def test_a_key_is_looked_up_also_where_there_are_no_statistics_yet(connection, name):
    """No read compares its keys with all rows of the district: that grows with their product."""
    statement = READS[name]
    arguments = "NULL, NULL, NULL, NULL" if "$4" in statement else "NULL, NULL, NULL"
    async with connection.transaction():
        await use_live_state(connection)
        await connection.execute(f"PREPARE read AS {statement}")
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE read({arguments})")]
    assert not [line for line in plan if "Join Filter" in line], "\n".join(plan)


@pytest.mark.parametrize("name", sorted(EPOCH_READS))
async def test_epochs_are_looked_up_by_key_before_there_are_statistics(connection, name):
    """Each chunk does it, also the first one after an epoch of a million items was published."""
    statement, arguments = EPOCH_READS[name]
    await connection.execute(_FILL_EPOCHS, ROWS)
    async with connection.transaction():
        await use_live_state(connection)
        await connection.execute(f"PREPARE read AS {statement}")
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE read({arguments})")]
    told = "\n".join(plan)
    assert "Join Filter" not in told, told
    assert "Seq Scan" not in told, told


@pytest.mark.parametrize("name", sorted(SEAL_READS))
async def test_what_is_sealed_is_looked_up_by_key_before_there_are_statistics(connection, name):
    """Each chunk of a district with a seal asks, and a step of pruning keeps chunks waiting."""
    statement, arguments = SEAL_READS[name]
    await connection.execute(_FILL_SEALS, ROWS)
    async with connection.transaction():
        await use_live_state(connection)
        await connection.execute(f"PREPARE read AS {statement}")
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE read({arguments})")]
    told = "\n".join(plan)
    assert "Join Filter" not in told, told
    assert "Seq Scan" not in told, told
    assert "Filter: (evidence_id" not in told, told
