"""Random schools with all that a week may hold: what must hold in every one of them."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scheduler.domain.check import check, departures
from services.scheduler.domain.check.certificate import proves
from services.scheduler.domain.check.elsewhere import have_places_elsewhere
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.sizes import minimum_of
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.encode import canonical
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import SeatRule, value_of
from tests.support.engine import a_question
from tests.support.pinned_schools import a_pinned_school
from tests.support.schools import STUDIO_SCHOOL, Shape, a_school, shuffled_with_repeats
from tests.support.stated import subjects_of
from tests.support.weeks import planned

ALONE = "none on what builds on it"
"""What the check says of help on a prerequisite that stands alone."""
POLICIES = st.builds(
    Policy,
    small_group_cap=st.integers(2, 6),
    enrichment_cap=st.integers(3, 30),
    session_minimum=st.integers(1, 4),
    preparations_per_day=st.integers(1, 3),
    need_seats_per_week=st.integers(0, 4),
)


def shapes(**changes):
    """Return a strategy for shapes; `changes` are strategies by field."""
    fields = {
        "learners": st.integers(4, 40),
        "adults": st.integers(2, 8),
        "slots": st.integers(1, 4),
        "competencies": st.integers(1, 14),
        "needs_each": st.sampled_from((0.0, 1.0, 4.0)),
        "service_share": st.sampled_from((0.0, 0.1, 0.5)),
        "absent_share": st.sampled_from((0.0, 0.2)),
        "policy": POLICIES,
    }
    return st.builds(Shape, **(fields | changes))


PLAIN = shapes(learners=st.integers(0, 70), adults=st.integers(0, 9))
SEEDS = st.integers(0, 100_000)
schools = st.one_of(
    st.builds(a_school, SEEDS, shapes(whole=st.just(True))),
    st.builds(a_pinned_school, SEEDS, overlapping=st.booleans()),
)


def examples(count):
    """Return settings for so many examples, the same ones each time."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=count, deadline=None, derandomize=True, suppress_health_check=slow)


def without_excuse(problem, week):
    """Return where the planner passed a limit, though nobody's place hung on it.

    Where somebody has no place at all, what is held for too few is no fault of the planner's.
    """
    index = Index(problem, week)
    lacking = {one.slot_id for one in week.capacity if one.short_of}
    alone = defaultdict(list)
    others = []
    for one in departures(problem, week):
        if ALONE in one.message:
            alone[one.slot_id].append(one.message.split()[1])
        elif one.rule is not Rule.LOAD or one.slot_id not in lacking:
            others.append(one)
    for slot_id, learner_ids in alone.items():
        mine = (s for s in week.seats if (s.learner_id, s.slot_id) == (learner_ids[0], slot_id))
        session = index.session_of(next(mine))
        if have_places_elsewhere(index, session, learner_ids):
            others.append((slot_id, learner_ids))
    return others


@examples(120)
@given(problem=schools)
def test_a_week_breaks_what_it_states_and_nothing_else_passes_no_limit_and_adds_up(problem):
    """Breaches, limits, terms, the proof of the seats and the bound, doubted from the outside."""
    week = planned(problem)
    assert subjects_of(week.breaches) == subjects_of(check(problem, week))
    assert without_excuse(problem, week) == []
    assert week.terms == terms_of(problem, week)
    assert proves(problem, week)
    assert value_of(week.terms) <= week.bound_milli


@pytest.mark.parametrize("seed", [26, 135, 147])
def test_sessions_that_too_few_come_to_are_given_up_where_there_are_other_places(seed):
    """In schools in which no single change of the search gives them up."""
    problem = a_pinned_school(seed)
    assert departures(problem, planned(problem, seed=seed)) == []


@examples(40)
@given(seed=SEEDS, shape=PLAIN)
def test_so_it_is_in_schools_of_any_size_and_with_nobody_there(seed, shape):
    """Without choices, scopes and words of persons, but with no adults, rooms or learners too."""
    problem = a_school(seed, shape)
    week = planned(problem, seed=seed)
    assert subjects_of(week.breaches) == subjects_of(check(problem, week))
    assert without_excuse(problem, week) == []
    assert proves(problem, week)
    assert value_of(week.terms) <= week.bound_milli


@examples(25)
@given(problem=schools, seed=st.integers(0, 99))
def test_no_order_and_no_repeat_of_facts_changes_the_week(problem, seed):
    """The same bytes from every list in another order, some of its facts twice."""
    again = planned(shuffled_with_repeats(problem, seed), budget=20)
    assert canonical(again) == canonical(planned(problem, budget=20))


def worth_of(problem, week):
    """Return what the search counts for a week, places and services before points, from outside.

    `question.question` has what a learner without a place counts, a session with too few, and a
    service.
    """
    question, index = a_question(problem), Index(problem, week)
    tables, times = question.tables, question.frame.times
    seated = {(s.learner_id, s.slot_id) for s in week.seats if s.session_id is not None}
    without = sum(
        bool(tables.present[t, n])
        and not any((one.learner_id, slot.slot_id) in seated for slot in slots)
        for t, slots in enumerate(times.slots)
        for n, one in enumerate(question.frame.learners)
    )
    missing = sum(
        max(minimum_of(index, one) - len(index.seats_in.get(one.session_id, ())), 0)
        for one in week.sessions
        if not index.is_forced(one)
    )
    found = (one for one in departures(problem, week) if ALONE in one.message)
    alone = len({one.message.split()[1] for one in found})
    given = sum(seat.rule is SeatRule.SERVICE for seat in week.seats)
    lost = tables.unplaced * without + tables.short * (missing + alone)
    return value_of(week.terms) + question.service_milli * given - lost


@examples(25)
@given(
    problem=schools,
    budgets=st.lists(st.sampled_from((0, 20, 45, 90, 130, 250)), min_size=2, max_size=3),
)
def test_more_budget_never_gives_less(problem, budgets):
    """By the weeks as they are written: a place for everybody, services, then points."""
    worth = [worth_of(problem, planned(problem, budget=one)) for one in sorted(budgets)]
    assert worth == sorted(worth)


@examples(20)
@given(seed=SEEDS, shape=PLAIN)
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
