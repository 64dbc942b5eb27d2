"""Who somebody is in a school, over the real evidence service and the real store."""

import pytest
from google.protobuf import message_factory
from trellis.roster.v1 import roster_pb2
from trellis.roster.v1 import roster_service_pb2 as roster
from trellis.scheduler.v1 import people_service_pb2, scheduler_service_pb2

from services.common.postgres.pool import Database
from services.common.rpc.credentials import Credential, acting_as
from services.evidence.adapters.postgres.roster import PostgresRoster
from services.evidence.domain.roster import Enrolment, PersonKind, Section, Term
from services.scheduler.adapters.actors import RecentPeople, RosterActors, lasting_learners
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.adapters.upstream import GrpcDirectory
from services.scheduler.adapters.visiting_names import VisitingNames
from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.check import check
from services.scheduler.domain.errors import NotAllowedError, NotFoundError, UpstreamError
from services.scheduler.entrypoints.grpc.people import PeopleServicer
from services.scheduler.entrypoints.grpc.servicer import SchedulerServicer
from tests.support.clock import FixedClock
from tests.support.people import a_learner_setting, a_staff_member, from_to
from tests.support.roster_servers import roster_server
from tests.support.rosters import SCHEMA
from tests.support.schedules import NOW, a_policy
from tests.support.schema import migrated

DISTRICT = "henry"
BEGIN = NOW.date().replace(month=8, day=3)
TEACHER, COACH, AWAY, SOUTHERN, GUEST = (
    f"districts/{DISTRICT}/adults/{one}" for one in ("teach", "coach", "away", "southern", "guest")
)


@pytest.fixture
async def evidence(postgres_database):
    """Serve a district with two schools: north and south."""
    async with roster_server(postgres_database("evidence", SCHEMA)) as server:
        await fill(server.roster(DISTRICT))
        yield server


@pytest.fixture
async def store(postgres_database):
    """Give the scheduler's store, as its API has it."""
    database = postgres_database("scheduler", migrated("scheduler"))
    connected = await Database.connect(
        database.dsn("api"), pool_size=4, application_name="test-actors"
    )
    yield PostgresStore(connected)
    await connected.close()


@pytest.fixture
def book(evidence, store):
    """Give the actors over both; the roster is asked anew each time."""
    return book_over(evidence, store)


def book_over(evidence, store, kept_seconds=0.0):
    """Return the actors over a server and a store."""
    directory = GrpcDirectory(evidence.channel("reader"))
    people = RecentPeople(directory, kept_seconds=kept_seconds)
    learners = lasting_learners(people, kept_seconds=kept_seconds)
    return RosterActors(store=store, roster=people, learners=learners, clock=FixedClock(NOW))


def school(name):
    """Return the resource name of a school."""
    return f"districts/{DISTRICT}/schools/{name}"


def an_adult(name, at="north", **changes):
    """Return the message of an adult."""
    fields = {"name": name, "display_name": "Slartibartfast", "school": school(at), "active": True}
    return roster_pb2.Adult(**(fields | changes))


def a_learner(source_id, at="north", **changes):
    """Return the message of a learner."""
    fields = {
        "source": "sis",
        "source_id": source_id,
        "given_name": "Zaphod",
        "family_name": "Beeblebrox",
        "school": school(at),
        "grade": "6",
        "state": roster_pb2.Learner.STATE_ENROLLED,
        "enrol_date": BEGIN.isoformat(),
    }
    return roster_pb2.Learner(**(fields | changes))


async def fill(stub):
    """Send the schools and the adults."""
    await stub.BatchUpsertSchools(
        roster.BatchUpsertSchoolsRequest(
            schools=[
                roster_pb2.School(name=school(one), display_name=one, time_zone="America/New_York")
                for one in ("north", "south")
            ]
        )
    )
    adults = [
        an_adult(TEACHER),
        an_adult(COACH),
        an_adult(AWAY, active=False),
        an_adult(SOUTHERN, "south"),
        an_adult(GUEST, "south"),
    ]
    await stub.BatchUpsertAdults(roster.BatchUpsertAdultsRequest(adults=adults))


async def learners(evidence, *sent):
    """Send learners and return their ids, in order."""
    request = roster.BatchUpsertLearnersRequest(learners=sent)
    answer = await evidence.roster(DISTRICT).BatchUpsertLearners(request)
    return [one.name.rsplit("/", 1)[1] for one in answer.learners]


async def keep_class(evidence, section_id, adult, learner_ids, *, at="north", term=None, last=None):
    """Keep a class with a teacher and learners, who may have left it on a day."""
    people = [(PersonKind.ADULT, adult.rsplit("/", 1)[1], None)]
    people += [(PersonKind.LEARNER, one, last) for one in learner_ids]
    async with PostgresRoster(evidence.api).change(DISTRICT) as change:
        if term is not None:
            kept = Term(
                id=f"t-{section_id}",
                display_name="Term",
                kind="semester",
                begin_date=term.first,
                last_date=term.last,
                school_year=2027,
                version=1,
            )
            await change.terms.keep([kept], NOW)
        section = Section(
            id=section_id,
            display_name="Maths with Slartibartfast",
            school_id=at,
            course_code="M",
            subject="math",
            grade="6",
            term_ids=(f"t-{section_id}",) if term else (),
            version=1,
        )
        await change.sections.keep([section], NOW)
        enrolments = [
            Enrolment(
                id=f"{section_id}-{place}",
                section_id=section_id,
                person_kind=kind,
                person_id=one,
                begin_date=BEGIN,
                last_date=until,
                version=1,
            )
            for place, (kind, one, until) in enumerate(people)
        ]
        await change.enrolments.keep(enrolments, NOW)


async def set_people(store, *, staff=(), learner_settings=()):
    """Keep entries of the school north."""
    async with store.change(DISTRICT, "north") as view:
        await view.staff_members.keep(staff, NOW)
        await view.learner_settings.keep(learner_settings, NOW)


async def test_an_adult_of_the_roster_is_a_teacher_of_their_classes(evidence, book):
    """Own are the learners of today's classes: not of those left, ended, or taught by others."""
    now, left, past, other, gone = await learners(
        evidence,
        *(a_learner(str(number)) for number in range(4)),
        a_learner(
            "4",
            state=roster_pb2.Learner.STATE_WITHDRAWN,
            withdraw_date=BEGIN.replace(month=9).isoformat(),
        ),
    )
    await keep_class(evidence, "6a", TEACHER, [now, gone])
    await keep_class(evidence, "6b", TEACHER, [left], last=BEGIN.replace(month=10))
    await keep_class(evidence, "6c", TEACHER, [past], term=from_to("2026-08-03", "2026-10-30"))
    await keep_class(evidence, "6d", COACH, [other])
    assert await book.actor(DISTRICT, "north", TEACHER) == Actor(
        name=TEACHER,
        roles=frozenset({Role.TEACHER}),
        adult_id="teach",
        own_learner_ids=frozenset({now}),
    )


async def test_an_entry_replaces_the_role_and_a_named_adult_has_their_learners(
    evidence, store, book
):
    """Roles are those of the entry; learners whose named adult somebody is are their own."""
    named, gone = await learners(
        evidence,
        a_learner("1"),
        a_learner(
            "2",
            state=roster_pb2.Learner.STATE_WITHDRAWN,
            withdraw_date=BEGIN.replace(month=9).isoformat(),
        ),
    )
    await set_people(
        store,
        staff=[a_staff_member("coach", version=1, roles=(Role.COACH, Role.COUNSELOR))],
        learner_settings=[
            a_learner_setting(one, version=1, named_adult_id="coach") for one in (named, gone)
        ],
    )
    actor = await book.actor(DISTRICT, "north", COACH)
    assert actor.roles == {Role.COACH, Role.COUNSELOR}
    assert actor.own_learner_ids == {named}


@pytest.mark.parametrize(
    ("person", "at"),
    [
        (AWAY, "north"),
        (SOUTHERN, "north"),
        (TEACHER, "south"),
        (f"districts/{DISTRICT}/adults/unknown", "north"),
        ("districts/clayton/adults/teach", "north"),
        (f"districts/{DISTRICT}/families/none", "north"),
        (f"districts/{DISTRICT}/learners/none", "north"),
        ("teach", "north"),
        ("", "north"),
    ],
)
async def test_who_is_not_of_the_school_has_no_role(store, book, person, at):
    """Inactive, of another school or district, unknown, or no person at all: nobody.

    An entry makes nobody active who is not.
    """
    await set_people(store, staff=[a_staff_member("away", version=1)])
    assert await book.actor(DISTRICT, at, person) == Actor(name=person, roles=frozenset())


async def test_an_entry_gives_an_adult_of_another_school_a_role(store, book):
    """Who comes on some days is what the entry says here, and what the roster says there."""
    entry = a_staff_member("guest", version=1, roles=(Role.SPECIALIST,))
    await set_people(store, staff=[entry])
    assert (await book.actor(DISTRICT, "north", GUEST)).roles == {Role.SPECIALIST}
    assert (await book.actor(DISTRICT, "south", GUEST)).roles == {Role.TEACHER}


async def test_a_system_needs_no_roster(evidence, store):
    """A credential without a person acts as a system, whatever the roster says."""
    await evidence.stop()
    book = book_over(evidence, store)
    assert (await book.actor(DISTRICT, "north", None)).roles == {Role.SYSTEM}


async def test_a_learner_is_themselves_until_they_leave(evidence, book):
    """Enrolled, still to come, left, at another school."""
    later = NOW.date().replace(month=12, day=1).isoformat()
    here, to_come, gone, south = await learners(
        evidence,
        a_learner("1"),
        a_learner("2", enrol_date=later),
        a_learner(
            "3",
            state=roster_pb2.Learner.STATE_WITHDRAWN,
            withdraw_date=BEGIN.replace(month=9).isoformat(),
        ),
        a_learner("4", "south"),
    )
    for one in (here, to_come):
        actor = await book.actor(DISTRICT, "north", f"districts/{DISTRICT}/learners/{one}")
        assert (actor.roles, actor.learner_id, actor.own_learner_ids) == (
            {Role.LEARNER},
            one,
            {one},
        )
    for one in (gone, south):
        actor = await book.actor(DISTRICT, "north", f"districts/{DISTRICT}/learners/{one}")
        assert actor.roles == frozenset()


async def test_a_family_acts_for_the_learners_that_name_it(evidence, store, book):
    """For each enrolled child of the school, and for nobody once all have left."""
    one, two, gone = await learners(
        evidence,
        a_learner("1"),
        a_learner("2"),
        a_learner(
            "3",
            state=roster_pb2.Learner.STATE_WITHDRAWN,
            withdraw_date=BEGIN.replace(month=9).isoformat(),
        ),
    )
    settings = [
        a_learner_setting(one, version=1, family_ids=("f1",)),
        a_learner_setting(two, version=1, family_ids=("f2",)),
        a_learner_setting(gone, version=1, family_ids=("f1", "f3")),
    ]
    await set_people(store, learner_settings=settings)
    family = f"districts/{DISTRICT}/families"
    actor = await book.actor(DISTRICT, "north", f"{family}/f1")
    assert (actor.roles, actor.own_learner_ids) == ({Role.FAMILY}, {one})
    assert (await book.actor(DISTRICT, "north", f"{family}/f3")).roles == frozenset()
    assert (await book.actor(DISTRICT, "south", f"{family}/f1")).roles == frozenset()


async def test_a_roster_that_does_not_answer_lets_nobody_in(evidence, store):
    """Not on an answer of before either: once its time is over, it is an error until it answers."""
    book = book_over(evidence, store)
    assert (await book.actor(DISTRICT, "north", TEACHER)).roles
    await evidence.stop()
    with pytest.raises(UpstreamError):
        await book.actor(DISTRICT, "north", TEACHER)
    kept = book_over(evidence, store, kept_seconds=600)
    for person in (TEACHER, f"districts/{DISTRICT}/learners/l"):
        with pytest.raises(UpstreamError):
            await kept.actor(DISTRICT, "north", person)


async def test_while_the_roster_is_away_learners_and_families_still_ask(evidence, store, book):
    """Acceptance example 12: a learner who ranked minutes ago is the same learner.

    So is one of the same school who comes now for the first time. For anything else nobody is
    remembered, and no adult and nobody of another school at all.
    """
    one, two, other, gone = await learners(
        evidence,
        a_learner("1"),
        a_learner("2"),
        a_learner("3", "south"),
        a_learner(
            "4",
            state=roster_pb2.Learner.STATE_WITHDRAWN,
            withdraw_date=BEGIN.replace(month=9).isoformat(),
        ),
    )
    settings = [a_learner_setting(one, version=1, family_ids=("f1",))]
    await set_people(store, learner_settings=settings)
    name = f"districts/{DISTRICT}/learners"
    before = await book.asking(DISTRICT, "north", f"{name}/{one}")
    assert (before.roles, before.own_learner_ids) == ({Role.LEARNER}, {one})
    await evidence.stop()
    assert await book.asking(DISTRICT, "north", f"{name}/{one}") == before
    assert (await book.asking(DISTRICT, "north", f"{name}/{two}")).learner_id == two
    family = await book.asking(DISTRICT, "north", f"districts/{DISTRICT}/families/f1")
    assert (family.roles, family.own_learner_ids) == ({Role.FAMILY}, {one})
    for nobody in (
        f"{name}/{other}",
        f"{name}/{gone}",
        f"{name}/new",
        f"districts/{DISTRICT}/families/f2",
        f"districts/clayton/learners/{one}",
    ):
        assert (await book.asking(DISTRICT, "north", nobody)).roles == frozenset()
    for person, school_id in ((TEACHER, "north"), (f"{name}/{other}", "south")):
        with pytest.raises(UpstreamError):
            await book.asking(DISTRICT, school_id, person)
    with pytest.raises(UpstreamError):
        await book.actor(DISTRICT, "north", f"{name}/{one}")


async def test_who_asks_is_who_they_are_otherwise(evidence, store, book):
    """Staff, systems and learners; a school that the roster does not have has no learners."""
    (one,) = await learners(evidence, a_learner("1"))
    person = f"districts/{DISTRICT}/learners/{one}"
    for who in (TEACHER, None, person, "nobody"):
        assert await book.asking(DISTRICT, "north", who) == await book.actor(DISTRICT, "north", who)
    assert (await book.asking(DISTRICT, "nowhere", person)).roles == frozenset()


async def test_the_roster_is_reached_until_it_stops(evidence):
    """What a heartbeat of sign-up asks."""
    directory = GrpcDirectory(evidence.channel("reader"))
    await directory.reach()
    await evidence.stop()
    with pytest.raises(UpstreamError):
        await directory.reach()


async def test_a_school_that_the_roster_does_not_have_is_not_found(store, book):
    """An entry for a school that is no school gives nobody a role in it."""
    async with store.change(DISTRICT, "nowhere") as view:
        await view.staff_members.keep(
            [a_staff_member("coach", school_id="nowhere", version=1)], NOW
        )
    with pytest.raises(NotFoundError):
        await book.actor(DISTRICT, "nowhere", COACH)


async def test_visitors_have_their_names_on_the_pages_of_the_school(evidence, store):
    """Who is here by an entry is called by name, and the pages' ETag knows of a new name."""
    await learners(evidence, a_learner("1"))
    directory = GrpcDirectory(evidence.channel("reader"))
    alone = await directory.names(DISTRICT, "north")
    book = VisitingNames(directory, store)
    assert await book.names(DISTRICT, "north") == alone
    entries = [a_staff_member(one, version=1) for one in ("guest", "coach", "unknown")]
    await set_people(store, staff=entries)
    names = await book.names(DISTRICT, "north")
    assert set(names.adults) == {"teach", "coach", "away", "guest"}
    assert names.adults["guest"] == "Slartibartfast"
    guest = an_adult(GUEST, "south", display_name="Prefect")
    await evidence.roster(DISTRICT).BatchUpsertAdults(
        roster.BatchUpsertAdultsRequest(adults=[guest])
    )
    renamed = await book.names(DISTRICT, "north")
    assert renamed.adults["guest"] == "Prefect"
    assert len({alone.roster_version, names.roster_version, renamed.roster_version}) == 3


async def test_without_credentials_everybody_is_the_principal(evidence, store):
    """For development on loopback alone: the one credential leads every school, by no roster."""
    person = f"districts/{DISTRICT}/adults/development"
    people = GrpcDirectory(evidence.channel("reader"))
    clock = FixedClock(NOW)
    book = RosterActors(store=store, roster=people, clock=clock, development_person=person)
    assert (await book.actor(DISTRICT, "north", person)).roles == {Role.PRINCIPAL}
    book = RosterActors(store=store, roster=people, clock=clock)
    assert (await book.actor(DISTRICT, "north", person)).roles == frozenset()


async def test_answers_of_the_roster_are_kept_and_roles_are_not(evidence, store):
    """A role that is taken away is gone with the next call, though the roster is kept."""
    book = book_over(evidence, store, kept_seconds=600)
    await set_people(store, staff=[a_staff_member("coach", version=1, roles=(Role.PRINCIPAL,))])
    assert (await book.actor(DISTRICT, "north", COACH)).roles == {Role.PRINCIPAL}
    async with store.change(DISTRICT, "north") as view:
        await view.staff_members.remove("north", "coach")
    assert (await book.actor(DISTRICT, "north", COACH)).roles == {Role.TEACHER}


def requests_for(school_name):
    """Yield each method with a request that names a school, for both services."""
    endings = {
        "Policy": "policy",
        "Room": "rooms/r",
        "Offer": "offers/o",
        "Absence": "absences/a",
        "Pin": "pins/p",
        "PlanRun": "planRuns/p",
        "Week": "weeks/2026-11-23",
        "Seat": "weeks/2026-11-23/seats/a.b",
        "StaffMember": "staffMembers/southern",
        "LearnerSetting": "learnerSettings/l",
    }
    of_week = {"ListSessions", "ListSeats", "ListUnmetNeeds"}
    for contract in (scheduler_service_pb2, people_service_pb2):
        for service in contract.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                request = message_factory.GetMessageClass(method.input_type)()
                if "parent" in method.input_type.fields_by_name:
                    week = "/weeks/2026-11-23" if method.name in of_week else ""
                    request.parent = f"{school_name}{week}"
                elif "policy" in method.input_type.fields_by_name:
                    request.policy.name = f"{school_name}/policy"
                else:
                    kind = next(one for one in endings if method.name.endswith(one))
                    request.name = f"{school_name}/{endings[kind]}"
                yield method.name, request


async def test_a_teacher_of_one_school_gets_nothing_of_another(evidence, store, book):
    """With every scope: each method of both services refuses before it looks at anything."""
    (child,) = await learners(evidence, a_learner("1"))
    await keep_class(evidence, "6a", SOUTHERN, [child], at="south")
    clock = FixedClock(NOW)
    async with store.change(DISTRICT, "north") as view:
        await view.policies.keep(a_policy(version=1), NOW)
        await view.learner_settings.keep(
            [a_learner_setting(child, version=1, named_adult_id="southern")], NOW
        )
    scheduler = SchedulerServicer(store=store, clock=clock, check=check, time_zones=(), actors=book)
    people = PeopleServicer(store=store, clock=clock, actors=book)
    stranger = Credential(
        name="southern", district=DISTRICT, scopes=frozenset({"*"}), person=SOUTHERN
    )
    called = 0
    with acting_as(stranger):
        for name, request in requests_for(school("north")):
            servicer = people if hasattr(PeopleServicer, name) else scheduler
            with pytest.raises(NotAllowedError):
                await getattr(servicer, name)(request, None)
            called += 1
    assert called > 30
    async with store.snapshot(DISTRICT) as view:
        assert await view.policies.of("north") == a_policy(version=1)


async def test_classes_of_a_school_come_without_titles_and_with_their_people(evidence):
    """What a plan run reads of classes is who is in them, in the words of the real service."""
    (child,) = await learners(evidence, a_learner("1"))
    await keep_class(evidence, "6a", TEACHER, [child], term=from_to("2026-08-03", "2026-12-18"))
    await keep_class(evidence, "7a", SOUTHERN, [], at="south")
    members = await GrpcDirectory(evidence.channel("reader")).members(DISTRICT, "north")
    (section,) = members.sections
    week = from_to("2026-11-23", "2026-11-27")
    assert (section.section_id, section.subject) == ("6a", "math")
    assert (section.adult_ids(week), section.learner_ids(week)) == ({"teach"}, {child})
    assert "Slartibartfast" not in repr(members)
