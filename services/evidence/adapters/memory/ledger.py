"""The ledger in memory, with the same rules as on PostgreSQL.

Transactions of all districts come one after the other, so no race can be lost here.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.evidence.adapters.memory.quarantine import MemoryQuarantine, MemoryQuarantineState
from services.evidence.domain.errors import ConcurrentChangeError
from services.evidence.domain.ledger import (
    Entry,
    EntryKind,
    EvidencePlace,
    KnownEvent,
    LedgerPlace,
    PublishedEntry,
    Standing,
    StandingRecord,
)
from services.evidence.domain.resolution import Resolution, Scope
from services.evidence.ports.directory import Directory


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    district: str
    xact: int
    entry: Entry


@dataclass(kw_only=True)
class _State:
    """Everything that is kept; a transaction works on a copy."""

    rows: list[_Row] = field(default_factory=list)
    event_keys: set[tuple[str, str, int]] = field(default_factory=set)
    evidence_keys: set[tuple[str, bytes, int]] = field(default_factory=set)
    quarantines: dict[str, MemoryQuarantineState] = field(default_factory=dict)
    settled: dict[tuple[str, str], int] = field(default_factory=dict)
    withdrawn: set[tuple[str, str, str]] = field(default_factory=set)

    def copy(self) -> "_State":
        return _State(
            rows=list(self.rows),
            event_keys=set(self.event_keys),
            evidence_keys=set(self.evidence_keys),
            quarantines={one: state.copy() for one, state in self.quarantines.items()},
            settled=dict(self.settled),
            withdrawn=set(self.withdrawn),
        )


class MemoryLedger:
    """Keeps the ledger of all districts; also streams what is published."""

    def __init__(self, directory: Directory) -> None:
        """Take the look-ups."""
        self._directory = directory
        self._state = _State()
        self._position = 0
        self._xact = 0
        self._lock = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def transaction(
        self, district: str, *, read_only: bool = False
    ) -> AsyncIterator["MemoryLedgerTransaction"]:
        """Open a transaction that sees and writes one district alone."""
        async with self._lock:
            self._xact += 1
            state = self._state.copy()
            yield MemoryLedgerTransaction(self, state, district)
            if not read_only:
                self._state = state

    @property
    def directory(self) -> Directory:
        """Return the look-ups."""
        return self._directory

    @property
    def xact(self) -> int:
        """Return the number of the running transaction."""
        return self._xact

    def next_position(self) -> int:
        """Return a new position; like a sequence, it is not given back."""
        self._position += 1
        return self._position

    async def settled_before(self) -> int:
        """Return the transaction below which every transaction has ended."""
        async with self._lock:
            return self._xact + 1

    async def complete_position(self) -> int:
        """Return the highest position given out: whoever has one of them has ended."""
        async with self._lock:
            return self._position

    async def read(
        self, district: str | None, after: LedgerPlace, settled_before: int, limit: int
    ) -> Sequence[PublishedEntry]:
        """Return published entries after a place, of transactions below `settled_before`."""
        rows = sorted(self._state.rows, key=lambda row: (row.xact, row.entry.position))
        found = [
            PublishedEntry(
                place=LedgerPlace(xact=row.xact, position=row.entry.position), event=row.entry.event
            )
            for row in rows
            if row.entry.event is not None
            and district in (None, row.district)
            and (row.xact, row.entry.position) > (after.xact, after.position)
            and row.xact < settled_before
        ]
        return found[:limit]


class MemoryLedgerTransaction:
    """One transaction of one district; see the port."""

    def __init__(self, ledger: MemoryLedger, state: _State, district: str) -> None:
        self._ledger = ledger
        self._state = state
        self._district = district
        self.quarantine = MemoryQuarantine(
            state.quarantines.setdefault(district, MemoryQuarantineState())
        )

    @property
    def directory(self) -> Directory:
        """Return the look-ups."""
        return self._ledger.directory

    async def allocate(self, count: int) -> Sequence[int]:
        """Return `count` new positions, rising."""
        return [self._ledger.next_position() for _ in range(count)]

    async def append_fresh(self, entries: Sequence[Entry]) -> Collection[int]:
        """Add first rows; return the positions of those that were added."""
        return {entry.position for entry in entries if self._append(entry)}

    async def append_next(self, entries: Sequence[Entry]) -> None:
        """Add further rows, all of them."""
        if not all(self._append(entry) for entry in entries):
            raise ConcurrentChangeError

    async def find_events(self, event_ids: Collection[str]) -> Mapping[str, KnownEvent]:
        """Return what each event id that is here was used for."""
        wanted = set(event_ids)
        return {
            entry.event_id: KnownEvent(
                record=entry.record,
                evidence_id=entry.evidence_id,
                version=entry.version,
                position=entry.position,
                kind=entry.kind,
            )
            for entry in self._entries()
            if entry.fact_number == 0 and entry.event_id in wanted
        }

    async def find_standing(self, evidence_ids: Collection[bytes]) -> Mapping[bytes, Standing]:
        """Return what stands of each observation that is here."""
        wanted = set(evidence_ids)
        return {one.evidence_id: one for one in self._standing() if one.evidence_id in wanted}

    async def find_standing_records(
        self, resolution: Resolution, limit: int
    ) -> Sequence[StandingRecord]:
        """Return counting observations that a request asks for, with what was sent, by id."""
        found = [
            one
            for one in sorted(self._standing(), key=lambda one: one.evidence_id)
            if one.kind is EntryKind.RECORDED
            and one.evidence_id > resolution.after_id
            and self._asked(resolution, one)
        ]
        return [StandingRecord(standing=one, record=self._sent(one)) for one in found[:limit]]

    def _asked(self, resolution: Resolution, one: Standing) -> bool:
        if resolution.scope is Scope.LEARNER:
            return one.learner_id == resolution.subject
        if resolution.scope is Scope.DISTRICT:
            return True
        items = {entry.item for entry in self._entries() if entry.evidence_id == one.evidence_id}
        return one.source == resolution.source and resolution.subject in items

    def _sent(self, one: Standing) -> bytes:
        rows = [
            entry
            for entry in self._entries()
            if entry.evidence_id == one.evidence_id
            and entry.kind is EntryKind.RECORDED
            and entry.record
            and entry.version <= one.version
        ]
        return max(rows, key=lambda entry: entry.revision).record

    async def find_standing_of_import(
        self, import_id: str, after: int, limit: int
    ) -> Sequence[Standing]:
        """Return observations whose standing row came from the import and counts, by position."""
        found = [
            one
            for one in self._standing()
            if one.import_id == import_id
            and one.kind is EntryKind.RECORDED
            and one.position > after
        ]
        return sorted(found, key=lambda one: one.position)[:limit]

    async def settled_up_to(self, import_id: str) -> int:
        """Return up to which position the retraction of an import has come."""
        return self._state.settled.get((self._district, import_id), 0)

    async def note_settled(self, import_id: str, position: int) -> None:
        """Note how far the retraction of an import has come."""
        self._state.settled[(self._district, import_id)] = position

    async def withdraw(self, import_id: str, sources: Collection[str]) -> None:
        """Note that what an import brought counts no longer; there are no objects to read anew."""
        self._state.withdrawn |= {(self._district, one, import_id) for one in sources}

    async def withdrawn(self, source: str, import_ids: Collection[str]) -> Collection[str]:
        """Return those of the imports that were withdrawn."""
        state = self._state
        return {one for one in import_ids if (self._district, source, one) in state.withdrawn}

    async def list_of_learner(
        self, learner_id: str, after: EvidencePlace | None, limit: int
    ) -> Sequence[Standing]:
        """Return what stands of a learner's observations, newest first, after a place."""
        found = [
            one
            for one in self._standing()
            if one.learner_id == learner_id and (after is None or _place(one) < _key(after))
        ]
        return sorted(found, key=_place, reverse=True)[:limit]

    def _entries(self) -> list[Entry]:
        return [row.entry for row in self._state.rows if row.district == self._district]

    def _standing(self) -> list[Standing]:
        found: dict[bytes, Standing] = {}
        for entry in sorted(self._entries(), key=lambda one: one.revision):
            if entry.event is not None:
                found[entry.evidence_id] = _as_standing(entry, entry.event)
            else:
                before = found[entry.evidence_id]
                found[entry.evidence_id] = replace(before, last_revision=entry.revision)
        return list(found.values())

    def _append(self, entry: Entry) -> bool:
        event_key = (self._district, entry.event_id, entry.fact_number)
        evidence_key = (self._district, entry.evidence_id, entry.revision)
        state = self._state
        if event_key in state.event_keys or evidence_key in state.evidence_keys:
            return False
        state.event_keys.add(event_key)
        state.evidence_keys.add(evidence_key)
        state.rows.append(_Row(district=self._district, xact=self._ledger.xact, entry=entry))
        return True


def _key(place: EvidencePlace) -> tuple[int, int]:
    return place.occur_time_micros, place.position


def _place(one: Standing) -> tuple[int, int]:
    return one.occur_time_micros, one.position


def _as_standing(entry: Entry, event: bytes) -> Standing:
    return Standing(
        evidence_id=entry.evidence_id,
        last_revision=entry.revision,
        version=entry.version,
        content_hash=entry.content_hash,
        learner_id=entry.learner_id,
        kind=entry.kind,
        source=entry.source,
        entity_id=entry.entity_id,
        import_id=entry.import_id,
        occur_time_micros=entry.occur_time_micros,
        receive_time_micros=entry.receive_time_micros,
        position=entry.position,
        event=event,
    )
