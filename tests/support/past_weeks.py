"""Digests of weeks for tests, in a few words: who sat in what, and which needs there were.

`a_past_week(-2, lea=[HELP, ART], needs={"lea": {"fractions": 1800}})` is the week two before
MONDAY. A need is a level, or a level and a count of evidence.
"""

from datetime import timedelta

from services.scheduler.domain.history.digest import (
    LearnerMark,
    NeedState,
    SessionMark,
    WeekDigest,
)
from services.scheduler.domain.history.past import Past, PastWeek
from services.scheduler.domain.history.weeks import SchoolWeeks
from services.scheduler.domain.model import SessionKind
from tests.support.schools import MONDAY

EVIDENCE = 5


def monday(week: int):
    """Return the Monday so many weeks after MONDAY; negative: before it."""
    return MONDAY + timedelta(weeks=week)


def a_session(kind=SessionKind.SMALL_GROUP, competency_id="", **changes) -> dict:
    """Return what a session is, without its time; help is on fractions with ada."""
    if kind.has_target:
        competency_id = competency_id or "fractions"
    return {"kind": kind, "adult_id": "ada", "competency_id": competency_id, **changes}


HELP = a_session()
ART = a_session(SessionKind.ENRICHMENT)
COMMONS = a_session(SessionKind.COMMONS)
CHECK = a_session(SessionKind.CHECK)


def a_digest(week: int, needs=None, ranks=None, **seats) -> WeekDigest:
    """Return the digest of a week: the seats of each learner in order of time, and their needs.

    A need is unmet where no help seat of the learner is on it. `ranks`: by learner, of each seat.
    """
    needs = needs or {}
    names = sorted({*seats, *needs})
    sessions, placed = [], {name: [] for name in names}
    for place in range(max(map(len, seats.values()), default=0)):
        for name in names:
            if place < len(seats.get(name, ())):
                placed[name].append(len(sessions))
                told = seats[name][place]
                slot = {"slot_id": f"mon-{place + 1}", "date": monday(week)}
                sessions.append(SessionMark(**slot, **told))
    known = sorted({"fractions", "angles", *(c for mine in needs.values() for c in mine)})
    return WeekDigest(
        monday=monday(week),
        sessions=tuple(sessions),
        competencies=tuple(known),
        learners=tuple(
            _learner(name, seats.get(name, ()), placed[name], needs.get(name, {}), known)
            if not (ranks or {}).get(name)
            else _learner(
                name, seats.get(name, ()), placed[name], needs.get(name, {}), known, ranks[name]
            )
            for name in names
        ),
    )


def a_past_week(week: int, *, missed=(), **told) -> PastWeek:
    """Return a published week; `missed`: learners and slots of seats to which nobody came."""
    digest = a_digest(week, **told)
    return PastWeek(monday=digest.monday, digest=digest, missed=frozenset(missed))


def nothing_published(week: int) -> PastWeek:
    """Return a week of school in which nothing was published."""
    return PastWeek(monday=monday(week))


def the_past(*weeks: PastWeek, first: int | None = None, holidays=()) -> Past:
    """Return weeks before MONDAY; cycles are counted from the first of them, or from `first`."""
    begins = min(one.monday for one in weeks) if first is None else monday(first)
    return Past(
        weeks=weeks,
        calendar=SchoolWeeks(first=begins, holidays=frozenset(monday(one) for one in holidays)),
    )


def _learner(name, seats, placed, needs, known, ranks=()) -> LearnerMark:
    helped = {one["competency_id"] for one in seats if one["kind"].is_help}
    mine = [(c, told if isinstance(told, tuple) else (told, EVIDENCE)) for c, told in needs.items()]
    mine.sort()
    return LearnerMark(
        learner_id=name,
        grade="6",
        sessions=tuple(placed),
        ranks=tuple(ranks) or (0,) * len(placed),
        competencies=tuple(known.index(c) for c, _ in mine),
        levels=tuple(level or 0 for _, (level, _) in mine),
        counts=tuple(count for _, (_, count) in mine),
        weights=tuple(1000 for _ in mine),
        states=tuple(_state(c, level, helped).value for c, (level, _) in mine),
    )


def _state(competency_id, level, helped) -> NeedState:
    if level is not None and level >= 3000:
        return NeedState.NO_CLAIM
    return NeedState.MET if competency_id in helped else NeedState.UNMET
