"""The exact questions after the search, asked through ports: the domain knows no solver.

An answer comes with prices, from which a bound on every seating of the sessions held follows by
weak duality; nothing in them is trusted (`check.certificate` adds the bound up anew).
"""

from dataclasses import dataclass, field
from typing import Protocol

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


@dataclass(frozen=True, kw_only=True, eq=False)
class Rival:
    """A week that has its best seats: what another is to be worth more than."""

    held: Ints
    seat_prices: Ints
    """[T, A] as polished; where both hold the same, they may show that the other is beaten."""
    total: int
    """`weigh.Weighed.total`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Whole:
    """A whole week: what is held [T, A] and who sits where [T, N]."""

    held: Ints
    seat: Ints
    bound: int | None = None
    """No week is worth more (`weigh.Weighed.points`), in thousandths; None: not proved."""


class Exact(Protocol):
    """Answers the exact questions; the same question has the same answer on every machine."""

    def seats(
        self, question: Question, held: Ints, seat: Ints, *, rival: Rival | None = None
    ) -> Polished | None:
        """Return the best seating of what is held, never a worse one than `seat`.

        None as soon as it is plain that none is worth more than the rival's.
        """
        ...

    def whole_week(
        self, question: Question, held: Ints, seat: Ints, *, columns: int
    ) -> Whole | None:
        """Return a week at least as good as this one.

        None where the school is too large to try, as where its program would have more columns
        than that, or where nothing is found out about it.
        """
        ...
