"""What a place to keep frameworks must do, claimed of PostgreSQL and of its twin in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from trellis.framework.v1 import framework_pb2

from services.evidence.domain.entities import (
    EntityFault,
    EntityNotFoundError,
    InvalidEntityError,
    Listing,
    RequestIdReusedError,
    RequestKey,
    Upsert,
)
from services.evidence.domain.framework import Competency, Framework
from services.evidence.handlers import frameworks as handlers
from tests.support.clock import FixedClock
from tests.support.rosters import (
    NOW,
    SCHEMA,
    Stores,
    a_competency,
    a_framework,
    memory_stores,
    postgres_stores,
)
from tests.support.servers import DatabaseFactory

CLOCK = FixedClock(NOW)

OVERLAP_SECONDS = 0.3
"""A batch that waits for nobody is done in a tenth of this."""


@pytest.fixture(params=["memory", "postgres"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    """Give each of the places in turn, empty."""
    if request.param == "memory":
        yield memory_stores()
        return
    create: DatabaseFactory = request.getfixturevalue("postgres_database")
    async with postgres_stores(create("evidence", SCHEMA)) as kept:
        yield kept


async def send_frameworks(
    stores: Stores, *frameworks: Framework, request: RequestKey | None = None
) -> tuple[Framework, ...]:
    """Send frameworks of one district."""
    command = Upsert(district="henry", entities=frameworks, request=request)
    return await handlers.upsert_frameworks(command, frameworks=stores.frameworks, clock=CLOCK)


async def send(
    stores: Stores,
    *competencies: Competency,
    request: RequestKey | None = None,
    district: str = "henry",
    create_only: bool = False,
) -> tuple[Competency, ...]:
    """Send competencies of a district."""
    command = Upsert(
        district=district, entities=competencies, request=request, create_only=create_only
    )
    return await handlers.upsert_competencies(command, frameworks=stores.frameworks, clock=CLOCK)


async def competency_events(stores: Stores) -> Sequence[framework_pb2.FrameworkEvent]:
    """Return the events of competencies to publish, in the order of commit."""
    events = [framework_pb2.FrameworkEvent.FromString(one.value) for one in await stores.facts()]
    return [event for event in events if event.HasField("competency")]


async def test_what_is_kept_is_what_is_read(stores: Stores) -> None:
    """Every field of a framework and a competency comes back as it was sent."""
    await send_frameworks(stores, a_framework())
    await send(stores, a_competency("a"), a_competency("b", "a", essential=False, grade=""))
    framework = await handlers.get_framework("henry", "math", frameworks=stores.frameworks)
    assert framework == a_framework(version=1)
    competency = await handlers.get_competency("henry", "b", frameworks=stores.frameworks)
    assert competency == a_competency("b", "a", essential=False, grade="", version=1)
    with pytest.raises(EntityNotFoundError):
        await handlers.get_competency("clayton", "b", frameworks=stores.frameworks)
    with pytest.raises(EntityNotFoundError):
        await handlers.get_framework("clayton", "math", frameworks=stores.frameworks)


async def test_only_a_change_of_content_makes_a_version_and_a_fact(stores: Stores) -> None:
    """The order of prerequisites is no content; another label is."""
    await send_frameworks(stores, a_framework())
    await send(stores, a_competency("a"), a_competency("b"), a_competency("c", "a", "b"))
    again = await send(stores, a_competency("c", prerequisites=("b", "a")))
    assert again[0].version == 1
    changed = await send(stores, a_competency("c", "a", "b", label="Compare ratios"))
    assert changed[0].version == 2
    events = await competency_events(stores)
    assert [(event.name.rpartition("/")[2], event.version) for event in events] == [
        ("a", 1),
        ("b", 1),
        ("c", 1),
        ("c", 2),
    ]
    assert events[-1].competency == framework_pb2.Competency(
        name="districts/henry/competencies/c",
        framework="districts/henry/frameworks/math",
        code="c",
        label="Compare ratios",
        subject="math",
        grade="6",
        essential=True,
        prerequisites=["districts/henry/competencies/a", "districts/henry/competencies/b"],
        version=2,
    )


async def test_a_competency_of_an_unknown_framework_is_refused(stores: Stores) -> None:
    """Nothing of the batch is kept."""
    await send_frameworks(stores, a_framework())
    with pytest.raises(InvalidEntityError) as refusal:
        await send(stores, a_competency("a"), a_competency("b", framework_id="nothing"))
    assert refusal.value.place.path == "competencies[1].framework"
    assert await competency_events(stores) == []


async def test_an_unknown_prerequisite_is_refused_also_when_another_district_has_it(
    stores: Stores,
) -> None:
    """What leads to a competency stands in the same district or in the batch."""
    other = Upsert(district="clayton", entities=(a_framework(),))
    await handlers.upsert_frameworks(other, frameworks=stores.frameworks, clock=CLOCK)
    await send(stores, a_competency("a"), district="clayton")
    await send_frameworks(stores, a_framework())
    with pytest.raises(InvalidEntityError) as refusal:
        await send(stores, a_competency("b", "a"))
    assert refusal.value.fault is EntityFault.UNKNOWN_PREREQUISITE
    assert len(await send(stores, a_competency("b", "a"), a_competency("a"))) == 2


async def test_a_circle_through_what_is_kept_is_refused(stores: Stores) -> None:
    """Edges that were kept in other batches count, and turning an edge round does not close one."""
    await send_frameworks(stores, a_framework())
    await send(stores, a_competency("a"), a_competency("b", "a"), a_competency("c", "b"))
    with pytest.raises(InvalidEntityError) as refusal:
        await send(stores, a_competency("a", "c"))
    assert refusal.value.fault is EntityFault.PREREQUISITE_CYCLE
    assert refusal.value.message == "the prerequisites close a circle: a < c < b < a"
    turned = await send(stores, a_competency("c"), a_competency("b", "c"), a_competency("a", "b"))
    assert [one.version for one in turned] == [2, 2, 2]


async def test_two_batches_at_once_cannot_close_a_circle_together(stores: Stores) -> None:
    """Each is right alone; the second waits for the first, sees it, and is refused."""
    await send_frameworks(stores, a_framework())
    a, b = await send(stores, a_competency("a"), a_competency("b"))
    async with stores.frameworks.change("henry") as change:
        second = asyncio.create_task(send(stores, a_competency("b", "a")))
        finished, _ = await asyncio.wait({second}, timeout=OVERLAP_SECONDS)
        assert not finished
        await change.competencies.keep([replace(a, prerequisites=(b.id,), version=2)], NOW)
    with pytest.raises(InvalidEntityError) as refusal:
        await second
    assert refusal.value.fault is EntityFault.PREREQUISITE_CYCLE


async def test_a_code_stands_once_in_a_framework(stores: Stores) -> None:
    """A kept competency's code cannot be taken, but two may swap theirs in one batch."""
    await send_frameworks(stores, a_framework(), a_framework(id="science"))
    await send(stores, a_competency("a"), a_competency("b"))
    with pytest.raises(InvalidEntityError) as refusal:
        await send(stores, a_competency("c", code="a"))
    assert refusal.value.fault is EntityFault.CODE_TAKEN
    assert len(await send(stores, a_competency("c", code="a", framework_id="science"))) == 1
    swapped = await send(stores, a_competency("a", code="b"), a_competency("b", code="a"))
    assert [one.version for one in swapped] == [2, 2]


async def test_a_repeat_gets_the_first_answer(stores: Stores) -> None:
    """A repeated request id with the same content is answered as at first and changes nothing."""
    await send_frameworks(stores, a_framework())
    request = RequestKey(request_id="r1", method="Upsert", digest=b"a" * 32)
    first = await send(stores, a_competency("a"), request=request)
    await send(stores, a_competency("a", label="Other"))
    facts = await stores.facts()
    assert await send(stores, a_competency("a"), request=request) == first
    assert await stores.facts() == facts
    other = RequestKey(request_id="r2", method="Upsert", digest=b"c" * 32)
    named = await send_frameworks(stores, a_framework(display_name="Math"), request=other)
    await send_frameworks(stores, a_framework())
    again = await send_frameworks(stores, a_framework(display_name="Math"), request=other)
    assert again == named
    reused = RequestKey(request_id="r1", method="Upsert", digest=b"b" * 32)
    with pytest.raises(RequestIdReusedError):
        await send_frameworks(stores, a_framework(), request=reused)


async def test_pages_and_streams_hold_every_entity_once(stores: Stores) -> None:
    """Lists are sorted by id, of one framework or of all; streams give frameworks first."""
    await send_frameworks(stores, a_framework(), a_framework(id="science"))
    sent = [a_competency(f"c{n:02}", framework_id="math" if n % 2 else "science") for n in range(9)]
    await send(stores, *reversed(sent))
    seen: list[str] = []
    after = ""
    for _ in range(5):
        query = Listing(district="henry", only="math", after=after, page_size=2)
        page = await handlers.list_competencies(query, frameworks=stores.frameworks)
        seen += [one.id for one in page.entities]
        after = page.next_after
        if not after:
            break
    assert seen == ["c01", "c03", "c05", "c07"]
    frameworks = await handlers.list_frameworks(
        Listing(district="henry"), frameworks=stores.frameworks
    )
    assert [one.id for one in frameworks.entities] == ["math", "science"]
    runs = [run async for run in handlers.stream_frameworks("henry", frameworks=stores.frameworks)]
    assert [len(run.frameworks) for run in runs] == [2, 0]
    assert [one.id for one in runs[1].competencies] == [one.id for one in sent]


async def test_the_directory_knows_the_competencies_of_the_district(stores: Stores) -> None:
    """Intake finds the known ones among the asked."""
    await send_frameworks(stores, a_framework())
    await send(stores, a_competency("a"), a_competency("b"))
    async with stores.directory("henry") as directory:
        assert set(await directory.competencies("henry", ["a", "z"])) == {"a"}
    async with stores.directory("clayton") as directory:
        assert set(await directory.competencies("clayton", ["a"])) == set()
