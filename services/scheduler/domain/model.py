"""What a plan run reads: one school, one week, everything known at one time.

A `Problem` is an immutable snapshot. Ids are opaque, non-empty text (resource names or their last
part, as the caller likes, but one way throughout). No name of a person is in here.
This module holds data and the plainest questions about it; it must not decide anything. Problems
are stored beside their weeks, and they are a file format (docs/problem.md): a new field gets a
default, and a default stays what it is.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum, IntEnum

from services.scheduler.domain.numbers import Policy


class SessionKind(Enum):
    """What a session is."""

    SMALL_GROUP = "small_group"
    CHECK = "check"
    ENRICHMENT = "enrichment"
    ONE_TO_ONE = "one_to_one"
    SERVICE = "service"
    COMMONS = "commons"
    REASSESSMENT = "reassessment"

    @property
    def has_target(self) -> bool:
        """Whether a session of this kind works on one competency."""
        return self in (
            SessionKind.SMALL_GROUP,
            SessionKind.ONE_TO_ONE,
            SessionKind.CHECK,
            SessionKind.REASSESSMENT,
        )

    @property
    def is_help(self) -> bool:
        """Whether a seat asks for the evidence floor (H10)."""
        return self in (SessionKind.SMALL_GROUP, SessionKind.ONE_TO_ONE)

    @property
    def is_own_choice(self) -> bool:
        """Whether a seat counts as enrichment or own choice (S3, S4)."""
        return self in (SessionKind.ENRICHMENT, SessionKind.COMMONS)


class Mode(Enum):
    """How a session is worked in."""

    TAUGHT = "taught"
    PEER = "peer"
    SCREEN = "screen"


class Decision(Enum):
    """Where a learner stands with a competency, as the mastery service says."""

    INSUFFICIENT = "insufficient"
    NOT_YET = "not_yet"
    APPROACHING = "approaching"
    PROFICIENT = "proficient"
    EXEMPLARY = "exemplary"


class PinOrigin(Enum):
    """Who gave the seat that a pin keeps, and when."""

    SET = "set"
    """A person, before the week was planned."""
    DECIDED = "decided"
    """A person, of a planned week: the learner was moved in it, or the seat of theirs is published.
    """
    PLANNED = "planned"
    """The planner: the seat was accepted in the review of the week, or is published."""


class RequestLevel(IntEnum):
    """Who asks for a learner, highest first (H6). Needs, choices and default places come after."""

    SERVICE = 1
    ADMINISTRATOR = 2
    OWNING_TEACHER = 3
    TEACHER = 4


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whom a slot or an offer is for (H4); empty: for everybody.

    Both fields must admit the learner.
    """

    grades: tuple[str, ...] = ()
    """The learner's grade is one of them."""
    tags: tuple[str, ...] = ()
    """The learner bears one of them: a studio, a lunch wave, a bus, a campus."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A date with a start and an end, on the school's clock, in which sessions are held."""

    slot_id: str
    """Its id in the week."""
    date: date
    """A day of the week."""
    start: time
    """On the school's clock, without a zone."""
    end: time
    """After the start, on the same day; the slot ends before this instant."""
    label: str = ""
    """What people call it."""
    own_choice: bool = False
    """Whether a confirmed choice outranks a machine's need here (H6)."""
    subject: str = ""
    """The subject whose teachers own the slot (H6); empty: nobody."""
    scope: Scope | None = None
    """Who has a place in the slot at all; None: everybody."""

    def meets(self, other: "Slot") -> bool:
        """Whether the two share an instant; the end is not part of a slot."""
        return self.date == other.date and self.start < other.end and other.start < self.end

    @property
    def minutes(self) -> int:
        """Return how long the slot is."""
        return (self.end.hour - self.start.hour) * 60 + self.end.minute - self.start.minute


@dataclass(frozen=True, kw_only=True)
class Adult:
    """Who can lead sessions, and for which subjects they are qualified; only active adults."""

    adult_id: str
    """Their id."""
    subjects: tuple[str, ...] = ()
    """The subjects that they may work on (H9)."""
    kinds: tuple[SessionKind, ...] = ()
    """The kinds of sessions that they may lead (H9); empty: every kind."""
    slot_ids: tuple[str, ...] = ()
    """The slots that are not their planning time (S7); empty: every slot."""
    load: int = 0
    """The most sessions that they lead in a week; 0: no limit."""
    preparations: int = 0
    """The most different things that they prepare for a week; 0: the policy's limit a day alone."""

    def may_lead(self, kind: SessionKind) -> bool:
        """Whether the adult is qualified for sessions of a kind."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True, kw_only=True)
class Absence:
    """An adult who is away on a date; without slots: the whole day."""

    adult_id: str
    """Who is away."""
    date: date
    """The day."""
    slot_ids: tuple[str, ...] = ()
    """The slots of the day; empty: all of it."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A way to set up a room, and how many learners it then holds."""

    layout: str
    """Its name, as offers give it."""
    capacity: int
    """The most learners in it."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room, how many learners it holds, and whether it may host several sessions at once."""

    room_id: str
    """Its id."""
    capacity: int
    """The most learners that it holds, in all sessions together."""
    shared: bool = False
    """Whether it may host several sessions at once."""
    display_name: str = ""
    """What people call it."""
    layouts: tuple[Layout, ...] = ()
    """Capacities of layouts that hold other numbers."""
    closed_slot_ids: tuple[str, ...] = ()
    """The slots in which nothing can be held there."""

    def capacity_for(self, layout: str) -> int:
        """Return how many learners the room holds in a layout."""
        return next((one.capacity for one in self.layouts if one.layout == layout), self.capacity)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What an adult can lead: a kind of session in a room."""

    offer_id: str
    """Its id."""
    adult_id: str
    """Who leads its sessions."""
    kind: SessionKind
    """What its sessions are."""
    room_id: str | None = None
    """Where, if it is free; None: the session needs no room."""
    subject: str = ""
    """The subject of its targets, where the kind has one; empty: any that its competencies have."""
    competencies: tuple[str, ...] = ()
    """Its targets; empty: all of the subject."""
    title: str = ""
    """What learners and halls read; empty: neutral words."""
    cap: int = 0
    """The most learners; 0: the policy's cap for the kind."""
    slot_ids: tuple[str, ...] = ()
    """When it may be held; empty: in every slot."""
    other_room_ids: tuple[str, ...] = ()
    """Rooms that serve as well, where `room_id` is taken."""
    layout: str = ""
    """How the room is set up; its capacity for the layout binds (H3)."""
    mode: Mode = Mode.TAUGHT
    """How its sessions are worked in."""
    dok: int = 0
    """The depth of knowledge that is worked at, 1 to 4; 0: not stated."""
    rich: bool = False
    """Whether it is grade-level or rich work. Help on a prerequisite may stand beside it; where a
    confirmed choice of it names a slot, no machine's need takes its place then."""
    minimum: int = 0
    """The fewest learners that it is held for; 0: the policy's minimum."""
    tier_ids: tuple[str, ...] = ()
    """The tiers that its sessions may be of; empty: every tier of the policy."""
    legal: str = ""
    """The code of the law that limits the group (H3); empty: none."""
    service: str = ""
    """The service that is delivered, for the kind `service` (H5)."""
    scope: Scope | None = None
    """Who may sit in it (H4); None: everybody."""
    co_adult_ids: tuple[str, ...] = ()
    """The adults who lead with `adult_id`; they lead nothing else then (H2)."""
    stands_for: str = ""
    """The offer in whose place a substitute leads this one; its sessions keep their ids."""

    def stands_in(self, slot_id: str) -> bool:
        """Whether the offer holds for the slot."""
        return not self.slot_ids or slot_id in self.slot_ids

    @property
    def room_ids(self) -> tuple[str, ...]:
        """Return the rooms in which it may be held, the first preferred; empty: it needs none."""
        return () if self.room_id is None else (self.room_id, *self.other_room_ids)


@dataclass(frozen=True, kw_only=True)
class LockedSession:
    """A session that adults have agreed to hold: the search keeps it, however few come."""

    slot_id: str
    """When."""
    offer_id: str
    """What is held."""
    competency_id: str | None = None
    """The target; None: the search chooses it where the kind has one."""
    tier_id: str = ""
    """The tier; empty: the search chooses it."""


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A learner of the school. `withdraw_date` is the first day without them."""

    learner_id: str
    """Their id."""
    grade: str = ""
    """Their grade, as scopes name it; no part of any weight."""
    enrolled: bool = True
    """Whether they are on the roll, where no withdraw date says it."""
    enrol_date: date | None = None
    """The first day with them; None: from the start."""
    withdraw_date: date | None = None
    """The first day without them; None: they stay."""
    tags: tuple[str, ...] = ()
    """What scopes ask for: a studio, a lunch wave, a bus, a campus."""
    adult_ids: tuple[str, ...] = ()
    """The adults who teach them (S8)."""
    consents: tuple[str, ...] = ()
    """The codes of laws for which a consent is on file (H3)."""
    far_behind: bool | None = None
    """What the guided plan says; None: the essential competencies decide (H6)."""

    def is_active_on(self, day: date) -> bool:
        """Whether the learner is enrolled on the day (H4)."""
        if self.enrol_date is not None and day < self.enrol_date:
            return False
        if self.withdraw_date is not None:
            return day < self.withdraw_date
        return self.enrolled


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """What a family has opted out of (H4): one offer, or every session of a kind or subject."""

    learner_id: str
    """Whose family."""
    offer_id: str | None = None
    """The offer, where it is one."""
    kind: SessionKind | None = None
    """The kind, where it is every session of one."""
    subject: str = ""
    """The subject, where it is every session on one."""


@dataclass(frozen=True, kw_only=True)
class Competency:
    """One thing a learner can come to do. The code never reaches learners or halls (H11)."""

    competency_id: str
    """Its id."""
    label: str
    """What learners read."""
    subject: str
    """The subject that its adults are qualified for."""
    code: str = ""
    """Its code in the framework, for staff alone."""
    essential: bool = False
    """Whether it weighs more and counts for who is far behind."""
    prerequisites: tuple[str, ...] = ()
    """The competencies that it builds on."""
    due_date: date | None = None
    """Until when learners are to show it; counts for who is far behind (H6)."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """A learner's gap, or too little evidence to say, as of the problem's as-of time."""

    learner_id: str
    """Whose."""
    competency_id: str
    """What for."""
    decision: Decision
    """What mastery says; no rule of the week follows from it."""
    level_milli: int | None
    """1000 to 4000; None where the evidence gives no level yet."""
    at_least_eight_tenths_micro: int = 0
    """The chance that the learner does .8 of typical tasks, P(p >= .8)."""
    needs_reteach: bool = False
    """Whether mastery says that it is to be taught anew; no rule follows from it."""
    evidence_count: int = 0
    """The pieces of evidence."""
    day_count: int = 0
    """The days on which they were shown."""
    newest_day: date | None = None
    """On the school's calendar."""
    evidence: tuple[str, ...] = ()
    """Ids of the evidence, newest first."""
    version: int = 0
    """The version of the mastery that it was read from; no rule follows from it."""
    weeks_waiting: int = 0
    """The weeks in a row in which the need was open and not met."""
    sessions: int = 1
    """The most sessions of a week that may work on it."""
    weight_milli: int | None = None
    """Its weight where the caller sets it; None: by S1."""
    nominated: bool = False
    """Whether a teacher nominated the learner, with a reason (H10)."""
    confirmed: bool = False
    """Whether a teacher confirmed the learner's own request for help (H10)."""
    adult_id: str | None = None
    """The one adult who may help with it, where law asks for the same to a course's end (H9)."""


@dataclass(frozen=True, kw_only=True)
class RequiredService:
    """The minutes of a service that a learner must get in the week (H5)."""

    learner_id: str
    """Who gets it."""
    service: str
    """Its name, as offers give it."""
    minutes: int
    """The minutes of the week."""
    adult_id: str | None = None
    """The one adult who delivers it; None: any whose offers do."""
    make_up_minutes: int = 0
    """Of the minutes, those that make up for weeks before; no rule follows from it."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of a learner's ranked choices (S3): an offer, or a re-assessment of a competency.

    Of help and of checks it is a choice of session and way: only a need gives the seat.
    """

    learner_id: str
    """Who chooses."""
    rank: int
    """1 is the dearest."""
    offer_id: str | None = None
    """The offer that is chosen."""
    competency_id: str | None = None
    """Without an offer: a re-assessment of the competency. With one: the target that is chosen,
    where the offer's kind has one; None: any."""
    slot_ids: tuple[str, ...] = ()
    """When; empty: in any slot."""
    confirmed: bool = False
    """Whether the learner's named adult has confirmed it (H6)."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """An adult's request for a learner in a slot, which is settled before the search (H6)."""

    request_id: str
    """Its id."""
    learner_id: str
    """Whom it asks for."""
    slot_id: str
    """When."""
    offer_id: str
    """What they are to do."""
    level: RequestLevel
    """Who asks, by rank."""
    create_time: datetime
    """When it was made; the earlier goes first, of requests that are alike."""
    adult_id: str = ""
    """Who asks."""
    competency_id: str | None = None
    """The target, where the offer's kind has one."""
    weight_milli: int = 0
    """The weight of the need behind it, which orders requests of one level."""
    weeks_waiting: int = 0
    """The weeks that the need behind it has waited."""
    cancelled: bool = False
    """Whether it was taken back."""


@dataclass(frozen=True, kw_only=True)
class KeepApart:
    """Two learners who are never in one session or one shared room (H8)."""

    rule_id: str
    """Its id."""
    learner_id: str
    """One of the two."""
    other_id: str
    """The other."""
    expire_date: date | None = None
    """The first day without the rule; None: it stands."""


@dataclass(frozen=True, kw_only=True)
class KeepTogether:
    """Two learners who do well in one session (S8)."""

    rule_id: str
    """Its id."""
    learner_id: str
    """One of the two."""
    other_id: str
    """The other."""
    expire_date: date | None = None
    """The first day without the rule; None: it stands."""


@dataclass(frozen=True, kw_only=True)
class LearnerHistory:
    """What the weeks before say of a learner."""

    learner_id: str
    """Whose."""
    slot_count: int = 0
    """The slots in which they had a place, over the six weeks that S4 looks at."""
    own_choice_count: int = 0
    """Those of them that were enrichment or own choice."""
    dok_one_run: int = 0
    """The sessions at depth of knowledge 1 in a row at the end of last week."""
    weeks_without_need_seat: int = 0
    """The weeks in a row in which they had needs and no seat for any."""


@dataclass(frozen=True, kw_only=True)
class GroupHistory:
    """A learner's membership of groups on one competency (S5, S6)."""

    learner_id: str
    """Whose."""
    competency_id: str
    """On what."""
    adult_id: str = ""
    """Who led the group of this cycle last; empty: there is none."""
    last_week: bool = False
    """Whether the learner worked on it last week."""
    entry_date: date | None = None
    """When the learner entered the group that they are in; None: they are in none."""
    entry_level_milli: int | None = None
    """Their level then, or after the last cycle that brought a gain; None where there was none."""
    evidence_since_entry: int = 0
    """The pieces of evidence since then."""
    exit_date: date | None = None
    """When they last left a group on it; None: never."""
    cycles: int = 0
    """The cycles in a row, each of them over, that were spent on it without a gain."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A class of the school, for which re-teaching is proposed as a whole (S1)."""

    section_id: str
    """Its id."""
    subject: str = ""
    """Its subject; empty: any."""
    adult_id: str = ""
    """Who teaches it."""
    learner_ids: tuple[str, ...] = ()
    """Who is in it."""


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """That a person accepted a seat which the planner gave (H7)."""

    adult_id: str = ""
    """Who accepted it; empty: somebody who leads nothing, as in the office."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A seat that no run may move (H5, H6, H7): exactly one of an offer and an exemption's code.

    `competency_id` fixes the target of the offer's session too: a seat of a draft that an adult
    accepted, or a published seat, comes back as a pin with it. None leaves the target open.
    Such seats were lawful beside all that stood when they were given, so only a service goes before
    them.
    """

    pin_id: str
    """Its id."""
    learner_id: str
    """Who stays."""
    slot_id: str
    """When."""
    offer_id: str | None = None
    """The offer in which they sit."""
    competency_id: str | None = None
    """The target of the session; None: it is open."""
    exemption: str | None = None
    """The code of why they have no seat then, as off-campus."""
    service: bool = False
    """Whether it is a service, which goes before all else (H5)."""
    reason: str = ""
    """That, or why, a person decided; with one, a cap may be exceeded (H3)."""
    learner_reason: str = ""
    """What the learner reads of it where the planner would say nothing; empty: an adult chose."""
    origin: PinOrigin = PinOrigin.SET
    """Who gave the seat. Of one that the planner gave the week says why as of any other seat, as
    long as the need or choice behind it stands; else `reason` and `learner_reason` do."""
    acceptance: Acceptance | None = None
    """That somebody accepted the seat; null: nobody, or a person gave it."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """The whole input of a plan run, seed and budget apart.

    `as_of` is aware; `as_of_day` is its date on the school's calendar. Evidence of work after it
    is not in `needs`. The order of the tuples does not matter.
    """

    school_id: str
    """The school."""
    monday: date
    """The Monday of the week."""
    as_of: datetime
    """Evidence of work after it is not in the needs."""
    as_of_day: date
    """Its date on the school's calendar."""
    policy: Policy = field(default_factory=Policy)
    """The numbers of the rules."""
    slots: tuple[Slot, ...] = ()
    """When sessions are held."""
    adults: tuple[Adult, ...] = ()
    """Who leads them."""
    absences: tuple[Absence, ...] = ()
    """When adults are away."""
    rooms: tuple[Room, ...] = ()
    """Where they are held."""
    offers: tuple[Offer, ...] = ()
    """What adults can lead."""
    learners: tuple[Learner, ...] = ()
    """For whom the week is."""
    competencies: tuple[Competency, ...] = ()
    """What needs and targets are about."""
    needs: tuple[Need, ...] = ()
    """What learners lack, or may lack."""
    pins: tuple[Pin, ...] = ()
    """Seats and exemptions that people have set."""
    locked: tuple[LockedSession, ...] = ()
    """Sessions that are held in any case."""
    services: tuple[RequiredService, ...] = ()
    """Minutes that learners must get."""
    choices: tuple[Choice, ...] = ()
    """What learners have chosen."""
    requests: tuple[Request, ...] = ()
    """What adults ask for."""
    opt_outs: tuple[OptOut, ...] = ()
    """What families have opted out of."""
    keep_apart: tuple[KeepApart, ...] = ()
    """Who shares no session."""
    keep_together: tuple[KeepTogether, ...] = ()
    """Who is glad of one."""
    histories: tuple[LearnerHistory, ...] = ()
    """What the weeks before say of learners."""
    group_histories: tuple[GroupHistory, ...] = ()
    """What they say of learners' groups."""
    sections: tuple[Section, ...] = ()
    """The classes of the school."""
    cycle_start: date | None = None
    """The Monday on which the cycle of the groups began; None: this week begins one."""
