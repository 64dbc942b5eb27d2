"""The state machine in PostgreSQL, where an epoch may also come while a chunk is being folded."""

from __future__ import annotations

import random

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.support.mastery_draws import (
    DIFFICULTIES,
    ENTITIES,
    EPOCHS_MOST,
    FACTS_MOST,
    LEARNER,
    PUBLISHED_US,
    REFERENCES,
    SEEDS,
    WORKS,
    an_epoch,
)
from tests.support.mastery_machine import MasteryMachine

EPOCHS_MOST_HERE = EPOCHS_MOST + 2


class PostgresMachine(MasteryMachine):
    """Drives a system in PostgreSQL."""

    @precondition(lambda self: self.may_send and len(self.epochs) < EPOCHS_MOST_HERE)
    @rule(
        entity=st.sampled_from(ENTITIES),
        learner=LEARNER,
        work=WORKS,
        seed=SEEDS,
        items=DIFFICULTIES,
        references=REFERENCES,
        reference_d64=st.integers(-50, 50),
        quiz_milli=st.sampled_from((250, 1_000)),
    )
    def consume_while_an_epoch_is_published(self, entity, learner, work, seed, **drawn):
        """Publish an epoch in the middle of a chunk: it waits, and then sees the chunk's work."""
        # Ahead of all work that was folded, and not of what is in the chunk.
        moments = [one.work["seconds"] for one in self.ledger.standing.values()]
        seconds = max(moments, default=0) + 1
        work = work | {"seconds": seconds, "score": work["score"] or 0}
        self.ledger.send(f"new-{entity}", learner=learner, work=work)
        self._relay(random.Random(seed), FACTS_MOST)
        new, plain = an_epoch(self.epochs, False, True, seconds=seconds, **drawn)
        self.do(self._consume_while_publishing(new, plain))

    async def _consume_while_publishing(self, new, plain):
        await self.system.rebalance(0)
        publishing = await self.system.consume_while_publishing(
            0, FACTS_MOST, new, now_us=PUBLISHED_US
        )
        self.changed = True
        await self._publish(new, plain, publishing)
