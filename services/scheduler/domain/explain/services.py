"""What every learner gets of each required service (H5), and what stands in the way of the rest."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from services.scheduler.domain.engine.tables import BARRED, NOBODY
from services.scheduler.domain.explain.sentences import counted
from services.scheduler.domain.model import RequiredService, SessionKind, Slot
from services.scheduler.domain.question.answer import Answer, Meeting
from services.scheduler.domain.question.options import Option, slot_of
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.week import ServiceMinutes

FULL, LOAD, BUSY, OPEN, ABSENT, TAKEN = range(6)
"""What bars a service in a slot, from nearest to a seat to furthest; the nearest is told."""

MENDS = {
    FULL: "Let one more session of it be held, or more learners sit in one",
    LOAD: "Let them lead more sessions, or let another adult deliver it",
    BUSY: "Lock a session of it there, or let another adult deliver it",
    OPEN: "Pin the seat",
    ABSENT: "Let it be offered in a slot in which the learner is free",
    TAKEN: "Move a pin or an exemption of the learner",
}


@dataclass(frozen=True, order=True)
class _Bar:
    """What keeps a service from being given in one slot."""

    nearness: int
    what: str


def services_of(question: Question, answer: Answer) -> tuple[ServiceMinutes, ...]:
    """Return the minutes of each required service, by learner and service.

    A learner who has a place in no slot of the week is not here, so nothing is owed.
    """
    services = _Services(question, answer)
    wanted = sorted(
        question.frame.snapshot.problem.services, key=lambda one: (one.learner_id, one.service)
    )
    return tuple(
        services.minutes_of(one) for one in wanted if one.learner_id in question.frame.learner_index
    )


class _Services:
    """Answers for one week; what is asked often is found once."""

    def __init__(self, question: Question, answer: Answer) -> None:
        self._question = question
        self._frame = question.frame
        self._answer = answer
        self._size: Counter[Meeting] = Counter(
            place.meeting for place in answer.places.values() if place.meeting is not None
        )
        self._leading: dict[tuple[str, str], Meeting] = {}
        self._load: Counter[str] = Counter()
        for meeting in answer.meetings:
            for adult_id in (meeting.offer.adult_id, *meeting.offer.co_adult_ids):
                self._leading[meeting.slot_id, adult_id] = meeting
                self._load[adult_id] += 1
        self._options: dict[str, list[tuple[int, Option]]] = defaultdict(list)
        for number, option in enumerate(self._frame.options.options):
            if option.offer.kind is SessionKind.SERVICE:
                self._options[option.offer.service].append((number, option))

    def minutes_of(self, wanted: RequiredService) -> ServiceMinutes:
        """Return what the week gives of a service; where it is short, with a sentence."""
        planned = sum(
            slot.minutes
            for slot in self._frame.snapshot.slots.values()
            if self._is_given(wanted, slot)
        )
        short = planned < wanted.minutes
        return ServiceMinutes(
            learner_id=wanted.learner_id,
            service=wanted.service,
            required_minutes=wanted.minutes,
            planned_minutes=planned,
            sentence=self._sentence(wanted, planned) if short else "",
        )

    def _is_given(self, wanted: RequiredService, slot: Slot) -> bool:
        place = self._answer.places.get((wanted.learner_id, slot.slot_id))
        if place is None or place.meeting is None:
            return False
        return _delivers(place.meeting, wanted)

    def _sentence(self, wanted: RequiredService, planned: int) -> str:
        head = (
            f"{planned} of {counted(wanted.minutes, 'minute', 'minutes')} of service"
            f" {wanted.service} are planned for learner {wanted.learner_id}"
        )
        if not self._for(wanted):
            mend = "Add an offer of it, or name another adult"
            return f"{head}: no offer of the school delivers it to them. {mend}."
        slots = [
            slot
            for slot in self._frame.snapshot.slots.values()
            if wanted.learner_id in self._frame.snapshot.active[slot.slot_id]
            and not self._is_given(wanted, slot)
        ]
        if not slots:
            return f"{head}: it is given in every slot of theirs. Add a slot, or ask for less."
        bar = min(self._bar(wanted, slot) for slot in slots)
        return f"{head}: {bar.what}. {MENDS[bar.nearness]}, and plan the week anew."

    def _for(self, wanted: RequiredService) -> list[tuple[int, Option]]:
        return [
            (number, option)
            for number, option in self._options.get(wanted.service, ())
            if wanted.adult_id in (None, option.offer.adult_id)
        ]

    def _bar(self, wanted: RequiredService, slot: Slot) -> _Bar:
        where = f"slot {slot.slot_id}"
        place = self._answer.places.get((wanted.learner_id, slot.slot_id))
        if place is not None and (place.pin is not None or place.meeting is None):
            return _Bar(TAKEN, f"a pin, an exemption or another seat takes {where}")
        there = list(self._there(wanted, slot))
        if not there:
            return _Bar(ABSENT, f"nobody who delivers it to them is there in {where}")
        return min(self._bar_of(option, slot) for option in there)

    def _there(self, wanted: RequiredService, slot: Slot) -> Iterator[Option]:
        """Yield what could be held in the slot and take the learner."""
        tables, frame = self._question.tables, self._frame
        t = frame.times.of_slot.get(slot.slot_id)
        if t is None:
            return
        n = frame.learner_index[wanted.learner_id]
        for number, option in self._for(wanted):
            group = tables.option_class[t, number]
            here = slot_of(option, frame.times.slots[t])
            if here is slot and group != NOBODY and tables.seat_value[n, group] > BARRED:
                yield option

    def _bar_of(self, option: Option, slot: Slot) -> _Bar:
        """Return what keeps the adult of an option from taking one learner more."""
        adult_id, where = option.offer.adult_id, f"slot {slot.slot_id}"
        clashes = self._frame.times.clashes[slot.slot_id]
        here = self._leading.get((slot.slot_id, adult_id))
        if here is not None and here.offer is option.offer and self._size[here] >= here.cap:
            size = counted(self._size[here], "learner", "learners")
            return _Bar(FULL, f"the session of adult {adult_id} in {where} is full with {size}")
        if here is not None and here.offer is option.offer:
            return _Bar(OPEN, f"the search found no week in which they sit in it in {where}")
        if here is not None or any((other, adult_id) in self._leading for other in clashes):
            return _Bar(BUSY, f"adult {adult_id} leads another session in {where}")
        most = self._frame.snapshot.adults[adult_id].load
        if most and self._load[adult_id] >= most:
            led = counted(self._load[adult_id], "session", "sessions")
            return _Bar(LOAD, f"adult {adult_id} leads {led}, the most of their week")
        return _Bar(OPEN, f"the search found no week in which it is held in {where}")


def _delivers(meeting: Meeting, wanted: RequiredService) -> bool:
    offer = meeting.offer
    return (
        offer.kind is SessionKind.SERVICE
        and offer.service == wanted.service
        and wanted.adult_id in (None, offer.adult_id)
    )
