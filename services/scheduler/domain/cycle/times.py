"""When the steps of a school's week are due, by its week clock and its calendar.

Each step is due on a weekday of the week before, at a local clock. Where that day has no school,
the step is due on the school day before, at the same clock; where it would then come at or after
the step that follows it, on an earlier school day still. A day that was closed at short notice
moves nothing, for the day before has passed when people hear of it. A week before without school
is passed over, up to a long break; after one of those, and in the summer before the first day of
school, people prepare the week on the usual weekdays. Every departure is told in a sentence.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta, tzinfo

from services.scheduler.domain.calendar.days import ONE_DAY, SchoolDays
from services.scheduler.domain.calendar.week import (
    SlotsOfWeek,
    days_of_week,
    in_words,
    monday_of,
    slots_of_week,
)
from services.scheduler.domain.cycle.local_time import Instant, Oddity, instant_of
from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.cycle.week_clock import STEPS_BEFORE, WeekClock

ONE_WEEK = timedelta(weeks=1)
LONG_BREAK_WEEKS = 6
"""After so many weeks without school nobody's ranking from before is asked for."""

STEP_WORDS: Mapping[Step, str] = {
    Step.OPEN_RANKING: "The ranking opens",
    Step.CLOSE_RANKING: "The ranking closes",
    Step.DRAFT: "The draft is made",
    Step.END_REVIEW: "The review ends",
    Step.FINAL_RUN: "The final run begins",
    Step.REMIND_SIGN_OFF: "The reminder to sign off goes out",
    Step.PUBLISH: "The week is published",
    Step.LOCK: "The week begins",
}


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """A step on its day, at its clock; `nominal` is the day that the week clock names."""

    step: Step
    day: date
    clock: time
    nominal: date


def times_of(clock: WeekClock, days: SchoolDays, zone: tzinfo, monday: date) -> CycleTimes:
    """Return when the steps of the week of a Monday are due, in their order.

    Two steps are at one instant only where the change to summer time skips the clocks of both.
    """
    week = slots_of_week(days, monday)
    if not week.slots:
        return CycleTimes(
            school_id=days.school_id,
            monday=monday,
            due={},
            no_week=_why_no_week(days, monday, week),
            notes=week.notes,
        )
    earliest = monday - LONG_BREAK_WEEKS * ONE_WEEK
    base = _week_before(days, monday, earliest)
    first = week.slots[0]
    placed = [
        *_place(clock, days, base or monday - ONE_WEEK, earliest),
        _Placed(step=Step.LOCK, day=first.date, clock=first.start, nominal=first.date),
    ]
    instants = {one.step: instant_of(one.day, one.clock, zone) for one in placed}
    return CycleTimes(
        school_id=days.school_id,
        monday=monday,
        due={step: instant.time for step, instant in instants.items()},
        notes=(
            *_note_of_base(base, monday),
            *(_note(days, one) for one in placed if _is_odd(days, one, begun=base is not None)),
            *_notes_of_clocks(placed, instants, zone),
            *week.notes,
        ),
    )


def _why_no_week(days: SchoolDays, monday: date, week: SlotsOfWeek) -> str:
    held = [days.day_of(one) for one in days_of_week(monday)]
    if any(one.has_school for one in held):
        return f"The week of {in_words(monday)} has no slot. {' '.join(week.notes)}".rstrip()
    reasons = dict.fromkeys(one.why_none for one in held if one.on_weekday)
    return f"The week of {in_words(monday)} has no school: {'; '.join(reasons)}."


def _week_before(days: SchoolDays, monday: date, earliest: date) -> date | None:
    """Return the Monday of the last week before with a day of school; None after a long break."""
    found = _school_day(days, monday - ONE_DAY, earliest)
    return monday_of(found) if found else None


def _school_day(days: SchoolDays, last: date, earliest: date) -> date | None:
    """Return the last day up to a date with school, or closed at short notice; or None."""
    day = last
    while day >= earliest:
        found = days.day_of(day)
        if found.has_school or found.closed_late:
            return day
        day -= ONE_DAY
    return None


def _day_before(days: SchoolDays, day: date, earliest: date) -> date:
    """Return the school day before a date; in a long break, the usual weekday before it."""
    found = _school_day(days, day - ONE_DAY, earliest)
    if found is not None:
        return found
    before = day - ONE_DAY
    while not days.day_of(before).on_weekday and day - before < ONE_WEEK:
        before -= ONE_DAY
    return before


def _place(clock: WeekClock, days: SchoolDays, base: date, earliest: date) -> list[_Placed]:
    """Return the steps of the week before, from the last to the first, each before the next."""
    placed: list[_Placed] = []
    for step in reversed(STEPS_BEFORE):
        due = clock.at(step)
        nominal = base + timedelta(days=due.iso_weekday - 1)
        school_day = _school_day(days, nominal, earliest)
        day = school_day or nominal
        while placed and (day, due.clock) >= (placed[-1].day, placed[-1].clock):
            day = _day_before(days, day, earliest)
        placed.append(_Placed(step=step, day=day, clock=due.clock, nominal=nominal))
    return placed[::-1]


def _is_odd(days: SchoolDays, placed: _Placed, *, begun: bool) -> bool:
    """Whether people are told of a step: it moved, or has no school though school had begun."""
    return placed.day != placed.nominal or (begun and not days.day_of(placed.day).has_school)


def _note(days: SchoolDays, placed: _Placed) -> str:
    """Return why a step is not due on the day that the clock names, or has no school then."""
    words = f"{STEP_WORDS[placed.step]} on {in_words(placed.day)} at {placed.clock:%H:%M}"
    why_none = days.day_of(placed.nominal).why_none
    if placed.day == placed.nominal:
        return f"{words}, though there is no school then ({why_none})."
    because = (
        f"it has no school ({why_none})" if why_none else "the step after it has moved before it"
    )
    return f"{words}, not on {in_words(placed.nominal)}: {because}."


def _note_of_base(base: date | None, monday: date) -> Iterator[str]:
    before = monday - ONE_WEEK
    if base is None:
        yield (
            f"The week of {in_words(before)} has no school, nor have those before it: the steps"
            " are due on their usual weekdays all the same."
        )
    elif base != before:
        yield (
            f"The week of {in_words(before)} has no school: the steps are due in the last week"
            f" with school, that of {in_words(base)}."
        )


def _notes_of_clocks(
    placed: list[_Placed], instants: Mapping[Step, Instant], zone: tzinfo
) -> Iterator[str]:
    for one in placed:
        instant = instants[one.step]
        words = f"{STEP_WORDS[one.step]} on {in_words(one.day)}"
        if instant.oddity is Oddity.SKIPPED:
            at = instant.time.astimezone(zone)
            yield f"{words} at {at:%H:%M}: clocks skip {one.clock:%H:%M} that day."
        elif instant.oddity is Oddity.TWICE:
            yield (f"{words} at {one.clock:%H:%M}, the first time: clocks show it twice that day.")
