"""Arranges a week for reading: by slot, by adult, by learner; for the hall A to Z and by room.

`views.py` says what each page is made of; here a week becomes that. Names come from the roster at
the moment of reading and are stored nowhere else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date

from services.scheduler.domain.explain.sentences import clock
from services.scheduler.domain.model import Competency, Problem, Slot
from services.scheduler.domain.over_caps import over_caps
from services.scheduler.domain.people import Names
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Seat, Session, UnmetNeed, Week
from services.scheduler.entrypoints.pages.naming import (
    NOT_IN_ROSTER,
    Naming,
    learner_names,
    listed,
    name_key,
)
from services.scheduler.entrypoints.pages.views import (
    BreachView,
    HallDay,
    HallEdition,
    HallLearner,
    HallPlace,
    HallRoom,
    HallRoomDay,
    HallSession,
    SharedReason,
    SlotView,
    StaffAdult,
    StaffAlternative,
    StaffEdition,
    StaffLearner,
    StaffPlace,
    StaffSeat,
    StaffSession,
    StaffShortage,
    StaffSlot,
    StaffUnmet,
)
from services.scheduler.entrypoints.words import (
    KIND_WORDS,
    SEAT_WORDS,
    bound_words,
    breach_words,
    reason_for_staff,
)

NO_ROOM = "No room"
SEE_THE_OFFICE = "See the office"
NOBODY_LEADS = "Its adult is away and nobody leads it yet: learners see the office."
"""Stands where a session has no adult: nobody is sent there, and the office knows where to."""


def hall_edition(
    week: Week, slots: Iterable[Slot], names: Names, unstaffed: Collection[str] = ()
) -> HallEdition:
    """Arrange a week for the hall: names sorted by name, rooms by name, slots by time.

    `unstaffed`: the sessions that have no adult now, by id.
    """
    reader = WeekReader(week, slots, {}, names, unstaffed)
    rooms: dict[str, list[HallSession]] = defaultdict(list)
    for session in reader.sessions_in_time():
        rooms[reader.room(session)].append(reader.hall_session(session))
    by_room = [
        HallRoom(room=room, sessions=tuple(rooms[room])) for room in sorted(rooms, key=natural)
    ]
    return HallEdition(days=tuple(_hall_days(reader, by_room)), rooms=tuple(by_room))


def _hall_days(reader: WeekReader, rooms: list[HallRoom]) -> Iterable[HallDay]:
    """Return a list for each day: nobody can read one line of thirty places."""
    of_day: dict[str, list[SlotView]] = defaultdict(list)
    for slot in reader.slots.values():
        of_day[slot.day].append(slot)
    for name, slots in of_day.items():
        lines = (reader.hall_learner(learner_id, slots) for learner_id in reader.by_name())
        yield HallDay(
            day=name,
            slots=tuple(slots),
            learners=tuple(line for line in lines if any(line.places)),
            rooms=tuple(_room_days(rooms, slots)),
        )


def _room_days(rooms: list[HallRoom], slots: list[SlotView]) -> Iterable[HallRoomDay]:
    for room in rooms:
        held = tuple(tuple(each for each in room.sessions if each.slot is slot) for slot in slots)
        if any(held):
            yield HallRoomDay(room=room.room, sessions=held)


def staff_edition(
    problem: Problem, week: Week, names: Names, unstaffed: Collection[str] = ()
) -> StaffEdition:
    """Arrange a week for staff: by slot, by adult and by learner, with reasons.

    `unstaffed`: the sessions that have no adult now, by id.
    """
    naming = Naming(problem, week, names)
    competencies = {one.competency_id: one for one in problem.competencies}
    reader = WeekReader(week, problem.slots, competencies, names, unstaffed, told=naming.named)
    views = {each.session_id: reader.staff_session(each) for each in reader.sessions_in_time()}
    by_adult: dict[tuple[tuple[str, str], str], list[StaffSession]] = defaultdict(list)
    for session in reader.sessions_in_time():
        key = (by_surname(reader.adult(session.adult_id)), session.adult_id)
        by_adult[key].append(views[session.session_id])
    return StaffEdition(
        slots=tuple(_staff_slot(slot, list(views.values())) for slot in reader.slots.values()),
        adults=tuple(
            StaffAdult(name=held[0].adult, anchor=f"adult-{number}", sessions=tuple(held))
            for number, (_, held) in enumerate(sorted(by_adult.items(), key=lambda each: each[0]))
        ),
        learners=tuple(
            reader.staff_learner(learner_id, number)
            for number, learner_id in enumerate(reader.by_name())
        ),
        unmet=tuple(reader.unmet(each) for each in week.unmet),
        shortages=tuple(reader.shortages()),
    )


def breach_views(
    breaches: Iterable[Breach], problem: Problem, week: Week, names: Names
) -> tuple[BreachView, ...]:
    """Return what a week breaks in words: rule, slot, and a sentence with names for its ids."""
    naming = Naming(problem, week, names)
    several_days = len({slot.date for slot in problem.slots}) > 1
    slots = {slot.slot_id: _slot_view(slot, several_days) for slot in problem.slots}
    return tuple(
        BreachView(
            rule=breach_words(each.rule),
            slot=slots.get(each.slot_id),
            sentence=naming.named(each.message),
        )
        for each in breaches
    )


def exception_views(problem: Problem, week: Week, names: Names) -> tuple[BreachView, ...]:
    """Return where adults have decided on more learners than the cap, with a sentence for each."""
    return breach_views(
        (
            Breach(rule=Rule.SIZE, slot_id=one.slot_id, message=f"By a decision, {one}.")
            for one in over_caps(problem, week)
        ),
        problem,
        week,
        names,
    )


def _staff_slot(slot: SlotView, sessions: list[StaffSession]) -> StaffSlot:
    held = tuple(each for each in sessions if each.slot is slot)
    return StaffSlot(slot=slot, sessions=held, learners=sum(len(each.seats) for each in held))


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


def by_surname(name: str) -> tuple[str, str]:
    """Sort key of an adult: by the last word of the name."""
    return (name_key(name.rsplit(" ", 1)[-1]), name)


class WeekReader:
    """One week with everything looked up that its views need."""

    def __init__(
        self,
        week: Week,
        slots: Iterable[Slot],
        competencies: Mapping[str, Competency],
        names: Names,
        unstaffed: Collection[str] = (),
        *,
        told: Callable[[str], str] = str,
    ) -> None:
        """Index a week. `told`: how staff read the reason of a seat, which speaks of ids."""
        self._week = week
        self._told = told
        self._unstaffed = frozenset(unstaffed)
        self._competencies = competencies
        self._names = names
        self._sessions = {session.session_id: session for session in week.sessions}
        in_time = sorted(slots, key=lambda slot: (slot.date, slot.start, slot.slot_id))
        several_days = len({slot.date for slot in in_time}) > 1
        self.slots = {slot.slot_id: _slot_view(slot, several_days) for slot in in_time}
        self._order = {slot_id: place for place, slot_id in enumerate(self.slots)}
        self._shown = learner_names({seat.learner_id for seat in week.seats}, names, listed)
        self._seats: dict[str, dict[str, Seat]] = defaultdict(dict)
        self._seated: dict[str, list[Seat]] = defaultdict(list)
        for seat in week.seats:
            self._seats[seat.learner_id][seat.slot_id] = seat
            if seat.session_id is not None:
                self._seated[seat.session_id].append(seat)

    def learner(self, learner_id: str) -> str:
        """Return a learner as lists name them."""
        return self._shown[learner_id]

    def learner_named(self, learner_id: str) -> str:
        """Return a learner as lists name them, also where they have no place in the week."""
        found = self._shown.get(learner_id)
        return found or learner_names([learner_id], self._names, listed)[learner_id]

    def by_name(self) -> list[str]:
        """Return the ids of who has a place, by name."""
        return sorted(self._seats, key=lambda each: (name_key(self._shown[each]), each))

    def places(self, learner_id: str) -> list[tuple[SlotView, Seat, Session | None]]:
        """Return a learner's places in time; no session where they are exempt."""
        seats = self._seats[learner_id]
        return [
            (slot, seats[slot_id], self._sessions.get(seats[slot_id].session_id or ""))
            for slot_id, slot in self.slots.items()
            if slot_id in seats
        ]

    def adult(self, adult_id: str) -> str:
        """Return an adult as the roster names them."""
        return self._names.adults.get(adult_id, NOT_IN_ROSTER)

    def room(self, session: Session) -> str:
        """Return where a session is, in words."""
        return session.room_display_name or NO_ROOM

    def is_unstaffed(self, session: Session) -> bool:
        """Whether nobody leads a session, as it is known now."""
        return session.session_id in self._unstaffed

    def where(self, session: Session) -> tuple[str, str]:
        """Return room and adult to which learners are sent.

        The office where nobody is there; the adult alone where the session is in no room.
        """
        if self.is_unstaffed(session):
            return SEE_THE_OFFICE, ""
        room, adult = session.room_display_name, self.adult(session.adult_id)
        return (room, adult) if room else (adult, "")

    def sessions_in_time(self) -> list[Session]:
        """Return the sessions by slot, then by the surname of who leads."""
        return sorted(
            self._sessions.values(),
            key=lambda each: (
                self._order[each.slot_id],
                by_surname(self.adult(each.adult_id)),
                each.session_id,
            ),
        )

    def seats_in(self, session: Session) -> list[Seat]:
        """Return the seats of a session, by name."""
        return sorted(
            self._seated[session.session_id],
            key=lambda seat: (name_key(self.learner(seat.learner_id)), seat.learner_id),
        )

    def hall_session(self, session: Session) -> HallSession:
        """Return a session as it may hang in a hall."""
        return HallSession(
            slot=self.slots[session.slot_id],
            title=session.title,
            room=self.room(session),
            adult=SEE_THE_OFFICE if self.is_unstaffed(session) else self.adult(session.adult_id),
            learners=tuple(self.learner(seat.learner_id) for seat in self.seats_in(session)),
        )

    def hall_learner(self, learner_id: str, slots: Iterable[SlotView]) -> HallLearner:
        """Return a learner's line of a day."""
        seats = self._seats[learner_id]
        return HallLearner(
            name=self.learner(learner_id),
            places=tuple(self._hall_place(seats.get(slot.slot_id)) for slot in slots),
        )

    def _hall_place(self, seat: Seat | None) -> HallPlace | None:
        if seat is None or seat.session_id is None:
            return None
        session = self._sessions[seat.session_id]
        room, adult = self.where(session)
        return HallPlace(title=session.title, room=room, adult=adult)

    def staff_session(self, session: Session) -> StaffSession:
        """Return a session with who is in it and why."""
        seats = tuple(
            StaffSeat(
                learner=self.learner(seat.learner_id),
                rule=SEAT_WORDS[seat.rule],
                reason=self._told(reason_for_staff(seat)),
            )
            for seat in self.seats_in(session)
        )
        return StaffSession(
            slot=self.slots[session.slot_id],
            title=session.title,
            code=self._code(session.competency_id),
            kind=KIND_WORDS[session.kind],
            room=self.room(session),
            adult=self.adult(session.adult_id),
            cap=session.cap,
            seats=seats,
            shared=() if session.competency_id is not None else _shared(seats),
            note=NOBODY_LEADS if self.is_unstaffed(session) else "",
        )

    def staff_learner(self, learner_id: str, number: int) -> StaffLearner:
        """Return a learner's week with the reasons."""
        seats = self._seats[learner_id]
        return StaffLearner(
            name=self.learner(learner_id),
            anchor=f"learner-{number}",
            places=tuple(self._staff_place(seats[each]) for each in self.slots if each in seats),
        )

    def _staff_place(self, seat: Seat) -> StaffPlace:
        session = self._sessions[seat.session_id] if seat.session_id is not None else None
        adult = ""
        if session is not None:
            away = self.is_unstaffed(session)
            adult = SEE_THE_OFFICE if away else self.adult(session.adult_id)
        return StaffPlace(
            slot=self.slots[seat.slot_id],
            title=session.title if session else f"Exempt: {seat.exemption}",
            code=self._code(session.competency_id) if session else "",
            room=self.room(session) if session else "",
            adult=adult,
            rule=SEAT_WORDS[seat.rule],
            reason=self._told(reason_for_staff(seat)),
            alternatives=tuple(
                StaffAlternative(label=self._label(each.competency_id), sentence=each.sentence)
                for each in seat.alternatives
            ),
        )

    def unmet(self, need: UnmetNeed) -> StaffUnmet:
        """Return a need that the week does not meet."""
        return StaffUnmet(
            learner=self._shown.get(need.learner_id, NOT_IN_ROSTER),
            code=self._code(need.competency_id),
            label=self._label(need.competency_id),
            rule=bound_words(need.rule),
            sentence=need.sentence,
        )

    def shortages(self) -> list[StaffShortage]:
        """Return the competencies with unmet needs, those of most learners first."""
        bound: dict[str, Counter[str]] = defaultdict(Counter)
        for need in self._week.unmet:
            bound[need.competency_id][bound_words(need.rule)] += 1
        found = [
            StaffShortage(
                code=self._code(competency_id),
                label=self._label(competency_id),
                learners=counts.total(),
                why=min(counts, key=lambda why: (-counts[why], why)),
            )
            for competency_id, counts in bound.items()
        ]
        return sorted(found, key=lambda each: (-each.learners, each.label, each.code))

    def _label(self, competency_id: str) -> str:
        competency = self._competencies.get(competency_id)
        return competency.label if competency else ""

    def _code(self, competency_id: str | None) -> str:
        competency = self._competencies.get(competency_id or "")
        return competency.code if competency else ""


def _shared(seats: Iterable[StaffSeat]) -> tuple[SharedReason, ...]:
    """Return each reason once with its learners, that of most learners first."""
    of_reason: dict[str, list[str]] = defaultdict(list)
    for seat in seats:
        of_reason[seat.reason].append(seat.learner)
    found = [SharedReason(reason=each, learners=tuple(who)) for each, who in of_reason.items()]
    return tuple(sorted(found, key=lambda each: (-len(each.learners), each.reason)))


def _slot_view(slot: Slot, several_days: bool) -> SlotView:
    start, end = clock(slot.start), clock(slot.end)
    before = f"{slot.date:%a} " if several_days else ""
    return SlotView(
        slot_id=slot.slot_id,
        label=slot.label or slot.slot_id,
        day=day(slot.date),
        start=start,
        end=end,
        when=f"{before}{start}–{end}",
    )
