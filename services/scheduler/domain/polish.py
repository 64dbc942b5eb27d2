"""The exact question after the search: who sits where in the sessions that are held.

Asked through `PolishSeats`, so that the domain does not know who answers. The answer comes with
prices, from which a bound on every seating of these sessions follows by weak duality; nothing in
them is trusted (`check.certificate` adds the bound up anew).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.scheduler.domain.engine.tables import Ints
from services.scheduler.domain.question.question import Question


@dataclass(frozen=True, kw_only=True, eq=False)
class Polished:
    """Who sits where [T, N] as adults, and prices in thousandths of a point."""

    seat: Ints
    seat_prices: Ints
    """[T, A] what one more seat in the adult's session is worth; negative where its minimum holds
    learners in it."""
    pair_prices: dict[tuple[str, int, int], int] = field(default_factory=dict)
    """What it costs that two may not share a session: by rule, time and adult."""
    company_shares: dict[tuple[str, int, int], int] = field(default_factory=dict)
    """What two who do well together add, as far as it is counted for the first learner of the
    rule: by rule, time and adult."""


PolishSeats = Callable[[Question, Ints, Ints], Polished]
"""Is given the question, what is held [T, A] and who sits where [T, N]."""
