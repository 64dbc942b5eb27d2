"""Mastery under a test's hand: a topic, two workers on its one partition, a state, a rebuild.

In memory and in PostgreSQL, with one face. Both go through the real consume loop, which trims what
has been passed, the real handlers, and the real rebuild. A worker keeps where it reads the topic,
so one that was paused goes on from there although the other has passed it: a zombie. What a worker
could remember between chunks lies in its `memory`, which stays empty but for mutants
(`tests/replays/mutants.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from services.common.kafka.consume import ConsumeLoop
from services.mastery.adapters.ledger import page_of
from services.mastery.adapters.wire.evidence import decode_chunks
from services.mastery.handlers.epochs import publish_epoch
from services.mastery.handlers.readings import hash_state
from services.mastery.handlers.rebuild import Rebuild, RebuildOptions
from services.mastery.ports.rebuilding import TopicRun
from tests.support.mastery_events import DISTRICT, chunk_of

GROUP = "mastery"
WORKERS = 2
LEDGER_PAGE = 50
PRUNED_A_STEP = 7
MARKS_MOST = 1_000
AT_ONCE = RebuildOptions(wait_seconds=0.0, poll_seconds=0.0)
"""A rebuild waits for no worker: who drives it drives the workers, too."""


@dataclass
class Worker:
    """A worker's process: its loop, where it reads the topic, and what it remembers."""

    loop: ConsumeLoop
    position: int = 0
    memory: dict = field(default_factory=dict)


class System:
    """What both kinds share; how a chunk is folded and where offsets stand is theirs."""

    is_exact = True
    """Whether its sums can be held against an account in whole numbers."""

    def __init__(self):
        self.topic = []
        self.workers = []

    def relay(self, events):
        """Put facts at the end of the topic."""
        self.topic += events

    async def consume(self, number, size):
        """Let a worker apply a run from where it reads; what was passed meanwhile is skipped."""
        worker = self.workers[number]
        events = self.topic[worker.position : worker.position + size]
        if events:
            await worker.loop.transact([chunk_of(events, first_offset=worker.position)])
            worker.position += len(events)

    async def rebalance(self, number):
        """Let a worker begin anew from the offset that is committed, with an empty memory."""
        worker = self.workers[number]
        worker.position = await self.offset()
        worker.memory.clear()

    async def state_hash(self):
        """Return the state hash."""
        return (await hash_state(DISTRICT, states=self.states)).state_hash

    async def rows(self):
        """Return the rows of the state hash, and the counts and position beside it."""
        async with self.states.reading(DISTRICT) as reader:
            return [row async for row in reader.rows(DISTRICT)], await reader.standing(DISTRICT)

    async def marked(self):
        """Return the masteries that are marked as changed."""
        marks = await self.marks.take(after=None, limit=MARKS_MOST)
        return {(mark.key.learner, mark.key.competency) for mark in marks}

    async def settle(self):
        """Take all marks as published."""
        await self.marks.settle(await self.marks.take(after=None, limit=MARKS_MOST))

    async def publish(self, new, *, now_us):
        """Publish an epoch."""
        return await publish_epoch(new, now_us=now_us, epochs=self.epochs)

    async def seal(self, horizon_us):
        """Set a seal at what is folded, and prune all that it closed."""
        made = await self.retention.seal(DISTRICT, horizon_us, actor="test", at_us=0)
        while not (await self.retention.prune(DISTRICT, made, limit=PRUNED_A_STEP)).complete:
            pass
        return made

    async def lift(self):
        """Take the newest seal out of the next rebuild."""
        return await self.retention.lift(DISTRICT, at_us=0)

    async def rebuild(self, ledger):
        """Rebuild from a ledger of facts beside the live state, compare, and swap it in."""
        shadow = self.shadow()
        try:
            return await Rebuild(
                ledger=_Pages(ledger),
                topic=_Side(self.topic),
                shadow=shadow,
                options=AT_ONCE,
                say=lambda _: None,
            ).run()
        finally:
            await shadow.close()


class _Pages:
    """A ledger that comes in pages."""

    def __init__(self, facts):
        self._facts = facts

    async def pages(self):
        for start in range(0, len(self._facts), LEDGER_PAGE):
            yield page_of(self._facts[start : start + LEDGER_PAGE])


class _Side:
    """The topic from the side: one partition."""

    def __init__(self, topic):
        self._topic = topic

    async def ends(self):
        return {0: len(self._topic)}

    async def read(self, start, end):
        events = self._topic[start[0] : end[0]]
        decoded = decode_chunks([chunk_of(events, first_offset=start[0])])
        yield TopicRun(partition=0, next_offset=end[0], columns=decoded.columns, watermark=None)
