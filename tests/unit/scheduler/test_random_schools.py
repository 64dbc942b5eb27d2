"""Random schools: what must hold in every week, whatever the school is like."""

from collections import Counter, defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scheduler.domain.check import check
from services.scheduler.domain.check.certificate import proves
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.week import SeatRule, value_of
from tests.support.schools import STUDIO_SCHOOL, Shape, a_school
from tests.support.weeks import planned

HELP = (SessionKind.SMALL_GROUP, SessionKind.ONE_TO_ONE)
SHAPES = st.builds(
    Shape,
    learners=st.integers(0, 70),
    adults=st.integers(0, 9),
    slots=st.integers(1, 4),
    competencies=st.integers(1, 14),
    needs_each=st.sampled_from((0.0, 1.0, 4.0)),
    service_share=st.sampled_from((0.0, 0.1, 0.5)),
    absent_share=st.sampled_from((0.0, 0.2)),
    policy=st.builds(
        Policy,
        small_group_cap=st.integers(2, 6),
        enrichment_cap=st.integers(3, 30),
        session_minimum=st.integers(1, 4),
        preparations_per_day=st.integers(1, 3),
        need_seats_per_week=st.integers(0, 4),
    ),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_the_planner_and_the_independent_check_agree_on_what_is_broken(seed, shape):
    """A week that says it breaks nothing breaks nothing, and a broken one says so, by slot."""
    problem = a_school(seed, shape)
    week = planned(problem, seed=seed)
    assert {b.slot_id for b in week.breaches} == {b.slot_id for b in check(problem, week)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_every_week_keeps_the_limits_that_are_policy(seed, shape):
    """Need seats, own choice, once a week, preparations and minimums, counted from the week."""
    problem = a_school(seed, shape)
    week = planned(problem, seed=seed)
    limits_hold(problem, week)


def limits_hold(problem, week):
    """Assert what the check leaves to tests: soft rules and policy limits that are promised."""
    sessions = {s.session_id: s for s in week.sessions}
    policy = problem.policy
    by_learner = defaultdict(list)
    for seat in week.seats:
        by_learner[seat.learner_id].append(seat)
    for seats in by_learner.values():
        served = [s for s in seats if s.rule in (SeatRule.NEED, SeatRule.CHECK)]
        assert sum(s.rule is SeatRule.NEED for s in served) <= policy.need_seats_per_week
        assert max(Counter(s.competency_id for s in served).values(), default=0) <= 1
        pins = (SeatRule.SERVICE_PIN, SeatRule.PIN, SeatRule.EXEMPT)
        open_seats = [s for s in seats if s.rule not in pins]
        assert len(open_seats) < 2 or len(served) < len(open_seats)
    size = Counter(s.session_id for s in week.seats if s.session_id)
    pinned = {s.session_id for s in week.seats if s.rule in (SeatRule.PIN, SeatRule.SERVICE_PIN)}
    for session in week.sessions:
        assert size[session.session_id] >= 1
        if session.kind in (SessionKind.SMALL_GROUP, SessionKind.CHECK):
            few = size[session.session_id] < max(policy.session_minimum, 1)
            assert not few or session.session_id in pinned
    prepared = defaultdict(set)
    for session in sessions.values():
        if session.kind not in (SessionKind.COMMONS, SessionKind.SERVICE):
            what = (session.kind, session.competency_id or session.offer_id)
            prepared[session.adult_id, session.date].add(what)
    assert all(len(kinds) <= policy.preparations_per_day for kinds in prepared.values())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_needs_are_met_or_listed_and_never_both(seed, shape):
    """Met and unmet needs add up to all that pass the floor, by number and by weight."""
    problem = a_school(seed, shape)
    week = planned(problem, seed=seed)
    met = {(s.learner_id, s.competency_id) for s in week.seats if s.rule is SeatRule.NEED}
    unmet = {(u.learner_id, u.competency_id) for u in week.unmet}
    assert not met & unmet
    assert len(met) == week.summary.needs_met
    assert len(met) + len(unmet) == week.summary.needs
    assert all(u.rule and u.sentence for u in week.unmet)
    weights = [u.weight_milli for u in week.unmet]
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize("seed", range(3))
def test_the_seats_of_a_studio_school_are_proven_the_best_for_its_sessions(seed):
    """94 learners: the value equals the bound, as the check adds both up from the prices."""
    problem = a_school(seed, STUDIO_SCHOOL)
    week = planned(problem, budget=300)
    assert proves(problem, week)
    assert week.assignment.value_milli == week.assignment.bound_milli
    assert week.summary.assignment_gap_micro == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    shape=SHAPES,
    budgets=st.lists(st.sampled_from((1, 20, 45, 90, 130, 250)), min_size=2, max_size=3),
)
def test_more_budget_never_gives_less(seed, shape, budgets):
    """By the value of the weeks as they are written, seats exact."""
    problem = a_school(seed, shape)
    weeks = [planned(problem, budget=budget) for budget in sorted(budgets)]
    # A place for everybody and services come before points.
    worth = [(-sum(c.short_of for c in w.capacity), value_of(w.terms)) for w in weeks]
    assert worth == sorted(worth)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_a_week_is_worth_what_it_says_and_no_more_than_its_bounds(seed, shape):
    """Terms, the proof of the seats and the bound of the week, added up by the check."""
    problem = a_school(seed, shape)
    week = planned(problem)
    assert week.terms == terms_of(problem, week)
    assert proves(problem, week)
    assert value_of(week.terms) <= week.bound_milli
