"""Facts of one learner from the state in memory, now or as of a time, for `facts.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.mastery.adapters.memory.retention import add_to_base
from services.mastery.adapters.memory.state import (
    BaseRow,
    MemoryState,
    Sums,
    folded_epochs,
    live_rows,
)
from services.mastery.domain.epochs import ReferenceKey, epoch_at
from services.mastery.domain.model import (
    WINDOW_SIZE,
    CompetencyFacts,
    ExternalTest,
    LearnerFacts,
    Occasion,
    Piece,
    Purpose,
)
from services.mastery.domain.registry import RegistryRow
from services.mastery.ports.facts import LearnerRecord

Pools = Mapping[tuple[str, str], BaseRow]
"""The sums of a learner's occasions, by competency and key of the occasion."""


def record_of(
    state: MemoryState, district: str, learner: str, wanted: set[str] | None, as_of_us: int
) -> LearnerRecord:
    """Return a learner's facts; `wanted` None means all competencies with live evidence by then."""
    rows = live_rows(state, (district, learner))
    by_then = [row for row in rows if row.occur_time_us <= as_of_us]
    is_now = len(by_then) == len(rows)
    pools = _pools(state, (district, learner), by_then)
    known = [
        key[2]
        for key in state.masteries
        if key[:2] == (district, learner) and (wanted is None or key[2] in wanted)
    ]
    facts = {
        competency: _competency_facts(
            state,
            (district, learner, competency),
            [row for row in by_then if row.competency == competency],
            pools,
            now=is_now,
            reference_d64=reference_of(state, district, competency, as_of_us),
        )
        for competency in known
    }
    sums = state.learners[district, learner] if is_now else _learner_sums(pools)
    return LearnerRecord(
        learner=LearnerFacts(
            r_sum=sums.r_sum,
            i_sum=sums.i_sum,
            evidence_count=sums.evidence_count,
            window=window_of([row for row in by_then if row.ordinal == 0], whole=True),
            tests=_tests(pools, whole=True)[:WINDOW_SIZE],
        ),
        competencies={
            competency: one
            for competency, one in facts.items()
            if wanted is not None or one.evidence_count
        },
    )


def _pools(state: MemoryState, learner: tuple[str, str], rows: Iterable[RegistryRow]) -> Pools:
    """Return what rows and base rows add up to."""
    pools = {key[2:]: base for key, base in state.base.items() if key[:2] == learner}
    for row in rows:
        key = (row.competency, row.occasion)
        pools[key] = add_to_base(pools.get(key), [row])
    return pools


def _learner_sums(pools: Pools) -> Sums:
    outside = [pool for pool in pools.values() if pool.share_sum is None]
    return Sums(
        evidence_count=sum(pool.learner_count for pool in pools.values()),
        r_sum=sum(pool.learner_r_sum for pool in outside),
        i_sum=sum(pool.learner_i_sum for pool in outside),
    )


def _competency_sums(pools: Pools, version: int) -> Sums:
    outside = [pool for pool in pools.values() if pool.share_sum is None]
    return Sums(
        evidence_count=sum(pool.score_count for pool in pools.values()),
        r_sum=sum(pool.r_sum for pool in outside),
        i_sum=sum(pool.i_sum for pool in outside),
        deep_count=sum(pool.deep_count for pool in pools.values()),
        untimed_count=sum(pool.untimed_count for pool in pools.values()),
        version=version,
    )


def _competency_facts(
    state: MemoryState,
    key: tuple[str, str, str],
    rows: Sequence[RegistryRow],
    pools: Pools,
    *,
    now: bool,
    reference_d64: int,
) -> CompetencyFacts:
    own = {place: pool for place, pool in pools.items() if place[0] == key[2]}
    sums = state.masteries[key]
    if not now:
        sums = _competency_sums(own, sums.version)
    return CompetencyFacts(
        r_sum=sums.r_sum,
        i_sum=sums.i_sum,
        evidence_count=sums.evidence_count,
        deep_count=sums.deep_count,
        untimed_count=sums.untimed_count,
        window=window_of(rows, whole=False),
        tests=_tests(own, whole=False),
        occasions=_occasions_now(state, key) if now else _occasions_of(own),
        version=sums.version,
        competency=key[2],
        reference_d64=reference_d64,
    )


def reference_of(state: MemoryState, district: str, competency: str, as_of_us: int) -> int:
    """Return the difficulty of a typical task by the epoch in force; 0 where there is none."""
    epoch = epoch_at(folded_epochs(state, district), at_us=as_of_us)
    if epoch is None:
        return 0
    key = ReferenceKey(district, epoch.difficulties_of, competency)
    return state.references.get(key, epoch.reference_d64)


def _occasions_now(state: MemoryState, key: tuple[str, str, str]) -> tuple[Occasion, ...]:
    return tuple(
        Occasion(
            key=occasion_key[3],
            local_day=pooled.local_day,
            newest_time_us=pooled.newest_time_us,
            score_sum=pooled.score_sum,
            score_count=pooled.score_count,
        )
        for occasion_key, pooled in sorted(state.occasions.items())
        if occasion_key[:3] == key
    )


def _occasions_of(pools: Pools) -> tuple[Occasion, ...]:
    """Return the occasions of one competency, in key order."""
    return tuple(
        Occasion(
            key=key,
            local_day=pool.local_day,
            newest_time_us=pool.newest_time_us,
            score_sum=pool.score_sum,
            score_count=pool.score_count,
        )
        for (_, key), pool in sorted(pools.items(), key=lambda item: item[0])
    )


def window_of(rows: Sequence[RegistryRow], *, whole: bool) -> tuple[Piece, ...]:
    """Return the newest pieces outside tests of rows that come newest first."""
    outside = [row for row in rows if row.purpose != Purpose.EXTERNAL_SUMMATIVE]
    return tuple(
        Piece(
            occur_time_us=row.occur_time_us,
            evidence_id=row.evidence_id,
            r=row.learner_r if whole else row.r,
            i=row.learner_i if whole else row.i,
            score=row.score,
            item_key=row.item_key,
            dok=row.dok,
            purpose=row.purpose,
            kind=row.kind,
            timed=row.timed,
            local_day=row.local_day,
        )
        for row in outside[:WINDOW_SIZE]
    )


def _tests(pools: Pools, *, whole: bool) -> tuple[ExternalTest, ...]:
    """Return the external tests, newest first; a learner's (`whole`) by first competencies."""
    tests = [
        ExternalTest(
            newest_time_us=pool.newest_time_us,
            key=key,
            competency=competency,
            local_day=pool.local_day,
            piece_count=pool.score_count,
            share_sum=(pool.learner_share_sum if whole else pool.share_sum) or 0,
            r_sum=pool.learner_r_sum if whole else pool.r_sum,
            i_sum=pool.learner_i_sum if whole else pool.i_sum,
            deep_count=0 if whole else pool.deep_count,
            untimed_count=0 if whole else pool.untimed_count,
        )
        for (competency, key), pool in pools.items()
        if pool.share_sum is not None
    ]
    return tuple(sorted((test for test in tests if test.share_sum), reverse=True))
