"""What a reader of source objects must do, claimed of PostgreSQL and of its twin in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.evidence.adapters.postgres.source_object_sql import Statement, listing_sql
from services.evidence.domain.oneroster import listings
from services.evidence.domain.oneroster.listings import ChildOf, Listing, all_of
from services.evidence.domain.oneroster.matching import written_time
from services.evidence.domain.oneroster.query import (
    MAXIMUM_LIMIT,
    InvalidSelectionError,
    read_selection,
)
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection, ObjectKey
from tests.support.schema import migrated
from tests.support.servers import DatabaseFactory
from tests.support.source_objects import (
    CHANGED,
    Kept,
    a_child,
    a_district,
    a_user,
    memory_objects,
    postgres_objects,
)


@pytest.fixture(params=["memory", "postgres"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    """Give each of the places in turn, with a small district in it."""
    if request.param == "memory":
        place = memory_objects()
        await place.keep(a_district())
        yield place
        return
    create: DatabaseFactory = request.getfixturevalue("postgres_database")
    async with postgres_objects(create("evidence", migrated("evidence"))) as place:
        await place.keep(a_district())
        yield place


async def ids(kept: Kept, listing: Listing, **parameters: str) -> str:
    """Return the ids of a page, with spaces between, and check the count of a whole one."""
    selection = read_selection(listing.collection, list(parameters.items()))
    page = await kept.reader.page("henry", listing, selection)
    if "limit" not in parameters and "offset" not in parameters:
        assert page.total == len(page.objects)
    return " ".join(one.object.key.id for one in page.objects)


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (listings.SCHOOLS, "s1 s2"),
        (listings.TERMS, "t1 t2"),
        (listings.GRADING_PERIODS, "p1"),
        (listings.STUDENTS, "u1 u2 u3 u5 u6"),
        (listings.TEACHERS, "u4"),
        (listings.classes_of_course("k1"), "c1 c2"),
        (listings.classes_of_school("s1"), "c1 c2"),
        (listings.classes_of_term("t1"), "c1 c2"),
        (listings.classes_of_term("t2"), "c1"),
        (listings.classes_of_user("u4"), "c1"),
        (listings.classes_of_student("u1"), "c1 c2"),
        (listings.classes_of_student("u4"), ""),
        (listings.classes_of_student("u3"), ""),
        (listings.classes_of_teacher("u4"), "c1"),
        (listings.students_of_class("c1"), "u1 u2"),
        (listings.teachers_of_class("c1"), "u4"),
        (listings.students_of_school("s1"), "u1 u2 u5 u6"),
        (listings.students_of_school("s2"), "u3"),
        (listings.teachers_of_school("s1"), "u4"),
        (listings.courses_of_school("s1"), "k1 k2"),
        (listings.enrollments_of_school("s1"), "e1 e2 e3 e4 e5 e6"),
        (listings.enrollments_of_class("c2"), "e4 e5"),
        (listings.terms_of_school("s1"), "t1 t2"),
        (listings.terms_of_school("s2"), ""),
        (listings.grading_periods_of_term("t1"), "p1"),
        (listings.line_items_of_class("c1"), "l1"),
        (listings.categories_of_class("c1"), "g1"),
        (listings.score_scales_of_class("c1"), "n1"),
        (listings.results_of_line_item("l1"), "r1 r2"),
        (listings.results_of_class("c2"), "r3"),
        (listings.results_of_student_in_class("c1", "u1"), "r1"),
        (listings.resources_of(ObjectKey(collection=Collection.CLASSES, id="c1")), "x1"),
        (listings.resources_of(ObjectKey(collection=Collection.COURSES, id="k1")), "x2"),
        (listings.resources_of(ObjectKey(collection=Collection.USERS, id="u1")), "x2"),
        (all_of(Collection.DEMOGRAPHICS), "u1"),
    ],
)
async def test_a_listing_holds_what_others_lead_to(
    kept: Kept, listing: Listing, expected: str
) -> None:
    """What leads there counts only while it is not deleted; what is listed may be."""
    assert await ids(kept, listing) == expected


PARENT = ObjectKey(collection=Collection.ORGS, id="d1")
USERS = all_of(Collection.USERS)
RESULTS = all_of(Collection.RESULTS)


@pytest.mark.parametrize(
    ("collection", "query", "expected"),
    [
        (Collection.USERS, "familyName='u2'", "u2"),
        (Collection.USERS, "middleName='O''Neil'", "u2"),
        (Collection.USERS, "middleName!='O''Neil'", "u1 u3 u4 u5 u6"),
        (Collection.USERS, "givenName>'Z'", "u1 u2 u3 u4 u5"),
        (Collection.USERS, "givenName~'mile'", "u3"),
        (Collection.USERS, "email~'@henry' OR sourcedId='u4'", "u1 u4"),
        (Collection.USERS, "roles.role='teacher'", "u4"),
        (Collection.USERS, "roles.role!='student'", "u4"),
        (Collection.USERS, "roles.org.sourcedId='s2'", "u3 u4"),
        (Collection.USERS, "roles.role~'ent' AND status='active'", "u1 u2 u3 u4 u5"),
        (Collection.USERS, "status='tobedeleted'", "u6"),
        (Collection.USERS, "status!='active'", "u6"),
        (Collection.USERS, "status>'active'", "u6"),
        (Collection.USERS, "grades='06'", "u1"),
        (Collection.USERS, "grades!='06'", "u2 u3 u4 u5 u6"),
        (Collection.CLASSES, "grades='07,06'", "c1"),
        (Collection.CLASSES, "grades='06'", "c2"),
        (Collection.CLASSES, "grades~'07,08'", "c1"),
        (Collection.CLASSES, "grades~'06'", "c1 c2"),
        (Collection.CLASSES, "terms.sourcedId='t2'", "c1"),
        (Collection.CLASSES, "course='k2' OR school.sourcedId='s2'", "c3"),
        (Collection.CLASSES, "metadata.room='12'", "c1"),
        (Collection.CLASSES, "metadata.seats='30'", "c1"),
        (Collection.CLASSES, "metadata.none='30'", ""),
        (Collection.CLASSES, "resources.sourcedId='x1'", "c1"),
        (Collection.RESULTS, "score>='8.5'", "r1 r3"),
        (Collection.RESULTS, "score='10.00'", "r3"),
        (Collection.RESULTS, "score<'9' AND scoreDate='2026-09-08'", "r1 r2"),
        (Collection.RESULTS, "scoreDate>'2026-09-08'", "r3"),
        (Collection.RESULTS, "scoreDate='2026-10-01'", "r3"),
        (Collection.RESULTS, "score~'8.'", "r1"),
        (Collection.RESULTS, "learningObjectiveSet.learningObjectiveResults.score='3'", "r1"),
        (Collection.LINE_ITEMS, "dueDate>'2026-09-08T00:00:00.000Z'", "l2"),
        (Collection.LINE_ITEMS, "dueDate='2026-09-08T02:00:00+02:00'", "l1"),
        (Collection.LINE_ITEMS, "scoreScale.sourcedId='n1'", "l1"),
        (Collection.LINE_ITEMS, "learningObjectiveSet.source='case'", "l1"),
        (Collection.SCORE_SCALES, "scoreScaleValue.itemValueLHS='A'", "n1"),
        (Collection.CATEGORIES, "weight>'0.3'", "g1"),
        (Collection.CATEGORIES, "weight!='0.4'", "g2"),
    ],
)
async def test_a_filter_compares_as_the_type_of_its_field_demands(
    kept: Kept, collection: Collection, query: str, expected: str
) -> None:
    """Numbers as numbers, days as days, times as moments, lists as wholes, texts by code point."""
    assert await ids(kept, all_of(collection), filter=query) == expected


async def test_what_changed_since_a_time_is_found_by_the_time_that_is_given_out(
    kept: Kept,
) -> None:
    """To the millisecond; and a new child is a change of its parent."""
    first = await kept.reader.one("henry", all_of(Collection.ORGS), "d1")
    assert first is not None
    assert first.change_time == CHANGED
    shown = written_time(first.change_time)
    orgs = all_of(Collection.ORGS)
    assert await ids(kept, orgs, filter=f"dateLastModified='{shown}'") == "d1"
    assert await ids(kept, orgs, filter=f"dateLastModified<='{shown}'") == "d1"
    assert await ids(kept, orgs, filter=f"dateLastModified>'{shown}'") == "s1 s2"
    assert await ids(kept, orgs, filter=f"dateLastModified<'{shown}'") == ""
    assert await ids(kept, orgs, filter=f"dateLastModified!='{shown}'") == "s1 s2"
    assert await ids(kept, orgs, filter=f"dateLastModified~'{shown[:19]}'") == "d1"
    later = written_time(CHANGED + timedelta(seconds=kept.changes))
    more = a_child(Collection.ROLES, "new", (Collection.USERS, "u3"), role="aide")
    await kept.keep([more])
    assert await ids(kept, USERS, filter=f"dateLastModified>='{later}'") == "u3"
    assert await ids(kept, USERS, sort="dateLastModified", orderBy="desc", limit="1") == "u3"


@pytest.mark.parametrize(
    ("collection", "sort", "order", "expected"),
    [
        (Collection.USERS, "sourcedId", "desc", "u6 u5 u4 u3 u2 u1"),
        (Collection.USERS, "givenName", "asc", "u6 u1 u2 u4 u5 u3"),
        (Collection.USERS, "givenName", "desc", "u3 u1 u2 u4 u5 u6"),
        (Collection.USERS, "middleName", "asc", "u2 u1 u3 u4 u5 u6"),
        (Collection.USERS, "middleName", "desc", "u1 u3 u4 u5 u6 u2"),
        (Collection.USERS, "status", "desc", "u6 u1 u2 u3 u4 u5"),
        (Collection.RESULTS, "score", "asc", "r2 r1 r3"),
        (Collection.RESULTS, "scoreDate", "desc", "r3 r1 r2"),
        (Collection.LINE_ITEMS, "dueDate", "asc", "l1 l2"),
        (Collection.CLASSES, "course.sourcedId", "desc", "c3 c1 c2"),
        (Collection.ORGS, "nothing", "desc", "s2 s1 d1"),
    ],
)
async def test_objects_come_in_the_order_that_was_asked_for(
    kept: Kept, collection: Collection, sort: str, order: str, expected: str
) -> None:
    """Those without the field last, or first where the order is turned; ties by sourcedId."""
    assert await ids(kept, all_of(collection), sort=sort, orderBy=order) == expected


async def test_pages_lie_side_by_side_and_know_how_many_objects_there_are(kept: Kept) -> None:
    """Beyond the last one there is an empty page."""
    pages = [await ids(kept, USERS, limit="4", offset=str(offset)) for offset in (0, 4, 8)]
    assert pages == ["u1 u2 u3 u4", "u5 u6", ""]
    for offset in ("0", "4", "8"):
        selection = read_selection(Collection.USERS, [("limit", "4"), ("offset", offset)])
        assert (await kept.reader.page("henry", USERS, selection)).total == 6
    selection = read_selection(Collection.USERS, [("filter", "roles.role='teacher'")])
    assert (await kept.reader.page("henry", USERS, selection)).total == 1


async def test_an_object_comes_whole_with_what_stands_within_it(kept: Kept) -> None:
    """Numbers keep their digits; children that were deleted with their parent still come."""
    result = await kept.reader.one("henry", RESULTS, "r1")
    assert result is not None
    assert result.object.content["score"] == Decimal("8.5")
    assert [child.key.id for child in result.children] == ["ro1"]
    assert (result.source, result.version) == ("sis", 1)
    gone = await kept.reader.one("henry", USERS, "u6")
    assert gone is not None
    assert gone.object.deleted
    assert [child.key.id for child in gone.children] == ["u6-r"]
    await kept.keep([a_child(Collection.ROLES, "x", (Collection.USERS, "u2"), deleted=True)])
    user = await kept.reader.one("henry", USERS, "u2")
    assert user is not None
    assert [child.key.id for child in user.children] == ["u2-student-s1"]


async def test_an_object_that_is_not_of_the_listing_is_not_found(kept: Kept) -> None:
    """A teacher is no student, and a district is no school."""
    assert await kept.reader.one("henry", listings.STUDENTS, "u4") is None
    assert await kept.reader.one("henry", listings.SCHOOLS, "d1") is None
    assert await kept.reader.one("henry", listings.SCHOOLS, "s1") is not None
    assert await kept.reader.one("henry", USERS, "") is None


async def test_a_district_sees_no_object_of_another(kept: Kept) -> None:
    """Nor does one of the same id lead to another's."""
    await kept.keep(a_user("u1", ("teacher", "s9")), district="clayton")
    selection = read_selection(Collection.USERS, [])
    page = await kept.reader.page("clayton", USERS, selection)
    assert [one.object.key.id for one in page.objects] == ["u1"]
    assert page.total == 1
    own = await kept.reader.one("henry", USERS, "u1")
    assert own is not None
    assert [child.key.id for child in own.children] == ["u1-student-s1", "ux1"]
    assert await ids(kept, listings.TEACHERS) == "u4"
    assert (await kept.reader.page("nobody", USERS, selection)).total == 0


NAMES = {
    Collection.USERS: "givenName middleName email grades roles.role roles.org status sourcedId "
    "dateLastModified primaryOrg agents userIds.type resources metadata.a roles.beginDate",
    Collection.RESULTS: "score scoreDate scoreStatus lineItem student.sourcedId textScore "
    "learningObjectiveSet.source learningObjectiveSet.learningObjectiveResults.score scoreScale",
    Collection.CLASSES: "title grades periods terms terms.type course metadata.seats resources",
    Collection.LINE_ITEMS: "title dueDate resultValueMax class learningObjectiveSet.source "
    "learningObjectiveSet.learningObjectiveIds",
}
VALUES = (
    "'06'",
    "'06,07'",
    "'student'",
    "'8.5'",
    "'30'",
    "'2026-09-08'",
    "'2026-09-01T06:30:05.123Z'",
    "'u1'",
    "'e'",
    "''",
    "'O''Neil'",
)


@st.composite
def queries(draw: st.DrawFn) -> tuple[Collection, list[tuple[str, str]]]:
    """Draw a collection and a query of it; some cannot be answered."""
    collection = draw(st.sampled_from(sorted(NAMES, key=lambda one: one.value)))
    names = st.sampled_from(NAMES[collection].split())
    operators = st.sampled_from(["=", "!=", ">", ">=", "<", "<=", "~"])
    clause = st.builds("{}{}{}".format, names, operators, st.sampled_from(VALUES))
    joined = st.builds("{} {} {}".format, clause, st.sampled_from(["AND", "OR"]), clause)
    parameters = [("filter", draw(clause | joined)), ("sort", draw(names))]
    order = draw(st.sampled_from(["asc", "desc"]))
    return collection, [*parameters, ("orderBy", order), ("limit", draw(st.sampled_from("1239")))]


async def test_memory_and_postgres_answer_every_query_alike(
    postgres_database: DatabaseFactory,
) -> None:
    """Whatever is asked, in one order, with one count: 400 queries that are made up."""
    asked: list[tuple[Collection, list[tuple[str, str]]]] = []

    @settings(
        max_examples=400,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(query=queries())
    def collect(query: tuple[Collection, list[tuple[str, str]]]) -> None:
        asked.append(query)

    collect()
    memory = memory_objects()
    await memory.keep(a_district())
    answered = 0
    async with postgres_objects(postgres_database("evidence", migrated("evidence"))) as postgres:
        await postgres.keep(a_district())
        for collection, parameters in asked:
            try:
                selection = read_selection(collection, parameters)
            except InvalidSelectionError:
                continue
            listing = all_of(collection)
            expected = await memory.reader.page("henry", listing, selection)
            found = await postgres.reader.page("henry", listing, selection)
            assert found == expected, parameters
            answered += 1
    assert answered > len(asked) // 3


@pytest.mark.parametrize(
    ("listing", "indexed"),
    [
        (listings.enrollments_of_class("c1"), "class_id = $2"),
        (listings.enrollments_of_school("s1"), "school_id = $2"),
        (listings.classes_of_student("u1"), "user_id = $2"),
        (listings.students_of_class("c1"), "class_id = $2"),
        (listings.students_of_school("s1"), "org_id = $3"),
        (listings.classes_of_course("k1"), "course_id = $2"),
        (listings.results_of_line_item("l1"), "line_item_id = $2"),
        (listings.results_of_student_in_class("c1", "u1"), "student_id = $2"),
        (listings.line_items_of_class("c1"), "class_id = $2"),
        (listings.resources_of(ObjectKey(collection=Collection.USERS, id="u1")), "parent_id = $2"),
        (all_of(Collection.ORGS, ChildOf(parent=PARENT)), "parent_id = $2"),
        (listings.STUDENTS, "role = $2"),
    ],
)
async def test_what_leads_to_a_nested_listing_is_found_by_an_index(
    postgres_database: DatabaseFactory, listing: Listing, indexed: str
) -> None:
    """By the role of the API, under row-level security, whatever the parameters are."""
    database = postgres_database("evidence", migrated("evidence"))
    statement = Statement(parameters=["henry"])
    where = listing_sql(listing, statement)
    types = ", ".join("text" for _ in statement.parameters)
    values = ", ".join(f"'{one}'" for one in statement.parameters)
    async with postgres_objects(database) as kept:
        await kept.keep(a_district())
        assert kept.database is not None
        async with kept.database.transaction("henry") as connection:
            await connection.execute(_MANY)
        await _analyse(database.dsn("owner"))
        async with kept.database.transaction("henry") as connection:
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            await connection.execute(
                f"PREPARE read ({types}) AS SELECT o.object_id FROM source_object o WHERE {where}"
            )
            rows = await connection.fetch(f"EXPLAIN EXECUTE read ({values})")
    conditions = [
        row[0].replace("(", "").replace(")", "") for row in rows if "Index Cond" in row[0]
    ]
    assert any(indexed in one for one in conditions), "\n".join(row[0] for row in rows)


_MANY = """
INSERT INTO source_object (district, collection, object_id, source, parent_collection, parent_id,
  deleted, modified_time, content, version, digest, import_id, change_time)
SELECT district, collection, object_id || '-' || n, source, parent_collection,
  parent_id || '-' || n, deleted, modified_time,
  replace(content::text, '"sourcedId": "', '"sourcedId": "' || n || '-')::jsonb,
  version, digest, import_id, change_time
FROM source_object, generate_series(1, 200) AS n
"""
"""200 further districts' worth of objects in this one, each leading to its own."""


async def _analyse(dsn: str) -> None:
    # Without statistics the planner takes one index for as good as another.
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("ANALYZE source_object")
    finally:
        await connection.close()


def test_the_largest_page_is_one_that_large_readers_ask_for() -> None:
    """And every collection has an envelope of its own."""
    assert MAXIMUM_LIMIT == 10_000
    assert len({one.singular for one in SCHEMA.values()}) == len(SCHEMA)
