"""People and the calendar from CSV files: rows that make one thing, numbers that mean somebody."""

import asyncio

import pytest
from click.testing import CliRunner
from trellis.roster.v1 import roster_pb2
from trellis.roster.v1 import roster_service_pb2 as roster

from services.scheduler.__main__ import main
from services.scheduler.domain.access import Role
from services.scheduler.domain.calendar.year import NoSchool
from services.scheduler.domain.model import Scope, SessionKind
from services.scheduler.entrypoints.school_import.kinds import KINDS
from tests.support.roster_servers import roster_server
from tests.support.rosters import SCHEMA
from tests.support.scheduler_world import set_up
from tests.support.schedules import DISTRICT, SCHOOL
from tests.support.school_data import PARENT, SchoolApi, set_calendar
from tests.support.schools import a_problem

SOUTH = f"districts/{DISTRICT}/schools/south"


@pytest.fixture
async def api():
    """Give a school with its policy and its year."""
    problem = a_problem()
    found = SchoolApi(problem)
    await set_up(found.api.as_("principal"), problem)
    await set_calendar(found.as_("principal"))
    return found


@pytest.fixture
async def import_as(api, tmp_path):
    """Give a function that imports files, by name and content, as somebody."""
    async with api.served() as target:

        async def run_import(who, *arguments, **files):
            for name, text in files.items():
                (tmp_path / f"{name}.csv").write_text(text, "utf-8")
            token = tmp_path / f"{who}.token"
            token.write_text(who)
            told = ("import-school", PARENT, tmp_path, "--target", target, "--token-file", token)
            invoked = await asyncio.to_thread(
                CliRunner().invoke,
                main,
                [str(one) for one in (*told, *arguments)],
                catch_exceptions=False,
            )
            return invoked.exit_code, invoked.output

        yield run_import


async def kept(api, kind):
    """Return what the school has of a kind, by id."""
    async with api.store.snapshot(DISTRICT) as view:
        return {one.id: one for one in await getattr(view, kind).all(SCHOOL)}


BELLS = """\
bell_schedule,name,period,start,end,label,flexible,own_choice,subject,grades,tags
early,Early release,1,8:30,9:00,Core,no,,,,
b-day,,1,09:00,09:40,Open block,yes,yes,,,
early,Early release,2,09:05,09:35,,yes,,math,,lunch-a
early,Early release,3,09:05:00,09:35,,yes,,,6; 7,lunch-b
"""


async def test_rows_of_one_bell_schedule_make_it_together(api, import_as):
    """In the order of the file, wherever they stand in it; a repeat changes nothing."""
    code, said = await import_as("office", bell_schedules=BELLS)
    assert code == 0, said
    assert "bell_schedules.csv: 4 rows; 4 new." in said
    found = await kept(api, "bell_schedules")
    early = found["early"]
    assert early.display_name == "Early release"
    assert [one.period_id for one in early.periods] == ["1", "2", "3"]
    assert [f"{one.start:%H:%M}" for one in early.periods] == ["08:30", "09:05", "09:05"]
    assert [one.flexible for one in early.periods] == [False, True, True]
    assert early.periods[1].subject == "math"
    assert early.periods[2].scope == Scope(grades=("6", "7"), tags=("lunch-b",))
    assert found["b-day"].display_name == "b-day"
    assert found["b-day"].periods[0].own_choice
    code, said = await import_as("office")
    assert (code, "4 as they were" in said) == (0, True)


@pytest.mark.parametrize(
    ("wrong", "line", "told"),
    [
        (("8:30,9:00", "8.30,9:00"), 2, "column start (9.99): is no clock of the day."),
        (("09:35,,yes,,math", "09:00,,yes,,math"), 4, "column end (99:99): is not after"),
        (("early,Early release,3", "early,Early,3"), 5, "column name (aaaaa): is another than in"),
    ],
)
async def test_a_bad_row_refuses_the_whole_bell_schedule_and_no_other(
    api, import_as, tmp_path, wrong, line, told
):
    """A day without one of its periods is another day; each of its rows is told, and written."""
    before = await kept(api, "bell_schedules")
    code, said = await import_as("office", bell_schedules=BELLS.replace(*wrong))
    assert code == 1
    assert f"line {line}, {told}" in said
    assert said.count(f"is refused with line {line}: it is kept whole or not at all.") == 2
    assert (await kept(api, "bell_schedules")).keys() == before.keys() | {"b-day"}
    refused = (tmp_path / "bell_schedules.refused.csv").read_text("utf-8-sig").splitlines()
    assert [one.split(",")[2] for one in refused[1:]] == ["1", "2", "3"]


DAYS = """\
date,no_school,title,bell_schedule,cycle_day
2026-11-26,holiday,Thanksgiving,,
2026-12-18,,Early release,early,
2027-01-05,,,,B
2027-01-06,Snow Day,,,
"""


async def test_calendar_days_are_answered_row_by_row(api, import_as):
    """Days in bells of the same folder are no fault of a check; a bad one keeps no other out."""
    code, said = await import_as("office", "--check", bell_schedules=BELLS, calendar_days=DAYS)
    assert code == 0, said
    assert "calendar_days.csv: 4 rows; 4 would be new." in said
    assert await kept(api, "calendar_days") == {}
    bad = "2026-07-01,holiday,,,\n2026-12-21,,,late,\n2026-12-22,vacation,,,\n2026-12-23,,,,C\n"
    code, said = await import_as("office", calendar_days=DAYS + bad)
    assert code == 1
    assert "calendar_days.csv: 8 rows; 4 new, 4 refused." in said
    for words in (
        "line 6, column date (9999-99-99): is not within the calendar.",
        "line 7, column bell_schedule (aaaa): names a bell schedule that the school does not have.",
        "line 8, column no_school (aaaaaaaa): is no word that is known. Write holiday, break,",
        "line 9, column cycle_day (a): names a cycle day that the calendar does not have.",
    ):
        assert words in said
    found = await kept(api, "calendar_days")
    assert found["2026-12-18"].bell_schedule_id == "early"
    assert found["2027-01-05"].cycle_day == "B"
    assert found["2027-01-06"].no_school is NoSchool.SNOW_DAY


STAFF = """\
adult,roles,kinds,planning_slots,load,preparations
a-100,teacher; coach,small group; check,mon-1; fri-1,12,3
a-200,Principal,,,,
a-300,learner,,,,
a-400,office,,sat-1,,
"""
LEARNERS = """\
learner,named_adult,families,tags,consents,opt_outs,far_behind
l-1,a-100,fam-1; fam-2,studio-b; bus-7,hb1416=2026-08-24,kind=check; subject=math; offer=o1,yes
l-2,a-100,,,,,no
l-3,a-100,,,,,
l-4,a-100,,,hb1416,,
l-5,a-100,,,,room=r1,
l-6,a-100,,,,offer=none,
l-7,,,,,,
"""


async def test_staff_and_learner_settings_say_everything_that_can_be_set(api, import_as):
    """Roles, planning time in slots of the calendar, opt-outs; yes, no, or neither."""
    code, said = await import_as("principal", staff=STAFF, learner_settings=LEARNERS)
    assert code == 1
    staff = await kept(api, "staff_members")
    assert staff.keys() == {"a-100", "a-200"}
    assert staff["a-100"].roles == (Role.COACH, Role.TEACHER)
    assert staff["a-100"].kinds == (SessionKind.CHECK, SessionKind.SMALL_GROUP)
    assert staff["a-100"].planning_slot_ids == ("fri-1", "mon-1")
    assert (staff["a-100"].load, staff["a-100"].preparations) == (12, 3)
    learners = await kept(api, "learner_settings")
    assert [(one, learners[one].far_behind) for one in sorted(learners)] == [
        ("l-1", True),
        ("l-2", False),
        ("l-3", None),
    ]
    first = learners["l-1"]
    assert first.named_adult_id == "a-100"
    assert first.family_ids == ("fam-1", "fam-2")
    assert first.tags == ("bus-7", "studio-b")
    assert [(one.law, str(one.date)) for one in first.consents] == [("hb1416", "2026-08-24")]
    assert {(one.offer_id, one.kind, one.subject) for one in first.opt_outs} == {
        ("o1", None, ""),
        ("", SessionKind.CHECK, ""),
        ("", None, "math"),
    }
    for words in (
        "staff.csv, line 4, column roles (aaaaaaa): is no word that is known. Write teacher,",
        "staff.csv, line 5, column planning_slots (aaa-9): names a slot that the school does not",
        "line 5, column consents (aa9999): holds a value without its two sides.",
        "line 6, column opt_outs (aaaa=a9): holds what nobody can opt out of. Write offer=",
        "line 7, column opt_outs (aaaaa=aaaa): names an offer that the school does not have.",
        "line 8, column named_adult (empty): is empty.",
    ):
        assert words in said


def a_learner(source_id, school=PARENT):
    """Return the message of a learner."""
    return roster_pb2.Learner(
        source="sis",
        source_id=source_id,
        given_name="Zaphod",
        family_name="Beeblebrox",
        school=school,
        grade="6",
        state=roster_pb2.Learner.STATE_ENROLLED,
    )


def an_adult(adult_id, school=PARENT):
    """Return the message of an adult."""
    return roster_pb2.Adult(
        name=f"districts/{DISTRICT}/adults/{adult_id}",
        display_name="Slartibartfast",
        school=school,
        active=True,
    )


async def put_number(stub, subject, number):
    """Say which number the SIS has for somebody."""
    reference = roster_pb2.Reference(kind=roster_pb2.REFERENCE_KIND_SIS_NUMBER, value=number)
    alias = roster.Alias(reference=reference, subject=subject)
    await stub.BatchPutAliases(roster.BatchPutAliasesRequest(aliases=[alias]))


@pytest.fixture
async def people(postgres_database):
    """Serve a real roster of two schools; give its address, a stub and the learners' ids."""
    async with roster_server(postgres_database("evidence", SCHEMA)) as server:
        stub = server.roster("maple")
        schools = [
            roster_pb2.School(name=one, display_name="A school", time_zone="America/New_York")
            for one in (PARENT, SOUTH)
        ]
        await stub.BatchUpsertSchools(roster.BatchUpsertSchoolsRequest(schools=schools))
        adults = [an_adult("a-100"), an_adult("7001"), an_adult("a-south", SOUTH)]
        await stub.BatchUpsertAdults(roster.BatchUpsertAdultsRequest(adults=adults))
        learners = [a_learner("1001"), a_learner("1002"), a_learner("10/03")]
        learners.append(a_learner("1004", SOUTH))
        answer = await stub.BatchUpsertLearners(
            roster.BatchUpsertLearnersRequest(learners=learners)
        )
        names = [one.name for one in answer.learners]
        await put_number(stub, names[0], "555-1")
        # The district's number of the second is what the SIS calls the first.
        await put_number(stub, names[1], "1001")
        await put_number(stub, f"districts/{DISTRICT}/adults/a-100", "8001")
        yield server.address, stub, [one.rpartition("/")[2] for one in names]


def roster_of(tmp_path, address, token="maple"):
    """Return the options that say where the roster is."""
    path = tmp_path / "roster.token"
    path.write_text(token)
    return ("--roster", address, "--roster-token-file", path)


async def test_cells_hold_trellis_ids_or_numbers_of_the_sis(api, import_as, people, tmp_path):
    """An id, the SIS's id, a number of the district, a whole name; of this school first."""
    address, _, ids = people
    rows = [
        "555-1,8001",
        f"{ids[1]},7001",
        "10/03,a-100",
        f"districts/{DISTRICT}/learners/{ids[3]},a-south",
    ]
    text = "learner,named_adult\n" + "\n".join(rows) + "\n"
    where = roster_of(tmp_path, address)
    code, said = await import_as("principal", *where, learner_settings=text)
    assert code == 0, said
    found = await kept(api, "learner_settings")
    assert {one.id: one.named_adult_id for one in found.values()} == {
        ids[0]: "a-100",
        ids[1]: "7001",
        ids[2]: "a-100",
        ids[3]: "a-south",
    }
    code, said = await import_as("principal", *where)
    assert (code, "4 as they were" in said) == (0, True)


async def test_a_number_that_means_nobody_or_several_is_a_refused_row(
    api, import_as, people, tmp_path
):
    """Each says so and what to write; no name of the roster is on the screen; others are kept."""
    address, _, ids = people
    text = "learner,named_adult\n1001,a-100\n1002,nobody\n4711,a-100\nZaphod,a-100\n1002,8001\n"
    code, said = await import_as("principal", *roster_of(tmp_path, address), learner_settings=text)
    assert code == 1
    assert "line 2, column learner (9999): means 2 learners of the roster. Write the whole" in said
    assert "line 3, column named_adult (aaaaaa): names no adult of the roster. Write the id" in said
    assert "line 4, column learner (9999): names no learner of the roster." in said
    assert "line 5, column learner (aaaaaa): names no learner of the roster." in said
    assert "Zaphod" not in said
    assert (await kept(api, "learner_settings")).keys() == {ids[1]}


async def test_who_was_merged_is_whom_they_were_merged_into(api, import_as, people, tmp_path):
    """Both records of one person mean the one that stands."""
    address, stub, ids = people
    name = f"districts/{DISTRICT}/learners/"
    await stub.MergeLearners(
        roster.MergeLearnersRequest(learner=name + ids[2], into=name + ids[0], note="twice")
    )
    where = roster_of(tmp_path, address)
    text = "learner,named_adult\n10/03,a-100\n"
    code, said = await import_as("principal", *where, learner_settings=text)
    assert code == 0, said
    assert (await kept(api, "learner_settings")).keys() == {ids[0]}


async def test_without_the_right_to_read_the_roster_nothing_is_sent(
    api, import_as, people, tmp_path
):
    """The call is refused before any row: it says which scope is missing."""
    address, _, _ = people
    text = "learner,named_adult\n1002,a-100\n"
    where = roster_of(tmp_path, address, "producer")
    code, said = await import_as("principal", *where, learner_settings=text)
    assert code == 3
    assert "SCOPE_MISSING" in said
    assert await kept(api, "learner_settings") == {}


def test_every_field_of_a_row_has_a_column():
    """Whatever the contract lets a school say of a setting, a file can say."""
    for kind in KINDS:
        request = kind.request()
        message = request.DESCRIPTOR.fields_by_name[kind.rows].message_type
        said = {name for one in kind.columns for name in one.contract_field.split()}
        # A version is the service's to say, and so is what it hides.
        told = {"version", "placed_by_rule"}
        fields = [one.name for one in message.fields if one.name not in told]
        if kind.joins:
            fields.remove(kind.joins)
            fields += [one.name for one in message.fields_by_name[kind.joins].message_type.fields]
        for one in fields:
            assert one in said or one == "name", (kind.name, one)
