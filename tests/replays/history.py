"""A random history of a few learners, from a seed: all facts that the evidence service publishes.

Work of a term with sittings and external tests; corrections, some of them stale or as high as what
stands; withdrawals; work at another time, on other competencies, of another learner; merges and
their undoing; and what is found twice. Learners differ in what they can do, so that every decision
occurs.
"""

from __future__ import annotations

import random

from trellis.evidence.v1 import evidence_pb2

from tests.support.mastery_events import DAY_SECONDS
from tests.support.mastery_ledger import PlainLedger

LEARNERS = ("l1", "l2", "l3", "l4")
COMPETENCIES = ("c1", "c2", "c3", "c4")
STEPS = 110
"""Things that happen in a history: about 300 facts."""
TERM_DAYS = 90
SCORES = (0, 10_000, 15_001, 20_000, 30_000)
PURPOSES = (
    evidence_pb2.PURPOSE_FORMATIVE,
    evidence_pb2.PURPOSE_FORMATIVE,
    evidence_pb2.PURPOSE_SUMMATIVE,
    evidence_pb2.PURPOSE_EXTERNAL_SUMMATIVE,
    evidence_pb2.PURPOSE_PRACTICE,
)
KINDS = (
    evidence_pb2.KIND_QUIZ,
    evidence_pb2.KIND_QUIZ,
    evidence_pb2.KIND_HOMEWORK,
    evidence_pb2.KIND_PERFORMANCE_TASK,
    evidence_pb2.KIND_GAME,
    evidence_pb2.KIND_UNSPECIFIED,
)
SHOWN = {
    "kind": evidence_pb2.KIND_PERFORMANCE_TASK,
    "purpose": evidence_pb2.PURPOSE_SUMMATIVE,
    "scale": evidence_pb2.SCORE_SCALE_RUBRIC,
    "dok": 4,
    "assessment": "",
}
SCALES = (evidence_pb2.SCORE_SCALE_POINTS, evidence_pb2.SCORE_SCALE_RUBRIC)


def a_history(seed):
    """Return the facts of a history, in the order of the ledger."""
    return _History(random.Random(seed)).run()


class _History:
    def __init__(self, chance):
        self._chance = chance
        self._ledger = PlainLedger()
        self._strength = {learner: chance.choice((0.1, 0.6, 1.0)) for learner in LEARNERS}
        self._day = 0

    def run(self):
        doings = (
            (self._work, 40),
            (self._sitting, 8),
            (self._correct, 16),
            (self._stale, 6),
            (self._withdraw, 12),
            (self._retime, 6),
            (self._realign, 6),
            (self._change_learner, 4),
            (self._merge, 1),
            (self._undo, 2),
        )
        self._work()
        chosen = self._chance.choices(
            [doing for doing, _ in doings], [share for _, share in doings], k=STEPS
        )
        for step, doing in enumerate(chosen):
            self._day = step * TERM_DAYS // STEPS
            doing()
        return self._ledger.facts

    def _work(self):
        learner = self._chance.choice(LEARNERS)
        self._ledger.send(
            f"e{len(self._ledger.standing)}", learner=learner, work=self._a_work(learner)
        )

    def _a_work(self, learner):
        work = self._any_work(learner)
        # Who can do all shows it on rubrics, which tells most: else nobody would be proficient.
        return work | SHOWN if self._strength[learner] == 1.0 else work

    def _any_work(self, learner):
        chance = self._chance
        return {
            "competencies": tuple(chance.sample(COMPETENCIES, chance.choice((1, 1, 2, 3)))),
            "score": self._score(learner),
            "seconds": self._seconds(),
            "assessment": chance.choice(("", "", "lms/a1", "lms/a2", "lms/a3")),
            "dok": chance.randrange(5),
            "timed": chance.choice((None, True, False)),
            "kind": chance.choice(KINDS),
            "purpose": chance.choice(PURPOSES),
            "scale": chance.choice(SCALES),
            "items": chance.choice((0, 1, 3, 40)),
            "item": chance.choice(("", *(f"i{number}" for number in range(12)))),
        }

    def _score(self, learner):
        chance = self._chance
        if chance.random() < 0.03:
            return None
        return 30_000 if chance.random() < self._strength[learner] else chance.choice(SCORES)

    def _seconds(self):
        # Some of it late; whole hours, so that moments meet.
        late = self._chance.choice((0, 0, 0, 1, 5, 40))
        day = max(0, self._day - late)
        return day * DAY_SECONDS + self._chance.randrange(4) * 3_600

    def _sitting(self):
        chance, learner = self._chance, self._chance.choice(LEARNERS)
        name, size = chance.choice(("s1", "s2", "s3", "s4")), chance.choice((5, 12, 40))
        external, seconds = chance.random() < 0.4, self._seconds()
        purpose = (
            evidence_pb2.PURPOSE_EXTERNAL_SUMMATIVE if external else evidence_pb2.PURPOSE_SUMMATIVE
        )
        competency = chance.choice(COMPETENCIES)
        for place in range(size):
            work = {
                "competencies": (competency,),
                "score": self._score(learner),
                "seconds": seconds + place,
                "assessment": f"lms/{name}",
                "item": f"{name}-{place}",
                "purpose": purpose,
                "items": size,
            }
            self._ledger.send(f"{name}-{learner}-{place}", learner=learner, work=work)

    def _any(self):
        entity = self._chance.choice(list(self._ledger.standing))
        return entity, self._ledger.standing[entity]

    def _correct(self):
        entity, one = self._any()
        work = one.work | {"score": self._score(one.named), "dok": self._chance.randrange(5)}
        self._ledger.send(entity, learner=one.named, work=work)

    def _stale(self):
        entity, one = self._any()
        version = self._chance.randint(1, one.version)
        self._ledger.send(entity, learner=one.named, work=self._a_work(one.named), version=version)

    def _withdraw(self):
        # Often what is newest: then older work comes back into windows.
        known = list(self._ledger.standing)
        for entity in self._chance.choice((known[-5:], self._chance.sample(known, 1))):
            self._ledger.withdraw(entity)

    def _retime(self):
        entity, one = self._any()
        seconds = self._chance.randrange(TERM_DAYS) * DAY_SECONDS
        self._ledger.send(entity, learner=one.named, work=one.work | {"seconds": seconds})

    def _realign(self):
        entity, _ = self._any()
        size = self._chance.choice((1, 1, 2))
        self._ledger.realign(entity, self._chance.sample(COMPETENCIES, size))

    def _change_learner(self):
        entity, one = self._any()
        self._ledger.send(entity, learner=self._chance.choice(LEARNERS), work=one.work)

    def _merge(self):
        self._ledger.merge(*self._chance.sample(LEARNERS, 2))

    def _undo(self):
        self._ledger.undo(self._chance.choice(LEARNERS))
