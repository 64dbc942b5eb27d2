"""The work of a district over a school year, as evidence events in files.

Everything is drawn from a seed, so that two runs fold the same. Two shapes: *quizzes*, in which a
class of 25 answers ten items on one competency, learner by learner; and *random*, in which each
record is of any learner and any of the learner's competencies, on any day of the year, in no
assessment: each touches rows that nothing else in its chunk touches.

A file holds records as the topic would: key length, value length (each 16 bits, little-endian),
key, value. Ledger positions rise from file to file.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from struct import Struct
from typing import Final, Literal

from trellis.evidence.v1 import evidence_pb2 as evidence

Shape = Literal["random", "quizzes"]
SHAPES: Final[tuple[Shape, ...]] = ("random", "quizzes")

DISTRICT: Final = "bench"
SEED: Final = 2026
GRADES: Final = 13
CLASS_LEARNERS: Final = 25
QUIZ_ITEMS: Final = 10
ITEM_SECONDS: Final = 40
SCHOOL_YEAR_BEGIN: Final = 1_756_684_800
"""2025-09-01, in Unix seconds."""
SCHOOL_YEAR_DAYS: Final = 273
SCHOOL_DAY_BEGIN: Final = 8 * 3_600
SCHOOL_DAY_SECONDS: Final = 7 * 3_600
DAY_SECONDS: Final = 86_400
RIGHT_SHARE: Final = 0.66
"""Of answers in the public log that docs/mastery.md evaluates the estimate on."""
FULL_SCORE: Final = 30_000
ITEMS_A_BANK: Final = 200
"""Different items on a competency, for work in no quiz."""
LENGTHS: Final = Struct("<HH")
READ_BYTES: Final = 1 << 20
EVENT_USES: Final = 1_000
"""An event that is filled in again keeps the memory of what it held before."""

Work = tuple[int, str, int, str, str]
"""Learner, competency, when (Unix seconds), item, assessment ('' for none)."""


@dataclass(frozen=True, kw_only=True)
class People:
    """How many learners there are, and how many competencies each works on in the year.

    A class is of one grade, and a grade has its own competencies.
    """

    learners: int
    competencies: int

    @property
    def states(self) -> int:
        """Learners times competencies: the masteries of the large state."""
        return self.learners * self.competencies

    @property
    def classes(self) -> int:
        """Classes of 25; the last may be smaller."""
        return -(-self.learners // CLASS_LEARNERS)

    def of_class(self, number: int) -> range:
        """Return the learners of a class."""
        begin = number * CLASS_LEARNERS
        return range(begin, min(begin + CLASS_LEARNERS, self.learners))

    def competency(self, learner: int, place: int) -> str:
        """Return one of the competencies of a learner's grade."""
        grade = learner // CLASS_LEARNERS % GRADES
        return f"ccss-g{grade:02}-{place:03}"


def first_work(people: People, items: int) -> Iterator[Work]:
    """Return one quiz of so many items for every learner and competency, in the order of the year.

    Classes take their quizzes in an order of their own, so rows of the state come in no order.
    """
    draw = random.Random(f"{SEED}-first")
    sittings = [
        (number, place) for number in range(people.classes) for place in range(people.competencies)
    ]
    draw.shuffle(sittings)
    for done, (number, place) in enumerate(sittings):
        day = done * SCHOOL_YEAR_DAYS // len(sittings)
        begin = _in_school(draw, day)
        yield from _quiz(people, number, place, begin, items, f"first-{done}")


def more_work(shape: Shape, people: People, leg: int) -> Iterator[Work]:
    """Return work of a shape without end; each leg draws its own."""
    draw = random.Random(f"{SEED}-{shape}-{leg}")
    return _quizzes(people, draw, leg) if shape == "quizzes" else _random(people, draw)


def _quizzes(people: People, draw: random.Random, leg: int) -> Iterator[Work]:
    done = 0
    while True:
        number, place = draw.randrange(people.classes), draw.randrange(people.competencies)
        begin = _in_school(draw, draw.randrange(SCHOOL_YEAR_DAYS))
        yield from _quiz(people, number, place, begin, QUIZ_ITEMS, f"leg{leg}-{done}")
        done += 1


def _quiz(
    people: People, number: int, place: int, begin: int, items: int, quiz: str
) -> Iterator[Work]:
    """Return the answers of a class to a quiz, learner by learner."""
    for learner in people.of_class(number):
        competency = people.competency(learner, place)
        for item in range(items):
            yield learner, competency, begin + ITEM_SECONDS * item, f"{quiz}-{item}", quiz


def _random(people: People, draw: random.Random) -> Iterator[Work]:
    while True:
        learner = draw.randrange(people.learners)
        competency = people.competency(learner, draw.randrange(people.competencies))
        at = _in_school(draw, draw.randrange(SCHOOL_YEAR_DAYS))
        yield learner, competency, at, f"{competency}-{draw.randrange(ITEMS_A_BANK)}", ""


def _in_school(draw: random.Random, day: int) -> int:
    """Return a time within a school day."""
    begin = SCHOOL_YEAR_BEGIN + day * DAY_SECONDS + SCHOOL_DAY_BEGIN
    return begin + draw.randrange(SCHOOL_DAY_SECONDS)


class Recorder:
    """Writes work as events; ids, hashes and ledger positions go on from file to file."""

    def __init__(self) -> None:
        self._position = 0
        self._draw = random.Random(f"{SEED}-answers")
        self._event = _an_event()

    def write(self, path: Path, work: Iterator[Work], count: int) -> int:
        """Write the next records of `work`, at most `count`; return how many there were."""
        written = 0
        with path.open("wb") as file:
            for one in islice(work, count):
                key, value = self._record(one)
                file.write(LENGTHS.pack(len(key), len(value)) + key + value)
                written += 1
        return written

    def _record(self, work: Work) -> tuple[bytes, bytes]:
        """Return key and value of one record, its event filled in anew."""
        learner, competency, at, item, assessment = work
        self._position += 1
        if self._position % EVENT_USES == 0:
            self._event = _an_event()
        digest = hashlib.blake2b(b"%d" % self._position, digest_size=32).digest()
        event, draw = self._event, self._draw
        event.event_id = f"lms-{self._position}-v1"
        event.evidence_id, event.content_hash = digest[:16], digest[16:]
        event.ledger_position = self._position
        event.occur_time.seconds = event.receive_time.seconds = at
        event.learner = learner_name(learner)
        recorded = event.recorded
        recorded.alignments[0].competency = f"districts/{DISTRICT}/competencies/{competency}"
        recorded.score = FULL_SCORE if draw.random() < RIGHT_SHARE else 0
        recorded.dok = 1 + int(3 * draw.random())
        recorded.item = item
        recorded.assessment = f"lms/{assessment}" if assessment else ""
        recorded.assessment_items_on_competency = QUIZ_ITEMS if assessment else 0
        recorded.local_day = at // DAY_SECONDS
        return event.learner.encode(), event.SerializeToString()


def _an_event() -> evidence.EvidenceEvent:
    """Return what all events have in common."""
    return evidence.EvidenceEvent(
        version=1,
        recorded=evidence.EvidenceRecorded(
            alignments=[evidence.Alignment(weight_milli=1_000)],
            score_scale=evidence.SCORE_SCALE_POINTS,
            purpose=evidence.PURPOSE_FORMATIVE,
            kind=evidence.KIND_QUIZ,
            source="lms",
            timed=False,
        ),
    )


def learner_name(learner: int) -> str:
    """Return the name of a learner; ids have 32 hexadecimal digits, as the evidence service's."""
    digest = hashlib.blake2b(b"learner %d" % learner, digest_size=16).hexdigest()
    return f"districts/{DISTRICT}/learners/{digest}"


def read_records(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Return (key, value) of the records of a file."""
    with path.open("rb", buffering=READ_BYTES) as file:
        while lengths := file.read(LENGTHS.size):
            key_bytes, value_bytes = LENGTHS.unpack(lengths)
            yield file.read(key_bytes), file.read(value_bytes)
