"""From listings and selections to SQL: the same questions as matching.py answers, for PostgreSQL.

What comes from a request is a parameter, always; names of collections and of fields are constants
of the schema. What listings look for has generated columns (COLUMNS), as row-level security keeps
the server from using an index on an expression: what looks into JSON is not leakproof, and so may
not see a row before the policy has.

A row is called `o`; a condition of a condition numbers its own (`o1`, `o2`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.evidence.domain.oneroster.fields import FieldType
from services.evidence.domain.oneroster.listings import (
    AnyOf,
    ChildOf,
    Condition,
    Holds,
    Is,
    Listing,
    ReferredToBy,
    Refers,
    RefersInto,
)
from services.evidence.domain.oneroster.matching import DATE_CHARACTERS, DELETED
from services.evidence.domain.oneroster.places import Kind, Origin, Place
from services.evidence.domain.oneroster.query import Clause, Comparison, Selection
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection

OPERATORS: Final = {
    Comparison.EQUAL: "=",
    Comparison.GREATER: ">",
    Comparison.AT_LEAST: ">=",
    Comparison.LESS: "<",
    Comparison.AT_MOST: "<=",
}

_MILLISECOND: Final = timedelta(milliseconds=1)
_LAST: Final = datetime.max.replace(tzinfo=UTC) - _MILLISECOND

_WRITTEN_TIME: Final = (
    "to_char({row}.change_time AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
)


COLUMNS: Final = {
    ("class", "sourcedId"): "class_id",
    ("course", "sourcedId"): "course_id",
    ("lineItem", "sourcedId"): "line_item_id",
    ("org", "sourcedId"): "org_id",
    ("school", "sourcedId"): "school_id",
    ("student", "sourcedId"): "student_id",
    ("user", "sourcedId"): "user_id",
    ("role",): "role",
}
"""The generated column of a place in the content."""


@dataclass(kw_only=True)
class Statement:
    """SQL under construction: its parameters, and how many rows have a name."""

    parameters: list[Any] = field(default_factory=list)
    rows: int = 0

    def mark(self, value: Any) -> str:  # noqa: ANN401 - whatever the driver takes
        """Add a parameter and return what stands for it."""
        self.parameters.append(value)
        return f"${len(self.parameters)}"

    def row(self) -> str:
        """Return a name for another row."""
        self.rows += 1
        return f"o{self.rows}"


def listing_sql(listing: Listing, statement: Statement, row: str = "o") -> str:
    """Return the condition under which a row is of a listing; $1 is the district."""
    conditions = [
        f"{row}.district = $1",
        f"{row}.collection = {_constant(listing.collection.value)}",
        *(_condition(one, listing.collection, statement, row) for one in listing.conditions),
    ]
    return " AND ".join(conditions)


def filter_sql(selection: Selection, statement: Statement) -> str:
    """Return the condition under which a row passes the filter of a selection."""
    if not selection.clauses:
        return "true"
    clauses = (_clause(clause, statement) for clause in selection.clauses)
    return "(" + f" {selection.joined.value} ".join(clauses) + ")"


def order_sql(selection: Selection) -> str:
    """Return the order of a selection: absent values last, or with desc first; ties by id."""
    direction = "DESC" if selection.descending else "ASC"
    place = selection.sort
    if place is None or place.origin is Origin.ID:
        return f"o.object_id {direction}"
    if place.origin is Origin.STATUS:
        # "active" comes before "tobedeleted" as false comes before true.
        return f"o.deleted {direction}, o.object_id"
    if place.origin is Origin.CHANGE_TIME:
        return f"date_trunc('milliseconds', o.change_time) {direction}, o.object_id"
    return f"{_scalar(place, 'o')} {direction}, o.object_id"


def _condition(condition: Condition, collection: Collection, statement: Statement, row: str) -> str:
    match condition:
        case Is(field=name, value=value):
            sql = f"{_text(row, name)} = {statement.mark(value)}"
        case Refers(field=name, target=target):
            sql = _refers(collection, name, statement.mark(target), row)
        case ChildOf(parent=parent):
            sql = (
                f"{row}.parent_collection = {_constant(parent.collection.value)}"
                f" AND {row}.parent_id = {statement.mark(parent.id)}"
            )
        case RefersInto(field=name, listing=listing):
            ids = _inner(listing, statement, lambda inner: f"{inner}.object_id")
            sql = f"{_text(row, name, 'sourcedId')} = ANY(ARRAY({ids}))"
        case Holds() | ReferredToBy() | AnyOf():
            sql = f"{row}.object_id = ANY(ARRAY({_ids(condition, collection, statement)}))"
    return sql


def _ids(condition: Condition, collection: Collection, statement: Statement) -> str:
    """Return a query for the ids of the objects of a collection for which a condition holds.

    Asked as an array, it is answered once and first, and the objects are then found by their keys.
    As a join it was left to the planner, which before it has statistics looked through all
    enrolments once for each learner.
    """
    match condition:
        case Holds(children=children):
            sql = _holders(children, statement)
        case ReferredToBy(listing=listing, field=name):
            sql = _referred(listing, name, statement)
        case AnyOf(conditions=conditions):
            sql = " UNION ALL ".join(_ids(one, collection, statement) for one in conditions)
        case _:
            listing = Listing(collection=collection, conditions=(condition,))
            sql = _inner(listing, statement, lambda row: f"{row}.object_id", deleted=True)
    return sql


def _holders(children: Listing, statement: Statement) -> str:
    # What is deleted took its children along. It is still of the listings that it was of, as
    # deleted objects are how a reader learns of deletions.
    present = _inner(children, statement, _parent_id)
    former = _inner(children, statement, _parent_id, deleted=True)
    row = statement.row()
    return (
        f"{present} UNION ALL SELECT {row}.object_id FROM source_object {row}"  # noqa: S608
        f" WHERE {row}.district = $1"
        f" AND {row}.collection = {_constant(_parents_of(children.collection))}"
        f" AND {row}.deleted AND {row}.object_id = ANY(ARRAY({former}))"
    )


def _parents_of(children: Collection) -> str:
    parent = SCHEMA[children].parent
    assert parent is not None
    return parent.collection.value


def _parent_id(row: str) -> str:
    return f"{row}.parent_id"


def _inner(
    listing: Listing, statement: Statement, selected: Callable[[str], str], *, deleted: bool = False
) -> str:
    """Return a query for something of the rows of a listing; of deleted ones where so asked."""
    row = statement.row()
    where = listing_sql(listing, statement, row)
    present = "" if deleted else f" AND NOT {row}.deleted"
    return (
        f"SELECT {selected(row)} FROM source_object {row}"  # noqa: S608
        f" WHERE {where}{present}"
    )


def _referred(listing: Listing, name: str, statement: Statement) -> str:
    """Return a query for the ids to which the rows of a listing refer in a field."""
    if not _is_list(listing.collection, name):
        return _inner(listing, statement, lambda row: _text(row, name, "sourcedId"))
    path = f"$.{_quoted(name)}.sourcedId"
    return _inner(
        listing, statement, lambda row: f"jsonb_path_query({row}.content, '{path}') #>> '{{}}'"
    )


def _refers(collection: Collection, name: str, target: str, row: str) -> str:
    if not _is_list(collection, name):
        return f"{_text(row, name, 'sourcedId')} = {target}"
    return (
        f"{row}.content -> '{name}' @>"
        f" jsonb_build_array(jsonb_build_object('sourcedId', {target}::text))"
    )


def _is_list(collection: Collection, name: str) -> bool:
    return SCHEMA[collection].by_name[name].type is FieldType.REFERENCES


def _clause(clause: Clause, statement: Statement) -> str:
    if clause.comparison is Comparison.NOT_EQUAL:
        equal = _positive(replace(clause, comparison=Comparison.EQUAL), statement)
        # What is absent makes a comparison null, and so its opposite has to be true.
        return f"NOT coalesce({equal}, false)"
    return _positive(clause, statement)


def _positive(clause: Clause, statement: Statement) -> str:
    match clause.place:
        case Place(origin=Origin.ID):
            sql = _texts_test(clause, statement, "o.object_id")
        case Place(origin=Origin.STATUS):
            sql = _status(clause, statement)
        case Place(origin=Origin.CHANGE_TIME):
            sql = _change_time(clause, statement)
        case Place(whole=True):
            sql = _list_test(clause, statement)
        case Place(origin=Origin.CHILDREN) as place:
            sql = _children_test(clause, statement, place)
        case Place(many=True) as place:
            values = _values(place, statement)
            test = _json_test(clause, statement)
            sql = f"EXISTS (SELECT FROM ({values}) AS found (v) WHERE {test})"
        case place:
            sql = _scalar_test(clause, statement, place)
    return sql


def _scalar_test(clause: Clause, statement: Statement, place: Place) -> str:
    if clause.comparison is Comparison.CONTAINS:
        return _texts_test(clause, statement, _text("o", *place.path))
    return f"{_scalar(place, 'o')} {OPERATORS[clause.comparison]} {_mark(clause, statement)}"


def _texts_test(clause: Clause, statement: Statement, text: str) -> str:
    mark = statement.mark(clause.operand)
    if clause.comparison is Comparison.CONTAINS:
        return f"strpos({text}, {mark}) > 0"
    return f'({text}) COLLATE "C" {OPERATORS[clause.comparison]} {mark}'


def _status(clause: Clause, statement: Statement) -> str:
    if clause.comparison is Comparison.EQUAL:
        # So that an index on what is deleted can be used.
        return "o.deleted" if clause.operand == DELETED else "NOT o.deleted"
    status = "CASE WHEN o.deleted THEN 'tobedeleted' ELSE 'active' END"
    return _texts_test(clause, statement, status)


def _change_time(clause: Clause, statement: Statement) -> str:
    """Return a test of the time of change as it is given out, which is to the millisecond."""
    if clause.comparison is Comparison.CONTAINS:
        return _texts_test(clause, statement, _WRITTEN_TIME.format(row="o"))
    assert isinstance(clause.operand, datetime)
    at = clause.operand
    after = min(at, _LAST) + _MILLISECOND
    match clause.comparison:
        case Comparison.EQUAL:
            since = f"o.change_time >= {statement.mark(at)}"
            sql = f"({since} AND o.change_time < {statement.mark(after)})"
        case Comparison.GREATER:
            sql = f"o.change_time >= {statement.mark(after)}"
        case Comparison.AT_LEAST:
            sql = f"o.change_time >= {statement.mark(at)}"
        case Comparison.LESS:
            sql = f"o.change_time < {statement.mark(at)}"
        case _:
            sql = f"o.change_time < {statement.mark(after)}"
    return sql


def _values(place: Place, statement: Statement) -> str:
    """Return a query for the JSON values at a place that may have several."""
    if place.from_metadata:
        key = statement.mark(place.path[1])
        return f"SELECT jsonb_path_query(o.content -> 'metadata' -> {key}::text, '$[*]')"
    return f"SELECT jsonb_path_query(o.content, '{_json_path(place)}')"


def _json_path(place: Place) -> str:
    return "$" + "".join(f".{_quoted(step)}" for step in place.path) + "[*]"


def _children_test(clause: Clause, statement: Statement, place: Place) -> str:
    present = _parents_with(clause, statement, place, deleted=False)
    former = _parents_with(clause, statement, place, deleted=True)
    # IS TRUE keeps the planner from making a join of it: the answer is hashed, once.
    return (
        f"((o.object_id IN ({present})) IS TRUE"
        f" OR (o.deleted AND (o.object_id IN ({former})) IS TRUE))"
    )


def _parents_with(clause: Clause, statement: Statement, place: Place, *, deleted: bool) -> str:
    """Return a query for the parents of the children that pass a test."""
    assert place.nested is not None
    row = statement.row()
    state = f"{row}.deleted" if deleted else f"NOT {row}.deleted"
    values = f"SELECT jsonb_path_query({row}.content, '{_json_path(place)}')"
    # EXISTS, as of a join with the values the planner expects a thousand for each child, and then
    # takes the answer for too large to hash.
    return (
        f"SELECT {row}.parent_id FROM source_object {row}"  # noqa: S608
        f" WHERE {row}.district = $1 AND {row}.collection = {_constant(place.nested.value)}"
        f" AND {state}"
        f" AND EXISTS (SELECT FROM ({values}) AS found (v) WHERE {_json_test(clause, statement)})"
    )


def _list_test(clause: Clause, statement: Statement) -> str:
    values = _values(clause.place, statement)
    texts = f"SELECT (v #>> '{{}}') COLLATE \"C\" FROM ({values}) AS found (v)"  # noqa: S608
    mark = f"{statement.mark(list(clause.operand))}::text[]"  # type: ignore[arg-type]
    if clause.comparison is Comparison.CONTAINS:
        return f"EXISTS ({texts} WHERE v #>> '{{}}' = ANY({mark}))"
    return f"ARRAY({texts} GROUP BY 1 ORDER BY 1) = {mark}"


def _json_test(clause: Clause, statement: Statement) -> str:
    text = "CASE WHEN jsonb_typeof(v) IN ('string', 'number', 'boolean') THEN v #>> '{}' END"
    if clause.comparison is Comparison.CONTAINS or clause.place.kind is Kind.TEXT:
        return _texts_test(clause, statement, text)
    typed = _typed(clause.place.kind, "v", "v #>> '{}'")
    return f"{typed} {OPERATORS[clause.comparison]} {_mark(clause, statement)}"


def _scalar(place: Place, row: str) -> str:
    """Return the one value at a place, as its kind is compared."""
    json = f"{row}.content #> '{{{','.join(place.path)}}}'"
    return _typed(place.kind, json, _text(row, *place.path))


def _typed(kind: Kind, json: str, text: str) -> str:
    # CASE keeps the server from casting what is no value of the kind.
    if kind is Kind.DATE:
        # Some systems say at what time of a day, too; a date compares with the day.
        return f'left({text}, {DATE_CHARACTERS}) COLLATE "C"'
    if kind is Kind.NUMBER:
        return f"CASE WHEN jsonb_typeof({json}) = 'number' THEN ({text})::numeric END"
    if kind is Kind.TIME:
        return (
            f"CASE WHEN pg_input_is_valid({text}, 'timestamptz')"
            f" THEN date_trunc('milliseconds', ({text})::timestamptz) END"
        )
    return f'({text}) COLLATE "C"'


def _mark(clause: Clause, statement: Statement) -> str:
    casts = {Kind.NUMBER: "::numeric", Kind.TIME: "::timestamptz"}
    return statement.mark(clause.operand) + casts.get(clause.place.kind, "")


def _text(row: str, *path: str) -> str:
    column = COLUMNS.get(path)
    if column is not None:
        return f"{row}.{column}"
    return f"{row}.content #>> '{{{','.join(path)}}}'"


def _constant(text: str) -> str:
    """Return a constant of the schema as SQL; none holds a quote."""
    assert text.isalnum()
    return f"'{text}'"


def _quoted(step: str) -> str:
    """Return a constant of the schema as a step of a JSON path."""
    assert step.isalnum()
    return f'"{step}"'
