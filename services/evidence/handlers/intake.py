"""What recording is told and what it needs: the command, its sendings, and its surroundings."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.common.clock import Clock
from services.evidence.domain.model import Record, hot_value
from services.evidence.handlers.receipts import Receipts
from services.evidence.ports.ledger import EventEncoder, Ledger

MAX_ATTEMPTS = 5
"""A race over one observation is lost at most this often before the sender is told to ask again."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakePolicy:
    """When the work may have been done. A live source is bounded more narrowly than an import."""

    ahead_seconds: int = 600
    back_days: int = 400
    import_earliest: datetime = datetime(1990, 1, 1, tzinfo=UTC)


@hot_value
class Sending:
    """One record that was sent: its message, encoded, and what it says.

    sent: the decoded message encoded again, unknown fields included: what tells a repeat. gRPC does
    not hand over the bytes on the wire, and the same fields in another order are the same record.
    reserved_version: of one that has waited, its place in the order of receipt; 0 for a new one.
    subject: the source object that it was derived from, as in "results/r-17"; empty for none.
    digest: of one that was derived, what tells it from others in quarantine; empty: its bytes do.
    """

    sent: bytes
    record: Record
    reserved_version: int = 0
    subject: str = ""
    digest: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordEvidence:
    """The command: keep these records.

    district and sources are the credential's. import_id: None for a live source. lines: where each
    record stood in its file, 0 where nowhere; none of them where there is no file. redriven: they
    were received before, so how old they may be was settled then. only_changes: an observation that
    stands as it is sent is not kept once more.
    """

    district: str
    sources: Container[str]
    sendings: Sequence[Sending]
    import_id: str | None = None
    lines: Sequence[int] = ()
    validate_only: bool = False
    redriven: bool = False
    only_changes: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """What recording needs from outside."""

    ledger: Ledger
    encoder: EventEncoder
    receipts: Receipts
    clock: Clock
    policy: IntakePolicy = field(default_factory=IntakePolicy)


def micros_of(moment: datetime) -> int:
    """Return whole microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND
