"""What the pages of a week are made of: for staff with reasons, for the hall without.

What hangs in a hall shows name, time, room, adult and a neutral title, and nothing else (rule
H11): the hall's views have no field that could carry more. Plain data; nothing here decides.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SlotView:
    """A slot as people read it; clocks as "9:10".

    `when` is its clock, with the day before it where the week has slots on several days.
    """

    slot_id: str
    label: str
    day: str
    start: str
    end: str
    when: str


@dataclass(frozen=True, kw_only=True)
class HallSession:
    """A session as it may hang in a hall."""

    slot: SlotView
    title: str
    room: str
    adult: str
    learners: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HallPlace:
    """Where a learner is in one slot, as it may hang in a hall."""

    title: str
    room: str
    adult: str


@dataclass(frozen=True, kw_only=True)
class HallLearner:
    """A learner's line in the hall: one place for each slot of a day, None where none is owed."""

    name: str
    places: tuple[HallPlace | None, ...]


@dataclass(frozen=True, kw_only=True)
class HallRoom:
    """What happens in a room, slot by slot."""

    room: str
    sessions: tuple[HallSession, ...]


@dataclass(frozen=True, kw_only=True)
class HallRoomDay:
    """A room's line of a day: the sessions in it, for each slot of the day."""

    room: str
    sessions: tuple[tuple[HallSession, ...], ...]


@dataclass(frozen=True, kw_only=True)
class HallDay:
    """A day's list: who is where, and what is on in each room. Names by name, slots by time."""

    day: str
    slots: tuple[SlotView, ...]
    learners: tuple[HallLearner, ...]
    rooms: tuple[HallRoomDay, ...]


@dataclass(frozen=True, kw_only=True)
class HallEdition:
    """Everything that the hall pages show."""

    days: tuple[HallDay, ...]
    rooms: tuple[HallRoom, ...]


@dataclass(frozen=True, kw_only=True)
class StaffSeat:
    """A learner in a session, with the reason in a sentence."""

    learner: str
    rule: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SharedReason:
    """A reason that is the same for several learners of a session."""

    reason: str
    learners: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StaffSession:
    """A session with who is in it and why. `code` is the competency's, for staff alone.

    `shared` holds the same reasons as `seats`, each once, where the session has no target: there
    most learners have the same. It is empty where each learner has a reason of their own.
    `note`: what else staff are told of it; empty: nothing.
    """

    slot: SlotView
    title: str
    code: str
    kind: str
    room: str
    adult: str
    cap: int
    seats: tuple[StaffSeat, ...]
    shared: tuple[SharedReason, ...]
    note: str


@dataclass(frozen=True, kw_only=True)
class StaffAlternative:
    """A need that this place does not serve, and why."""

    label: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class StaffPlace:
    """Where a learner is in one slot, and why."""

    slot: SlotView
    title: str
    code: str
    room: str
    adult: str
    rule: str
    reason: str
    alternatives: tuple[StaffAlternative, ...]


@dataclass(frozen=True, kw_only=True)
class StaffLearner:
    """A learner's week."""

    name: str
    anchor: str
    places: tuple[StaffPlace, ...]


@dataclass(frozen=True, kw_only=True)
class StaffSlot:
    """A slot with its sessions."""

    slot: SlotView
    sessions: tuple[StaffSession, ...]
    learners: int


@dataclass(frozen=True, kw_only=True)
class StaffAdult:
    """An adult's week."""

    name: str
    anchor: str
    sessions: tuple[StaffSession, ...]


@dataclass(frozen=True, kw_only=True)
class StaffUnmet:
    """A need that the week does not meet, with the rule that bound."""

    learner: str
    code: str
    label: str
    rule: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class StaffShortage:
    """A competency with needs that the week does not meet, and why most of them are not."""

    code: str
    label: str
    learners: int
    why: str


@dataclass(frozen=True, kw_only=True)
class BreachView:
    """A hard rule that the week breaks; without a slot where it is the whole week."""

    rule: str
    slot: SlotView | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class StaffEdition:
    """Everything that the staff pages show."""

    slots: tuple[StaffSlot, ...]
    adults: tuple[StaffAdult, ...]
    learners: tuple[StaffLearner, ...]
    unmet: tuple[StaffUnmet, ...]
    shortages: tuple[StaffShortage, ...]
