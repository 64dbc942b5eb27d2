"""A school with the defaults of the product: small groups, and every rule of a week in use.

Of the learners 15 % have gaps of tier 2 (groups of 5) and 5 % gaps of tier 3 (groups of 3), each
several; others have at most too little evidence, for a check. All else that a week may hold is
there in small shares: choices, known adults, cycles, sections, pins, part-time adults, absences.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from services.scheduler.domain.model import (
    Absence,
    Adult,
    Choice,
    Competency,
    Decision,
    GroupHistory,
    KeepApart,
    KeepTogether,
    Layout,
    Learner,
    LearnerHistory,
    LockedSession,
    Mode,
    Need,
    Offer,
    OptOut,
    Pin,
    Problem,
    RequiredService,
    Room,
    Scope,
    Section,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS, Policy
from tests.bench.schedule.frame import (
    AS_OF,
    AS_OF_DAY,
    MONDAY,
    SLOT_MINUTES,
    Post,
    Shape,
    apart_pairs,
    competency_id,
    learner_id,
    posts_of,
    rooms_of,
    slots_of,
    weighted_sample,
)

LEARNERS_PER_ADULT = 853 / 55
FEWEST_ADULTS = 10
ITINERANT_SHARE = 0.08
PART_TIME_SHARE = 0.08
ABSENT_SHARE = 0.03
FULL_SERVICE = 0.85
SERVICES = {"special education": (0.08, 6), "english learners": (0.06, 10), "speech": (0.02, 3)}
"""By service: the share of learners in a week of five slots, and the greatest group."""
SLOTS_OF_SHARES = 5
TWICE_SHARE = 0.25
NAMED_SHARE = 0.3

TIER_2_SHARE = 0.15
TIER_3_SHARE = 0.05
THIN_SHARE = 0.25
"""Of the learners, those with a gap on which there is too little evidence for help."""
SURE_SHARE = 0.10
PREREQUISITE_SHARE = 0.4
NOMINATED_SHARE = 0.03
TWO_SESSIONS_SHARE = 0.15
ESSENTIAL_SHARE = 0.3
IN_CYCLE_SHARE = 0.6
NO_GAIN_SHARE = 0.03
LEFT_SHARE = 0.03

ANSWERED_SHARE = 0.85
REASSESSMENT_SHARE = 0.12
CONFIRMED_SHARE = 0.6
CONSENT_SHARE = 0.7
LAW = "hb1416"
CLASS_SIZE = 25
APART_SHARE = 0.015
TOGETHER_SHARE = 0.02
PINNED_SHARE = 0.01
EXEMPT_SHARE = 0.01
LOCKED_SHARE = 0.15
"""Of the teachers, those who have declared one of their sessions."""
TAUGHT_AGAIN_SHARE = 0.04
"""Of the sections, those of which most lack one competency."""
LACKING_SHARE = 0.75


def product_school(shape: Shape) -> Problem:
    """Return the school of a shape."""
    rng = random.Random(shape.seed)
    staff = _Staff(shape, rng)
    return _People(shape, rng, staff).problem()


@dataclass(frozen=True)
class _Extra:
    """An offer that each so manyth teacher makes beside help, enrichment and commons."""

    every: int
    kind: SessionKind
    fields: dict


_EXTRAS = (
    _Extra(3, SessionKind.CHECK, {}),
    _Extra(4, SessionKind.REASSESSMENT, {}),
    _Extra(7, SessionKind.ONE_TO_ONE, {}),
    _Extra(9, SessionKind.SMALL_GROUP, {"mode": Mode.SCREEN}),
    _Extra(11, SessionKind.SMALL_GROUP, {"mode": Mode.PEER}),
    _Extra(13, SessionKind.SMALL_GROUP, {"legal": LAW}),
)


class _Staff:
    """The adults, rooms and offers, and the services that they have to deliver."""

    def __init__(self, shape: Shape, rng: random.Random) -> None:
        self.shape, self.rng = shape, rng
        self.slots = slots_of(shape, own_choice_last=True)
        self.adults: list[Adult] = []
        self.offers: list[Offer] = []
        self.absences: list[Absence] = []
        self.rooms = [
            Room(room_id="gym", capacity=160, shared=True, display_name="Gym"),
            Room(room_id="hall", capacity=200, shared=True, display_name="Hall"),
        ]
        self.services: list[RequiredService] = []
        self._deliver()
        total = shape.adults or max(round(shape.learners / LEARNERS_PER_ADULT), FEWEST_ADULTS)
        teachers = max(total - len(self.adults), shape.subjects)
        self.posts = posts_of(shape, teachers, rng, round(teachers * ITINERANT_SHARE))
        self.rooms += rooms_of(self.posts, rng)
        for number, post in enumerate(self.posts):
            self._add_teacher(number, post)

    def present(self, post: Post) -> list[str]:
        """Return the slots in which a teacher is there."""
        adult = next(one for one in self.adults if one.adult_id == post.adult_id)
        away = {one.adult_id for one in self.absences}
        names = adult.slot_ids or tuple(slot.slot_id for slot in self.slots)
        return [] if post.adult_id in away else list(names)

    def enrichments(self, grade: str) -> list[str]:
        """Return the enrichments for a grade."""
        return [
            one.offer_id
            for one in self.offers
            if one.kind is SessionKind.ENRICHMENT and (not one.scope or grade in one.scope.grades)
        ]

    def taught(self, post: Post) -> tuple[str, ...]:
        """Return the competencies that a teacher works on."""
        return tuple(
            competency_id(post.subject, grade, number)
            for grade in post.grades
            for number in range(self.shape.competencies_per_subject_grade)
        )

    def _deliver(self) -> None:
        numbers = list(range(self.shape.learners))
        self.rng.shuffle(numbers)
        for service, (share, cap) in SERVICES.items():
            part = share * min(self.shape.slots, SLOTS_OF_SHARES) / SLOTS_OF_SHARES
            count = max(round(part * self.shape.learners), 1)
            mine, numbers = sorted(numbers[:count]), numbers[count:]
            sessions = [1 + self._twice() for _ in mine]
            needed = round(sum(sessions) / FULL_SERVICE)
            adults = max(-(-needed // (cap * self.shape.slots)), 1)
            names = [f"{service.split(maxsplit=1)[0]}-{k:02d}" for k in range(adults)]
            for name in names:
                self._add_service_adult(name, service, cap)
            self._require(mine, sessions, service, names)

    def _twice(self) -> bool:
        return self.shape.slots > 1 and self.rng.random() < TWICE_SHARE

    def _require(
        self, mine: list[int], sessions: list[int], service: str, names: list[str]
    ) -> None:
        """Require the sessions of learners; some by a named adult, evenly."""
        for place, (number, count) in enumerate(zip(mine, sessions, strict=True)):
            named = self.rng.random() < NAMED_SHARE
            self.services.append(
                RequiredService(
                    learner_id=learner_id(number),
                    service=service,
                    minutes=count * SLOT_MINUTES - self.rng.choice((0, 0, 10)),
                    adult_id=names[place % len(names)] if named else None,
                )
            )

    def _add_service_adult(self, name: str, service: str, cap: int) -> None:
        post = Post(name, "", (), (f"room-{name}",))
        self.rooms.append(Room(room_id=f"room-{name}", capacity=20))
        self.adults.append(Adult(adult_id=name))
        self._offer(post, SessionKind.SERVICE, service=service, cap=cap)
        self._offer(post, SessionKind.COMMONS, cap=20)

    def _add_teacher(self, number: int, post: Post) -> None:
        self.adults.append(self._adult(post))
        if self.rng.random() < ABSENT_SHARE:
            self.absences.append(Absence(adult_id=post.adult_id, date=MONDAY))
        work = {"subject": post.subject, "competencies": self.taught(post)}
        self._offer(post, SessionKind.SMALL_GROUP, **work)
        self._offer(post, SessionKind.COMMONS, cap=30)
        self._add_enrichment(number, post)
        for which, extra in enumerate(_EXTRAS):
            if number % extra.every == 0:
                name = f"{post.adult_id}-extra-{which}"
                self._offer(post, extra.kind, **work, **extra.fields, offer_id=name)
        if number % 4 == 0:
            place = Post(post.adult_id, "", (), ("gym" if number % 8 else "hall",))
            name = f"{post.adult_id}-wide"
            self._offer(place, SessionKind.COMMONS, cap=60, offer_id=name)

    def _adult(self, post: Post) -> Adult:
        slot_ids: tuple[str, ...] = ()
        if self.shape.slots > 1 and self.rng.random() < PART_TIME_SHARE:
            free = self.rng.choice(self.slots)
            slot_ids = tuple(slot.slot_id for slot in self.slots if slot is not free)
        load = max(self.shape.slots - 1, 1) if self.rng.random() < PART_TIME_SHARE else 0
        return Adult(adult_id=post.adult_id, subjects=(post.subject,), slot_ids=slot_ids, load=load)

    def _add_enrichment(self, number: int, post: Post) -> None:
        grade = self.rng.choice(self.shape.grade_names)
        fields: dict = {"title": f"Lab {number}", "dok": self.rng.randint(1, 4)}
        if number % 5 == 0:
            fields["scope"] = Scope(grades=(grade,))
        if number % 6 == 0:
            fields["rich"] = True
        if number % 10 == 1 and len(post.room_ids) == 1:
            self._add_layout(post.room_ids[0])
            fields["layout"] = "circle"
        if number % 17 == 8:
            fields["co_adult_ids"] = (self.posts[number - 1].adult_id,)
        self._offer(post, SessionKind.ENRICHMENT, **fields)

    def _add_layout(self, room_id: str) -> None:
        place = next(k for k, room in enumerate(self.rooms) if room.room_id == room_id)
        layouts = (Layout(layout="circle", capacity=16),)
        capacity = self.rooms[place].capacity
        self.rooms[place] = Room(room_id=room_id, capacity=capacity, layouts=layouts)

    def _offer(self, post: Post, kind: SessionKind, **fields) -> None:
        first, *others = post.room_ids
        fields = {"offer_id": f"{post.adult_id}-{kind.value}"} | fields
        self.offers.append(
            Offer(
                adult_id=post.adult_id,
                kind=kind,
                room_id=first,
                other_room_ids=tuple(others),
                **fields,
            )
        )


class _People:
    """The learners and everything that is said of them."""

    def __init__(self, shape: Shape, rng: random.Random, staff: _Staff) -> None:
        self.shape, self.rng, self.staff = shape, rng, staff
        self.served = {one.learner_id for one in staff.services}
        self.grades = {
            learner_id(n): shape.grade_names[n % shape.grades] for n in range(shape.learners)
        }
        self.names = list(self.grades)
        self.competencies = tuple(self._competencies())
        self.builds_on = {one.competency_id: one.prerequisites for one in self.competencies}
        self.sections = list(self._sections())
        self.needs: dict[tuple[str, str], Need] = {}
        for name in self.names:
            self._add_needs(name)
        for section in self.sections:
            if rng.random() < TAUGHT_AGAIN_SHARE:
                self._lack_together(section)
        self.choices = [one for name in self.names for one in self._choices(name)]
        self.locked = list(self._locked())

    def problem(self) -> Problem:
        staff = self.staff
        pins, barred = self._pins()
        apart = self._apart(barred)
        return Problem(
            school_id="product",
            monday=MONDAY,
            as_of=AS_OF,
            as_of_day=AS_OF_DAY,
            policy=Policy(tiers=PRODUCT_TIERS),
            slots=staff.slots,
            adults=tuple(staff.adults),
            absences=tuple(staff.absences),
            rooms=tuple(staff.rooms),
            offers=tuple(staff.offers),
            learners=tuple(self._learners()),
            competencies=self.competencies,
            needs=tuple(self.needs.values()),
            pins=tuple(pins),
            locked=tuple(self.locked),
            services=tuple(staff.services),
            choices=tuple(self.choices),
            opt_outs=tuple(self._opt_outs()),
            keep_apart=apart,
            keep_together=tuple(self._together(apart)),
            histories=tuple(self._histories()),
            group_histories=tuple(self._group_histories()),
            sections=tuple(self.sections),
            cycle_start=MONDAY - timedelta(days=7),
        )

    # Competencies, classes, learners

    def _competencies(self) -> Iterator[Competency]:
        grades = self.shape.grade_names
        for subject in self.shape.subject_names:
            for place, grade in enumerate(grades):
                for number in range(self.shape.competencies_per_subject_grade):
                    before = (competency_id(subject, grades[place - 1], number),)
                    essential = self.rng.random() < ESSENTIAL_SHARE
                    due = MONDAY + timedelta(days=self.rng.randint(-60, 60))
                    yield Competency(
                        competency_id=competency_id(subject, grade, number),
                        label=f"Idea {number} of {subject} in grade {grade}",
                        subject=subject,
                        code=f"{grade}.{subject[:1].upper()}.{number}",
                        essential=essential,
                        prerequisites=before if place and number % 2 == 0 else (),
                        due_date=due if essential else None,
                    )

    def _sections(self) -> Iterator[Section]:
        for subject in self.shape.subject_names:
            for grade in self.shape.grade_names:
                names = [name for name in self.names if self.grades[name] == grade]
                self.rng.shuffle(names)
                posts = self._teachers(subject, grade)
                for number in range(-(-len(names) // CLASS_SIZE)):
                    part = names[number * CLASS_SIZE : (number + 1) * CLASS_SIZE]
                    yield Section(
                        section_id=f"{subject}-{grade}-class-{number}",
                        subject=subject,
                        adult_id=posts[number % len(posts)] if posts else "",
                        learner_ids=tuple(sorted(part)),
                    )

    def _teachers(self, subject: str, grade: str) -> list[str]:
        return [
            post.adult_id
            for post in self.staff.posts
            if post.subject == subject and grade in post.grades
        ]

    def _learners(self) -> Iterator[Learner]:
        known: dict[str, list[str]] = {name: [] for name in self.names}
        for section in self.sections:
            for name in section.learner_ids:
                known[name].append(section.adult_id)
        for name in self.names:
            left = name not in self.served and self.rng.random() < 0.01
            yield Learner(
                learner_id=name,
                grade=self.grades[name],
                withdraw_date=AS_OF_DAY if left else None,
                adult_ids=tuple(sorted(set(known[name]) - {""})),
                consents=(LAW,) if self.rng.random() < CONSENT_SHARE else (),
                far_behind=self.rng.choice((True, False)) if self.rng.random() < 0.05 else None,
            )

    # Needs

    def _add_needs(self, name: str) -> None:
        drawn = self.rng.random()
        if drawn < TIER_3_SHARE:
            for _ in range(self.rng.randint(2, 5)):
                self._add_gap(name, self.rng.randrange(1000, 2000, 10))
        elif drawn < TIER_3_SHARE + TIER_2_SHARE:
            for _ in range(self.rng.randint(1, 3)):
                self._add_gap(name, self.rng.randrange(2000, 2900, 10))
        if self.rng.random() < THIN_SHARE:
            self._put(name, self._some(name), self.rng.randrange(1000, 2900, 10), thin=True)
        if self.rng.random() < SURE_SHARE:
            self._put(name, self._some(name), self.rng.randrange(3000, 3600, 10))

    def _add_gap(self, name: str, level: int) -> None:
        target = self._some(name)
        self._put(name, target, level)
        for below in self.builds_on[target]:
            if self.rng.random() < PREREQUISITE_SHARE:
                self._put(name, below, max(level - 200, 1000))

    def _some(self, name: str) -> str:
        subject = self.rng.choice(self.shape.subject_names)
        number = self.rng.randrange(self.shape.competencies_per_subject_grade)
        return competency_id(subject, self.grades[name], number)

    def _put(self, name: str, target: str, level: int, thin: bool = False) -> None:
        pieces = 1 if thin else self.rng.randint(2, 9)
        unknown = thin and self.rng.random() < 0.2
        age = self.rng.randint(0, 30)
        need = Need(
            learner_id=name,
            competency_id=target,
            decision=Decision.INSUFFICIENT if thin else Decision.APPROACHING,
            level_milli=None if unknown else level,
            at_least_eight_tenths_micro=self.rng.randrange(0, 600_000),
            evidence_count=pieces,
            day_count=min(pieces, self.rng.randint(2, 6)),
            newest_day=AS_OF_DAY - timedelta(days=age),
            evidence=tuple(f"e-{name}-{target}-{k}" for k in range(min(pieces, 5))),
            version=pieces,
            weeks_waiting=self.rng.choice((0, 0, 0, 1, 2, 5)),
            sessions=2 if self.rng.random() < TWO_SESSIONS_SHARE else 1,
            nominated=not thin and self.rng.random() < NOMINATED_SHARE,
        )
        self.needs.setdefault((name, target), need)

    def _lack_together(self, section: Section) -> None:
        grade = self.grades[section.learner_ids[0]]
        number = self.rng.randrange(self.shape.competencies_per_subject_grade)
        target = competency_id(section.subject, grade, number)
        for name in section.learner_ids:
            if self.rng.random() < LACKING_SHARE:
                self._put(name, target, self.rng.randrange(1500, 2800, 10), thin=True)

    # Choices and histories

    def _choices(self, name: str) -> Iterator[Choice]:
        if self.rng.random() >= ANSWERED_SHARE:
            return
        offers = self.staff.enrichments(self.grades[name])
        weights = [1 / (1 + 0.1 * (7 * k % len(offers))) for k in range(len(offers))]
        picks = weighted_sample(self.rng, offers, weights, self.rng.randint(3, 5))
        asked = self.rng.random() < REASSESSMENT_SHARE
        confirmed = self.rng.random() < CONFIRMED_SHARE
        for place, offer in enumerate(picks):
            again = asked and place == 1
            when = self.rng.choice(self.staff.slots).slot_id
            yield Choice(
                learner_id=name,
                rank=place + 1,
                offer_id=None if again else offer,
                competency_id=self._some(name) if again else None,
                slot_ids=(when,) if self.rng.random() < 0.2 else (),
                confirmed=confirmed,
            )

    def _histories(self) -> Iterator[LearnerHistory]:
        places = 6 * self.shape.slots
        for name in self.names:
            low = self.rng.random() < 0.2
            yield LearnerHistory(
                learner_id=name,
                slot_count=places,
                own_choice_count=self.rng.randint(0, places // 8 if low else places // 2),
                dok_one_run=self.rng.choice((0, 0, 0, 1, 2, 3)),
                weeks_without_need_seat=self.rng.choice((0, 0, 0, 1, 2)),
            )

    def _group_histories(self) -> Iterator[GroupHistory]:
        for (name, target), need in self.needs.items():
            if need.evidence_count < 2 or need.level_milli is None:
                continue
            drawn = self.rng.random()
            if drawn < LEFT_SHARE:
                exit_date = MONDAY - timedelta(days=14)
                yield GroupHistory(learner_id=name, competency_id=target, exit_date=exit_date)
            elif drawn < LEFT_SHARE + NO_GAIN_SHARE:
                yield self._in_cycle(need, need.level_milli + 10, 2)
            elif drawn < IN_CYCLE_SHARE:
                entry = need.level_milli - self.rng.randrange(0, 300, 10)
                yield self._in_cycle(need, entry, self.rng.choice((0, 0, 1)))

    def _in_cycle(self, need: Need, entry_level: int, cycles: int) -> GroupHistory:
        subject, grade, _ = need.competency_id.split("-")
        teachers = self._teachers(subject, grade)
        return GroupHistory(
            learner_id=need.learner_id,
            competency_id=need.competency_id,
            adult_id=self.rng.choice(teachers) if teachers else "",
            last_week=self.rng.random() < 0.8,
            entry_date=MONDAY - timedelta(days=7),
            entry_level_milli=entry_level,
            evidence_since_entry=self.rng.randint(0, 3),
            cycles=cycles,
        )

    # What is agreed before the search

    def _locked(self) -> Iterator[LockedSession]:
        for post in self.staff.posts:
            slots = self.staff.present(post)
            if not slots or len(post.room_ids) > 1 or self.rng.random() >= LOCKED_SHARE:
                continue
            slot_id, helps = self.rng.choice(slots), self.rng.random() < 0.3
            kind = SessionKind.SMALL_GROUP if helps else SessionKind.COMMONS
            yield LockedSession(
                slot_id=slot_id,
                offer_id=f"{post.adult_id}-{kind.value}",
                competency_id=self.rng.choice(self.staff.taught(post)) if helps else None,
                tier_id="2" if helps else "",
            )

    def _pins(self) -> tuple[list[Pin], set[frozenset[str]]]:
        """Return exemptions and agreed seats, and the pairs who sit together by them."""
        free = [name for name in self.names if name not in self.served]
        self.rng.shuffle(free)
        exempt = round(EXEMPT_SHARE * len(self.names))
        wanted = round(PINNED_SHARE * len(self.names) * self.shape.slots)
        pins = [self._exemption(name) for name in free[:exempt]]
        return self._agreed(pins, free[exempt : exempt + wanted])

    def _exemption(self, name: str) -> Pin:
        return Pin(
            pin_id=f"out-{name}",
            learner_id=name,
            slot_id=self.rng.choice(self.staff.slots).slot_id,
            exemption="off-campus",
            reason="job shadowing",
        )

    def _agreed(self, pins: list[Pin], names: list[str]) -> tuple[list[Pin], set[frozenset[str]]]:
        """Pin learners by threes to commons of teachers who have declared nothing."""
        declared = {one.offer_id.partition("-")[0] for one in self.locked}
        posts = [
            post
            for post in self.staff.posts
            if post.adult_id not in declared and len(post.room_ids) == 1
        ]
        barred: set[frozenset[str]] = set()
        for post in posts:
            slots = self.staff.present(post)
            if slots and not self._is_co_adult(post):
                group, names = names[:3], names[3:]
                slot_id = self.rng.choice(slots)
                pins += [self._pin(name, slot_id, post) for name in group]
                barred |= {frozenset((a, b)) for a in group for b in group if a != b}
        return pins, barred

    def _is_co_adult(self, post: Post) -> bool:
        return any(post.adult_id in one.co_adult_ids for one in self.staff.offers)

    def _pin(self, name: str, slot_id: str, post: Post) -> Pin:
        return Pin(
            pin_id=f"pin-{name}",
            learner_id=name,
            slot_id=slot_id,
            offer_id=f"{post.adult_id}-commons",
            reason="asked for by an administrator",
        )

    # Families and company

    def _opt_outs(self) -> Iterator[OptOut]:
        for name in self.names:
            drawn = self.rng.random()
            if drawn < 0.005:
                yield OptOut(learner_id=name, kind=SessionKind.ONE_TO_ONE)
            elif drawn < 0.01:
                yield OptOut(learner_id=name, subject=self.rng.choice(self.shape.subject_names))
            elif drawn < 0.02:
                offer = self.rng.choice(self.staff.posts).adult_id + "-enrichment"
                yield OptOut(learner_id=name, offer_id=offer)

    def _apart(self, barred: set[frozenset[str]]) -> tuple[KeepApart, ...]:
        """Return pairs; none of two who get services, whose few groups leave no room for rules."""
        served = sorted(self.served)
        barred |= {frozenset((one, other)) for one in served for other in served if one != other}
        count = round(APART_SHARE * len(self.names))
        return apart_pairs(self.names, count, self.rng, barred)

    def _together(self, apart: tuple[KeepApart, ...]) -> Iterator[KeepTogether]:
        taken = {frozenset((rule.learner_id, rule.other_id)) for rule in apart}
        for number in range(round(TOGETHER_SHARE * len(self.names))):
            one, other = self.rng.sample(self.names, 2)
            ended = self.rng.random() < 0.1
            if frozenset((one, other)) not in taken:
                yield KeepTogether(
                    rule_id=f"together-{number:03d}",
                    learner_id=one,
                    other_id=other,
                    expire_date=MONDAY if ended else None,
                )
