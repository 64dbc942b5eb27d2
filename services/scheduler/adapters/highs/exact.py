"""The port to exact answers, by HiGHS (`domain.polish.Exact`)."""

from services.scheduler.adapters.highs.polish import polish_seats
from services.scheduler.domain.engine.tables import Ints
from services.scheduler.domain.polish import Polished, Whole
from services.scheduler.domain.question.question import Question


class HighsExact:
    """The port `Exact`; holds nothing."""

    def seats(
        self, question: Question, held: Ints, seat: Ints, *, floor: int | None = None
    ) -> Polished | None:
        """Return the best seating of what is held; see the port."""
        return polish_seats(question, held, seat, floor=floor)

    def whole_week(self, question: Question, held: Ints, seat: Ints) -> Whole | None:
        """Return a week at least as good; see the port."""
        return None
