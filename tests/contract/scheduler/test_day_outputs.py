"""What is printed and pulled of a day that is lived: the same in memory and in PostgreSQL."""

import csv
import io
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

from services.scheduler.domain.day.attendance import Mark, Presence
from services.scheduler.domain.day.quick_checks import Note
from services.scheduler.domain.people import Names, Person
from services.scheduler.handlers.day.absences import Resolution, report_absence, resolve_unstaffed
from services.scheduler.handlers.day.attendance import TakeAttendance, take_attendance
from services.scheduler.handlers.day.changes import ChangeWeek
from services.scheduler.handlers.day.records import KeptAttendance
from tests.support.days import (
    AT_HALF_PAST_SEVEN,
    MONDAY,
    OFFICE,
    a_school_day,
    an_act,
    lived_week,
)
from tests.support.outputs import app_of, browsing, pdf_text
from tests.support.schedules import DISTRICT, SCHOOL

WEEK = f"/schools/{SCHOOL}/weeks/{MONDAY}"


class Roll:
    """The names of the school."""

    def __init__(self, problem):
        self.problem = problem

    async def names(self, district, school_id):
        """Return who is who: everybody by their id."""
        return Names(
            learners={
                one.learner_id: Person(
                    given_name=one.learner_id.title(), family_name="Abara", source_id="s0001"
                )
                for one in self.problem.learners
            },
            adults={one.adult_id: f"Ms. {one.adult_id.title()}" for one in self.problem.adults},
            roster_version="v1",
        )


@asynccontextmanager
async def browsed(lived):
    """Give a function that asks for a path below the week, as the principal."""
    api = SimpleNamespace(store=lived.store, book=Roll(lived.content.problem), clock=lived.clock)
    async with browsing(app_of(api, attendance=KeptAttendance(lived.store))) as get:

        async def text(path):
            answer = await get(f"{WEEK}/{path}")
            assert answer.status_code == 200, answer.text
            is_pdf = answer.headers["content-type"] == "application/pdf"
            return pdf_text(answer.content) if is_pdf else answer.text

        yield text


async def take(lived, offer_id, *exceptions, notes=()):
    """Take the attendance of a session, and quick checks."""
    command = TakeAttendance(
        act=an_act(OFFICE),
        monday=MONDAY,
        session_id=lived.session(offer_id),
        exceptions=exceptions,
        notes=notes,
    )
    await take_attendance(command, store=lived.store, clock=lived.clock)


async def test_the_attendance_file_has_what_was_taken(stores):
    """A mark for everybody of the session, with the minutes; a correction is in the next file."""
    lived = await lived_week(stores)
    async with browsed(lived) as text:
        assert len((await text("attendance.csv")).splitlines()) == 1
        late = Mark(learner_id="kim", presence=Presence.LATE, late_minutes=10)
        away = Mark(learner_id="lea", presence=Presence.ABSENT)
        await take(lived, "group", late, away)
        rows = list(csv.DictReader(io.StringIO(await text("attendance.csv"))))
        assert [(one["learner"], one["mark"], one["minutes"]) for one in rows] == [
            ("kim", "late", "30"),
            ("lea", "absent", "0"),
            ("max", "present", "40"),
        ]
        assert {one["adult"] for one in rows} == {"ada"}
        assert {(one["date"], one["start"]) for one in rows} == {("2026-11-23", "09:00")}
        await take(lived, "group", away)
        rows = list(csv.DictReader(io.StringIO(await text("attendance.csv"))))
        assert [one["mark"] for one in rows] == ["present", "absent", "present"]


async def test_a_weeks_quick_checks_are_read_together(stores):
    """By session and learner, those of this week alone."""
    lived = await lived_week(stores)
    await take(lived, "group", notes=(Note(learner_id="max", level=2),))
    await take(lived, "group", notes=(Note(learner_id="kim", level=4),))
    async with lived.store.snapshot(DISTRICT) as view:
        found = await view.days.quick_checks_of(SCHOOL, MONDAY)
        assert [(one.learner_id, one.level) for one in found] == [("kim", 4), ("max", 2)]
        assert await view.days.quick_checks_of("south", MONDAY) == []


async def test_the_substitutes_sheet_says_what_can_be_done_and_then_who_leads(stores):
    """Ada is away: who is free and who has room; once it is resolved, who was found."""
    lived = await lived_week(stores, now=AT_HALF_PAST_SEVEN)
    async with browsed(lived) as text:
        usual = await text("print/substitute.pdf?adult=ada")
        assert "In place of Ms. Ada" in usual
        assert "Nobody leads this yet" not in usual
        await report_absence(an_act(OFFICE), "ada", MONDAY, (), changing=lived.changing)
        sheet = await text("print/substitute.pdf?adult=ada")
        assert "Nobody leads this yet." in sheet
        assert "Free to lead it: Ms. Cyd." in sheet
        assert "Could take its learners: Room r2, Ms. Bob: 3 of 3." in sheet
        assert "See the office" in await text("print/doors.pdf")
        command = ChangeWeek(act=an_act(OFFICE), monday=MONDAY, revision=1, reason="ill")
        await resolve_unstaffed(
            command,
            [Resolution(session_id=lived.session("group"), substitute="cyd")],
            changing=lived.changing,
        )
        sheet = await text("print/substitute.pdf?adult=ada")
        assert "In place of Ms. Ada" in sheet
        assert "Ms. Cyd leads this." in sheet
        assert "Abara, Kim" in sheet
        assert "Nobody leads this yet" not in sheet
        assert "See the office" not in await text("print/doors.pdf")
        assert "Ms. Cyd" in await text("print/doors.pdf")


async def test_a_second_substitute_is_shown_for_everybody_they_stand_in_for(stores):
    """Ada is away and cyd stands in, then cyd is away and eve does: all three days have it."""
    school = a_school_day()
    teacher = next(one for one in school.adults if one.adult_id == "cyd")
    adults = tuple(
        replace(teacher, adult_id="eve") if one.adult_id == "eve" else one for one in school.adults
    )
    lived = await lived_week(stores, a_school_day(adults=adults), now=AT_HALF_PAST_SEVEN)
    session_id = lived.session("group")
    for revision, (away, found) in enumerate((("ada", "cyd"), ("cyd", "eve")), start=1):
        reported = await report_absence(an_act(OFFICE), away, MONDAY, (), changing=lived.changing)
        assert [one.session.session_id for one in reported.sessions] == [session_id]
        await resolve_unstaffed(
            ChangeWeek(act=an_act(OFFICE), monday=MONDAY, revision=revision, reason="ill"),
            [Resolution(session_id=session_id, substitute=found)],
            changing=lived.changing,
        )
    async with browsed(lived) as text:
        for away in ("ada", "cyd"):
            sheet = await text(f"print/substitute.pdf?adult={away}")
            assert f"In place of Ms. {away.title()}" in sheet
            assert "Ms. Eve leads this." in sheet
            assert "Abara, Kim" in sheet
        own = await text("print/substitute.pdf?adult=eve")
        assert "Abara, Kim" in own
        assert "leads this." not in own
        doors = await text("print/doors.pdf")
        assert "Ms. Eve" in doors
        assert "Ms. Cyd" not in doors
        assert "See the office" not in doors
