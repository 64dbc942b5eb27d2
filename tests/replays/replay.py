"""One history, folded in the order of the ledger and again in another: what is not the same.

The other order is a shuffle with repeats, cut into chunks of random sizes, with the partition going
from worker to worker and zombies coming back.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from services.mastery.handlers.policies import PolicyCache
from services.mastery.handlers.readings import get_masteries
from tests.replays.history import COMPETENCIES, LEARNERS, TERM_DAYS, a_history
from tests.support import mastery_agreement as agreement
from tests.support.mastery_agreement import DisagreementError
from tests.support.mastery_events import DAY_SECONDS, DISTRICT, START_SECONDS
from tests.support.mastery_systems.in_memory import MemorySystem

REPEATED_SHARE = 0.3
"""Facts that come again, beside those that come once."""
CHUNKS_MOST = (1, 7, 60, 200)
"""The most records of a chunk, drawn for each replay."""
CALM_CHUNK = 50
READINGS = 4
"""Masteries that are held against the second implementation, of the 16 of each replay."""


@dataclass(kw_only=True)
class Outcome:
    """What one replay, or several, came to; `problems` says of each seed what was not the same."""

    replays: int = 0
    facts: int = 0
    deliveries: int = 0
    failures: int = 0
    hash_mismatches: int = 0
    row_mismatches: int = 0
    readings: int = 0
    reading_mismatches: int = 0
    decisions: Counter = field(default_factory=Counter)
    problems: list = field(default_factory=list)

    @property
    def is_same(self):
        """Whether everything was the same."""
        return not (
            self.failures or self.hash_mismatches or self.row_mismatches or self.reading_mismatches
        )


async def replay(seed, outcome, kind=MemorySystem):
    """Replay the history of a seed on systems of a kind, and add what it came to."""
    facts, chance = a_history(seed), random.Random(f"order {seed}")
    outcome.replays += 1
    outcome.facts += len(facts)
    calm = await kind().fresh([], [], facts, [CALM_CHUNK])
    try:
        shuffled = await _shuffled(kind(), facts, chance)
    except Exception as error:
        outcome.failures += 1
        outcome.problems.append(f"seed {seed}: a chunk could not be folded: {error!r}")
        return
    outcome.deliveries += len(shuffled.topic)
    if await calm.state_hash() != await shuffled.state_hash():
        outcome.hash_mismatches += 1
        outcome.problems.append(f"seed {seed}: the hashes differ")
    if kind.is_exact:
        await _compare_rows(seed, outcome, shuffled, facts)
        await _compare_readings(seed, outcome, shuffled, facts, chance)


async def _shuffled(system, facts, chance):
    """Return the system after all facts came in another order, some of them again."""
    coming = facts + chance.choices(facts, k=round(len(facts) * REPEATED_SHARE))
    chance.shuffle(coming)
    system.relay(coming)
    most, worker = chance.choice(CHUNKS_MOST), 0
    while await system.offset() < len(coming):
        if chance.random() < 0.1:
            # The other one goes on, and this one does not know.
            worker = 1 - worker
            if chance.random() < 0.5:
                await system.rebalance(worker)
        await system.consume(worker, chance.randint(1, most))
    return system


async def _compare_rows(seed, outcome, system, facts):
    try:
        await agreement.of_rows(system, facts)
    except DisagreementError as error:
        outcome.row_mismatches += 1
        outcome.problems.append(f"seed {seed}: {error}")


async def _compare_readings(seed, outcome, system, facts, chance):
    keys = [(learner, one) for learner in LEARNERS for one in COMPETENCIES]
    seconds = START_SECONDS + chance.choice((TERM_DAYS // 2, TERM_DAYS, 400)) * DAY_SECONDS
    found = await get_masteries(
        DISTRICT,
        chance.sample(keys, READINGS),
        as_of_us=seconds * 1_000_000,
        facts=system.facts,
        policies=PolicyCache(),
    )
    for one in found.masteries:
        outcome.readings += 1
        outcome.decisions[one.mastery.decision.name.lower()] += 1
        try:
            agreement.of_reading(one, facts, seconds * 1_000_000)
        except DisagreementError as error:
            outcome.reading_mismatches += 1
            outcome.problems.append(f"seed {seed}: {error}")
