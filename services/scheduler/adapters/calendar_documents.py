"""What a calendar holds that is a list: as plain values for JSON, and back.

Stored documents outlive releases: a field that comes later is read with a default.
"""

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, TypeAlias

from services.scheduler.domain.calendar.bells import Period
from services.scheduler.domain.calendar.year import BellRule, Break, Term
from services.scheduler.domain.cycle.week_clock import STEPS_BEFORE, DueAt, WeekClock
from services.scheduler.domain.model import Scope

Plain: TypeAlias = Mapping[str, Any]


def periods_to(periods: Iterable[Period]) -> list[Plain]:
    """Return periods as plain values."""
    return [
        {
            "period_id": one.period_id,
            "start": one.start.isoformat(),
            "end": one.end.isoformat(),
            "label": one.label,
            "flexible": one.flexible,
            "own_choice": one.own_choice,
            "subject": one.subject,
            "scope": _scope_to(one.scope),
        }
        for one in periods
    ]


def periods_from(plain: Iterable[Plain]) -> tuple[Period, ...]:
    """Return periods of plain values."""
    return tuple(
        Period(
            period_id=one["period_id"],
            start=time.fromisoformat(one["start"]),
            end=time.fromisoformat(one["end"]),
            label=one["label"],
            flexible=one["flexible"],
            own_choice=one["own_choice"],
            subject=one["subject"],
            scope=_scope_from(one["scope"]),
        )
        for one in plain
    )


def rules_to(rules: Iterable[BellRule]) -> list[Plain]:
    """Return rules as plain values."""
    return [
        {
            "bell_schedule_id": one.bell_schedule_id,
            "iso_weekday": one.iso_weekday,
            "cycle_day": one.cycle_day,
        }
        for one in rules
    ]


def rules_from(plain: Iterable[Plain]) -> tuple[BellRule, ...]:
    """Return rules of plain values."""
    return tuple(BellRule(**one) for one in plain)


def terms_to(terms: Iterable[Term]) -> list[Plain]:
    """Return terms as plain values."""
    return [
        {
            "term_id": one.term_id,
            "display_name": one.display_name,
            "first_day": one.first_day.isoformat(),
            "last_day": one.last_day.isoformat(),
            "bells": rules_to(one.bells),
        }
        for one in terms
    ]


def terms_from(plain: Iterable[Plain]) -> tuple[Term, ...]:
    """Return terms of plain values."""
    return tuple(
        Term(
            term_id=one["term_id"],
            display_name=one["display_name"],
            first_day=date.fromisoformat(one["first_day"]),
            last_day=date.fromisoformat(one["last_day"]),
            bells=rules_from(one["bells"]),
        )
        for one in plain
    )


def breaks_to(breaks: Iterable[Break]) -> list[Plain]:
    """Return breaks as plain values."""
    return [
        {
            "title": one.title,
            "first_day": one.first_day.isoformat(),
            "last_day": one.last_day.isoformat(),
        }
        for one in breaks
    ]


def breaks_from(plain: Iterable[Plain]) -> tuple[Break, ...]:
    """Return breaks of plain values."""
    return tuple(
        Break(
            title=one["title"],
            first_day=date.fromisoformat(one["first_day"]),
            last_day=date.fromisoformat(one["last_day"]),
        )
        for one in plain
    )


def clock_to(clock: WeekClock) -> Plain:
    """Return a week clock as plain values, by step."""
    return {
        step.value: {
            "iso_weekday": clock.at(step).iso_weekday,
            "clock": clock.at(step).clock.isoformat(),
        }
        for step in STEPS_BEFORE
    }


def clock_from(plain: Plain) -> WeekClock:
    """Return a week clock of plain values."""
    return WeekClock(
        **{
            step: DueAt(iso_weekday=one["iso_weekday"], clock=time.fromisoformat(one["clock"]))
            for step, one in plain.items()
        }
    )


def _scope_to(scope: Scope | None) -> Plain | None:
    return None if scope is None else {"grades": scope.grades, "tags": scope.tags}


def _scope_from(plain: Plain | None) -> Scope | None:
    if plain is None:
        return None
    return Scope(grades=tuple(plain["grades"]), tags=tuple(plain["tags"]))
