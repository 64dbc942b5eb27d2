"""Schools for the tests of the planner: a small one built by hand, and random ones of any size.

`a_problem` makes sense as it is: one slot, one adult with a commons place for everybody. The
random schools come from a seed alone; they hold what a real week holds (services, absences,
shared rooms, part-time offers, learners who have left) in proportions near those of a middle
school.
"""

import random
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta

from services.scheduler.domain.model import (
    Absence,
    Adult,
    Competency,
    Decision,
    Learner,
    Need,
    Offer,
    Pin,
    Problem,
    Room,
    SessionKind,
    Slot,
)
from services.scheduler.domain.numbers import Policy
from tests.support.whole_schools import with_the_rest

MONDAY = date(2026, 11, 23)
AS_OF_DAY = date(2026, 11, 19)
AS_OF = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
SUBJECTS = ("math", "english", "science", "history")


def a_slot(slot_id="mon-1", start="09:00", end="09:40", *, day=MONDAY) -> Slot:
    """Return a slot of the Monday."""
    return Slot(
        slot_id=slot_id, date=day, start=time.fromisoformat(start), end=time.fromisoformat(end)
    )


def an_adult(adult_id="ada", subjects=("math",)) -> Adult:
    """Return an adult who is qualified for math."""
    return Adult(adult_id=adult_id, subjects=tuple(subjects))


def a_room(room_id="r1", capacity=30, *, shared=False) -> Room:
    """Return a room of 30."""
    return Room(room_id=room_id, capacity=capacity, shared=shared, display_name=f"Room {room_id}")


def an_offer(offer_id="o1", adult_id="ada", kind=SessionKind.COMMONS, **changes) -> Offer:
    """Return an offer of commons in room r1; with a target, for math."""
    fields = {
        "offer_id": offer_id,
        "adult_id": adult_id,
        "kind": kind,
        "room_id": "r1",
        "subject": "math" if kind.has_target else "",
    }
    return Offer(**(fields | changes))


def a_learner(learner_id="lea", **changes) -> Learner:
    """Return an enrolled learner of grade 6."""
    return Learner(**({"learner_id": learner_id, "grade": "6"} | changes))


def a_competency(competency_id="fractions", label="Adding fractions", **changes) -> Competency:
    """Return a competency of math with a code that must not be shown."""
    fields = {
        "competency_id": competency_id,
        "label": label,
        "subject": "math",
        "code": "5.NF.A.1",
    }
    return Competency(**(fields | changes))


def a_need(learner_id="lea", competency_id="fractions", **changes) -> Need:
    """Return a need that passes the evidence floor: 1.8 from 5 pieces on 3 days, newest today."""
    fields = {
        "learner_id": learner_id,
        "competency_id": competency_id,
        "decision": Decision.NOT_YET,
        "level_milli": 1800,
        "at_least_eight_tenths_micro": 100_000,
        "evidence_count": 5,
        "day_count": 3,
        "newest_day": AS_OF_DAY,
        "evidence": (f"e-{learner_id}-{competency_id}",),
        "version": 7,
    }
    return Need(**(fields | changes))


def a_pin(pin_id="p1", learner_id="lea", slot_id="mon-1", **changes) -> Pin:
    """Return a pin of an adult's choice to offer o1, with a reason."""
    fields = {
        "pin_id": pin_id,
        "learner_id": learner_id,
        "slot_id": slot_id,
        "reason": "agreed with the family",
    }
    if "exemption" not in changes:
        fields["offer_id"] = "o1"
    return Pin(**(fields | changes))


def an_absence(adult_id="ada", **changes) -> Absence:
    """Return an absence for the whole Monday."""
    return Absence(**({"adult_id": adult_id, "date": MONDAY} | changes))


def a_problem(**changes) -> Problem:
    """Return one slot, one adult with commons for 30, one learner without a need."""
    fields = {
        "school_id": "north",
        "monday": MONDAY,
        "as_of": AS_OF,
        "as_of_day": AS_OF_DAY,
        "slots": (a_slot(),),
        "adults": (an_adult(),),
        "rooms": (a_room(),),
        "offers": (an_offer(),),
        "learners": (a_learner(),),
        "competencies": (a_competency(),),
    }
    return Problem(**(fields | changes))


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large a random school is, and how much of each complication it has."""

    learners: int = 60
    adults: int = 8
    slots: int = 3
    competencies: int = 16
    needs_each: float = 5.0
    service_share: float = 0.06
    absent_share: float = 0.05
    withdrawn_share: float = 0.02
    policy: Policy = field(default_factory=Policy)
    whole: bool = False
    """Whether it also holds choices, services, requests, pairs, scopes, tiers and history."""


MIDDLE_SCHOOL = Shape(learners=853, adults=55, slots=6, competencies=120, needs_each=6.0)
STUDIO_SCHOOL = Shape(learners=94, adults=10, slots=5, competencies=40, needs_each=6.0)


def a_school(seed: int, shape: Shape = Shape()) -> Problem:
    """Return a random school; the same seed and shape give the same problem."""
    problem = _SchoolMaker(random.Random(seed), shape).problem()
    return with_the_rest(problem, random.Random(seed)) if shape.whole else problem


_LISTS = tuple(one.name for one in fields(Problem) if one.default == ())


def shuffled_with_repeats(problem: Problem, seed: int) -> Problem:
    """Return the same facts in another order, some of them twice."""
    rng = random.Random(seed)
    changes = {}
    for name in _LISTS:
        items = list(getattr(problem, name))
        items += rng.sample(items, len(items) // 3)
        rng.shuffle(items)
        changes[name] = tuple(items)
    return replace(problem, **changes)


class _SchoolMaker:
    def __init__(self, rng: random.Random, shape: Shape) -> None:
        self.rng = rng
        self.shape = shape
        self.slots = self._slots()
        self.competencies = self._competencies()
        self.learners = self._learners()
        self.rooms: list[Room] = [
            Room(room_id="gym", capacity=160, shared=True, display_name="Gym"),
            Room(room_id="hall", capacity=200, shared=True, display_name="Hall"),
        ]
        self.adults: list[Adult] = []
        self.offers: list[Offer] = []
        for number in range(shape.adults):
            self._add_adult(number)

    def problem(self) -> Problem:
        return Problem(
            school_id="north",
            monday=MONDAY,
            as_of=AS_OF,
            as_of_day=AS_OF_DAY,
            policy=self.shape.policy,
            slots=tuple(self.slots),
            adults=tuple(self.adults),
            absences=tuple(self._absences()),
            rooms=tuple(self.rooms),
            offers=tuple(self.offers),
            learners=tuple(self.learners),
            competencies=tuple(self.competencies),
            needs=tuple(self._needs()),
            pins=tuple(self._pins()),
        )

    def _slots(self) -> list[Slot]:
        start = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
        found = []
        for number in range(self.shape.slots):
            begin = start + timedelta(minutes=45 * number)
            end = begin + timedelta(minutes=40)
            found.append(
                Slot(
                    slot_id=f"mon-{number + 1}",
                    date=MONDAY,
                    start=begin.time(),
                    end=end.time(),
                    label=f"WIN {number + 1}",
                )
            )
        return found

    def _competencies(self) -> list[Competency]:
        return [
            Competency(
                competency_id=f"c{number:03d}",
                label=f"Idea {number} of {SUBJECTS[number % 4]}",
                subject=SUBJECTS[number % 4],
                code=f"{6 + number % 3}.XX.{number}",
                essential=self.rng.random() < 0.3,
                prerequisites=(f"c{number - 4:03d}",) if number >= 4 else (),
            )
            for number in range(self.shape.competencies)
        ]

    def _learners(self) -> list[Learner]:
        return [
            Learner(
                learner_id=f"l{number:04d}",
                grade=str(6 + number % 3),
                withdraw_date=date(2026, 11, 1)
                if self.rng.random() < self.shape.withdrawn_share
                else None,
            )
            for number in range(self.shape.learners)
        ]

    def _add_adult(self, number: int) -> None:
        adult_id, room_id = f"a{number:02d}", f"room{number:02d}"
        subject = SUBJECTS[number % 4]
        subjects = (subject, SUBJECTS[(number + 1) % 4]) if number % 5 == 0 else (subject,)
        self.adults.append(Adult(adult_id=adult_id, subjects=subjects))
        self.rooms.append(Room(room_id=room_id, capacity=self.rng.choice((24, 28, 30, 32))))
        kinds = [SessionKind.ENRICHMENT, SessionKind.SMALL_GROUP]
        kinds += [SessionKind.CHECK] if number % 3 == 0 else []
        kinds += [SessionKind.ONE_TO_ONE] if number % 7 == 0 else []
        for kind in kinds:
            self._add_offer(adult_id, room_id, kind, subject)
        if number % 4 == 0:
            self._add_offer(adult_id, "gym" if number % 8 else "hall", SessionKind.COMMONS, "")
        if number % 9 == 0:
            self._add_offer(adult_id, room_id, SessionKind.SERVICE, "")

    def _add_offer(self, adult_id: str, room_id: str, kind: SessionKind, subject: str) -> None:
        everywhere = self.rng.random() < 0.9
        some = self.rng.sample(self.slots, max(1, len(self.slots) - 1))
        self.offers.append(
            Offer(
                offer_id=f"{adult_id}-{kind.value}",
                adult_id=adult_id,
                kind=kind,
                room_id=room_id,
                subject=subject if kind.has_target else "",
                title=f"Lab {adult_id}" if kind is SessionKind.ENRICHMENT else "",
                cap=60 if kind is SessionKind.COMMONS else 0,
                slot_ids=() if everywhere else tuple(s.slot_id for s in some),
            )
        )

    def _needs(self) -> list[Need]:
        found = []
        for learner in self.learners:
            most = min(round(self.shape.needs_each * 2), len(self.competencies))
            count = self.rng.randint(0, most)
            for competency in self.rng.sample(self.competencies, count):
                found.append(self._need(learner.learner_id, competency.competency_id))
        return found

    def _need(self, learner_id: str, competency_id: str) -> Need:
        pieces = self.rng.choice((1, 1, 2, 3, 4, 6, 9))
        return Need(
            learner_id=learner_id,
            competency_id=competency_id,
            decision=Decision.INSUFFICIENT if pieces == 1 else Decision.APPROACHING,
            level_milli=self.rng.randrange(1000, 3200, 10),
            at_least_eight_tenths_micro=self.rng.randrange(0, 800_000),
            evidence_count=pieces,
            day_count=self.rng.randint(1, pieces),
            newest_day=AS_OF_DAY - timedelta(days=self.rng.randint(0, 40)),
            evidence=tuple(f"e-{learner_id}-{competency_id}-{i}" for i in range(min(pieces, 5))),
            version=pieces,
            weeks_waiting=self.rng.choice((0, 0, 0, 1, 2, 5)),
        )

    def _absences(self) -> list[Absence]:
        return [
            Absence(adult_id=adult.adult_id, date=MONDAY)
            for adult in self.adults
            if self.rng.random() < self.shape.absent_share
        ]

    def _pins(self) -> list[Pin]:
        services = [o for o in self.offers if o.kind is SessionKind.SERVICE]
        found = []
        taken: dict[tuple[str, str], int] = {}
        for learner in self.learners:
            if not services or self.rng.random() >= self.shape.service_share:
                continue
            offer, slot = self.rng.choice(services), self.rng.choice(self.slots)
            key = (offer.offer_id, slot.slot_id)
            if not offer.stands_in(slot.slot_id) or taken.get(key, 0) >= 6:
                continue
            taken[key] = taken.get(key, 0) + 1
            found.append(
                Pin(
                    pin_id=f"pin-{learner.learner_id}",
                    learner_id=learner.learner_id,
                    slot_id=slot.slot_id,
                    offer_id=offer.offer_id,
                    service=True,
                    reason="minutes of the plan",
                )
            )
        for learner in self.learners[::97]:
            found.append(
                Pin(
                    pin_id=f"out-{learner.learner_id}",
                    learner_id=learner.learner_id,
                    slot_id=self.slots[-1].slot_id,
                    exemption="off-campus",
                    reason="job shadowing",
                )
            )
        return found
