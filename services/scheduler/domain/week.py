"""What a plan run gives: sessions, seats with their reasons, what is not met and what is broken.

Every tuple is in one order (stated on the class), so the same week is the same bytes.
This module holds data alone; `search` makes it, `check` doubts it, `encode` hashes it. Weeks are
stored: a new field gets a default under which the weeks of before mean what they meant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from enum import Enum, StrEnum
from typing import Final

from services.scheduler.domain.model import Acceptance, SessionKind
from services.scheduler.domain.rulebook import Rule

EVIDENCE_SHOWN = 5
ALTERNATIVES_SHOWN = 3


class SeatRule(Enum):
    """The rule that gave a seat."""

    SERVICE_PIN = "service_pin"
    PIN = "pin"
    NEED = "need"
    CHECK = "check"
    REASSESSMENT = "reassessment"
    CHOICE = "choice"
    SERVICE = "service"
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
    tier_id: str = ""
    """The tier of a help session, for staff alone; empty where the school has no tiers."""


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
    choice_rank: int = 0
    """The rank of the learner's choice that the seat meets; 0: none."""
    acceptance: Acceptance | None = None
    """That somebody accepted the seat in the review; None: nobody has."""


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
class Term:
    """What one soft rule adds to the value of a week, in thousandths of a point."""

    rule: Rule
    value_milli: int


@dataclass(frozen=True, kw_only=True)
class ServiceMinutes:
    """What a learner gets of a required service (H5); short where planned is below required."""

    learner_id: str
    service: str
    required_minutes: int
    planned_minutes: int
    sentence: str = ""
    """What stands in the way where it is short, for staff."""


class NoticeKind(Enum):
    """What a week tells the team beside its seats."""

    RETEACH = "reteach"
    NO_GAIN = "no_gain"
    DOK_ONE_RUN = "dok_one_run"
    SERVICE_OVER_APART = "service_over_apart"
    BOTTLENECK = "bottleneck"
    """What services ask for and the school cannot give together."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something that a week tells the team; ids stand behind the word for what they are."""

    kind: NoticeKind
    message: str
    learner_id: str = ""
    competency_id: str = ""
    section_id: str = ""
    adult_id: str = ""
    """Who is told; empty: the team."""


class RequestState(Enum):
    """What became of a request (H6)."""

    SEATED = "seated"
    NEXT = "next"
    CANCELLED = "cancelled"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class RequestOutcome:
    """What became of an adult's request, told to both sides."""

    request_id: str
    state: RequestState
    winner_id: str = ""
    """The request, or the pin, that took the learner, where the state is `next`."""
    sentence: str = ""


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
class SeatPrice:
    """What a seat of a session is worth to the week, in thousandths of a point."""

    session_id: str
    price_milli: int
    """Negative where the session's minimum holds learners in it."""


@dataclass(frozen=True, kw_only=True)
class PairPrice:
    """What it costs the week that two learners may not share a session, in thousandths."""

    rule_id: str
    session_id: str
    price_milli: int


@dataclass(frozen=True, kw_only=True)
class CompanyShare:
    """What two who do well in one session add there, as far as it is counted for the first of them.

    The first is the one whose id comes first. The rest is counted for the other; each has their
    part wherever they sit, whether or not the other is there, which can only raise a bound.
    """

    rule_id: str
    session_id: str
    share_milli: int


@dataclass(frozen=True, kw_only=True)
class AssignmentCertificate:
    """Proof about the seats: no other seating of these sessions is worth more than `bound_milli`.

    For any prices, the sessions' seats at their prices plus every learner's best week at those
    prices is at least the value of every lawful seating (weak duality), so who doubts the bound
    adds it up anew. Equal: the seats are optimal for the sessions that are held.
    """

    value_milli: int
    bound_milli: int
    prices: tuple[SeatPrice, ...] = ()
    pair_prices: tuple[PairPrice, ...] = ()
    company_shares: tuple[CompanyShare, ...] = ()
    """Where there is none, both have half."""


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
    week_gap_micro: int | None = None
    """How far the week is below what no lawful week exceeds, of that bound; rounded up. None: not
    proved."""


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
    terms: tuple[Term, ...] = ()
    """What each soft rule adds, by rule; their sum is the value of the week."""
    assignment: AssignmentCertificate | None = None
    bound_milli: int = 0
    """No lawful week is worth more; 0: not computed."""
    services: tuple[ServiceMinutes, ...] = ()
    """By learner and service."""
    notices: tuple[Notice, ...] = ()
    """By kind, section, learner and competency."""
    requests: tuple[RequestOutcome, ...] = ()
    """By request."""


def value_of(terms: Iterable[Term]) -> int:
    """Return what a week is worth, in thousandths of a point."""
    return sum(term.value_milli for term in terms)


class Stage(StrEnum):
    """What a run is at, in its order."""

    SEARCH = "search"
    SEATS = "seats"
    BOUND = "bound"


SHARE_BEFORE: Final = {Stage.SEARCH: 0.0, Stage.SEATS: 0.7, Stage.BOUND: 0.9}
"""How much of a run, roughly, is behind it when a stage begins."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run has come: `done` of `total` in a stage."""

    stage: Stage
    done: int
    total: int

    @property
    def share(self) -> float:
        """Return how much of the whole run is done, from 0 to 1."""
        begins = [*SHARE_BEFORE.values(), 1.0]
        number = list(SHARE_BEFORE).index(self.stage)
        length = begins[number + 1] - begins[number]
        return begins[number] + length * (self.done / self.total if self.total else 1.0)
