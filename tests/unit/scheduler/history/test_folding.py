"""Folding weeks one by one is folding them at once, in whatever order they come."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.domain.history import groups, shares
from services.scheduler.domain.history.past import Past, in_time
from services.scheduler.domain.history.telling import with_history
from services.scheduler.domain.model import LearnerHistory
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.snapshot import normalised
from tests.support.past_weeks import (
    ART,
    CHECK,
    HELP,
    a_past_week,
    a_session,
    nothing_published,
    the_past,
)
from tests.support.schools import a_competency, a_learner, a_need, a_problem

NAMES = ("lea", "max")
SESSIONS = st.sampled_from(
    (HELP, ART, CHECK, a_session(adult_id="bo"), a_session(competency_id="angles", dok=1))
)
LEVELS = st.sampled_from((None, 1800, 2600, 2900, 3050))


@st.composite
def weeks(draw):
    """Draw up to nine weeks of two learners, some of them without a published week."""
    found = []
    for number in sorted(draw(st.sets(st.integers(-12, -1), max_size=9))):
        if draw(st.integers(0, 7)) == 0:
            found.append(nothing_published(number))
            continue
        needs = {
            name: {
                target: (draw(LEVELS), draw(st.integers(1, 9)))
                for target in draw(st.sets(st.sampled_from(("fractions", "angles"))))
            }
            for name in NAMES
        }
        seats = {name: draw(st.lists(SESSIONS, max_size=4)) for name in NAMES}
        missed = [(name, f"mon-{draw(st.integers(1, 4))}") for name in NAMES]
        if draw(st.booleans()):
            missed = []
        found.append(a_past_week(number, needs=needs, missed=missed, **seats))
    return found


PROBLEM = a_problem(
    learners=tuple(a_learner(name) for name in NAMES),
    competencies=(a_competency(), a_competency("angles", "Angles")),
    needs=(a_need("lea", level_milli=2600), a_need("max", "angles", level_milli=1800)),
)


def past_of(found) -> Past:
    """Return the past of weeks, with cycles from twelve weeks before."""
    return the_past(*found, first=-12)


@given(weeks(), st.randoms(use_true_random=False))
def test_the_order_in_which_weeks_come_leaves_no_trace(found, rng):
    """The history is a function of the set of weeks."""
    shuffled = rng.sample(found, len(found))
    assert with_history(PROBLEM, past_of(shuffled)) == with_history(PROBLEM, past_of(found))


@given(weeks(), st.integers(0, 9))
def test_folding_on_from_any_week_is_folding_all_at_once(found, cut):
    """The records up to a week hold all that later weeks need."""
    policy, calendar = Policy(), past_of(found).calendar
    records, memberships = {}, {}
    for part in (found[:cut], found[cut:]):
        for week in in_time(part):
            records = shares.after(records, week)
            memberships = groups.after(memberships, week, calendar, policy)
    told = with_history(PROBLEM, past_of(found))
    folded = (
        LearnerHistory(
            learner_id=name,
            slot_count=sum(slots for slots, _ in one.weeks),
            own_choice_count=sum(own for _, own in one.weeks),
            dok_one_run=one.dok_one_run,
            weeks_without_need_seat=one.weeks_without_need_seat,
        )
        for name, one in sorted(records.items())
    )
    assert [one for one in folded if one != LearnerHistory(learner_id=one.learner_id)] == list(
        told.histories
    )
    assert sorted(memberships) == [
        (one.learner_id, one.competency_id) for one in told.group_histories
    ]
    exits = {(o.learner_id, o.competency_id): o.exit_date for o in told.group_histories}
    by_now = PROBLEM.monday
    assert all(exits[key] in (one.exit_date, by_now) for key, one in memberships.items())


@given(weeks())
def test_what_is_told_is_a_problem_without_a_fault(found):
    """Counts fit each other, dates lie before the week, and the cycle began on a Monday."""
    told = normalised(with_history(PROBLEM, past_of(found)))
    assert all(one.own_choice_count <= one.slot_count for one in told.histories)
    for one in told.group_histories:
        days = [day for day in (one.entry_date, one.exit_date) if day is not None]
        assert all(PROBLEM.monday - timedelta(weeks=12) <= d <= PROBLEM.monday for d in days)
        assert one.entry_date is not None or one.entry_level_milli is None
        assert one.evidence_since_entry >= 0


@given(weeks(), weeks())
def test_weeks_of_other_learners_say_nothing_of_the_schools_own(found, others):
    """Who is not in the problem is not in its history."""
    told = with_history(a_problem(learners=(a_learner("kim"),)), past_of([*found, *others]))
    assert told.histories == told.group_histories == ()
