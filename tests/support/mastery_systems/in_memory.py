"""A system in memory, and the other state in memory that a rebuild fills and swaps in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace

from services.common.kafka.consume import ConsumeLoop
from services.mastery.adapters.memory.epochs import MemoryEpochs
from services.mastery.adapters.memory.facts import MemoryFacts
from services.mastery.adapters.memory.policies import MemoryPolicies
from services.mastery.adapters.memory.retention import MemoryRetention
from services.mastery.adapters.memory.state import KeptSeal, MemoryFoldStore, MemoryState, Sums
from services.mastery.adapters.wire.evidence import decode_chunks
from services.mastery.handlers.fold import apply_evidence
from services.mastery.ports.rebuilding import TableComparison
from tests.support.mastery_events import DISTRICT, TOPIC
from tests.support.mastery_systems.system import GROUP, WORKERS, System, Worker

LEAD_US = 7_200_000_000
"""So long before an epoch takes effect it is published: longer than is asked for."""


class NoTransactions:
    """Opens transactions of a state in memory, where nothing has to be undone."""

    @asynccontextmanager
    async def transaction(self, _district):
        """Open one."""
        yield None


class MemoryLoop(ConsumeLoop):
    """The consume loop on a system in memory: one chunk at a time is its lock."""

    def __init__(self, system, number):
        super().__init__(
            database=NoTransactions(), consumer_group=GROUP, topic=TOPIC, apply=self._fold
        )
        self.system = system
        self.number = number

    async def lock_offsets(self, connection, chunks):
        """Return the offset that was committed; there is one partition."""
        return {chunk.partition: self.system.next_offset for chunk in chunks}

    async def move_offsets(self, connection, chunks):
        """Commit an offset."""
        for chunk in chunks:
            self.system.next_offset = chunk.last_offset + 1

    async def _fold(self, connection, chunks):
        decoded = decode_chunks(chunks)
        store = self.system.store(self.system.state, self.system.workers[self.number])
        await apply_evidence(store, decoded.columns)
        return decoded.parked


class MemorySystem(System):
    """A system in memory. Mutants override what is called here for themselves."""

    state_type = MemoryState

    def __init__(self):
        super().__init__()
        self.state = self.state_type()
        self.next_offset = 0
        self.workers = [self.make_worker(number) for number in range(WORKERS)]

    def make_worker(self, number):
        """Return a worker that begins."""
        return Worker(MemoryLoop(self, number))

    def store(self, state, worker):
        """Return what a worker folds into; of a rebuild, which is nobody's, the worker is None."""
        return MemoryFoldStore(state)

    @property
    def states(self):
        """What reads the whole state."""
        return MemoryFacts(self.state)

    @property
    def facts(self):
        """What reads facts for answers."""
        return MemoryFacts(self.state)

    @property
    def marks(self):
        """What is to be published."""
        return MemoryFacts(self.state)

    @property
    def epochs(self):
        """Where epochs are published."""
        return MemoryEpochs(self.state)

    @property
    def retention(self):
        """Where seals are set."""
        return MemoryRetention(self.state)

    @property
    def policies(self):
        """Where policies are put."""
        return MemoryPolicies(self.state)

    async def offset(self):
        """Return the offset that is committed."""
        return self.next_offset

    async def versions(self):
        """Return the version of each mastery's row."""
        return {key[1:]: sums.version for key, sums in self.state.masteries.items()}

    def shadow(self):
        """Return the state that a rebuild fills."""
        return MemoryShadow(self)

    async def fresh(self, epochs, seals, events, sizes):
        """Return a system of this kind into which these facts went at once, in runs of sizes.

        `epochs`: pairs of what was published and whether the state is folded with it. `seals`: each
        comes, and prunes, when the facts up to its position have.
        """
        made = type(self)()
        for new, is_folded in epochs:
            await made.publish(new, now_us=new.effective_us - LEAD_US)
            last = made.state.epochs[DISTRICT]
            last[-1] = replace(last[-1], is_folded=is_folded)
        for seal in seals:
            await made.take([one for one in events if one.ledger_position <= seal.ledger_position])
            events = [one for one in events if one.ledger_position > seal.ledger_position]
            made.state.seals.setdefault(DISTRICT, []).append(KeptSeal(seal=seal))
            await made.retention.prune(DISTRICT, seal, limit=len(made.topic) + 1)
        await made.take(events, sizes)
        return made

    async def take(self, events, sizes=(100,)):
        """Let a worker apply these facts in runs of sizes."""
        self.relay(events)
        place = 0
        while self.workers[0].position < len(self.topic):
            await self.consume(0, sizes[place % len(sizes)])
            place += 1


def content(state):
    """Return the tables of a state in memory without versions, positions and empty rows."""
    return {
        "learner_state": _without_versions(state.learners),
        "mastery_state": _without_versions(state.masteries),
        "occasion": state.occasions,
        "evidence_alignment": {
            (*learner, evidence_id, row.ordinal): replace(row, ledger_position=0)
            for learner, pieces in state.registry.items()
            for evidence_id, rows in pieces.items()
            for row in rows
        },
        "seal": {
            (district, one.seal.seq): one.seal
            for district, seals in state.seals.items()
            for one in seals
        },
        "sealed_occasion": state.base,
        "sealed_evidence": {key: pieces for key, pieces in state.sealed.items() if pieces},
        "folded_epoch": {
            (district, one.epoch.version): True
            for district, epochs in state.epochs.items()
            for one in epochs
            if one.is_folded
        },
    }


def _without_versions(table):
    return {key: replace(sums, version=0) for key, sums in table.items() if sums.evidence_count}


class StagedInMemory(MemoryFoldStore):
    """Keeps facts as they come."""

    def __init__(self, state, staged):
        super().__init__(state)
        self._staged = staged

    async def stage(self, columns, _rows, _horizons):
        """Keep them."""
        self._staged.append(columns)


class MemoryShadow:
    """The other state, to be swapped in: does what the statements of `shadow_sql.py` do."""

    def __init__(self, system):
        self._system = system
        self._state = MemoryState()
        self._staged = []

    async def prepare(self):
        """Begin with an empty state, folded with every epoch and every seal that was not lifted."""
        live = self._system.state
        self._state = self._system.state_type(
            policies=live.policies,
            publications=live.publications,
            items=live.items,
            references=live.references,
            epochs={
                district: [replace(one, is_folded=True) for one in epochs]
                for district, epochs in live.epochs.items()
            },
            seals={
                district: [KeptSeal(seal=one.seal) for one in seals if not one.lifted]
                for district, seals in live.seals.items()
            },
        )

    async def close(self):
        """Hold nothing that has to be given back."""

    @asynccontextmanager
    async def staging(self):
        """Lay facts aside as they come."""
        yield StagedInMemory(self._state, self._staged)

    async def fold_staged(self, *, say, refuse):
        """Fold what was laid aside."""
        store = self._system.store(self._state, None)
        for columns in self._staged:
            for one in await apply_evidence(store, columns):
                refuse(one.detail)
        say("folded")

    @asynccontextmanager
    async def folding(self, _partition):
        """Open a transaction to fold into it."""
        yield self._system.store(self._state, None)

    async def prune(self):
        """Prune what the live state has pruned; return how many pieces."""
        pruned = 0
        live = self._system.state.seals.get(DISTRICT, ())
        for one in self._state.seals.get(DISTRICT, ()):
            if any(each.seal == one.seal and each.pruned for each in live):
                limit = sum(map(len, self._state.registry.values())) + 1
                retention = MemoryRetention(self._state)
                pruned += (await retention.prune(DISTRICT, one.seal, limit=limit)).pruned
        return pruned

    async def analyse(self):
        """Do nothing: memory has no plans."""

    async def raise_versions(self):
        """Do nothing: the swap raises them."""

    @asynccontextmanager
    async def holding(self):
        """Hold the live state: nobody else runs."""
        yield self

    @property
    def live_offsets(self):
        """Where the live state is."""
        return {0: self._system.next_offset}

    async def snapshot(self):
        """Open a snapshot of both states."""
        return self

    async def compare(self):
        """Compare table by table."""
        old, new = content(self._system.state), content(self._state)
        return [_compared(table, old[table], new[table]) for table in old]

    async def swap(self, next_offsets, _watermarks, *, republish):
        """Make it the live state; return how many masteries differ."""
        old, new = content(self._system.state), content(self._state)
        changed = {
            key[:3]
            for table in ("mastery_state", "occasion")
            for key in old[table].keys() | new[table].keys()
            if old[table].get(key) != new[table].get(key)
        }
        for table in ("masteries", "learners"):
            rebuilt = getattr(self._state, table)
            for key, before in getattr(self._system.state, table).items():
                sums = rebuilt.setdefault(key, Sums())
                sums.version = self.raised(sums.version, before.version + (key in changed))
        self._state.chunks = self._system.state.chunks + 1
        self._state.marks = self._system.state.marks | dict.fromkeys(changed, self._state.chunks)
        self._system.state = self._state
        self._system.next_offset = next_offsets[0]
        return len(changed)

    def raised(self, version, before):
        """Return the version of a rebuilt row: never below that of the live one."""
        return max(version, before)


def _compared(table, old, new):
    both = old.keys() & new.keys()
    differing = [key for key in both if old[key] != new[key]]
    return TableComparison(
        table=table,
        live_count=len(old),
        rebuilt_count=len(new),
        only_live_count=len(old.keys() - both),
        only_rebuilt_count=len(new.keys() - both),
        differing_count=len(differing),
        examples=[str(key) for key in sorted(differing)[:5]],
    )
