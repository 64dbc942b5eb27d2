"""Bell schedules: what a day of school is made of, as clock intervals and never as numbers.

A/B days, 4×4, block, six to eight periods, early release and lunch-split periods are all bell
schedules; which one stands on a date is the calendar's to say.
"""

from dataclasses import dataclass
from datetime import date, time

from services.scheduler.domain.model import Scope, Slot
from services.scheduler.domain.resources import Setting

WEEKDAY_CODES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""What a slot's id begins with, by ISO weekday from Monday."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """An interval of the day on the school's clock.

    Two periods may share an hour: with different scopes they are a split lunch.
    """

    period_id: str
    """Its id in the bell schedule. The same id in another bell schedule is the same period at
    another clock, so offers and pins hold on an early release day, too."""
    start: time
    end: time
    """After the start, on the same day; the period ends before this instant."""
    label: str = ""
    """What people call it."""
    flexible: bool = False
    """Whether sessions are formed in it: only then it is a slot of the week."""
    own_choice: bool = False
    """Whether a confirmed choice outranks a machine's need here (H6)."""
    subject: str = ""
    """The subject whose teachers own it (H6); empty: nobody."""
    scope: Scope | None = None
    """Whom it is for; None: everybody."""


@dataclass(frozen=True, kw_only=True)
class BellSchedule(Setting):
    """The periods of a day, in the school's order."""

    display_name: str
    periods: tuple[Period, ...]

    @property
    def flexible(self) -> tuple[Period, ...]:
        """The periods that are slots of a week."""
        return tuple(one for one in self.periods if one.flexible)

    def slots_on(self, day: date) -> tuple[Slot, ...]:
        """Return the slots of a date on which these bells stand."""
        return tuple(
            Slot(
                slot_id=slot_id_of(day.isoweekday(), one.period_id),
                date=day,
                start=one.start,
                end=one.end,
                label=one.label,
                own_choice=one.own_choice,
                subject=one.subject,
                scope=one.scope,
            )
            for one in self.flexible
        )


def slot_id_of(iso_weekday: int, period_id: str) -> str:
    """Return the id in the week of a period on a weekday, as in "mon-1".

    A week has each weekday once and a bell schedule each period once, so the id is unique in the
    week; and it is the same in every week, whatever the date and the bells.
    """
    return f"{WEEKDAY_CODES[iso_weekday - 1]}-{period_id}"
