"""Makes sheets of a week for doors, halls and learners: without labels (H11), all of one revision.

A `Press` is one revision with the names of the moment; every sheet comes from it, so no two
disagree. `cards.py` makes those for staff of it, `family.py` those that go home.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from services.scheduler.domain.day.unstaffed import unstaffed_ids
from services.scheduler.domain.explain.sentences import clock, label_for_learner
from services.scheduler.domain.leads import sessions_led
from services.scheduler.domain.model import Competency, Need
from services.scheduler.domain.people import Names
from services.scheduler.domain.revision import Content
from services.scheduler.domain.week import Seat, Session
from services.scheduler.entrypoints.outputs.asked import askers_of
from services.scheduler.entrypoints.outputs.sheets import (
    Column,
    Door,
    DoorSession,
    HallCell,
    HallLine,
    HallSheet,
    Slip,
    SlipPlace,
)
from services.scheduler.entrypoints.pages.editions import (
    NO_ROOM,
    SEE_THE_OFFICE,
    WeekReader,
    day,
    hall_edition,
)
from services.scheduler.entrypoints.pages.naming import Naming, learner_names, spoken
from services.scheduler.entrypoints.pages.views import HallEdition, HallPlace, HallSession, SlotView
from services.scheduler.handlers.meanwhile import NOTHING_SINCE, Meanwhile

SOMEWHERE_ELSE = "Somewhere else"
"""Stands for an exemption, whose code is nobody's business outside of the school."""
ASKED = "{adult} asked for you."
"""Of a service as of an adult's request: which of the two it is, is nobody's business either."""
CHANGE = "You can ask for a change until {when}."


class Press:
    """One revision with names, as everything printed reads it."""

    def __init__(
        self, content: Content, names: Names, meanwhile: Meanwhile = NOTHING_SINCE
    ) -> None:
        self.problem, self.week = content.problem, content.week
        self.content, self.names, self.meanwhile = content, names, meanwhile
        self.unstaffed = unstaffed_ids(content, meanwhile.absences)
        self.competencies = {one.competency_id: one for one in self.problem.competencies}
        self.reader = WeekReader(
            self.week, self.problem.slots, self.competencies, names, self.unstaffed
        )
        self.slots = {slot.slot_id: slot for slot in self.problem.slots}
        self.dates = {slot.slot_id: slot.date for slot in self.problem.slots}

    @cached_property
    def leads(self) -> Mapping[str, tuple[str, ...]]:
        """Who leads each session, by its id."""
        return sessions_led(self.problem, self.week.sessions)

    @cached_property
    def needs(self) -> dict[tuple[str, str], Need]:
        """The needs that the week was planned with, by learner and competency."""
        return {(one.learner_id, one.competency_id): one for one in self.problem.needs}

    @cached_property
    def askers(self) -> Mapping[tuple[str, str], str]:
        """The adults who asked for learners, by learner and slot; those in the roster alone."""
        found = askers_of(self.content)
        return {place: one for place, one in found.items() if one in self.names.adults}

    @cached_property
    def naming(self) -> Naming:
        """Puts names for ids into sentences."""
        return Naming(self.problem, self.week, self.names)

    @cached_property
    def worked(self) -> frozenset[tuple[str, str | None]]:
        """Who was in a group on what last week, by learner and competency."""
        return frozenset(
            (one.learner_id, one.competency_id)
            for one in self.problem.group_histories
            if one.last_week
        )

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(one.code for one in self.problem.competencies if one.code)

    def spoken(self, learner_id: str) -> str:
        """Return a learner as one speaks of them: "Kaya Abara"."""
        return self._spoken[learner_id]

    @cached_property
    def _spoken(self) -> dict[str, str]:
        return learner_names(self.reader.by_name(), self.names, spoken)

    def competency(self, competency_id: str | None) -> Competency | None:
        """Return a competency of the week."""
        return self.competencies.get(competency_id or "")

    def skill(self, competency_id: str | None) -> str:
        """Return a competency in words that label nobody; empty where there is none."""
        found = self.competency(competency_id)
        return label_for_learner(found, self.problem.policy, self._codes) if found else ""


def doors(press: Press) -> tuple[Door, ...]:
    """Return a list for each room and day, rooms by name; what is in no room has no door."""
    days: dict[tuple[str, str], list[DoorSession]] = {}
    for room in _edition(press).rooms:
        if room.room == NO_ROOM:
            continue
        for session in room.sessions:
            days.setdefault((room.room, session.slot.day), []).append(_door_session(session))
    return tuple(
        Door(room=room, day=day, sessions=tuple(held)) for (room, day), held in days.items()
    )


def hall(press: Press) -> tuple[HallSheet, ...]:
    """Return who is where, A to Z, a list for each day."""
    return tuple(
        HallSheet(
            day=each.day,
            columns=tuple(Column(slot=slot.label, when=_clocks(slot)) for slot in each.slots),
            lines=tuple(
                HallLine(name=one.name, cells=tuple(map(_cell, one.places)))
                for one in each.learners
            ),
        )
        for each in _edition(press).days
    )


def slips(press: Press, learner_ids: Collection[str] | None = None) -> tuple[Slip, ...]:
    """Return a slip for each learner (None: all), by name."""
    until = _until(press)
    return tuple(
        Slip(
            name=press.reader.learner(learner_id),
            places=tuple(_slip_place(press, *place) for place in press.reader.places(learner_id)),
            change=CHANGE.format(when=until) if until else "",
        )
        for learner_id in chosen(press, learner_ids)
    )


def why(press: Press, seat: Seat) -> str:
    """Return what a learner reads on a seat: who asked for them, else the planner's sentence."""
    asker = press.askers.get((seat.learner_id, seat.slot_id))
    return ASKED.format(adult=press.reader.adult(asker)) if asker else seat.learner_sentence


def chosen(press: Press, learner_ids: Collection[str] | None) -> Iterable[str]:
    """Return those of the learners who have a place, by name; None asks for all."""
    wanted = None if learner_ids is None else frozenset(learner_ids)
    return [one for one in press.reader.by_name() if wanted is None or one in wanted]


def _edition(press: Press) -> HallEdition:
    return hall_edition(press.week, press.problem.slots, press.names, press.unstaffed)


def _until(press: Press) -> str:
    until = press.meanwhile.change_until
    return f"{day(until.date())}, {clock(until.time())}" if until else ""


def _door_session(session: HallSession) -> DoorSession:
    return DoorSession(
        slot=session.slot.label,
        when=_clocks(session.slot),
        title=session.title,
        adult="" if session.adult == SEE_THE_OFFICE else session.adult,
        note=SEE_THE_OFFICE if session.adult == SEE_THE_OFFICE else "",
        learners=session.learners,
    )


def _cell(place: HallPlace | None) -> HallCell | None:
    return HallCell(room=place.room, title=place.title, adult=place.adult) if place else None


def _slip_place(press: Press, slot: SlotView, seat: Seat, session: Session | None) -> SlipPlace:
    room, adult = press.reader.where(session) if session else ("", "")
    return SlipPlace(
        slot=slot.label,
        when=slot.when,
        title=session.title if session else SOMEWHERE_ELSE,
        room=room,
        adult=adult,
        why=why(press, seat),
    )


def _clocks(slot: SlotView) -> str:
    return f"{slot.start}–{slot.end}"
