"""CalendarService: kept whole or refused with the place, the reason and what to do."""

from datetime import UTC, date, datetime

import pytest
from trellis.scheduler.v1 import calendar_pb2, week_pb2
from trellis.scheduler.v1 import calendar_service_pb2 as messages
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler_messages

from services.common.rpc.credentials import acting_as
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.errors import (
    BatchTooLargeError,
    InUseError,
    InvalidRequestError,
    InvalidSettingError,
    NotAllowedError,
    NotFoundError,
    PolicyMissingError,
    RequestIdReusedError,
    WeekWithoutSlotsError,
)
from services.scheduler.entrypoints.grpc.calendar import CalendarServicer
from services.scheduler.handlers.problem import make_problem
from tests.support.scheduler_api import CREDENTIALS, Api
from tests.support.scheduler_world import DISTRICT, pins_of, set_up
from tests.support.schedules import a_run
from tests.support.schools import MONDAY, a_pin, a_problem

PRINCIPAL = f"districts/{DISTRICT}/adults/principal"
PARENT = f"districts/{DISTRICT}/schools/north"
CALENDAR = f"{PARENT}/calendar"
WEEK = f"{PARENT}/weeks/{MONDAY}"


class CalendarApi(Api):
    """The two servicers over one store, as the principal has this role."""

    def __init__(self, *roles):
        super().__init__(a_problem(pins=(a_pin(),)))
        actor = Actor(name=PRINCIPAL, roles=frozenset(roles or (Role.PRINCIPAL,)))
        self.calendar = CalendarServicer(
            store=self.store, clock=self.clock, actors=MemoryActors({PRINCIPAL: actor})
        )

    async def call(self, method, request, token="principal"):
        """Call a method of CalendarService with a token."""
        with acting_as(CREDENTIALS[token]):
            return await getattr(self.calendar, method)(request, None)

    async def send(self, method, **fields):
        """Send a request of these fields as the principal."""
        return await self.call(method, getattr(messages, f"{method}Request")(**fields))


def a_period(period_id="1", **changes):
    """Return a flexible period from 9:00 to 9:40."""
    fields = {
        "period_id": period_id,
        "start_clock": "09:00",
        "end_clock": "09:40",
        "flexible": True,
    }
    return calendar_pb2.Period(**(fields | changes))


def some_bells(bells_id="regular", *periods, **changes):
    """Return bells with one period, "1"."""
    fields = {
        "name": f"{PARENT}/bellSchedules/{bells_id}",
        "display_name": bells_id.capitalize(),
        "periods": periods or (a_period(),),
    }
    return calendar_pb2.BellSchedule(**(fields | changes))


def a_rule(bells_id="regular", **changes):
    """Return a rule for every day."""
    return calendar_pb2.BellRule(bell_schedule=f"{PARENT}/bellSchedules/{bells_id}", **changes)


def a_calendar(**changes):
    """Return the year 2026/27 with A and B days."""
    fields = {
        "name": CALENDAR,
        "first_day": "2026-08-05",
        "last_day": "2027-05-28",
        "cycle_days": ["A", "B"],
        "bells": [a_rule()],
    }
    return calendar_pb2.Calendar(**(fields | changes))


def a_day(day, **changes):
    """Return a holiday, or what the changes make of it."""
    fields = {"name": f"{PARENT}/calendarDays/{day}"}
    if not changes:
        fields |= {"no_school": calendar_pb2.NO_SCHOOL_HOLIDAY, "title": "Fair"}
    return calendar_pb2.CalendarDay(**(fields | changes))


@pytest.fixture
async def api():
    """Give a school with a policy, bells and a calendar."""
    found = CalendarApi()
    await set_up(found.as_("principal"), found.problem)
    await found.send("BatchUpsertBellSchedules", parent=PARENT, bell_schedules=[some_bells()])
    await found.send("UpdateCalendar", calendar=a_calendar())
    return found


async def refusal(awaitable):
    """Return field and reason of a refused setting."""
    with pytest.raises(InvalidSettingError) as caught:
        await awaitable
    assert caught.value.metadata["hint"]
    return caught.value.field, caught.value.reason


async def test_a_calendar_comes_back_with_its_defaults_and_its_version(api):
    """Monday to Friday and the default week clock are told, so that people see them."""
    calendar = (await api.send("GetCalendar", name=CALENDAR)).calendar
    assert list(calendar.iso_weekdays) == [1, 2, 3, 4, 5]
    assert (calendar.week_clock.publish.iso_weekday, calendar.week_clock.publish.clock) == (
        5,
        "16:00",
    )
    assert (await api.send("UpdateCalendar", calendar=calendar)).calendar == calendar
    calendar.last_day = "2027-06-04"
    assert (await api.send("UpdateCalendar", calendar=calendar)).calendar.version == 2


async def test_everything_of_a_calendar_is_kept_as_it_was_sent(api):
    """Scopes, terms, breaks, reasons and the clock go there and back."""
    await api.send(
        "BatchUpsertBellSchedules",
        parent=PARENT,
        bell_schedules=[
            some_bells(
                "split",
                a_period("a", scope=calendar_pb2.PeriodScope(tags=["lunch-a"])),
                a_period("b", own_choice=True, subject="ela", label="Open block"),
                a_period("c", flexible=False),
            )
        ],
    )
    sent = a_calendar(
        iso_weekdays=[1, 2, 3, 4],
        uses_cycle_day=[calendar_pb2.NO_SCHOOL_SNOW_DAY],
        terms=[
            calendar_pb2.Term(
                term_id="fall",
                display_name="Fall",
                first_day="2026-08-05",
                last_day="2026-12-18",
                bells=[a_rule("split", iso_weekday=2, cycle_day="B")],
            )
        ],
        breaks=[calendar_pb2.Break(title="Fall", first_day="2026-10-05", last_day="2026-10-09")],
        week_clock=calendar_pb2.WeekClock(
            **{
                name: calendar_pb2.DueAt(iso_weekday=4, clock=f"1{place}:00")
                for place, name in enumerate(
                    [
                        "close_ranking",
                        "draft",
                        "end_review",
                        "final_run",
                        "remind_sign_off",
                        "publish",
                    ]
                )
            }
        ),
    )
    kept = (await api.send("UpdateCalendar", calendar=sent)).calendar
    sent.week_clock.open_ranking.CopyFrom(calendar_pb2.DueAt(iso_weekday=2, clock="08:00"))
    sent.version = 2
    assert kept == sent
    listed = (await api.send("ListBellSchedules", parent=PARENT)).bell_schedules
    assert [one.version for one in listed] == [1, 1]
    assert [one.scope.tags[:] for one in listed[1].periods] == [["lunch-a"], [], []]


async def test_a_repeat_with_its_request_id_gets_the_first_answer(api):
    """Whatever happened since; and the same id with other content is refused."""
    fields = {"parent": PARENT, "calendar_days": [a_day("2026-11-26")], "request_id": "q"}
    first = await api.send("BatchUpsertCalendarDays", **fields)
    await api.send("DeleteCalendarDay", name=a_day("2026-11-26").name, request_id="d")
    await api.send("DeleteCalendarDay", name=a_day("2026-11-26").name, request_id="d")
    assert await api.send("BatchUpsertCalendarDays", **fields) == first
    assert not (await api.send("ListCalendarDays", parent=PARENT)).calendar_days
    with pytest.raises(RequestIdReusedError):
        await api.send("BatchUpsertCalendarDays", parent=PARENT, request_id="q")
    sent = {"calendar": a_calendar(last_day="2027-06-01"), "request_id": "u"}
    first = await api.send("UpdateCalendar", **sent)
    await api.send("UpdateCalendar", calendar=a_calendar())
    assert await api.send("UpdateCalendar", **sent) == first


async def test_every_change_is_an_entry_of_the_audit_and_nothing_else_is(api):
    """Who did it, to what; sending the same again changes nothing."""
    await api.send("BatchUpsertCalendarDays", parent=PARENT, calendar_days=[a_day("2026-11-26")])
    await api.send("BatchUpsertCalendarDays", parent=PARENT, calendar_days=[a_day("2026-11-26")])
    await api.call(
        "DeleteCalendarDay",
        messages.DeleteCalendarDayRequest(name=a_day("2026-11-26").name),
        token="office",
    )
    async with api.store.snapshot(DISTRICT) as view:
        entries = [entry for _, entry in await view.audit.page("north", limit=9)]
    # What set the school up before is in the audit too.
    entries = [one for one in entries if "alendar" in one.detail or "bell" in one.detail]
    assert [(one.actor, one.subject, one.detail) for one in entries[::-1]] == [
        (PRINCIPAL, some_bells().name, "bell schedule regular set, version 1"),
        (PRINCIPAL, CALENDAR, "school calendar set, version 1"),
        (PRINCIPAL, a_day("2026-11-26").name, "calendar day 2026-11-26 set, version 1"),
        (
            "systems/office",
            a_day("2026-11-26").name,
            "calendar day 2026-11-26 removed, version 1",
        ),
    ]
    assert {one.action for one in entries} == {"change_school"}


async def test_bells_that_something_names_stay(api):
    """The calendar, a term of it, and a calendar day each hold their bells."""
    named = [some_bells(one) for one in ("of-term", "of-day", "free")]
    await api.send("BatchUpsertBellSchedules", parent=PARENT, bell_schedules=named)
    term = calendar_pb2.Term(
        term_id="fall",
        first_day="2026-08-05",
        last_day="2026-12-18",
        bells=[a_rule("of-term")],
    )
    await api.send("UpdateCalendar", calendar=a_calendar(terms=[term]))
    day = a_day("2026-12-18", bell_schedule=some_bells("of-day").name)
    await api.send("BatchUpsertCalendarDays", parent=PARENT, calendar_days=[day])
    users = {"regular": "the calendar", "of-term": "the calendar", "of-day": "day 2026-12-18"}
    for bells_id, user in users.items():
        with pytest.raises(InUseError, match=user):
            await api.send("DeleteBellSchedule", name=some_bells(bells_id).name)
    await api.send("DeleteBellSchedule", name=some_bells("free").name)
    with pytest.raises(NotFoundError):
        await api.send("DeleteBellSchedule", name=some_bells("free").name)


async def test_lists_are_paged(api):
    """Every setting is on one page, in the order of ids."""
    days = [a_day(f"2026-10-{one:02}") for one in (1, 2, 5, 6, 7)]
    await api.send("BatchUpsertCalendarDays", parent=PARENT, calendar_days=days)
    seen, token = [], ""
    while True:
        page = await api.send("ListCalendarDays", parent=PARENT, page_size=2, page_token=token)
        seen += [one.name for one in page.calendar_days]
        token = page.next_page_token
        if not token:
            break
    assert seen == [one.name for one in days]


BELLS_FAULTS = [
    ({"display_name": " "}, "display_name", "FIELD_MISSING"),
    ({"display_name": "Tier bells"}, "display_name", "LABEL_BANNED"),
    ({"name": f"{PARENT}/rooms/r1"}, "name", "FIELD_MALFORMED"),
    ({"periods": [a_period()] * 41}, "periods", "OUT_OF_RANGE"),
    ({"periods": [a_period(f"p{one}") for one in range(13)]}, "periods", "OUT_OF_RANGE"),
    ({"periods": [a_period(), a_period()]}, "periods", "DUPLICATE"),
    ({"periods": [a_period("p 1")]}, "periods[0].period_id", "FIELD_MALFORMED"),
    ({"periods": [a_period("p" * 29)]}, "periods[0].period_id", "FIELD_TOO_LONG"),
    ({"periods": [a_period(start_clock="9")]}, "periods[0].start_clock", "FIELD_MALFORMED"),
    ({"periods": [a_period(end_clock="09:00")]}, "periods[0].end_clock", "CLOCKS_REVERSED"),
    ({"periods": [a_period(label="ESOL time")]}, "periods[0].label", "LABEL_BANNED"),
    (
        {"periods": [a_period(scope=calendar_pb2.PeriodScope(tags=["a", "a"]))]},
        "periods[0].scope.tags",
        "DUPLICATE",
    ),
]


@pytest.mark.parametrize(("changes", "field", "reason"), BELLS_FAULTS)
async def test_bells_that_cannot_be_are_refused(api, changes, field, reason):
    """The refusal names the place; nothing of the batch is kept."""
    bells = [some_bells("first"), some_bells("other", **changes)]
    sent = api.send("BatchUpsertBellSchedules", parent=PARENT, bell_schedules=bells)
    assert await refusal(sent) == (f"bell_schedules[1].{field}", reason)
    listed = (await api.send("ListBellSchedules", parent=PARENT)).bell_schedules
    assert [one.name for one in listed] == [some_bells().name]


def a_term(**changes):
    """Return a term."""
    fields = {"term_id": "t", "first_day": "2026-08-05", "last_day": "2026-12-18"}
    return calendar_pb2.Term(**(fields | changes))


def a_clock(**changes):
    """Return a week clock of these steps, weekday and clock each."""
    return calendar_pb2.WeekClock(
        **{
            name: calendar_pb2.DueAt(iso_weekday=one[0], clock=one[1])
            for name, one in changes.items()
        }
    )


CALENDAR_FAULTS = [
    ({"first_day": "2026-8-5"}, "first_day", "FIELD_MALFORMED"),
    ({"last_day": "2026-08-04"}, "last_day", "DATES_REVERSED"),
    ({"last_day": "2029-01-01"}, "last_day", "OUT_OF_RANGE"),
    ({"iso_weekdays": [1, 8]}, "iso_weekdays", "OUT_OF_RANGE"),
    ({"iso_weekdays": [1, 1]}, "iso_weekdays", "DUPLICATE"),
    ({"cycle_days": ["A", "A"]}, "cycle_days", "DUPLICATE"),
    ({"cycle_days": ["A day"]}, "cycle_days", "FIELD_MALFORMED"),
    ({"cycle_days": ["gifted"]}, "cycle_days", "LABEL_BANNED"),
    ({"uses_cycle_day": [0]}, "uses_cycle_day", "FIELD_MALFORMED"),
    ({"bells": [a_rule("none")]}, "bells[0].bell_schedule", "UNKNOWN_BELL_SCHEDULE"),
    ({"bells": [a_rule(cycle_day="C")]}, "bells[0].cycle_day", "UNKNOWN_CYCLE_DAY"),
    ({"bells": [a_rule(iso_weekday=8)]}, "bells[0].iso_weekday", "OUT_OF_RANGE"),
    ({"bells": [a_rule(), a_rule()]}, "bells", "DUPLICATE"),
    ({"terms": [a_term(), a_term()]}, "terms", "DUPLICATE"),
    ({"terms": [a_term(), a_term(term_id="u")]}, "terms", "DATES_OVERLAP"),
    ({"terms": [a_term(first_day="2026-08-04")]}, "terms[0].first_day", "OUT_OF_RANGE"),
    ({"terms": [a_term(display_name="Remedial")]}, "terms[0].display_name", "LABEL_BANNED"),
    (
        {"breaks": [calendar_pb2.Break(first_day="2027-05-20", last_day="2027-06-01")]},
        "breaks[0].last_day",
        "OUT_OF_RANGE",
    ),
    (
        {"week_clock": a_clock(publish=(6, "16:00"))},
        "week_clock.publish.iso_weekday",
        "WEEKDAY_WITHOUT_SCHOOL",
    ),
    ({"week_clock": a_clock(draft=(4, "11:00"))}, "week_clock.draft", "STEPS_NOT_IN_ORDER"),
    ({"week_clock": a_clock(draft=(4, "12:00"))}, "week_clock.draft", "STEPS_NOT_IN_ORDER"),
    ({"week_clock": a_clock(draft=(4, "1 pm"))}, "week_clock.draft.clock", "FIELD_MALFORMED"),
    ({"iso_weekdays": [1, 2, 3, 4]}, "week_clock.end_review.iso_weekday", "WEEKDAY_WITHOUT_SCHOOL"),
]


@pytest.mark.parametrize(("changes", "field", "reason"), CALENDAR_FAULTS)
async def test_a_calendar_that_cannot_be_is_refused(api, changes, field, reason):
    """The refusal names the place; the standing calendar stays."""
    before = await api.send("GetCalendar", name=CALENDAR)
    sent = api.send("UpdateCalendar", calendar=a_calendar(**changes))
    assert await refusal(sent) == (f"calendar.{field}", reason)
    assert await api.send("GetCalendar", name=CALENDAR) == before


DAY_FAULTS = [
    (a_day("2026-07-01"), "name", "OUT_OF_RANGE"),
    (a_day("thanksgiving"), "name", "FIELD_MALFORMED"),
    (a_day("2026-11-26", no_school=99), "no_school", "FIELD_MALFORMED"),
    (a_day("2026-11-26", no_school=1, cycle_day="A"), "no_school", "DAY_UNCLEAR"),
    (a_day("2026-11-26", cycle_day="C"), "cycle_day", "UNKNOWN_CYCLE_DAY"),
    (
        a_day("2026-11-26", bell_schedule=some_bells("none").name),
        "bell_schedule",
        "UNKNOWN_BELL_SCHEDULE",
    ),
    (a_day("2026-11-26", no_school=1, title="Grade 6 trip"), "title", "LABEL_BANNED"),
]


@pytest.mark.parametrize(("day", "field", "reason"), DAY_FAULTS)
async def test_a_calendar_day_that_cannot_be_is_refused(api, day, field, reason):
    """It lies within the calendar, and says one thing of it."""
    sent = api.send("BatchUpsertCalendarDays", parent=PARENT, calendar_days=[day])
    assert await refusal(sent) == (f"calendar_days[0].{field}", reason)


async def test_calendar_days_need_a_calendar():
    """Before there is one nobody can say what is special about a date."""
    sent = CalendarApi().send(
        "BatchUpsertCalendarDays", parent=PARENT, calendar_days=[a_day("2026-11-26")]
    )
    assert await refusal(sent) == ("calendar_days", "CALENDAR_MISSING")


async def test_a_cycle_day_that_a_date_sets_stays(api):
    """The rotation of the rest of the year hangs on it."""
    day = a_day("2027-01-05", cycle_day="B")
    await api.send("BatchUpsertCalendarDays", parent=PARENT, calendar_days=[day])
    sent = api.send("UpdateCalendar", calendar=a_calendar(cycle_days=["A"]))
    assert await refusal(sent) == ("calendar.cycle_days", "CYCLE_DAY_IN_USE")


async def test_a_school_has_at_most_a_hundred_bell_schedules(api):
    """What is read at once has a bound."""
    many = [some_bells(f"b{one}") for one in range(100)]
    sent = api.send("BatchUpsertBellSchedules", parent=PARENT, bell_schedules=many)
    assert await refusal(sent) == ("bell_schedules", "TOO_MANY_VALUES")
    with pytest.raises(BatchTooLargeError):
        await api.send("BatchUpsertBellSchedules", parent=PARENT, bell_schedules=many * 6)


async def test_a_role_decides_beside_the_scope():
    """A teacher reads the school's calendar; a learner does neither; another district sees none."""
    teacher, learner = CalendarApi(Role.TEACHER), CalendarApi(Role.LEARNER)
    update = messages.UpdateCalendarRequest(calendar=a_calendar(bells=[]))
    with pytest.raises(NotAllowedError):
        await teacher.call("UpdateCalendar", update)
    with pytest.raises(NotFoundError, match="calendar"):
        await teacher.send("GetCalendar", name=CALENDAR)
    for method, fields in (
        ("GetCalendar", {"name": CALENDAR}),
        ("GetWeekTimes", {"name": WEEK}),
        ("ListCalendarDays", {"parent": PARENT}),
        ("DeleteBellSchedule", {"name": some_bells().name}),
        ("BatchUpsertCalendarDays", {"parent": PARENT}),
    ):
        with pytest.raises(NotAllowedError):
            await learner.send(method, **fields)
    with pytest.raises(NotFoundError):
        await teacher.call("GetCalendar", messages.GetCalendarRequest(name=CALENDAR), "stranger")
    with pytest.raises(InvalidRequestError):
        await teacher.send("UpdateCalendar")


async def test_the_times_of_a_week_are_told_with_days_slots_and_notes(api):
    """What is due when, in the school's time zone; what is not as usual, and why."""
    await api.send("BatchUpsertCalendarDays", parent=PARENT, calendar_days=[a_day("2026-11-20")])
    found = await api.send("GetWeekTimes", name=WEEK)
    assert date(2026, 11, 23) == MONDAY
    assert [(one.date, one.clock) for one in found.steps] == [
        ("2026-11-17", "08:00"),
        ("2026-11-19", "12:00"),
        ("2026-11-19", "13:00"),
        ("2026-11-19", "15:00"),
        ("2026-11-19", "15:05"),
        ("2026-11-19", "15:30"),
        ("2026-11-19", "16:00"),
        ("2026-11-23", "09:00"),
    ]
    assert [one.step for one in found.steps] == list(range(1, 9))
    publish = found.steps[6].due_time.ToDatetime(tzinfo=UTC)
    assert publish == datetime(2026, 11, 19, 21, tzinfo=UTC)
    assert [one.slot_id for one in found.slots] == [
        f"{one}-1" for one in ["mon", "tue", "wed", "thu", "fri"]
    ]
    assert [one.why_none for one in found.days][4:] == ["", *["never on this weekday"] * 2]
    assert [bool(one.bell_schedule) for one in found.days] == [True] * 5 + [False] * 2
    assert [one.cycle_day for one in found.days][:2] in (["A", "B"], ["B", "A"])
    assert len(found.notes) == 4
    assert found.time_zone == "America/New_York"


async def test_a_week_without_school_has_no_times(api):
    """One sentence says why."""
    pause = calendar_pb2.Break(title="Fall", first_day="2026-11-23", last_day="2026-11-27")
    await api.send("UpdateCalendar", calendar=a_calendar(breaks=[pause]))
    found = await api.send("GetWeekTimes", name=WEEK)
    assert not found.steps
    assert found.no_week == "The week of Monday, November 23, 2026 has no school: break, Fall."


async def test_times_need_a_policy_and_a_week_of_this_age(api):
    """The time zone stands in the policy; a week at the end of all dates is refused, not failed."""
    with pytest.raises(PolicyMissingError):
        await CalendarApi().send("GetWeekTimes", name=WEEK)
    for monday in ("0001-01-01", "9999-12-27"):
        with pytest.raises(InvalidRequestError, match="of the year"):
            await api.send("GetWeekTimes", name=f"{PARENT}/weeks/{monday}")


async def test_pins_and_absences_are_held_to_the_calendar(api):
    """A slot is where the calendar has it: on no holiday, and on other days than the policy's."""
    office = api.as_("office")
    (pin,) = pins_of(api.problem)
    tuesday = week_pb2.Pin(name=pin.name, learner=pin.learner, slot_id="tue-1", exemption="trip")
    tuesday.date = "2026-11-24"
    request = scheduler_messages.BatchUpsertPinsRequest(parent=PARENT, pins=[tuesday])
    await office.BatchUpsertPins(request)
    await api.send("BatchUpsertCalendarDays", parent=PARENT, calendar_days=[a_day("2026-11-24")])
    with pytest.raises(InvalidSettingError, match=r"without school \(holiday, Fair\)") as caught:
        await office.BatchUpsertPins(request)
    assert (caught.value.field, caught.value.reason) == ("pins[0].date", "SLOT_NOT_ON_DATE")
    absence = week_pb2.Absence(
        name=f"{PARENT}/absences/away",
        adult=f"districts/{DISTRICT}/adults/ada",
        date="2026-11-25",
        slot_ids=["wed-1"],
    )
    send = office.BatchUpsertAbsences
    request = scheduler_messages.BatchUpsertAbsencesRequest(parent=PARENT, absences=[absence])
    await send(request)
    for date_sent, slot_id, reason in (
        ("2026-11-24", "tue-1", "SLOT_NOT_ON_DATE"),
        ("2026-11-26", "wed-1", "SLOT_NOT_ON_DATE"),
        ("2026-11-26", "thu-9", "UNKNOWN_SLOT"),
    ):
        request.absences[0].date, request.absences[0].slot_ids[:] = date_sent, [slot_id]
        assert (await refusal(send(request)))[1] == reason


async def test_a_plan_run_reads_the_slots_of_the_calendar(api):
    """And of the pins those that are still held: one on a day that became a holiday waits."""
    problem = (await make_problem(DISTRICT, a_run(), api.planner.sources)).problem
    assert [one.slot_id for one in problem.slots] == ["mon-1", "tue-1", "wed-1", "thu-1", "fri-1"]
    assert len(problem.pins) == 1
    await api.send("BatchUpsertCalendarDays", parent=PARENT, calendar_days=[a_day(str(MONDAY))])
    problem = (await make_problem(DISTRICT, a_run(), api.planner.sources)).problem
    assert [one.slot_id for one in problem.slots] == ["tue-1", "wed-1", "thu-1", "fri-1"]
    assert problem.pins == ()


async def test_a_plan_run_of_a_week_without_slots_says_why(api):
    """A holiday week is no failure of the planner: the run ends with the calendar's own words."""
    pause = calendar_pb2.Break(title="Fall", first_day="2026-11-23", last_day="2026-11-27")
    await api.send("UpdateCalendar", calendar=a_calendar(breaks=[pause]))
    with pytest.raises(WeekWithoutSlotsError, match=r"2026-11-23 has no slot.*\(break, Fall\)"):
        await make_problem(DISTRICT, a_run(), api.planner.sources)
