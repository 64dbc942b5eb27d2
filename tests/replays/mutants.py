"""Mastery with one promise taken out each. A check that does not catch them proves nothing.

Each is a mistake that somebody could make for a good reason: floats are what everybody sums with, a
list of the newest is quicker than an index, what is remembered need not be asked for again.
"""

from __future__ import annotations

import math
import struct
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from services.common.kafka.consume import ConsumeLoop
from services.mastery.adapters.memory.facts import MemoryFacts, MemoryStateReader
from services.mastery.adapters.memory.records import window_of
from services.mastery.adapters.memory.state import MemoryFoldStore, MemoryState, new_rows
from services.mastery.adapters.postgres.epochs import folded_epochs
from services.mastery.adapters.postgres.fold_store import PostgresFoldStore
from services.mastery.domain.contribution import source_weight_milli
from services.mastery.domain.model import SCORE_MAXIMUM, WINDOW_SIZE, Purpose
from services.mastery.domain.registry import TEST_SUMS
from services.mastery.domain.state_hash import LearnerRow
from tests.support.mastery_systems.in_memory import MemoryLoop, MemoryShadow, MemorySystem
from tests.support.mastery_systems.in_postgres import MeanwhileStore, PostgresSystem
from tests.support.mastery_systems.system import Worker

LOGITS_A_DOK = 0.4


@dataclass(kw_only=True)
class FloatState(MemoryState):
    """A state with a float for each sum."""

    floats: dict = field(default_factory=dict)


class FloatSums(MemorySystem):
    """Sums contributions as floats: what is added and taken away leaves something, by the order."""

    state_type = FloatState
    # A sum is shown as the bits of its float, which equal no account in whole numbers: of this one
    # nothing but orders can be compared.
    is_exact = False

    def store(self, state, worker):
        """Return a store that sums floats."""
        return _FloatStore(state)


class _FloatStore(MemoryFoldStore):
    async def write(self, columns, changes):
        gone = _replaced(self._state, changes)
        await super().write(columns, changes)
        for sign, rows in ((-1, gone), (1, new_rows(columns, changes))):
            for row in rows:
                if row.live:
                    self._add(row, sign)

    def _add(self, row, sign):
        key = (row.district, row.learner, row.competency)
        floats, sums = self._state.floats, self._state.masteries[key]
        r, i = floats.get(key, (0.0, 0.0))
        more_r, more_i = _float_contribution(row)
        floats[key] = r, i = r + sign * more_r, i + sign * more_i
        sums.r_sum, sums.i_sum = _bits(r), _bits(i)


def _replaced(state, changes):
    """Return the rows that give way to a chunk's."""
    return [
        row
        for learner, evidence_id in changes.replaced
        for row in state.registry[changes.learners[learner]][evidence_id]
    ]


def _float_contribution(row):
    """Return (r, i) in logits, as anybody would write it."""
    weight = source_weight_milli(row.kind, row.purpose) * row.weight_milli / 1_000_000
    chance = 1 / (1 + math.exp(row.dok * LOGITS_A_DOK - 1))
    return weight * (row.score / SCORE_MAXIMUM - chance), weight * chance * (1 - chance)


def _bits(number):
    """Return the bits of a float as a whole number, which a row can hold."""
    return struct.unpack(">q", struct.pack(">d", number))[0]


@dataclass(kw_only=True)
class ArrivedState(MemoryState):
    """A state with a list of the newest for each learner."""

    arrived: dict = field(default_factory=dict)


class ArrivedWindow(MemorySystem):
    """Keeps a window as the last 32 that arrived: nothing comes back where one is withdrawn."""

    state_type = ArrivedState

    def store(self, state, worker):
        """Return a store that keeps the lists."""
        return _ArrivingStore(state)

    @property
    def states(self):
        """What reads a list as the window."""
        return _ArrivedStates(self.state)


class _ArrivingStore(MemoryFoldStore):
    async def write(self, columns, changes):
        gone = {(row.learner, row.evidence_id) for row in _replaced(self._state, changes)}
        await super().write(columns, changes)
        for window in self._state.arrived.values():
            window[:] = [row for row in window if (row.learner, row.evidence_id) not in gone]
        for row in new_rows(columns, changes):
            if row.live and row.ordinal == 0 and row.purpose != Purpose.EXTERNAL_SUMMATIVE:
                window = self._state.arrived.setdefault((row.district, row.learner), [])
                window.append(row)
                del window[:-WINDOW_SIZE]


class _ArrivedStates(MemoryFacts):
    @asynccontextmanager
    async def reading(self, district):
        yield _ArrivedReader(self._state)


class _ArrivedReader(MemoryStateReader):
    async def rows(self, district):
        async for row in super().rows(district):
            yield self._with_list(district, row) if isinstance(row, LearnerRow) else row

    def _with_list(self, district, row):
        rows = self._state.arrived.get((district, row.learner), [])
        newest = sorted(rows, key=lambda one: (one.occur_time_us, one.evidence_id), reverse=True)
        return replace(row, window=window_of(newest, whole=True))


class ItemByItem(MemorySystem):
    """Reads each item of an external test as a piece of work, which fills the windows."""

    @property
    def facts(self):
        """What reads a test as a summative like any other, with what its items weigh."""
        return MemoryFacts(_without_tests(self.state))


def _without_tests(state):
    """Return a state as if external tests were summatives; windows, sums and occasions follow."""
    made = MemoryState(policies=state.policies, epochs=state.epochs, seals=state.seals)
    for learner, pieces in state.registry.items():
        made.registry[learner] = {
            evidence_id: [
                replace(row, purpose=Purpose.SUMMATIVE)
                if row.purpose == Purpose.EXTERNAL_SUMMATIVE
                else row
                for row in rows
            ]
            for evidence_id, rows in pieces.items()
        }
    made.learners = {key: replace(sums) for key, sums in state.learners.items()}
    made.masteries = {key: replace(sums) for key, sums in state.masteries.items()}
    made.occasions = {key: replace(one, tests=()) for key, one in state.occasions.items()}
    for key, pooled in state.occasions.items():
        if pooled.tests:
            sums = dict(zip(TEST_SUMS, pooled.tests, strict=True))
            made.masteries[key[:3]].r_sum += sums["r_sum"]
            made.masteries[key[:3]].i_sum += sums["i_sum"]
            made.learners[key[:2]].r_sum += sums["learner_r_sum"]
            made.learners[key[:2]].i_sum += sums["learner_i_sum"]
    return made


class NewestEpoch(MemorySystem):
    """Reads all work with the newest epoch, whenever it was done."""

    def store(self, state, worker):
        """Return a store that knows one epoch."""
        return _NewestEpochStore(state)


class _NewestEpochStore(MemoryFoldStore):
    async def epochs(self, districts):
        found = await super().epochs(districts)
        return {
            district: [replace(max(epochs, key=lambda one: one.version), effective_us=0)]
            for district, epochs in found.items()
        }


class ForgottenMarks(MemorySystem):
    """Marks what a fact speaks of, and not what it takes away from."""

    def store(self, state, worker):
        """Return a store that marks what came."""
        return _ForgettingStore(state)


class _ForgettingStore(MemoryFoldStore):
    async def write(self, columns, changes):
        before = dict(self._state.marks)
        await super().write(columns, changes)
        came = {(row.district, row.learner, row.competency) for row in new_rows(columns, changes)}
        marks = self._state.marks
        self._state.marks = {key: marks[key] for key in marks if key in came or key in before}


class BegunVersions(MemorySystem):
    """Swaps a rebuilt state in with the versions that its rows got while it was built."""

    def shadow(self):
        """Return a state whose versions nobody raises."""
        return _BegunShadow(self)


class _BegunShadow(MemoryShadow):
    def raised(self, version, _before):
        """Return the version of a rebuilt row."""
        return version


# A cache that is right as long as there is one worker: a zombie comes back with what it remembers.


class _RememberingStore:
    """Answers from memory what is registered of a piece that this worker has seen."""

    def __init__(self, store, memory):
        self._store = store
        self._memory = memory
        self.epochs, self.difficulties = store.epochs, store.difficulties
        self.seals, self.sealed = store.seals, store.sealed

    async def registered(self, columns):
        """Return the rows that are remembered, and those of the database for the rest."""
        found = {key: [] for key in columns.observations()}
        for row in await self._store.registered(columns):
            found[(row.district, row.learner), row.evidence_id].append(row)
        return [row for key, rows in found.items() for row in self._memory.get(key, rows)]

    async def write(self, columns, changes):
        """Write, and remember what stands now."""
        await self._store.write(columns, changes)
        rows = new_rows(columns, changes)
        fresh = {((row.district, row.learner), row.evidence_id): [] for row in rows}
        for row in rows:
            fresh[(row.district, row.learner), row.evidence_id].append(row)
        self._memory.update(fresh)


class StaleRegistry(MemorySystem):
    """Remembers what is registered, although another worker may have changed it since."""

    def store(self, state, worker):
        """Return a store with the memory of its worker; a rebuild has a store without."""
        store = super().store(state, worker)
        return store if worker is None else _RememberingStore(store, worker.memory)


class StaleRegistryInPostgres(PostgresSystem):
    """The same in PostgreSQL."""

    def store(self, connection, worker):
        """Return a store with the memory of its worker."""
        return _RememberingStore(PostgresFoldStore(connection, partition=0), worker.memory)


class _RememberingOffset:
    """Goes on from the offset that this process committed, without a look at the row."""

    memory: dict

    async def lock_offsets(self, connection, chunks):
        """Return what is remembered; look once."""
        if "offsets" not in self.memory:
            self.memory["offsets"] = await super().lock_offsets(connection, chunks)
        return self.memory["offsets"]

    async def move_offsets(self, connection, chunks):
        """Move the row, and remember where to."""
        await super().move_offsets(connection, chunks)
        self.memory["offsets"] = {chunk.partition: chunk.last_offset + 1 for chunk in chunks}


class _MemoryLoopWithCache(_RememberingOffset, MemoryLoop):
    pass


class _LoopWithCache(_RememberingOffset, ConsumeLoop):
    pass


class StaleOffset(MemorySystem):
    """Remembers its offset, although another worker may have gone on since."""

    def make_worker(self, number):
        """Return a worker whose loop remembers."""
        return _with_memory(_MemoryLoopWithCache(self, number))


class StaleOffsetInPostgres(PostgresSystem):
    """The same in PostgreSQL, where the lock of the row would have told."""

    def make_worker(self, number):
        """Return a worker whose loop remembers."""
        return _with_memory(self.loop_of(self.fold_by(number), _LoopWithCache))


def _with_memory(loop):
    worker = Worker(loop)
    loop.memory = worker.memory
    return worker


class UnlockedEpochs(PostgresSystem):
    """Looks which epochs there are without the lock that a publisher waits for."""

    def meanwhile_store(self, connection):
        """Return a store that takes no lock."""
        return _UnlockedStore(connection, partition=0)


class _UnlockedStore(MeanwhileStore):
    async def look(self, districts):
        """Return the epochs as they are now; the next moment there may be another."""
        found = {one: await folded_epochs(self._connection, one) for one in districts}
        return {one: epochs for one, epochs in found.items() if epochs}


class ForgottenPieces(MemorySystem):
    """Forgets what was pruned: a repeat of it is a new piece, counted beside its base row."""

    def store(self, state, worker):
        """Return a store that knows no sealed piece."""
        return _ForgetfulStore(state)


class _ForgetfulStore(MemoryFoldStore):
    async def sealed(self, columns):
        return []


class OpenSeals(MemorySystem):
    """Prunes what a seal closes, and lets late facts change it all the same."""

    def store(self, state, worker):
        """Return a store whose seals keep nothing out."""
        return _OpenStore(state)


class _OpenStore(MemoryFoldStore):
    async def seals(self, districts):
        return {}
