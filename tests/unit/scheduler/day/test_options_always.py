"""Random schools and absences: what is offered breaks no hard rule when it is done."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.check import check
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.day.agreements import without_agreements
from services.scheduler.domain.day.edits import Departure, Dissolution, edited
from services.scheduler.domain.day.moves import seat_moves
from services.scheduler.domain.day.options import Options
from services.scheduler.domain.day.restated import restated
from services.scheduler.domain.day.substitutes import Substitution
from services.scheduler.domain.day.unstaffed import away_in
from services.scheduler.domain.model import Absence
from services.scheduler.domain.repair import AdultAway, repair
from services.scheduler.domain.revision import Content
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.solve import solve
from tests.support.schools import Shape, a_school

SHAPES = st.builds(
    Shape,
    learners=st.integers(8, 60),
    adults=st.integers(3, 9),
    slots=st.integers(1, 3),
    competencies=st.integers(2, 8),
    needs_each=st.sampled_from((1.0, 4.0)),
    service_share=st.sampled_from((0.0, 0.1)),
    absent_share=st.sampled_from((0.0, 0.2)),
    whole=st.booleans(),
)
SOME = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def published(seed, shape):
    """Return a week of a random school as it is published, breaches and all."""
    problem = normalised(a_school(seed, shape))
    week = solve(problem, HighsExact(), seed=1, budget=20, prove=False)
    return Content(problem=problem, week=week)


def broken(content):
    """Return which rules are broken in which slots."""
    return {(one.rule, one.slot_id) for one in check(content.problem, content.week)}


def an_absence_in(content, rng):
    """Return that somebody who leads a session is away in its slot, and the session; or None."""
    sessions = list(content.week.sessions)
    if not sessions:
        return None
    session = rng.choice(sessions)
    absence = Absence(adult_id=session.adult_id, date=session.date, slot_ids=(session.slot_id,))
    return absence, session


def options_of(content, absence):
    """Return what can be done while somebody is away."""
    problem = content.problem
    away = away_in(problem.slots, (*problem.absences, absence))
    return Options(Index(problem, content.week), away)


def new_faults(content, after):
    """Return what is broken after an edit, and was not before.

    What is told of the whole week is left out where the week was broken as a whole before.
    """
    return broken(after) - broken(content)


@SOME
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_every_substitute_that_is_offered_may_lead(seed, shape):
    """Each of them in turn: nothing is broken that was not, and nobody has moved elsewhere."""
    content = published(seed, shape)
    found = an_absence_in(content, random.Random(seed))
    if found is None:
        return
    absence, session = found
    options = options_of(content, absence).of(session)
    for adult_id in options.substitutes:
        edit = Substitution(
            session_id=session.session_id, adult_id=adult_id, away=(absence.adult_id,)
        )
        after = edited(content, [edit])
        assert new_faults(content, after) == set(), adult_id
        assert seat_moves(content.week, after.week) == ()
        assert after.week.terms == terms_of(after.problem, after.week)


@SOME
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_learners_who_are_spread_fit_where_they_go(seed, shape):
    """As many as `places` says: of the rest alone it is broken that they have no place."""
    content = published(seed, shape)
    found = an_absence_in(content, random.Random(seed))
    if found is None:
        return
    absence, session = found
    all_options = options_of(content, absence)
    options = all_options.of(session)
    to = all_options.spread(options.learner_ids, (*options.merges, *options.releases))
    assert len(to) == options.places
    after = edited(
        content,
        [
            Dissolution(
                session_id=session.session_id,
                away=(absence.adult_id,),
                to=tuple((one, target.session_id) for one, target in to.items()),
            )
        ],
    )
    whole = len(to) == len(options.learner_ids)
    left = {one for one in new_faults(content, after) if whole or one[0] is not Rule.ONE_PLACE}
    assert left == set()


@SOME
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_each_option_takes_as_many_as_it_says(seed, shape):
    """Every merge and release alone, filled up: the session, its room and its company allow it."""
    content = published(seed, shape)
    found = an_absence_in(content, random.Random(seed))
    if found is None:
        return
    absence, session = found
    all_options = options_of(content, absence)
    options = all_options.of(session)
    for one in (*options.merges, *options.releases):
        to = all_options.spread(options.learner_ids, [one])
        assert len(to) == one.seats
        moved = tuple((learner_id, target.session_id) for learner_id, target in to.items())
        after = edited(
            content,
            [Dissolution(session_id=session.session_id, away=(absence.adult_id,), to=moved)],
        )
        rules = {rule for rule, _ in new_faults(content, after)}
        assert rules <= {Rule.ONE_PLACE}


@SOME
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_who_leaves_breaks_nothing(seed, shape):
    """Any learner on any day: the seats of the others stand, and the week is lawful as before."""
    content = published(seed, shape)
    rng = random.Random(seed)
    learner_id = rng.choice(content.problem.learners).learner_id
    slot = rng.choice(content.problem.slots)
    after = edited(content, [Departure(learner_id=learner_id, day=slot.date)])
    assert new_faults(content, after) == set()
    assert {one.learner_id for one in seat_moves(content.week, after.week)} <= {learner_id}


@SOME
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_what_is_stated_anew_is_what_was_stated(seed, shape):
    """Without an edit: value, services, numbers and unmet needs are those of the plan run."""
    content = published(seed, shape)
    again = restated(content, content.problem, content.week)
    for name in ("sessions", "seats", "terms", "services", "capacity", "unmet", "snapshot_hash"):
        assert getattr(again.week, name) == getattr(content.week, name), name
    before, after = content.week.summary, again.week.summary
    for name in ("learners", "sessions", "seats", "exemptions", "needs", "needs_met"):
        assert getattr(after, name) == getattr(before, name), name


@SOME
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_a_repair_after_an_absence_keeps_every_hard_rule(seed, shape):
    """Mended as a whole: what is broken was before, or somebody lacks a place in that slot."""
    content = published(seed, shape)
    found = an_absence_in(content, random.Random(seed))
    if found is None:
        return
    absence, session = found
    change = AdultAway(adult_id=absence.adult_id, slot_ids=absence.slot_ids)
    away = {(absence.adult_id, session.slot_id)}
    problem = without_agreements(content.problem, away)
    mended = repair(problem, content.week, [change], seed=1)
    after = Content(problem=mended.problem, week=mended.week)
    assert {rule for rule, _ in new_faults(content, after)} <= {Rule.ONE_PLACE}
    assert all(
        one.adult_id != absence.adult_id
        for one in after.week.sessions
        if one.slot_id == session.slot_id
    )
