"""Asks about a finished week, for the tests of the planner."""

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.model import Problem
from services.scheduler.domain.solve import WHOLE_WEEK_STEPS, solve
from services.scheduler.domain.week import Seat, Session, Week, value_of

SMALL_BUDGET = 60


def planned(problem: Problem, *, seed: int = 1, budget: int = SMALL_BUDGET) -> Week:
    """Return the week of a problem with HiGHS and a small budget."""
    return solve(problem, HighsExact(), seed=seed, budget=budget)


def the_best_of(problem: Problem) -> Week:
    """Return the week of a very small school, of which none is worth more."""
    week = planned(problem, budget=WHOLE_WEEK_STEPS)
    assert value_of(week.terms) == week.bound_milli
    return week


def seat_of(week: Week, learner_id: str, slot_id: str = "mon-1") -> Seat:
    """Return a learner's one seat in a slot."""
    found = [s for s in week.seats if (s.learner_id, s.slot_id) == (learner_id, slot_id)]
    assert len(found) == 1
    return found[0]


def session_of(week: Week, seat: Seat) -> Session:
    """Return a seat's session."""
    return next(s for s in week.sessions if s.session_id == seat.session_id)


def who_is_in(week: Week, session: Session) -> list[str]:
    """Return the learners of a session, sorted."""
    return sorted(s.learner_id for s in week.seats if s.session_id == session.session_id)


def rules_broken(week: Week) -> list[str]:
    """Return the rules of a week's breaches, sorted."""
    return sorted(breach.rule for breach in week.breaches)
