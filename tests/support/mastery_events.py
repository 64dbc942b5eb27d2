"""Builders of evidence facts as they stand on the topic, and a slow, plain account of what stands.

`StandingEvidence` keeps every event it is shown and works the state out anew from the winners,
with loops and dictionaries: it shares nothing with the fold but the contribution of one piece.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import cache
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np
from trellis.evidence.v1 import evidence_pb2

from services.common.kafka.chunk import Chunk, KafkaRecord
from services.mastery.domain.contribution import align, contribute
from services.mastery.domain.model import DEEP_DOK, SCORE_OF_LEVEL_3, Purpose

DISTRICT = "henry"
TOPIC = "trellis.evidence.v1"
START_SECONDS = 1_770_000_000
DAY_SECONDS = 86_400


def learner_name(learner, district=DISTRICT):
    """Return the resource name of a learner."""
    return f"districts/{district}/learners/{learner}"


def competency_name(competency, district=DISTRICT):
    """Return the resource name of a competency."""
    return f"districts/{district}/competencies/{competency}"


def mastery_name(learner, competency, district=DISTRICT):
    """Return the resource name of a mastery."""
    return f"{learner_name(learner, district)}/competencies/{competency}"


def evidence_uuid(entity, district=DISTRICT):
    """Return an evidence id that is the same for the same entity."""
    return uuid5(NAMESPACE_URL, f"{district}/{entity}")


def an_event(entity="e1", *, version=1, learner="l1", district=DISTRICT, position=1):
    """Return the head of an event, without a fact."""
    return evidence_pb2.EvidenceEvent(
        event_id=f"{entity}-{version}",
        evidence_id=evidence_uuid(entity, district).bytes,
        version=version,
        ledger_position=position,
        learner=learner_name(learner, district),
        content_hash=hashlib.sha256(f"{entity}{version}{learner}".encode()).digest()[:16],
    )


def recorded(
    entity="e1",
    *,
    version=1,
    learner="l1",
    district=DISTRICT,
    position=1,
    competencies=("c1",),
    score=30_000,
    seconds=0,
    item=None,
    assessment="",
    dok=2,
    timed=None,
    kind=evidence_pb2.KIND_QUIZ,
    purpose=evidence_pb2.PURPOSE_FORMATIVE,
    scale=evidence_pb2.SCORE_SCALE_POINTS,
    items=1,
):
    """Return an observation; `seconds` are after a fixed start, weights are equal shares."""
    event = an_event(entity, version=version, learner=learner, district=district, position=position)
    occur_seconds = START_SECONDS + seconds
    event.occur_time.seconds = occur_seconds
    event.receive_time.seconds = occur_seconds + 60
    fact = event.recorded
    share, rest = divmod(1_000, len(competencies))
    for place, competency in enumerate(competencies):
        fact.alignments.add(
            competency=competency_name(competency, district),
            weight_milli=share + (1 if place < rest else 0),
        )
    if score is not None:
        fact.score = score
    fact.score_scale = scale
    fact.purpose = purpose
    fact.kind = kind
    fact.dok = dok
    if timed is not None:
        fact.timed = timed
    fact.item = f"item-{entity}" if item is None else item
    fact.assessment = assessment
    fact.assessment_items_on_competency = items
    fact.local_day = occur_seconds // DAY_SECONDS
    fact.source = "lms"
    digest = hashlib.sha256(fact.SerializeToString(deterministic=True) + learner.encode())
    event.content_hash = digest.digest()[:16]
    return event


def retracted(entity="e1", *, version=2, learner="l1", district=DISTRICT, position=1):
    """Return a withdrawal."""
    event = an_event(entity, version=version, learner=learner, district=district, position=position)
    event.retracted.reason = evidence_pb2.EvidenceRetracted.REASON_WITHDRAWN
    return event


def a_quiz(learner, quiz, *, competency="c1", right=(), of=10, seconds=0, position=1, **changes):
    """Return the items of one quiz; `right` are the places of the right answers."""
    return [
        recorded(
            f"{quiz}-{learner}-{place}",
            learner=learner,
            competencies=(competency,),
            score=30_000 if place in right else 0,
            item=f"{quiz}-{place}",
            assessment=f"lms/{quiz}",
            seconds=seconds + place,
            position=position + place,
            **changes,
        )
        for place in range(of)
    ]


def record_of(event, offset, *, partition=0, topic=TOPIC):
    """Return an event as a record of the topic."""
    return KafkaRecord(
        topic=topic,
        partition=partition,
        offset=offset,
        key=event.learner.encode(),
        value=event.SerializeToString(),
    )


def chunk_of(events, *, first_offset=0, partition=0, topic=TOPIC):
    """Return events as one chunk."""
    return Chunk.of(
        [
            record_of(event, first_offset + place, partition=partition, topic=topic)
            for place, event in enumerate(events)
        ]
    )


class StandingEvidence:
    """Every event ever sent, and the state that follows from those that stand.

    Pieces are read as those before every epoch are; `mastery_account` reads them with epochs.
    """

    def __init__(self, events):
        best = {}
        for event in events:
            key = (event.learner, event.evidence_id)
            rank = (event.version, event.content_hash)
            if key not in best or rank > (best[key].version, best[key].content_hash):
                best[key] = event
        self.winners = list(best.values())
        self.live = [
            event
            for event in self.winners
            if event.HasField("recorded") and event.recorded.HasField("score")
        ]

    def learners(self):
        """Return {learner name: (count, r, i)}; r and i of what is outside external tests."""
        sums = defaultdict(lambda: [0, 0, 0])
        for event in self.live:
            r, i = (0, 0) if is_test(event) else self.contribution(event)
            add(sums[event.learner], 1, r, i)
        return {learner: tuple(values) for learner, values in sums.items()}

    def masteries(self):
        """Return {(learner name, competency name): (count, r, i, deep, untimed)}.

        r and i are of what is outside external tests, the counts of all.
        """
        sums = defaultdict(lambda: [0, 0, 0, 0, 0])
        for event in self.live:
            r, i = (0, 0) if is_test(event) else self.contribution(event)
            fact = event.recorded
            deep = fact.dok >= DEEP_DOK and fact.score >= SCORE_OF_LEVEL_3
            untimed = not fact.timed
            for one in fact.alignments:
                weight = np.array([one.weight_milli], dtype=np.int64)
                part = [int(align(np.array([value]), weight)[0]) for value in (r, i)]
                add(sums[event.learner, one.competency], 1, *part, int(deep), int(untimed))
        return {key: tuple(values) for key, values in sums.items()}

    def occasions(self):
        """Return {(learner name, competency name, occasion): (sum, count, day, newest)}."""
        pooled = {}
        for event in self.live:
            fact = event.recorded
            time_us = event.occur_time.seconds * 1_000_000 + event.occur_time.nanos // 1_000
            for one in fact.alignments:
                key = (event.learner, one.competency, occasion_of(event))
                total, count, day, newest = pooled.get(key, (0, 0, 0, 0))
                pooled[key] = (
                    total + fact.score,
                    count + 1,
                    max(day, fact.local_day),
                    max(newest, time_us),
                )
        return pooled

    def tests(self):
        """Return {(learner name, competency name, occasion): (share, r, i, deep, untimed)}."""
        pooled = defaultdict(lambda: [0, 0, 0, 0, 0])
        for event in filter(is_test, self.live):
            fact = event.recorded
            share = round(2**20 / (fact.assessment_items_on_competency or 1))
            deep = fact.dok >= DEEP_DOK and fact.score >= SCORE_OF_LEVEL_3
            for one in fact.alignments:
                weight = np.array([one.weight_milli], dtype=np.int64)
                part = [
                    int(align(np.array([value]), weight)[0]) for value in self.contribution(event)
                ]
                key = (event.learner, one.competency, occasion_of(event))
                add(pooled[key], share, *part, int(deep), int(not fact.timed))
        return {key: tuple(values) for key, values in pooled.items()}

    def learner_tests(self):
        """Return {(learner name, competency name, occasion): (share, r, i)} by first competency."""
        pooled = defaultdict(lambda: [0, 0, 0])
        for event in filter(is_test, self.live):
            fact = event.recorded
            share = round(2**20 / (fact.assessment_items_on_competency or 1))
            key = (event.learner, fact.alignments[0].competency, occasion_of(event))
            add(pooled[key], share, *self.contribution(event))
        return {key: tuple(values) for key, values in pooled.items()}

    def contribution(self, event):
        """Return (r, i) of one observation, whole."""
        return contribution(event)


def is_test(event):
    """Return whether an observation is of an external test."""
    return event.recorded.purpose == Purpose.EXTERNAL_SUMMATIVE


def occasion_of(event):
    """Return the occasion of an observation; external tests have their own."""
    fact = event.recorded
    key = fact.assessment or f"day:{fact.local_day}"
    return f"external:{key}" if is_test(event) else key


def add(values, *more):
    """Add numbers to a list of numbers in place."""
    for place, number in enumerate(more):
        values[place] += number


def contribution(event):
    """Return (r, i) of one observation, whole."""
    fact = event.recorded
    return _contribution(
        fact.score,
        fact.score_scale,
        fact.kind,
        fact.purpose,
        fact.dok,
        fact.assessment_items_on_competency,
    )


@cache
def _contribution(*said):
    """Do it for what a contribution hangs on: many pieces say the same."""
    names = ("score", "scale", "kind", "purpose", "dok", "items_on_competency")
    columns = {name: np.array([value]) for name, value in zip(names, said, strict=True)}
    r, i = contribute(**columns)
    return int(r[0]), int(i[0])


def uuid_name(evidence_id):
    """Return an evidence id as people write it."""
    return str(UUID(bytes=evidence_id))
