"""Arranges a week for reading: by slot, by adult, by learner; for the hall A to Z and by room.

Staff read levels, codes and reasons. What hangs in a hall shows name, time, room, adult and a
neutral title, and nothing else (rule H11): the hall's views have no field that could carry more.
Names come from the roster at the moment of reading and are stored nowhere else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time

from services.scheduler.domain.model import Competency, SessionKind, Slot
from services.scheduler.domain.people import Names
from services.scheduler.domain.week import Seat, SeatRule, Session, Week

NOT_IN_ROSTER = "Not in the roster"
TAG_LENGTH = 4

KIND_WORDS = {
    SessionKind.SMALL_GROUP: "Small group",
    SessionKind.CHECK: "Check",
    SessionKind.ENRICHMENT: "Enrichment",
    SessionKind.ONE_TO_ONE: "One to one",
    SessionKind.SERVICE: "Service",
    SessionKind.COMMONS: "Open room",
}
RULE_WORDS = {
    SeatRule.SERVICE_PIN: "Service",
    SeatRule.PIN: "Pinned",
    SeatRule.NEED: "Need",
    SeatRule.CHECK: "Check",
    SeatRule.ENRICHMENT: "Enrichment",
    SeatRule.COMMONS: "Open room",
    SeatRule.EXEMPT: "Exempt",
}


@dataclass(frozen=True, kw_only=True)
class SlotView:
    """A slot as people read it; clocks as "9:10"."""

    slot_id: str
    label: str
    day: str
    start: str
    end: str


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
    """A learner's line in the hall: one place for each slot, None where none is owed."""

    name: str
    places: tuple[HallPlace | None, ...]


@dataclass(frozen=True, kw_only=True)
class HallRoom:
    """What happens in a room, slot by slot."""

    room: str
    sessions: tuple[HallSession, ...]


@dataclass(frozen=True, kw_only=True)
class HallEdition:
    """Everything that the hall pages show."""

    slots: tuple[SlotView, ...]
    learners: tuple[HallLearner, ...]
    rooms: tuple[HallRoom, ...]


@dataclass(frozen=True, kw_only=True)
class StaffSeat:
    """A learner in a session, with the reason in a sentence."""

    learner: str
    rule: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StaffSession:
    """A session with who is in it and why. `code` is the competency's, for staff alone."""

    slot: SlotView
    title: str
    code: str
    kind: str
    room: str
    adult: str
    cap: int
    seats: tuple[StaffSeat, ...]


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
    alternatives: tuple[str, ...]


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
class StaffEdition:
    """Everything that the staff pages show."""

    slots: tuple[StaffSlot, ...]
    adults: tuple[StaffAdult, ...]
    learners: tuple[StaffLearner, ...]
    unmet: tuple[StaffUnmet, ...]


def hall_edition(week: Week, slots: Iterable[Slot], names: Names) -> HallEdition:
    """Arrange a week for the hall: names sorted by name, rooms by name, slots by time."""
    reader = _Reader(week, slots, {}, names)
    rooms: dict[str, list[HallSession]] = defaultdict(list)
    for session in reader.sessions_in_time():
        rooms[reader.room(session)].append(
            HallSession(
                slot=reader.slots[session.slot_id],
                title=session.title,
                room=reader.room(session),
                adult=reader.adult(session.adult_id),
                learners=tuple(
                    reader.learner(seat.learner_id) for seat in reader.seats_in(session)
                ),
            )
        )
    return HallEdition(
        slots=tuple(reader.slots.values()),
        learners=tuple(reader.hall_learner(learner_id) for learner_id in reader.by_name()),
        rooms=tuple(
            HallRoom(room=room, sessions=tuple(rooms[room])) for room in sorted(rooms, key=natural)
        ),
    )


def staff_edition(
    week: Week, slots: Iterable[Slot], competencies: Mapping[str, Competency], names: Names
) -> StaffEdition:
    """Arrange a week for staff: by slot, by adult and by learner, with reasons."""
    reader = _Reader(week, slots, competencies, names)
    sessions = [reader.staff_session(session) for session in reader.sessions_in_time()]
    by_adult: dict[str, list[StaffSession]] = defaultdict(list)
    for session in sessions:
        by_adult[session.adult].append(session)
    return StaffEdition(
        slots=tuple(
            StaffSlot(
                slot=slot,
                sessions=tuple(each for each in sessions if each.slot is slot),
                learners=sum(len(each.seats) for each in sessions if each.slot is slot),
            )
            for slot in reader.slots.values()
        ),
        adults=tuple(
            StaffAdult(name=name, anchor=f"adult-{number}", sessions=tuple(by_adult[name]))
            for number, name in enumerate(sorted(by_adult, key=_surname))
        ),
        learners=tuple(
            reader.staff_learner(learner_id, number)
            for number, learner_id in enumerate(reader.by_name())
        ),
        unmet=tuple(reader.unmet()),
    )


def clock(value: time) -> str:
    """Return a clock as a school writes it: "9:10"."""
    return f"{value.hour}:{value.minute:02d}"


def day(value: date) -> str:
    """Return a date as a school writes it: "Monday, November 23"."""
    return f"{value:%A, %B} {value.day}"


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key under which "Room 9" comes before "Room 10"."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for character in text:
        if character.isdecimal():
            digits += character
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, character.casefold()))
    if digits:
        parts.append((0, int(digits), ""))
    return tuple(parts)


def _surname(name: str) -> tuple[str, str]:
    return (name.rsplit(" ", 1)[-1].casefold(), name)


class _Reader:
    """One week with everything looked up that its views need."""

    def __init__(
        self,
        week: Week,
        slots: Iterable[Slot],
        competencies: Mapping[str, Competency],
        names: Names,
    ) -> None:
        self._week = week
        self._competencies = competencies
        self._names = names
        self._sessions = {session.session_id: session for session in week.sessions}
        in_time = sorted(slots, key=lambda slot: (slot.date, slot.start, slot.slot_id))
        self.slots = {slot.slot_id: _slot_view(slot) for slot in in_time}
        self._order = {slot_id: place for place, slot_id in enumerate(self.slots)}
        self._shown = self._shown_names()
        self._seats: dict[str, dict[str, Seat]] = defaultdict(dict)
        self._seated: dict[str, list[Seat]] = defaultdict(list)
        for seat in week.seats:
            self._seats[seat.learner_id][seat.slot_id] = seat
            if seat.session_id is not None:
                self._seated[seat.session_id].append(seat)

    def _shown_names(self) -> dict[str, str]:
        """Give each learner a name to show; those who share one get the end of their number."""
        people = {
            seat.learner_id: self._names.learners.get(seat.learner_id) for seat in self._week.seats
        }
        written = {
            learner_id: f"{person.family_name}, {person.given_name}" if person else NOT_IN_ROSTER
            for learner_id, person in people.items()
        }
        shared = {name for name, count in Counter(written.values()).items() if count > 1}
        for learner_id, name in written.items():
            person = people[learner_id]
            if name in shared:
                number = person.source_id if person else learner_id
                written[learner_id] = f"{name} ({number[-TAG_LENGTH:]})"
        return written

    def learner(self, learner_id: str) -> str:
        return self._shown[learner_id]

    def by_name(self) -> list[str]:
        return sorted(self._seats, key=lambda each: (self._shown[each].casefold(), each))

    def adult(self, adult_id: str) -> str:
        return self._names.adults.get(adult_id, NOT_IN_ROSTER)

    def room(self, session: Session) -> str:
        return session.room_display_name or "No room"

    def sessions_in_time(self) -> list[Session]:
        return sorted(
            self._sessions.values(),
            key=lambda each: (
                self._order[each.slot_id],
                _surname(self.adult(each.adult_id)),
                each.session_id,
            ),
        )

    def seats_in(self, session: Session) -> list[Seat]:
        return sorted(
            self._seated[session.session_id],
            key=lambda seat: (self.learner(seat.learner_id).casefold(), seat.learner_id),
        )

    def hall_learner(self, learner_id: str) -> HallLearner:
        return HallLearner(
            name=self.learner(learner_id),
            places=tuple(
                self._hall_place(self._seats[learner_id].get(each)) for each in self.slots
            ),
        )

    def _hall_place(self, seat: Seat | None) -> HallPlace | None:
        if seat is None or seat.session_id is None:
            return None
        session = self._sessions[seat.session_id]
        return HallPlace(
            title=session.title, room=self.room(session), adult=self.adult(session.adult_id)
        )

    def staff_session(self, session: Session) -> StaffSession:
        return StaffSession(
            slot=self.slots[session.slot_id],
            title=session.title,
            code=self._code(session.competency_id),
            kind=KIND_WORDS[session.kind],
            room=self.room(session),
            adult=self.adult(session.adult_id),
            cap=session.cap,
            seats=tuple(
                StaffSeat(
                    learner=self.learner(seat.learner_id),
                    rule=RULE_WORDS[seat.rule],
                    reason=seat.staff_sentence,
                )
                for seat in self.seats_in(session)
            ),
        )

    def staff_learner(self, learner_id: str, number: int) -> StaffLearner:
        seats = self._seats[learner_id]
        return StaffLearner(
            name=self.learner(learner_id),
            anchor=f"learner-{number}",
            places=tuple(self._staff_place(seats[each]) for each in self.slots if each in seats),
        )

    def _staff_place(self, seat: Seat) -> StaffPlace:
        session = self._sessions[seat.session_id] if seat.session_id is not None else None
        return StaffPlace(
            slot=self.slots[seat.slot_id],
            title=session.title if session else f"Exempt: {seat.exemption}",
            code=self._code(session.competency_id) if session else "",
            room=self.room(session) if session else "",
            adult=self.adult(session.adult_id) if session else "",
            rule=RULE_WORDS[seat.rule],
            reason=seat.staff_sentence,
            alternatives=tuple(each.sentence for each in seat.alternatives),
        )

    def unmet(self) -> Iterable[StaffUnmet]:
        for need in self._week.unmet:
            competency = self._competencies.get(need.competency_id)
            yield StaffUnmet(
                learner=self._shown.get(need.learner_id, NOT_IN_ROSTER),
                code=self._code(need.competency_id),
                label=competency.label if competency else "",
                rule=need.rule,
                sentence=need.sentence,
            )

    def _code(self, competency_id: str | None) -> str:
        competency = self._competencies.get(competency_id or "")
        return competency.code if competency else ""


def _slot_view(slot: Slot) -> SlotView:
    return SlotView(
        slot_id=slot.slot_id,
        label=slot.label or slot.slot_id,
        day=day(slot.date),
        start=clock(slot.start),
        end=clock(slot.end),
    )
