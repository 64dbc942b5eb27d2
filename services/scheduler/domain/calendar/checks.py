"""What may be set of a calendar; a label is refused when it is typed (H11)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from services.scheduler.domain.calendar.bells import BellSchedule, Period
from services.scheduler.domain.calendar.days import Calendar
from services.scheduler.domain.calendar.year import (
    BellRule,
    Break,
    CalendarDay,
    CalendarSetting,
    Term,
)
from services.scheduler.domain.cycle.week_clock import check_week_clock
from services.scheduler.domain.policy import (
    DAYS_PER_WEEK,
    MAX_LABEL_LENGTH,
    MAX_SUBJECT_LENGTH,
    checked_scope,
)
from services.scheduler.domain.resources import (
    check_batch,
    check_id,
    check_number,
    check_text,
    refuse,
)
from services.scheduler.domain.titles import refusal

MAX_BELL_SCHEDULES = 100
MAX_PERIODS = 40
MAX_FLEXIBLE_PERIODS = 12
MAX_PERIOD_ID_LENGTH = 28
"""With the weekday before it, a slot's id is no longer than one of a policy."""
MAX_DISPLAY_NAME_LENGTH = 60
MAX_CALENDAR_DAYS = 800
"""Two school years and the summer between them."""
MAX_CYCLE_DAYS = 20
MAX_CYCLE_DAY_LENGTH = 16
MAX_RULES = 160
MAX_TERMS = 20
MAX_BREAKS = 40


@dataclass(frozen=True, kw_only=True)
class CalendarStanding:
    """What a change of a calendar may rest on; `banned_words` are the school's own (H11)."""

    calendar: Calendar | None = None
    bell_schedule_ids: Collection[str] = ()
    banned_words: tuple[str, ...] = ()


def checked_bell_schedules(
    wanted: Sequence[BellSchedule], standing: CalendarStanding
) -> tuple[BellSchedule, ...]:
    """Return the bell schedules as they are to be kept; raises InvalidSettingError."""
    check_batch("bell_schedules", wanted)
    count = len({*standing.bell_schedule_ids, *(one.id for one in wanted)})
    if count > MAX_BELL_SCHEDULES:
        refuse(
            "bell_schedules",
            "TOO_MANY_VALUES",
            f"makes {count} bell schedules of the school.",
            f"Keep at most {MAX_BELL_SCHEDULES}: remove what is not used.",
        )
    return tuple(
        _checked_bells(f"bell_schedules[{place}]", one, standing.banned_words)
        for place, one in enumerate(wanted)
    )


def checked_calendar(wanted: CalendarSetting, standing: CalendarStanding) -> CalendarSetting:
    """Return the calendar as it is to be kept; raises InvalidSettingError."""
    _check_year(wanted)
    cycle_days = _checked_cycle_days(wanted.cycle_days, standing)
    bells = _checked_rules("calendar.bells", wanted.bells, wanted, standing)
    terms = _checked_terms(wanted, standing)
    breaks = _checked_breaks(wanted, standing)
    check_week_clock("calendar.week_clock", wanted.clock, wanted.iso_weekdays)
    return replace(
        wanted,
        iso_weekdays=tuple(sorted(wanted.iso_weekdays)),
        cycle_days=cycle_days,
        bells=bells,
        terms=terms,
        breaks=breaks,
    )


def checked_calendar_days(
    wanted: Sequence[CalendarDay], standing: CalendarStanding
) -> tuple[CalendarDay, ...]:
    """Return the calendar days as they are to be kept; raises InvalidSettingError."""
    check_batch("calendar_days", wanted)
    calendar = standing.calendar
    if calendar is None:
        refuse(
            "calendar_days",
            "CALENDAR_MISSING",
            "are days of a calendar that the school does not have yet.",
            "Put it first: school-calendar put, or UpdateCalendar.",
        )
    return tuple(
        _checked_day(f"calendar_days[{place}]", one, calendar.setting, standing)
        for place, one in enumerate(wanted)
    )


def user_of_bell_schedule(
    calendar: Calendar | None, days: Iterable[CalendarDay], bell_schedule_id: str
) -> str | None:
    """Return in words what names a bell schedule, or None."""
    rules: list[BellRule] = []
    if calendar is not None:
        lists = (calendar.setting.bells, *(one.bells for one in calendar.setting.terms))
        rules = [rule for rules in lists for rule in rules]
    if any(one.bell_schedule_id == bell_schedule_id for one in rules):
        return "the calendar"
    named = (one.id for one in days if one.bell_schedule_id == bell_schedule_id)
    return next((f"calendar day {one}" for one in named), None)


def _checked_bells(place: str, bells: BellSchedule, banned: tuple[str, ...]) -> BellSchedule:
    check_id(f"{place}.name", bells.id)
    name = _neutral(f"{place}.display_name", bells.display_name, MAX_DISPLAY_NAME_LENGTH, banned)
    if not name:
        refuse(f"{place}.display_name", "FIELD_MISSING", "is empty.", "Give the text.")
    check_number(f"{place}.periods", len(bells.periods), least=1, most=MAX_PERIODS)
    check_number(f"{place}.periods", len(bells.flexible), least=0, most=MAX_FLEXIBLE_PERIODS)
    if len({one.period_id for one in bells.periods}) < len(bells.periods):
        refuse(f"{place}.periods", "DUPLICATE", "holds a period_id twice.", "Give each its own.")
    periods = tuple(
        _checked_period(f"{place}.periods[{index}]", one, banned)
        for index, one in enumerate(bells.periods)
    )
    return replace(bells, display_name=name, periods=periods)


def _checked_period(place: str, period: Period, banned: tuple[str, ...]) -> Period:
    check_id(f"{place}.period_id", period.period_id)
    check_text(f"{place}.period_id", period.period_id, most=MAX_PERIOD_ID_LENGTH)
    if period.end <= period.start:
        refuse(
            f"{place}.end_clock",
            "CLOCKS_REVERSED",
            "is not after start_clock.",
            "A period ends after it starts, on the same day.",
        )
    return replace(
        period,
        label=_neutral(f"{place}.label", period.label, MAX_LABEL_LENGTH, banned),
        subject=check_text(f"{place}.subject", period.subject, most=MAX_SUBJECT_LENGTH),
        scope=checked_scope(f"{place}.scope", period.scope),
    )


def _check_year(calendar: CalendarSetting) -> None:
    _check_dates("calendar", calendar.first_day, calendar.last_day)
    span = (calendar.last_day - calendar.first_day).days + 1
    if span > MAX_CALENDAR_DAYS:
        refuse(
            "calendar.last_day",
            "OUT_OF_RANGE",
            f"makes a calendar of {span} days.",
            f"Send at most {MAX_CALENDAR_DAYS}: two school years.",
        )
    weekdays = calendar.iso_weekdays
    check_number("calendar.iso_weekdays", len(weekdays), least=1, most=DAYS_PER_WEEK)
    for one in weekdays:
        check_number("calendar.iso_weekdays", one, least=1, most=DAYS_PER_WEEK)
    if len(set(weekdays)) < len(weekdays):
        refuse("calendar.iso_weekdays", "DUPLICATE", "holds a weekday twice.", "Send each once.")


def _check_dates(place: str, first: date, last: date) -> None:
    if last < first:
        refuse(
            f"{place}.last_day",
            "DATES_REVERSED",
            "is before first_day.",
            "Send the same day, or a later one.",
        )


def _checked_cycle_days(cycle_days: tuple[str, ...], standing: CalendarStanding) -> tuple[str, ...]:
    check_number("calendar.cycle_days", len(cycle_days), least=0, most=MAX_CYCLE_DAYS)
    if len(set(cycle_days)) < len(cycle_days):
        refuse("calendar.cycle_days", "DUPLICATE", "holds a cycle day twice.", "Send each once.")
    for one in cycle_days:
        check_id("calendar.cycle_days", one)
        _neutral("calendar.cycle_days", one, MAX_CYCLE_DAY_LENGTH, standing.banned_words)
    days = standing.calendar.days if standing.calendar else ()
    lost = next((one for one in days if one.cycle_day and one.cycle_day not in cycle_days), None)
    if lost is not None:
        refuse(
            "calendar.cycle_days",
            "CYCLE_DAY_IN_USE",
            f"has no {lost.cycle_day}, which calendar day {lost.id} sets.",
            "Keep it, or change that day first.",
        )
    return cycle_days


def _checked_rules(
    place: str,
    rules: tuple[BellRule, ...],
    calendar: CalendarSetting,
    standing: CalendarStanding,
) -> tuple[BellRule, ...]:
    check_number(place, len(rules), least=0, most=MAX_RULES)
    if len({one.key for one in rules}) < len(rules):
        refuse(
            place,
            "DUPLICATE",
            "holds two rules for one weekday and cycle day.",
            "Send one for each.",
        )
    for index, one in enumerate(rules):
        field = f"{place}[{index}]"
        check_number(f"{field}.iso_weekday", one.iso_weekday, least=0, most=DAYS_PER_WEEK)
        if one.cycle_day and one.cycle_day not in calendar.cycle_days:
            _refuse_unknown_cycle_day(f"{field}.cycle_day")
        _check_known(f"{field}.bell_schedule", one.bell_schedule_id, standing)
    return tuple(sorted(rules, key=lambda one: one.key))


def _checked_terms(calendar: CalendarSetting, standing: CalendarStanding) -> tuple[Term, ...]:
    terms = calendar.terms
    check_number("calendar.terms", len(terms), least=0, most=MAX_TERMS)
    if len({one.term_id for one in terms}) < len(terms):
        refuse("calendar.terms", "DUPLICATE", "holds a term_id twice.", "Give each its own.")
    checked = []
    for place, one in enumerate(terms):
        field = f"calendar.terms[{place}]"
        check_id(f"{field}.term_id", one.term_id)
        name = _neutral(
            f"{field}.display_name",
            one.display_name,
            MAX_DISPLAY_NAME_LENGTH,
            standing.banned_words,
        )
        _check_within(field, one.first_day, one.last_day, calendar)
        rules = _checked_rules(f"{field}.bells", one.bells, calendar, standing)
        checked.append(replace(one, display_name=name, bells=rules))
    _check_apart("calendar.terms", [(one.first_day, one.last_day) for one in terms])
    return tuple(sorted(checked, key=lambda one: one.first_day))


def _checked_breaks(calendar: CalendarSetting, standing: CalendarStanding) -> tuple[Break, ...]:
    breaks = calendar.breaks
    check_number("calendar.breaks", len(breaks), least=0, most=MAX_BREAKS)
    checked = []
    for place, one in enumerate(breaks):
        field = f"calendar.breaks[{place}]"
        title = _neutral(
            f"{field}.title", one.title, MAX_DISPLAY_NAME_LENGTH, standing.banned_words
        )
        _check_within(field, one.first_day, one.last_day, calendar)
        checked.append(replace(one, title=title))
    _check_apart("calendar.breaks", [(one.first_day, one.last_day) for one in breaks])
    return tuple(sorted(checked, key=lambda one: one.first_day))


def _check_within(place: str, first: date, last: date, calendar: CalendarSetting) -> None:
    _check_dates(place, first, last)
    if first < calendar.first_day or last > calendar.last_day:
        refuse(
            f"{place}.first_day" if first < calendar.first_day else f"{place}.last_day",
            "OUT_OF_RANGE",
            "is not within the calendar.",
            f"Send {calendar.first_day} to {calendar.last_day}.",
        )


def _check_apart(place: str, spans: Sequence[tuple[date, date]]) -> None:
    ordered = sorted(spans)
    for before, after in pairwise(ordered):
        if after[0] <= before[1]:
            refuse(
                place,
                "DATES_OVERLAP",
                f"holds {after[0]} twice.",
                f"Let the one end by {after[0] - timedelta(days=1)}.",
            )


def _checked_day(
    place: str, day: CalendarDay, calendar: CalendarSetting, standing: CalendarStanding
) -> CalendarDay:
    if not calendar.first_day <= day.date <= calendar.last_day:
        refuse(
            f"{place}.name",
            "OUT_OF_RANGE",
            "is not within the calendar.",
            f"Send {calendar.first_day} to {calendar.last_day}, or change the calendar first.",
        )
    if day.no_school is not None and (day.bell_schedule_id or day.cycle_day):
        refuse(
            f"{place}.no_school",
            "DAY_UNCLEAR",
            "is set, and so are bells or a cycle day.",
            "Send the reason alone, or leave it out.",
        )
    if day.cycle_day and day.cycle_day not in calendar.cycle_days:
        _refuse_unknown_cycle_day(f"{place}.cycle_day")
    if day.bell_schedule_id:
        _check_known(f"{place}.bell_schedule", day.bell_schedule_id, standing)
    title = _neutral(f"{place}.title", day.title, MAX_DISPLAY_NAME_LENGTH, standing.banned_words)
    return replace(day, title=title)


def _check_known(field: str, bell_schedule_id: str, standing: CalendarStanding) -> None:
    if bell_schedule_id not in standing.bell_schedule_ids:
        refuse(
            field,
            "UNKNOWN_BELL_SCHEDULE",
            "names a bell schedule that the school does not have.",
            "Send the bell schedule first.",
        )


def _refuse_unknown_cycle_day(field: str) -> None:
    refuse(
        field,
        "UNKNOWN_CYCLE_DAY",
        "names a cycle day that the calendar does not have.",
        "Send one of its cycle_days.",
    )


def _neutral(field: str, value: str, most: int, banned: tuple[str, ...]) -> str:
    text = check_text(field, value, most=most)
    labelled = refusal(text, banned) if text else None
    if labelled:
        refuse(field, "LABEL_BANNED", f"{labelled}.", "Choose a neutral label.")
    return text
