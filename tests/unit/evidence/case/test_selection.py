"""Picking from a list of frameworks as a client asks: filter, order, page and fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.domain.case.selection import (
    MAX_LIMIT,
    SelectionError,
    only_fields,
    select,
    selection_of,
)

KNOWN = frozenset({"identifier", "title", "creator", "subject", "lastChangeDateTime"})
LISTED = [
    {
        "identifier": "1",
        "title": "Mathematics",
        "creator": "Henry",
        "subject": ["Mathematics", "Statistics"],
        "lastChangeDateTime": "2026-01-01T00:00:00Z",
    },
    {
        "identifier": "2",
        "title": "It's science",
        "creator": "Clayton",
        "lastChangeDateTime": "2026-01-01T01:30:00+02:00",
    },
    {"identifier": "3", "title": "arts", "creator": "Henry"},
]


def picked(**parameters):
    """Return the identifiers of what is picked, in order."""
    page = select(LISTED, selection_of(parameters, KNOWN)).page
    return "".join(one["identifier"] for one in page)


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("", "123"),
        ("creator='Henry'", "13"),
        ("creator='henry'", "13"),
        ("creator!='Henry'", "2"),
        ("title~'MATH'", "1"),
        ("title='It''s science'", "2"),
        ("subject='Statistics'", "1"),
        ("subject!='Statistics'", "23"),
        ("lastChangeDateTime<'2026-01-01T00:00:00Z'", "2"),
        ("lastChangeDateTime>='2025-12-31T23:30:00Z'", "12"),
        ("creator='Henry' AND title~'a'", "13"),
        ("creator = 'Henry' AND title > 'b'", "1"),
        ("creator='Clayton' OR title='arts'", "23"),
    ],
)
def test_a_filter_picks_what_its_clauses_hold_of(filter_, found):
    """Text without regard to capitals, times by the moment, lists by one of their values."""
    assert picked(filter=filter_) == found


@pytest.mark.parametrize(
    ("parameters", "order"),
    [
        ({"sort": "title"}, "321"),
        ({"sort": "title", "orderBy": "desc"}, "123"),
        ({"sort": "creator"}, "213"),
        ({"sort": "creator", "orderBy": "desc"}, "132"),
        ({"sort": "lastChangeDateTime"}, "213"),
        ({"sort": "lastChangeDateTime", "orderBy": "desc"}, "123"),
    ],
)
def test_a_list_is_sorted_by_a_field_and_what_does_not_have_it_comes_last(parameters, order):
    """Equal ones by identifier, whatever the direction."""
    assert picked(**parameters) == order


def test_pages_hold_everything_once():
    """And each says how many there are in all."""
    pages = [picked(limit="2", offset=str(offset)) for offset in (0, 2, 4)]
    assert pages == ["12", "3", ""]
    assert select(LISTED, selection_of({"limit": "1"}, KNOWN)).total == 3


def test_a_limit_above_the_most_is_the_most():
    """A page may be shorter than what was asked for."""
    assert selection_of({"limit": "999999"}, KNOWN).limit == MAX_LIMIT


def test_only_the_fields_that_are_asked_for_are_given():
    """In the object's own order; all where none is named."""
    selection = selection_of({"fields": "title, identifier"}, KNOWN)
    assert only_fields(LISTED[2], selection.fields) == {"identifier": "3", "title": "arts"}
    assert only_fields(LISTED[2], ()) == LISTED[2]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"sort": "colour"}, "invalid_sort_field"),
        ({"orderBy": "up"}, "invalid_sort_field"),
        ({"limit": "0"}, "invalid_selection_field"),
        ({"limit": "-1"}, "invalid_selection_field"),
        ({"limit": "ten"}, "invalid_selection_field"),
        ({"limit": "²"}, "invalid_selection_field"),
        ({"offset": "-1"}, "invalid_selection_field"),
        ({"fields": "title,colour"}, "invalid_selection_field"),
        ({"filter": "colour='red'"}, "invalid_selection_field"),
        ({"filter": "title"}, "invalid_selection_field"),
        ({"filter": "title='x"}, "invalid_selection_field"),
        ({"filter": "title='x' title='y'"}, "invalid_selection_field"),
        ({"filter": "title='x' AND title='y' OR title='z'"}, "invalid_selection_field"),
        ({"filter": "title='" + "x" * 2_000 + "'"}, "invalid_selection_field"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_the_standards_code(parameters, code):
    """And names the parameter."""
    with pytest.raises(SelectionError) as refused:
        selection_of(parameters, KNOWN)
    assert refused.value.code == code
    assert refused.value.parameter in parameters


@given(
    parameters=st.dictionaries(
        st.sampled_from(["filter", "sort", "orderBy", "limit", "offset", "fields"]),
        st.one_of(st.text(max_size=30), st.from_regex(r"title ?(=|~|>) ?'[a-z']{0,4}'( AND .*)?")),
    )
)
def test_any_parameters_pick_something_or_are_refused(parameters):
    """Nothing but SelectionError comes out."""
    try:
        selection = selection_of(parameters, KNOWN)
    except SelectionError:
        return
    assert select(LISTED, selection).total <= len(LISTED)
