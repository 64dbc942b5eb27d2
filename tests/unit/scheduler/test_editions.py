"""What pages show: reasons to staff, and to the hall nothing that labels anybody."""

import dataclasses
import itertools
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.check import check
from services.scheduler.domain.model import Acceptance, SessionKind
from services.scheduler.domain.people import Names, Person
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.solve import solve
from services.scheduler.domain.titles import BANNED_WORDS
from services.scheduler.entrypoints.pages import render
from services.scheduler.entrypoints.pages.editions import (
    NOBODY_LEADS,
    SEE_THE_OFFICE,
    breach_views,
    hall_edition,
    natural,
    staff_edition,
)
from services.scheduler.entrypoints.pages.naming import Naming
from services.scheduler.entrypoints.pages.render import Heading
from services.scheduler.entrypoints.pages.views import (
    HallDay,
    HallEdition,
    HallLearner,
    HallPlace,
    HallRoom,
    HallRoomDay,
    HallSession,
)
from tests.support.schools import (
    Shape,
    a_pin,
    a_problem,
    a_school,
    a_slot,
    an_absence,
    an_offer,
)

HEADING = Heading(
    school="North Middle School",
    week_of="Monday, November 23",
    state="Revision 1, published Friday, November 20, 16:00",
    address="/schools/north/weeks/2026-11-23",
)
LEVEL = re.compile(r"(?<![\d:.–])[1-4]\.\d+")


class Texts(HTMLParser):
    """Collects what a reader of a page sees."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_data(self, data):
        """Take a text."""
        self.found.append(data)


def read(html):
    """Return the text of a page."""
    texts = Texts()
    texts.feed(html)
    return " ".join(" ".join(texts.found).split())


def names_of(problem, *, given="Ines"):
    """Return names for everybody of a school; every second learner shares one."""
    return Names(
        learners={
            one.learner_id: Person(
                given_name=given if place % 2 else f"Kaya{place}",
                family_name="Abara",
                source_id=f"s{place:05d}",
            )
            for place, one in enumerate(problem.learners)
        },
        adults={one.adult_id: f"Ms. Duval{place}" for place, one in enumerate(problem.adults)},
    )


@pytest.fixture(scope="module")
def school():
    """Give a school whose week has help, checks, enrichment, services and exemptions."""
    problem = normalised(a_school(3, Shape(learners=60, adults=10, slots=2, competencies=8)))
    return problem, solve(problem, HighsExact(), seed=1, budget=100)


def hall_pages(school):
    """Return the two pages of the hall."""
    problem, week = school
    edition = hall_edition(week, problem.slots, names_of(problem))
    return [render.hall_by_name(HEADING, edition), render.hall_by_room(HEADING, edition)]


def staff_pages(school):
    """Return the pages of staff that show seats."""
    problem, week = school
    edition = staff_edition(problem, week, names_of(problem))
    return [
        render.staff_by_slot(HEADING, edition),
        render.staff_by_adult(HEADING, edition),
        render.staff_by_learner(HEADING, edition),
    ]


def test_the_hall_shows_no_banned_word(school):
    """No word for level, tier, grade, service, language, disability or rank hangs in a hall."""
    for page in hall_pages(school):
        text = read(page).lower()
        found = [
            word for word in BANNED_WORDS if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
        ]
        assert found == []


def test_the_hall_shows_no_code_no_level_and_no_reason(school):
    """Codes carry the grade, levels rank, reasons are one's own: none of them is in the hall."""
    problem, week = school
    for page in hall_pages(school):
        text = read(page)
        assert [one.code for one in problem.competencies if one.code in text] == []
        assert LEVEL.search(text) is None
        reasons = {seat.staff_sentence for seat in week.seats}
        reasons |= {seat.learner_sentence for seat in week.seats}
        assert [one for one in reasons if one in text] == []


def test_the_same_search_finds_all_of_it_in_the_staff_edition(school):
    """What the hall is searched for is there to be found: staff read codes, levels and reasons."""
    problem, week = school
    text = read(staff_pages(school)[2])
    assert any(one.code in text for one in problem.competencies)
    assert LEVEL.search(text) is not None
    assert any(seat.staff_sentence in text for seat in week.seats)


def test_the_halls_views_have_no_field_that_could_say_more():
    """Name, time, room, adult and title are all that a template of the hall is given."""
    fields = {
        one.name
        for view in (
            HallEdition,
            HallDay,
            HallLearner,
            HallPlace,
            HallRoom,
            HallRoomDay,
            HallSession,
        )
        for one in dataclasses.fields(view)
    }
    assert fields == {
        "days",
        "day",
        "slots",
        "learners",
        "rooms",
        "name",
        "places",
        "title",
        "room",
        "adult",
        "sessions",
        "slot",
    }


def test_everybody_is_in_the_hall_list_once_sorted_by_name(school):
    """Each learner of the week has one line; the order is that of the names."""
    problem, week = school
    edition = hall_edition(week, problem.slots, names_of(problem))
    shown = [one.name for one in edition.days[0].learners]
    assert len(shown) == len({seat.learner_id for seat in week.seats}) == len(set(shown))
    assert shown == sorted(shown, key=str.casefold)


def test_learners_of_one_name_are_told_apart_by_the_end_of_their_number(school):
    """Two learners of the same name get the last digits that the school knows."""
    problem, week = school
    edition = hall_edition(week, problem.slots, names_of(problem))
    shared = [one.name for one in edition.days[0].learners if one.name.startswith("Abara, Ines")]
    assert len(shared) > 1
    assert all(re.fullmatch(r"Abara, Ines \(\d{4}\)", one) for one in shared)


def test_who_is_not_in_the_roster_is_still_in_the_list(school):
    """A learner whom the roster does not know is shown as such, and keeps a line."""
    problem, week = school
    edition = hall_edition(week, problem.slots, Names(learners={}, adults={}))
    assert len(edition.days[0].learners) == len({seat.learner_id for seat in week.seats})
    assert all(one.name.startswith("Not in the roster (") for one in edition.days[0].learners)


def test_a_learner_without_a_name_is_known_by_the_number(school):
    """An import makes learners whom nobody has named yet: no line is empty, in list or sentence."""
    problem, week = school
    names = names_of(problem)
    nobody = {
        learner_id: replace(person, given_name="", family_name=" ")
        for learner_id, person in names.learners.items()
    }
    edition = hall_edition(week, problem.slots, replace(names, learners=nobody))
    numbers = {person.source_id for person in names.learners.values()}
    assert {one.name for one in edition.days[0].learners} <= numbers
    spoken_of = next(iter(nobody))
    naming = Naming(problem, week, replace(names, learners=nobody))
    assert naming.named(f"Without a place: learner {spoken_of}.") == (
        f"Without a place: {nobody[spoken_of].source_id}."
    )


def test_staff_read_the_reason_of_a_seat_without_ids(school):
    """An adult's request is told by the adult: no number of a request, no id of a person."""
    problem, week = school
    adult = problem.adults[0].adult_id
    told = f"Pin: request r0001 of adult {adult}."
    week = replace(week, seats=tuple(replace(one, staff_sentence=told) for one in week.seats))
    names = replace(names_of(problem), adults={adult: "Ms. Kim"})
    edition = staff_edition(problem, week, names)
    reasons = {place.reason for one in edition.learners for place in one.places}
    assert reasons == {"Pin: the request of Ms. Kim."}


@pytest.mark.parametrize(
    ("accepted_by", "told"), [("a00", " Accepted by Ms. Kim."), ("", " Accepted.")]
)
def test_staff_read_who_accepted_a_seat_and_nobody_else_does(school, accepted_by, told):
    """It stands beside the reason, with the adult's name; learners and halls read none of it."""
    problem, week = school
    acceptance = Acceptance(adult_id=accepted_by)
    seats = tuple(replace(one, acceptance=acceptance) for one in week.seats if one.session_id)
    week = replace(week, seats=seats)
    names = replace(names_of(problem), adults={"a00": "Ms. Kim"})
    said = {one.staff_sentence for one in seats}
    edition = staff_edition(problem, week, names)
    reasons = {place.reason for one in edition.learners for place in one.places}
    assert {one.removesuffix(told) for one in reasons} == said
    assert reasons.isdisjoint(said)
    hall = repr(hall_edition(week, problem.slots, names))
    assert "ccepted" not in hall
    assert "ccepted" in repr(edition)


def test_staff_see_which_session_nobody_leads_yet(school):
    """By slot, by adult and in the weeks of its learners; the others stay as they are."""
    problem, week = school
    seated = Counter(seat.session_id for seat in week.seats)
    open_one = next(one for one in week.sessions if seated[one.session_id])
    edition = staff_edition(problem, week, names_of(problem), (open_one.session_id,))
    noted = [one for slot in edition.slots for one in slot.sessions if one.note]
    assert [one.title for one in noted] == [open_one.title]
    for page in (render.staff_by_slot, render.staff_by_adult):
        assert page(HEADING, edition).count(NOBODY_LEADS) == 1
    places = [place for one in edition.learners for place in one.places]
    sent = sum(place.adult == SEE_THE_OFFICE for place in places)
    assert sent == seated[open_one.session_id]


def test_a_name_that_looks_like_html_is_text(school):
    """Names are escaped: no one's name runs in a browser."""
    problem, week = school
    names = names_of(problem, given="<script>alert(1)</script>")
    for page in (
        render.hall_by_name(HEADING, hall_edition(week, problem.slots, names)),
        render.staff_by_slot(HEADING, staff_edition(problem, week, names)),
    ):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_pages_need_no_script_and_no_inline_style(school):
    """A strict Content-Security-Policy breaks none of the pages."""
    for page in [*hall_pages(school), *staff_pages(school)]:
        assert "<script" not in page
        assert "<style" not in page
        assert " style=" not in page
        assert re.search(r"\son[a-z]+=", page) is None


def test_rooms_are_sorted_as_people_count():
    """Room 9 comes before room 10."""
    assert sorted(["Room 10", "Room 9", "Gym"], key=natural) == ["Gym", "Room 9", "Room 10"]


def on_two_days(school):
    """Return a school and its week with the second slot moved to the Tuesday."""
    problem, week = school
    first, second = problem.slots
    return (first, dataclasses.replace(second, date=second.date + timedelta(days=1))), week


def test_a_week_of_several_days_has_a_list_for_each(school):
    """Each day has its own columns, and a clock elsewhere says of which day it is."""
    slots, week = on_two_days(school)
    names = names_of(school[0])
    edition = hall_edition(week, slots, names)
    assert [one.day for one in edition.days] == ["Monday, November 23", "Tuesday, November 24"]
    assert all(len(line.places) == 1 for one in edition.days for line in one.learners)
    assert [one.slots[0].when[:4] for one in edition.days] == ["Mon ", "Tue "]
    text = read(render.hall_by_name(HEADING, edition))
    assert "Tuesday, November 24" in text


def test_the_hall_says_what_is_on_in_each_room_and_slot(school):
    """The key by room holds each session once, in its room and slot."""
    problem, week = school
    (day,) = hall_edition(week, problem.slots, names_of(problem)).days
    told = [
        (room.room, slot.slot_id, each.title)
        for room in day.rooms
        for slot, held in zip(day.slots, room.sessions, strict=True)
        for each in held
    ]
    assert sorted(told) == sorted(
        (each.room_display_name or "No room", each.slot_id, each.title) for each in week.sessions
    )


def test_a_reason_that_several_share_is_said_once_with_all_their_names(school):
    """Without a target each reason stands once; all its learners are named, nobody is lost."""
    problem, week = school
    edition = staff_edition(problem, week, names_of(problem))
    sessions = [each for slot in edition.slots for each in slot.sessions if each.shared]
    assert sessions
    for session in sessions:
        told = {(who, one.reason) for one in session.shared for who in one.learners}
        assert told == {(seat.learner, seat.reason) for seat in session.seats}
        assert len({one.reason for one in session.shared}) == len(session.shared)


def test_adults_of_one_name_have_a_sheet_each(school):
    """Two adults who share a name are not taken for one."""
    problem, week = school
    names = dataclasses.replace(
        names_of(problem), adults={one.adult_id: "Ms. Kim" for one in problem.adults}
    )
    edition = staff_edition(problem, week, names)
    assert len(edition.adults) == len({one.adult_id for one in week.sessions})
    assert sum(len(one.sessions) for one in edition.adults) == len(week.sessions)


def test_shortages_count_the_unmet_needs_of_each_competency(school):
    """The sum over competencies is that of all unmet needs, and the longest wait stands first."""
    problem, week = school
    edition = staff_edition(problem, week, names_of(problem))
    waiting = [one.learners for one in edition.shortages]
    assert sum(waiting) == len(week.unmet) > 0
    assert waiting == sorted(waiting, reverse=True)
    assert all(one.label and one.why for one in edition.shortages)


def test_every_heading_of_a_table_says_what_it_heads(school):
    """Screen readers are told row from column, and headings skip no rank."""
    for page in [*hall_pages(school), *staff_pages(school)]:
        assert re.findall(r"<th(?![^>]* scope=)[ >]", page) == []
        ranks = [int(rank) for rank in re.findall(r"<h([1-6])", page)]
        assert ranks[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(ranks))


def test_every_sheet_names_school_week_and_state(school):
    """Sheets come apart: each room's and each adult's carries the line of its own."""
    problem, week = school
    line = f"{HEADING.school} · Week of {HEADING.week_of} · {HEADING.state}"
    rooms = hall_edition(week, problem.slots, names_of(problem)).rooms
    by_name, by_room = hall_pages(school)
    assert read(by_room).count(line) == len(rooms)
    assert line in read(by_name)
    by_adult = staff_pages(school)[1]
    assert read(by_adult).count(line) == len({one.adult_id for one in week.sessions})


def test_a_breach_is_told_with_names_and_with_what_to_do():
    """Rule, slot, pin, learner, adult and offer in words; the ids of people and places are gone."""
    slot = replace(a_slot(), label="WIN 1")
    offer = an_offer("speech", kind=SessionKind.SERVICE, title="Speech")
    pin = a_pin("p1", offer_id="speech", service=True)
    problem = a_problem(slots=(slot,), offers=(offer,), absences=(an_absence(),), pins=(pin,))
    week = solve(normalised(problem), HighsExact(), seed=1, budget=10)
    names = names_of(problem)
    told = breach_views([*week.breaches, *check(problem, week)], problem, week, names)
    texts = [each.sentence for each in told]
    assert texts[0].startswith("1 of 1 learner has no place: 0 places at most")
    assert texts[0].endswith("Without a place: Kaya0 Abara.")
    assert texts[1] == (
        "Service pin p1 of Kaya0 Abara has no adult: Ms. Duval0 is away in WIN 1, the session is"
        " unstaffed. Offer it with an adult who can, or remove what asks for it, and plan the week"
        " anew."
    )
    assert texts[3] == (
        "Pin p1 of Kaya0 Abara to “Speech” is not kept."
        " Move or remove the pin, and plan the week anew."
    )
    assert {(each.rule, each.slot.label) for each in told} == {
        ("One place for everybody", "WIN 1"),
        ("Services first", "WIN 1"),
    }


@pytest.mark.parametrize("seed", range(6))
def test_no_breach_of_any_school_shows_an_id_of_a_person_or_a_place(seed):
    """Too few places, absent adults and a damaged week: all is told with names."""
    shape = Shape(learners=80, adults=4, slots=2, absent_share=0.3, service_share=0.2)
    problem = normalised(a_school(seed, shape))
    week = solve(problem, HighsExact(), seed=1, budget=20)
    moved = tuple(replace(one, adult_id="a00", room_id="room00") for one in week.sessions)
    found = [*week.breaches, *check(problem, replace(week, sessions=moved, seats=week.seats[1:]))]
    rooms = tuple(replace(one, display_name=f"Hut {one.room_id[-2:]}") for one in problem.rooms)
    told = breach_views(found, replace(problem, rooms=rooms), week, names_of(problem))
    assert found
    ids = re.compile(r"\b(l\d{4}|a\d\d|a\d\d-\w+|room\d\d|c\d{3}|[0-9a-f]{16})\b")
    # A pin is found by its id alone, and a title is whatever its adult wrote.
    rest = [re.sub(r"[Pp]in \S+|“[^”]*”", "", each.sentence) for each in told]
    assert [one for one in rest if ids.search(one)] == []
