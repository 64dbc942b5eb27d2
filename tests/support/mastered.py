"""Records through mastery's fold to the needs that a plan reads, without a process between them."""

from datetime import date, timedelta

from trellis.evidence.v1 import evidence_pb2

from services.mastery.adapters.memory.facts import MemoryFacts
from services.mastery.adapters.memory.state import MemoryFoldStore, MemoryState
from services.mastery.adapters.wire.evidence import decode_chunks
from services.mastery.handlers.fold import apply_evidence
from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.readings import get_masteries, hash_state, stream_needs
from services.scheduler.domain.model import Decision
from services.scheduler.domain.model import Need as PlannedNeed
from tests.support.mastery_events import (
    DAY_SECONDS,
    DISTRICT,
    START_SECONDS,
    chunk_of,
    recorded,
)
from tests.support.schools import AS_OF

EPOCH = date(1970, 1, 1)
AS_OF_SECONDS = round(AS_OF.timestamp())


def days_before(days: int) -> int:
    """Return when somebody did something, some days before the as-of time, as `recorded` says."""
    return AS_OF_SECONDS - days * DAY_SECONDS - START_SECONDS


def a_work(level, *, learner="lea", competency="fractions", number=0, days=1, version=1):
    """Return a performance task that was scored at a level, so many days before the as-of time."""
    return recorded(
        f"{learner}-{competency}-{number}",
        version=version,
        learner=learner,
        competencies=(competency,),
        score=(level - 1) * 10_000,
        scale=evidence_pb2.SCORE_SCALE_RUBRIC,
        kind=evidence_pb2.KIND_PERFORMANCE_TASK,
        seconds=days_before(days),
        position=number + 1,
    )


def works(*levels, newest_days=1, **whose):
    """Return a work a day at these levels, oldest first."""
    last = len(levels) - 1
    return [
        a_work(level, number=place, days=newest_days + last - place, **whose)
        for place, level in enumerate(levels)
    ]


class Mastered:
    """The state of mastery after some records, and what others are told of it."""

    def __init__(self):
        self._state = MemoryState()
        self._offset = 0

    async def fold(self, events, *, size=1_000):
        """Fold records as they come, in chunks; return this."""
        for start in range(0, len(events), size):
            run = events[start : start + size]
            decoded = decode_chunks([chunk_of(run, first_offset=self._offset)])
            assert not decoded.parked
            await apply_evidence(MemoryFoldStore(self._state), decoded.columns)
            self._offset += len(run)
        return self

    async def hash(self):
        """Return the hash of the state."""
        return (await hash_state(DISTRICT, states=MemoryFacts(self._state))).state_hash

    async def reading(self, learner="lea", competency="fractions"):
        """Return the mastery of a learner, as of the as-of time."""
        facts, policies = MemoryFacts(self._state), PolicyCache()
        as_of_us = AS_OF_SECONDS * 1_000_000
        key = (learner, competency)
        found = await get_masteries(
            DISTRICT, [key], as_of_us=as_of_us, facts=facts, policies=policies
        )
        return found.masteries[0].mastery

    async def needs(self, *learners):
        """Return the needs of learners, as a plan reads them."""
        parts = stream_needs(
            DISTRICT,
            learners,
            as_of_us=AS_OF_SECONDS * 1_000_000,
            facts=MemoryFacts(self._state),
            policies=PolicyCache(),
        )
        told = [one async for part in parts for one in part.learners]
        return tuple(_planned(one.learner, need) for one in told for need in one.needs)


def _planned(learner, need):
    summary = need.summary
    return PlannedNeed(
        learner_id=learner,
        competency_id=need.competency,
        decision=Decision[need.decision.name],
        level_milli=need.current_level_milli,
        at_least_eight_tenths_micro=need.micro.p_eight,
        needs_reteach=need.needs_reteach,
        evidence_count=summary.evidence_count,
        day_count=summary.day_count,
        newest_day=EPOCH + timedelta(days=summary.newest_local_day),
        evidence=tuple(one.hex() for one in summary.evidence),
    )
