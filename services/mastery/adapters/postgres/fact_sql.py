"""The statements that read the facts beneath masteries, and the parts that others share.

$1 is the district, $2 the time asked for; the learner is k.learner_id.
"""

from __future__ import annotations

from typing import Final

from services.mastery.domain.contribution import ITEMS_LIMIT
from services.mastery.domain.model import (
    DEEP_DOK,
    SCORE_OF_LEVEL_3,
    WHOLE_TEST,
    WINDOW_SIZE,
    Purpose,
)

PIECES: Final = """
  array_agg(occur_time_us) AS times, string_agg(uuid_send(evidence_id), ''::bytea) AS ids,
  array_agg({r}) AS r, array_agg({i}) AS i, array_agg(score) AS scores,
  array_agg(item_key) AS items, array_agg(dok) AS doks, array_agg(purpose) AS purposes,
  array_agg(kind) AS kinds, array_agg(timed) AS timed, array_agg(local_day) AS days
"""
# A piece is under one of two indexes: these are their conditions.
IS_OUTSIDE: Final = f"e.purpose <> {Purpose.EXTERNAL_SUMMATIVE:d}"
IS_IN_TEST: Final = f"e.purpose = {Purpose.EXTERNAL_SUMMATIVE:d}"
OUTSIDE_TESTS: Final = f"e.live AND {IS_OUTSIDE}"
IN_TESTS: Final = f"e.live AND {IS_IN_TEST}"
NEWEST: Final = f"ORDER BY e.occur_time_us DESC, e.evidence_id DESC LIMIT {WINDOW_SIZE}"

_COMPETENCY_WINDOW: Final = f"""
CROSS JOIN LATERAL (
  SELECT {PIECES.format(r="r", i="i")} FROM (
    SELECT * FROM evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.district = $1 AND e.learner_id = m.learner_id
      AND e.competency = m.competency AND e.occur_time_us <= $2
    {NEWEST}
  ) AS newest
) AS w
"""  # noqa: S608  (constants)

# Rows by the time asked for, each kind under its own index; `{key}` says of whom.
_BY_THEN: Final = f"""
    SELECT * FROM evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.district = $1 AND {{key}} AND e.occur_time_us <= $2
    UNION ALL
    SELECT * FROM evidence_alignment AS e
    WHERE {IN_TESTS} AND e.district = $1 AND {{key}} AND e.occur_time_us <= $2
"""  # noqa: S608  (constants)

_IS_DEEP: Final = f"e.dok >= {DEEP_DOK} AND e.score >= {SCORE_OF_LEVEL_3}"
_IS_UNTIMED: Final = "e.timed IS NOT TRUE"
# As `contribution.shares_of_test`: whole numbers, rounded half up.
_ITEMS: Final = f"least(greatest(e.items_on_competency, 1), {ITEMS_LIMIT})::bigint"
_SHARE: Final = f"({2 * WHOLE_TEST} + {_ITEMS}) / (2 * {_ITEMS})"

# Rows of an occasion, added up to what the table of occasions holds of it.
POOLED: Final = f"""
  e.occasion, max(e.local_day) AS local_day, max(e.occur_time_us) AS newest_time_us,
  sum(e.score)::bigint AS score_sum, count(*) AS score_count,
  sum({_SHARE}) FILTER (WHERE {IS_IN_TEST})::bigint AS share_sum,
  sum(e.r)::bigint AS r_sum, sum(e.i)::bigint AS i_sum,
  count(*) FILTER (WHERE {_IS_DEEP}) AS deep_count,
  count(*) FILTER (WHERE {_IS_UNTIMED}) AS untimed_count,
  sum({_SHARE}) FILTER (WHERE {IS_IN_TEST} AND e.ordinal = 0)::bigint AS learner_share_sum,
  coalesce(sum(e.learner_r), 0)::bigint AS learner_r_sum,
  coalesce(sum(e.learner_i), 0)::bigint AS learner_i_sum
"""
POOLED_SUMS: Final = (
    *("score_sum", "score_count", "share_sum", "r_sum", "i_sum", "deep_count", "untimed_count"),
    *("learner_share_sum", "learner_r_sum", "learner_i_sum"),
)
# The same of rows and of what went from among them, which may be parts of one occasion.
_REPOOLED: Final = (
    "o.occasion, max(o.local_day) AS local_day, max(o.newest_time_us) AS newest_time_us, "
    + ", ".join(f"sum(o.{name})::bigint AS {name}" for name in POOLED_SUMS)
)
_BASE_COLUMNS: Final = f"b.occasion, b.local_day, b.newest_time_us, b.{', b.'.join(POOLED_SUMS)}"

_NEWEST_TESTS: Final = (
    f"ORDER BY o.newest_time_us DESC, o.occasion DESC, o.competency DESC LIMIT {WINDOW_SIZE}"
)
_LEARNER_TEST_ARRAYS: Final = """
  array_agg(newest_time_us) AS test_times, array_agg(occasion) AS test_keys,
  array_agg(competency) AS test_competencies, array_agg(local_day) AS test_days,
  array_agg(score_count) AS test_counts, array_agg(learner_share_sum) AS test_shares,
  array_agg(learner_r_sum) AS test_r, array_agg(learner_i_sum) AS test_i
"""

# OFFSET 0 keeps a look-up by key what it is. Joined plainly, and before the first ANALYZE of a
# state that is filling up, every key was compared with every row of the district.
LEARNERS: Final = f"""
SELECT k.learner_id, s.evidence_count, s.r_sum, s.i_sum, w.*, t.*,
       greatest(last.occur_time_us, t.test_times[1]) AS newest_us
FROM unnest($3::text[]) AS k (learner_id)
CROSS JOIN LATERAL (
  SELECT l.evidence_count, l.r_sum, l.i_sum FROM learner_state AS l
  WHERE l.district = $1 AND l.learner_id = k.learner_id OFFSET 0
) AS s
CROSS JOIN LATERAL (
  SELECT max(occur_time_us) AS occur_time_us FROM (
    SELECT e.occur_time_us FROM evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.ordinal = 0
      AND e.district = $1 AND e.learner_id = k.learner_id
    ORDER BY e.occur_time_us DESC, e.evidence_id DESC LIMIT 1
  ) AS newest
) AS last
CROSS JOIN LATERAL (
  SELECT {PIECES.format(r="learner_r", i="learner_i")} FROM (
    SELECT * FROM evidence_alignment AS e
    WHERE {OUTSIDE_TESTS} AND e.ordinal = 0
      AND e.district = $1 AND e.learner_id = k.learner_id AND e.occur_time_us <= $2
    {NEWEST}
  ) AS newest
) AS w
CROSS JOIN LATERAL (
  SELECT {_LEARNER_TEST_ARRAYS} FROM (
    SELECT * FROM occasion AS o
    WHERE o.learner_share_sum > 0 AND o.district = $1 AND o.learner_id = k.learner_id
    {_NEWEST_TESTS}
  ) AS newest
) AS t
"""  # noqa: S608  (constants)

LEARNERS_THEN: Final = f"""
SELECT k.learner_id, s.evidence_count + b.evidence_count AS evidence_count,
       s.r_sum + b.r_sum AS r_sum, s.i_sum + b.i_sum AS i_sum, t.*
FROM unnest($3::text[]) AS k (learner_id)
CROSS JOIN LATERAL (
  SELECT count(*) AS evidence_count,
         coalesce(sum(e.learner_r) FILTER (WHERE {IS_OUTSIDE}), 0)::bigint AS r_sum,
         coalesce(sum(e.learner_i) FILTER (WHERE {IS_OUTSIDE}), 0)::bigint AS i_sum
  FROM ({_BY_THEN.format(key="e.ordinal = 0 AND e.learner_id = k.learner_id")}) AS e
) AS s
CROSS JOIN LATERAL (
  SELECT coalesce(sum(b.learner_count), 0)::bigint AS evidence_count,
         coalesce(sum(b.learner_r_sum) FILTER (WHERE b.share_sum IS NULL), 0)::bigint AS r_sum,
         coalesce(sum(b.learner_i_sum) FILTER (WHERE b.share_sum IS NULL), 0)::bigint AS i_sum
  FROM sealed_occasion AS b WHERE b.district = $1 AND b.learner_id = k.learner_id
) AS b
CROSS JOIN LATERAL (
  SELECT {_LEARNER_TEST_ARRAYS} FROM (
    SELECT * FROM (
      SELECT o.competency, {_REPOOLED} FROM (
        SELECT e.competency, {POOLED}
        FROM evidence_alignment AS e
        WHERE {IN_TESTS} AND e.district = $1 AND e.learner_id = k.learner_id
          AND e.occur_time_us <= $2
        GROUP BY e.competency, e.occasion
        UNION ALL
        SELECT b.competency, {_BASE_COLUMNS} FROM sealed_occasion AS b
        WHERE b.share_sum IS NOT NULL AND b.district = $1 AND b.learner_id = k.learner_id
      ) AS o
      GROUP BY o.competency, o.occasion
    ) AS o
    WHERE o.learner_share_sum > 0
    {_NEWEST_TESTS}
  ) AS newest
) AS t
"""  # noqa: S608  (constants)

_OCCASION_ARRAYS: Final = """
  array_agg(o.occasion) AS occasions, array_agg(o.local_day) AS occasion_days,
  array_agg(o.newest_time_us) AS occasion_times, array_agg(o.score_sum) AS score_sums,
  array_agg(o.score_count) AS score_counts,
  array_agg(o.newest_time_us) FILTER (WHERE o.share_sum > 0) AS test_times,
  array_agg(o.occasion) FILTER (WHERE o.share_sum > 0) AS test_keys,
  array_agg(o.local_day) FILTER (WHERE o.share_sum > 0) AS test_days,
  array_agg(o.score_count) FILTER (WHERE o.share_sum > 0) AS test_counts,
  array_agg(o.share_sum) FILTER (WHERE o.share_sum > 0) AS test_shares,
  array_agg(o.r_sum) FILTER (WHERE o.share_sum > 0) AS test_r,
  array_agg(o.i_sum) FILTER (WHERE o.share_sum > 0) AS test_i,
  array_agg(o.deep_count) FILTER (WHERE o.share_sum > 0) AS test_deep,
  array_agg(o.untimed_count) FILTER (WHERE o.share_sum > 0) AS test_untimed
"""
_OCCASIONS_NOW: Final = f"""
CROSS JOIN LATERAL (
  SELECT {_OCCASION_ARRAYS} FROM occasion AS o
  WHERE o.district = $1 AND o.learner_id = m.learner_id AND o.competency = m.competency
) AS o
"""  # noqa: S608  (constants)
_ROWS_THEN: Final = _BY_THEN.format(
    key="e.learner_id = m.learner_id AND e.competency = m.competency"
)
_OCCASIONS_THEN: Final = f"""
CROSS JOIN LATERAL (
  SELECT {_OCCASION_ARRAYS} FROM (
    SELECT {_REPOOLED} FROM (
      SELECT {POOLED} FROM ({_ROWS_THEN}) AS e GROUP BY e.occasion
      UNION ALL
      SELECT {_BASE_COLUMNS} FROM sealed_occasion AS b
      WHERE b.district = $1 AND b.learner_id = m.learner_id AND b.competency = m.competency
    ) AS o
    GROUP BY o.occasion
  ) AS o
) AS o
"""  # noqa: S608  (constants)
_SUMS_THEN: Final = f"""
CROSS JOIN LATERAL (
  SELECT count(*) AS evidence_count,
         coalesce(sum(e.r) FILTER (WHERE {IS_OUTSIDE}), 0)::bigint AS r_sum,
         coalesce(sum(e.i) FILTER (WHERE {IS_OUTSIDE}), 0)::bigint AS i_sum,
         count(*) FILTER (WHERE {_IS_DEEP}) AS deep_count,
         count(*) FILTER (WHERE {_IS_UNTIMED}) AS untimed_count
  FROM ({_ROWS_THEN}) AS e
) AS by_then
CROSS JOIN LATERAL (
  SELECT by_then.evidence_count + coalesce(sum(b.score_count), 0)::bigint AS evidence_count,
         by_then.r_sum
           + coalesce(sum(b.r_sum) FILTER (WHERE b.share_sum IS NULL), 0)::bigint AS r_sum,
         by_then.i_sum
           + coalesce(sum(b.i_sum) FILTER (WHERE b.share_sum IS NULL), 0)::bigint AS i_sum,
         by_then.deep_count + coalesce(sum(b.deep_count), 0)::bigint AS deep_count,
         by_then.untimed_count + coalesce(sum(b.untimed_count), 0)::bigint AS untimed_count
  FROM sealed_occasion AS b
  WHERE b.district = $1 AND b.learner_id = m.learner_id AND b.competency = m.competency
) AS s
"""  # noqa: S608  (constants)

_ALL_KEYS: Final = """
FROM unnest($3::text[]) AS k (learner_id)
CROSS JOIN LATERAL (
  SELECT * FROM mastery_state AS t
  WHERE t.district = $1 AND t.learner_id = k.learner_id AND t.evidence_count > 0 OFFSET 0
) AS m
"""
_SOME_KEYS: Final = """
FROM unnest($3::text[], $4::text[]) AS k (learner_id, competency)
CROSS JOIN LATERAL (
  SELECT * FROM mastery_state AS t
  WHERE t.district = $1 AND t.learner_id = k.learner_id AND t.competency = k.competency OFFSET 0
) AS m
"""
_NOW: Final = (
    "SELECT m.learner_id, m.competency, m.version, m.evidence_count, m.r_sum, m.i_sum,"
    " m.deep_count, m.untimed_count, w.*, o.* "
)
_THEN: Final = (
    "SELECT m.learner_id, m.competency, m.version, s.evidence_count, s.r_sum, s.i_sum,"
    " s.deep_count, s.untimed_count, w.*, o.* "
)
ALL_NOW: Final = _NOW + _ALL_KEYS + _COMPETENCY_WINDOW + _OCCASIONS_NOW
SOME_NOW: Final = _NOW + _SOME_KEYS + _COMPETENCY_WINDOW + _OCCASIONS_NOW
ALL_THEN: Final = (
    _THEN
    + _ALL_KEYS
    + _SUMS_THEN
    + _COMPETENCY_WINDOW
    + _OCCASIONS_THEN
    + "WHERE s.evidence_count > 0"
)
SOME_THEN: Final = _THEN + _SOME_KEYS + _SUMS_THEN + _COMPETENCY_WINDOW + _OCCASIONS_THEN

COMPETENCIES_AFTER: Final = """
SELECT competency FROM mastery_state
WHERE district = $1 AND learner_id = $2 AND competency > $3 AND evidence_count > 0
ORDER BY competency LIMIT $4
"""
