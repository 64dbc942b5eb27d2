"""Weeks of the planner, doubted: its weights, and a bound for what it reaches."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scheduler.domain.check.certificate import bound_of
from services.scheduler.domain.check.claims import claims_of
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.week import AssignmentCertificate, SeatPrice, SeatRule
from tests.support.schools import Shape, a_school
from tests.support.weeks import planned

SHAPES = st.builds(
    Shape,
    learners=st.integers(0, 40),
    adults=st.integers(1, 7),
    slots=st.integers(1, 4),
    competencies=st.integers(1, 10),
    service_share=st.sampled_from((0.0, 0.3)),
    policy=st.builds(
        Policy,
        small_group_cap=st.integers(2, 6),
        session_minimum=st.integers(1, 4),
        preparations_per_day=st.integers(1, 3),
        need_seats_per_week=st.integers(0, 4),
    ),
)
SLOW = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@SLOW
@given(seed=st.integers(0, 10_000), shape=SHAPES)
def test_planner_and_check_weigh_needs_alike(seed, shape):
    """What is met and what is not are the claims to help, each with its weight."""
    school = a_school(seed, shape)
    week = planned(school, seed=seed)
    stated = {(u.learner_id, u.competency_id): u.weight_milli for u in week.unmet}
    helped = [s for s in week.seats if s.rule is SeatRule.NEED]
    stated |= {(s.learner_id, s.competency_id): s.weight_milli for s in helped}
    day = school.slots[0].date
    here = {x.learner_id for x in school.learners if x.is_active_on(day)}
    claims = {key: c for key, c in claims_of(school).items() if c.is_help and key[0] in here}
    assert stated == {key: claim.weight_milli for key, claim in claims.items()}


@SLOW
@given(seed=st.integers(0, 10_000), shape=SHAPES, price=st.integers(-50, 2000))
def test_what_the_planner_reaches_is_not_above_the_bound(seed, shape, price):
    """Whatever the prices."""
    school = a_school(seed, shape)
    week = planned(school, seed=seed)
    prices = tuple(SeatPrice(session_id=s.session_id, price_milli=price) for s in week.sessions)
    proof = AssignmentCertificate(value_milli=0, bound_milli=0, prices=prices)
    value = sum(term.value_milli for term in terms_of(school, week))
    assert value <= bound_of(school, week)
    assert value <= bound_of(school, replace(week, assignment=proof))
