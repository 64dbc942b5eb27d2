"""The fold: a chunk of facts and what is registered of them becomes the changes of the state.

The state is a function of the set of facts alone. Of each piece of evidence the highest (version,
content hash) stands, which no order of arrival can change; each change of what stands adds the new
contribution and takes away the old one, both exact integers, so that sums telescope to the sum
over what stands. Nothing here may read a clock, a float or the order of records.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.mastery.domain.contribution import align, contribute, shares_of_test
from services.mastery.domain.epochs import Weighing
from services.mastery.domain.model import DEEP_DOK, SCORE_OF_LEVEL_3
from services.mastery.domain.registry import (
    UNKNOWN,
    Changes,
    EvidenceColumns,
    Flags,
    Integers,
    LearnerDeltas,
    LearnerKey,
    MasteryDeltas,
    NewRows,
    OccasionDeltas,
    RegistryRow,
    TestDeltas,
)

EvidenceKey = tuple[int, bytes]
"""Index of the learner in the chunk, and evidence id."""

EARLIEST: Final = -(2**62)
"""Below every day and time: what an occasion gets to which nothing was added."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Standing:
    """What stands for one piece of evidence: by a fact of the chunk, or (UNKNOWN) as registered."""

    version: int
    content_hash: bytes
    record: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parts:
    """Live rows added (sign 1) or taken away (sign -1), as columns (p,)."""

    sign: Integers
    learner: Integers
    competency: Integers
    occasion: Integers
    ordinal: Integers
    offset: Integers
    score: Integers
    deep: Integers
    untimed: Integers
    local_day: Integers
    occur_time_us: Integers
    share: Integers
    """Share of an external test; 0 outside of tests, and only there."""
    r: Integers
    i: Integers
    learner_r: Integers
    learner_i: Integers


def fold(
    columns: EvidenceColumns,
    registered: Sequence[RegistryRow],
    weighing: Weighing | None = None,
    left_out: Flags | None = None,
) -> Changes:
    """Return what the chunk changes.

    `registered` holds the registry's rows of every (learner, evidence) of the chunk that has any,
    each row once. `weighing` says how hard and how weighty each fact is, by the epoch of its time;
    None: as facts before every epoch are read. Those `left_out` change nothing but the position.
    """
    identities = {(row.district, row.learner, row.evidence_id, row.ordinal) for row in registered}
    assert len(identities) == len(registered), "a row would be taken from the sums twice"
    winners, replaced = _winners(columns, registered, left_out)
    keys = _Keys.of(columns, replaced)
    rows = _new_rows(columns, winners, keys, weighing)
    parts = _added(columns, rows, keys)
    if replaced:
        parts = _joined(parts, _removed(columns, replaced, keys))
    return Changes(
        learners=columns.learners,
        competencies=keys.competencies,
        occasions=keys.occasions,
        replaced=_replaced_keys(columns, replaced, keys),
        rows=rows,
        masteries=_mastery_deltas(parts, len(keys.competencies)),
        learner_sums=_learner_deltas(parts),
        occasion_sums=_occasion_deltas(parts, len(keys.competencies), len(keys.occasions)),
        ledger_position=highest_positions(columns),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Keys:
    """The chunk's competencies and occasions, with those of the rows that give way."""

    competencies: Sequence[str]
    occasions: Sequence[str]
    competency_index: Integers
    """Where each of the chunk's competencies went."""
    occasion_index: Integers
    """Where each of the chunk's occasions went."""
    learner_index: dict[LearnerKey, int]

    @classmethod
    def of(cls, columns: EvidenceColumns, replaced: Sequence[tuple[RegistryRow, int]]) -> "_Keys":
        competencies = {row.competency for row, _ in replaced if row.live}
        occasions = {row.occasion for row, _ in replaced if row.live}
        all_competencies, competency_index = _merged(columns.competencies, competencies)
        all_occasions, occasion_index = _merged(columns.occasions, occasions)
        return cls(
            competencies=all_competencies,
            occasions=all_occasions,
            competency_index=competency_index,
            occasion_index=occasion_index,
            learner_index=(
                {key: index for index, key in enumerate(columns.learners)} if replaced else {}
            ),
        )


def _merged(known: Sequence[str], more: set[str]) -> tuple[Sequence[str], Integers]:
    """Return the union, sorted, and where each of the known went."""
    missing = more.difference(known)
    if not missing:
        return known, np.arange(len(known), dtype=np.int64)
    union = sorted(missing.union(known))
    place = {name: index for index, name in enumerate(union)}
    return union, np.array([place[name] for name in known], dtype=np.int64)


def _winners(
    columns: EvidenceColumns, registered: Sequence[RegistryRow], left_out: Flags | None
) -> tuple[Integers, list[tuple[RegistryRow, int]]]:
    """Return the facts that stand, and the registered rows that give way with the fact's index."""
    keys: list[EvidenceKey] = list(zip(columns.learner.tolist(), columns.evidence_id, strict=True))
    if left_out is None:
        left_out = np.zeros(len(keys), dtype=np.bool_)
    if not registered and len(set(keys)) == len(keys):
        return np.flatnonzero(~left_out), []
    learner_index = {key: index for index, key in enumerate(columns.learners)}
    rows = [
        ((learner_index[row.district, row.learner], row.evidence_id), row) for row in registered
    ]
    standing = {
        key: _Standing(version=row.version, content_hash=row.content_hash, record=UNKNOWN)
        for key, row in rows
    }
    for record in np.flatnonzero(~left_out).tolist():
        key = keys[record]
        standing[key] = _higher(columns, standing.get(key), record)
    replaced = [(row, standing[key].record) for key, row in rows if standing[key].record != UNKNOWN]
    winners = sorted(one.record for one in standing.values() if one.record != UNKNOWN)
    return np.array(winners, dtype=np.int64), replaced


def _higher(columns: EvidenceColumns, stands: _Standing | None, record: int) -> _Standing:
    """Return what stands once the fact has been seen; an equal one changes nothing."""
    version, content_hash = columns.version[record], columns.content_hash[record]
    if stands is not None and (version, content_hash) <= (stands.version, stands.content_hash):
        return stands
    return _Standing(version=version, content_hash=content_hash, record=record)


def rows_of(columns: EvidenceColumns, weighing: Weighing | None = None) -> NewRows:
    """Return the registry's rows of every fact as if each stood, in the order of the columns.

    Competencies are indexes into those of the columns.
    """
    chosen = np.arange(len(columns.alignment_record), dtype=np.int64)
    return _read(columns, chosen, columns.alignment_competency, weighing)


def _new_rows(
    columns: EvidenceColumns, winners: Integers, keys: _Keys, weighing: Weighing | None
) -> NewRows:
    """Return the registry's new rows, in key order, with their contributions."""
    chosen = _rows_of(columns, winners)
    record = columns.alignment_record[chosen]
    ids = np.array(columns.evidence_id, dtype="S16")[record]
    ordinal = columns.alignment_ordinal[chosen]
    chosen = chosen[np.lexsort((ordinal, ids, columns.learner[record]))]
    competency = _reindexed(columns.alignment_competency[chosen], keys.competency_index)
    return _read(columns, chosen, competency, weighing)


def _read(
    columns: EvidenceColumns, chosen: Integers, competency: Integers, weighing: Weighing | None
) -> NewRows:
    """Return the rows of the chosen alignments, with what each contributes."""
    record, ordinal = columns.alignment_record[chosen], columns.alignment_ordinal[chosen]
    weight = columns.alignment_weight_milli[chosen]
    r, i = _contributions(columns, weighing)
    whole = (competency != UNKNOWN) & (ordinal == 0)
    return NewRows(
        record=record,
        ordinal=ordinal,
        competency=competency,
        weight_milli=weight,
        r=align(r[record], weight),
        i=align(i[record], weight),
        learner_r=np.where(whole, r[record], 0),
        learner_i=np.where(whole, i[record], 0),
    )


def _rows_of(columns: EvidenceColumns, winners: Integers) -> Integers:
    """Return the indexes of the alignments of the facts that stand."""
    if len(winners) == len(columns):
        return np.arange(len(columns.alignment_record), dtype=np.int64)
    stands = np.zeros(len(columns), dtype=np.bool_)
    stands[winners] = True
    return np.flatnonzero(stands[columns.alignment_record])


def _reindexed(index: Integers, places: Integers) -> Integers:
    """Return indexes into the joined keys; UNKNOWN stays."""
    if not len(places):
        return index
    return np.where(index == UNKNOWN, UNKNOWN, places[index])


def _contributions(
    columns: EvidenceColumns, weighing: Weighing | None
) -> tuple[Integers, Integers]:
    """Return (r, i) of each fact, whole; 0 where it does not count."""
    r, i = contribute(
        score=np.where(columns.counts, columns.score, 0),
        scale=columns.scale,
        kind=columns.kind,
        purpose=columns.purpose,
        dok=columns.dok,
        items_on_competency=columns.items_on_competency,
        d64=weighing.d64 if weighing else None,
        weight_milli=weighing.weight_milli if weighing else None,
    )
    return np.where(columns.counts, r, 0), np.where(columns.counts, i, 0)


def is_deep(score: Integers, dok: Integers) -> Integers:
    """Return 1 where work at Depth of Knowledge 3 or more reached level 3, else 0."""
    return ((dok >= DEEP_DOK) & (score >= SCORE_OF_LEVEL_3)).astype(np.int64)


def _added(columns: EvidenceColumns, rows: NewRows, keys: _Keys) -> _Parts:
    """Return the live ones of the new rows."""
    live = np.flatnonzero(rows.competency != UNKNOWN)
    record = rows.record[live]
    score = columns.score[record]
    return _Parts(
        sign=np.ones(len(live), dtype=np.int64),
        learner=columns.learner[record],
        competency=rows.competency[live],
        occasion=_reindexed(columns.occasion[record], keys.occasion_index),
        ordinal=rows.ordinal[live],
        offset=columns.offset[record],
        score=score,
        deep=is_deep(score, columns.dok[record]),
        untimed=(columns.timed[record] != 1).astype(np.int64),
        local_day=columns.local_day[record],
        occur_time_us=columns.occur_time_us[record],
        share=shares_of_test(columns.purpose[record], columns.items_on_competency[record]),
        r=rows.r[live],
        i=rows.i[live],
        learner_r=rows.learner_r[live],
        learner_i=rows.learner_i[live],
    )


def _removed(
    columns: EvidenceColumns, replaced: Sequence[tuple[RegistryRow, int]], keys: _Keys
) -> _Parts:
    """Return the live ones of the rows that give way, with the offset of what takes their place."""
    live = [(row, record) for row, record in replaced if row.live]
    competency = {name: index for index, name in enumerate(keys.competencies)}
    occasion = {name: index for index, name in enumerate(keys.occasions)}
    score = _column([row.score for row, _ in live])
    return _Parts(
        sign=np.full(len(live), -1, dtype=np.int64),
        learner=_column([keys.learner_index[row.district, row.learner] for row, _ in live]),
        competency=_column([competency[row.competency] for row, _ in live]),
        occasion=_column([occasion[row.occasion] for row, _ in live]),
        ordinal=_column([row.ordinal for row, _ in live]),
        offset=columns.offset[_column([record for _, record in live])],
        score=score,
        deep=is_deep(score, _column([row.dok for row, _ in live])),
        untimed=_column([row.timed is not True for row, _ in live]),
        local_day=_column([EARLIEST] * len(live)),
        occur_time_us=_column([EARLIEST] * len(live)),
        share=shares_of_test(
            _column([row.purpose for row, _ in live]),
            _column([row.items_on_competency for row, _ in live]),
        ),
        r=_column([row.r for row, _ in live]),
        i=_column([row.i for row, _ in live]),
        learner_r=_column([row.learner_r for row, _ in live]),
        learner_i=_column([row.learner_i for row, _ in live]),
    )


def _column(numbers: Sequence[int]) -> Integers:
    return np.array(numbers, dtype=np.int64)


def _joined(added: _Parts, removed: _Parts) -> _Parts:
    return _Parts(
        **{
            name: np.concatenate([getattr(added, name), getattr(removed, name)])
            for name in _Parts.__slots__
        }
    )


def _replaced_keys(
    columns: EvidenceColumns, replaced: Sequence[tuple[RegistryRow, int]], keys: _Keys
) -> list[EvidenceKey]:
    return sorted(
        {(keys.learner_index[row.district, row.learner], row.evidence_id) for row, _ in replaced}
    )


class _Groups:
    """Rows grouped by a key: the distinct keys in order, and sums and maxima by them."""

    def __init__(self, key: Integers) -> None:
        self.key, self._group = np.unique(key, return_inverse=True)

    def total(self, values: Integers) -> Integers:
        """Return exact sums by group; `np.bincount` would go through floats."""
        totals = np.zeros(len(self.key), dtype=np.int64)
        np.add.at(totals, self._group, values)
        return totals

    def largest(self, values: Integers) -> Integers:
        """Return the largest by group."""
        largest = np.full(len(self.key), EARLIEST, dtype=np.int64)
        np.maximum.at(largest, self._group, values)
        return largest


def _mastery_deltas(parts: _Parts, competencies: int) -> MasteryDeltas:
    groups = _Groups(parts.learner * competencies + parts.competency)
    outside = parts.sign * (parts.share == 0)
    return MasteryDeltas(
        learner=groups.key // max(competencies, 1),
        competency=groups.key % max(competencies, 1),
        evidence_count=groups.total(parts.sign),
        r_sum=groups.total(outside * parts.r),
        i_sum=groups.total(outside * parts.i),
        deep_count=groups.total(parts.sign * parts.deep),
        untimed_count=groups.total(parts.sign * parts.untimed),
        version=groups.largest(parts.offset),
    )


def _learner_deltas(parts: _Parts) -> LearnerDeltas:
    groups = _Groups(parts.learner)
    outside = parts.sign * (parts.share == 0)
    return LearnerDeltas(
        learner=groups.key,
        evidence_count=groups.total(parts.sign * (parts.ordinal == 0)),
        r_sum=groups.total(outside * parts.learner_r),
        i_sum=groups.total(outside * parts.learner_i),
        version=groups.largest(parts.offset),
    )


def _occasion_deltas(parts: _Parts, competencies: int, occasions: int) -> OccasionDeltas:
    groups = _Groups((parts.learner * competencies + parts.competency) * occasions + parts.occasion)
    mastery = groups.key // max(occasions, 1)
    return OccasionDeltas(
        learner=mastery // max(competencies, 1),
        competency=mastery % max(competencies, 1),
        occasion=groups.key % max(occasions, 1),
        score_sum=groups.total(parts.sign * parts.score),
        score_count=groups.total(parts.sign),
        local_day=groups.largest(parts.local_day),
        newest_time_us=groups.largest(parts.occur_time_us),
        recount=groups.total((parts.sign < 0).astype(np.int64)) > 0,
        tests=_test_deltas(parts, groups),
    )


def _test_deltas(parts: _Parts, groups: _Groups) -> TestDeltas:
    """Return what is added to external tests, for each occasion."""
    test = parts.sign * (parts.share > 0)
    whole = test * (parts.ordinal == 0)
    return TestDeltas(
        is_test=groups.largest((parts.share > 0).astype(np.int64)) > 0,
        share_sum=groups.total(test * parts.share),
        r_sum=groups.total(test * parts.r),
        i_sum=groups.total(test * parts.i),
        deep_count=groups.total(test * parts.deep),
        untimed_count=groups.total(test * parts.untimed),
        learner_share_sum=groups.total(whole * parts.share),
        learner_r_sum=groups.total(whole * parts.learner_r),
        learner_i_sum=groups.total(whole * parts.learner_i),
    )


def highest_positions(columns: EvidenceColumns) -> dict[str, int]:
    """Return the highest ledger position of the facts, by district."""
    groups = _Groups(columns.learner)
    highest: dict[str, int] = {}
    positions = groups.largest(columns.ledger_position).tolist()
    for learner, position in zip(groups.key.tolist(), positions, strict=True):
        district = columns.learners[learner][0]
        highest[district] = max(position, highest.get(district, position))
    return highest
