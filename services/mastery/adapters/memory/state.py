"""The state in memory. It takes the fold's changes exactly as the tables do; nothing is shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.mastery.domain.epochs import (
    Difficulties,
    Epoch,
    ItemKey,
    PublishedEpoch,
    ReferenceKey,
    Wanted,
)
from services.mastery.domain.freshness import PartitionWatermark, Watermark, later
from services.mastery.domain.policies import PolicyVersion
from services.mastery.domain.published_status import PublishedStatus
from services.mastery.domain.registry import (
    TEST_SUMS,
    UNKNOWN,
    Changes,
    EvidenceColumns,
    NewRows,
    RegistryRow,
    TestDeltas,
)
from services.mastery.domain.retention import Seal, SealedPiece
from services.mastery.ports.published_statuses import AuditedFlip

MasteryKey = tuple[str, str, str]
"""District, learner, competency."""

OccasionKey = tuple[str, str, str, str]
"""District, learner, competency, occasion."""

LearnerKey = tuple[str, str]
"""District, learner."""


@dataclass(kw_only=True, slots=True)
class Sums:
    """Exact sums of a learner, or of a learner and competency."""

    evidence_count: int = 0
    r_sum: int = 0
    i_sum: int = 0
    deep_count: int = 0
    untimed_count: int = 0
    version: int = -1


@dataclass(kw_only=True, slots=True)
class Pooled:
    """An occasion."""

    score_sum: int
    score_count: int
    local_day: int
    newest_time_us: int
    tests: tuple[int, ...] = ()
    """What it holds beyond its scores where it is an external test, as `TEST_SUMS`."""


@dataclass(kw_only=True, slots=True)
class BaseRow:
    """Exact sums of the pieces of an occasion that a seal has taken from the registry."""

    score_sum: int = 0
    score_count: int = 0
    local_day: int = 0
    newest_time_us: int = 0
    r_sum: int = 0
    i_sum: int = 0
    deep_count: int = 0
    untimed_count: int = 0
    share_sum: int | None = None
    learner_count: int = 0
    learner_r_sum: int = 0
    learner_i_sum: int = 0
    learner_share_sum: int | None = None


@dataclass(kw_only=True, slots=True)
class KeptSeal:
    """A seal of the state."""

    seal: Seal
    pruned: bool = False
    lifted: bool = False


@dataclass(kw_only=True, slots=True)
class Publication:
    """How far a district's masteries are marked under a version of its policy."""

    version: int
    after: tuple[str, str] = ("", "")
    complete: bool = False


@dataclass(kw_only=True)
class MemoryState:
    """The tables of the state, the marks, and what districts have chosen."""

    registry: dict[LearnerKey, dict[bytes, list[RegistryRow]]] = field(default_factory=dict)
    learners: dict[LearnerKey, Sums] = field(default_factory=dict)
    masteries: dict[MasteryKey, Sums] = field(default_factory=dict)
    occasions: dict[OccasionKey, Pooled] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    marks: dict[MasteryKey, int] = field(default_factory=dict)
    policies: dict[str, list[PolicyVersion]] = field(default_factory=dict)
    publications: dict[str, Publication] = field(default_factory=dict)
    published: dict[MasteryKey, PublishedStatus] = field(default_factory=dict)
    flips: list[tuple[str, AuditedFlip]] = field(default_factory=list)
    """With the district of each, in the order in which they were made."""
    flips_made: int = 0
    watermarks: dict[int, Watermark] = field(default_factory=dict)
    epochs: dict[str, list[PublishedEpoch]] = field(default_factory=dict)
    items: dict[ItemKey, int] = field(default_factory=dict)
    references: dict[ReferenceKey, int] = field(default_factory=dict)
    seals: dict[str, list[KeptSeal]] = field(default_factory=dict)
    base: dict[OccasionKey, BaseRow] = field(default_factory=dict)
    sealed: dict[LearnerKey, dict[bytes, SealedPiece]] = field(default_factory=dict)
    chunks: int = 0
    """Chunks written: a mark's token, as a transaction id is in PostgreSQL."""


class MemoryFoldStore:
    """A chunk's transaction on the state in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def pass_watermark(self, partition: int, watermark: Watermark) -> None:
        """Keep what it says together with the one that is there."""
        self._state.watermarks[partition] = later(self._state.watermarks.get(partition), watermark)

    async def registered(self, columns: EvidenceColumns) -> Sequence[RegistryRow]:
        """Return the registry's rows of every (learner, evidence) of the chunk."""
        return [
            row
            for learner, evidence_id in columns.observations()
            for row in self._state.registry.get(learner, {}).get(evidence_id, ())
        ]

    async def epochs(self, districts: Sequence[str]) -> Mapping[str, Sequence[Epoch]]:
        """Return the epochs of the districts that have any."""
        found = {district: folded_epochs(self._state, district) for district in districts}
        return {district: epochs for district, epochs in found.items() if epochs}

    async def seals(self, districts: Sequence[str]) -> Mapping[str, Sequence[Seal]]:
        """Return the seals of the districts that have any."""
        found = {district: seals_of(self._state, district) for district in districts}
        return {district: seals for district, seals in found.items() if seals}

    async def sealed(self, columns: EvidenceColumns) -> Sequence[SealedPiece]:
        """Return which pieces of the chunk have gone from the registry behind a seal."""
        found = (
            self._state.sealed.get(learner, {}).get(evidence_id)
            for learner, evidence_id in columns.observations()
        )
        return [piece for piece in found if piece is not None]

    async def difficulties(self, wanted: Wanted) -> Difficulties:
        """Return the difficulties of the keys that have one."""
        items, references = self._state.items, self._state.references
        return Difficulties(
            items={key: items[key] for key in wanted.items if key in items},
            references={key: references[key] for key in wanted.references if key in references},
        )

    async def write(self, columns: EvidenceColumns, changes: Changes) -> None:
        """Apply the changes and mark the changed keys."""
        state = self._state
        state.chunks += 1
        for learner, evidence_id in changes.replaced:
            del state.registry[changes.learners[learner]][evidence_id]
        for row in new_rows(columns, changes):
            pieces = state.registry.setdefault((row.district, row.learner), {})
            pieces.setdefault(row.evidence_id, []).append(row)
        self._masteries(changes)
        self._learners(changes)
        self._occasions(changes)
        for district, position in changes.ledger_position.items():
            state.positions[district] = max(position, state.positions.get(district, position))

    def _masteries(self, changes: Changes) -> None:
        deltas = changes.masteries
        for place, (learner, competency) in enumerate(
            zip(deltas.learner.tolist(), deltas.competency.tolist(), strict=True)
        ):
            key = (*changes.learners[learner], changes.competencies[competency])
            sums = self._state.masteries.setdefault(key, Sums())
            sums.evidence_count += int(deltas.evidence_count[place])
            sums.r_sum += int(deltas.r_sum[place])
            sums.i_sum += int(deltas.i_sum[place])
            sums.deep_count += int(deltas.deep_count[place])
            sums.untimed_count += int(deltas.untimed_count[place])
            sums.version = max(sums.version + 1, int(deltas.version[place]))
            self._state.marks[key] = self._state.chunks

    def _learners(self, changes: Changes) -> None:
        deltas = changes.learner_sums
        for place, learner in enumerate(deltas.learner.tolist()):
            sums = self._state.learners.setdefault(changes.learners[learner], Sums())
            sums.evidence_count += int(deltas.evidence_count[place])
            sums.r_sum += int(deltas.r_sum[place])
            sums.i_sum += int(deltas.i_sum[place])
            sums.version = max(sums.version + 1, int(deltas.version[place]))

    def _occasions(self, changes: Changes) -> None:
        sums = changes.occasion_sums
        for place, learner in enumerate(sums.learner.tolist()):
            key = (
                *changes.learners[learner],
                changes.competencies[int(sums.competency[place])],
                changes.occasions[int(sums.occasion[place])],
            )
            pooled = self._state.occasions.get(key)
            day, time_us = int(sums.local_day[place]), int(sums.newest_time_us[place])
            self._state.occasions[key] = Pooled(
                score_sum=int(sums.score_sum[place]) + (pooled.score_sum if pooled else 0),
                score_count=int(sums.score_count[place]) + (pooled.score_count if pooled else 0),
                local_day=max(day, pooled.local_day) if pooled else day,
                newest_time_us=max(time_us, pooled.newest_time_us) if pooled else time_us,
                tests=_added(pooled.tests if pooled else (), sums.tests, place),
            )
            if sums.recount[place]:
                self._recount(key)

    def _recount(self, key: OccasionKey) -> None:
        district, learner, competency, occasion = key
        if not self._state.occasions[key].score_count:
            del self._state.occasions[key]
            return
        rows = [
            row
            for row in live_rows(self._state, (district, learner))
            if row.competency == competency and row.occasion == occasion
        ]
        days, times = ([row.local_day for row in rows], [row.occur_time_us for row in rows])
        base = self._state.base.get(key)
        if base is not None:
            days.append(base.local_day)
            times.append(base.newest_time_us)
        self._state.occasions[key].local_day = max(days)
        self._state.occasions[key].newest_time_us = max(times)


def _added(sums: tuple[int, ...], deltas: TestDeltas, place: int) -> tuple[int, ...]:
    """Return the sums of an external test with what is added; empty where it is none."""
    if not deltas.is_test[place]:
        return sums
    more = [int(getattr(deltas, name)[place]) for name in TEST_SUMS]
    return tuple(old + new for old, new in zip(sums or (0,) * len(more), more, strict=True))


def watermarks_of(state: MemoryState) -> list[PartitionWatermark]:
    """Return the watermark of each partition that has one."""
    return [
        PartitionWatermark(
            partition=partition, position=one.position, partition_count=one.partition_count
        )
        for partition, one in sorted(state.watermarks.items())
    ]


def folded_epochs(state: MemoryState, district: str) -> list[Epoch]:
    """Return the epochs of a district that the state is folded with."""
    return [one.epoch for one in state.epochs.get(district, ()) if one.is_folded]


def seals_of(state: MemoryState, district: str) -> list[Seal]:
    """Return the seals of a district, the oldest first."""
    return [one.seal for one in state.seals.get(district, ())]


def live_rows(state: MemoryState, learner: LearnerKey) -> list[RegistryRow]:
    """Return a learner's live rows, newest first."""
    rows = [
        row for pieces in state.registry.get(learner, {}).values() for row in pieces if row.live
    ]
    return sorted(rows, key=lambda row: (row.occur_time_us, row.evidence_id), reverse=True)


def new_rows(columns: EvidenceColumns, changes: Changes) -> list[RegistryRow]:
    """Return the rows that go into the registry, one by one."""
    rows = changes.rows
    return [
        _new_row(columns, changes, rows, place)
        if competency != UNKNOWN
        else _dead_row(columns, record)
        for place, (record, competency) in enumerate(
            zip(rows.record.tolist(), rows.competency.tolist(), strict=True)
        )
    ]


def _dead_row(columns: EvidenceColumns, record: int) -> RegistryRow:
    district, learner = columns.learners[int(columns.learner[record])]
    return RegistryRow(
        district=district,
        learner=learner,
        evidence_id=columns.evidence_id[record],
        ordinal=0,
        version=columns.version[record],
        content_hash=columns.content_hash[record],
        live=False,
        ledger_position=int(columns.ledger_position[record]),
    )


def _new_row(columns: EvidenceColumns, changes: Changes, rows: NewRows, place: int) -> RegistryRow:
    record = int(rows.record[place])
    district, learner = columns.learners[int(columns.learner[record])]
    timed = int(columns.timed[record])
    return RegistryRow(
        district=district,
        learner=learner,
        evidence_id=columns.evidence_id[record],
        ordinal=int(rows.ordinal[place]),
        version=columns.version[record],
        content_hash=columns.content_hash[record],
        live=True,
        ledger_position=int(columns.ledger_position[record]),
        occur_time_us=int(columns.occur_time_us[record]),
        local_day=int(columns.local_day[record]),
        competency=changes.competencies[int(rows.competency[place])],
        occasion=columns.occasions[int(columns.occasion[record])],
        weight_milli=int(rows.weight_milli[place]),
        score=int(columns.score[record]),
        scale=int(columns.scale[record]),
        kind=int(columns.kind[record]),
        purpose=int(columns.purpose[record]),
        dok=int(columns.dok[record]),
        timed=None if timed == UNKNOWN else bool(timed),
        item_key=columns.item_key[record],
        items_on_competency=int(columns.items_on_competency[record]),
        r=int(rows.r[place]),
        i=int(rows.i[place]),
        learner_r=int(rows.learner_r[place]),
        learner_i=int(rows.learner_i[place]),
    )
