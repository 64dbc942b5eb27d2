"""Reads facts from the state in memory: the twin of `adapters.postgres.fact_store`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from itertools import groupby

from services.mastery.adapters.memory.published_statuses import keep_statuses, tell_of_flips
from services.mastery.adapters.memory.records import record_of, reference_of, window_of
from services.mastery.adapters.memory.state import (
    MemoryState,
    Publication,
    Sums,
    folded_epochs,
    live_rows,
    seals_of,
    watermarks_of,
)
from services.mastery.domain.epochs import in_force_order
from services.mastery.domain.freshness import PartitionWatermark
from services.mastery.domain.policies import DEFAULT_VERSION, in_force
from services.mastery.domain.policy_document import Document
from services.mastery.domain.published_status import PublishedStatus
from services.mastery.domain.registry import RegistryRow
from services.mastery.domain.retention import newest_horizon
from services.mastery.domain.state_hash import (
    BASE_SUMS,
    BaseRow,
    CompetencyRow,
    EpochRow,
    LearnerRow,
    OccasionRow,
    Row,
    SealedRow,
    SealRow,
)
from services.mastery.ports.facts import LearnerRecord
from services.mastery.ports.publishing import DuePolicy, KeptStatus, Mark, MarkedKey, MarkedStep
from services.mastery.ports.states import Standing


class MemoryFacts:
    """Opens snapshots of the state in memory, and settles its marks."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    @asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[MemoryFactStore]:
        """Open a snapshot; nothing else runs while it is read."""
        yield MemoryFactStore(self._state)

    @asynccontextmanager
    async def reading(self, district: str) -> AsyncIterator[MemoryStateReader]:
        """Open a reader of the whole state."""
        yield MemoryStateReader(self._state)

    async def take(self, *, after: MarkedKey | None, limit: int) -> Sequence[Mark]:
        """Return marks in key order after one, at most `limit`."""
        marks = [
            Mark(
                key=MarkedKey(district=district, learner=learner, competency=competency),
                token=token,
            )
            for (district, learner, competency), token in sorted(self._state.marks.items())
        ]
        return [mark for mark in marks if after is None or mark.key > after][:limit]

    async def keep(self, looks: Sequence[KeptStatus]) -> Set[MarkedKey]:
        """Keep statuses, with the flips that brought them, and return whose were kept."""
        return keep_statuses(self._state, looks)

    async def settle(self, marks: Sequence[Mark], told: Sequence[KeptStatus] = ()) -> None:
        """Delete the marks that are still what was taken, and note which flips were told of."""
        tell_of_flips(self._state, told)
        for mark in marks:
            key = (mark.key.district, mark.key.learner, mark.key.competency)
            if self._state.marks.get(key) == mark.token:
                del self._state.marks[key]


class MemoryWatermarks:
    """Reads watermarks by themselves."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def read(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""
        return watermarks_of(self._state)


class MemoryPublications:
    """How far districts are marked, in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def due(self, *, at_us: int, limit: int) -> Sequence[DuePolicy]:
        """Return what is to be marked under the policies in force at a time, by district."""
        due = []
        for district, versions in sorted(self._state.policies.items()):
            chosen = in_force(versions, at_us=at_us)
            noted = self._state.publications.get(district, Publication(version=0))
            if chosen and (noted.version, noted.complete) < (chosen.version, True):
                due.append(DuePolicy(district=district, version=chosen.version))
        return due[:limit]

    async def mark(self, due: DuePolicy, *, limit: int) -> MarkedStep:
        """Mark the next keys of the district, at most `limit`, and note how far that is."""
        noted = self._state.publications.get(due.district, Publication(version=0))
        if noted.version > due.version:
            return MarkedStep(marked=0, complete=True)
        after = noted.after if noted.version == due.version else ("", "")
        keys = sorted(
            key
            for key in self._state.masteries
            if key[0] == due.district and (key[1], key[2]) > after
        )[:limit]
        self._state.chunks += 1
        self._state.marks.update(dict.fromkeys(keys, self._state.chunks))
        self._state.publications[due.district] = Publication(
            version=due.version,
            after=(keys[-1][1], keys[-1][2]) if keys else after,
            complete=len(keys) < limit,
        )
        return MarkedStep(marked=len(keys), complete=len(keys) < limit)

    async def latest_effective_us(self) -> int:
        """Return when the last of all noted versions took effect; 0 where none is noted."""
        return max(
            (
                self._state.policies[district][noted.version - 1].effective_us
                for district, noted in self._state.publications.items()
            ),
            default=0,
        )


class MemoryFactStore:
    """The facts of the state as it is now."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def learners(
        self, district: str, learners: Sequence[str], *, as_of_us: int
    ) -> Mapping[str, LearnerRecord]:
        """Return what is known of learners, all competencies with live evidence by then."""
        return {
            learner: record_of(self._state, district, learner, None, as_of_us)
            for learner in learners
            if (district, learner) in self._state.learners
        }

    async def keys(
        self, district: str, keys: Sequence[tuple[str, str]], *, as_of_us: int
    ) -> Mapping[str, LearnerRecord]:
        """Return the same for some (learner, competency) alone, also without live evidence."""
        wanted = {
            learner: {competency for _, competency in some}
            for learner, some in groupby(sorted(keys), key=lambda key: key[0])
        }
        return {
            learner: record_of(self._state, district, learner, competencies, as_of_us)
            for learner, competencies in wanted.items()
            if (district, learner) in self._state.learners
        }

    async def references(
        self, district: str, competencies: Sequence[str], *, as_of_us: int
    ) -> Mapping[str, int]:
        """Return the difficulty of a typical task of each, by the epoch in force at the time."""
        return {one: reference_of(self._state, district, one, as_of_us) for one in competencies}

    async def competencies_after(
        self, district: str, learner: str, *, after: str, limit: int
    ) -> Sequence[str]:
        """Return competencies with live evidence in key order, after one, at most `limit`."""
        found = [
            competency
            for (of_district, of_learner, competency), sums in self._state.masteries.items()
            if (of_district, of_learner) == (district, learner) and sums.evidence_count
        ]
        return sorted(competency for competency in found if competency > after)[:limit]

    async def published(
        self, district: str, keys: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], PublishedStatus]:
        """Return the published statuses of (learner, competency), of those that have one."""
        found = {key: self._state.published.get((district, *key)) for key in keys}
        return {key: status for key, status in found.items() if status}

    async def policy_version(self, district: str, *, at_us: int) -> int:
        """Return the version in force at a time, 0 for the default policy."""
        found = in_force(self._state.policies.get(district, ()), at_us=at_us)
        return found.version if found else DEFAULT_VERSION

    async def policy_document(self, district: str, version: int) -> Document:
        """Return the document of a version that there is."""
        return self._state.policies[district][version - 1].document

    async def horizon(self, district: str) -> int | None:
        """Return from which time on evidence is kept piece by piece; None: from the beginning."""
        return newest_horizon(seals_of(self._state, district))

    async def watermarks(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""
        return watermarks_of(self._state)


class MemoryStateReader:
    """Reads all of a district's state."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def standing(self, district: str) -> Standing:
        """Return the counts and the highest ledger position seen."""
        return Standing(
            evidence_count=sum(
                sums.evidence_count
                for key, sums in self._state.learners.items()
                if key[0] == district
            ),
            alignment_count=sum(
                sums.evidence_count
                for key, sums in self._state.masteries.items()
                if key[0] == district
            ),
            ledger_position=self._state.positions.get(district, 0),
        )

    async def watermarks(self) -> Sequence[PartitionWatermark]:
        """Return the watermark of each partition that has one."""
        return watermarks_of(self._state)

    async def rows(self, district: str) -> AsyncIterator[Row]:
        """Return the rows of the state hash, each kind in key order."""
        for (of_district, learner), sums in sorted(self._state.learners.items()):
            if of_district == district and sums.evidence_count:
                yield _learner_row(learner, sums, live_rows(self._state, (district, learner)))
        for (of_district, learner, competency), sums in sorted(self._state.masteries.items()):
            if of_district == district and sums.evidence_count:
                yield CompetencyRow(
                    learner=learner,
                    competency=competency,
                    r_sum=sums.r_sum,
                    i_sum=sums.i_sum,
                    evidence_count=sums.evidence_count,
                    deep_count=sums.deep_count,
                    untimed_count=sums.untimed_count,
                )
        for occasion in _occasion_rows(self._state, district):
            yield occasion
        for epoch in in_force_order(folded_epochs(self._state, district)):
            yield EpochRow(effective_time_us=epoch.effective_us, digest=epoch.digest)
        for row in _sealed_rows(self._state, district):
            yield row


def _occasion_rows(state: MemoryState, district: str) -> Iterator[OccasionRow]:
    for (of_district, learner, competency, key), pooled in sorted(state.occasions.items()):
        if of_district == district:
            yield OccasionRow(
                learner=learner,
                competency=competency,
                key=key,
                local_day=pooled.local_day,
                newest_time_us=pooled.newest_time_us,
                score_sum=pooled.score_sum,
                score_count=pooled.score_count,
                test_sums=pooled.tests,
            )


def _sealed_rows(state: MemoryState, district: str) -> Iterator[Row]:
    """Return the seals, the base rows and the pieces that they stand for, each in key order."""
    for seal in seals_of(state, district):
        yield SealRow(seal=seal)
    for key, base in sorted(state.base.items(), key=lambda item: item[0]):
        if key[0] == district:
            sums = tuple(getattr(base, name) or 0 for name in BASE_SUMS)
            yield BaseRow(learner=key[1], competency=key[2], key=key[3], sums=sums)
    for (of_district, learner), pieces in sorted(state.sealed.items(), key=lambda item: item[0]):
        buckets: dict[int, list[tuple[bytes, int, bytes]]] = {}
        for one in pieces.values() if of_district == district else ():
            piece = (one.evidence_id, one.version, one.content_hash)
            buckets.setdefault(one.evidence_id[-1], []).append(piece)
        for bucket, some in sorted(buckets.items()):
            yield SealedRow(learner=learner, bucket=bucket, pieces=some)


def _learner_row(learner: str, sums: Sums, rows: Sequence[RegistryRow]) -> LearnerRow:
    return LearnerRow(
        learner=learner,
        r_sum=sums.r_sum,
        i_sum=sums.i_sum,
        evidence_count=sums.evidence_count,
        window=window_of([row for row in rows if row.ordinal == 0], whole=True),
    )
