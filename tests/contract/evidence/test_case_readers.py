"""What a place to read frameworks from must do, claimed of PostgreSQL and of its twin in memory."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest

from services.evidence.domain.source_object import Collection
from services.evidence.ports.case import RUN_LENGTH
from tests.support.case import (
    DOCUMENT,
    Kept,
    a_document,
    a_framework_package,
    a_package,
    an_association,
    an_id,
    an_item,
    memory_case,
    objects_of,
    postgres_case,
)
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory

OTHER = an_id(0xD0D)


@pytest.fixture(params=["memory", "postgres"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    """Give each of the places in turn, empty."""
    if request.param == "memory":
        yield memory_case()
        return
    create: DatabaseFactory = request.getfixturevalue("postgres_database")
    async with postgres_case(create("evidence", SCHEMA)) as place:
        yield place


async def test_an_object_is_read_as_it_was_kept(kept: Kept) -> None:
    """By collection and identifier, with every digit; None where there is none."""
    objects = objects_of(a_framework_package())
    await kept.keep(objects)
    async with kept.reader.snapshot("henry") as view:
        for one in objects:
            assert await view.get(one.key.collection, one.key.id) == one.content
        assert await view.get(Collection.CF_DOCUMENTS, an_id(1)) is None
        rubric = await view.get(Collection.CF_RUBRICS, an_id(60))
    assert rubric is not None
    criterion = rubric["CFRubricCriteria"][0]  # type: ignore[index,call-overload]
    assert criterion["weight"] == Decimal("0.5")  # type: ignore[index,call-overload]


async def test_a_district_sees_its_own_frameworks_alone(kept: Kept) -> None:
    """Nothing of another one, in no way of asking."""
    await kept.keep(objects_of(a_framework_package()))
    async with kept.reader.snapshot("clayton") as view:
        assert await view.get(Collection.CF_DOCUMENTS, DOCUMENT) is None
        assert await view.several(Collection.CF_ITEMS, [an_id(1)]) == []
        assert await view.listed(Collection.CF_DOCUMENTS) == []
        assert await view.associations_of(an_id(1)) == []
        assert [run async for run in view.within(DOCUMENT, Collection.CF_ITEMS)] == []


async def test_what_is_deleted_is_not_there(kept: Kept) -> None:
    """In no way of asking."""
    gone = [replace(one, deleted=True) for one in objects_of(a_framework_package())]
    await kept.keep(gone)
    async with kept.reader.snapshot("henry") as view:
        assert await view.get(Collection.CF_DOCUMENTS, DOCUMENT) is None
        assert await view.several(Collection.CF_ITEMS, [an_id(1)]) == []
        assert await view.listed(Collection.CF_DOCUMENTS) == []
        assert await view.associations_of(an_id(1)) == []
        assert [run async for run in view.within(DOCUMENT, Collection.CF_ITEMS)] == []


async def test_several_objects_come_sorted_and_without_what_is_not_there(kept: Kept) -> None:
    """Each once, of one collection."""
    await kept.keep(objects_of(a_framework_package()))
    wanted = [an_id(3), an_id(1), an_id(99), an_id(10)]
    async with kept.reader.snapshot("henry") as view:
        found = await view.several(Collection.CF_ITEMS, wanted)
        assert await view.several(Collection.CF_ITEMS, []) == []
    assert [one["identifier"] for one in found] == [an_id(1), an_id(3)]


async def test_a_collection_is_listed_by_identifier(kept: Kept) -> None:
    """Frameworks, whoever they are of."""
    for identifier in (OTHER, DOCUMENT):
        await kept.keep(objects_of(a_package(CFDocument=a_document(identifier=identifier))))
    async with kept.reader.snapshot("henry") as view:
        listed = await view.listed(Collection.CF_DOCUMENTS)
    assert [one["identifier"] for one in listed] == [DOCUMENT, OTHER]


async def test_what_a_framework_holds_comes_in_runs_and_without_that_of_others(kept: Kept) -> None:
    """Sorted by identifier, each once, with more than one run."""
    count = RUN_LENGTH + 2
    await kept.keep(objects_of(a_package(*(an_item(1 + at) for at in range(count)))))
    other = a_package(an_item(9_000), CFDocument=a_document(identifier=OTHER))
    await kept.keep(objects_of(other))
    async with kept.reader.snapshot("henry") as view:
        runs = [run async for run in view.within(DOCUMENT, Collection.CF_ITEMS)]
    assert [len(run) for run in runs] == [RUN_LENGTH, 2]
    found = [one["identifier"] for run in runs for one in run]
    assert found == [an_id(1 + at) for at in range(count)]


async def test_the_associations_of_an_item_are_those_that_begin_or_end_with_it(kept: Kept) -> None:
    """Of every framework, also where only an address was sent, each once."""
    address = f"https://publisher.example.org/CFItems/{an_id(1).upper()}"
    associations = [
        an_association(10, 1, "precedes", 2),
        an_association(11, 3, "precedes", 1),
        an_association(12, 2, "precedes", 3),
        an_association(13, 1, "isRelatedTo", 1),
        an_association(14, 2, "isPartOf", 3, destinationNodeURI=address),
    ]
    await kept.keep(objects_of(a_package(an_item(1), associations=associations)))
    async with kept.reader.snapshot("henry") as view:
        found = await view.associations_of(an_id(1))
    assert [one["identifier"] for one in found] == [an_id(one) for one in (10, 11, 13, 14)]


async def test_a_snapshot_does_not_see_what_comes_after_it(kept: Kept) -> None:
    """A package is of one moment."""
    await kept.keep(objects_of(a_package(an_item(1))))
    async with kept.reader.snapshot("henry") as view:
        assert await view.get(Collection.CF_ITEMS, an_id(1)) is not None
        await kept.keep(objects_of(a_package(an_item(2))))
        assert await view.get(Collection.CF_ITEMS, an_id(2)) is None
    async with kept.reader.snapshot("henry") as view:
        assert await view.get(Collection.CF_ITEMS, an_id(2)) is not None
