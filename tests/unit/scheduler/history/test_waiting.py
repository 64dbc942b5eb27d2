"""How long needs wait (S1)."""

from services.scheduler.domain.history.telling import with_history
from services.scheduler.domain.history.waiting import with_waiting
from tests.support.past_weeks import HELP, a_past_week, nothing_published, the_past
from tests.support.schools import a_need, a_problem

LEA = {"lea": {"fractions": 1800}}
BOTH = {**LEA, "max": {"fractions": 1800}}


LEAS = (a_need(),)


def waits(*weeks, needs=LEAS):
    """Return how long each need has waited after weeks."""
    return [one.weeks_waiting for one in with_waiting(needs, weeks)]


def test_a_need_waits_as_long_as_it_is_unmet_in_a_row():
    """Weeks count from the newest back; the first in which it was met or not there ends that."""
    weeks = [a_past_week(-3, needs=BOTH), a_past_week(-2, needs=LEA), a_past_week(-1, needs=BOTH)]
    assert waits(*weeks, needs=[a_need("lea"), a_need("max"), a_need("new")]) == [3, 1, 0]
    met = a_past_week(-1, needs=LEA, lea=[HELP])
    assert waits(a_past_week(-2, needs=LEA), met) == [0]


def test_a_week_in_which_nothing_was_published_ends_the_row():
    """Nobody can say that the need was open then."""
    assert waits(a_past_week(-2, needs=LEA), nothing_published(-1)) == [0]


def test_waiting_is_counted_to_four_weeks():
    """What lies further back changes no weight."""
    assert waits(*(a_past_week(-week, needs=LEA) for week in range(1, 9))) == [4]


def test_a_week_of_holidays_does_not_end_the_row():
    """The weeks before and after it stand in a row, for it was no week of school."""
    past = the_past(a_past_week(-3, needs=LEA), a_past_week(-1, needs=LEA), holidays=(-2,))
    told = with_history(a_problem(needs=(a_need(),)), past)
    assert [one.weeks_waiting for one in told.needs] == [2]
