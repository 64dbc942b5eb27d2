"""The quarantine of one district, as the handlers need it, in a transaction."""

from collections.abc import Collection, Container, Mapping, Sequence
from typing import Protocol

from services.evidence.domain.quarantine import (
    QuarantineCount,
    QuarantinedRecord,
    QuarantineSelection,
    RefusedRecord,
    Settlement,
)


class Quarantine(Protocol):
    """What was refused and what waits."""

    async def keep(self, refused: Sequence[RefusedRecord]) -> None:
        """Keep refused records; of one that is already there, what is wrong with it now.

        So one that somebody discarded, or that was taken up, and is sent and refused again, is open
        again: its sender is told so.
        """
        ...

    async def page(
        self, selection: QuarantineSelection, *, before: int | None, limit: int
    ) -> Sequence[QuarantinedRecord]:
        """Return records, newest first, with numbers below `before`."""
        ...

    async def find(self, quarantine_ids: Collection[int]) -> Sequence[QuarantinedRecord]:
        """Return those of the records that there are, by number, locked until the end."""
        ...

    async def take_due(self, limit: int) -> Sequence[QuarantinedRecord]:
        """Return records that are due, oldest first, locked, and are so no more.

        What others hold is passed over.
        """
        ...

    async def settle(self, settlements: Sequence[Settlement], now_micros: int) -> None:
        """Note what became of records.

        One that stays open is due where it was set free while it was looked at: what it waits for
        may have been found after the look, in the same transaction.
        """
        ...

    async def release(self, awaited: Collection[str]) -> int:
        """Make due what waits for any of these (see `domain.waiting`); return how many that are."""
        ...

    async def look_again(self, received_before_micros: int) -> int:
        """Make due the records that wait since then and were not looked at again; return how many.

        Who looks something up and who makes it known may miss each other; a look after all
        transactions of then have ended misses nothing. Documents and objects come under the
        district's lock, as does what makes something known, so that they miss nothing.
        """
        ...

    async def supersede(
        self, subjects: Collection[str], standing: Collection[bytes], now_micros: int
    ) -> None:
        """Discard what was derived from these source objects before, as they are derived anew.

        standing: digests of what follows from them still, and stays open.
        """
        ...

    async def withdraw(self, source: str, subject: str, now_micros: int) -> bool:
        """Discard what a source sent about something and is open; say whether it sent anything.

        What was discarded before counts as sent, so that a repeat is answered as the first.
        """
        ...

    async def reserved(self, digests: Collection[bytes]) -> Mapping[bytes, int]:
        """Return of those of the records that are open here their place in the order of receipt."""
        ...

    async def discard_import(
        self, import_id: str, sources: Container[str], now_micros: int
    ) -> Sequence[str]:
        """Discard the open records of an import that was retracted; return the source of each."""
        ...

    async def counts(self) -> Sequence[QuarantineCount]:
        """Return how many open records each source has for each reason."""
        ...
