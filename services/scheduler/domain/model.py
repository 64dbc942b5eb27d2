"""What a plan run reads: one school, one week, everything known at one time.

A `Problem` is an immutable snapshot. Ids are opaque, non-empty text (resource names or their last
part, as the caller likes, but one way throughout). No name of a person is in here.
This module holds data and the plainest questions about it; it must not decide anything. Problems
are stored beside their weeks: a new field gets a default, and a default stays what it is.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum


class SessionKind(Enum):
    """What a session is."""

    SMALL_GROUP = "small_group"
    CHECK = "check"
    ENRICHMENT = "enrichment"
    ONE_TO_ONE = "one_to_one"
    SERVICE = "service"
    COMMONS = "commons"

    @property
    def has_target(self) -> bool:
        """Whether a session of this kind works on one competency."""
        return self in (SessionKind.SMALL_GROUP, SessionKind.ONE_TO_ONE, SessionKind.CHECK)

    @property
    def is_help(self) -> bool:
        """Whether a seat asks for the evidence floor (H10)."""
        return self in (SessionKind.SMALL_GROUP, SessionKind.ONE_TO_ONE)

    @property
    def is_own_choice(self) -> bool:
        """Whether a seat counts as enrichment or own choice (S3, S4)."""
        return self in (SessionKind.ENRICHMENT, SessionKind.COMMONS)


class Decision(Enum):
    """Where a learner stands with a competency, as the mastery service says."""

    INSUFFICIENT = "insufficient"
    NOT_YET = "not_yet"
    APPROACHING = "approaching"
    PROFICIENT = "proficient"
    EXEMPLARY = "exemplary"


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A date with a start and an end, on the school's clock, in which sessions are held."""

    slot_id: str
    date: date
    start: time
    end: time
    label: str = ""

    def meets(self, other: "Slot") -> bool:
        """Whether the two share an instant; the end is not part of a slot."""
        return self.date == other.date and self.start < other.end and other.start < self.end


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a school wants its week; levels in thousandths, shares in thousandths or millionths."""

    small_group_cap: int = 5
    one_to_one_cap: int = 1
    check_cap: int = 8
    enrichment_cap: int = 30
    session_minimum: int = 2
    floor_evidence_count: int = 2
    floor_day_count: int = 2
    floor_newest_days: int = 30
    floor_level_milli: int = 3000
    floor_at_least_eight_tenths_micro: int = 700_000
    preparations_per_day: int = 2
    need_seats_per_week: int = 3
    banned_words: tuple[str, ...] = ()
    reteach_share_milli: int = 600
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Adult:
    """Who can lead sessions, and for which subjects they are qualified; only active adults."""

    adult_id: str
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Absence:
    """An adult who is away on a date; without slots: the whole day."""

    adult_id: str
    date: date
    slot_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room, how many learners it holds, and whether it may host several sessions at once."""

    room_id: str
    capacity: int
    shared: bool = False
    display_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What an adult can lead: a kind of session in a room.

    `competencies` empty: all of the subject. `cap` zero: the policy's cap for the kind.
    `slot_ids` empty: every slot. `room_id` None: the session needs no room.
    """

    offer_id: str
    adult_id: str
    kind: SessionKind
    room_id: str | None = None
    subject: str = ""
    competencies: tuple[str, ...] = ()
    title: str = ""
    cap: int = 0
    slot_ids: tuple[str, ...] = ()

    def stands_in(self, slot_id: str) -> bool:
        """Whether the offer holds for the slot."""
        return not self.slot_ids or slot_id in self.slot_ids


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A learner of the school. `withdraw_date` is the first day without them."""

    learner_id: str
    grade: str = ""
    enrolled: bool = True
    enrol_date: date | None = None
    withdraw_date: date | None = None

    def is_active_on(self, day: date) -> bool:
        """Whether the learner is enrolled on the day (H4)."""
        if self.enrol_date is not None and day < self.enrol_date:
            return False
        if self.withdraw_date is not None:
            return day < self.withdraw_date
        return self.enrolled


@dataclass(frozen=True, kw_only=True)
class Competency:
    """One thing a learner can come to do. The code never reaches learners or halls (H11)."""

    competency_id: str
    label: str
    subject: str
    code: str = ""
    essential: bool = False
    prerequisites: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Need:
    """A learner's gap, or too little evidence to say, as of the problem's as-of time.

    `level_milli` 1000 to 4000, None where the evidence gives none yet; `newest_day` on the school's
    calendar; `weeks_waiting` are the weeks in a row in which the need was open and not met;
    `evidence` newest first.
    """

    learner_id: str
    competency_id: str
    decision: Decision
    level_milli: int | None
    at_least_eight_tenths_micro: int = 0
    needs_reteach: bool = False
    evidence_count: int = 0
    day_count: int = 0
    newest_day: date | None = None
    evidence: tuple[str, ...] = ()
    version: int = 0
    weeks_waiting: int = 0


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A seat that no run may move (H5, H6, H7): exactly one of an offer and an exemption's code.

    `competency_id` fixes the target of the offer's session too: a seat of a draft that an adult
    accepted, or a published seat, comes back as a pin with it. None leaves the target open.
    """

    pin_id: str
    learner_id: str
    slot_id: str
    offer_id: str | None = None
    competency_id: str | None = None
    exemption: str | None = None
    service: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """The whole input of a plan run, seed and budget apart.

    `as_of` is aware; `as_of_day` is its date on the school's calendar. Evidence of work after it
    is not in `needs`. The order of the tuples does not matter.
    """

    school_id: str
    monday: date
    as_of: datetime
    as_of_day: date
    policy: Policy = field(default_factory=Policy)
    slots: tuple[Slot, ...] = ()
    adults: tuple[Adult, ...] = ()
    absences: tuple[Absence, ...] = ()
    rooms: tuple[Room, ...] = ()
    offers: tuple[Offer, ...] = ()
    learners: tuple[Learner, ...] = ()
    competencies: tuple[Competency, ...] = ()
    needs: tuple[Need, ...] = ()
    pins: tuple[Pin, ...] = ()
