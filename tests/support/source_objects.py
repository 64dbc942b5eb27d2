"""Source objects for tests: a small district, and the places to keep it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from services.common.postgres.pool import Database
from services.evidence.adapters.exact_json import digest_of_object, encode_json
from services.evidence.adapters.memory.source_objects import MemorySourceObjects
from services.evidence.adapters.postgres.source_objects import PostgresSourceObjects
from services.evidence.domain.source_object import Collection, Json, ObjectKey, SourceObject
from services.evidence.ports.source_objects import ObjectReader

if TYPE_CHECKING:
    from tests.support.servers import ServiceDatabase

CHANGED = datetime(2026, 9, 1, 6, 30, 0, 123_456, tzinfo=UTC)
"""When the first object changed; each further one a second later."""


def an_object(
    collection: Collection, object_id: str, *, deleted: bool = False, **content: Json
) -> SourceObject:
    """Return an object without a parent; class_ and the like stand for words of Python."""
    named = {name.removesuffix("_"): value for name, value in content.items()}
    key = ObjectKey(collection=collection, id=object_id)
    return SourceObject(key=key, content=named, deleted=deleted)


def a_child(
    collection: Collection,
    object_id: str,
    parent: tuple[Collection, str],
    *,
    deleted: bool = False,
    **content: Json,
) -> SourceObject:
    """Return an object that stands within another."""
    return SourceObject(
        key=ObjectKey(collection=collection, id=object_id),
        content=content,
        deleted=deleted,
        parent=ObjectKey(collection=parent[0], id=parent[1]),
    )


def ref(sourced_id: str, type_: str) -> Mapping[str, Json]:
    """Return a reference as it is kept."""
    return {"sourcedId": sourced_id, "type": type_}


def a_user(object_id: str, *roles: tuple[str, str], **content: Json) -> Sequence[SourceObject]:
    """Return a user with roles at orgs."""
    named = {"enabledUser": "true", "givenName": "Zaphod", "familyName": object_id, **content}
    return [
        an_object(Collection.USERS, object_id, **named),
        *(
            a_child(
                Collection.ROLES,
                f"{object_id}-{role}-{org}",
                (Collection.USERS, object_id),
                roleType="secondary" if position else "primary",
                role=role,
                org=ref(org, "org"),
            )
            for position, (role, org) in enumerate(roles)
        ),
    ]


def an_enrollment(object_id: str, user: str, class_: str, role: str) -> SourceObject:
    """Return an enrolment at school s1."""
    return an_object(
        Collection.ENROLLMENTS,
        object_id,
        user=ref(user, "user"),
        class_=ref(class_, "class"),
        school=ref("s1", "org"),
        role=role,
        primary="true",
    )


def a_class(object_id: str, *terms: str, **content: Json) -> SourceObject:
    """Return a class of course k1 at school s1."""
    named = {"title": object_id, "classType": "scheduled", "course": ref("k1", "course")}
    named |= {"school": ref("s1", "org"), "terms": [ref(one, "academicSession") for one in terms]}
    return an_object(Collection.CLASSES, object_id, **(named | content))


def a_session(object_id: str, type_: str, **content: Json) -> SourceObject:
    """Return an academic session of the autumn of 2026."""
    named = {
        "title": object_id,
        "type": type_,
        "startDate": "2026-08-03",
        "endDate": "2026-12-19",
        "schoolYear": "2027",
    }
    return an_object(Collection.ACADEMIC_SESSIONS, object_id, **(named | content))


def a_line_item(object_id: str, class_: str, **content: Json) -> SourceObject:
    """Return a line item."""
    named = {
        "title": f"Quiz {object_id}",
        "assignDate": "2026-09-01T00:00:00.000Z",
        "dueDate": "2026-09-08T00:00:00.000Z",
        "class": ref(class_, "class"),
        "school": ref("s1", "org"),
        "category": ref("g1", "category"),
        "resultValueMin": 0,
        "resultValueMax": 10,
    }
    return an_object(Collection.LINE_ITEMS, object_id, **(named | content))


def a_result(object_id: str, line_item: str, student: str, **content: Json) -> SourceObject:
    """Return a graded result."""
    named = {
        "lineItem": ref(line_item, "lineItem"),
        "student": ref(student, "user"),
        "scoreStatus": "fully graded",
        "score": Decimal("8.5"),
        "scoreDate": "2026-09-08",
    }
    return an_object(Collection.RESULTS, object_id, **(named | content))


def a_district() -> Sequence[SourceObject]:
    """Return a small district: two schools, three classes, six users, marks and resources."""
    return [
        an_object(Collection.ORGS, "d1", name="Henry", type="district", identifier="1"),
        an_object(
            Collection.ORGS,
            "s1",
            name="Middle School",
            type="school",
            identifier="2",
            parent=ref("d1", "org"),
        ),
        an_object(Collection.ORGS, "s2", name="High School", type="school", identifier="3"),
        a_session("y1", "schoolYear"),
        a_session("t1", "term", parent=ref("y1", "academicSession")),
        a_session("t2", "term", startDate="2027-01-04", endDate="2027-05-21"),
        a_session("p1", "gradingPeriod", parent=ref("t1", "academicSession")),
        an_object(
            Collection.COURSES,
            "k1",
            title="Mathematics 6",
            courseCode="M6",
            grades=["06"],
            subjects=["Mathematics", "Science"],
            org=ref("d1", "org"),
        ),
        an_object(Collection.COURSES, "k2", title="Art", courseCode="A", org=ref("s1", "org")),
        a_class("c1", "t1", "t2", grades=["06", "07"], metadata={"room": "12", "seats": 30}),
        a_class("c2", "t1", grades=["06"]),
        a_class("c3", school=ref("s2", "org"), course=ref("k2", "course")),
        *a_user("u1", ("student", "s1"), email="u1@henry.test", grades=["06"]),
        *a_user("u2", ("student", "s1"), middleName="O'Neil"),
        *a_user("u3", ("student", "s2"), givenName="Émile"),
        *a_user("u4", ("teacher", "s1"), ("parent", "s2")),
        *a_user("u5", ("student", "d1")),
        an_object(Collection.USERS, "u6", deleted=True, givenName="Gone"),
        a_child(
            Collection.ROLES,
            "u6-r",
            (Collection.USERS, "u6"),
            deleted=True,
            roleType="primary",
            role="student",
            org=ref("s1", "org"),
        ),
        an_enrollment("e1", "u1", "c1", "student"),
        an_enrollment("e2", "u2", "c1", "student"),
        an_enrollment("e3", "u4", "c1", "teacher"),
        an_enrollment("e4", "u1", "c2", "student"),
        an_enrollment("e5", "u5", "c2", "student"),
        an_object(
            Collection.ENROLLMENTS,
            "e6",
            deleted=True,
            user=ref("u3", "user"),
            class_=ref("c1", "class"),
            school=ref("s1", "org"),
            role="student",
        ),
        an_object(
            Collection.DEMOGRAPHICS, "u1", birthDate="2014-02-03", sex="female", white="true"
        ),
        an_object(Collection.CATEGORIES, "g1", title="Quizzes", weight=Decimal("0.4")),
        an_object(Collection.CATEGORIES, "g2", title="Unused"),
        an_object(
            Collection.SCORE_SCALES,
            "n1",
            title="Letters",
            type="letter",
            class_=ref("c1", "class"),
            scoreScaleValue=[{"itemValueLHS": "A", "itemValueRHS": "90"}],
        ),
        a_line_item("l1", "c1"),
        a_line_item("l2", "c2", title="It's a test", dueDate="2026-10-01"),
        a_child(
            Collection.LINE_ITEM_OBJECTIVES,
            "lo1",
            (Collection.LINE_ITEMS, "l1"),
            source="case",
            learningObjectiveIds=["6a1c9c5e-0c1f-4a2e-8f0e-6a1b2c3d4e5f"],
        ),
        a_child(
            Collection.LINE_ITEM_SCALES,
            "ls1",
            (Collection.LINE_ITEMS, "l1"),
            scoreScale=ref("n1", "scoreScale"),
        ),
        a_result("r1", "l1", "u1"),
        a_result("r2", "l1", "u2", score=7),
        a_result("r3", "l2", "u1", score=10, scoreDate="2026-10-01T12:00:00.000Z"),
        a_child(
            Collection.RESULT_OBJECTIVES,
            "ro1",
            (Collection.RESULTS, "r1"),
            source="case",
            learningObjectiveResults=[
                {"learningObjectiveId": "6a1c9c5e-0c1f-4a2e-8f0e-6a1b2c3d4e5f", "score": 3}
            ],
        ),
        an_object(Collection.ASSESSMENT_LINE_ITEMS, "al1", title="State test"),
        an_object(
            Collection.ASSESSMENT_RESULTS,
            "ar1",
            assessmentLineItem=ref("al1", "assessmentLineItem"),
            student=ref("u1", "user"),
            scoreDate="2026-05-04",
            scoreStatus="fully graded",
            score=512,
        ),
        an_object(Collection.RESOURCES, "x1", title="Textbook", vendorResourceId="v1"),
        an_object(Collection.RESOURCES, "x2", title="Atlas", vendorResourceId="v2"),
        a_child(
            Collection.CLASS_RESOURCES,
            "cx1",
            (Collection.CLASSES, "c1"),
            resource=ref("x1", "resource"),
        ),
        a_child(
            Collection.COURSE_RESOURCES,
            "kx1",
            (Collection.COURSES, "k1"),
            resource=ref("x2", "resource"),
        ),
        a_child(
            Collection.USER_RESOURCES,
            "ux1",
            (Collection.USERS, "u1"),
            resource=ref("x2", "resource"),
        ),
    ]


@dataclass
class Kept:
    """A place where objects are kept, and read through the port."""

    reader: ObjectReader
    memory: MemorySourceObjects | None = None
    database: Database | None = None
    changes: int = field(default=0)

    async def keep(self, objects: Sequence[SourceObject], *, district: str = "henry") -> None:
        """Keep objects; each changed a second after the one before."""
        first = self.changes
        self.changes += len(objects)
        dated = [
            (one, CHANGED + timedelta(seconds=first + position))
            for position, one in enumerate(objects)
        ]
        if self.memory is not None:
            for one, changed in dated:
                self.memory.keep(district, "sis", one, changed)
        else:
            await self._insert(district, dated)

    async def _insert(self, district: str, dated: Sequence[tuple[SourceObject, datetime]]) -> None:
        assert self.database is not None
        children = [
            (district, one.parent.collection.value, one.parent.id, changed)
            for one, changed in dated
            if one.parent is not None
        ]
        async with self.database.transaction(district) as connection:
            await connection.executemany(_INSERT, [_row(district, *one) for one in dated])
            await connection.executemany(_MOVE_ON, children)


_INSERT = """
INSERT INTO source_object (district, collection, object_id, source, parent_collection, parent_id,
  deleted, modified_micros, modified_time, content, version, digest, import_id, change_time)
VALUES ($1, $2, $3, 'sis', $4, $5, $6, $7, $8, $9, 1, $10, NULL, $11)
"""
_MOVE_ON = """
UPDATE source_object SET change_time = $4
WHERE district = $1 AND collection = $2 AND object_id = $3 AND change_time < $4
"""


def _row(district: str, one: SourceObject, changed: datetime) -> tuple[object, ...]:
    parent = one.parent
    return (
        district,
        one.key.collection.value,
        one.key.id,
        None if parent is None else parent.collection.value,
        None if parent is None else parent.id,
        one.deleted,
        one.modified_micros,
        datetime.fromtimestamp(0, UTC) + timedelta(microseconds=one.modified_micros),
        encode_json(one.content).decode(),
        digest_of_object(one),
        changed,
    )


def memory_objects() -> Kept:
    """Give an empty place in memory."""
    memory = MemorySourceObjects()
    return Kept(reader=memory, memory=memory)


@asynccontextmanager
async def postgres_objects(database: ServiceDatabase) -> AsyncIterator[Kept]:
    """Give an empty place in a database, used by the role of the API."""
    api = await Database.connect(database.dsn("api"), pool_size=2, application_name="test-api")
    try:
        yield Kept(reader=PostgresSourceObjects(api), database=api)
    finally:
        await api.close()
