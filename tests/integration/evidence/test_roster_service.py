"""RosterService end to end: a real gRPC server on a real PostgreSQL, with two districts."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import date

import asyncpg
import grpc
import grpc.aio
import pytest
import structlog
from trellis.roster.v1 import roster_pb2
from trellis.roster.v1 import roster_service_pb2 as messages

from services.common.logs import configure
from services.common.rpc.client import detail_of, reason_of
from services.evidence.adapters.postgres.roster import PostgresRoster
from services.evidence.domain.roster import Enrolment, PersonKind, Section
from tests.support.connections import free_connections
from tests.support.roster_servers import RosterServer, roster_server
from tests.support.rosters import NOW, SCHEMA, outbox_facts
from tests.support.servers import DatabaseFactory, ServiceDatabase

CANARIES = ("Zaphod", "Beeblebrox", "Slartibartfast", "SECRET-4711")
"""Names and a source's id of a person that must stay in the roster."""


@pytest.fixture
def database(postgres_database: DatabaseFactory) -> ServiceDatabase:
    """Give a migrated database."""
    return postgres_database("evidence", SCHEMA)


@pytest.fixture
async def server(database: ServiceDatabase) -> AsyncIterator[RosterServer]:
    """Serve from it."""
    async with roster_server(database) as running:
        yield running


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Collect every line of the log, and put the process' logging back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    collected = io.StringIO()
    configure(log_format="json", log_level="debug", stream=collected)
    yield collected
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def a_school(district: str = "henry", school: str = "hcms") -> roster_pb2.School:
    """Return a valid school."""
    return roster_pb2.School(
        name=f"districts/{district}/schools/{school}",
        display_name="Middle School",
        time_zone="America/New_York",
    )


def a_learner(source_id: str = "SECRET-4711", district: str = "henry") -> roster_pb2.Learner:
    """Return a valid learner."""
    return roster_pb2.Learner(
        source="sis",
        source_id=source_id,
        given_name="Zaphod",
        family_name="Beeblebrox",
        school=f"districts/{district}/schools/hcms",
        grade="6",
        state=roster_pb2.Learner.STATE_ENROLLED,
        enrol_date="2026-08-03",
    )


def an_adult() -> roster_pb2.Adult:
    """Return a valid adult."""
    return roster_pb2.Adult(
        name="districts/henry/adults/slart",
        display_name="Slartibartfast",
        school="districts/henry/schools/hcms",
        subjects=["math"],
        active=True,
    )


async def fill(
    server: RosterServer, district: str = "henry"
) -> messages.BatchUpsertLearnersResponse:
    """Send one school and one learner."""
    stub = server.roster(district)
    await stub.BatchUpsertSchools(messages.BatchUpsertSchoolsRequest(schools=[a_school(district)]))
    response: messages.BatchUpsertLearnersResponse = await stub.BatchUpsertLearners(
        messages.BatchUpsertLearnersRequest(learners=[a_learner(district=district)])
    )
    return response


async def test_a_roster_goes_in_and_comes_out(server: RosterServer) -> None:
    """What is upserted is got, listed and streamed; a learner is given an opaque name."""
    (learner,) = (await fill(server)).learners
    stub = server.roster("henry")
    await stub.BatchUpsertAdults(messages.BatchUpsertAdultsRequest(adults=[an_adult()]))
    collection, _, learner_id = learner.name.rpartition("/")
    assert collection == "districts/henry/learners"
    assert len(learner_id) == 32
    assert set(learner_id) <= set("0123456789abcdef")
    wanted = a_learner()
    wanted.name, wanted.version = learner.name, 1
    assert learner == wanted
    reader = server.roster("reader")
    got = await reader.GetLearner(messages.GetLearnerRequest(name=learner.name))
    assert got.learner == wanted
    school = await reader.GetSchool(messages.GetSchoolRequest(name=a_school().name))
    assert school.school.version == 1
    adult = await reader.GetAdult(messages.GetAdultRequest(name=an_adult().name))
    assert adult.adult.display_name == "Slartibartfast"
    runs = [run async for run in reader.StreamRoster(messages.StreamRosterRequest())]
    assert [len(run.schools) for run in runs] == [1, 0, 0]
    assert [len(run.adults) for run in runs] == [0, 1, 0]
    assert [one for run in runs for one in run.learners] == [wanted]


async def test_schools_and_adults_are_listed_by_name(server: RosterServer) -> None:
    """Pages of schools and of adults follow each other as those of learners do."""
    await fill(server)
    stub = server.roster("henry")
    schools = [a_school(school=one) for one in ("b", "a")]
    await stub.BatchUpsertSchools(messages.BatchUpsertSchoolsRequest(schools=schools))
    page = await stub.ListSchools(messages.ListSchoolsRequest(page_size=2))
    rest = await stub.ListSchools(messages.ListSchoolsRequest(page_token=page.next_page_token))
    ids = [one.name.rpartition("/")[2] for one in (*page.schools, *rest.schools)]
    assert ids == ["a", "b", "hcms"]
    await stub.BatchUpsertAdults(messages.BatchUpsertAdultsRequest(adults=[an_adult()]))
    listed = await stub.ListAdults(messages.ListAdultsRequest(school=a_school().name))
    assert [one.name for one in listed.adults] == [an_adult().name]
    nobody = await stub.ListAdults(messages.ListAdultsRequest(school=a_school(school="b").name))
    assert (list(nobody.adults), nobody.next_page_token) == ([], "")


async def test_what_is_not_there_is_not_found(server: RosterServer) -> None:
    """Each kind of entity has a clear answer for a name that the district does not have."""
    stub = server.roster("henry")
    for asked in (
        stub.GetSchool(messages.GetSchoolRequest(name="districts/henry/schools/x")),
        stub.GetLearner(messages.GetLearnerRequest(name="districts/henry/learners/x")),
        stub.GetAdult(messages.GetAdultRequest(name="districts/henry/adults/x")),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await asked
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND
        assert reason_of(refused.value) == "ENTITY_NOT_FOUND"


async def test_a_batch_at_fault_is_refused_with_its_place_and_nothing_is_kept(
    server: RosterServer,
) -> None:
    """The answer carries index, field, reason and hint, and the good entities are not kept."""
    stub = server.roster("henry")
    await fill(server)
    wrong = a_learner("2")
    wrong.enrol_date = "08/03/2026"
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.BatchUpsertLearners(
            messages.BatchUpsertLearnersRequest(learners=[a_learner("1"), wrong])
        )
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    detail = detail_of(refused.value)
    assert detail is not None
    assert detail.reason == "FIELD_MALFORMED"
    assert detail.metadata["index"] == "1"
    assert detail.metadata["field"] == "enrol_date"
    assert detail.metadata["hint"] == 'Send a date as in "2026-08-03".'
    assert refused.value.details() == "learners[1].enrol_date: is no ISO date"
    listed = await stub.ListLearners(messages.ListLearnersRequest())
    assert len(listed.learners) == 1


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"state": 0}, "FIELD_MISSING", "state"),
        ({"school": ""}, "FIELD_MISSING", "school"),
        ({"school": "hcms"}, "FIELD_MALFORMED", "school"),
        ({"school": "districts/clayton/schools/hcms"}, "OTHER_DISTRICT", "school"),
        ({"school": "districts/henry/schools/nowhere"}, "UNKNOWN_SCHOOL", "school"),
        ({"name": "districts/henry/learners/" + "0" * 32}, "NAME_MISMATCH", "name"),
        ({"name": "districts/clayton/learners/x"}, "OTHER_DISTRICT", "name"),
        ({"source": "lms"}, "SOURCE_NOT_ALLOWED", "source"),
        ({"withdraw_date": "2026-09-01"}, "FIELD_MALFORMED", "withdraw_date"),
        ({"enrol_date": "20260803"}, "FIELD_MALFORMED", "enrol_date"),
    ],
)
async def test_a_learner_at_fault_is_refused(
    server: RosterServer, changes: dict[str, str | int], reason: str, field: str
) -> None:
    """Each fault has a reason of its own and names its field."""
    await fill(server)
    wrong = a_learner("2")
    for name, value in changes.items():
        setattr(wrong, name, value)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await server.roster("henry").BatchUpsertLearners(
            messages.BatchUpsertLearnersRequest(learners=[wrong])
        )
    detail = detail_of(refused.value)
    assert detail is not None
    assert (detail.reason, detail.metadata["field"]) == (reason, field)


async def test_a_batch_above_the_bound_is_refused(server: RosterServer) -> None:
    """501 entities are one too many; 500 learners of common size fit into a message."""
    stub = server.roster("henry")
    await fill(server)
    learners = [a_learner(f"{n:06}") for n in range(501)]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.BatchUpsertLearners(messages.BatchUpsertLearnersRequest(learners=learners))
    assert reason_of(refused.value) == "BATCH_TOO_LARGE"
    kept = await stub.BatchUpsertLearners(
        messages.BatchUpsertLearnersRequest(learners=learners[:500])
    )
    assert [one.source_id for one in kept.learners] == [one.source_id for one in learners[:500]]


async def test_a_repeated_request_is_answered_byte_for_byte(server: RosterServer) -> None:
    """The first answer comes again, whatever changed since, and other content is refused."""
    await fill(server)
    stub = server.roster("henry")
    request = messages.BatchUpsertLearnersRequest(
        learners=[a_learner(), a_learner("2")], request_id="night-1"
    )
    first = await stub.BatchUpsertLearners(request)
    changed = a_learner()
    changed.given_name = "Ford"
    await stub.BatchUpsertLearners(messages.BatchUpsertLearnersRequest(learners=[changed]))
    facts = await outbox_facts(server.worker)
    again = await stub.BatchUpsertLearners(request)
    assert again.SerializeToString() == first.SerializeToString()
    assert await outbox_facts(server.worker) == facts
    del request.learners[1]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.BatchUpsertLearners(request)
    assert refused.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert reason_of(refused.value) == "REQUEST_ID_REUSED"


async def test_who_only_creates_is_not_told_what_others_have_written(server: RosterServer) -> None:
    """With `create_only` the answer has names and versions; it is no way around `roster.read`."""
    stub = server.roster("henry")
    await fill(server)
    guess = a_learner()
    guess.given_name = guess.family_name = "Guess"
    answer = await stub.BatchUpsertLearners(
        messages.BatchUpsertLearnersRequest(learners=[guess], create_only=True)
    )
    (learner,) = answer.learners
    assert learner == roster_pb2.Learner(name=learner.name, version=1)
    adult = an_adult()
    await stub.BatchUpsertAdults(messages.BatchUpsertAdultsRequest(adults=[adult]))
    adult.display_name = "Guess"
    again = await stub.BatchUpsertAdults(
        messages.BatchUpsertAdultsRequest(adults=[adult], create_only=True)
    )
    assert list(again.adults) == [roster_pb2.Adult(name=adult.name, version=1)]


async def test_repeats_of_schools_and_adults_get_the_first_answer(server: RosterServer) -> None:
    """Each method answers a repeat as at first, though the version has risen since."""
    await fill(server)
    stub = server.roster("henry")
    schools = messages.BatchUpsertSchoolsRequest(schools=[a_school()], request_id="s")
    adults = messages.BatchUpsertAdultsRequest(adults=[an_adult()], request_id="a")
    first = (await stub.BatchUpsertSchools(schools), await stub.BatchUpsertAdults(adults))
    school, adult = a_school(), an_adult()
    school.display_name = adult.display_name = "Renamed"
    await stub.BatchUpsertSchools(messages.BatchUpsertSchoolsRequest(schools=[school]))
    await stub.BatchUpsertAdults(messages.BatchUpsertAdultsRequest(adults=[adult]))
    again = (await stub.BatchUpsertSchools(schools), await stub.BatchUpsertAdults(adults))
    assert again == first
    kept = await stub.GetAdult(messages.GetAdultRequest(name=adult.name))
    assert (kept.adult.display_name, kept.adult.version) == ("Renamed", 2)


async def test_the_same_request_at_once_is_done_once(server: RosterServer) -> None:
    """Ten copies in flight have one effect and one answer."""
    await fill(server)
    before = len(await outbox_facts(server.worker))
    request = messages.BatchUpsertLearnersRequest(learners=[a_learner("2")], request_id="r")
    answers = await asyncio.gather(
        *(server.roster("henry").BatchUpsertLearners(request) for _ in range(10))
    )
    assert len({answer.SerializeToString() for answer in answers}) == 1
    assert len(await outbox_facts(server.worker)) == before + 1


async def test_a_district_sees_and_changes_nothing_of_another(server: RosterServer) -> None:
    """A token of one district gets no row of the other by get, list, stream or write."""
    (henry,) = (await fill(server, "henry")).learners
    (clayton,) = (await fill(server, "clayton")).learners
    assert henry.name.rpartition("/")[2] != clayton.name.rpartition("/")[2]
    stub = server.roster("clayton")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.GetLearner(messages.GetLearnerRequest(name=henry.name))
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    listed = await stub.ListLearners(messages.ListLearnersRequest())
    assert [one.name for one in listed.learners] == [clayton.name]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.ListLearners(messages.ListLearnersRequest(school=a_school("henry").name))
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    runs = [run async for run in stub.StreamRoster(messages.StreamRosterRequest())]
    assert {one.name for run in runs for one in run.learners} == {clayton.name}
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.BatchUpsertSchools(
            messages.BatchUpsertSchoolsRequest(schools=[a_school("henry")])
        )
    assert reason_of(refused.value) == "OTHER_DISTRICT"


@pytest.mark.parametrize(
    ("token", "code", "reason"),
    [
        ("", grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
        ("reader", grpc.StatusCode.PERMISSION_DENIED, "SCOPE_MISSING"),
        ("producer", grpc.StatusCode.PERMISSION_DENIED, "SCOPE_MISSING"),
        ("service", grpc.StatusCode.PERMISSION_DENIED, "DISTRICT_MISSING"),
    ],
)
async def test_writing_takes_the_scope_and_a_district(
    server: RosterServer, token: str, code: grpc.StatusCode, reason: str
) -> None:
    """Neither a reader nor a producer of evidence nor a service without a district may write."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await server.roster(token).BatchUpsertSchools(
            messages.BatchUpsertSchoolsRequest(schools=[a_school()])
        )
    assert refused.value.code() is code
    assert reason_of(refused.value) == reason


async def test_a_stream_with_sections_has_people_and_no_titles(server: RosterServer) -> None:
    """Sections come with who is in them; a title, which may hold a name, is left out."""
    (learner,) = (await fill(server)).learners
    await keep_section(server, learner.name.rpartition("/")[2])
    stub = server.roster("reader")
    request = messages.StreamRosterRequest(school=a_school().name, with_sections=True)
    runs = [run async for run in stub.StreamRoster(request)]
    (section,) = [one for run in runs for one in run.sections]
    assert (section.name, section.subject) == ("districts/henry/sections/6a", "math")
    assert section.display_name == ""
    (enrolment,) = [one for run in runs for one in run.enrolments]
    assert (enrolment.person, enrolment.section) == (learner.name, section.name)
    assert enrolment.begin_date == "2026-08-10"
    listed = await stub.ListSections(messages.ListSectionsRequest())
    assert listed.sections[0].display_name == "Maths with Slartibartfast"


async def keep_section(server: RosterServer, learner_id: str) -> None:
    """Keep a section with one learner, as what a source sent is resolved to."""
    section = Section(
        id="6a",
        display_name="Maths with Slartibartfast",
        school_id="hcms",
        course_code="M6",
        subject="math",
        grade="6",
        version=1,
    )
    enrolment = Enrolment(
        id="e1",
        section_id="6a",
        person_kind=PersonKind.LEARNER,
        person_id=learner_id,
        begin_date=date(2026, 8, 10),
        version=1,
    )
    async with PostgresRoster(server.api).change("henry") as change:
        await change.sections.keep([section], NOW)
        await change.enrolments.keep([enrolment], NOW)


async def test_names_take_the_scope_to_read_the_roster(server: RosterServer) -> None:
    """Who may only send evidence sees no names, by list or by stream."""
    await fill(server)
    stub = server.roster("producer")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.ListLearners(messages.ListLearnersRequest())
    assert reason_of(refused.value) == "SCOPE_MISSING"
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        async for _ in stub.StreamRoster(messages.StreamRosterRequest()):
            pass
    assert reason_of(refused.value) == "SCOPE_MISSING"


async def test_pages_follow_their_tokens(server: RosterServer) -> None:
    """Tokens lead through the whole list, and a token of another list is refused."""
    await fill(server)
    stub = server.roster("henry")
    learners = [a_learner(str(n)) for n in range(7)]
    kept = await stub.BatchUpsertLearners(messages.BatchUpsertLearnersRequest(learners=learners))
    request = messages.ListLearnersRequest(school=a_school().name, page_size=3)
    names: list[str] = []
    for _ in range(5):
        page = await stub.ListLearners(request)
        names += [one.name for one in page.learners]
        request.page_token = page.next_page_token
        if not page.next_page_token:
            break
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.ListAdults(messages.ListAdultsRequest(page_token=page.next_page_token))
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert names == sorted({one.name for one in kept.learners} | set(names))
    assert len(names) == 8


async def test_a_stream_that_is_left_gives_its_connection_back(server: RosterServer) -> None:
    """Clients that go away in the middle leave no transaction open."""
    await fill(server)
    stub = server.roster("henry")
    for batch in range(6):
        learners = [a_learner(f"{batch}-{n:0100}") for n in range(500)]
        await stub.BatchUpsertLearners(messages.BatchUpsertLearnersRequest(learners=learners))
    free = free_connections(server.api)
    calls = [stub.StreamRoster(messages.StreamRosterRequest()) for _ in range(3)]
    for call in calls:
        await call.read()
    # The rest does not fit into what the network takes unread, so the server is in the middle.
    assert free_connections(server.api) == free - 3
    for call in calls:
        call.cancel()
    for _ in range(100):
        if free_connections(server.api) == free:
            break
        await asyncio.sleep(0.02)
    assert free_connections(server.api) == free


async def test_no_name_leaves_the_roster(
    server: RosterServer, database: ServiceDatabase, log: io.StringIO
) -> None:
    """Names and sources' ids of people stand in the roster's tables: in no fact, log line or other.

    Not even when a write fails inside PostgreSQL, whose message quotes the row.
    """
    await fill(server)
    stub = server.roster("henry")
    await stub.BatchUpsertAdults(
        messages.BatchUpsertAdultsRequest(adults=[an_adult()], request_id="r1")
    )
    await stub.BatchUpsertLearners(
        messages.BatchUpsertLearnersRequest(learners=[a_learner(), a_learner("2")], request_id="r2")
    )
    said = ""
    for changes in ({"family_name": "Beeblebrox" * 20}, {"given_name": "Zaphod\n"}):
        wrong = a_learner()
        for name, value in changes.items():
            setattr(wrong, name, f"x{value}x")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.BatchUpsertLearners(messages.BatchUpsertLearnersRequest(learners=[wrong]))
        said += f"{refused.value.details()} {detail_of(refused.value)}"
    owner = await asyncpg.connect(database.dsn("owner"))
    await owner.execute("ALTER TABLE learner ADD CHECK (grade <> 'never')")
    await owner.close()
    wrong = a_learner()
    wrong.grade = "never"
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await stub.BatchUpsertLearners(messages.BatchUpsertLearnersRequest(learners=[wrong]))
    assert failed.value.code() is grpc.StatusCode.INTERNAL
    said += f"{failed.value.details()} {detail_of(failed.value)}"
    assert "rpc_failed" in log.getvalue()
    facts = await outbox_facts(server.worker)
    assert len(facts) == 4
    published = b"".join(fact.key + (fact.value or b"") for fact in facts)
    elsewhere = await rows_as_text(database, besides=("learner", "adult", "alias"))
    # What was looked through is there: the answers kept for both requests among it.
    assert "r1" in elsewhere
    assert "r2" in elsewhere
    for canary in CANARIES:
        assert canary.encode() not in published
        assert canary not in log.getvalue()
        assert canary not in said
        assert canary not in elsewhere
        assert canary.encode().hex() not in elsewhere


async def rows_as_text(database: ServiceDatabase, *, besides: tuple[str, ...]) -> str:
    """Return every row of every table of the database but some, as PostgreSQL writes it."""
    connection = await asyncpg.connect(database.superuser_dsn)
    try:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename <> ALL($1::text[])",
            list(besides),
        )
        texts = []
        for table in tables:
            rows = await connection.fetch(f"SELECT one::text FROM {table['tablename']} AS one")
            texts += [row["one"] for row in rows]
    finally:
        await connection.close()
    assert texts
    return "\n".join(texts)


async def test_row_level_security_holds_without_the_service(
    server: RosterServer, database: ServiceDatabase
) -> None:
    """The API's role sees no row without a district, only its own with one, and writes no other."""
    await fill(server, "henry")
    await fill(server, "clayton")
    tables = ("school", "learner", "adult", "framework", "competency", "request_log")
    async with server.api.transaction(None) as connection:
        for table in tables:
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    async with server.api.transaction("henry") as connection:
        assert await connection.fetchval("SELECT array_agg(district) FROM learner") == ["henry"]
        changed = await connection.execute(
            "UPDATE learner SET grade = 'x' WHERE district <> 'henry'"
        )
        assert changed == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with server.api.transaction("henry") as connection:
            await connection.execute(
                "INSERT INTO school VALUES ('clayton', 'new', 'New', 'UTC', 1, now())"
            )
    # The owner is bound as well, so that a mistake in a migration shows nothing.
    owner = await asyncpg.connect(database.dsn("owner"))
    try:
        for table in tables:
            assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 0
    finally:
        await owner.close()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("worker", "SELECT given_name FROM learner"),
        ("worker", "SELECT source_id FROM learner"),
        ("worker", "SELECT display_name FROM adult"),
        ("worker", "UPDATE learner SET grade = ''"),
        ("worker", "SELECT * FROM request_log"),
        ("api", "SELECT * FROM outbox"),
        ("api", "DELETE FROM learner"),
        ("api", "UPDATE request_log SET versions = '{}'"),
    ],
)
async def test_a_role_may_do_what_it_needs_and_no_more(
    server: RosterServer, role: str, statement: str
) -> None:
    """The worker, who sees every district, sees no names; the API cannot read what it publishes."""
    pool = server.api if role == "api" else server.worker
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with pool.transaction("henry") as connection:
            await connection.execute(statement)
