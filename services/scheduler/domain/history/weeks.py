"""Which weeks are weeks of school, how far back a plan looks, and where a cycle of groups begins.

A week of holidays is none: it neither ends what goes on week by week nor counts in a cycle.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from services.scheduler.domain.numbers import Policy

WEEK = timedelta(weeks=1)
LONGEST_BREAK_WEEKS = 4
"""Holidays of more weeks end what was before: after a summer nobody still waits, or is kept out."""
FEWEST_WEEKS_READ = 6
"""S4 asks for the shares of six weeks."""
MOST_WEEKS_READ = 24
"""A bound of what a run reads, whatever a policy says."""
CYCLES_BEYOND = 2
"""Beside the cycles that S6 compares: the one that goes on, and the one that began in the midst."""


@dataclass(frozen=True, kw_only=True)
class SchoolWeeks:
    """The weeks of a school, by their Mondays."""

    first: date | None = None
    """The Monday from which cycles are counted; None: the week that is planned begins one."""
    holidays: frozenset[date] = frozenset()
    """The Mondays of weeks without school."""

    def before(self, monday: date, most: int) -> tuple[date, ...]:
        """Return the Mondays of up to `most` weeks of school before one, the newest first."""
        found: list[date] = []
        skipped = 0
        here = monday - WEEK
        while len(found) < most and skipped <= LONGEST_BREAK_WEEKS:
            if here in self.holidays:
                skipped += 1
            else:
                found.append(here)
                skipped = 0
            here -= WEEK
        return tuple(found)

    def previous(self, monday: date) -> date | None:
        """Return the Monday of the week of school before; None after a long break."""
        return next(iter(self.before(monday, 1)), None)

    def cycle_start(self, monday: date, cycle_weeks: int) -> date:
        """Return the Monday on which the cycle of a week began.

        Cycles are counted in weeks of school from `first`; before it each week is its own.
        """
        if self.first is None or self.first > monday:
            return monday
        between = (monday - self.first) // WEEK
        between -= sum(1 for one in self.holidays if self.first <= one < monday)
        start = monday
        for _ in range(between % cycle_weeks):
            start -= WEEK
            while start in self.holidays:
                start -= WEEK
        return start


def weeks_read(policy: Policy) -> int:
    """Return how many weeks of school a plan looks back.

    Enough for S4, and for S6 to tell that cycles brought no gain; by default 12. What lies further
    back is forgotten: the team was told, and another attempt may be made.
    """
    asked = (policy.cycles_without_gain + CYCLES_BEYOND) * policy.cycle_weeks
    return min(max(asked, FEWEST_WEEKS_READ), MOST_WEEKS_READ)
