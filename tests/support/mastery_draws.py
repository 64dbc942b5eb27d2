"""What the state machine of mastery draws from: few learners, pieces and moments, to meet often."""

from __future__ import annotations

import random

from hypothesis import strategies as st
from trellis.evidence.v1 import evidence_pb2

from services.mastery.adapters.wire.evidence import item_key
from services.mastery.domain.calibration import Calibrated
from services.mastery.domain.source_weights import read_weights
from services.mastery.handlers.epochs import NewEpoch
from tests.support.mastery_account import PlainEpoch, in_force
from tests.support.mastery_events import DAY_SECONDS, DISTRICT, START_SECONDS

LEARNERS = ("l1", "l2", "l3")
COMPETENCIES = ("c1", "c2", "c3")
ENTITIES = tuple(f"e{number}" for number in range(10))
FACTS_MOST = 220
"""Facts of one run; beyond it nothing more is sent, and what is there goes on moving."""
EPOCHS_MOST = 4
LATEST_SECONDS = 60 * DAY_SECONDS
START_US = START_SECONDS * 1_000_000
PUBLISHED_US = START_US - 7_200_000_000
"""When epochs are published: before all work, so that only folded work stands in their way."""
POLICIES_US = START_US + 400 * DAY_SECONDS * 1_000_000
"""From when on policies are put: what was read before is read by the default policy."""

# Times that meet again and again: pieces of one moment, of one day, of the time of an epoch.
SECONDS = st.sampled_from((0, 1, 3_600, 86_400, 90_000, 10 * DAY_SECONDS, LATEST_SECONDS))
ALIGNED = st.lists(st.sampled_from(COMPETENCIES), min_size=1, max_size=3, unique=True).map(tuple)
WORKS = st.fixed_dictionaries(
    {
        "competencies": ALIGNED,
        "score": st.sampled_from((None, 0, 10_000, 15_001, 20_000, 30_000, 30_000)),
        "seconds": SECONDS,
        "assessment": st.sampled_from(("", "lms/q1", "lms/q2")),
        "dok": st.sampled_from((0, 1, 2, 3, 4)),
        "timed": st.sampled_from((None, True, False)),
        "kind": st.sampled_from(
            (
                evidence_pb2.KIND_QUIZ,
                evidence_pb2.KIND_HOMEWORK,
                evidence_pb2.KIND_PERFORMANCE_TASK,
                evidence_pb2.KIND_UNSPECIFIED,
            )
        ),
        "purpose": st.sampled_from(
            (
                evidence_pb2.PURPOSE_FORMATIVE,
                evidence_pb2.PURPOSE_SUMMATIVE,
                evidence_pb2.PURPOSE_EXTERNAL_SUMMATIVE,
                evidence_pb2.PURPOSE_PRACTICE,
            )
        ),
        "scale": st.sampled_from(
            (evidence_pb2.SCORE_SCALE_POINTS, evidence_pb2.SCORE_SCALE_RUBRIC)
        ),
        "items": st.sampled_from((0, 1, 3, 40)),
        "item": st.sampled_from(("", "i1", "i2", "i3")),
    }
)
LEARNER = st.sampled_from(LEARNERS)
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.sampled_from((1, 3, 10, 40, FACTS_MOST))
DIFFICULTIES = st.dictionaries(st.sampled_from(("i1", "i2")), st.integers(-200, 200))
REFERENCES = st.dictionaries(st.sampled_from(("c1", "c2")), st.integers(-200, 200))
POLICIES = st.sampled_from(
    (
        {},
        {"display_scale": {"lowest": 0, "highest": 100, "decimals": 0}},
        {"current_rule": {"name": "average"}},
        {"current_rule": {"name": "most_recent", "parameter": 3}},
    )
)


def an_epoch(known, weights_alone, retroactive, *, seconds, quiz_milli, **difficulties):
    """Return an epoch as it is asked for of a district that has some, and the plain one."""
    effective_us = START_US + seconds * 1_000_000
    standing = in_force(known, effective_us)
    if weights_alone:
        difficulties = _difficulties_of(standing)
    plain = PlainEpoch(
        version=len(known) + 1,
        effective_us=effective_us,
        has_difficulties=not weights_alone or bool(standing and standing.has_difficulties),
        quiz_milli=quiz_milli,
        **difficulties,
    )
    new = NewEpoch(
        district=DISTRICT,
        effective_us=effective_us,
        calibrated=None if weights_alone else _calibrated(plain),
        weights=read_weights({"kinds": {"quiz": quiz_milli / 1_000}}),
        actor="operator",
        allow_retroactive=retroactive,
    )
    return new, plain


def a_sitting(size, *, quiz, learner, competency, external, seconds, seed):
    """Return (entity, work) of each item of a sitting; a seed says which were right."""
    chance = random.Random(seed)
    purpose = "EXTERNAL_SUMMATIVE" if external else "FORMATIVE"
    return [
        (
            f"quiz-{quiz}-{learner}-{place}",
            {
                "competencies": (competency,),
                "score": 30_000 if chance.random() < 0.7 else 0,
                "seconds": seconds + place % 7,
                "assessment": f"lms/quiz-{quiz}",
                "item": f"quiz-{quiz}-{place}",
                "purpose": evidence_pb2.Purpose.Value(f"PURPOSE_{purpose}"),
                "items": size,
            },
        )
        for place in range(size)
    ]


def _calibrated(plain):
    """Return the difficulties of a plain epoch as if they had been learned."""
    return Calibrated(
        items={item_key("lms", name): d64 for name, d64 in plain.items.items()},
        references=dict(plain.references),
        reference_d64=plain.reference_d64,
        response_count=10,
        covered_count=8,
        learner_count=3,
    )


def _difficulties_of(plain):
    """Return what an epoch says of difficulty, for the next one to say the same."""
    if plain is None:
        return {"items": {}, "references": {}, "reference_d64": 0}
    return {
        "items": plain.items,
        "references": plain.references,
        "reference_d64": plain.reference_d64,
    }


def policy_at(policies, at_us):
    """Return the version in force at a time and its document; 0 and nothing: the default."""
    known = [
        (version, document)
        for version, (effective_us, document) in enumerate(policies, 1)
        if effective_us <= at_us
    ]
    return known[-1] if known else (0, {})
