"""Single cells of OneRoster's CSV: plain values, lists and pairs."""

import re
from typing import Final

from services.evidence.domain.oneroster.faults import InvalidValueError
from services.evidence.domain.oneroster.fields import Field, FieldType
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.oneroster.values import (
    MAX_VALUES,
    date_of,
    id_of,
    single_of,
    text_of,
)
from services.evidence.domain.source_object import Json

_ITEM: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)')
_PAIR: Final = re.compile(r"\{([^:{}]*):([^{}]*)\}")
_PAIRS: Final = re.compile(r"\{[^:{}]*:[^{}]*\}(\s*,\s*\{[^:{}]*:[^{}]*\})*")


def cell_value(field: Field, cell: str, *, exact: bool) -> Json:
    """Return what a filled cell says; raises InvalidValueError."""
    if field.type in (FieldType.TEXTS, FieldType.WORDS):
        return [single_of(field, item, exact=exact) for item in _items(cell)]
    if field.type is FieldType.REFERENCES:
        return [_reference(field, item, exact=exact) for item in _items(cell)]
    if field.type is FieldType.REFERENCE:
        return _reference(field, cell, exact=exact)
    if field.type is FieldType.STRUCTURES:
        return _pairs(field, cell)
    if field.type is FieldType.DATE_TIME:
        # CSV has dates where REST has times.
        return date_of(cell, exact=exact)
    return single_of(field, cell, exact=exact)


def _reference(field: Field, cell: str, *, exact: bool) -> dict[str, Json]:
    assert field.target is not None
    return {"sourcedId": id_of(cell, exact=exact), "type": SCHEMA[field.target].singular}


def _items(cell: str) -> list[str]:
    """Return the items of a list: commas between, those with a comma in them within quotes."""
    items = [
        (match[1].replace('""', '"') if match[1] is not None else match[2]).strip()
        for match in _ITEM.finditer(cell)
    ]
    filled = [item for item in items if item]
    if len(filled) > MAX_VALUES:
        raise InvalidValueError(
            "too_many_values", f"has more than {MAX_VALUES} values.", "Send fewer values."
        )
    return filled


def _pairs(field: Field, cell: str) -> list[Json]:
    """Return the structures that a list of pairs is, as in {State:207225},{District:17}."""
    if not _PAIRS.fullmatch(cell):
        raise InvalidValueError(
            "invalid_pair", "is no list of pairs.", "Send pairs as {A:B}, with commas between."
        )
    left, right = (one.name for one in field.fields)
    return [{left: text_of(one[1]), right: text_of(one[2])} for one in _PAIR.finditer(cell)]
