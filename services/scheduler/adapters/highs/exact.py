"""The port to exact answers, by HiGHS (`domain.polish.Exact`)."""

from services.scheduler.adapters.highs.polish import polish_seats
from services.scheduler.adapters.highs.whole_week import best_whole_week, is_small
from services.scheduler.domain.engine.tables import Ints
from services.scheduler.domain.polish import Polished, Rival, Whole
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.question.weigh import weigh


class HighsExact:
    """The port `Exact`; holds nothing."""

    def seats(
        self, question: Question, held: Ints, seat: Ints, *, rival: Rival | None = None
    ) -> Polished | None:
        """Return the best seating of what is held; see the port."""
        return polish_seats(question, held, seat, rival=rival)

    def whole_week(
        self, question: Question, held: Ints, seat: Ints, *, columns: int
    ) -> Whole | None:
        """Return a week at least as good; see the port."""
        if not is_small(question.tables):
            return None
        found = best_whole_week(question.tables, held, seat, columns=columns)
        if found is None:
            return None
        weighed = weigh(question.tables, found.held, found.seat)
        # What is no points in this week is none in a better one: all services, everybody seated.
        bound = found.bound_milli - (weighed.total - weighed.points)
        return Whole(held=found.held, seat=found.seat, bound=bound)
