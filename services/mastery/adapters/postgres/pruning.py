"""Prunes what a seal closed: registry rows become base rows, one learner after the other.

What goes leaves its sums in base rows and its identity in buckets, in the same transaction; what a
window may ever need stays. The caller keeps chunks away.

What a window may need: sealed pieces cannot be withdrawn any more. So, however many newer pieces
are, the newest 32 of the sealed ones are all that a window of 32 can reach down to, of a competency
and of a learner. Which these are is a function of the live pieces alone, pruned or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.common.postgres.pool import Connection
from services.mastery.adapters.postgres.fact_sql import (
    IS_IN_TEST,
    IS_OUTSIDE,
    POOLED,
    POOLED_SUMS,
)
from services.mastery.domain.model import WINDOW_SIZE
from services.mastery.domain.retention import Seal
from services.mastery.ports.retention import PrunedStep

REBUILD_LOCK_KEY: Final = 0x7265_6275
"""Of the advisory lock that a rebuild, or who seals, holds: both empty tables of the state."""

LEARNERS_A_STEP: Final = 10
"""Chunks wait for a step: with some ten thousand pieces a learner, some tenths of a second."""

_PROGRESS: Final = "SELECT pruned, pruned_learner FROM seal WHERE district = $1 AND seq = $2"
_NOTE: Final = "UPDATE seal SET pruned = $3, pruned_learner = $4 WHERE district = $1 AND seq = $2"
_LEARNERS: Final = """
SELECT learner_id FROM learner_state WHERE district = $1 AND learner_id > $2
ORDER BY learner_id LIMIT $3
"""

# $1 district, $2 learner, $3 horizon. A piece stays as long as one of its rows is in a window of
# the sealed ones; pieces of external tests are in none, their occasions hold all that is read.
_OLD: Final = f"""
  SELECT e.evidence_id, {IS_OUTSIDE} AND (
    row_number() OVER (
      PARTITION BY e.competency, {IS_IN_TEST} ORDER BY e.occur_time_us DESC, e.evidence_id DESC
    ) <= {WINDOW_SIZE}
    OR e.ordinal = 0 AND row_number() OVER (
      PARTITION BY e.ordinal = 0, {IS_IN_TEST} ORDER BY e.occur_time_us DESC, e.evidence_id DESC
    ) <= {WINDOW_SIZE}
  ) AS is_needed
  FROM evidence_alignment AS e
  WHERE e.live AND e.district = $1 AND e.learner_id = $2 AND e.occur_time_us < $3
"""  # noqa: S608  (constants)
_SUMS: Final = ", ".join(POOLED_SUMS)
_ADDED: Final = ", ".join(
    f"{name} = coalesce(t.{name} + excluded.{name}, excluded.{name})" for name in POOLED_SUMS
)


def _merged(column: str) -> str:
    """Return an array of a bucket with what comes into it, in order of the ids."""
    return f"""(
    SELECT array_agg(m.value ORDER BY m.evidence_id)
    FROM unnest(t.evidence_ids || excluded.evidence_ids, t.{column} || excluded.{column})
      AS m (evidence_id, value)
  )"""  # noqa: S608  (constants)


# An array: joined, and before there are statistics, each row of the learner was compared with each
# piece that goes.
_PRUNE: Final = f"""
WITH gone AS (
  SELECT evidence_id FROM ({_OLD}) AS old
  GROUP BY evidence_id HAVING NOT bool_or(is_needed)
  ORDER BY evidence_id LIMIT $4
), removed AS (
  DELETE FROM evidence_alignment AS e
  WHERE e.district = $1 AND e.learner_id = $2
    AND e.evidence_id = ANY (ARRAY(SELECT evidence_id FROM gone))
  RETURNING e.*
), based AS (
  INSERT INTO sealed_occasion AS t (district, learner_id, competency, occasion, local_day,
    newest_time_us, {_SUMS}, learner_count)
  SELECT $1, $2, competency, occasion, local_day, newest_time_us, {_SUMS}, learner_count
  FROM (
    SELECT e.competency, {POOLED}, count(*) FILTER (WHERE e.ordinal = 0) AS learner_count
    FROM removed AS e GROUP BY e.competency, e.occasion
  ) AS pooled
  ON CONFLICT (district, learner_id, competency, occasion) DO UPDATE SET {_ADDED},
    learner_count = t.learner_count + excluded.learner_count,
    local_day = greatest(t.local_day, excluded.local_day),
    newest_time_us = greatest(t.newest_time_us, excluded.newest_time_us)
), listed AS (
  INSERT INTO sealed_evidence AS t
    (district, learner_id, bucket, evidence_ids, versions, content_hashes)
  SELECT $1, $2, get_byte(uuid_send(evidence_id), 15),
    array_agg(evidence_id ORDER BY evidence_id), array_agg(version ORDER BY evidence_id),
    array_agg(encode(content_hash, 'hex')::uuid ORDER BY evidence_id)
  FROM removed WHERE ordinal = 0
  GROUP BY get_byte(uuid_send(evidence_id), 15)
  ON CONFLICT (district, learner_id, bucket) DO UPDATE SET
    evidence_ids = {_merged("evidence_ids")},
    versions = {_merged("versions")},
    content_hashes = {_merged("content_hashes")}
)
SELECT count(*) FROM gone
"""  # noqa: S608  (constants)
CLOSING: Final = f"""
SELECT count(*) AS closed_count, count(*) FILTER (WHERE NOT is_needed) AS pruned_count
FROM (
  SELECT bool_or(is_needed) AS is_needed FROM ({_OLD}) AS old GROUP BY evidence_id
) AS pieces
"""  # noqa: S608  (constants)


async def prune_step(
    connection: Connection, district: str, seal: Seal, *, limit: int
) -> PrunedStep:
    """Prune the next learners' pieces in the state that the transaction sees, at most `limit`."""
    progress = await connection.fetchrow(_PROGRESS, district, seal.seq)
    if progress is None or progress["pruned"]:
        return PrunedStep(pruned=0, complete=True)
    reached, pruned = progress["pruned_learner"], 0
    learners = await learners_after(connection, district, reached, LEARNERS_A_STEP)
    complete = len(learners) < LEARNERS_A_STEP
    for learner in learners:
        left = limit - pruned
        gone = int(await connection.fetchval(_PRUNE, district, learner, seal.horizon_us, left))
        pruned += gone
        if gone == left:
            # There may be more of this learner.
            complete = False
            break
        reached = learner
    await connection.execute(_NOTE, district, seal.seq, complete, reached)
    return PrunedStep(pruned=pruned, complete=complete)


async def learners_after(
    connection: Connection, district: str, after: str, limit: int
) -> Sequence[str]:
    """Return learners of a district in key order, after one, at most `limit`."""
    rows = await connection.fetch(_LEARNERS, district, after, limit)
    return [row["learner_id"] for row in rows]
