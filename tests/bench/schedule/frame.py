"""What both kinds of synthetic school share: shape, slots, competencies, teachers and rooms."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.scheduler.domain.model import Competency, KeepApart, Room, Slot

MONDAY = date(2026, 11, 23)
AS_OF_DAY = date(2026, 11, 19)
AS_OF = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
SUBJECTS = ("math", "english", "science", "history")
FIRST_GRADE = 6
SLOT_MINUTES = 40
SLOT_EVERY_MINUTES = 45
FIRST_SLOT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)

PROTOTYPE = "prototype"
PRODUCT = "product"


@dataclass(frozen=True)
class Shape:
    """How large a synthetic school is; the same shape gives the same school."""

    learners: int = 1200
    slots: int = 5
    competencies_per_subject_grade: int = 10
    seed: int = 1
    setting: str = PROTOTYPE
    subjects: int = len(SUBJECTS)
    grades: int = 3
    adults: int = 0
    """0: as many as the setting gives for the learners."""
    enrichment_seats_per_week: int = 1
    """The limit of the prototype's policy; 0: none."""

    @property
    def grade_names(self) -> tuple[str, ...]:
        """Return the grades of the school."""
        return tuple(str(FIRST_GRADE + number) for number in range(self.grades))

    @property
    def subject_names(self) -> tuple[str, ...]:
        """Return the subjects of the school."""
        return SUBJECTS[: self.subjects]


@dataclass(frozen=True)
class Post:
    """What a teacher is there for: a subject in some grades, and a room or the pool."""

    adult_id: str
    subject: str
    grades: tuple[str, ...]
    room_ids: tuple[str, ...]


def slots_of(shape: Shape, own_choice_last: bool = False) -> tuple[Slot, ...]:
    """Return the slots of one day, none of which meets another."""
    found = []
    for number in range(shape.slots):
        begin = FIRST_SLOT + timedelta(minutes=SLOT_EVERY_MINUTES * number)
        found.append(
            Slot(
                slot_id=f"s{number + 1}",
                date=MONDAY,
                start=_clock(begin),
                end=_clock(begin + timedelta(minutes=SLOT_MINUTES)),
                own_choice=own_choice_last and shape.slots > 1 and number == shape.slots - 1,
            )
        )
    return tuple(found)


def _clock(moment: datetime) -> time:
    return moment.time()


def competency_id(subject: str, grade: str, number: int) -> str:
    """Return the id of one of the competencies of a subject and grade."""
    return f"{subject}-{grade}-{number:02d}"


def plain_competencies(shape: Shape) -> tuple[Competency, ...]:
    """Return the competencies of every subject and grade, none of which builds on another."""
    return tuple(
        Competency(
            competency_id=competency_id(subject, grade, number),
            label=f"Idea {number} of {subject} in grade {grade}",
            subject=subject,
        )
        for subject in shape.subject_names
        for grade in shape.grade_names
        for number in range(shape.competencies_per_subject_grade)
    )


def learner_id(number: int) -> str:
    """Return the id of a learner."""
    return f"l{number:04d}"


def posts_of(shape: Shape, count: int, rng: random.Random, itinerant: int) -> list[Post]:
    """Return the posts of `count` teachers, the last `itinerant` of whom have no room of their own.

    Teachers go round subjects, then grades. Some teach two grades; where there are too few for one
    a subject and grade, each teaches so many grades that every grade has its teacher.
    """
    own = count - itinerant
    pool = pool_rooms(itinerant)
    pairs = [(s, g) for g in range(shape.grades) for s in shape.subject_names]
    a_subject = max(count // shape.subjects, 1)
    width = -(-shape.grades // a_subject)
    posts = []
    for number in range(count):
        subject, first = pairs[number % len(pairs)]
        wide = width + (rng.random() < TWO_GRADES_SHARE)
        grades = {shape.grade_names[(first * width + k) % shape.grades] for k in range(wide)}
        rooms = (f"room-{number:03d}",) if number < own else turned(pool, number)
        posts.append(Post(f"t{number:03d}", subject, tuple(sorted(grades)), rooms))
    return posts


TWO_GRADES_SHARE = 0.35
"""Of the teachers, who teach one grade more than they must."""


def pool_rooms(itinerant: int) -> tuple[str, ...]:
    """Return the rooms that itinerant teachers share: three for four of them."""
    return tuple(f"pool-{number:02d}" for number in range(-(-3 * itinerant // 4)))


def turned(items: tuple[str, ...], number: int) -> tuple[str, ...]:
    """Return items in a circle, beginning at a number."""
    begin = number % len(items)
    return items[begin:] + items[:begin]


def rooms_of(posts: Sequence[Post], rng: random.Random) -> list[Room]:
    """Return the rooms of teachers, each once."""
    names = dict.fromkeys(name for post in posts for name in post.room_ids)
    return [Room(room_id=name, capacity=rng.choice((28, 30, 30, 32))) for name in names]


def weighted_sample(rng: random.Random, items: Sequence, weights: Sequence, count: int) -> list:
    """Return `count` different items (or all), drawn one after the other by weight."""
    left, mass = list(items), list(weights)
    found = []
    while left and len(found) < count:
        index = rng.choices(range(len(left)), weights=mass)[0]
        found.append(left.pop(index))
        mass.pop(index)
    return found


def apart_pairs(
    names: Sequence[str], count: int, rng: random.Random, barred: set[frozenset[str]]
) -> tuple[KeepApart, ...]:
    """Return `count` pairs that are kept apart, none of them twice and none that is barred."""
    taken = set(barred)
    found: list[KeepApart] = []
    for _ in range(count * 50):
        if len(found) >= count:
            break
        one, other = rng.sample(names, 2)
        pair = frozenset((one, other))
        if pair not in taken:
            taken.add(pair)
            rule = KeepApart(rule_id=f"apart-{len(found):03d}", learner_id=one, other_id=other)
            found.append(rule)
    return tuple(found)
