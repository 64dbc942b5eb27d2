"""A term of records as they come in life: late, doubled, corrected, retracted, some of them bad.

The same seed gives the same records in the same order. Records of one learner always travel in
one lane, in order: one of the two sources has no versions, so there the order of sending counts.
It must not talk to any service; `drive.py` does.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from trellis.evidence.v1 import evidence_pb2 as evidence

from deploy.demo.district import TIME_ZONE, District, LearnerPlan, competency_name

LMS = "lms"
SIS = "sis"
LANES = 4

ATTENDANCE = 0.93
# Shares of what goes wrong on the way, as producers see it in an ordinary term.
DOUBLED = 0.02
CORRECTED = 0.015
RETRACTED = 0.003
DAYS_LATE = 0.05

MATH_ITEMS = 4
ELA_ITEMS = 3
WEEKS_ON_ONE_COMPETENCY = 2
GROWTH_PER_WEEK = 0.03
# How much one learner differs from one competency to the next, in logits.
COMPETENCY_SPREAD = 1.0


@dataclass(frozen=True, kw_only=True)
class Send:
    """One record on its way: in which lane, and when it is sent (which only orders the lane)."""

    lane: int
    send_time: datetime
    record: evidence.Record


def term_of_records(
    district: District, names: Mapping[str, str], *, seed: int, first_day: date, last_day: date
) -> list[Send]:
    """Return every send of the term in order of sending.

    `names` gives each learner's resource name by source id. Only work from `first_day` to
    `last_day` is in it; what was sent after `last_day` is there too, as the last to come.
    """
    sends: list[Send] = []
    for number, plan in enumerate(district.plans):
        draw = random.Random(f"{seed}:{plan.source_id}")
        learner = _Learner(plan=plan, name=names[plan.source_id], lane=number % LANES, draw=draw)
        sends.extend(_learner_sends(learner, first_day, last_day))
    sends.extend(_bad_sends(names, last_day))
    sends.sort(key=lambda send: (send.send_time, send.record.event_id))
    return sends


@dataclass(frozen=True, kw_only=True)
class _Learner:
    plan: LearnerPlan
    name: str
    lane: int
    draw: random.Random


# The order in which a grade takes up its competencies, two weeks each.
_MATH_UNITS = {
    4: "5.NBT.A.1 5.NBT.A.3 5.NF.A.1 5.NBT.B.5 5.OA.A.1 5.MD.A.1 5.NBT.B.6 5.NF.B.3",
    5: "5.NBT.A.3 5.NBT.B.7 5.NF.A.1 5.NF.A.2 5.NF.B.4 5.NF.B.6 5.NF.B.7 5.MD.C.5",
    6: "6.NS.B.3 6.RP.A.1 6.RP.A.2 6.RP.A.3 6.NS.A.1 6.EE.A.1 6.EE.A.2 6.EE.B.7",
    7: "7.NS.A.1 7.NS.A.2 7.NS.A.3 7.RP.A.1 7.RP.A.2 7.RP.A.3 7.EE.A.1 7.EE.B.4",
    8: "8.EE.A.1 8.EE.B.5 8.EE.C.7 8.F.A.1 8.F.B.4 8.EE.C.8 8.G.A.2 8.G.B.7",
}
_MATH = {grade: tuple(codes.split()) for grade, codes in _MATH_UNITS.items()}
_ELA_STRANDS = (
    "RI.{}.1",
    "RI.{}.2",
    "RL.{}.2",
    "RI.{}.4",
    "RL.{}.3",
    "RI.{}.5",
    "RI.{}.6",
    "RI.{}.8",
)
# What stands before the first competency of a grade, for reviews.
_EARLIER = {4: "5.OA.A.2", 5: "5.OA.A.2", 6: "5.NF.B.4", 7: "6.RP.A.2", 8: "7.RP.A.2"}


def _ela(grade: int) -> tuple[str, ...]:
    return tuple(strand.format(max(6, grade)) for strand in _ELA_STRANDS)


def _learner_sends(learner: _Learner, first_day: date, last_day: date) -> Iterator[Send]:
    """Yield one learner's records week by week, with what goes wrong on their way."""
    plan = learner.plan
    if plan.case == "no-evidence":
        return
    started = last_day - timedelta(days=5) if plan.case == "new" else first_day
    stopped = last_day - timedelta(days=10) if plan.case == "withdrawn" else last_day
    strengths: dict[str, float] = {}
    for week_number in range((last_day - first_day).days // 7 + 1):
        monday = first_day + timedelta(days=7 * week_number)
        for record in _week_records(learner, week_number, monday, strengths):
            occurred = record.occur_time.ToDatetime(tzinfo=UTC).astimezone(_ZONE).date()
            if started <= occurred <= stopped:
                yield from _on_the_way(learner, record)


_ZONE = ZoneInfo(TIME_ZONE)


def _week_records(
    learner: _Learner, week_number: int, monday: date, strengths: dict[str, float]
) -> Iterator[evidence.Record]:
    """Yield the work of one week: a quiz in each subject, sometimes a task or the autumn test."""
    grade = learner.plan.grade
    math_order, ela_order = _MATH[grade], _ela(grade)
    unit = week_number // WEEKS_ON_ONE_COMPETENCY
    current = math_order[unit % len(math_order)]
    earlier = math_order[unit - 1] if unit else _EARLIER[grade]
    reading = ela_order[unit % len(ela_order)]
    at = _Work(learner=learner, week=week_number, strengths=strengths)
    if learner.draw.random() < ATTENDANCE:
        yield from at.quiz("math", monday + timedelta(days=1), MATH_ITEMS, current, earlier)
    if learner.draw.random() < ATTENDANCE:
        yield from at.quiz("ela", monday + timedelta(days=2), ELA_ITEMS, reading, None)
    if week_number % 3 == 2 and learner.draw.random() < ATTENDANCE:
        yield at.task(monday + timedelta(days=3), current)
    if week_number == 9 and learner.draw.random() < ATTENDANCE:
        yield from at.autumn_test(monday + timedelta(days=3), math_order[: unit + 1])


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What one learner hands in during one week."""

    learner: _Learner
    week: int
    strengths: dict[str, float]

    def quiz(
        self, subject: str, day: date, items: int, current: str, earlier: str | None
    ) -> Iterator[evidence.Record]:
        """Yield the items of a quiz; the last one reaches back to what came before."""
        assessment = f"{subject}-week-{self.week}-grade-{self.learner.plan.grade}"
        for number in range(items):
            reaches_back = earlier is not None and number == items - 1
            codes = (current, str(earlier)) if reaches_back else (current,)
            record = self._record(LMS, f"{assessment}-{number}", day, 20 + number, codes)
            dok = 1 + (number + self.week) % 2
            self._answer(record, codes[0], dok)
            record.kind, record.purpose = evidence.KIND_QUIZ, evidence.PURPOSE_FORMATIVE
            record.item, record.assessment = f"{assessment}-item-{number}", assessment
            record.assessment_items_on_competency = items
            record.timed = False
            yield record

    def task(self, day: date, code: str) -> evidence.Record:
        """Return a performance task, scored by rubric; its source keeps no versions."""
        record = self._record(SIS, f"task-{self.week}", day, 90, (code,))
        chance = self._chance(code, dok=3)
        steps = sum(self.learner.draw.random() < chance for _ in range(3))
        record.score.level_milli = 1000 + 1000 * steps
        record.kind, record.purpose = evidence.KIND_PERFORMANCE_TASK, evidence.PURPOSE_SUMMATIVE
        record.dok = 3
        record.version = 0
        record.artefact = f"portfolio/{self.learner.plan.source_id}/task-{self.week}"
        return record

    def autumn_test(self, day: date, codes: tuple[str, ...]) -> Iterator[evidence.Record]:
        """Yield the items of the district's autumn test, two on each competency so far."""
        for number, code in enumerate(code for code in codes for _ in range(2)):
            record = self._record(LMS, f"autumn-test-{number}", day, 150 + 2 * number, (code,))
            self._answer(record, code, dok=2)
            record.kind = evidence.KIND_TEST
            record.purpose = evidence.PURPOSE_EXTERNAL_SUMMATIVE
            record.item = f"autumn-test-{self.learner.plan.grade}-{number}"
            record.assessment = "autumn-test"
            record.assessment_items_on_competency = 2
            record.timed = True
            yield record

    def _record(
        self, source: str, entity: str, day: date, minute: int, codes: tuple[str, ...]
    ) -> evidence.Record:
        entity_id = f"{self.learner.plan.source_id}-{entity}"
        record = evidence.Record(
            event_id=f"{source}-{entity_id}-v1",
            source=source,
            entity_id=entity_id,
            version=1,
            learner=self.learner.name,
        )
        start = datetime.combine(day, time(8, 30), tzinfo=_ZONE)
        record.occur_time.FromDatetime((start + timedelta(minutes=minute)).astimezone(UTC))
        weights = (1000,) if len(codes) == 1 else (700, 300)
        for code, weight in zip(codes, weights, strict=True):
            record.alignments.add(competency=competency_name(code), weight_milli=weight)
        return record

    def _answer(self, record: evidence.Record, code: str, dok: int) -> None:
        right = self.learner.draw.random() < self._chance(code, dok)
        record.score.points.possible_milli = 1000
        record.score.points.earned_milli = 1000 if right else 0
        record.dok = dok

    def _chance(self, code: str, dok: int) -> float:
        """Return the chance of success; the spread between competencies stays with the learner."""
        if code not in self.strengths:
            self.strengths[code] = self.learner.draw.gauss(0.6, COMPETENCY_SPREAD)
        logit = self.learner.plan.ability + self.strengths[code]
        logit += GROWTH_PER_WEEK * self.week - 0.4 * (dok - 2)
        return 1 / (1 + math.exp(-logit))


def _on_the_way(learner: _Learner, record: evidence.Record) -> Iterator[Send]:
    """Yield the record as it arrives: perhaps days late, twice, or corrected some days after."""
    draw = learner.draw
    occurred = record.occur_time.ToDatetime(tzinfo=UTC)
    late = timedelta(days=draw.randint(1, 6)) if draw.random() < DAYS_LATE else timedelta(0)
    sent = occurred + late + timedelta(minutes=draw.randint(1, 240))
    yield Send(lane=learner.lane, send_time=sent, record=record)
    if draw.random() < DOUBLED:
        again = sent + timedelta(minutes=draw.randint(1, 600))
        yield Send(lane=learner.lane, send_time=again, record=record)
    if draw.random() < CORRECTED:
        correction = evidence.Record()
        correction.CopyFrom(record)
        _correct(correction)
        days = timedelta(days=draw.randint(1, 5))
        yield Send(lane=learner.lane, send_time=sent + days, record=correction)


def _correct(record: evidence.Record) -> None:
    """Turn a record into its correction: one step better, the next version, an id of its own."""
    record.event_id = record.event_id.removesuffix("v1") + "v2"
    record.version = 2 if record.version else 0
    if record.score.WhichOneof("value") == "points":
        record.score.points.earned_milli = record.score.points.possible_milli
    else:
        record.score.level_milli = min(4000, record.score.level_milli + 1000)


def _bad_sends(names: Mapping[str, str], last_day: date) -> Iterator[Send]:
    """Yield the kinds of bad record that every district sees, several of each."""
    learners = sorted(names.values())
    for number in range(40):
        record = evidence.Record(
            event_id=f"bad-{number}",
            source=LMS,
            entity_id=f"bad-{number}",
            version=1,
            learner=learners[number],
        )
        sent = datetime.combine(last_day, time(9, number), tzinfo=UTC)
        record.occur_time.FromDatetime(sent)
        record.alignments.add(competency=competency_name("6.RP.A.1"))
        record.score.points.earned_milli = 1000
        record.score.points.possible_milli = 1000
        _spoil(record, number % 5)
        yield Send(lane=0, send_time=sent, record=record)


def _spoil(record: evidence.Record, how: int) -> None:
    if how == 0:
        record.event_id = ""
    elif how == 1:
        record.learner = record.learner.rsplit("/", 1)[0] + "/nobody"
    elif how == 2:
        record.alignments[0].competency = competency_name("6.XX.Z.9")
    elif how == 3:
        record.score.points.earned_milli = 300_000
    else:
        record.occur_time.seconds += 10 * 365 * 86400


def retractions(sends: list[Send], *, seed: int) -> list[tuple[int, evidence.Record]]:
    """Choose the observations that their source retracts afterwards: (lane, record) pairs."""
    draw = random.Random(f"{seed}:withdrawals")
    first = [send for send in sends if send.record.event_id.endswith("-v1")]
    return [(send.lane, send.record) for send in first if draw.random() < RETRACTED]
