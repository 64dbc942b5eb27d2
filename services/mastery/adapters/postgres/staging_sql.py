"""The statements that fold a whole ledger at once. `{part}` is one part of what was laid aside.

All facts on a learner's work are in one part. What the worker's fold does with each chunk is done
here with all of them: the highest (version, content hash) of a piece stands, and sums are added up
of what stands.
"""

from __future__ import annotations

from typing import Final

from services.mastery.adapters.postgres.fact_sql import POOLED
from services.mastery.adapters.postgres.registry_rows import AS_STORED, NEW_ROW, ROW_COLUMNS
from services.mastery.domain.registry import TEST_SUMS

SCHEMA: Final = "rebuild"
TABLE: Final = "staged_fact"
STAGED_COLUMNS: Final = (*NEW_ROW, "horizon_us")
PARTS: Final = 16
"""Each is sorted on its own, and its room on the disk is free again when it is folded."""

DROP: Final = f"DROP TABLE IF EXISTS {SCHEMA}.{TABLE}"
# Without a log: after a crash a rebuild begins anew.
CREATE: Final = f"""
CREATE TABLE {SCHEMA}.{TABLE} (
  {", ".join(f"{name} {kind}" for name, kind in NEW_ROW.items())},
  horizon_us bigint
) PARTITION BY HASH (learner_id)
"""
CREATE_PART: Final = f"""
CREATE UNLOGGED TABLE {{part}} PARTITION OF {SCHEMA}.{TABLE}
FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {{number}})
"""
DROP_PART: Final = "DROP TABLE {part}"

HAS_SEALS: Final = "SELECT EXISTS (SELECT FROM seal)"
# Facts on the pieces of which one might change closed work; in the order in which they are judged.
LATE: Final = """
SELECT f.district, f.learner_id, f.evidence_id, f.version, f.content_hash, f.ledger_position,
       CASE WHEN f.competency IS NOT NULL THEN f.occur_time_us END AS occur_time_us, f.horizon_us
FROM {part} AS f
JOIN (
  SELECT district, learner_id, evidence_id FROM {part}
  GROUP BY district, learner_id, evidence_id
  HAVING max(horizon_us) > min(occur_time_us) FILTER (WHERE competency IS NOT NULL)
) AS piece USING (district, learner_id, evidence_id)
WHERE f.ordinal = 0
ORDER BY f.learner_id, f.district, f.evidence_id, f.ledger_position
"""
DROP_REFUSED: Final = """
DELETE FROM {part} AS f
USING unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[])
  AS k (district, learner_id, evidence_id, ledger_position)
WHERE (f.district, f.learner_id, f.evidence_id, f.ledger_position)
    = (k.district, k.learner_id, k.evidence_id, k.ledger_position)
"""

# Sorted by learner, so that indexes grow at their ends. A fact that came twice counts once.
_STANDING: Final = f"""
SELECT {AS_STORED} FROM (
  SELECT *, first_value(version) OVER ranked AS top_version,
         first_value(content_hash) OVER ranked AS top_content_hash,
         lag(ordinal) OVER ranked AS ordinal_before
  FROM {{part}}
  WINDOW ranked AS (
    PARTITION BY learner_id, district, evidence_id
    ORDER BY version DESC, content_hash DESC, ordinal
  )
) AS fact
WHERE version = top_version AND content_hash = top_content_hash
  AND ordinal IS DISTINCT FROM ordinal_before
"""  # noqa: S608  (constants)

# Of what an occasion holds beyond its scores, only external tests keep anything.
_OF_TEST: Final = ", ".join(
    f"CASE WHEN share_sum IS NOT NULL THEN coalesce({name}, 0) END" for name in TEST_SUMS
)
_OUTSIDE: Final = "coalesce(sum({name}) FILTER (WHERE share_sum IS NULL), 0)"

FOLD: Final = f"""
WITH standing AS MATERIALIZED ({_STANDING}), registered AS (
  INSERT INTO evidence_alignment ({ROW_COLUMNS}) SELECT * FROM standing
), pooled AS MATERIALIZED (
  SELECT district, learner_id, competency, {POOLED},
         count(*) FILTER (WHERE ordinal = 0) AS learner_count
  FROM standing AS e WHERE live GROUP BY district, learner_id, competency, occasion
), occasions AS (
  INSERT INTO occasion (district, learner_id, competency, occasion, score_sum, score_count,
    local_day, newest_time_us, {", ".join(TEST_SUMS)})
  SELECT district, learner_id, competency, occasion, score_sum, score_count, local_day,
         newest_time_us, {_OF_TEST}
  FROM pooled
), masteries AS (
  INSERT INTO mastery_state (district, learner_id, competency, evidence_count, r_sum, i_sum,
    deep_count, untimed_count, version)
  SELECT district, learner_id, competency, sum(score_count), {_OUTSIDE.format(name="r_sum")},
         {_OUTSIDE.format(name="i_sum")}, sum(deep_count), sum(untimed_count), 0
  FROM pooled GROUP BY district, learner_id, competency
)
INSERT INTO learner_state (district, learner_id, evidence_count, r_sum, i_sum, version)
SELECT district, learner_id, sum(learner_count), {_OUTSIDE.format(name="learner_r_sum")},
       {_OUTSIDE.format(name="learner_i_sum")}, 0
FROM pooled GROUP BY district, learner_id
"""  # noqa: S608  (constants)


def part_name(number: int) -> str:
    """Return the name of one part."""
    return f"{SCHEMA}.{TABLE}_{number}"
