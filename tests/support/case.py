"""Frameworks in CASE for tests: a small one of our own, published ones, and places to keep them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft201909Validator

from services.common.postgres.pool import Database
from services.evidence.adapters.memory.case import MemoryCase
from services.evidence.adapters.postgres.case import PostgresCase
from services.evidence.domain.case.package import split_package
from services.evidence.domain.case.reading import read_document
from services.evidence.domain.case.shapes import DEFINITIONS
from services.evidence.domain.case.writing import write_package
from services.evidence.domain.source_object import Collection, Json, SourceObject
from services.evidence.ports.case import CaseReader
from tests.support.rosters import NOW

if TYPE_CHECKING:
    from tests.support.servers import ServiceDatabase

SHARED = Path(__file__).parents[3] / "shared/data"
SCHEMA_FILE = SHARED / "case/official_case-v1p1-cfpackage.json"
COMMON_CORE = SHARED / "frameworks/coherence-map/ccss_math_case_v1p1_package.json"
TEXAS = SHARED / "frameworks/teks-case/teks_math_OFFICIAL.json"

needs_published = pytest.mark.skipif(
    not SCHEMA_FILE.exists(),
    reason="published frameworks and the official schema are not part of the project"
    " (../shared/data)",
)

BASE_URL = "https://trellis.example.org/ims/case/v1p1"
PUBLISHER = "https://publisher.example.org/ims/case/v1p1"
CHANGED = "2026-08-01T00:00:00Z"
DISTRICT = "henry"


def an_id(number: int) -> str:
    """Return the identifier that a number stands for."""
    return f"{number:08x}-0000-4000-8000-000000000000"


DOCUMENT = an_id(0xD0C)


def a_document(**changes: Json) -> dict[str, Json]:
    """Return a framework as a package has it."""
    document: dict[str, Json] = {
        "identifier": DOCUMENT,
        "uri": f"{PUBLISHER}/CFDocuments/{DOCUMENT}",
        "creator": "Henry County",
        "title": "Mathematics of Henry County",
        "lastChangeDateTime": CHANGED,
        "caseVersion": "1.1",
        "subject": ["Mathematics"],
        "adoptionStatus": "Adopted",
    }
    return {**document, **changes}


def an_item(
    number: int, code: str = "", kind: str = "Standard", **changes: Json
) -> dict[str, Json]:
    """Return an item as a package has it; without a code where that is empty."""
    item: dict[str, Json] = {
        "identifier": an_id(number),
        "uri": f"{PUBLISHER}/CFItems/{an_id(number)}",
        "fullStatement": f"Statement {number}.",
        "CFItemType": kind,
        "lastChangeDateTime": CHANGED,
    }
    return {**item, **({"humanCodingScheme": code} if code else {}), **changes}


def an_association(
    number: int, origin: int | str, kind: str, destination: int | str, **changes: Json
) -> dict[str, Json]:
    """Return an association as a package has it: between items by number, or by identifier."""
    association: dict[str, Json] = {
        "identifier": an_id(number),
        "uri": f"{PUBLISHER}/CFAssociations/{an_id(number)}",
        "associationType": kind,
        "originNodeURI": a_link(origin),
        "destinationNodeURI": a_link(destination),
        "lastChangeDateTime": CHANGED,
    }
    return {**association, **changes}


def a_link(end: int | str, collection: str = "CFItems") -> dict[str, Json]:
    """Return what a field says of another object."""
    identifier = an_id(end) if isinstance(end, int) else end
    kept = "CFDocuments" if identifier == DOCUMENT else collection
    return {
        "title": f"Title of {identifier}",
        "identifier": identifier,
        "uri": f"{PUBLISHER}/{kept}/{identifier}",
    }


def an_item_type(number: int, title: str, **changes: Json) -> dict[str, Json]:
    """Return the definition of an item type."""
    definition: dict[str, Json] = {
        "identifier": an_id(number),
        "uri": f"{PUBLISHER}/CFItemTypes/{an_id(number)}",
        "title": title,
        "description": title,
        "hierarchyCode": "1",
        "lastChangeDateTime": CHANGED,
    }
    return {**definition, **changes}


def a_rubric(number: int) -> dict[str, Json]:
    """Return a rubric with one criterion of two levels, identifiers going on from the number."""

    def identity(at: int) -> dict[str, Json]:
        return {
            "identifier": an_id(at),
            "uri": f"{PUBLISHER}/CFRubrics/{an_id(at)}",
            "lastChangeDateTime": CHANGED,
        }

    levels: Json = [
        {**identity(number + 2), "quality": "Not yet", "score": 1, "position": 1},
        {**identity(number + 3), "quality": "Proficient", "score": Decimal("2.5"), "position": 2},
    ]
    criterion: Json = {
        **identity(number + 1),
        "category": "Reasoning",
        "weight": Decimal("0.5"),
        "CFRubricCriterionLevels": levels,
    }
    return {**identity(number), "title": "Reasoning", "CFRubricCriteria": [criterion]}


def a_package(
    *items: Mapping[str, Json], associations: Sequence[Mapping[str, Json]] = (), **parts: Json
) -> dict[str, Json]:
    """Return a package of the framework of this module."""
    package: dict[str, Json] = {
        "CFDocument": a_document(),
        "CFItems": list(items),
        "CFAssociations": list(associations),
    }
    return {**package, **parts}


def a_framework_package() -> dict[str, Json]:
    """Return a small whole framework: a cluster of two standards in order, a type and a rubric."""
    return a_package(
        an_item(1, "6.RP.A", "Cluster", educationLevel=["06"]),
        an_item(2, "6.RP.A.1", educationLevel=["06"], CFItemTypeURI=a_link(50, "CFItemTypes")),
        an_item(3, "6.RP.A.2", educationLevel=["06"]),
        associations=[
            an_association(10, 1, "isChildOf", DOCUMENT, sequenceNumber=1),
            an_association(11, 2, "isChildOf", 1, sequenceNumber=1),
            an_association(12, 3, "isChildOf", 1, sequenceNumber=2),
            an_association(13, 2, "precedes", 3),
        ],
        CFDefinitions={"CFItemTypes": [an_item_type(50, "Standard")]},
        CFRubrics=[a_rubric(60)],
    )


def objects_of(package: Mapping[str, Json]) -> list[SourceObject]:
    """Return the source objects that are kept of a package."""
    return [
        one
        for collection, document in split_package(package)
        for one in read_document(collection, document).objects
    ]


def contents_of(objects: Iterable[SourceObject]) -> dict[Collection, list[Mapping[str, Json]]]:
    """Return the contents of source objects by collection, in their order."""
    contents: dict[Collection, list[Mapping[str, Json]]] = {}
    for one in objects:
        contents.setdefault(one.key.collection, []).append(one.content)
    return contents


def written(objects: Iterable[SourceObject], base_url: str = BASE_URL) -> Mapping[str, Json]:
    """Return the package that is written of source objects."""
    contents = contents_of(objects)
    return write_package(
        contents[Collection.CF_DOCUMENTS][0],
        contents.get(Collection.CF_ITEMS, []),
        contents.get(Collection.CF_ASSOCIATIONS, []),
        {one: contents.get(one, []) for one in DEFINITIONS},
        contents.get(Collection.CF_RUBRICS, []),
        base_url=base_url,
    )


def published(path: Path) -> dict[str, Json]:
    """Return a published package."""
    package: dict[str, Json] = json.loads(path.read_bytes(), parse_float=Decimal)
    return package


def faults(package: Mapping[str, Json]) -> list[str]:
    """Return what the official schema finds wrong with a package, with identifiers checked too."""
    return [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(package)]


@cache
def _validator() -> Draft201909Validator:
    return Draft201909Validator(
        json.loads(SCHEMA_FILE.read_bytes()),
        format_checker=Draft201909Validator.FORMAT_CHECKER,
    )


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A place where frameworks are kept."""

    reader: CaseReader
    keep: Callable[..., Any]
    """Keeps source objects: `await keep(objects, district=…)`."""


def memory_case() -> Kept:
    """Return a place in memory."""
    memory = MemoryCase()

    async def keep(objects: Iterable[SourceObject], *, district: str = DISTRICT) -> None:
        memory.keep(district, objects)

    return Kept(reader=memory, keep=keep)


@asynccontextmanager
async def postgres_case(database: ServiceDatabase) -> AsyncIterator[Kept]:
    """Give a place in a migrated database, used by the role of the API."""
    api = await Database.connect(database.dsn("api"), pool_size=2, application_name="test-api")

    async def keep(objects: Iterable[SourceObject], *, district: str = DISTRICT) -> None:
        async with api.transaction(district) as connection:
            await connection.executemany(_KEEP, [_row(district, one) for one in objects])

    try:
        yield Kept(reader=PostgresCase(api), keep=keep)
    finally:
        await api.close()


_KEEP = (
    "INSERT INTO source_object (district, collection, object_id, source, parent_collection,"
    " parent_id, deleted, modified_time, content, version, digest, change_time)"
    " VALUES ($1, $2, $3, 'publisher', $4, $5, $6, $7, $8, 1, decode(repeat('00', 16), 'hex'), $9)"
    " ON CONFLICT (district, collection, object_id) DO UPDATE SET deleted = excluded.deleted,"
    " content = excluded.content"
)


def _row(district: str, one: SourceObject) -> tuple[Any, ...]:
    return (
        district,
        one.key.collection.value,
        one.key.id,
        one.parent.collection.value if one.parent else None,
        one.parent.id if one.parent else None,
        one.deleted,
        datetime.fromtimestamp(0, UTC) + timedelta(microseconds=one.modified_micros),
        json.dumps(one.content, default=exact_number),
        NOW,
    )


def exact_number(value: object) -> float:
    """Return a number that is exact in binary, as those of this module are."""
    assert isinstance(value, Decimal)
    return float(value)
