"""What a client asks of a list: filter, order, page and fields, in the grammar of 1EdTech.

    filter   title~'math' AND adoptionStatus='Adopted'     one or two clauses
    sort     a field's name; orderBy: asc or desc
    fields   names, joined by commas

It must not know where a list comes from: lists of frameworks are short, and are picked from whole.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.case.values import texts_of, time_of
from services.evidence.domain.source_object import Json

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1_000
MAX_OFFSET: Final = 2**31
MAX_EXPRESSION_LENGTH: Final = 1_024

_CLAUSE: Final = re.compile(r"\s*([A-Za-z]+)\s*(!=|>=|<=|=|>|<|~)\s*'((?:[^']|'')*)'\s*")
_JOINT: Final = re.compile(r"(AND|OR)\b")
_NUMBER: Final = re.compile(r"[0-9]{1,10}")


class SelectionError(Exception):
    """What a client asks for cannot be done. code: the standard's minor code."""

    def __init__(self, code: str, parameter: str, message: str) -> None:
        super().__init__(f"{parameter}: {message}")
        self.code = code
        self.parameter = parameter


INVALID_SELECTION: Final = "invalid_selection_field"
INVALID_SORT: Final = "invalid_sort_field"


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One comparison. operator: =, !=, >, >=, <, <= or ~ (contains)."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What is asked for. any_of: one clause is enough (OR); else all must hold."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    sort: str = ""
    descending: bool = False
    clauses: tuple[Clause, ...] = ()
    any_of: bool = False
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Selected:
    """A page of a list, and how many there are on all pages."""

    page: Sequence[Mapping[str, Json]]
    total: int


def selection_of(parameters: Mapping[str, str], known: Collection[str]) -> Selection:
    """Return what the parameters of a request ask for.

    known: names of the fields of what is listed. Raises SelectionError.
    """
    sort = parameters.get("sort", "")
    if sort and sort not in known:
        raise SelectionError(INVALID_SORT, "sort", "is no field of what is listed.")
    order = parameters.get("orderBy", "asc")
    if order not in ("asc", "desc"):
        raise SelectionError(INVALID_SORT, "orderBy", "must be asc or desc.")
    clauses, any_of = _clauses(parameters.get("filter", ""), known)
    return Selection(
        limit=_number(parameters, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        offset=_number(parameters, "offset", 0, 0, MAX_OFFSET),
        sort=sort,
        descending=order == "desc",
        clauses=clauses,
        any_of=any_of,
        fields=_fields(parameters.get("fields", ""), known),
    )


def select(objects: Sequence[Mapping[str, Json]], selection: Selection) -> Selected:
    """Return the page that is asked for, of whole objects.

    Sorted by the field that is asked for and the identifier, so that pages never overlap; objects
    without the field come last, whatever the direction.
    """
    holds: Callable[..., bool] = any if selection.any_of else all
    found = [
        one
        for one in objects
        if not selection.clauses or holds(_matches(one, clause) for clause in selection.clauses)
    ]
    found.sort(key=lambda one: str(one.get("identifier")))
    if selection.sort:
        found.sort(key=lambda one: _sort_key(one, selection.sort), reverse=selection.descending)
        found.sort(key=lambda one: not texts_of(one.get(selection.sort)))
    page = found[selection.offset : selection.offset + selection.limit]
    return Selected(page=page, total=len(found))


def only_fields(one: Mapping[str, Json], fields: Sequence[str]) -> Mapping[str, Json]:
    """Return those fields of an object that are asked for; all where none is named."""
    return {name: one[name] for name in one if name in fields} if fields else one


def _sort_key(one: Mapping[str, Json], field: str) -> tuple[str, ...]:
    return tuple(_comparable(text) for text in texts_of(one.get(field)))


def _matches(one: Mapping[str, Json], clause: Clause) -> bool:
    """Whether a clause holds of an object; of a field with several values, of one of them."""
    values = [_comparable(text) for text in texts_of(one.get(clause.field))]
    wanted = _comparable(clause.value)
    if clause.operator == "!=":
        return wanted not in values
    return any(_COMPARE[clause.operator](value, wanted) for value in values)


_COMPARE: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "=": lambda value, wanted: value == wanted,
    ">": lambda value, wanted: value > wanted,
    ">=": lambda value, wanted: value >= wanted,
    "<": lambda value, wanted: value < wanted,
    "<=": lambda value, wanted: value <= wanted,
    "~": lambda value, wanted: wanted in value,
}


def _comparable(text: str) -> str:
    """Return what is compared: times at one zone, all else in small letters."""
    time = time_of(text) if "T" in text or "-" in text else None
    if time is None:
        return text.casefold()
    offset = time.utcoffset()
    assert offset is not None
    try:
        return (time.replace(tzinfo=None) - offset).isoformat(timespec="microseconds")
    except OverflowError:
        return text.casefold()


def _clauses(expression: str, known: Collection[str]) -> tuple[tuple[Clause, ...], bool]:
    if not expression.strip():
        return (), False
    if len(expression) > MAX_EXPRESSION_LENGTH:
        raise _unreadable(f"has more than {MAX_EXPRESSION_LENGTH} characters.")
    first, rest = _clause(expression, known)
    if not rest:
        return (first,), False
    joint = _JOINT.match(rest)
    if joint is None:
        raise _unreadable("is none of the form field='value' AND field='value'.")
    second, beyond = _clause(rest[joint.end() :], known)
    if beyond:
        raise _unreadable("joins more than two clauses.")
    return (first, second), joint.group(1) == "OR"


def _clause(text: str, known: Collection[str]) -> tuple[Clause, str]:
    found = _CLAUSE.match(text)
    if found is None:
        raise _unreadable("is none of the form field='value'.")
    field, operator, value = found.groups()
    if field not in known:
        raise _unreadable("names a field that what is listed does not have.")
    clause = Clause(field=field, operator=operator, value=value.replace("''", "'"))
    return clause, text[found.end() :]


def _unreadable(message: str) -> SelectionError:
    return SelectionError(INVALID_SELECTION, "filter", message)


def _fields(text: str, known: Collection[str]) -> tuple[str, ...]:
    names = tuple(name for one in text.split(",") if (name := one.strip()))
    if any(name not in known for name in names):
        raise SelectionError(
            INVALID_SELECTION, "fields", "names a field that what is listed does not have."
        )
    return names


def _number(parameters: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """Return a number of the request; one above the most is the most, as a page may be shorter."""
    text = parameters.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or int(text) < least:
        raise SelectionError(INVALID_SELECTION, name, f"must be a whole number from {least} on.")
    return min(int(text), most)
