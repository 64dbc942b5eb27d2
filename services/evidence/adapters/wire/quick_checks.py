"""The scheduler's facts on quick checks: from a chunk of the topic to facts of the domain.

Other facts of the topic are passed over. What can never be read is told apart record by record.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from google.protobuf.message import DecodeError
from trellis.scheduler.v1 import day_pb2, week_pb2

from services.common.ids import NAMESPACE_TRELLIS, ResourceName, derive_id
from services.common.kafka.chunk import Chunk, Parked
from services.evidence.adapters.wire.records import record_to
from services.evidence.domain.model import Record
from services.evidence.domain.quick_checks import QuickCheckFact, QuickCheckGone, QuickCheckNoted

SCHOOL: Final = ResourceName("districts/{district}/schools/{school}")
QUICK_CHECK: Final = ResourceName(
    "districts/{district}/schools/{school}/weeks/{monday}/sessions/{session}/quickChecks/{learner}"
)
QUICK_CHECKS: Final = frozenset({"quick_check_recorded", "quick_check_withdrawn"})

Message = day_pb2.QuickCheckRecorded | day_pb2.QuickCheckWithdrawn


class UnusableFactError(ValueError):
    """A record that can never be taken; `reason` is UPPER_SNAKE, the message says what is wrong.

    NO_VALUE          the record has no value
    UNDECODABLE       the value is not a SchedulerEvent
    KEY_NOT_SCHOOL    the key is not the name of the event's school
    MALFORMED         a name is none, or is of another school than the event's
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class ProtobufRecordEncoder:
    """Makes the bytes that are kept of a record; the port `RecordEncoder`."""

    def encode(self, record: Record) -> bytes:
        """Return the bytes of the contract's message."""
        return record_to(record).SerializeToString(deterministic=True)


def facts_in(
    chunks: Sequence[Chunk],
) -> tuple[list[QuickCheckFact], list[tuple[Chunk, int]], list[Parked]]:
    """Return the quick checks of chunks in their order, where each stood, and what is unusable."""
    facts: list[QuickCheckFact] = []
    places: list[tuple[Chunk, int]] = []
    parked: list[Parked] = []
    for chunk, index in _records(chunks):
        try:
            fact = fact_of(chunk.keys[index], chunk.values[index])
        except UnusableFactError as error:
            parked.append(chunk.park(index, error.reason, str(error)))
            continue
        if fact is not None:
            facts.append(fact)
            places.append((chunk, index))
    return facts, places, parked


def fact_of(key: bytes | None, value: bytes | None) -> QuickCheckFact | None:
    """Return what a record of the topic says of a quick check; None: it says something else."""
    if value is None:
        raise UnusableFactError("NO_VALUE", "The record has no value.")
    try:
        event = week_pb2.SchedulerEvent.FromString(value)
    except DecodeError as error:
        raise UnusableFactError(
            "UNDECODABLE", f"The value is not a SchedulerEvent: {error}"
        ) from error
    kind = event.WhichOneof("fact")
    if kind not in QUICK_CHECKS:
        return None
    if key != event.school.encode() or not SCHOOL.matches(event.school):
        raise UnusableFactError("KEY_NOT_SCHOOL", "The key is not the name of the event's school.")
    if kind == "quick_check_withdrawn":
        withdrawn = event.quick_check_withdrawn
        district, name = _name(event.school, withdrawn)
        return QuickCheckGone(
            district=district,
            name=name,
            event_id=_event_id(withdrawn),
            version=withdrawn.version,
        )
    recorded = event.quick_check_recorded
    district, name = _name(event.school, recorded)
    return QuickCheckNoted(
        district=district,
        name=name,
        event_id=_event_id(recorded),
        version=recorded.version,
        learner=recorded.learner,
        competency=recorded.competency,
        level_milli=recorded.level_milli,
        show_time=(recorded.show_time.seconds, recorded.show_time.nanos),
    )


def _records(chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, int]]:
    for chunk in chunks:
        for index in range(len(chunk)):
            yield chunk, index


def _name(school: str, message: Message) -> tuple[str, str]:
    """Return the district, and the name without it; raises UnusableFactError."""
    name = message.quick_check
    district, _ = SCHOOL.parse(school)
    if not QUICK_CHECK.matches(name) or not name.startswith(f"{school}/"):
        raise UnusableFactError("MALFORMED", "quick_check is no name of the event's school.")
    if message.version < 1:
        raise UnusableFactError("MALFORMED", "version is not above zero.")
    return district, name.removeprefix(f"districts/{district}/")


def _event_id(message: Message) -> str:
    """Return the id of this version of a quick check as evidence, the same each time it comes."""
    parts = ("quick-check", message.quick_check, str(message.version))
    return str(derive_id(NAMESPACE_TRELLIS, *parts))
