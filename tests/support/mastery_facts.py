"""Builders of what mastery reads: single pieces and occasions, histories, and facts of a history.

A history is a list of revisions as `tests.support.mastery_reference` describes them. `facts_of`
turns the revisions that stand into facts with the domain's own contributions; which ones stand is
the reference's to say.
"""

import hashlib
import random
from itertools import count

import numpy as np

from services.mastery.domain.contribution import align, contribute
from services.mastery.domain.model import (
    DEEP_DOK,
    SCORE_OF_LEVEL_3,
    WINDOW_SIZE,
    CompetencyFacts,
    ExternalTest,
    Gate,
    Kind,
    LearnerFacts,
    Occasion,
    Piece,
    Policy,
    Purpose,
    ScoreScale,
    Share,
)

LENIENT_POLICY = Policy(proficient_gate=Gate(share=Share.SEVEN_TENTHS, at_least_micro=800_000))
"""Another policy than the default: P(p >= .7) >= .8 turns the estimate's key."""

DAY_US = 86_400_000_000
START_DAY = 20_500
"""2026-02-16."""
START_US = START_DAY * DAY_US
KINDS = tuple(kind.name.lower() for kind in Kind if kind != Kind.UNSPECIFIED)
PURPOSES = ("formative", "summative", "external_summative", "practice", "unspecified")
_NUMBERS = count(1)


def a_piece(**changes):
    """Return a piece of a window: a quiz item right, two days after the start."""
    values = {
        "occur_time_us": START_US + 2 * DAY_US,
        "evidence_id": next(_NUMBERS).to_bytes(16, "big"),
        "r": 524_288,
        "i": 262_144,
        "score": 30_000,
        "item_key": None,
        "dok": 2,
        "purpose": Purpose.FORMATIVE,
        "kind": Kind.QUIZ,
        "timed": None,
        "local_day": START_DAY + 2,
    }
    return Piece(**(values | changes))


def an_occasion(level, *, day=0, key=None, pieces=1):
    """Return an occasion at a level (1 to 4), a number of days after the start."""
    score = round((level - 1) * 10_000)
    return Occasion(
        key=key or f"day/{START_DAY + day}",
        local_day=START_DAY + day,
        newest_time_us=START_US + day * DAY_US,
        score_sum=score * pieces,
        score_count=pieces,
    )


def occasions_at(*levels):
    """Return one occasion a day at these levels, oldest first."""
    return tuple(an_occasion(level, day=day) for day, level in enumerate(levels))


def a_revision(**changes):
    """Return the first revision of a quiz item done right by learner-1 for competency-1."""
    number = next(_NUMBERS)
    values = {
        "evidence_id": number.to_bytes(16, "big"),
        "version": 1,
        "content_hash": hashlib.sha256(str(number).encode()).digest()[:16],
        "live": True,
        "learner": "learner-1",
        "occur_time_us": START_US + number,
        "local_day": START_DAY,
        "alignments": {"competency-1": 1000},
        "score": 30_000,
        "scale": "points",
        "kind": "quiz",
        "purpose": "formative",
        "dok": 2,
        "timed": None,
        "item": f"item-{number}",
        "assessment": None,
        "items_on_competency": None,
    }
    return values | changes


def rubric_days(*levels, kind="performance_task", **changes):
    """Return one piece of rubric-scored work a day, each on an item of its own, oldest first."""
    return [
        a_revision(
            score=round((level - 1) * 10_000),
            scale="rubric",
            kind=kind,
            occur_time_us=START_US + day * DAY_US,
            local_day=START_DAY + day,
            **changes,
        )
        for day, level in enumerate(levels)
    ]


def facts_of(live, competency):
    """Return (LearnerFacts, CompetencyFacts) of one learner's live revisions, in any order."""
    newest = sorted(live, key=lambda r: (r["occur_time_us"], r["evidence_id"]), reverse=True)
    r, i = contributions_of(newest)
    chosen = [index for index, item in enumerate(newest) if competency in item["alignments"]]
    weights = np.array([newest[k]["alignments"][competency] for k in chosen], dtype=np.int64)
    aligned_r, aligned_i = align(r[chosen], weights), align(i[chosen], weights)
    mine = [newest[k] for k in chosen]
    outside = [k for k, e in enumerate(newest) if not _is_external(e)]
    mine_outside = [k for k, e in enumerate(mine) if not _is_external(e)]
    learner = LearnerFacts(
        r_sum=int(r[outside].sum()),
        i_sum=int(i[outside].sum()),
        evidence_count=len(newest),
        window=_window([newest[k] for k in outside], r[outside], i[outside]),
        tests=_learner_tests(newest, r, i)[:WINDOW_SIZE],
    )
    facts = CompetencyFacts(
        r_sum=int(aligned_r[mine_outside].sum()),
        i_sum=int(aligned_i[mine_outside].sum()),
        evidence_count=len(mine),
        deep_count=sum(
            1 for e in mine if (e["dok"] or 0) >= DEEP_DOK and e["score"] >= SCORE_OF_LEVEL_3
        ),
        untimed_count=sum(1 for e in mine if not e["timed"]),
        window=_window(
            [mine[k] for k in mine_outside], aligned_r[mine_outside], aligned_i[mine_outside]
        ),
        tests=_tests(mine, aligned_r, aligned_i, competency),
        occasions=_occasions(mine),
        version=len(mine),
        competency=competency,
    )
    return learner, facts


def contributions_of(revisions):
    """Return the columns (r, i) of revisions by the domain."""

    def column(values):
        return np.array(list(values), dtype=np.int64)

    return contribute(
        score=column(e["score"] for e in revisions),
        scale=column(ScoreScale[e["scale"].upper()] for e in revisions),
        kind=column(Kind[e["kind"].upper()] for e in revisions),
        purpose=column(Purpose[e["purpose"].upper()] for e in revisions),
        dok=column(e["dok"] or 0 for e in revisions),
        items_on_competency=column(e["items_on_competency"] or 0 for e in revisions),
    )


def occasion_key(e):
    """Return the key of the occasion of a revision."""
    key = e["assessment"] or f"day/{e['local_day']}"
    return f"external:{key}" if _is_external(e) else key


def _is_external(e):
    return e["purpose"] == "external_summative"


def _tests(mine, r, i, competency):
    """Return the external tests on a competency, newest first."""
    members = {}
    for k, e in enumerate(mine):
        if _is_external(e):
            members.setdefault(occasion_key(e), []).append(k)
    return tuple(
        sorted(
            (_test(mine, r, i, key, competency, chosen) for key, chosen in members.items()),
            reverse=True,
        )
    )


def _test(mine, r, i, key, competency, chosen):
    pieces = [mine[k] for k in chosen]
    return ExternalTest(
        newest_time_us=pieces[0]["occur_time_us"],
        key=key,
        competency=competency,
        local_day=max(e["local_day"] for e in pieces),
        piece_count=len(pieces),
        share_sum=sum(round(2**20 / (e["items_on_competency"] or 1)) for e in pieces),
        r_sum=int(r[chosen].sum()),
        i_sum=int(i[chosen].sum()),
        deep_count=sum(
            1 for e in pieces if (e["dok"] or 0) >= DEEP_DOK and e["score"] >= SCORE_OF_LEVEL_3
        ),
        untimed_count=sum(1 for e in pieces if not e["timed"]),
    )


def _learner_tests(newest, r, i):
    """Return the external tests of a learner, newest first, by each piece's first competency."""
    found = []
    for competency in {name for e in newest for name in e["alignments"]}:
        chosen = [k for k, e in enumerate(newest) if competency in e["alignments"]]
        first = [k for k in chosen if next(iter(newest[k]["alignments"])) == competency]
        whole = {test.key: test for test in _tests(_of(newest, first), r[first], i[first], "")}
        for test in _tests(_of(newest, chosen), r[chosen], i[chosen], competency):
            if test.key in whole:
                mine = whole[test.key]
                found.append(
                    test._replace(
                        share_sum=mine.share_sum,
                        r_sum=mine.r_sum,
                        i_sum=mine.i_sum,
                        deep_count=0,
                        untimed_count=0,
                    )
                )
    return tuple(sorted(found, reverse=True))


def _of(newest, chosen):
    return [newest[k] for k in chosen]


def _window(newest, r, i):
    return tuple(
        Piece(
            occur_time_us=e["occur_time_us"],
            evidence_id=e["evidence_id"],
            r=int(r[k]),
            i=int(i[k]),
            score=e["score"],
            item_key=None if e["item"] is None else hash_of(e["item"]),
            dok=e["dok"] or 0,
            purpose=Purpose[e["purpose"].upper()],
            kind=Kind[e["kind"].upper()],
            timed=e["timed"],
            local_day=e["local_day"],
        )
        for k, e in enumerate(newest[:WINDOW_SIZE])
    )


def hash_of(item):
    """Return a 64-bit key of an item."""
    return int.from_bytes(hashlib.sha256(item.encode()).digest()[:8], "big", signed=True)


def _occasions(newest):
    pooled = {}
    for e in newest:
        pooled.setdefault(occasion_key(e), []).append(e)
    return tuple(
        Occasion(
            key=key,
            local_day=members[0]["local_day"],
            newest_time_us=members[0]["occur_time_us"],
            score_sum=sum(e["score"] for e in members),
            score_count=len(members),
        )
        for key, members in pooled.items()
    )


def a_history(seed):
    """Return (revisions, as_of_us): the random history of two learners, shuffled.

    Learners differ in what they can do; pieces are corrected, withdrawn, brought back and moved to
    the other learner; some work is timed, on rubrics, of external tests or aligned with several
    competencies; the as-of time lies minutes to years after the work.
    """
    rng = random.Random(seed)
    strong = rng.random() < 0.3
    style = {
        "strong": strong,
        "strength": rng.choice((0.95, 1.0) if strong else (0.02, 0.15, 0.5, 0.8)),
        "always_timed": rng.random() < 0.12,
        "rubric_share": rng.choice((0.95, 1.0) if strong else (0.0, 0.4, 1.0)),
        "hard": rng.random() < 0.5,
        "corrections": rng.choice((0.0, 0.2, 0.6)),
        "reassessed": rng.random() < 0.3,
    }
    revisions = []
    for index in range(rng.choice((1, 2, 3, 5, 6, 8, 12, 16, 24, 40, 70))):
        revisions += _piece_with_corrections(rng, index, style)
    rng.shuffle(revisions)
    last = max(e["occur_time_us"] for e in revisions)
    days = rng.choice((0.001, 2, 900) if style["strong"] else (0.001, 0.5, 10, 45, 700))
    return revisions, last + round(days * DAY_US)


def _piece_with_corrections(rng, index, style):
    """Return every revision of one piece of evidence."""
    first = _random_piece(rng, index, style)
    found = [first]
    while rng.random() < style["corrections"] and len(found) < 4:
        found.append(_correction(rng, found[-1], style))
    return found


def _random_piece(rng, index, style):
    day = index // 3 + rng.randrange(3)
    names = rng.sample(("competency-1", "competency-2", "competency-3"), rng.choice((1, 1, 2, 3)))
    purpose = rng.choice(PURPOSES[:2] if style["strong"] else PURPOSES)
    if style["reassessed"]:
        purpose = "summative" if index == 0 else "practice"
    return a_revision(
        evidence_id=rng.randbytes(16),
        content_hash=rng.randbytes(16),
        learner="learner-2" if rng.random() < 0.1 else "learner-1",
        occur_time_us=START_US + day * DAY_US + rng.randrange(4) * 3_600_000_000,
        local_day=START_DAY + day,
        alignments=dict(zip(names, _shares(rng, len(names)), strict=True)),
        purpose=purpose,
        kind="performance_task" if style["strong"] else rng.choice((*KINDS, "unspecified")),
        dok=rng.choice((3, 4)) if style["hard"] else rng.choice((None, 1, 2, 3, 4)),
        timed=True if style["always_timed"] else rng.choice((None, False, True)),
        item=None if rng.random() < 0.2 else f"item-{rng.randrange(12)}",
        assessment=None if rng.random() < 0.6 else f"source/quiz-{index // 5}",
        items_on_competency=rng.choice((None, 1, 3, 40)),
        **_random_score(rng, style),
    )


def _random_score(rng, style):
    if rng.random() < style["rubric_share"]:
        steps = sum(rng.random() < style["strength"] for _ in range(3))
        half = 5_000 if steps < 3 and rng.random() < 0.2 else 0
        return {"scale": "rubric", "score": steps * 10_000 + half}
    if rng.random() < 0.6:
        return {"scale": "points", "score": 30_000 if rng.random() < style["strength"] else 0}
    share = min(1.0, max(0.0, rng.gauss(style["strength"], 0.2)))
    return {"scale": "points", "score": round(30_000 * share)}


def _shares(rng, size):
    """Return thousandths, each at least 1, that sum to 1000."""
    cuts = sorted(rng.sample(range(1, 1000), size - 1))
    return [upper - lower for lower, upper in zip((0, *cuts), (*cuts, 1000), strict=True)]


def _correction(rng, before, style):
    """Return a later revision, or one of the same version that only its hash tells apart."""
    changes = {
        "version": before["version"] + rng.choice((0, 1, 1, 5)),
        "content_hash": rng.randbytes(16),
        "live": rng.random() < 0.7,
        **_random_score(rng, style),
    }
    if rng.random() < 0.2:
        day = rng.randrange(20)
        changes["occur_time_us"] = START_US + day * DAY_US
        changes["local_day"] = START_DAY + day
    if rng.random() < 0.2:
        changes["alignments"] = {"competency-1": 1000}
    return before | changes
