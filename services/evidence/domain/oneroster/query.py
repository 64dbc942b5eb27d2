"""The query language of OneRoster's REST services: which objects, in which order, which fields.

    filter=familyName='O''Neil' AND grades~'06,07'    at most one AND or OR, with spaces around it
    sort=familyName & orderBy=desc & limit=100 & offset=200 & fields=sourcedId,familyName

A query is read into a `Selection`; what is wrong with it is an `InvalidSelectionError`. As the
standard says, an unknown field in a filter is an error, while an unknown field to sort by or to
give out is a warning: the order is then the usual one, and all fields are given out. How lists and
absent values compare, where the standard says little, is stated in matching.py.

The language alone is here; what it is asked of is not.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import partial
from typing import Final, TypeAlias

from services.evidence.domain.errors import EvidenceError
from services.evidence.domain.oneroster.fields import FieldType, Version
from services.evidence.domain.oneroster.former import ROLES_OF_SEVERAL
from services.evidence.domain.oneroster.places import Kind, Origin, Place, place_of
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.oneroster.vocabularies import STATUSES
from services.evidence.domain.source_object import Collection
from services.evidence.domain.texts import UNKEEPABLE

DEFAULT_LIMIT: Final = 100
"""Of the standard."""
MAXIMUM_LIMIT: Final = 10_000
"""More is refused, not cut: a caller who counts offsets by its own limit would skip objects.
Large readers ask for pages of this size."""
MAXIMUM_OFFSET: Final = 2**31 - 1
MAXIMUM_FILTER_CHARACTERS: Final = 2_000
MAXIMUM_NUMBER_CHARACTERS: Final = 40
MILLISECOND_MICROS: Final = 1_000

Operand: TypeAlias = "str | Decimal | datetime | tuple[str, ...]"
"""What is compared with: by the place's kind; of a place that is a whole list, its texts."""


class CodeMinor(Enum):
    """What is wrong with a query, in the words of the standard (imsx_codeMinor)."""

    INVALID_DATA = "invaliddata"
    INVALID_FILTER_FIELD = "invalid_filter_field"
    INVALID_SORT_FIELD = "invalid_sort_field"
    INVALID_SELECTION_FIELD = "invalid_selection_field"


class Comparison(Enum):
    """How a value is compared; each is written as in a filter."""

    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    CONTAINS = "~"


class Joined(Enum):
    """What two clauses of a filter must do together."""

    AND = "AND"
    OR = "OR"


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One comparison of a filter."""

    place: Place
    comparison: Comparison
    operand: Operand


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectionWarning:
    """What of a query was passed over, with the standard's code and a sentence for people."""

    code: CodeMinor
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which objects of a listing are asked for, and what of each.

    clauses: none, one or two, joined. sort: None for the order of ids. fields: names of the fields
    to give out; empty for all.
    """

    clauses: tuple[Clause, ...] = ()
    joined: Joined = Joined.AND
    sort: Place | None = None
    descending: bool = False
    fields: tuple[str, ...] = ()
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    warnings: tuple[SelectionWarning, ...] = ()


class InvalidSelectionError(EvidenceError):
    """A query that cannot be answered; it says which parameter, and why."""

    reason = "INVALID_SELECTION"

    def __init__(self, code: CodeMinor, parameter: str, message: str) -> None:
        super().__init__(f"{parameter}: {message}")
        self.code = code
        self.parameter = parameter


FindPlace: TypeAlias = Callable[[str], Place | None]
"""The place that a name of a field stands for; None for none."""

_FORMER_ROLE: Final = "role"
"""Of a user in 1.1. Enrolments have a field of that name, and no roles."""

_OF_LISTS: Final = frozenset({Comparison.EQUAL, Comparison.NOT_EQUAL, Comparison.CONTAINS})

PARAMETERS: Final = ("filter", "sort", "orderBy", "fields", "limit", "offset")

_CLAUSE: Final = r"([A-Za-z][A-Za-z0-9_.:\-]*)\s*(!=|>=|<=|=|>|<|~)\s*'((?:[^']|'')*)'"
_FILTER: Final = re.compile(rf"\s*{_CLAUSE}(?:\s+(AND|OR)\s+{_CLAUSE})?\s*")
_INTEGER: Final = re.compile(r"[0-9]{1,10}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_selection(
    collection: Collection,
    parameters: Sequence[tuple[str, str]],
    version: Version = Version.V1_2,
) -> Selection:
    """Return what the parameters of a request ask of objects of a collection.

    parameters: names and values as they were sent, unquoted; names that are not PARAMETERS are
    passed over. version: whose names of fields they use. Raises InvalidSelectionError.
    """
    given = _single(parameters)
    find = partial(place_of, collection, version=version)
    clauses, joined = _filter(collection, given.get("filter"), find)
    sort, warnings = _sort(collection, given.get("sort"), find)
    fields, more_warnings = _fields(collection, given.get("fields"))
    return Selection(
        clauses=clauses,
        joined=joined,
        sort=sort,
        descending=_descending(given.get("orderBy")),
        fields=fields,
        limit=_integer(given, "limit", DEFAULT_LIMIT, least=1, most=MAXIMUM_LIMIT),
        offset=_integer(given, "offset", 0, least=0, most=MAXIMUM_OFFSET),
        warnings=warnings + more_warnings,
    )


def _single(parameters: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for name, value in parameters:
        if name not in PARAMETERS:
            continue
        if name in given:
            raise InvalidSelectionError(CodeMinor.INVALID_DATA, name, "may stand only once")
        given[name] = value
    return given


def _filter(
    collection: Collection, text: str | None, find: FindPlace
) -> tuple[tuple[Clause, ...], Joined]:
    if text is None:
        return (), Joined.AND
    if len(text) > MAXIMUM_FILTER_CHARACTERS or UNKEEPABLE.search(text):
        raise _invalid_filter(f"must be at most {MAXIMUM_FILTER_CHARACTERS} printable characters")
    found = _FILTER.fullmatch(text)
    if found is None:
        raise _invalid_filter(
            "must be field='value', or two of these with AND or OR between; operators are"
            " = != > >= < <= ~, and a quote within a value is doubled"
        )
    first, joined, second = found.group(1, 2, 3), found.group(4), found.group(5, 6, 7)
    if joined is None:
        return (_clause(_found(collection, first[0], find), *first),), Joined.AND
    clauses = (_clause(_found(collection, one[0], find), *one) for one in (first, second))
    return tuple(clauses), Joined(joined)


def _found(collection: Collection, name: str, find: FindPlace) -> Place:
    place = find(name)
    if place is None:
        raise InvalidSelectionError(
            CodeMinor.INVALID_FILTER_FIELD, "filter", f"{collection.value} have no field {name!r}"
        )
    return place


def _clause(place: Place, name: str, operator: str, quoted: str) -> Clause:
    comparison = Comparison(operator)
    return Clause(
        place=place,
        comparison=comparison,
        operand=_operand(place, comparison, name, quoted.replace("''", "'")),
    )


def _operand(place: Place, comparison: Comparison, name: str, value: str) -> Operand:
    if place.whole:
        if comparison not in _OF_LISTS:
            raise _invalid_filter(f"{name} is a list, which is compared with =, != or ~")
        return tuple(sorted({one.strip() for one in value.split(",")}))
    if comparison is Comparison.CONTAINS:
        # Whatever a value is, its text contains or does not contain another.
        return value
    if place.kind is Kind.NUMBER:
        return _number(name, value)
    if place.kind is Kind.TIME:
        return _time(name, value)
    if place.kind is Kind.DATE:
        return _time(name, value).date().isoformat()
    _check_word(place, name, value)
    return value


def _check_word(place: Place, name: str, value: str) -> None:
    if place.origin is Origin.STATUS and value not in STATUSES:
        raise _invalid_filter(f"{name} is one of {', '.join(STATUSES)}")
    if name == _FORMER_ROLE and place.nested is Collection.ROLES and value in ROLES_OF_SEVERAL:
        raise _invalid_filter(
            f"{value!r} stands for several roles of 1.2; name one of them, as roles.role"
        )


def _number(name: str, value: str) -> Decimal:
    if len(value) <= MAXIMUM_NUMBER_CHARACTERS and _NUMBER.fullmatch(value):
        try:
            return Decimal(value)
        except InvalidOperation:  # pragma: no cover - the pattern allows none that Decimal refuses
            pass
    raise _invalid_filter(f"{name} is compared with a number, such as '12.5'")


def _time(name: str, value: str) -> datetime:
    """Return a time in UTC, to the millisecond, which is what is given out. A date: its start."""
    if value.isascii() and _DATE.match(value):
        try:
            # A plus sign that was not quoted in the address arrives as a space.
            parsed = datetime.fromisoformat(value.replace(" ", "+"))
            aware = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
            utc = aware.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        else:
            return utc.replace(
                microsecond=utc.microsecond // MILLISECOND_MICROS * MILLISECOND_MICROS
            )
    raise _invalid_filter(
        f"{name} is compared with a date or time, such as '{date(2026, 9, 1).isoformat()}' or"
        " '2026-09-01T06:30:00.000Z'"
    )


def _sort(
    collection: Collection, name: str | None, find: FindPlace
) -> tuple[Place | None, tuple[SelectionWarning, ...]]:
    if name is None:
        return None, ()
    place = find(name)
    # What there may be several of has no one place in an order.
    if place is not None and not place.many:
        return place, ()
    message = f"{collection.value} are not sorted by a field of that name; they come by sourcedId"
    return None, (SelectionWarning(code=CodeMinor.INVALID_SORT_FIELD, message=message),)


def _fields(
    collection: Collection, text: str | None
) -> tuple[tuple[str, ...], tuple[SelectionWarning, ...]]:
    if text is None:
        return (), ()
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise InvalidSelectionError(
            CodeMinor.INVALID_SELECTION_FIELD, "fields", "must name fields, with commas between"
        )
    if all(_is_given_out(collection, name) for name in names):
        return tuple(dict.fromkeys(names)), ()
    message = f"{collection.value} lack a field that was asked for; all fields are given out"
    return (), (SelectionWarning(code=CodeMinor.INVALID_SELECTION_FIELD, message=message),)


def _is_given_out(collection: Collection, name: str) -> bool:
    if name in ("sourcedId", "status", "dateLastModified"):
        return True
    field = SCHEMA[collection].by_name.get(name)
    return field is not None and (field.type is FieldType.METADATA or not field.secret)


def _descending(order: str | None) -> bool:
    if order not in (None, "asc", "desc"):
        raise InvalidSelectionError(CodeMinor.INVALID_DATA, "orderBy", "must be asc or desc")
    return order == "desc"


def _integer(given: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if _INTEGER.fullmatch(text) and least <= int(text) <= most:
        return int(text)
    raise InvalidSelectionError(CodeMinor.INVALID_DATA, name, f"must be {least} to {most}")


def _invalid_filter(message: str) -> InvalidSelectionError:
    return InvalidSelectionError(CodeMinor.INVALID_DATA, "filter", message)
