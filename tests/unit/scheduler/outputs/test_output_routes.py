"""Everything printed and pulled of a week over HTTP: who may, which revision, what is new."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pypdf
import pytest

from services.common.rpc.credentials import Credential
from services.evidence.domain.oneroster.csv_binding import Binding, check_row
from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.manifest import check_manifest
from services.evidence.domain.oneroster.schema import FILES as STANDARD_FILES
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.memory.attendance import MemoryAttendance
from services.scheduler.domain.access import Actor, Role
from services.scheduler.entrypoints.outputs import attendance
from services.scheduler.entrypoints.outputs.registry import CALENDARS, FILES, INDEXES, PRINTS
from services.scheduler.ports.attendance import AttendanceRow
from tests.support.canaries import CanaryApi, a_canary_school
from tests.support.outputs import app_of, browsing, pdf_text
from tests.support.pages import REPOSITORY
from tests.support.scheduler_world import DISTRICT

WEEK = "/schools/north/weeks/2026-11-23"
SUBJECTS = {"learner": "canaryid1", "adult": "ben", "room": "r2", "": ""}
ALL = (*PRINTS, *CALENDARS, *FILES, *INDEXES)
MARK = AttendanceRow(
    learner_id="canaryid1",
    slot_id="mon-1",
    session_id="s",
    mark="=present",
    minutes=40,
    mark_time=datetime(2026, 11, 23, 14, 5, tzinfo=UTC),
)
PEOPLE = {
    "learner": Actor(
        name=f"districts/{DISTRICT}/learners/canaryid1",
        roles=frozenset({Role.LEARNER}),
        learner_id="canaryid1",
        own_learner_ids=frozenset({"canaryid1"}),
    ),
    "teacher": Actor(
        name=f"districts/{DISTRICT}/adults/ben", roles=frozenset({Role.TEACHER}), adult_id="ben"
    ),
}


def address(output, **query):
    """Return where an output is, with whose it is where it must be said."""
    asked = {output.subject: SUBJECTS[output.subject]} if output.is_one else {}
    said = "&".join(f"{name}={value}" for name, value in {**asked, **query}.items())
    return f"{WEEK}/{output.path}{'?' if said else ''}{said}"


@pytest.fixture
async def people(api):
    """Give a function that asks as a learner or as a teacher."""
    credentials = {
        name: Credential(
            name=name,
            district=DISTRICT,
            scopes=frozenset({"schedule.read"} | ({"roster.read"} if name == "teacher" else set())),
            person=one.name,
        )
        for name, one in PEOPLE.items()
    }
    actors = MemoryActors({one.name: one for one in PEOPLE.values()})
    async with browsing(app_of(api, actors=actors, credentials=credentials)) as get:
        yield get


@pytest.mark.parametrize("output", ALL, ids=lambda one: one.path)
async def test_every_output_says_its_revision_and_is_sent_once(browse, output):
    """The same week, roster and policy: 304 and nothing more; the type is what was declared."""
    answer = await browse(address(output))
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == output.media_type
    assert answer.headers["trellis-revision"] == "1"
    assert answer.headers["trellis-published"] == "true"
    assert answer.headers["cache-control"] == "private, no-cache"
    etag = answer.headers["etag"]
    again = await browse(address(output), **{"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


async def test_outputs_have_tags_of_their_own(browse):
    """No copy of one output, language, paper or person passes for another."""
    addresses = [address(one) for one in ALL]
    addresses += [address(one, paper="a4") for one in PRINTS]
    addresses += [
        f"{WEEK}/print/family.pdf?language=es",
        f"{WEEK}/print/slips.pdf?learner=canaryid2",
    ]
    tags = [(await browse(one)).headers["etag"] for one in addresses]
    assert len(set(tags)) == len(tags)


async def test_a_new_name_is_a_new_print_and_no_new_file(api, browse):
    """What shows names hangs on the roster's version; what holds ids alone does not."""
    paths = [address(one) for one in ALL]
    before = {one: (await browse(one)).headers["etag"] for one in paths}
    api.book.version = "v2"
    after = {one: (await browse(one)).headers["etag"] for one in paths}
    changed = {one for one in paths if before[one] != after[one]}
    assert changed == {address(one) for one in ALL if one.has_names}


@pytest.mark.parametrize("output", ALL, ids=lambda one: one.path)
async def test_no_output_is_for_who_is_not_signed_in_or_of_another_district(browse, output):
    """A person is led to the sign-in, a program refused, another district sees nothing."""
    assert (await browse(address(output), None)).status_code == 303
    assert (await browse(address(output), None, accept="*/*")).status_code == 401
    assert (await browse(address(output), "stranger")).status_code == 404


async def test_a_learner_reads_their_own_week_and_nothing_else(people):
    """Their slip, note and calendar; no other learner's, no whole list, no file, no page."""
    own = ("print/slips.pdf", "print/family.pdf", "calendars/learner.ics")
    for output in ALL:
        for one in ("canaryid1", "canaryid2"):
            query = {output.subject: one} if output.subject == "learner" else {}
            answer = await people(address(output, **query), "learner")
            may = output.path in own and one == "canaryid1"
            assert answer.status_code == (200 if may else 403), (output.path, one)
    for path in ("staff", "staff/learners", "hall", "print/slips.pdf"):
        assert (await people(f"{WEEK}/{path}", "learner")).status_code == 403
    text = pdf_text((await people(f"{WEEK}/print/slips.pdf?learner=canaryid1", "learner")).content)
    assert "Canaryname, G0" in text
    assert "Canaryname, G1" not in text


async def test_a_teacher_prints_no_whole_school_and_reads_the_week(people):
    """The table of who may do what decides, for each output and on the page that lists them."""
    listed = (await people(f"{WEEK}/outputs.json", "teacher")).json()
    for output in (*PRINTS, *CALENDARS, *FILES):
        answer = await people(address(output), "teacher")
        assert answer.status_code in (200, 403)
        assert (answer.status_code == 200) == any(
            one["address"] == f"{WEEK}/{output.path}" for one in listed["outputs"]
        )
    assert (await people(f"{WEEK}/print/doors.pdf", "teacher")).status_code == 403
    assert (await people(f"{WEEK}/print/cards.pdf?adult=ben", "teacher")).status_code == 200


async def test_a_draft_is_for_staff_alone_and_never_a_calendar():
    """A learner does not see a week before it is published; nobody's calendar does."""
    api = CanaryApi()
    await api.draft_only(api.problem, "run-1")
    actors = MemoryActors({one.name: one for one in PEOPLE.values()})
    credentials = {
        name: Credential(
            name=name,
            district=DISTRICT,
            scopes=frozenset({"schedule.read", "roster.read"}),
            person=one.name,
        )
        for name, one in PEOPLE.items()
    }
    async with browsing(app_of(api, actors=actors, credentials=credentials)) as get:
        own = f"{WEEK}/print/slips.pdf?learner=canaryid1"
        assert (await get(own, "learner")).status_code == 404
        draft = await get(own, "teacher")
        assert draft.headers["trellis-published"] == "false"
        assert "Draft, not published" in pdf_text(draft.content)
        assert (await get(f"{WEEK}/calendars/school.ics", "teacher")).status_code == 404


async def test_names_need_the_scope_for_names(browse):
    """A token without it gets the files, which hold none, and no print."""
    for output in ALL:
        answer = await browse(address(output), "reader")
        expected = 200 if not output.has_names else 403
        assert answer.status_code == expected, output.path


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("print/substitute.pdf", 400),
        ("print/substitute.pdf?adult=nobody", 404),
        ("print/substitute.pdf?adult=ben&date=2026-11-24", 404),
        ("print/substitute.pdf?adult=ben&date=monday", 400),
        ("print/slips.pdf?learner=nobody", 404),
        ("print/slips.pdf?learner=a%20b", 400),
        ("print/hall.pdf?paper=a5", 400),
        ("print/family.pdf?language=xx", 400),
        ("week.csv?changed_since=7", 404),
        ("week.csv?changed_since=x", 400),
        ("print/nothing.pdf", 404),
    ],
)
async def test_what_is_asked_wrongly_is_said(browse, path, status):
    """A wrong parameter gives its reason and no fault, and no empty sheet."""
    answer = await browse(f"{WEEK}/{path}", accept="application/json")
    assert answer.status_code == status
    assert answer.json()["reason"]


async def test_sheets_say_what_they_are_for(browse):
    """Each sheet answers its question: who comes, where to be, what to do, in whose words."""
    texts = {one.template: pdf_text((await browse(address(one))).content) for one in PRINTS}
    for template in ("doors", "hall", "locator", "slips"):
        assert "Canaryname, G0" in texts[template], template
    assert "9:00–9:40" in texts["slips"]
    assert "You are working on math next." in texts["slips"]
    assert "Teach or practise this skill with the group" in texts["substitute"]
    assert "CNRY.8" in texts["cards"]
    assert "Nov 19 (5)" in texts["cards"]
    assert "Dear family of G0 Canaryname" in texts["family"]
    assert "On the way" in texts["family"]
    spanish = pdf_text((await browse(f"{WEEK}/print/family.pdf?language=es")).content)
    assert "Estimada familia de G0 Canaryname" in spanish
    assert "el lunes, 23 de noviembre" in spanish
    assert "Va en camino" in spanish
    assert "Monday" not in spanish.split("<?xpacket")[0]


async def test_a_program_gets_what_changed_since_the_revision_that_it_has(api, browse):
    """Added, changed and removed rows with their sessions; nothing where nothing changed."""
    kept = (await browse(f"{WEEK}/week.json")).json()
    same = (await browse(f"{WEEK}/week.json?changed_since=1")).json()
    assert (same["revision"], same["seats"], same["sessions"]) == (1, [], [])
    await api.plan(_without_last_learner(), "run-2")
    change = (await browse(f"{WEEK}/week.json?changed_since=1")).json()
    assert (change["revision"], change["changed_since"], change["published"]) == (2, 1, True)
    new = (await browse(f"{WEEK}/week.json")).json()
    assert _applied(kept["seats"], change["seats"], ("learner_id", "slot_id")) == new["seats"]
    told = _applied(
        [{**one, "seat_count": 0} for one in kept["sessions"]], change["sessions"], ("session_id",)
    )
    assert {one["session_id"] for one in told} == {one["session_id"] for one in new["sessions"]}
    gone = [one for one in change["seats"] if one["change"] == "removed"]
    assert {one["learner_id"] for one in gone} == {"canaryid5"}
    rows = list(
        csv.DictReader(io.StringIO((await browse(f"{WEEK}/week.csv?changed_since=1")).text))
    )
    assert len(rows) == len(change["seats"])
    assert {(one["revision"], one["published"]) for one in rows} == {("2", "true")}
    assert all(one["date"] == "2026-11-23" for one in rows)


def _applied(kept, changes, key):
    """Return what a program has once it has taken the changes over."""
    rows = {tuple(one[name] for name in key): one for one in kept}
    for one in changes:
        change = one["change"]
        name = tuple(one[part] for part in key)
        if change == "removed":
            del rows[name]
        else:
            assert (name in rows) == (change == "changed")
            rows[name] = {part: value for part, value in one.items() if part != "change"}
    return [rows[name] for name in sorted(rows)]


def _without_last_learner():
    problem = a_canary_school()
    gone = problem.learners[-1].learner_id
    return replace(
        problem,
        learners=problem.learners[:-1],
        needs=tuple(one for one in problem.needs if one.learner_id != gone),
        pins=tuple(one for one in problem.pins if one.learner_id != gone),
    )


async def test_the_oneroster_package_is_lawful_row_by_row(browse):
    """By the checker of what this project takes in: manifest, columns, values, references."""
    data = (await browse(f"{WEEK}/oneroster.zip")).content
    package = zipfile.ZipFile(io.BytesIO(data))
    files = {
        name.removesuffix(".csv"): list(csv.reader(io.StringIO(package.read(name).decode())))
        for name in package.namelist()
    }
    assert check_manifest(files["manifest"]) == ()
    ids = {}
    for name, (header, *rows) in files.items():
        if name == "manifest":
            continue
        ids[name] = [row[0] for row in rows]
        for row in rows:
            cells = dict(zip(header, row, strict=True))
            checked = check_row(
                STANDARD_FILES[Version.V1_2][name], cells, Binding(version=Version.V1_2)
            )
            assert checked.faults == (), (name, checked.faults)
            assert cells["metadata.trellisRevision"] == "1"
            assert cells["metadata.trellisPublished"] == "true"
    classes = [dict(zip(files["classes"][0], row, strict=True)) for row in files["classes"][1:]]
    assert {one["courseSourcedId"] for one in classes} <= set(ids["courses"])
    assert {one["termSourcedIds"] for one in classes} <= set(ids["academicSessions"])
    enrolled = [
        dict(zip(files["enrollments"][0], row, strict=True)) for row in files["enrollments"][1:]
    ]
    assert {one["classSourcedId"] for one in enrolled} <= set(ids["classes"])
    assert len(set(ids["enrollments"])) == len(enrolled)
    seats = (await browse(f"{WEEK}/week.json")).json()["seats"]
    students = [one for one in enrolled if one["role"] == "student"]
    assert len(students) == sum(one["session_id"] is not None for one in seats)
    assert (await browse(f"{WEEK}/oneroster.zip")).content == data


async def test_attendance_is_a_row_for_each_mark_and_new_with_each_mark(api):
    """By ids, with the slot's clock; a spreadsheet runs nothing of it."""
    book = MemoryAttendance([MARK])
    async with browsing(app_of(api, attendance=book)) as get:
        first = await get(f"{WEEK}/attendance.csv")
        (row,) = csv.DictReader(io.StringIO(first.text))
        assert row["mark"] == "'=present"
        assert (row["date"], row["start"], row["learner"]) == ("2026-11-23", "09:00", "canaryid1")
        book.rows.clear()
        again = await get(f"{WEEK}/attendance.csv", **{"if-none-match": first.headers["etag"]})
        assert again.status_code == 200


async def test_where_nobody_takes_attendance_there_is_no_file_of_it(api):
    """An empty file would say that nobody was there."""
    async with browsing(app_of(api, attendance=None)) as get:
        assert (await get(f"{WEEK}/attendance.csv")).status_code == 404
        assert "attendance.csv" not in (await get(f"{WEEK}/outputs.json")).text


def test_the_data_dictionary_has_every_column_of_the_attendance_file():
    """Whoever reads the file finds each column described."""
    page = (REPOSITORY / "docs" / "data-dictionary.md").read_text("utf-8")
    section = page.split("## The attendance file")[1].split("\n## ")[0]
    for column in attendance.COLUMNS:
        assert f"`{column}`" in section, column


async def test_the_office_finds_everything_on_one_page(browse):
    """Every output is on the page "Print and download", with whose and how it can be asked for."""
    page = (await browse(f"{WEEK}/print?revision=1")).text
    for output in (*PRINTS, *CALENDARS, *FILES):
        assert f"{WEEK}/{output.path}" in page, output.path
    assert '<option value="ben">Ms. Duval ben</option>' in page
    assert '<option value="es">Español</option>' in page
    assert '<input type="hidden" name="revision" value="1">' in page
    listed = json.loads((await browse(f"{WEEK}/outputs.json")).text)
    assert listed["revision"] == 1
    assert listed["published"] is True


async def test_a_learner_finds_what_is_theirs_on_the_first_page(api, people):
    """The slip, the note and the calendar of each published week, and nothing of others."""
    page = (await people("/", "learner")).text
    addresses = re.findall(r'href="(/schools/[^"]+)"', page)
    assert addresses == [
        f"{WEEK}/{path}?learner=canaryid1"
        for path in ("print/slips.pdf", "print/family.pdf", "calendars/learner.ics")
    ]
    for one in addresses:
        assert (await people(one, "learner")).status_code == 200


async def test_a_family_of_two_finds_each_child_by_name(api):
    """One child needs no name; of two, each week says whose it is."""
    own = frozenset({"canaryid1", "canaryid2"})
    family = Actor(
        name=f"districts/{DISTRICT}/families/f1",
        roles=frozenset({Role.FAMILY}),
        own_learner_ids=own,
    )
    credential = Credential(
        name="family",
        district=DISTRICT,
        scopes=frozenset({"schedule.read"}),
        person=family.name,
    )
    app = app_of(
        api, actors=MemoryActors({family.name: family}), credentials={"family": credential}
    )
    async with browsing(app) as get:
        page = (await get("/", "family")).text
    assert all(f"learner={one}" in page for one in own)
    assert ", G0</th>" in page
    assert ", G1</th>" in page
    assert "Canaryname" not in page


async def test_who_has_nothing_here_is_told_whom_to_ask(api):
    """Nobody is told that no school is set up, where one is."""
    stranger = Credential(
        name="stranger",
        district=DISTRICT,
        scopes=frozenset({"schedule.read"}),
        person=f"districts/{DISTRICT}/adults/stranger",
    )
    app = app_of(api, actors=MemoryActors({}), credentials={"stranger": stranger})
    async with browsing(app) as get:
        page = await get("/", "stranger")
    assert page.status_code == 200
    assert "ask its office" in page.text


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_note_parts_no_clock_and_no_adult_from_their_title(browse, language):
    """On a narrow column "9:00–" and "Ms." would stand at the end of a line."""
    answer = await browse(f"{WEEK}/print/family.pdf?language={language}")
    lines = [
        line.rstrip()
        for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages
        for line in page.extract_text().splitlines()
    ]
    assert any("–" in line for line in lines)
    assert not [line for line in lines if line.endswith(("–", "Ms."))]
