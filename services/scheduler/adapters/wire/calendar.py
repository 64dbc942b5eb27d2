"""A school's calendar: messages to the domain and back, fields at fault refused by place."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from trellis.scheduler.v1 import calendar_pb2, calendar_service_pb2

from services.scheduler.adapters.wire.names import (
    BELL_SCHEDULE,
    CALENDAR,
    CALENDAR_DAY,
    child_id,
    parse_date,
)
from services.scheduler.adapters.wire.policy_parts import slot_scope_from, slot_scope_to
from services.scheduler.adapters.wire.settings import Parent, clock_from, clock_to, date_from
from services.scheduler.adapters.wire.times import time_to
from services.scheduler.domain.calendar.bells import BellSchedule, Period
from services.scheduler.domain.calendar.days import Day
from services.scheduler.domain.calendar.year import (
    MONDAY_TO_FRIDAY,
    BellRule,
    Break,
    CalendarDay,
    CalendarSetting,
    NoSchool,
    Term,
)
from services.scheduler.domain.cycle.steps import CycleTimes, Step
from services.scheduler.domain.cycle.week_clock import STEPS_BEFORE, DueAt, WeekClock
from services.scheduler.domain.model import Slot
from services.scheduler.domain.resources import refuse

NO_SCHOOL = {
    calendar_pb2.NO_SCHOOL_HOLIDAY: NoSchool.HOLIDAY,
    calendar_pb2.NO_SCHOOL_BREAK: NoSchool.BREAK,
    calendar_pb2.NO_SCHOOL_SNOW_DAY: NoSchool.SNOW_DAY,
    calendar_pb2.NO_SCHOOL_PROFESSIONAL_DAY: NoSchool.PROFESSIONAL_DAY,
    calendar_pb2.NO_SCHOOL_OTHER: NoSchool.OTHER,
}
NO_SCHOOL_MESSAGES = {reason: message for message, reason in NO_SCHOOL.items()}
STEP_MESSAGES = {
    Step.OPEN_RANKING: calendar_pb2.WEEK_STEP_OPEN_RANKING,
    Step.CLOSE_RANKING: calendar_pb2.WEEK_STEP_CLOSE_RANKING,
    Step.DRAFT: calendar_pb2.WEEK_STEP_DRAFT,
    Step.END_REVIEW: calendar_pb2.WEEK_STEP_END_REVIEW,
    Step.FINAL_RUN: calendar_pb2.WEEK_STEP_FINAL_RUN,
    Step.REMIND_SIGN_OFF: calendar_pb2.WEEK_STEP_REMIND_SIGN_OFF,
    Step.PUBLISH: calendar_pb2.WEEK_STEP_PUBLISH,
    Step.LOCK: calendar_pb2.WEEK_STEP_LOCK,
}


def bell_schedule_from(
    parent: Parent, place: str, message: calendar_pb2.BellSchedule
) -> BellSchedule:
    """Return the bell schedule of a message; raises InvalidSettingError."""
    return BellSchedule(
        school_id=parent[1],
        id=child_id(BELL_SCHEDULE, f"{place}.name", parent, message.name),
        display_name=message.display_name,
        periods=tuple(
            _period_from(f"{place}.periods[{index}]", one)
            for index, one in enumerate(message.periods)
        ),
    )


def bell_schedule_to(district: str, bells: BellSchedule) -> calendar_pb2.BellSchedule:
    """Return the message of a bell schedule."""
    return calendar_pb2.BellSchedule(
        name=BELL_SCHEDULE.format(district, bells.school_id, bells.id),
        display_name=bells.display_name,
        periods=[
            calendar_pb2.Period(
                period_id=one.period_id,
                start_clock=clock_to(one.start),
                end_clock=clock_to(one.end),
                label=one.label,
                flexible=one.flexible,
                own_choice=one.own_choice,
                subject=one.subject,
                scope=slot_scope_to(one.scope),
            )
            for one in bells.periods
        ],
        version=bells.version,
    )


def calendar_from(parent: Parent, message: calendar_pb2.Calendar) -> CalendarSetting:
    """Return the calendar of a message; raises InvalidSettingError."""
    return CalendarSetting(
        school_id=parent[1],
        first_day=date_from("calendar.first_day", message.first_day),
        last_day=date_from("calendar.last_day", message.last_day),
        iso_weekdays=tuple(message.iso_weekdays) or MONDAY_TO_FRIDAY,
        cycle_days=tuple(message.cycle_days),
        uses_cycle_day=frozenset(
            _reason_from("calendar.uses_cycle_day", one) for one in message.uses_cycle_day
        ),
        bells=_rules_from("calendar.bells", parent, message.bells),
        terms=tuple(
            Term(
                term_id=one.term_id,
                display_name=one.display_name,
                first_day=date_from(f"calendar.terms[{place}].first_day", one.first_day),
                last_day=date_from(f"calendar.terms[{place}].last_day", one.last_day),
                bells=_rules_from(f"calendar.terms[{place}].bells", parent, one.bells),
            )
            for place, one in enumerate(message.terms)
        ),
        breaks=tuple(
            Break(
                title=one.title,
                first_day=date_from(f"calendar.breaks[{place}].first_day", one.first_day),
                last_day=date_from(f"calendar.breaks[{place}].last_day", one.last_day),
            )
            for place, one in enumerate(message.breaks)
        ),
        clock=_week_clock_from(message.week_clock),
    )


def calendar_to(district: str, calendar: CalendarSetting) -> calendar_pb2.Calendar:
    """Return the message of a calendar."""
    school_id = calendar.school_id
    return calendar_pb2.Calendar(
        name=CALENDAR.format(district, school_id),
        first_day=calendar.first_day.isoformat(),
        last_day=calendar.last_day.isoformat(),
        iso_weekdays=calendar.iso_weekdays,
        cycle_days=calendar.cycle_days,
        uses_cycle_day=sorted(NO_SCHOOL_MESSAGES[one] for one in calendar.uses_cycle_day),
        bells=_rules_to(district, school_id, calendar.bells),
        terms=[
            calendar_pb2.Term(
                term_id=one.term_id,
                display_name=one.display_name,
                first_day=one.first_day.isoformat(),
                last_day=one.last_day.isoformat(),
                bells=_rules_to(district, school_id, one.bells),
            )
            for one in calendar.terms
        ],
        breaks=[
            calendar_pb2.Break(
                title=one.title,
                first_day=one.first_day.isoformat(),
                last_day=one.last_day.isoformat(),
            )
            for one in calendar.breaks
        ],
        week_clock=_week_clock_to(calendar.clock),
        version=calendar.version,
    )


def calendar_day_from(parent: Parent, place: str, message: calendar_pb2.CalendarDay) -> CalendarDay:
    """Return the calendar day of a message; raises InvalidSettingError."""
    day_id = child_id(CALENDAR_DAY, f"{place}.name", parent, message.name)
    day = parse_date(day_id)
    if day is None:
        refuse(
            f"{place}.name",
            "FIELD_MALFORMED",
            "does not end in a date.",
            "Send its ISO date, as in calendarDays/2026-11-26.",
        )
    return CalendarDay(
        school_id=parent[1],
        # In its one canonical form, so that a date is there once.
        id=day.isoformat(),
        date=day,
        no_school=(
            _reason_from(f"{place}.no_school", message.no_school) if message.no_school else None
        ),
        title=message.title,
        bell_schedule_id=(
            child_id(BELL_SCHEDULE, f"{place}.bell_schedule", parent, message.bell_schedule)
            if message.bell_schedule
            else ""
        ),
        cycle_day=message.cycle_day,
    )


def calendar_day_to(district: str, day: CalendarDay) -> calendar_pb2.CalendarDay:
    """Return the message of a calendar day."""
    return calendar_pb2.CalendarDay(
        name=CALENDAR_DAY.format(district, day.school_id, day.id),
        no_school=NO_SCHOOL_MESSAGES[day.no_school] if day.no_school else None,
        title=day.title,
        bell_schedule=_bells_name(district, day.school_id, day.bell_schedule_id),
        cycle_day=day.cycle_day,
        version=day.version,
    )


def week_times_to(
    district: str,
    times: CycleTimes,
    *,
    days: Sequence[Day],
    slots: Sequence[Slot],
    zone: tzinfo,
    time_zone: str,
) -> calendar_service_pb2.GetWeekTimesResponse:
    """Return the preview of a week; `zone` is what `time_zone` names."""
    return calendar_service_pb2.GetWeekTimesResponse(
        steps=[
            calendar_pb2.StepTime(
                step=STEP_MESSAGES[step],
                due_time=time_to(due),
                date=due.astimezone(zone).date().isoformat(),
                clock=clock_to(due.astimezone(zone).time()),
            )
            for step, due in times.due.items()
        ],
        slots=[_slot_to(one) for one in slots],
        days=[
            calendar_pb2.SchoolDay(
                date=one.date.isoformat(),
                why_none=one.why_none,
                cycle_day=one.cycle_day,
                bell_schedule=_bells_name(
                    district, times.school_id, one.bells.id if one.bells else ""
                ),
            )
            for one in days
        ],
        no_week=times.no_week,
        notes=times.notes,
        time_zone=time_zone,
    )


def _slot_to(slot: Slot) -> calendar_pb2.WeekSlot:
    return calendar_pb2.WeekSlot(
        slot_id=slot.slot_id,
        date=slot.date.isoformat(),
        start_clock=clock_to(slot.start),
        end_clock=clock_to(slot.end),
        label=slot.label,
        own_choice=slot.own_choice,
        subject=slot.subject,
        scope=slot_scope_to(slot.scope),
    )


def _period_from(place: str, message: calendar_pb2.Period) -> Period:
    return Period(
        period_id=message.period_id,
        start=clock_from(f"{place}.start_clock", message.start_clock),
        end=clock_from(f"{place}.end_clock", message.end_clock),
        label=message.label,
        flexible=message.flexible,
        own_choice=message.own_choice,
        subject=message.subject,
        scope=slot_scope_from(message.scope) if message.HasField("scope") else None,
    )


def _reason_from(field: str, message: Any) -> NoSchool:  # noqa: ANN401
    if message not in NO_SCHOOL:
        refuse(field, "FIELD_MALFORMED", "is no reason.", "Send one of NoSchool.")
    return NO_SCHOOL[message]


def _rules_from(
    place: str, parent: Parent, messages: Sequence[calendar_pb2.BellRule]
) -> tuple[BellRule, ...]:
    return tuple(
        BellRule(
            bell_schedule_id=child_id(
                BELL_SCHEDULE, f"{place}[{index}].bell_schedule", parent, one.bell_schedule
            ),
            iso_weekday=one.iso_weekday,
            cycle_day=one.cycle_day,
        )
        for index, one in enumerate(messages)
    )


def _rules_to(
    district: str, school_id: str, rules: Sequence[BellRule]
) -> list[calendar_pb2.BellRule]:
    return [
        calendar_pb2.BellRule(
            bell_schedule=_bells_name(district, school_id, one.bell_schedule_id),
            iso_weekday=one.iso_weekday,
            cycle_day=one.cycle_day,
        )
        for one in rules
    ]


def _week_clock_from(message: calendar_pb2.WeekClock) -> WeekClock:
    """Return the week clock; what is not set is the default."""
    return WeekClock(
        **{
            step.value: DueAt(
                iso_weekday=getattr(message, step.value).iso_weekday,
                clock=clock_from(
                    f"calendar.week_clock.{step.value}.clock", getattr(message, step.value).clock
                ),
            )
            for step in STEPS_BEFORE
            if message.HasField(step.value)
        }
    )


def _week_clock_to(clock: WeekClock) -> calendar_pb2.WeekClock:
    due = {step.value: clock.at(step) for step in STEPS_BEFORE}
    return calendar_pb2.WeekClock(
        **{
            name: calendar_pb2.DueAt(iso_weekday=one.iso_weekday, clock=clock_to(one.clock))
            for name, one in due.items()
        }
    )


def _bells_name(district: str, school_id: str, bell_schedule_id: str) -> str:
    if not bell_schedule_id:
        return ""
    return BELL_SCHEDULE.format(district, school_id, bell_schedule_id)
