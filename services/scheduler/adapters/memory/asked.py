"""What the store in memory holds of what people ask for in one district."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.scheduler.domain.asking.rankings import Answer, Ranking
from services.scheduler.domain.asking.requests import Outcome
from services.scheduler.domain.asking.settling import RequestWeek
from services.scheduler.domain.asking.windows import ChoiceWindow

FILED = ("requests", "needs", "bookings", "proposals")


@dataclass(kw_only=True)
class Asked:
    """Everything that is asked for in one district."""

    windows: dict[tuple[str, date], ChoiceWindow] = field(default_factory=dict)
    rankings: list[Ranking] = field(default_factory=list)
    answers: dict[tuple[str, date, str, int], Answer] = field(default_factory=dict)
    weeks: dict[tuple[str, date], RequestWeek] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], tuple[Outcome, ...]] = field(default_factory=dict)
    filed: dict[str, dict[tuple[str, str], Any]] = field(
        default_factory=lambda: {name: {} for name in FILED}
    )

    def copy(self) -> "Asked":
        """Return a copy that changes apart; the values themselves never change."""
        return Asked(
            windows=dict(self.windows),
            rankings=list(self.rankings),
            answers=dict(self.answers),
            weeks=dict(self.weeks),
            outcomes=dict(self.outcomes),
            filed={name: dict(each) for name, each in self.filed.items()},
        )
