"""The query language is read by the letter, compares by type, and never fails in another way."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.oneroster.matching import sorted_by, text_of, written_time
from services.evidence.domain.oneroster.places import Kind, Origin, place_of
from services.evidence.domain.oneroster.query import (
    DEFAULT_LIMIT,
    MAXIMUM_LIMIT,
    CodeMinor,
    Comparison,
    InvalidSelectionError,
    Joined,
    Selection,
    read_selection,
)
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection, ObjectKey, SourceObject
from services.evidence.domain.stored_object import StoredObject

USERS = Collection.USERS


def asked(collection: Collection = USERS, **parameters: str) -> Selection:
    """Read a query."""
    return read_selection(collection, list(parameters.items()))


def test_nothing_asked_is_the_first_hundred_by_id() -> None:
    """As the standard says; parameters of others are passed over."""
    assert asked(access_token="x") == Selection(limit=100)
    assert DEFAULT_LIMIT == 100


def test_a_filter_is_one_comparison_or_two_joined() -> None:
    """With any spaces, quotes doubled, and operators of one or two signs."""
    selection = asked(filter=" familyName != 'O''Neil'  AND email~'@henry' ")
    assert selection.joined is Joined.AND
    first, second = selection.clauses
    assert (first.comparison, first.operand) == (Comparison.NOT_EQUAL, "O'Neil")
    assert (second.comparison, second.operand) == (Comparison.CONTAINS, "@henry")
    assert asked(filter="email='a' OR email='b'").joined is Joined.OR
    assert asked(filter="email=''").clauses[0].operand == ""
    assert asked(filter="email='x AND y'").clauses[0].operand == "x AND y"
    for sign in Comparison:
        assert asked(filter=f"sms{sign.value}'1'").clauses[0].comparison is sign


@pytest.mark.parametrize(
    "text",
    [
        "",
        "email",
        "email=",
        "email=x",
        "email='x",
        "email='x''",
        "email=='x'",
        "email<>'x'",
        "='x'",
        "email='x'AND sms='y'",
        "email='x' ANDsms='y'",
        "email='x' and sms='y'",
        "email='x' AND",
        "email='x' AND sms='y' OR sms='z'",
        "email='x'; DROP TABLE source_object",
        "email='x' -- ",
        "(email='x')",
        "email='\x00'",
        "email='\ud800'",
        "email='" + "x" * 2_000 + "'",
    ],
)
def test_what_is_no_filter_is_invalid_data(text: str) -> None:
    """Whole or not at all: no part of it is taken."""
    with pytest.raises(InvalidSelectionError) as refused:
        asked(filter=text)
    assert refused.value.code is CodeMinor.INVALID_DATA
    assert refused.value.parameter == "filter"


@pytest.mark.parametrize(
    ("collection", "name", "kind", "many"),
    [
        (Collection.USERS, "sourcedId", Kind.TEXT, False),
        (Collection.USERS, "dateLastModified", Kind.TIME, False),
        (Collection.USERS, "enabledUser", Kind.TEXT, False),
        (Collection.USERS, "roles.role", Kind.TEXT, True),
        (Collection.USERS, "roles.org", Kind.TEXT, True),
        (Collection.USERS, "roles.org.sourcedId", Kind.TEXT, True),
        (Collection.USERS, "roles.beginDate", Kind.DATE, True),
        (Collection.USERS, "userProfiles.credentials.username", Kind.TEXT, True),
        (Collection.USERS, "metadata.ic.legacyId", Kind.TEXT, True),
        (Collection.CLASSES, "school", Kind.TEXT, False),
        (Collection.CLASSES, "school.type", Kind.TEXT, False),
        (Collection.CLASSES, "terms.sourcedId", Kind.TEXT, True),
        (Collection.CLASSES, "periods", Kind.TEXT, True),
        (Collection.RESULTS, "score", Kind.NUMBER, False),
        (Collection.RESULTS, "scoreDate", Kind.DATE, False),
        (Collection.RESULTS, "scoreScale.sourcedId", Kind.TEXT, True),
        (
            Collection.RESULTS,
            "learningObjectiveSet.learningObjectiveResults.score",
            Kind.NUMBER,
            True,
        ),
        (Collection.LINE_ITEMS, "dueDate", Kind.TIME, False),
        (Collection.LINE_ITEMS, "learningObjectiveSet.learningObjectiveIds", Kind.TEXT, True),
    ],
)
def test_a_name_with_dots_stands_for_a_place(
    collection: Collection, name: str, kind: Kind, many: bool
) -> None:
    """Whose values are compared as the type of its field demands."""
    place = place_of(collection, name)
    assert place is not None
    assert (place.kind, place.many) == (kind, many)


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "password",
        "roles",
        "roles.nothing",
        "roles.user",
        "userProfiles.credentials.password",
        "userProfiles.credentials",
        "email.x",
        "metadata",
        "metadata.",
        "primaryOrg.name",
        "primaryOrg.sourcedId.x",
        "status.x",
        "Email",
        "",
        ".",
    ],
)
def test_a_name_that_is_no_field_stands_for_nothing(name: str) -> None:
    """Neither do secrets, which are never kept, nor structures as wholes."""
    assert place_of(USERS, name) is None


def test_every_field_of_every_collection_but_secrets_and_structures_has_a_place() -> None:
    """The names follow from the schema alone."""
    for collection, schema in SCHEMA.items():
        if schema.parent is not None:
            continue
        for name, field in schema.by_name.items():
            whole = field.fields or field.secret or name == "metadata"
            assert (place_of(collection, name) is None) is bool(whole), name


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("score='8.50'", Decimal("8.5")),
        ("score>'-1e2'", Decimal(-100)),
        ("score~'8.'", "8."),
        ("scoreDate='2026-09-08'", "2026-09-08"),
        ("scoreDate>='2026-09-08T23:30:00-05:00'", "2026-09-09"),
        ("dateLastModified>'2026-09-08'", datetime(2026, 9, 8, tzinfo=UTC)),
        (
            "dateLastModified>'2026-09-08T08:00:00.123456+02:00'",
            datetime(2026, 9, 8, 6, 0, 0, 123_000, tzinfo=UTC),
        ),
        # A plus sign that was not quoted in the address arrives as a space.
        (
            "dateLastModified>'2026-09-08T08:00:00 02:00'",
            datetime(2026, 9, 8, 6, tzinfo=UTC),
        ),
    ],
)
def test_a_value_is_read_as_its_fields_type(text: str, operand: object) -> None:
    """Times in UTC, to the millisecond in which they are given out."""
    assert asked(Collection.RESULTS, filter=text).clauses[0].operand == operand


@pytest.mark.parametrize(
    "text",
    [
        "score='much'",
        "score='NaN'",
        "score='1e999'",
        "score='" + "9" * 50 + "'",
        "score=''",
        "scoreDate='soon'",
        "scoreDate='2026-02-30'",
        "dateLastModified>'09/08/2026'",
        "dateLastModified>'0001-01-01T00:00:00+23:59'",
        "dateLastModified>'２０２６-09-08'",
        "status='gone'",
    ],
)
def test_a_value_of_another_type_is_invalid_data(text: str) -> None:
    """Rather than a filter that nothing can pass."""
    with pytest.raises(InvalidSelectionError) as refused:
        asked(Collection.RESULTS, filter=text)
    assert refused.value.code is CodeMinor.INVALID_DATA


def test_a_list_is_compared_as_a_whole_or_by_what_it_shares() -> None:
    """With commas between its texts; less and greater mean nothing of lists."""
    place = place_of(USERS, "grades")
    assert place is not None
    assert place.whole
    assert asked(filter="grades~'07, 06'").clauses[0].operand == ("06", "07")
    with pytest.raises(InvalidSelectionError):
        asked(filter="grades>'06'")


def test_an_unknown_field_to_sort_by_or_to_give_out_is_a_warning() -> None:
    """All fields come then, in the usual order; what there are several of is no order either."""
    for name in ("nothing", "roles.role", "grades", "metadata.room", "password"):
        selection = asked(sort=name)
        assert selection.sort is None
        assert [one.code for one in selection.warnings] == [CodeMinor.INVALID_SORT_FIELD]
    selection = asked(fields="email,nothing")
    assert selection.fields == ()
    assert [one.code for one in selection.warnings] == [CodeMinor.INVALID_SELECTION_FIELD]
    assert asked(fields="email, sourcedId,email").fields == ("email", "sourcedId")


def test_limits_are_held_to_and_never_cut() -> None:
    """A caller who counts by its own limit would skip objects."""
    assert asked(limit=str(MAXIMUM_LIMIT)).limit == MAXIMUM_LIMIT
    for name, text in (
        ("limit", str(MAXIMUM_LIMIT + 1)),
        ("limit", "0"),
        ("limit", "٣"),
        ("limit", " 1"),
        ("offset", "9" * 11),
        ("offset", "1.0"),
    ):
        with pytest.raises(InvalidSelectionError) as refused:
            asked(**{name: text})
        assert refused.value.parameter == name


@given(
    collection=st.sampled_from(list(SCHEMA)),
    parameters=st.lists(
        st.tuples(
            st.sampled_from(["filter", "sort", "orderBy", "fields", "limit", "offset", "x"]),
            st.text()
            | st.from_regex(r"[a-zA-Z.]{1,9}(=|~|>)'[^']{0,9}'( (AND|OR) sourcedId='.')?"),
        ),
        max_size=4,
    ),
)
def test_any_query_is_read_or_refused(
    collection: Collection, parameters: list[tuple[str, str]]
) -> None:
    """Nothing but its own refusal is ever raised."""
    try:
        selection = read_selection(collection, parameters)
    except InvalidSelectionError:
        return
    assert 0 < selection.limit <= MAXIMUM_LIMIT


def stored(object_id: str, score: Decimal | None) -> StoredObject:
    """Return a result with a score, or without."""
    return StoredObject(
        object=SourceObject(
            key=ObjectKey(collection=Collection.RESULTS, id=object_id),
            content={} if score is None else {"score": score},
        ),
        source="sis",
        version=1,
        change_time=datetime(2026, 9, 1, tzinfo=UTC),
    )


@given(
    scores=st.lists(st.none() | st.decimals(0, 3, places=1), max_size=12),
    descending=st.booleans(),
)
def test_sorting_keeps_every_object_and_orders_ties_by_id(
    scores: list[Decimal | None], descending: bool
) -> None:
    """Those without the field last, or with desc first."""
    objects = [stored(f"{at:02}", score) for at, score in enumerate(scores)]
    order = "desc" if descending else "asc"
    selection = asked(Collection.RESULTS, sort="score", orderBy=order)
    found = sorted_by(selection, objects)
    assert sorted(one.object.key.id for one in found) == [one.object.key.id for one in objects]
    infinity = Decimal(10)
    keys = [one.object.content.get("score", infinity) for one in found]
    assert keys == sorted(keys, reverse=descending)  # type: ignore[type-var]
    for before, after in pairwise(found):
        if before.object.content == after.object.content:
            assert before.object.key.id < after.object.key.id


def test_times_are_written_in_utc_with_milliseconds() -> None:
    """Whatever zone they are in; what is less is cut off, so that no time is in the future."""
    east = timezone(timedelta(hours=2))
    time = datetime(2026, 9, 1, 1, 30, 0, 999_999, tzinfo=east)
    assert written_time(time) == "2026-08-31T23:30:00.999Z"


def test_the_text_of_a_value_is_what_json_shows() -> None:
    """Of null, lists and objects there is none."""
    shown = [text_of(one) for one in (True, False, 7, Decimal("1E+2"), Decimal("0.10"), "x")]
    assert shown == ["true", "false", "7", "100", "0.10", "x"]
    assert [text_of(one) for one in (None, [], {})] == [None, None, None]
    assert Origin.ID.value == "sourcedId"
