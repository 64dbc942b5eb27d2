"""The ledger, as the handlers need it: append-only, one transaction a batch, positions up front."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.evidence.domain.ledger import (
    Entry,
    EvidencePlace,
    KnownEvent,
    LedgerPlace,
    PublishedEntry,
    Standing,
    StandingRecord,
)
from services.evidence.domain.model import Evidence, Retraction
from services.evidence.domain.resolution import Resolution
from services.evidence.ports.directory import Directory
from services.evidence.ports.quarantine import Quarantine


class LedgerTransaction(Protocol):
    """What one transaction of one district can do. It is committed when its context ends well."""

    @property
    def directory(self) -> Directory:
        """Return the look-ups, made in this transaction."""
        ...

    @property
    def quarantine(self) -> Quarantine:
        """Return the quarantine, in this transaction."""
        ...

    async def allocate(self, count: int) -> Sequence[int]:
        """Return `count` new positions, rising; those that are not used are gaps for ever."""
        ...

    async def append_fresh(self, entries: Sequence[Entry]) -> Collection[int]:
        """Add first rows (revision 1, fact 0); return the positions of those that were added.

        An entry whose event id or whose observation is already here is left out. Waits for others
        who add the same. The entries come sorted by evidence id.
        """
        ...

    async def append_next(self, entries: Sequence[Entry]) -> None:
        """Add further rows, all of them; raises ConcurrentChangeError where one lost a race."""
        ...

    async def find_events(self, event_ids: Collection[str]) -> Mapping[str, KnownEvent]:
        """Return what each event id that is here was used for (its fact 0)."""
        ...

    async def find_standing(self, evidence_ids: Collection[bytes]) -> Mapping[bytes, Standing]:
        """Return what stands of each observation that is here."""
        ...

    async def find_standing_records(
        self, resolution: Resolution, limit: int
    ) -> Sequence[StandingRecord]:
        """Return counting observations that a request asks for, with what was sent, by id.

        At most `limit`, with ids above those that have been looked at.
        """
        ...

    async def find_standing_of_import(
        self, import_id: str, after: int, limit: int
    ) -> Sequence[Standing]:
        """Return counting observations whose standing row came from the import, by position.

        At most `limit`, with positions above `after`.
        """
        ...

    async def settled_up_to(self, import_id: str) -> int:
        """Return up to which position the retraction of an import has come; 0 at its beginning."""
        ...

    async def note_settled(self, import_id: str, position: int) -> None:
        """Note how far the retraction of an import has come."""
        ...

    async def withdraw(self, import_id: str, sources: Collection[str]) -> None:
        """Note that what an import of these sources brought counts no longer.

        What is derived from source objects is not in the rows of the ledger alone: the objects are
        still here. So what the sources have is read anew, soon.
        """
        ...

    async def withdrawn(self, source: str, import_ids: Collection[str]) -> Collection[str]:
        """Return those of the imports that were withdrawn."""
        ...

    async def list_of_learner(
        self, learner_id: str, after: EvidencePlace | None, limit: int
    ) -> Sequence[Standing]:
        """Return what stands of a learner's observations, newest first, after a place."""
        ...


class Ledger(Protocol):
    """Opens transactions of a district."""

    def transaction(
        self, district: str, *, read_only: bool = False
    ) -> AbstractAsyncContextManager[LedgerTransaction]:
        """Open a transaction that sees and writes one district alone."""
        ...


class LedgerStream(Protocol):
    """Reads the published ledger in the order of commit."""

    async def complete_position(self) -> int:
        """Return up to which position every entry is settled; 0 where that is not known.

        What is asked for `settled_before` afterwards is above the transaction of each of them.
        """
        ...

    async def settled_before(self) -> int:
        """Return the transaction below which every transaction has ended, as of now."""
        ...

    async def read(
        self, district: str | None, after: LedgerPlace, settled_before: int, limit: int
    ) -> Sequence[PublishedEntry]:
        """Return published entries after a place, of transactions below `settled_before`.

        district None: of every district, which takes a service's credential.
        """
        ...


class EventEncoder(Protocol):
    """Turns facts into the bytes that are published."""

    def recorded(
        self, district: str, evidence: Evidence, *, version: int, position: int, receive_micros: int
    ) -> bytes:
        """Return the event that says what was observed."""
        ...

    def retracted(
        self,
        district: str,
        retraction: Retraction,
        *,
        event_id: str,
        version: int,
        position: int,
        receive_micros: int,
    ) -> bytes:
        """Return the event that retracts an observation from a learner."""
        ...
