"""What a plan run gives: sessions, seats with their reasons, what is not met and what is broken.

Every tuple is in one order (stated on the class), so the same week is the same bytes.
This module holds data alone; `search` makes it, `check` doubts it, `encode` hashes it. Weeks are
stored: a new field gets a default under which the weeks of before mean what they meant.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import Enum

from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.rulebook import Rule

EVIDENCE_SHOWN = 5
ALTERNATIVES_SHOWN = 3


class SeatRule(Enum):
    """The rule that gave a seat."""

    SERVICE_PIN = "service_pin"
    PIN = "pin"
    NEED = "need"
    CHECK = "check"
    ENRICHMENT = "enrichment"
    COMMONS = "commons"
    EXEMPT = "exempt"


@dataclass(frozen=True, kw_only=True)
class Session:
    """A meeting in one slot. `session_id` hangs on slot, offer and target alone."""

    session_id: str
    slot_id: str
    date: date
    start: time
    end: time
    kind: SessionKind
    adult_id: str
    room_id: str | None
    room_display_name: str
    competency_id: str | None
    title: str
    cap: int
    offer_id: str


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """A need that was not served in a seat, the rule that bound it, and one sentence for staff."""

    competency_id: str
    rule: Rule
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A learner's one place in a slot: a session, or an exemption with a code.

    `weight_milli` is the need's weight in thousandths of a point, 0 for a seat without a need.
    `evidence` has at most 5 ids, `alternatives` at most 3, greatest first.
    """

    learner_id: str
    slot_id: str
    session_id: str | None
    exemption: str | None
    rule: SeatRule
    competency_id: str | None
    weight_milli: int
    staff_sentence: str
    learner_sentence: str
    evidence: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UnmetNeed:
    """A need that passes the evidence floor and is not met, with the rule that bound."""

    learner_id: str
    competency_id: str
    weight_milli: int
    rule: Rule
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A hard rule that the week breaks; `slot_id` is empty where it is the whole week.

    In the message every id stands behind the word for what it is, as in "learner l0042", so that
    a page can put names there; names of people are stored nowhere.
    """

    rule: Rule
    slot_id: str
    message: str


@dataclass(frozen=True, kw_only=True)
class SlotCapacity:
    """Whether a slot fits: learners to seat against the places that adults and rooms can give.

    `short_of` are the learners who have no place in the week as it is.
    """

    slot_id: str
    learners: int
    adults_available: int
    adults_absent: int
    places: int
    short_of: int


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one more seat in a session (or one more place in a shared room) would be worth.

    In thousandths of a point; negative where the session's minimum holds learners in it.
    """

    name: str
    price_milli: int


@dataclass(frozen=True, kw_only=True)
class SlotCertificate:
    """Proof about one slot: no assignment to these sessions is worth more than `bound_milli`.

    `value_milli` is what the week reaches. Equal: the assignment is optimal for the sessions
    opened and the needs still open when the slot was filled. The bound follows from the prices
    by weak duality and can be recomputed from them in integers.
    """

    slot_id: str
    value_milli: int
    bound_milli: int
    prices: tuple[Price, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The week in numbers. Micro: millionths."""

    learners: int
    slots: int
    sessions: int
    seats: int
    exemptions: int
    needs: int
    needs_met: int
    checks_due: int
    checks_met: int
    need_weight_met_micro: int
    assignment_gap_micro: int
    openings_tried: int


@dataclass(frozen=True, kw_only=True)
class Week:
    """A planned week.

    Sessions by slot, adult and id; seats by learner and slot; unmet needs greatest first;
    capacity and certificates by slot in time; breaches by rule, slot and message.
    `week_hash`: SHA-256 of the canonical encoding of all else, in hexadecimal.
    """

    school_id: str
    monday: date
    snapshot_hash: str
    seed: int
    budget: int
    sessions: tuple[Session, ...]
    seats: tuple[Seat, ...]
    unmet: tuple[UnmetNeed, ...]
    capacity: tuple[SlotCapacity, ...]
    breaches: tuple[Breach, ...]
    certificates: tuple[SlotCertificate, ...]
    summary: Summary
    week_hash: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run has come: `done` of `total` slots in a stage ("openings" or "seats")."""

    stage: str
    done: int
    total: int
