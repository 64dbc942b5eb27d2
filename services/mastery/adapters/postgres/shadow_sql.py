"""The statements of a rebuild. `{old}` is the live schema, `{new}` the one that was rebuilt."""

from __future__ import annotations

from typing import Final

from services.mastery.adapters.postgres.fact_sql import POOLED_SUMS
from services.mastery.adapters.postgres.marks import marking
from services.mastery.domain.registry import TEST_SUMS

KEYS: Final = {
    "learner_state": ("district", "learner_id"),
    "mastery_state": ("district", "learner_id", "competency"),
    "occasion": ("district", "learner_id", "competency", "occasion"),
    "evidence_alignment": ("district", "learner_id", "evidence_id", "ordinal"),
    "folded_epoch": ("district", "version"),
    "seal": ("district", "seq"),
    "sealed_occasion": ("district", "learner_id", "competency", "occasion"),
    "sealed_evidence": ("district", "learner_id", "bucket"),
}

# Versions of rows say how they came about, a ledger position which of equal facts came first.
CONTENT: Final = {
    "learner_state": ("evidence_count", "r_sum", "i_sum"),
    "mastery_state": ("evidence_count", "r_sum", "i_sum", "deep_count", "untimed_count"),
    "occasion": ("score_sum", "score_count", "local_day", "newest_time_us", *TEST_SUMS),
    "evidence_alignment": (
        "version",
        "content_hash",
        "live",
        "occur_time_us",
        "local_day",
        "competency",
        "occasion",
        "weight_milli",
        "score",
        "scale",
        "kind",
        "purpose",
        "dok",
        "timed",
        "item_key",
        "items_on_competency",
        "r",
        "i",
        "learner_r",
        "learner_i",
    ),
    "folded_epoch": ("version",),
    "seal": ("horizon_us", "ledger_position"),
    "sealed_occasion": ("local_day", "newest_time_us", "learner_count", *POOLED_SUMS),
    "sealed_evidence": ("evidence_ids", "versions", "content_hashes"),
}

COMPARED_TABLES: Final = tuple(KEYS)

# A row without live evidence says nothing but its version.
_COUNTED: Final = {
    "learner_state": "WHERE evidence_count > 0",
    "mastery_state": "WHERE evidence_count > 0",
    "occasion": "",
    "evidence_alignment": "",
    "folded_epoch": "",
    "seal": "",
    "sealed_occasion": "",
    "sealed_evidence": "",
}

EMPTY: Final = (
    "TRUNCATE {new}.evidence_alignment, {new}.mastery_state, {new}.learner_state, {new}.occasion,"
    " {new}.district_position, {new}.folded_epoch, {new}.seal, {new}.sealed_occasion,"
    " {new}.sealed_evidence"
)
# Every epoch, also those that the live state was not folded with. One that is published while this
# is not committed yet waits for the emptied table, and is put in after it.
FOLD_WITH_ALL: Final = """
INSERT INTO {new}.folded_epoch (district, version) SELECT district, version FROM public.epoch
"""
# Every seal that was not lifted. None comes meanwhile: who sets one has the lock of rebuilds.
FOLD_WITH_SEALS: Final = """
INSERT INTO {new}.seal (district, seq, horizon_us, ledger_position)
SELECT district, seq, horizon_us, ledger_position FROM public.retention_seal
WHERE lift_time IS NULL
"""
# What the live state has pruned, all that a seal knows is folded of: so it is in the ledger, too.
SEALS_TO_PRUNE: Final = """
SELECT n.district, n.seq, n.horizon_us, n.ledger_position
FROM {new}.seal AS n JOIN {old}.seal AS o USING (district, seq)
WHERE o.pruned AND NOT n.pruned ORDER BY n.district, n.seq
"""
ANALYSE: Final = (
    "ANALYZE {new}.evidence_alignment, {new}.mastery_state, {new}.learner_state, {new}.occasion"
)

ADD_MISSING_OFFSETS: Final = """
INSERT INTO public.consumer_offset (consumer_group, topic, topic_id, partition, next_offset)
SELECT $1, $2, $3, partition, 0 FROM unnest($4::integer[]) AS k (partition)
ON CONFLICT DO NOTHING RETURNING partition
"""
LOCK_OFFSETS: Final = """
SELECT partition, topic_id, next_offset FROM public.consumer_offset
WHERE consumer_group = $1 AND topic = $2 ORDER BY partition FOR UPDATE
"""

RAISE_MASTERIES: Final = """
UPDATE {new}.mastery_state AS n SET version = o.version
FROM {old}.mastery_state AS o
WHERE (n.district, n.learner_id, n.competency) = (o.district, o.learner_id, o.competency)
  AND n.version < o.version
"""
# Also rows that the rebuilt state does not have: their evidence was withdrawn, their version stays.
RAISE_LEARNERS: Final = """
INSERT INTO {new}.learner_state AS t
  (district, learner_id, evidence_count, r_sum, i_sum, version)
SELECT district, learner_id, 0, 0, 0, version FROM {old}.learner_state
ORDER BY district, learner_id
ON CONFLICT (district, learner_id) DO UPDATE SET version = excluded.version
WHERE t.version < excluded.version
"""


def _row(alias: str, columns: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"{alias}.{column}" for column in columns) + ")"


def _joined(table: str) -> str:
    """Return both tables side by side, by key."""
    counted = _COUNTED[table]
    return f"""
FROM (SELECT * FROM {{old}}.{table} {counted}) AS o
FULL JOIN (SELECT * FROM {{new}}.{table} {counted}) AS n
  USING ({", ".join(KEYS[table])})
"""  # noqa: S608  (constants)


def _differs(table: str) -> str:
    return f"{_row('o', CONTENT[table])} IS DISTINCT FROM {_row('n', CONTENT[table])}"


def comparison_sql(table: str) -> str:
    """Return the query that counts how a table differs; one row."""
    content = CONTENT[table][0]
    there = f"o.{content} IS NOT NULL", f"n.{content} IS NOT NULL"
    return f"""
SELECT count(*) FILTER (WHERE {there[0]}) AS live_count,
       count(*) FILTER (WHERE {there[1]}) AS rebuilt_count,
       count(*) FILTER (WHERE n.{content} IS NULL) AS only_live_count,
       count(*) FILTER (WHERE o.{content} IS NULL) AS only_rebuilt_count,
       count(*) FILTER (WHERE {there[0]} AND {there[1]} AND {_differs(table)}) AS differing_count
{_joined(table)}
"""


def examples_sql(table: str) -> str:
    """Return the query for keys of rows that differ; $1 is how many."""
    key = " || '/' || ".join(f"{column}::text" for column in KEYS[table])
    return f"""
SELECT {key} AS key {_joined(table)} WHERE {_differs(table)} ORDER BY 1 LIMIT $1
"""


# What differs gets a version above the live one and a mark, so that readers take it. All other
# rows get at least the live version, also those that the rebuilt state does not have.
SETTLE_MASTERIES: Final = f"""
WITH differing AS (
  SELECT district, learner_id, competency {_joined("mastery_state")}
  WHERE {_differs("mastery_state")}
  UNION
  SELECT district, learner_id, competency {_joined("occasion")}
  WHERE {_differs("occasion")}
), settled AS (
  INSERT INTO {{new}}.mastery_state AS t (district, learner_id, competency,
    evidence_count, r_sum, i_sum, deep_count, untimed_count, version)
  SELECT o.district, o.learner_id, o.competency, 0, 0, 0, 0, 0,
         o.version + CASE WHEN d.district IS NULL THEN 0 ELSE 1 END
  FROM {{old}}.mastery_state AS o
  LEFT JOIN differing AS d USING (district, learner_id, competency)
  ORDER BY o.district, o.learner_id, o.competency
  ON CONFLICT (district, learner_id, competency) DO UPDATE SET version = excluded.version
  WHERE t.version < excluded.version
), marked AS (
  INSERT INTO public.changed_key AS m (district, learner_id, competency, version)
  SELECT district, learner_id, competency, 0 FROM differing
  ORDER BY district, learner_id, competency
  ON CONFLICT (district, learner_id, competency) DO UPDATE SET xact = excluded.xact
)
SELECT count(*) FROM differing
"""  # noqa: S608  (constants)

# Versions rise too: readers let the highest stand, so the same one again would change nothing.
MARK_ALL: Final = f"""
WITH raised AS (
  UPDATE {{new}}.mastery_state SET version = version + 1
  RETURNING district, learner_id, competency, version
), marked AS ({marking("raised")})
SELECT count(*) FROM marked
"""  # noqa: S608  (constants)

CARRY_POSITIONS: Final = """
INSERT INTO {new}.district_position AS t (district, partition, ledger_position)
SELECT district, partition, ledger_position FROM {old}.district_position
ORDER BY district, partition
ON CONFLICT (district, partition) DO UPDATE
SET ledger_position = greatest(t.ledger_position, excluded.ledger_position)
"""

SWAP: Final = """
UPDATE public.live_state
SET schema_name = $1, generation = generation + 1, swap_time = now()
"""
