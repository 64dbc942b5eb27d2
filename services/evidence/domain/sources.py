"""Sources: the systems that send, how to read what each sends, and how each is doing."""

from dataclasses import dataclass, replace
from enum import IntEnum

OBJECTIVE_MAXIMUM_MILLI = 4_000
"""Full score of a learning objective on the scale that learning management systems begin with."""

DELETION_LIMIT_MILLI = 100
"""An import that would delete more than a tenth of a collection is more likely to be cut short."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceReading:
    """How to read one source; see the message `Source`. time_zone: IANA name."""

    source: str
    time_zone: str
    objective_maximum_milli: int = OBJECTIVE_MAXIMUM_MILLI
    deletion_limit_milli: int = DELETION_LIMIT_MILLI
    learners_org: str = ""
    last_receive_micros: int | None = None
    last_occur_micros: int | None = None

    @property
    def way(self) -> tuple[str, int, str]:
        """Return what decides how its objects are read: its time zone, its scale, a school."""
        return self.time_zone, self.objective_maximum_milli, self.learners_org


class SyncState(IntEnum):
    """How far an import of all that a source has is. The numbers are the contract's."""

    RUNNING = 1
    HELD = 2
    FINISHED = 3
    FINISHED_WITHOUT_DELETIONS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """How far the objects of an import have been looked at, in the order of their keys.

    collection, after_id: the last that was looked at; empty before the first. counted: all are
    counted; the second walk deletes.
    """

    collection: str = ""
    after_id: str = ""
    counted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionCount:
    """How many objects of a collection are here, and how many of these an import did not bring."""

    collection: str
    standing_count: int = 0
    missing_count: int = 0

    def and_more(self, standing_count: int, missing_count: int) -> "CollectionCount":
        """Return the count with more objects counted."""
        return replace(
            self,
            standing_count=self.standing_count + standing_count,
            missing_count=self.missing_count + missing_count,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Sync:
    """One import of all that a source has; see the message of this name.

    collections: sorted. counts: of the collections that have been counted so far, in this order.
    """

    import_id: str
    source: str
    state: SyncState
    collections: tuple[str, ...]
    counts: tuple[CollectionCount, ...] = ()
    deleted_count: int = 0
    begin_micros: int = 0
    end_micros: int | None = None
    actor: str = ""
    walk: Walk = Walk()

    @property
    def missing_count(self) -> int:
        """Return how many objects it did not bring, so far."""
        return sum(one.missing_count for one in self.counts)

    def collection_from(self, name: str) -> str | None:
        """Return its first collection from a name on."""
        return next((one for one in self.collections if one >= name), None)

    def collection_after(self, name: str) -> str | None:
        """Return its first collection after a name."""
        return next((one for one in self.collections if one > name), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class PullCursor:
    """How far a pull from a source has come; see the message of this name."""

    source: str
    name: str
    content: str
    put_micros: int | None = None
