"""What sheets tell beside places: who asked, until when, how it went, and who is away."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from services.scheduler.domain.day.attendance import Mark, Presence, SessionAttendance
from services.scheduler.domain.day.quick_checks import QuickCheck
from services.scheduler.domain.feed import FeedKind
from services.scheduler.domain.model import Acceptance, Pin, PinOrigin
from services.scheduler.domain.policy import FAMILY_LANGUAGES, PAPERS
from services.scheduler.domain.revision import Content, view_of
from services.scheduler.domain.school import SchoolAbsence
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import SeatRule
from services.scheduler.entrypoints.outputs.family import LANGUAGES
from services.scheduler.handlers.day.records import KeptAttendance
from tests.support.canary_calls import CASES, CanaryCalls
from tests.support.days import publish
from tests.support.feeds import feed_path
from tests.support.outputs import app_of, browsing, texts_of
from tests.support.scheduler_world import DISTRICT
from tests.support.schools import MONDAY
from tests.support.weeks import planned

WEEK = "/schools/north/weeks/2026-11-23"
LAST_MONDAY = MONDAY - timedelta(weeks=1)
LETTER, A4 = 612, 595
FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def calls():
    """Give the school, in which everybody has asked for something."""
    return await CanaryCalls().set_up()


@pytest.fixture
async def browse(calls):
    """Give a function that asks for a path as a token's holder."""
    async with browsing(_app(calls)) as get:
        yield get


def _app(calls, **changes):
    return app_of(calls.api, attendance=KeptAttendance(calls.api.store), **changes)


async def text_of(browse, path):
    """Return what stands on a sheet, or in a page."""
    answer = await browse(f"{WEEK}/{path}")
    assert answer.status_code == 200, answer.text
    return " ".join(texts_of(answer).split())


async def say(calls, **changes):
    """Change the school's policy."""
    async with calls.api.store.change(DISTRICT, "north") as view:
        policy = await view.policies.of("north")
        changed = replace(policy, version=policy.version + 1, **changes)
        await view.policies.keep(changed, FRIDAY)


async def be_away(calls, adult_id, *slot_ids):
    """Let an adult be away on the Monday."""
    absence = SchoolAbsence(
        school_id="north",
        id=f"away-{adult_id}",
        version=1,
        adult_id=adult_id,
        date=MONDAY,
        slot_ids=slot_ids,
    )
    async with calls.api.store.change(DISTRICT, "north") as view:
        await view.absences.keep([absence], FRIDAY)


async def width_of(browse, path):
    """Return how wide the first page of a print is, in points."""
    answer = await browse(f"{WEEK}/{path}")
    found = re.search(rb"/MediaBox ?\[ ?0 0 ([0-9.]+)", answer.content)
    assert found, answer.headers
    return int(float(found[1]))


def test_what_a_school_may_say_is_what_can_be_made():
    """A language or paper that a policy takes has its words and its size."""
    assert set(LANGUAGES) == set(FAMILY_LANGUAGES)
    assert PAPERS == ("us-letter", "a4")


async def test_paper_is_what_is_asked_for_then_the_servers_then_the_schools(calls, browse):
    """Who asks comes first, then the server, which knows its printers, then the school."""
    assert await width_of(browse, "print/slips.pdf") == LETTER
    await say(calls, paper="a4")
    assert await width_of(browse, "print/slips.pdf") == A4
    assert await width_of(browse, "print/slips.pdf?paper=us-letter") == LETTER
    async with browsing(_app(calls, paper="us-letter")) as get:
        assert await width_of(get, "print/slips.pdf") == LETTER


async def test_families_are_written_to_in_the_schools_language(calls, browse):
    """Spanish where the school says so, unless whoever asks says otherwise."""
    assert "Dear family" in await text_of(browse, "print/family.pdf?learner=canaryid1")
    await say(calls, family_language="es")
    assert "Estimada familia" in await text_of(browse, "print/family.pdf?learner=canaryid1")
    english = await text_of(browse, "print/family.pdf?learner=canaryid1&language=en")
    assert "Dear family" in english


async def test_a_slip_says_who_asked_and_until_when_a_change_can_be_asked_for(browse):
    """Of a request and of a service the same sentence; the week begins at nine in New York."""
    for one, who in (("canaryid1", "ben"), ("canaryid4", "cy")):
        slip = await text_of(browse, f"print/slips.pdf?learner={one}")
        assert f"Ms. Duval {who} asked for you." in slip
        assert "You can ask for a change until Monday, November 23, 9:00." in slip
    note = await text_of(browse, "print/family.pdf?learner=canaryid4&language=es")
    assert "Ms. Duval cy pidió trabajar con su hijo o hija." in note
    assert "Se puede pedir un cambio hasta el lunes, 23 de noviembre, a las 9:00." in note


async def test_a_card_says_whom_another_took_and_why(browse):
    """Learner, time, who comes first and by what right; no id of a request."""
    card = await text_of(browse, "print/cards.pdf?adult=ada")
    assert "Asked for, and elsewhere" in card
    lost = "Canaryname, G0, 9:45–10:25: Ms. Duval ben comes first, as an administrator asks."
    assert lost in card
    assert "canaryloser" not in card
    winners = await text_of(browse, "print/cards.pdf?adult=ben")
    assert "Asked for, and elsewhere" not in winners
    assert "Pin: the request of Ms. Duval ben." in winners
    assert "canarywinner" not in winners


async def test_an_accepted_seat_is_told_by_its_need_and_who_accepted_it_to_staff_alone(
    calls, browse
):
    """The card has level, evidence and who accepted; slip and note have what they always had."""
    api = calls.api
    async with api.store.snapshot(DISTRICT) as view:
        head = await view.weeks.head("north", MONDAY)
        content = await view.weeks.content(view_of(head, head.newest))
    week = content.week
    held = {one.session_id: one for one in week.sessions}
    seats = [one for one in week.seats if one.rule is SeatRule.NEED]
    acceptance = Acceptance(adult_id="ben")
    pins = tuple(
        Pin(
            pin_id=f"accepted.{one.learner_id}.{one.slot_id}",
            learner_id=one.learner_id,
            slot_id=one.slot_id,
            offer_id=held[one.session_id].offer_id,
            competency_id=one.competency_id,
            origin=PinOrigin.PLANNED,
            acceptance=acceptance,
        )
        for one in seats
    )
    problem = normalised(replace(content.problem, pins=(*content.problem.pins, *pins)))
    final = planned(problem)
    assert {one.rule for one in final.seats if one.acceptance} == {SeatRule.NEED}
    stores = SimpleNamespace(store=api.store, queue=api.store.queue)
    await publish(stores, Content(problem=problem, week=final), run_id="final", at=FRIDAY)
    card = await text_of(browse, "print/cards.pdf?adult=ben")
    assert "Level 1.8 from 5 pieces on 3 days" in card
    assert "Accepted by Ms. Duval ben." in card
    assert "Nov 19 (5)" in card
    slip = await text_of(browse, "print/slips.pdf?learner=canaryid1")
    assert "You are working on" in slip
    note = await text_of(browse, "print/family.pdf?learner=canaryid1&language=en")
    assert "To work on" in note
    assert "An adult at the school chose this place." not in note
    assert "ccepted" not in slip + note


async def last_week(calls):
    """Publish a week before this one, in which canaryid1 showed much and canaryid2 was away."""
    api = calls.api
    shift = LAST_MONDAY - MONDAY
    async with api.store.snapshot(DISTRICT) as view:
        head = await view.weeks.head("north", MONDAY)
        content = await view.weeks.content(view_of(head, head.newest))
    problem = replace(
        content.problem,
        monday=LAST_MONDAY,
        slots=tuple(replace(one, date=one.date + shift) for one in content.problem.slots),
    )
    stores = SimpleNamespace(store=api.store, queue=api.store.queue)
    week = replace(content.week, monday=LAST_MONDAY)
    await publish(stores, Content(problem=problem, week=week), run_id="last", at=FRIDAY)
    marks = {
        "s1": {"canaryid1": Presence.PRESENT, "canaryid2": Presence.ABSENT},
        "s2": {"canaryid1": Presence.LATE, "canaryid2": Presence.ABSENT},
    }
    async with api.store.change(DISTRICT, "north") as view:
        for session_id, held in marks.items():
            await view.days.keep_attendance(
                SessionAttendance(
                    school_id="north",
                    monday=LAST_MONDAY,
                    date=LAST_MONDAY,
                    session_id=session_id,
                    slot_id="mon-1",
                    adult_id="ben",
                    minutes=40,
                    service="",
                    held=True,
                    marks=tuple(Mark(learner_id=i, presence=p) for i, p in held.items()),
                    revision=1,
                    version=1,
                    actor="ben",
                    time=FRIDAY,
                )
            )
        for level, session_id in ((1, "s1"), (3, "s2")):
            await view.days.keep_quick_checks(
                [
                    QuickCheck(
                        school_id="north",
                        monday=LAST_MONDAY,
                        session_id=session_id,
                        learner_id="canaryid1",
                        competency_id="fractions",
                        level=level,
                        version=1,
                        adult_id="ben",
                        show_time=FRIDAY + timedelta(hours=level),
                        record_time=FRIDAY,
                    )
                ]
            )


async def test_a_note_says_how_last_week_went_in_words(calls, browse):
    """The newest quick check and attendance, in both languages, and no number of either."""
    before = await browse(f"{WEEK}/print/family.pdf")
    await last_week(calls)
    after = await browse(f"{WEEK}/print/family.pdf")
    assert before.headers["etag"] != after.headers["etag"]
    note = await text_of(browse, "print/family.pdf?learner=canaryid1")
    went = note.split("How it went in the week of Monday, November 16")[1].split("Questions")[0]
    assert " ".join(went.split()) == "Your child was in every session. Adding fractions: on pace."
    other = await text_of(browse, "print/family.pdf?learner=canaryid2&language=es")
    assert "Cómo fue la semana del lunes, 16 de noviembre" in other
    assert "Su hijo o hija no asistió a ninguna sesión." in other
    assert "How it went" not in await text_of(browse, "print/family.pdf?learner=canaryid3")


SENDING = (
    "print/doors.pdf",
    "print/hall.pdf",
    "print/locator.pdf",
    "print/slips.pdf",
    "hall",
    "hall/rooms",
)


@pytest.mark.parametrize("path", SENDING)
async def test_no_sheet_sends_anybody_to_a_session_without_its_adult(calls, browse, path):
    """Ben is away in the second slot: nobody is sent to him then, and the office says where to."""
    before = await browse(f"{WEEK}/{path}")
    await be_away(calls, "ben", "mon-2")
    answer = await browse(f"{WEEK}/{path}")
    assert before.headers["etag"] != answer.headers["etag"]
    count = texts_of(before).count("Ms. Duval ben"), texts_of(answer).count("Ms. Duval ben")
    assert count[0] > count[1]
    assert "See the office" in await text_of(browse, path)
    assert "See the office" not in texts_of(before)


async def test_families_and_calendars_send_nobody_there_either(calls, browse):
    """A note in the family's language, a calendar of the week and one that is subscribed to."""
    path = await feed_path(calls.api, FeedKind.LEARNER, "canaryid1")
    before = await browse(path, None)
    await be_away(calls, "ben")
    note = await text_of(browse, "print/family.pdf?learner=canaryid1&language=es")
    assert "La oficina dirá dónde" in note
    assert "Room r2" not in note
    own = await text_of(browse, "calendars/learner.ics?learner=canaryid1")
    assert "LOCATION:See the office" in own
    feed = await browse(path, None)
    assert feed.headers["etag"] != before.headers["etag"]
    assert "LOCATION:See the office" in feed.text
    assert "Room r2" not in feed.text


async def test_a_learners_week_sends_nobody_there_either(calls):
    """The place stands without room and adult, and says to see the office."""
    await be_away(calls, "ben")
    asked = CASES["GetLearnerWeek"](calls.asked["canaryid1"])[0]
    place = (await calls.as_("canaryid1").GetLearnerWeek(asked)).learner_week.places[1]
    assert (place.see_office, place.room_display_name, place.adult) == (True, "", "")
