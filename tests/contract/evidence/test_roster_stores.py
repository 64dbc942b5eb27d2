"""What a place to keep rosters must do, claimed of PostgreSQL and of its twin in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from trellis.roster.v1 import roster_pb2

from services.evidence.adapters.learner_keys import LearnerKeys
from services.evidence.domain.entities import (
    REQUEST_KEPT,
    EntityFault,
    EntityNotFoundError,
    InvalidEntityError,
    Listing,
    RequestIdReusedError,
    RequestKey,
    Upsert,
)
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.roster import (
    Adult,
    Enrolment,
    Learner,
    LearnerKeyMissingError,
    LearnerState,
    PersonKind,
    School,
    Section,
    Term,
    UpsertLearners,
)
from services.evidence.handlers import roster as handlers
from tests.support.clock import FixedClock
from tests.support.rosters import (
    NOW,
    SCHEMA,
    Stores,
    a_learner,
    a_school,
    an_adult,
    memory_stores,
    postgres_stores,
)
from tests.support.servers import DatabaseFactory

TIME_ZONES = frozenset({"America/New_York", "America/Chicago"})
SOURCES = frozenset({"sis"})
KEYS = LearnerKeys({"henry": b"k" * 32, "clayton": b"c" * 32})


@pytest.fixture(params=["memory", "postgres"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    """Give each of the places in turn, empty."""
    if request.param == "memory":
        yield memory_stores()
        return
    create: DatabaseFactory = request.getfixturevalue("postgres_database")
    async with postgres_stores(create("evidence", SCHEMA)) as kept:
        yield kept


class Sender:
    """Sends batches of one district and advances the clock a second with each."""

    def __init__(self, stores: Stores, district: str = "henry", keys: LearnerKeys = KEYS) -> None:
        self._stores = stores
        self._district = district
        self._keys = keys
        self.clock = FixedClock(NOW)

    async def schools(
        self, *schools: School, request: RequestKey | None = None, create_only: bool = False
    ) -> tuple[School, ...]:
        """Send schools."""
        self.clock.advance(timedelta(seconds=1))
        return await handlers.upsert_schools(
            Upsert(
                district=self._district,
                entities=schools,
                request=request,
                create_only=create_only,
            ),
            roster=self._stores.roster,
            time_zones=TIME_ZONES,
            clock=self.clock,
        )

    async def learners(
        self, *learners: Learner, request: RequestKey | None = None, create_only: bool = False
    ) -> tuple[Learner, ...]:
        """Send learners."""
        self.clock.advance(timedelta(seconds=1))
        return await handlers.upsert_learners(
            UpsertLearners(
                district=self._district,
                entities=learners,
                request=request,
                create_only=create_only,
                allowed_sources=SOURCES,
            ),
            roster=self._stores.roster,
            learner_ids=self._keys,
            clock=self.clock,
        )

    async def adults(self, *adults: Adult) -> tuple[Adult, ...]:
        """Send adults."""
        self.clock.advance(timedelta(seconds=1))
        return await handlers.upsert_adults(
            Upsert(district=self._district, entities=adults),
            roster=self._stores.roster,
            clock=self.clock,
        )


def a_request(content: str = "a", request_id: str = "r1") -> RequestKey:
    """Return the key of a request with some content."""
    return RequestKey(request_id=request_id, method="Upsert", digest=content.encode().ljust(32))


async def events_of(stores: Stores) -> Sequence[roster_pb2.RosterEvent]:
    """Return the events to publish, in the order of commit."""
    return [roster_pb2.RosterEvent.FromString(fact.value) for fact in await stores.facts()]


async def test_what_is_kept_is_what_is_read(stores: Stores) -> None:
    """Every field of a school, a learner and an adult comes back as it was sent."""
    send = Sender(stores)
    await send.schools(a_school())
    gone = a_learner(state=LearnerState.WITHDRAWN, withdraw_date=date(2026, 8, 31), grade="")
    (learner,) = await send.learners(gone)
    await send.adults(an_adult(active=False, subjects=()))
    assert await handlers.get_school("henry", "hcms", roster=stores.roster) == a_school(version=1)
    kept = await handlers.get_learner("henry", learner.id, roster=stores.roster)
    assert kept == learner == replace(gone, id=learner.id, version=1)
    adult = await handlers.get_adult("henry", "dent", roster=stores.roster)
    assert adult == an_adult(active=False, subjects=(), version=1)


async def test_only_a_change_of_content_makes_a_version_and_a_fact(stores: Stores) -> None:
    """The same batch again changes nothing and publishes nothing; a change does both, once."""
    send = Sender(stores)
    await send.schools(a_school(), a_school(id="b"))
    assert [one.version for one in await send.schools(a_school(), a_school(id="b"))] == [1, 1]
    changed = await send.schools(a_school(id="b"), a_school(time_zone="America/Chicago"))
    assert [(one.id, one.version) for one in changed] == [("b", 1), ("hcms", 2)]
    assert [(event.name, event.version) for event in await events_of(stores)] == [
        ("districts/henry/schools/b", 1),
        ("districts/henry/schools/hcms", 1),
        ("districts/henry/schools/hcms", 2),
    ]


async def test_a_fact_is_the_whole_state_without_the_person(stores: Stores) -> None:
    """A fact is keyed by the resource's name and says where a person is, and never who."""
    send = Sender(stores)
    await send.schools(a_school())
    (learner,) = await send.learners(a_learner())
    await send.adults(an_adult())
    facts = await stores.facts()
    assert {fact.topic for fact in facts} == {"trellis.roster.v1"}
    assert [fact.key.decode() for fact in facts] == [
        "districts/henry/schools/hcms",
        f"districts/henry/learners/{learner.id}",
        "districts/henry/adults/dent",
    ]
    _, enrolled, posted = await events_of(stores)
    assert enrolled.enrolment == roster_pb2.LearnerEnrolment(
        school="districts/henry/schools/hcms",
        grade="6",
        state=roster_pb2.Learner.STATE_ENROLLED,
        enrol_date="2026-08-03",
    )
    assert enrolled.change_time.ToSeconds() == int(NOW.timestamp()) + 2
    assert posted.post.subjects == ["math", "science"]
    published = b"".join(fact.value for fact in facts)
    for personal in (b"Zaphod", b"Beeblebrox", b"4711", b"Dent"):
        assert personal not in published


async def test_a_batch_with_one_entity_at_fault_keeps_nothing(stores: Stores) -> None:
    """Neither the good entities nor their facts outlive a refusal that comes after loading."""
    send = Sender(stores)
    await send.schools(a_school())
    before = await stores.facts()
    with pytest.raises(InvalidEntityError) as refusal:
        await send.learners(
            a_learner("1"), a_learner("2", school_id="nowhere"), request=a_request()
        )
    assert refusal.value.place.path == "learners[1].school"
    assert refusal.value.fault is EntityFault.UNKNOWN_SCHOOL
    assert await stores.facts() == before
    page = await handlers.list_learners(Listing(district="henry"), roster=stores.roster)
    assert page.entities == ()
    # The request id is free as well: the corrected batch may carry it.
    assert len(await send.learners(a_learner("1"), request=a_request("corrected"))) == 1


async def test_an_adult_of_an_unknown_school_is_refused(stores: Stores) -> None:
    """There is no post without a school."""
    with pytest.raises(InvalidEntityError) as refusal:
        await Sender(stores).adults(an_adult())
    assert refusal.value.fault is EntityFault.UNKNOWN_SCHOOL


async def test_a_learner_keeps_the_stored_id_under_a_new_key(stores: Stores) -> None:
    """The id is made at first sight of the alias and outlives the key that it was made with."""
    await Sender(stores).schools(a_school())
    (first,) = await Sender(stores).learners(a_learner())
    rotated = LearnerKeys({"henry": b"another" * 4})
    (second,) = await Sender(stores, keys=rotated).learners(a_learner(grade="7"))
    assert (second.id, second.version) == (first.id, 2)
    (newcomer,) = await Sender(stores, keys=rotated).learners(a_learner("new"))
    assert newcomer.id == rotated.derive("henry", [newcomer.first_alias])[newcomer.first_alias]


async def test_a_learner_needs_a_key_only_at_first_sight(stores: Stores) -> None:
    """A service that lost its keys still updates whom it knows, and makes no id for others."""
    await Sender(stores).schools(a_school())
    await Sender(stores).learners(a_learner())
    keyless = Sender(stores, keys=LearnerKeys({}))
    assert (await keyless.learners(a_learner(grade="7")))[0].version == 2
    with pytest.raises(LearnerKeyMissingError):
        await keyless.learners(a_learner("new"))


async def test_a_sent_name_must_be_the_learners(stores: Stores) -> None:
    """The name may come back with the learner, and cannot be used to rename one."""
    send = Sender(stores)
    await send.schools(a_school())
    one, other = await send.learners(a_learner("1"), a_learner("2"))
    assert (await send.learners(a_learner("1", id=one.id)))[0].version == 1
    with pytest.raises(InvalidEntityError) as refusal:
        await send.learners(a_learner("1", id=other.id))
    assert refusal.value.fault is EntityFault.NAME_MISMATCH


async def test_a_repeat_gets_the_first_answer_even_when_the_world_went_on(stores: Stores) -> None:
    """A repeated request id with the same content is answered as at first and changes nothing."""
    send = Sender(stores)
    await send.schools(a_school())
    first = await send.learners(a_learner(), request=a_request())
    await send.learners(a_learner(given_name="Ford"))
    facts = await stores.facts()
    assert await send.learners(a_learner(), request=a_request()) == first
    assert await stores.facts() == facts
    kept = await handlers.get_learner("henry", first[0].id, roster=stores.roster)
    assert kept.given_name == "Ford"


async def test_a_request_id_with_other_content_is_refused(stores: Stores) -> None:
    """One request id stands for one content, in one method, in one district."""
    send = Sender(stores)
    await send.schools(a_school(), request=a_request("a"))
    with pytest.raises(RequestIdReusedError):
        await send.schools(a_school(display_name="Other"), request=a_request("b"))
    elsewhere = replace(a_request("a"), method="Another")
    with pytest.raises(RequestIdReusedError):
        await send.schools(a_school(), request=elsewhere)
    await Sender(stores, "clayton").schools(a_school(), request=a_request("b"))


async def test_old_answers_are_dropped_by_later_requests(stores: Stores) -> None:
    """The log keeps an answer for its time and is emptied by the writes that come after."""
    send = Sender(stores)
    await send.schools(a_school(), request=a_request("a", "old"))
    send.clock.advance(REQUEST_KEPT - timedelta(minutes=1))
    await send.schools(a_school(), request=a_request("a", "young"))
    with pytest.raises(RequestIdReusedError):
        await send.schools(a_school(), request=a_request("b", "old"))
    send.clock.advance(timedelta(minutes=2))
    await send.schools(a_school(), request=a_request("a", "next"))
    await send.schools(a_school(), request=a_request("b", "old"))


async def test_districts_are_worlds_of_their_own(stores: Stores) -> None:
    """The same ids in two districts are two entities, and none sees the other's."""
    await Sender(stores, "henry").schools(a_school())
    await Sender(stores, "clayton").schools(a_school(display_name="Other"))
    (learner,) = await Sender(stores, "henry").learners(a_learner())
    (same,) = await Sender(stores, "clayton").learners(a_learner())
    assert same.id != learner.id
    school = await handlers.get_school("henry", "hcms", roster=stores.roster)
    assert school.display_name == "Middle School"
    with pytest.raises(EntityNotFoundError):
        await handlers.get_learner("clayton", learner.id, roster=stores.roster)
    page = await handlers.list_learners(Listing(district="clayton"), roster=stores.roster)
    assert [one.id for one in page.entities] == [same.id]


async def test_pages_hold_every_entity_once_in_the_order_of_ids(stores: Stores) -> None:
    """Page after page gives the whole list, of one school or of all, and the last one says so."""
    send = Sender(stores)
    await send.schools(a_school(), a_school(id="B"), a_school(id="a.b"), a_school(id="a-b"))
    # Byte order: capitals come before small letters, the hyphen before the dot.
    schools = await handlers.list_schools(Listing(district="henry"), roster=stores.roster)
    assert [one.id for one in schools.entities] == ["B", "a-b", "a.b", "hcms"]
    assert schools.next_after == ""
    sent = [a_learner(str(n), school_id="hcms" if n % 3 else "B") for n in range(20)]
    kept = await send.learners(*sent)
    for only in ("", "hcms", "B"):
        wanted = sorted(one.id for one in kept if only in ("", one.school_id))
        seen: list[str] = []
        after = ""
        for _ in range(10):
            query = Listing(district="henry", only=only, after=after, page_size=3)
            page = await handlers.list_learners(query, roster=stores.roster)
            seen += [one.id for one in page.entities]
            after = page.next_after
            if not after:
                break
        assert seen == wanted


@pytest.mark.parametrize("page_size", [-1, 501])
async def test_a_page_size_out_of_bounds_is_refused(stores: Stores, page_size: int) -> None:
    """A page has at most 500 entities."""
    query = Listing(district="henry", page_size=page_size)
    with pytest.raises(InvalidRequestError):
        await handlers.list_adults(query, roster=stores.roster)


async def test_a_stream_gives_schools_then_adults_then_learners(stores: Stores) -> None:
    """A stream holds the whole roster, or that of one school, in runs of at most 500."""
    send = Sender(stores)
    await send.schools(a_school(), a_school(id="other"))
    await send.adults(an_adult(), an_adult(id="prefect", school_id="other"))
    for batch in range(3):
        await send.learners(*(a_learner(str(n)) for n in range(batch * 400, batch * 400 + 400)))
    runs = [run async for run in handlers.stream_roster("henry", "", roster=stores.roster)]
    assert [len(run.schools) for run in runs] == [2, 0, 0, 0, 0]
    assert [len(run.adults) for run in runs] == [0, 2, 0, 0, 0]
    assert [len(run.learners) for run in runs] == [0, 0, 500, 500, 200]
    ids = [learner.id for run in runs for learner in run.learners]
    assert ids == sorted(set(ids))
    assert len(ids) == 1200
    other = [run async for run in handlers.stream_roster("henry", "other", roster=stores.roster)]
    assert [run.schools[0].id for run in other if run.schools] == ["other"]
    assert [run.adults[0].id for run in other if run.adults] == ["prefect"]
    assert not any(run.learners for run in other)


async def test_a_stream_of_an_unknown_school_is_refused(stores: Stores) -> None:
    """Nothing is not the roster of a school that does not exist."""
    with pytest.raises(EntityNotFoundError):
        async for _ in handlers.stream_roster("henry", "nowhere", roster=stores.roster):
            pass


def a_section(section_id: str, school_id: str, **changes: Any) -> Section:
    """Return a section with a title that names its teacher."""
    section = Section(
        id=section_id,
        display_name="Maths with Slartibartfast",
        school_id=school_id,
        course_code="M6",
        subject="math",
        grade="6",
        term_ids=("autumn",),
        version=1,
    )
    return replace(section, **changes)


async def keep_sections(stores: Stores) -> None:
    """Keep a term and sections of two schools, an ended one among them, with a person in each."""
    sections = (
        a_section("s1", "hcms"),
        a_section("s2", "other"),
        a_section("ended", "hcms", active=False),
    )
    people = [
        Enrolment(id=f"{one.id}-in", section_id=one.id, person_kind=kind, person_id="p", version=1)
        for one, kind in zip(
            sections, (PersonKind.LEARNER, PersonKind.ADULT, PersonKind.LEARNER), strict=True
        )
    ]
    people.append(replace(people[0], id="s1-left", person_id="q", active=False))
    autumn = Term(
        id="autumn",
        display_name="Autumn",
        kind="semester",
        begin_date=date(2026, 8, 3),
        last_date=date(2026, 12, 18),
        school_year=2027,
        version=1,
    )
    async with stores.roster.change("henry") as change:
        view: Any = change
        await view.terms.keep([autumn], NOW)
        await view.sections.keep(sections, NOW)
        await view.enrolments.keep(people, NOW)


@pytest.mark.parametrize(
    ("school_id", "sections", "enrolments"),
    [
        ("hcms", ["s1"], ["s1-in"]),
        ("other", ["s2"], ["s2-in"]),
        ("", ["s1", "s2"], ["s1-in", "s2-in"]),
    ],
)
async def test_a_stream_with_sections_gives_who_is_in_them_now(
    stores: Stores, school_id: str, sections: list[str], enrolments: list[str]
) -> None:
    """Asked for, terms and active sections with their active enrolments follow the learners."""
    await Sender(stores).schools(a_school(), a_school(id="other"))
    await keep_sections(stores)
    stream = handlers.stream_roster("henry", school_id, roster=stores.roster, with_sections=True)
    runs = [run async for run in stream]
    assert [one.id for run in runs for one in run.terms] == ["autumn"]
    assert [one.id for run in runs for one in run.sections] == sections
    assert [one.id for run in runs for one in run.enrolments] == enrolments
    plain = [run async for run in handlers.stream_roster("henry", school_id, roster=stores.roster)]
    assert not any(run.terms or run.sections or run.enrolments for run in plain)


async def test_a_stream_with_sections_shows_one_moment(stores: Stores) -> None:
    """Sections that are committed while a stream is read are not in it."""
    await Sender(stores).schools(a_school(), a_school(id="other"))
    stream = handlers.stream_roster("henry", "", roster=stores.roster, with_sections=True)
    assert (await anext(stream)).schools
    await keep_sections(stores)
    assert not any([run.sections or run.enrolments async for run in stream])


async def test_a_stream_shows_one_moment(stores: Stores) -> None:
    """What is committed while a stream is read is not in it."""
    send = Sender(stores)
    await send.schools(a_school())
    await send.learners(a_learner("1"))
    stream = handlers.stream_roster("henry", "", roster=stores.roster)
    assert (await anext(stream)).schools
    await send.learners(a_learner("1", given_name="Ford"), a_learner("2"))
    await send.adults(an_adult())
    rest = [run async for run in stream]
    assert [one.given_name for run in rest for one in run.learners] == ["Zaphod"]
    assert not any(run.adults for run in rest)


async def test_writers_at_once_leave_versions_without_gaps(stores: Stores) -> None:
    """Batches of one district come one after the other: no deadlock, and facts in version order."""
    await Sender(stores).schools(a_school())
    learners = [a_learner(str(n)) for n in range(8)]

    async def send(writer: int) -> None:
        turned = learners[writer:] + learners[:writer]
        await Sender(stores).learners(*(replace(one, grade=str(writer)) for one in turned))

    await asyncio.gather(*(send(writer) for writer in range(6)))
    versions: dict[str, list[int]] = {}
    for event in await events_of(stores):
        if event.HasField("enrolment"):
            versions.setdefault(event.name, []).append(event.version)
    assert len(versions) == 8
    assert all(seen == list(range(1, 7)) for seen in versions.values())


async def test_the_directory_knows_learners_with_their_time_zone(stores: Stores) -> None:
    """Intake finds the known ones among the asked, each with the zone of the school."""
    send = Sender(stores)
    await send.schools(a_school(), a_school(id="west", time_zone="America/Chicago"))
    east, west = await send.learners(a_learner("1"), a_learner("2", school_id="west"))
    async with stores.directory("henry") as directory:
        zones = await directory.learners("henry", [east.id, west.id, "unknown"])
    assert zones == {
        east.id: (east.id, "America/New_York"),
        west.id: (west.id, "America/Chicago"),
    }
    async with stores.directory("clayton") as directory:
        assert await directory.learners("clayton", [east.id]) == {}


async def test_an_empty_batch_is_answered_by_an_empty_answer(stores: Stores) -> None:
    """A nightly sync without changes is no error."""
    assert await Sender(stores).learners(request=a_request()) == ()
    assert await Sender(stores).learners(request=a_request()) == ()


async def test_creating_only_leaves_what_is_there_and_answers_with_it(stores: Stores) -> None:
    """A learner who has a name, or has withdrawn, stays so; one who is missing is created."""
    sender = Sender(stores)
    await sender.schools(a_school(display_name="Renamed"))
    kept = await sender.schools(a_school(), create_only=True)
    assert (kept[0].display_name, kept[0].version) == ("Renamed", 1)
    (ana,) = await sender.learners(a_learner("1", state=LearnerState.WITHDRAWN))
    facts = len(await stores.facts())
    answer = await sender.learners(
        a_learner("1", given_name=""), a_learner("2", given_name=""), create_only=True
    )
    assert answer[0] == ana
    assert (answer[1].given_name, answer[1].version) == ("", 1)
    assert len(await stores.facts()) == facts + 1
