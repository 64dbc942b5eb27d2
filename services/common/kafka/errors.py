"""Why a worker or a relay stops, as classes: what happened, why it stops, what to do.

    Stop                    the process leaves with a non-zero code; nothing goes on past it
    ├── Gap                 records are missing between the offset row and the chunk
    ├── PositionLost        the broker no longer has the position that was asked for
    ├── TopicMissing        there is no such topic
    ├── TopicReplaced       the topic was deleted and made again
    ├── OffsetBeyondEnd     the offset row is ahead of the topic
    ├── HistoryExpired      retention has deleted records that were never applied
    ├── HistoryMissing      a new group on a topic whose beginning is already gone
    ├── OffsetRowMissing    the row that holds the next offset has vanished
    ├── RetriesSpent        the same chunk failed too often
    ├── Unforeseen          an exception that no rule names
    ├── ServerReplaced      the relay's cursor belongs to another PostgreSQL server
    └── Fenced              another relay has taken over

None of these may be caught in order to carry on: each means that going on could lose a record.
"""

from __future__ import annotations

from typing import ClassVar

from services.common import process


class Stop(process.Stop):
    """The process must end with code 70 and let its supervisor start it again.

    ``code`` is the reason in UPPER_SNAKE for logs and alerts; the message says the rest.
    """

    code: ClassVar[str] = "STOP"


class Gap(Stop):
    """Records between the offset row and the chunk are missing."""

    code = "GAP"

    def __init__(self, *, topic: str, partition: int, next_offset: int, found_offset: int) -> None:
        super().__init__(
            f"Gap in {topic} partition {partition}: the next offset to apply is {next_offset}, "
            f"the transport brought {found_offset}. Going on would lose "
            f"{found_offset - next_offset} records, so nothing was applied. A restart reads again "
            f"from {next_offset}; if it stops here again, the records are gone from Kafka: "
            "rebuild from the ledger."
        )
        self.next_offset = next_offset
        self.found_offset = found_offset


class PositionLost(Stop):
    """The broker refuses the position that the transport asked for."""

    code = "POSITION_LOST"

    def __init__(self, *, topic: str, detail: str) -> None:
        super().__init__(
            f"The broker does not hold the position to read {topic} from ({detail}). The topic was "
            "cut, wiped or made again while this worker ran. A restart checks which and says what "
            "to do."
        )


class TopicMissing(Stop):
    """The topic to consume does not exist."""

    code = "TOPIC_MISSING"

    def __init__(self, topic: str) -> None:
        super().__init__(
            f"There is no topic {topic}. Topics are never made by accident: create them with "
            "`python -m services.common.kafka.topics apply` and start again."
        )


class TopicReplaced(Stop):
    """The topic's id differs from the one that the offsets were counted in."""

    code = "TOPIC_REPLACED"

    def __init__(self, *, topic: str, stored: str, found: str) -> None:
        super().__init__(
            f"Topic {topic} is not the one these offsets belong to (stored id {stored}, found "
            f"{found}): it was deleted and made again. Its new records would count as already "
            "applied. Rebuild from the ledger, or, if the new topic is complete, delete this "
            "group's rows of consumer_offset."
        )


class OffsetBeyondEnd(Stop):
    """The offset row is ahead of the topic's end."""

    code = "OFFSET_BEYOND_END"

    def __init__(self, *, topic: str, partition: int, next_offset: int, end_offset: int) -> None:
        super().__init__(
            f"{topic} partition {partition} ends at {end_offset}, yet {next_offset} is the next "
            "offset to apply: the broker has lost records, or this database belongs to another "
            "cluster. Records up to that offset would count as already applied. Restore the "
            "topic, or rebuild from the ledger."
        )


class HistoryExpired(Stop):
    """Retention has deleted records that this group never applied."""

    code = "HISTORY_EXPIRED"

    def __init__(self, *, topic: str, partition: int, next_offset: int, first_offset: int) -> None:
        super().__init__(
            f"{topic} partition {partition} now begins at {first_offset}, yet {next_offset} is the "
            f"next offset to apply: retention has deleted {first_offset - next_offset} records "
            "that were never applied. Rebuild from the ledger."
        )


class HistoryMissing(Stop):
    """A new group meets a topic whose first records are already deleted."""

    code = "HISTORY_MISSING"

    def __init__(self, *, topic: str, partition: int, first_offset: int) -> None:
        super().__init__(
            f"{topic} partition {partition} begins at {first_offset} and this group has no offset "
            "in it: a start here would miss everything before. Rebuild from the ledger, which "
            "writes the offsets to go on from."
        )


class OffsetRowMissing(Stop):
    """The row that holds the next offset is gone."""

    code = "OFFSET_ROW_MISSING"

    def __init__(self, *, group: str, topic: str, partition: int) -> None:
        super().__init__(
            f"consumer_offset has no row for group {group}, {topic} partition {partition}, though "
            "one was written at the start. Someone has deleted it; a restart writes it again after "
            "checking that nothing is missing."
        )


class RetriesSpent(Stop):
    """One chunk failed as often as the policy allows; the last failure is the cause."""

    code = "RETRIES_SPENT"

    def __init__(self, *, doing: str, attempts: int, last: BaseException) -> None:
        super().__init__(
            f"Gave up {doing} after {attempts} attempts; the last failure was "
            f"{type(last).__name__}: {last}. Nothing was lost: the next start goes on from the "
            "stored offset."
        )


class Unforeseen(Stop):
    """An exception that no rule names: the code is wrong, or the world is."""

    code = "UNFORESEEN"

    def __init__(self, *, doing: str, error: BaseException) -> None:
        super().__init__(
            f"{type(error).__name__} while {doing}: {error}. No rule says that this may be tried "
            "again, so nothing was committed."
        )


class ServerReplaced(Stop):
    """The cursor was written on another PostgreSQL server."""

    code = "SERVER_REPLACED"

    def __init__(self, *, name: str, stored: int, found: int) -> None:
        super().__init__(
            f"The cursor of relay {name} was written on the PostgreSQL server {stored}; this is "
            f"server {found}, where transaction ids mean something else. docs/operations.md, "
            '"The relay stands still", says how to re-base it.'
        )


class Fenced(Stop):
    """Another relay has moved the cursor, or the lock was lost: this one must not publish."""

    code = "FENCED"

    def __init__(self, *, name: str, detail: str) -> None:
        super().__init__(
            f"Relay {name} is fenced: {detail}. Another one publishes now; a restart stands by."
        )
