"""The quarantine in memory, with the same rules as on PostgreSQL."""

from collections import Counter
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.evidence.domain.quarantine import (
    OPEN,
    RETRACTED_NOTE,
    SUPERSEDED_NOTE,
    WITHDRAWN_NOTE,
    QuarantineCount,
    QuarantinedRecord,
    QuarantineKind,
    QuarantineSelection,
    QuarantineState,
    RefusedRecord,
    Settlement,
)


@dataclass(kw_only=True)
class MemoryQuarantineState:
    """What is kept of one district, by number; a transaction works on a copy."""

    records: dict[int, QuarantinedRecord] = field(default_factory=dict)
    awaits: dict[int, str] = field(default_factory=dict)
    looks: dict[int, int] = field(default_factory=dict)

    def copy(self) -> "MemoryQuarantineState":
        """Return a copy that changes apart."""
        return MemoryQuarantineState(
            records=dict(self.records), awaits=dict(self.awaits), looks=dict(self.looks)
        )


class MemoryQuarantine:
    """The quarantine of one district, in a transaction; the port `Quarantine`."""

    def __init__(self, state: MemoryQuarantineState) -> None:
        """Take what the transaction works on."""
        self._state = state

    async def keep(self, refused: Sequence[RefusedRecord]) -> None:
        """Keep refused records; of one that is already there, what is wrong with it now."""
        numbers = {one.refused.digest: number for number, one in self._state.records.items()}
        for one in {one.digest: one for one in refused}.values():
            number = numbers.get(one.digest, len(self._state.records) + 1)
            before = self._state.records.get(number)
            if before is not None and _says(before.state, before.refused) == _says(one.state, one):
                continue
            # What follows from a source object anew is another sending than that of then.
            anew = before is None or (one.subject != "" and before.state not in OPEN)
            kept = one if before is None or anew else before.refused
            self._state.records[number] = QuarantinedRecord(
                quarantine_id=number,
                refused=replace(kept, refusal=one.refusal),
                state=one.state,
                state_time_micros=one.receive_time_micros,
                due=before is not None and before.due,
            )
            self._state.looks.pop(number, None)
            self._await(number, one.refusal.awaits)

    async def page(
        self, selection: QuarantineSelection, *, before: int | None, limit: int
    ) -> Sequence[QuarantinedRecord]:
        """Return records, newest first, with numbers below `before`."""
        found = [
            one
            for number, one in sorted(self._state.records.items(), reverse=True)
            if _selects(selection, one) and (before is None or number < before)
        ]
        return found[:limit]

    async def find(self, quarantine_ids: Collection[int]) -> Sequence[QuarantinedRecord]:
        """Return those of the records that there are, by number."""
        records = self._state.records
        return [records[one] for one in sorted(set(quarantine_ids)) if one in records]

    async def take_due(self, limit: int) -> Sequence[QuarantinedRecord]:
        """Return records that are due, oldest first, and are so no more."""
        due = [one for _, one in sorted(self._state.records.items()) if one.due][:limit]
        for one in due:
            self._state.records[one.quarantine_id] = replace(one, due=False)
        return due

    async def settle(self, settlements: Sequence[Settlement], now_micros: int) -> None:
        """Note what became of records; what was set free meanwhile and stays is due still."""
        for one in settlements:
            before = self._state.records[one.quarantine_id]
            refused = before.refused
            if one.refusal is not None:
                refused = replace(refused, refusal=one.refusal)
            self._state.records[one.quarantine_id] = replace(
                before,
                refused=refused,
                state=one.state,
                state_time_micros=now_micros,
                due=before.due and one.state in OPEN,
                actor=one.actor,
                note=one.note,
            )
            looks = self._state.looks
            looks[one.quarantine_id] = looks.get(one.quarantine_id, 0) + 1
            if one.ends_waiting:
                self._await(one.quarantine_id, one.refusal.awaits if one.refusal else "")

    async def release(self, awaited: Collection[str]) -> int:
        """Make due what waits for any of these; return how many that are."""
        wanted = set(awaited)
        released = [
            one
            for number, one in self._state.records.items()
            if one.state is QuarantineState.WAITING
            and not one.due
            and self._state.awaits.get(number) in wanted
        ]
        self._make_due(released)
        return len(released)

    async def look_again(self, received_before_micros: int) -> int:
        """Make due what waits since then and was not looked at again; return how many that are."""
        found = [
            one
            for one in self._state.records.values()
            if one.state is QuarantineState.WAITING
            and one.refused.kind is QuarantineKind.RECORD
            and not one.due
            and one.quarantine_id not in self._state.looks
            and one.state_time_micros < received_before_micros
        ]
        self._make_due(found)
        return len(found)

    async def supersede(
        self, subjects: Collection[str], standing: Collection[bytes], now_micros: int
    ) -> None:
        """Discard what was derived from these source objects before and is not standing."""
        await self.settle(
            [
                Settlement(
                    quarantine_id=number, state=QuarantineState.DISCARDED, note=SUPERSEDED_NOTE
                )
                for number, one in self._state.records.items()
                if one.state in OPEN
                and one.refused.subject
                and one.refused.subject in set(subjects)
                and one.refused.digest not in standing
            ],
            now_micros,
        )

    async def withdraw(self, source: str, subject: str, now_micros: int) -> bool:
        """Discard what a source sent about something and is open; say whether it sent anything."""
        kept = (*OPEN, QuarantineState.DISCARDED)
        mine = [
            (number, one.state)
            for number, one in self._state.records.items()
            if (one.refused.source, one.refused.subject) == (source, subject) and one.state in kept
        ]
        settlements = [
            Settlement(quarantine_id=number, state=QuarantineState.DISCARDED, note=WITHDRAWN_NOTE)
            for number, state in mine
            if state in OPEN
        ]
        await self.settle(settlements, now_micros)
        return bool(mine)

    async def reserved(self, digests: Collection[bytes]) -> Mapping[bytes, int]:
        """Return of those of the records that are open here their place in the order of receipt."""
        return {
            one.refused.digest: one.refused.position
            for one in self._state.records.values()
            if one.state in OPEN and one.refused.digest in digests
        }

    async def discard_import(
        self, import_id: str, sources: Container[str], now_micros: int
    ) -> Sequence[str]:
        """Discard the open records of an import that was retracted; return the source of each."""
        mine = [
            number
            for number, one in self._state.records.items()
            if one.state in OPEN
            and one.refused.kind is QuarantineKind.RECORD
            and one.refused.import_id == import_id
            and one.refused.source in sources
        ]
        discarded = QuarantineState.DISCARDED
        settlements = [
            Settlement(quarantine_id=number, state=discarded, note=RETRACTED_NOTE)
            for number in mine
        ]
        await self.settle(settlements, now_micros)
        return [self._state.records[number].refused.source for number in mine]

    async def counts(self) -> Sequence[QuarantineCount]:
        """Return how many open records each source has for each reason."""
        opened = [one for one in self._state.records.values() if one.state in OPEN]
        keys = [(one.refused.source, one.refused.refusal.reason, one.state) for one in opened]
        return [
            QuarantineCount(
                source=source,
                reason=reason,
                state=state,
                count=count,
                oldest_receive_micros=min(
                    one.refused.receive_time_micros
                    for one, key in zip(opened, keys, strict=True)
                    if key == (source, reason, state)
                ),
            )
            for (source, reason, state), count in sorted(Counter(keys).items())
        ]

    def _make_due(self, records: Sequence[QuarantinedRecord]) -> None:
        for one in records:
            self._state.records[one.quarantine_id] = replace(one, due=True)

    def _await(self, number: int, awaits: str) -> None:
        self._state.awaits.pop(number, None)
        if awaits:
            self._state.awaits[number] = awaits


def _says(state: QuarantineState, one: RefusedRecord) -> tuple[object, ...]:
    return state, one.refusal.reason, one.refusal.field, one.refusal.message


def _selects(selection: QuarantineSelection, one: QuarantinedRecord) -> bool:
    refused: RefusedRecord = one.refused
    return (
        selection.import_id in (None, refused.import_id)
        and selection.source in (None, refused.source)
        and selection.reason in (None, refused.refusal.reason)
        and one.state in selection.states
    )
